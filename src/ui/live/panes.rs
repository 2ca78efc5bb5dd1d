//! The panes of one scheduler, on a board or one alone.

use std::rc::Rc;

use yew::prelude::*;

use super::feed_status::feed_status;
use super::progress::progress;
use super::workers::Workers;
use super::{puts, use_hub, use_pages, use_stay};
use crate::runtime::{HubHandle, registry};
use crate::ui::board::{Board, drag, use_board};
use crate::ui::dom::{El, div, el, list, nothing, span};
use crate::ui::panes::{LibraryPane, OwnPage, save};
use crate::ui::stream::TaskStream;
use crate::ui::widgets::{escaping, is_covered};
use crate::web::timer::now;
use advice::{EnvironmentMismatch, Grade};
use base::fmt;
use base::number::fixed;
use live::engine::{History, Input};
use live::pace::Forecast;
use live::source::Source;
use panes::layout::{self, Layout};
use panes::{self as library, own};

/// Properties of [`LivePanes`].
#[derive(Properties, PartialEq)]
pub struct LivePanesProps {
    /// What to watch.
    pub source: Source,
    /// One pane alone, by its name (`task-stream`, `progress`, `workers`), edge to edge.
    pub only: Option<String>,
    /// Whether the scheduler is gone for good: its sockets are let go, what was seen stays.
    pub ended: bool,
    /// Shows how long frames take.
    pub debug: bool,
    /// How many workers were asked for here, where that is known.
    pub asked: Option<u32>,
    /// How the cluster's environment differs from the one that was wanted, if it does.
    pub odd: Option<EnvironmentMismatch>,
}

/// All panes of a scheduler, or one.
#[component]
pub fn LivePanes(props: &LivePanesProps) -> Html {
    let hub = use_hub(&props.source);
    let version = hub.0.topic().version();
    {
        let hub = hub.clone();
        use_effect_with(props.ended, move |ended| {
            hub.0.put(if *ended { Input::Stop } else { Input::Start });
        });
    }
    {
        let (hub, stream) = (hub.clone(), hub.0.stream().clone());
        let told = (props.asked, props.odd.clone(), props.source.base.clone());
        use_effect_with(told, move |(asked, odd, _)| {
            let asked = *asked;
            hub.0.set_environment(odd.clone());
            stream.change(move |stream| stream.note_asked(now().wall_ms, asked));
        });
    }
    let mut board = use_board();
    board.gpus = library::gpus(&hub.0.engine().snapshot());
    board.alone = props.only.is_some();
    let place = use_node_ref();
    {
        // The task stream and the table of workers say nothing of progress; all else does.
        let only = props.only.as_deref();
        let progress = !matches!(only, Some("task-stream" | "workers"));
        let workers = use_stay(&place, only == Some("task-stream"));
        use_pages(&hub, workers, progress);
    }
    {
        let (place, board) = (place.clone(), board.clone());
        use_effect_with((), move |()| {
            let listening = place.cast().map(|place| drag::watch(&place, board));
            move || drop(listening)
        });
    }
    let only = props.only.as_deref();
    let layout = match only {
        Some(id) => Layout::parse(id, &|id| layout::title(id).is_some()).0,
        None => match board.most() {
            Some(id) => Layout(board.layout().0.into_iter().filter(|at| at.id == id).collect()),
            None => board.layout(),
        },
    };
    {
        let place = place.clone();
        let alone = only.is_some() || board.most().is_some();
        let heights = layout.0.iter().map(|at| at.tall.filter(|_| !alone)).collect::<Vec<_>>();
        let ids = layout.0.iter().map(|at| at.id.clone()).collect::<Vec<_>>();
        use_effect_with((ids, heights), move |(_, heights)| {
            if let Some(place) = place.cast() {
                drag::set_heights(&place, heights);
            }
        });
    }
    {
        let board = board.clone();
        let place = place.clone();
        use_effect_with(board.most(), move |most| {
            // What the pane has open goes first.
            let close = move |_: &web_sys::Event| {
                let last = place.cast().is_some_and(|place| !is_covered(&place));
                if last {
                    board.restore();
                }
                last
            };
            let watch = if most.is_some() { escaping(close) } else { None };
            move || drop(watch)
        });
    }
    if let Some(id) = only.filter(|only| layout.0.is_empty() && own::path_of(only).is_some()) {
        let page = html! { <OwnPage id={id.to_owned()} base={props.source.base.clone()} /> };
        let pane = el("section").class("pane").attr("aria-label", "Dask's page").kid(page);
        return div("panes alone")
            .kid(pane.testid(format!("pane-{id}")))
            .kid(foot(&hub, false))
            .into();
    }
    if let Some(unknown) = only.filter(|_| layout.0.is_empty()) {
        let own = layout::OWN.into_iter().map(|(id, _)| id);
        let all = own.chain(library::all().map(|pane| pane.id));
        let there_are = all.collect::<Vec<_>>().join(", ");
        return el("p")
            .class("empty")
            .attr("role", "alert")
            .text(format!("There is no pane called \"{unknown}\". There are: {there_are}."))
            .into();
    }
    let cells = layout.0.iter().map(|at| {
        let free = only.is_none();
        let content = props.pane(&hub, &at.id, &board, version);
        // A pane of the library says itself what can be done with it; the stream saves by itself.
        let core = layout::OWN.iter().map(|(id, _)| *id);
        let core = core.filter(|id| free || *id != "task-stream").find(|id| **id == *at.id);
        let menu = core.map(|id| {
            let engine = hub.0.engine();
            let picture =
                board.is_open(id).then(|| library::saved::picture(&engine.snapshot(), id));
            let picture = picture.flatten().map(Rc::new);
            let offers =
                picture.map(|picture| save::offers(id, &picture, registry::is_dark(), &board));
            board.menu(&at.id, false, offers.unwrap_or_default())
        });
        div("cell")
            .class(WIDTHS[usize::from(at.wide) % WIDTHS.len()])
            .class_if(at.tall.is_some(), "tall")
            .set("data-pane", at.id.to_string())
            .key(&*at.id)
            .kid(content)
            .maybe(menu)
            .maybe(free.then(|| span("pane-grip").attr("aria-hidden", "true")))
    });
    let grid = div("board").node(&place).kids(cells);
    let alone = only.is_some() || board.most().is_some();
    let none = layout
        .0
        .is_empty()
        .then(|| el("p").class("empty").text("No panes. Add one, or choose another layout above."));
    div("panes")
        .class_if(only.is_some(), "alone")
        .class_if(alone && only.is_none(), "most")
        .class_if(is_lost(&hub), "lost")
        .maybe((only.is_none()).then(|| board.bar(if props.ended { 0 } else { findings(&hub) })))
        .maybe(if only.is_none() { board.said() } else { None })
        .kid(grid)
        .maybe(none)
        .kid(foot(&hub, only.is_none()))
        .into()
}

