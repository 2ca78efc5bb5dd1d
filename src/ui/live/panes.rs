//! The panes of one scheduler: task stream above, progress and workers below.

use yew::prelude::*;

use super::feed_status::feed_status;
use super::progress::progress;
use super::workers::Workers;
use super::{HubHandle, use_hub};
use crate::app::engine::{History, Input};
use crate::app::live::Source;
use crate::app::panes::{self as library, Pane};
use crate::base::fmt;
use crate::base::number::fixed;
use crate::ui::dom::{El, div, el, list, nothing, span};
use crate::ui::hooks::{use_effect_with, use_state_eq};
use crate::ui::panes::LibraryPane;
use crate::ui::part::{Hook, HookContext, Part, keyed, part};
use crate::ui::stream::TaskStream;
use crate::ui::widgets::on_choice;
use crate::web::storage;
use crate::web::timer::now_ms;

/// All panes of a scheduler, or one.
#[derive(PartialEq)]
pub struct LivePanes {
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
}

/// Where the panes that a person added are kept: their ids.
const CHOSEN: &str = "panes";

/// The panes that were added, in order.
fn kept() -> Vec<&'static str> {
    let kept = storage::get(CHOSEN).unwrap_or_default();
    kept.split(' ').filter_map(library::pane).map(|pane| pane.id).collect()
}

/// Changes which are kept. Begins with what is kept now: another part, or tab, may have changed it.
fn keep(change: impl FnOnce(&mut Vec<&'static str>)) -> Vec<&'static str> {
    let mut ids = kept();
    change(&mut ids);
    storage::set(CHOSEN, &ids.join(" "));
    ids
}

/// Names of the panes that `#/panel/<pane>` takes.
pub const PANES: [&str; 3] = ["task-stream", "progress", "workers"];

impl Part for LivePanes {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let hub = use_hub(hooks, &self.source);
        let version = hub.0.topic().version();
        {
            let hub = hub.clone();
            use_effect_with(self.ended, move |ended| {
                hub.0.put(if *ended { Input::Stop } else { Input::Start });
            })
            .run(hooks);
        }
        {
            let stream = hub.0.stream().clone();
            use_effect_with(self.asked, move |asked| {
                let asked = *asked;
                stream.change_by(&mut |stream| stream.note_asked(now_ms(), asked));
            })
            .run(hooks);
        }
        let chosen = use_state_eq(kept).run(hooks);
        let only = self.only.as_deref();
        let alone = only.and_then(library::pane);
        if let Some(unknown) = only.filter(|only| alone.is_none() && !PANES.contains(only)) {
            let all = PANES.into_iter().chain(library::all().map(|pane| pane.id));
            let there_are = all.collect::<Vec<_>>().join(", ");
            return el("p")
                .class("empty")
                .attr("role", "alert")
                .text(format!("There is no pane called \"{unknown}\". There are: {there_are}."))
                .into();
        }
        let want = |name: &str| only.is_none_or(|only| only == name);
        let stream = || {
            el("section")
                .class("pane stream-pane")
                .attr("data-testid", "pane-task-stream")
                .attr("aria-label", "Task stream")
                .kid(part(TaskStream {
                    stream: hub.0.stream().clone(),
                    base: self.source.base.clone().into(),
                    debug: self.debug,
                }))
                .kid(history(&hub))
                .kid(timeless(&hub))
        };
        let below = || {
            let done = want("progress").then(|| {
                pane("Progress", progress_note(&hub), progress(&hub, self.ended))
                    .attr("data-testid", "pane-progress")
            });
            let workers = want("workers").then(|| {
                let table = part(Workers { hub: hub.clone(), version, ended: self.ended });
                pane("Workers", workers_note(&hub), table).attr("data-testid", "pane-workers")
            });
            div("pane-grid").maybe(done).maybe(workers)
        };
        let shown: Vec<&'static Pane> = match alone {
            Some(pane) => vec![pane],
            None if only.is_some() => Vec::new(),
            None => chosen.iter().filter_map(|id| library::pane(id)).collect(),
        };
        let library = (!shown.is_empty()).then(|| {
            div("pane-library").kids(shown.into_iter().map(|pane| {
                let onclose = only.is_none().then(|| {
                    let chosen = chosen.setter();
                    Callback::from(move |_: MouseEvent| {
                        chosen.set(keep(|ids| ids.retain(|id| *id != pane.id)));
                    })
                });
                keyed(LibraryPane { pane, hub: hub.clone(), version, onclose }, pane.id)
            }))
        });
        let add = only.is_none().then(|| {
            let setter = chosen.setter();
            let mut select = el("select")
                .class("input pane-add")
                .attr("aria-label", "Add a pane")
                .attr("data-testid", "pane-add")
                .kid(el("option").attr("value", "").flag("selected", true).text("Add a pane…"));
            let engine = hub.0.engine();
            for pane in library::offered(&engine).filter(|pane| !chosen.contains(&pane.id)) {
                select =
                    select.kid(el("option").attr("value", pane.id).key(pane.id).text(pane.title));
            }
            select.onchange(on_choice(move |id| {
                if let Some(pane) = library::pane(&id) {
                    setter.set(keep(|ids| ids.push(pane.id)));
                }
            }))
        });
        div("panes")
            .class_if(only.is_some(), "alone")
            .maybe(want("task-stream").then(stream))
            .maybe((only != Some("task-stream") && alone.is_none()).then(below))
            .maybe(library)
            .maybe(add)
            .kid(foot(&hub, only.is_none()))
            .into()
    }
}

