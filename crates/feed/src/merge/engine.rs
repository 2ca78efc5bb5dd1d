//! The merge itself.

use base::task::{Interval, is_settled};
use base::time::{Micros, Span};

use super::super::tasks::{Origin, TaskBatch, TaskRow};
use super::link::{Vote, age_limit};
use super::memory::{Entry, Memory, fingerprint};
use super::timebases::{Arrival, Timebases};
use super::{Clock, Gap, GapReason, MergeEvent, Source, Stats};

/// Rectangles remembered for recognising repetitions: twice what `/tasks` keeps by default, more
/// where the server says that it keeps more. About 60 bytes each.
pub const MEMORY: usize = 200_000;
/// Most remembered, whatever the server keeps.
const MAX_MEMORY: usize = 2_000_000;
/// Centres of one rectangle differ by less than this between epochs whose distance is known, ms.
pub(super) const SAME_MS: f64 = 0.05;
/// Pairs looked at per row. More than that many runs of one key, all with the same duration to the
/// bit, are not told apart until the groups are joined by others.
pub(super) const CHAIN: usize = 16;
/// How long a gap of the fast feed waits for the slow one to close it, ms.
const SETTLE_MS: f64 = 8000.0;
/// So long after a step of the clock, rows that do not agree with it are dated as those before, ms:
/// they may have waited in the socket while the computer slept.
const SHAKEN_MS: f64 = 2000.0;
/// Gaps kept at most; beyond that the oldest goes.
const MAX_HOLES: usize = 512;
/// Groups that a source is known to have been in touch with, besides those beside gaps.
const MAX_CHAIN: usize = 64;

/// One epoch of one session, as far as it concerns rows still to come.
#[derive(Copy, Clone, Debug)]
pub(super) struct View {
    number: u32,
    epoch: u32,
    /// Whether it began with a pull, not with a clear.
    pulled: bool,
    /// The server keeps more than it could show when this view began.
    full: bool,
    /// Its time base and what to add to its times to get the time base's; `None` before its first row.
    pub(super) timebase: Option<(u32, f64)>,
}

/// A gap between rows of two time bases, in those time bases' times.
#[derive(Copy, Clone, Debug)]
struct PendingGap {
    before: (u32, f64),
    after: (u32, f64),
    reason: GapReason,
    settled_ms: f64,
}

/// Merges the batches of one scheduler's sessions. See the module.
#[derive(Debug, Default)]
pub struct Merge {
    pub(super) memory: Memory,
    pub(super) timebases: Timebases,
    /// Grows whenever the clock here makes a step.
    domain: u32,
    /// When rows first came in this domain, Unix ms.
    began_ms: Option<f64>,
    views: [Option<View>; 2],
    /// Per source, time bases of rows between which it has not lost touch.
    chains: [Vec<u32>; 2],
    numbers: u32,
    holes: Vec<PendingGap>,
    pub(super) hashes: Vec<u64>,
    pub(super) votes: Vec<Vote>,
    pub(super) stats: Stats,
}

/// What the rows of a batch span, in the batch's own time.
#[derive(Copy, Clone, Debug)]
pub(super) struct Extent {
    /// The earliest start.
    pub first: f64,
    /// The earliest end.
    pub first_end: f64,
    /// The latest end.
    pub last: f64,
}

impl Merge {
    /// The clock that arrivals are told by has made a step: it was set, or stood still. What comes
    /// from now on is dated by it as it goes now.
    pub fn step(&mut self) {
        self.domain += 1;
        self.began_ms = None;
        for hole in &mut self.holes {
            hole.settled_ms = f64::NEG_INFINITY;
        }
    }

