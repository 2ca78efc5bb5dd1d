//! L4: what a person sees.

pub mod app;
pub mod css;
mod effects;
pub mod host;
pub mod live;
pub mod mount;
pub mod pages;
mod panic;
mod shell;
pub mod store;
pub mod stream;
pub mod widgets;
