//! What can go wrong between this page and a gateway: in the server's own words, with what to do.

use std::fmt;

use super::auth::AuthKind;
use super::http::Response;

/// Why a request gave no answer that can be used.
///
/// `words` and `message` are the server's, whole but for what is beyond all measure. None of them ever holds the body of a
/// successful answer, which could carry keys.
#[derive(Clone, Eq, PartialEq, Debug)]
pub enum ApiError {
    /// 401: no credentials, or ones that the gateway does not take.
    Unauthorized {
        /// The server's text.
        words: String,
    },
    /// The gateway refused a JupyterHub token; it says so with status 500.
    HubToken {
        /// The server's text.
        words: String,
    },
    /// The gateway could not ask JupyterHub (502 with its own text, or a 500 that says so).
    HubDown {
        /// The server's text.
        words: String,
    },
    /// The page itself asked JupyterHub.
    HubSilent {
        /// Where.
        hub: String,
        /// Whether nothing answered there; else something that is no JupyterHub.
        passing: bool,
    },
    /// The user is known but lacks a role that this site asks for; also a 500.
    Role {
        /// The server's text.
        words: String,
    },
    /// 403: somebody else's cluster, or a proxy that forbids.
    Forbidden {
        /// The server's text.
        words: String,
    },
    /// 404 with the gateway's JSON: no such cluster (any more).
    NoCluster {
        /// The server's text.
        words: String,
    },
    /// What answers at this address is no gateway API, or it has no such route.
    NotGateway {
        /// HTTP status.
        status: u16,
        /// Whether it sent a web page, as hubs, sign-in pages and web servers do.
        page: bool,
        /// Whether that page looks like one to sign in at.
        sign_in: bool,
    },
    /// 422: the request breaks a rule.
    Rejected {
        /// The option (or `count`, `status`) that the text names.
        field: Option<String>,
        /// The server's text.
        message: String,
    },
    /// 409: the cluster is not (or no longer) running.
    NotRunning {
        /// The server's text.
        words: String,
    },
    /// The server, or a proxy before it, failed in some other way.
    Server {
        /// HTTP status.
        status: u16,
        /// Its text, empty where it sent a web page.
        words: String,
    },
    /// The answer is not what the API promises.
    Malformed {
        /// What was expected and where it went wrong; never part of the body.
        what: String,
    },
    /// No answer: the browser does not tell whether it was the network, the name, the certificate
    /// or the cross-origin rules.
    Network {
        /// What the browser said.
        detail: String,
    },
    /// No answer in time.
    Timeout {
        /// How long was waited, ms.
        ms: u32,
    },
    /// Given up on purpose.
    Cancelled,
}

impl ApiError {
    /// What an answer that is not the promised one means. `expected` are words for the promise.
    #[inline(never)]
    pub fn from_response(response: &Response, expected: &str) -> Self {
        let words = server_words(response);
        let page = response.is_html();
        match response.status {
            status @ (200..=299 | 300..=399 | 404 | 405 | 410)
                if page || status >= 300 && !(status == 404 && response.is_json()) =>
            {
                Self::NotGateway {
                    status,
                    page,
                    sign_in: page && looks_like_sign_in(&response.body),
                }
            }
            200..=299 => Self::Malformed { what: format!("{expected} expected") },
            401 => Self::Unauthorized { words },
            403 => Self::Forbidden { words },
            404 => Self::NoCluster { words },
            409 => Self::NotRunning { words },
            400 | 422 if response.is_json() => {
                Self::Rejected { field: named_field(&words), message: words }
            }
            500 | 502 if words.contains("JupyterHub API token") => {
                if words.starts_with("Permission failure") {
                    Self::HubToken { words }
                } else {
                    Self::HubDown { words }
                }
            }
            500 if words.starts_with("Permission failure") => Self::Role { words },
            status => Self::Server { status, words },
        }
    }

