//! The question before a scheduler is contacted that only the address of the page names, and the list of
//! those that were agreed to.

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::dom::{El, button, div, el, span};
use crate::ui::store::Dispatch;
use crate::ui::widgets::{acts_on, link_to};
use gateway::Address;
use session::action::Action;
use session::route::Page;
use session::state::State;

/// The question.
pub fn question(state: &Rc<State>, address: &Address, dispatch: &Dispatch) -> El {
    let origin = address.origin();
    let framed = matches!(&state.route.page, Page::Panel(pane) if pane.starts_with("dask:"));
    let watch = {
        let (dispatch, state) = (dispatch.clone(), state.clone());
        Callback::from(move |_: MouseEvent| dispatch.act(Action::Watch(state.route.clone())))
    };
    let back = {
        let (dispatch, state) = (dispatch.clone(), state.clone());
        Callback::from(move |_: MouseEvent| {
            // The history of a frame is that of the page around it.
            if state.framed.is_some() || !dispatch.location().back() {
                dispatch.go(if state.is_in() { Page::Clusters } else { Page::Connect });
            }
        })
    };
    let (title, asks, go_on) = if framed {
        ("Show this page?", "A link asks Daskscope to show a page from ", "Show the page")
    } else {
        (
            "Watch this scheduler?",
            "A link asks Daskscope to watch a scheduler at ",
            "Watch this scheduler",
        )
    };
    let contacted = if framed {
        "If you continue, a page of that server is shown inside this page. Do not type a password there."
    } else {
        "If you continue, your browser connects to that server while this page is open. The server sees \
         your network address."
    };
    let card = el("section")
        .class("card question")
        .testid("consent")
        .kid(el("h1").text(title))
        .kid(
            el("p")
                .text(asks)
                .kid(el("b").class("break").testid("consent-host").text(origin.to_owned()))
                .text(". Nothing has been sent there yet."),
        )
        .kid(el("p").text(whereabouts(address)))
        .kid(el("p").text(contacted))
        .kid(
            div("submit-line")
                .kid(button("btn tall").testid("consent-back").onclick(back).text("Go back"))
                .kid(button("btn primary tall").testid("consent-watch").onclick(watch).text(go_on)),
        )
        .kid(
            el("p")
                .class("mute small")
                .text("This browser remembers your answer. You can change it under ")
                .kid(link_to(dispatch, state, Page::Scheduler).text("Watch a scheduler"))
                .text("."),
        );
    div("connect single").kid(card)
}

/// What it means that the server is where it is.
fn whereabouts(address: &Address) -> &'static str {
    if address.is_loopback() {
        "This address is your own computer. Continue if you started a Dask scheduler here. A link from \
         a stranger may try to reach other programs on your computer."
    } else if address.is_private() {
        "This address is inside your network. Continue if you know the scheduler there. A link from a \
         stranger may try to reach other servers in your network."
    } else {
        "Continue only if you know this server or trust the sender of the link."
    }
}

/// The origins that were agreed to, each with a way to take that back.
pub fn agreed(state: &State, dispatch: &Dispatch) -> Option<El> {
    if state.agreed.is_empty() {
        return None;
    }
    let mut rows = el("ul").class("agreed");
    for origin in &state.agreed {
        let forget = button("linkish")
            .testid("consent-forget")
            .set("aria-label", format!("Forget {origin}"))
            .onclick(acts_on(dispatch, origin, Action::Unwatch))
            .text("Forget");
        let row = el("li").key(origin.as_str());
        rows = rows.kid(row.kid(span("break").text(origin.clone())).kid(forget));
    }
    let words = "Schedulers that this browser watches without asking:";
    Some(div("").kid(el("p").class("mute small").text(words)).kid(rows))
}
