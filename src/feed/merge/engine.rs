//! The merge itself.

use crate::base::task::Interval;
use crate::base::time::Micros;

use super::super::tasks::TaskBatch;
use super::{Clock, Gap, Out, Source, Stats};

/// Most rectangles remembered for recognising repetitions. Twice what `/tasks` keeps by default;
/// about 60 bytes each.
pub const MEMORY: usize = 200_000;

/// Merges the batches of one scheduler's sessions.
#[derive(Debug, Default)]
pub struct Merge {
    stats: Stats,
}

impl Merge {
    /// Takes a batch that arrived at `arrival_ms` (Unix ms). Nothing is allocated per row.
    pub fn push(
        &mut self,
        _source: Source,
        batch: &TaskBatch,
        arrival_ms: f64,
        out: &mut dyn FnMut(Out<'_>),
    ) {
        for row in batch.iter() {
            self.stats.held += 1;
            out(Out::Task(Interval {
                key: row.key,
                key_is_json: row.key_is_json,
                prefix: row.prefix,
                action: row.action,
                erred: row.erred,
                worker: row.worker,
                thread: row.thread,
                start: Micros::from_millis(arrival_ms - row.duration_ms),
                duration: Micros::from_millis(row.duration_ms),
                color: row.color,
                frame: batch.epoch,
            }));
        }
    }

    /// What is known to be missing.
    pub fn gaps(&self, _now_ms: f64, _out: &mut Vec<Gap>) {}

    /// How good a frame's absolute times are.
    pub fn clock(&self, _frame: u32) -> Clock {
        Clock::Bound
    }

    /// Counts.
    pub fn stats(&self) -> Stats {
        self.stats
    }
}
