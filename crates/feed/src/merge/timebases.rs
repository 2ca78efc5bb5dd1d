//! Time bases, groups of time bases whose distances are known exactly, and how groups are dated.
//!
//! A *group* is one time line: everything in it lies exactly against everything else. A *dating* says
//! what is added to a stretch of that line to get the time of day. There is one per group, and one
//! more each time this computer's clock was set while the group went on: what came before keeps the
//! time it was given.

use base::sort::sort_by;
use base::task::settled_timebase;
use base::time::Micros;

use super::MergeEvent;

/// A time base is moved when its offset is known better by more than this, ms: less would only make
/// the picture tremble. Five times as much once many batches agree.
pub const SHIFT_MS: f64 = 20.0;
/// Two datings are one when they differ by less than this, ms. More: a small step of the clock goes
/// unseen. Less: what waited a moment after a sleep would look like a step.
const AGREE_MS: f64 = 500.0;
/// Datings of one group at most; beyond that the two oldest are one.
const MAX_DATINGS: usize = 16;
/// A group that nothing came for in so long is settled: its rows move no more, ms. Longer than the
/// slow feed takes to bring the same rows.
const SETTLE_MS: f64 = 30_000.0;
/// Groups whose rows may be moved at most; beyond that also those are settled whose age nothing told.
const MAX_OPEN: usize = 32;

/// Where remembered rows lie in their group.
#[derive(Copy, Clone, Debug)]
pub(super) struct Timebase {
    pub group: u32,
    /// Time in the time base + this = time in the group, ms.
    pub to_group: f64,
    free: bool,
}

/// How a stretch of a group is dated.
#[derive(Clone, Debug)]
pub(super) struct Dating {
    /// The clock domain in which it was learnt.
    pub domain: u32,
    /// The time base whose times are handed out.
    pub timebase: u32,
    /// The number they are handed out under: the time base's, or that of what is settled.
    pub out: u32,
    /// Its rows end at this time of the group or later (and before the next dating), ms.
    from: f64,
    /// Time in the group + this = Unix time, at most: rows cannot finish after they arrive. ms.
    pub bound: f64,
    /// The same, at least: live rows do not wait for ever. ms.
    pub lower: f64,
    /// The offset in use, ms.
    pub used: f64,
    /// Time in the time base + this = the time that was handed out, µs.
    pub offset: Micros,
    /// The offsets that recent live batches of the fast feed allowed, ms.
    samples: Vec<f64>,
    /// Live rows came for it: not only history, which says nothing of its age.
    live: bool,
}

/// Batches that the offset is taken from.
const SAMPLES: usize = 64;

impl Dating {
    fn new(domain: u32, timebase: u32, from: f64, bound: f64, to_group: f64) -> Self {
        Self {
            domain,
            timebase,
            out: timebase,
            from,
            bound,
            lower: f64::NEG_INFINITY,
            used: bound,
            offset: Micros::from_millis(to_group + bound),
            samples: Vec::new(),
            live: false,
        }
    }

    fn is_settled(&self) -> bool {
        self.out != self.timebase
    }

    /// The offset that is most likely. A worker's idea of the scheduler's clock may be wrong by
    /// some tenths of a second while it is busy, and a single batch from the future would move
    /// everything: so not the least of many, but their lower quarter.
    fn likely(&self) -> f64 {
        if self.samples.len() < 4 {
            return self.bound;
        }
        let mut sorted = [f64::INFINITY; SAMPLES];
        let known = self.samples.len().min(SAMPLES);
        for (slot, sample) in sorted.iter_mut().zip(&self.samples) {
            *slot = *sample;
        }
        sort_by(&mut sorted[..known], f64::total_cmp);
        sorted[known / 4]
    }

    fn agrees(&self, other: &Self) -> bool {
        (self.likely() - other.likely()).abs() <= AGREE_MS
    }

    /// Whether it says nothing of its age: any other dating is better.
    fn is_vague(&self) -> bool {
        !self.live && !self.is_settled()
    }

