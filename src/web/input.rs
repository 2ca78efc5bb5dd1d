//! Native listeners that may prevent the default, which Yew's delegated ones cannot always do.

use wasm_bindgen::JsCast;
use web_sys::EventTarget;

pub use super::clock::Listener as Listening;

/// Listens to an event, not passively. `None` when the browser refuses.
pub fn listen<E: JsCast>(
    target: &EventTarget,
    name: &'static str,
    mut handle: impl FnMut(E) + 'static,
) -> Option<Listening> {
    Some(super::clock::listen(target, name, move |event| handle(event.unchecked_into())))
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
