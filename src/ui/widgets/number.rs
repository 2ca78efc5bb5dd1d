//! A field for a number: text, so that what was typed is never lost, with arrow keys.

use yew::prelude::*;

use super::on_text;
use crate::ui::dom::{El, el};

/// A field for a number.
#[derive(Properties, PartialEq)]
pub struct NumberProps {
    /// What it holds.
    pub value: AttrValue,
    /// Called with what was typed.
    pub oninput: Callback<String>,
    /// Called on Enter.
    #[prop_or_default]
    pub onenter: Callback<()>,
    /// Whole numbers only.
    #[prop_or(true)]
    pub whole: bool,
    /// The arrow keys stop here.
    #[prop_or_default]
    pub min: Option<f64>,
    /// And here.
    #[prop_or_default]
    pub max: Option<f64>,
    /// Whether it holds something wrong.
    #[prop_or_default]
    pub invalid: bool,
    /// What it is, for assistive tools.
    #[prop_or_default]
    pub label: Option<AttrValue>,
    /// The element's id.
    #[prop_or_default]
    pub id: Option<AttrValue>,
    /// Its name for tests.
    #[prop_or_default]
    pub testid: Option<AttrValue>,
    /// The id of the text that says what is wrong.
    #[prop_or_default]
    pub describedby: Option<AttrValue>,
    /// More classes.
    #[prop_or(classes!("num"))]
    pub class: Classes,
}

/// A field for a number.
#[component]
pub fn NumberInput(props: &NumberProps) -> Html {
    let oninput = {
        let typed = props.oninput.clone();
        on_text(move |text| typed.emit(text))
    };
    let onkeydown = {
        let value = props.value.clone();
        let (typed, enter) = (props.oninput.clone(), props.onenter.clone());
        let (whole, min, max) = (props.whole, props.min, props.max);
        Callback::from(move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowUp" => 1.0,
                "ArrowDown" => -1.0,
                "Enter" => {
                    enter.emit(());
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            let step = if whole { step } else { step * 0.5 };
            let now = value.trim().parse::<f64>().unwrap_or(0.0);
            let next = (now + step)
                .max(min.unwrap_or(f64::NEG_INFINITY))
                .min(max.unwrap_or(f64::INFINITY));
            typed.emit(next.to_string());
        })
    };
    html! {
        <input class={classes!("input", props.class.clone())} type="text" autocomplete="off"
            inputmode={if props.whole { "numeric" } else { "decimal" }}
            id={props.id.clone()} data-testid={props.testid.clone()}
            aria-label={props.label.clone()} aria-invalid={props.invalid.then_some("true")}
            aria-describedby={props.describedby.clone()}
            min={props.min.map(|n| n.to_string())} max={props.max.map(|n| n.to_string())}
            value={props.value.clone()} {oninput} {onkeydown} />
    }
}

/// A field for a number.
pub struct Number<'a> {
    /// What it holds.
    pub value: &'a str,
    /// Called with what was typed.
    pub oninput: Callback<String>,
    /// Called on Enter.
    pub onenter: Option<Callback<()>>,
    /// Whole numbers only.
    pub whole: bool,
    /// The arrow keys stop here.
    pub min: Option<f64>,
    /// And here.
    pub max: Option<f64>,
    /// Whether it holds something wrong.
    pub invalid: bool,
}

/// The `input` of a field for a number; label, id and name are the caller's to add.
pub fn number(field: Number) -> El {
    let oninput = {
        let typed = field.oninput.clone();
        on_text(move |text| typed.emit(text))
    };
    let (whole, min, max) = (field.whole, field.min, field.max);
    let onkeydown = {
        let value = field.value.to_owned();
        let (typed, enter) = (field.oninput, field.onenter);
        Callback::from(move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowUp" => 1.0,
                "ArrowDown" => -1.0,
                "Enter" => {
                    if let Some(enter) = &enter {
                        enter.emit(());
                    }
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            let step = if whole { step } else { step * 0.5 };
            let now = value.trim().parse::<f64>().unwrap_or(0.0);
            let next = (now + step)
                .max(min.unwrap_or(f64::NEG_INFINITY))
                .min(max.unwrap_or(f64::INFINITY));
            typed.emit(next.to_string());
        })
    };
    let bound = |limit: Option<f64>| limit.map(|limit| limit.to_string().into());
    el("input")
        .class("input")
        .attr("type", "text")
        .attr("autocomplete", "off")
        .attr("inputmode", if whole { "numeric" } else { "decimal" })
        .set_some("min", bound(min))
        .set_some("max", bound(max))
        .set_some("aria-invalid", field.invalid.then_some("true".into()))
        .value(field.value.to_owned())
        .oninput(oninput)
        .onkeydown(onkeydown)
}
