//! The header of a cluster's page: what it is, its size, and what can be done with it.

use std::rc::Rc;

use yew::prelude::*;

use super::scale::ScalePanel;
use super::story::Tell;
use super::{fmt_age, is_gone, secret_name};
use crate::ui::app::can_end_with_page;
use crate::ui::dom::{El, button, div, el, list, nothing, span};
use crate::ui::hooks::{use_effect_with, use_state_eq};
use crate::ui::live::use_totals;
use crate::ui::part::{Hook, HookContext, Part, part};
use crate::ui::store::{Dispatch, use_dispatch};
use crate::ui::widgets::{Copier, acts_on, leaving, on_choice, sets, status_chip, ticked};
use crate::web::storage;
use base::fmt;
use gateway::model::Status;
use live::source::{Source, Totals};
use session::action::Action;
use session::idle::Seen;
use session::snippet;
use session::state::{Dialog, Entry, Scope, State};

/// A header with live numbers.
#[derive(PartialEq)]
pub struct LiveHead {
    /// The state.
    pub state: Rc<State>,
    /// The cluster.
    pub entry: Rc<Entry>,
    /// Its scheduler.
    pub source: Source,
}

impl Part for LiveHead {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let totals = use_totals(&self.source).run(hooks);
        part(Head { state: self.state.clone(), entry: self.entry.clone(), totals })
    }
}

/// The header.
#[derive(PartialEq)]
pub struct Head {
    /// The state.
    pub state: Rc<State>,
    /// The cluster.
    pub entry: Rc<Entry>,
    /// What its workers report.
    pub totals: Option<Totals>,
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Open {
    Nothing,
    Scale,
    Settings,
}

/// What the settings are about.
const SCOPE: &str = "When this page shuts it down";

impl Part for Head {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let dispatch = use_dispatch().run(hooks);
        // What is open, and whether the way to connect is shown.
        let shown =
            use_state_eq(|| (Open::Nothing, storage::get("snippet").as_deref() != Some("off")))
                .run(hooks);
        let (open, snippet) = *shown;
        let (state, entry) = (&self.state, &self.entry);
        let name = &entry.cluster.name;
        let status = entry.status();
        let running = status == Status::Running && !entry.gone;
        let live = entry.is_live();
        let opens = |which: Open| {
            let now = open == which;
            let next = if now { Open::Nothing } else { which };
            button("btn").truth("aria-expanded", now).onclick(sets(shown.setter(), (next, snippet)))
        };
        let flip = {
            let shown = shown.setter();
            Callback::from(move |_: MouseEvent| {
                storage::set("snippet", if snippet { "off" } else { "on" });
                shown.set((open, !snippet));
            })
        };
        {
            let shown = shown.setter();
            use_effect_with((open, snippet), move |&(open, snippet)| {
                let close = move || {
                    shown.set((Open::Nothing, snippet));
                    true
                };
                let watch = (open != Open::Nothing).then(|| leaving(".acts", close));
                move || drop(watch)
            })
            .run(hooks);
        }
        let pop = |label: &'static str, content: Html| {
            div("pop").attr("role", "group").attr("aria-label", label).kid(content)
        };
        let while_running = running.then(|| {
            let connect = button("btn")
                .truth("aria-pressed", snippet)
                .testid("connect-open")
                .onclick(flip)
                .text("Connect");
            list(vec![opens(Open::Scale).testid("scale-open").text("Scale").into(), connect.into()])
        });
        let while_live = live.then(|| {
            let end = button("btn danger")
                .testid("shutdown")
                .onclick(acts_on(&dispatch, name, |name| Action::Ask(Dialog::Shutdown(name))))
                .flag("disabled", status == Status::Stopping)
                .text("Shut down");
            let scope = opens(Open::Settings)
                .testid("scope-open")
                .attr("title", SCOPE)
                .text(scope_word(entry.scope, state.framed.is_some(), state.is_in()));
            list(vec![scope.into(), end.into()])
        });
        let scale = (open == Open::Scale && running).then(|| {
            let (state, entry) = (state.clone(), entry.clone());
            pop("Scale", part(ScalePanel { state, entry, totals: self.totals }))
        });
        let settings = (open == Open::Settings && live)
            .then(|| pop(SCOPE, scope_panel(entry, state, &dispatch)));
        let acts = span("acts").maybe(while_running).maybe(while_live).maybe(scale).maybe(settings);
        let head = div("head")
            .kid(el("h1").text(entry.alias.clone()))
            .kid(status_chip(status, is_gone(entry)).testid("cluster-status"))
            .kid(span("id").kid(secret_name(name)))
            .maybe(running.then(|| numbers(entry, self.totals)))
            .maybe(age(entry, state.now))
            .kid(acts);
        let bars = (running && snippet).then(|| div("bars").maybe(notebook(state, name)));
        list(vec![head.into(), bars.map_or_else(nothing, Into::into)])
    }
}

