//! L2: joins the modules below; state and the live engine, no DOM.

pub mod engine;
pub mod host;
pub mod live;
pub mod stream;
