//! Addresses of a gateway: what people type or configure, made absolute and comparable.
//!
//! Two texts that name the same gateway become equal [`Address`]es; two that do not never do, which
//! is what lets credentials be bound to one.

use std::fmt;

use base::percent::encode;

/// Where the page itself was loaded from: relative addresses are resolved against it.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct PageOrigin {
    origin: String,
    dir: String,
}

impl PageOrigin {
    /// From `location.href` (or any absolute http or https URL); `None` for anything else, such as
    /// `about:srcdoc` or `file:`.
    pub fn new(href: &str) -> Option<Self> {
        let (scheme, rest) = split_scheme(href)?;
        let (authority, path) = split_authority(rest);
        let authority = normal_authority(&scheme, authority).ok()?;
        let path = cut_query(path);
        let dir = path.rfind('/').map_or("/", |at| &path[..=at]);
        Some(Self { origin: format!("{scheme}://{authority}"), dir: dir.to_owned() })
    }

    /// Scheme, host and port, as in `location.origin`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether the page came over https.
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https:")
    }
}

/// An absolute, normalised http(s) address without a trailing slash, query or fragment.
#[derive(Clone, Eq, PartialEq, Ord, PartialOrd, Hash)]
pub struct Address {
    text: String,
    /// Where the path begins in `text`.
    path_at: usize,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.text)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What is wrong with an address that somebody typed. Its `Display` is a sentence for people.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum AddressError {
    /// Nothing there.
    Empty,
    /// A scheme other than http and https.
    Scheme,
    /// A user name or password before the host.
    UserInfo,
    /// No host, or one that no browser takes.
    Host,
    /// A port that is no number up to 65535.
    Port,
    /// Blanks, backslashes or control characters inside.
    Character,
    /// A relative address, and the page has none of its own to resolve it against.
    NoPage,
}

impl AddressError {
    /// What is wrong, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Empty => "Give the gateway's address, for example /services/dask-gateway.",
            Self::Scheme => {
                "An address starts with http:// or https://. Python clients reach schedulers at gateway:// and \
                 tls://; a browser needs the web address."
            }
            Self::UserInfo => {
                "Leave the user name and password out of the address: there are fields for them."
            }
            Self::Host => "The address has no usable host name.",
            Self::Port => "The port must be a number between 1 and 65535.",
            Self::Character => "The address holds a blank, a backslash or a control character.",
            Self::NoPage => "Give the whole address here, beginning with http:// or https://.",
        }
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

impl std::error::Error for AddressError {}

impl Address {
    /// Resolves what somebody typed, pasted or configured.
    ///
    /// Takes absolute addresses, `/path`, `./`, `../path`, `//host/path`, and a bare
    /// `host.domain[:port][/path]` (one with a dot or a port, or `localhost`), which gets the page's
    /// scheme (http on this very machine). Known tails (`/api/health`, `/api/v1/…`, `/clusters/<name>/…`) are cut off, so that a
    /// link pasted from elsewhere works.
    ///
    /// # Errors
    /// [`AddressError`] says what to mend.
    pub fn parse(text: &str, page: Option<&PageOrigin>) -> Result<Self, AddressError> {
        let mut address = Self::parse_whole(text, page)?;
        let keep = address.path_at + cut_known_tail(address.path()).len();
        address.text.truncate(keep);
        Ok(address)
    }

