//! Small reads that are not the gateway's API: a dashboard page, a count.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestCache, RequestInit, Response};

use super::timer::Timeout;

/// The text at `url`, given up after `limit_ms`. Cookies go along on our own origin only, which is
/// what a sign-in proxy in front of a dashboard needs.
///
/// # Errors
/// A sentence: the status when it is not 2xx, or that nothing answered.
pub async fn get_text(url: &str, limit_ms: u32) -> Result<String, String> {
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    let abort = AbortController::new().ok();
    init.set_signal(abort.as_ref().map(AbortController::signal).as_ref());
    let _guard = abort.map(|abort| Timeout::new(limit_ms, move || abort.abort()));
    let sent = web_sys::window().map(|window| window.fetch_with_str_and_init(url, &init));
    let sent = sent.ok_or("no answer")?;
    let answer = JsFuture::from(sent).await.map_err(|error| failure("no answer", &error))?;
    let response: Response = answer.unchecked_into();
    if !response.ok() {
        return Err(format!("the answer was {} {}", response.status(), response.status_text()));
    }
    let broken = |error| failure("the answer broke off", &error);
    let text = JsFuture::from(response.text().map_err(broken)?).await.map_err(broken)?;
    Ok(text.as_string().unwrap_or_default())
}

fn failure(what: &str, error: &JsValue) -> String {
    let why = error.unchecked_ref::<js_sys::Object>().to_string();
    format!("{what} ({})", String::from(why))
}
