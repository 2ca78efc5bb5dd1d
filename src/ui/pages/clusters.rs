//! My clusters, live and past, and the options form beside them.

use std::rc::Rc;

use yew::prelude::*;

use super::options::options_form;
use super::{config_problems, fmt_age, is_gone, one_line, plural, secret_name};
use crate::app::action::Action;
use crate::app::route::Page;
use crate::app::state::{Dialog, Entry, State};
use crate::gateway::model::Status;
use crate::ui::store::{Dispatch, use_dispatch, use_room};
use crate::ui::widgets::{Link, StatusChip, TroubleNote};

/// The page.
#[derive(Properties, PartialEq)]
pub struct ClustersProps {
    /// The state.
    pub state: Rc<State>,
}

/// My clusters.
#[component]
pub fn ClustersPage(props: &ClustersProps) -> Html {
    let dispatch = use_dispatch();
    let room = use_room();
    let state = &props.state;
    let (live, past) = (state.live(), state.past());
    let loaded = state.listing.loaded;
    let none = loaded && live.is_empty();
    let form = state.route.query.new || !state.route.query.options.is_empty() || none;
    let mut new = state.route.follow(Page::Clusters);
    new.query.new = true;
    let ending = live.iter().all(|entry| entry.status() == Status::Stopping);
    html! {
        <div class="page">
            <div class="page-head">
                <h1>{ "Clusters" }</h1>
                if loaded && !live.is_empty() {
                    <span class="mute">{ summary(&live) }</span>
                }
                <span class="grow"></span>
                if room.narrow && !form {
                    <Link to={new} class="btn primary" testid="new-cluster">{ "New cluster" }</Link>
                }
                if !live.is_empty() {
                    <button class="btn danger" data-testid="shutdown-all" disabled={ending}
                        onclick={dispatch.on(|| Action::Ask(Dialog::ShutdownAll))}>
                        { "Shut down all" }
                    </button>
                }
            </div>
            { config_problems(state) }
            { stale(state, &dispatch) }
            <div class={classes!("split", (!form).then_some("one"))}>
                <div class="stack">
                    <section class="card list" aria-label="Live clusters">
                        if !loaded {
                            { skeleton() }
                        } else if live.is_empty() {
                            <div class="blank">
                                <h2>{ "No cluster is running" }</h2>
                                <p>{ "Choose options and create one. It appears here at once, also when it \
                                    was made in a notebook or another tab." }</p>
                            </div>
                        } else {
                            <ul>{ for live.iter().map(|entry| row(state, entry, &dispatch)) }</ul>
                        }
                    </section>
                    if !past.is_empty() {
                        <section class="card list" aria-label="Earlier clusters">
                            <h2>{ "Earlier" }</h2>
                            <ul>{ for past.iter().map(|entry| row(state, entry, &dispatch)) }</ul>
                        </section>
                    }
                </div>
                if form {
                    { options_form(state, !none) }
                }
            </div>
        </div>
    }
}

fn summary(live: &[Rc<Entry>]) -> String {
    let workers: u32 =
        live.iter().filter_map(|entry| entry.counts).map(|counts| counts.workers).sum();
    let count = u32::try_from(live.len()).unwrap_or(u32::MAX);
    if workers > 0 {
        format!("{} with {}", plural(count, "cluster"), plural(workers, "worker"))
    } else {
        plural(count, "cluster")
    }
}

/// What is wrong with the list, if anything.
fn stale(state: &State, dispatch: &Dispatch) -> Html {
    let Some(trouble) = &state.listing.trouble else { return html! {} };
    let wait = ((state.listing.due - state.now) / 1e3).ceil().max(0.0);
    let mut trouble = trouble.clone();
    if state.listing.loaded {
        let age = (state.now - state.listing.answered).max(0.0) / 1e3;
        trouble.title =
            format!("No answer from the gateway: this is how it was {} ago", fmt_age(age));
    }
    let acts = html! {
        <button class="btn" onclick={dispatch.on(|| Action::Refresh)} disabled={state.listing.waiting}>
            { if state.listing.waiting { "Trying…".to_owned() } else { format!("Try now ({wait:.0} s)") } }
        </button>
    };
    html! { <TroubleNote {trouble} {acts} /> }
}

fn skeleton() -> Html {
    html! {
        <ul aria-busy="true">
            { for (0..3).map(|_| html! {
                <li><div class="item"><span></span><div class="bone w70"></div><div class="bone w50"></div>
                    <div class="bone w50"></div></div></li>
            }) }
        </ul>
    }
}

fn row(state: &State, entry: &Rc<Entry>, dispatch: &Dispatch) -> Html {
    let name = entry.cluster.name.clone();
    let status = entry.status();
    let idle = entry.idle(state.now).filter(|idle| *idle >= 60.0);
    let to = state.route.follow(Page::Cluster(name.clone()));
    let acts = if entry.is_live() {
        let name = name.clone();
        html! {
            <button class="btn quiet danger" disabled={status == Status::Stopping}
                aria-label={format!("Shut down {}", entry.alias)}
                onclick={dispatch.on(move || Action::Ask(Dialog::Shutdown(name.clone())))}>
                { "Shut down" }
            </button>
        }
    } else {
        let name = name.clone();
        html! {
            <button class="btn quiet" aria-label={format!("Try {} again", entry.alias)}
                onclick={dispatch.on(move || Action::TryAgain(name.clone()))}>{ "Try again" }</button>
        }
    };
    html! {
        <li key={name.clone()} class="item-line">
            <Link {to} class="item" testid={format!("cluster-row-{name}")} status={if is_gone(entry) { "GONE" } else { status.as_str() }}>
                <span class="dot"></span>
                <span class="clip"><b>{ &entry.alias }</b><small class="mono">{ secret_name(&name) }</small>
                    <small class="narrow-only">{ one_line(entry, state.now) }</small></span>
                <span class="wide-only"><StatusChip {status} gone={is_gone(entry)} /></span>
                <span class="wide-only clip mute">{ one_line(entry, state.now) }</span>
                <span>
                    if let Some(idle) = idle {
                        <span class="waste" title="No task has run or waited for so long, as far as this page has watched">
                            { format!("idle {}", fmt_age(idle)) }
                        </span>
                    } else if let Some(counts) = entry.counts.filter(|_| status == Status::Running) {
                        if counts.processing > 0 {
                            <span class="mute nowrap">{ format!("{} running", counts.processing) }</span>
                        }
                    }
                </span>
            </Link>
            <span class="acts">{ acts }</span>
        </li>
    }
}
