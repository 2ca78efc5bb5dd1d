//! My clusters, live and past, and the options form beside them.

use std::rc::Rc;

use yew::prelude::*;

use super::options::options_form;
use super::{Activity, OneLine, config_problems, fmt_age, is_gone, secret_name};
use crate::ui::dom::{El, button, div, el, nothing, span};
use crate::ui::store::{Dispatch, Room, use_dispatch, use_now};
use crate::ui::widgets::{acts, acts_on, link, link_to, new_cluster, status_chip, trouble_note};
use base::fmt;
use gateway::model::Status;
use session::action::Action;
use session::route::Page;
use session::state::{Dialog, Entry, Listing, State};

/// My clusters.
pub fn clusters_page(state: &Rc<State>, dispatch: &Dispatch, room: Room) -> El {
    let (live, past) = (state.live(), state.past());
    let none = state.listing.loaded && live.is_empty();
    let form = state.route.query.new || !state.route.query.options.is_empty() || none;
    div("page")
        .kid(head(state, &live, dispatch, room.narrow && !form))
        .kid(config_problems(state))
        .maybe(state.listing.trouble.is_some().then(|| {
            html! { <Stale listing={state.listing.clone()} /> }
        }))
        .kid(
            div("split")
                .class_if(!form, "one")
                .kid(
                    div("stack")
                        .kid(card("Live clusters").kid(live_list(state, &live, dispatch)))
                        .maybe((!past.is_empty()).then(|| earlier(state, &past, dispatch))),
                )
                .maybe(form.then(|| options_form(state, !none))),
        )
}

/// The title, how many there are, and what can be done about all of them.
fn head(state: &State, live: &[Rc<Entry>], dispatch: &Dispatch, with_new: bool) -> El {
    let new = || {
        link(dispatch, new_cluster(state))
            .class("btn primary")
            .testid("new-cluster")
            .text("New cluster")
    };
    let end = || {
        button("btn danger")
            .testid("shutdown-all")
            .flag("disabled", live.iter().all(|entry| entry.status() == Status::Stopping))
            .onclick(acts(dispatch, || Action::Ask(Dialog::ShutdownAll)))
            .text("Shut down all")
    };
    let some = !live.is_empty();
    div("page-head")
        .kid(el("h1").text("Clusters"))
        .maybe((state.listing.loaded && some).then(|| span("mute").text(summary(live))))
        .kid(span("grow"))
        .maybe(with_new.then(new))
        .maybe(some.then(end))
}

fn card(label: &'static str) -> El {
    el("section").class("card list").attr("aria-label", label)
}

fn rows(state: &State, entries: &[Rc<Entry>], dispatch: &Dispatch) -> El {
    el("ul").each(entries.iter().map(|entry| row(state, entry, dispatch)))
}

fn live_list(state: &State, live: &[Rc<Entry>], dispatch: &Dispatch) -> El {
    if !state.listing.loaded {
        skeleton()
    } else if live.is_empty() {
        div("blank").kid(el("h2").text("No cluster is running")).kid(el("p").text(
            "Choose options and create a cluster. Clusters that you create in a notebook or another tab \
             appear here, too.",
        ))
    } else {
        rows(state, live, dispatch)
    }
}

fn earlier(state: &State, past: &[Rc<Entry>], dispatch: &Dispatch) -> El {
    let forget = button("btn quiet small")
        .attr("data-testid", "forget-past")
        .attr("title", "Removes them from this list, which this browser keeps")
        .onclick(dispatch.on(|| Action::ForgetPast))
        .text("Forget");
    let head = div("strip").kid(el("h2").text("Earlier")).kid(span("grow")).kid(forget);
    card("Earlier clusters").kid(head).kid(rows(state, past, dispatch))
}

fn summary(live: &[Rc<Entry>]) -> String {
    let workers: u32 =
        live.iter().filter_map(|entry| entry.counts).map(|counts| counts.workers).sum();
    let count = u32::try_from(live.len()).unwrap_or(u32::MAX);
    if workers > 0 {
        format!("{} with {}", fmt::plural(count, "cluster"), fmt::plural(workers, "worker"))
    } else {
        fmt::plural(count, "cluster")
    }
}

#[derive(Properties, PartialEq)]
struct StaleProps {
    listing: Listing,
}

/// Why the list could not be read, how old it is, and when that is tried again.
#[component]
fn Stale(props: &StaleProps) -> Html {
    let (dispatch, now) = (use_dispatch(), use_now());
    let listing = &props.listing;
    let Some(mut trouble) = listing.trouble.clone() else { return nothing() };
    if listing.loaded {
        let age = (now - listing.answered).max(0.0) / 1e3;
        trouble.title = format!("The gateway does not answer. This list is {} old", fmt_age(age));
    }
    let words: AttrValue = if listing.waiting {
        "Trying…".into()
    } else {
        let wait = ((listing.due - now) / 1e3).ceil().max(0.0);
        format!("Try now ({} s)", wait as u32).into()
    };
    let again = button("btn")
        .onclick(acts(&dispatch, || Action::Refresh))
        .flag("disabled", listing.waiting)
        .text(words);
    trouble_note(&trouble).kid(again).into()
}

fn skeleton() -> El {
    let mut rows = el("ul").attr("aria-busy", "true");
    for _ in 0..3 {
        let mut item = div("item").kid(el("span"));
        for class in ["bone w70", "bone w50", "bone w50"] {
            item = item.kid(div(class));
        }
        rows = rows.kid(el("li").kid(item));
    }
    rows
}

fn row(state: &State, entry: &Rc<Entry>, dispatch: &Dispatch) -> El {
    let name = &entry.cluster.name;
    let (status, gone) = (entry.status(), is_gone(entry));
    let line = || html! { <OneLine entry={entry.clone()} /> };
    let inside = link_to(dispatch, state, Page::Cluster(name.clone()))
        .class("item")
        .testid(format!("cluster-row-{name}"))
        .attr("data-status", if gone { "GONE" } else { status.as_str() })
        .kid(span("dot"))
        .kid(
            span("clip")
                .kid(el("b").text(entry.alias.clone()))
                .kid(el("small").class("mono").kid(secret_name(name)))
                .kid(el("small").class("narrow-only").kid(line())),
        )
        .kid(span("wide-only").kid(status_chip(status, gone)))
        .kid(span("wide-only clip mute").kid(line()))
        .kid(el("span").kid(html! { <Activity entry={entry.clone()} /> }));
    el("li")
        .key(name.as_str())
        .class("item-line")
        .kid(inside)
        .kid(span("acts").kid(row_button(entry, dispatch)))
}

/// Ends a cluster that is there, or makes another one like it.
fn row_button(entry: &Entry, dispatch: &Dispatch) -> El {
    let live = entry.is_live();
    let (word, label, act): (_, _, fn(String) -> Action) = if live {
        let ask = |name| Action::Ask(Dialog::Shutdown(name));
        ("Shut down", format!("Shut down {}", entry.alias), ask)
    } else {
        ("Try again", format!("Try {} again", entry.alias), Action::TryAgain)
    };
    button("btn quiet")
        .class_if(live, "danger")
        .flag("disabled", live && entry.status() == Status::Stopping)
        .set("aria-label", label)
        .onclick(acts_on(dispatch, &entry.cluster.name, act))
        .text(word)
}
