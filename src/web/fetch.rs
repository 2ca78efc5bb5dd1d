//! Small reads that are not the gateway's API: a dashboard page, a count.

use gloo_net::http::Request;
use web_sys::{AbortController, RequestCache};

use super::timer::Timeout;

/// The text at `url`, given up after `limit_ms`. Cookies go along on our own origin only, which is
/// what a sign-in proxy in front of a dashboard needs.
///
/// # Errors
/// A sentence: the status when it is not 2xx, or that nothing answered.
pub async fn get_text(url: &str, limit_ms: u32) -> Result<String, String> {
    let abort = AbortController::new().ok();
    let signal = abort.as_ref().map(AbortController::signal);
    let _guard = abort.map(|abort| Timeout::new(limit_ms, move || abort.abort()));
    let response = Request::get(url)
        .cache(RequestCache::NoStore)
        .abort_signal(signal.as_ref())
        .send()
        .await
        .map_err(|error| format!("no answer ({error})"))?;
    if !response.ok() {
        return Err(format!("the answer was {} {}", response.status(), response.status_text()));
    }
    response.text().await.map_err(|error| format!("the answer broke off ({error})"))
}
