//! The header of a cluster's page: what it is, its size, and what can be done with it.

use std::rc::Rc;

use yew::prelude::*;

use super::auto_stop::{ABOUT, AutoStop, summary};
use super::scale::ScalePanel;
use super::{Age, is_gone, secret_name};
use crate::ui::dom::{El, button, div, el, list, nothing, span};
use crate::ui::live::use_totals;
use crate::ui::store::{Dispatch, use_dispatch};
use crate::ui::widgets::{Copier, acts_on, leaving, sets, status_chip};
use crate::web::storage;
use base::fmt;
use gateway::model::Status;
use live::source::{Source, Totals};
use session::action::Action;
use session::snippet;
use session::state::{Dialog, Entry, State};

/// Properties of [`LiveHead`].
#[derive(Properties, PartialEq)]
pub struct LiveHeadProps {
    /// The state.
    pub state: Rc<State>,
    /// The cluster.
    pub entry: Rc<Entry>,
    /// Its scheduler.
    pub source: Source,
}

/// A header with live numbers.
#[component]
pub fn LiveHead(props: &LiveHeadProps) -> Html {
    let totals = use_totals(&props.source);
    html! { <Head state={props.state.clone()} entry={props.entry.clone()} {totals} /> }
}

/// Properties of [`Head`].
#[derive(Properties, PartialEq)]
pub struct HeadProps {
    /// The state.
    pub state: Rc<State>,
    /// The cluster.
    pub entry: Rc<Entry>,
    /// What its workers report.
    #[prop_or_default]
    pub totals: Option<Totals>,
}

impl HeadProps {
    fn is_running(&self) -> bool {
        self.entry.status() == Status::Running && !self.entry.gone
    }
}

/// The header.
#[component]
pub fn Head(props: &HeadProps) -> Html {
    let &HeadProps { ref state, ref entry, totals } = props;
    let dispatch = use_dispatch();
    let open = use_open();
    // Whether the way to connect is shown.
    let snippet = use_state_eq(|| storage::get(SNIPPET).as_deref() != Some("off"));
    let running = props.is_running();
    let head = div("head")
        .kid(el("h1").text(entry.alias.clone()))
        .kid(status_chip(entry.status(), is_gone(entry)).testid("cluster-status"))
        .kid(span("id").kid(secret_name(&entry.cluster.name)))
        .maybe(running.then(|| numbers(entry, totals)))
        .kid(html! { <Age entry={entry.clone()} /> })
        .kid(acts(props, &dispatch, &open, &snippet));
    let connect = (running && *snippet)
        .then(|| div("bars").maybe(notebook(state, &entry.cluster.name)).into());
    list(vec![head.into(), connect.unwrap_or_else(nothing)])
}

/// The key under which the browser keeps whether the way to connect is shown.
const SNIPPET: &str = "snippet";

/// What is open below the header.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Open {
    Nothing,
    Scale,
    AutoStop,
}

/// What is open, until a person turns elsewhere.
#[hook]
fn use_open() -> UseStateHandle<Open> {
    let open = use_state_eq(|| Open::Nothing);
    let setter = open.setter();
    use_effect_with(*open, move |open| {
        let close = move || {
            setter.set(Open::Nothing);
            true
        };
        let watch = (*open != Open::Nothing).then(|| leaving(".acts", close));
        move || drop(watch)
    });
    open
}

/// What can be done with the cluster, and what of it is open.
fn acts(
    props: &HeadProps,
    dispatch: &Dispatch,
    open: &UseStateHandle<Open>,
    snippet: &UseStateHandle<bool>,
) -> El {
    let HeadProps { state, entry, totals } = props;
    let (running, live) = (props.is_running(), entry.is_live());
    let scale =
        || html! { <ScalePanel state={state.clone()} entry={entry.clone()} totals={*totals} /> };
    let auto_stop = || html! { <AutoStop state={state.clone()} entry={entry.clone()} /> };
    span("acts")
        .maybe(running.then(|| while_running(open, snippet)))
        .maybe(live.then(|| while_live(props, dispatch, open)))
        .maybe((**open == Open::Scale && running).then(|| pop("Scale", scale())))
        .maybe((**open == Open::AutoStop && live).then(|| pop(ABOUT, auto_stop())))
}

fn pop(label: &'static str, content: Html) -> El {
    div("pop").attr("role", "group").attr("aria-label", label).kid(content)
}

/// A button that opens something below the header, or closes it.
fn opens(which: Open, open: &UseStateHandle<Open>) -> El {
    let now = **open == which;
    let next = if now { Open::Nothing } else { which };
    button("btn").truth("aria-expanded", now).onclick(sets(open.setter(), next))
}

fn while_running(open: &UseStateHandle<Open>, snippet: &UseStateHandle<bool>) -> Html {
    let flip = {
        let snippet = snippet.clone();
        Callback::from(move |_: MouseEvent| {
            storage::set(SNIPPET, if *snippet { "off" } else { "on" });
            snippet.set(!*snippet);
        })
    };
    let connect = button("btn")
        .truth("aria-pressed", **snippet)
        .testid("connect-open")
        .onclick(flip)
        .text("Connect");
    list(vec![opens(Open::Scale, open).testid("scale-open").text("Scale").into(), connect.into()])
}

