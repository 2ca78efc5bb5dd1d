//! How a sign-in begins, ends, and begins again.

use std::rc::Rc;

use super::*;
use gateway::hub::{Minted, Visit};

const HUB: &str = r#"{"gateway": "/services/dask-gateway", "auth": "jupyterhub", "hub": "/hub"}"#;

fn own() -> Address {
    at("/services/dask-gateway")
}

/// A token of the hub's, made at `now` for an hour.
fn granted(user: &str, token: &str, now: f64) -> Rc<Credentials> {
    let minted = Minted { id: token.into(), token: token.into(), created: None, expires_at: None };
    Rc::new(minted.credentials(own(), user, true, now).unwrap())
}

impl App {
    /// What was asked of the hub last: the epoch, the gateway, and whose token it may be.
    fn visit(&self) -> Option<(u32, Address, Option<String>)> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Visit { epoch, gateway, only, .. } => {
                Some((*epoch, gateway.clone(), only.clone()))
            }
            _ => None,
        })
    }

    /// The hub's answer to that.
    fn visited(&mut self, answer: Result<Visit, ApiError>) -> &mut Self {
        let (epoch, ..) = self.visit().expect("the hub is asked");
        self.act(Action::Visited { epoch, answer })
    }

    fn by_hub() -> Self {
        let mut app = Self::start("#/clusters", HUB, None);
        app.visited(Ok(Visit::Granted(granted("alice", "t1", T0))));
        app.list(vec![cluster("a", Status::Running)]);
        app
    }

    fn kept(&self) -> Option<&Credentials> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::KeepCredentials(Some(credentials)) => Some(&**credentials),
            _ => None,
        })
    }

    fn revoked(&self) -> Vec<&str> {
        fn id(effect: &Effect) -> Option<&str> {
            match effect {
                Effect::Revoke { credentials, .. } => credentials.grant().map(|one| &*one.id),
                _ => None,
            }
        }
        self.effects.iter().filter_map(id).collect()
    }

    fn drops(&self) -> bool {
        self.effects.iter().any(|one| matches!(one, Effect::Unwatch(_)))
    }

    fn has_expired(&self) -> bool {
        matches!(self.state.session, Session::Expired { .. })
    }
}

#[test]
fn an_expired_sign_in_takes_nothing_off_the_screen_and_signing_in_again_resumes() {
    let mut app = App::signed_in();
    app.list(vec![cluster("a", Status::Running)]);
    app.act(Action::SetScope("a".into(), Scope { idle_minutes: Some(1), on_close: true }));
    app.answer(Call::List, Err(refused()));
    assert!(app.has_expired() && app.state.has_clusters() && !app.drops());
    assert_eq!(app.status("a"), Some(Status::Running));
    assert!(app.state.options.is_some());
    let kept = app.kept().unwrap();
    assert_eq!((kept.user(), kept.is_spent()), (Some("alice"), true), "the secret alone goes");
    // Dashboards need no sign-in: counts go on. Nothing else is asked, and nothing is ended.
    let mut counted = false;
    for _ in 0..200 {
        app.tick(1.0);
        assert!(app.calls().is_empty(), "{:?}", app.calls());
        counted |= app.effects.iter().any(|one| matches!(one, Effect::Count { .. }));
        app.count("a", Some(counts(1, 0)));
        assert!(app.calls().is_empty(), "{:?}", app.calls());
    }
    assert!(counted);
    app.act(Action::Ask(Dialog::Shutdown("a".into()))).act(Action::Confirm);
    assert!(app.calls().is_empty() && app.state.toasts.iter().any(|one| one.bad));
    assert_eq!(app.status("a"), Some(Status::Running), "it is not being shut down");
    // A wrong password changes nothing but the words.
    app.act(Action::SignInAgain(Secret("wrong".into())));
    app.answer(Call::List, Err(refused()));
    assert!(app.has_expired() && app.state.connect_trouble.is_some() && !app.drops());
    app.act(Action::SignInAgain(Secret("right".into())));
    assert_eq!(app.calls(), [&Call::List]);
    app.list(vec![cluster("a", Status::Running)]);
    assert!(app.state.is_in() && !app.drops() && app.state.connect_trouble.is_none());
    assert_eq!(app.calls(), [&Call::Version, &Call::Options]);
    app.tick(1.0);
    assert!(!app.calls().contains(&&Call::Delete("a".into())), "auto stop counts anew");
}

