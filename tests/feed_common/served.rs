//! A scheduler's dashboard as the engine sees it: answers what is asked of it, as far as a test wants.

use std::collections::BTreeMap;

use feed::pool::DashboardPage;
use live::engine::{Engine, Input, Output};
use live::source::Source;
use serde_json::{Value, json};

/// An engine, and what it has asked for.
pub struct Served {
    pub engine: Engine,
    /// ms since the epoch.
    pub now: f64,
    /// By page: the session that its socket was opened for last, while it is open.
    pub open: BTreeMap<DashboardPage, String>,
    /// Pages whose socket was opened since this was cleared, in order.
    pub connected: Vec<DashboardPage>,
    /// By page: the number of a pull that was not answered yet.
    pub asked: BTreeMap<DashboardPage, String>,
    /// Pages that are read over HTTP.
    pub reads: Vec<DashboardPage>,
    /// How often `/metrics` was asked for.
    pub metrics: usize,
    /// Who asked whether the server is alive.
    alive: Vec<(DashboardPage, Value)>,
}

impl Served {
    /// The page of a scheduler is shown, in sight.
    pub fn new() -> Self {
        let source = Source { base: "http://127.0.0.1:8787".into(), label: "test".into() };
        let now = 1_795_000_000_000.0;
        let engine = Engine::new(&source, 7, now);
        let mut it = Self {
            engine,
            now,
            open: BTreeMap::new(),
            connected: Vec::new(),
            asked: BTreeMap::new(),
            reads: Vec::new(),
            metrics: 0,
            alive: Vec::new(),
        };
        it.put(Input::Start);
        it.put(Input::Shown(true));
        it.put(Input::Pane(DashboardPage::Progress, true));
        it
    }

    pub fn put(&mut self, input: Input<'_>) {
        let mut out = Vec::new();
        self.engine.handle(self.now, input, &mut out);
        for output in out {
            match output {
                Output::Connect { page, protocols, .. } => {
                    let token = decode(&protocols[1]);
                    let session = token["session_id"].as_str().unwrap().to_owned();
                    self.open.insert(page, session);
                    self.asked.remove(&page);
                    self.connected.push(page);
                }
                Output::Close { page } => {
                    self.open.remove(&page);
                }
                Output::Send { page, text } if text.contains("PULL-DOC-REQ") => {
                    let header: Value = serde_json::from_str(&text).unwrap();
                    self.asked.insert(page, header["msgid"].as_str().unwrap().into());
                }
                Output::Send { page, text } if text.contains("SERVER-INFO-REQ") => {
                    let header: Value = serde_json::from_str(&text).unwrap();
                    self.alive.push((page, header["msgid"].clone()));
                }
                Output::ReadPage { page, .. } => self.reads.push(page),
                Output::FetchMetrics => self.metrics += 1,
                _ => {}
            }
        }
    }

    /// Lets time pass, waking twice a second. The server says that it is alive.
    pub fn pass(&mut self, seconds: f64) {
        for _ in 0..(seconds * 2.0).ceil() as usize {
            self.now += 500.0;
            self.put(Input::Tick);
            for (page, reqid) in std::mem::take(&mut self.alive) {
                let header = json!({"msgid": "p5", "msgtype": "SERVER-INFO-REPLY", "reqid": reqid});
                self.message(page, &header, &json!({"version_info": {"server": "3.9.2"}}));
            }
        }
    }

    pub fn message(&mut self, page: DashboardPage, header: &Value, content: &Value) {
        for frame in [header.to_string(), "{}".into(), content.to_string()] {
            self.put(Input::Text { page, text: &frame });
        }
    }

    /// The socket of a page opens, and the server greets.
    pub fn greet(&mut self, page: DashboardPage) {
        self.put(Input::Opened { page });
        self.message(page, &json!({"msgid": "p1", "msgtype": "ACK"}), &json!({}));
    }

    /// Answers what was asked of a page with one source of that id.
    pub fn answer(&mut self, page: DashboardPage, id: &str, columns: &Value) {
        let reqid = self.asked.remove(&page).unwrap();
        let entries: Vec<Value> =
            columns.as_object().unwrap().iter().map(|(name, cells)| json!([name, cells])).collect();
        let document = json!({"doc": {"version": "3.9.2", "title": "", "config": {}, "roots": [
            {"type": "object", "name": "ColumnDataSource", "id": id,
             "attributes": {"data": {"type": "map", "entries": entries}}}]}});
        let header = json!({"msgid": "p2", "msgtype": "PULL-DOC-REPLY", "reqid": reqid});
        self.message(page, &header, &document);
    }

