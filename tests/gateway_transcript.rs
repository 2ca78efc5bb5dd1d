//! Replays every recorded answer of a real gateway through the reader of its endpoint.
#![allow(clippy::unwrap_used, clippy::format_push_string)]

use gateway::api::{self, Response};
use gateway::model::{OptionKind, Status};
use gateway::{Address, ApiError, Credentials};
use serde_json::Value;

struct Exchange {
    label: String,
    method: String,
    path: String,
    user: Option<String>,
    request: Value,
    request_headers: Value,
    response: Response,
}

fn transcript() -> Vec<Exchange> {
    let text = include_str!("fixtures/gateway/rest_transcript.jsonl");
    text.lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
            Exchange {
                label: text(&line["label"]),
                method: text(&line["method"]),
                path: text(&line["path"]),
                user: line["user"].as_str().map(str::to_owned),
                request: line["req_body"].clone(),
                request_headers: line["req_headers"].clone(),
                response: Response {
                    status: line["status"].as_u64().unwrap() as u16,
                    content_type: text(&line["headers"]["Content-Type"]),
                    body: text(&line["body"]),
                },
            }
        })
        .collect()
}

fn labelled(label: &str) -> Vec<Exchange> {
    let found: Vec<_> = transcript().into_iter().filter(|line| line.label == label).collect();
    assert!(!found.is_empty(), "{label}");
    found
}

fn one(label: &str) -> Response {
    labelled(label).remove(0).response
}

/// Everything a reader makes of an exchange, written out in full.
fn read(exchange: &Exchange) -> String {
    let path = exchange.path.split('?').next().unwrap();
    let response = &exchange.response;
    let name = path.strip_prefix("/api/v1/clusters/").unwrap_or("");
    match (exchange.method.as_str(), path) {
        (_, "/api/version") => format!("{:?}", api::read_version(response)),
        (_, "/api/health") => format!("{:?}", api::read_health(response)),
        (_, "/api/v1/options") => format!("{:?}", api::read_options(response)),
        ("GET", "/api/v1/clusters/") => format!("{:?}", api::read_list(response)),
        ("POST", "/api/v1/clusters/") => format!("{:?}", api::read_created(response)),
        ("POST", _) if name.ends_with("/scale") || name.ends_with("/adapt") => {
            format!("{:?}", api::read_scaled(response))
        }
        ("DELETE", _) => format!("{:?}", api::read_deleted(response)),
        _ if !name.is_empty() => format!("{:?}", api::read_cluster(response)),
        _ => format!("{:?}", api::read_health(response)),
    }
}

#[test]
fn every_answer_is_read_or_refused_by_its_status() {
    let mut counts = (0, 0);
    for exchange in transcript() {
        if exchange.path.starts_with("/clusters/") {
            continue;
        }
        let fine = read(&exchange).starts_with("Ok");
        assert_eq!(fine, exchange.response.status < 300, "{}: {}", exchange.label, read(&exchange));
        *(if fine { &mut counts.0 } else { &mut counts.1 }) += 1;
    }
    assert!(counts.0 > 30 && counts.1 > 30, "{counts:?}");
}

#[test]
fn no_key_gets_through() {
    const MARKS: [&str; 4] = ["REDACTED", "PRIVATE KEY", "CERTIFICATE", "tls_"];
    let mut with_keys = 0;
    for exchange in transcript() {
        with_keys += usize::from(exchange.response.body.contains("PRIVATE KEY"));
        let mut seen = read(&exchange);
        seen.push_str(&format!("{:?}", exchange.response));
        let response = &exchange.response;
        let mut clusters = api::read_list(response).map(|list| list.clusters).unwrap_or_default();
        clusters.extend(api::read_cluster(response).ok());
        for cluster in clusters {
            seen.push_str(&cluster.name);
            seen.push_str(&serde_json::to_string(&cluster.options).unwrap());
        }
        // Whichever reader gets the wrong body must not quote it either.
        for error in [
            api::read_version(response).err(),
            api::read_health(response).err(),
            api::read_options(response).err(),
            api::read_created(response).err(),
            Some(ApiError::from_response(response, "something else")),
        ]
        .into_iter()
        .flatten()
        {
            seen.push_str(&format!("{error:?} {error} {}", error.advice()));
        }
        for mark in MARKS {
            assert!(!seen.contains(mark), "{mark} in what was read of {}", exchange.label);
        }
    }
    assert!(with_keys >= 3, "the transcript must hold keys for this to prove anything");
}

