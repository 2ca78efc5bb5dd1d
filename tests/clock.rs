//! The computer sleeps, and its clock is set: what the page shows, through engine, store and view.
#![allow(clippy::unwrap_used)]

use base::clock::{Clock, Moment, Reading};
use base::time::Micros;
use feed::pool::DashboardPage;
use live::engine::{Engine, Input};
use live::host::TaskQuery;
use live::source::Source;
use serde_json::{Value, json};
use stream::Size;

const T0: f64 = 1_795_353_600_000.0;
const HOUR: f64 = 3_600_000.0;
const SIZE: Size = Size { width: 900.0, height: 300.0, scale: 1.0 };

/// An engine, a scheduler that runs a task every tenth of a second, and a computer with two clocks.
struct Desk {
    engine: Engine,
    clock: Clock,
    /// The scheduler's time, ms after `T0`.
    truth: f64,
    /// How long the computer has slept, and what its clock says too much, ms.
    slept: f64,
    ahead: f64,
    messages: u32,
}

impl Desk {
    fn new() -> Self {
        let source = Source { base: "http://127.0.0.1:8787".into(), label: "test".into() };
        let mut clock = Clock::default();
        let now = clock.read(Reading { forward_ms: 0.0, wall_ms: T0 });
        let mut desk = Self {
            engine: Engine::new(&source, 7, now),
            clock,
            truth: 0.0,
            slept: 0.0,
            ahead: 0.0,
            messages: 0,
        };
        desk.put(Input::Start);
        let page = DashboardPage::TaskStream;
        desk.put(Input::Opened { page });
        desk.message(&json!({"msgid": "1", "msgtype": "ACK"}), &json!({}));
        let columns = Self::columns(&[]);
        let source = json!({"type": "object", "name": "ColumnDataSource", "id": "p1",
            "attributes": {"data": columns}});
        let document =
            json!({"doc": {"version": "3.9.2", "title": "", "config": {}, "roots": [source]}});
        desk.message(&json!({"msgid": "2", "msgtype": "PULL-DOC-REPLY", "reqid": "1"}), &document);
        desk
    }

    fn now(&mut self) -> Moment {
        let (truth, slept, ahead) = (self.truth, self.slept, self.ahead);
        self.clock.read(Reading { forward_ms: truth - slept, wall_ms: T0 + truth + ahead })
    }

    fn put(&mut self, input: Input<'_>) {
        let now = self.now();
        self.engine.handle(now, input, &mut Vec::new());
    }

    fn message(&mut self, header: &Value, content: &Value) {
        for text in [header.to_string(), "{}".into(), content.to_string()] {
            self.put(Input::Text { page: DashboardPage::TaskStream, text: &text });
        }
    }

    /// Rows of 50 ms that begin at these ms after `T0`.
    fn columns(starts: &[f64]) -> Value {
        let text = |value: Value| vec![value; starts.len()];
        let columns = json!({
            "start": starts.iter().map(|start| start + 25.0).collect::<Vec<_>>(),
            "duration": vec![50.0; starts.len()],
            "key": starts.iter().map(|start| format!("inc-{start}")).collect::<Vec<_>>(),
            "name": text("inc".into()), "color": text("#440154".into()),
            "alpha": vec![1; starts.len()], "worker": text("tcp://a:1".into()),
            "worker_thread": text("tcp://a:1-9".into()), "y": vec![0.0; starts.len()],
            "duration_text": text("50 ms".into()),
        });
        let columns = columns.as_object().unwrap();
        let entries: Vec<Value> = columns.iter().map(|(name, all)| json!([name, all])).collect();
        json!({"type": "map", "entries": entries})
    }

    /// So many tasks, each told of as it ends; the picture is drawn meanwhile.
    fn work(&mut self, tasks: usize) {
        for _ in 0..tasks {
            let start = self.truth;
            self.truth += 60.0;
            let data = Self::columns(&[start]);
            let event = json!({"kind": "ColumnsStreamed", "model": {"id": "p1"}, "attr": "data",
                "data": data, "rollover": 1000});
            self.messages += 1;
            let id = format!("m{}", self.messages);
            self.message(
                &json!({"msgid": id, "msgtype": "PATCH-DOC"}),
                &json!({"events": [event]}),
            );
            self.truth += 40.0;
            self.draw();
        }
    }

    fn draw(&mut self) {
        let now = self.now();
        let stream = self.engine.stream();
        let turn = self.truth - self.slept;
        stream.borrow_mut().turn(&|| turn, Micros::from_millis(now.wall_ms), SIZE);
    }

