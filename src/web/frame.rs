//! Which pages show this one in a frame.

use js_sys::{Array, Reflect};
use wasm_bindgen::JsValue;

/// Frames in frames beyond this are not looked at: what is outside of them counts as unknown.
const DEEPEST: usize = 32;

/// Origins of the pages around this one, the nearest first; none for a page whose origin the browser does not tell.
pub fn ancestors() -> Vec<Option<String>> {
    let Some(window) = web_sys::window() else { return vec![None] };
    let location = window.location();
    // Chromium and WebKit have the list, Firefox only in its latest versions.
    let list = Reflect::get(&location, &JsValue::from_str("ancestorOrigins"));
    let list = list.ok().filter(JsValue::is_object).map(|list| Array::from(&list));
    let walked = walk(window);
    match list {
        // A list that says less than can be seen is no proof.
        Some(list) if list.length() as usize >= walked.len() => list
            .iter()
            // "null" stands for an origin that is kept back.
            .map(|origin| origin.as_string().filter(|origin| origin != "null"))
            .collect(),
        _ => walked,
    }
}

/// The same from window to window: what a page of another origin says of itself is not told.
fn walk(mut window: web_sys::Window) -> Vec<Option<String>> {
    let mut around = Vec::new();
    while around.len() < DEEPEST {
        let Ok(Some(parent)) = window.parent() else {
            around.push(None);
            return around;
        };
        if parent == window {
            return around;
        }
        around.push(parent.location().origin().ok().filter(|origin| origin != "null"));
        window = parent;
    }
    around.push(None);
    around
}
