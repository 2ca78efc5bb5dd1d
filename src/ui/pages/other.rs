//! Pages beside the gateway's: a scheduler by its address, recordings, one pane, and nowhere.

use std::rc::Rc;

use yew::prelude::*;

use crate::app::live::Source;
use crate::app::route::Page;
use crate::app::state::State;
use crate::gateway::Address;
use crate::ui::live::LivePanes;
use crate::ui::part::part;
use crate::ui::store::use_dispatch;
use crate::ui::widgets::{DoctorPanel, Link, Patient, on_text};

/// A page.
#[derive(Properties, PartialEq)]
pub struct StateProps {
    /// The state.
    pub state: Rc<State>,
}

/// The root of a dashboard from what people paste: a page's name at the end is cut.
fn dashboard(state: &State, text: &str) -> Result<Source, String> {
    let text = text.trim();
    let cut = [
        "/status",
        "/tasks",
        "/workers",
        "/graph",
        "/system",
        "/profile",
        "/groups",
        "/info/main/workers.html",
    ]
    .into_iter()
    .find_map(|tail| text.split(['?', '#']).next()?.trim_end_matches('/').strip_suffix(tail))
    .unwrap_or(text);
    // An address of a gateway has the same shape, but loses a cluster's path: so it is kept here.
    let whole = cut.trim_end_matches('/');
    if let Some(at) = whole.rfind("/clusters/") {
        let root = Address::parse(&whole[..at], state.here.as_ref())
            .or_else(
                |error| if at == 0 { Address::parse("/", state.here.as_ref()) } else { Err(error) },
            )
            .map_err(|error| error.to_string())?;
        return Ok(Source { base: root.join(&whole[at..]), label: label(whole) });
    }
    let address = Address::parse(whole, state.here.as_ref()).map_err(|error| error.to_string())?;
    Ok(Source { label: label(address.as_str()), base: address.to_string() })
}

fn label(address: &str) -> String {
    address.split_once("://").map_or(address, |(_, rest)| rest).to_owned()
}

/// A scheduler's dashboard by its address, without a gateway.
#[component]
pub fn SchedulerPage(props: &StateProps) -> Html {
    let state = &props.state;
    let url = state.route.query.url.clone().unwrap_or_default();
    let doctor = use_state_eq(|| false);
    if url.trim().is_empty() {
        return html! { <SchedulerForm state={state.clone()} problem={None::<String>} {url} /> };
    }
    match dashboard(state, &url) {
        Err(problem) => {
            html! { <SchedulerForm state={state.clone()} problem={Some(problem)} {url} /> }
        }
        Ok(source) => html! {
            <div class="livebox" key={source.base.clone()}>
                <div class="head">
                    <h1>{ "Scheduler" }</h1>
                    <span class="id clip">{ &source.label }</span>
                    <span class="acts">
                        <button class="btn" aria-pressed={doctor.to_string()}
                            onclick={let d = doctor.clone(); move |_: MouseEvent| d.set(!*d)}>
                            { "Check connection" }
                        </button>
                        <Link to={state.route.follow(Page::Scheduler)} class="btn">{ "Another" }</Link>
                    </span>
                </div>
                if *doctor {
                    <div class="bars"><DoctorPanel run={1} patient={Patient::Scheduler(source.base.clone())} /></div>
                }
                { part(LivePanes {
                    source,
                    only: None,
                    ended: false,
                    debug: state.route.query.debug.as_deref() == Some("frame"),
                }) }
            </div>
        },
    }
}

#[derive(Properties, PartialEq)]
struct FormProps {
    state: Rc<State>,
    problem: Option<String>,
    url: String,
}

#[component]
fn SchedulerForm(props: &FormProps) -> Html {
    let dispatch = use_dispatch();
    let url = use_state_eq(|| props.url.clone());
    let submit = {
        let (dispatch, state, url) = (dispatch.clone(), props.state.clone(), (*url).clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let mut route = state.route.follow(Page::Scheduler);
            route.query.url = Some(url.trim().to_owned());
            dispatch.go_to(route);
        })
    };
    html! {
        <div class="connect single">
            <form class="card" onsubmit={submit}>
                <h1>{ "Watch a scheduler" }</h1>
                <p class="mute">{ "Any Dask dashboard that this browser can reach, without a gateway: a \
                    LocalCluster on this machine, or one behind a proxy." }</p>
                <div class="field">
                    <label for="ds-url">{ "Address of the dashboard" }</label>
                    <input class="input" id="ds-url" data-testid="scheduler-url" spellcheck="false"
                        placeholder="http://127.0.0.1:8787/status" value={(*url).clone()}
                        oninput={let url = url.setter(); on_text(move |text| url.set(text))} />
                    if let Some(problem) = &props.problem { <span class="error">{ problem }</span> }
                </div>
                <div class="submit-line">
                    <button class="btn primary tall" data-testid="scheduler-open"
                        disabled={url.trim().is_empty()}>{ "Watch" }</button>
                </div>
            </form>
        </div>
    }
}

/// Saved and opened runs.
#[component]
pub fn RecordingsPage() -> Html {
    html! {
        <div class="page">
            <div class="page-head"><h1>{ "Recordings" }</h1></div>
            <section class="card blank">
                <h2>{ "No recordings yet" }</h2>
                <p>{ "Runs that you save or open will be listed here. This version watches live clusters only." }</p>
            </section>
        </div>
    }
}

/// One pane.
#[derive(Properties, PartialEq)]
pub struct PanelProps {
    /// The state.
    pub state: Rc<State>,
    /// Which.
    pub pane: String,
}

/// One pane, edge to edge.
#[component]
pub fn PanelPage(props: &PanelProps) -> Html {
    let state = &props.state;
    let query = &state.route.query;
    let source = match (&query.url, &query.cluster, state.session.address()) {
        (Some(url), ..) => dashboard(state, url).ok(),
        (None, Some(name), Some(address)) => {
            Some(Source { base: address.dashboard(name), label: crate::base::alias::alias(name) })
        }
        _ => None,
    };
    match source {
        Some(source) => html! {
            <div class="livebox" data-pane={props.pane.clone()}>
                { part(LivePanes { source, only: Some(props.pane.clone()), ended: false, debug: false }) }
            </div>
        },
        None => html! {
            <div class="page"><section class="card blank">
                <h2>{ "Nothing to show" }</h2>
                <p>{ "The address of this panel names neither a cluster nor a dashboard." }</p>
            </section></div>
        },
    }
}

/// An address that is no page.
#[derive(Properties, PartialEq)]
pub struct LostProps {
    /// The state.
    pub state: Rc<State>,
    /// What stood there.
    pub path: String,
}

/// An address that is no page of ours.
#[component]
pub fn LostPage(props: &LostProps) -> Html {
    let state = &props.state;
    let home = if state.is_in() { Page::Clusters } else { Page::Connect };
    html! {
        <div class="page"><section class="card blank">
            <h2>{ "There is no such page" }</h2>
            <p>{ "The address says " }<code>{ &props.path }</code>{ ", which leads nowhere here." }</p>
            <Link to={state.route.follow(home.clone())} class="btn">
                { if home == Page::Clusters { "To the clusters" } else { "Connect to a gateway" } }
            </Link>
        </section></div>
    }
}
