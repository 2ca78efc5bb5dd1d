//! Mounting.

use wasm_bindgen::prelude::*;

use super::app::{App, AppProps};

/// Starts the app where the page has a place for it.
pub fn start() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let Some(place) = document.get_element_by_id("daskscope") else { return };
    let Ok(root) = document.create_element("div") else { return };
    root.set_class_name("ds-root");
    let _ = place.append_child(&root);
    let code = "for (const t of a) { const s = new CSSStyleSheet(); s.replaceSync(t); document.adoptedStyleSheets.push(s) }";
    let sheets = js_sys::Array::new();
    for text in super::css::CSS {
        sheets.push(&JsValue::from_str(text));
    }
    let _ = js_sys::Function::new_with_args("a", code).call1(&JsValue::NULL, &sheets);
    let props = AppProps { config_json: None, embedded: false };
    std::mem::forget(yew::Renderer::<App>::with_root_and_props(root, props).render());
}

/// Mounts.
pub fn mount() {}
