//! The same requests against a real gateway, and the generated Python code run for real. Ignored
//! unless asked for:
//!
//! `DASKSCOPE_GATEWAY=http://127.0.0.1:8000 cargo test --test gateway_live -- --ignored`
//!
//! The gateway must use the simple authenticator and allow at most two workers; its password comes
//! in `DASKSCOPE_PASSWORD`, a Python with dask-gateway in `DASKSCOPE_PYTHON`, and the address for
//! schedulers in `DASKSCOPE_PROXY`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use gateway::api::{self, Adapt, Request, Response};
use gateway::doctor::{Doctor, Facts, Finding, Hop, Outcome, Probe, State};
use gateway::model::Status;
use gateway::python::{self, Site, Workers};
use gateway::{Address, ApiError, AuthKind, Credentials, PageOrigin};
use serde_json::{Map, Value, json};

/// One exchange over plain HTTP/1.1.
fn send(request: &Request, address: &Address) -> Response {
    let url = request.url(address);
    let rest = url.strip_prefix("http://").unwrap();
    let (authority, path) = rest.split_at(rest.find('/').unwrap());
    let mut stream = TcpStream::connect(authority).unwrap();
    let body = request.body.as_deref().unwrap_or("");
    let mut head = format!(
        "{} {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\nContent-Length: {}\r\n",
        request.method.as_str(),
        body.len()
    );
    for (name, value) in &request.headers {
        head.push_str(name);
        head.push_str(": ");
        head.push_str(value);
        head.push_str("\r\n");
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let content_type = head
        .lines()
        .find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-type").then(|| value.trim().to_owned())
        })
        .unwrap_or_default();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Response { status, content_type, body: body.into() }
}

struct Live {
    address: Address,
    credentials: Credentials,
}

impl Live {
    fn new() -> Self {
        let address = std::env::var("DASKSCOPE_GATEWAY").expect("DASKSCOPE_GATEWAY");
        let address = Address::parse(&address, None).unwrap();
        let password = std::env::var("DASKSCOPE_PASSWORD").unwrap_or_default();
        let credentials = Credentials::basic(address.clone(), "alice", &password).unwrap();
        Self { address, credentials }
    }

    fn ask(&self, request: Request) -> Response {
        send(&request.signed(&self.credentials, &self.address), &self.address)
    }

    /// The doctor, as a page on the gateway's origin runs it; the websocket is taken on trust.
    fn doctor(&self, typed: &str) -> Vec<Finding> {
        let page = PageOrigin::new(&format!("{}/app/", self.address));
        let facts = Facts { page, secure: true, online: true, framed: false };
        let mut doctor = Doctor::gateway(facts, typed, Some(self.credentials.clone()), None);
        while let Some(step) = doctor.step() {
            doctor.record(match step.probe {
                Probe::Fetch { url, request } => {
                    let (origin, path) = url.split_at(self.address.origin().len());
                    assert_eq!(origin, self.address.origin());
                    let (path, query) = path.split_once('?').unwrap_or((path, ""));
                    let request = Request { path: path.into(), query: query.into(), ..request };
                    Outcome::Answer(send(&request, &self.address))
                }
                Probe::Socket { .. } => Outcome::SocketTalks,
                other => panic!("{other:?}"),
            });
        }
        doctor.findings().to_vec()
    }

