//! Addresses of dashboards as people paste them: from Dask's own output, a notebook, a browser's address
//! bar, a proxy's documentation.
//!
//! What is meant is taken where it is clear ([`dashboard`]). Where it is not, [`Unclear`] says what is
//! wrong and, where there is a likely address, proposes it.

use std::fmt;
use std::net::Ipv6Addr;

use crate::address::{Address, AddressError, PageOrigin, has_scheme};

/// The port at which a scheduler's dashboard listens unless told otherwise.
const DASHBOARD_PORT: &str = "8787";

/// Pages of a dashboard that stand directly below its root, beside those that begin with `individual-`
/// (`distributed/dashboard/scheduler.py` and `distributed/http/scheduler/`, 2024.5 to 2026.8).
const PAGES: [&str; 20] = [
    "status",
    "workers",
    "tasks",
    "system",
    "profile",
    "profile-server",
    "graph",
    "groups",
    "gpu",
    "hardware",
    "shuffle",
    "stealing",
    "events",
    "counters",
    "sitemap.json",
    "individual-plots.json",
    "metrics",
    "health",
    "eventstream",
    "info",
];
/// Folders of pages below the root.
const FOLDERS: [&str; 3] = ["/info/", "/json/", "/statics/"];

/// Why an address cannot be taken as it was pasted. Its `Display` is one or two sentences for people.
#[derive(Clone, Eq, PartialEq, Debug)]
pub enum Unclear {
    /// No address at all: what to mend.
    Address(AddressError),
    /// A place for something is still to be filled in: `{port}`, `<host>`, `$PREFIX`.
    Template(String),
    /// An address for Python clients, of this scheme. With the address at which the dashboard usually is.
    ForClients {
        /// `tcp`, `tls`, `ucx`, …
        scheme: String,
        /// The dashboard's usual address on the same host, if the text names one.
        likely: Option<String>,
    },
    /// An address at which a gateway passes Python clients on to a cluster.
    OfGateway,
}

impl Unclear {
    /// An address that may be meant, to be proposed.
    pub fn likely(&self) -> Option<&str> {
        match self {
            Self::ForClients { likely, .. } => likely.as_deref(),
            Self::Address(_) | Self::Template(_) | Self::OfGateway => None,
        }
    }
}

impl fmt::Display for Unclear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(AddressError::Empty) => {
                f.write_str("Enter the dashboard's address, for example http://127.0.0.1:8787.")
            }
            Self::Address(AddressError::Scheme) => {
                f.write_str("The address must begin with http:// or https://.")
            }
            Self::Address(error) => error.fmt(f),
            Self::Template(place) => write!(
                f,
                "The address is a template: {place} is still to be filled in. In Python, client.dashboard_link \
                 has the whole address."
            ),
            Self::ForClients { scheme, likely } => {
                write!(f, "{scheme}:// is the address for Python clients; a browser needs the dashboard's.")?;
                match likely {
                    Some(likely) => write!(f, " It is usually {likely}."),
                    None => f.write_str(" In Python, client.dashboard_link has it."),
                }
            }
            Self::OfGateway => f.write_str(
                "gateway:// is the address for Python clients of a cluster behind Dask Gateway. Connect to the \
                 gateway by its web address, and the cluster is in the list.",
            ),
        }
    }
}

impl std::error::Error for Unclear {}

impl From<AddressError> for Unclear {
    fn from(error: AddressError) -> Self {
        Self::Address(error)
    }
}

