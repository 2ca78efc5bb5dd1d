//! Questions before something is lost, and the map of keys.

use yew::prelude::*;

use super::{fmt_age, one_line};
use crate::ui::dom::{El, div, el, list, nothing};
use crate::ui::store::Dispatch;
use crate::ui::widgets::{Question, acts};
use base::fmt;
use gateway::model::Status;
use session::action::Action;
use session::state::{self, Entry, State};

const CANCEL: fn() -> Action = || Action::Cancel;

/// The open question, if there is one.
pub fn dialog(state: &State, dispatch: &Dispatch) -> Html {
    let Some(question) = &state.dialog else { return nothing() };
    let shutdown_ids = ("shutdown-confirm", "shutdown-cancel");
    let ids = ("confirm", "cancel");
    let (title, content, yes, (yes_id, no_id)) = match question {
        state::Dialog::Keys => return keys(dispatch),
        state::Dialog::Framed => return super::framed::refused(state, dispatch),
        state::Dialog::Shutdown(name) => {
            let Some(entry) = state.clusters.get(name) else { return nothing() };
            let mut content = losses(entry, state.now);
            content.push(small(
                "This cannot be undone. Its options stay in the list, to start another like it.",
            ));
            (format!("Shut down {}?", entry.alias), content, "Shut down", shutdown_ids)
        }
        state::Dialog::ShutdownAll => {
            let live: Vec<_> =
                state.live().into_iter().filter(|one| one.status() != Status::Stopping).collect();
            let count = u32::try_from(live.len()).unwrap_or(u32::MAX);
            let line = |entry: &Entry| {
                el("li")
                    .kid(el("b").text(entry.alias.as_str()))
                    .text(format!(", {}", one_line(entry, state.now)))
            };
            let content = vec![
                para("All of your clusters on this gateway, also those made elsewhere:"),
                lost(live.iter().map(|entry| line(entry))),
                small("Their results and running tasks are lost. This cannot be undone."),
            ];
            let title = format!("Shut down {}?", fmt::plural(count, "cluster"));
            (title, content, "Shut down all", shutdown_ids)
        }
        state::Dialog::ScaleZero(name) => {
            let stays = match state.clusters.get(name) {
                Some(entry) => small(&format!("{} itself stays, with its scheduler.", entry.alias)),
                None => nothing(),
            };
            let content = vec![
                para(
                    "All workers go. Results in their memory are computed anew when workers come back; \
                     running tasks start over.",
                ),
                stays,
            ];
            ("Scale to no workers?".into(), content, "Scale to 0", ids)
        }
        state::Dialog::OddAdapt { minimum, maximum, .. } => {
            let (title, words) = if *maximum == 0 {
                (
                    "Adapt between 0 and 0?",
                    para(
                        "With a maximum of 0 the scheduler removes every worker within a second and never adds \
                         one. Their results are computed anew later.",
                    ),
                )
            } else {
                (
                    "The bounds are the wrong way round",
                    para(&format!(
                        "The minimum, {minimum}, is above the maximum, {maximum}. The gateway takes this \
                         without a word, and what the scheduler makes of it is its own affair."
                    )),
                )
            };
            (title.into(), vec![words], "Send it anyway", ids)
        }
    };
    let no = answer("btn tall", "Cancel", acts(dispatch, CANCEL))
        .attr("data-testid", no_id)
        .attr("data-first", "");
    let yes = answer("btn tall danger full", yes, acts(dispatch, || Action::Confirm))
        .attr("data-testid", yes_id);
    let buttons = div("buttons").kid(no).kid(yes);
    ask(title.into(), dispatch, list(content), buttons)
}

// The buttons keep their place, and with it the focus, when lines come and go above them.
pub(super) fn ask(title: AttrValue, dispatch: &Dispatch, body: Html, buttons: El) -> Html {
    let onclose = dispatch.on(CANCEL);
    html! {
        <Question {title} {onclose}>
            { body }
            { buttons }
        </Question>
    }
}

pub(super) fn answer(
    class: &'static str,
    words: &'static str,
    onclick: Callback<MouseEvent>,
) -> El {
    el("button").class(class).onclick(onclick).text(words)
}

fn para(words: &str) -> Html {
    el("p").text(words).into()
}

fn small(words: &str) -> Html {
    el("p").class("mute small").text(words).into()
}

fn lost(lines: impl Iterator<Item = El>) -> Html {
    let mut all = el("ul").class("lost");
    for line in lines {
        all = all.kid(line);
    }
    all.into()
}

/// What goes with a cluster.
fn losses(entry: &Entry, now: f64) -> Vec<Html> {
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
                "{} running and {} waiting tasks",
                counts.processing, counts.waiting
            ));
        }
        if counts.memory > 0 {
            gone.push(format!("{} results held in memory", counts.memory));
        }
        if counts.people() > 0 {
            gone.push(format!("the connection of {}", fmt::plural(counts.people(), "client")));
        }
    }
    let mut content = if gone.is_empty() {
        vec![para("Its scheduler and workers end, with every result they hold.")]
    } else {
        let lines = gone.into_iter().map(|line| el("li").text(line));
        vec![para("What is lost:"), lost(lines)]
    };
    if let Some(idle) = entry.idle(now).filter(|idle| *idle >= 60.0) {
        content.push(small(&format!("It has been idle for {}.", fmt_age(idle))));
    }
    content
}

fn keys(dispatch: &Dispatch) -> Html {
    let map = [
        ("n", "New cluster; with a filter, its next match"),
        ("g", "All clusters"),
        ("/", "Filter the task stream"),
        ("Enter N", "Next match of the filter; with shift the one before"),
        ("[ ]", "Task before or after on the same thread"),
        ("j k", "Row below or above; with a task selected, the nearest task there"),
        ("o", "Open or fold the row"),
        ("Enter e", "Details of the task; again, or e: zoom to it"),
        ("Shift ↑ ↓", "Select the row, and more of them; sideways: more or less time"),
        ("space", "Pause or go on"),
        ("f", "Follow the newest tasks"),
        ("Backspace", "Go back to the view before; with shift forward again"),
        ("0", "Fit everything"),
        ("W S", "Zoom in and out"),
        ("A D", "Pan; also the arrow keys"),
        ("Esc", "Clear the selection, close what is open"),
        ("click", "A task: details. A double click zooms to it, on the axis shows everything"),
        (
            "drag",
            "Move; on the axis: choose a time; with shift, or a finger that rested: select an area",
        ),
        ("below", "Drag the frame, its edges, or a new one"),
        ("wheel", "Zoom, as two fingers do; over the names: scroll; with shift: pan"),
        ("?", "This map"),
    ];
    let mut grid = div("keys");
    for (keys, what) in map {
        let mut cell = el("span");
        for key in keys.split(' ') {
            cell = cell.kid(el("kbd").text(key)).text(" ");
        }
        grid = grid.kid(cell).kid(el("span").text(what));
    }
    let close = answer("btn tall", "Close", acts(dispatch, CANCEL)).attr("data-first", "");
    ask("Keyboard and mouse".into(), dispatch, grid.into(), div("buttons").kid(close))
}
