//! L3: the browser behind small wrappers; the only user of web-sys, js-sys and gloo besides `ui`.
