//! Questions before something is lost, and the map of keys.

use std::rc::Rc;

use yew::prelude::*;

use super::ages::{AgeProps, OneLine, fmt_age, long_idle};
use super::ask::{answer, ask};
use crate::ui::dom::{El, div, el, list, nothing};
use crate::ui::store::{Dispatch, use_now};
use crate::ui::widgets::acts;
use base::fmt;
use gateway::model::Status;
use session::action::Action;
use session::state::{Dialog, Entry, State};

const CANCEL: fn() -> Action = || Action::Cancel;

/// A question that is answered by yes or no.
struct YesNo {
    title: AttrValue,
    content: Vec<Html>,
    /// What the button says that does it.
    yes: &'static str,
    /// The names of both buttons for tests.
    ids: (&'static str, &'static str),
}

/// The open question, if there is one.
pub fn dialog(state: &State, dispatch: &Dispatch) -> Html {
    let question = match &state.dialog {
        None => None,
        Some(Dialog::Keys) => return keys(dispatch),
        Some(Dialog::Framed) => return super::framed::refused(state, dispatch),
        Some(Dialog::Shutdown(name)) => state.clusters.get(name).map(shut_down),
        Some(Dialog::ShutdownAll) => Some(shut_down_all(state)),
        Some(Dialog::ScaleZero(name)) => Some(scale_to_zero(state.clusters.get(name))),
        Some(Dialog::OddAdapt { minimum, maximum, .. }) => Some(odd_bounds(*minimum, *maximum)),
    };
    let Some(YesNo { title, content, yes, ids: (yes_id, no_id) }) = question else {
        return nothing();
    };
    let no = answer("btn tall", "Cancel", acts(dispatch, CANCEL))
        .attr("data-testid", no_id)
        .flag("autofocus", true);
    let yes = answer("btn tall danger full", yes, acts(dispatch, || Action::Confirm))
        .attr("data-testid", yes_id);
    ask(title, dispatch, list(content), div("buttons").kid(no).kid(yes))
}

const SHUT_DOWN_IDS: (&str, &str) = ("shutdown-confirm", "shutdown-cancel");
const IDS: (&str, &str) = ("confirm", "cancel");

fn shut_down(entry: &Rc<Entry>) -> YesNo {
    let mut content = losses(entry);
    content.push(html! { <IdleSince entry={entry.clone()} /> });
    content.push(small(
        "This cannot be undone. The options stay in the list, so that you can create the same cluster again.",
    ));
    let title = format!("Shut down {}?", entry.alias).into();
    YesNo { title, content, yes: "Shut down", ids: SHUT_DOWN_IDS }
}

fn shut_down_all(state: &State) -> YesNo {
    let live: Vec<_> =
        state.live().into_iter().filter(|one| one.status() != Status::Stopping).collect();
    let count = u32::try_from(live.len()).unwrap_or(u32::MAX);
    let line = |entry: &Rc<Entry>| {
        el("li")
            .kid(el("b").text(entry.alias.as_str()))
            .text(", ")
            .kid(html! { <OneLine entry={entry.clone()} /> })
    };
    let content = vec![
        para("All of your clusters on this gateway, including those created elsewhere:"),
        lost(live.iter().map(line)),
        small("Their results and running tasks are lost. This cannot be undone."),
    ];
    let title = format!("Shut down {}?", fmt::plural(count, "cluster")).into();
    YesNo { title, content, yes: "Shut down all", ids: SHUT_DOWN_IDS }
}

fn scale_to_zero(entry: Option<&Rc<Entry>>) -> YesNo {
    let stays = match entry {
        Some(entry) => small(&format!("{} keeps running, with its scheduler.", entry.alias)),
        None => nothing(),
    };
    let content = vec![
        para(
            "All workers are removed. Dask computes their results again when workers are added; running \
             tasks start again.",
        ),
        stays,
    ];
    YesNo { title: "Scale to no workers?".into(), content, yes: "Scale to 0", ids: IDS }
}

