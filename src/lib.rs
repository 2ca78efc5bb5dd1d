//! Daskscope: Dask Gateway and Dask schedulers from the browser.
//!
//! The Yew app. What it knows stands in the crates below it (`crates/`), which know no browser; `web` touches
//! it, `runtime` runs the engines on it, `ui` draws. ARCHITECTURE.md has the map. Units: time is `base::time::Micros`, spans are
//! half-open, sizes are bytes.

#[cfg(target_arch = "wasm32")]
pub mod runtime;
#[cfg(target_arch = "wasm32")]
pub mod ui;
#[cfg(target_arch = "wasm32")]
pub mod web;

#[cfg(target_arch = "wasm32")]
pub use ui::mount::{mount, start};