fn scope_word(scope: Scope, framed: bool, signed_in: bool) -> String {
    match (scope.idle_minutes, scope.on_close) {
        // Inside of a stranger's page nothing is ended.
        (Some(_), _) | (_, true) if framed => "Auto stop (not in this frame)".into(),
        (Some(_), _) | (_, true) if !signed_in => "Auto stop (not while signed out)".into(),
        (None, false) => "Auto stop".into(),
        (Some(minutes), false) => format!("Stops after {minutes} min idle"),
        (None, true) => "Stops when this tab closes".into(),
        (Some(minutes), true) => format!("Stops after {minutes} min idle, or with this tab"),
    }
}

/// A number and what it counts.
fn stat(number: El, word: El) -> El {
    span("stat").kid(number).kid(word)
}

fn age(entry: &Entry, now: f64) -> Option<El> {
    if is_gone(entry) {
        return None;
    }
    let (value, word) = match entry.status() {
        Status::Pending => (entry.age(now), "waiting"),
        Status::Running => (entry.age(now), "up"),
        Status::Stopping => return None,
        Status::Stopped | Status::Failed => (entry.lived(), "lived"),
    };
    let value = value?;
    let stat = stat(el("b").text(fmt_age(value)), el("span").text(word));
    Some(stat.set("title", format!("{} s", value as u64)))
}

