//! What failed: exceptions by kind, and workers that were started again.

use super::{Facts, Finding, Grade, Place, environment};
use base::fmt;
use live::exceptions::{KEPT, Kind, type_of};

/// Failures of one kind from which it is said: fewer may be tried again, or expected.
const MANY: u64 = 5;
/// How far back restarts are told, ms.
const RESTARTS_MS: f64 = 600_000.0;
/// Restarts of all workers within this time are one deed, ms.
const AT_ONCE_MS: f64 = 30_000.0;

/// Many failures of one kind.
pub(super) fn of_one_kind(facts: &Facts<'_>) -> Option<Finding> {
    // Where some are known by their text and all by their prefix, they are the same ones.
    let sum = |blank: bool| -> u64 {
        let some = facts.failures.iter().filter(|kind| kind.what.is_empty() == blank);
        some.map(|kind| kind.count).sum()
    };
    let all = sum(true).max(sum(false));
    let others = |kind: &&Kind| !environment::is_of_environment(&kind.what);
    let worst = facts.failures.iter().filter(others).max_by_key(|kind| kind.count)?;
    if worst.count < MANY {
        return None;
    }
    let count = fmt::count(worst.count);
    let (title, evidence) = if worst.what.is_empty() {
        let title = format!("{count} tasks of {} failed", worst.task);
        (title, format!("The scheduler still knows of {} failed tasks.", fmt::count(all)))
    } else {
        let what: String = worst.what.chars().take(120).collect();
        let evidence = format!(
            "{what} was raised {count} times at the same place, on {}, for example by {}. Known failures in all: {}{}.",
            fmt::plural(worst.workers.len() as u32, "worker"),
            worst.task,
            fmt::count(all),
            if all >= KEPT { " (Dask keeps no more)" } else { "" },
        );
        (format!("{count} × {}", type_of(&worst.what)), evidence)
    };
    Some(Finding {
        id: "failures",
        grade: Grade::Bad,
        title,
        evidence,
        remedy: "Failures of one kind usually have one cause: the traceback shows where. Run one of these tasks again in your own process:",
        code: "client.recreate_error_locally(future)",
        places: vec![
            Place::Pane("exceptions"),
            Place::Stream { query: "status:erred".into(), span: None },
        ],
    })
}

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
            "All workers restarted".into()
        } else {
            format!("{} restarted", fmt::plural(names.len() as u32, "worker"))
        },
        evidence: format!(
            "{listed}: restarted in the last {}. Dask computes again what they held.",
            fmt::secs(((facts.now_ms - first.at_ms) / 1e3).max(60.0)),
        ),
        remedy: if all_at_once {
            "If somebody called client.restart(), this is expected."
        } else {
            "Most often the worker ran out of memory: its nanny restarts it at 95 % of its memory limit. Or the process \
             crashed: check its log, or the log of the system that started it."
        },
        code: "",
        places: vec![Place::Pane("logs"), Place::Pane("memory")],
    })
}
