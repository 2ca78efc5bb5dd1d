//! The store: all lanes, and what is known about prefixes, workers and gaps.

mod eviction;
mod naming;

pub use naming::{MAX_PREFIXES, OTHERS};

use super::chunk::{Chunk, NewRow, pack_kind};
use super::key;
use super::lane::{Class, Lane, Track};
use super::names::Names;
use super::retention::RetentionPolicy;
use base::hash::FxHashMap;
use base::task::{Action, Interval, Rgb};
use base::time::{Micros, Span};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What is known about one key prefix, over the rows that are held.
#[derive(Clone, Debug, Default)]
pub struct Prefix {
    /// Its colour on the wire, once a computed task that did not fail has shown it.
    pub color: Option<Rgb>,
    /// Rows by action.
    pub count: [u64; 5],
    /// µs by action.
    pub busy: [i64; 5],
    /// Rows that failed.
    pub erred: u64,
}

/// Longest duration believed, µs (about 30 years): a longer one is a decoding fault.
const MAX_DURATION: i64 = 1 << 50;
/// Latest time believed, µs since the epoch.
const MAX_TIME: i64 = 1 << 53;

/// Task intervals, held by lane.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) names: Names,
    pub(super) prefixes: Vec<Prefix>,
    /// The prefix of those that found no room, and how many rows came under it.
    pub(super) others: Option<u32>,
    pub(super) folded: u64,
    pub(super) workers: Names,
    pub(super) threads: Names,
    pub(super) heads: Names,
    /// Rows dropped when heads were last looked over.
    pub(super) heads_looked: u64,
    pub(super) lane_of: FxHashMap<(u32, u32), u32>,
    pub(super) lanes: Vec<Lane>,
    pub(super) free_lanes: Vec<u32>,
    pub(super) released: u64,
    /// By time base, none that is settled.
    pub(super) shifts: FxHashMap<u32, i64>,
    /// The clock that rows are dated by has made a step; since then, the time base and the end of the newest.
    pub(super) stepped: bool,
    pub(super) newest: Option<(u32, i64)>,
    gaps: Vec<Span>,
    pub(super) rows: usize,
    pub(super) dropped: u64,
    pub(super) dropped_computed: u64,
    pub(super) dropped_until: Option<Micros>,
    pub(super) keep: RetentionPolicy,
    /// Rows that came since it was last seen whether that is too much.
    pub(super) unchecked: usize,
    /// A row that ends later makes others too old.
    pub(super) check_after: Micros,
    pub(super) generation: u64,
    pub(super) dirty: Vec<u32>,
}

impl Default for Store {
    fn default() -> Self {
        Self::new(RetentionPolicy::default())
    }
}

impl Store {
    /// An empty store that holds about `limit` rows at most (the oldest go first).
    pub fn with_limit(limit: usize) -> Self {
        Self::new(RetentionPolicy { rows: limit.max(64), ..RetentionPolicy::ALL })
    }

    fn new(keep: RetentionPolicy) -> Self {
        Self {
            names: Names::default(),
            prefixes: Vec::new(),
            others: None,
            folded: 0,
            workers: Names::default(),
            threads: Names::default(),
            heads: Names::default(),
            heads_looked: 0,
            lane_of: FxHashMap::default(),
            lanes: Vec::new(),
            free_lanes: Vec::new(),
            released: 0,
            shifts: FxHashMap::default(),
            stepped: false,
            newest: None,
            gaps: Vec::new(),
            rows: 0,
            dropped: 0,
            dropped_computed: 0,
            dropped_until: None,
            keep,
            unchecked: 0,
            check_after: Micros(i64::MIN),
            generation: 0,
            dirty: Vec::new(),
        }
    }

