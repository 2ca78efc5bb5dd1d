//! The controls behind *Auto stop*: when this page shuts a cluster down.

use std::rc::Rc;

use yew::prelude::*;

use super::ages::fmt_age;
use super::story::Tell;
use crate::ui::dom::{El, div, el, list, nothing};
use crate::ui::store::{Dispatch, use_dispatch, use_now};
use crate::ui::widgets::{on_choice, ticked};
use crate::web::keeper;
use session::action::Action;
use session::idle::Seen;
use session::state::{Dialog, Entry, Scope, State};

/// What this is about.
pub const ABOUT: &str = "When this page shuts the cluster down";

/// What is set, in some words.
pub fn summary(scope: Scope, framed: bool, signed_in: bool) -> String {
    match (scope.idle_minutes, scope.on_close) {
        // Inside of a stranger's page nothing is ended.
        (Some(_), _) | (_, true) if framed => "Auto-stop (not in this frame)".into(),
        (Some(_), _) | (_, true) if !signed_in => "Auto-stop (not while signed out)".into(),
        (None, false) => "Auto stop".into(),
        (Some(minutes), false) => format!("Stops after {minutes} min idle"),
        (None, true) => "Stops when this tab closes".into(),
        (Some(minutes), true) => format!("Stops after {minutes} min idle, or with this tab"),
    }
}

/// Properties of [`AutoStop`].
#[derive(Properties, PartialEq)]
pub struct AutoStopProps {
    /// The state.
    pub state: Rc<State>,
    /// The cluster.
    pub entry: Rc<Entry>,
}

/// The controls.
#[component]
pub fn AutoStop(props: &AutoStopProps) -> Html {
    let AutoStopProps { state, entry } = props;
    let dispatch = use_dispatch();
    let scope = entry.scope;
    let set = {
        let (name, dispatch) = (entry.cluster.name.clone(), dispatch.clone());
        Callback::from(move |scope: Scope| dispatch.act(Action::SetScope(name.clone(), scope)))
    };
    let can_close = can_end_with_page(&dispatch);
    let watched = || match scope.idle_minutes {
        None => nothing(),
        Some(_) if !state.is_in() => seen("Auto-stop is off until you sign in again."),
        Some(minutes) => html! { <SeenIdle entry={entry.clone()} {minutes} /> },
    };
    list(vec![
        el("h3").text("Auto-stop").into(),
        div("field")
            .kid(el("label").attr("for", "ds-idle").text("When idle"))
            .kid(minutes_select(scope, state, &set))
            .into(),
        watched(),
        blind(entry).map_or_else(nothing, Into::into),
        close_check(scope, can_close, set).into(),
        conditions(state, can_close).into(),
        html! {
            <Tell
                offer="Notify me when a run ends"
                promise="You get a notification when a run ends while this tab is in the background."
            />
        },
    ])
}

/// Whether this page can end clusters when it is closed.
fn can_end_with_page(dispatch: &Dispatch) -> bool {
    // In a host's page there is no worker of ours.
    dispatch.location().has_links() && keeper::possible()
}

/// After how many idle minutes it ends.
fn minutes_select(scope: Scope, state: &State, set: &Callback<Scope>) -> El {
    let set = set.clone();
    let choice = |minutes: Option<u32>| {
        let (value, words) = match minutes {
            None => (String::new(), "never".to_owned()),
            Some(minutes) => (minutes.to_string(), format!("after {minutes} min")),
        };
        el("option").set("value", value).flag("selected", scope.idle_minutes == minutes).text(words)
    };
    el("select")
        .class("input")
        // A choice that was refused is taken back.
        .key(if state.dialog == Some(Dialog::Framed) { "refused" } else { "free" })
        .attr("id", "ds-idle")
        .testid("scope-idle")
        .onchange(on_choice(move |text| {
            set.emit(Scope { idle_minutes: text.parse().ok(), ..scope });
        }))
        .kid(choice(None))
        .each([1, 5, 10, 20, 30, 60, 120].map(|minutes| choice(Some(minutes))))
}

/// Whether it ends with the page.
fn close_check(scope: Scope, can: bool, set: Callback<Scope>) -> El {
    let tick = el("input")
        .attr("type", "checkbox")
        .testid("scope-close")
        .checked(scope.on_close)
        .flag("disabled", !can)
        .onchange(Callback::from(move |event: Event| {
            set.emit(Scope { on_close: ticked(&event), ..scope });
        }));
    el("label").class("check").kid(tick).text("When this page is closed")
}

#[derive(Properties, PartialEq)]
struct SeenIdleProps {
    entry: Rc<Entry>,
    minutes: u32,
}

/// What *Auto stop* sees now.
#[component]
fn SeenIdle(props: &SeenIdleProps) -> Html {
    let SeenIdleProps { entry, minutes } = props;
    let now = use_now();
    match (entry.idleness.seen(), entry.idle(now)) {
        (Seen::Working(work), _) => seen(format!("Not idle. {}", work.words())),
        (Seen::Idle { .. }, Some(idle)) => {
            let limit = f64::from(*minutes) * 60.0;
            seen(format!("Idle for {} of {minutes} min.", fmt_age(idle.min(limit))))
        }
        _ => seen(
            "Waiting for the scheduler to answer. Without an answer the cluster is not shut down.",
        ),
    }
}

fn seen(words: impl Into<AttrValue>) -> Html {
    el("p").class("small").testid("scope-seen").attr("role", "status").text(words).into()
}

/// That work may be missed, where the scheduler does not count it.
fn blind(entry: &Entry) -> Option<El> {
    let blind = entry.counts.is_some_and(|counts| counts.transitions.is_none());
    (blind && entry.scope.idle_minutes.is_some()).then(|| {
        el("p").class("small notice warn").text(
            "This scheduler does not count finished tasks (prometheus_client is not installed there). \
             Work that starts and ends between two checks, 10 s apart (1 min in a hidden tab), may \
             be missed.",
        )
    })
}

/// What has to be so for any of it to happen.
fn conditions(state: &State, can_close: bool) -> El {
    el("p")
        .class("small mute")
        .text(
            "This browser shuts the cluster down, so keep the page open in a tab. Two checks must find \
             the cluster idle. When you close the last tab you are asked first; the cluster is shut \
             down 10 s later, unless you reopen the page. ",
        )
        .text(if can_close {
            ""
        } else {
            "Not available here: this needs https and a page that is not embedded. "
        })
        .text(
            "If the browser crashes, the computer sleeps or the network is lost, nothing is sent: the \
             cluster then stays until the gateway's own limits end it.",
        )
        .text(if state.is_nameless() {
            " Your sign-in has no user name, so other tabs do not know this setting."
        } else {
            ""
        })
}