    /// The same without cutting tails off: for addresses of dashboards, which may well be
    /// `…/clusters/<name>`.
    ///
    /// # Errors
    /// [`AddressError`] says what to mend.
    pub fn parse_whole(text: &str, page: Option<&PageOrigin>) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(AddressError::Character);
        }
        if let Some((scheme, rest)) = split_scheme(text) {
            return Self::absolute(&scheme, rest);
        }
        if has_scheme(text) {
            return Err(AddressError::Scheme);
        }
        let page_scheme =
            page.map_or("http", |page| if page.is_https() { "https" } else { "http" });
        if let Some(rest) = text.strip_prefix("//") {
            return Self::absolute(page_scheme, rest);
        }
        if !text.starts_with(['/', '.']) && looks_like_host(text) {
            // Servers on one's own machine hardly ever have a certificate.
            let host = split_port(split_authority(text).0).0.to_ascii_lowercase();
            let scheme = if is_loopback_host(&host) { "http" } else { page_scheme };
            return Self::absolute(scheme, text);
        }
        let page = page.ok_or(AddressError::NoPage)?;
        let path =
            if text.starts_with('/') { text.to_owned() } else { format!("{}{text}", page.dir) };
        Ok(Self::build(&page.origin, &path))
    }

    fn absolute(scheme: &str, rest: &str) -> Result<Self, AddressError> {
        let (authority, path) = split_authority(rest);
        let authority = normal_authority(scheme, authority)?;
        Ok(Self::build(&format!("{scheme}://{authority}"), path))
    }

    fn build(origin: &str, path: &str) -> Self {
        let path = normal_path(cut_query(path));
        Self { path_at: origin.len(), text: format!("{origin}{path}") }
    }

    /// The whole address, without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        self.text.get(..self.path_at).unwrap_or(&self.text)
    }

    /// The path, empty or beginning with a slash, never ending with one.
    pub fn path(&self) -> &str {
        self.text.get(self.path_at..).unwrap_or("")
    }

    /// Whether it is https.
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// Host without the port, in lower case; IPv6 keeps its brackets.
    pub fn host(&self) -> &str {
        let authority = self.origin().split_once("://").map_or("", |(_, rest)| rest);
        split_port(authority).0
    }

    /// Whether the host is this very machine as browsers see it (`localhost`, `*.localhost`,
    /// 127.0.0.0/8, `[::1]`): such targets are exempt from the mixed-content rule.
    pub fn is_loopback(&self) -> bool {
        is_loopback_host(self.host())
    }

    /// Whether the host is written as an address of a private or link-local network, or as a name
    /// that only such networks resolve (`*.local`).
    pub fn is_private(&self) -> bool {
        is_private_host(self.host())
    }

    /// The address with `path` (beginning with a slash) behind it.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// The same address for a websocket: `ws` for `http`, `wss` for `https`.
    pub fn socket(&self, path: &str) -> String {
        base::url::socket(&self.text) + path
    }

    /// Where a cluster's dashboards are: `<address>/clusters/<name>`, no trailing slash. The
    /// server's own `dashboard_route` lacks the prefix that the gateway may be served under.
    pub fn dashboard(&self, name: &str) -> String {
        self.join(&format!("/clusters/{}", encode_segment(name)))
    }

    /// The page of a cluster's dashboard that people open.
    pub fn dashboard_link(&self, name: &str) -> String {
        format!("{}/status", self.dashboard(name))
    }
}

/// Percent-encodes one segment of a path (or one query value). The names `.` and `..`, and the
/// empty one, would name another directory even when encoded, so they become a name that no
/// cluster has.
pub fn encode_segment(text: &str) -> String {
    if text.is_empty() || text == "." || text == ".." {
        return "invalid-name".into();
    }
    encode(text)
}

fn split_scheme(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    (scheme == "http" || scheme == "https").then_some((scheme, rest))
}

/// Whether a text that is no http(s) address begins with a scheme (`javascript:…`, `mailto:…`), rather than
/// with `host:port`.
pub(crate) fn has_scheme(text: &str) -> bool {
    if text.contains("://") {
        return true;
    }
    let Some((scheme, rest)) = split_authority(text).0.split_once(':') else { return false };
    // No scheme that means anything to a browser has a dot in its name, and `localhost` is none.
    let named = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-'))
        && !scheme.eq_ignore_ascii_case("localhost");
    let port = rest.bytes().all(|byte| byte.is_ascii_digit());
    named && (!port || rest.is_empty())
}

/// Whether a text may become a link as it stands: a path, or an http(s) address.
pub fn is_web_address(text: &str) -> bool {
    let page = PageOrigin::new("http://localhost/");
    (text.starts_with(['/', '.']) || split_scheme(text).is_some())
        && Address::parse_whole(text, page.as_ref()).is_ok()
}

fn split_authority(rest: &str) -> (&str, &str) {
    rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()))
}

fn cut_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or("")
}

