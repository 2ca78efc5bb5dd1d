//! A field for a number: text, so that what was typed is never lost, with arrow keys.

use yew::prelude::*;

use super::on_text;
use crate::base::number::{parse, plain};
use crate::ui::dom::{El, el};

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
            let now = parse(value.trim()).unwrap_or(0.0);
            let next = (now + step)
                .max(min.unwrap_or(f64::NEG_INFINITY))
                .min(max.unwrap_or(f64::INFINITY));
            typed.emit(plain(next));
        })
    };
    let bound = |limit: Option<f64>| limit.map(|limit| plain(limit).into());
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
