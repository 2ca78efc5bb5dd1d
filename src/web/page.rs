//! Things that happen to the whole page. Listeners set here live as long as it does.

use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

fn forever(target: &EventTarget, name: &str, call: impl Fn() + 'static) {
    let closure = Closure::<dyn Fn()>::new(call).into_js_value();
    // Fails for a missing function only.
    let _ = target.add_event_listener_with_callback(name, closure.unchecked_ref());
}

/// Calls with whether the tab is hidden, at every change.
pub fn on_visibility(call: impl Fn(bool) + 'static) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        let asked = document.clone();
        forever(&document, "visibilitychange", move || call(asked.hidden()));
    }
}

/// Calls when the browser is online again.
pub fn on_online(call: impl Fn() + 'static) {
    if let Some(window) = web_sys::window() {
        forever(&window, "online", call);
    }
}
