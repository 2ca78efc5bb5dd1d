//! One truth out of the rectangles of several sessions, without doubling any.
//!
//! Every epoch of every session has a hidden offset. Rows with the same key, name, thread and
//! duration (to the bit) are candidates for being one rectangle; the distance between their
//! centres is the same for all rows that two epochs share, which both finds the offset between
//! the epochs and tells a rerun from a repetition.
//!
//! Time here is that of the computer's clock, in *domains*: within one, that clock runs evenly. When
//! it makes a step ([`Merge::step`]), new rows are dated by what arrives from then on. Where that
//! agrees with what was known (the computer slept), nothing changes. Where it does not (the clock was
//! set), rows that are held keep their dates, and only new ones have the new ones.

mod engine;
mod link;
mod linking;
mod memory;
mod timebases;

pub use engine::{MEMORY, Merge};

use base::task::Interval;
use base::time::{Micros, Span};

/// Which feed a batch came from.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub enum Source {
    /// `/individual-task-stream` or `/status`: fresh.
    Fast,
    /// `/tasks`: complete.
    Slow,
}

/// What a batch leads to.
#[derive(Copy, Clone, PartialEq, Debug)]
pub enum MergeEvent<'a> {
    /// A rectangle that was not held before.
    Task(Interval<'a>),
    /// Everything handed out under this time base is to be moved by `by`: its offset is known better.
    Shift {
        /// The time base.
        timebase: u32,
        /// How far, signed.
        by: Micros,
    },
    /// Everything handed out under `timebase` lies where it is for good, or moves with `into` from now
    /// on; the number may be given to other rows later.
    Fold {
        /// The time base.
        timebase: u32,
        /// The one that takes it in.
        into: u32,
    },
}

/// Why rectangles are missing.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum GapReason {
    /// More tasks ran while no session was open than the server keeps.
    Rollover,
    /// The scheduler was another one afterwards, and its record begins anew.
    Restart,
}

/// A stretch of time in which an unknown number of tasks is missing.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Gap {
    /// From the last rectangle before to the first after, on the same clock as intervals.
    pub span: Span,
    /// Why.
    pub reason: GapReason,
}

/// How good a time base's absolute times are.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Clock {
    /// Not later than shown, but perhaps much earlier: only history, which says nothing of its age.
    Bound,
    /// Right but for the network's latency and the server's 0.1 s rhythm.
    Estimate,
    /// As above when they were taken, but the clock here has moved since, and no task has ended yet
    /// that tells whether it was set or only stood still with the computer.
    Moved,
}

/// Counts, for the page and for tests.
#[derive(Copy, Clone, Default, Eq, PartialEq, Debug)]
pub struct Stats {
    /// Rectangles handed out.
    pub held: u64,
    /// Rows that were held already.
    pub repeated: u64,
    /// Rows the slow feed brought first or alone.
    pub from_slow: u64,
    /// Rows without time, text or worker; the placeholder is not counted.
    pub unusable: u64,
    /// Rectangles whose repetition would no longer be recognised, because newer ones took their
    /// place in memory.
    pub forgotten: u64,
    /// Rectangles handed out that ended before they began, by what their worker said.
    pub backward: u64,
    /// Time bases that were found to be parts of one.
    pub joined: u64,
    /// How often times were taken anew because the clock here was set.
    pub dated_anew: u64,
}
