//! What failed: exceptions by kind, and workers that were started again.

use super::{Facts, Finding, Grade, Place, environment};
use crate::app::stream::spoken;
use base::fmt;
use base::time::Micros;

/// Failures of one kind from which it is said: fewer may be tried again, or expected.
const MANY: u64 = 5;
/// How far back restarts are told, ms.
const RESTARTS_MS: f64 = 600_000.0;
/// Restarts of all workers within this time are one deed, ms.
const AT_ONCE_MS: f64 = 30_000.0;

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

impl Kind {
    /// Whether it is of those that differing environments make.
    pub fn is_of_environment(&self) -> bool {
        environment::is_of_environment(&self.what)
    }
}

/// The type in an exception's text.
fn type_of(what: &str) -> &str {
    what.split('(').next().unwrap_or(what)
}

/// The rows of the exceptions page (what, task, workers, how often, traceback) by kind; `when` tells
/// when the task of a row failed, where that is known.
pub fn kinds(rows: Vec<Vec<String>>, when: &dyn Fn(usize) -> Option<Micros>) -> Vec<Kind> {
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
        if let Some(at) = when(at) {
            let (first, last) = kind.times.unwrap_or((at, at));
            kind.times = Some((first.min(at), last.max(at)));
        }
    }
    kinds
}

/// Many failures of one kind.
pub(super) fn of_one_kind(facts: &Facts<'_>) -> Option<Finding> {
    // Where some are known by their text and all by their prefix, they are the same ones.
    let sum = |blank: bool| -> u64 {
        let some = facts.failures.iter().filter(|kind| kind.what.is_empty() == blank);
        some.map(|kind| kind.count).sum()
    };
    let all = sum(true).max(sum(false));
    let others = |kind: &&Kind| !kind.is_of_environment();
    let worst = facts.failures.iter().filter(others).max_by_key(|kind| kind.count)?;
    if worst.count < MANY {
        return None;
    }
    let count = fmt::count(worst.count);
    let (title, evidence) = if worst.what.is_empty() {
        let title = format!("{count} tasks of {} failed", worst.task);
        (title, format!("Of {} that failed and that the scheduler still knows.", fmt::count(all)))
    } else {
        let what: String = worst.what.chars().take(120).collect();
        let evidence = format!(
            "{what}, thrown {count} times at one place on {}, for example by {}. {} failures are known in all{}.",
            fmt::plural(worst.workers.len() as u32, "worker"),
            worst.task,
            fmt::count(all),
            if all >= KEPT { ": the last that Dask keeps" } else { "" },
        );
        (format!("{count} × {}", type_of(&worst.what)), evidence)
    };
    Some(Finding {
        id: "failures",
        grade: Grade::Bad,
        title,
        evidence,
        remedy: "One kind of failure has one cause: its traceback says where. Run one of these tasks where you can look.",
        code: "client.recreate_error_locally(future)",
        places: vec![
            Place::Pane("exceptions"),
            Place::Stream { query: "status:erred".into(), span: None },
        ],
    })
}

/// Failures that Dask's page of exceptions lists at most by default
/// (`distributed.diagnostics.erred-tasks.max-history`): at so many, there may have been more.
pub const KEPT: u64 = 100;

/// Workers were started again.
pub(super) fn restarts(facts: &Facts<'_>) -> Option<Finding> {
    let restarts = facts.watch.restarts(facts.now_ms - RESTARTS_MS);
    let (first, last) = (restarts.first()?, restarts.last()?);
    let mut names: Vec<(&str, u32)> = Vec::new();
    for restart in restarts {
        match names.iter_mut().find(|(name, _)| *name == restart.name) {
            Some((_, count)) => *count += 1,
            None => names.push((&restart.name, 1)),
        }
    }
    let all_at_once = names.len() >= 2
        && names.len() >= facts.workers.len()
        && last.at_ms - first.at_ms <= AT_ONCE_MS;
    let mut listed = String::new();
    for (name, count) in names.iter().take(5) {
        let comma = if listed.is_empty() { "" } else { ", " };
        let times = if *count > 1 { format!(" ({count} times)") } else { String::new() };
        listed = format!("{listed}{comma}{name}{times}");
    }
    if names.len() > 5 {
        listed = format!("{listed} and {} more", names.len() - 5);
    }
    Some(Finding {
        id: "restarts",
        grade: if all_at_once { Grade::Note } else { Grade::Warn },
        title: if all_at_once {
            "All workers were started again".into()
        } else {
            format!("{} started again", fmt::plural(names.len() as u32, "worker"))
        },
        evidence: format!(
            "{listed}: back under the same name at another address in the last {}. What they held is computed again.",
            fmt::secs(((facts.now_ms - first.at_ms) / 1e3).max(60.0)),
        ),
        remedy: if all_at_once {
            "Somebody called client.restart(), or the cluster was restarted: then all is well."
        } else {
            "Mostly it is memory: a nanny ends a worker at 95 % of its limit. Or the process crashed: its log, or that of \
             the system that started it, says so."
        },
        code: "",
        places: vec![Place::Pane("logs"), Place::Pane("memory")],
    })
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
        let when = |at: usize| [Some(Micros(9)), Some(Micros(4)), None, None].get(at).copied()?;
        let kinds = kinds(rows, &when);
        assert_eq!(kinds.iter().map(|kind| kind.count).collect::<Vec<_>>(), [2, 1, 1]);
        assert_eq!(kinds[0].task, "('x-1', 2)");
        assert_eq!(kinds[0].workers, ["tcp://a:1", "tcp://b:1"]);
        assert_eq!(kinds[0].times, Some((Micros(4), Micros(9))));
        assert_eq!(kinds[1].times, None);
    }
}
