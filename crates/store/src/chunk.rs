//! A block of rows of one track, in columns.

use super::forest::{Agg, KIND_ERRED, LEAF, Tree, kind_bit};
use super::key;
use base::task::Action;

/// Room for rows that come is made by such a part of those held. Larger: less of it unused, more
/// often copied.
const SPARE: usize = 8;
/// Bytes that most keys fit in; a longer one costs a growth of its own.
const KEY_ROOM: usize = 32;
/// Bytes a row takes in the columns.
const ROW_BYTES: usize = 4 * size_of::<u32>() + size_of::<u16>() + size_of::<u8>();

/// Rows of one track: sorted by start, disjoint. Times are µs in the track's own time, before its
/// shift. All rows lie within `u32::MAX` µs (71 minutes) of the first, so that offsets and sums fit
/// 32 bits; a row longer than that has a chunk of its own.
#[derive(Clone, Debug)]
pub struct Chunk {
    base: i64,
    cap: usize,
    start: Vec<u32>,
    dur: Vec<u32>,
    cum: Vec<u32>,
    name: Vec<u32>,
    kind: Vec<u8>,
    /// Where in `keys` the row's key begins.
    key: Vec<u16>,
    keys: Vec<u8>,
    tree: Tree,
    long: Option<i64>,
}

/// What a chunk needs to know of a new row; the key is appended by the caller's closure.
#[derive(Copy, Clone, Debug)]
pub(super) struct NewRow {
    pub(super) start: i64,
    pub(super) dur: i64,
    pub(super) name: u32,
    pub(super) kind: u8,
}

/// Action and status in one byte.
pub(super) fn pack_kind(action: Action, erred: bool) -> u8 {
    action as u8 | if erred { KIND_ERRED } else { 0 }
}

impl Chunk {
    /// For `cap` rows (at most 65 535), the first of which begins at or after `base`.
    pub(super) fn new(base: i64, cap: usize) -> Self {
        let cap = cap.clamp(1, 0xffff);
        Self {
            base,
            cap,
            start: Vec::new(),
            dur: Vec::new(),
            cum: Vec::new(),
            name: Vec::new(),
            kind: Vec::new(),
            key: Vec::new(),
            keys: Vec::new(),
            tree: Tree::new(cap),
            long: None,
        }
    }

    /// Room for so many rows more, and not for one besides: vectors left alone double.
    fn make_room(&mut self, rows: usize) {
        for column in [&mut self.start, &mut self.dur, &mut self.cum, &mut self.name] {
            column.reserve_exact(rows);
        }
        self.key.reserve_exact(rows);
        self.kind.reserve_exact(rows);
    }

    /// Nothing comes behind the last row any more: gives back what was kept ready for it.
    fn seal(&mut self) {
        for column in [&mut self.start, &mut self.dur, &mut self.cum, &mut self.name] {
            column.shrink_to_fit();
        }
        self.key.shrink_to_fit();
        self.kind.shrink_to_fit();
        self.keys.shrink_to_fit();
    }