    /// Takes in one interval, in any order of time. Amortised O(1) behind all others of its lane,
    /// O(a chunk) elsewhere; allocates per chunk, not per row. Evicts the oldest when full.
    pub fn insert(&mut self, row: &Interval) {
        let lane = self.lane_id(row.worker, row.thread);
        let name = self.prefix_id(row.prefix);
        let shift = self.shifts.get(&row.timebase).copied().unwrap_or(0);
        let new = NewRow {
            // Kept in the time base's first time, so that a whole time base moves by one number.
            start: row.start.0.clamp(-MAX_TIME, MAX_TIME) - shift,
            dur: row.duration.0.clamp(0, MAX_DURATION),
            name,
            kind: pack_kind(row.action, row.erred),
        };
        let prefix = &mut self.prefixes[name as usize];
        let action = row.action as usize;
        prefix.count[action] += 1;
        prefix.busy[action] += new.dur;
        prefix.erred += u64::from(row.erred);
        if row.action == Action::Compute && !row.erred && self.others != Some(name) {
            prefix.color = Some(row.color);
        }
        let most = self.keep.chunk();
        let class = Class::of(row.action);
        let most_heads = self.most_heads();
        let Self { heads, names, .. } = self;
        // As it will be read again.
        let prefix = names.all.get(name);
        let lane_ref = &mut self.lanes[lane as usize];
        let mut put = false;
        for track in &mut lane_ref.tracks {
            if track.timebase == row.timebase && track.class == class {
                put = track.insert(new, most, |out| {
                    key::encode((heads, most_heads), out, row.key, row.key_is_json, prefix);
                });
                if put {
                    break;
                }
            }
        }
        if !put {
            let mut track = Track::new(row.timebase, class, shift);
            track.insert(new, most, |out| {
                key::encode((heads, most_heads), out, row.key, row.key_is_json, prefix);
            });
            lane_ref.tracks.push(track);
        }
        let start = Micros(new.start + shift);
        if lane_ref.touch(Span::new(start, start + Micros(new.dur))) {
            self.dirty.push(lane);
        }
        self.rows += 1;
        self.generation += 1;
        self.note_newest(row.timebase, start.0 + new.dur);
        self.keep_within(start + Micros(new.dur));
    }

    /// The lane of a thread of a worker; a new one takes the place of one that was let go of.
    fn lane_id(&mut self, worker: &str, thread: &str) -> u32 {
        let worker = self.workers.id(worker, usize::MAX).unwrap_or(0);
        let thread = self.threads.id(thread, usize::MAX).unwrap_or(0);
        if let Some(&lane) = self.lane_of.get(&(worker, thread)) {
            return lane;
        }
        let new = Lane { worker, thread, tracks: Vec::new(), dirty: None };
        let free = self.free_lanes.pop();
        let id = free.unwrap_or(self.lanes.len() as u32);
        match self.lanes.get_mut(id as usize) {
            Some(lane) => *lane = Lane { dirty: lane.dirty, ..new },
            None => self.lanes.push(new),
        }
        self.lane_of.insert((worker, thread), id);
        id
    }

    /// Moves every row of `timebase` that is held by `by`. O(tracks). Rows that come later are given
    /// in the moved time.
    pub fn shift(&mut self, timebase: u32, by: Micros) {
        if by.0 == 0 {
            return;
        }
        *self.shifts.entry(timebase).or_insert(0) += by.0;
        if let Some((newest, end)) = &mut self.newest
            && *newest == timebase
        {
            *end += by.0;
        }
        for (id, lane) in self.lanes.iter_mut().enumerate() {
            let mut touched: Option<Span> = None;
            for track in lane.tracks.iter_mut().filter(|track| track.timebase == timebase) {
                let before = track.span();
                track.shift += by.0;
                for span in [before, track.span()].into_iter().flatten() {
                    let old = touched.unwrap_or(span);
                    touched =
                        Some(Span { start: old.start.min(span.start), end: old.end.max(span.end) });
                }
            }
            if let Some(span) = touched
                && lane.touch(span)
            {
                self.dirty.push(id as u32);
            }
        }
        self.generation += 1;
    }

    /// Marks a span in which an unknown number of tasks was missed.
    pub fn add_gap(&mut self, span: Span) {
        if !span.is_empty() {
            self.gaps.push(span);
            self.generation += 1;
        }
    }

    /// Marks these spans in the place of all that were marked. Says whether they are others.
    pub fn set_gaps(&mut self, mut gaps: Vec<Span>) -> bool {
        gaps.retain(|span| !span.is_empty());
        let others = gaps != self.gaps;
        if others {
            self.gaps = gaps;
            self.generation += 1;
        }
        others
    }

