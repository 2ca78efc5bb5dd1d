//! What a page knows and does: its state, the actions that change it, the requests they lead to, routes, the site's
//! configuration, what is remembered.
//!
//! Actions go in, effects come out. It knows neither the browser nor what the page looks like.
//!
//! ```
//! use daskscope_session::route::{Page, Route};
//!
//! let route = Route::parse("#/clusters/abc?panes=cpu");
//! assert_eq!(route.page, Page::Cluster("abc".into()));
//! assert_eq!(route.print(), "#/clusters/abc?panes=cpu");
//! ```

pub mod action;
pub mod ancestors;
pub mod calls;
pub mod clusters;
pub mod config;
pub mod counts;
pub mod dialog;
pub mod draft;
pub mod framing;
pub mod idle;
mod origins;
pub mod prefs;
mod rebase;
pub mod reduce;
mod remember;
pub mod route;
mod sign_in;
mod sizing;
pub mod snippet;
pub mod state;
pub mod trust;
mod watching;

#[cfg(test)]
mod framing_tests;
#[cfg(test)]
mod tests;
