//! One function per endpoint of the REST API, and one that reads its answer (dask-gateway-server
//! 2022.4 to 2026.3, `dask_gateway_server/routes.py`).
//!
//! A [`Request`] is a plain value; [`Request::signed`] adds the header that the gateway asks for,
//! [`Request::url`] says where it goes; whoever does IO sends it and hands back a [`Response`].

use std::fmt;

use serde_json::{Map, Value};

use super::address::{Address, encode_segment};
use super::auth::Credentials;
use super::error::ApiError;
use super::model::{Cluster, Listing, Options, Status, not_json};
use base::dict::record;
use base::json;

/// What to do with a resource.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Method {
    /// Read.
    Get,
    /// Make or change.
    Post,
    /// End.
    Delete,
}

impl Method {
    /// As HTTP writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// What to send. Its `Debug` shows the names of headers only.
#[derive(Clone, Eq, PartialEq)]
pub struct Request {
    /// The verb.
    pub method: Method,
    /// Path below the gateway's address, beginning with a slash. The trailing slash of
    /// `/api/v1/clusters/` matters: without it the server answers 404.
    pub path: String,
    /// The query without its question mark, already encoded; empty for none.
    pub query: String,
    /// Headers, name and value.
    pub headers: Vec<(&'static str, String)>,
    /// The body, JSON text.
    pub body: Option<String>,
    /// Whether cookies must stay home (`credentials: 'omit'`).
    pub omit_credentials: bool,
    /// When to give up, ms.
    pub timeout_ms: u32,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("headers", &headers)
            .field("omit_credentials", &self.omit_credentials)
            .field("timeout_ms", &self.timeout_ms)
            .finish_non_exhaustive()
    }
}

impl Request {
    #[inline(never)]
    fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.into(),
            query: String::new(),
            headers: vec![("Accept", "application/json".into())],
            body: None,
            omit_credentials: true,
            timeout_ms: 15_000,
        }
    }

    #[inline(never)]
    fn with_body(mut self, body: Vec<(&str, Value)>) -> Self {
        self.headers.push(("Content-Type", "application/json".into()));
        self.body = Some(json::print(&record(body)));
        self
    }

    /// Where it goes.
    pub fn url(&self, address: &Address) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!("{address}{}{mark}{}", self.path, self.query)
    }

    /// Adds what the credentials send to `address`: nothing when they are for another one.
    #[must_use]
    pub fn signed(mut self, credentials: &Credentials, address: &Address) -> Self {
        self.headers.extend(credentials.headers_for(address));
        self.omit_credentials = credentials.address() != address || credentials.omit_cookies();
        self
    }
}

/// What came back. Its `Debug` shows the body's length only: it can hold private keys.
#[derive(Clone, Default)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// The `Content-Type` header, or nothing.
    pub content_type: String,
    /// The body as text.
    pub body: String,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Response {
    #[inline(never)]
    fn mime(&self) -> String {
        self.content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
    }

    /// Whether it says that it is JSON.
    pub fn is_json(&self) -> bool {
        let mime = self.mime();
        mime == "application/json" || mime.ends_with("+json")
    }

    /// Whether it says that it is a web page.
    #[inline(never)]
    pub fn is_html(&self) -> bool {
        matches!(self.mime().as_str(), "text/html" | "application/xhtml+xml")
    }

    #[inline(never)]
    fn ok(&self, expected: &str) -> Result<(), ApiError> {
        if (200..300).contains(&self.status) && !self.is_html() {
            Ok(())
        } else {
            Err(ApiError::from_response(self, expected))
        }
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
    response.ok("the cluster options")?;
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
    response.ok("a list of clusters")?;
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
    response.ok("a cluster")?;
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
    response.ok("an answer about scaling")?;
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
    response.ok("an empty answer")
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
    response.ok(expected)?;
    match parse(&response.body)?.get(field).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(malformed(format!("{expected} expected"))),
    }
}