fn while_live(props: &HeadProps, dispatch: &Dispatch, open: &UseStateHandle<Open>) -> Html {
    let HeadProps { state, entry, .. } = props;
    let end = button("btn danger")
        .testid("shutdown")
        .onclick(acts_on(dispatch, &entry.cluster.name, |name| Action::Ask(Dialog::Shutdown(name))))
        .flag("disabled", entry.status() == Status::Stopping)
        .text("Shut down");
    let auto_stop = opens(Open::AutoStop, open)
        .testid("scope-open")
        .attr("title", ABOUT)
        .text(summary(entry.scope, state.framed.is_some(), state.is_in()));
    list(vec![auto_stop.into(), end.into()])
}

/// A number and what it counts.
fn stat(number: El, word: El) -> El {
    span("stat").kid(number).kid(word)
}

/// Workers, threads and memory: what is there, and what was asked for.
fn numbers(entry: &Entry, totals: Option<Totals>) -> Html {
    let counts = entry.counts;
    let workers = totals.map(|totals| totals.workers).or(counts.map(|counts| counts.workers));
    let threads = totals.map(|totals| totals.threads).or(counts.map(|counts| counts.cores));
    let number = |n: Option<u32>| {
        el("b").text(n.map_or(AttrValue::Static("–"), |n| fmt::count(n.into()).into()))
    };
    let word = el("span").text(if threads == Some(1) { "thread" } else { "threads" });
    list(vec![
        stat(number(workers).testid("workers-arrived"), requested(entry, workers)).into(),
        stat(number(threads).testid("threads-total"), word).into(),
        memory(totals).into(),
    ])
}

/// How many workers were asked for, where that is known.
fn requested(entry: &Entry, arrived: Option<u32>) -> El {
    let of = |how_many: String, why: &'static str, words: &'static str| {
        let how_many = el("span").testid("workers-requested").attr("title", why).text(how_many);
        el("span").text("of ").kid(how_many).text(words)
    };
    match (entry.asked.adapt, entry.asked.workers) {
        (Some((low, high)), _) => of(
            format!("{low} to {high}"),
            "Adaptive scaling limits, as set in this browser",
            " adaptive",
        ),
        (None, Some(workers)) => of(
            fmt::count(workers.into()),
            "As requested in this browser; the gateway does not report it",
            " workers",
        ),
        (None, None) => el("span").text(if arrived == Some(1) { "worker" } else { "workers" }),
    }
}

/// The memory that workers use, and how much they may.
fn memory(totals: Option<Totals>) -> El {
    // Workers may have no limit: what they use is known all the same.
    let known = totals.filter(|totals| totals.memory_limit > 0.0 || totals.memory_used > 0.0);
    let Some(Totals { memory_used: used, memory_limit: total, .. }) = known else {
        return stat(el("b").testid("memory-total").text("–"), el("span").text("memory"));
    };
    let (all, count) = (fmt::count(used as u64), fmt::count(total as u64));
    let (of, limit, exact) = if total > 0.0 {
        ("of ", fmt::bytes(total), format!("{all} of {count} bytes"))
    } else {
        ("memory, ", "no limit".to_owned(), format!("{all} bytes"))
    };
    let limit = el("span").testid("memory-total").text(limit);
    stat(el("b").text(fmt::bytes(used)), el("span").text(of).kid(limit)).set("title", exact)
}

/// How to use the cluster of this name elsewhere.
fn notebook(state: &State, name: &str) -> Option<El> {
    let link = state.session.address()?.dashboard_link(name);
    let code = snippet::connect(state, name);
    let (before, after) = code.split_once(name).unwrap_or((&code, ""));
    let code_line = el("code")
        .testid("connect-snippet")
        .text(before.to_owned())
        .kid(secret_name(name))
        .text(after.to_owned());
    let dashboard = el("a")
        .class("btn quiet")
        .testid("dashboard-link")
        .attr("target", "_blank")
        .attr("rel", "noreferrer")
        .set("href", link.clone())
        .attr(
            "title",
            "Dask's own dashboard. Where the gateway serves dashboards without sign-in, whoever has \
             this link can open the dashboard",
        )
        .text("Dashboard ↗");
    let copy_code = html! {
        <Copier
            title="Full name of the cluster. Where the gateway serves dashboards without sign-in, \
                   whoever knows the name can open the dashboard"
            text={code}
        />
    };
    let copy_link = html! {
        <Copier
            label="Copy dashboard link"
            class="quiet"
            title="Treat the link as a secret: where the gateway serves dashboards without sign-in, it \
                   works for everybody"
            text={link}
        />
    };
    Some(
        div("snippet")
            .kid(span("label").text("In a notebook"))
            .kid(code_line)
            .kid(copy_code)
            .kid(dashboard)
            .kid(copy_link),
    )
}