    /// Takes in what `other` knows of the same stretch.
    fn learn(&mut self, other: &mut Self) {
        self.live |= other.live;
        self.domain = self.domain.max(other.domain);
        self.from = self.from.min(other.from);
        self.bound = self.bound.min(other.bound);
        self.lower = self.lower.max(other.lower);
        if self.bound < self.lower {
            self.lower = f64::NEG_INFINITY;
        }
        self.samples.append(&mut other.samples);
        let extra = self.samples.len().saturating_sub(SAMPLES);
        self.samples.drain(..extra);
    }
}

/// Time bases that lie exactly against each other.
#[derive(Clone, Debug)]
pub(super) struct AlignedClocks {
    /// Earliest start and latest end of its rows, ms in the group.
    pub first: f64,
    pub last: f64,
    pub rows: u64,
    /// How its stretches are dated, the newest last; never empty.
    pub datings: Vec<Dating>,
    /// When rows came for it last, Unix ms.
    arrived: f64,
}

impl AlignedClocks {
    /// The newest dating.
    pub fn newest(&self) -> Option<&Dating> {
        self.datings.last()
    }

    /// The dating of a row that ends at `end`, ms in the group.
    pub fn dating(&self, end: f64) -> Option<&Dating> {
        let after = self.datings.partition_point(|dating| dating.from <= end);
        self.datings.get(after.saturating_sub(1))
    }

    /// Whether its offset is known from both sides.
    pub fn is_estimated(&self) -> bool {
        self.newest().is_some_and(|dating| dating.lower.is_finite() || dating.is_settled())
    }
}

/// An arrival of rows.
#[derive(Copy, Clone, Debug)]
pub(super) struct Arrival {
    /// When, Unix ms.
    pub at: f64,
    /// The clock domain of that time.
    pub domain: u32,
    /// The earliest and the latest end among the rows, ms in the group.
    pub first: f64,
    pub last: f64,
    /// How long finished rows may have been under way; `None` for history.
    pub age: Option<f64>,
    /// They come in a tenth of a second or so.
    pub prompt: bool,
    /// The clock has just made a step: they may have been under way while the computer slept.
    pub shaken: bool,
}

/// Time bases are remembered as a caller says, one by one.
type Note<'a> = &'a mut dyn FnMut(u32);

#[derive(Default, Debug)]
// Time bases and groups are what it has.
#[allow(clippy::struct_field_names)]
pub(super) struct Timebases {
    timebases: Vec<Timebase>,
    groups: Vec<AlignedClocks>,
    free_timebases: Vec<u32>,
    free_groups: Vec<u32>,
    /// Groups whose rows may still be moved.
    open: Vec<u32>,
    /// How many time bases there may be before it is looked which are needed.
    full: usize,
    /// How often a group was dated anew because a clock was set.
    pub dated_anew: u64,
}

fn put<T>(all: &mut Vec<T>, free: &mut Vec<u32>, new: T) -> u32 {
    if let Some(id) = free.pop()
        && let Some(slot) = all.get_mut(id as usize)
    {
        *slot = new;
        return id;
    }
    all.push(new);
    all.len() as u32 - 1
}

impl Timebases {
    fn frame_in(&mut self, group: u32, to_group: f64) -> u32 {
        let timebase = Timebase { group, to_group, free: false };
        put(&mut self.timebases, &mut self.free_timebases, timebase)
    }

    /// A new time base in a group of its own, with its offset at `bound`.
    pub fn add(&mut self, domain: u32, bound: f64, arrived: f64) -> u32 {
        let group = AlignedClocks {
            first: f64::INFINITY,
            last: f64::NEG_INFINITY,
            rows: 0,
            datings: Vec::new(),
            arrived,
        };
        let group = put(&mut self.groups, &mut self.free_groups, group);
        let timebase = self.frame_in(group, 0.0);
        let dating = Dating::new(domain, timebase, f64::NEG_INFINITY, bound, 0.0);
        if let Some(known) = self.group_mut(group) {
            known.datings.push(dating);
        }
        self.open.push(group);
        timebase
    }