    /// Takes a batch that arrived at `arrival_ms` (Unix ms, from a clock that runs evenly between two
    /// calls of [`Self::step`]).
    /// Hands out what is new, and moves of time bases; in between, times are as of the last move.
    /// Nothing is allocated per row once its memory is full.
    pub fn push(
        &mut self,
        source: Source,
        batch: &TaskBatch,
        arrival_ms: f64,
        out: &mut dyn FnMut(MergeEvent<'_>),
    ) {
        let slot = source as usize;
        let mut view = self.view(source, batch);
        let Some(extent) = self.measure(batch) else {
            self.views[slot] = Some(view);
            return;
        };
        let age = age_limit(source, batch.origin);
        let new = view.timebase.is_none();
        self.link(&mut view, batch, extent, (arrival_ms, self.domain), age, out);
        let linked = view.timebase.is_some();
        let (timebase, to_timebase) = if let Some(timebase) = view.timebase {
            timebase
        } else {
            let timebase = self.timebases.add(self.domain, arrival_ms - extent.last, arrival_ms);
            if view.pulled {
                self.note_hole(source, &view, timebase, extent.first, arrival_ms);
            }
            *view.timebase.insert((timebase, 0.0))
        };
        if new {
            self.extend_chain(slot, &view, timebase, linked);
        }
        self.views[slot] = Some(view);
        let Some((group, to_group)) = self.timebases.place(timebase, to_timebase) else { return };
        let began_ms = *self.began_ms.get_or_insert(arrival_ms);
        let came = Arrival {
            shaken: arrival_ms - began_ms < SHAKEN_MS,
            at: arrival_ms,
            domain: self.domain,
            first: extent.first_end + to_group,
            last: extent.last + to_group,
            age,
            prompt: source == Source::Fast && age.is_some(),
        };
        self.timebases.arrived(group, came, out);
        self.stats.dated_anew = self.timebases.dated_anew;
        self.rows(slot, &view, group, to_group, batch, out);
        self.tidy(arrival_ms, out);
    }

    /// Settles what is over and frees what nobody needs any more.
    fn tidy(&mut self, now_ms: f64, out: &mut dyn FnMut(MergeEvent<'_>)) {
        let Self { timebases, memory, views, chains, holes, .. } = self;
        let mut busy = [u32::MAX; 2];
        for (slot, view) in busy.iter_mut().zip(&*views) {
            let timebase = view
                .and_then(|view| view.timebase)
                .and_then(|(timebase, _)| timebases.timebase(timebase));
            *slot = timebase.map_or(u32::MAX, |timebase| timebase.group);
        }
        timebases.settle_old(now_ms, &busy, out);
        timebases.sweep(&mut |note| {
            memory.iter().for_each(|entry| note(entry.timebase));
            views
                .iter()
                .flatten()
                .filter_map(|view| view.timebase)
                .for_each(|timebase| note(timebase.0));
            chains.iter().flatten().for_each(|timebase| note(*timebase));
            let beside = holes.iter().flat_map(|hole| [hole.before.0, hole.after.0]);
            beside.for_each(note);
        });
    }

    /// The view a batch belongs to: every pull and every new epoch begins one.
    fn view(&mut self, source: Source, batch: &TaskBatch) -> View {
        let pulled = batch.origin == Origin::History;
        match self.views[source as usize] {
            Some(view) if !pulled && view.epoch == batch.epoch => view,
            _ => {
                self.numbers += 1;
                // The first rows after an empty pull come with a clear of the placeholder.
                let unseen = self.views[source as usize].filter(|view| view.timebase.is_none());
                let full = pulled && batch.len() >= batch.rollover;
                // What a kept document shows since its clear goes on where the view before ended.
                let anew = pulled && (full || !batch.resumed);
                View {
                    number: self.numbers,
                    epoch: batch.epoch,
                    pulled: anew || unseen.is_some_and(|view| view.pulled),
                    full,
                    timebase: None,
                }
            }
        }
    }

    /// Fingerprints the rows (0 for unusable ones) and measures what they span.
    fn measure(&mut self, batch: &TaskBatch) -> Option<Extent> {
        self.hashes.clear();
        let (never, ever) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut extent = Extent { first: never, first_end: never, last: ever };
        for i in 0..batch.len() {
            self.hashes.push(batch.row(i).map_or(0, |row| {
                extent.first = extent.first.min(row.start_ms());
                extent.first_end = extent.first_end.min(row.end_ms());
                extent.last = extent.last.max(row.end_ms());
                fingerprint(&row).max(1)
            }));
        }
        if !batch.placeholder {
            self.stats.unusable += self.hashes.iter().filter(|hash| **hash == 0).count() as u64;
        }
        extent.last.is_finite().then_some(extent)
    }

    /// A pull whose rows meet none that are held.
    fn note_hole(
        &mut self,
        source: Source,
        view: &View,
        timebase: u32,
        first: f64,
        arrival_ms: f64,
    ) {
        let end = |group: &super::timebases::AlignedClocks| {
            group.dating(group.last).map_or(f64::NEG_INFINITY, |dating| group.last + dating.used)
        };
        let last = self.timebases.groups().max_by(|(_, a), (_, b)| end(a).total_cmp(&end(b)));
        let Some((_, before)) = last else { return };
        let Some(root) = before.newest().map(|dating| dating.timebase) else { return };
        let Some(to_group) = self.timebases.timebase(root).map(|timebase| timebase.to_group) else {
            return;
        };
        let waits = source == Source::Fast && self.views[Source::Slow as usize].is_some();
        if self.holes.len() >= MAX_HOLES {
            self.holes.remove(0);
        }
        self.holes.push(PendingGap {
            before: (root, before.last - to_group),
            after: (timebase, first),
            reason: if view.full { GapReason::Rollover } else { GapReason::Restart },
            settled_ms: if waits { arrival_ms + SETTLE_MS } else { arrival_ms },
        });
    }

    /// A view showed its first rows, in `timebase`. After a clear it goes on where the view before it
    /// ended; after a pull only where its rows met some of the chain.
    fn extend_chain(&mut self, slot: usize, view: &View, timebase: u32, linked: bool) {
        let timebases = &self.timebases;
        let group = |timebase: u32| timebases.timebase(timebase).map(|timebase| timebase.group);
        let meets =
            linked && self.chains[slot].iter().any(|other| group(*other) == group(timebase));
        if view.pulled && !meets {
            self.chains[slot].clear();
        }
        self.chains[slot].push(timebase);
        self.close_holes();
    }

    /// Forgets the holes that something reaches over: rows on both sides in one group, or a source
    /// that was in touch all the time.
    pub(super) fn close_holes(&mut self) {
        let Self { timebases, holes, chains, .. } = self;
        let timebases = &*timebases;
        let group = |timebase: u32| timebases.timebase(timebase).map(|timebase| timebase.group);
        holes.retain(|hole| {
            let (before, after) = (group(hole.before.0), group(hole.after.0));
            let spans = |chain: &Vec<u32>| {
                let has = |wanted| chain.iter().any(|timebase| group(*timebase) == wanted);
                has(before) && has(after)
            };
            before != after && !chains.iter().any(spans)
        });
        // One time base per group says it all, and of what lies long back only what may close a gap.
        let beside: Vec<u32> =
            holes.iter().flat_map(|hole| [hole.before.0, hole.after.0]).filter_map(group).collect();
        for chain in chains {
            let old = chain.len().saturating_sub(MAX_CHAIN);
            let mut seen: Vec<u32> = Vec::new();
            let mut at = 0;
            chain.retain(|timebase| {
                at += 1;
                let Some(group) = group(*timebase) else { return false };
                let wanted = old < at || beside.contains(&group);
                let new = wanted && !seen.contains(&group);
                if new {
                    seen.push(group);
                }
                new
            });
        }
    }

    fn rows(
        &mut self,
        slot: usize,
        view: &View,
        group: u32,
        to_group: f64,
        batch: &TaskBatch,
        out: &mut dyn FnMut(MergeEvent<'_>),
    ) {
        let limit = (2 * batch.rollover).clamp(MEMORY, MAX_MEMORY);
        let (mut first, mut last, mut new) = (f64::INFINITY, f64::NEG_INFINITY, 0);
        for i in 0..batch.len() {
            let (Some(&hash), Some(row)) = (self.hashes.get(i), batch.row(i)) else { continue };
            let at = row.center_ms + to_group;
            let end = at + row.duration_ms / 2.0;
            let known = self.find(hash, group, at);
            let Some((timebase, to_timebase, offset)) = self.timebases.hand(group, end) else {
                continue;
            };
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
                let Some(root) = self.timebases.timebase_of(group, end) else { continue };
                let mut entry = Entry::new(at + to_timebase, root);
                entry.views[slot] = view.number;
                entry.seen[slot] = 1;
                entry.held = 1;
                self.stats.forgotten += u64::from(self.memory.insert(hash, entry, limit));
            }
            first = first.min(at - row.duration_ms / 2.0);
            last = last.max(end);
            new += 1;
            self.stats.backward += u64::from(row.backward);
            self.stats.from_slow += u64::from(slot == Source::Slow as usize);
            out(MergeEvent::Task(interval(&row, timebase, at + to_timebase, offset)));
        }
        self.stats.held += new;
        if let Some(group) = self.timebases.group_mut(group) {
            group.first = group.first.min(first);
            group.last = group.last.max(last);
            group.rows += new;
        }
    }

    /// The remembered rectangle at this time of a group, the nearest if there are several.
    fn find(&self, hash: u64, group: u32, at: f64) -> Option<u32> {
        let mut best: Option<(u32, f64)> = None;
        for (slot, entry) in self.memory.slots(hash) {
            let Some((other, center)) = self.timebases.place(entry.timebase, entry.center) else {
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
                let start = self.timebases.absolute(hole.before.0, hole.before.1);
                let end = self.timebases.absolute(hole.after.0, hole.after.1);
                out.push(Gap { span: Span::new(start, end), reason: hole.reason });
            }
        }
    }

    /// How good a time base's absolute times are.
    pub fn clock(&self, timebase: u32) -> Clock {
        if is_settled(timebase) {
            return Clock::Estimate;
        }
        let group = self
            .timebases
            .timebase(timebase)
            .and_then(|timebase| self.timebases.group(timebase.group));
        match group {
            Some(group) if group.is_estimated() => {
                let now = group.newest().is_some_and(|dating| dating.domain == self.domain);
                if now { Clock::Estimate } else { Clock::Moved }
            }
            _ => Clock::Bound,
        }
    }

    /// Groups of rows whose times may still be known better; few, however long it runs.
    pub fn unsettled(&self) -> usize {
        self.timebases.open()
    }

    /// Counts.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// Approximate heap use, bytes.
    pub fn memory_bytes(&self) -> usize {
        self.memory.bytes()
            + self.timebases.bytes()
            + self.hashes.capacity() * 8
            + self.votes.capacity() * 16
    }
}

fn interval<'a>(row: &TaskRow<'a>, timebase: u32, center: f64, offset: Micros) -> Interval<'a> {
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
        timebase,
    }
}