    /// How much too late each task is shown, in order of arrival, s.
    fn off(&self) -> Vec<f64> {
        let all: Vec<Value> = serde_json::from_str(&live::host::tasks_json(
            &self.engine.stream().borrow(),
            &TaskQuery::parse(&json!({})).unwrap(),
        ))
        .unwrap();
        let mut off: Vec<(f64, f64)> = all
            .iter()
            .map(|task| {
                let truth: f64 = task["key"].as_str().unwrap()[4..].parse().unwrap();
                (truth, task["start"].as_f64().unwrap() - (T0 + truth) / 1e3)
            })
            .collect();
        off.sort_by(|a, b| a.0.total_cmp(&b.0));
        off.into_iter().map(|one| one.1).collect()
    }

    /// How far the newest task ends before the now-line and before the right edge of the view, s.
    fn newest(&mut self) -> (f64, f64) {
        for _ in 0..30 {
            self.truth += 20.0;
            self.draw();
        }
        let now = self.now().wall_ms / 1e3;
        let stream = self.engine.stream();
        let stream = stream.borrow();
        let newest = stream.store().newest().unwrap().secs();
        (now - newest, stream.view().end.secs() - newest)
    }

    fn clock_said(&self) -> String {
        self.engine.feed().facts().clock
    }
}

fn near(off: &[f64], by: f64) -> bool {
    off.iter().all(|off| (-0.05..0.3).contains(&(off - by)))
}

#[test]
fn eight_hours_of_sleep() {
    let mut desk = Desk::new();
    desk.work(50);
    assert!(desk.clock_said().contains("0.2 s"));
    desk.truth += 8.0 * HOUR;
    desk.slept += 8.0 * HOUR;
    desk.put(Input::Tick);
    assert!(desk.clock_said().contains("slept or its clock was set"), "{}", desk.clock_said());
    desk.work(50);
    assert!(near(&desk.off(), 0.0), "{:?}", desk.off());
    assert_eq!(desk.off().len(), 100);
    let (before_now, before_edge) = desk.newest();
    assert!((0.0..1.5).contains(&before_now), "{before_now}");
    assert!((0.0..8.0).contains(&before_edge), "{before_edge}");
    assert_eq!(desk.clock_said(), "times estimated from arrival, within about 0.2 s");
}

#[test]
fn a_clock_that_is_set() {
    for by in [2_000.0, -2_000.0, -HOUR, HOUR] {
        let mut desk = Desk::new();
        desk.work(50);
        desk.ahead = by;
        desk.work(100);
        let off = desk.off();
        assert_eq!(off.len(), 150, "{by}");
        assert!(near(&off[..50], 0.0), "{by}: rows that are held keep their times: {off:?}");
        // What came in the first two seconds may have been under way before.
        assert!(near(&off[75..], by / 1e3), "{by}: new ones have the new ones: {off:?}");
        let (before_now, before_edge) = desk.newest();
        assert!((0.0..1.5).contains(&before_now), "{by}: {before_now}");
        assert!((0.0..8.0).contains(&before_edge), "{by}: {before_edge}");
        assert!(desk.clock_said().contains("clock was set"), "{}", desk.clock_said());
        desk.put(Input::Tick);
        // What was due stays due: nothing waits for an hour to pass again.
        assert!(desk.engine.snapshot().now_ms >= T0 + desk.truth - 1.0);
    }
}

#[test]
fn a_clock_set_back_takes_no_new_row_away() {
    let mut desk = Desk::new();
    desk.work(100);
    desk.ahead = -HOUR;
    desk.put(Input::Tick);
    let keep = store::RetentionPolicy { age: Micros(600_000_000), ..store::RetentionPolicy::ALL };
    desk.engine.stream().borrow_mut().set_keep(keep);
    desk.work(100);
    assert_eq!(desk.off().len(), 200, "ten minutes are kept, and all of this is newer");
    let rows = store::RetentionPolicy { rows: 100, ..store::RetentionPolicy::ALL };
    desk.engine.stream().borrow_mut().set_keep(rows);
    desk.work(50);
    let stream = desk.engine.stream();
    let newest = stream.borrow().store().newest().unwrap().secs();
    assert!((newest - (T0 + desk.truth - HOUR) / 1e3).abs() < 1.0, "the newest are kept");
}

#[test]
fn what_the_browser_refused_is_not_said_once_it_is_done() {
    let source = Source { base: "http://127.0.0.1:8787".into(), label: "test".into() };
    let mut engine = Engine::new(&source, 7, T0);
    let page = DashboardPage::TaskStream;
    let mut put = |at: f64, input: Input<'_>| {
        engine.handle(T0 + at, input, &mut Vec::new());
        engine.feed().status().detail
    };
    put(0.0, Input::Start);
    let closed = |refused: Option<&str>| Input::Closed {
        page,
        code: 1006,
        clean: false,
        refused: refused.map(str::to_owned),
    };
    assert!(put(1.0, closed(Some("mixed content"))).contains("The browser says: mixed content"));
    put(2.0, Input::Retry);
    put(3.0, closed(Some("mixed content")));
    put(60_000.0, Input::Tick);
    put(60_001.0, Input::Opened { page });
    assert!(!put(60_002.0, closed(None)).contains("mixed content"));
}