    pub fn timebase(&self, timebase: u32) -> Option<&Timebase> {
        self.timebases.get(timebase as usize).filter(|timebase| !timebase.free)
    }

    pub fn group(&self, group: u32) -> Option<&AlignedClocks> {
        self.groups.get(group as usize)
    }

    pub fn group_mut(&mut self, group: u32) -> Option<&mut AlignedClocks> {
        self.groups.get_mut(group as usize)
    }

    /// The group of a time base and the time in it of `center` in that time base.
    pub fn place(&self, timebase: u32, center: f64) -> Option<(u32, f64)> {
        let timebase = self.timebase(timebase)?;
        Some((timebase.group, center + timebase.to_group))
    }

    /// How rows of a group that end at `end` are handed out: the time base's number, what is added to a
    /// time in the group to get the time base's, and what is added then.
    pub fn hand(&self, group: u32, end: f64) -> Option<(u32, f64, Micros)> {
        let dating = self.group(group)?.dating(end)?;
        let timebase = self.timebase(dating.timebase)?;
        Some((dating.out, -timebase.to_group, dating.offset))
    }

    /// The time base that rows of a group that end at `end` are remembered in.
    pub fn timebase_of(&self, group: u32, end: f64) -> Option<u32> {
        Some(self.group(group)?.dating(end)?.timebase)
    }

    /// What is handed out for time `at` in a time base.
    pub fn absolute(&self, timebase: u32, at: f64) -> Micros {
        let place = self.place(timebase, at);
        let handed = place.and_then(|(group, at)| {
            let (_, to_timebase, offset) = self.hand(group, at)?;
            Some(Micros::from_millis(at + to_timebase) + offset)
        });
        handed.unwrap_or(Micros(0))
    }

    /// Every group that has rows, with its number.
    pub fn groups(&self) -> impl Iterator<Item = (u32, &AlignedClocks)> {
        (0..).zip(&self.groups).filter(|(_, group)| group.rows > 0)
    }

    /// Groups whose rows may still be moved.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Approximate heap use, bytes.
    pub fn bytes(&self) -> usize {
        let dating = size_of::<Dating>() + 8;
        self.timebases.capacity() * size_of::<Timebase>()
            + self.groups.capacity() * (size_of::<AlignedClocks>() + dating)
            + self.open.len() * SAMPLES * 8
    }