fn looks_like_host(text: &str) -> bool {
    let first = split_authority(text).0;
    let (host, port) = split_port(first);
    host == "localhost" || host.contains('.') || port.is_some()
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    if let Some(end) = authority.rfind(']') {
        let (host, rest) = authority.split_at(end + 1);
        return (host, rest.strip_prefix(':'));
    }
    match authority.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    }
}

fn normal_authority(scheme: &str, authority: &str) -> Result<String, AddressError> {
    if authority.contains('@') {
        return Err(AddressError::UserInfo);
    }
    let (host, port) = split_port(authority);
    let host = host.to_ascii_lowercase();
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let fine = match inner {
        // The browser knows the fine points; this keeps out what is plainly no address.
        Some(inner) => {
            inner.matches(':').count() > 1
                && inner.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '.'))
        }
        None => {
            !host.is_empty()
                && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
        }
    };
    if !fine {
        return Err(AddressError::Host);
    }
    let port = match port {
        None | Some("") => return Ok(host),
        Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => {
            port.parse::<u16>().map_err(|_| AddressError::Port)?
        }
        Some(_) => return Err(AddressError::Port),
    };
    match (scheme, port) {
        (_, 0) => Err(AddressError::Port),
        ("http", 80) | ("https", 443) => Ok(host),
        _ => Ok(format!("{host}:{port}")),
    }
}

