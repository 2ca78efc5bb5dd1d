//! Runs: bursts of work, told apart by pauses in which nothing was computed and nothing was left to do.
//!
//! A person who presses *Run* in a notebook three times sees three runs, each with its own tasks, failures
//! and time. Intervals may come in any order (a long task is told of when it ends, the history comes late):
//! the runs are the same as if they had come in order.

use base::hash::{FxHashMap, hash_str};
use base::sort::sort_by;
use base::task::{Action, Interval};
use base::time::{Micros, Span};

/// A pause as long as this ends a run, µs. Shorter: a computation with slow steps on the client falls
/// apart. Longer: two presses of *Run* become one.
const PAUSE_US: i64 = 2_000_000;
/// Runs that are kept; beyond that the two oldest become one.
const MOST_RUNS: usize = 256;
/// Prefixes of a run that are told apart; the others are counted together.
const MOST_PREFIXES: usize = 512;
/// Prefixes that a run's name has at most.
const IN_NAME: usize = 3;

/// A run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// From the first interval's start to the last one's end.
    pub span: Span,
    /// Computations that ended well. Transfers and disk work are not among them.
    pub done: u64,
    /// Computations that failed.
    pub failed: u64,
    /// Transfers between workers.
    pub transfers: u64,
    /// Everything else: disk reads and writes, deserializing.
    pub other: u64,
    /// Time of all computations, µs.
    pub compute_us: i64,
    /// Its times are in this time base.
    timebase: u32,
    /// Until when the scheduler had unfinished tasks, as far as is known.
    busy_until: Micros,
    /// By hash of the prefix: its place in `names`.
    places: FxHashMap<u64, u32>,
    /// Prefixes, and how many computations of each.
    names: Vec<(Box<str>, u64)>,
    /// Computations of prefixes beyond [`MOST_PREFIXES`].
    unnamed: u64,
}

impl Run {
    fn new(span: Span, timebase: u32) -> Self {
        Self {
            span,
            done: 0,
            failed: 0,
            transfers: 0,
            other: 0,
            compute_us: 0,
            timebase,
            busy_until: span.end,
            places: FxHashMap::default(),
            names: Vec::new(),
            unnamed: 0,
        }
    }

    /// Computations, failed ones too.
    pub fn tasks(&self) -> u64 {
        self.done + self.failed
    }

    /// What it ran, the prefix with the most computations first.
    pub fn name(&self) -> String {
        let mut names: Vec<&(Box<str>, u64)> = self.names.iter().collect();
        sort_by(&mut names, |a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let first: Vec<&str> = names.iter().take(IN_NAME).map(|(name, _)| &**name).collect();
        let more = names.len() - first.len();
        match (first.is_empty(), more) {
            (true, _) => "transfers only".into(),
            (false, 0) => first.join(", "),
            (false, _) => format!("{} and {more} more", first.join(", ")),
        }
    }

    /// Computations by prefix, in the order in which they were first seen.
    pub fn prefixes(&self) -> impl Iterator<Item = (&str, u64)> {
        self.names.iter().map(|(name, count)| (&**name, *count))
    }

    fn note(&mut self, row: &Interval<'_>) {
        let end = row.start + row.duration;
        self.span = Span::new(self.span.start.min(row.start), self.span.end.max(end));
        match row.action {
            Action::Transfer => self.transfers += 1,
            Action::Compute => {
                if row.erred {
                    self.failed += 1;
                } else {
                    self.done += 1;
                }
                self.compute_us += row.duration.0;
                self.count(row.prefix, 1);
            }
            _ => self.other += 1,
        }
    }

    fn count(&mut self, prefix: &str, tasks: u64) {
        let hash = hash_str(prefix);
        let at = match self.places.get(&hash) {
            Some(at) => *at,
            None if self.names.len() >= MOST_PREFIXES => {
                self.unnamed += tasks;
                return;
            }
            None => {
                let at = self.names.len() as u32;
                self.places.insert(hash, at);
                self.names.push((prefix.into(), 0));
                at
            }
        };
        if let Some((_, count)) = self.names.get_mut(at as usize) {
            *count += tasks;
        }
    }

    /// Takes in another one.
    fn join(&mut self, other: Self) {
        self.span =
            Span::new(self.span.start.min(other.span.start), self.span.end.max(other.span.end));
        self.busy_until = self.busy_until.max(other.busy_until);
        self.done += other.done;
        self.failed += other.failed;
        self.transfers += other.transfers;
        self.other += other.other;
        self.compute_us += other.compute_us;
        self.unnamed += other.unnamed;
        for (name, count) in other.names {
            self.count(&name, count);
        }
    }

    /// Until when what begins belongs to it.
    fn open_until(&self) -> Micros {
        self.span.end.max(self.busy_until) + Micros(PAUSE_US)
    }
}

/// All runs that are known, by the time at which they began.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    runs: Vec<Run>,
    /// Runs that are one with a neighbor, since there were more than are kept.
    joined: u64,
}