#[test]
fn a_cut_body_shows_no_key() {
    for exchange in transcript().iter().filter(|line| line.response.body.contains("PRIVATE KEY")) {
        let body = &exchange.response.body;
        for at in (1..body.len()).step_by(37).filter(|at| body.is_char_boundary(*at)) {
            let response = Response { body: body[..at].into(), ..exchange.response.clone() };
            let seen = format!(
                "{:?} {:?} {:?}",
                api::read_list(&response),
                api::read_cluster(&response),
                api::read_options(&response)
            );
            assert!(!seen.contains("REDACTED") && !seen.contains("BEGIN"), "{seen}");
        }
    }
}

#[test]
fn options_as_the_site_offers_them() {
    let options = api::read_options(&one("options")).unwrap();
    assert!(options.skipped.is_empty());
    let fields: Vec<&str> = options.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "conda_environment",
            "profile",
            "worker_cores",
            "worker_memory",
            "note",
            "gpu",
            "environment_vars"
        ]
    );
    let cores = options.field("worker_cores").unwrap();
    assert_eq!(cores.label, "Worker Cores");
    assert_eq!(cores.default, 1);
    assert_eq!(cores.kind, OptionKind::Int { min: Some(1), max: Some(4) });
    let memory = options.field("worker_memory").unwrap();
    assert_eq!(memory.kind, OptionKind::Float { min: Some(0.5), max: Some(8.0) });
    assert_eq!(
        options.field("profile").unwrap().kind,
        OptionKind::Select(vec!["Small Worker".into(), "Medium Worker".into()])
    );
    assert_eq!(options.field("note").unwrap().kind, OptionKind::Text);
    assert_eq!(options.field("gpu").unwrap().kind, OptionKind::Bool);
    assert_eq!(options.field("environment_vars").unwrap().kind, OptionKind::Mapping);
}

#[test]
fn the_life_of_clusters() {
    let pending = api::read_cluster(&one("get pending")).unwrap();
    assert_eq!((pending.status, &pending.dashboard_route), (Status::Pending, &None));
    assert_eq!(pending.start_time, Some(1_795_353_082_747.0));
    assert_eq!(pending.options["environment_vars"]["A"], "b");
    let running = api::read_cluster(&one("get ?wait")).unwrap();
    assert_eq!(running.status, Status::Running);
    assert_eq!(running.dashboard_route, Some(format!("/clusters/{}/status", running.name)));
    let stopped = api::read_cluster(&one("get stopped")).unwrap();
    assert_eq!(stopped.status, Status::Stopped);
    assert!(stopped.stop_time > stopped.start_time);
    let failed = api::read_list(&one("list failed")).unwrap();
    assert_eq!(failed.clusters[0].status, Status::Failed);
    assert_eq!(failed.clusters[0].age_secs(0.0), Some(15.629));
    assert!(failed.clusters[0].failure_hint().is_some_and(|hint| hint.contains("before")));
    assert_eq!(stopped.failure_hint(), None);
    assert_eq!(pending.age_secs(pending.start_time.unwrap() + 2500.0), Some(2.5));
    let all = api::read_list(&one("list everything")).unwrap();
    let states: Vec<Status> = all.clusters.iter().map(|cluster| cluster.status).collect();
    assert_eq!(states, [Status::Stopped, Status::Failed, Status::Stopped, Status::Stopped]);
    assert!(all.skipped.is_empty());
}

#[test]
fn scaling_answers() {
    let fine = api::read_scaled(&one("scale 2")).unwrap();
    assert!(fine.ok && fine.message.is_none());
    let over = api::read_scaled(&one("scale over")).unwrap();
    assert!(!over.ok);
    assert_eq!(
        over.message.as_deref(),
        Some(
            "Scale request of 10 workers would exceed resource limit of 2 workers. Scaling to 2 \
             instead."
        )
    );
    assert!(!api::read_scaled(&one("adapt over")).unwrap().ok);
    assert!(api::read_scaled(&one("adapt off")).unwrap().ok);
}

