//! Values of the options form that are kept under a name.

use std::rc::Rc;

use serde_json::{Map, Value};
use yew::prelude::*;

use super::option_field::choice;
use crate::ui::dom::{El, button, el, span};
use crate::ui::store::{Dispatch, use_dispatch};
use crate::ui::widgets::{on_choice, on_text};
use session::action::Action;
use session::state::State;

/// Properties of [`Presets`].
#[derive(Properties, PartialEq)]
pub struct PresetsProps {
    /// The state.
    pub state: Rc<State>,
    /// The form's values, when they are good.
    pub values: Option<Map<String, Value>>,
    /// Called with the name and the values of what is chosen.
    pub onapply: Callback<(String, Map<String, Value>)>,
}

/// The choice of a preset, and the ways to keep one and to forget it.
#[component]
pub fn Presets(props: &PresetsProps) -> Html {
    let dispatch = use_dispatch();
    let chosen = use_state_eq(Chosen::default);
    if let Some(naming) = &chosen.naming {
        let keep = keep(naming, props, &chosen, dispatch);
        return html! {
            <Naming naming={naming.clone()} chosen={chosen.clone()} {keep}
                tab_only={props.state.is_nameless()} />
        };
    }
    let prefs = &props.state.prefs;
    let some = !prefs.presets.is_empty() || !prefs.last.is_empty();
    span("strip")
        .maybe(some.then(|| select(props, &chosen)))
        .kid(if prefs.presets.contains_key(&chosen.name) {
            forget(&chosen, dispatch)
        } else {
            keep_as(props, &chosen)
        })
        .into()
}

/// Which preset is chosen, and the name that the values are to be kept under.
#[derive(Default, PartialEq)]
struct Chosen {
    name: String,
    naming: Option<String>,
}

/// The choice that stands for the options of the last cluster; no preset can be called so.
const LAST: &str = "\u{1}last";

fn select(props: &PresetsProps, chosen: &UseStateHandle<Chosen>) -> El {
    let prefs = props.state.prefs.clone();
    let choose = {
        let (prefs, apply, chosen) = (prefs.clone(), props.onapply.clone(), chosen.setter());
        on_choice(move |name| {
            if name == LAST {
                apply.emit(("the last one".into(), prefs.last.clone()));
            } else if let Some(values) = prefs.presets.get(&name) {
                apply.emit((name.clone(), values.clone()));
            }
            chosen.set(Chosen { name, naming: None });
        })
    };
    let last = || choice(LAST, "Last used", chosen.name == LAST);
    let named = |name: &String| choice(name, name, *name == chosen.name).key(name.as_str());
    el("select")
        .class("input num")
        .attr("aria-label", "Presets")
        .attr("data-testid", "preset")
        .onchange(choose)
        .kid(choice("", "Presets", chosen.name.is_empty()))
        .maybe((!prefs.last.is_empty()).then(last))
        .kids(prefs.presets.keys().map(named))
}

/// Forgets the chosen preset.
fn forget(chosen: &UseStateHandle<Chosen>, dispatch: Dispatch) -> El {
    let chosen = chosen.clone();
    button("btn quiet")
        .onclick(Callback::from(move |_: MouseEvent| {
            dispatch.act(Action::Preset(chosen.name.clone(), None));
            chosen.set(Chosen::default());
        }))
        .text("Forget")
}

/// Begins to keep the values.
fn keep_as(props: &PresetsProps, chosen: &UseStateHandle<Chosen>) -> El {
    let title = if props.state.is_nameless() {
        // A token or a ticket does not say whose it is.
        "Save these values under a name, in this tab until you sign out (your sign-in has no user name)"
    } else {
        "Save these values under a name, for you in this browser"
    };
    let chosen = chosen.clone();
    button("btn quiet")
        .attr("data-testid", "preset-save")
        .attr("title", title)
        .flag("disabled", props.values.is_none())
        .onclick(Callback::from(move |_: MouseEvent| {
            chosen.set(Chosen { name: chosen.name.clone(), naming: Some(String::new()) });
        }))
        .text("Save preset…")
}

/// Keeps the values under a name, where there is one.
fn keep(
    naming: &str,
    props: &PresetsProps,
    chosen: &UseStateHandle<Chosen>,
    dispatch: Dispatch,
) -> Callback<()> {
    let (chosen, values) = (chosen.clone(), props.values.clone());
    let name = naming.trim().to_owned();
    Callback::from(move |()| match &values {
        Some(values) if !name.is_empty() => {
            dispatch.act(Action::Preset(name.clone(), Some(values.clone())));
            chosen.set(Chosen { name: name.clone(), naming: None });
        }
        _ => chosen.set(Chosen { name: chosen.name.clone(), naming: None }),
    })
}

#[derive(Properties, PartialEq)]
struct NamingProps {
    naming: String,
    chosen: UseStateHandle<Chosen>,
    keep: Callback<()>,
    tab_only: bool,
}

/// Asks for the name.
#[component]
fn Naming(props: &NamingProps) -> Html {
    let NamingProps { naming, chosen, keep, tab_only } = props;
    let field = use_node_ref();
    {
        let field = field.clone();
        use_effect_with((), move |()| {
            if let Some(input) = field.cast::<web_sys::HtmlElement>() {
                let _ = input.focus();
            }
        });
    }
    let name_it = {
        let chosen = chosen.clone();
        move |naming: Option<String>| chosen.set(Chosen { name: chosen.name.clone(), naming })
    };
    let onkeydown = {
        let (name_it, keep) = (name_it.clone(), keep.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" => {
                event.prevent_default();
                keep.emit(());
            }
            "Escape" => {
                event.stop_propagation();
                name_it(None);
            }
            _ => {}
        })
    };
    html! {
        <span class="strip">
            <input
                ref={field}
                class="input num"
                placeholder="name"
                aria-label="Name of the preset"
                value={naming.clone()}
                oninput={on_text(move |text| name_it(Some(text)))}
                {onkeydown}
            />
            { button("btn").onclick(keep.reform(|_| ())).text("Keep") }
            if *tab_only {
                <span class="mute small">{ "for this tab only" }</span>
            }
        </span>
    }
}