    /// Joins group `b` with group `a`: time in `b` + `delta` = time in `a`. The larger takes the
    /// other in; says which one is left.
    pub fn join(&mut self, a: u32, b: u32, delta: f64, out: &mut dyn FnMut(MergeEvent<'_>)) -> u32 {
        let rows = |group| self.group(group).map_or(0, |known| known.rows);
        let (keep, gone, delta) = if rows(a) >= rows(b) { (a, b, delta) } else { (b, a, -delta) };
        let Ok([kept, taken]) = self.groups.get_disjoint_mut([keep as usize, gone as usize]) else {
            return keep;
        };
        for timebase in &mut self.timebases {
            if timebase.group == gone {
                timebase.group = keep;
                timebase.to_group += delta;
            }
        }
        kept.first = kept.first.min(taken.first + delta);
        kept.last = kept.last.max(taken.last + delta);
        kept.arrived = kept.arrived.max(taken.arrived);
        kept.rows += taken.rows;
        taken.rows = 0;
        for mut dating in std::mem::take(&mut taken.datings) {
            dating.from += delta;
            dating.bound -= delta;
            dating.lower -= delta;
            dating.used -= delta;
            for sample in &mut dating.samples {
                *sample -= delta;
            }
            kept.datings.push(dating);
        }
        sort_by(&mut kept.datings, |x, y| x.domain.cmp(&y.domain));
        self.open.retain(|&group| group != gone);
        self.unite(keep, out);
        if self.group(keep).is_some_and(|kept| kept.datings.iter().any(|one| !one.is_settled()))
            && !self.open.contains(&keep)
        {
            self.open.push(keep);
        }
        self.settle(keep, true, out);
        keep
    }

    /// Makes one of datings that are the same: of one domain, or of several that agree.
    fn unite(&mut self, group: u32, out: &mut dyn FnMut(MergeEvent<'_>)) {
        let mut at = 1;
        while let Some(known) = self.group(group)
            && let (Some(a), Some(b)) = (known.datings.get(at - 1), known.datings.get(at))
        {
            let same = a.domain == b.domain
                || a.agrees(b)
                || a.is_vague()
                || b.is_vague()
                || known.datings.len() > MAX_DATINGS && at == 1;
            if !same {
                at += 1;
                continue;
            }
            let Some(known) = self.group_mut(group) else { return };
            let mut gone = known.datings.remove(at);
            let Some(kept) = known.datings.get_mut(at - 1) else { return };
            if kept.is_settled() && !gone.is_settled() {
                std::mem::swap(kept, &mut gone);
                kept.from = kept.from.min(gone.from);
                kept.domain = kept.domain.max(gone.domain);
            } else if !gone.is_settled() {
                // Who knows more of the age says where both lie.
                if kept.is_vague() && !gone.is_vague() {
                    std::mem::swap(kept, &mut gone);
                }
                kept.learn(&mut gone);
                let (timebase, into) = (gone.timebase, kept.timebase);
                let used = kept.used;
                self.lay(&mut gone, used, out);
                out(MergeEvent::Fold { timebase, into });
            } else {
                kept.from = kept.from.min(gone.from);
                kept.domain = kept.domain.max(gone.domain);
            }
        }
    }

    /// Moves the rows of a dating to where `used` puts them.
    fn lay(&self, dating: &mut Dating, used: f64, out: &mut dyn FnMut(MergeEvent<'_>)) {
        let Some(timebase) = self.timebase(dating.timebase) else { return };
        dating.used = used;
        let wanted = Micros::from_millis(timebase.to_group + used);
        if wanted != dating.offset && !dating.is_settled() {
            let by = wanted - dating.offset;
            dating.offset = wanted;
            out(MergeEvent::Shift { timebase: dating.timebase, by });
        }
    }

    /// Tells of an arrival of rows of a group.
    pub fn arrived(&mut self, group: u32, came: Arrival, out: &mut dyn FnMut(MergeEvent<'_>)) {
        let Some(known) = self.group_mut(group) else { return };
        known.arrived = came.at;
        let sample = came.at - came.last;
        let Some(newest) = known.datings.last_mut() else { return };
        if came.domain != newest.domain || newest.is_settled() {
            if came.age.is_none() {
                // History says nothing of a clock that was set since.
                return;
            }
            let differs = (sample - newest.likely()).abs() > AGREE_MS;
            if newest.domain != came.domain && differs && !newest.is_vague() {
                if came.shaken {
                    return;
                }
                let from = came.first;
                let timebase = self.frame_in(group, 0.0);
                let dating = Dating::new(came.domain, timebase, from, sample, 0.0);
                self.dated_anew += 1;
                let Some(known) = self.group_mut(group) else { return };
                known.datings.push(dating);
            } else if newest.is_settled() {
                let (from, domain) = (newest.from, came.domain);
                let used = if differs { sample } else { newest.used };
                let timebase = self.frame_in(group, 0.0);
                let Some(known) = self.group_mut(group) else { return };
                known.datings.pop();
                let mut dating = Dating::new(domain, timebase, from, used, 0.0);
                dating.bound = used.max(sample);
                known.datings.push(dating);
            } else {
                newest.domain = came.domain;
            }
            if !self.open.contains(&group) {
                self.open.push(group);
            }
        }
        let Some(known) = self.group_mut(group).and_then(|known| known.datings.last_mut()) else {
            return;
        };
        known.bound = known.bound.min(sample);
        if let Some(age) = came.age {
            known.lower = known.lower.max(sample - age);
            known.live = true;
        }
        if came.prompt {
            if known.samples.len() >= SAMPLES {
                known.samples.remove(0);
            }
            known.samples.push(sample);
        }
        if known.lower > known.bound {
            // Some batch was under way for longer than that (a machine asleep): nothing is known.
            known.lower = f64::NEG_INFINITY;
        }
        self.unite(group, out);
        self.settle(group, false, out);
    }

    /// Brings the offsets handed out in line with what is known.
    fn settle(&mut self, group: u32, always: bool, out: &mut dyn FnMut(MergeEvent<'_>)) {
        let Some(known) = self.group_mut(group) else { return };
        let mut datings = std::mem::take(&mut known.datings);
        for dating in datings.iter_mut().filter(|dating| !dating.is_settled()) {
            let likely = dating.likely();
            let enough = if dating.samples.len() < 16 { SHIFT_MS } else { 5.0 * SHIFT_MS };
            let moves = (dating.used - likely).abs() > enough;
            if moves || always {
                let used = if moves { likely } else { dating.used };
                self.lay(dating, used, out);
            }
        }
        if let Some(known) = self.group_mut(group) {
            known.datings = datings;
        }
    }

    /// Settles the groups that nothing more is to be expected for: their rows move no more, and lie
    /// together with all others of that kind. `busy` are groups that rows still come for.
    pub fn settle_old(&mut self, now: f64, busy: &[u32], out: &mut dyn FnMut(MergeEvent<'_>)) {
        let mut open = std::mem::take(&mut self.open);
        let many = open.len() > MAX_OPEN;
        open.retain(|&group| {
            let Some(known) = self.groups.get_mut(group as usize) else { return false };
            let newest = known.datings.len().saturating_sub(1);
            let rests = !busy.contains(&group) && (now - known.arrived).abs() > SETTLE_MS;
            let mut any = false;
            for (at, dating) in known.datings.iter_mut().enumerate() {
                let over = rests && (many || dating.lower.is_finite());
                if !dating.is_settled() && (over || at < newest) {
                    dating.out = settled_timebase(dating.domain);
                    dating.samples = Vec::new();
                    out(MergeEvent::Fold { timebase: dating.timebase, into: dating.out });
                }
                any |= !dating.is_settled();
            }
            any
        });
        self.open = open;
    }

    /// Frees the time bases and groups that nobody names: `used` calls back with each time base that is
    /// remembered. Only now and then, so that it costs little.
    pub fn sweep(&mut self, used: &mut dyn FnMut(Note<'_>)) {
        let now = self.timebases.len() - self.free_timebases.len();
        if now < self.full.max(64) {
            return;
        }
        let mut needed = vec![false; self.timebases.len()];
        let mut note = |timebase: u32| {
            if let Some(slot) = needed.get_mut(timebase as usize) {
                *slot = true;
            }
        };
        used(&mut note);
        let moves = |group: &AlignedClocks| group.datings.iter().any(|dating| !dating.is_settled());
        let mut groups: Vec<bool> = self.groups.iter().map(moves).collect();
        for (timebase, needed) in self.timebases.iter().zip(&needed) {
            if *needed
                && !timebase.free
                && let Some(group) = groups.get_mut(timebase.group as usize)
            {
                *group = true;
            }
        }
        self.free_groups.clear();
        for ((id, group), needed_group) in (0..).zip(&mut self.groups).zip(&groups) {
            if *needed_group {
                for dating in &group.datings {
                    if let Some(slot) = needed.get_mut(dating.timebase as usize) {
                        *slot = true;
                    }
                }
            } else {
                group.rows = 0;
                group.datings = Vec::new();
                self.free_groups.push(id);
            }
        }
        for ((id, timebase), needed) in (0..).zip(&mut self.timebases).zip(&needed) {
            if !timebase.free && !needed {
                timebase.free = true;
                self.free_timebases.push(id);
            }
        }
        self.full = 2 * (self.timebases.len() - self.free_timebases.len());
    }
}
