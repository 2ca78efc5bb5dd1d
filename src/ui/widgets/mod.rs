//! Parts that several pages use.

mod copy;
mod dialog;
mod doctor;
mod folded;
mod leave;
mod link;
mod mapping;
mod note;
mod number;
mod status;
mod toasts;

pub use copy::Copier;
pub use dialog::{Question, active};
pub use doctor::{DoctorCard, Patient};
pub use folded::folded;
pub use leave::{escaping, is_covered, leaving, stay};
pub use link::{link, link_to, new_cluster};
pub use mapping::Mapping;
pub use note::{Tone, note, trouble_note};
pub use number::{Number, number};
pub use status::status_chip;
pub use toasts::toasts;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::store::Dispatch;
use crate::web::{clock, run::spawn};
use session::action::Action;

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

/// Moves the focus to the first control in a form that `selector` names, once the form is drawn
/// again.
pub fn focus_in(event: &SubmitEvent, selector: &'static str) {
    let Some(form) = event.target().and_then(|form| form.dyn_into::<Element>().ok()) else {
        return;
    };
    spawn(async move {
        clock::sleep(0).await;
        let control = form.query_selector(selector).ok().flatten();
        if let Some(control) = control.and_then(|one| one.dyn_into::<HtmlElement>().ok()) {
            let _ = control.focus();
        }
    });
}

/// Whether a checkbox that an event comes from is ticked.
pub fn ticked(event: &Event) -> bool {
    event
        .target()
        .and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
        .is_some_and(|input| input.checked())
}

/// A callback that acts. All that know no more than this share one program.
pub fn acts(dispatch: &Dispatch, what: fn() -> Action) -> Callback<MouseEvent> {
    dispatch.on(what)
}

/// A callback that does something to what is called `name`.
pub fn acts_on(
    dispatch: &Dispatch,
    name: &str,
    what: fn(String) -> Action,
) -> Callback<MouseEvent> {
    let name = name.to_owned();
    dispatch.on(move || what(name.clone()))
}

/// A callback that sets a state of a component.
pub fn sets<T: Clone + 'static>(state: UseStateSetter<T>, value: T) -> Callback<MouseEvent> {
    Callback::from(move |_| state.set(value.clone()))
}