    /// Says that it cannot.
    pub fn refuse(&mut self, page: DashboardPage) {
        let reqid = self.asked.remove(&page).unwrap();
        let header = json!({"msgid": "p2", "msgtype": "ERROR", "reqid": reqid});
        self.message(page, &header, &json!({"text": "SerializationError", "traceback": ""}));
    }

    /// A new row of the task stream.
    pub fn row(&mut self, id: &str, row: &Value) {
        let event =
            json!({"kind": "ColumnsStreamed", "model": {"id": id}, "data": row, "rollover": 1000});
        let header = json!({"msgid": "p3", "msgtype": "PATCH-DOC"});
        self.message(DashboardPage::TaskStream, &header, &json!({"events": [event]}));
    }

    pub fn lose(&mut self, page: DashboardPage) {
        self.open.remove(&page);
        self.put(Input::Closed { page, code: 1006, clean: false, refused: None });
    }

    /// All sockets that are open answer as `scheduler` does, and so do those that are opened next.
    pub fn serve(&mut self, scheduler: &Scheduler) {
        let mut served = Vec::new();
        while let Some(page) = self.open.keys().copied().find(|page| !served.contains(page)) {
            self.greet(page);
            scheduler.answer(self, page);
            served.push(page);
        }
    }
}

fn decode(token: &str) -> Value {
    let text = token.replace('-', "+").replace('_', "/");
    serde_json::from_slice(&super::base64(&text)).unwrap()
}

/// What a scheduler holds. Its documents have ids of their own.
pub struct Scheduler {
    pub name: &'static str,
    pub workers: Vec<&'static str>,
    /// Rows that the task stream's page shows: all of them, or its newest thousand.
    pub rows: Vec<String>,
    pub prefixes: Vec<&'static str>,
}

impl Scheduler {
    pub fn answer(&self, it: &mut Served, page: DashboardPage) {
        let id = format!("{}-{}", self.name, it.open[&page]);
        let columns = match page {
            DashboardPage::TaskStream | DashboardPage::Tasks => rows(&self.rows),
            DashboardPage::Progress => progress(&self.prefixes),
            DashboardPage::Workers => workers(&self.workers),
            _ => json!({"names": ["a"], "times": [1.0], "worker": [self.workers.first()]}),
        };
        it.answer(page, &id, &columns);
    }
}

/// The columns of rows with these keys, each with a duration of its own.
pub fn rows(keys: &[String]) -> Value {
    let n = keys.len();
    let all = |text: &str| vec![text.to_owned(); n];
    let number = |key: &String| {
        let digits: String = key.chars().filter(char::is_ascii_digit).collect();
        digits.parse::<f64>().unwrap_or(0.0)
    };
    if n == 0 {
        // The server's placeholder.
        return json!({"start": [0.0], "duration": [0.1], "key": ["start"], "name": ["start"], "color": ["white"],
            "alpha": [0], "worker": ["foo"], "worker_thread": [1], "y": [0]});
    }
    json!({
        "start": keys.iter().map(|key| number(key) * 10.0).collect::<Vec<_>>(),
        "duration": keys.iter().map(|key| 2.0 + number(key) / 1024.0).collect::<Vec<_>>(),
        "key": keys, "name": all("inc"), "color": all("#440154"), "alpha": vec![1; n],
        "worker": all("tcp://h:1"), "worker_thread": all("tcp://h:1-9"), "y": vec![0.0; n],
    })
}

pub fn workers(addresses: &[&str]) -> Value {
    let n = addresses.len();
    json!({"name": addresses, "address": addresses, "nthreads": vec![1; n], "cpu": vec![0.0; n],
        "memory": vec![1; n], "memory_limit": vec![9; n]})
}

pub fn progress(prefixes: &[&str]) -> Value {
    let ones = vec![1; prefixes.len()];
    json!({"name": prefixes, "all": ones, "memory": ones, "released": vec![0; prefixes.len()],
        "released-loc": ones, "erred": vec![0; prefixes.len()], "processing": vec![0; prefixes.len()]})
}