    /// The same for somebody who asked the hub at `hub`, no gateway. What the hub said stays.
    #[must_use]
    pub fn of_hub(self, hub: &str) -> Self {
        let passing = match self {
            Self::Network { .. }
            | Self::Timeout { .. }
            | Self::Server { status: 502..=504, .. } => true,
            Self::NotGateway { .. } | Self::Malformed { .. } => false,
            said => return said,
        };
        Self::HubSilent { hub: hub.to_owned(), passing }
    }

    /// What happened, one sentence, the server's words where it had any.
    pub fn message(&self) -> String {
        match self {
            Self::Unauthorized { words }
            | Self::HubToken { words }
            | Self::HubDown { words }
            | Self::Role { words }
            | Self::Forbidden { words }
            | Self::NoCluster { words }
            | Self::NotRunning { words }
                if !words.is_empty() =>
            {
                words.clone()
            }
            Self::Unauthorized { .. } => "Authentication required".into(),
            Self::HubToken { .. } | Self::Role { .. } => "Permission failure".into(),
            Self::HubDown { .. } => "The gateway cannot reach JupyterHub".into(),
            Self::HubSilent { hub, passing: true } => format!("JupyterHub did not answer at {hub}"),
            Self::HubSilent { hub, .. } => format!("What answers at {hub} is not JupyterHub"),
            Self::Forbidden { .. } => "Forbidden".into(),
            Self::NoCluster { .. } => "Cluster not found".into(),
            Self::NotRunning { .. } => "The cluster is not running".into(),
            Self::NotGateway { sign_in: true, .. } => {
                "A sign-in page answered instead of the gateway".into()
            }
            Self::NotGateway { status, page: true, .. } => {
                format!("A web page answered instead of the gateway (status {status})")
            }
            Self::NotGateway { status, .. } => {
                format!("There is no Dask Gateway API at this address (status {status})")
            }
            Self::Rejected { message, .. } if message.is_empty() => {
                "The gateway refused the request without a word".into()
            }
            Self::Rejected { message, .. } => message.clone(),
            Self::Server { status, words } if words.is_empty() => {
                format!("{} ({status})", status_words(*status))
            }
            Self::Server { words, .. } => words.clone(),
            Self::Malformed { what } => {
                format!("The gateway's answer could not be understood: {what}")
            }
            Self::Network { detail } if detail.is_empty() => "No answer from the gateway".into(),
            Self::Network { detail } => format!("No answer from the gateway ({detail})"),
            Self::Timeout { ms } => {
                format!("The gateway did not answer within {} s", ms.div_ceil(1000))
            }
            Self::Cancelled => "Cancelled".into(),
        }
    }

