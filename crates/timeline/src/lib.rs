//! A timeline as pixels: which span and lanes are seen, what each pixel column of them holds, and the picture as plain
//! data. Every function is total: nothing here can fail.
//!
//! It knows no browser: no element, no canvas, no event. What a column holds depends on the rows of its lane, the
//! level and the column's number alone, so a frame costs the same however many tasks there are.
//!
//! ```
//! use base::time::{Micros, Span};
//! use daskscope_timeline::view::View;
//!
//! let mut view = View::default();
//! view.set(Span { start: Micros(0), end: Micros(60_000_000) });
//! assert_eq!(view.width(), 60e6);
//! ```

pub mod columns;
pub mod hit;
pub mod labels;
pub mod layout;
mod oklab;
pub mod palette;
pub mod pixels;
pub mod ramp;
pub mod scene;
pub mod strip;
pub mod ticks;
pub mod tiles;
pub mod view;
