//! Which schedulers this page contacts without a question.
//!
//! Anybody can send a link that names a scheduler. Before a socket, a request or a frame goes there, its origin must
//! be known: this site's own, the gateway's, one that `config.json` names, or one that a person has agreed to in this
//! browser. Loopback and private addresses are no exception: what listens there is what strangers cannot
//! reach without such a link.

use serde_json::Value;

use crate::action::Effect;
pub use crate::origins::origin;
use crate::route::{Page as At, Route};
use crate::state::State;
use base::json;
use gateway::pasted::{self, Unclear};
use gateway::{Address, PageOrigin};
use live::source::Source;

/// The scheduler that the address of the page names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Named {
    /// None.
    Nothing,
    /// Something that is no address: what to mend.
    Wrong(String),
    /// One whose origin is not known: its address. A person is asked before anything goes there.
    Unknown(Address),
    /// One that may be contacted.
    Known(Source),
}

/// What the present route names by its `url`.
pub fn named(state: &State) -> Named {
    let (At::Scheduler | At::Panel(_)) = state.route.page else { return Named::Nothing };
    let text = state.route.query.url.as_deref().unwrap_or("").trim();
    if text.is_empty() {
        return Named::Nothing;
    }
    match dashboard(state.here.as_ref(), text) {
        Err(error) => Named::Wrong(error.to_string()),
        Ok((address, source)) if state.knows(address.origin()) => Named::Known(source),
        Ok((address, _)) => Named::Unknown(address),
    }
}

/// What people paste, as an address, and the root of the dashboard in it.
fn dashboard(here: Option<&PageOrigin>, text: &str) -> Result<(Address, Source), Unclear> {
    let whole = &pasted::dashboard(text, here)?;
    let label =
        |address: &str| address.split_once("://").map_or(address, |(_, rest)| rest).to_owned();
    // An address of a gateway has the same shape, but loses a cluster's path: so it is kept here.
    if let Some(at) = whole.rfind("/clusters/") {
        let root = Address::parse(&whole[..at], here)
            .or_else(|error| if at == 0 { Address::parse("/", here) } else { Err(error) })?;
        let source = Source { base: root.join(&whole[at..]), label: label(whole) };
        return Ok((root, source));
    }
    let address = Address::parse(whole, here)?;
    let source = Source { label: label(address.as_str()), base: address.to_string() };
    Ok((address, source))
}

/// The origins that were agreed to, as this browser keeps them; what is no origin is left out.
pub fn read_kept(text: &str) -> Vec<String> {
    let all: Value = serde_json::from_str(text).unwrap_or_default();
    all.as_array().into_iter().flatten().filter_map(|one| origin(one.as_str()?)).collect()
}

/// The same as a text to keep.
pub fn print_kept(origins: &[String]) -> String {
    json::print(&origins.into())
}

/// Adds an origin to those that were agreed to, or takes it out.
pub fn change_kept(origins: &mut Vec<String>, origin: &str, agreed: bool) {
    origins.retain(|one| one != origin);
    if agreed {
        origins.push(origin.to_owned());
    }
}

impl State {
    /// Whether this page may contact schedulers of this origin unasked. A gateway that only a link names
    /// does not count.
    pub fn knows(&self, origin: &str) -> bool {
        let here = self.here.as_ref();
        let gateway = self.config.gateway.as_deref();
        let gateway = gateway.and_then(|text| Address::parse(text, here).ok());
        here.is_some_and(|here| here.origin() == origin)
            || gateway.is_some_and(|gateway| gateway.origin() == origin)
            || self.session.address().is_some_and(|gateway| gateway.origin() == origin)
            || self.config.schedulers.iter().any(|one| one == origin)
            || self.agreed.iter().any(|one| one == origin)
    }

    /// A person wants to watch what `route` names.
    pub(super) fn watch(&mut self, route: Route, effects: &mut Vec<Effect>) {
        self.go(route, false, effects);
        if let Named::Unknown(address) = named(self) {
            let origin = address.origin().to_owned();
            change_kept(&mut self.agreed, &origin, true);
            effects.push(Effect::KeepAgreed { origin, agreed: true });
        }
    }

    /// A person takes that back.
    pub(super) fn unwatch(&mut self, origin: String, effects: &mut Vec<Effect>) {
        change_kept(&mut self.agreed, &origin, false);
        effects.push(Effect::KeepAgreed { origin, agreed: false });
    }
}

#[cfg(test)]
mod tests {
    use super::super::action::{Action, Browser};
    use super::super::config::Config;
    use super::super::reduce::reduce;
    use super::*;

    fn at(hash: &str, config: &str, agreed: &[&str]) -> State {
        let start = Action::Start {
            config: Config::parse(config),
            here: PageOrigin::new("https://x.org/app/"),
            route: Route::parse(hash),
            kept: None,
            browser: Browser {
                ancestors: Vec::new(),
                agreed: agreed.iter().map(|one| (*one).to_owned()).collect(),
                signed_out: false,
            },
            now: 0.0,
        };
        reduce(&State::default(), start).0
    }

