//! Prefixes beyond the 24 that Dask's progress page lists, from `/metrics` where that can be read.

use crate::feed::metrics::Runs;
use crate::feed::progress::{MAX_LISTED, Progress};

/// Between two looks into `/metrics`, ms: they are long, and the scheduler makes them anew each time.
const EVERY_MS: f64 = 15_000.0;

/// What is known of them.
#[derive(Clone, Debug, Default)]
pub struct Beyond {
    /// Whether there are such.
    pub any: bool,
    /// Their runs since the scheduler began.
    pub runs: Vec<Runs>,
    asked_ms: Option<f64>,
}

impl Beyond {
    /// Takes a state of the progress page; says whether `/metrics` are to be asked.
    pub fn asks(&mut self, progress: &Progress, now_ms: f64) -> bool {
        let listed: u64 = progress.rows.iter().map(|row| row.counts.all).sum();
        let all = progress.totals.map_or(listed, |totals| totals.all);
        self.any = progress.rows.len() >= MAX_LISTED && listed < all;
        if !self.any {
            self.runs.clear();
            return false;
        }
        let due = self.asked_ms.is_none_or(|asked| asked + EVERY_MS <= now_ms);
        if due {
            self.asked_ms = Some(now_ms);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::task::Rgb;
    use crate::feed::progress::{Counts, ProgressRow};

    #[test]
    fn asked_only_where_there_are_more() {
        let counts = Counts { all: 10, ..Counts::default() };
        let row = ProgressRow { name: "a".into(), counts, color: Rgb(0, 0, 0) };
        let state = |rows, all| Progress {
            rows: vec![row.clone(); rows],
            totals: Some(Counts { all, ..Counts::default() }),
        };
        let mut beyond = Beyond::default();
        assert!(!beyond.asks(&state(23, 900), 0.0), "the title counts what the rows do not, yet");
        assert!(!beyond.asks(&state(24, 240), 0.0));
        assert!(beyond.asks(&state(24, 250), 0.0));
        assert!(!beyond.asks(&state(24, 250), 100.0));
        assert!(beyond.asks(&state(24, 250), EVERY_MS));
        beyond.runs.push(Runs::default());
        assert!(!beyond.asks(&state(2, 20), 2.0 * EVERY_MS) && beyond.runs.is_empty());
    }
}
