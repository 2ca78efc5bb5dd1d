//! The connection doctor, hop by hop, on outcomes as browsers and servers give them.
#![allow(clippy::unwrap_used)]

use gateway::api::Response;
use gateway::doctor::{Doctor, Facts, Hop, Outcome, Permission, Probe, State};
use gateway::{Address, ApiError, Credentials, PageOrigin};
use proptest::prelude::*;

fn facts(href: &str) -> Facts {
    let page = PageOrigin::new(href);
    let secure = href.starts_with("https:") || href.contains("//localhost");
    Facts { page, secure, online: true, framed: false }
}

fn json(status: u16, body: &str) -> Outcome {
    let content_type = "application/json; charset=utf-8".into();
    Outcome::Answer(Response { status, content_type, body: body.into() })
}

fn html(status: u16, body: &str) -> Outcome {
    Outcome::Answer(Response { status, content_type: "text/html".into(), body: body.into() })
}

fn network() -> Outcome {
    Outcome::NoAnswer(ApiError::Network { detail: "Failed to fetch".into() })
}

const LIST: &str = r#"{"dev.1a": {"name": "dev.1a", "status": "RUNNING", "tls_key": "k"}}"#;

fn healthy(step_hop: Hop) -> Outcome {
    match step_hop {
        Hop::LocalAccess => Outcome::Permission(Permission::Granted),
        Hop::Reach => json(200, r#"{"status": "pass"}"#),
        Hop::Cors | Hop::Version => json(200, r#"{"version": "2026.3.0"}"#),
        Hop::Authentication => json(200, LIST),
        Hop::Options => json(200, r#"{"cluster_options": []}"#),
        Hop::Dashboard => Outcome::Answer(Response {
            status: 200,
            content_type: "text/plain".into(),
            body: "ok".into(),
        }),
        _ => Outcome::SocketTalks,
    }
}

/// Runs to the end; `odd` answers a step, or leaves it to a healthy gateway.
fn run(mut doctor: Doctor, mut odd: impl FnMut(Hop, &Probe) -> Option<Outcome>) -> Doctor {
    for _ in 0..20 {
        let Some(step) = doctor.step() else { break };
        let outcome = odd(step.hop, &step.probe).unwrap_or_else(|| healthy(step.hop));
        doctor.record(outcome);
    }
    assert!(doctor.step().is_none());
    let hops: Vec<Hop> = doctor.findings().iter().map(|finding| finding.hop).collect();
    assert_eq!(hops, Hop::ALL);
    for finding in doctor.findings() {
        assert!(!finding.sentence.is_empty());
        assert!(finding.state != State::Failed || !finding.advice.is_empty(), "{finding:?}");
    }
    doctor
}

fn states(doctor: &Doctor) -> String {
    doctor
        .findings()
        .iter()
        .map(|finding| match finding.state {
            State::Ok => 'o',
            State::Failed => 'F',
            State::Skipped => '-',
            State::Unknown => '?',
        })
        .collect()
}

fn culprit(doctor: &Doctor) -> Option<Hop> {
    doctor.culprit().map(|finding| finding.hop)
}

fn same_origin() -> Doctor {
    let credentials = Credentials::basic(
        Address::parse("https://x.org/gateway", None).unwrap(),
        "alice",
        "s3cret",
    );
    Doctor::gateway(facts("https://x.org/app/"), "/gateway", credentials.ok(), None)
}

fn cross_origin() -> Doctor {
    let address = Address::parse("https://gw.org/dask", None).unwrap();
    let credentials = Credentials::basic(address, "alice", "").ok();
    Doctor::gateway(facts("https://x.org/"), "https://gw.org/dask", credentials, None)
}

#[test]
fn all_well_on_one_origin() {
    let mut urls = Vec::new();
    let doctor = run(same_origin(), |_, probe| {
        match probe {
            Probe::Fetch { url, request } => {
                urls.push(url.clone());
                let signed = request.headers.iter().any(|(name, _)| *name == "Authorization");
                assert_eq!(signed, url.contains("/v1/"), "{url}");
            }
            Probe::Socket { url, .. } => urls.push(url.clone()),
            other => panic!("{other:?}"),
        }
        None
    });
    assert_eq!(states(&doctor), "oooooooooo");
    assert_eq!(
        urls,
        [
            "https://x.org/gateway/api/health",
            "https://x.org/gateway/api/version",
            "https://x.org/gateway/api/v1/clusters/",
            "https://x.org/gateway/api/v1/options",
            "https://x.org/gateway/clusters/dev.1a/health",
            "wss://x.org/gateway/clusters/dev.1a/individual-progress/ws",
        ]
    );
    assert!(!format!("{doctor:?}").contains("s3cret"));
}

#[test]
fn the_address_itself() {
    let doctor =
        run(Doctor::gateway(facts("https://x.org/"), "gateway://x", None, None), |_, _| None);
    assert_eq!((culprit(&doctor), states(&doctor).as_str()), (Some(Hop::Address), "F---------"));
}

#[test]
fn mixed_content() {
    let at = |page: &str, typed: &str| {
        Doctor::gateway(facts(page), typed, None, None).findings().get(1).map(|found| found.state)
    };
    assert_eq!(at("https://x.org/", "http://gw.org"), Some(State::Failed));
    assert_eq!(at("https://x.org/", "http://127.0.0.1:8000"), Some(State::Ok));
    assert_eq!(at("https://x.org/", "http://192.168.1.7"), Some(State::Unknown));
    assert_eq!(at("http://x.org/", "http://gw.org"), Some(State::Ok));
    let doctor =
        run(Doctor::gateway(facts("https://x.org/"), "http://gw.org", None, None), |_, _| None);
    assert_eq!(states(&doctor), "oF--------");
}

#[test]
fn local_addresses() {
    let local = || Doctor::gateway(facts("https://x.org/"), "http://localhost:8000", None, None);
    for (permission, state) in [
        (Permission::Granted, State::Ok),
        (Permission::Denied, State::Failed),
        (Permission::Prompt, State::Unknown),
        (Permission::Unsupported, State::Ok),
    ] {
        let doctor = run(local(), |hop, probe| {
            (hop == Hop::LocalAccess).then(|| {
                let Probe::Permission { names } = probe else { panic!("{probe:?}") };
                assert_eq!(names[0], "loopback-network");
                Outcome::Permission(permission)
            })
        });
        assert_eq!(doctor.findings()[2].state, state);
    }
    // A page that is local itself is never asked.
    let doctor = Doctor::gateway(facts("http://localhost:1/"), "http://127.0.0.1:8000", None, None);
    assert_eq!(doctor.findings()[2].state, State::Ok);
    // A page over plain http has no right to ask.
    let doctor = Doctor::gateway(facts("http://x.org/"), "http://10.0.0.1", None, None);
    assert_eq!(doctor.findings()[2].state, State::Unknown);
    assert_eq!(doctor.step().unwrap().hop, Hop::Reach);
}

#[test]
fn cross_origin_without_cors() {
    let doctor = run(cross_origin(), |hop, probe| match (hop, probe) {
        (Hop::Reach, Probe::Fetch { .. }) => Some(network()),
        (_, Probe::Opaque { .. }) => Some(Outcome::Opaque),
        _ => None,
    });
    assert_eq!((culprit(&doctor), states(&doctor).as_str()), (Some(Hop::Cors), "ooooF-----"));
    assert!(doctor.culprit().unwrap().sentence.contains("https://x.org"));
    assert!(doctor.culprit().unwrap().advice.contains("Access-Control-Allow-Origin"));
}

#[test]
fn cross_origin_nobody_there() {
    let doctor = run(cross_origin(), |hop, _| (hop == Hop::Reach).then(network));
    assert_eq!((culprit(&doctor), states(&doctor).as_str()), (Some(Hop::Reach), "oooF------"));
}

#[test]
fn a_certificate_that_is_not_trusted_may_be_why_nothing_answers_over_https() {
    let told = |page: &str, typed: &str| {
        let doctor = Doctor::gateway(facts(page), typed, None, None);
        let doctor = run(doctor, |hop, _| (hop == Hop::Reach).then(network));
        let found = doctor.culprit().unwrap();
        assert_eq!(found.hop, Hop::Reach);
        found.advice.clone()
    };
    let advice = told("https://x.org/", "https://gw.org/dask");
    assert!(
        advice.contains("certificate") && advice.contains("https://gw.org/dask in another tab")
    );
    // The browser has taken the page's own, and plain http has none.
    for (page, typed) in
        [("https://x.org/", "https://x.org/gateway"), ("http://x.org/", "http://gw.org/dask")]
    {
        let advice = told(page, typed);
        assert!(!advice.contains("certificate") && advice.contains("in another tab"), "{advice}");
    }
}

#[test]
fn cross_origin_with_half_of_cors() {
    let doctor = run(cross_origin(), |hop, _| (hop == Hop::Cors).then(network));
    assert_eq!(culprit(&doctor), Some(Hop::Cors));
    assert!(doctor.culprit().unwrap().sentence.contains("OPTIONS"));
    let doctor = run(cross_origin(), |_, probe| {
        matches!(probe, Probe::Opaque { .. }).then_some(Outcome::Opaque)
    });
    assert_eq!(states(&doctor), "oooooooooo");
}

#[test]
fn a_cluster_named_in_the_link_is_tried_even_without_cors() {
    let doctor =
        Doctor::gateway(facts("https://x.org/"), "https://gw.org", None, Some("dev.1a".into()));
    let doctor = run(doctor, |hop, probe| match (hop, probe) {
        (Hop::Reach, Probe::Fetch { .. }) => Some(network()),
        (_, Probe::Opaque { .. }) => Some(Outcome::Opaque),
        _ => None,
    });
    assert_eq!(states(&doctor), "ooooF---oo");
}

#[test]
fn not_a_gateway() {
    for odd in [
        html(404, "<h1>404 : Not Found</h1>"),
        html(200, "<form><input type=\"password\"></form>"),
        Outcome::Answer(Response {
            status: 404,
            content_type: "text/plain".into(),
            body: "404: Not Found".into(),
        }),
        json(200, "{}"),
    ] {
        let doctor = run(same_origin(), |hop, _| (hop == Hop::Version).then(|| odd.clone()));
        assert_eq!(
            (culprit(&doctor), states(&doctor).as_str()),
            (Some(Hop::Version), "oooooF----")
        );
    }
}

#[test]
fn signing_in() {
    for (status, body, word) in [
        (401, r#"{"error": "Authentication required"}"#, "password"),
        (
            500,
            r#"{"error": "Permission failure verifying user's JupyterHub API token"}"#,
            "expired",
        ),
        (
            500,
            r#"{"error": "Permission failure user does not have required dask_gateway roles"}"#,
            "role",
        ),
    ] {
        let doctor =
            run(same_origin(), |hop, _| (hop == Hop::Authentication).then(|| json(status, body)));
        let found = doctor.culprit().unwrap();
        assert_eq!(found.hop, Hop::Authentication);
        assert!(body.contains(&found.sentence), "{}", found.sentence);
        assert!(found.advice.contains(word), "{}", found.advice);
        assert_eq!(states(&doctor), "ooooooF---");
    }
}

#[test]
fn dashboards_and_sockets() {
    for (odd, word) in [
        (html(200, "login"), "another tab"),
        (html(404, ""), "/clusters/"),
        (html(502, ""), "moment"),
        (network(), "another tab"),
    ] {
        let doctor = run(same_origin(), |hop, _| (hop == Hop::Dashboard).then(|| odd.clone()));
        assert_eq!(culprit(&doctor), Some(Hop::Dashboard));
        assert!(doctor.culprit().unwrap().advice.contains(word));
    }
    for (odd, word) in [
        (Outcome::SocketClosed { opened: true }, "Sec-WebSocket-Protocol"),
        (Outcome::SocketBlocked, "https"),
        (Outcome::SocketSilent, "proxy"),
    ] {
        let doctor = run(same_origin(), |hop, _| (hop == Hop::Socket).then(|| odd.clone()));
        assert_eq!(culprit(&doctor), Some(Hop::Socket));
        assert!(doctor.culprit().unwrap().advice.contains(word));
    }
}

/// What the doctor says where the socket ends like that, and these paths answer.
fn refused(mut doctor: Doctor, opened: bool, answers: &[(&str, Outcome)]) -> String {
    doctor = run(doctor, |hop, probe| match probe {
        Probe::Socket { .. } => Some(Outcome::SocketClosed { opened }),
        Probe::Opaque { .. } => Some(Outcome::Opaque),
        Probe::Fetch { url, .. } if hop == Hop::Socket => {
            let answer = answers.iter().find(|(path, _)| url.ends_with(path));
            Some(answer.unwrap_or_else(|| panic!("{url}")).1.clone())
        }
        _ => None,
    });
    let blamed = doctor.culprit().unwrap();
    assert_eq!(blamed.hop, Hop::Socket);
    format!("{} {}", blamed.sentence, blamed.advice)
}

#[test]
fn why_a_websocket_is_refused() {
    let here = || Doctor::scheduler(facts("https://x.org/"), "/scheduler");
    let plots = |body: &str| ("/scheduler/individual-plots.json", json(200, body));
    let bokeh = "<p>Dask needs bokeh>=3.1.0 for the dashboard.</p>";
    let front = |answer| ("/scheduler/status", answer);
    let said = refused(here(), false, &[plots("{}"), front(html(200, bokeh))]);
    assert!(said.contains("has no bokeh") && said.contains("pip install bokeh"), "{said}");
    let said = refused(here(), false, &[plots("{}"), front(html(404, "404"))]);
    assert!(said.contains("switched off") && said.contains("dashboard=False"), "{said}");
    let said = refused(here(), false, &[plots(r#"{"Progress": "/individual-progress"}"#)]);
    assert!(said.contains("proxy") && said.contains("proxy_http_version 1.1"), "{said}");
    // Open, and closed before a word: with a token of the scheduler's own, too.
    let said = refused(here(), true, &[]);
    assert!(said.contains("proxy") && said.contains("Sec-WebSocket-Protocol"), "{said}");
    // Nothing can be read of another origin: all of it is possible.
    let away = Doctor::scheduler(facts("https://x.org/"), "https://gw.org/scheduler");
    let said = refused(away, false, &[]);
    for word in ["Upgrade", "bokeh", "switched off", "allow_websocket_origin"] {
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn a_bare_scheduler() {
    let mut tried = Vec::new();
    let doctor = Doctor::scheduler(facts("https://x.org/"), "http://localhost:8787/status");
    let doctor = run(doctor, |_, probe| {
        match probe {
            Probe::Opaque { url } | Probe::Socket { url, .. } => tried.push(url.clone()),
            _ => {}
        }
        matches!(probe, Probe::Opaque { .. }).then_some(Outcome::Opaque)
    });
    assert_eq!(states(&doctor), "oooo?---oo");
    assert_eq!(
        tried,
        [
            "http://localhost:8787/health",
            "http://localhost:8787/health",
            "ws://localhost:8787/individual-progress/ws"
        ]
    );
    let dead = Doctor::scheduler(facts("http://localhost:1/"), "http://localhost:8787");
    let dead = run(dead, |_, probe| (!matches!(probe, Probe::Permission { .. })).then(network));
    let blamed = dead.culprit().unwrap();
    let said = format!("{} {}", blamed.sentence, blamed.advice);
    assert!(said.contains("the scheduler") && !said.contains("gateway"), "{said}");
    let through = Doctor::scheduler(facts("https://x.org/"), "/gateway/clusters/dev.1a/status");
    assert_eq!(through.address().unwrap().as_str(), "https://x.org/gateway/clusters/dev.1a");
}

#[test]
fn offline() {
    let facts = Facts { online: false, ..facts("https://x.org/") };
    let doctor = run(Doctor::gateway(facts, "https://gw.org", None, None), |_, _| None);
    assert_eq!(culprit(&doctor), Some(Hop::Reach));
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        (
            prop::sample::select(vec![
                0_u16, 200, 204, 301, 401, 403, 404, 405, 409, 422, 500, 502
            ]),
            prop::sample::select(vec!["", "text/html", "application/json", "text/plain"]),
            prop::sample::select(vec!["", "{}", LIST, "<p>", "[", r#"{"version": "1"}"#]),
        )
            .prop_map(|(status, content_type, body)| Outcome::Answer(Response {
                status,
                content_type: content_type.into(),
                body: body.into(),
            })),
        Just(network()),
        Just(Outcome::Opaque),
        Just(Outcome::SocketTalks),
        Just(Outcome::SocketSilent),
        Just(Outcome::Permission(Permission::Denied)),
    ]
}

proptest! {
    /// Whatever comes, in whatever order, the run ends with one finding for every hop.
    #[test]
    fn always_ends(
        page in prop::sample::select(vec!["https://x.org/", "http://localhost:1/", "about:srcdoc"]),
        typed in prop::sample::select(vec!["/g", "https://gw.org", "http://localhost:8787", "::"]),
        bare in any::<bool>(),
        outcomes in prop::collection::vec(any_outcome(), 20),
    ) {
        let facts = facts(page);
        let doctor = if bare {
            Doctor::scheduler(facts, typed)
        } else {
            Doctor::gateway(facts, typed, None, None)
        };
        let mut outcomes = outcomes.into_iter();
        run(doctor, |_, _| outcomes.next());
    }
}
