//! Environments that differ: as far as failures and logs tell. The dashboard itself names no version
//! but Bokeh's.

use super::{Facts, Finding, Grade, Place};
use crate::base::fmt;

/// What is thrown where code meets another environment than the one it was pickled in.
const SIGNS: [&str; 8] = [
    "ModuleNotFoundError",
    "ImportError",
    "No module named",
    "Can't get attribute",
    "unsupported pickle protocol",
    "bad marshal data",
    "code expected at most",
    "Error during deserialization of the task graph",
];

/// Whether an exception is of a kind that differing environments make.
pub(super) fn is_of_environment(what: &str) -> bool {
    SIGNS.iter().any(|sign| what.contains(sign))
}

const REMEDY: &str = "Give client, scheduler and workers one environment: the same image or lock file for all, and the same \
                      option when the cluster is made. Which versions run where, the client knows.";
const CODE: &str = "client.get_versions(check=True)";

/// Workers cannot import, or unpickle, what they are sent.
pub(super) fn imports(facts: &Facts<'_>) -> Option<Finding> {
    let all = || facts.failures.iter().filter(|kind| is_of_environment(&kind.what));
    let worst = all().max_by_key(|kind| kind.count)?;
    let count: u64 = all().map(|kind| kind.count).sum();
    let what: String = worst.what.chars().take(160).collect();
    Some(Finding {
        id: "environment",
        grade: Grade::Bad,
        title: "The workers' environment may be another one".into(),
        evidence: format!(
            "{} failed for want of what the client has: {what}, on {}.",
            fmt::plural(count as u32, "task"),
            fmt::plural(worst.workers.len() as u32, "worker"),
        ),
        remedy: REMEDY,
        code: CODE,
        places: vec![Place::Pane("exceptions"), Place::Pane("logs")],
    })
}

/// A worker's log says that versions differ.
pub(super) fn versions(facts: &Facts<'_>) -> Option<Finding> {
    let (of, text) = facts.mismatch?;
    // Below the heading a table of packages; its rules and head are for wide screens.
    let rows = text.lines().filter(|line| line.starts_with('|')).skip(1);
    let mut packages = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        packages.push(cells.join(" "));
    }
    let packages =
        if packages.is_empty() { "its log has the list".into() } else { packages.join("; ") };
    Some(Finding {
        id: "versions",
        grade: Grade::Warn,
        title: "Versions differ".into(),
        evidence: format!(
            "The log of {} says so (package, there, scheduler, workers): {packages}.",
            if of.is_empty() { "the scheduler" } else { of }
        ),
        remedy: REMEDY,
        code: CODE,
        places: vec![Place::Pane("logs")],
    })
}
