//! What ran last, in figures: counted a slice at a time, so that an update costs the same however
//! many tasks there were.

use base::sort::sort_by;
use base::task::Action;
use base::time::{Micros, Span};
use store::Store;
use store::scan::{RowCursor, RowInfo};
use store::stats::Sample;

/// How far back is looked from the last task's end, µs: long enough for a share to mean something,
/// short enough that what was mended is forgotten.
pub const WINDOW_US: i64 = 120_000_000;
/// Rows of a window at most, where it is longer than [`LEAST_US`]: with more, they would be old before
/// all were counted.
const MOST_ROWS: usize = 150_000;
/// See above, µs.
const LEAST_US: i64 = 5_000_000;
/// Prefixes looked at in a window at most; others are left out.
const MOST_PREFIXES: usize = 512;
/// Pairs of a prefix and a worker at most; what is beyond has no slow worker.
const MOST_CELLS: usize = 1 << 16;
/// Tasks of a prefix on a worker from which its mean means something.
const FEW: u32 = 8;

/// A prefix on a worker: tasks, their time, the longest, µs.
type Cell = (u32, i64, i64);

/// A worker that takes longer for tasks of a prefix than others.
#[derive(Clone, PartialEq, Debug)]
pub struct SlowWorker {
    /// Its address.
    pub worker: String,
    /// Its tasks.
    pub count: u32,
    /// The mean of all but the longest, µs: one straggler does not make a slow worker.
    pub mean_us: i64,
    /// The median of all workers' means, µs.
    pub median_us: i64,
}

/// Figures of a prefix's tasks that were computed and did not fail.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PrefixFacts {
    /// The prefix.
    pub name: String,
    /// Tasks.
    pub count: u64,
    /// Time for them, µs.
    pub total_us: i64,
    /// What half of them, and 95 %, do not exceed, µs.
    pub p50_us: i64,
    /// See above.
    pub p95_us: i64,
    /// The longest: begin and length, µs, and the worker's address.
    pub longest: Option<(i64, i64, String)>,
    /// Time for transfers of what they needed, µs.
    pub transfer_us: i64,
    /// The worker that is slowest with them, where there are enough to compare.
    pub slow: Option<SlowWorker>,
}

/// What ran last.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Recent {
    /// When.
    pub span: Span,
    /// Intervals by action.
    pub counts: [u64; 5],
    /// Their time, µs.
    pub times_us: [i64; 5],
    /// By prefix.
    pub prefixes: Vec<PrefixFacts>,
}

#[derive(Debug, Default)]
struct Rough {
    id: u32,
    sample: Sample,
    longest: Option<RowInfo>,
    transfer_us: i64,
}

/// The way to them.
#[derive(Debug)]
pub struct Window {
    walk: RowCursor,
    recent: Recent,
    rough: Vec<Rough>,
    /// By number of a prefix in the store: its place in `rough`, counted from 1.
    slots: Vec<u16>,
    workers: usize,
    cells: Vec<Cell>,
    /// When the first interval of each lane that is held began, µs.
    firsts: Vec<i64>,
}

impl Window {
    /// Over the end of what is held; none where nothing is.
    pub fn new(store: &Store) -> Option<Self> {
        let all = store.span()?;
        let mut length = WINDOW_US;
        let from = loop {
            let from = all.start.max(Micros(all.end.0.saturating_sub(length)));
            if length <= LEAST_US || store.count_in(Span::new(from, all.end)) <= MOST_ROWS {
                break from;
            }
            length /= 2;
        };
        let span = Span::new(from, all.end);
        Some(Self {
            // A task that has no length at the very end is one of them.
            walk: RowCursor::new(Some(Span::new(from, all.end + Micros(1))), &[]),
            recent: Recent { span, ..Recent::default() },
            rough: Vec::new(),
            slots: vec![0; store.prefix_count()],
            workers: store.worker_count(),
            cells: Vec::new(),
            firsts: store.lanes().iter().map(|lane| lane.begins().unwrap_or(i64::MAX)).collect(),
        })
    }

    /// Goes on for about `rows` rows. Gives the figures once it is through.
    pub fn step(&mut self, store: &Store, rows: usize) -> Option<Recent> {
        let mut walk = self.walk.clone();
        let through = walk.step(store, rows, &mut |row| self.add(row));
        self.walk = walk;
        through.then(|| self.finish(store))
    }

    fn add(&mut self, row: &RowInfo) {
        let action = row.action as usize;
        if let (Some(count), Some(time)) =
            (self.recent.counts.get_mut(action), self.recent.times_us.get_mut(action))
        {
            *count += 1;
            *time += row.dur;
        }
        let Some(slot) = self.slots.get_mut(row.name as usize) else { return };
        if *slot == 0 {
            if self.rough.len() >= MOST_PREFIXES {
                return;
            }
            self.rough.push(Rough { id: row.name, ..Rough::default() });
            *slot = self.rough.len() as u16;
            if self.rough.len() * self.workers <= MOST_CELLS {
                self.cells.resize(self.rough.len() * self.workers, (0, 0, 0));
            }
        }
        let at = usize::from(*slot) - 1;
        let Some(rough) = self.rough.get_mut(at) else { return };
        match row.action {
            Action::Transfer => rough.transfer_us += row.dur,
            Action::Compute if !row.erred => {
                rough.sample.add(row.dur, row.dur);
                // The first task of a thread imports what it needs: that is no slow task.
                if self.firsts.get(row.at.lane as usize).is_some_and(|first| row.start <= *first) {
                    return;
                }
                if rough.longest.is_none_or(|longest| longest.dur < row.dur) {
                    rough.longest = Some(*row);
                }
                let worker = row.worker as usize;
                let cell = self.cells.get_mut(at * self.workers + worker);
                if let Some((count, total, longest)) = cell.filter(|_| worker < self.workers) {
                    *count += 1;
                    *total += row.dur;
                    *longest = row.dur.max(*longest);
                }
            }
            _ => {}
        }
    }

