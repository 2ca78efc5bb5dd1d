//! The options of a new cluster.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::{Map, Value};
use yew::prelude::*;

use super::scale::cost_line;
use crate::app::action::Action;
use crate::app::draft::Draft;
use crate::app::route::Page;
use crate::app::snippet;
use crate::app::state::State;
use crate::gateway::model::{OptionField, OptionKind, Options};
use crate::gateway::remembered::WorkerSize;
use crate::ui::store::use_dispatch;
use crate::ui::widgets::{
    CopyButton, MappingField, Note, NumberInput, Tone, TroubleNote, on_choice, on_text, ticked,
};

/// The form.
#[derive(Properties, PartialEq)]
pub struct OptionsProps {
    /// The state.
    pub state: Rc<State>,
    /// Whether it can be put away.
    pub closable: bool,
}

/// The options of a new cluster.
#[component]
pub fn OptionsForm(props: &OptionsProps) -> Html {
    match props.state.options.clone() {
        Some(options) => html! {
            <Form state={props.state.clone()} {options} closable={props.closable} />
        },
        None => html! {
            <section class="card options" aria-busy="true">
                <div class="fields">
                    { for (0..5).map(|_| html! { <div class="bone tall"></div> }) }
                </div>
            </section>
        },
    }
}

#[derive(Properties, PartialEq)]
struct FormProps {
    state: Rc<State>,
    options: Rc<Options>,
    closable: bool,
}

#[component]
fn Form(props: &FormProps) -> Html {
    let dispatch = use_dispatch();
    let (state, options) = (&props.state, &props.options);
    let draft = use_state_eq(|| {
        let seed = state.creation.seed.as_deref();
        Draft::begin(options, &state.keepsake, seed, &state.route.query.options)
    });
    let touched = use_state_eq(|| {
        // A link's values are shown with what is wrong with them.
        state.route.query.options.keys().cloned().collect::<BTreeSet<String>>()
    });
    let note = use_state_eq(|| None::<String>);
    let read = draft.values(options);
    let creation = &state.creation;

    let edit = {
        let (set, touch, set_note) = (draft.setter(), touched.setter(), note.setter());
        let (now, was) = ((*draft).clone(), (*touched).clone());
        let dispatch = dispatch.clone();
        let said = !creation.fields.is_empty() || creation.trouble.is_some();
        Callback::from(move |(field, text): (String, String)| {
            let mut next = now.clone();
            next.texts.insert(field.clone(), text);
            set.set(next);
            let mut all = was.clone();
            all.insert(field);
            touch.set(all);
            set_note.set(None);
            if said {
                dispatch.act(Action::ClearCreation);
            }
        })
    };
    let submit = {
        let dispatch = dispatch.clone();
        let read = read.clone();
        let touch = touched.setter();
        let options = options.clone();
        let busy = creation.busy;
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match &read {
                Ok(values) if !busy => dispatch.act(Action::Create(options.to_send(values))),
                Ok(_) => {}
                Err(problems) => touch.set(problems.keys().cloned().collect()),
            }
        })
    };
    let reset = {
        let (set, touch, set_note) = (draft.setter(), touched.setter(), note.setter());
        let defaults = Draft::defaults(options);
        let dispatch = dispatch.clone();
        Callback::from(move |_: MouseEvent| {
            set.set(defaults.clone());
            touch.set(BTreeSet::new());
            set_note.set(None);
            dispatch.act(Action::ClearCreation);
        })
    };
    let apply = {
        let (set, touch, set_note) = (draft.setter(), touched.setter(), note.setter());
        let options = options.clone();
        Callback::from(move |(name, values): (String, Map<String, Value>)| {
            let mut next = Draft::defaults(&options);
            let lost = next.put(&options, &values);
            set.set(next);
            touch.set(BTreeSet::new());
            set_note.set((!lost.is_empty()).then(|| {
                format!(
                    "“{name}” was kept for other options: {} left as the default.",
                    lost.join(", ")
                )
            }));
        })
    };
    let close = state.route.follow(Page::Clusters);
    let size = read.as_ref().ok().map(|values| WorkerSize::from_values(values, Some(options)));
    let python = read.as_ref().ok().map(|values| snippet::create(state, options, values));
    let scoped = read.as_ref().ok().map(|values| snippet::create_scoped(state, options, values));
    html! {
        <form class="card options" data-testid="options-form" onsubmit={submit} novalidate=true>
            <header>
                <h2>{ "New cluster" }</h2>
                <span class="grow"></span>
                <Presets state={state.clone()} values={read.clone().ok()} onapply={apply} />
                if props.closable {
                    <button type="button" class="btn quiet icon" aria-label="Close the form"
                        onclick={let d = dispatch.clone(); move |_: MouseEvent| d.go_to(close.clone())}>
                        { "×" }
                    </button>
                }
            </header>
            <div class="fields">
                if let Some(text) = &*note { <Note tone={Tone::Warn}>{ text }</Note> }
                { for options.fields.iter().map(|field| {
                    let own = read.as_ref().err()
                        .filter(|_| touched.contains(&field.field))
                        .and_then(|problems| problems.get(&field.field));
                    let problem = creation.fields.get(&field.field).or(own).cloned();
                    html! {
                        <OptionControl key={field.field.clone()} field={field.clone()} {problem}
                            text={draft.text(&field.field).to_owned()} onedit={edit.clone()} />
                    }
                }) }
                if options.fields.is_empty() {
                    <p class="mute">{ "This gateway offers no options: every cluster is the same." }</p>
                }
                if !options.skipped.is_empty() {
                    <Note tone={Tone::Warn}>{ format!("{} of the gateway's options could not be read: {}",
                        options.skipped.len(), options.skipped.iter().map(|one| one.name.as_str())
                            .collect::<Vec<_>>().join(", ")) }</Note>
                }
                if let Some(trouble) = &creation.trouble {
                    <TroubleNote trouble={trouble.clone()} testid="create-error" />
                }
                { cost_line(size.unwrap_or_default(), 1, state.config.rates.as_ref()) }
            </div>
            <footer>
                <button type="submit" class="btn primary tall" data-testid="create-cluster"
                    disabled={creation.busy}>
                    if creation.busy { <span class="spin"></span>{ "Asking the gateway…" } }
                    else { { "Create cluster" } }
                </button>
                <button type="button" class="btn tall quiet" data-testid="options-reset" onclick={reset}>
                    { "Reset" }
                </button>
                <span class="grow"></span>
                <CopyButton text={python.unwrap_or_default()} label="Copy as Python" class="quiet"
                    testid="copy-python" title="The same cluster from a notebook" />
                <CopyButton text={scoped.unwrap_or_default()} label="with …" class="quiet"
                    testid="copy-python-scoped"
                    title="The same as a context manager: the cluster ends with the block" />
            </footer>
        </form>
    }
}

