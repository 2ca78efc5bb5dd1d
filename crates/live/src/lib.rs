//! One watched scheduler.
//!
//! [`engine::Engine`] joins the feeds of a scheduler with the model of the task stream, and keeps what panes show: the
//! worker table and its history, Dask's own pages, forecasts. Events of the browser in, commands for the browser out:
//! it has no clock, no socket and no drawing of its own, and knows neither gateways nor what the page looks like.

pub mod engine;
pub mod exceptions;
pub mod held;
pub mod history;
pub mod host;
pub mod info;
pub mod loads;
pub mod names;
pub mod pace;
pub mod rate;
pub mod snapshot;
pub mod source;
pub mod strained;
