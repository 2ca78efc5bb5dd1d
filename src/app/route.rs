//! Where in the app we are: pages and their parameters, to and from the hash of the address.
//!
//! Parsing is total: whatever stands in the address gives a route, [`Page::Lost`] at worst.

use crate::base::dict::Dict;
use crate::base::percent;
use crate::gateway::AuthKind;

/// A page.
#[derive(Clone, Eq, PartialEq, Debug, Default)]
pub enum Page {
    /// No page named: the app decides.
    #[default]
    Home,
    /// Gateway address and authentication.
    Connect,
    /// My clusters and the options form.
    Clusters,
    /// One cluster, by the gateway's name of it (never empty).
    Cluster(String),
    /// A scheduler's dashboard without a gateway; its address is [`Query::url`].
    Scheduler,
    /// Saved and opened runs.
    Recordings,
    /// One of them, by its id (never empty).
    Recording(String),
    /// One pane, edge to edge, of [`Query::cluster`] or [`Query::url`].
    Panel(String),
    /// A path that is no page of ours, as it stood there.
    Lost(String),
}

/// The query part of the hash.
#[derive(Clone, Eq, PartialEq, Debug, Default)]
pub struct Query {
    /// Gateway address, overriding the site's.
    pub gateway: Option<String>,
    /// Kind of authentication, overriding the site's.
    pub auth: Option<AuthKind>,
    /// A dashboard's address.
    pub url: Option<String>,
    /// A cluster's name.
    pub cluster: Option<String>,
    /// Whether the options form is open on the list of clusters.
    pub new: bool,
    /// Values for the options form, by field.
    pub options: Dict<String>,
    /// What to show for debugging (`frame`).
    pub debug: Option<String>,
    /// Everything else, by name: view state that panes keep.
    pub rest: Dict<String>,
}

/// A page and its parameters.
#[derive(Clone, Eq, PartialEq, Debug, Default)]
pub struct Route {
    /// The page.
    pub page: Page,
    /// Its parameters.
    pub query: Query,
}

impl Route {
    /// A page without parameters.
    pub fn to(page: Page) -> Self {
        Self { page, query: Query::default() }
    }

    /// Another page that keeps what describes the site (`gateway`, `auth`, `debug`).
    #[must_use]
    pub fn follow(&self, page: Page) -> Self {
        let query = Query {
            gateway: self.query.gateway.clone(),
            auth: self.query.auth,
            debug: self.query.debug.clone(),
            ..Query::default()
        };
        Self { page, query }
    }

    /// The span of time that the address names for panes that show one: seconds, as they stand there.
    pub fn span(&self) -> Option<(String, String)> {
        let rest = &self.query.rest;
        Some((rest.get("from")?.clone(), rest.get("to")?.clone()))
    }

    /// Reads a hash, with or without `#`.
    pub fn parse(hash: &str) -> Self {
        let hash = hash.strip_prefix('#').unwrap_or(hash);
        let (path, query) = hash.split_once('?').unwrap_or((hash, ""));
        Self { page: parse_page(path), query: parse_query(query) }
    }

    /// The hash, beginning with `#/`.
    pub fn print(&self) -> String {
        let mut out = String::from("#");
        match &self.page {
            Page::Home => out.push('/'),
            Page::Connect => out.push_str("/connect"),
            Page::Clusters => out.push_str("/clusters"),
            Page::Cluster(name) => push_path(&mut out, "/clusters/", name),
            Page::Scheduler => out.push_str("/scheduler"),
            Page::Recordings => out.push_str("/recordings"),
            Page::Recording(id) => push_path(&mut out, "/recordings/", id),
            Page::Panel(pane) => push_path(&mut out, "/panel/", pane),
            Page::Lost(path) => push_path(&mut out, "/lost/", path),
        }
        let mut first = true;
        let mut push = |key: &str, value: &str| {
            out.push(if first { '?' } else { '&' });
            percent::push(&mut out, key);
            if !value.is_empty() {
                out.push('=');
                percent::push(&mut out, value);
            }
            first = false;
        };
        let query = &self.query;
        for (key, value) in [
            ("gateway", query.gateway.as_deref()),
            ("auth", query.auth.map(AuthKind::as_str)),
            ("url", query.url.as_deref()),
            ("cluster", query.cluster.as_deref()),
            ("debug", query.debug.as_deref()),
        ] {
            if let Some(value) = value {
                push(key, value);
            }
        }
        if query.new {
            push("new", "");
        }
        for (field, value) in query.options.iter() {
            push(&format!("option.{field}"), value);
        }
        for (key, value) in query.rest.iter() {
            push(key, value);
        }
        out
    }
}

fn push_path(out: &mut String, before: &str, name: &str) {
    out.push_str(before);
    percent::push(out, name);
}

