//! Pages beside the gateway's: a scheduler by its address, recordings, one pane, and nowhere.

use std::rc::Rc;

use yew::prelude::*;

use super::consent::{agreed, question};
use crate::ui::dom::{El, button, div, el, nothing};
use crate::ui::live::{LivePanes, OverHttp, use_silence};
use crate::ui::store::{Dispatch, use_dispatch};
use crate::ui::widgets::{DoctorCard, Patient, link_to, on_text, sets};
use live::source::Source;
use session::action::Action;
use session::route::Page;
use session::state::State;
use session::trust::{Named, named};

/// Properties of [`SchedulerPage`].
#[derive(Properties, PartialEq)]
pub struct SchedulerPageProps {
    /// The state.
    pub state: Rc<State>,
}

/// A scheduler's dashboard by its address, without a gateway.
#[component]
pub fn SchedulerPage(props: &SchedulerPageProps) -> Html {
    let state = &props.state;
    let dispatch = use_dispatch();
    let form = |problem: Option<String>| {
        let url = state.route.query.url.clone().unwrap_or_default();
        html! { <SchedulerForm state={state.clone()} {problem} {url} /> }
    };
    match named(state) {
        Named::Nothing => form(None),
        Named::Wrong(problem) => form(Some(problem)),
        Named::Unknown(address) => question(state, &address, &dispatch).into(),
        Named::Known(source) => html! {
            <LiveScheduler key={&*source.base} state={state.clone()} source={source.clone()} />
        },
    }
}

#[derive(Properties, PartialEq)]
struct LiveSchedulerProps {
    state: Rc<State>,
    source: Source,
}

/// A scheduler that is watched without a gateway.
#[component]
fn LiveScheduler(props: &LiveSchedulerProps) -> Html {
    let LiveSchedulerProps { state, source } = props;
    let dispatch = use_dispatch();
    // None until a person has chosen: then it shows itself where there is need.
    let doctor = use_state_eq(|| None::<bool>);
    let silent = use_silence(source, 1);
    let examined = doctor.unwrap_or(silent);
    let base = &source.base;
    let another = link_to(&dispatch, state, Page::Scheduler).class("btn").text("Another");
    let check = button("btn")
        .truth("aria-pressed", examined)
        .onclick(sets(doctor.setter(), Some(!examined)))
        .text("Check connection");
    html! {
        <div class="livebox">
            <div class="head">
                <h1>{ "Scheduler" }</h1>
                <span class="id clip">{ &source.label }</span>
                <span class="acts">{ check }{ another }</span>
            </div>
            if examined {
                <div class="bars">
                    <DoctorCard patient={Patient::Scheduler(base.clone())} run={1} />
                    { if silent { html! { <OverHttp base={base.clone()} /> } } else { nothing() } }
                </div>
            }
            { html! {
                <LivePanes source={source.clone()} only={None} ended={false}
                    debug={state.route.query.debug.as_deref() == Some("frame")} asked={None}
                    odd={None} />
            } }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct SchedulerFormProps {
    state: Rc<State>,
    problem: Option<String>,
    url: String,
}

/// Asks for the address of a dashboard.
#[component]
fn SchedulerForm(props: &SchedulerFormProps) -> Html {
    let dispatch = use_dispatch();
    let url = use_state_eq(|| props.url.clone());
    let onsubmit = {
        let (state, url, dispatch) = (props.state.clone(), url.clone(), dispatch.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let mut route = state.route.follow(Page::Scheduler);
            route.query.url = Some(url.trim().to_owned());
            dispatch.act(Action::Watch(route));
        })
    };
    let oninput = {
        let url = url.setter();
        on_text(move |text| url.set(text))
    };
    html! {
        <div class="connect single">
            <form class="card" {onsubmit}>
                <h1>{ "Watch a scheduler" }</h1>
                <p class="mute">
                    { "Watch any Dask dashboard that this browser can reach, without a gateway: for \
                       example a LocalCluster on this computer, or a cluster behind a proxy." }
                </p>
                <div class="field">
                    <label for="ds-url">{ "Dashboard address" }</label>
                    <input
                        class="input"
                        id="ds-url"
                        data-testid="scheduler-url"
                        spellcheck="false"
                        placeholder="http://127.0.0.1:8787/status"
                        value={(*url).clone()}
                        {oninput}
                    />
                    if let Some(problem) = &props.problem {
                        <span class="error">{ problem }</span>
                    }
                </div>
                <div class="submit-line">
                    <button
                        class="btn primary tall"
                        data-testid="scheduler-open"
                        disabled={url.trim().is_empty()}
                    >
                        { "Watch" }
                    </button>
                </div>
                { agreed(&props.state, &dispatch).map_or_else(nothing, Into::into) }
            </form>
        </div>
    }
}

/// A card with nothing on it but words.
fn blank(title: &'static str, words: El) -> El {
    el("section").class("card blank").kid(el("h2").text(title)).kid(words)
}

/// Saved and opened runs.
pub fn recordings_page() -> El {
    let words = "Saved runs will be listed here. This version shows live clusters only.";
    div("page")
        .kid(div("page-head").kid(el("h1").text("Recordings")))
        .kid(blank("No recordings yet", el("p").text(words)))
}

/// One pane, edge to edge.
pub fn panel_page(state: &Rc<State>, pane: &str, dispatch: &Dispatch) -> El {
    let query = &state.route.query;
    let source = match (named(state), &query.url, &query.cluster, state.session.address()) {
        (Named::Known(source), ..) => Some(source),
        (Named::Unknown(address), ..) => return question(state, &address, dispatch),
        (_, None, Some(name), Some(address)) => {
            Some(Source { base: address.dashboard(name), label: base::alias::alias(name) })
        }
        _ => None,
    };
    match source {
        Some(source) => {
            let only = Some(pane.to_owned());
            // Another cluster is another panel: what the first one opened goes with it.
            let key = source.base.clone();
            let panes = html! {
                <LivePanes {key} {source} {only} ended={false} debug={false} asked={None} odd={None} />
            };
            div("livebox").set("data-pane", pane.to_owned()).kid(panes)
        }
        None => div("page").kid(blank(
            "Nothing to show",
            el("p").text("The address of this panel contains neither a cluster nor a dashboard."),
        )),
    }
}

/// An address that is no page of ours.
pub fn lost_page(state: &State, path: &str, dispatch: &Dispatch) -> El {
    let (home, words) = if state.has_clusters() {
        (Page::Clusters, "Show clusters")
    } else {
        (Page::Connect, "Connect to a gateway")
    };
    let said = el("p")
        .text("The address says ")
        .kid(el("code").text(path.to_owned()))
        .text(", which does not exist here.");
    let way = link_to(dispatch, state, home).class("btn").text(words);
    div("page").kid(blank("There is no such page", said).kid(way))
}
