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
use super::auth::{Credentials, Grant};
use super::error::ApiError;
use base::date::unix_ms;
use base::dict::record;
use base::json::print;

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
    /// When it was made, as the hub writes it (RFC 3339).
    pub created: Option<String>,
    /// When it ends, as the hub writes it (RFC 3339).
    pub expires_at: Option<String>,
}

impl Minted {
    /// Credentials for the gateway at `address`. `now` is the clock here, ms since the epoch: the
    /// hub's may be another one, so only the time between its two moments counts.
    ///
    /// # Errors
    /// A sentence for people, when it cannot be a token.
    pub fn credentials(
        &self,
        address: Address,
        user: &str,
        scoped: bool,
        now: f64,
    ) -> Result<Credentials, &'static str> {
        let moment = |text: &Option<String>| text.as_deref().and_then(unix_ms);
        let lasts = moment(&self.expires_at)
            .zip(moment(&self.created))
            .map_or(f64::from(SECONDS) * 1e3, |(end, begin)| (end - begin).max(0.0));
        let made = now as u64;
        let grant = Grant { id: self.id.clone(), made, ends: made + lasts as u64, scoped };
        Credentials::granted(address, user, &self.token, grant)
    }
}

/// What came of asking the hub for a token.
#[derive(Clone, PartialEq, Debug)]
pub enum Visit {
    /// A token for the one who is signed in there.
    Granted(std::rc::Rc<Credentials>),
    /// Nobody is signed in there.
    SignedOut,
    /// Somebody else than the one it was for; none was made.
    Other(String),
}

