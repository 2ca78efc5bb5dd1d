//! L1: task intervals in columns, by lane.
//!
//! A lane is a worker's thread. Its rows lie in *tracks*: within one track all rows belong to one
//! frame of reference and one class, are sorted by start and never overlap, so that a prefix sum
//! gives exact busy time and a binary search finds any moment. What overlaps goes to a further track
//! of the same lane. Tracks are made of chunks, which are evicted whole. Frames that are moved no more
//! are folded into one, so that a lane has few tracks for days.

mod chunk;
mod forest;
mod key;
mod lane;
mod names;
mod retain;
pub mod scan;
mod settle;
pub mod stats;
mod table;

pub use chunk::Chunk;
pub use forest::{Agg, KIND_ERRED, kind_bit};
pub use lane::{Class, Lane, Track};
pub use retain::Keep;
pub use table::{MAX_PREFIXES, OTHERS, Prefix, RowRef, Store};

#[cfg(test)]
mod tests;