#[derive(Properties, PartialEq)]
struct ControlProps {
    field: OptionField,
    text: String,
    problem: Option<String>,
    onedit: Callback<(String, String)>,
}

#[component]
fn OptionControl(props: &ControlProps) -> Html {
    let OptionField { field: name, label, kind, .. } = &props.field;
    let id = AttrValue::from(format!("ds-option-{name}"));
    let error_id = AttrValue::from(format!("ds-option-{name}-error"));
    let testid = AttrValue::from(format!("option-{name}"));
    let typed = {
        let (name, edit) = (name.clone(), props.onedit.clone());
        Callback::from(move |text: String| edit.emit((name.clone(), text)))
    };
    let invalid = props.problem.is_some();
    let wrong = invalid.then_some("true");
    let described = invalid.then(|| error_id.clone());
    let head = |aside: Option<String>| {
        html! {
            <label for={id.clone()}>{ label }
                if let Some(aside) = aside { <span class="aside">{ aside }</span> }
            </label>
        }
    };
    let control = match kind {
        OptionKind::Text => html! { <>
            { head(None) }
            <input class="input" id={id} data-testid={testid} autocomplete="off" spellcheck="false"
                aria-invalid={wrong} aria-describedby={described}
                value={props.text.clone()} oninput={on_text(move |text| typed.emit(text))} />
        </> },
        OptionKind::Bool => html! {
            <label class="check">
                <input type="checkbox" id={id} data-testid={testid} checked={props.text == "true"}
                    onchange={Callback::from(move |event: Event| typed.emit(ticked(&event).to_string()))} />
                { label }
            </label>
        },
        OptionKind::Int { min, max } => {
            let (low, high) = (min.map(|n| n as f64), max.map(|n| n as f64));
            html! { <>
                { head(bounds(low, high)) }
                <NumberInput {id} {testid} value={props.text.clone()} oninput={typed} {invalid}
                    min={low} max={high} describedby={described} class={classes!()} />
            </> }
        }
        OptionKind::Float { min, max } => html! { <>
            { head(bounds(*min, *max)) }
            <NumberInput {id} {testid} value={props.text.clone()} oninput={typed} {invalid} whole=false
                min={*min} max={*max} describedby={described} class={classes!()} />
        </> },
        OptionKind::Select(choices) => {
            // A value that is no longer offered must be seen, not replaced in silence.
            let odd = (!choices.contains(&props.text)).then(|| props.text.clone());
            html! { <>
                { head(None) }
                <select class="input" id={id} data-testid={testid} aria-invalid={wrong}
                    aria-describedby={described} onchange={on_choice(move |text| typed.emit(text))}>
                    { for odd.into_iter().chain(choices.iter().cloned()).map(|choice| html! {
                        <option key={choice.clone()} value={choice.clone()}
                            selected={choice == props.text}>{ choice }</option>
                    }) }
                </select>
            </> }
        }
        OptionKind::Mapping => html! {
            <MappingField {id} {testid} label={label.clone()} text={props.text.clone()} oninput={typed}
                {invalid} />
        },
        OptionKind::Unknown(kind) => html! { <>
            { head(Some(format!("{kind}, as JSON"))) }
            <textarea class="input" id={id} data-testid={testid} spellcheck="false" rows="3"
                aria-invalid={wrong} aria-describedby={described}
                value={props.text.clone()} oninput={on_text(move |text| typed.emit(text))} />
        </> },
    };
    html! {
        <div class="field">
            { control }
            if let Some(problem) = &props.problem {
                <span class="error" id={error_id} role="alert"
                    data-testid={format!("option-{name}-error")}>{ problem }</span>
            }
        </div>
    }
}

