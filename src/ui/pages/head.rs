//! The header of a cluster's page: what it is, its size, and what can be done with it.

use std::rc::Rc;

use yew::prelude::*;

use super::scale::ScalePanel;
use super::{fmt_age, is_gone, secret_name};
use crate::app::action::Action;
use crate::app::live::{Source, Totals};
use crate::app::snippet;
use crate::app::state::{Dialog, Entry, Scope, State};
use crate::base::fmt;
use crate::gateway::model::Status;
use crate::ui::app::can_end_with_tab;
use crate::ui::live::use_totals;
use crate::ui::store::use_dispatch;
use crate::ui::widgets::{CopyButton, StatusChip, on_choice, ticked};
use crate::web::storage;

/// A header with live numbers.
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

/// The header.
#[derive(Properties, PartialEq)]
pub struct HeadProps {
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

/// The header.
#[component]
pub fn Head(props: &HeadProps) -> Html {
    let dispatch = use_dispatch();
    let (state, entry) = (&props.state, &props.entry);
    let open = use_state_eq(|| Open::Nothing);
    let snippet = use_state_eq(|| storage::get("snippet").as_deref() != Some("off"));
    let name = entry.cluster.name.clone();
    let status = entry.status();
    let running = status == Status::Running && !entry.gone;
    let toggle = |which: Open| {
        let (setter, now) = (open.setter(), *open);
        Callback::from(move |_: MouseEvent| {
            setter.set(if now == which { Open::Nothing } else { which });
        })
    };
    let flip = {
        let (setter, now) = (snippet.setter(), *snippet);
        Callback::from(move |_: MouseEvent| {
            storage::set("snippet", if now { "off" } else { "on" });
            setter.set(!now);
        })
    };
    let esc = {
        let setter = open.setter();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                setter.set(Open::Nothing);
            }
        })
    };
    let end = {
        let name = name.clone();
        dispatch.on(move || Action::Ask(Dialog::Shutdown(name.clone())))
    };
    html! {
        <>
            <div class="head" onkeydown={esc}>
                <h1>{ &entry.alias }</h1>
                <StatusChip {status} gone={is_gone(entry)} testid="cluster-status" />
                <span class="id">{ secret_name(&name) }</span>
                if running { { numbers(entry, props.totals) } }
                { age(entry, state.now) }
                <span class="acts">
                    if running {
                        <button class="btn" data-testid="scale-open"
                            aria-expanded={(*open == Open::Scale).to_string()} onclick={toggle(Open::Scale)}>
                            { "Scale" }
                        </button>
                        <button class="btn" aria-pressed={snippet.to_string()} data-testid="connect-open"
                            onclick={flip}>{ "Connect" }</button>
                    }
                    if entry.is_live() {
                        <button class="btn" data-testid="scope-open"
                            title="When this page shuts it down"
                            aria-expanded={(*open == Open::Settings).to_string()}
                            onclick={toggle(Open::Settings)}>
                            { scope_word(entry.scope) }
                        </button>
                        <button class="btn danger" data-testid="shutdown" onclick={end}
                            disabled={status == Status::Stopping}>{ "Shut down" }</button>
                    }
                    if *open == Open::Scale && running {
                        <div class="pop" role="group" aria-label="Scale">
                            <ScalePanel state={state.clone()} entry={entry.clone()} totals={props.totals} />
                        </div>
                    }
                    if *open == Open::Settings && entry.is_live() {
                        <div class="pop" role="group" aria-label="When this page shuts it down">
                            <ScopePanel entry={entry.clone()} />
                        </div>
                    }
                </span>
            </div>
            if running && *snippet {
                <div class="bars"><Snippet state={state.clone()} entry={entry.clone()} /></div>
            }
        </>
    }
}

fn scope_word(scope: Scope) -> String {
    match (scope.idle_minutes, scope.on_close) {
        (None, false) => "Auto stop".into(),
        (Some(minutes), false) => format!("Stops idle {minutes} min"),
        (None, true) => "Stops with tab".into(),
        (Some(minutes), true) => format!("Stops idle {minutes} min, with tab"),
    }
}

fn age(entry: &Entry, now: f64) -> Html {
    if is_gone(entry) {
        return html! {};
    }
    let (value, word) = match entry.status() {
        Status::Pending => (entry.age(now), "waiting"),
        Status::Running => (entry.age(now), "up"),
        Status::Stopping => return html! {},
        Status::Stopped | Status::Failed => (entry.lived(), "lived"),
    };
    match value {
        Some(value) => html! {
            <span class="stat" title={format!("{value:.0} s")}><b>{ fmt_age(value) }</b><span>{ word }</span></span>
        },
        None => html! {},
    }
}

