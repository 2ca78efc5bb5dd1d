//! Pages beside the gateway's: a scheduler by its address, recordings, one pane, and nowhere.

use std::rc::Rc;

use yew::prelude::*;

use super::consent::{agreed, question};
use crate::ui::dom::{El, button, div, el, nothing, span};
use crate::ui::hooks::use_state_eq;
use crate::ui::live::{LivePanes, OverHttp, use_silence};
use crate::ui::part::{Hook, HookContext, Part, keyed, part};
use crate::ui::store::{Dispatch, use_dispatch};
use crate::ui::widgets::{DoctorCard, Patient, link_to, on_text, sets};
use live::source::Source;
use session::action::Action;
use session::route::Page;
use session::state::State;
use session::trust::{Named, named};

/// A scheduler's dashboard by its address, without a gateway.
#[derive(PartialEq)]
pub struct SchedulerPage {
    /// The state.
    pub state: Rc<State>,
}

impl Part for SchedulerPage {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let dispatch = use_dispatch().run(hooks);
        let state = &self.state;
        let url = state.route.query.url.clone().unwrap_or_default();
        let form = |problem| part(SchedulerForm { state: state.clone(), problem, url });
        let source = match named(state) {
            Named::Nothing => return form(None),
            Named::Wrong(problem) => return form(Some(problem)),
            Named::Unknown(address) => return question(state, &address, &dispatch).into(),
            Named::Known(source) => source,
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
        let silent = use_silence(&self.source, 1).run(hooks);
        let (state, source) = (&self.state, self.source.clone());
        let on = doctor.unwrap_or(silent);
        let check = button("btn")
            .truth("aria-pressed", on)
            .onclick(sets(doctor.setter(), Some(!on)))
            .text("Check connection");
        let card = on.then(|| {
            let patient = Patient::Scheduler(source.base.clone());
            let over_http = silent.then(|| part(OverHttp { base: source.base.clone() }));
            let over_http = over_http.unwrap_or_else(nothing);
            div("bars").kid(part(DoctorCard { patient, run: 1 })).kid(over_http)
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
            let (state, url, dispatch) = (self.state.clone(), url.clone(), dispatch.clone());
            Callback::from(move |event: SubmitEvent| {
                event.prevent_default();
                let mut route = state.route.follow(Page::Scheduler);
                route.query.url = Some(url.trim().to_owned());
                dispatch.act(Action::Watch(route));
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
            .kid(div("submit-line").kid(watch))
            .maybe(agreed(&self.state, &dispatch));
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
    let (home, words) = if state.has_clusters() {
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