fn bounds(min: Option<f64>, max: Option<f64>) -> Option<String> {
    match (min, max) {
        (Some(min), Some(max)) => Some(format!("{min} to {max}")),
        (Some(min), None) => Some(format!("{min} or more")),
        (None, Some(max)) => Some(format!("up to {max}")),
        (None, None) => None,
    }
}

#[derive(Properties, PartialEq)]
struct PresetProps {
    state: Rc<State>,
    /// The form's values, when they are good.
    values: Option<Map<String, Value>>,
    onapply: Callback<(String, Map<String, Value>)>,
}

#[component]
fn Presets(props: &PresetProps) -> Html {
    let dispatch = use_dispatch();
    let naming = use_state_eq(|| None::<String>);
    let chosen = use_state_eq(String::new);
    let presets = &props.state.keepsake.presets;
    let last = &props.state.keepsake.last;
    if let Some(name) = &*naming {
        let keep = {
            let (naming, chosen, values) = (naming.setter(), chosen.setter(), props.values.clone());
            let name = name.trim().to_owned();
            move || {
                if let (false, Some(values)) = (name.is_empty(), &values) {
                    dispatch.act(Action::Preset(name.clone(), Some(values.clone())));
                    chosen.set(name.clone());
                }
                naming.set(None);
            }
        };
        let enter = keep.clone();
        let cancel = naming.setter();
        return html! {
            <span class="strip">
                <input class="input num" placeholder="name" aria-label="Name of the preset" value={name.clone()}
                    oninput={let naming = naming.setter(); on_text(move |text| naming.set(Some(text)))}
                    onkeydown={Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
                        "Enter" => { event.prevent_default(); enter(); }
                        "Escape" => { event.stop_propagation(); cancel.set(None); }
                        _ => {}
                    })} />
                <button type="button" class="btn" onclick={move |_| keep()}>{ "Keep" }</button>
            </span>
        };
    }
    let choose = {
        let (presets, last) = (presets.clone(), last.clone());
        let (apply, chosen) = (props.onapply.clone(), chosen.setter());
        on_choice(move |name| {
            if name == "\u{1}last" {
                apply.emit(("the last one".into(), last.clone()));
            } else if let Some(values) = presets.get(&name) {
                apply.emit((name.clone(), values.clone()));
            }
            chosen.set(name);
        })
    };
    let drop_it = {
        let (name, chosen) = ((*chosen).clone(), chosen.setter());
        let dispatch = dispatch.clone();
        move |_: MouseEvent| {
            dispatch.act(Action::Preset(name.clone(), None));
            chosen.set(String::new());
        }
    };
    html! {
        <span class="strip">
            if !presets.is_empty() || !last.is_empty() {
                <select class="input num" aria-label="Presets" data-testid="preset" onchange={choose}>
                    <option value="" selected={chosen.is_empty()}>{ "Presets" }</option>
                    if !last.is_empty() {
                        <option value={"\u{1}last"} selected={*chosen == "\u{1}last"}>{ "Last used" }</option>
                    }
                    { for presets.keys().map(|name| html! {
                        <option key={name.clone()} value={name.clone()} selected={name == &*chosen}>{ name }</option>
                    }) }
                </select>
            }
            if presets.contains_key(&*chosen) {
                <button type="button" class="btn quiet" onclick={drop_it}>{ "Forget" }</button>
            } else {
                <button type="button" class="btn quiet" data-testid="preset-save"
                    title="Keep these values in this browser under a name" disabled={props.values.is_none()}
                    onclick={let naming = naming.setter(); move |_: MouseEvent| naming.set(Some(String::new()))}>
                    { "Keep as…" }
                </button>
            }
        </span>
    }
}
