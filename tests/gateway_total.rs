//! Readers are total: odd answers lose only what is odd about them, broken ones give an error, and
//! nothing panics.
#![allow(clippy::unwrap_used)]

use gateway::api::{self, Response};
use gateway::model::{OptionKind, Options, Status};
use gateway::{Address, ApiError, AuthKind, Credentials, PageOrigin};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn answer(status: u16, content_type: &str, body: &str) -> Response {
    Response { status, content_type: content_type.into(), body: body.into() }
}

fn list(body: &str) -> gateway::model::Listing {
    api::read_list(&answer(200, "application/json", body)).unwrap()
}

#[test]
fn one_odd_cluster_does_not_lose_the_others() {
    let found = list(
        r#"{
            "a": {"name": "a", "status": "RUNNING", "start_time": 1, "later": {"deep": [1]}},
            "b": {"name": "b", "status": "PAUSED"},
            "c": {"name": "c"},
            "d": "not an object", "e": null, "f": [1, {"x": 2}], "g": 7, "h": true, "i": 1.5,
            "j": {"status": "stopped", "start_time": "soon", "options": [1]},
            "k": {"name": 5, "status": "FAILED", "tls_key": {"odd": "-----BEGIN"}},
            "": {"status": "RUNNING"}
        }"#,
    );
    let names: Vec<&str> = found.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
    assert_eq!(names, ["a", "j", "k"]);
    assert_eq!(found.clusters[1].status, Status::Stopped);
    assert_eq!((found.clusters[1].start_time, found.clusters[1].options.len()), (None, 0));
    let skipped: Vec<&str> = found.skipped.iter().map(|skipped| skipped.name.as_str()).collect();
    assert_eq!(skipped, ["b", "c", "d", "e", "f", "g", "h", "i", ""]);
    assert!(found.skipped[0].why.contains("PAUSED"));
    assert!(!format!("{found:?}").contains("BEGIN"));
}

#[test]
fn odd_options() {
    let body = json!({"cluster_options": [
        {"field": "a", "spec": {"type": "int", "min": null, "max": 1e30}},
        {"field": "b", "label": "B", "default": 3, "spec": {"type": "range", "step": 2}},
        {"field": "c", "spec": {"type": "select", "options": ["x", 5, "y"]}},
        {"field": "d"},
        {"field": "d", "spec": {"type": "bool"}},
        {"label": "no field"},
        7
    ]});
    let options = Options::from_json(&body.to_string()).unwrap();
    let kinds: Vec<&OptionKind> = options.fields.iter().map(|field| &field.kind).collect();
    assert_eq!(
        kinds,
        [
            &OptionKind::Int { min: None, max: None },
            &OptionKind::Unknown("range".into()),
            &OptionKind::Select(vec!["x".into(), "y".into()]),
            &OptionKind::Unknown(String::new()),
        ]
    );
    assert_eq!(options.fields[0].label, "a");
    assert_eq!(options.fields[2].default, "x");
    assert_eq!(options.skipped.len(), 3);
    assert!(Options::from_json("{}").is_err() && Options::from_json("[]").is_err());
}

/// Python's JSON knows numbers that JSON does not.
#[test]
fn infinities_of_python() {
    let options = Options::from_json(
        r#"{"cluster_options": [{"field": "f", "label": "NaN \" Infinity", "default": NaN,
            "spec": {"type": "float", "min": -Infinity, "max": Infinity}}]}"#,
    )
    .unwrap();
    assert_eq!(options.fields[0].label, "NaN \" Infinity");
    assert_eq!(options.fields[0].kind, OptionKind::Float { min: None, max: None });
    assert!(Options::from_json("{\"cluster_options\": NaNa}").is_err());
}

const JSON: &str = "application/json";

