//! Joining the group of a batch with all others that its rows tell the distance of.

use base::sort::sort_by;

use super::super::tasks::{TaskBatch, TaskRow};
use super::MergeEvent;
use super::engine::{CHAIN, Extent, Merge, SAME_MS, View};
use super::link::{LONELY, Range, SURE, Vote, decide};
use super::timebases::{AlignedClocks, Timebases};

/// How often the votes are counted again: each round may tell those apart that were in doubt before.
const ROUNDS: usize = 4;

/// Where a batch lies, once that is known.
#[derive(Copy, Clone)]
struct Place {
    group: u32,
    /// Time in the batch + this = time in the group, ms.
    shift: f64,
}

/// When rows of a batch begin and end, by start; made when first asked for.
#[derive(Default)]
struct Times(Option<Vec<(f64, f64)>>);

impl Times {
    /// How many rows lie within these two moments of the batch, as far as that matters.
    fn within(&mut self, batch: &TaskBatch, from: f64, to: f64) -> usize {
        let times = self.0.get_or_insert_with(|| {
            let times = |row: TaskRow<'_>| (row.start_ms(), row.end_ms());
            let mut times: Vec<(f64, f64)> = batch.iter().map(times).collect();
            sort_by(&mut times, |a, b| a.0.total_cmp(&b.0));
            times
        });
        let first = times.partition_point(|row| row.0 < from);
        let inside = times.iter().skip(first).take_while(|row| row.0 <= to);
        inside.filter(|row| row.1 <= to).take(LONELY + 1).count()
    }
}

/// What is known of a group's offset, where that was learnt by the clock as it goes now.
fn range_of(group: Option<&AlignedClocks>, domain: u32) -> Range {
    let newest = group.and_then(AlignedClocks::newest).filter(|dating| dating.domain == domain);
    newest.map_or(Range::OPEN, |known| Range { lower: known.lower, bound: known.bound })
}

impl Merge {
    /// Joins the view's group with every other that its rows tell the distance of. `arrival` is the
    /// time and its clock domain.
    pub(super) fn link(
        &mut self,
        view: &mut View,
        batch: &TaskBatch,
        extent: Extent,
        arrival: (f64, u32),
        age: Option<f64>,
        out: &mut dyn FnMut(MergeEvent<'_>),
    ) {
        let mut times = Times::default();
        let mut place = view.timebase.and_then(|(timebase, to_timebase)| {
            let (group, shift) = self.timebases.place(timebase, to_timebase)?;
            Some(Place { group, shift })
        });
        let mut joined = false;
        for round in 0..=ROUNDS {
            self.vote(batch, place.map(|place| place.group));
            if self.votes.is_empty() {
                break;
            }
            let mut votes = std::mem::take(&mut self.votes);
            sort_by(&mut votes, |a, b| a.group.cmp(&b.group).then(a.delta.total_cmp(&b.delta)));
            let mut any = false;
            // What is beyond chance first: it narrows what the rest can be.
            let least = if round == 0 { SURE } else { 1 };
            for votes in votes.chunk_by(|a, b| a.group == b.group) {
                let Some(group) = votes.first().map(|vote| vote.group) else { continue };
                if votes.len() < least {
                    continue;
                }
                let here = self.range_here(place, extent, arrival, age);
                let there = range_of(self.timebases.group(group), arrival.1);
                let mut expected = |delta| {
                    self.expected(&self.timebases, batch, &mut times, extent, (group, delta))
                };
                let Some(delta) = decide(votes, here, there, &mut expected) else { continue };
                any = true;
                let Some(own) = place else {
                    place = Some(Place { group, shift: delta });
                    continue;
                };
                // Time in the own group + this = time in the other.
                let apart = delta - own.shift;
                self.stats.joined += 1;
                let kept = self.timebases.join(group, own.group, apart, out);
                if kept != own.group {
                    place = Some(Place { group, shift: delta });
                }
                joined = true;
            }
            self.votes = votes;
            if !any && round > 0 {
                break;
            }
        }
        if view.timebase.is_none()
            && let Some(place) = place
            && let Some(root) = self.timebases.group(place.group).and_then(AlignedClocks::newest)
            && let Some(timebase) = self.timebases.timebase(root.timebase)
        {
            view.timebase = Some((root.timebase, place.shift - timebase.to_group));
        }
        if joined {
            self.close_holes();
        }
    }

    /// What is known of the offset of the batch: from its arrival, and of its group.
    fn range_here(
        &self,
        place: Option<Place>,
        extent: Extent,
        (at, domain): (f64, u32),
        age: Option<f64>,
    ) -> Range {
        let bound = at - extent.last;
        let mut here = Range { lower: age.map_or(f64::NEG_INFINITY, |age| bound - age), bound };
        if let Some(place) = place {
            let known = range_of(self.timebases.group(place.group), domain);
            here.lower = here.lower.max(known.lower + place.shift);
            here.bound = here.bound.min(known.bound + place.shift);
        }
        here
    }

    /// How many rows should have found a pair, if the batch lies at this distance from a group; more
    /// than a few are not counted to the end.
    fn expected(
        &self,
        timebases: &Timebases,
        batch: &TaskBatch,
        times: &mut Times,
        extent: Extent,
        (group, delta): (u32, f64),
    ) -> usize {
        let Some(known) = timebases.group(group) else { return usize::MAX };
        let (first, last) = (known.first - SAME_MS - delta, known.last + SAME_MS - delta);
        let ours = times.within(batch, first, last);
        if known.rows <= LONELY as u64 || LONELY < ours {
            return ours;
        }
        let (from, to) = (extent.first + delta, extent.last + delta);
        let theirs = self.memory.iter().filter(|entry| {
            let place = timebases.place(entry.timebase, entry.center);
            place.is_some_and(|(other, at)| other == group && at > from && at < to)
        });
        ours.max(theirs.take(LONELY + 1).count())
    }

    /// Collects pairs with rows of other groups than `own`: what is to be added to the batch's time.
    fn vote(&mut self, batch: &TaskBatch, own: Option<u32>) {
        self.votes.clear();
        for (i, &hash) in self.hashes.iter().enumerate() {
            if hash == 0 {
                continue;
            }
            for (_, entry) in self.memory.slots(hash).take(CHAIN) {
                // Few rows come this far: those that another group has, too.
                if let Some((group, center)) = self.timebases.place(entry.timebase, entry.center)
                    && Some(group) != own
                    && let Some(row) = batch.row(i)
                {
                    self.votes.push(Vote { group, delta: center - row.center_ms });
                }
            }
        }
    }
}
