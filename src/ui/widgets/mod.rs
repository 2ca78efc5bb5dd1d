//! Parts that several pages use.

mod copy;
mod dialog;
mod doctor;
mod link;
mod mapping;
mod note;
mod number;
mod status;
mod toasts;

pub use copy::{Copier, CopyButton};
pub use dialog::{Dialog, Question};
pub use doctor::{DoctorCard, DoctorPanel, Patient};
pub use link::{Link, link, link_and};
pub use mapping::{Mapping, MappingField};
pub use note::{Note, Tone, TroubleNote, note, trouble_note};
pub use number::{Number, NumberInput, number};
pub use status::{Dot, StatusChip, status_chip, status_word};
pub use toasts::{Toasts, toasts};

use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

/// What the control that an event comes from holds.
pub fn text_of(event: &Event) -> String {
    let Some(target) = event.target() else { return String::new() };
    if let Some(input) = target.dyn_ref::<HtmlInputElement>() {
        input.value()
    } else if let Some(select) = target.dyn_ref::<HtmlSelectElement>() {
        select.value()
    } else if let Some(area) = target.dyn_ref::<HtmlTextAreaElement>() {
        area.value()
    } else {
        String::new()
    }
}

/// A callback for `oninput` that gets the control's text.
pub fn on_text(what: impl Fn(String) + 'static) -> Callback<InputEvent> {
    Callback::from(move |event: InputEvent| what(text_of(&event)))
}

/// A callback for `onchange` that gets the control's text.
pub fn on_choice(what: impl Fn(String) + 'static) -> Callback<Event> {
    Callback::from(move |event: Event| what(text_of(&event)))
}

/// Whether a checkbox that an event comes from is ticked.
pub fn ticked(event: &Event) -> bool {
    event
        .target()
        .and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
        .is_some_and(|input| input.checked())
}
