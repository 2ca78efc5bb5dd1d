//! L2: joins the modules below; state and the live engine, no DOM.

pub mod live;
pub mod stream;
