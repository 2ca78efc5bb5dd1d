//! L1: live feeds of a scheduler, sans-IO. Only this module knows the names on the wire.
//!
//! [`session::Session`] is the state machine of one page's websocket, [`merge::Merge`] makes one
//! truth of the task rows of several sessions, [`pool::Pool`] says which pages to keep open.

pub mod amounts;
pub mod backoff;
pub mod bokeh;
pub mod completeness;
pub mod counted;
pub mod counts;
pub mod fine;
pub mod graph;
pub mod identity;
pub mod info;
pub mod merge;
pub mod metrics;
pub mod plots;
pub mod pool;
pub mod profile;
pub mod progress;
pub mod session;
pub mod strain;
pub mod tasks;
pub mod workers;
