//! Going over all rows a little at a time, so that no frame waits for it.

use super::chunk::Chunk;
use super::{RowRef, Store};
use base::task::Action;
use base::time::{Micros, Span};

/// A row on the way, without its key.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub struct RowInfo {
    /// Where it lies, until the next change of the store.
    pub at: RowRef,
    /// When it begins, µs.
    pub start: i64,
    /// How long it is, µs.
    pub dur: i64,
    /// Its prefix.
    pub name: u32,
    /// Its worker.
    pub worker: u32,
    /// What the thread was doing.
    pub action: Action,
    /// Whether it failed.
    pub erred: bool,
}

impl RowInfo {
    /// Nothing, to be filled in.
    pub const NONE: Self = Self {
        at: RowRef { lane: 0, track: 0, chunk: 0, row: 0 },
        start: 0,
        dur: 0,
        name: 0,
        worker: 0,
        action: Action::Compute,
        erred: false,
    };

    #[inline(always)]
    fn of(at: RowRef, chunk: &Chunk, i: usize, shift: i64, worker: u32) -> Self {
        Self {
            at,
            start: chunk.start(i) + shift,
            dur: chunk.dur(i),
            name: chunk.name(i),
            worker,
            action: chunk.action(i),
            erred: chunk.erred(i),
        }
    }
}

/// A way over all rows. Rows that come or go meanwhile may be missed or met twice: who must be exact
/// goes once more when the store's generation has changed.
#[derive(Clone, Debug)]
pub struct RowCursor {
    at: RowRef,
    span: Span,
    lanes: Vec<u32>,
}

impl RowCursor {
    /// Over the rows that overlap `span` (all when `None`) on these lanes, in ascending order (all
    /// when empty).
    pub fn new(span: Option<Span>, lanes: &[u32]) -> Self {
        // Far enough, and shifts cannot carry it over.
        let all = Span::new(Micros(i64::MIN / 4), Micros(i64::MAX / 4));
        Self { at: RowRef::new(0, 0, 0, 0), span: span.unwrap_or(all), lanes: lanes.to_vec() }
    }

    /// Goes on for about `rows` rows. Says whether it is through.
    pub fn step(&mut self, store: &Store, rows: usize, visit: &mut dyn FnMut(&RowInfo)) -> bool {
        let mut left = rows;
        while let Some(lane) = store.lanes().get(self.at.lane as usize) {
            let wanted = self.lanes.is_empty() || self.lanes.binary_search(&self.at.lane).is_ok();
            let track = lane.tracks().get(self.at.track as usize).filter(|_| wanted);
            let Some(track) = track else {
                self.at = RowRef::new(self.at.lane as usize + 1, 0, 0, 0);
                continue;
            };
            let (from, to) = (self.span.start.0 - track.shift, self.span.end.0 - track.shift);
            if self.at.chunk == 0 {
                self.at.chunk = track.seek(from) as u32;
            }
            let chunk = track.chunks().get(self.at.chunk as usize);
            let Some(chunk) = chunk.filter(|chunk| chunk.first() < to) else {
                self.at = RowRef { track: self.at.track + 1, chunk: 0, row: 0, ..self.at };
                continue;
            };
            let first = (self.at.row as usize).max(chunk.seek(from));
            let end = chunk.starts_before(to);
            let stop = end.min(first + left);
            for i in first..stop {
                let at = RowRef { row: i as u32, ..self.at };
                visit(&RowInfo::of(at, chunk, i, track.shift, lane.worker));
            }
            if stop < end {
                self.at.row = stop as u32;
                return false;
            }
            // A chunk costs something even where it holds little.
            left = left.saturating_sub(stop.saturating_sub(first) + 4);
            self.at = RowRef { chunk: self.at.chunk + 1, row: 0, ..self.at };
            if left == 0 {
                return false;
            }
        }
        true
    }
}

impl Store {
    /// Where a row lies now that was found before the store changed: what lies at the old place may be
    /// another one. `None` where it is no longer held. O(log n) in its lane.
    pub fn again(&self, old: &RowInfo) -> Option<RowInfo> {
        let RowRef { lane: l, track, chunk, row } = old.at;
        let lane = self.lanes().get(l as usize)?;
        let look = |at: RowRef| {
            let track = lane.tracks().get(at.track as usize)?;
            let chunk = track.chunks().get(at.chunk as usize)?;
            let row = at.row as usize;
            let found = (row < chunk.len())
                .then(|| RowInfo::of(at, chunk, row, track.shift, lane.worker))?;
            (RowInfo { at: old.at, ..found } == *old).then_some(found)
        };
        let mut found = look(RowRef { lane: l, track, chunk, row });
        for (t, track) in lane.tracks().iter().enumerate() {
            let start = old.start - track.shift;
            // One without length ends where it begins.
            let mut c = track.seek(start - 1);
            while found.is_none()
                && let Some(chunk) = track.chunks().get(c)
                && chunk.first() <= start
            {
                let mut i = chunk.starts_before(start);
                while found.is_none() && i < chunk.len() && chunk.start(i) == start {
                    found = look(RowRef::new(l as usize, t, c, i));
                    i += 1;
                }
                c += 1;
            }
        }
        found
    }

    /// How many rows overlap `span`. O(chunks).
    pub fn count_in(&self, span: Span) -> usize {
        let mut sum = 0;
        for track in self.lanes().iter().flat_map(super::Lane::tracks) {
            let (from, to) = (span.start.0 - track.shift, span.end.0 - track.shift);
            for chunk in track.chunks().iter().skip(track.seek(from)) {
                if chunk.first() >= to {
                    break;
                }
                sum += chunk.starts_before(to).saturating_sub(chunk.seek(from));
            }
        }
        sum
    }

    /// The next row of the same class on a lane that begins after `start`, or the last one before it.
    pub fn beside(&self, from: &RowInfo, later: bool) -> Option<RowInfo> {
        let lane = self.lanes().get(from.at.lane as usize)?;
        let class = super::Class::of(from.action);
        let mut best: Option<RowInfo> = None;
        for (ti, track) in lane.tracks().iter().enumerate().filter(|(_, t)| t.class == class) {
            let t = from.start - track.shift;
            let ends = if later { track.seek(t) } else { track.seek(t - 1) };
            for ci in ends.saturating_sub(1)..(ends + 2).min(track.chunks().len()) {
                let Some(chunk) = track.chunks().get(ci) else { continue };
                let i = if later {
                    chunk.starts_before(t + 1)
                } else {
                    match chunk.starts_before(t) {
                        0 => continue,
                        n => n - 1,
                    }
                };
                if i >= chunk.len() {
                    continue;
                }
                let at = RowRef::new(from.at.lane as usize, ti, ci, i);
                let found = RowInfo::of(at, chunk, i, track.shift, lane.worker);
                if best.is_none_or(|old| (found.start < old.start) == later) {
                    best = Some(found);
                }
            }
        }
        best
    }
}