    /// What to do about it, in words for people.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Unauthorized { .. } => {
                "Check the kind of authentication, the user name and the password or token."
            }
            Self::HubToken { .. } => {
                "The JupyterHub token is wrong, expired or revoked: sign in again with a new one."
            }
            Self::HubDown { .. } => {
                "The gateway could not check your token with JupyterHub. Try again in a moment; if \
                 it stays, the gateway's own hub token or the hub needs its administrator."
            }
            Self::HubSilent { .. } => {
                "Try again in a moment; if it stays, show the address to the hub's administrator: this \
                 site's configuration names it."
            }
            Self::Role { .. } => {
                "You are signed in, but your account lacks a role this site asks for. Ask its \
                 administrator for access to Dask Gateway."
            }
            Self::Forbidden { .. } => {
                "This belongs to another user. Sign in as its owner, or check which user you are."
            }
            Self::NoCluster { .. } => {
                "It may have been shut down long ago, belong to another gateway, or the gateway was \
                 restarted without its database."
            }
            Self::NotGateway { sign_in: true, .. } => {
                "Sign in there in another tab and try again, or have the administrator let /api \
                 through without that page: the gateway checks users itself."
            }
            Self::NotGateway { .. } => {
                "Check the address: usual ones are /services/dask-gateway and /gateway. Behind \
                 JupyterHub the route may be missing because the gateway started after the hub."
            }
            Self::Rejected { .. } => "Change the value and try again.",
            Self::NotRunning { .. } => {
                "Wait until it is running; if it has stopped or failed, create another."
            }
            Self::Server { status: 502..=504, .. } => {
                "The proxy before the gateway gets no answer from it: it may be starting, stopped or \
                 overloaded. Try again in a moment."
            }
            Self::Server { status: 413, .. } => "Make the options shorter.",
            Self::Server { status: 429, .. } => "Wait a little before trying again.",
            Self::Server { words, .. } if says_why(words) => {
                "This is the gateway's own reason. If you cannot change what it names, show it to the \
                 administrator."
            }
            Self::Server { .. } => {
                "The reason stands in the gateway's log only. Signing out and in again helps where \
                 credentials were malformed; otherwise show it to the administrator."
            }
            Self::Malformed { .. } => {
                "Something between may change the answers, or this gateway is of a version this \
                 program does not know."
            }
            Self::Network { .. } => {
                "Check the network and the address. Browsers also block answers that a server does \
                 not let other sites read (CORS), plain http under an https page, and certificates that they do \
                 not trust: the connection doctor tries each step."
            }
            Self::Timeout { .. } => "Try again; if it stays, the gateway is overloaded or hangs.",
            Self::Cancelled => "Nothing was changed by giving up; what was already sent may count.",
        }
    }

    /// What happened and what to do about it, as one text. A message of several lines stays apart.
    pub fn told(&self) -> String {
        let message = self.message();
        let ends = message.ends_with(['.', '!', '?']);
        let between = if message.contains('\n') { "\n" } else { " " };
        let stop = if ends || between == "\n" { "" } else { "." };
        format!("{message}{stop}{between}{}", self.advice())
    }

    /// The advice for somebody who signs in this way.
    pub fn advice_for(&self, kind: AuthKind) -> &'static str {
        match (self, kind) {
            (Self::Unauthorized { .. }, AuthKind::None) => {
                "This gateway wants to know who you are: choose how you sign in, and fill in what it asks for."
            }
            (Self::Unauthorized { .. }, AuthKind::Basic) => {
                "Check the user name and the password, or whether this gateway takes another kind \
                 of authentication, such as a JupyterHub token."
            }
            (Self::Unauthorized { .. }, AuthKind::JupyterHub) => {
                "The token must be one of JupyterHub's and hold the scope \
                 access:services!service=<the gateway's name at the hub>; or this gateway takes \
                 another kind of authentication."
            }
            (Self::Unauthorized { .. }, AuthKind::Kerberos) => {
                "Get a ticket (kinit), and let the browser send it to this host: in Chromium the \
                 policy AuthServerAllowlist, in Firefox network.negotiate-auth.trusted-uris."
            }
            (Self::Server { status: 500, .. }, AuthKind::Kerberos) => {
                "The gateway could not check the Kerberos ticket: its keytab or clock may be wrong."
            }
            _ => self.advice(),
        }
    }

    /// Whether signing in again (as somebody, with something else) is what helps.
    pub fn wants_sign_in(&self) -> bool {
        matches!(self, Self::Unauthorized { .. } | Self::HubToken { .. })
    }

    /// Whether the same request may well succeed a little later by itself.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Network { .. }
                | Self::Timeout { .. }
                | Self::HubDown { .. }
                | Self::HubSilent { passing: true, .. }
                | Self::Server { status: 429 | 502..=504, .. }
        )
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for ApiError {}

/// The longest text of a server that is kept, in characters; pages fold it to a few lines.
const WORDS_LIMIT: usize = 100_000;

/// Whether a server that failed said more than that it did: what the frameworks under gateways and
/// proxies say of themselves is no reason.
fn says_why(words: &str) -> bool {
    let all = ["500", "Internal Server Error", "Server got itself in trouble"];
    let rest = all.into_iter().fold(words.to_owned(), |rest, empty| rest.replace(empty, ""));
    rest.contains(char::is_alphabetic)
}