impl Runs {
    /// Takes an interval of the task stream. O(runs) at worst, a look at the last one as a rule.
    pub fn note(&mut self, row: &Interval<'_>) {
        let span = Span::new(row.start, row.start + row.duration);
        let at = self.place(span, row.timebase);
        if let Some(run) = self.runs.get_mut(at) {
            run.note(row);
        }
        self.settle(at);
    }

    /// The run that an interval belongs to; a new one if there is none.
    fn place(&mut self, span: Span, timebase: u32) -> usize {
        // The first run that the interval does not come after.
        let mut at = self.runs.len();
        while at > 0 && self.runs.get(at - 1).is_some_and(|run| span.start < run.open_until()) {
            at -= 1;
        }
        let meets = |run: &Run| run.span.start < span.end + Micros(PAUSE_US);
        if !self.runs.get(at).is_some_and(meets) {
            self.runs.insert(at, Run::new(span, timebase));
        }
        at
    }

    /// Joins a run that has grown with those that it reaches now.
    fn settle(&mut self, at: usize) {
        loop {
            let Some(run) = self.runs.get(at) else { return };
            let open = run.open_until();
            if self.runs.get(at + 1).is_none_or(|next| next.span.start >= open) {
                break;
            }
            let next = self.runs.remove(at + 1);
            if let Some(run) = self.runs.get_mut(at) {
                run.join(next);
            }
        }
        if self.runs.len() > MOST_RUNS {
            let second = self.runs.remove(1);
            if let Some(first) = self.runs.first_mut() {
                first.join(second);
            }
            self.joined += 1;
        }
    }

    /// The scheduler has unfinished tasks at `now`: what it runs then belongs to the run that is last, however long
    /// nothing ends.
    pub fn note_unfinished(&mut self, now: Micros) {
        if let Some(run) = self.runs.last_mut()
            && now < run.open_until()
        {
            run.busy_until = run.busy_until.max(now);
        }
    }

    /// All runs, the oldest first.
    pub fn all(&self) -> &[Run] {
        &self.runs
    }

    /// The one that is going on, or was last.
    pub fn current(&self) -> Option<&Run> {
        self.runs.last()
    }

    /// How many runs are no longer told apart from a neighbor.
    pub fn joined(&self) -> u64 {
        self.joined
    }

    /// Times of one time base are moved.
    pub fn shift(&mut self, timebase: u32, by: Micros) {
        for run in self.runs.iter_mut().filter(|run| run.timebase == timebase) {
            run.span = Span::new(run.span.start + by, run.span.end + by);
            run.busy_until = run.busy_until + by;
        }
        sort_by(&mut self.runs, |a, b| a.span.start.cmp(&b.span.start));
        let mut at = 0;
        while at < self.runs.len() {
            self.settle(at);
            at += 1;
        }
    }

    /// Times of one time base are of another one from now on.
    pub fn fold(&mut self, timebase: u32, into: u32) {
        for run in self.runs.iter_mut().filter(|run| run.timebase == timebase) {
            run.timebase = into;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::task::Rgb;
    use proptest::prelude::*;

    fn row(prefix: &str, start: i64, dur: i64, action: Action, erred: bool) -> Interval<'_> {
        Interval {
            key: "k",
            key_is_json: false,
            prefix,
            action,
            erred,
            worker: "w",
            thread: "w-1",
            start: Micros(start),
            duration: Micros(dur),
            color: Rgb(0, 0, 0),
            timebase: 0,
        }
    }

    fn second(prefix: &str, at: i64) -> Interval<'_> {
        row(prefix, at * 1_000_000, 1_000_000, Action::Compute, false)
    }

