//! Walks through the reducer as a person and a gateway take turns.

mod tabs;

use serde_json::{Map, json};

use crate::action::{Action, Answer, Browser, Call, Effect, Secret};
use crate::config::Config;
use crate::counts::Counts;
use crate::idle::Look;
use crate::reduce::reduce;
use crate::route::{Page as At, Route};
use crate::state::{Dialog, GatewayPrefs, Probe, Scope, Session, State};
use gateway::api::Scaled;
use gateway::model::{Cluster, Listing, Options, Status};
use gateway::{Address, ApiError, AuthKind, Credentials, PageOrigin};

mod auto_stop;
mod sign_in;

const T0: f64 = 1_790_000_000_000.0;

/// An app and what it wanted done last.
struct App {
    state: State,
    effects: Vec<Effect>,
}

impl App {
    fn start(hash: &str, config: &str, kept: Option<Credentials>) -> Self {
        let mut app = Self { state: State::default(), effects: Vec::new() };
        app.act(Action::Start {
            config: Config::parse(config),
            here: PageOrigin::new("https://x.org/app/"),
            route: Route::parse(hash),
            kept,
            browser: Browser::default(),
            now: T0,
        });
        app
    }

    fn signed_in() -> Self {
        let mut app = Self::start("#/connect", r#"{"gateway": "/gw"}"#, None);
        app.connect("/gw", "alice", "");
        app.list(vec![]);
        app.answer(Call::Options, Ok(Answer::Options(options())));
        // The tests tell what is in the first list.
        app.state.listing = crate::state::Listing::default();
        app
    }

    fn act(&mut self, action: Action) -> &mut Self {
        let (state, effects) = reduce(&self.state, action);
        self.state = state;
        self.effects = effects;
        self
    }

    fn connect(&mut self, address: &str, user: &str, secret: &str) -> &mut Self {
        self.act(Action::Connect {
            address: address.into(),
            kind: AuthKind::Basic,
            user: user.into(),
            secret: Secret(secret.into()),
        })
    }

    fn answer(&mut self, call: Call, answer: Result<Answer, ApiError>) -> &mut Self {
        let trial = self.state.trial.as_ref();
        let epoch = trial.map_or(self.state.epoch, |trial| trial.epoch);
        self.act(Action::Answer { epoch, call, answer })
    }

    fn list(&mut self, clusters: Vec<Cluster>) -> &mut Self {
        let listing = Listing { clusters, skipped: Vec::new() };
        self.answer(Call::List, Ok(Answer::List(listing)))
    }

    fn tick(&mut self, seconds: f64) -> &mut Self {
        let now = self.state.now + seconds * 1e3;
        let forward = self.state.forward + seconds * 1e3;
        self.act(Action::Tick { now, forward, hidden: false })
    }

    /// A scheduler answers, or does not.
    fn count(&mut self, name: &str, counts: Option<Counts>) -> &mut Self {
        let now = self.state.reading();
        let look = Look { asked: now, answered: now, counts };
        self.act(Action::Counted { epoch: self.state.epoch, name: name.into(), look })
    }

    fn calls(&self) -> Vec<&Call> {
        self.effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Call { call, .. } => Some(call),
                _ => None,
            })
            .collect()
    }

    fn status(&self, name: &str) -> Option<Status> {
        self.state.clusters.get(name).map(|entry| entry.status())
    }
}

fn options() -> Options {
    Options::from_json(
        r#"{"cluster_options": [{"field": "profile", "label": "Profile", "default": "S",
            "spec": {"type": "select", "options": ["S", "M"]}}]}"#,
    )
    .unwrap()
}

fn cluster(name: &str, status: Status) -> Cluster {
    Cluster {
        name: name.into(),
        status,
        dashboard_route: None,
        start_time: Some(T0),
        stop_time: None,
        options: Map::new(),
    }
}

fn refused() -> ApiError {
    ApiError::Unauthorized { words: "Authentication required".into() }
}

fn lost() -> ApiError {
    ApiError::Network { detail: "Failed to fetch".into() }
}

fn at(address: &str) -> Address {
    Address::parse(address, PageOrigin::new("https://x.org/app/").as_ref()).unwrap()
}

