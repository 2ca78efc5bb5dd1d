//! Eviction: the oldest chunks go first, whole, and every row of them is counted.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::retention::RetentionPolicy;
use super::Store;
use base::task::Action;
use base::time::{Micros, Span};

/// How often bytes are looked at: after so many new rows, or a 64th of those held where that is more.
/// Larger: cheaper, and held a little longer.
const CHECK: usize = 1024;
/// Rows may end so long after the newest by a worker's clock, µs.
const AHEAD: i64 = 5_000_000;

impl Store {
    /// What is held at most.
    pub fn keep(&self) -> RetentionPolicy {
        self.keep
    }

    /// Changes what is held at most; evicts at once if it is more.
    pub fn set_keep(&mut self, keep: RetentionPolicy) {
        self.keep = RetentionPolicy { rows: keep.rows.max(64), ..keep };
        self.evict();
    }

    /// Called with each new row, and when it ended. Amortised O(1).
    pub(in super::super) fn keep_within(&mut self, end: Micros) {
        self.unchecked += 1;
        let bytes = CHECK.max(self.rows / 64) < self.unchecked;
        if self.keep.rows < self.rows || self.check_after < end || bytes {
            self.evict();
        }
    }

    /// Evicts what is too much, and where rows or bytes are, a 64th besides: the search is paid rarely.
    /// O(chunks).
    fn evict(&mut self) {
        self.unchecked = 0;
        let RetentionPolicy { rows: most_rows, age, bytes: most_bytes } = self.keep;
        let (mut rows, mut bytes) = (self.rows, 0);
        let mut spare_rows = most_rows;
        if most_rows < rows {
            spare_rows -= most_rows / 64;
        }
        let mut spare_bytes = most_bytes;
        if most_bytes < usize::MAX {
            bytes = self.memory_bytes();
            if most_bytes < bytes {
                spare_bytes -= most_bytes / 64;
            }
        }
        let newest = self.newest().map_or(i64::MIN, |end| end.0);
        // What ends later than the newest came before the clock was set back: that is the oldest.
        let ahead = self.newest_since_step().map_or(i64::MAX, |end| end.0.saturating_add(AHEAD));
        let order = |end: i64| if ahead < end { end - (1 << 60) } else { end };
        let horizon = newest.saturating_sub(age.0);
        self.check_after = Micros(newest.saturating_add(age.0 / 16));
        // The first chunk of each track that stays, and when it ends.
        let mut tracks = Vec::new();
        let mut oldest = BinaryHeap::new();
        for (l, lane) in self.lanes.iter().enumerate() {
            for (t, track) in lane.tracks.iter().enumerate() {
                if let Some(chunk) = track.chunks.first() {
                    let end = chunk.last() + track.shift;
                    oldest.push(Reverse((order(end), end, tracks.len())));
                    tracks.push((l, t, 0));
                }
            }
        }
        while let Some(Reverse((place, end, at))) = oldest.pop() {
            if rows <= spare_rows && bytes <= spare_bytes {
                match (place < end, horizon <= end) {
                    // Not too old, but others may be.
                    (true, _) => continue,
                    (_, true) => break,
                    _ => {}
                }
            }
            let (l, t, c) = &mut tracks[at];
            let track = &self.lanes[*l].tracks[*t];
            rows -= track.chunks[*c].len();
            bytes = bytes.saturating_sub(track.chunks[*c].memory_bytes());
            *c += 1;
            if let Some(chunk) = track.chunks.get(*c) {
                let end = chunk.last() + track.shift;
                oldest.push(Reverse((order(end), end, at)));
            }
        }
        if rows == self.rows {
            return;
        }
        for (l, t, count) in tracks {
            self.drop_front(l, t, count);
        }
        for lane in &mut self.lanes {
            lane.tracks.retain(|track| track.rows > 0);
        }
        self.release_names();
        self.generation += 1;
    }

    fn drop_front(&mut self, l: usize, t: usize, count: usize) {
        let lane = &mut self.lanes[l];
        let track = &mut lane.tracks[t];
        let shift = track.shift;
        let mut span: Option<Span> = None;
        for chunk in track.chunks.drain(..count) {
            for i in 0..chunk.len() {
                let computed = chunk.action(i) == Action::Compute && !chunk.erred(i);
                self.dropped_computed += u64::from(computed);
                if let Some(prefix) = self.prefixes.get_mut(chunk.name(i) as usize) {
                    let action = chunk.action(i) as usize;
                    prefix.count[action] = prefix.count[action].saturating_sub(1);
                    prefix.busy[action] -= chunk.dur(i);
                    prefix.erred = prefix.erred.saturating_sub(u64::from(chunk.erred(i)));
                }
            }
            track.rows -= chunk.len();
            track.bytes -= chunk.memory_bytes();
            self.rows -= chunk.len();
            self.dropped += chunk.len() as u64;
            let (first, last) = (Micros(chunk.first() + shift), Micros(chunk.last() + shift));
            span = Some(Span::new(span.map_or(first, |s| s.start.min(first)), last));
        }
        track.chunks.shrink_to_fit();
        if let Some(span) = span {
            self.dropped_until = self.dropped_until.max(Some(span.end));
            if lane.touch(span) {
                self.dirty.push(l as u32);
            }
        }
    }
}
