//! What is open until a person turns elsewhere.

use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use crate::web::clock::{Listener, listen};

/// Calls `close` at Escape, and when something outside of elements that match `inside` is pressed, as
/// long as what it gives is held.
pub fn leaving(inside: &'static str, close: impl Fn() + Clone + 'static) -> Option<[Listener; 2]> {
    let window = web_sys::window()?;
    let pressed = close.clone();
    Some([
        listen(&window, "keydown", move |event| {
            if event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape") {
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
