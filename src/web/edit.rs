//! Changes of what a field holds that the browser's own *Undo* can take back.

use wasm_bindgen::prelude::*;
use web_sys::HtmlTextAreaElement;

/// Replaces the whole text as if it had been typed, which also fires `input`. False where the browser
/// does not do that.
pub fn replace_all(area: &HtmlTextAreaElement, text: &str) -> bool {
    let Some(document) = area.owner_document() else { return false };
    let _ = area.focus();
    area.select();
    js_sys::Reflect::get(&document, &"execCommand".into())
        .ok()
        .and_then(|function| function.dyn_into::<js_sys::Function>().ok())
        .and_then(|function| {
            let (command, value) = ("insertText".into(), text.into());
            function.call3(&document, &command, &false.into(), &value).ok()
        })
        .is_some_and(|answer| answer.is_truthy())
}
