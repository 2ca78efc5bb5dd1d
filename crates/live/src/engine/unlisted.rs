//! Prefixes beyond the 24 that Dask's progress page lists, from `/metrics` where that can be read.

use super::{Changed, Engine};
use feed::metrics::{self, Runs};
use feed::pool::DashboardPage;
use feed::progress::ProgressHold;
use stream::TaskStreamModel;

/// Between two looks into `/metrics`, ms: they are long, and the scheduler makes them anew each time.
const EVERY_MS: f64 = 15_000.0;
/// The least time that a rate is taken over, ms.
const LEAST_MS: f64 = 5_000.0;

impl Engine {
    /// `/metrics` answered, or did not.
    pub(super) fn take_metrics(&mut self, text: Option<&str>, changed: &mut Changed) {
        let made = text.and_then(metrics::parse);
        self.unlisted.set_unread(made.is_none());
        if let Some(text) = text.filter(|_| self.unlisted.any()) {
            let listed = self.progress.rows();
            let wanted = |name: &str| listed.iter().all(|(row, _)| row.name != name);
            self.unlisted.take(metrics::runs(text, &wanted), self.now_ms);
        }
        self.completeness.on_ended(made.map(|made| made.ended as usize));
        if let Some(made) = made {
            self.audit.note_work(made.unfinished.is_some_and(|tasks| tasks > 0.0));
            self.stream.borrow_mut().note_succeeded(made.succeeded as u64);
            changed.stream = true;
        } else if !self.pool.is_open(DashboardPage::Progress) {
            self.audit.forget_work();
        }
        changed.tables = true;
    }
}

/// Tells progress what the task stream has seen done.
pub(super) fn complete(progress: &mut ProgressHold, stream: &TaskStreamModel, old: bool) -> bool {
    let store = stream.store();
    progress.complete(old, &|name| store.prefix_named(name).map_or(0, |prefix| prefix.count[0]))
}

/// What is known of them.
#[derive(Clone, Debug, Default)]
pub struct UnlistedPrefixes {
    any: bool,
    unread: bool,
    /// Their runs since the scheduler began, and how many a second of late.
    runs: Vec<(Runs, Option<f64>)>,
    taken_ms: Option<f64>,
    asked_ms: Option<f64>,
}

impl UnlistedPrefixes {
    /// Whether there are such.
    pub fn any(&self) -> bool {
        self.any
    }

    /// Hears whether `/metrics` could not be read, or did not count.
    pub fn set_unread(&mut self, unread: bool) {
        self.unread = unread;
    }

    /// Whether nothing tells of each of them.
    pub fn is_unread(&self) -> bool {
        self.unread
    }

    /// Their runs since the scheduler began, and how many ended a second between the last two looks.
    pub fn runs(&self) -> &[(Runs, Option<f64>)] {
        &self.runs
    }

    /// Hears whether there are such; says whether `/metrics` are to be asked.
    pub fn asks(&mut self, any: bool, now_ms: f64) -> bool {
        self.any = any;
        if !any {
            self.runs.clear();
            self.taken_ms = None;
            return false;
        }
        let due = self.asked_ms.is_none_or(|asked| asked + EVERY_MS <= now_ms);
        if due {
            self.asked_ms = Some(now_ms);
        }
        due
    }

    /// Takes what `/metrics` say now. Two looks close to each other tell no rate: the older one then
    /// stays the one to count from.
    pub fn take(&mut self, runs: Vec<Runs>, now_ms: f64) {
        let since = self.taken_ms.map_or(0.0, |taken| now_ms - taken);
        if self.taken_ms.is_some() && since < LEAST_MS {
            return;
        }
        let old = std::mem::take(&mut self.runs);
        let rate = |new: &Runs| {
            let (old, _) = old.iter().find(|(old, _)| old.prefix == new.prefix)?;
            let more = (new.done + new.erred).checked_sub(old.done + old.erred)?;
            Some(more as f64 / (since / 1e3))
        };
        self.runs = runs.into_iter().map(|new| (new.clone(), rate(&new))).collect();
        self.taken_ms = Some(now_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asked_only_where_there_are_more() {
        let mut unlisted = UnlistedPrefixes::default();
        assert!(!unlisted.asks(false, 0.0));
        assert!(unlisted.asks(true, 0.0));
        assert!(!unlisted.asks(true, 100.0));
        assert!(unlisted.asks(true, EVERY_MS));
        unlisted.take(vec![Runs::default()], EVERY_MS);
        assert!(!unlisted.asks(false, 2.0 * EVERY_MS) && unlisted.runs().is_empty());
    }

    #[test]
    fn rates_are_between_two_looks() {
        let runs = |name: &str, done| Runs { prefix: name.into(), done, erred: 1 };
        let mut unlisted = UnlistedPrefixes::default();
        unlisted.take(vec![runs("a", 10)], 0.0);
        assert_eq!(unlisted.runs()[0].1, None);
        unlisted.take(vec![runs("a", 11)], 1000.0);
        assert_eq!(unlisted.runs()[0].0.done, 10, "too soon");
        unlisted.take(vec![runs("b", 7), runs("a", 40)], 15_000.0);
        assert_eq!((unlisted.runs()[0].1, unlisted.runs()[1].1), (None, Some(2.0)));
        // A scheduler that began anew counts from nothing.
        unlisted.take(vec![runs("a", 2)], 30_000.0);
        assert_eq!(unlisted.runs()[0].1, None);
    }
}
