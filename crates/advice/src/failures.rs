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
