//! Every action there is, inside of a stranger's page and outside of one.

use std::rc::Rc;

use serde_json::{Map, json};

use crate::action::{Action, Answer, Browser, Call, Effect, Secret};
use crate::ancestors::{Foreign, foreign};
use crate::config::Config;
use crate::idle::Look;
use crate::reduce::reduce;
use crate::route::{Page as At, Route};
use crate::state::{Dialog, GatewayPrefs, Scope, State};
use gateway::model::{Cluster, Listing, Options, Status};
use gateway::{ApiError, AuthKind, PageOrigin};

const T0: f64 = 1_790_000_000_000.0;
const ON: Scope = Scope { idle_minutes: Some(5), on_close: true };

/// Names every kind of action: one that is missing here does not compile, one without an example fails.
macro_rules! kinds {
    ($($kind:pat => $name:literal,)*) => {
        const KINDS: &[&str] = &[$($name),*];
        fn kind(action: &Action) -> &'static str {
            match action { $($kind => $name),* }
        }
    };
}

kinds! {
    Action::Start { .. } => "Start",
    Action::Arrived(_) => "Arrived",
    Action::Go(_) => "Go",
    Action::Moved(_) => "Moved",
    Action::Tick { .. } => "Tick",
    Action::Probed(_) => "Probed",
    Action::Connect { .. } => "Connect",
    Action::SignInAgain(_) => "SignInAgain",
    Action::GiveUp => "GiveUp",
    Action::Visited { .. } => "Visited",
    Action::AskOptions => "AskOptions",
    Action::SignOut => "SignOut",
    Action::Remembered(_) => "Remembered",
    Action::KeptElsewhere(_) => "KeptElsewhere",
    Action::Answer { .. } => "Answer",
    Action::Counted { .. } => "Counted",
    Action::Refresh => "Refresh",
    Action::Create(_) => "Create",
    Action::ClearCreation => "ClearCreation",
    Action::ForgetPast => "ForgetPast",
    Action::TryAgain(_) => "TryAgain",
    Action::Preset(..) => "Preset",
    Action::Scale(..) => "Scale",
    Action::Adapt { .. } => "Adapt",
    Action::AdaptStop(_) => "AdaptStop",
    Action::SetScope(..) => "SetScope",
    Action::ClearMessage(_) => "ClearMessage",
    Action::Ask(_) => "Ask",
    Action::Confirm => "Confirm",
    Action::Cancel => "Cancel",
    Action::Say(_) => "Say",
    Action::Watch(_) => "Watch",
    Action::Unwatch(_) => "Unwatch",
    Action::WatchedElsewhere(_) => "WatchedElsewhere",
}

fn after(state: &State, action: Action) -> State {
    reduce(state, action).0
}

