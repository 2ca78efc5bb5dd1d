//! Two tabs of one browser, with the storage between them: whatever the order in which they act and
//! hear of each other, nothing that either keeps is lost, and nothing that either drops comes back.

use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::action::{Action, Answer, Call, Effect};
use crate::config::Config;
use crate::prefs::Place;
use crate::reduce::reduce;
use crate::route::Route;
use crate::state::{GatewayPrefs, Scope, State};
use base::dict::Dict;
use gateway::model::{Cluster, Listing, Options, Status};
use gateway::{Address, Credentials, PageOrigin};

const T0: f64 = 1_790_000_000_000.0;

/// A browser's storage of one entry, and its tabs; `untold` are those that have yet to hear of the
/// last write.
struct Browser {
    stored: Option<String>,
    tabs: Vec<State>,
    untold: Vec<bool>,
}

fn credentials(user: &str) -> Credentials {
    let here = PageOrigin::new("https://x.org/app/");
    Credentials::basic(Address::parse("/gw", here.as_ref()).unwrap(), user, "").unwrap()
}

fn cluster(name: &str, status: Status) -> Cluster {
    let stop_time = (!status.is_live()).then_some(T0 + 1e4);
    let (start_time, options) = (Some(T0), Map::new());
    Cluster { name: name.into(), status, dashboard_route: None, start_time, stop_time, options }
}

impl Browser {
    fn new() -> Self {
        let mut browser =
            Self { stored: None, tabs: vec![State::default(); 2], untold: vec![false; 2] };
        for tab in 0..2 {
            browser.sign_in(tab, &[]);
        }
        browser
    }

