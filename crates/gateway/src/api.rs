//! One function per endpoint of the REST API, and one that reads its answer (dask-gateway-server
//! 2022.4 to 2026.3, `dask_gateway_server/routes.py`).
//!
//! A [`Request`] is a plain value; [`Request::signed`] adds the header that the gateway asks for,
//! [`Request::url`] says where it goes; whoever does IO sends it and hands back a [`Response`].

use serde_json::{Map, Value};

use super::address::encode_segment;
use super::error::ApiError;
pub use super::http::{Method, Request, Response};
use super::model::{Cluster, Listing, Options, Status, not_json};

#[inline(never)]
fn check(response: &Response, expected: &str) -> Result<(), ApiError> {
    if (200..300).contains(&response.status) && !response.is_html() {
        Ok(())
    } else {
        Err(ApiError::from_response(response, expected))
    }
}

/// The answer to a scale or adapt request.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct Scaled {
    /// Whether the request was taken as it is. If not, a smaller one was taken in its place.
    pub ok: bool,
    /// The server's words on that.
    pub message: Option<String>,
}

/// Bounds for adaptive scaling; `None` leaves a bound to the server.
#[derive(Copy, Clone, Eq, PartialEq, Debug, Default)]
pub struct Adapt {
    /// Fewest workers.
    pub minimum: Option<u32>,
    /// Most workers.
    pub maximum: Option<u32>,
}

/// `GET /api/version`; needs no credentials.
pub fn version() -> Request {
    Request::new(Method::Get, "/api/version")
}

/// The version, for example `2026.3.0`.
///
/// # Errors
/// See [`ApiError`].
pub fn read_version(response: &Response) -> Result<String, ApiError> {
    text_of(response, "version", "a version")
}

/// `GET /api/health`; needs no credentials. Good for finding out whether a gateway is there at all.
pub fn health() -> Request {
    Request { timeout_ms: 8_000, ..Request::new(Method::Get, "/api/health") }
}

/// `pass`, or what the gateway calls its trouble (`fail`, sent with status 503).
///
/// # Errors
/// See [`ApiError`].
pub fn read_health(response: &Response) -> Result<String, ApiError> {
    if response.status == 503
        && response.is_json()
        && let Ok(body) = parse(&response.body)
        && let Some(status) = body.get("status").and_then(Value::as_str)
    {
        return Ok(status.to_owned());
    }
    text_of(response, "status", "a health report")
}

/// `GET /health` of a scheduler's dashboard: `ok` as plain text.
pub fn scheduler_health() -> Request {
    Request { timeout_ms: 8_000, ..Request::new(Method::Get, "/health") }
}

/// `GET /api/v1/options`.
pub fn options() -> Request {
    Request::new(Method::Get, "/api/v1/options")
}

/// The cluster options that this user may set.
///
/// # Errors
/// See [`ApiError`].
pub fn read_options(response: &Response) -> Result<Options, ApiError> {
    check(response, "the cluster options")?;
    Options::from_json(&response.body).map_err(malformed)
}

/// `GET /api/v1/clusters/`: clusters in the given states. No state at all means the server's own
/// choice (pending and running).
pub fn list(states: &[Status]) -> Request {
    let mut request = Request::new(Method::Get, "/api/v1/clusters/");
    for state in states {
        request.query.push_str(if request.query.is_empty() { "status=" } else { "," });
        request.query.push_str(state.as_str());
    }
    request
}

/// The clusters of this user.
///
/// # Errors
/// See [`ApiError`].
pub fn read_list(response: &Response) -> Result<Listing, ApiError> {
    check(response, "a list of clusters")?;
    Listing::from_json(&response.body).map_err(malformed)
}

/// `GET /api/v1/clusters/<name>`. With `wait` the server answers only when the cluster is no longer
/// pending, or after 20 s; proxies may cut such a request earlier, so an error there means little.
pub fn get(name: &str, wait: bool) -> Request {
    let mut request = Request::new(Method::Get, &cluster_path(name, ""));
    if wait {
        request.query = "wait".into();
        request.timeout_ms = 30_000;
    }
    request
}

/// One cluster.
///
/// # Errors
/// See [`ApiError`].
pub fn read_cluster(response: &Response) -> Result<Cluster, ApiError> {
    check(response, "a cluster")?;
    Cluster::from_json(&response.body).map_err(malformed)
}

/// `POST /api/v1/clusters/`: starts a cluster. Options left out take the server's defaults.
pub fn create(options: &Map<String, Value>) -> Request {
    let request = Request::new(Method::Post, "/api/v1/clusters/");
    Request {
        timeout_ms: 60_000,
        ..request.with_body(vec![("cluster_options", options.clone().into())])
    }
}

/// The new cluster's name.
///
/// # Errors
/// See [`ApiError`].
pub fn read_created(response: &Response) -> Result<String, ApiError> {
    text_of(response, "name", "the new cluster's name")
}

/// `POST /api/v1/clusters/<name>/scale`. This also ends adaptive scaling.
pub fn scale(name: &str, count: u32) -> Request {
    Request::new(Method::Post, &cluster_path(name, "/scale"))
        .with_body(vec![("count", count.into())])
}

/// `POST /api/v1/clusters/<name>/adapt`; `None` turns adaptive scaling off.
///
/// The server takes a minimum above the maximum and a maximum of zero (which ends all workers)
/// without a word: ask before sending those.
pub fn adapt(name: &str, bounds: Option<Adapt>) -> Request {
    let body = match bounds {
        Some(Adapt { minimum, maximum }) => {
            vec![("minimum", minimum.into()), ("maximum", maximum.into()), ("active", true.into())]
        }
        None => vec![("active", false.into())],
    };
    Request::new(Method::Post, &cluster_path(name, "/adapt")).with_body(body)
}

/// The answer to [`scale`] and [`adapt`].
///
/// # Errors
/// See [`ApiError`].
pub fn read_scaled(response: &Response) -> Result<Scaled, ApiError> {
    check(response, "an answer about scaling")?;
    if response.body.trim().is_empty() {
        return Ok(Scaled { ok: true, message: None });
    }
    let body: Value = parse(&response.body)?;
    Ok(Scaled {
        ok: body.get("ok").and_then(Value::as_bool).unwrap_or(true),
        message: body.get("msg").and_then(Value::as_str).map(str::to_owned),
    })
}

/// `DELETE /api/v1/clusters/<name>`: shuts a cluster down. The server says the same for one that it
/// never knew, so an answer proves nothing: look at its status.
pub fn delete(name: &str) -> Request {
    Request::new(Method::Delete, &cluster_path(name, ""))
}

/// Whether the request to shut down was taken.
///
/// # Errors
/// See [`ApiError`].
pub fn read_deleted(response: &Response) -> Result<(), ApiError> {
    check(response, "an empty answer")
}

fn cluster_path(name: &str, tail: &str) -> String {
    format!("/api/v1/clusters/{}{tail}", encode_segment(name))
}

fn malformed(what: String) -> ApiError {
    ApiError::Malformed { what }
}

/// Parses a small answer that holds no secrets.
#[inline(never)]
fn parse(body: &str) -> Result<Value, ApiError> {
    serde_json::from_str(body).map_err(|error| malformed(not_json(&error)))
}

fn text_of(response: &Response, field: &str, expected: &str) -> Result<String, ApiError> {
    check(response, expected)?;
    match parse(&response.body)?.get(field).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(malformed(format!("{expected} expected"))),
    }
}