/// The class of a width, in columns.
const WIDTHS: [&str; 13] =
    ["", "", "w2", "w3", "w4", "w5", "w6", "w7", "w8", "w9", "w10", "w11", "w12"];

impl LivePanesProps {
    /// One pane by its name.
    fn pane(&self, hub: &HubHandle, id: &Rc<str>, board: &Board, version: u64) -> Html {
        match &**id {
            "task-stream" => el("section")
                .class("pane stream-pane")
                .attr("data-testid", "pane-task-stream")
                .attr("aria-label", "Task stream")
                .kid(html! {
                    <TaskStream stream={hub.0.stream().clone()}
                        base={AttrValue::from(self.source.base.clone())} debug={self.debug} />
                })
                .kid(history(hub))
                .kid(timeless(hub))
                .into(),
            "progress" => pane("Progress", progress_note(hub), progress(hub, self.ended))
                .attr("data-testid", "pane-progress")
                .into(),
            "workers" => {
                let version = hub.0.engine().worker_tables();
                let table = html! { <Workers hub={hub.clone()} {version} ended={self.ended} /> };
                pane("Workers", workers_note(hub), table).attr("data-testid", "pane-workers").into()
            }
            other => match library::pane(other) {
                Some(pane) => {
                    let (hub, board, table) = (hub.clone(), board.clone(), board.is_table(id));
                    html! {
                        <LibraryPane key={pane.id} {pane} {hub} {version} board={Some(board)}
                            {table} />
                    }
                }
                None => nothing(),
            },
        }
    }
}

/// Whether the scheduler answers no more: what is shown is what it said last.
fn is_lost(hub: &HubHandle) -> bool {
    hub.0.engine().feed().status().can_retry
}

/// How many findings there are that are no mere notes.
fn findings(hub: &HubHandle) -> u32 {
    let runner = hub.0.advice();
    let all = runner.advice().unwrap_or_default();
    all.iter().filter(|finding| finding.grade != Grade::Note).count() as u32
}

fn pane(title: &'static str, note: String, content: Html) -> El {
    // What is cut off can be read by pointing at it.
    let note = span("pane-note").set("title", note.clone()).text(note);
    let head = el("header").kid(el("h2").text(title)).kid(note);
    el("section").class("pane").attr("aria-label", title).kid(head).kid(content)
}

