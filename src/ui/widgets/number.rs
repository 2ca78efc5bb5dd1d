//! A field for a number: text, so that what was typed is never lost, with arrow keys.

use yew::prelude::*;

use super::on_text;
use crate::ui::dom::{El, el};
use gateway::numbers::stepped;

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
    pub min: Option<String>,
    /// And here.
    pub max: Option<String>,
    /// Whether it holds something wrong.
    pub invalid: bool,
}

/// The `input` of a field for a number; label, id and name are the caller's to add.
pub fn number(field: Number) -> El {
    let oninput = {
        let typed = field.oninput.clone();
        on_text(move |text| typed.emit(text))
    };
    let whole = field.whole;
    let onkeydown = {
        let value = field.value.to_owned();
        let (typed, enter) = (field.oninput, field.onenter);
        let (min, max) = (field.min.clone(), field.max.clone());
        Callback::from(move |event: KeyboardEvent| {
            let up = match event.key().as_str() {
                "ArrowUp" => true,
                "ArrowDown" => false,
                "Enter" => {
                    if let Some(enter) = &enter {
                        // What opens now and takes the focus must not get this key, too.
                        event.prevent_default();
                        if !event.repeat() {
                            enter.emit(());
                        }
                    }
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            typed.emit(stepped(&value, up, whole, min.as_deref(), max.as_deref()));
        })
    };
    el("input")
        .class("input")
        .attr("type", "text")
        .attr("autocomplete", "off")
        .attr("inputmode", if whole { "numeric" } else { "decimal" })
        .set_some("min", field.min.map(Into::into))
        .set_some("max", field.max.map(Into::into))
        .set_some("aria-invalid", field.invalid.then_some("true".into()))
        .value(field.value.to_owned())
        .oninput(oninput)
        .onkeydown(onkeydown)
}
