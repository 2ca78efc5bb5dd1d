//! Lanes and their tracks: where a new row goes.

use super::chunk::{Chunk, NewRow};
use base::task::Action;
use base::time::{Micros, Span};

/// The two kinds of tracks, drawn differently.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Class {
    /// The thread's own work: computing tasks.
    Main,
    /// What goes on beside it: transfers, disk, deserialisation.
    Aux,
}

impl Class {
    /// The class of an action.
    pub fn of(action: Action) -> Self {
        if action == Action::Compute { Self::Main } else { Self::Aux }
    }
}

/// Rows that are sorted and disjoint, of one time base and class.
#[derive(Clone, Debug)]
pub struct Track {
    /// The time base of all its rows.
    pub timebase: u32,
    /// What is in it.
    pub class: Class,
    /// Added to a chunk's time to give scheduler time, µs.
    pub shift: i64,
    pub(super) chunks: Vec<Chunk>,
    pub(super) rows: usize,
    /// Heap use of its chunks: kept, since there may be a hundred thousand of them.
    pub(super) bytes: usize,
}

impl Track {
    pub(super) fn new(timebase: u32, class: Class, shift: i64) -> Self {
        Self { timebase, class, shift, chunks: Vec::new(), rows: 0, bytes: 0 }
    }

    /// Its chunks, in order of time.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// From the first start to the last end, scheduler time; `None` when empty.
    pub fn span(&self) -> Option<Span> {
        let (first, last) = (self.chunks.first()?, self.chunks.last()?);
        Some(Span::new(Micros(first.first() + self.shift), Micros(last.last() + self.shift)))
    }

    /// The index of the first chunk that ends after `t` (track time).
    pub fn seek(&self, t: i64) -> usize {
        self.chunks.partition_point(|chunk| chunk.last() <= t)
    }

    /// Inserts the row if it overlaps none that is here, else gives `false` and changes nothing. `most`
    /// is how many rows a chunk has at most, and how many µs of them.
    pub(super) fn insert(
        &mut self,
        row: NewRow,
        most: (usize, i64),
        write_key: impl FnOnce(&mut Vec<u8>),
    ) -> bool {
        let end = row.start + row.dur;
        // Fast path: behind everything.
        let Some(last) = self.chunks.last() else {
            self.place_new(0, row, most, write_key);
            return true;
        };
        if last.last() <= row.start {
            if last.accepts(&row, most.1) {
                self.put(self.chunks.len() - 1, last.len(), row, write_key);
            } else {
                self.place_new(self.chunks.len(), row, most, write_key);
            }
            return true;
        }
        // The chunk whose rows are around or after it: `at` rows there begin before the new one.
        let c = self.chunks.partition_point(|chunk| chunk.last() <= row.start);
        let at = self.chunks[c].starts_before(row.start);
        if at > 0 && row.start < self.chunks[c].end(at - 1)
            || at < self.chunks[c].len() && self.chunks[c].start(at) < end
        {
            return false;
        }
        if at == 0 && c > 0 && self.chunks[c - 1].accepts(&row, most.1) {
            self.put(c - 1, self.chunks[c - 1].len(), row, write_key);
        } else if self.chunks[c].accepts(&row, most.1) {
            self.put(c, at, row, write_key);
        } else if at == 0 {
            self.place_new(c, row, most, write_key);
        } else {
            // Full: cut in two where the new row goes if that is an end, else in the middle.
            self.bytes -= self.chunks[c].memory_bytes();
            let right = self.chunks[c].split_off(at);
            self.bytes += self.chunks[c].memory_bytes() + right.memory_bytes();
            self.chunks.insert(c + 1, right);
            if self.chunks[c].accepts(&row, most.1) {
                self.put(c, at, row, write_key);
            } else {
                self.place_new(c + 1, row, most, write_key);
            }
        }
        true
    }

    fn put(&mut self, c: usize, at: usize, row: NewRow, write_key: impl FnOnce(&mut Vec<u8>)) {
        let chunk = &mut self.chunks[c];
        self.bytes -= chunk.memory_bytes();
        chunk.insert(at, row, write_key);
        self.bytes += chunk.memory_bytes();
        self.rows += 1;
    }

    fn place_new(
        &mut self,
        at: usize,
        row: NewRow,
        most: (usize, i64),
        write_key: impl FnOnce(&mut Vec<u8>),
    ) {
        let long = row.dur > i64::from(u32::MAX);
        // Geometric: few chunks for many rows, little waste for few.
        let cap = if long { 1 } else { self.rows.clamp(16, most.0.max(16)) };
        let mut chunk = Chunk::new(row.start, cap);
        chunk.insert(0, row, write_key);
        self.bytes += chunk.memory_bytes();
        self.chunks.insert(at, chunk);
        self.rows += 1;
    }
}

/// One thread of one worker.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Number of its worker.
    pub worker: u32,
    /// Number of its thread's name.
    pub thread: u32,
    pub(super) tracks: Vec<Track>,
    pub(super) dirty: Option<Span>,
}

impl Lane {
    /// All its tracks.
    pub fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    /// When its first row begins, µs. O(tracks).
    pub fn begins(&self) -> Option<i64> {
        self.tracks.iter().filter_map(|track| Some(track.span()?.start.0)).min()
    }

    /// Rows held.
    pub fn rows(&self) -> usize {
        self.tracks.iter().map(|track| track.rows).sum()
    }

    /// Whether it has rows of that class.
    pub fn has(&self, class: Class) -> bool {
        self.tracks.iter().any(|track| track.class == class && track.rows > 0)
    }

    pub(super) fn touch(&mut self, span: Span) -> bool {
        let first = self.dirty.is_none();
        let old = self.dirty.unwrap_or(span);
        self.dirty = Some(Span { start: old.start.min(span.start), end: old.end.max(span.end) });
        first
    }
}