#[test]
fn options_that_were_asked_for_when_the_sign_in_expired_are_asked_for_again() {
    let mut app = App::signed_in();
    app.list(vec![cluster("a", Status::Running)]);
    let refusal = ApiError::Rejected { field: None, message: "no M".into() };
    app.act(Action::Create(Map::new())).answer(Call::Create(Map::new()), Err(refusal));
    assert_eq!(app.calls(), [&Call::Options]);
    app.answer(Call::Options, Err(refused()));
    assert!(app.has_expired());
    let revision = app.state.creation.revision;
    app.act(Action::SignInAgain(Secret("right".into())));
    app.list(vec![cluster("a", Status::Running)]);
    assert!(app.calls().contains(&&Call::Options));
    app.answer(Call::Options, Ok(Answer::Options(options())));
    assert_eq!(app.state.creation.revision, revision, "a form that is open stays as it is");
}

#[test]
fn another_person_or_another_gateway_drops_what_was_watched_and_a_refusal_does_not() {
    let mut app = App::signed_in();
    app.list(vec![cluster("a", Status::Running)]);
    app.connect("/gw", "bob", "wrong");
    assert_eq!(app.status("a"), Some(Status::Running), "nothing goes before bob is in");
    app.answer(Call::List, Err(refused()));
    assert!(app.state.is_in() && app.state.connect_trouble.is_some() && !app.drops());
    assert_eq!(app.state.session.who().and_then(|who| who.user()), Some("alice"));
    app.connect("/gw", "bob", "right").list(vec![]);
    assert!(app.effects.contains(&Effect::Unwatch(at("/gw"))));
    assert!(app.state.clusters.is_empty());
    app.connect("/other", "bob", "right").list(vec![]);
    assert!(app.effects.contains(&Effect::Unwatch(at("/gw"))));
    app.act(Action::SignOut);
    assert!(app.effects.contains(&Effect::Unwatch(at("/other"))));
    // The same from a link that leads to another gateway.
    let mut app = App::signed_in();
    app.act(Action::Arrived(Route::parse("#/connect?gateway=/other")));
    assert!(!app.drops());
    app.connect("/other", "bob", "").list(vec![]);
    assert!(app.effects.contains(&Effect::Unwatch(at("/gw"))));
}

