//! Carries requests to the gateway and to dashboards, by `fetch`.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestCache, RequestCredentials, RequestInit};

use super::clock;
use gateway::{Address, ApiError, Request, Response};

/// An answer on its way. Boxed: what waits for one is then a machine of a few states.
pub type Answering = Pin<Box<dyn Future<Output = Result<Response, ApiError>>>>;

/// Sends a request to the gateway at `address`. It is given up after the request's own time.
///
/// # Errors
/// [`ApiError::Network`], [`ApiError::Timeout`].
pub fn send(request: &Request, address: &Address) -> Answering {
    send_to(request, &request.url(address))
}

/// Sends a request to a whole address.
///
/// # Errors
/// [`ApiError::Network`], [`ApiError::Timeout`].
pub fn send_to(request: &Request, url: &str) -> Answering {
    fetch(url, init_of(request), request.timeout_ms)
}

/// Reads a document with a plain GET. `cookies`: whether the browser may send its cookies, as a
/// dashboard behind forward-auth needs them.
///
/// # Errors
/// [`ApiError::Network`], [`ApiError::Timeout`].
pub fn get(url: &str, cookies: bool, timeout_ms: u32) -> Answering {
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(if cookies {
        RequestCredentials::SameOrigin
    } else {
        RequestCredentials::Omit
    });
    fetch(url, init, timeout_ms)
}

fn init_of(request: &Request) -> RequestInit {
    let init = RequestInit::new();
    init.set_method(request.method.as_str());
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(if request.omit_credentials {
        RequestCredentials::Omit
    } else {
        RequestCredentials::Include
    });
    if let Ok(headers) = web_sys::Headers::new() {
        for (name, value) in &request.headers {
            // A value that the browser refuses leaves the header out; the server then says 401.
            let _ = headers.set(name, value);
        }
        init.set_headers(&headers);
    }
    if let Some(body) = &request.body {
        init.set_body(&JsValue::from_str(body));
    }
    init
}

thread_local! {
    static IN_FLIGHT: Cell<u32> = const { Cell::new(0) };
}

/// What is on its way, in words; none when nothing is.
pub fn in_flight() -> Option<String> {
    let count = IN_FLIGHT.get();
    (count > 0).then(|| format!("{count} requests on their way"))
}

/// Counts one request for as long as it lives.
struct Flight;

impl Flight {
    fn start() -> Self {
        IN_FLIGHT.set(IN_FLIGHT.get() + 1);
        Self
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        IN_FLIGHT.set(IN_FLIGHT.get().saturating_sub(1));
    }
}

/// Sends what `init` says and reads the answer as text.
///
/// # Errors
/// [`ApiError::Network`], [`ApiError::Timeout`].
pub fn fetch(url: &str, init: RequestInit, timeout_ms: u32) -> Answering {
    Box::pin(exchange(url.to_owned(), init, timeout_ms))
}

async fn exchange(url: String, init: RequestInit, timeout_ms: u32) -> Result<Response, ApiError> {
    let _flight = Flight::start();
    let lost = |error: &JsValue| {
        let detail = error
            .dyn_ref::<js_sys::Error>()
            .map_or_else(String::new, |error| String::from(error.message()));
        ApiError::Network { detail }
    };
    let window = web_sys::window().ok_or_else(|| ApiError::Network { detail: String::new() })?;
    let controller = AbortController::new().map_err(|error| lost(&error))?;
    init.set_signal(Some(&controller.signal()));
    let late = Rc::new(Cell::new(false));
    let _timer = {
        let late = late.clone();
        let controller = controller.clone();
        clock::after(i32::try_from(timeout_ms).unwrap_or(i32::MAX), move || {
            late.set(true);
            controller.abort();
        })
    };
    let fail = |error: &JsValue| {
        if late.get() { ApiError::Timeout { ms: timeout_ms } } else { lost(error) }
    };
    let answer = JsFuture::from(window.fetch_with_str_and_init(&url, &init))
        .await
        .map_err(|error| fail(&error))?;
    let answer: web_sys::Response =
        answer.dyn_into().map_err(|_| ApiError::Network { detail: String::new() })?;
    let text = answer.text().map_err(|error| fail(&error))?;
    let body = JsFuture::from(text).await.map_err(|error| fail(&error))?;
    Ok(Response {
        status: answer.status(),
        content_type: answer.headers().get("Content-Type").ok().flatten().unwrap_or_default(),
        body: body.as_string().unwrap_or_default(),
    })
}