fn numbers(entry: &Entry, totals: Option<Totals>) -> Html {
    let counts = entry.counts;
    let arrived = totals.map(|totals| totals.workers).or(counts.map(|counts| counts.workers));
    let threads = totals.map(|totals| totals.threads).or(counts.map(|counts| counts.cores));
    // Workers may have no limit: what they use is known all the same.
    let memory = totals.filter(|totals| totals.memory_limit > 0.0 || totals.memory_used > 0.0);
    let asked = &entry.asked;
    let number = |n: Option<u32>| {
        el("b").text(n.map_or(AttrValue::Static("–"), |n| fmt::count(n.into()).into()))
    };
    let requested = |how_many: String, why: &'static str, words: &'static str| {
        let how_many = el("span").testid("workers-requested").attr("title", why).text(how_many);
        el("span").text("of ").kid(how_many).text(words)
    };
    let requested = match (asked.adapt, asked.workers) {
        (Some((low, high)), _) => requested(
            format!("{low} to {high}"),
            "Adaptive scaling between so many workers, as this browser set it",
            " adaptive",
        ),
        (None, Some(workers)) => requested(
            fmt::count(workers.into()),
            "As this browser asked for it; the gateway does not tell",
            " workers",
        ),
        (None, None) => el("span").text(if arrived == Some(1) { "worker" } else { "workers" }),
    };
    let memory = match memory {
        Some(Totals { memory_used: used, memory_limit: total, .. }) => {
            let (all, count) = (fmt::count(used as u64), fmt::count(total as u64));
            let (of, limit, exact) = if total > 0.0 {
                ("of ", fmt::bytes(total), format!("{all} of {count} bytes"))
            } else {
                ("memory, ", "no limit".to_owned(), format!("{all} bytes"))
            };
            let limit = el("span").testid("memory-total").text(limit);
            stat(el("b").text(fmt::bytes(used)), el("span").text(of).kid(limit)).set("title", exact)
        }
        None => stat(el("b").testid("memory-total").text("–"), el("span").text("memory")),
    };
    list(vec![
        stat(number(arrived).testid("workers-arrived"), requested).into(),
        stat(
            number(threads).testid("threads-total"),
            el("span").text(if threads == Some(1) { "thread" } else { "threads" }),
        )
        .into(),
        memory.into(),
    ])
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
            "Dask's own dashboard. The link holds the cluster's name: where the gateway serves dashboards without \
             sign-in, whoever has the link can open it",
        )
        .text("Dashboard ↗");
    let copy_code = html! {
        <Copier
            title="With the cluster's whole name: whoever has it can open the dashboard where the gateway serves it \
                without sign-in"
            text={code}
        />
    };
    let copy_link = html! {
        <Copier
            label="Copy dashboard link"
            class="quiet"
            title="The link is a secret: where the gateway serves dashboards without sign-in, it opens for everybody"
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

/// What *Auto stop* sees now.
fn idle_words(state: &State, entry: &Entry, minutes: u32) -> El {
    let words = match (entry.idleness.seen(), entry.idle(state.now)) {
        _ if !state.is_in() => "Nothing is ended until you sign in again.".into(),
        (Seen::Working(work), _) => format!("Not idle. {}", work.words()),
        (Seen::Idle { .. }, Some(idle)) => {
            let limit = f64::from(minutes) * 60.0;
            format!("Idle for {} of {minutes} min.", fmt_age(idle.min(limit)))
        }
        _ => "Waiting for an answer from the scheduler. Nothing is ended without one.".into(),
    };
    el("p").class("small").testid("scope-seen").attr("role", "status").text(words)
}

/// The controls behind *Auto stop*.
fn scope_panel(entry: &Entry, state: &State, dispatch: &Dispatch) -> Html {
    let scope = entry.scope;
    let set = {
        let (name, dispatch) = (entry.cluster.name.clone(), dispatch.clone());
        Callback::from(move |scope: Scope| dispatch.act(Action::SetScope(name.clone(), scope)))
    };
    let idle = {
        let set = set.clone();
        on_choice(move |text| set.emit(Scope { idle_minutes: text.parse().ok(), ..scope }))
    };
    let close = Callback::from(move |event: Event| {
        set.emit(Scope { on_close: ticked(&event), ..scope });
    });
    let can = can_end_with_page(dispatch);
    let choice = |minutes: Option<u32>, value: String, words: String| {
        el("option").set("value", value).flag("selected", scope.idle_minutes == minutes).text(words)
    };
    let mut select = el("select")
        .class("input")
        // A choice that was refused is taken back.
        .key(if state.dialog == Some(Dialog::Framed) { "refused" } else { "free" })
        .attr("id", "ds-idle")
        .testid("scope-idle")
        .onchange(idle)
        .kid(choice(None, String::new(), "never".into()));
    for minutes in [1_u32, 5, 10, 20, 30, 60, 120] {
        let words = format!("after {minutes} min");
        select = select.kid(choice(Some(minutes), minutes.to_string(), words));
    }
    let tick = el("input")
        .attr("type", "checkbox")
        .testid("scope-close")
        .checked(scope.on_close)
        .flag("disabled", !can)
        .onchange(close);
    let words = el("p")
        .class("small mute")
        .text(
            "This browser does both, so keep the page open in some tab. Two looks at the scheduler must agree before an \
             idle cluster ends. When you close the last tab you are asked first; ten seconds later the cluster is \
             shut down, unless the page is back. ",
        )
        .text(if can { "" } else { "Not available here: it needs https, and a page that is not embedded. " })
        .text(
            "A browser that is closed as a whole or crashes, a sleeping laptop or a lost network send nothing: the \
             cluster then stays until the gateway's own limits end it.",
        )
        .text(if state.is_nameless() {
            " Your sign-in does not say who you are: other tabs do not know what is set here."
        } else {
            ""
        });
    let blind = entry.counts.is_some_and(|counts| counts.transitions.is_none());
    let blind = (blind && scope.idle_minutes.is_some()).then(|| {
        el("p").class("small notice warn").text(
            "This scheduler does not count what it does (prometheus_client is not installed beside it): work \
             that fits between two looks, ten seconds apart (a minute in a hidden tab), may be taken for idleness.",
        )
    });
    list(vec![
        el("h3").text("Automatic shutdown").into(),
        div("field").kid(el("label").attr("for", "ds-idle").text("When idle")).kid(select).into(),
        entry
            .scope
            .idle_minutes
            .map_or_else(nothing, |minutes| idle_words(state, entry, minutes).into()),
        blind.map_or_else(nothing, Into::into),
        el("label").class("check").kid(tick).text("When this page is closed").into(),
        words.into(),
        part(Tell {
            offer: "Tell me when a run has ended",
            promise: "You will be told when a run has ended, if you look elsewhere.",
        }),
    ])
}
