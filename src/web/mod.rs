//! L3: the browser behind small wrappers; the only user of web-sys and js-sys besides `ui`.

pub mod areas;
pub mod canvas;
pub mod chart;
pub mod clipboard;
pub mod clock;
pub mod download;
pub mod edit;
pub mod flame;
pub mod frame;
pub mod graph;
pub mod heat;
pub mod http;
pub mod hub;
pub mod input;
pub mod keeper;
pub mod location;
pub mod notify;
pub mod page;
pub mod probe;
pub mod raf;
pub mod run;
pub mod sight;
pub mod socket;
pub mod storage;
pub mod theme;
pub mod timer;
