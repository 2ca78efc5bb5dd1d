//! Pages beside the gateway's: a scheduler by its address, recordings, one pane, and nowhere.

use std::rc::Rc;

use yew::prelude::*;

use crate::app::live::Source;
use crate::app::route::{Page, Route};
use crate::app::state::State;
use crate::gateway::{self, Address};
use crate::ui::dom::{El, button, div, el, span};
use crate::ui::hooks::use_state_eq;
use crate::ui::live::{LivePanes, use_silence};
use crate::ui::part::{Hook, HookContext, Part, keyed, part};
use crate::ui::store::{Dispatch, use_dispatch};
use crate::ui::widgets::{DoctorCard, Patient, link_to, on_text, sets};

/// The root of a dashboard from what people paste: a page's name at the end is cut.
fn dashboard(here: Option<&gateway::Page>, text: &str) -> Result<Source, String> {
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
        let root = Address::parse(&whole[..at], here)
            .or_else(|error| if at == 0 { Address::parse("/", here) } else { Err(error) })
            .map_err(|error| error.to_string())?;
        return Ok(Source { base: root.join(&whole[at..]), label: label(whole) });
    }
    let address = Address::parse(whole, here).map_err(|error| error.to_string())?;
    Ok(Source { label: label(address.as_str()), base: address.to_string() })
}

/// What an address says is to be watched without a gateway, before anything else is known.
pub fn named_by(route: &Route, here: Option<&gateway::Page>) -> Option<Source> {
    let shows = matches!(route.page, Page::Scheduler | Page::Panel(_));
    dashboard(here, route.query.url.as_deref().filter(|url| shows && !url.trim().is_empty())?).ok()
}

fn label(address: &str) -> String {
    address.split_once("://").map_or(address, |(_, rest)| rest).to_owned()
}

/// A scheduler's dashboard by its address, without a gateway.
#[derive(PartialEq)]
pub struct SchedulerPage {
    /// The state.
    pub state: Rc<State>,
}

impl Part for SchedulerPage {
    fn view(&self, _: &mut HookContext) -> Html {
        let state = &self.state;
        let url = state.route.query.url.clone().unwrap_or_default();
        let source = if url.trim().is_empty() {
            Err(None)
        } else {
            dashboard(state.here.as_ref(), &url).map_err(Some)
        };
        let source = match source {
            Ok(source) => source,
            Err(problem) => {
                return part(SchedulerForm { state: state.clone(), problem, url });
            }
        };
        let key = source.base.clone();
        keyed(LiveScheduler { state: state.clone(), source }, key)
    }
}

/// A scheduler that is watched without a gateway.
#[derive(PartialEq)]
struct LiveScheduler {
    state: Rc<State>,
    source: Source,
}

impl Part for LiveScheduler {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let dispatch = use_dispatch().run(hooks);
        // None until a person has chosen: then it shows itself where there is need.
        let doctor = use_state_eq(|| None::<bool>).run(hooks);
        let silent = use_silence(&self.source).run(hooks);
        let (state, source) = (&self.state, self.source.clone());
        let on = doctor.unwrap_or(silent);
        let check = button("btn")
            .truth("aria-pressed", on)
            .onclick(sets(doctor.setter(), Some(!on)))
            .text("Check connection");
        let card = on.then(|| {
            let patient = Patient::Scheduler(source.base.clone());
            div("bars").kid(part(DoctorCard { patient, run: 1 }))
        });
        let debug = state.route.query.debug.as_deref() == Some("frame");
        div("livebox")
            .kid(
                div("head")
                    .kid(el("h1").text("Scheduler"))
                    .kid(span("id clip").text(source.label.clone()))
                    .kid(span("acts").kid(check).kid(
                        link_to(&dispatch, state, Page::Scheduler).class("btn").text("Another"),
                    )),
            )
            .maybe(card)
            .kid(part(LivePanes {
                source,
                only: None,
                ended: false,
                debug,
                asked: None,
                odd: None,
            }))
            .into()
    }
}