/// Where a pasted text leads: the root of a scheduler's dashboard, as text without a slash at its end.
/// Page names, queries and quotes around it are cut off, websocket schemes become those of the web, and an IPv6
/// address gets its brackets. [`Address::parse_whole`] takes what is given back.
///
/// # Errors
/// [`Unclear`] says what is wrong with the text.
pub fn dashboard(text: &str, page: Option<&PageOrigin>) -> Result<String, Unclear> {
    // `Dashboard: http://…`, `<Client: 'tcp://…' processes=4>`: the one address between other words.
    let mut named = text.split_whitespace().filter(|word| word.contains("://"));
    let text = match (named.next(), named.next()) {
        (Some(address), None) => address,
        _ => text.trim(),
    };
    let text = text.trim_matches(['\'', '"', '`', '<', '>', ',', ';', '(', ')']).trim();
    // `javascript:…`, `data:…`: whatever follows.
    if !text.contains("://") && has_scheme(text) {
        return Err(AddressError::Scheme.into());
    }
    if let Some(place) = template(text) {
        return Err(Unclear::Template(place.to_owned()));
    }
    let text = match text.split_once("://") {
        None => brackets(text),
        Some((scheme, rest)) => {
            let rest = brackets(rest);
            match scheme.to_ascii_lowercase().as_str() {
                "http" | "ws" => format!("http://{rest}"),
                "https" | "wss" => format!("https://{rest}"),
                "gateway" => return Err(Unclear::OfGateway),
                "tcp" | "tls" | "ucx" | "ucxx" | "inproc" => {
                    return Err(Unclear::ForClients {
                        scheme: scheme.to_ascii_lowercase(),
                        likely: likely(scheme, &rest),
                    });
                }
                _ => return Err(AddressError::Scheme.into()),
            }
        }
    };
    let plain = text.split(['?', '#']).next().unwrap_or("");
    let whole = cut_page(plain).trim_end_matches('/');
    // "/" alone names the root of this site.
    let whole = if whole.is_empty() && plain.starts_with('/') { "/" } else { whole };
    Address::parse_whole(whole, page)?;
    Ok(whole.to_owned())
}

/// The part of a text that is still to be filled in.
fn template(text: &str) -> Option<&str> {
    for (open, close) in [("{", "}"), ("%7B", "%7D"), ("%7b", "%7d"), ("<", ">")] {
        if let Some(from) = text.find(open) {
            let rest = &text[from..];
            return Some(rest.find(close).map_or(rest, |end| &rest[..end + close.len()]));
        }
    }
    let from = text.find('$')?;
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = text[from + 1..].find(|c| !name(c)).map_or(text.len(), |at| from + 1 + at);
    (end > from + 1).then(|| &text[from..end])
}

/// Puts brackets around a host that is an IPv6 address without any, as in `::1:8787/status`, which Dask itself
/// prints. What follows the last colon is the port where it can be one.
fn brackets(rest: &str) -> String {
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if host.starts_with('[') || host.matches(':').count() < 2 {
        return rest.to_owned();
    }
    let is_v6 = |text: &str| text.parse::<Ipv6Addr>().is_ok();
    // Four or five decimal digits at the end of a whole address could be a part of it as well; dashboards
    // are always printed with their port.
    if let Some((head, port)) = host.rsplit_once(':')
        && (4..=5).contains(&port.len())
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && is_v6(head)
    {
        return format!("[{head}]:{port}{path}");
    }
    if is_v6(host) { format!("[{host}]{path}") } else { rest.to_owned() }
}

