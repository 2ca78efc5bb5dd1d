//! One field of the options form.

use yew::prelude::*;

use crate::ui::dom::{El, div, el, span};
use crate::ui::widgets::{Mapping, Number, active, folded, number, on_choice, on_text, ticked};
use gateway::mapping::is_environment;
use gateway::model::{OptionField, OptionKind};
use session::draft::Draft;

/// The controls that hold something wrong, and the note about what is wrong with the whole.
pub const WRONG: &str =
    "[data-wrong] input,[data-wrong] select,[data-wrong] textarea,[data-testid=create-error]";

/// Moves the focus to the first thing in a form that is wrong, unless a person is elsewhere by now.
pub fn focus_wrong(form: &NodeRef) {
    let Some(form) = form.cast::<web_sys::Element>() else { return };
    let elsewhere =
        active(&form).is_some_and(|now| now.tag_name() != "BODY" && !form.contains(Some(&now)));
    if elsewhere {
        return;
    }
    let wrong = form.query_selector(WRONG).ok().flatten();
    if let Some(wrong) =
        wrong.and_then(|one| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(one).ok())
    {
        let _ = wrong.focus();
    }
}

/// A field with its label, its bounds and what is wrong with it.
pub fn option_control(
    field: &OptionField,
    draft: &Draft,
    problem: Option<&String>,
    edit: &Callback<(String, String)>,
) -> El {
    let OptionField { field: name, label, kind, .. } = field;
    let held = draft.text(field);
    let id = AttrValue::from(format!("ds-option-{name}"));
    let testid = AttrValue::from(format!("option-{name}"));
    let error_id = AttrValue::from(format!("ds-option-{name}-error"));
    let typed = {
        let (name, edit) = (name.clone(), edit.clone());
        Callback::from(move |text: String| edit.emit((name.clone(), text)))
    };
    let invalid = problem.is_some();
    let error = problem.map(|problem| {
        span("error")
            .set("id", error_id.clone())
            .attr("role", "alert")
            .set("data-testid", format!("option-{name}-error"))
            .kid(folded(problem))
    });
    let left = draft.is_left(field).then(|| {
        span("mute small")
            .testid(format!("option-{name}-left"))
            .text("Not sent: the gateway uses its own default.")
    });
    let place = div("field").key(name.as_str()).flag("data-wrong", invalid);
    let wrong = |control: El| {
        control
            .set_some("aria-invalid", invalid.then_some("true".into()))
            .set_some("aria-describedby", invalid.then_some(error_id.clone()))
    };
    let area = |rows: usize, typed: Callback<String>| {
        let area = el("textarea").attr("spellcheck", "false").set("rows", rows.to_string());
        area.class("input").value(held.clone()).oninput(on_text(move |text| typed.emit(text)))
    };
    let (aside, control) = match kind {
        // A line would lose the breaks without a word.
        OptionKind::Text if held.contains('\n') || field.show(&field.default).contains('\n') => {
            (None, area(held.lines().count().clamp(3, 10), typed))
        }
        OptionKind::Text => {
            let input = el("input").attr("autocomplete", "off").attr("spellcheck", "false");
            let input = input.class("input").value(held);
            (None, input.oninput(on_text(move |text| typed.emit(text))))
        }
        OptionKind::Bool => {
            let tick = el("input")
                .attr("type", "checkbox")
                .set("id", id)
                .set("data-testid", testid)
                .checked(held == "true")
                .onchange(Callback::from(move |event: Event| {
                    typed.emit(ticked(&event).to_string());
                }));
            let label = el("label").class("check").kid(wrong(tick)).text(label.as_str());
            return place.kid(label).maybe(left).maybe(error);
        }
        OptionKind::Int { .. } | OptionKind::Float { .. } => {
            let (min, max) = kind.limits();
            let whole = matches!(kind, OptionKind::Int { .. });
            let field = number(Number {
                value: &held,
                oninput: typed,
                onenter: None,
                whole,
                min,
                max,
                invalid,
            });
            (kind.bounds(), field.flag("readonly", kind.allows_only(&held)))
        }
        OptionKind::Select(choices) => {
            // A value that is no longer offered must be seen, not replaced in silence.
            let odd = (!choices.contains(&held)).then_some(held.as_str());
            let mut select =
                el("select").class("input").onchange(on_choice(move |text| typed.emit(text)));
            for one in odd.into_iter().chain(choices.iter().map(String::as_str)) {
                select = select.kid(choice(one, one, one == held).key(one));
            }
            (None, select)
        }
        OptionKind::Mapping => {
            let mapping = html! {
                <Mapping
                    text={held}
                    oninput={typed}
                    label={label.clone()}
                    {invalid}
                    environment={is_environment(field)}
                    {id}
                    {testid}
                />
            };
            return place.kid(mapping).maybe(left).maybe(error);
        }
        OptionKind::Unknown(kind) => (Some(format!("{kind}, as JSON")), area(3, typed)),
    };
    let aside = aside.map(|aside| span("aside").text(aside));
    place
        .kid(el("label").set("for", id.clone()).text(label.as_str()).maybe(aside))
        .kid(wrong(control.set("id", id).set("data-testid", testid)))
        .maybe(left)
        .maybe(error)
}

/// One of the choices of a select.
pub fn choice(value: &str, words: &str, chosen: bool) -> El {
    el("option").set("value", value).flag("selected", chosen).text(words)
}
