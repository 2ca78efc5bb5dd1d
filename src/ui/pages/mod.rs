//! One module per page.

mod again;
mod ages;
mod ask;
mod auto_stop;
mod cluster;
mod clusters;
mod connect;
mod consent;
mod dialogs;
mod framed;
mod head;
mod option_field;
mod options;
mod other;
mod presets;
mod scale;
mod story;

use std::rc::Rc;

use yew::prelude::*;

use super::dom::{El, div, el, list, span};
use super::store::{Dispatch, Room};
use super::widgets::{Tone, note};
use base::fmt;
use gateway::model::Status;
use session::route::Page;
use session::state::{Entry, Origin, State, Trial};

pub use again::sign_in_again;
use ages::{Activity, Age, fmt_age};
pub use ages::{OneLine, Waste};
pub use dialogs::dialog;

/// The page that the state asks for. Each has a key, so that none takes over another's elements
/// and with them where it was scrolled to.
pub fn show(state: &Rc<State>, dispatch: &Dispatch, room: Room) -> Html {
    if !state.started {
        return loading().into();
    }
    let mut page = &state.route.page;
    if state.needs_gateway() && !state.has_clusters() {
        // A reload in the middle of something: the page that was there comes back by itself.
        let by_itself = |trial: &Trial| trial.origin != Origin::Person;
        if state.trial.as_ref().is_some_and(by_itself) && *page != Page::Connect {
            return loading().into();
        }
        page = &Page::Connect;
    }
    let page = match page {
        Page::Home | Page::Connect => {
            return html! { <connect::ConnectPage state={state.clone()} /> };
        }
        Page::Scheduler => return html! { <other::SchedulerPage state={state.clone()} /> },
        Page::Clusters => clusters::clusters_page(state, dispatch, room).key("clusters"),
        Page::Cluster(name) => cluster::cluster_page(state, name, dispatch).key(name.as_str()),
        Page::Recordings | Page::Recording(_) => other::recordings_page().key("recordings"),
        Page::Panel(pane) => other::panel_page(state, pane, dispatch).key("panel"),
        Page::Lost(path) => other::lost_page(state, path, dispatch).key("lost"),
    };
    page.into()
}

/// A page that is not there yet.
pub fn loading() -> El {
    div("page")
        .attr("aria-busy", "true")
        .kid(div("page-head").kid(span("spin later")).kid(span("hush").text("Loading")))
        .kid(div("bone tall w50"))
        .kid(div("bone tall"))
        .kid(div("bone tall"))
        .kid(div("bone tall w70"))
}

/// What is wrong with the site's configuration.
pub fn config_problems(state: &State) -> Html {
    let mut all = Vec::new();
    for problem in &state.config.problems {
        all.push(note(Tone::Warn, el("div").text(problem.as_str())).into());
    }
    list(all)
}

/// Whether the gateway forgot a cluster whose end it never told.
pub fn is_gone(entry: &Entry) -> bool {
    entry.gone
        && matches!(entry.cluster.status, Status::Pending | Status::Running | Status::Stopping)
}

/// The cluster's name, whole to copy and for tests of `data-short`, cut on the screen.
pub fn secret_name(name: &str) -> El {
    span("secret").set("data-short", fmt::short_name(name)).text(name.to_owned())
}