    /// Rows held.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.start.len()
    }

    /// Whether there are none (never so for a chunk inside a track).
    pub fn is_empty(&self) -> bool {
        self.start.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= self.cap || self.long.is_some() || usize::from(u16::MAX) < self.keys.len()
    }

    /// When row `i` begins.
    #[inline(always)]
    pub fn start(&self, i: usize) -> i64 {
        self.base + i64::from(self.start[i])
    }

    /// How long row `i` is.
    #[inline(always)]
    pub fn dur(&self, i: usize) -> i64 {
        self.long.unwrap_or_else(|| i64::from(self.dur[i]))
    }

    /// When row `i` ends.
    #[inline(always)]
    pub fn end(&self, i: usize) -> i64 {
        self.start(i) + self.dur(i)
    }

    /// When the first row begins.
    pub fn first(&self) -> i64 {
        if self.is_empty() { self.base } else { self.start(0) }
    }

    /// When the last row ends.
    pub fn last(&self) -> i64 {
        if self.is_empty() { self.base } else { self.end(self.len() - 1) }
    }

    /// The prefix number of row `i`.
    #[inline(always)]
    pub fn name(&self, i: usize) -> u32 {
        self.name[i]
    }

    /// The action of row `i`.
    #[inline(always)]
    pub fn action(&self, i: usize) -> Action {
        Action::ALL.get(usize::from(self.kind[i] & 7)).copied().unwrap_or_default()
    }

    /// Whether row `i` failed.
    #[inline(always)]
    pub fn erred(&self, i: usize) -> bool {
        self.kind[i] & KIND_ERRED != 0
    }

    /// Kinds mask of row `i`.
    #[inline(always)]
    pub fn kinds(&self, i: usize) -> u8 {
        1 << (self.kind[i] & 7) | self.kind[i] & KIND_ERRED
    }

    #[inline(always)]
    fn agg(&self, i: usize) -> Agg {
        Agg { longest: self.dur[i], row: i as u16, kinds: self.kinds(i) }
    }

    /// The first row that ends after `t`; `len()` if none. O(log n).
    #[inline(always)]
    pub fn seek(&self, t: i64) -> usize {
        // Rows are disjoint, so only the last one that begins before `t` can reach past it.
        let i = self.starts_before(t);
        if i > 0 && t < self.end(i - 1) { i - 1 } else { i }
    }

    /// How many rows begin before `t`. O(log n).
    #[inline(always)]
    pub fn starts_before(&self, t: i64) -> usize {
        let offset = t.saturating_sub(self.base);
        self.start.partition_point(|&start| i64::from(start) < offset)
    }

    /// The first row at or after `from` that begins at or after `t`: a gallop, O(log distance).
    #[inline(always)]
    pub fn gallop(&self, from: usize, t: i64) -> usize {
        let offset = t.saturating_sub(self.base);
        let n = self.len();
        let (mut low, mut step) = (from, 1);
        while low + step < n && i64::from(self.start[low + step]) < offset {
            low += step;
            step *= 2;
        }
        let high = (low + step).min(n);
        low + self.start[low..high].partition_point(|&start| i64::from(start) < offset)
    }

    /// Busy µs of the rows `from..to`.
    #[inline(always)]
    pub fn busy(&self, from: usize, to: usize) -> i64 {
        if to <= from {
            return 0;
        }
        if let Some(long) = self.long {
            return long;
        }
        i64::from(self.cum[to - 1]) - i64::from(self.cum[from]) + i64::from(self.dur[to - 1])
    }

    /// The longest row and all kinds of the rows `from..to`. O(log n + a leaf).
    pub fn longest(&self, from: usize, to: usize) -> Agg {
        let scan = |a: usize, b: usize| {
            (a..b).fold(Agg::default(), |sum, i| {
                if sum == Agg::default() { self.agg(i) } else { sum.join(self.agg(i)) }
            })
        };
        let (first, last) = (from.div_ceil(LEAF), to / LEAF);
        if last <= first {
            return scan(from, to);
        }
        scan(from, first * LEAF).join(self.tree.query(first, last)).join(scan(last * LEAF, to))
    }

    /// Calls `visit` with each row in `from..to` that lasts at least `min` µs, in order.
    pub fn rows_over(&self, from: usize, to: usize, min: i64, visit: &mut dyn FnMut(usize)) {
        if self.long.is_some() {
            if from < to {
                visit(0);
            }
            return;
        }
        let Ok(min) = u32::try_from(min.max(0)) else { return };
        self.tree.leaves_over(from / LEAF, to.div_ceil(LEAF), min, &mut |leaf| {
            for i in (leaf * LEAF).max(from)..((leaf + 1) * LEAF).min(to) {
                if self.dur[i] >= min {
                    visit(i);
                }
            }
        });
    }

    pub(super) fn key_bytes(&self) -> &[u8] {
        &self.keys
    }

    pub(super) fn key_at(&self, i: usize) -> usize {
        usize::from(self.key[i])
    }

    /// Whether a row of that extent can be held beside the others, all within `most` µs.
    pub(super) fn accepts(&self, row: &NewRow, most: i64) -> bool {
        let first = if self.is_empty() { row.start } else { self.base.min(row.start) };
        let end = (row.start + row.dur).max(self.last());
        !self.is_full() && end - first <= most
    }

    /// Inserts a row at `at`, which keeps the order (the track has looked). `write_key` appends the
    /// encoded key. At the end O(1) amortised, elsewhere O(n).
    pub(super) fn insert(&mut self, at: usize, row: NewRow, write_key: impl FnOnce(&mut Vec<u8>)) {
        if self.is_empty() {
            self.base = row.start;
        } else if row.start < self.base {
            let by = (self.base - row.start) as u32;
            for start in &mut self.start {
                *start += by;
            }
            self.base = row.start;
        }
        if self.len() == self.start.capacity() {
            self.make_room((self.len() / SPARE).max(16).min(self.cap - self.len()));
        }
        if self.keys.capacity() - self.keys.len() < KEY_ROOM {
            self.keys.reserve_exact((self.keys.len() / SPARE).max(8 * KEY_ROOM));
        }
        let key = self.keys.len() as u16;
        write_key(&mut self.keys);
        if row.dur > i64::from(u32::MAX) {
            self.long = Some(row.dur);
        }
        let dur = u32::try_from(row.dur).unwrap_or(u32::MAX);
        let start = (row.start - self.base) as u32;
        let before = self.len();
        self.start.insert(at, start);
        self.dur.insert(at, dur);
        self.name.insert(at, row.name);
        self.kind.insert(at, row.kind);
        self.key.insert(at, key);
        self.cum.push(0);
        for i in at..self.len() {
            self.cum[i] = if i == 0 { 0 } else { self.cum[i - 1].saturating_add(self.dur[i - 1]) };
        }
        if at == before {
            self.tree.append(at, self.agg(at));
        } else {
            self.index();
        }
        if self.is_full() {
            self.seal();
        }
    }

    fn index(&mut self) {
        self.tree.clear();
        for i in 0..self.len() {
            self.tree.append(i, self.agg(i));
        }
    }

    /// Moves its rows by so many µs of the track's own time.
    pub(super) fn rebase(&mut self, by: i64) {
        self.base += by;
    }

    /// Row `i` as it was taken in, but for its key.
    pub(super) fn row(&self, i: usize) -> NewRow {
        NewRow { start: self.start(i), dur: self.dur(i), name: self.name[i], kind: self.kind[i] }
    }

    /// The key of row `i`, encoded.
    pub(super) fn key_of(&self, i: usize) -> &[u8] {
        key::encoded(&self.keys, self.key_at(i))
    }

    /// The number of each head that its keys have.
    pub(super) fn each_head(&self, visit: &mut dyn FnMut(u32)) {
        (0..self.len()).filter_map(|i| key::head_of(&self.keys, self.key_at(i))).for_each(visit);
    }

    /// Splits off the rows from `at` on into a new chunk of the same capacity.
    pub(super) fn split_off(&mut self, at: usize) -> Self {
        let halves = [(0, at), (at, self.len())].map(|(from, to)| {
            let mut half = Self::new(self.base, self.cap);
            half.make_room(to - from);
            let mut take = |to: usize, i: usize| {
                let bytes = self.key_of(i);
                half.insert(to, self.row(i), |out| out.extend_from_slice(bytes));
            };
            // The key that was written last may be of any length: last again, or those behind it would
            // begin where no offset reaches.
            let last = (from..to).max_by_key(|&i| self.key[i]).unwrap_or(from);
            (from..last).for_each(|i| take(i - from, i));
            (last + 1..to).for_each(|i| take(i - 1 - from, i));
            if last < to {
                take(last - from, last);
            }
            half
        });
        let [left, right] = halves;
        *self = left;
        right
    }

    /// Heap use, in bytes.
    pub fn memory_bytes(&self) -> usize {
        self.start.capacity() * ROW_BYTES
            + self.keys.capacity()
            + self.tree.memory_bytes()
            + size_of::<Self>()
    }

    /// The kinds bit of an action, for callers that filter.
    pub fn bit(action: Action) -> u8 {
        kind_bit(action)
    }
}