fn numbers(entry: &Entry, totals: Option<Totals>) -> Html {
    let counts = entry.counts;
    let arrived = totals.map(|totals| totals.workers).or(counts.map(|counts| counts.workers));
    let threads = totals.map(|totals| totals.threads).or(counts.map(|counts| counts.cores));
    let memory = totals.filter(|totals| totals.memory_limit > 0.0);
    let asked = &entry.asked;
    let number = |n: Option<u32>| n.map_or_else(|| "–".to_owned(), |n| fmt::count(n.into()));
    let requested = match (asked.adapt, asked.workers) {
        (Some((low, high)), _) => html! {
            <span>{ "of " }<span data-testid="workers-requested"
                title="Adaptive scaling, as this browser set it">{ format!("{low} to {high}") }</span>
                { " workers, adaptive" }</span>
        },
        (None, Some(workers)) => html! {
            <span>{ "of " }<span data-testid="workers-requested"
                title="As this browser asked for it; the gateway does not tell">{ fmt::count(workers.into()) }</span>
                { " workers" }</span>
        },
        (None, None) => {
            html! { <span>{ if arrived == Some(1) { "worker" } else { "workers" } }</span> }
        }
    };
    html! {
        <>
            <span class="stat"><b data-testid="workers-arrived">{ number(arrived) }</b>{ requested }</span>
            <span class="stat"><b data-testid="threads-total">{ number(threads) }</b><span>{ "threads" }</span></span>
            <span class="stat" title={memory.map(|totals| format!("{} of {} bytes",
                fmt::count(totals.memory_used as u64), fmt::count(totals.memory_limit as u64)))}>
                if let Some(totals) = memory {
                    <b>{ fmt::bytes(totals.memory_used) }</b>
                    <span>{ "of " }<span data-testid="memory-total">{ fmt::bytes(totals.memory_limit) }</span></span>
                } else {
                    <b data-testid="memory-total">{ "–" }</b><span>{ "memory" }</span>
                }
            </span>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct EntryProps {
    state: Rc<State>,
    entry: Rc<Entry>,
}

#[component]
fn Snippet(props: &EntryProps) -> Html {
    let (state, entry) = (&props.state, &props.entry);
    let name = &entry.cluster.name;
    let Some(credentials) = state.session.credentials() else { return html! {} };
    let address = credentials.address();
    let code = snippet::connect(state, name);
    let (before, after) = code.split_once(name.as_str()).unwrap_or((code.as_str(), ""));
    html! {
        <div class="snippet">
            <span class="label">{ "In a notebook" }</span>
            <code data-testid="connect-snippet">{ before.to_owned() }{ secret_name(name) }{ after.to_owned() }</code>
            <CopyButton text={code.clone()} title="With the cluster's whole name: whoever has it can open the dashboard \
                where the gateway serves it without sign-in" />
            <a class="btn quiet" data-testid="dashboard-link" target="_blank" rel="noreferrer"
                href={address.dashboard_link(name)}
                title="Dask's own dashboard. The link holds the cluster's name: where the gateway serves dashboards \
                    without sign-in, whoever has the link can open it">
                { "Dashboard ↗" }
            </a>
            <CopyButton label="Copy link" class="quiet" text={address.dashboard_link(name)}
                title="The link is a secret: where the gateway serves dashboards without sign-in, it opens for everybody" />
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ScopeProps {
    entry: Rc<Entry>,
}

#[component]
fn ScopePanel(props: &ScopeProps) -> Html {
    let dispatch = use_dispatch();
    let entry = &props.entry;
    let scope = entry.scope;
    let set = {
        let name = entry.cluster.name.clone();
        Callback::from(move |scope: Scope| dispatch.act(Action::SetScope(name.clone(), scope)))
    };
    let minutes = {
        let set = set.clone();
        on_choice(move |text| set.emit(Scope { idle_minutes: text.parse().ok(), ..scope }))
    };
    let close = Callback::from(move |event: Event| {
        set.emit(Scope { on_close: ticked(&event), ..scope });
    });
    let can = can_end_with_tab();
    html! {
        <>
            <h3>{ "Automatic shutdown" }</h3>
            <div class="field">
                <label for="ds-idle">{ "When idle" }</label>
                <select class="input" id="ds-idle" data-testid="scope-idle" onchange={minutes}>
                    <option value="" selected={scope.idle_minutes.is_none()}>{ "never" }</option>
                    { for [1_u32, 5, 10, 20, 30, 60, 120].into_iter().map(|minutes| html! {
                        <option value={minutes.to_string()} selected={scope.idle_minutes == Some(minutes)}>
                            { format!("after {minutes} min without a task") }
                        </option>
                    }) }
                </select>
            </div>
            <label class="check">
                <input type="checkbox" data-testid="scope-close" checked={scope.on_close} disabled={!can}
                    onchange={close} />
                { "When this tab is closed" }
            </label>
            <p class="small mute">
                { "Both are done by this page. The idle timer runs as long as the page is open somewhere; closing asks \
                   once and then sends one last request. " }
                if can { { "A reload keeps the cluster. " } }
                else { { "This browser cannot tell a closed tab from a reload, so closing ends nothing here. " } }
                { "A crashed browser, a sleeping laptop or a lost network sends nothing: the cluster then stays until \
                   the gateway's own limits end it." }
            </p>
        </>
    }
}
