//! Environments that differ: as far as options, failures and logs tell. The dashboard itself names no
//! version but Bokeh's.

use serde_json::{Map, Value};

use super::{Facts, Finding, Grade, Place};
use base::dict::Dict;
use base::fmt;

/// Parts of an option's name by which it says in which environment a cluster runs.
const OPTIONS: [&str; 5] = ["env", "image", "conda", "container", "kernel"];
/// Environments of presets that are told at most.
const TOLD: usize = 3;

/// A cluster's environment that is not the one that was wanted.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct EnvironmentMismatch {
    /// Whether it is presets that have another one, not what was asked for.
    pub preset: bool,
    /// Which option says what, a sentence.
    pub evidence: String,
}

/// How a cluster's options, as the gateway reports them, differ in the environment from those it was
/// asked for with (empty where that is not known) or else from all presets that name one. Of texts only:
/// mappings hold variables, which may be secret.
pub fn odd(
    reported: &Map<String, Value>,
    wanted: &Map<String, Value>,
    presets: &Dict<Map<String, Value>>,
) -> Option<EnvironmentMismatch> {
    let mut of_presets = None;
    for (option, value) in reported {
        let name = option.to_ascii_lowercase();
        let Some(runs) = value.as_str().filter(|_| OPTIONS.iter().any(|one| name.contains(one)))
        else {
            continue;
        };
        let runs = option.to_owned() + " is \u{201c}" + runs + "\u{201d}, ";
        if let Some(asked) = wanted.get(option).and_then(Value::as_str) {
            if value.as_str() != Some(asked) {
                let evidence = runs + "according to the gateway. You requested " + asked + ".";
                return Some(EnvironmentMismatch { preset: false, evidence });
            }
            continue;
        }
        let mut theirs: Vec<&str> = Vec::new();
        for (_, preset) in presets.iter() {
            let other = preset.get(option).and_then(Value::as_str);
            theirs.extend(other.filter(|other| !theirs.contains(other)));
        }
        if !theirs.is_empty() && !theirs.iter().any(|one| value.as_str() == Some(one)) {
            theirs.truncate(TOLD);
            let evidence = runs + "but your presets have " + &theirs.join(", ") + ".";
            of_presets.get_or_insert(EnvironmentMismatch { preset: true, evidence });
        }
    }
    of_presets
}

/// The cluster was made with another environment than was wanted.
pub(super) fn options(facts: &Facts<'_>) -> Option<Finding> {
    let EnvironmentMismatch { preset, evidence } = facts.odd?;
    let (grade, title) = if *preset {
        (Grade::Note, "The environment differs from your presets")
    } else {
        (Grade::Warn, "The environment is not the one you requested")
    };
    Some(Finding {
        id: "environment-option",
        grade,
        title: title.into(),
        evidence: evidence.clone(),
        remedy: REMEDY,
        code: CODE,
        places: vec![Place::Pane("logs")],
    })
}

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

const REMEDY: &str = "Use the same environment for client, scheduler and workers: one image or lock file, and the same option \
                      when you create the cluster. This code lists the versions:";
const CODE: &str = "client.get_versions(check=True)";

/// Workers cannot import, or unpickle, what they are sent.
pub(super) fn imports(facts: &Facts<'_>) -> Option<Finding> {
    let all = || facts.failures.iter().filter(|kind| is_of_environment(&kind.what));
    let worst = all().max_by_key(|kind| kind.count)?;
    let count: u64 = all().map(|kind| kind.count).sum();
    let what: String = worst.what.chars().take(160).collect();
    // The text is of one kind; the tasks and where they ran, of all.
    let mut workers: Vec<&str> = Vec::new();
    for worker in all().flat_map(|kind| &kind.workers) {
        if !workers.contains(&worker.as_str()) {
            workers.push(worker);
        }
    }
    let example = if all().count() > 1 { "for example " } else { "" };
    // Those were counted while they were few.
    let least =
        if facts.failures.iter().any(|kind| kind.what.is_empty()) { "At least " } else { "" };
    Some(Finding {
        id: "environment",
        grade: Grade::Bad,
        title: "The workers' environment may be another one".into(),
        evidence: format!(
            "{least}{} failed for want of what the client has: {example}{what}, on {}.",
            fmt::plural(count as u32, "task"),
            fmt::plural(workers.len() as u32, "worker"),
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
        if packages.is_empty() { "see its log for the list".into() } else { packages.join("; ") };
    Some(Finding {
        id: "versions",
        grade: Grade::Warn,
        title: "Package versions differ".into(),
        evidence: format!(
            "From the log of {} (package, here, scheduler, workers): {packages}.",
            if of.is_empty() { "the scheduler" } else { of }
        ),
        remedy: REMEDY,
        code: CODE,
        places: vec![Place::Pane("logs")],
    })
}
