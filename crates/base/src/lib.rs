//! The words that all crates of Daskscope share: moments and spans of time, tasks and their intervals, names by
//! number, numbers and JSON as text.
//!
//! It knows of no gateway, no scheduler, no page and no pixel, and does no input or output.
//!
//! ```
//! use daskscope_base::time::{Micros, Span};
//!
//! let span = Span { start: Micros::from_millis(1.5), end: Micros::from_millis(4.0) };
//! assert_eq!(span.len(), Micros(2_500));
//! assert_eq!(daskscope_base::fmt::secs(span.len().secs()), "2.50 ms");
//! ```

pub mod alias;
pub mod base64;
mod carried;
pub mod clock;
pub mod csv;
pub mod date;
pub mod dict;
pub mod exact;
pub mod fmt;
pub mod hash;
pub mod intern;
pub mod json;
pub mod number;
pub mod observable;
pub mod percent;
pub mod sort;
pub mod task;
pub mod time;
pub mod url;
pub mod worker;
