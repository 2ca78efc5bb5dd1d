//! The options of a new cluster.

use std::rc::Rc;

use serde_json::{Map, Value};
use yew::prelude::*;

use super::option_field::{WRONG, focus_wrong, option_control};
use super::presets::Presets;
use super::scale::cost_line;
use crate::ui::dom::{El, button, div, el, list, nothing, span};
use crate::ui::store::{Dispatch, use_dispatch};
use crate::ui::widgets::{Copier, Tone, acts, focus_in, note, trouble_note};
use base::dict::Dict;
use gateway::model::Options;
use gateway::sizing::WorkerSize;
use session::action::Action;
use session::draft::Draft;
use session::route::Page;
use session::snippet;
use session::state::{State, Trouble};

/// The options of a new cluster; `closable` where the form can be put away. A new revision of the
/// creation starts it anew.
pub fn options_form(state: &Rc<State>, closable: bool) -> Html {
    let revision = state.creation.revision;
    if let Some(options) = state.options.clone() {
        html! { <Form key={revision} state={state.clone()} {options} {closable} /> }
    } else if let Some(trouble) = &state.options_trouble {
        html! { <Untold trouble={trouble.clone()} /> }
    } else {
        el("section")
            .key(revision)
            .class("card options")
            .attr("aria-busy", "true")
            .kid(div("fields").each((0..5).map(|_| div("bone tall"))))
            .into()
    }
}

#[derive(Properties, PartialEq)]
struct UntoldProps {
    trouble: Trouble,
}

/// In the form's place: why the gateway could not tell its options.
#[component]
fn Untold(props: &UntoldProps) -> Html {
    let dispatch = use_dispatch();
    let again = button("btn")
        .testid("options-again")
        .onclick(acts(&dispatch, || Action::AskOptions))
        .text("Try again");
    let said = trouble_note(&props.trouble).testid("options-trouble").kid(again);
    html! {
        <section class="card options">
            <header><h2>{ "New cluster" }</h2></header>
            <div class="fields">{ said }</div>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct FormProps {
    state: Rc<State>,
    options: Rc<Options>,
    closable: bool,
}

/// What the options come to as they stand in the form, or what is wrong with them, by field.
type Read = Result<Map<String, Value>, Dict<String>>;

/// The form.
#[component]
fn Form(props: &FormProps) -> Html {
    let FormProps { state, options, closable } = props;
    let dispatch = use_dispatch();
    let held = use_held(props);
    let place = use_focus_on_refusal(state);
    let read: Read = held.draft.values(options);
    let onsubmit = submit(props, &held, &read, &dispatch);
    let values = read.as_ref().ok();
    let presets = html! {
        <Presets
            state={state.clone()}
            values={values.cloned()}
            onapply={applies(&held, options)}
        />
    };
    html! {
        <form
            ref={place}
            class="card options"
            data-testid="options-form"
            novalidate=true
            {onsubmit}
        >
            <header>
                <h2>{ "New cluster" }</h2>
                <span class="grow" />
                { presets }
                { if *closable { close(state, &dispatch).into() } else { nothing() } }
            </header>
            { fields(props, &held, &read, &dispatch) }
            <footer>
                { create(state.creation.busy) }
                { reset(&held, &dispatch) }
                { copiers(props, values) }
            </footer>
        </form>
    }
}

/// What the form holds.
#[derive(Clone, Default, PartialEq)]
struct Held {
    draft: Draft,
    /// Fields whose problems are shown.
    touched: Vec<String>,
    /// What a preset held that is no longer offered, in a sentence.
    lost: Option<String>,
}

/// What the form holds: at first what was kept, or what a link or another cluster says.
#[hook]
fn use_held(props: &FormProps) -> UseStateHandle<Held> {
    let FormProps { state, options, .. } = props;
    use_state_eq(|| {
        let (seed, linked) = (state.creation.seed.as_deref(), &state.route.query.options);
        Held {
            draft: Draft::begin(options, &state.prefs, seed, linked),
            // A link's values are shown with what is wrong with them.
            touched: linked.keys().cloned().collect(),
            lost: foreign(options, linked).or_else(|| unusable(options, seed?)),
        }
    })
}

/// The form's element; where the gateway refuses something, the focus goes there.
#[hook]
fn use_focus_on_refusal(state: &State) -> NodeRef {
    let form = use_node_ref();
    let place = form.clone();
    let creation = &state.creation;
    let refused: Vec<String> = creation.fields.keys().cloned().collect();
    use_effect_with((refused, creation.trouble.clone()), move |(fields, trouble)| {
        if !fields.is_empty() || trouble.is_some() {
            focus_wrong(&place);
        }
    });
    form
}

/// Has the cluster made, or shows what is wrong.
fn submit(
    props: &FormProps,
    held: &UseStateHandle<Held>,
    read: &Read,
    dispatch: &Dispatch,
) -> Callback<SubmitEvent> {
    let (held, dispatch) = (held.clone(), dispatch.clone());
    let (read, options) = (read.clone(), props.options.clone());
    let busy = props.state.creation.busy;
    Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        match &read {
            Ok(values) if !busy => dispatch.act(Action::Create(options.to_send(values))),
            Ok(_) => {}
            Err(problems) => {
                let touched = problems.keys().cloned().collect();
                held.set(Held { touched, ..(*held).clone() });
                focus_in(&event, WRONG);
            }
        }
    })
}