    /// Spans in which an unknown number of tasks was missed.
    pub fn gaps(&self) -> &[Span] {
        &self.gaps
    }

    /// Forgets everything but what is held at most.
    pub fn clear(&mut self) {
        let generation = self.generation + 1;
        *self = Self { generation, ..Self::new(self.keep) };
    }

    /// All lanes, in order of first appearance.
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    /// How many of them are not let go of.
    pub fn lane_count(&self) -> usize {
        self.lanes.len() - self.free_lanes.len()
    }

    /// Rows held.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Rows evicted so far.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Computed tasks among them that did not fail.
    pub fn dropped_computed(&self) -> u64 {
        self.dropped_computed
    }

    /// Up to when rows have been evicted: before it, the picture is not complete.
    pub fn dropped_until(&self) -> Option<Micros> {
        self.dropped_until
    }

    /// Grows with every change.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Gives each changed lane and its worker with the span of its changes, and forgets them.
    pub fn drain_dirty(&mut self, mut visit: impl FnMut(u32, u32, Span)) {
        for lane in std::mem::take(&mut self.dirty) {
            if let Some(changed) = self.lanes.get_mut(lane as usize)
                && let Some(span) = changed.dirty.take()
            {
                visit(lane, changed.worker, span);
            }
        }
    }

    /// From the first start to the last end; `None` without rows. O(tracks).
    pub fn span(&self) -> Option<Span> {
        self.lanes
            .iter()
            .flat_map(Lane::tracks)
            .filter_map(Track::span)
            .reduce(|a, b| Span { start: a.start.min(b.start), end: a.end.max(b.end) })
    }

    /// How many numbers of prefixes there are: `0..`; some may be without a name for now.
    pub fn prefix_count(&self) -> usize {
        self.prefixes.len()
    }

    /// The text of a prefix.
    pub fn prefix_name(&self, id: u32) -> &str {
        self.names.all.get(id)
    }

    /// What is known about the prefix of that name, if it has been seen.
    pub fn prefix_named(&self, name: &str) -> Option<&Prefix> {
        self.prefix(self.names.all.find(name)?)
    }

    /// What is known about a prefix.
    pub fn prefix(&self, id: u32) -> Option<&Prefix> {
        self.prefixes.get(id as usize)
    }

    /// Rows held, by action.
    pub fn count_by_action(&self) -> [u64; 5] {
        let mut sum = [0; 5];
        for prefix in &self.prefixes {
            for (sum, n) in sum.iter_mut().zip(prefix.count) {
                *sum += n;
            }
        }
        sum
    }

    /// Failed rows held.
    pub fn erred(&self) -> u64 {
        self.prefixes.iter().map(|prefix| prefix.erred).sum()
    }

    /// Whether the worker at an address has a number.
    pub fn has_worker(&self, address: &str) -> bool {
        self.workers.all.find(address).is_some()
    }

    /// A worker's address.
    pub fn worker_name(&self, id: u32) -> &str {
        self.workers.all.get(id)
    }

    /// How many numbers of workers there are; some may be without a name for now.
    pub fn worker_count(&self) -> usize {
        self.workers.all.len()
    }

    /// A thread's name as on the wire.
    pub fn thread_name(&self, id: u32) -> &str {
        self.threads.all.get(id)
    }

    /// One row in full; its key is written to `key`. Takes lane, track, chunk and row numbers as
    /// found in [`Self::lanes`].
    pub fn row<'a>(&'a self, at: RowRef, key: &'a mut String) -> Option<Interval<'a>> {
        let lane = self.lanes.get(at.lane as usize)?;
        let track = lane.tracks.get(at.track as usize)?;
        let chunk = track.chunks.get(at.chunk as usize)?;
        let i = at.row as usize;
        if i >= chunk.len() {
            return None;
        }
        let prefix = self.names.all.get(chunk.name(i));
        let key_is_json = key::decode(&self.heads, chunk.key_bytes(), chunk.key_at(i), prefix, key);
        Some(Interval {
            key: key.as_str(),
            key_is_json,
            prefix,
            action: chunk.action(i),
            erred: chunk.erred(i),
            worker: self.workers.all.get(lane.worker),
            thread: self.threads.all.get(lane.thread),
            start: Micros(chunk.start(i) + track.shift),
            duration: Micros(chunk.dur(i)),
            color: self.prefix(chunk.name(i)).and_then(|p| p.color).unwrap_or_default(),
            timebase: track.timebase,
        })
    }

