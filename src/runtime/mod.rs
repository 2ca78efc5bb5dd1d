//! The program's I/O: what runs the pure engines of `live` on the browser's sockets, timers and requests. Views read
//! it and hand it what people want; it knows none of them.

mod hub;
pub mod registry;
mod stream_handle;

pub use hub::{Hub, HubHandle};
pub use registry::current;
pub use stream_handle::StreamHandle;