/// Where the dashboard of a scheduler with this address for clients usually is.
fn likely(scheme: &str, rest: &str) -> Option<String> {
    if scheme.eq_ignore_ascii_case("inproc") {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = match authority.rfind(']') {
        Some(end) => &authority[..=end],
        None => authority.split(':').next().unwrap_or(""),
    };
    let scheme = if scheme.eq_ignore_ascii_case("tls") { "https" } else { "http" };
    let address = format!("{scheme}://{host}:{DASHBOARD_PORT}");
    Address::parse_whole(&address, None).is_ok().then_some(address)
}

/// Cuts a page of the dashboard off the end of an address. What comes before is where the dashboard is, below
/// a proxy or not.
fn cut_page(text: &str) -> &str {
    let host_at = text.find("://").map_or(0, |at| at + 3);
    let Some(path_at) = text[host_at..].find('/').map(|at| host_at + at) else { return text };
    let (host, path) = text.split_at(path_at);
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix("/ws").unwrap_or(path);
    let (above, last) = path.rsplit_once('/').unwrap_or(("", path));
    let kept = if PAGES.contains(&last) || last.starts_with("individual-") {
        above.len()
    } else {
        FOLDERS.iter().filter_map(|folder| path.rfind(folder)).max().unwrap_or(path.len())
    };
    &text[..host.len() + kept]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, Unclear> {
        dashboard(text, PageOrigin::new("https://hub.example.org/user/ann/lab").as_ref())
    }

    #[test]
    fn pages_of_the_dashboard_are_cut_off() {
        for (text, root) in [
            ("http://127.0.0.1:8787/status", "http://127.0.0.1:8787"),
            ("http://127.0.0.1:8787", "http://127.0.0.1:8787"),
            ("http://127.0.0.1:8787/", "http://127.0.0.1:8787"),
            ("http://127.0.0.1:8787/individual-task-stream", "http://127.0.0.1:8787"),
            ("http://127.0.0.1:8787/individual-task-stream?theme=dark#x", "http://127.0.0.1:8787"),
            ("ws://127.0.0.1:8787/individual-progress/ws?bokeh-token=x", "http://127.0.0.1:8787"),
            ("wss://host.example.org/proxy/8787/status/ws", "https://host.example.org/proxy/8787"),
            ("http://127.0.0.1:8787/info/main/workers.html", "http://127.0.0.1:8787"),
            (
                "http://127.0.0.1:8787/info/worker/tcp%3A%2F%2F127.0.0.1%3A1.html",
                "http://127.0.0.1:8787",
            ),
            ("http://127.0.0.1:8787/events", "http://127.0.0.1:8787"),
            ("http://127.0.0.1:8787/json/counts.json", "http://127.0.0.1:8787"),
            (
                "https://hub.example.org/user/ann/proxy/8787/status",
                "https://hub.example.org/user/ann/proxy/8787",
            ),
            (
                "https://gw.example.org/clusters/dev.0a1b/status",
                "https://gw.example.org/clusters/dev.0a1b",
            ),
            ("/user/ann/proxy/8787/status", "/user/ann/proxy/8787"),
            ("/status", "/"),
            ("'http://127.0.0.1:8787/status'", "http://127.0.0.1:8787"),
            ("  <http://127.0.0.1:8787/status>, ", "http://127.0.0.1:8787"),
            ("localhost:8787/status", "localhost:8787"),
            ("Dashboard: http://127.0.0.1:8787/status", "http://127.0.0.1:8787"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(root), "{text}");
        }
    }

    #[test]
    fn a_path_that_only_resembles_a_page_stays() {
        for text in [
            "https://x.example.org/tasks/dask",
            "https://x.example.org/tasks-of-ann",
            "https://x.example.org/my-status/dask",
            "https://status.example.org",
        ] {
            assert_eq!(read(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn an_ipv6_address_gets_its_brackets() {
        for (text, root) in [
            ("http://::1:8787/status", "http://[::1]:8787"),
            ("::1:8787", "[::1]:8787"),
            ("http://fe80::1:2:8787/status", "http://[fe80::1:2]:8787"),
            ("http://[::1]:8787/status", "http://[::1]:8787"),
            ("http://::1/status", "http://[::1]"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(root), "{text}");
        }
    }

    #[test]
    fn an_address_for_python_clients_leads_to_the_dashboards() {
        for (text, likely) in [
            ("tcp://127.0.0.1:8786", Some("http://127.0.0.1:8787")),
            ("tls://10.0.0.4:8786", Some("https://10.0.0.4:8787")),
            (
                "<Client: 'tcp://127.0.0.1:40123' processes=4 threads=8>",
                Some("http://127.0.0.1:8787"),
            ),
            ("tcp://[::1]:40123", Some("http://[::1]:8787")),
            ("inproc://10.0.0.4/123/1", None),
        ] {
            let error = read(text).expect_err(text);
            assert_eq!(error.likely(), likely, "{text}");
            assert!(error.to_string().contains("for Python clients"), "{error}");
        }
        assert_eq!(read("gateway://gw.example.org:8000/dev.0a1b"), Err(Unclear::OfGateway));
    }

    #[test]
    fn a_template_names_what_is_to_be_filled_in() {
        for (text, place) in [
            ("{JUPYTERHUB_SERVICE_PREFIX}proxy/{port}/status", "{JUPYTERHUB_SERVICE_PREFIX}"),
            ("/user/ann/proxy/%7Bport%7D/status", "%7Bport%7D"),
            ("http://<host>:8787/status", "<host>"),
            ("http://$HOST:8787/status", "$HOST"),
        ] {
            assert_eq!(read(text), Err(Unclear::Template(place.into())), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_says_what_to_mend() {
        for (text, error) in [
            ("", AddressError::Empty),
            ("ftp://x.example.org", AddressError::Scheme),
            ("data:text/html,<p>x", AddressError::Scheme),
            ("http://ann:secret@x.example.org/status", AddressError::UserInfo),
            ("http://x.example.org:99999/status", AddressError::Port),
            ("not an address", AddressError::Character),
            ("http://a.example.org http://b.example.org", AddressError::Character),
        ] {
            assert_eq!(read(text), Err(Unclear::Address(error)), "{text}");
        }
    }
}
