//! My clusters, live and past, and the options form beside them.

use std::rc::Rc;

use yew::prelude::*;

use super::options::options_form;
use super::{config_problems, fmt_age, is_gone, one_line, secret_name};
use crate::ui::dom::{El, button, div, el, span};
use crate::ui::store::{Dispatch, Room};
use crate::ui::widgets::{acts, acts_on, link, link_to, new_cluster, status_chip, trouble_note};
use base::fmt;
use gateway::model::Status;
use session::action::Action;
use session::route::Page;
use session::state::{Dialog, Entry, State};

/// My clusters.
pub fn clusters_page(state: &Rc<State>, dispatch: &Dispatch, room: Room) -> El {
    let (live, past) = (state.live(), state.past());
    let loaded = state.listing.loaded;
    let none = loaded && live.is_empty();
    let form = state.route.query.new || !state.route.query.options.is_empty() || none;
    let ending = live.iter().all(|entry| entry.status() == Status::Stopping);
    let rows = |entries: &[Rc<Entry>]| {
        let mut rows = el("ul");
        for entry in entries {
            rows = rows.kid(row(state, entry, dispatch));
        }
        rows
    };
    let new = (room.narrow && !form).then(|| {
        link(dispatch, new_cluster(state))
            .class("btn primary")
            .testid("new-cluster")
            .text("New cluster")
    });
    let end = (!live.is_empty()).then(|| {
        button("btn danger")
            .testid("shutdown-all")
            .flag("disabled", ending)
            .onclick(acts(dispatch, || Action::Ask(Dialog::ShutdownAll)))
            .text("Shut down all")
    });
    let now = if !loaded {
        skeleton()
    } else if none {
        div("blank").kid(el("h2").text("No cluster is running")).kid(el("p").text(
            "Choose options and create one. It appears here at once, also when it was made in a notebook or another \
             tab.",
        ))
    } else {
        rows(&live)
    };
    let card = |label: &'static str| el("section").class("card list").attr("aria-label", label);
    let earlier = (!past.is_empty()).then(|| {
        let forget = button("btn quiet small")
            .attr("data-testid", "forget-past")
            .attr("title", "Takes them off this list, which this browser keeps")
            .onclick(dispatch.on(|| Action::ForgetPast))
            .text("Forget");
        let head = div("strip").kid(el("h2").text("Earlier")).kid(span("grow")).kid(forget);
        card("Earlier clusters").kid(head).kid(rows(&past))
    });
    let options = form.then(|| options_form(state, !none));
    let said = (loaded && !live.is_empty()).then(|| span("mute").text(summary(&live)));
    div("page")
        .kid(
            div("page-head")
                .kid(el("h1").text("Clusters"))
                .maybe(said)
                .kid(span("grow"))
                .maybe(new)
                .maybe(end),
        )
        .kid(config_problems(state))
        .maybe(stale(state, dispatch))
        .kid(
            div("split")
                .class_if(!form, "one")
                .kid(div("stack").kid(card("Live clusters").kid(now)).maybe(earlier))
                .maybe(options),
        )
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

/// What is wrong with the list, if anything.
fn stale(state: &State, dispatch: &Dispatch) -> Option<El> {
    let listing = &state.listing;
    let mut trouble = listing.trouble.clone()?;
    if listing.loaded {
        let age = (state.now - listing.answered).max(0.0) / 1e3;
        trouble.title =
            format!("No answer from the gateway: this is how it was {} ago", fmt_age(age));
    }
    let again = button("btn")
        .onclick(acts(dispatch, || Action::Refresh))
        .flag("disabled", listing.waiting)
        .text(if listing.waiting {
            AttrValue::Static("Trying…")
        } else {
            let wait = ((listing.due - state.now) / 1e3).ceil().max(0.0);
            format!("Try now ({} s)", wait as u32).into()
        });
    Some(trouble_note(&trouble).kid(again))
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

fn row(state: &State, entry: &Entry, dispatch: &Dispatch) -> El {
    let name = &entry.cluster.name;
    let (status, gone, live) = (entry.status(), is_gone(entry), entry.is_live());
    let line = one_line(entry, state.now);
    let (word, label, act): (_, _, fn(String) -> Action) = if live {
        let ask = |name| Action::Ask(Dialog::Shutdown(name));
        ("Shut down", format!("Shut down {}", entry.alias), ask)
    } else {
        ("Try again", format!("Try {} again", entry.alias), Action::TryAgain)
    };
    let act = button("btn quiet")
        .class_if(live, "danger")
        .flag("disabled", live && status == Status::Stopping)
        .set("aria-label", label)
        .onclick(acts_on(dispatch, name, act))
        .text(word);
    let use_made = if let Some(idle) = entry.idle(state.now).filter(|idle| *idle >= 60.0) {
        let why = "No task has run or waited for so long, as far as this page has watched";
        Some(span("waste").attr("title", why).text(format!("idle {}", fmt_age(idle))))
    } else {
        entry
            .counts
            .filter(|counts| status == Status::Running && counts.processing > 0)
            .map(|counts| span("mute nowrap").text(format!("{} running", counts.processing)))
    };
    let inside = link_to(dispatch, state, Page::Cluster(name.clone()))
        .class("item")
        .testid(format!("cluster-row-{name}"))
        .attr("data-status", if gone { "GONE" } else { status.as_str() })
        .kid(span("dot"))
        .kid(
            span("clip")
                .kid(el("b").text(entry.alias.clone()))
                .kid(el("small").class("mono").kid(secret_name(name)))
                .kid(el("small").class("narrow-only").text(line.clone())),
        )
        .kid(span("wide-only").kid(status_chip(status, gone)))
        .kid(span("wide-only clip mute").text(line))
        .kid(el("span").maybe(use_made));
    el("li").key(name.as_str()).class("item-line").kid(inside).kid(span("acts").kid(act))
}
