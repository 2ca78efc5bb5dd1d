//! How much there is, and how much is missing.

use super::TaskStreamModel;

/// Numbers of the whole stream.
#[derive(Copy, Clone, Debug, Default, Eq, PartialEq)]
pub struct Totals {
    /// Intervals held.
    pub tasks: u64,
    /// Intervals evicted.
    pub dropped: u64,
    /// Whether there are, or may be, earlier ones that were not loaded.
    pub partial: bool,
    /// About how many tasks ended before the scheduler began to record them.
    pub unrecorded: u64,
    /// How many ended before they began, by what their worker said.
    pub backward: u64,
    /// How many came under one name for all prefixes that found no room.
    pub folded: u64,
    /// Failed ones held.
    pub erred: u64,
    /// Lanes (threads).
    pub lanes: usize,
    /// Workers.
    pub workers: usize,
    /// Approximate heap use, bytes.
    pub memory_bytes: usize,
    /// Spans in which an unknown number of tasks is missing.
    pub gaps: usize,
    /// Intervals that came since the pause; 0 when not paused.
    pub since_pause: u64,
}

impl TaskStreamModel {
    /// Whether the scheduler has, or may have, earlier tasks that were not loaded. Says whether that
    /// is news.
    pub fn set_partial(&mut self, partial: bool) -> bool {
        let news = std::mem::replace(&mut self.partial, partial) != partial;
        self.look += u64::from(news);
        news
    }

    /// Tasks that ended well and are, or were, held.
    fn succeeded_here(&self) -> u64 {
        let [computed, ..] = self.store.count_by_action();
        computed.saturating_sub(self.store.erred()) + self.store.dropped_computed()
    }

    /// What is held is of an earlier scheduler: the one that follows does not count it.
    pub(super) fn count_anew(&mut self) {
        self.earlier = self.succeeded_here();
        self.note_succeeded(0);
    }

    /// So many tasks have ended well since the scheduler began. Those that are not here ended before
    /// somebody first looked at a dashboard: Dask records from then on. Tasks under way between the
    /// two counts make a small difference mean nothing.
    pub fn note_succeeded(&mut self, tasks: u64) {
        let missing = tasks.saturating_sub(self.succeeded_here().saturating_sub(self.earlier));
        let missing = if missing > 20 + tasks / 50 { missing } else { 0 };
        self.look += u64::from(std::mem::replace(&mut self.unrecorded, missing) != missing);
    }

    /// So many tasks ended before they began: their worker's clock was set back meanwhile.
    pub fn note_backward(&mut self, tasks: u64) {
        self.look += u64::from(std::mem::replace(&mut self.backward, tasks) != tasks);
    }

    /// Numbers of the whole stream. O(chunks).
    pub fn totals(&self) -> Totals {
        Totals {
            tasks: self.store.rows() as u64,
            dropped: self.store.dropped(),
            partial: self.partial,
            unrecorded: if self.partial { 0 } else { self.unrecorded },
            backward: self.backward,
            folded: self.store.folded(),
            erred: self.store.erred(),
            lanes: self.store.lane_count(),
            workers: (0..self.store.worker_count() as u32)
                .filter(|id| !self.store.worker_name(*id).is_empty())
                .count(),
            memory_bytes: self.store.memory_bytes() + self.tiles.memory_bytes(),
            gaps: self.store.gaps().len(),
            since_pause: self.paused_at.map_or(0, |at| self.arrived - at),
        }
    }
}
