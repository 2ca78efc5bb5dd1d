//! All requests of the app, by `fetch`: to the gateway, to hubs, and to dashboards.

use std::cell::Cell;
use std::pin::Pin;

use gloo_net::http::{Headers, Request as Fetch, RequestBuilder, Response as Answer};
use web_sys::{AbortSignal, RequestCache, RequestCredentials, RequestMode};

use gateway::{Address, ApiError, Method, Request, Response};

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
    let method = match request.method {
        Method::Get => Fetch::get,
        Method::Post => Fetch::post,
        Method::Delete => Fetch::delete,
    };
    let fetch = method(url)
        .cache(RequestCache::NoStore)
        .credentials(if request.omit_credentials {
            RequestCredentials::Omit
        } else {
            RequestCredentials::Include
        })
        .headers(headers_of(request));
    answer(fetch, request.body.as_deref(), request.timeout_ms)
}

fn headers_of(request: &Request) -> Headers {
    let headers = Headers::new().into_raw();
    for (name, value) in &request.headers {
        // A value that the browser refuses leaves the header out; the server then says 401.
        let _ = headers.set(name, value);
    }
    Headers::from_raw(headers)
}

/// Reads a document with a plain GET. The browser's cookies go along on our own origin only, as a
/// dashboard behind forward-auth needs them.
///
/// # Errors
/// [`ApiError::Network`], [`ApiError::Timeout`].
pub fn get(url: &str, timeout_ms: u32) -> Answering {
    let fetch =
        Fetch::get(url).cache(RequestCache::NoStore).credentials(RequestCredentials::SameOrigin);
    answer(fetch, None, timeout_ms)
}

/// Asks whether anything answers at all, where what it says may not be read.
///
/// # Errors
/// [`ApiError::Network`], [`ApiError::Timeout`].
pub fn knock(url: &str, timeout_ms: u32) -> Answering {
    let fetch = Fetch::get(url).mode(RequestMode::NoCors).credentials(RequestCredentials::Omit);
    answer(fetch, None, timeout_ms)
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

/// Sends a request and reads the answer as text, both within `timeout_ms`.
fn answer(fetch: RequestBuilder, body: Option<&str>, timeout_ms: u32) -> Answering {
    let signal = AbortSignal::timeout_with_u32(timeout_ms);
    let fetch = fetch.abort_signal(Some(&signal));
    let fetch = match body {
        Some(body) => fetch.body(body),
        None => fetch.build(),
    };
    Box::pin(async move {
        let _flight = Flight::start();
        exchange(fetch).await.map_err(|error| match error {
            _ if signal.aborted() => ApiError::Timeout { ms: timeout_ms },
            gloo_net::Error::JsError(error) => ApiError::Network { detail: error.message },
            gloo_net::Error::GlooError(detail) => ApiError::Network { detail },
        })
    })
}

async fn exchange(fetch: Result<Fetch, gloo_net::Error>) -> Result<Response, gloo_net::Error> {
    let answer: Answer = fetch?.send().await?;
    Ok(Response {
        status: answer.status(),
        content_type: answer.headers().get("Content-Type").unwrap_or_default(),
        body: answer.text().await?,
    })
}