impl fmt::Debug for Minted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Minted")
            .field("id", &self.id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The note on tokens made here, to find them again among a user's tokens: one that nobody gives to a token of
/// their own.
pub const NOTE: &str = "Daskscope made this for a browser tab; it ends by itself";

/// How long a token lasts: one that is left behind ends within the hour.
pub const SECONDS: u32 = 3_600;

/// One of our tokens that was not used for so long belongs to a tab that is gone, ms. A tab that is
/// there asks the gateway every few seconds.
const STALE_MS: f64 = 900_000.0;

/// The name at the hub of the service that the gateway is: the one in its address
/// (`/services/<name>`), else the usual one.
pub fn service_of(gateway: &Address) -> &str {
    let mut parts = gateway.path().split('/').skip_while(|part| *part != "services");
    parts.nth(1).filter(|name| !name.is_empty()).unwrap_or("dask-gateway")
}

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

/// `GET <hub>/token`: the same on a page that sites put in the place of their own less often.
pub fn token_page() -> Request {
    request(Method::Get, "/token".into())
}

/// Reads either page. A sign-in page (where redirects lead when nobody is signed in) names no user.
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

/// `POST <hub>/api/users/<user>/tokens`: a token for the gateway, for `seconds`. `service` is its name
/// at the hub; without one the token says who its user is and nothing else, which is enough where the
/// gateway does not look for a scope of its own. A token of all that the user may do is never asked for.
pub fn mint(user: &str, xsrf: &str, service: Option<&str>, seconds: u32) -> Request {
    let scope = service.map(|name| format!("access:services!service={name}"));
    let body = record(vec![
        ("note", NOTE.into()),
        ("expires_in", seconds.max(1).into()),
        ("scopes", scope.into_iter().collect::<Vec<_>>().into()),
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

/// What to ask for instead, after the hub has refused [`mint`]: without the scope, where the user
/// does not hold it, or for fewer seconds, where the site allows fewer.
pub fn instead<'a>(
    response: &Response,
    service: Option<&'a str>,
    seconds: u32,
) -> Option<(Option<&'a str>, u32)> {
    if response.status != 400 {
        return None;
    }
    if service.is_some() && response.body.contains("Not assigning requested scopes") {
        return Some((None, seconds));
    }
    let (_, most) = response.body.split_once("must not exceed ")?;
    let end = most.find(|c: char| !c.is_ascii_digit()).unwrap_or(most.len());
    let most: u32 = most[..end].parse().ok()?;
    (1..seconds).contains(&most).then_some((service, most))
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
            Ok(Minted { id, token, created: text("created"), expires_at: text("expires_at") })
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

/// `GET <hub>/api/users/<user>/tokens`: the user's tokens, without their secrets.
pub fn tokens(user: &str, xsrf: &str) -> Request {
    let path = format!("/api/users/{}/tokens", encode_segment(user));
    Request { headers: vec![("X-XSRFToken", xsrf.to_owned())], ..request(Method::Get, path) }
}

/// Reads the answer to [`tokens`]: those made here that are to be revoked. With `id` that one, else
/// those whose tab is gone. Hubs use numbers again, so the note counts too.
pub fn to_revoke(response: &Response, id: Option<&str>) -> Vec<String> {
    let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
    let Some(all) = body.get("api_tokens").and_then(Value::as_array) else { return Vec::new() };
    let text =
        |token: &Value, name: &str| token.get(name).and_then(Value::as_str).map(str::to_owned);
    let ours = || all.iter().filter(|token| text(token, "note").as_deref() == Some(NOTE));
    let used = |token: &Value| {
        let moment = text(token, "last_activity").or_else(|| text(token, "created"));
        moment.and_then(|moment| unix_ms(&moment))
    };
    // The hub's own clock: the token that was just made is in the list.
    let newest = ours().filter_map(used).fold(f64::NEG_INFINITY, f64::max);
    ours()
        .filter(|token| match id {
            Some(id) => text(token, "id").as_deref() == Some(id),
            None => used(token).is_some_and(|used| newest - used > STALE_MS),
        })
        .filter_map(|token| text(token, "id"))
        .collect()
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
        let request = mint("al ice", "x", Some("dask-gateway"), 3600);
        assert_eq!(request.path, "/api/users/al%20ice/tokens");
        assert!(!request.omit_credentials);
        let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
        assert_eq!(body["scopes"], serde_json::json!(["access:services!service=dask-gateway"]));
        assert_eq!(body["expires_in"], serde_json::json!(3600));
        let narrow = mint("alice", "x", None, 3600);
        assert!(narrow.body.unwrap().contains(r#""scopes":[]"#), "never left out");
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
        assert_eq!(instead(&refused, Some("x"), 3600), Some((None, 3600)));
        assert_eq!(instead(&refused, None, 3600), None, "not again and again");
        let capped = Response {
            body: r#"{"message": "token expires_in: 3600 must not exceed 600"}"#.into(),
            ..refused
        };
        assert_eq!(instead(&capped, Some("x"), 3600), Some((Some("x"), 600)));
        assert_eq!(instead(&capped, Some("x"), 600), None);
        let hub = Address::parse("https://x.org/hub/", None).unwrap();
        assert_eq!(
            login_url(&hub, "/dask/#/clusters"),
            "https://x.org/hub/login?next=%2Fdask%2F%23%2Fclusters"
        );
    }

    #[test]
    fn a_token_lasts_as_long_as_the_hub_says_by_the_clock_here() {
        let gateway = Address::parse("https://x.org/services/dask-gw", None).unwrap();
        assert_eq!(service_of(&gateway), "dask-gw");
        let plain = Address::parse("https://x.org/gateway", None).unwrap();
        assert_eq!(service_of(&plain), "dask-gateway");
        let minted = Minted {
            id: "a6".into(),
            token: "s3cret".into(),
            created: Some("2026-11-23T10:00:00Z".into()),
            expires_at: Some("2026-11-23T10:10:00Z".into()),
        };
        let credentials = minted.credentials(gateway, "alice", true, 5_000.0).unwrap();
        let grant = credentials.grant().unwrap();
        assert_eq!((grant.made, grant.ends, grant.scoped), (5_000, 605_000, true));
        assert_eq!(credentials.user(), Some("alice"));
    }

    #[test]
    fn only_our_own_tokens_are_revoked() {
        let list = r#"{"api_tokens": [
                {"id": "a0", "note": "daskscope", "created": "2026-11-23T08:00:00Z", "last_activity": null},
                {"id": "a1", "note": "NOTE", "created": "2026-11-23T09:00:00Z",
                 "last_activity": "2026-11-23T09:30:00Z"},
                {"id": "a2", "note": "my script", "created": "2026-11-23T08:00:00Z", "last_activity": null},
                {"id": "a3", "note": "NOTE", "created": "2026-11-23T09:00:00Z",
                 "last_activity": "2026-11-23T09:59:00Z"},
                {"id": "a4", "note": "NOTE", "created": "2026-11-23T10:00:00Z", "last_activity": null}
            ]}"#;
        let list = Response {
            status: 200,
            content_type: "application/json".into(),
            body: list.replace("NOTE", NOTE),
        };
        assert_eq!(to_revoke(&list, None), ["a1"], "the tab of a3 is there, a4 is new");
        assert_eq!(to_revoke(&list, Some("a4")), ["a4"]);
        assert!(
            to_revoke(&list, Some("a0")).is_empty(),
            "made by hand, and called after the program"
        );
        assert!(to_revoke(&list, Some("a2")).is_empty(), "the number was used again");
        assert!(to_revoke(&page("<p>"), None).is_empty());
    }
}
