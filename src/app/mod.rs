//! L2: joins the modules below; state and the live engine, no DOM.

pub mod action;
pub mod advice;
pub mod calls;
pub mod clusters;
pub mod config;
pub mod counts;
pub mod draft;
pub mod engine;
pub mod framing;
pub mod held;
pub mod history;
pub mod host;
pub mod idle;
pub mod info;
pub mod keepsake;
pub mod live;
pub mod pace;
pub mod panes;
pub mod rate;
mod rebase;
pub mod reduce;
mod remember;
pub mod route;
mod session;
pub mod snippet;
pub mod state;
pub mod strained;
pub mod stream;
pub mod trust;
mod watching;

#[cfg(test)]
mod framing_tests;
#[cfg(test)]
mod tests;