fn parse_page(path: &str) -> Page {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let first = decode(parts.first().unwrap_or(&""));
    let second = decode(parts.get(1).unwrap_or(&""));
    match (first.as_str(), parts.len()) {
        (_, 0) => Page::Home,
        ("connect", 1) => Page::Connect,
        ("clusters", 1) => Page::Clusters,
        ("clusters", 2) => Page::Cluster(second),
        ("scheduler", 1) => Page::Scheduler,
        ("recordings", 1) => Page::Recordings,
        ("recordings", 2) => Page::Recording(second),
        ("panel", 2) => Page::Panel(second),
        ("lost", 2) => Page::Lost(second),
        _ => Page::Lost(path.to_owned()),
    }
}

fn parse_query(text: &str) -> Query {
    let mut query = Query::default();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = (decode(key), decode(value));
        match key.as_str() {
            // `?=x` names nothing.
            "" => {}
            "gateway" => query.gateway = Some(value),
            // An unknown kind is as good as none: the form asks.
            "auth" => query.auth = AuthKind::parse(&value),
            "url" => query.url = Some(value),
            "cluster" => query.cluster = Some(value),
            "debug" => query.debug = Some(value),
            "new" => query.new = true,
            _ => {
                if let Some(field) = key.strip_prefix("option.") {
                    query.options.insert(field.to_owned(), value);
                } else {
                    query.rest.insert(key, value);
                }
            }
        }
    }
    query
}

/// Undoes percent-encoding; `+` is a plus, what is no escape stays as it is, and bytes that are no
/// UTF-8 become the replacement character.
pub fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        rest = tail;
        if *byte == b'%'
            && let [high, low, after @ ..] = tail
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.push(high * 16 + low);
            rest = after;
        } else {
            out.push(*byte);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn read_from_links() {
        let route =
            Route::parse("#/connect?gateway=/gateway&auth=basic&option.profile=Small%20Worker");
        assert_eq!(route.page, Page::Connect);
        assert_eq!(route.query.gateway.as_deref(), Some("/gateway"));
        assert_eq!(route.query.auth, Some(AuthKind::Basic));
        assert_eq!(route.query.options.get("profile").map(String::as_str), Some("Small Worker"));
        for (hash, page) in [
            ("", Page::Home),
            ("#", Page::Home),
            ("#/", Page::Home),
            ("#/clusters/", Page::Clusters),
            ("#/clusters/dev.1a2b", Page::Cluster("dev.1a2b".into())),
            ("#/panel/workers?cluster=x", Page::Panel("workers".into())),
            ("#/scheduler?url=http://127.0.0.1:8787", Page::Scheduler),
            ("#section", Page::Lost("section".into())),
            ("#/clusters/a/b", Page::Lost("/clusters/a/b".into())),
            ("#/panel", Page::Lost("/panel".into())),
        ] {
            assert_eq!(Route::parse(hash).page, page, "{hash}");
        }
        assert_eq!(Route::parse("#/?auth=ldap").query.auth, None);
        assert_eq!(decode("100%+%zz%"), "100%+%zz%");
    }

    #[test]
    fn following_keeps_the_site_only() {
        let route = Route::parse("#/connect?gateway=/g&debug=frame&option.a=1&zoom=2");
        assert_eq!(route.follow(Page::Clusters).print(), "#/clusters?gateway=%2Fg&debug=frame");
    }

    fn page() -> impl Strategy<Value = Page> {
        prop_oneof![
            Just(Page::Home),
            Just(Page::Connect),
            Just(Page::Clusters),
            ".+".prop_map(Page::Cluster),
            Just(Page::Scheduler),
            Just(Page::Recordings),
            ".+".prop_map(Page::Recording),
            ".+".prop_map(Page::Panel),
            ".+".prop_map(Page::Lost),
        ]
    }

    proptest! {
        #[test]
        fn parse_undoes_print(
            page in page(),
            texts in prop::collection::vec(prop::option::of(".*"), 4),
            auth in prop::option::of(0..4_usize),
            new in any::<bool>(),
            options in prop::collection::btree_map(".*", ".*", 0..3),
            rest in prop::collection::btree_map("v[a-z&=#%]*", ".*", 0..3),
        ) {
            let query = Query {
                gateway: texts[0].clone(),
                auth: auth.map(|at| AuthKind::ALL[at]),
                url: texts[1].clone(),
                cluster: texts[2].clone(),
                new,
                options: options.into_iter().collect(),
                debug: texts[3].clone(),
                rest: rest.into_iter().collect(),
            };
            let route = Route { page, query };
            prop_assert_eq!(Route::parse(&route.print()), route);
        }

        #[test]
        fn parse_is_total_and_settles(hash in ".*") {
            let route = Route::parse(&hash);
            prop_assert_eq!(Route::parse(&route.print()), route);
        }
    }
}
