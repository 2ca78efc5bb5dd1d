//! Eviction: the oldest chunks go first, whole, and every row of them is counted.

use super::table::Store;
use crate::base::time::{Micros, Span};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

impl Store {
    /// Changes the number of rows held at most; evicts at once if there are more.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit.max(64);
        if self.rows > self.limit {
            self.evict();
        }
    }

    /// Evicts down to a little under the limit, so that the search below is paid rarely.
    pub(super) fn evict(&mut self) {
        let target = self.limit - self.limit / 64;
        let mut oldest = BinaryHeap::new();
        let last = |lane: &super::Lane, t: usize, c: usize| {
            let track = lane.tracks.get(t)?;
            Some(track.chunks.get(c)?.last() + track.shift)
        };
        for (l, lane) in self.lanes.iter().enumerate() {
            for t in 0..lane.tracks.len() {
                if let Some(end) = last(lane, t, 0) {
                    oldest.push(Reverse((end, l, t, 0)));
                }
            }
        }
        // How many chunks go from the front of each track.
        let mut gone: Vec<(usize, usize, usize)> = Vec::new();
        let mut rows = self.rows;
        while target < rows
            && let Some(Reverse((_, l, t, c))) = oldest.pop()
        {
            rows -= self.lanes[l].tracks[t].chunks[c].len();
            match gone.iter_mut().find(|g| (g.0, g.1) == (l, t)) {
                Some(found) => found.2 = c + 1,
                None => gone.push((l, t, c + 1)),
            }
            if let Some(end) = last(&self.lanes[l], t, c + 1) {
                oldest.push(Reverse((end, l, t, c + 1)));
            }
        }
        for (l, t, count) in gone {
            self.drop_front(l, t, count);
        }
        for lane in &mut self.lanes {
            lane.tracks.retain(|track| track.rows > 0);
        }
        self.generation += 1;
    }

    fn drop_front(&mut self, l: usize, t: usize, count: usize) {
        let lane = &mut self.lanes[l];
        let track = &mut lane.tracks[t];
        let shift = track.shift;
        let mut span: Option<Span> = None;
        for chunk in track.chunks.drain(..count) {
            for i in 0..chunk.len() {
                if let Some(prefix) = self.prefixes.get_mut(chunk.name(i) as usize) {
                    let action = chunk.action(i) as usize;
                    prefix.count[action] = prefix.count[action].saturating_sub(1);
                    prefix.busy[action] -= chunk.dur(i);
                    prefix.erred = prefix.erred.saturating_sub(u64::from(chunk.erred(i)));
                }
            }
            track.rows -= chunk.len();
            self.rows -= chunk.len();
            self.dropped += chunk.len() as u64;
            let (first, last) = (Micros(chunk.first() + shift), Micros(chunk.last() + shift));
            span = Some(Span::new(span.map_or(first, |s| s.start.min(first)), last));
        }
        if let Some(span) = span {
            self.dropped_until = self.dropped_until.max(Some(span.end));
            if lane.touch(span) {
                self.dirty.push(l as u32);
            }
        }
    }
}
