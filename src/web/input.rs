//! Native listeners that may prevent the default, which Yew's delegated ones cannot always do.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{AddEventListenerOptions, Event, EventTarget};

/// A listener; removed when it is dropped.
pub struct Listening {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self
            .target
            .remove_event_listener_with_callback(self.name, self.closure.as_ref().unchecked_ref());
    }
}

/// Listens to an event, not passively. `None` when the browser refuses.
pub fn listen<E: JsCast>(
    target: &EventTarget,
    name: &'static str,
    mut handle: impl FnMut(E) + 'static,
) -> Option<Listening> {
    let closure = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        handle(event.unchecked_into());
    });
    let options = AddEventListenerOptions::new();
    options.set_passive(false);
    target
        .add_event_listener_with_callback_and_add_event_listener_options(
            name,
            closure.as_ref().unchecked_ref(),
            &options,
        )
        .ok()?;
    Some(Listening { target: target.clone(), name, closure })
}

/// A wheel event's way in CSS px, whatever unit the device uses.
pub fn wheel_px(event: &web_sys::WheelEvent) -> (f64, f64) {
    let unit = match event.delta_mode() {
        1 => 16.0,
        2 => 400.0,
        _ => 1.0,
    };
    (event.delta_x() * unit, event.delta_y() * unit)
}
