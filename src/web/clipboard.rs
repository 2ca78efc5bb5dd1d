//! Copying, also on plain http where the browser has no clipboard for scripts.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlTextAreaElement;

/// Copies; false when the browser refuses both ways.
pub async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window() else { return false };
    let navigator = window.navigator();
    // On plain http the property is missing, which web-sys' type does not say.
    let has = js_sys::Reflect::get(&navigator, &"clipboard".into())
        .is_ok_and(|clipboard| clipboard.is_object());
    if has && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok() {
        return true;
    }
    by_selection(&window, text).unwrap_or(false)
}

/// Selects the text in a field of its own and has the browser copy the selection.
fn by_selection(window: &web_sys::Window, text: &str) -> Option<bool> {
    let document = window.document()?;
    let body = document.body()?;
    let before = document.active_element();
    let field: HtmlTextAreaElement = document.create_element("textarea").ok()?.dyn_into().ok()?;
    field.set_value(text);
    let _ = field.set_attribute("readonly", "");
    for (name, value) in [
        ("position", "fixed"),
        ("top", "0"),
        ("left", "0"),
        ("opacity", "0"),
        ("pointer-events", "none"),
    ] {
        let _ = field.style().set_property(name, value);
    }
    body.append_child(&field).ok()?;
    field.select();
    let done = js_sys::Reflect::get(&document, &"execCommand".into())
        .ok()
        .and_then(|function| function.dyn_into::<js_sys::Function>().ok())
        .and_then(|function| function.call1(&document, &"copy".into()).ok())
        .is_some_and(|answer| answer.is_truthy());
    field.remove();
    if let Some(before) = before.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
    {
        let _ = before.focus();
    }
    Some(done)
}