    fn sign_in(&mut self, tab: usize, clusters: &[Cluster]) {
        let options = Options::from_json(r#"{"cluster_options": []}"#).unwrap();
        self.tabs[tab] = State::default();
        self.act(
            tab,
            Action::Start {
                config: Config::default(),
                here: PageOrigin::new("https://x.org/app/"),
                route: Route::parse("#/clusters"),
                kept: Some(credentials("alice")),
                now: T0,
                browser: crate::action::Browser::default(),
            },
        );
        self.list(tab, clusters);
        self.answer(tab, Call::Options, Answer::Options(options));
    }

    /// What `ui/effects.rs` does with the browser's own storage.
    fn act(&mut self, tab: usize, action: Action) {
        let (state, effects) = reduce(&self.tabs[tab], action);
        self.tabs[tab] = state;
        for effect in effects {
            match effect {
                Effect::Recall(_) => {
                    let prefs = GatewayPrefs::parse(self.stored.as_deref().unwrap_or_default());
                    self.act(tab, Action::Remembered(prefs.into()));
                }
                Effect::Keep(_, before, after) => {
                    let stored = self.stored.as_deref().map(GatewayPrefs::parse);
                    let stored = stored.as_ref().unwrap_or(&before);
                    let merged = GatewayPrefs::merged(&before, &after, stored);
                    self.stored = Some(merged.print());
                    for other in 0..self.tabs.len() {
                        self.untold[other] |= other != tab;
                    }
                    if merged != *after {
                        self.act(tab, Action::KeptElsewhere(merged));
                    }
                }
                _ => {}
            }
        }
    }

    fn answer(&mut self, tab: usize, call: Call, answer: Answer) {
        let state = &self.tabs[tab];
        let epoch = state.trial.as_ref().map_or(state.epoch, |trial| trial.epoch);
        self.act(tab, Action::Answer { epoch, call, answer: Ok(answer) });
    }

    fn list(&mut self, tab: usize, clusters: &[Cluster]) {
        let listing = Listing { clusters: clusters.to_vec(), skipped: Vec::new() };
        self.answer(tab, Call::List, Answer::List(listing));
    }

    /// The `storage` event reaches a tab.
    fn tell(&mut self, tab: usize) {
        if std::mem::take(&mut self.untold[tab]) {
            let prefs = GatewayPrefs::parse(self.stored.as_deref().unwrap_or_default());
            self.act(tab, Action::KeptElsewhere(prefs));
        }
    }

    fn kept(&self) -> GatewayPrefs {
        GatewayPrefs::parse(self.stored.as_deref().unwrap_or_default())
    }

    fn scope(&self, tab: usize, name: &str) -> Scope {
        self.tabs[tab].clusters.get(name).unwrap().scope
    }
}

fn values(n: u64) -> Map<String, Value> {
    Map::from_iter([("cores".to_owned(), n.into())])
}

/// What a tab does.
#[derive(Clone, Debug)]
enum Deed {
    Keep(usize, &'static str, u64),
    Forget(usize, &'static str),
    Create(usize, u64),
    Scope(usize, &'static str, Option<u32>),
    List(usize),
    Tell(usize),
    Reload(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    let tab = || 0..2_usize;
    let name = || prop::sample::select(vec!["a", "b", "c"]);
    let minutes = prop::sample::select(vec![None, Some(5), Some(30)]);
    prop_oneof![
        (tab(), name(), 0..3_u64).prop_map(|(tab, name, n)| Deed::Keep(tab, name, n)),
        (tab(), name()).prop_map(|(tab, name)| Deed::Forget(tab, name)),
        (tab(), 0..3_u64).prop_map(|(tab, n)| Deed::Create(tab, n)),
        (tab(), name(), minutes).prop_map(|(tab, name, m)| Deed::Scope(tab, name, m)),
        tab().prop_map(Deed::List),
        tab().prop_map(Deed::Tell),
        tab().prop_map(Deed::Reload),
    ]
}

proptest! {
    #[test]
    fn no_tab_loses_what_the_other_keeps(deeds in prop::collection::vec(deed(), 0..40)) {
        let live: Vec<_> = ["a", "b", "c"].map(|name| cluster(name, Status::Running)).into();
        let mut browser = Browser::new();
        for tab in 0..2 {
            browser.list(tab, &live);
        }
        let mut presets = Dict::<Map<String, Value>>::new();
        let mut last = Map::new();
        let mut scopes = Dict::<Option<u32>>::new();
        for deed in deeds {
            match deed {
                Deed::Keep(tab, name, n) => {
                    // Keeping what this tab sees as kept already is no change.
                    if browser.tabs[tab].prefs.presets.get(name) != Some(&values(n)) {
                        presets.insert(name.into(), values(n));
                    }
                    browser.act(tab, Action::Preset(name.into(), Some(values(n))));
                }
                Deed::Forget(tab, name) => {
                    if browser.tabs[tab].prefs.presets.contains_key(name) {
                        presets.remove(name);
                    }
                    browser.act(tab, Action::Preset(name.into(), None));
                }
                Deed::Create(tab, n) => {
                    if browser.tabs[tab].prefs.last != values(n) {
                        last = values(n);
                    }
                    browser.act(tab, Action::Create(values(n)));
                    browser.answer(tab, Call::Create(values(n)), Answer::Created("new".into()));
                }
                Deed::Scope(tab, name, idle_minutes) => {
                    if browser.scope(tab, name).idle_minutes != idle_minutes {
                        scopes.insert(name.into(), idle_minutes);
                    }
                    let scope = Scope { idle_minutes, on_close: false };
                    browser.act(tab, Action::SetScope(name.into(), scope));
                }
                Deed::List(tab) => browser.list(tab, &live),
                Deed::Tell(tab) => browser.tell(tab),
                Deed::Reload(tab) => {
                    browser.sign_in(tab, &live);
                }
            }
            prop_assert_eq!(&browser.kept().presets, &presets);
            prop_assert_eq!(&browser.kept().last, &last);
        }
        for tab in [0, 1, 0] {
            browser.tell(tab);
            browser.list(tab, &live);
        }
        browser.tell(1);
        for tab in 0..2 {
            prop_assert_eq!(&browser.tabs[tab].prefs.presets, &presets, "tab {}", tab);
            for (name, minutes) in scopes.iter() {
                prop_assert_eq!(browser.scope(tab, name).idle_minutes, *minutes, "tab {}", tab);
            }
        }
        prop_assert!(!browser.untold[0] && !browser.untold[1], "they agree and write no more");
    }
}

#[test]
fn what_one_tab_asks_of_a_cluster_that_the_other_has_not_seen_stays() {
    let mut browser = Browser::new();
    let old = [cluster("old", Status::Running)];
    for tab in [0, 1, 0, 1] {
        browser.list(tab, &old);
    }
    let both = [cluster("old", Status::Running), cluster("new", Status::Running)];
    browser.list(0, &both);
    let scope = Scope { idle_minutes: Some(30), on_close: false };
    browser.act(0, Action::SetScope("new".into(), scope));
    browser.tell(1);
    browser.list(1, &old);
    assert!(browser.kept().asked.contains_key("new"));
    browser.list(1, &both);
    assert_eq!(browser.scope(1, "new"), scope);
    // Taken back in one tab, it is not set again by the other.
    browser.act(1, Action::SetScope("new".into(), Scope::default()));
    browser.list(0, &both);
    browser.tell(0);
    browser.list(0, &both);
    assert_eq!(browser.scope(0, "new"), Scope::default());
    // What was asked of clusters that are gone is let go.
    for tab in [0, 1] {
        browser.list(tab, &[]);
        browser.tell(1 - tab);
    }
    assert!(browser.kept().asked.is_empty());
}

#[test]
fn clusters_that_ended_are_remembered_and_forgotten_in_both() {
    let mut browser = Browser::new();
    let ended = [cluster("a", Status::Stopped), cluster("b", Status::Failed)];
    browser.list(0, &ended[..1]);
    browser.list(0, &ended[..1]);
    browser.list(1, &ended);
    browser.list(1, &ended);
    browser.tell(0);
    browser.list(0, &ended);
    assert_eq!(browser.kept().past.len(), 2);
    browser.act(0, Action::ForgetPast);
    browser.list(1, &ended);
    browser.tell(1);
    browser.list(1, &ended);
    assert!(browser.kept().past.is_empty());
    assert!(browser.tabs.iter().all(|tab| tab.past().is_empty()));
    assert_eq!(browser.kept().forgotten.len(), 2);
}

#[test]
fn users_of_one_browser_have_places_of_their_own() {
    let place = |user: &str| Place::of(&credentials(user));
    assert_ne!(place("alice"), place("bob"));
}