#[test]
fn a_pasted_token_resumes_where_both_know_a_cluster() {
    let token = |app: &mut App, secret: &str| {
        app.act(Action::Connect {
            address: "/gw".into(),
            kind: AuthKind::JupyterHub,
            user: String::new(),
            secret: Secret(secret.into()),
        });
    };
    assert!(!App::signed_in().state.is_nameless() && !App::by_hub().state.is_nameless());
    for (name, drops) in [("a", false), ("b", true)] {
        let mut app = App::start("#/connect", r#"{"gateway": "/gw"}"#, None);
        token(&mut app, "one");
        app.list(vec![cluster("a", Status::Running)]).answer(Call::List, Err(refused()));
        assert!(app.state.is_nameless(), "no other tab shares what is set here");
        token(&mut app, "two");
        app.list(vec![cluster(name, Status::Running)]);
        assert_eq!(app.drops(), drops, "{name}");
    }
}

#[test]
fn giving_up_leaves_what_was_there() {
    let mut app = App::signed_in();
    app.list(vec![cluster("a", Status::Running)]);
    app.connect("/gw", "bob", "");
    let late = app.state.trial.as_ref().map(|trial| trial.epoch).unwrap();
    app.act(Action::GiveUp);
    assert!(app.state.is_in() && app.state.trial.is_none() && app.effects.is_empty());
    app.act(Action::Answer { epoch: late, call: Call::List, answer: Err(refused()) });
    assert!(app.state.is_in() && app.state.connect_trouble.is_none());
}

#[test]
fn after_a_reload_an_expired_sign_in_asks_again_and_sends_nothing() {
    let config = r#"{"gateway": "/gw"}"#;
    let mut app = App::start("#/clusters/abc", config, Some(kept().without_secret()));
    assert!(app.calls().is_empty() && app.has_expired() && !app.state.has_clusters());
    assert_eq!(app.state.session.who().and_then(|who| who.user()), Some("alice"));
    app.connect("/gw", "alice", "s3cret").list(vec![]);
    assert_eq!(app.state.route.page, At::Cluster("abc".into()));
    // The same where the gateway refuses only after the reload.
    let mut app = App::start("#/clusters/abc", config, Some(kept()));
    app.answer(Call::List, Err(refused()));
    assert!(app.has_expired() && app.kept().is_some_and(Credentials::is_spent));
    // No answer is no refusal: a later reload tries again.
    let mut app = App::start("#/clusters/abc", config, Some(kept()));
    app.answer(Call::List, Err(lost()));
    assert!(app.state.session == Session::Out && app.kept().is_none());
}

#[test]
fn signing_in_does_not_depend_on_options() {
    let mut app = App::start("#/connect", r#"{"gateway": "/gw"}"#, None);
    app.connect("/gw", "alice", "").list(vec![cluster("a", Status::Running)]);
    let words = "500 Internal Server Error\n\nServer got itself in trouble".to_owned();
    for error in [ApiError::Server { status: 500, words }, ApiError::Timeout { ms: 15_000 }] {
        app.answer(Call::Options, Err(error.clone()));
        assert!(app.state.is_in());
        assert_eq!(app.state.options_trouble.as_ref().unwrap().text, error.message());
        app.act(Action::Ask(Dialog::Shutdown("a".into()))).act(Action::Confirm);
        assert_eq!(app.calls(), [&Call::Delete("a".into())]);
        app.act(Action::AskOptions);
        assert_eq!(app.calls(), [&Call::Options]);
        assert!(app.state.options_trouble.is_none());
    }
    app.answer(Call::Options, Ok(Answer::Options(options())));
    assert!(app.state.options.is_some());
}

#[test]
fn the_page_signs_in_through_the_hubs_session() {
    let mut app = App::start("", HUB, None);
    assert_eq!(app.visit().map(|(_, gateway, only)| (gateway, only)), Some((own(), None)));
    app.visited(Ok(Visit::Granted(granted("alice", "t1", T0))));
    assert_eq!(app.calls(), [&Call::List]);
    app.list(vec![]);
    assert!(app.state.is_in());
    app.act(Action::SignOut);
    assert_eq!(app.revoked(), ["t1"]);
    assert!(app.visit().is_none(), "who signs out is not signed in by itself");
    let press = Action::Connect {
        address: own().to_string(),
        kind: AuthKind::JupyterHub,
        user: String::new(),
        secret: Secret::default(),
    };
    assert!(app.act(press.clone()).visit().is_some(), "but by a press");
    app.visited(Ok(Visit::SignedOut));
    assert!(app.state.upkeep.hub_out && app.state.trial.is_none() && app.effects.is_empty());
    app.tick(60.0);
    assert!(app.effects.is_empty(), "no loop");
    app.act(press);
    app.visited(Err(lost()));
    assert!(app.state.connect_trouble.is_some() && !app.state.upkeep.hub_out);
}

#[test]
fn a_token_is_made_for_the_sites_own_gateway_only() {
    for (link, config) in [
        ("#/connect?gateway=https://evil.org/gw&auth=jupyterhub", HUB),
        ("#/clusters?gateway=/user/mallory/proxy/8000&auth=jupyterhub", HUB),
        // The site has not named a gateway: the link does.
        ("#/connect?gateway=/user/mallory/proxy/8000", r#"{"auth": "jupyterhub", "hub": "/hub"}"#),
        // The hub is elsewhere.
        ("#/connect", r#"{"gateway": "/gw", "auth": "jupyterhub", "hub": "https://hub.org/hub"}"#),
        // The site signs in otherwise, whatever a link says.
        ("#/connect?auth=jupyterhub", r#"{"gateway": "/gw", "auth": "basic", "hub": "/hub"}"#),
    ] {
        let mut app = App::start(link, config, None);
        assert!(app.visit().is_none(), "{link}");
        let address = app.state.wanted().unwrap_or_else(own);
        app.act(Action::Connect {
            address: address.to_string(),
            kind: AuthKind::JupyterHub,
            user: String::new(),
            secret: Secret::default(),
        });
        assert!(app.effects.is_empty() && app.state.connect_trouble.is_some(), "{link}");
    }
    let app = App::start("#/scheduler?url=http://h:8787", HUB, None);
    assert!(app.visit().is_none(), "a scheduler needs none");
}

#[test]
fn a_token_is_renewed_before_it_ends() {
    let mut app = App::by_hub();
    app.tick(50.0 * 60.0);
    assert!(app.visit().is_none());
    app.list(vec![cluster("a", Status::Running)]).tick(5.5 * 60.0);
    assert_eq!(app.visit().unwrap().2.as_deref(), Some("alice"));
    let epoch = app.visit().unwrap().0;
    assert!(app.tick(1.0).visit().is_none(), "one at a time");
    let answer = Ok(Visit::Granted(granted("alice", "t2", app.state.now)));
    app.act(Action::Visited { epoch, answer });
    assert!(app.state.is_in() && app.kept().is_some_and(|one| !one.is_spent()));
    assert_eq!(app.revoked(), ["t1"]);
    // The list that was asked for with the first token is heard.
    let listing = Listing { clusters: vec![cluster("b", Status::Running)], skipped: vec![] };
    app.act(Action::Answer { epoch, call: Call::List, answer: Ok(Answer::List(listing)) });
    assert_eq!(app.status("b"), Some(Status::Running));
}

#[test]
fn a_call_refused_after_a_sleep_is_made_again_once() {
    let mut app = App::by_hub();
    let (before, call) = (app.state.epoch, Call::Scale("a".into(), 2));
    app.act(Action::Scale("a".into(), 2));
    app.answer(call.clone(), Err(ApiError::HubToken { words: "expired".into() }));
    assert!(app.state.is_in() && app.calls().is_empty());
    app.visited(Ok(Visit::Granted(granted("alice", "t2", T0))));
    assert_eq!(app.calls(), [&call]);
    // One that was on its way with the old token is made again as well.
    let answer = Err(refused());
    app.act(Action::Answer { epoch: before, call: Call::List, answer });
    assert_eq!(app.calls(), [&Call::List]);
    // But a new token that is refused at once ends it.
    app.answer(call, Err(refused()));
    assert!(app.has_expired() && app.visit().is_none() && app.calls().is_empty());
    assert_eq!(app.revoked(), ["t2"]);
}

#[test]
fn a_token_that_ended_before_it_was_used_is_replaced() {
    let mut app = App::by_hub();
    // Made just before the computer slept; the hub is out of reach as it wakes, then there.
    app.tick(56.0 * 60.0);
    app.visited(Ok(Visit::Granted(granted("alice", "t2", app.state.now))));
    app.tick(90.0 * 60.0).visited(Err(lost()));
    assert!(app.state.is_in());
    app.answer(Call::List, Err(ApiError::HubToken { words: "Permission failure".into() }));
    assert!(app.state.is_in(), "its user never signed out");
    app.visited(Ok(Visit::Granted(granted("alice", "t3", app.state.now))));
    assert_eq!(app.calls(), [&Call::List]);
    app.answer(Call::List, Err(refused()));
    assert!(app.has_expired(), "but nothing loops");
}

#[test]
fn a_renewal_that_fails() {
    // The hub restarts: the token in use goes on, and the hub is asked a while later.
    let mut app = App::by_hub();
    app.tick(56.0 * 60.0).visited(Err(lost()));
    assert!(app.state.is_in());
    assert!(app.tick(1.0).visit().is_none());
    assert!(app.tick(30.0).visit().is_some());
    // Its user has signed out there: what is on the screen stays, nothing loops.
    app.visited(Ok(Visit::SignedOut));
    assert!(app.has_expired() && app.state.upkeep.hub_out && !app.drops());
    assert!(app.tick(60.0).visit().is_none());
    // And in again: one press.
    app.act(Action::SignInAgain(Secret::default()));
    app.visited(Ok(Visit::Granted(granted("alice", "t3", T0))));
    app.list(vec![cluster("a", Status::Running)]);
    assert!(app.state.is_in() && !app.drops() && !app.state.upkeep.hub_out);
    // Another sign-in meanwhile ends the renewal: a refusal is heard again.
    app.tick(56.0 * 60.0);
    assert!(app.visit().is_some());
    app.connect("/services/dask-gateway", "alice", "pw").list(vec![cluster("a", Status::Running)]);
    app.answer(Call::List, Err(refused()));
    assert!(app.has_expired());
    app.act(Action::Connect {
        address: own().to_string(),
        kind: AuthKind::JupyterHub,
        user: String::new(),
        secret: Secret::default(),
    });
    app.visited(Ok(Visit::Granted(granted("alice", "t4", app.state.now))));
    app.list(vec![cluster("a", Status::Running)]);
    // Somebody else has signed in at the hub: nobody becomes another person unasked.
    app.tick(120.0 * 60.0).visited(Ok(Visit::Other("bob".into())));
    assert!(app.has_expired() && !app.drops());
}

#[test]
fn a_hub_that_does_not_answer_is_told_as_the_hub_with_its_address() {
    let web_page = ApiError::NotGateway { status: 404, page: true, sign_in: false };
    let gateway_timeout = ApiError::Server { status: 504, words: String::new() };
    let odd = ApiError::Malformed { what: "a page of JupyterHub expected".into() };
    for error in [lost(), ApiError::Timeout { ms: 15_000 }, gateway_timeout, web_page, odd] {
        let mut app = App::start("", HUB, None);
        app.visited(Err(error.clone()));
        let trouble = app.state.connect_trouble.clone().unwrap();
        assert!(trouble.text.contains("https://x.org/hub"), "{trouble:?}");
        let all = format!("{} {} {}", trouble.title, trouble.text, trouble.hint);
        assert!(!all.contains("gateway"), "{all}");
        // The same where the token in use was refused meanwhile.
        if error.is_passing() {
            let mut app = App::by_hub();
            app.answer(Call::List, Err(refused())).visited(Err(error));
            let trouble = app.state.listing.trouble.clone().unwrap();
            assert!(app.state.is_in() && trouble.text.contains("JupyterHub did not answer at"));
        }
    }
    // What the hub said itself stays.
    let mut app = App::start("", HUB, None);
    app.visited(Err(ApiError::Forbidden { words: "Action is forbidden".into() }));
    assert_eq!(app.state.connect_trouble.clone().unwrap().text, "Action is forbidden");
}

#[test]
fn a_token_for_a_gateway_that_a_link_left_is_revoked_at_the_next_sign_in_or_sign_out() {
    let leave = || {
        let mut app = App::by_hub();
        app.act(Action::Arrived(Route::parse("#/connect?gateway=/other")));
        assert!(app.revoked().is_empty(), "for the way back");
        app
    };
    let mut app = leave();
    app.connect("/other", "alice", "").list(vec![]);
    assert_eq!(app.revoked(), ["t1"]);
    app.act(Action::SignOut);
    assert!(app.revoked().is_empty(), "once");
    assert_eq!(leave().act(Action::SignOut).revoked(), ["t1"]);
    // Who comes back goes on with it.
    let mut app = leave();
    app.act(Action::Arrived(Route::parse("#/clusters?gateway=/services/dask-gateway")));
    app.list(vec![]);
    assert!(app.state.is_in() && app.revoked().is_empty());
}

#[test]
fn a_kept_token_of_the_hub_that_has_ended_is_replaced() {
    let kept = Credentials::clone(&granted("alice", "t1", T0));
    let mut app = App::start("#/clusters", HUB, Some(kept.clone()));
    assert_eq!(app.calls(), [&Call::List]);
    app.answer(Call::List, Err(refused()));
    app.visited(Ok(Visit::Granted(granted("alice", "t2", T0)))).list(vec![]);
    assert!(app.state.is_in());
    // One that the gateway refuses, although it is new, is not replaced again and again.
    let mut app = App::start("#/clusters", HUB, Some(kept));
    app.answer(Call::List, Err(refused()));
    app.visited(Ok(Visit::Granted(granted("alice", "t2", T0))));
    app.answer(Call::List, Err(refused()));
    assert!(app.visit().is_none() && app.state.connect_trouble.is_some());
    assert_eq!(app.revoked(), ["t2"]);
}

#[test]
fn advice_is_for_the_kind_of_sign_in() {
    for (kind, scope) in [
        (AuthKind::Basic, false),
        (AuthKind::Kerberos, false),
        (AuthKind::None, false),
        (AuthKind::JupyterHub, true),
    ] {
        let mut app = App::start("#/connect", r#"{"gateway": "/gw"}"#, None);
        app.act(Action::Connect {
            address: "/gw".into(),
            kind,
            user: "alice".into(),
            secret: Secret("x".into()),
        });
        app.answer(Call::List, Err(refused()));
        let hint = app.state.connect_trouble.unwrap().hint;
        assert_eq!(hint.contains("access:services"), scope, "{kind:?}: {hint}");
    }
}
