//! How fast tasks get done, and when the rest will be if it goes on so.

use std::collections::VecDeque;

/// Over how long the rate is taken, ms. Longer: calmer, and later to see a change.
const WINDOW_MS: f64 = 20_000.0;
/// How long must have been seen before a rate is said, ms.
const LEAST_MS: f64 = 2000.0;
/// Fewer tasks than this say nothing of those to come.
const LEAST_TASKS: u64 = 5;
/// The range of the time left is this many standard deviations wide to either side. A count of n events that come
/// at random varies by the square root of n.
const DEVIATIONS: f64 = 1.5;
/// So many times what was left is other work.
const FRESH: u64 = 10;
/// Between two marks that are kept, ms: updates may come ten times a second.
const APART_MS: f64 = 250.0;

/// Tasks done over the last while.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    /// When, and how many were done then.
    marks: VecDeque<(f64, u64)>,
    /// The newest: when, done, and of how many.
    now: (f64, u64, u64),
}

/// What is said of it.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Forecast {
    /// Tasks a second.
    pub rate: f64,
    /// Seconds until all tasks known now are done, at that rate: an estimate, as if those to come were
    /// like those that were.
    pub left_secs: f64,
    /// From how many to how many seconds that may well be, since the rate comes from so few tasks.
    pub left_range: [f64; 2],
}

impl Pace {
    /// What is counted from now on is something else.
    pub fn restart(&mut self) {
        self.marks.clear();
    }

    /// So many of all tasks are done at `now_ms`.
    pub fn note(&mut self, now_ms: f64, done: u64, all: u64) {
        // New work, after there was little left or none: what was slow then says nothing of it.
        let left = self.now.2.saturating_sub(self.now.1);
        let rested = all > self.now.2 && left.saturating_mul(FRESH) < all.saturating_sub(done);
        if done < self.now.1 && all < self.now.2 && done > 0 {
            // The scheduler has let go of some that were done: that takes nothing from the pace.
            let gone = self.now.1 - done;
            for (_, mark) in &mut self.marks {
                *mark = mark.saturating_sub(gone);
            }
            self.now.1 = done;
        }
        if done < self.now.1 || now_ms < self.now.0 || rested {
            // Others than before.
            self.marks.clear();
        }
        self.now = (now_ms, done, all);
        if self.marks.back().is_none_or(|last| last.0 + APART_MS <= now_ms) {
            self.marks.push_back((now_ms, done));
        }
        // One mark stays before the window, so that it is always whole.
        while self.marks.get(1).is_some_and(|second| second.0 + WINDOW_MS <= now_ms) {
            self.marks.pop_front();
        }
    }

    /// The forecast at `now_ms`, while there is work left and enough was seen to be done.
    pub fn forecast(&self, now_ms: f64) -> Option<Forecast> {
        let (_, done, all) = self.now;
        let first = self.marks.front()?;
        let since = now_ms - first.0;
        let seen = done.saturating_sub(first.1);
        if all <= done || seen < LEAST_TASKS || since < LEAST_MS {
            return None;
        }
        // What came last may be long ago: nothing new comes while a long task runs.
        let rate = seen as f64 / (since / 1e3);
        let left_secs = (all - done) as f64 / rate;
        let error = DEVIATIONS / (seen as f64).sqrt();
        let left_range = [left_secs / (1.0 + error), left_secs / (1.0 - error)];
        Some(Forecast { rate, left_secs, left_range })
    }
}

/// The pace of each prefix.
#[derive(Clone, Debug, Default)]
pub struct Paces(Vec<(String, Pace)>);

