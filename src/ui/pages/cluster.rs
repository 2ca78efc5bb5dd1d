//! One cluster.

use std::rc::Rc;

use yew::prelude::*;

use super::head::{Head, LiveHead};
use super::loading;
use super::story::story;
use crate::ui::dom::{El, button, div, el, nothing, span};
use crate::ui::live::{LivePanes, OverHttp, use_silence};
use crate::ui::store::Dispatch;
use crate::ui::widgets::{
    DoctorCard, Patient, Tone, acts, acts_on, folded, link_to, note, trouble_note,
};
use advice::odd;
use gateway::model::Status;
use live::source::Source;
use session::action::Action;
use session::route::Page;
use session::state::{Entry, State, Trouble};

/// One cluster, by the gateway's name of it.
pub fn cluster_page(state: &Rc<State>, name: &str, dispatch: &Dispatch) -> El {
    let Some(entry) = state.clusters.get(name) else {
        return missing(state, dispatch);
    };
    let running = entry.status() == Status::Running && !entry.gone;
    // What was seen stays on the page when the cluster has ended.
    let source = state
        .session
        .address()
        .filter(|_| running || entry.watched)
        .map(|address| Source { base: address.dashboard(name), label: entry.alias.clone() });
    div("livebox")
        .kid(head(state, entry, source.as_ref().filter(|_| running)))
        .kid(
            div("bars")
                .maybe(state.listing.trouble.as_ref().map(stale))
                .maybe(message(entry, dispatch)),
        )
        .maybe((!running).then(|| story(state, entry, dispatch)))
        .maybe(source.as_ref().filter(|_| running).map(|source| {
            html! { <Silent source={source.clone()} /> }
        }))
        .maybe(source.map(|source| {
            html! {
                <LivePanes {source} only={None} ended={!running}
                    debug={state.route.query.debug.as_deref() == Some("frame")}
                    asked={entry.asked.workers}
                    odd={odd(&entry.cluster.options, &entry.wanted, &state.prefs.presets)} />
            }
        }))
}

fn head(state: &Rc<State>, entry: &Rc<Entry>, live: Option<&Source>) -> Html {
    let (state, entry) = (state.clone(), entry.clone());
    match live {
        Some(source) => html! { <LiveHead {state} {entry} source={source.clone()} /> },
        None => html! { <Head {state} {entry} totals={None} /> },
    }
}

/// That the gateway does not answer, while the cluster itself still may.
fn stale(trouble: &Trouble) -> El {
    let words = el("div")
        .kid(el("b").text("No answer from the gateway"))
        .kid(span("hint").kid(folded(&trouble.text)))
        .kid(span("hint").text("Live views of the cluster keep updating."));
    note(Tone::Warn, words)
}

/// What the gateway has said to what was asked of it for this cluster.
fn message(entry: &Entry, dispatch: &Dispatch) -> Option<El> {
    let message = entry.message.as_ref()?;
    let tone = if message.bad { Tone::Warn } else { Tone::Ok };
    let clear = button("btn quiet icon")
        .attr("aria-label", "Dismiss")
        .onclick(acts_on(dispatch, &entry.cluster.name, Action::ClearMessage))
        .text("×");
    let words = el("div").kid(folded(&message.text));
    Some(note(tone, words).testid("server-message").kid(clear))
}

#[derive(Properties, PartialEq)]
struct SilentProps {
    source: Source,
}

/// What stands between this page and the dashboard of a cluster that runs, where it never says a word.
#[component]
fn Silent(props: &SilentProps) -> Html {
    // A cluster that has just begun may take a moment until its dashboard is there.
    if !use_silence(&props.source, 4) {
        return nothing();
    }
    let base = props.source.base.clone();
    html! {
        <div class="bars">
            <DoctorCard patient={Patient::Scheduler(base.clone())} run={1} />
            { html! { <OverHttp {base} /> } }
        </div>
    }
}

/// A cluster that the gateway has not told of: why, or that it may still come.
fn missing(state: &State, dispatch: &Dispatch) -> El {
    let (trouble, act) =
        if let Some(trouble) = state.lookup.as_ref().and_then(|lookup| lookup.trouble.as_ref()) {
            let clusters = link_to(dispatch, state, Page::Clusters);
            (trouble, clusters.class("btn").text("Show clusters"))
        } else if let Some(trouble) = &state.listing.trouble {
            let again = acts(dispatch, || Action::Refresh);
            (trouble, button("btn").onclick(again).text("Try now"))
        } else {
            return loading();
        };
    div("page").kid(trouble_note(trouble).kid(act))
}
