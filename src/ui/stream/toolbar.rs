//! The buttons beside the title, and the words that say what is seen.

use std::fmt::Write;

use yew::prelude::*;

use super::search::SearchField;
use super::{StreamHandle, changes};
use crate::ui::dom::{El, button, div, span};
use crate::ui::widgets::sets;
use base::fmt;
use base::number::fixed;
use stream::{FrameStats, Phase, TaskStreamModel};
use timeline::view::Mode;

/// What state the picture is in: CSS class, word, explanation.
fn state(stream: &TaskStreamModel) -> (&'static str, &'static str, &'static str) {
    if stream.is_paused() {
        ("paused", "Paused", "Paused. Tasks are still recorded")
    } else {
        match stream.mode() {
            Mode::Follow if stream.is_live() => ("live", "Live", "Following the newest tasks"),
            Mode::Follow => ("free", "Latest", "Following the newest tasks"),
            Mode::Fit => ("live", "All", "Showing the whole run"),
            Mode::Free => ("free", "Free", "Showing a selected time"),
        }
    }
}

/// Pause, follow, fit.
pub fn tools(handle: &StreamHandle, stream: &TaskStreamModel, table: &UseStateHandle<usize>) -> El {
    let (class, word, why) = state(stream);
    let paused = stream.is_paused();
    let since = stream.totals().since_pause;
    let press =
        |word: &'static str, title: &'static str, on: bool, what: fn(&mut TaskStreamModel)| {
            button("btn stream-btn")
                .onclick(changes(handle, what))
                .truth("aria-pressed", on)
                .attr("title", title)
                .text(word)
        };
    let pause = if paused {
        press("Resume", "Resume (Space)", true, |stream| stream.set_paused(false))
    } else {
        press("Pause", "Pause (Space)", false, |stream| stream.set_paused(true))
    };
    let is = |mode: Mode| !paused && stream.mode() == mode;
    let says = span("chip stream-state")
        .class(class)
        .attr("title", why)
        .kid(span("dot"))
        .text(word)
        .maybe((since > 0).then(|| span("stream-since").text(format!("+{}", fmt::count(since)))));
    let filter = html! {
        <SearchField stream={handle.clone()} text={stream.filter().to_owned()}
            matches={stream.matches()} fault={stream.fault().cloned()}
            total={stream.totals().tasks} />
    };
    let more = button("btn stream-btn")
        .attr("data-testid", "stream-table-open")
        .attr("title", "Tasks in view as a table")
        .onclick(sets(table.setter(), 1))
        .text("Table");
    div("stream-tools")
        .kid(says)
        .kid(pause)
        .kid(press(
            "Follow",
            "Follow the newest tasks (f)",
            is(Mode::Follow),
            TaskStreamModel::follow,
        ))
        .kid(press("Fit", "Show the whole run (0)", is(Mode::Fit), TaskStreamModel::fit))
        .kid(
            button("btn stream-btn")
                .attr("data-testid", "stream-numbers")
                .attr(
                    "title",
                    "Summary of the time range and rows in view. To select a part: \
                       Shift+drag, Shift+arrows, or long press and drag",
                )
                .onclick(changes(handle, TaskStreamModel::select_view))
                .text("Numbers"),
        )
        .kid(more)
        .kid(filter)
}

/// How many tasks, and how many are missing.
pub fn totals(stream: &TaskStreamModel) -> El {
    let totals = stream.totals();
    let noun = if totals.tasks == 1 { "task" } else { "tasks" };
    let tasks = fmt::count(totals.tasks);
    let mut missing = match totals.dropped {
        0 if totals.partial || totals.unrecorded > 0 => String::new(),
        0 => "none dropped".to_owned(),
        some => format!("{} dropped", fmt::count(some)),
    };
    if !missing.is_empty() && (totals.partial || totals.unrecorded > 0) {
        missing += ", ";
    }
    if totals.partial {
        missing += "earlier tasks not loaded";
    } else if totals.unrecorded > 0 {
        missing = missing + "about " + &about(totals.unrecorded) + " earlier tasks not recorded";
    }
    let title = format!(
        "{tasks} intervals on {} threads of {} workers, {} in memory. Dropped: the oldest intervals \
         beyond the limit (see View).",
        totals.lanes,
        totals.workers,
        fmt::bytes(totals.memory_bytes as f64),
    );
    let why = if totals.unrecorded > 0 {
        " Dask records tasks only after a dashboard of the scheduler was first opened."
    } else {
        ""
    };
    let named = |count: u64| {
        let noun = if count == 1 { "task" } else { "tasks" };
        format!("{} {noun}", fmt::count(count))
    };
    let backward = (totals.backward > 0).then(|| {
        span("stream-gaps")
            .testid("stream-backward")
            .attr("title", "Their worker's clock was set back while they ran. They are shown without a duration.")
            .text(format!(", {} ended before they began", named(totals.backward)))
    });
    let folded = (totals.folded > 0).then(|| {
        span("stream-gaps")
            .testid("stream-folded")
            .attr(
                "title",
                "Too many prefixes at once: the rarest share one name. Their keys are kept.",
            )
            .text(format!(", {} under \u{201c}other prefixes\u{201d}", named(totals.folded)))
    });
    let gaps = (totals.gaps > 0).then(|| {
        let noun = if totals.gaps == 1 { "gap" } else { "gaps" };
        span("stream-gaps").text(format!(", {} {noun}", totals.gaps))
    });
    span("stream-totals")
        .set("title", title + why)
        .set("data-tasks", totals.tasks.to_string())
        .set("data-dropped", totals.dropped.to_string())
        .text(format!("{tasks} {noun}, {missing}"))
        .maybe(gaps)
        .maybe(backward)
        .maybe(folded)
}

/// Two digits of a number, for what is known no better.
pub fn about(number: u64) -> String {
    let mut unit = 1;
    while number / unit >= 100 {
        unit *= 10;
    }
    fmt::count((number + unit / 2) / unit * unit)
}

/// The picture in a sentence, for those who cannot see it.
pub fn summary(stream: &TaskStreamModel) -> String {
    let totals = stream.totals();
    if totals.tasks == 0 {
        return "Task stream: no tasks yet".into();
    }
    let mut text = format!(
        "Task stream: {} tasks on {} threads of {} workers",
        totals.tasks, totals.lanes, totals.workers
    );
    text += &stream.supply_said();
    if totals.erred > 0 {
        let _ = write!(text, ", {} failed", totals.erred);
    }
    if totals.gaps > 0 {
        let noun = if totals.gaps == 1 { "gap" } else { "gaps" };
        let _ = write!(text, ", {} {noun} with an unknown number of tasks", totals.gaps);
    }
    let (from, to) = stream.shown();
    text + &format!("; showing {from} to {to}, {}", state(stream).1.to_ascii_lowercase())
}

/// How long frames take, in a line.
pub fn frame_line(stats: FrameStats) -> String {
    let phases: Vec<String> = Phase::NAMES
        .iter()
        .zip(stats.phases_ms)
        .map(|(name, ms)| format!("{name} {}", fixed(ms, 2)))
        .collect();
    format!(
        "{} frames, p50 {} ms, p95 {} ms, max {} ms ({})",
        stats.count,
        fixed(stats.p50_ms, 2),
        fixed(stats.p95_ms, 2),
        fixed(stats.max_ms, 2),
        phases.join(", ")
    )
}
