//! One module per page.

mod cluster;
mod clusters;
mod connect;
mod dialogs;
mod head;
mod options;
mod other;
mod scale;
mod story;

use std::rc::Rc;

use yew::prelude::*;

use super::widgets::Note;
use super::widgets::Tone;
use crate::app::route::Page;
use crate::app::state::{Entry, Session, State};
use crate::base::fmt;
use crate::gateway::model::Status;

pub use dialogs::dialog;

/// The page that the state asks for.
pub fn show(state: &Rc<State>) -> Html {
    if !state.started {
        return html! { <Loading /> };
    }
    let state = state.clone();
    if state.needs_gateway() && !state.is_in() {
        // A reload in the middle of something: the page that was there comes back by itself.
        if matches!(state.session, Session::Connecting(_)) && state.route.page != Page::Connect {
            return html! { <Loading /> };
        }
        return connect::connect_page(&state);
    }
    match state.route.page.clone() {
        Page::Home | Page::Connect => connect::connect_page(&state),
        Page::Clusters => html! { <clusters::ClustersPage {state} /> },
        Page::Cluster(name) => {
            let key = name.clone();
            html! { <cluster::ClusterPage {key} {state} {name} /> }
        }
        Page::Scheduler => html! { <other::SchedulerPage {state} /> },
        Page::Recordings | Page::Recording(_) => html! { <other::RecordingsPage /> },
        Page::Panel(pane) => html! { <other::PanelPage {state} {pane} /> },
        Page::Lost(path) => html! { <other::LostPage {state} {path} /> },
    }
}

/// A page that is not there yet.
#[component]
pub fn Loading() -> Html {
    html! {
        <div class="page" aria-busy="true">
            <div class="page-head"><span class="spin later"></span><span class="hush">{ "Loading" }</span></div>
            <div class="bone tall w50"></div>
            <div class="bone tall"></div>
            <div class="bone tall w70"></div>
        </div>
    }
}

/// What is wrong with the site's configuration.
pub fn config_problems(state: &State) -> Html {
    state
        .config
        .problems
        .iter()
        .map(|problem| html! { <Note tone={Tone::Warn}>{ problem }</Note> })
        .collect()
}

/// Whether the gateway forgot a cluster whose end it never told.
pub fn is_gone(entry: &Entry) -> bool {
    entry.gone
        && matches!(entry.cluster.status, Status::Pending | Status::Running | Status::Stopping)
}

/// A cluster in one line, without its name.
pub fn one_line(entry: &Entry, now: f64) -> String {
    let age = entry.age(now).map(fmt_age).unwrap_or_default();
    let lived = entry.lived().map(fmt_age);
    if is_gone(entry) {
        return "gone from the gateway".into();
    }
    match entry.status() {
        Status::Pending => format!("starting, {age}"),
        Status::Running => match (entry.counts, entry.asked.workers) {
            (Some(counts), Some(asked)) if asked > counts.workers => {
                format!("{} of {asked} workers, {age}", counts.workers)
            }
            (Some(counts), _) => format!("{}, {age}", plural(counts.workers, "worker")),
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

/// `1 worker`, `2 workers`.
pub fn plural(count: u32, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{} {word}s", fmt::count(count.into())) }
}

/// The cluster's name, whole to copy and for tests of `data-short`, cut on the screen.
pub fn secret_name(name: &str) -> Html {
    html! { <span class="secret" data-short={fmt::short_name(name)}>{ name.to_owned() }</span> }
}
