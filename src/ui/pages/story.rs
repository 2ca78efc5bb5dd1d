//! A cluster that does not run: what is happening, or what happened, and what to do.

use std::rc::Rc;

use serde_json::{Map, Value};
use yew::prelude::*;

use super::{fmt_age, secret_name};
use crate::app::action::Action;
use crate::app::state::{Entry, State};
use crate::base::fmt;
use crate::gateway::model::Status;
use crate::ui::store::use_dispatch;
use crate::ui::widgets::{Note, Tone};
use crate::web::notify::{self, Permission};

/// A cluster that does not run.
#[derive(Properties, PartialEq)]
pub struct StoryProps {
    /// The state.
    pub state: Rc<State>,
    /// The cluster.
    pub entry: Rc<Entry>,
}

/// After so many seconds a start is worth a word.
const SLOW_START: f64 = 90.0;

/// A cluster that does not run.
#[component]
pub fn Story(props: &StoryProps) -> Html {
    let (state, entry) = (&props.state, &props.entry);
    let body = match entry.status() {
        _ if entry.gone && entry.cluster.stop_time.is_none() => html! {
            <Note tone={Tone::Warn}>
                <b>{ "The gateway does not list this cluster any more" }</b>
                <span class="hint">{ "It was restarted without its database, or its record has expired. Workers may \
                    still run: ask the administrator if that matters." }</span>
            </Note>
        },
        Status::Pending => html! { <Starting state={state.clone()} entry={entry.clone()} /> },
        Status::Stopping => html! {
            <section class="card"><h2>{ "Shutting down" }</h2>
                <ul class="stages"><li class="on"><span class="spin"></span>
                    { "Workers and scheduler are being ended. This takes up to half a minute." }</li></ul>
            </section>
        },
        Status::Stopped => html! {
            <Note tone={Tone::Plain}>
                <b>{ "Stopped" }</b>
                <span>{ entry.lived().map_or_else(String::new, |lived|
                    format!("It lived for {}. Nothing of it runs any more.", fmt_age(lived))) }</span>
            </Note>
        },
        Status::Failed => html! {
            <Note tone={Tone::Bad}>
                <b>{ entry.lived().map_or_else(|| "Failed".to_owned(), |lived|
                    format!("Failed after {}", fmt_age(lived))) }</b>
                <span>{ "The gateway does not say why; the reason is in its log." }</span>
                <span class="hint">{ reason(entry.lived()) }</span>
            </Note>
        },
        Status::Running => html! {},
    };
    html! {
        <div class="story">
            { body }
            <Facts state={state.clone()} entry={entry.clone()} />
        </div>
    }
}

/// What a failure after so long usually means.
fn reason(lived: Option<f64>) -> &'static str {
    match lived {
        Some(lived) if lived >= 55.0 => {
            "A failure after a minute or more usually means that the scheduler never reported back: an image or \
             environment that does not start, no room for it, or a network rule between it and the gateway."
        }
        Some(_) => {
            "A failure within seconds usually means that the scheduler could not be started at all: a wrong image or \
             environment, or options that the site's limits refuse."
        }
        None => "Show the name below to the administrator.",
    }
}

#[component]
fn Starting(props: &StoryProps) -> Html {
    let (state, entry) = (&props.state, &props.entry);
    let age = entry.age(state.now).unwrap_or(0.0);
    let permission = use_state_eq(notify::permission);
    let ask = {
        let permission = permission.setter();
        Callback::from(move |_: MouseEvent| {
            let permission = permission.clone();
            wasm_bindgen_futures::spawn_local(async move { permission.set(notify::ask().await) });
        })
    };
    html! {
        <section class="card">
            <h2>{ format!("Starting, {}", fmt_age(age)) }</h2>
            <ul class="stages">
                <li class="on"><span class="mark">{ "✓" }</span>{ "The gateway has taken the request" }</li>
                <li class="on"><span class="spin"></span>{ "The scheduler is being started" }</li>
                <li><span class="mark"></span>{ "Its dashboard answers" }</li>
            </ul>
            if age >= SLOW_START {
                <p class="mute">{ "This takes longer than usual. Where machines or images must be fetched first, \
                    minutes are normal; without room for the scheduler it stays like this until the gateway gives up." }</p>
            }
            if *permission == Permission::Open {
                <p><button class="linkish" onclick={ask}>{ "Tell me when it is ready" }</button></p>
            } else if *permission == Permission::Granted {
                <p class="mute small">{ "You will be told when it is ready, if you look elsewhere." }</p>
            }
        </section>
    }
}

/// The options, times and name, and the way to another one like it.
#[component]
fn Facts(props: &StoryProps) -> Html {
    let dispatch = use_dispatch();
    let (state, entry) = (&props.state, &props.entry);
    let name = entry.cluster.name.clone();
    let over = !entry.is_live();
    html! {
        <section class="card">
            <div class="strip"><h2>{ "Options" }</h2><span class="grow"></span>
                if over {
                    <button class="btn primary" data-testid="try-again"
                        onclick={let name = name.clone(); dispatch.on(move || Action::TryAgain(name.clone()))}>
                        { "Try again" }
                    </button>
                }
            </div>
            <dl class="facts">
                { for in_order(state, &entry.cluster.options).into_iter().map(|(field, value)| {
                    let label = state.options.as_ref().and_then(|all| all.field(field))
                        .map_or_else(|| field.clone(), |one| one.label.clone());
                    html! { <><dt>{ label }</dt><dd>{ show(value) }</dd></> }
                }) }
                <dt>{ "Name" }</dt><dd class="mono">{ secret_name(&name) }</dd>
                if let Some(start) = entry.cluster.start_time {
                    <dt>{ "Asked for" }</dt><dd>{ when(start) }</dd>
                }
                if let Some(stop) = entry.cluster.stop_time {
                    <dt>{ "Ended" }</dt><dd>{ when(stop) }</dd>
                }
            </dl>
        </section>
    }
}

/// The values in the form's order; those of options that are no longer offered last.
fn in_order<'a>(state: &State, values: &'a Map<String, Value>) -> Vec<(&'a String, &'a Value)> {
    let place = |field: &String| {
        state.options.as_ref().and_then(|all| all.fields.iter().position(|one| one.field == *field))
    };
    let mut all: Vec<_> = values.iter().collect();
    all.sort_by_key(|(field, _)| place(field).unwrap_or(usize::MAX));
    all
}

fn when(ms: f64) -> String {
    let date = js_sys::Date::new(&ms.into());
    String::from(date.to_locale_string("default", &wasm_bindgen::JsValue::UNDEFINED))
}

/// A value for people.
fn show(value: &Value) -> String {
    match value {
        Value::Null => "none".into(),
        Value::String(text) if text.is_empty() => "empty".into(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Object(map) if map.is_empty() => "empty".into(),
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| format!("{name}={}", show(value)))
            .collect::<Vec<_>>()
            .join(", "),
        Value::Number(number) => match number.as_u64() {
            Some(whole) => fmt::count(whole),
            None => number.to_string(),
        },
        other @ Value::Array(_) => other.to_string(),
    }
}
