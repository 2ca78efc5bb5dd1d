//! What shows how long something has lasted: small, because it is drawn again each second.

use std::rc::Rc;

use yew::prelude::*;

use super::is_gone;
use crate::ui::dom::{el, nothing, span, text};
use crate::ui::store::use_now;
use base::fmt;
use gateway::model::Status;
use session::state::Entry;

/// Properties of components that tell the age of a cluster.
#[derive(Properties, PartialEq)]
pub struct AgeProps {
    /// The cluster.
    pub entry: Rc<Entry>,
}

/// A cluster in one line, without its name.
#[component]
pub fn OneLine(props: &AgeProps) -> Html {
    text(one_line(&props.entry, use_now()))
}

/// How long a cluster has been idle, once that is worth a word.
#[component]
pub fn Waste(props: &AgeProps) -> Html {
    match long_idle(&props.entry, use_now()) {
        Some(idle) => span("waste").text(format!("idle {}", fmt_age(idle))).into(),
        None => nothing(),
    }
}

/// What a cluster does: nothing for a while, or so many tasks.
#[component]
pub fn Activity(props: &AgeProps) -> Html {
    let entry = &props.entry;
    if let Some(idle) = long_idle(entry, use_now()) {
        let why = "No task has run or waited for this long while this page watched";
        return span("waste").attr("title", why).text(format!("idle {}", fmt_age(idle))).into();
    }
    match entry.counts.filter(|_| entry.status() == Status::Running) {
        Some(counts) if counts.processing > 0 => {
            span("mute nowrap").text(format!("{} running", counts.processing)).into()
        }
        _ => nothing(),
    }
}

/// How long a cluster has waited, run or lived, as a number and its word.
#[component]
pub fn Age(props: &AgeProps) -> Html {
    let (entry, now) = (&props.entry, use_now());
    let (value, word) = match entry.status() {
        _ if is_gone(entry) => return nothing(),
        Status::Pending => (entry.age(now), "waiting"),
        Status::Running => (entry.age(now), "up"),
        Status::Stopping => return nothing(),
        Status::Stopped | Status::Failed => (entry.lived(), "lived"),
    };
    let Some(value) = value else { return nothing() };
    span("stat")
        .kid(el("b").text(fmt_age(value)))
        .kid(el("span").text(word))
        .set("title", format!("{} s", value as u64))
        .into()
}

/// Seconds that a cluster has been idle, where they are worth a word.
pub fn long_idle(entry: &Entry, now: f64) -> Option<f64> {
    entry.idle(now).filter(|idle| *idle >= 60.0)
}

fn one_line(entry: &Entry, now: f64) -> String {
    let age = entry.age(now).map(fmt_age).unwrap_or_default();
    let lived = entry.lived().map(fmt_age);
    if is_gone(entry) {
        return "removed by the gateway".into();
    }
    match entry.status() {
        Status::Pending => format!("starting, {age}"),
        Status::Running => match (entry.counts, entry.asked.workers) {
            (Some(counts), Some(asked)) if asked > counts.workers => {
                format!("{} of {asked} workers, {age}", counts.workers)
            }
            (Some(counts), _) => format!("{}, {age}", fmt::plural(counts.workers, "worker")),
            (None, _) => age,
        },
        Status::Stopping => "stopping".into(),
        Status::Stopped => {
            lived.map_or_else(|| "stopped".into(), |lived| format!("stopped after {lived}"))
        }
        Status::Failed => {
            lived.map_or_else(|| "failed".into(), |lived| format!("failed after {lived}"))
        }
    }
}

/// A duration in whole units, for ages.
pub fn fmt_age(secs: f64) -> String {
    if secs < 60.0 { format!("{} s", secs as u64) } else { fmt::secs(secs.floor()) }
}