fn start(ancestors: &[&str], config: &str) -> Action {
    Action::Start {
        config: Config::parse(config),
        here: PageOrigin::new("https://x.org/app/"),
        route: Route::parse("#/connect"),
        kept: None,
        browser: Browser {
            ancestors: ancestors.iter().map(|one| Some((*one).to_owned())).collect(),
            agreed: Vec::new(),
            signed_out: false,
        },
        now: T0,
    }
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

/// Somebody is signed in and has a cluster that stops by itself, one that ended, and a preset.
fn signed_in(ancestors: &[&str], config: &str) -> State {
    let mut state = after(&State::default(), start(ancestors, config));
    let text =
        json!({"presets": {"mine": {"size": 1}}, "asked": {"a": {"idle": 5, "close": true}}});
    let connect = Action::Connect {
        address: "/gw".into(),
        kind: AuthKind::Basic,
        user: "alice".into(),
        secret: Secret(String::new()),
    };
    state = after(&state, connect);
    state = after(&state, Action::Remembered(Rc::new(GatewayPrefs::parse(&text.to_string()))));
    let answer = |state: &State, call: Call, answer: Answer| {
        let epoch = state.trial.as_ref().map_or(state.epoch, |trial| trial.epoch);
        after(state, Action::Answer { epoch, call, answer: Ok(answer) })
    };
    // The list proves a sign-in.
    let clusters = vec![cluster("a", Status::Running), cluster("old", Status::Stopped)];
    let list = Answer::List(Listing { clusters, skipped: Vec::new() });
    state = answer(&state, Call::List, list);
    let options = Options::from_json(r#"{"cluster_options": []}"#).unwrap();
    state = answer(&state, Call::Options, Answer::Options(options));
    assert!(state.is_in() && state.clusters.len() == 2);
    assert_eq!(state.clusters.get("a").map(|one| one.scope), Some(ON));
    state
}

/// An example of each kind, and of each question.
fn examples(state: &State) -> Vec<Action> {
    let to = Route::parse("#/clusters/a");
    let epoch = state.epoch;
    vec![
        Action::Arrived(to.clone()),
        Action::Go(to),
        Action::Moved(vec![("from", Some("1".into()))]),
        Action::Tick { now: T0 + 1e9, forward: 1e9, hidden: true },
        Action::Probed(None),
        Action::Connect {
            address: "/other".into(),
            kind: AuthKind::None,
            user: String::new(),
            secret: Secret::default(),
        },
        Action::SignInAgain(Secret::default()),
        Action::GiveUp,
        Action::SignOut,
        Action::Visited { epoch, answer: Err(ApiError::Network { detail: "lost".into() }) },
        Action::AskOptions,
        Action::Remembered(state.prefs.clone()),
        Action::KeptElsewhere(GatewayPrefs::clone(&state.prefs)),
        Action::Answer { epoch, call: Call::Delete("a".into()), answer: Ok(Answer::Deleted) },
        Action::Counted { epoch, name: "a".into(), look: Look::default() },
        Action::Refresh,
        Action::Create(Map::new()),
        Action::ClearCreation,
        Action::ForgetPast,
        Action::TryAgain("a".into()),
        Action::Preset("mine".into(), None),
        Action::Preset("mine".into(), Some(Map::new())),
        Action::Scale("a".into(), 0),
        Action::Scale("a".into(), 1),
        Action::Scale("a".into(), 100),
        Action::Adapt { name: "a".into(), minimum: 0, maximum: 0 },
        Action::Adapt { name: "a".into(), minimum: 1, maximum: 9 },
        Action::AdaptStop("a".into()),
        Action::SetScope("a".into(), Scope { idle_minutes: Some(1), on_close: false }),
        Action::ClearMessage("a".into()),
        Action::Ask(Dialog::Shutdown("a".into())),
        Action::Ask(Dialog::ShutdownAll),
        Action::Ask(Dialog::ScaleZero("a".into())),
        Action::Ask(Dialog::OddAdapt { name: "a".into(), minimum: 2, maximum: 1 }),
        Action::Ask(Dialog::Keys),
        Action::Ask(Dialog::Framed),
        Action::Confirm,
        Action::Cancel,
        Action::Say("hello".into()),
        Action::Watch(Route::parse("#/scheduler?url=http://127.0.0.1:8787")),
        Action::Unwatch("http://127.0.0.1:8787".into()),
        Action::WatchedElsewhere(Vec::new()),
        start(&["https://evil.org"], r#"{"gateway": "/gw"}"#),
    ]
}

const QUESTIONS: fn() -> [Option<Dialog>; 6] = || {
    [
        None,
        Some(Dialog::Keys),
        Some(Dialog::Shutdown("a".into())),
        Some(Dialog::ShutdownAll),
        Some(Dialog::ScaleZero("a".into())),
        Some(Dialog::OddAdapt { name: "a".into(), minimum: 2, maximum: 1 }),
    ]
};

/// What an action has done that a stranger must not do.
fn harm(before: &State, (after, effects): &(State, Vec<Effect>)) -> Option<String> {
    for effect in effects {
        match effect {
            Effect::Call { call, .. } => match call {
                Call::Create(_) | Call::Scale(..) | Call::Adapt(..) | Call::Delete(_) => {
                    return Some(format!("{call:?}"));
                }
                Call::Version | Call::Options | Call::List | Call::Get(_) => {}
            },
            Effect::Keep(_, _, kept) => {
                let (was, now) = (&before.prefs, kept);
                if (&was.presets, &was.asked, &was.forgotten)
                    != (&now.presets, &now.asked, &now.forgotten)
                {
                    return Some(format!("{effect:?}"));
                }
            }
            Effect::KeepAgreed { agreed: true, .. } => return Some(format!("{effect:?}")),
            _ => {}
        }
    }
    let entry = after.clusters.get("a")?;
    let known = before.clusters.get("a")?;
    (entry.scope != known.scope || entry.ending || entry.busy || after.creation.busy)
        .then(|| "the cluster looks changed".into())
}

#[test]
fn a_stranger_around_the_page_ends_nothing_whatever_is_pressed() {
    let plain = signed_in(&[], r#"{"gateway": "/gw"}"#);
    let mut seen: Vec<&str> = Vec::new();
    let mut harmful = 0;
    for dialog in QUESTIONS() {
        for action in examples(&plain) {
            seen.push(kind(&action));
            let what = format!("{action:?} at {dialog:?}");
            let free = State { dialog: dialog.clone(), ..plain.clone() };
            let mut framed =
                signed_in(&["https://x.org", "https://evil.org"], r#"{"gateway": "/gw"}"#);
            framed.dialog.clone_from(&dialog);
            let could = harm(&free, &reduce(&free, action.clone()));
            let done = reduce(&framed, action);
            assert_eq!(harm(&framed, &done), None, "{what}");
            if could.is_some() && !what.starts_with("Tick") {
                harmful += 1;
                assert_eq!(done.0.dialog, Some(Dialog::Framed), "{what}: it is explained");
                assert!(done.1.is_empty(), "{what}: {:?}", done.1);
            }
        }
    }
    let without: Vec<_> = KINDS.iter().filter(|kind| !seen.contains(kind)).collect();
    assert!(without.is_empty(), "no example of {without:?}");
    // Without a stranger these do what they say: the test would see harm if there were some.
    assert!(harmful >= 6 * 8, "{harmful}");
}

#[test]
fn questions_that_a_stranger_could_press_through_are_not_even_asked() {
    let framed = signed_in(&["https://evil.org"], r#"{"gateway": "/gw"}"#);
    for question in QUESTIONS().into_iter().flatten().filter(|one| *one != Dialog::Keys) {
        assert_eq!(after(&framed, Action::Ask(question)).dialog, Some(Dialog::Framed));
    }
    assert_eq!(after(&framed, Action::Ask(Dialog::Keys)).dialog, Some(Dialog::Keys));
    let explained = after(&framed, Action::ForgetPast);
    assert_eq!(after(&explained, Action::Cancel).dialog, None);
}

#[test]
fn a_page_inside_of_a_strangers_page_ends_nothing_by_itself() {
    let config = r#"{"gateway": "/gw"}"#;
    assert!(signed_in(&["https://evil.org"], config).ending_with_page().is_empty());
    assert_eq!(signed_in(&[], config).ending_with_page().len(), 1);
}

#[test]
fn who_is_a_stranger() {
    let here = PageOrigin::new("https://x.org/app/");
    let config = Config::parse(
        r#"{"frame_ancestors": ["https://lab.example.org", "http://localhost:8888"]}"#,
    );
    assert_eq!(config.problems, [""; 0]);
    let of = |ancestors: &[Option<&str>]| {
        let ancestors: Vec<_> = ancestors.iter().map(|one| one.map(str::to_owned)).collect();
        foreign(&ancestors, here.as_ref(), &config).map(|foreign| foreign.origin)
    };
    assert_eq!(of(&[]), None, "in a tab of its own");
    assert_eq!(of(&[Some("https://x.org")]), None);
    assert_eq!(of(&[Some("https://lab.example.org"), Some("https://x.org")]), None);
    assert_eq!(of(&[Some("http://localhost:8888")]), None);
    for stranger in [
        "http://x.org",
        "https://x.org:8443",
        "https://sub.x.org",
        "https://x.org.evil.org",
        "https://lab.example.org:8443",
        "http://lab.example.org",
        "http://localhost:8889",
        "http://127.0.0.1:8888",
    ] {
        assert_eq!(of(&[Some(stranger)]), Some(Some(stranger.into())));
        // One that is known does not vouch for whoever is around it.
        assert_eq!(of(&[Some("https://x.org"), Some(stranger)]), Some(Some(stranger.into())));
    }
    assert_eq!(of(&[None]), Some(None), "unknown is a stranger");
    assert_eq!(of(&[Some("https://x.org"), None]), Some(None));
    assert!(foreign(&[Some("https://x.org".into())], None, &config).is_some());
}

#[test]
fn a_new_configuration_decides_anew() {
    let mut state = after(&State::default(), start(&["https://lab.org"], "{}"));
    assert_eq!(state.framed, Some(Foreign { origin: Some("https://lab.org".into()) }));
    state =
        after(&state, start(&["https://lab.org"], r#"{"frame_ancestors": ["https://lab.org"]}"#));
    assert_eq!(state.framed, None);
    assert_eq!(state.route.page, At::Connect);
}