/// Resolves `.`, `..` (plain or percent-encoded, as browsers do) and doubled slashes; gives the
/// empty text or a path that begins with a slash and does not end with one.
fn normal_path(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        let plain = part.replace("%2e", ".").replace("%2E", ".");
        match plain.as_str() {
            "" | "." | "index.html" => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.iter().fold(String::new(), |path, part| path + "/" + part)
}

/// Cuts what follows the gateway's address in links that people paste.
fn cut_known_tail(path: &str) -> &str {
    for tail in ["/api/v1", "/api/health", "/api/version"] {
        if let Some(at) = path.rfind(tail) {
            let rest = &path[at + tail.len()..];
            if rest.is_empty() || rest.starts_with('/') {
                return &path[..at];
            }
        }
    }
    if let Some(at) = path.rfind("/clusters/")
        && path[at + 10..].contains('/')
    {
        return &path[..at];
    }
    path
}

/// Whether browsers take this host for this very machine.
pub fn is_loopback_host(host: &str) -> bool {
    if host == "localhost" || host.ends_with(".localhost") || host == "[::1]" {
        return true;
    }
    ipv4(host).is_some_and(|[first, ..]| first == 127)
}

/// The four numbers of an address such as `10.0.0.1`.
fn ipv4(host: &str) -> Option<[u8; 4]> {
    let mut parts = host.split('.').map(|part| {
        let plain = part.len() == 1 || !part.starts_with(['0', '+']);
        part.parse::<u8>().ok().filter(|_| plain)
    });
    let all = [parts.next()??, parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(all)
}

/// Whether this host is written as a private, link-local or carrier-internal address, or `*.local`.
pub fn is_private_host(host: &str) -> bool {
    if host.rsplit_once('.').is_some_and(|(_, last)| last == "local") {
        return true;
    }
    if let Some([a, b, ..]) = ipv4(host) {
        return match a {
            10 => true,
            172 => (16..32).contains(&b),
            192 => b == 168,
            169 => b == 254,
            100 => (64..128).contains(&b),
            _ => false,
        };
    }
    // fc00::/7 and fe80::/10
    let six = host.strip_prefix('[').unwrap_or_default().as_bytes();
    matches!(six, [b'f', b'c' | b'd', _, _, b':', ..] | [b'f', b'e', b'8'..=b'9' | b'a'..=b'b', _, b':', ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Result<String, AddressError> {
        let page =
            PageOrigin::new("https://Hub.example.org:443/services/app/index.html?x=1#/connect");
        Address::parse(text, page.as_ref()).map(|address| address.to_string())
    }

    #[test]
    fn resolved() {
        for (typed, want) in [
            ("/gateway", "https://hub.example.org/gateway"),
            ("/gateway/", "https://hub.example.org/gateway"),
            ("./", "https://hub.example.org/services/app"),
            (".", "https://hub.example.org/services/app"),
            ("../dask-gateway", "https://hub.example.org/services/dask-gateway"),
            ("gateway", "https://hub.example.org/services/app/gateway"),
            ("/", "https://hub.example.org"),
            ("/../../x", "https://hub.example.org/x"),
            ("/a/%2e%2E/b//c/.", "https://hub.example.org/b/c"),
            ("https://X.org/services/dask-gateway/", "https://x.org/services/dask-gateway"),
            (" HTTPS://x.org:443 ", "https://x.org"),
            ("http://x.org:80/", "http://x.org"),
            ("http://x.org:8000/a?b=c#d", "http://x.org:8000/a"),
            ("http://[::1]:8000", "http://[::1]:8000"),
            ("//y.org/g", "https://y.org/g"),
            ("localhost:8000", "http://localhost:8000"),
            ("gw.example.org/dask", "https://gw.example.org/dask"),
            ("https://x.org/g/api/v1/clusters/", "https://x.org/g"),
            ("https://x.org/g/api/health", "https://x.org/g"),
            ("https://x.org/g/clusters/dev.1a/status", "https://x.org/g"),
            ("https://x.org/api/v12", "https://x.org/api/v12"),
        ] {
            assert_eq!(at(typed).as_deref(), Ok(want), "{typed}");
        }
    }

    #[test]
    fn refused() {
        for (typed, want) in [
            ("  ", AddressError::Empty),
            ("gateway://x.org:8786", AddressError::Scheme),
            ("javascript://x", AddressError::Scheme),
            ("javascript:alert(1)", AddressError::Scheme),
            (" JavaScript:alert(document.cookie)//clusters/x", AddressError::Scheme),
            ("javascript:", AddressError::Scheme),
            ("data:text/html,<p>x", AddressError::Scheme),
            ("data:text/html;base64,eA==", AddressError::Scheme),
            ("blob:https://x.org/1", AddressError::Scheme),
            ("mailto:me@x.org", AddressError::Scheme),
            ("ftp:x.org", AddressError::Scheme),
            ("file:///etc", AddressError::Scheme),
            ("http:x.org", AddressError::Scheme),
            ("java\tscript:alert(1)", AddressError::Character),
            ("x.org:8o", AddressError::Port),
            ("https://me:pw@x.org", AddressError::UserInfo),
            ("https://x.org\\@y.org", AddressError::Character),
            ("https://x.o rg", AddressError::Character),
            ("https:///gateway", AddressError::Host),
            ("https://x%2eorg", AddressError::Host),
            ("https://[::g]/", AddressError::Host),
            ("https://x.org:99999", AddressError::Port),
            ("https://x.org:8o", AddressError::Port),
            ("https://x.org:0", AddressError::Port),
        ] {
            assert_eq!(at(typed), Err(want), "{typed}");
        }
        assert_eq!(Address::parse("/gateway", None), Err(AddressError::NoPage));
        assert!(PageOrigin::new("about:srcdoc").is_none());
    }

    #[test]
    fn parts() {
        let address = Address::parse("http://10.1.2.3:8000/g", None).unwrap();
        assert_eq!(address.origin(), "http://10.1.2.3:8000");
        assert_eq!((address.path(), address.host()), ("/g", "10.1.2.3"));
        assert!(address.is_private() && !address.is_loopback() && !address.is_https());
        assert_eq!(address.socket("/x/ws"), "ws://10.1.2.3:8000/g/x/ws");
        let address = Address::parse("https://x.org", None).unwrap();
        assert_eq!(address.socket("/ws"), "wss://x.org/ws");
        assert_eq!(address.dashboard("dev.1a"), "https://x.org/clusters/dev.1a");
        assert_eq!(address.dashboard_link("a/b"), "https://x.org/clusters/a%2Fb/status");
        assert_eq!(address.dashboard(".."), "https://x.org/clusters/invalid-name");
        for host in ["localhost", "a.localhost", "127.3.4.5", "[::1]"] {
            assert!(is_loopback_host(host), "{host}");
        }
        for host in ["127.evil.org", "localhost.org", "128.0.0.1"] {
            assert!(!is_loopback_host(host), "{host}");
        }
    }
}
