//! What the task stream holds, in figures: how many intervals, and how long half of them and 95 % take
//! at most, by action, and by prefix of what was computed. Counted a slice at a time, while a pane shows
//! it, and kept until the next count is through.

use base::task::Action;
use store::Store;
use store::scan::RowCursor;
use store::stats::{GROUPS, Sample};

/// Rows of a slice: about a millisecond.
const ROWS: usize = 20_000;
/// Time from one slice to the next, ms.
const PAUSE_MS: f64 = 100.0;
/// Time from the end of a count to the next one, ms.
const AGAIN_MS: f64 = 3_000.0;

/// Figures of some intervals.
#[derive(Clone, PartialEq, Debug)]
pub struct Figures {
    /// An action, or a prefix.
    pub name: String,
    /// How many there are.
    pub count: u64,
    /// What half of them, and 95 %, do not exceed, µs.
    pub quantiles_us: [i64; 2],
    /// Whether that is exact, not within 3 %.
    pub exact: bool,
}

/// What was counted.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct StoreSummary {
    /// Intervals in all.
    pub all: u64,
    /// By action.
    pub actions: Vec<Figures>,
    /// Computed ones in all.
    pub computed: u64,
    /// Those by prefix.
    pub prefixes: Vec<Figures>,
}

#[derive(Default)]
struct Count {
    walk: Option<RowCursor>,
    actions: [Sample; 5],
    prefixes: Vec<Sample>,
}

/// The count that is under way, and the last one.
#[derive(Default)]
pub struct StoreSummarizer {
    count: Option<Box<Count>>,
    /// The generation of the rows of the last count that was begun.
    of: Option<u64>,
    due_ms: f64,
    sums: Option<StoreSummary>,
}

impl StoreSummarizer {
    /// Goes on, where it is `wanted` and due. Says whether a count is through. Next is due after
    /// some 100 ms while a count is under way: a store of ten million rows takes a minute.
    pub fn turn(&mut self, now_ms: f64, wanted: bool, store: &Store) -> bool {
        if !wanted {
            // Half a count of what will have changed is worth nothing.
            if self.count.take().is_some() {
                self.of = None;
            }
            return false;
        }
        if now_ms < self.due_ms {
            return false;
        }
        let generation = Some(store.generation());
        if self.count.is_none() {
            if self.of == generation {
                return false;
            }
            self.of = generation;
            self.count = Some(Box::default());
        }
        let Some(count) = &mut self.count else { return false };
        self.due_ms = now_ms + PAUSE_MS;
        if !count.step(store) {
            return false;
        }
        self.due_ms = now_ms + AGAIN_MS;
        self.sums = Some(count.finish(store));
        self.count = None;
        true
    }

    /// When something is due next, ms since the epoch, while it is wanted.
    pub fn wake_ms(&self, store: &Store) -> Option<f64> {
        let due = self.count.is_some() || self.of != Some(store.generation());
        due.then_some(self.due_ms)
    }

    /// The last count; none before the first.
    pub fn sums(&self) -> Option<&StoreSummary> {
        self.sums.as_ref()
    }
}

impl Count {
    fn step(&mut self, store: &Store) -> bool {
        let mut walk = self.walk.take().unwrap_or_else(|| RowCursor::new(None, &[]));
        let through = walk.step(store, ROWS, &mut |row| {
            if let Some(sample) = self.actions.get_mut(row.action as usize) {
                sample.add(0, row.dur);
            }
            let id = row.name as usize;
            if row.action == Action::Compute && id < GROUPS {
                if self.prefixes.len() <= id {
                    self.prefixes.resize_with(id + 1, Sample::default);
                }
                if let Some(sample) = self.prefixes.get_mut(id) {
                    sample.add(0, row.dur);
                }
            }
        });
        self.walk = Some(walk);
        through
    }

    fn finish(&mut self, store: &Store) -> StoreSummary {
        let mut sums = StoreSummary::default();
        let figures = |name: &str, sample: &mut Sample| {
            sample.finish();
            Figures {
                name: name.to_owned(),
                count: sample.count,
                quantiles_us: [sample.quantile(0.5), sample.quantile(0.95)],
                exact: sample.is_exact(),
            }
        };
        for (action, sample) in Action::ALL.iter().zip(&mut self.actions) {
            sums.all += sample.count;
            if sample.count > 0 {
                sums.actions.push(figures(action.name(), sample));
            }
        }
        sums.computed = self.actions[Action::Compute as usize].count;
        for (id, sample) in self.prefixes.iter_mut().enumerate() {
            if sample.count > 0 {
                sums.prefixes.push(figures(store.prefix_name(id as u32), sample));
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::task::{Interval, Rgb};
    use base::time::Micros;

    fn put(store: &mut Store, prefix: &str, start: i64, dur: i64, action: Action) {
        store.insert(&Interval {
            key: "k",
            key_is_json: false,
            prefix,
            action,
            erred: false,
            worker: "w",
            thread: "w-1",
            start: Micros(start),
            duration: Micros(dur),
            color: Rgb(0, 0, 0),
            timebase: 0,
        });
    }

    #[test]
    fn counted_in_slices_and_seldom() {
        let mut store = Store::default();
        for i in 0..100 {
            put(&mut store, "a", i * 1000, i + 1, Action::Compute);
            put(&mut store, "b", i * 1000 + 500, 7, Action::Transfer);
        }
        let mut tally = StoreSummarizer::default();
        assert!(!tally.turn(0.0, false, &store) && tally.sums().is_none());
        assert!(tally.turn(0.0, true, &store));
        let sums = tally.sums().unwrap().clone();
        assert_eq!((sums.all, sums.computed), (200, 100));
        let figures = |name: &str, count, quantiles_us| Figures {
            name: name.into(),
            count,
            quantiles_us,
            exact: true,
        };
        let [compute, transfer] =
            [figures("compute", 100, [50, 95]), figures("transfer", 100, [7, 7])];
        assert_eq!(sums.actions, [compute, transfer]);
        assert_eq!(sums.prefixes, [figures("a", 100, [50, 95])], "only what was computed");
        assert_eq!(tally.wake_ms(&store), None, "nothing has changed since");
        put(&mut store, "b", 200_000, 9, Action::Compute);
        assert!(!tally.turn(AGAIN_MS - 1.0, true, &store), "at most every few seconds");
        assert_eq!(tally.wake_ms(&store), Some(AGAIN_MS));
        assert!(tally.turn(AGAIN_MS, true, &store));
        assert_eq!(tally.sums().unwrap().computed, 101);
    }

    #[test]
    fn no_turn_takes_more_than_a_slice() {
        let mut store = Store::default();
        for i in 0..50_000 {
            put(&mut store, "a", i * 100, 50, Action::Compute);
        }
        let mut tally = StoreSummarizer::default();
        for (now_ms, through) in [(0.0, false), (50.0, false), (100.0, false), (200.0, true)] {
            assert_eq!(tally.turn(now_ms, true, &store), through, "{now_ms}");
        }
        assert_eq!(tally.sums().unwrap().all, 50_000);
        assert!(!tally.sums().unwrap().actions[0].exact);
        put(&mut store, "a", 9_000_000, 50, Action::Compute);
        tally.turn(9e3, true, &store);
        tally.turn(9e3, false, &store);
        assert_eq!(tally.sums().unwrap().all, 50_000, "the last count stays");
        assert!(tally.wake_ms(&store).is_some(), "and the next begins anew");
    }
}
