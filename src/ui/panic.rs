//! What a person sees when the program itself breaks: a plain notice with the message and a reload,
//! made without the virtual DOM, which may be what broke.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(text: &str);
}

/// Sets the panic hook. Later calls replace it with the same.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        console_error(&text);
        let _ = notice(&text);
    }));
}

fn notice(text: &str) -> Option<()> {
    let document = web_sys::window()?.document()?;
    if document.get_element_by_id("daskscope-panic").is_some() {
        return None;
    }
    let notice = document.create_element("div").ok()?;
    notice.set_id("daskscope-panic");
    notice.set_attribute("role", "alert").ok()?;
    let say = document.create_element("p").ok()?;
    say.set_text_content(Some(
        "Daskscope has hit a fault of its own and stopped. Your clusters go on. Reload the page to \
         continue; the text below helps whoever mends it.",
    ));
    let detail = document.create_element("pre").ok()?;
    detail.set_text_content(Some(text));
    notice.append_child(&say).ok()?;
    notice.append_child(&detail).ok()?;
    document.body()?.append_child(&notice).ok()?;
    Some(())
}
