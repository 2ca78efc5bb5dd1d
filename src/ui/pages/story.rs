//! A cluster that does not run: what is happening, or what happened, and what to do.

use std::rc::Rc;

use serde_json::{Map, Value};
use yew::prelude::*;

use super::ages::{AgeProps, fmt_age};
use super::secret_name;
use crate::ui::dom::{El, button, div, el, nothing, span};
use crate::ui::store::{Dispatch, use_now};
use crate::ui::widgets::{Tone, acts_on, note};
use crate::web::notify::{self, Permission};
use crate::web::run::spawn;
use base::sort::sort_by;
use gateway::model::Status;
use gateway::shown::{Shown, shown};
use session::action::Action;
use session::state::{Entry, State};

/// After so many seconds a start is worth a word.
const SLOW_START: f64 = 90.0;

/// A cluster that does not run.
pub fn story(state: &State, entry: &Rc<Entry>, dispatch: &Dispatch) -> El {
    div("story").kid(happening(entry)).kid(facts(state, entry, dispatch))
}

/// What is happening to it, or what happened.
fn happening(entry: &Rc<Entry>) -> Html {
    match entry.status() {
        _ if entry.gone && entry.cluster.stop_time.is_none() => said(
            Tone::Warn,
            "The gateway no longer lists this cluster".into(),
            span("hint").text(
                "The gateway was restarted without its database, or removed the record. Workers may \
                 still run: ask your administrator.",
            ),
        ),
        Status::Pending => html! { <Starting entry={entry.clone()} /> },
        Status::Stopping => card("Shutting down".into())
            .kid(el("ul").class("stages").kid(stage(
                span("spin"),
                "Workers and scheduler are shutting down. This takes up to 30 s.",
            )))
            .into(),
        Status::Stopped => {
            let lived = entry.lived().map_or_else(String::new, |lived| {
                format!("Ran for {}. All resources are released.", fmt_age(lived))
            });
            said(Tone::Plain, "Stopped".into(), el("span").text(lived))
        }
        Status::Failed => failed(entry),
        Status::Running => nothing(),
    }
}

fn said(tone: Tone, title: AttrValue, words: El) -> Html {
    note(tone, el("div").kid(el("b").text(title)).kid(words)).into()
}

fn failed(entry: &Entry) -> Html {
    let title = entry
        .lived()
        .map_or_else(|| "Failed".to_owned(), |lived| format!("Failed after {}", fmt_age(lived)));
    let words = el("div")
        .kid(el("b").text(title))
        .kid(el("span").text("The gateway does not report the reason. Its log has it."))
        .kid(span("hint").text(entry.why_failed()));
    note(Tone::Bad, words).into()
}

fn card(title: AttrValue) -> El {
    el("section").class("card").kid(el("h2").text(title))
}

/// A step that is done or being done.
fn stage(mark: El, words: &'static str) -> El {
    el("li").class("on").kid(mark).text(words)
}

/// Properties of [`Tell`].
#[derive(Properties, PartialEq)]
pub struct TellProps {
    /// The words to press.
    pub offer: &'static str,
    /// What is so once it is allowed.
    pub promise: &'static str,
}

/// The way to be told of something while looking elsewhere.
#[component]
pub fn Tell(props: &TellProps) -> Html {
    let permission = use_state_eq(notify::permission);
    match *permission {
        Permission::Open => {
            let setter = permission.setter();
            let ask = Callback::from(move |_: MouseEvent| {
                let setter = setter.clone();
                spawn(async move { setter.set(notify::ask().await) });
            });
            el("p").kid(button("linkish").onclick(ask).text(props.offer)).into()
        }
        Permission::Granted => el("p").class("mute small").text(props.promise).into(),
        _ => nothing(),
    }
}

/// A cluster that is being started.
#[component]
fn Starting(props: &AgeProps) -> Html {
    let age = props.entry.age(use_now()).unwrap_or(0.0);
    let slow = || {
        el("p").class("mute").text(
            "This takes longer than usual. Minutes are normal if machines or images must be prepared \
             first. If there is no room for the scheduler, the gateway gives up after a while.",
        )
    };
    card(format!("Starting, {}", fmt_age(age)).into())
        .kid(
            el("ul")
                .class("stages")
                .kid(stage(span("mark").text("✓"), "Request accepted"))
                .kid(stage(span("spin"), "Starting the scheduler"))
                .kid(el("li").kid(span("mark")).text("Dashboard ready")),
        )
        .maybe((age >= SLOW_START).then(slow))
        .kid(html! {
            <Tell
                offer="Notify me when it is ready"
                promise="You get a notification when the cluster is ready while this tab is in the background."
            />
        })
        .into()
}

/// The options, times and name, and the way to another one like it.
fn facts(state: &State, entry: &Entry, dispatch: &Dispatch) -> El {
    let cluster = &entry.cluster;
    let again = (!entry.is_live()).then(|| {
        button("btn primary")
            .testid("try-again")
            .onclick(acts_on(dispatch, &cluster.name, Action::TryAgain))
            .text("Try again")
    });
    let option = |(field, value): (&String, &Value)| {
        let known = state.options.as_ref().and_then(|all| all.field(field));
        let label = known.map_or(field, |one| &one.label);
        let Shown { text, exact, lines } = shown(value, field, label);
        let value = el("dd").class_if(lines, "mono lines").set_some("title", exact.map(Into::into));
        [el("dt").text(label.clone()), value.text(text)]
    };
    let time = |(label, time): (&'static str, Option<f64>)| {
        time.map(|time| [el("dt").text(label), el("dd").text(when(time))])
    };
    let times = [("Requested", cluster.start_time), ("Ended", cluster.stop_time)];
    el("section")
        .class("card")
        .kid(div("strip").kid(el("h2").text("Options")).kid(span("grow")).maybe(again))
        .kid(
            el("dl")
                .class("facts")
                .each(in_order(state, &cluster.options).into_iter().flat_map(option))
                .kid(el("dt").text("Name"))
                .kid(el("dd").class("mono").kid(secret_name(&cluster.name)))
                .each(times.into_iter().filter_map(time).flatten()),
        )
}

/// The values in the form's order; those of options that are no longer offered last.
fn in_order<'a>(state: &State, values: &'a Map<String, Value>) -> Vec<(&'a String, &'a Value)> {
    let place = |field: &String| {
        state.options.as_ref().and_then(|all| all.fields.iter().position(|one| one.field == *field))
    };
    let mut all: Vec<_> = values.iter().collect();
    sort_by(&mut all, |(a, _), (b, _)| {
        place(a).unwrap_or(usize::MAX).cmp(&place(b).unwrap_or(usize::MAX))
    });
    all
}

fn when(ms: f64) -> String {
    let date = js_sys::Date::new(&ms.into());
    String::from(date.to_locale_string("default", &wasm_bindgen::JsValue::UNDEFINED))
}