    /// The prefix number of a row.
    pub fn row_prefix(&self, at: RowRef) -> Option<u32> {
        let track = self.lanes.get(at.lane as usize)?.tracks.get(at.track as usize)?;
        let chunk = track.chunks.get(at.chunk as usize)?;
        ((at.row as usize) < chunk.len()).then(|| chunk.name(at.row as usize))
    }

    /// Gives the rows that overlap `range` (all when `None`), at most `limit`, by start.
    pub fn for_each(
        &self,
        range: Option<Span>,
        limit: usize,
        mut visit: impl FnMut(&Interval<'_>),
    ) {
        let (mut key, mut left) = (String::new(), limit);
        if limit == 0 {
            return;
        }
        self.by_start(range, &mut |at| {
            left -= 1;
            if let Some(row) = self.row(at, &mut key) {
                visit(&row);
            }
            left > 0
        });
    }

    /// Gives the places of the rows that overlap `range` (all when `None`), by start, until `visit`
    /// says that it is enough. O(log lanes) each.
    pub fn by_start(&self, range: Option<Span>, visit: &mut dyn FnMut(RowRef) -> bool) {
        let inside = |track: &Track, chunk: &Chunk, i: usize| {
            range.is_none_or(|r| chunk.start(i) + track.shift < r.end.0)
        };
        let mut heads = BinaryHeap::new();
        for (l, lane) in self.lanes.iter().enumerate() {
            for (t, track) in lane.tracks.iter().enumerate() {
                let from = range.map_or(i64::MIN, |r| r.start.0.saturating_sub(track.shift));
                let c = track.seek(from);
                if let Some(chunk) = track.chunks.get(c) {
                    let i = chunk.seek(from);
                    if i < chunk.len() && inside(track, chunk, i) {
                        let at = RowRef::new(l, t, c, i);
                        heads.push(Reverse((chunk.start(i) + track.shift, at)));
                    }
                }
            }
        }
        while let Some(Reverse((_, at))) = heads.pop() {
            if !visit(at) {
                return;
            }
            let track = &self.lanes[at.lane as usize].tracks[at.track as usize];
            let mut next = RowRef { row: at.row + 1, ..at };
            if next.row as usize >= track.chunks[at.chunk as usize].len() {
                next = RowRef { chunk: at.chunk + 1, row: 0, ..at };
            }
            if let Some(chunk) = track.chunks.get(next.chunk as usize)
                && inside(track, chunk, next.row as usize)
            {
                heads.push(Reverse((chunk.start(next.row as usize) + track.shift, next)));
            }
        }
    }

    /// Approximate heap use, in bytes. O(tracks).
    pub fn memory_bytes(&self) -> usize {
        let tracks = || self.lanes.iter().flat_map(|lane| &lane.tracks);
        let rows: usize = tracks().map(|track| track.bytes).sum();
        let spare = |track: &Track| track.chunks.capacity() - track.chunks.len();
        let spare: usize = tracks().map(spare).sum::<usize>() * size_of::<Chunk>();
        let texts: usize = [&self.names, &self.workers, &self.threads, &self.heads]
            .into_iter()
            .map(Names::memory_bytes)
            .sum();
        rows + spare + texts + self.lanes.len() * 200 + self.prefixes.len() * size_of::<Prefix>()
    }
}

/// Where a row lies. Valid until the next change of the store.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Ord, PartialOrd, Hash)]
pub struct RowRef {
    /// Lane number.
    pub lane: u32,
    /// Track in the lane.
    pub track: u32,
    /// Chunk in the track.
    pub chunk: u32,
    /// Row in the chunk.
    pub row: u32,
}

impl RowRef {
    /// From the four indices.
    pub fn new(lane: usize, track: usize, chunk: usize, row: usize) -> Self {
        Self { lane: lane as u32, track: track as u32, chunk: chunk as u32, row: row as u32 }
    }
}
