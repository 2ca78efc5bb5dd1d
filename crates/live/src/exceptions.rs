//! What Dask's page of exceptions tells, by kind, and when tasks failed.

use base::hash::hash_str;
use base::sort::sort_by;
use base::task::Interval;
use base::time::Micros;
use stream::spoken;

/// Failures that Dask's page of exceptions lists at most by default
/// (`distributed.diagnostics.erred-tasks.max-history`): at so many, there may have been more.
pub const KEPT: u64 = 100;
/// Failed tasks whose time is kept.
const MOST_FAILED: usize = 20_000;

/// Exceptions of one type, thrown at one place.
#[derive(Clone, Eq, PartialEq, Debug, Default)]
pub struct Kind {
    /// One of them, as Python writes it; empty where only the prefix is known.
    pub what: String,
    /// Where it was thrown.
    pub traceback: String,
    /// A task that failed so, or the prefix of those that failed.
    pub task: String,
    /// The workers' addresses.
    pub workers: Vec<String>,
    /// How often.
    pub count: u64,
    /// When a task that is held failed so first, and last.
    pub times: Option<(Micros, Micros)>,
}

/// The type in an exception's text.
pub fn type_of(what: &str) -> &str {
    what.split('(').next().unwrap_or(what)
}

/// The rows of the exceptions page (what, task, workers, how often, traceback) by kind; `when` tells
/// when the task of a row failed first and last, where that is known.
pub fn kinds(
    rows: Vec<Vec<String>>,
    when: &dyn Fn(usize) -> Option<(Micros, Micros)>,
) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for (at, row) in rows.into_iter().enumerate() {
        let Ok([what, task, workers, count, traceback]) = <[String; 5]>::try_from(row) else {
            continue;
        };
        let count = count.parse().unwrap_or(1);
        let known = kinds
            .iter()
            .position(|kind| kind.traceback == traceback && type_of(&kind.what) == type_of(&what));
        let known = known.unwrap_or_else(|| {
            let task = spoken(&task, task.starts_with('['));
            kinds.push(Kind { what, traceback, task, ..Kind::default() });
            kinds.len() - 1
        });
        let Some(kind) = kinds.get_mut(known) else { continue };
        kind.count += count;
        for worker in workers.split(',').map(str::trim) {
            if !kind.workers.iter().any(|known| known == worker) {
                kind.workers.push(worker.to_owned());
            }
        }
        if let Some(times) = when(at) {
            kind.times = Some(joined(kind.times, times));
        }
    }
    kinds
}

/// The first and the last of two pairs of times.
fn joined(known: Option<(Micros, Micros)>, (first, last): (Micros, Micros)) -> (Micros, Micros) {
    known.map_or((first, last), |known| (known.0.min(first), known.1.max(last)))
}

/// When tasks failed.
#[derive(Clone, Default, Debug)]
pub struct FailureTimes {
    /// Key, hashed; time base; end in it, µs.
    rows: Vec<(u64, u32, i64)>,
}

impl FailureTimes {
    /// Takes a row of the task stream.
    pub fn note(&mut self, row: &Interval) {
        if row.erred {
            if self.rows.len() >= MOST_FAILED {
                self.rows.drain(..MOST_FAILED / 2);
            }
            let end = row.start + row.duration;
            self.rows.push((hash_str(row.key), row.timebase, end.0));
        }
    }

    /// Rows of one time base are of another one from now on.
    pub fn fold(&mut self, timebase: u32, into: u32) {
        for row in self.rows.iter_mut().filter(|row| row.1 == timebase) {
            row.1 = into;
        }
    }

    /// Moves the rows of a time base.
    pub fn shift(&mut self, timebase: u32, by: Micros) {
        for row in self.rows.iter_mut().filter(|row| row.1 == timebase) {
            row.2 += by.0;
        }
    }

    /// The rows of the exceptions page by kind, with times where the task stream has them.
    pub fn kinds(&self, rows: Vec<Vec<String>>) -> Vec<Kind> {
        // The page may list very many, and so may the stream: hashes in order meet quickly.
        let mut keys: Vec<(u64, usize)> = Vec::with_capacity(rows.len());
        for (at, row) in rows.iter().enumerate() {
            keys.push((row.get(1).map_or(0, |key| hash_str(key)), at));
        }
        sort_by(&mut keys, Ord::cmp);
        let mut times = vec![None; rows.len()];
        for (key, _, end) in &self.rows {
            let first = keys.partition_point(|other| other.0 < *key);
            for (_, at) in keys.iter().skip(first).take_while(|other| other.0 == *key) {
                // A task may fail more than once: it is retried, or submitted again.
                if let Some(times) = times.get_mut(*at) {
                    *times = Some(joined(*times, (Micros(*end), Micros(*end))));
                }
            }
        }
        kinds(rows, &|at| times.get(at).copied().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(what: &str, task: &str, workers: &str, traceback: &str) -> Vec<String> {
        [what, task, workers, "1", traceback].map(String::from).to_vec()
    }

    #[test]
    fn kinds_by_type_and_place() {
        let rows = vec![
            row("ValueError('a')", "[\"x-1\",2]", "tcp://a:1", "line 1"),
            row("ValueError('b')", "y", "tcp://a:1,\ntcp://b:1", "line 1"),
            row("ValueError('b')", "y", "tcp://a:1", "line 2"),
            row("KeyError('b')", "y", "", "line 1"),
            vec!["odd".into()],
        ];
        let when = |at: usize| {
            [Some((Micros(9), Micros(9))), Some((Micros(4), Micros(5)))].get(at).copied()?
        };
        let kinds = kinds(rows, &when);
        assert_eq!(kinds.iter().map(|kind| kind.count).collect::<Vec<_>>(), [2, 1, 1]);
        assert_eq!(kinds[0].task, "('x-1', 2)");
        assert_eq!(kinds[0].workers, ["tcp://a:1", "tcp://b:1"]);
        assert_eq!(kinds[0].times, Some((Micros(4), Micros(9))));
        assert_eq!(kinds[1].times, None);
    }

    #[test]
    fn a_task_that_failed_twice_has_two_times() {
        let mut failed = FailureTimes::default();
        for (key, start) in [("a", 100), ("b", 700), ("a", 900)] {
            failed.note(&Interval {
                key,
                key_is_json: false,
                prefix: "p",
                action: base::task::Action::Compute,
                erred: true,
                worker: "w",
                thread: "1",
                start: Micros(start),
                duration: Micros(50),
                color: base::task::Rgb(0, 0, 0),
                timebase: 0,
            });
        }
        let kinds = failed.kinds(vec![row("ValueError('x')", "a", "w", "line 1")]);
        assert_eq!(kinds[0].times, Some((Micros(150), Micros(950))));
    }
}
