//! One cluster.

use std::rc::Rc;

use yew::prelude::*;

use super::head::{Head, LiveHead};
use super::loading;
use super::story::story;
use crate::ui::dom::{El, button, div, el, nothing, span};
use crate::ui::live::{LivePanes, OverHttp, use_silence};
use crate::ui::part::{Hook, HookContext, Part, part};
use crate::ui::store::Dispatch;
use crate::ui::widgets::{
    DoctorCard, Patient, Tone, acts, acts_on, folded, link_to, note, trouble_note,
};
use advice::odd;
use gateway::model::Status;
use live::source::Source;
use session::action::Action;
use session::route::Page;
use session::state::State;

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
    let stale = state.listing.trouble.as_ref().map(|trouble| {
        let said = el("b").text("No answer from the gateway");
        let live = span("hint").text("What the cluster itself sends is still live.");
        note(Tone::Warn, el("div").kid(said).kid(span("hint").kid(folded(&trouble.text))).kid(live))
    });
    let message = entry.message.as_ref().map(|message| {
        let clear = button("btn quiet icon")
            .attr("aria-label", "Dismiss")
            .onclick(acts_on(dispatch, name, Action::ClearMessage))
            .text("×");
        let tone = if message.bad { Tone::Warn } else { Tone::Ok };
        let said = el("div").kid(folded(&message.text));
        note(tone, said).testid("server-message").kid(clear)
    });
    let head = match &source {
        Some(source) if running => {
            part(LiveHead { state: state.clone(), entry: entry.clone(), source: source.clone() })
        }
        _ => part(Head { state: state.clone(), entry: entry.clone(), totals: None }),
    };
    let debug = state.route.query.debug.as_deref() == Some("frame");
    div("livebox")
        .kid(head)
        .kid(div("bars").maybe(stale).maybe(message))
        .maybe((!running).then(|| story(state, entry, dispatch)))
        .maybe(source.as_ref().filter(|_| running).map(|source| part(Silent(source.clone()))))
        .maybe(source.map(|source| {
            part(LivePanes {
                source,
                only: None,
                ended: !running,
                debug,
                asked: entry.asked.workers,
                odd: odd(&entry.cluster.options, &entry.wanted, &state.prefs.presets),
            })
        }))
}

/// What stands between this page and the dashboard of a cluster that runs, where it never says a word.
#[derive(PartialEq)]
struct Silent(Source);

impl Part for Silent {
    fn view(&self, hooks: &mut HookContext) -> Html {
        // A cluster that has just begun may take a moment until its dashboard is there.
        if !use_silence(&self.0, 4).run(hooks) {
            return nothing();
        }
        let base = self.0.base.clone();
        let doctor = DoctorCard { patient: Patient::Scheduler(base.clone()), run: 1 };
        div("bars").kid(part(doctor)).kid(part(OverHttp { base })).into()
    }
}

/// A cluster that the gateway has not told of: why, or that it may still come.
fn missing(state: &State, dispatch: &Dispatch) -> El {
    let (trouble, act) =
        if let Some(trouble) = state.lookup.as_ref().and_then(|lookup| lookup.trouble.as_ref()) {
            let clusters = link_to(dispatch, state, Page::Clusters);
            (trouble, clusters.class("btn").text("To the clusters"))
        } else if let Some(trouble) = &state.listing.trouble {
            let again = acts(dispatch, || Action::Refresh);
            (trouble, button("btn").onclick(again).text("Try now"))
        } else {
            return loading();
        };
    div("page").kid(trouble_note(trouble).kid(act))
}
