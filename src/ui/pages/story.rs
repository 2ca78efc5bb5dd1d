//! A cluster that does not run: what is happening, or what happened, and what to do.

use serde_json::{Map, Value};
use yew::prelude::*;

use super::{fmt_age, secret_name};
use crate::ui::dom::{El, button, div, el, nothing, span};
use crate::ui::hooks::use_state_eq;
use crate::ui::part::{Hook, HookContext, Part, part};
use crate::ui::store::Dispatch;
use crate::ui::widgets::{Tone, acts_on, note};
use crate::web::notify::{self, Permission};
use base::sort::sort_by;
use gateway::model::Status;
use gateway::shown::{Shown, shown};
use session::action::Action;
use session::state::{Entry, State};

/// After so many seconds a start is worth a word.
const SLOW_START: f64 = 90.0;

/// A cluster that does not run.
pub fn story(state: &State, entry: &Entry, dispatch: &Dispatch) -> El {
    let said = |tone: Tone, title: AttrValue, words: El| {
        note(tone, el("div").kid(el("b").text(title)).kid(words)).into()
    };
    let lived = entry.lived();
    let body = match entry.status() {
        _ if entry.gone && entry.cluster.stop_time.is_none() => said(
            Tone::Warn,
            "The gateway does not list this cluster any more".into(),
            span("hint").text(
                "It was restarted without its database, or its record has expired. Workers may still run: ask \
                 the administrator if that matters.",
            ),
        ),
        Status::Pending => starting(entry.age(state.now).unwrap_or(0.0)).into(),
        Status::Stopping => card("Shutting down".into())
            .kid(el("ul").class("stages").kid(stage(
                span("spin"),
                "Workers and scheduler are being ended. This takes up to half a minute.",
            )))
            .into(),
        Status::Stopped => {
            let lived = lived.map_or_else(String::new, |lived| {
                format!("It lived for {}. Nothing of it runs any more.", fmt_age(lived))
            });
            said(Tone::Plain, "Stopped".into(), el("span").text(lived))
        }
        Status::Failed => {
            let title = lived.map_or_else(
                || "Failed".to_owned(),
                |lived| format!("Failed after {}", fmt_age(lived)),
            );
            let why = el("span").text("The gateway does not say why; the reason is in its log.");
            note(
                Tone::Bad,
                el("div")
                    .kid(el("b").text(title))
                    .kid(why)
                    .kid(span("hint").text(entry.why_failed())),
            )
            .into()
        }
        Status::Running => nothing(),
    };
    div("story").kid(body).kid(facts(state, entry, dispatch))
}

fn card(title: AttrValue) -> El {
    el("section").class("card").kid(el("h2").text(title))
}

/// A step that is done or being done.
fn stage(mark: El, words: &'static str) -> El {
    el("li").class("on").kid(mark).text(words)
}

/// The way to be told of something while looking elsewhere.
#[derive(PartialEq)]
pub struct Tell {
    /// The words to press.
    pub offer: &'static str,
    /// What is so once it is allowed.
    pub promise: &'static str,
}

impl Part for Tell {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let permission = use_state_eq(notify::permission).run(hooks);
        match *permission {
            Permission::Open => {
                let setter = permission.setter();
                let ask = Callback::from(move |_: MouseEvent| {
                    let setter = setter.clone();
                    crate::web::run::spawn(async move { setter.set(notify::ask().await) });
                });
                el("p").kid(button("linkish").onclick(ask).text(self.offer)).into()
            }
            Permission::Granted => el("p").class("mute small").text(self.promise).into(),
            _ => nothing(),
        }
    }
}

/// A cluster that is being started, for so many seconds.
fn starting(age: f64) -> El {
    let slow = (age >= SLOW_START).then(|| {
            el("p").class("mute").text(
                "This takes longer than usual. Where machines or images must be fetched first, minutes are normal; \
                 without room for the scheduler it stays like this until the gateway gives up.",
            )
        });
    let tell = part(Tell {
        offer: "Tell me when it is ready",
        promise: "You will be told when it is ready, if you look elsewhere.",
    });
    card(format!("Starting, {}", fmt_age(age)).into())
        .kid(
            el("ul")
                .class("stages")
                .kid(stage(span("mark").text("✓"), "The gateway has taken the request"))
                .kid(stage(span("spin"), "The scheduler is being started"))
                .kid(el("li").kid(span("mark")).text("Its dashboard answers")),
        )
        .maybe(slow)
        .kid(tell)
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
    let mut facts = el("dl").class("facts");
    for (field, value) in in_order(state, &cluster.options) {
        let known = state.options.as_ref().and_then(|all| all.field(field));
        let label = known.map_or(field, |one| &one.label);
        let Shown { text, exact, lines } = shown(value, field, label);
        let value = el("dd").class_if(lines, "mono lines").set_some("title", exact.map(Into::into));
        facts = facts.kid(el("dt").text(label.clone())).kid(value.text(text));
    }
    facts = facts
        .kid(el("dt").text("Name"))
        .kid(el("dd").class("mono").kid(secret_name(&cluster.name)));
    for (label, time) in [("Asked for", cluster.start_time), ("Ended", cluster.stop_time)] {
        if let Some(time) = time {
            facts = facts.kid(el("dt").text(label)).kid(el("dd").text(when(time)));
        }
    }
    el("section")
        .class("card")
        .kid(div("strip").kid(el("h2").text("Options")).kid(span("grow")).maybe(again))
        .kid(facts)
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