/// The server's own words in an answer that failed: its JSON `error` (or `message`, as JupyterHub
/// and Jupyter Server write), else plain text. Web pages and answers that succeeded give nothing.
fn server_words(response: &Response) -> String {
    if response.status < 400 || response.is_html() {
        return String::new();
    }
    let text = if response.is_json() {
        let value: serde_json::Value = serde_json::from_str(&response.body).unwrap_or_default();
        let text = |name: &str| value.get(name).and_then(serde_json::Value::as_str);
        text("error").or_else(|| text("message")).or_else(|| text("detail")).unwrap_or("").into()
    } else {
        let lines = response.body.lines().map(str::trim_end).filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("\n")
    };
    match text.char_indices().nth(WORDS_LIMIT) {
        Some((at, _)) => {
            let more = text[at..].chars().count();
            format!("{}…\n({more} more characters were not kept)", &text[..at])
        }
        None => text,
    }
}

fn looks_like_sign_in(page: &str) -> bool {
    let start: String = page.chars().take(20_000).collect::<String>().to_ascii_lowercase();
    start.contains("type=\"password\"")
        || start.contains("login")
        || start.contains("sign in")
        || start.contains("log in")
}

fn status_words(status: u16) -> &'static str {
    match status {
        400 => "The request was refused",
        413 => "The request is too large",
        429 => "Too many requests",
        502 => "Bad gateway",
        503 => "Service unavailable",
        504 => "Gateway timeout",
        500..=599 => "The server failed",
        _ => "Unexpected answer",
    }
}

fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
}

/// The option that a refusal names. Knows every wording of the server's own checks: `<field> must
/// be …`, `<value> is not a valid option for <field>`, `Unknown fields ['<field>', …]`, and the
/// trait errors that a site's options handler lets through (`The '<field>' trait of …`).
fn named_field(message: &str) -> Option<String> {
    if let Some(rest) = message.strip_prefix("Unknown fields [") {
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        return rest.get(1..)?.split(quote).next().map(str::to_owned);
    }
    if message.ends_with("is not a valid ClusterStatus") {
        return Some("status".into());
    }
    if message.starts_with("Scale expects") {
        return Some("count".into());
    }
    if let Some((_, field)) = message.rsplit_once("is not a valid option for ") {
        return Some(field.trim().to_owned());
    }
    if let Some(rest) = message.strip_prefix("The '")
        && let Some((field, rest)) = rest.split_once('\'')
        && rest.starts_with(" trait")
    {
        return Some(field.to_owned());
    }
    // A site's own rules follow the server's pattern more or less: `image must name a tag`.
    let (field, _) = message.split_once(" must ")?;
    is_name(field).then(|| field.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(body: &str) -> ApiError {
        let response =
            Response { status: 500, content_type: "text/plain".into(), body: body.into() };
        ApiError::from_response(&response, "a cluster")
    }

    #[test]
    fn a_reason_of_several_lines_stays_one_and_is_not_explained_away() {
        let error = failed("quota exceeded:\n  alice has 3 clusters\r\n\n  of 3\n");
        assert_eq!(error.message(), "quota exceeded:\n  alice has 3 clusters\n  of 3");
        assert!(!error.advice().to_lowercase().contains("sign"), "{}", error.advice());
        assert!(error.told().ends_with(&format!("of 3\n{}", error.advice())));
        // What aiohttp says of itself is none.
        for body in ["500 Internal Server Error\n\nServer got itself in trouble", ""] {
            assert!(failed(body).advice().contains("log"), "{body}");
        }
        assert!(failed("No quota.").told().starts_with("No quota. This is the gateway"));
    }

    #[test]
    fn long_messages_are_kept_whole() {
        assert_eq!(failed(&"x".repeat(20_000)).message().len(), 20_000);
        let huge = failed(&"x".repeat(WORDS_LIMIT + 7)).message();
        assert!(huge.ends_with("(7 more characters were not kept)"));
    }
}
