//! The merge itself.

use crate::base::task::Interval;
use crate::base::time::{Micros, Span};

use super::super::tasks::{Origin, TaskBatch, TaskRow};
use super::frames::Frames;
use super::link::{Range, Vote, age_limit, decide};
use super::memory::{Entry, Memory, fingerprint};
use super::{Clock, Gap, GapReason, Out, Source, Stats};

/// Rectangles remembered for recognising repetitions: twice what `/tasks` keeps by default, more
/// where the server says that it keeps more. About 60 bytes each.
pub const MEMORY: usize = 200_000;
/// Most remembered, whatever the server keeps.
const MAX_MEMORY: usize = 2_000_000;
/// Centres of one rectangle differ by less than this between epochs whose distance is known, ms.
const SAME_MS: f64 = 0.05;
/// Pairs looked at per row. More than that many runs of one key, all with the same duration to the
/// bit, are not told apart until the groups are joined by others.
const CHAIN: usize = 16;
/// How long a gap of the fast feed waits for the slow one to close it, ms.
const SETTLE_MS: f64 = 8000.0;

/// One epoch of one session, as far as it concerns rows still to come.
#[derive(Copy, Clone, Debug)]
struct View {
    number: u32,
    epoch: u32,
    /// Whether it began with a pull, not with a clear.
    pulled: bool,
    /// The server keeps more than it could show when this view began.
    full: bool,
    /// Its frame and what to add to its times to get the frame's; `None` before its first row.
    frame: Option<(u32, f64)>,
}

/// A gap between rows of two frames, in those frames' times.
#[derive(Copy, Clone, Debug)]
struct Hole {
    before: (u32, f64),
    after: (u32, f64),
    reason: GapReason,
    settled_ms: f64,
}

/// Merges the batches of one scheduler's sessions. See the module.
#[derive(Debug, Default)]
pub struct Merge {
    memory: Memory,
    frames: Frames,
    views: [Option<View>; 2],
    /// Per source, frames of rows between which it has not lost touch.
    chains: [Vec<u32>; 2],
    numbers: u32,
    holes: Vec<Hole>,
    hashes: Vec<u64>,
    votes: Vec<Vote>,
    stats: Stats,
}

/// What the rows of a batch span, in the batch's own time.
#[derive(Copy, Clone, Debug)]
struct Extent {
    first: f64,
    last: f64,
}

