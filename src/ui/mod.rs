//! L4: what a person sees.

pub mod app;
pub mod board;
pub mod css;
pub mod dom;
mod effects;
pub mod host;
pub mod live;
pub mod mount;
pub mod pages;
pub mod panes;
mod shell;
pub mod store;
pub mod stream;
pub mod widgets;