fn pane(title: &'static str, note: String, content: Html) -> El {
    let head = el("header").kid(el("h2").text(title)).kid(span("pane-note").text(note));
    el("section").class("pane").attr("aria-label", title).kid(head).kid(content)
}

/// Asks before it opens the page that brings what the fast feed leaves out, where that would stop
/// the scheduler for a moment.
fn history(hub: &HubHandle) -> Html {
    let load = || {
        let allow = hub.on(|| Input::History(true));
        el("button").onclick(allow).text("Load the whole history")
    };
    let strip = div("strip-note").attr("role", "status");
    match hub.0.engine().history() {
        History::Complete | History::Opening => nothing(),
        History::Asking { cost } => {
            let asked = el("p")
                .text(
                    "This scheduler has a long history, and its fast feed leaves out long tasks that ran \
                     among many short ones. ",
                )
                .text(cost);
            let leave = hub.on(|| Input::History(false));
            let not_now = el("button").class("quiet").onclick(leave).text("Not now");
            strip.kid(asked).kid(load()).kid(not_now).into()
        }
        History::Declined => strip
            .class("quiet")
            .kid(el("p").text(
                "Shown from the fast feed alone: long tasks among many short ones may be missing.",
            ))
            .kid(load().class("quiet"))
            .into(),
    }
}

/// Says where the axis cannot be trusted yet.
fn timeless(hub: &HubHandle) -> Html {
    if !hub.0.engine().is_timeless() {
        return nothing();
    }
    let words = "When these tasks ran is not known until another one ends: they are shown as if the last had \
                 ended now. How long they took, and which came first, is true.";
    div("strip-note quiet").attr("role", "status").kid(el("p").text(words)).into()
}

fn progress_note(hub: &HubHandle) -> String {
    let engine = hub.0.engine();
    let (done, all) = engine.progress_totals();
    if all == 0 {
        return String::new();
    }
    let share = (done as f64 / all as f64 * 100.0).floor();
    format!("{} % of {}", fixed(share, 0), fmt::count(all))
}

fn workers_note(hub: &HubHandle) -> String {
    let engine = hub.0.engine();
    engine.totals().map_or_else(String::new, |totals| {
        format!(
            "{}, {}, {} of {}",
            fmt::plural(totals.workers, "worker"),
            fmt::plural(totals.threads, "thread"),
            fmt::bytes(totals.memory_used),
            fmt::bytes(totals.memory_limit)
        )
    })
}

fn foot(hub: &HubHandle, whole: bool) -> El {
    let facts = hub.0.engine().feed_facts();
    let asked = whole.then(|| {
        el("span").attr("title", "What this page has asked of the scheduler so far").text(format!(
            "{} sockets, {} messages, {}",
            facts.sockets,
            fmt::count(facts.messages),
            fmt::bytes(facts.bytes as f64)
        ))
    });
    let dropped = (facts.dropped > 0).then(|| {
        span("warn").text(format!(
            "{} messages could not be read and were asked for again",
            fmt::count(facts.dropped)
        ))
    });
    let known = whole.then(|| {
        let times = el("span")
            .attr(
                "title",
                "Dask does not send absolute times; they are estimated from when rows arrive",
            )
            .text(facts.clock);
        let versions = facts.versions.map(|versions| el("span").text(versions));
        list(vec![versions.map_or_else(nothing, Into::into), times.into()])
    });
    el("footer")
        .class("foot")
        .kid(feed_status(hub))
        .maybe(asked)
        .maybe(dropped)
        .kid(span("grow"))
        .maybe(known)
}
