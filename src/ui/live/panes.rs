//! The panes of one scheduler: task stream above, progress and workers below.

use yew::prelude::*;

use super::feed_status::FeedStatus;
use super::progress::Progress;
use super::workers::Workers;
use super::{HubHandle, use_hub};
use crate::app::engine::{History, Input};
use crate::app::live::Source;
use crate::base::fmt;
use crate::ui::stream::TaskStream;

/// Properties of [`LivePanes`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What to watch.
    pub source: Source,
    /// One pane alone, by its name (`task-stream`, `progress`, `workers`), edge to edge.
    #[prop_or_default]
    pub only: Option<String>,
    /// Whether the scheduler is gone for good: its sockets are let go, what was seen stays.
    #[prop_or_default]
    pub ended: bool,
    /// Shows how long frames take.
    #[prop_or_default]
    pub debug: bool,
}

/// Names of the panes that `#/panel/<pane>` takes.
pub const PANES: [&str; 3] = ["task-stream", "progress", "workers"];

/// All panes, or one.
#[component]
pub fn LivePanes(props: &Props) -> Html {
    let hub = use_hub(&props.source);
    let version = hub.0.topic().version();
    {
        let hub = hub.clone();
        use_effect_with(props.ended, move |ended| {
            hub.0.put(if *ended { Input::Stop } else { Input::Start });
        });
    }
    let only = props.only.as_deref();
    let want = |name: &str| only.is_none_or(|only| only == name);
    let below = only.is_none();
    if let Some(unknown) = only.filter(|only| !PANES.contains(only)) {
        return html! {
            <p class="empty" role="alert">
                { format!("There is no pane called {unknown:?}. There are: {}.", PANES.join(", ")) }
            </p>
        };
    }
    html! {
        <div class={classes!("panes", (!below).then_some("alone"))}>
            if want("task-stream") {
                <section class="pane stream-pane" data-testid="pane-task-stream" aria-label="Task stream">
                    <TaskStream stream={hub.0.stream().clone()} debug={props.debug} />
                    { history(&hub) }
                </section>
            }
            if want("progress") || want("workers") {
                <div class="pane-grid">
                    if want("progress") {
                        <section class="pane" data-testid="pane-progress" aria-label="Progress">
                            <header>
                                <h2>{ "Progress" }</h2>
                                <span class="pane-note">{ progress_note(&hub) }</span>
                            </header>
                            <Progress hub={hub.clone()} {version} />
                        </section>
                    }
                    if want("workers") {
                        <section class="pane" data-testid="pane-workers" aria-label="Workers">
                            <header>
                                <h2>{ "Workers" }</h2>
                                <span class="pane-note">{ workers_note(&hub) }</span>
                            </header>
                            <Workers hub={hub.clone()} {version} />
                        </section>
                    }
                </div>
            }
            { foot(&hub, &props.source, below) }
        </div>
    }
}

/// Asks before it opens the page that brings what the fast feed leaves out, where that would stop
/// the scheduler for a moment.
fn history(hub: &HubHandle) -> Html {
    let answer = |allow: bool| {
        let hub = hub.clone();
        Callback::from(move |_: MouseEvent| hub.0.put(Input::History(allow)))
    };
    match hub.0.engine().history() {
        History::Complete | History::Opening => html! {},
        History::Asking { cost } => html! {
            <div class="strip-note" role="status">
                <p>
                    { "This scheduler has a long history, and its fast feed leaves out long tasks that ran \
                       among many short ones. " }
                    { cost }
                </p>
                <button onclick={answer(true)}>{ "Load the whole history" }</button>
                <button class="quiet" onclick={answer(false)}>{ "Not now" }</button>
            </div>
        },
        History::Declined => html! {
            <div class="strip-note quiet" role="status">
                <p>{ "Shown from the fast feed alone: long tasks among many short ones may be missing." }</p>
                <button class="quiet" onclick={answer(true)}>{ "Load the whole history" }</button>
            </div>
        },
    }
}

fn progress_note(hub: &HubHandle) -> String {
    let engine = hub.0.engine();
    let (done, all) = engine.progress_totals();
    if all == 0 {
        return String::new();
    }
    let share = (done as f64 / all as f64 * 100.0).floor();
    format!("{share:.0} % of {}", fmt::count(all))
}

fn workers_note(hub: &HubHandle) -> String {
    let engine = hub.0.engine();
    engine.totals().map_or_else(String::new, |totals| {
        format!(
            "{} workers, {} threads, {} of {}",
            totals.workers,
            totals.threads,
            fmt::bytes(totals.memory_used),
            fmt::bytes(totals.memory_limit)
        )
    })
}

fn foot(hub: &HubHandle, source: &Source, whole: bool) -> Html {
    let engine = hub.0.engine();
    let facts = engine.feed_facts();
    html! {
        <footer class="foot">
            <FeedStatus source={source.clone()} />
            if whole {
                <span title="What this page has asked of the scheduler so far">
                    { format!(
                        "{} sockets, {} messages, {}",
                        facts.sockets,
                        fmt::count(facts.messages),
                        fmt::bytes(facts.bytes as f64)
                    ) }
                </span>
            }
            if facts.dropped > 0 {
                <span class="warn">
                    { format!("{} messages could not be read and were asked for again", fmt::count(facts.dropped)) }
                </span>
            }
            <span class="grow"></span>
            if whole {
                if let Some(versions) = facts.versions {
                    <span>{ versions }</span>
                }
                <span title="Dask does not send absolute times; they are estimated from when rows arrive">
                    { facts.clock }
                </span>
            }
        </footer>
    }
}