/// Asks before it opens the page that brings what the fast feed leaves out, where that would stop
/// the scheduler for a moment.
fn history(hub: &HubHandle) -> Html {
    let load = || {
        let allow = puts(hub, || Input::History(true));
        el("button").onclick(allow).text("Load the whole history")
    };
    let strip = div("strip-note").attr("role", "status");
    match hub.0.engine().feed().history() {
        History::Complete | History::Opening => nothing(),
        History::Asking { cost } => {
            let asked = el("p")
                .text(
                    "This scheduler has a long history. Without loading it, long tasks that ran among \
                     many short ones may be missing. ",
                )
                .text(cost);
            let leave = puts(hub, || Input::History(false));
            let not_now = el("button").class("quiet").onclick(leave).text("Not now");
            strip.kid(asked).kid(load()).kid(not_now).into()
        }
        History::Failing { why } => strip
            .class("quiet")
            .kid(el("p").text("Long tasks among many short ones may be missing. ").text(why))
            .into(),
        History::Declined => strip
            .class("quiet")
            .kid(el("p").text(
                "The whole history is not loaded: long tasks among many short ones may be missing.",
            ))
            .kid(load().class("quiet"))
            .into(),
    }
}

/// Says where the axis cannot be trusted yet.
fn timeless(hub: &HubHandle) -> Html {
    if !hub.0.engine().feed().is_timeless() {
        return nothing();
    }
    let words = "Start times appear after the next task finishes. Until then these tasks are shown as \
                 if the last one had ended now; their order and durations are exact.";
    div("strip-note quiet").attr("role", "status").kid(el("p").text(words)).into()
}

/// How much is done, and when the rest will be: an estimate, as if it were like what was done of late.
fn progress_note(hub: &HubHandle) -> String {
    let engine = hub.0.engine();
    let (done, all) = engine.snapshot().progress_totals();
    if all == 0 {
        return String::new();
    }
    let share = (done as f64 / all as f64 * 100.0).floor();
    let mut note = format!("{} % of {}", fixed(share, 0), fmt::count(all));
    if let Some(Forecast { rate, left_secs, .. }) = engine.forecast() {
        // What is asked first comes first: the end of this may be cut off.
        note = note + ", about " + &spoken(left_secs) + " left, " + &fmt::rate(rate) + " a second";
    }
    note
}

/// A time that is not known well, as people say it.
fn spoken(secs: f64) -> String {
    match secs {
        secs if secs < 90.0 => format!("{} s", secs.ceil().max(1.0)),
        secs if secs < 5400.0 => format!("{} min", (secs / 60.0).round()),
        secs => format!("{} h", fixed(secs / 3600.0, 1)),
    }
}

fn workers_note(hub: &HubHandle) -> String {
    let engine = hub.0.engine();
    engine.snapshot().totals().map_or_else(String::new, |totals| {
        format!(
            "{}, {}, {}{}",
            fmt::plural(totals.workers, "worker"),
            fmt::plural(totals.threads, "thread"),
            fmt::bytes(totals.memory_used),
            // Without a limit of memory there is nothing that it is a part of.
            if totals.memory_limit > 0.0 {
                format!(" of {}", fmt::bytes(totals.memory_limit))
            } else {
                String::new()
            }
        )
    })
}

fn foot(hub: &HubHandle, whole: bool) -> El {
    let facts = hub.0.engine().feed().facts();
    let asked = {
        let so_far = format!(
            "Received from the scheduler so far: {} messages, {}. Rate over the last 10 s.",
            fmt::count(facts.messages),
            fmt::bytes(facts.bytes as f64)
        );
        let sockets = fmt::plural(facts.sockets as u32, "socket");
        let words = match facts.rates {
            Some([messages, bytes]) => format!(
                "{sockets}, {} messages and {} a second",
                fixed(messages, u32::from(messages < 9.95)),
                fmt::bytes(bytes)
            ),
            None => sockets,
        };
        el("span").set("title", so_far).testid("feed-cost").text(words)
    };
    let turns = hub.0.engine().feed().takes_turns().then(|| {
        span("warn")
            .attr(
                "title",
                "The scheduler is overloaded: its worker table arrives late. Until it \
                   recovers, panes update one after another",
            )
            .text("Updates slowed to spare the scheduler")
    });
    let dropped = (facts.dropped > 0).then(|| {
        span("warn").text(format!(
            "{} messages could not be read and were requested again",
            fmt::count(facts.dropped)
        ))
    });
    let known = whole.then(|| {
        let times = el("span")
            .attr(
                "title",
                "Dask does not send absolute times. They are estimated from when tasks arrive",
            )
            .text(facts.clock);
        let versions = facts.versions.map(|versions| el("span").text(versions));
        list(vec![versions.map_or_else(nothing, Into::into), times.into()])
    });
    el("footer")
        .class("foot")
        .kid(feed_status(hub))
        .kid(asked)
        .maybe(turns)
        .maybe(dropped)
        .kid(span("grow"))
        .maybe(known)
}