impl Paces {
    /// What each of some prefixes has done, and of how many; the others are forgotten.
    pub fn note<'a>(&mut self, now_ms: f64, rows: impl Iterator<Item = (&'a str, u64, u64)>) {
        let mut old = std::mem::take(&mut self.0);
        for (name, done, all) in rows {
            let known = old.iter().position(|(known, _)| known == name);
            let (name, mut pace) = match known {
                Some(at) => old.swap_remove(at),
                None => (name.to_owned(), Pace::default()),
            };
            pace.note(now_ms, done, all);
            self.0.push((name, pace));
        }
    }

    /// The forecast of one of them.
    pub fn forecast(&self, name: &str, now_ms: f64) -> Option<Forecast> {
        self.0.iter().find(|(known, _)| known == name)?.1.forecast(now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steady_work() {
        let mut pace = Pace::default();
        assert_eq!(pace.forecast(0.0), None);
        for step in 0..=600u64 {
            pace.note(step as f64 * 100.0, step * 5, 6000);
        }
        let Forecast { rate, left_secs, .. } = pace.forecast(60_000.0).unwrap();
        assert!((rate - 50.0).abs() < 1.0 && (left_secs - 60.0).abs() < 2.0, "{rate} {left_secs}");
        assert!(pace.marks.len() < 90, "{}", pace.marks.len());
        // Nothing more comes: slower and slower.
        let later = pace.forecast(70_000.0).unwrap();
        assert!(later.rate < rate * 0.75);
        pace.note(80_000.0, 6000, 6000);
        assert_eq!(pace.forecast(80_000.0), None, "all is done");
    }

    #[test]
    fn few_tasks_say_nothing_and_more_say_it_more_exactly() {
        let at = |seen: u64| {
            let mut pace = Pace::default();
            pace.note(0.0, 0, 1000);
            pace.note(10_000.0, seen, 1000);
            pace.forecast(10_000.0)
        };
        assert_eq!(at(1), None, "15 min, then 30 s: not worth being said");
        assert_eq!(at(LEAST_TASKS - 1), None);
        let wide = |seen| at(seen).map(|it| it.left_range[1] / it.left_range[0]);
        let (few, many) = (wide(LEAST_TASKS).unwrap(), wide(900).unwrap());
        assert!(few < 6.0 && many < 1.2, "{few} {many}");
        let it = at(100).unwrap();
        assert!(it.left_range[0] < it.left_secs && it.left_secs < it.left_range[1]);
    }

    #[test]
    fn each_prefix_by_itself() {
        let mut paces = Paces::default();
        paces.note(0.0, [("a", 0, 100), ("b", 0, 10)].into_iter());
        paces.note(5000.0, [("b", 5, 10), ("a", 100, 100)].into_iter());
        assert_eq!(paces.forecast("a", 5000.0), None, "done");
        let b = paces.forecast("b", 5000.0).unwrap();
        assert_eq!((b.rate, b.left_secs), (1.0, 5.0));
        paces.note(6000.0, [("a", 100, 100)].into_iter());
        assert_eq!(paces.forecast("b", 6000.0), None, "forgotten");
    }

    #[test]
    fn what_is_let_go_of_takes_nothing_from_the_pace() {
        let mut pace = Pace::default();
        for second in 0..10 {
            pace.note(f64::from(second) * 1e3, 100 + 10 * second as u64, 400);
        }
        pace.note(10_000.0, 150, 350);
        let rate = pace.forecast(10_000.0).map(|it| it.rate);
        assert!(rate.is_some_and(|rate| (8.9..=10.1).contains(&rate)), "{rate:?}");
    }

    #[test]
    fn much_new_work_is_not_as_slow_as_the_rest_of_the_old() {
        let mut pace = Pace::default();
        // One task that takes long, after ten; then much comes, of which 50 a second get done.
        for step in 0..100u64 {
            pace.note(step as f64 * 100.0, 10, 11);
        }
        for step in 0..40u64 {
            pace.note(10_000.0 + step as f64 * 100.0, 10 + step * 5, 6000);
        }
        let rate = pace.forecast(14_000.0).unwrap().rate;
        assert!((45.0..=55.0).contains(&rate), "{rate}");
        // A few more are the same work.
        pace.note(14_000.0, 210, 6100);
        assert!(pace.forecast(14_100.0).is_some());
    }

    #[test]
    fn another_run_begins_anew() {
        let mut pace = Pace::default();
        pace.note(0.0, 10, 20);
        pace.note(3000.0, 15, 20);
        assert!(pace.forecast(3000.0).is_some());
        pace.note(4000.0, 1, 50);
        assert_eq!(pace.forecast(4500.0), None, "too little was seen of it");
        pace.note(8000.0, 1, 50);
        assert_eq!(pace.forecast(8000.0), None, "none was done");
        // All is done, nothing for ten minutes, then more: the pause is no part of its pace.
        pace.note(10_000.0, 50, 50);
        pace.note(610_000.0, 50, 150);
        pace.note(615_000.0, 100, 150);
        assert_eq!(pace.forecast(615_000.0).map(|it| it.rate), Some(10.0));
    }
}