impl Merge {
    /// Takes a batch that arrived at `arrival_ms` (Unix ms, from a clock that never goes back).
    /// Hands out what is new, and moves of frames; in between, times are as of the last move.
    /// Nothing is allocated per row once its memory is full.
    pub fn push(
        &mut self,
        source: Source,
        batch: &TaskBatch,
        arrival_ms: f64,
        out: &mut dyn FnMut(Out<'_>),
    ) {
        let slot = source as usize;
        let mut view = self.view(source, batch);
        let Some(extent) = self.measure(batch) else {
            self.views[slot] = Some(view);
            return;
        };
        let age = age_limit(source, batch.origin);
        let new = view.frame.is_none();
        self.link(&mut view, batch, extent, arrival_ms, age, out);
        let linked = view.frame.is_some();
        let (frame, to_frame) = if let Some(frame) = view.frame {
            frame
        } else {
            let frame = (self.frames.add(arrival_ms - extent.last), 0.0);
            if view.pulled {
                self.note_hole(source, &view, frame.0, extent.first, arrival_ms);
            }
            *view.frame.insert(frame)
        };
        if new {
            self.extend_chain(slot, &view, frame, linked);
        }
        self.views[slot] = Some(view);
        let Some((group, last)) = self.frames.place(frame, extent.last + to_frame) else { return };
        let prompt = source == Source::Fast && age.is_some();
        self.frames.arrived(group, last, arrival_ms, age, prompt, out);
        self.rows(slot, &view, frame, to_frame, batch, out);
    }

    /// The view a batch belongs to: every pull and every new epoch begins one.
    fn view(&mut self, source: Source, batch: &TaskBatch) -> View {
        let pulled = batch.origin == Origin::History;
        match self.views[source as usize] {
            Some(view) if !pulled && view.epoch == batch.epoch => view,
            _ => {
                self.numbers += 1;
                // The first rows after an empty pull come with a clear of the placeholder.
                let unseen = self.views[source as usize].filter(|view| view.frame.is_none());
                let full = pulled && batch.len() >= batch.rollover;
                // What a kept document shows since its clear goes on where the view before ended.
                let anew = pulled && (full || !batch.resumed);
                View {
                    number: self.numbers,
                    epoch: batch.epoch,
                    pulled: anew || unseen.is_some_and(|view| view.pulled),
                    full,
                    frame: None,
                }
            }
        }
    }

    /// Fingerprints the rows (0 for unusable ones) and measures what they span.
    fn measure(&mut self, batch: &TaskBatch) -> Option<Extent> {
        self.hashes.clear();
        let mut extent = Extent { first: f64::INFINITY, last: f64::NEG_INFINITY };
        for i in 0..batch.len() {
            self.hashes.push(batch.row(i).map_or(0, |row| {
                extent.first = extent.first.min(row.start_ms());
                extent.last = extent.last.max(row.end_ms());
                fingerprint(&row).max(1)
            }));
        }
        if !batch.placeholder {
            self.stats.unusable += self.hashes.iter().filter(|hash| **hash == 0).count() as u64;
        }
        extent.last.is_finite().then_some(extent)
    }

    /// Joins the view's group with every other that its rows tell the distance of.
    fn link(
        &mut self,
        view: &mut View,
        batch: &TaskBatch,
        extent: Extent,
        arrival_ms: f64,
        age: Option<f64>,
        out: &mut dyn FnMut(Out<'_>),
    ) {
        // Each round joins two groups, so there are few.
        for _ in 0..16 {
            let place = view.frame.and_then(|(frame, to_frame)| {
                let (group, _) = self.frames.place(frame, 0.0)?;
                Some((group, to_frame + self.frames.frame(frame)?.to_group))
            });
            let (own, shift) = place.map_or((None, 0.0), |(group, shift)| (Some(group), shift));
            self.vote(batch, own, shift);
            if self.votes.is_empty() {
                return;
            }
            let bound = arrival_ms - (extent.last + shift);
            let mut here = Range { lower: age.map_or(f64::NEG_INFINITY, |age| bound - age), bound };
            if let Some(known) = own.and_then(|group| self.frames.group(group)) {
                here.lower = here.lower.max(known.lower);
                here.bound = here.bound.min(known.bound);
            }
            let frames = &self.frames;
            let range_of = |group| {
                frames
                    .group(group)
                    .map_or(Range { lower: f64::NEG_INFINITY, bound: f64::INFINITY }, |known| {
                        Range { lower: known.lower, bound: known.bound }
                    })
            };
            let expected = |group, delta: f64| {
                let Some(known) = frames.group(group) else { return usize::MAX };
                let inside = |row: &TaskRow<'_>| {
                    row.start_ms() + shift + delta >= known.first - SAME_MS
                        && row.end_ms() + shift + delta <= known.last + SAME_MS
                };
                let (from, to) = (extent.first + shift + delta, extent.last + shift + delta);
                let theirs = self.memory.iter().filter(|entry| {
                    let place = frames.place(entry.frame, entry.center);
                    place.is_some_and(|(other, at)| other == group && at > from && at < to)
                });
                batch.iter().filter(inside).count().max(theirs.count())
            };
            let Some((group, delta)) = decide(&mut self.votes, here, range_of, expected) else {
                return;
            };
            match own {
                None => {
                    let Some(root) = self.frames.group(group).map(|known| known.root) else {
                        return;
                    };
                    let Some(frame) = self.frames.frame(root) else { return };
                    view.frame = Some((root, delta - frame.to_group));
                }
                Some(own) => {
                    self.stats.joined += 1;
                    self.frames.join(group, own, delta, out);
                    self.close_holes();
                }
            }
        }
    }

    /// Collects pairs with rows of other groups than `own`.
    fn vote(&mut self, batch: &TaskBatch, own: Option<u32>, shift: f64) {
        self.votes.clear();
        for (i, &hash) in self.hashes.iter().enumerate() {
            if hash == 0 {
                continue;
            }
            for (_, entry) in self.memory.slots(hash).take(CHAIN) {
                // Few rows come this far: those that another group has, too.
                if let Some((group, center)) = self.frames.place(entry.frame, entry.center)
                    && Some(group) != own
                    && let Some(row) = batch.row(i)
                {
                    self.votes.push(Vote { group, delta: center - (row.center_ms + shift) });
                }
            }
        }
    }

    /// A pull whose rows meet none that are held.
    fn note_hole(&mut self, source: Source, view: &View, frame: u32, first: f64, arrival_ms: f64) {
        let end = |group: &super::frames::Group| group.last + group.used;
        let Some((_, before)) =
            self.frames.groups().max_by(|(_, a), (_, b)| end(a).total_cmp(&end(b)))
        else {
            return;
        };
        let Some(root) = self.frames.frame(before.root) else { return };
        let waits = source == Source::Fast && self.views[Source::Slow as usize].is_some();
        self.holes.push(Hole {
            before: (before.root, before.last - root.to_group),
            after: (frame, first),
            reason: if view.full { GapReason::Rollover } else { GapReason::Restart },
            settled_ms: if waits { arrival_ms + SETTLE_MS } else { arrival_ms },
        });
    }

    /// A view showed its first rows, in `frame`. After a clear it goes on where the view before it
    /// ended; after a pull only where its rows met some of the chain.
    fn extend_chain(&mut self, slot: usize, view: &View, frame: u32, linked: bool) {
        let frames = &self.frames;
        let group = |frame: u32| frames.frame(frame).map(|frame| frame.group);
        let meets = linked && self.chains[slot].iter().any(|other| group(*other) == group(frame));
        if view.pulled && !meets {
            self.chains[slot].clear();
        }
        self.chains[slot].push(frame);
        self.close_holes();
    }

    /// Forgets the holes that something reaches over: rows on both sides in one group, or a source
    /// that was in touch all the time.
    fn close_holes(&mut self) {
        let Self { frames, holes, chains, .. } = self;
        let group = |frame: u32| frames.frame(frame).map(|frame| frame.group);
        holes.retain(|hole| {
            let (before, after) = (group(hole.before.0), group(hole.after.0));
            let spans = |chain: &Vec<u32>| {
                let has = |wanted| chain.iter().any(|frame| group(*frame) == wanted);
                has(before) && has(after)
            };
            before != after && !chains.iter().any(spans)
        });
        for chain in chains {
            // One frame per group says it all.
            let mut seen = Vec::new();
            chain.retain(|frame| {
                let group = group(*frame);
                let new = !seen.contains(&group);
                seen.push(group);
                new
            });
        }
    }

    fn rows(
        &mut self,
        slot: usize,
        view: &View,
        frame: u32,
        to_frame: f64,
        batch: &TaskBatch,
        out: &mut dyn FnMut(Out<'_>),
    ) {
        let Some(&place) = self.frames.frame(frame) else { return };
        let limit = (2 * batch.rollover).clamp(MEMORY, MAX_MEMORY);
        let (mut first, mut last, mut new) = (f64::INFINITY, f64::NEG_INFINITY, 0);
        for i in 0..batch.len() {
            let (Some(&hash), Some(row)) = (self.hashes.get(i), batch.row(i)) else { continue };
            let center = row.center_ms + to_frame;
            let at = center + place.to_group;
            let known = self.find(hash, place.group, at);
            if let Some(entry) = known.and_then(|known| self.memory.get_mut(known)) {
                if entry.views[slot] != view.number {
                    entry.views[slot] = view.number;
                    entry.seen[slot] = 0;
                }
                entry.seen[slot] = entry.seen[slot].saturating_add(1);
                if entry.seen[slot] <= entry.held || entry.held == u8::MAX {
                    self.stats.repeated += 1;
                    continue;
                }
                entry.held += 1;
            } else {
                let mut entry = Entry::new(center, frame);
                entry.views[slot] = view.number;
                entry.seen[slot] = 1;
                entry.held = 1;
                self.stats.forgotten += u64::from(self.memory.insert(hash, entry, limit));
            }
            first = first.min(at - row.duration_ms / 2.0);
            last = last.max(at + row.duration_ms / 2.0);
            new += 1;
            self.stats.from_slow += u64::from(slot == Source::Slow as usize);
            out(Out::Task(interval(&row, frame, center, place.offset)));
        }
        self.stats.held += new;
        if let Some(group) = self.frames.group_mut(place.group) {
            group.first = group.first.min(first);
            group.last = group.last.max(last);
            group.rows += new;
        }
    }

    /// The remembered rectangle at this time of a group, the nearest if there are several.
    fn find(&self, hash: u64, group: u32, at: f64) -> Option<u32> {
        let mut best: Option<(u32, f64)> = None;
        for (slot, entry) in self.memory.slots(hash) {
            let Some((other, center)) = self.frames.place(entry.frame, entry.center) else {
                continue;
            };
            let distance = (center - at).abs();
            if other == group && distance <= SAME_MS && best.is_none_or(|known| distance < known.1)
            {
                best = Some((slot, distance));
            }
        }
        best.map(|known| known.0)
    }

    /// What is known to be missing, to `out` (which is cleared). A gap in the fast feed waits some
    /// seconds for the slow one to close it.
    pub fn gaps(&self, now_ms: f64, out: &mut Vec<Gap>) {
        out.clear();
        for hole in &self.holes {
            if now_ms >= hole.settled_ms {
                let start = self.frames.absolute(hole.before.0, hole.before.1);
                let end = self.frames.absolute(hole.after.0, hole.after.1);
                out.push(Gap { span: Span::new(start, end), reason: hole.reason });
            }
        }
    }

    /// How good a frame's absolute times are.
    pub fn clock(&self, frame: u32) -> Clock {
        let group = self.frames.frame(frame).and_then(|frame| self.frames.group(frame.group));
        match group {
            Some(group) if group.lower.is_finite() => Clock::Estimate,
            _ => Clock::Bound,
        }
    }

    /// Counts.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// Approximate heap use, bytes.
    pub fn memory_bytes(&self) -> usize {
        self.memory.bytes() + self.hashes.capacity() * 8 + self.votes.capacity() * 16
    }
}

fn interval<'a>(row: &TaskRow<'a>, frame: u32, center: f64, offset: Micros) -> Interval<'a> {
    Interval {
        key: row.key,
        key_is_json: row.key_is_json,
        prefix: row.prefix,
        action: row.action,
        erred: row.erred,
        worker: row.worker,
        thread: row.thread,
        start: Micros::from_millis(center - row.duration_ms / 2.0) + offset,
        duration: Micros::from_millis(row.duration_ms),
        color: row.color,
        frame,
    }
}
