//! JupyterHub, from a page on the hub's own origin: who is signed in there, and a token of their
//! own for the gateway (JupyterHub 5 and 6).
//!
//! A minted token goes to one gateway. Make one only for the gateway that the site's own
//! configuration names, never for one that a link names: other users may serve pages and proxies
//! on the hub's origin.

use std::fmt;

use serde_json::Value;

use super::address::{Address, encode_segment};
use super::api::{Method, Request, Response};
use super::error::ApiError;
use crate::base::dict::record;
use crate::base::json::print;

/// Who the hub says is here.
#[derive(Clone, Eq, PartialEq)]
pub enum Visitor {
    /// Somebody is signed in.
    SignedIn {
        /// Their name at the hub.
        user: String,
        /// The token against forged requests that the hub's API wants back. Not for logs.
        xsrf: String,
    },
    /// Nobody is: send them to [`login_url`].
    SignedOut,
}

impl fmt::Debug for Visitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignedIn { user, .. } => {
                f.debug_struct("SignedIn").field("user", user).finish_non_exhaustive()
            }
            Self::SignedOut => f.write_str("SignedOut"),
        }
    }
}

/// A token that the hub made. Its `Debug` does not show it.
#[derive(Clone, Eq, PartialEq)]
pub struct Minted {
    /// Its number, to revoke it by. Hubs use numbers again: match the note as well.
    pub id: String,
    /// The secret.
    pub token: String,
    /// When it ends, as the hub writes it (RFC 3339).
    pub expires_at: Option<String>,
}

impl fmt::Debug for Minted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Minted")
            .field("id", &self.id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The note on tokens made here, to find them again among a user's tokens.
pub const NOTE: &str = "daskscope";

fn request(method: Method, path: String) -> Request {
    Request {
        method,
        path,
        query: String::new(),
        headers: Vec::new(),
        body: None,
        // The hub knows its users by cookies.
        omit_credentials: false,
        timeout_ms: 15_000,
    }
}

/// `GET <hub>/home`: a page that names the user and the token against forged requests.
pub fn home() -> Request {
    request(Method::Get, "/home".into())
}

/// Reads that page. A sign-in page (where redirects lead when nobody is signed in) names no user.
///
/// # Errors
/// See [`ApiError`]; also when the page is no hub's.
pub fn read_home(response: &Response) -> Result<Visitor, ApiError> {
    if response.status >= 400 {
        return Err(ApiError::from_response(response, "the hub's home page"));
    }
    let Some(xsrf) = value_of(&response.body, "xsrf_token") else {
        return Err(ApiError::Malformed { what: "a page of JupyterHub expected".into() });
    };
    Ok(match value_of(&response.body, "user").filter(|user| !user.is_empty()) {
        Some(user) => Visitor::SignedIn { user, xsrf },
        None => Visitor::SignedOut,
    })
}

/// The text behind `name:` in the page's data object.
fn value_of(page: &str, name: &str) -> Option<String> {
    let mut rest = page;
    while let Some(at) = rest.find(name) {
        let whole = !rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        rest = &rest[at + name.len()..];
        let Some(value) = rest.trim_start_matches(['"', '\'']).trim_start().strip_prefix(':')
        else {
            continue;
        };
        if !whole {
            continue;
        }
        let mut values =
            serde_json::Deserializer::from_str(value.trim_start()).into_iter::<Value>();
        if let Some(Ok(Value::String(text))) = values.next() {
            return Some(text);
        }
    }
    None
}

/// `POST <hub>/api/users/<user>/tokens`: a token for the gateway, which is the hub's service named
/// `service`, for `seconds` (a site may cap it).
pub fn mint(user: &str, xsrf: &str, service: &str, seconds: u32) -> Request {
    let scope = format!("access:services!service={service}");
    let body = record(vec![
        ("note", NOTE.into()),
        ("expires_in", seconds.max(1).into()),
        ("scopes", vec![scope].into()),
    ]);
    Request {
        body: Some(print(&body)),
        headers: vec![
            ("X-XSRFToken", xsrf.to_owned()),
            ("Content-Type", "application/json".into()),
        ],
        ..request(Method::Post, format!("/api/users/{}/tokens", encode_segment(user)))
    }
}

/// Reads the answer to [`mint`].
///
/// # Errors
/// See [`ApiError`]; a 400 says in the hub's words which scope the user does not hold.
pub fn read_minted(response: &Response) -> Result<Minted, ApiError> {
    if !(200..300).contains(&response.status) || response.is_html() {
        return Err(ApiError::from_response(response, "a token"));
    }
    let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    match (text("id"), text("token")) {
        (Some(id), Some(token)) if !token.is_empty() => {
            Ok(Minted { id, token, expires_at: text("expires_at") })
        }
        _ => Err(ApiError::Malformed { what: "a token of JupyterHub expected".into() }),
    }
}

/// `DELETE <hub>/api/users/<user>/tokens/<id>`: ends a token when its user signs out. It takes the
/// user's cookies: the token itself may not do it.
pub fn revoke(user: &str, id: &str, xsrf: &str) -> Request {
    let path = format!("/api/users/{}/tokens/{}", encode_segment(user), encode_segment(id));
    Request { headers: vec![("X-XSRFToken", xsrf.to_owned())], ..request(Method::Delete, path) }
}

/// Where to sign in, with the way back: `back` is the page's own path with query and fragment.
pub fn login_url(hub: &Address, back: &str) -> String {
    hub.join(&format!("/login?next={}", encode_segment(back)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> Response {
        Response { status: 200, content_type: "text/html".into(), body: body.into() }
    }

    #[test]
    fn who_is_here() {
        let home = page(
            "<script>window.jhdata = {base_url: \"/hub/\", xsrf_token: \"MnwxOjB8\",\n \
             admin_user: \"root\", user: \"al\\u0069ce\"};</script>",
        );
        let visitor = read_home(&home).unwrap();
        assert_eq!(visitor, Visitor::SignedIn { user: "alice".into(), xsrf: "MnwxOjB8".into() });
        assert!(!format!("{visitor:?}").contains("MnwxOjB8"));
        let login = page("<script>window.jhdata = {xsrf_token: \"x\"};</script>");
        assert_eq!(read_home(&login), Ok(Visitor::SignedOut));
        assert!(read_home(&page("<p>hello")).is_err());
        assert!(read_home(&page("user: xsrf_token: \"")).is_err());
    }

    #[test]
    fn tokens() {
        let request = mint("al ice", "x", "dask-gateway", 3600);
        assert_eq!(request.path, "/api/users/al%20ice/tokens");
        assert!(!request.omit_credentials);
        let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
        assert_eq!(body["scopes"], serde_json::json!(["access:services!service=dask-gateway"]));
        let answer = Response {
            status: 201,
            content_type: "application/json".into(),
            body: r#"{"id": "a6", "token": "s3cret", "expires_at": "2026-11-23T10:00:00Z"}"#.into(),
        };
        let minted = read_minted(&answer).unwrap();
        assert_eq!((minted.id.as_str(), minted.token.as_str()), ("a6", "s3cret"));
        assert!(!format!("{minted:?}").contains("s3cret"));
        let refused = Response {
            status: 400,
            body: r#"{"status": 400, "message": "Not assigning requested scopes"}"#.into(),
            ..answer
        };
        assert!(read_minted(&refused).unwrap_err().message().contains("scopes"));
        let hub = Address::parse("https://x.org/hub/", None).unwrap();
        assert_eq!(
            login_url(&hub, "/dask/#/clusters"),
            "https://x.org/hub/login?next=%2Fdask%2F%23%2Fclusters"
        );
    }
}
