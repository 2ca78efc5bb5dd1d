//! A request and its answer, as data.

use std::fmt;

use serde_json::Value;

use super::address::Address;
use super::auth::Credentials;
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
    pub(super) fn new(method: Method, path: &str) -> Self {
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
    pub(super) fn with_body(mut self, body: Vec<(&str, Value)>) -> Self {
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
}
