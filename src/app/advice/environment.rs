//! Environments that differ: as far as options, failures and logs tell. The dashboard itself names no
//! version but Bokeh's.

use serde_json::{Map, Value};

use super::{Facts, Finding, Grade, Place};
use crate::base::fmt;

/// Parts of an option's name by which it says in which environment a cluster runs.
const OPTIONS: [&str; 5] = ["env", "image", "conda", "container", "kernel"];
/// Environments of presets that are told at most.
const TOLD: usize = 3;

/// An option that says in which environment a cluster runs, and does not say what was wanted.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct Odd {
    /// The option.
    pub option: String,
    /// What the gateway reports.
    pub runs: String,
    /// What was asked for, or what presets have.
    pub wanted: String,
    /// Whether it is presets that have something else, not what was asked for.
    pub preset: bool,
}

/// How a cluster's options, as the gateway reports them, differ in the environment from those it was
/// asked for with (empty where that is not known) or else from all presets that name one. Of texts only:
/// mappings hold variables, which may be secret.
pub fn odds<'a>(
    reported: &Map<String, Value>,
    wanted: &Map<String, Value>,
    presets: impl Iterator<Item = &'a Map<String, Value>> + Clone,
) -> Vec<Odd> {
    let mut odds = Vec::new();
    for (option, value) in reported {
        let name = option.to_ascii_lowercase();
        let Some(runs) = value.as_str().filter(|_| OPTIONS.iter().any(|one| name.contains(one)))
        else {
            continue;
        };
        let asked = wanted.get(option).and_then(Value::as_str);
        let mut theirs: Vec<&str> = Vec::new();
        if asked.is_none() {
            for other in presets.clone().filter_map(|preset| preset.get(option)?.as_str()) {
                if !theirs.contains(&other) {
                    theirs.push(other);
                }
            }
        }
        let odd = asked.is_some_and(|asked| asked != runs)
            || !theirs.is_empty() && !theirs.contains(&runs);
        if odd {
            theirs.truncate(TOLD);
            odds.push(Odd {
                option: option.clone(),
                runs: runs.to_owned(),
                wanted: asked.map_or_else(|| theirs.join(", "), str::to_owned),
                preset: asked.is_none(),
            });
        }
    }
    odds
}

/// The cluster was made with another environment than was wanted.
pub(super) fn options(facts: &Facts<'_>) -> Option<Finding> {
    let Odd { option, runs, wanted, preset } = facts.odds.iter().min_by_key(|odd| odd.preset)?;
    let (grade, title, evidence) = if *preset {
        let evidence = format!("{option} is \u{201c}{runs}\u{201d}, in your presets {wanted}.");
        (Grade::Note, "Not the environment of your presets", evidence)
    } else {
        let evidence = format!(
            "{option}: asked for was \u{201c}{wanted}\u{201d}, the gateway reports \u{201c}{runs}\u{201d}."
        );
        (Grade::Warn, "Another environment than was asked for", evidence)
    };
    Some(Finding {
        id: "environment-option",
        grade,
        title: title.into(),
        evidence,
        remedy: "If that is not meant, make the cluster anew with the environment that your notebook runs in. Which versions \
                 run where, the client knows.",
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
