//! Where running tasks are: a call stack each, read on demand.

use yew::prelude::*;

use super::aside::{choose_worker, is_elsewhere, troubled};
use crate::runtime::HubHandle;
use crate::ui::dom::{El, button, div, el, span};
use crate::ui::widgets::{Copier, sets};
use crate::web::timer::now_ms;
use base::fmt;
use feed::info::{Stack, page_of};
use live::engine::{Engine, Input};
use live::info::{Ask, MOST_WORKERS};

/// Most stacks drawn at once; the rest is counted.
const SHOWN: usize = 200;

/// Properties of [`StackPane`].
#[derive(Properties, PartialEq)]
pub struct StackPaneProps {
    /// Whose tasks.
    pub hub: HubHandle,
    /// The hub's version, so that a change is drawn.
    pub version: u64,
}

fn workers_of(engine: &Engine, of: &str) -> Vec<String> {
    if !of.is_empty() {
        return vec![of.to_owned()];
    }
    engine.snapshot().workers.map_or_else(Vec::new, |workers| {
        workers.rows.iter().take(MOST_WORKERS).map(|row| row.address.clone()).collect()
    })
}

/// The body of the pane.
#[component]
pub fn StackPane(props: &StackPaneProps) -> Html {
    let of = use_state_eq(String::new);
    let round = use_state_eq(|| 0u32);
    {
        let hub = props.hub.clone();
        // Opened before the worker table has come, it asks as soon as there is someone to ask.
        let any = hub.0.engine().snapshot().workers.is_some_and(|workers| !workers.rows.is_empty());
        use_effect_with(((*of).clone(), *round, any), move |(of, ..)| {
            let workers = workers_of(&hub.0.engine(), of);
            hub.0.put(Input::Info(Ask::Stacks(workers)));
            move || hub.0.put(Input::Info(Ask::Stacks(Vec::new())))
        });
    }
    let engine = props.hub.0.engine();
    let there = engine.snapshot().workers.map_or(0, |workers| workers.rows.len());
    let view = engine.info().stacks();
    let busy = view.left > 0;
    let refresh = button("btn")
        .flag("disabled", busy)
        .testid("stacks-refresh")
        .onclick(sets(round.setter(), *round + 1))
        .text("Refresh");
    let tools = div("pane-tools")
        .kid(choose_worker(&engine, "All workers", &of, of.setter()).testid("stacks-of"))
        .kid(refresh);
    let elsewhere = view.troubles.iter().any(|(_, trouble)| is_elsewhere(&props.hub, trouble));
    let mut said = if busy {
        format!("Reading worker {} of {}…", view.of.len() - view.left + 1, view.of.len())
    } else if elsewhere && of.is_empty() {
        "Choose a worker to see its tasks.".into()
    } else if view.stacks.is_empty() && !view.troubles.is_empty() {
        "No call stack could be read.".into()
    } else {
        let age = view.read_ms.map_or(0.0, |at| ((now_ms() - at) / 1e3).max(0.0));
        let count = fmt::plural(view.stacks.len() as u32, "running task");
        format!(
            "{count} on {}, {} ago",
            fmt::plural(view.of.len() as u32, "worker"),
            whole_secs(age)
        )
    };
    if of.is_empty() && there > view.of.len() && !elsewhere {
        said = format!("{said}; choose one of {there} workers to see others");
    }
    let said =
        div("pane-said").kid(span("mute").attr("role", "status").testid("stacks-said").text(said));
    let mut troubles = div("stack-troubles");
    // One of many workers' pages would look as if it were all of them.
    let choose = elsewhere && of.is_empty();
    for (worker, trouble) in view.troubles.iter().filter(|_| !choose) {
        let path = page_of("call-stacks", worker);
        let name = format!("the call stacks of {}", engine.snapshot().worker_name(worker));
        troubles = troubles.kid(troubled(&props.hub, trouble, &name, &path));
    }
    let body = if choose {
        el("p").class("empty").testid("info-trouble").text(
            "The browser may not read call stacks of a scheduler on another site. Dask's own page of a \
             worker can be shown.",
        )
    } else if view.of.is_empty() {
        el("p").class("empty").text("The cluster has no workers.")
    } else if view.stacks.is_empty() && !busy && view.troubles.is_empty() {
        el("p")
            .class("empty")
            .text("No tasks are running on these workers. Very short tasks are seldom seen here.")
    } else {
        let stacks = view.stacks.iter().take(SHOWN).map(|stack| one(&engine, stack));
        let more = view.stacks.len().saturating_sub(SHOWN);
        div("call-stacks").testid("stacks").kids(stacks).maybe(super::grid::and_more(more))
    };
    div("stack-pane").kid(tools).kid(said).kid(troubles).kid(body).into()
}

/// An age in whole seconds, or more coarsely.
fn whole_secs(age: f64) -> String {
    if age < 60.0 { format!("{} s", age as u32) } else { fmt::secs(age) }
}

/// `File "/a/b.py", line 3, in f` as `f, b.py line 3`.
fn place(frame: &str) -> String {
    let part = |text: &str, before: &str, after: &str| {
        let (_, rest) = text.split_once(before)?;
        Some(rest.split_once(after).map_or(rest, |(part, _)| part).to_owned())
    };
    let (file, line) = (part(frame, "File \"", "\""), part(frame, ", line ", ","));
    let name = frame.rsplit_once(", in ").map(|(_, name)| name);
    match (file, line, name) {
        (Some(file), Some(line), Some(name)) => {
            let short = file.rsplit(['/', '\\']).next().unwrap_or(&file);
            format!("{name}, {short} line {line}")
        }
        _ => frame.to_owned(),
    }
}

fn one(engine: &Engine, stack: &Stack) -> El {
    let mut text = String::new();
    for (place, line) in &stack.frames {
        text.push_str(place);
        text.push('\n');
        if !line.is_empty() {
            text = text + "    " + line + "\n";
        }
    }
    let inmost = stack.frames.last().map(|(frame, _)| place(frame)).unwrap_or_default();
    let summary = el("summary")
        .kid(el("code").text(stack.key.clone()))
        .kid(
            span("stack-worker")
                .set("title", stack.worker.clone())
                .text(engine.snapshot().worker_name(&stack.worker).to_owned()),
        )
        .kid(span("mute").text(inmost));
    el("details")
        .class("call-stack")
        .key(format!("{} {}", stack.worker, stack.key))
        .kid(summary)
        .kid(html! { <Copier class="quiet" text={text.clone()} /> })
        .kid(el("pre").attr("tabindex", "0").text(text))
}