#[test]
fn errors_of_hubs_and_proxies() {
    let of = |status: u16, kind: &str, body: &str| {
        ApiError::from_response(&answer(status, kind, body), "x")
    };
    let hub = |words: &str| format!(r#"{{"error": "{words}"}}"#);
    assert!(matches!(
        of(500, JSON, &hub("Permission failure verifying user's JupyterHub API token")),
        ApiError::HubToken { .. }
    ));
    assert!(matches!(
        of(502, JSON, &hub("Upstream failure verifying user's JupyterHub API token")),
        ApiError::HubDown { .. }
    ));
    assert!(matches!(
        of(500, JSON, &hub("Failure verifying user's JupyterHub API token")),
        ApiError::HubDown { .. }
    ));
    assert!(matches!(
        of(500, JSON, &hub("Permission failure user does not have required dask_gateway roles")),
        ApiError::Role { .. }
    ));
    assert_eq!(
        of(404, "text/html; charset=utf-8", "<title>JupyterHub</title> login"),
        ApiError::NotGateway { status: 404, page: true, sign_in: true }
    );
    assert_eq!(
        of(200, "text/html", "<p>Welcome"),
        ApiError::NotGateway { status: 200, page: true, sign_in: false }
    );
    let bad = of(502, "text/html", "<h1>502 Bad Gateway</h1>");
    assert_eq!(bad, ApiError::Server { status: 502, words: String::new() });
    assert!(bad.is_passing() && bad.message().contains("502"));
    assert_eq!(
        of(403, JSON, r#"{"message": "Action is forbidden"}"#).message(),
        "Action is forbidden"
    );
    for error in [
        "The 'worker_cores' trait of a LocalClusterConfig instance expected an int",
        "worker_cores must be an integer, got 'x must be y'",
        "'a is not a valid option for b' is not a valid option for worker_cores",
        "Unknown fields ['worker_cores', 'z']",
    ] {
        let body = json!({ "error": error }).to_string();
        assert_eq!(
            of(422, JSON, &body),
            ApiError::Rejected { field: Some("worker_cores".into()), message: error.into() }
        );
    }
    let free = "You already have too many clusters: it must be fewer";
    let body = json!({ "error": free }).to_string();
    assert_eq!(of(422, JSON, &body), ApiError::Rejected { field: None, message: free.into() });
}

#[test]
fn every_error_says_what_happened_and_what_to_do() {
    let text = String::new;
    for error in [
        ApiError::Unauthorized { words: text() },
        ApiError::HubToken { words: text() },
        ApiError::HubDown { words: text() },
        ApiError::HubSilent { hub: "h".into(), passing: true },
        ApiError::HubSilent { hub: "h".into(), passing: false },
        ApiError::Role { words: text() },
        ApiError::Forbidden { words: text() },
        ApiError::NoCluster { words: text() },
        ApiError::NotGateway { status: 404, page: false, sign_in: false },
        ApiError::Rejected { field: None, message: text() },
        ApiError::NotRunning { words: text() },
        ApiError::Server { status: 500, words: text() },
        ApiError::Malformed { what: "w".into() },
        ApiError::Network { detail: text() },
        ApiError::Timeout { ms: 1500 },
        ApiError::Cancelled,
    ] {
        assert!(!error.message().is_empty() && error.advice().ends_with('.'), "{error:?}");
        assert_eq!(error.to_string(), error.message());
    }
    assert!(ApiError::Timeout { ms: 1500 }.message().contains("2 s"));
    // Scopes are JupyterHub's.
    let refused = ApiError::Unauthorized { words: text() };
    assert!(!refused.advice().contains("scope"));
    for kind in AuthKind::ALL {
        let said = refused.advice_for(kind).contains("access:services!service=");
        assert_eq!(said, kind == AuthKind::JupyterHub, "{kind:?}");
    }
}

fn bodies() -> Vec<String> {
    include_str!("fixtures/gateway/rest_transcript.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["body"].as_str().unwrap().into())
        .collect()
}

fn read_all(response: &Response) {
    let _ = api::read_version(response);
    let _ = api::read_health(response);
    let _ = api::read_list(response);
    let _ = api::read_cluster(response);
    let _ = api::read_created(response);
    let _ = api::read_scaled(response);
    let _ = api::read_deleted(response);
    let _ = ApiError::from_response(response, "x").message();
    if let Ok(options) = api::read_options(response) {
        let defaults = options.defaults();
        let _ = options.problems(&defaults);
        let _ = options.to_send(&defaults);
        for field in &options.fields {
            let _ = field.parse_text(&field.show(&field.default));
            let _ = field.parse_text("-1e9");
        }
    }
}

proptest! {
    #[test]
    fn mutated_answers(
        which in any::<prop::sample::Index>(),
        status in prop::sample::select(vec![200_u16, 201, 404, 422, 500, 503]),
        content_type in prop::sample::select(vec!["application/json", "text/html", "text/plain"]),
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), 0_usize..8, prop::sample::select(vec![
                "", "\"", "{", "}", "[", "]", ",", ":", "null", "1e999", "NaN", "-", "\\", "é", "\0",
            ])),
            0..6,
        ),
    ) {
        let bodies = bodies();
        let mut body: Vec<char> = bodies[which.index(bodies.len())].chars().collect();
        for (at, cut, text) in edits {
            let at = at.index(body.len() + 1);
            let end = (at + cut).min(body.len());
            body.splice(at..end, text.chars());
        }
        let body: String = body.into_iter().collect();
        read_all(&answer(status, content_type, &body));
    }

    #[test]
    fn addresses_are_stable_and_stay_where_they_are(text in "[ -~é]{0,40}") {
        let page = PageOrigin::new("https://x.org/app/").unwrap();
        for text in [text.clone(), format!("https://{text}"), format!("/{text}"), format!("./{text}")] {
            if let Ok(address) = Address::parse(&text, Some(&page)) {
                let again = Address::parse(address.as_str(), None);
                prop_assert_eq!(again.as_ref(), Ok(&address));
                prop_assert!(!address.as_str().ends_with('/'));
                prop_assert!(address.dashboard("..").starts_with(address.as_str()));
            }
        }
    }

    /// No pair of different addresses shares credentials.
    #[test]
    fn credentials_stay_home(one in "[a-z]{1,3}(\\.[a-z]{1,2})?(:[0-9]{2,4})?(/[a-z.]{0,3}){0,2}",
                             two in "[a-z]{1,3}(\\.[a-z]{1,2})?(:[0-9]{2,4})?(/[a-z.]{0,3}){0,2}") {
        let at = |text: &str| Address::parse(&format!("https://{text}"), None);
        if let (Ok(one), Ok(two)) = (at(&one), at(&two)) {
            let credentials = Credentials::basic(one.clone(), "u", "p").unwrap();
            let sent = !api::options().signed(&credentials, &two).headers.iter()
                .all(|(name, _)| *name != "Authorization");
            prop_assert_eq!(sent, one.as_str() == two.as_str());
        }
    }

    #[test]
    fn whatever_the_form_takes_the_check_takes(text in "[-+0-9.eE_a-z ]{0,12}") {
        for kind in [
            OptionKind::Int { min: Some(-5), max: Some(1000) },
            OptionKind::Float { min: Some(-5.0), max: Some(1000.0) },
            OptionKind::Bool,
            OptionKind::Mapping,
            OptionKind::Text,
        ] {
            let field = gateway::model::OptionField {
                field: "f".into(), label: "F".into(), default: Value::Null, kind,
            };
            if let Ok(value) = field.parse_text(&text) {
                prop_assert_eq!(field.check(&value), Ok(value.clone()));
                let mut values = Map::new();
                values.insert("f".into(), value.clone());
                prop_assert_eq!(field.parse_text(&field.show(&value)), Ok(value));
            }
        }
    }
}
