//! L3: the browser behind small wrappers; the only user of web-sys, js-sys and gloo besides `ui`.

pub mod fetch;
pub mod socket;
pub mod timer;
