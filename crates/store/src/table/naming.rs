//! The store's names: of prefixes, workers, threads and the heads of keys.

use super::Store;

/// Prefixes at a time at most; what comes beyond is put under [`OTHERS`]. More: longer lists to go
/// through at each look at the legend.
pub const MAX_PREFIXES: usize = 4096;
/// The prefix of tasks whose own found no room.
pub const OTHERS: &str = "other prefixes";
/// So many names stay known although nothing bears them any more.
const LINGER: usize = 1024;

impl Store {
    /// The number of a prefix: its own, or that of all who found no room.
    pub(in super::super) fn prefix_id(&mut self, text: &str) -> u32 {
        let most = MAX_PREFIXES - usize::from(self.others.is_none());
        let id = self.names.id(text, most).unwrap_or_else(|| {
            self.folded += 1;
            // There is room: one place was kept.
            let id = self.others.or_else(|| self.names.id(OTHERS, MAX_PREFIXES)).unwrap_or(0);
            self.others = Some(id);
            id
        });
        if self.prefixes.len() <= id as usize {
            self.prefixes.resize_with(id as usize + 1, super::super::Prefix::default);
        }
        id
    }

    /// Gives back names that no row bears, where there are many: called once rows have gone.
    pub(in super::super) fn release_names(&mut self) {
        if self.names.all.len() > LINGER {
            let (prefixes, others) = (&self.prefixes, self.others);
            let used = |id: u32| {
                let count = |id| prefixes.get(id as usize).map_or(0, |one| one.count.iter().sum());
                Some(id) == others || 0u64 < count(id)
            };
            self.names.release(&used);
            for (id, prefix) in (0..).zip(&mut self.prefixes) {
                if prefix.count == [0; 5] && Some(id) != self.others {
                    *prefix = super::super::Prefix::default();
                }
            }
        }
        self.release_lanes();
        self.release_heads();
    }

    /// Lanes without rows, and the workers and threads of which there is no other: given to those that
    /// come, once they are many.
    fn release_lanes(&mut self) {
        let empty = self.lanes.iter().filter(|lane| lane.tracks.is_empty()).count();
        if empty < LINGER || empty < self.lanes.len() / 2 || empty <= self.free_lanes.len() * 2 {
            return;
        }
        self.free_lanes.clear();
        let (mut workers, mut threads) =
            (vec![false; self.workers.all.len()], vec![false; self.threads.all.len()]);
        for (id, lane) in (0..).zip(&self.lanes) {
            if lane.tracks.is_empty() {
                // A lane that was freed before may have given its numbers to another.
                let key = (lane.worker, lane.thread);
                if self.lane_of.get(&key) == Some(&id) {
                    self.lane_of.remove(&key);
                }
                self.free_lanes.push(id);
            } else {
                workers[lane.worker as usize] = true;
                threads[lane.thread as usize] = true;
            }
        }
        self.workers.release(&|id| workers[id as usize]);
        self.threads.release(&|id| threads[id as usize]);
        self.released += 1;
    }

    /// Heads of keys that no row has any more, where there are many. O(rows), rarely.
    fn release_heads(&mut self) {
        let most = self.most_heads();
        if self.heads.all.len() < most.min(LINGER * 16)
            || self.dropped < self.heads_looked + self.rows as u64 / 2
        {
            return;
        }
        self.heads_looked = self.dropped;
        let mut used = vec![false; self.heads.all.len()];
        for chunk in self.lanes.iter().flat_map(|lane| &lane.tracks).flat_map(|track| &track.chunks)
        {
            chunk.each_head(&mut |id| {
                if let Some(used) = used.get_mut(id as usize) {
                    *used = true;
                }
            });
        }
        self.heads.release(&|id| used[id as usize]);
    }

    /// Heads of keys at most: they have an eighth of all bytes.
    pub(in super::super) fn most_heads(&self) -> usize {
        (self.keep.bytes / 8 / 128).clamp(16, super::super::key::MAX_HEADS)
    }

    /// Rows that came under [`OTHERS`], because more prefixes were held than have room.
    pub fn folded(&self) -> u64 {
        self.folded
    }

    /// The numbers of prefixes, and of workers, that have a new name since this was last asked.
    pub fn drain_named(&mut self) -> (Vec<u32>, Vec<u32>) {
        self.threads.drain_fresh();
        self.heads.drain_fresh();
        (self.names.drain_fresh(), self.workers.drain_fresh())
    }

    /// Grows when lanes and workers were let go of: their numbers may be given to others.
    pub fn released(&self) -> u64 {
        self.released
    }
}
