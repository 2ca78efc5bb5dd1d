//! Folding one time base into another: its rows stay where they are in time, and lie in the
//! other's tracks from then on, so that a lane has few tracks however often its clock began anew.

use super::chunk::Chunk;
use super::lane::{Lane, Track};
use super::table::Store;
use base::task::is_settled;
use base::time::Micros;

/// Chunks of at least so many rows are moved whole. Larger: fewer, fuller chunks, more time to fold.
const WHOLE: usize = 256;

impl Store {
    /// All rows of `timebase` belong to `into` from now on. They stay where they are, and each is moved
    /// once or twice in its life. O(rows of `timebase`), less where its chunks are large.
    pub fn fold(&mut self, timebase: u32, into: u32) {
        if timebase == into {
            return;
        }
        self.shifts.remove(&timebase);
        let shift = if is_settled(into) { 0 } else { self.shifts.get(&into).copied().unwrap_or(0) };
        let most = self.keep.chunk();
        let mut any = false;
        for lane in &mut self.lanes {
            let mut moved = Vec::new();
            lane.tracks.retain_mut(|track| {
                let stays = track.timebase != timebase;
                if !stays {
                    moved.push(std::mem::replace(track, Track::new(timebase, track.class, 0)));
                }
                stays
            });
            any |= !moved.is_empty();
            for track in moved {
                let by = track.shift - shift;
                for mut chunk in track.chunks {
                    chunk.rebase(by);
                    lane.adopt((into, shift), track.class, chunk, most);
                }
            }
        }
        if let Some((newest, _)) = &mut self.newest
            && *newest == timebase
        {
            *newest = into;
        }
        // Rows lie elsewhere: what was found of them is to be found again.
        self.generation += u64::from(any);
    }

    /// The clock that rows are dated by was set, or stood still: what is newest is no longer what ends
    /// last, and is told by the rows that come.
    pub fn note_clock_step(&mut self) {
        self.stepped = true;
        self.newest = None;
        self.check_after = Micros(i64::MIN);
    }

    /// Tracks of the lane that has most: what a column of one lane looks at.
    pub fn most_tracks(&self) -> usize {
        self.lanes.iter().map(|lane| lane.tracks.len()).max().unwrap_or(0)
    }

    /// The end of the newest row; after a step of the clock, of those that came since.
    pub fn newest(&self) -> Option<Micros> {
        match self.newest {
            Some((_, end)) if self.stepped => Some(Micros(end)),
            _ => self.span().map(|span| span.end),
        }
    }

    /// Only after a step: that the rows since end before others.
    pub fn newest_since_step(&self) -> Option<Micros> {
        self.newest.filter(|_| self.stepped).map(|(_, end)| Micros(end))
    }

    pub(super) fn note_newest(&mut self, timebase: u32, end: i64) {
        if self.stepped && !is_settled(timebase) {
            match &mut self.newest {
                Some((known, newest)) if *known == timebase => *newest = end.max(*newest),
                newest => *newest = Some((timebase, end)),
            }
        }
    }
}

impl Lane {
    /// Takes in rows of the lane itself, in the time of the tracks of that time base.
    fn adopt(
        &mut self,
        (timebase, shift): (u32, i64),
        class: super::Class,
        chunk: Chunk,
        most: (usize, i64),
    ) {
        let alike = |track: &Track| track.timebase == timebase && track.class == class;
        let mut chunk = Some(chunk);
        if chunk.as_ref().is_some_and(|chunk| chunk.len() >= WHOLE) {
            for track in self.tracks.iter_mut().filter(|track| alike(track)) {
                chunk = chunk.and_then(|chunk| track.take_whole(chunk));
            }
        }
        let Some(chunk) = chunk else { return };
        for i in 0..chunk.len() {
            let (row, key) = (chunk.row(i), chunk.key_of(i));
            let mut tracks = self.tracks.iter_mut().filter(|track| alike(track));
            if tracks.any(|track| track.insert(row, most, |out| out.extend_from_slice(key))) {
                continue;
            }
            let mut track = Track::new(timebase, class, shift);
            track.insert(row, most, |out| out.extend_from_slice(key));
            self.tracks.push(track);
        }
    }
}

impl Track {
    /// Takes in a chunk if nothing here overlaps it; else gives it back.
    fn take_whole(&mut self, chunk: Chunk) -> Option<Chunk> {
        let at = self.chunks.partition_point(|other| other.last() <= chunk.first());
        if self.chunks.get(at).is_some_and(|next| next.first() < chunk.last()) {
            return Some(chunk);
        }
        self.rows += chunk.len();
        self.bytes += chunk.memory_bytes();
        self.chunks.insert(at, chunk);
        None
    }
}