#[test]
fn refusals_name_their_field_in_the_servers_words() {
    for (label, field, message) in [
        ("unknown option", "nope", "Unknown fields ['nope']"),
        ("out of range", "worker_cores", "worker_cores must be <= 4.000000, got 9"),
        ("wrong type", "worker_cores", "worker_cores must be an integer, got 'two'"),
        ("float for int", "worker_cores", "worker_cores must be an integer, got 1.5"),
        ("bad select", "profile", "'Huge' is not a valid option for profile"),
        ("bool as str", "gpu", "gpu must be a bool, got 'yes'"),
        ("bad mapping", "environment_vars", "environment_vars must be a mapping, got 'a=b'"),
        ("null", "worker_cores", "worker_cores must be an integer, got None"),
        ("scale neg", "count", "Scale expects a non-negative integer, got -1"),
        ("list ?status=bogus", "status", "'bogus' is not a valid ClusterStatus"),
    ] {
        let want = ApiError::Rejected { field: Some(field.into()), message: message.into() };
        let got = ApiError::from_response(&one(label), "");
        assert_eq!(got, want, "{label}");
        assert_eq!(got.message(), message);
    }
}

#[test]
fn other_errors() {
    let of = |label: &str| ApiError::from_response(&one(label), "an answer");
    assert_eq!(
        of("options no auth"),
        ApiError::Unauthorized { words: "Authentication required".into() }
    );
    assert!(of("wrong scheme").wants_sign_in());
    assert!(matches!(of("bad basic"), ApiError::Server { status: 500, .. }));
    assert!(of("not json").message().contains("Server got itself in trouble"));
    for label in ["list no slash", "unknown path", "root", "CORS preflight"] {
        assert!(matches!(of(label), ApiError::NotGateway { page: false, .. }), "{label}");
    }
    for exchange in labelled("unknown cluster").iter().filter(|line| line.response.status == 404) {
        assert_eq!(
            ApiError::from_response(&exchange.response, ""),
            ApiError::NoCluster { words: "Cluster deadbeef not found".into() }
        );
    }
    for exchange in labelled("other user").iter().filter(|line| line.response.status == 403) {
        let error = ApiError::from_response(&exchange.response, "");
        assert!(matches!(&error, ApiError::Forbidden { words } if words.contains("bob")));
    }
    for label in ["scale while pending", "scale stopped", "adapt stopped"] {
        assert!(matches!(of(label), ApiError::NotRunning { .. }), "{label}");
    }
}

/// What this program sends is what was sent when the transcript was recorded.
#[test]
fn requests_as_recorded() {
    let address = Address::parse("http://127.0.0.1:8000", None).unwrap();
    let mut matched = 0;
    for exchange in transcript() {
        let path = exchange.path.split('?').next().unwrap();
        let name = path.strip_prefix("/api/v1/clusters/").unwrap_or("");
        let number = |name: &str| exchange.request.get(name).and_then(Value::as_u64);
        let request = match (exchange.label.as_str(), exchange.method.as_str()) {
            ("version", _) => api::version(),
            ("health", _) => api::health(),
            ("options", _) => api::options(),
            ("list empty", _) => api::list(&[]),
            ("create", _) => api::create(exchange.request["cluster_options"].as_object().unwrap()),
            ("get pending" | "get stopped", _) => api::get(name, false),
            ("get ?wait", _) => api::get(name, true),
            ("scale 2" | "scale over", _) => {
                api::scale(name.strip_suffix("/scale").unwrap(), number("count").unwrap() as u32)
            }
            ("adapt", _) => api::adapt(
                name.strip_suffix("/adapt").unwrap(),
                Some(api::Adapt {
                    minimum: number("minimum").map(|n| n as u32),
                    maximum: number("maximum").map(|n| n as u32),
                }),
            ),
            ("adapt off", _) => api::adapt(name.strip_suffix("/adapt").unwrap(), None),
            ("delete", _) => api::delete(name),
            _ => continue,
        };
        matched += 1;
        let credentials = match exchange.user.as_deref() {
            Some(user) => Credentials::basic(address.clone(), user, "pw").unwrap(),
            None => Credentials::none(address.clone()),
        };
        let request = request.signed(&credentials, &address);
        assert_eq!(request.method.as_str(), exchange.method);
        assert_eq!(request.url(&address), format!("{address}{}", exchange.path));
        let body =
            request.body.as_deref().map_or(Value::Null, |body| serde_json::from_str(body).unwrap());
        assert_eq!(body, exchange.request, "{}", exchange.label);
        let header = request.headers.iter().find(|(name, _)| *name == "Authorization");
        assert_eq!(
            header.map(|(_, value)| value.as_str()),
            exchange.request_headers["Authorization"].as_str(),
            "{}",
            exchange.label
        );
        assert!(request.omit_credentials);
        assert!(!format!("{request:?}").contains("YWxpY2U6cHc="));
    }
    assert!(matched >= 13, "{matched}");
    let all = api::list(&Status::ALL);
    assert_eq!(all.query, "status=PENDING,RUNNING,STOPPING,STOPPED,FAILED");
}