/// Takes what is typed into one of the fields.
fn edits(
    state: &State,
    held: &UseStateHandle<Held>,
    dispatch: &Dispatch,
) -> Callback<(String, String)> {
    let (held, dispatch) = (held.clone(), dispatch.clone());
    let refused = !state.creation.fields.is_empty() || state.creation.trouble.is_some();
    Callback::from(move |(field, text): (String, String)| {
        let mut next = (*held).clone();
        next.draft.texts.insert(field.clone(), text);
        next.touched.push(field);
        next.lost = None;
        held.set(next);
        if refused {
            dispatch.act(Action::ClearCreation);
        }
    })
}

/// Takes the values of a preset.
fn applies(
    held: &UseStateHandle<Held>,
    options: &Rc<Options>,
) -> Callback<(String, Map<String, Value>)> {
    let (held, options) = (held.setter(), options.clone());
    Callback::from(move |(name, values): (String, Map<String, Value>)| {
        let mut draft = Draft::default();
        let left = draft.put(&options, &values);
        let lost = (!left.is_empty()).then(|| {
            format!(
                "The preset “{name}” does not match these options. Set to the default: {}.",
                left.join(", ")
            )
        });
        held.set(Held { draft, touched: Vec::new(), lost });
    })
}

fn close(state: &State, dispatch: &Dispatch) -> El {
    let (to, dispatch) = (state.route.follow(Page::Clusters), dispatch.clone());
    button("btn quiet icon")
        .attr("aria-label", "Close the form")
        .onclick(Callback::from(move |_: MouseEvent| dispatch.go_to(to.clone())))
        .text("×")
}

/// All fields, what is to be said of them, and what the cluster costs.
fn fields(props: &FormProps, held: &UseStateHandle<Held>, read: &Read, dispatch: &Dispatch) -> El {
    let FormProps { state, options, .. } = props;
    let edit = edits(state, held, dispatch);
    let control = |field| {
        option_control(field, &held.draft, problem(&field.field, props, held, read), &edit).into()
    };
    let size = read.as_ref().ok().map(|values| WorkerSize::from_values(values, Some(options)));
    let trouble = state.creation.trouble.as_ref();
    div("fields")
        .maybe(held.lost.as_deref().map(warning))
        .kid(list(options.fields.iter().map(control).collect()))
        .maybe(options.fields.is_empty().then(|| {
            el("p").class("mute").text("This gateway offers no options: every cluster is the same.")
        }))
        .maybe((!options.skipped.is_empty()).then(|| skipped(options)))
        .maybe(trouble.map(|one| trouble_note(one).testid("create-error").attr("tabindex", "-1")))
        .kid(cost_line(size.unwrap_or_default(), 1, state.config.rates.as_ref()))
}

/// What is wrong with a field, as the gateway says, or else as the page sees it once it was touched.
fn problem<'a>(
    name: &String,
    props: &'a FormProps,
    held: &Held,
    read: &'a Read,
) -> Option<&'a String> {
    let seen = read.as_ref().err().filter(|_| held.touched.contains(name));
    props.state.creation.fields.get(name).or(seen.and_then(|all| all.get(name)))
}

fn skipped(options: &Options) -> El {
    let names: Vec<_> = options.skipped.iter().map(|one| one.name.as_str()).collect();
    warning(&format!(
        "{} of the gateway's options could not be read: {}",
        names.len(),
        names.join(", ")
    ))
}

fn create(busy: bool) -> El {
    el("button")
        .attr("type", "submit")
        .class("btn primary tall")
        .attr("data-testid", "create-cluster")
        // It keeps the focus while the gateway is being asked.
        .set_some("aria-disabled", busy.then_some("true".into()))
        .maybe(busy.then(|| span("spin")))
        .text(if busy { "Loading options…" } else { "Create cluster" })
}

fn reset(held: &UseStateHandle<Held>, dispatch: &Dispatch) -> El {
    let (held, dispatch) = (held.setter(), dispatch.clone());
    button("btn tall quiet")
        .attr("data-testid", "options-reset")
        .onclick(Callback::from(move |_: MouseEvent| {
            held.set(Held::default());
            dispatch.act(Action::ClearCreation);
        }))
        .text("Reset")
}

/// The same cluster as code, while the values are good.
fn copiers(props: &FormProps, values: Option<&Map<String, Value>>) -> El {
    let FormProps { state, options, .. } = props;
    let python = values.map(|values| snippet::create(state, options, values));
    let scoped = values.map(|values| snippet::create_scoped(state, options, values));
    div("together")
        .kid(html! {
            <Copier
                label="Copy as Python"
                class="quiet"
                testid="copy-python"
                title="The same cluster from a notebook"
                text={python.unwrap_or_default()}
            />
        })
        .kid(html! {
            <Copier
                label="as with-block"
                class="quiet"
                testid="copy-python-scoped"
                title="The same as a context manager: the cluster is shut down at the end of the block"
                text={scoped.unwrap_or_default()}
            />
        })
}

/// What a link sets that this gateway does not have, in a sentence.
fn foreign(options: &Options, linked: &Dict<String>) -> Option<String> {
    let unknown: Vec<&str> =
        linked.keys().map(String::as_str).filter(|name| options.field(name).is_none()).collect();
    (!unknown.is_empty()).then(|| {
        format!("The link sets options that this gateway does not have: {}.", unknown.join(", "))
    })
}

fn warning(words: &str) -> El {
    note(Tone::Warn, el("div").text(words))
}

/// What another cluster was made with and cannot be used again, in a sentence.
fn unusable(options: &Options, seed: &Map<String, Value>) -> Option<String> {
    let left = Draft::default().put(options, seed);
    (!left.is_empty()).then(|| {
        format!(
            "Some values of that cluster cannot be used again. Set to the default: {}.",
            left.join(", ")
        )
    })
}