fn odd_bounds(minimum: u32, maximum: u32) -> YesNo {
    let (title, words) = if maximum == 0 {
        (
            "Adaptive scaling between 0 and 0?",
            para(
                "With a maximum of 0 the scheduler removes all workers within a second and never adds \
                 any. Their results must be computed again.",
            ),
        )
    } else {
        (
            "The minimum is above the maximum",
            para(&format!(
                "The minimum ({minimum}) is above the maximum ({maximum}). The gateway accepts this, \
                 but how the scheduler scales then is not defined."
            )),
        )
    };
    YesNo { title: title.into(), content: vec![words], yes: "Send anyway", ids: IDS }
}

fn para(words: &str) -> Html {
    el("p").text(words).into()
}

fn small(words: &str) -> Html {
    el("p").class("mute small").text(words).into()
}

fn lost(lines: impl Iterator<Item = El>) -> Html {
    el("ul").class("lost").each(lines).into()
}

/// What goes with a cluster.
fn losses(entry: &Entry) -> Vec<Html> {
    let mut gone = Vec::new();
    if let Some(counts) = entry.counts.filter(|_| entry.status() == Status::Running) {
        if counts.workers > 0 {
            gone.push(format!(
                "{} with {}",
                fmt::plural(counts.workers, "worker"),
                fmt::plural(counts.cores, "thread")
            ));
        }
        if counts.processing + counts.waiting > 0 {
            gone.push(format!(
                "{} processing and {} waiting tasks",
                counts.processing, counts.waiting
            ));
        }
        if counts.memory > 0 {
            gone.push(format!("{} results in memory", counts.memory));
        }
        if counts.people() > 0 {
            gone.push(format!("the connection of {}", fmt::plural(counts.people(), "client")));
        }
    }
    if gone.is_empty() {
        vec![para("The scheduler, the workers and all their results are removed.")]
    } else {
        let lines = gone.into_iter().map(|line| el("li").text(line));
        vec![para("What is lost:"), lost(lines)]
    }
}

/// How long a cluster has been idle, once that is worth a word.
#[component]
fn IdleSince(props: &AgeProps) -> Html {
    match long_idle(&props.entry, use_now()) {
        Some(idle) => small(&format!("It has been idle for {}.", fmt_age(idle))),
        None => nothing(),
    }
}

fn keys(dispatch: &Dispatch) -> Html {
    let map = [
        ("n", "New cluster; with a filter, its next match"),
        ("g", "All clusters"),
        ("/", "Filter the task stream"),
        ("Enter N", "Next match of the filter; with Shift the previous match"),
        ("[ ]", "Previous or next task of the same thread"),
        ("j k", "Next or previous row; with a task selected, the nearest task there"),
        ("o", "Open or fold the row"),
        ("Enter e", "Details of the task; press again, or e, to zoom to it"),
        ("Shift ↑ ↓", "Select rows; sideways: more or less time"),
        ("space", "Pause or resume"),
        ("f", "Follow the newest tasks"),
        ("Backspace", "Previous view; with Shift the next view"),
        ("0", "Show the whole run"),
        ("W S", "Zoom in and out"),
        ("A D", "Pan; also the arrow keys"),
        ("Esc", "Clear the selection, close what is open"),
        (
            "click",
            "On a task: details. Double-click a task to zoom to it, the axis to show the whole run",
        ),
        (
            "drag",
            "Pan; on the axis: select a time range; with Shift, or after a long press: select an area",
        ),
        ("below", "Drag the range, its edges, or a new range"),
        ("wheel", "Zoom, also with two fingers; over the names: scroll; with Shift: pan"),
        ("?", "Keyboard shortcuts"),
    ];
    let mut grid = div("keys");
    for (keys, what) in map {
        let mut cell = el("span");
        for key in keys.split(' ') {
            cell = cell.kid(el("kbd").text(key)).text(" ");
        }
        grid = grid.kid(cell).kid(el("span").text(what));
    }
    let close = answer("btn tall", "Close", acts(dispatch, CANCEL)).flag("autofocus", true);
    ask("Keyboard and mouse".into(), dispatch, grid.into(), div("buttons").kid(close))
}