    fn until(&self, name: &str, wanted: Status) {
        for _ in 0..600 {
            let cluster = api::read_cluster(&self.ask(api::get(name, false))).unwrap();
            if cluster.status == wanted {
                return;
            }
            assert_ne!(cluster.status, Status::Failed, "see the gateway's log");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("{name} never became {wanted:?}");
    }
}

#[test]
#[ignore = "needs a real gateway"]
fn the_whole_life_of_a_cluster() {
    let live = Live::new();
    assert!(api::read_version(&live.ask(api::version())).unwrap().contains('.'));
    assert_eq!(api::read_health(&live.ask(api::health())).unwrap(), "pass");
    let options = api::read_options(&live.ask(api::options())).unwrap();
    let unsigned = send(&api::options(), &live.address);
    assert!(api::read_options(&unsigned).unwrap_err().wants_sign_in());

    // What the form refuses, the server refuses in the same words.
    for (field, text) in
        [("worker_cores", json!(9)), ("worker_cores", json!(1.5)), ("profile", json!("Huge"))]
    {
        let values = Map::from_iter([(field.to_owned(), text)]);
        let here = options.problems(&values).remove(field).unwrap();
        let there = api::read_created(&live.ask(api::create(&values))).unwrap_err();
        assert_eq!(there, ApiError::Rejected { field: Some(field.into()), message: here });
    }

    let mut values = options.defaults();
    values.insert("environment_vars".into(), json!({"A": "b"}));
    let name = api::read_created(&live.ask(api::create(&options.to_send(&values)))).unwrap();
    let early = api::read_scaled(&live.ask(api::scale(&name, 1)));
    assert!(matches!(early, Err(ApiError::NotRunning { .. }) | Ok(_)));
    live.until(&name, Status::Running);
    let list = api::read_list(&live.ask(api::list(&[Status::Running]))).unwrap();
    let cluster = list.clusters.iter().find(|cluster| cluster.name == name).unwrap();
    assert_eq!(cluster.options["environment_vars"], json!({"A": "b"}));
    assert!(api::read_scaled(&live.ask(api::scale(&name, 1))).unwrap().ok);
    assert!(!api::read_scaled(&live.ask(api::scale(&name, 10))).unwrap().ok);
    let bounds = Adapt { minimum: Some(1), maximum: Some(2) };
    assert!(api::read_scaled(&live.ask(api::adapt(&name, Some(bounds)))).unwrap().ok);
    assert!(api::read_scaled(&live.ask(api::adapt(&name, None))).unwrap().ok);
    // The doctor finds the running cluster by itself and its dashboard through the proxy.
    let found = live.doctor("/");
    assert!(found.iter().all(|finding| finding.state == State::Ok), "{found:?}");
    let found = live.doctor("/no/such/prefix");
    let culprit = found.iter().find(|finding| finding.state == State::Failed).unwrap();
    assert_eq!(culprit.hop, Hop::Version, "{culprit:?}");
    // Two names that could climb out of the API's path reach nobody.
    for odd in ["..", "../options", "%2e%2e"] {
        let error = api::read_cluster(&live.ask(api::get(odd, false))).unwrap_err();
        assert!(matches!(error, ApiError::NoCluster { .. }), "{odd}: {error:?}");
    }
    api::read_deleted(&live.ask(api::delete(&name))).unwrap();
    live.until(&name, Status::Stopped);
    let error = api::read_scaled(&live.ask(api::scale(&name, 1))).unwrap_err();
    assert!(matches!(error, ApiError::NotRunning { .. }));
}

#[test]
#[ignore = "needs a real gateway"]
fn the_code_for_python_runs() {
    let Ok(python) = std::env::var("DASKSCOPE_PYTHON") else { return };
    let live = Live::new();
    let options = api::read_options(&live.ask(api::options())).unwrap();
    let odd = "a \"b\" 'c'\\ \n\té\u{200b}😀";
    let values: Map<String, Value> = [
        ("worker_memory", json!(0.5)),
        ("note", json!(odd)),
        ("class", json!("keyword")),
        ("gpu", json!(true)),
        ("environment_vars", json!({"A": odd, "B": "x".repeat(80)})),
    ]
    .into_iter()
    .filter(|(name, _)| options.field(name).is_some())
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let site = Site {
        address: Some(live.address.clone()),
        proxy_address: std::env::var("DASKSCOPE_PROXY").ok(),
        auth: AuthKind::Basic,
        user: Some("alice".into()),
        asks_password: true,
    };
    let scoped = python::create_scoped(&site, &options, &values, Some(Workers::Scale(1)));
    let scoped = scoped.replace("...", "print('SUM', client.submit(sum, [1, 2]).result())");
    // Remembers the name, so that the test can look at what the server made of the values.
    let scoped =
        scoped.replace(" as cluster:\n", " as cluster:\n    print('NAME', cluster.name)\n");
    let output = run(&python, &scoped);
    assert!(output.contains("SUM 3"), "{scoped}\n{output}");
    let name = output.split("NAME ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let cluster = api::read_cluster(&live.ask(api::get(&name, false))).unwrap();
    for (field, value) in &values {
        assert_eq!(&cluster.options[field], value, "{field}");
    }
    live.until(&name, Status::Stopped);

    let adapt = Workers::Adapt(Adapt { minimum: Some(1), maximum: Some(2) });
    let plain = python::create(&site, &options, &Map::new(), Some(adapt));
    let snippet = "print('NAME', cluster.name, client.submit(sum, [1, 2]).result())\n\
                   client.close(); cluster.close(shutdown=False)\n";
    let output = run(&python, &format!("{plain}{snippet}"));
    let name = output.split("NAME ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let output = run(&python, &format!("{}{snippet}", python::connect(&site, &name)));
    assert!(output.contains(&format!("NAME {name} 3")), "{output}");
    api::read_deleted(&live.ask(api::delete(&name))).unwrap();
    live.until(&name, Status::Stopped);
}

fn run(python: &str, code: &str) -> String {
    let mut child = Command::new(python)
        .args(["-c", code])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let password = std::env::var("DASKSCOPE_PASSWORD").unwrap_or_default();
    child.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{code}\n{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}
