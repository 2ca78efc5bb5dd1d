//! One watched scheduler.
//!
//! [`engine::Engine`] joins the feeds of a scheduler with the model of the task stream, and keeps what panes show: the
//! worker table and its history, Dask's own pages, forecasts. Panes and advice read it by a
//! [`snapshot::Snapshot`].
//!
//! Events of the browser go in, commands for the browser come out. It has no clock and no socket of its own, draws
//! nothing, and knows no gateway.
//!
//! ```
//! use daskscope_live::engine::{Engine, Input, Output};
//! use daskscope_live::source::Source;
//!
//! let source = Source { base: "http://127.0.0.1:8787".into(), label: "mine".into() };
//! let mut engine = Engine::new(&source, 7, 0.0);
//! let mut commands = Vec::new();
//! engine.handle(0.0, Input::Start, &mut commands);
//! assert!(commands.iter().any(|command| matches!(command, Output::Connect { .. })));
//! assert!(engine.snapshot().workers.is_none(), "nothing has come yet");
//! ```

pub mod engine;
pub mod exceptions;
pub mod held;
pub mod history;
pub mod host;
pub mod hysteresis;
pub mod info;
pub mod loads;
pub mod names;
pub mod pace;
pub mod rate;
pub mod runs;
pub mod snapshot;
pub mod source;
