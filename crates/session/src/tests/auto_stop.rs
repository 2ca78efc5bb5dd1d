//! *Auto stop*: a page with one running cluster, and what it sees of its work.

use super::*;
use crate::ancestors::Foreign;
use crate::counts::Workers;
use crate::idle::Depth;
use crate::state::Asked;

impl App {
    /// The next look at a scheduler that is asked for within a minute, and its answer.
    fn look(&mut self, mut counts: Counts) -> &mut Self {
        for _ in 0..60 {
            self.tick(1.0);
            let asked = |one: &Effect| matches!(one, Effect::Count { .. });
            if self.effects.iter().any(asked) {
                if let Workers::Told { heard, .. } = &mut counts.said {
                    *heard = self.state.now as u64;
                }
                return self.count("a", Some(counts));
            }
        }
        panic!("nobody looks");
    }

    fn ends(&self, name: &str) -> bool {
        self.calls().contains(&&Call::Delete(name.into()))
    }
}

/// A signed-in page with one running cluster that is to end after an idle minute.
fn auto_stop() -> App {
    let mut app = App::signed_in();
    app.list(vec![cluster("a", Status::Running)]);
    let scope = Scope { idle_minutes: Some(1), on_close: false };
    app.act(Action::SetScope("a".into(), scope));
    app
}

#[test]
fn an_idle_cluster_ends_when_it_was_told_to() {
    let mut app = auto_stop();
    assert!(app.effects.iter().any(|one| matches!(one, Effect::Keep(..))));
    let scope = app.state.clusters.get("a").unwrap().scope;
    let idle =
        Counts { said: Workers::Told { cpu: 3, heard: 0 }, memory: 4, tasks: 4, ..counts(1, 0) };
    for _ in 0..5 {
        assert!(!app.look(idle).ends("a"));
    }
    app.act(Action::SetScope("a".into(), scope));
    for _ in 0..6 {
        assert!(!app.look(idle).ends("a"), "counted from the choice");
    }
    app.tick(1.0).tick(3600.0);
    assert!(!app.ends("a"), "the clock alone ends nothing");
    let mut looks = 1;
    while !app.look(idle).ends("a") {
        looks += 1;
        assert!(looks < 12);
    }
    assert!(looks >= 2, "two looks after the time is up");
    let said = app.state.clusters.get("a").and_then(|one| one.message.clone());
    let said = said.map(|message| message.text).unwrap_or_default();
    assert!(said.contains("idle for 1 min") && said.contains("held 4 results"), "{said}");
    assert!(app.tick(1.0).calls().is_empty(), "once");
}

#[test]
fn auto_stop_asks_the_workers_before_it_ends_a_cluster() {
    let mut app = auto_stop();
    let mut depths = Vec::new();
    for _ in 0..12 {
        app.look(Counts { said: Workers::Told { cpu: 100, heard: 0 }, ..counts(1, 0) });
        assert!(!app.ends("a"), "client.run and actors work without tasks");
    }
    for _ in 0..90 {
        app.tick(1.0);
        for effect in &app.effects {
            if let Effect::Count { depth, .. } = effect {
                depths.push(*depth);
            }
        }
        if !depths.is_empty() {
            app.count("a", Some(counts(1, 0)));
        }
    }
    assert!(depths.contains(&Depth::Proof), "{depths:?}");
}

#[test]
fn what_another_tab_chose_is_known_before_a_cluster_ends() {
    let idle = Counts { said: Workers::Told { cpu: 3, heard: 0 }, ..counts(1, 0) };
    for minutes in [None, Some(60)] {
        let mut app = auto_stop();
        for _ in 0..6 {
            app.look(idle);
        }
        let mut kept = GatewayPrefs::clone(&app.state.prefs);
        let scope = Scope { idle_minutes: minutes, on_close: false };
        kept.asked.insert("a".into(), (Asked::default(), scope));
        app.act(Action::KeptElsewhere(kept));
        for _ in 0..6 {
            assert!(!app.look(idle).ends("a"), "{minutes:?}");
        }
    }
}

#[test]
fn work_between_two_looks_is_work() {
    let mut app = auto_stop();
    let idle = Counts { said: Workers::Told { cpu: 3, heard: 0 }, ..counts(1, 0) };
    for made in 0..20 {
        app.look(Counts { transitions: Some(100 + made / 5), ..idle });
        assert!(!app.ends("a"), "transitions were made since");
    }
    let still = Counts { transitions: Some(103), ..idle };
    // Metrics that fail to come say nothing.
    app.look(still).count("a", None);
    let mut looks = 0;
    while !app.look(still).ends("a") {
        looks += 1;
        assert!(looks < 12);
    }
}

#[test]
fn inside_of_a_strangers_page_auto_stop_ends_nothing() {
    let mut app = auto_stop();
    app.state.framed = Some(Foreign { origin: Some("https://evil.org".into()) });
    let idle = Counts { said: Workers::Told { cpu: 3, heard: 0 }, ..counts(1, 0) };
    for _ in 0..20 {
        assert!(!app.look(idle).ends("a"));
    }
    assert_eq!(app.status("a"), Some(Status::Running), "nor is it said that it ends");
    // The same looks end it where nobody is around the page.
    app.state.framed = None;
    assert!((0..3).any(|_| app.look(idle).ends("a")));
}

#[test]
fn a_cluster_that_was_just_scaled_is_given_its_time() {
    let idle = Counts { said: Workers::Told { cpu: 3, heard: 0 }, ..counts(1, 0) };
    let mut app = auto_stop();
    for _ in 0..6 {
        assert!(!app.look(idle).ends("a"));
    }
    app.act(Action::Scale("a".into(), 20));
    assert!(!app.look(idle).ends("a"), "the request is on its way");
    let scaled = Scaled { ok: true, message: None };
    app.answer(Call::Scale("a".into(), 20), Ok(Answer::Scaled(scaled)));
    for _ in 0..6 {
        assert!(!app.look(idle).ends("a"), "nineteen workers are on theirs");
    }
}

#[test]
fn an_end_that_the_gateway_refuses_is_not_asked_for_at_once_again() {
    let idle = Counts { said: Workers::Told { cpu: 3, heard: 0 }, ..counts(1, 0) };
    let mut app = auto_stop();
    while !app.look(idle).ends("a") {}
    app.answer(Call::Delete("a".into()), Err(lost()));
    for _ in 0..6 {
        assert!(!app.look(idle).ends("a"));
    }
    let said = app.state.clusters.get("a").and_then(|one| one.message.clone());
    assert!(said.is_some_and(|said| said.bad && said.text.contains("Shutting down failed")));
}