fn kept() -> Credentials {
    Credentials::basic(at("/gw"), "alice", "s3cret").unwrap()
}

fn counts(workers: u32, processing: u64) -> Counts {
    Counts { workers, idle_workers: workers, cores: workers, processing, ..Counts::default() }
}

#[test]
fn connect_lands_at_the_clusters_with_the_links_options() {
    let mut app = App::start("#/connect?gateway=/gw&option.profile=M", "{}", None);
    assert_eq!(app.state.session, Session::Out);
    app.connect("/gw", "alice", "");
    assert_eq!(app.calls(), [&Call::List]);
    app.list(vec![]);
    assert!(app.state.is_in());
    assert_eq!(app.calls(), [&Call::Version, &Call::Options]);
    assert_eq!(app.state.route.print(), "#/clusters?gateway=%2Fgw&new&option.profile=M");
    assert!(app.effects.iter().any(|one| matches!(one, Effect::KeepCredentials(Some(_)))));
}

#[test]
fn a_refusal_keeps_the_form_and_says_why() {
    let mut app = App::start("#/connect", r#"{"gateway": "/gw"}"#, None);
    app.connect("/gw", "alice", "wrong").answer(Call::List, Err(refused()));
    assert_eq!(app.state.session, Session::Out);
    let trouble = app.state.connect_trouble.clone().unwrap();
    assert_eq!(trouble.text, "Authentication required");
    // An address that is none never leaves the page.
    app.connect("gateway://x:1", "alice", "");
    assert!(app.effects.is_empty() && app.state.connect_trouble.is_some());
}

#[test]
fn a_reload_comes_back_to_the_same_page() {
    let app = App::start("#/clusters/abc", r#"{"gateway": "/gw"}"#, Some(kept()));
    assert_eq!(app.calls(), [&Call::List]);
    assert_eq!(app.state.route.page, At::Cluster("abc".into()));
}

#[test]
fn links_to_other_gateways_get_nothing_kept() {
    for link in [
        "#/clusters?gateway=https://evil.org/gw",
        "#/connect?gateway=//evil.org&auth=basic",
        "#/connect?gateway=https://x@x.org/gw",
        "#/clusters/abc?gateway=/other",
    ] {
        let app = App::start(link, r#"{"gateway": "/gw"}"#, Some(kept()));
        assert!(app.effects.is_empty(), "{link}: {:?}", app.effects);
        assert_eq!(app.state.session, Session::Out, "{link}");
    }
    // The same link followed within a session ends it here.
    let mut app = App::signed_in();
    let epoch = app.state.epoch;
    let here = app.state.route.clone();
    app.act(Action::Arrived(Route::parse("#/clusters?gateway=https://evil.org/gw")));
    assert_eq!(app.state.session, Session::Out);
    assert!(app.calls().is_empty() && app.state.epoch != epoch);
    // The way back from there leads to where it began.
    app.act(Action::Arrived(here));
    assert_eq!(app.calls(), [&Call::List]);
    assert_eq!(app.state.trial.as_ref().map(|trial| &trial.address), Some(&at("/gw")));
    app.list(vec![]);
    assert_eq!(app.state.session.address(), Some(&at("/gw")));
    app.act(Action::Arrived(Route::parse("#/clusters?gateway=https://evil.org/gw")));
    app.act(Action::SignOut);
    app.act(Action::Arrived(Route::parse("#/clusters")));
    assert!(app.calls().is_empty(), "signing out there forgets this one too");
}

#[test]
fn nothing_known_means_looking() {
    let mut app = App::start("", "{}", None);
    assert_eq!(app.state.route.page, At::Connect);
    assert!(app.effects.contains(&Effect::Probe));
    assert_eq!(app.state.probe, Probe::Running);
    app.act(Action::Probed(None));
    assert_eq!(app.state.probe, Probe::Nothing);
    assert!(App::start("#/scheduler?url=http://h:8787", "{}", None).effects.is_empty());
}

#[test]
fn signing_out_forgets_all_and_drops_late_answers() {
    let mut app = App::signed_in();
    app.list(vec![cluster("a", Status::Running)]);
    let late = app.state.epoch;
    app.act(Action::SignOut);
    assert!(app.state.clusters.is_empty() && app.state.options.is_none());
    assert!(app.effects.contains(&Effect::KeepCredentials(None)));
    let answer = Ok(Answer::List(Listing {
        clusters: vec![cluster("a", Status::Running)],
        ..Listing::default()
    }));
    app.act(Action::Answer { epoch: late, call: Call::List, answer });
    assert!(app.state.clusters.is_empty(), "an answer to somebody who left");
}

#[test]
fn a_cluster_from_form_to_grave() {
    let mut app = App::signed_in();
    app.list(vec![]);
    let values = Map::from_iter([("profile".to_owned(), json!("M"))]);
    app.act(Action::Create(values.clone()));
    assert_eq!(app.calls(), [&Call::Create(values.clone())]);
    assert!(app.act(Action::Create(values.clone())).calls().is_empty(), "one at a time");
    app.answer(Call::Create(values.clone()), Ok(Answer::Created("a".into())));
    assert_eq!(app.state.route.page, At::Cluster("a".into()));
    assert_eq!(app.status("a"), Some(Status::Pending));
    assert_eq!(app.state.prefs.last, values);
    // A list that was on its way before the cluster was made does not have it: it stays.
    app.list(vec![]);
    assert_eq!(app.state.clusters.get("a").map(|one| one.gone), Some(false));
    app.list(vec![cluster("a", Status::Running)]);
    assert!(
        app.effects.iter().any(|one| matches!(one, Effect::Notify(text) if text.contains("ready")))
    );
    app.act(Action::Ask(Dialog::Shutdown("a".into())));
    assert!(app.calls().is_empty(), "asked first");
    app.act(Action::Confirm);
    assert_eq!(app.calls(), [&Call::Delete("a".into())]);
    assert_eq!(app.status("a"), Some(Status::Stopping));
    app.answer(Call::Delete("a".into()), Ok(Answer::Deleted));
    app.list(vec![cluster("a", Status::Stopped)]);
    assert_eq!(app.status("a"), Some(Status::Stopped));
    app.act(Action::TryAgain("a".into()));
    assert!(app.state.route.query.new && app.state.creation.seed.is_some());
}

#[test]
fn a_links_values_outlast_new_cluster_pressed_before_the_options_are_there() {
    let mut app = App::start("#/clusters?option.profile=M", r#"{"gateway": "/gw"}"#, Some(kept()));
    let press = |app: &mut App| {
        let mut to = app.state.route.follow(At::Clusters);
        to.query.new = true;
        app.act(Action::Go(to));
    };
    let linked = |app: &App| app.state.route.query.options.get("profile").cloned();
    press(&mut app);
    app.list(vec![cluster("a", Status::Running)]);
    press(&mut app);
    app.answer(Call::Options, Ok(Answer::Options(options())));
    assert_eq!(linked(&app).as_deref(), Some("M"));
    assert!(app.state.route.query.new);
    // Nor does it empty a form that is being filled in.
    let revision = app.state.creation.revision;
    press(&mut app);
    assert_eq!((linked(&app).as_deref(), app.state.creation.revision), (Some("M"), revision));
    // Putting the form away does, and from another page it begins anew.
    let close = app.state.route.follow(At::Clusters);
    app.act(Action::Go(close));
    press(&mut app);
    assert_eq!(linked(&app), None);
}

#[test]
fn the_servers_refusal_stands_at_its_field() {
    let mut app = App::signed_in();
    let call = || Call::Create(Map::new());
    let reject = |field: &str, text: &str| {
        Err(ApiError::Rejected { field: Some(field.into()), message: text.into() })
    };
    app.act(Action::Create(Map::new())).answer(call(), reject("profile", "no such profile"));
    assert_eq!(
        app.state.creation.fields.get("profile").map(String::as_str),
        Some("no such profile")
    );
    assert!(app.state.creation.trouble.is_none());
    // The administrator may have changed the options: they are asked for anew, the form stays.
    assert_eq!(app.calls(), [&Call::Options]);
    let revision = app.state.creation.revision;
    let text = r#"{"cluster_options": [{"field": "profile", "spec": {"type": "string"}}]}"#;
    let changed = Options::from_json(text).unwrap();
    app.answer(Call::Options, Ok(Answer::Options(changed.clone())));
    assert_eq!(app.state.options.as_deref(), Some(&changed));
    assert_eq!(app.state.creation.revision, revision);
    assert!(app.state.creation.fields.contains_key("profile"), "what was said stays there");
    app.act(Action::ClearCreation);
    let own = "profile may not end in M, got 'XM'";
    let answer = Err(ApiError::Rejected { field: None, message: own.into() });
    app.act(Action::Create(Map::new())).answer(call(), answer);
    assert_eq!(app.state.creation.fields.get("profile").map(String::as_str), Some(own));
    app.act(Action::ClearCreation);
    app.act(Action::Create(Map::new())).answer(call(), reject("elsewhere", "what?"));
    assert!(app.state.creation.fields.is_empty());
    assert_eq!(app.state.creation.trouble.clone().map(|one| one.text), Some("what?".into()));
    assert!(!app.state.creation.busy);
}

#[test]
fn doubtful_requests_are_asked_first() {
    let mut app = App::signed_in();
    app.list(vec![cluster("a", Status::Running)]);
    app.act(Action::Scale("a".into(), 0));
    assert!(app.calls().is_empty());
    app.act(Action::Cancel);
    assert!(app.act(Action::Confirm).calls().is_empty(), "no is no");
    app.act(Action::Scale("a".into(), 0)).act(Action::Confirm);
    assert_eq!(app.calls(), [&Call::Scale("a".into(), 0)]);
    for (minimum, maximum) in [(0, 0), (3, 2)] {
        app.act(Action::Adapt { name: "a".into(), minimum, maximum });
        assert!(app.calls().is_empty() && app.state.dialog.is_some());
    }
    app.act(Action::Adapt { name: "a".into(), minimum: 1, maximum: 2 });
    assert_eq!(app.calls().len(), 1);
}

#[test]
fn the_cap_is_learned_and_remembered() {
    let mut app = App::signed_in();
    app.list(vec![cluster("a", Status::Running)]);
    let text = "Scale request of 10 workers would exceed resource limit of 2 workers. Scaling to 2 instead.";
    let answer = Scaled { ok: false, message: Some(text.into()) };
    app.answer(Call::Scale("a".into(), 10), Ok(Answer::Scaled(answer)));
    let entry = app.state.clusters.get("a").unwrap();
    assert_eq!((entry.asked.cap, entry.asked.workers), (Some(2), Some(2)));
    assert_eq!(entry.message.as_ref().map(|one| (one.text.as_str(), one.bad)), Some((text, true)));
    assert!(app.state.prefs.asked.contains_key("a"));
    // It survives a reload through the prefs.
    let prefs = GatewayPrefs::parse(&app.state.prefs.print());
    let mut again = App::signed_in();
    again.act(Action::Remembered(prefs.into())).list(vec![cluster("a", Status::Running)]);
    assert_eq!(again.state.clusters.get("a").and_then(|one| one.asked.cap), Some(2));
}

#[test]
fn adaptive_is_known_until_it_ends() {
    let mut app = App::signed_in();
    app.list(vec![cluster("a", Status::Running)]);
    let fine = || Ok(Answer::Scaled(Scaled { ok: true, message: None }));
    let bounds = gateway::api::Adapt { minimum: Some(1), maximum: Some(8) };
    let adapt = |app: &App| app.state.clusters.get("a").and_then(|one| one.asked.adapt);
    app.answer(Call::Adapt("a".into(), Some(bounds)), fine());
    assert_eq!(adapt(&app), Some((1, 8)));
    app.answer(Call::Adapt("a".into(), None), fine());
    assert_eq!(adapt(&app), None);
    app.answer(Call::Adapt("a".into(), Some(bounds)), fine());
    app.answer(Call::Scale("a".into(), 3), fine());
    assert_eq!(adapt(&app), None, "scaling by hand ends it");
}

#[test]
fn shutting_all_down_spares_what_ends_already() {
    let mut app = App::signed_in();
    app.list(vec![
        cluster("a", Status::Running),
        cluster("b", Status::Pending),
        cluster("c", Status::Stopping),
        cluster("d", Status::Failed),
    ]);
    app.act(Action::Ask(Dialog::ShutdownAll)).act(Action::Confirm);
    assert_eq!(app.calls(), [&Call::Delete("a".into()), &Call::Delete("b".into())]);
}

#[test]
fn polling_slows_down_and_backs_off() {
    let mut app = App::signed_in();
    app.list(vec![cluster("a", Status::Pending)]);
    assert!(app.tick(1.0).calls().is_empty());
    assert_eq!(app.tick(1.0).calls(), [&Call::List], "brisk while something starts");
    app.list(vec![cluster("a", Status::Running)]);
    assert!(app.tick(2.0).calls().is_empty());
    assert_eq!(app.tick(1.0).calls(), [&Call::List]);
    assert!(app.tick(60.0).calls().is_empty(), "one request at a time");
    let mut pauses = Vec::new();
    for _ in 0..6 {
        app.answer(Call::List, Err(lost()));
        pauses.push(((app.state.listing.due - app.state.now) / 1e3) as u32);
        app.act(Action::Refresh);
    }
    assert_eq!(pauses, [4, 8, 16, 30, 30, 30]);
    assert!(app.state.is_in() && app.state.listing.trouble.is_some());
    assert_eq!(app.status("a"), Some(Status::Running), "the last known list stays");
    app.list(vec![]);
    assert!(app.state.listing.trouble.is_none());
    assert_eq!(app.state.clusters.get("a").map(|one| one.gone), Some(true));
}

#[test]
fn waste_comes_first() {
    let mut app = App::signed_in();
    app.list(vec![cluster("busy", Status::Running), cluster("idle", Status::Running)]);
    app.count("busy", Some(counts(8, 5))).count("idle", Some(counts(2, 0)));
    app.tick(80.0).count("idle", Some(counts(2, 0)));
    let order: Vec<_> = app.state.live().iter().map(|one| one.cluster.name.clone()).collect();
    assert_eq!(order, ["idle", "busy"]);
    app.count("idle", Some(counts(2, 1)));
    assert_eq!(app.state.clusters.get("idle").and_then(|one| one.idle(app.state.now)), None);
}

#[test]
fn the_end_of_a_run_is_told() {
    let mut app = App::signed_in();
    app.list(vec![cluster("a", Status::Running)]);
    let count = |app: &mut App, processing| {
        app.count("a", Some(counts(2, processing)));
        app.effects
            .iter()
            .any(|one| matches!(one, Effect::Notify(text) if text.contains("the run has ended")))
    };
    assert!(!count(&mut app, 3));
    app.tick(10.0);
    assert!(!count(&mut app, 0), "seen once, it may have been a moment's work");
    assert!(!count(&mut app, 3));
    app.tick(65.0);
    assert!(!count(&mut app, 1));
    app.tick(10.0);
    assert!(count(&mut app, 0));
    app.tick(1.0);
    assert!(!count(&mut app, 0), "once");
}

#[test]
fn clusters_that_ended_are_remembered_for_their_user() {
    let mut app = App::signed_in();
    app.list(vec![cluster("a", Status::Running), cluster("b", Status::Stopped)]);
    app.list(vec![cluster("a", Status::Stopped), cluster("b", Status::Stopped)]);
    let kept = app.effects.iter().rev().find_map(|one| match one {
        Effect::Keep(_, _, prefs) => Some(prefs.clone()),
        _ => None,
    });
    let kept = kept.unwrap();
    assert_eq!(kept.past.len(), 2);

    // The next day the gateway knows nothing of them.
    let mut again = App::signed_in();
    again.act(Action::Remembered(kept.clone()));
    again.list(vec![]);
    again.list(vec![]);
    let past: Vec<_> = again.state.past().iter().map(|one| one.status()).collect();
    assert_eq!(past, [Status::Stopped, Status::Stopped]);
    assert!(again.state.live().is_empty());

    let mut other = GatewayPrefs::clone(&kept);
    for (user, _) in &mut other.past {
        *user = "somebody else".into();
    }
    let mut third = App::signed_in();
    third.act(Action::Remembered(other.into()));
    assert!(third.state.past().is_empty(), "what another user had is not shown");

    again.act(Action::ForgetPast);
    assert!(again.state.past().is_empty());
    again.list(vec![cluster("b", Status::Stopped)]);
    assert!(again.state.past().is_empty(), "though the gateway still lists one");
    assert!(again.state.prefs.past.is_empty());
}

#[test]
fn why_a_cluster_failed_is_told_by_whether_it_was_seen_running() {
    let ended = |before: &[Status], lived: f64| {
        let mut app = App::signed_in();
        for status in before {
            app.list(vec![cluster("a", *status)]);
        }
        let stop_time = Some(T0 + lived * 1e3);
        let failed = cluster("a", Status::Failed);
        app.list(vec![Cluster { start_time: Some(T0), stop_time, ..failed }]);
        app.state.clusters.get("a").unwrap().why_failed()
    };
    for seen in [&[Status::Pending, Status::Running][..], &[Status::Running]] {
        let why = ended(seen, 10.0);
        assert!(why.starts_with("It was running") && why.contains("stopped sending heartbeats"));
    }
    let unseen = ended(&[Status::Pending], 240.0);
    assert!(unseen.contains("did not see it run") && unseen.contains("never reported"), "{unseen}");
    assert!(ended(&[Status::Pending], 5.0).contains("could not be started"));
}

#[test]
fn an_environment_is_not_kept() {
    let mut app = App::signed_in();
    let mut options = serde_json::Map::new();
    options.insert("profile".into(), "Small".into());
    options.insert("env".into(), base::dict::record(vec![("API_KEY", "topsecret".into())]));
    app.act(Action::Create(options.clone()));
    app.answer(Call::Create(options), Ok(Answer::Created("dev.1".into())));
    let kept = app.effects.iter().find_map(|one| match one {
        Effect::Keep(_, _, prefs) => Some(prefs.print()),
        _ => None,
    });
    let kept = kept.unwrap_or_default();
    assert!(kept.contains("Small") && !kept.contains("topsecret"), "{kept}");
}

#[test]
fn a_name_that_is_not_listed_is_looked_up() {
    let mut app = App::signed_in();
    app.list(vec![]);
    app.act(Action::Arrived(Route::parse("#/clusters/theirs")));
    app.tick(1.0);
    assert_eq!(app.calls(), [&Call::Get("theirs".into())]);
    let words = "User alice lacks permissions to view cluster theirs";
    app.answer(Call::Get("theirs".into()), Err(ApiError::Forbidden { words: words.into() }));
    let said = app.state.lookup.clone().and_then(|one| one.trouble).map(|one| one.text);
    assert_eq!(said.as_deref(), Some(words));
    assert!(app.tick(1.0).calls().iter().all(|call| !matches!(call, Call::Get(_))), "once");
}

#[test]
fn debug_shows_no_secret() {
    let action = Action::Connect {
        address: "/gw".into(),
        kind: AuthKind::Basic,
        user: "alice".into(),
        secret: Secret("hunter2".into()),
    };
    let shown = format!("{action:?}");
    let mut app = App::start("#/connect", "{}", None);
    app.act(action);
    assert!(!format!("{shown} {:?} {:?}", app.state, app.effects).contains("hunter2"));
}

#[test]
fn a_tick_changes_nothing_but_the_time() {
    let mut app = App::signed_in();
    let tick = |app: &mut App, secs: f64| {
        let before = app.state.clone();
        app.act(Action::Tick { now: T0 + secs * 1e3, forward: secs * 1e3, hidden: false });
        (app.state.now > before.now, app.state.same_but_for_time(&before))
    };
    tick(&mut app, 1.0);
    assert_eq!(tick(&mut app, 2.0), (true, true));
    let before = app.state.clone();
    app.act(Action::Ask(Dialog::Keys));
    assert!(!app.state.same_but_for_time(&before));
}