    fn finish(&mut self, store: &Store) -> Recent {
        let mut recent = std::mem::take(&mut self.recent);
        for (at, rough) in self.rough.iter_mut().enumerate() {
            rough.sample.finish();
            let sample = &rough.sample;
            let cells = self.cells.get(at * self.workers..(at + 1) * self.workers);
            recent.prefixes.push(PrefixFacts {
                name: store.prefix_name(rough.id).to_owned(),
                count: sample.count,
                total_us: sample.total,
                p50_us: sample.quantile(0.5),
                p95_us: sample.quantile(0.95),
                longest: rough
                    .longest
                    .map(|row| (row.start, row.dur, store.worker_name(row.worker).to_owned())),
                transfer_us: rough.transfer_us,
                slow: slowest(cells.unwrap_or_default()).map(|(worker, count, mean, median)| {
                    let worker = store.worker_name(worker).to_owned();
                    SlowWorker { worker, count, mean_us: mean, median_us: median }
                }),
            });
        }
        recent
    }
}

/// Of each worker's count, time and longest: the number of the one with the largest mean (all but the
/// longest), its count, that mean, and the median of all means. None where fewer than three can be compared.
fn slowest(cells: &[Cell]) -> Option<(u32, u32, i64, i64)> {
    let mut means: Vec<(i64, u32, u32)> = Vec::new();
    for (worker, &(count, total, longest)) in cells.iter().enumerate() {
        if count >= FEW {
            means.push(((total - longest) / i64::from(count - 1), worker as u32, count));
        }
    }
    sort_by(&mut means, |a, b| a.0.cmp(&b.0));
    let (mean, worker, count) = *means.last().filter(|_| means.len() >= 3)?;
    // The lower one of two in the middle: a slow half is not the rule.
    let (median, ..) = *means.get((means.len() - 1) / 2)?;
    Some((worker, count, mean, median))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::task::{Interval, Rgb};

    fn put(store: &mut Store, name: &str, worker: u32, start: i64, dur: i64, action: Action) {
        store.insert(&Interval {
            key: "k",
            key_is_json: false,
            prefix: name,
            action,
            erred: false,
            worker: &format!("w{worker}"),
            thread: &format!("w{worker}-1"),
            start: Micros(start),
            duration: Micros(dur),
            color: Rgb(0, 0, 0),
            timebase: 0,
        });
    }

    fn recent(store: &Store, step: usize) -> Recent {
        let mut window = Window::new(store).unwrap();
        loop {
            if let Some(recent) = window.step(store, step) {
                return recent;
            }
        }
    }

    #[test]
    fn counts_the_end_of_what_is_held() {
        assert!(Window::new(&Store::default()).is_none());
        let mut store = Store::default();
        put(&mut store, "old", 0, 0, 10, Action::Compute);
        for i in 0..40 {
            let worker = (i % 4) as u32;
            let dur = if worker == 3 { 300 } else { 100 };
            put(&mut store, "a", worker, WINDOW_US + i * 1000, dur, Action::Compute);
        }
        put(&mut store, "a", 1, WINDOW_US + 90_000, 7, Action::Transfer);
        put(&mut store, "b", 1, WINDOW_US + 100_000, 9000, Action::Compute);
        for step in [1, 7, 1000] {
            let recent = recent(&store, step);
            assert_eq!(recent.counts, [41, 1, 0, 0, 0]);
            assert_eq!(recent.times_us[..2], [30 * 100 + 10 * 300 + 9000, 7]);
            let [a, b] = &recent.prefixes[..] else { panic!("{recent:?}") };
            assert_eq!((a.name.as_str(), a.count, a.p50_us, a.p95_us), ("a", 40, 100, 300));
            assert_eq!((a.transfer_us, b.transfer_us), (7, 0));
            assert_eq!(b.longest, Some((WINDOW_US + 100_000, 9000, "w1".into())));
            assert_eq!(a.longest.as_ref().unwrap().0, WINDOW_US + 7000, "not the first task of w3");
            let slow = a.slow.as_ref().unwrap();
            assert_eq!((slow.worker.as_str(), slow.count), ("w3", 9));
            assert_eq!((slow.mean_us, slow.median_us), (300, 100));
            assert_eq!(b.slow, None);
        }
    }

    #[test]
    fn very_many_rows_make_the_window_shorter() {
        let mut store = Store::default();
        for i in 0..200_000 {
            put(&mut store, "a", 0, i * 500, 100, Action::Compute);
        }
        let recent = recent(&store, 15_000);
        assert_eq!(recent.span.len(), Micros(WINDOW_US / 2));
        assert_eq!(recent.counts[0], 120_000);
    }

    #[test]
    fn a_slow_worker_is_compared_with_at_least_two() {
        let (quick, slow) = ((9, 900, 100), (9, 9000, 1000));
        assert_eq!(slowest(&[quick, slow]), None);
        assert_eq!(slowest(&[quick, slow, (7, 7, 1)]), None, "too few tasks");
        let all = [quick, (0, 0, 0), slow, (8, 1600, 200)];
        assert_eq!(slowest(&all), Some((2, 9, 1000, 200)));
        let straggler = (9, 90_800, 90_000);
        assert_eq!(
            slowest(&[quick, straggler, quick]).unwrap().2,
            100,
            "one task says nothing of a worker"
        );
        assert_eq!(slowest(&[]), None);
    }
}