#[derive(PartialEq)]
struct SchedulerForm {
    state: Rc<State>,
    problem: Option<String>,
    url: String,
}

impl Part for SchedulerForm {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let dispatch = use_dispatch().run(hooks);
        let url = use_state_eq(|| self.url.clone()).run(hooks);
        let typed = {
            let url = url.setter();
            on_text(move |text| url.set(text))
        };
        let submit = {
            let (state, url) = (self.state.clone(), url.clone());
            Callback::from(move |event: SubmitEvent| {
                event.prevent_default();
                let mut route = state.route.follow(Page::Scheduler);
                route.query.url = Some(url.trim().to_owned());
                dispatch.go_to(route);
            })
        };
        let input = el("input")
            .class("input")
            .attr("id", "ds-url")
            .testid("scheduler-url")
            .attr("spellcheck", "false")
            .attr("placeholder", "http://127.0.0.1:8787/status")
            .value((*url).clone())
            .oninput(typed);
        let watch = el("button")
            .class("btn primary tall")
            .testid("scheduler-open")
            .flag("disabled", url.trim().is_empty())
            .text("Watch");
        let form = el("form")
            .class("card")
            .onsubmit(submit)
            .kid(el("h1").text("Watch a scheduler"))
            .kid(el("p").class("mute").text(
                "Any Dask dashboard that this browser can reach, without a gateway: a LocalCluster on this machine, \
                 or one behind a proxy.",
            ))
            .kid(
                div("field")
                    .kid(el("label").attr("for", "ds-url").text("Address of the dashboard"))
                    .kid(input)
                    .maybe(self.problem.clone().map(|problem| span("error").text(problem))),
            )
            .kid(div("submit-line").kid(watch));
        div("connect single").kid(form).into()
    }
}

/// A card with nothing on it but words.
fn blank(title: &'static str, words: El) -> El {
    el("section").class("card blank").kid(el("h2").text(title)).kid(words)
}

/// Saved and opened runs.
pub fn recordings_page() -> El {
    let words =
        "Runs that you save or open will be listed here. This version watches live clusters only.";
    div("page")
        .kid(div("page-head").kid(el("h1").text("Recordings")))
        .kid(blank("No recordings yet", el("p").text(words)))
}

/// One pane, edge to edge.
pub fn panel_page(state: &State, pane: &str) -> El {
    let query = &state.route.query;
    let source = match (&query.url, &query.cluster, state.session.address()) {
        (Some(url), ..) => dashboard(state.here.as_ref(), url).ok(),
        (None, Some(name), Some(address)) => {
            Some(Source { base: address.dashboard(name), label: crate::base::alias::alias(name) })
        }
        _ => None,
    };
    match source {
        Some(source) => {
            let only = Some(pane.to_owned());
            // Another cluster is another panel: what the first one opened goes with it.
            let key = source.base.clone();
            let panes =
                LivePanes { source, only, ended: false, debug: false, asked: None, odd: None };
            div("livebox").set("data-pane", pane.to_owned()).kid(keyed(panes, key))
        }
        None => div("page").kid(blank(
            "Nothing to show",
            el("p").text("The address of this panel names neither a cluster nor a dashboard."),
        )),
    }
}

/// An address that is no page of ours.
pub fn lost_page(state: &State, path: &str, dispatch: &Dispatch) -> El {
    let (home, words) = if state.is_in() {
        (Page::Clusters, "To the clusters")
    } else {
        (Page::Connect, "Connect to a gateway")
    };
    let said = el("p")
        .text("The address says ")
        .kid(el("code").text(path.to_owned()))
        .text(", which leads nowhere here.");
    let way = link_to(dispatch, state, home).class("btn").text(words);
    div("page").kid(blank("There is no such page", said).kid(way))
}
