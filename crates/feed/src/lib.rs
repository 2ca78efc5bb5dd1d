//! Live feeds of a Dask scheduler: its dashboard's own pages, read by the protocol of the Bokeh server inside of it.
//! Frames and events go in; commands and what was learnt come out. Only this crate knows the names on the wire.
//!
//! [`session::Session`] is the state machine of one page's websocket, [`merge::Merge`] makes one truth of the task rows
//! of several sessions, [`pool::Pool`] says which pages to keep open.
//!
//! It has no socket and no clock: time is an argument. It keeps no tasks, and knows no gateway.
//!
//! ```
//! use daskscope_feed::pool::DashboardPage;
//! use daskscope_feed::session::{Command, Config, Event, Session};
//!
//! let mut session = Session::new(DashboardPage::TaskStream, 7, Config::default());
//! let mut commands = Vec::new();
//! session.handle(0.0, Event::Start, &mut commands);
//! assert!(commands.iter().any(|command| {
//!     matches!(command, Command::Connect { path, .. } if path == "/individual-task-stream/ws")
//! }));
//! ```

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
pub mod lag;
pub mod merge;
pub mod metrics;
pub mod plots;
pub mod pool;
pub mod profile;
pub mod progress;
pub mod session;
pub mod tasks;
pub mod workers;