    fn is_known(url: &str, config: &str, agreed: &[&str]) -> bool {
        ["scheduler", "panel/workers", "panel/dask:status"].map(|page| {
            let hash = format!("#/{page}?url={}", base::percent::encode(url));
            match named(&at(&hash, config, agreed)) {
                Named::Known(_) => true,
                Named::Unknown(_) => false,
                other => panic!("{url}: {other:?}"),
            }
        }) == [true; 3]
    }

    #[test]
    fn a_link_alone_makes_nobody_known() {
        for url in [
            "http://evil.org",
            "https://evil.org/status",
            "http://127.0.0.1:8787/status",
            "http://localhost:8787",
            "localhost:8787",
            "http://[::1]:8787",
            "http://10.0.0.5:8787",
            "//evil.org/dask",
            "http://x.org",
            "https://x.org:8787",
            "https://evil.org/clusters/a/status",
            "https://x.org.evil.org/x.org/clusters/a",
        ] {
            assert!(!is_known(url, "{}", &[]), "{url}");
            assert!(!is_known(url, r#"{"gateway": "/gw"}"#, &["https://other.org"]), "{url}");
        }
        // Nor does a link that names a gateway of its own.
        let state =
            at("#/scheduler?gateway=https://evil.org&url=https://evil.org/clusters/a", "{}", &[]);
        assert!(matches!(named(&state), Named::Unknown(_)));
    }

    #[test]
    fn who_is_known() {
        assert!(is_known("https://x.org/clusters/a", "{}", &[]), "this site's own");
        assert!(is_known("/scheduler", "{}", &[]));
        assert!(is_known(
            "https://gw.org/clusters/a/status",
            r#"{"gateway": "https://gw.org/g"}"#,
            &[]
        ));
        let named = r#"{"schedulers": ["http://127.0.0.1:8787"]}"#;
        assert!(is_known("http://127.0.0.1:8787/status", named, &[]));
        assert!(!is_known("http://127.0.0.1:8788", named, &[]), "another port is another server");
        assert!(!is_known("https://127.0.0.1:8787", named, &[]));
        assert!(is_known("http://10.0.0.5:8787/a/b", "{}", &["http://10.0.0.5:8787"]));
    }

    #[test]
    fn what_is_no_web_address_is_never_watched() {
        for url in [
            "javascript:alert(1)",
            "javascript:alert(1)//clusters/a",
            "data:text/html,x",
            "file:///etc",
            "blob:https://x.org/1",
        ] {
            let state =
                at(&format!("#/panel/dask:status?url={}", base::percent::encode(url)), "{}", &[]);
            let Named::Wrong(said) = named(&state) else { panic!("{url}: {:?}", named(&state)) };
            assert!(said.contains("begin with http:// or https://"), "{url}: {said}");
        }
        assert_eq!(named(&at("#/scheduler", "{}", &[])), Named::Nothing);
        assert_eq!(named(&at("#/clusters?url=http://evil.org", "{}", &[])), Named::Nothing);
    }

    #[test]
    fn agreeing_is_remembered_by_origin_and_taken_back() {
        let mut state = at("#/scheduler?url=http://127.0.0.1:8787/status", "{}", &["http://a.org"]);
        let (next, effects) = reduce(&state, Action::Watch(state.route.clone()));
        assert!(matches!(named(&next), Named::Known(_)));
        assert_eq!(next.agreed, ["http://a.org", "http://127.0.0.1:8787"]);
        let kept = |agreed| Effect::KeepAgreed { origin: "http://127.0.0.1:8787".into(), agreed };
        assert_eq!(effects, [kept(true)]);
        let (next, effects) = reduce(&next, Action::Unwatch("http://127.0.0.1:8787".into()));
        assert!(matches!(named(&next), Named::Unknown(_)));
        assert_eq!((next.agreed.len(), effects), (1, vec![kept(false)]));
        // What is known anyway is not kept.
        state = at("#/scheduler", "{}", &[]);
        let (next, _) = reduce(&state, Action::Watch(Route::parse("#/scheduler?url=/own")));
        assert!(matches!(named(&next), Named::Known(_)) && next.agreed.is_empty());
        let (next, effects) =
            reduce(&next, Action::Watch(Route::parse("#/scheduler?url=javascript:x")));
        assert!(matches!(named(&next), Named::Wrong(_)) && next.agreed.is_empty());
        assert_eq!(effects.len(), 1, "the address only");
        // Another tab's word counts.
        let (next, _) = reduce(&next, Action::WatchedElsewhere(vec!["http://b.org".into()]));
        assert!(next.knows("http://b.org") && !next.knows("http://a.org"));
    }

    #[test]
    fn what_is_kept_holds_origins_only() {
        let mut all = vec!["http://a.org".to_owned()];
        change_kept(&mut all, "https://b.org:8443", true);
        change_kept(&mut all, "https://b.org:8443", true);
        assert_eq!(read_kept(&print_kept(&all)), ["http://a.org", "https://b.org:8443"]);
        change_kept(&mut all, "http://a.org", false);
        assert_eq!(all, ["https://b.org:8443"]);
        for broken in
            ["", "7", "{}", r#"["javascript:x", 3, "a.org", "https://a.org/clusters/secret"]"#]
        {
            assert_eq!(read_kept(broken), [""; 0], "{broken}");
        }
    }
}
