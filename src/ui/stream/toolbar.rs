//! The buttons beside the title, and the words that say what is seen.

use std::fmt::Write;

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::StreamHandle;
use crate::app::stream::{FrameStats, Phase, Stream};
use crate::base::fmt;
use crate::timeline::view::Mode;

/// Properties of the small parts: they are drawn anew when `version` grows.
#[derive(Properties, PartialEq)]
pub struct PartProps {
    /// What they are about.
    pub stream: StreamHandle,
    /// Grows with every change worth showing.
    pub version: u32,
}

/// What state the picture is in: CSS class, word, explanation.
fn state(stream: &Stream) -> (&'static str, &'static str, &'static str) {
    if stream.is_paused() {
        ("paused", "Paused", "The view stands still; tasks are still collected")
    } else {
        match stream.mode() {
            Mode::Follow if stream.is_live() => ("live", "Live", "The newest tasks stay in sight"),
            Mode::Follow => ("free", "Latest", "The newest tasks stay in sight"),
            Mode::Fit => ("live", "All", "Everything stays in sight"),
            Mode::Free => ("free", "Free", "The view is where you put it"),
        }
    }
}

/// Pause, follow, fit.
#[component]
pub fn Toolbar(props: &PartProps) -> Html {
    let Ok(stream) = props.stream.model().try_borrow() else { return html! {} };
    let (class, word, why) = state(&stream);
    let paused = stream.is_paused();
    let act = |what: fn(&mut Stream)| {
        let handle = props.stream.clone();
        Callback::from(move |_: MouseEvent| handle.change(what))
    };
    let on_pause = if paused {
        act(|stream| stream.set_paused(false))
    } else {
        act(|stream| stream.set_paused(true))
    };
    let since = stream.totals().since_pause;
    let filter = stream.filter().to_owned();
    let on_filter = {
        let handle = props.stream.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                handle.change(|stream| stream.set_filter(&field.value()));
            }
        })
    };
    let on_filter_key = {
        let handle = props.stream.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape"
                && let Some(field) = event.target_dyn_into::<HtmlInputElement>()
            {
                event.stop_propagation();
                field.set_value("");
                handle.change(|stream| stream.set_filter(""));
                let _ = field.blur();
            }
        })
    };
    let following = !paused && stream.mode() == Mode::Follow;
    let fitting = !paused && stream.mode() == Mode::Fit;
    html! {
        <div class="stream-tools">
            <span class={classes!("chip", "stream-state", class)} title={why}>
                <span class="dot"></span>{ word }
                if since > 0 {
                    <span class="stream-since">{ format!("+{}", fmt::count(since)) }</span>
                }
            </span>
            <button class="btn stream-btn" type="button" onclick={on_pause} aria-pressed={paused.to_string()}
                title={if paused { "Go on (space)" } else { "Hold the view still (space)" }}>
                { if paused { "Resume" } else { "Pause" } }
            </button>
            <button class="btn stream-btn" type="button" onclick={act(Stream::follow)}
                aria-pressed={following.to_string()} title="Keep the newest tasks in sight (f)">
                { "Follow" }
            </button>
            <button class="btn stream-btn" type="button" onclick={act(Stream::fit)}
                aria-pressed={fitting.to_string()} title="Show everything (0)">
                { "Fit" }
            </button>
            <input class="input stream-filter" data-testid="stream-filter" type="search" value={filter}
                placeholder="Filter" aria-label="Fade prefixes that do not hold this text"
                title="Fade prefixes that do not hold this text (/)" spellcheck="false" autocomplete="off"
                oninput={on_filter} onkeydown={on_filter_key} />
        </div>
    }
}

/// How many tasks, and how many are missing.
#[component]
pub fn Totals(props: &PartProps) -> Html {
    let Ok(stream) = props.stream.model().try_borrow() else { return html! {} };
    let totals = stream.totals();
    let noun = if totals.tasks == 1 { "task" } else { "tasks" };
    let held = format!("{} {noun}", fmt::count(totals.tasks));
    let dropped = if totals.dropped == 0 {
        "none dropped".to_owned()
    } else {
        format!("{} dropped", fmt::count(totals.dropped))
    };
    let title = format!(
        "{} intervals on {} threads of {} workers, {} in memory. Dropped: the oldest, when more than the limit are held.",
        fmt::count(totals.tasks),
        totals.lanes,
        totals.workers,
        fmt::bytes(totals.memory_bytes as f64),
    );
    html! {
        <span class="stream-totals" {title} data-tasks={totals.tasks.to_string()}
            data-dropped={totals.dropped.to_string()}>
            { format!("{held}, {dropped}") }
            if totals.gaps > 0 {
                <span class="stream-gaps">
                    { format!(", {} {}", totals.gaps, if totals.gaps == 1 { "gap" } else { "gaps" }) }
                </span>
            }
        </span>
    }
}

/// The picture in a sentence, for those who cannot see it.
pub fn summary(stream: &Stream) -> String {
    let totals = stream.totals();
    if totals.tasks == 0 {
        return "Task stream: no tasks yet".into();
    }
    let mut text = format!(
        "Task stream: {} tasks on {} threads of {} workers",
        totals.tasks, totals.lanes, totals.workers
    );
    if totals.erred > 0 {
        let _ = write!(text, ", {} failed", totals.erred);
    }
    if totals.gaps > 0 {
        let noun = if totals.gaps == 1 { "gap" } else { "gaps" };
        let _ = write!(text, ", {} {noun} with an unknown number of tasks", totals.gaps);
    }
    let (from, to) = stream.shown();
    text + &format!("; showing {from} to {to}, {}", state(stream).1.to_lowercase())
}

/// How long frames take, in a line.
pub fn frame_line(stats: FrameStats) -> String {
    let phases: Vec<String> = Phase::NAMES
        .iter()
        .zip(stats.phases_ms)
        .map(|(name, ms)| format!("{name} {ms:.2}"))
        .collect();
    format!(
        "{} frames, p50 {:.2} ms, p95 {:.2} ms, max {:.2} ms ({})",
        stats.count,
        stats.p50_ms,
        stats.p95_ms,
        stats.max_ms,
        phases.join(", ")
    )
}