    #[test]
    fn a_pause_tells_two_runs_apart() {
        let mut runs = Runs::default();
        for at in [10, 11, 12, 20, 21] {
            runs.note(&second("inc", at));
        }
        runs.note(&row("inc", 21_200_000, 300, Action::Transfer, false));
        runs.note(&row("sum", 22_000_000, 500_000, Action::Compute, true));
        let [first, now] = runs.all() else { panic!("{runs:?}") };
        assert_eq!((first.tasks(), first.failed, first.name()), (3, 0, "inc".into()));
        assert_eq!(first.span, Span::new(Micros(10_000_000), Micros(13_000_000)));
        assert_eq!((now.done, now.failed, now.transfers), (2, 1, 1));
        assert_eq!((now.tasks(), now.name(), now.compute_us), (3, "inc, sum".into(), 2_500_000));
        assert_eq!(runs.current(), Some(now));
    }

    #[test]
    fn a_long_task_that_ends_late_makes_one_run_of_two() {
        let mut runs = Runs::default();
        runs.note(&second("load", 10));
        runs.note(&second("load", 40));
        assert_eq!(runs.all().len(), 2);
        runs.note(&row("train", 10_500_000, 29_000_000, Action::Compute, false));
        let [one] = runs.all() else { panic!("{runs:?}") };
        assert_eq!((one.tasks(), one.name()), (3, "load, train".into()));
    }

    #[test]
    fn work_that_is_left_holds_a_run_open() {
        let mut runs = Runs::default();
        runs.note(&second("a", 10));
        for now in [12, 13, 14, 15, 16] {
            runs.note_unfinished(Micros(now * 1_000_000));
        }
        runs.note(&second("b", 17));
        assert_eq!(runs.all().len(), 1);
        // Nothing is left for a while, then something else is submitted.
        runs.note_unfinished(Micros(60_000_000));
        runs.note(&second("c", 61));
        assert_eq!(runs.all().len(), 2);
    }

    #[test]
    fn a_name_has_what_ran_most() {
        let mut runs = Runs::default();
        for prefix in ["a", "b", "b", "c", "c", "c", "d", "e"] {
            runs.note(&second(prefix, 10));
        }
        assert_eq!(runs.all()[0].name(), "c, b, a and 2 more");
    }

    #[test]
    fn runs_and_prefixes_are_bounded_and_counted() {
        let mut runs = Runs::default();
        for at in 0..300 {
            runs.note(&second("a", at * 10));
        }
        assert_eq!((runs.all().len(), runs.joined()), (MOST_RUNS, 300 - MOST_RUNS as u64));
        assert_eq!(runs.all().iter().map(Run::tasks).sum::<u64>(), 300);
        let mut runs = Runs::default();
        let names: Vec<String> = (0..600).map(|at| format!("p{at}")).collect();
        for name in &names {
            runs.note(&second(name, 1));
        }
        let run = &runs.all()[0];
        assert_eq!((run.prefixes().count(), run.unnamed, run.tasks()), (MOST_PREFIXES, 88, 600));
    }

    #[test]
    fn runs_move_with_their_time_base() {
        let mut runs = Runs::default();
        runs.note(&second("a", 10));
        runs.note(&Interval { timebase: 1, ..second("b", 100) });
        runs.shift(1, Micros(-88_500_000));
        assert_eq!(runs.all().len(), 1, "they lie beside each other now");
        runs.fold(0, 7);
        runs.shift(7, Micros(5));
        assert_eq!(runs.all()[0].span.start, Micros(10_000_005));
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_does_not_matter(
            rows in proptest::collection::vec((0i64..80, 0i64..9, 0..3usize), 0..60),
            seed in any::<u64>(),
        ) {
            let note = |rows: &[(i64, i64, usize)]| {
                let mut runs = Runs::default();
                for (start, dur, name) in rows {
                    let name = ["a", "b", "c"][*name];
                    runs.note(&row(name, start * 500_000, dur * 500_000, Action::Compute, false));
                }
                let told = |run: &Run| {
                    let mut names: Vec<_> = run.prefixes().map(|(n, c)| (n.to_owned(), c)).collect();
                    names.sort();
                    (run.span, run.tasks(), names)
                };
                runs.all().iter().map(told).collect::<Vec<_>>()
            };
            let mut mixed = rows.clone();
            mixed.sort_by_key(|row| hash_str(&format!("{row:?}{seed}")));
            prop_assert_eq!(note(&rows), note(&mixed));
        }
    }
}
