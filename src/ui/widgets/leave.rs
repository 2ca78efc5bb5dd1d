//! What is open until a person turns elsewhere.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use crate::web::clock::{Listener, listen, sleep};
use crate::web::run::spawn;

/// What has opened something.
const OPENER: &str = "[aria-expanded=true],summary";

/// Where what was pressed is gone once all is drawn again, or was moved, the focus goes to the first of
/// `wanted` that is still there: keys would begin at the top of the page else.
pub fn stay(wanted: Vec<Element>) {
    let lost = || {
        let document = web_sys::window()?.document()?;
        let (at, body) = (document.active_element(), document.body().map(Element::from));
        Some(at.is_none() || at == body)
    };
    spawn(async move {
        // A change of the address draws once more.
        for wait_ms in [0, 40, 160] {
            sleep(wait_ms).await;
            for one in wanted.iter().filter(|one| one.is_connected()) {
                if lost() != Some(true) {
                    break;
                }
                if let Some(one) = one.dyn_ref::<HtmlElement>() {
                    let _ = one.focus();
                }
            }
        }
    });
}

/// Calls `close` at Escape, and when something outside of elements that match `inside` is pressed, as
/// long as what it gives is held.
pub fn leaving(inside: &'static str, close: impl Fn() + Clone + 'static) -> Option<[Listener; 2]> {
    let window = web_sys::window()?;
    let pressed = close.clone();
    Some([
        listen(&window, "keydown", move |event| {
            if event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape") {
                // Who was inside goes back to what opened it.
                let at = event.composed_path().get(0).dyn_into::<Element>().ok();
                let frame = at.and_then(|at| at.closest(inside).ok().flatten());
                let opener = frame.and_then(|frame| frame.query_selector(OPENER).ok().flatten());
                if let Some(opener) = opener.and_then(|one| one.dyn_into::<HtmlElement>().ok()) {
                    let _ = opener.focus();
                }
                close();
            }
        }),
        listen(&window, "pointerdown", move |event| {
            let within = event.composed_path().iter().any(|node| {
                node.dyn_into::<Element>().is_ok_and(|one| one.matches(inside).unwrap_or(false))
            });
            if !within {
                pressed();
            }
        }),
    ])
}
