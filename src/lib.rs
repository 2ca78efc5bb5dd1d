//! Daskscope: Dask Gateway and Dask schedulers from the browser.
//!
//! Layers, lowest first (the arrows are checked by `tests/tidy.rs`):
//! `base` ← `gateway`, `feed`, `store` ← `timeline` ← `app` ← `ui`, with `web` the only
//! module besides `ui` that touches the browser. Units: time is `base::time::Micros`, spans are
//! half-open, sizes are bytes.

#[cfg(target_arch = "wasm32")]
pub mod ui;
#[cfg(target_arch = "wasm32")]
pub mod web;

#[cfg(target_arch = "wasm32")]
pub use ui::mount::{mount, start};
