//! Task intervals in columns, by lane: millions of them, with exact sums for any span of time.
//!
//! A lane is a worker's thread. Its rows lie in *tracks*: within one track all rows belong to one
//! time base and one class, are sorted by start and never overlap, so that a prefix sum
//! gives exact busy time and a binary search finds any moment. What overlaps goes to a further track
//! of the same lane. Tracks are made of chunks, which are evicted whole. Time bases that are moved no more
//! are folded into one, so that a lane has few tracks for days.
//!
//! It knows neither where intervals come from nor how they are drawn.
//!
//! ```
//! use base::task::Interval;
//! use base::time::Micros;
//! use daskscope_store::Store;
//!
//! let mut store = Store::default();
//! store.insert(&Interval {
//!     key: "inc-1",
//!     key_is_json: false,
//!     prefix: "inc",
//!     action: base::task::Action::Compute,
//!     erred: false,
//!     worker: "tcp://10.0.0.1:4000",
//!     thread: "tcp://10.0.0.1:4000-1",
//!     start: Micros(1_000),
//!     duration: Micros(500),
//!     color: base::task::Rgb(0, 0, 0),
//!     timebase: 0,
//! });
//! assert_eq!((store.rows(), store.lanes().len()), (1, 1));
//! assert_eq!(store.prefix_named("inc").unwrap().count[0], 1);
//! ```

mod chunk;
mod forest;
mod key;
mod lane;
mod names;
mod retention;
pub mod scan;
mod settle;
pub mod stats;
mod table;

pub use chunk::Chunk;
pub use forest::{Agg, KIND_ERRED, kind_bit};
pub use lane::{Class, Lane, Track};
pub use retention::RetentionPolicy;
pub use table::{MAX_PREFIXES, OTHERS, Prefix, RowRef, Store};

#[cfg(test)]
mod tests;
