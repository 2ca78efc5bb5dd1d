//! The live engine driven by recorded sessions: what it asks of the browser, and what it then holds.
#![allow(clippy::unwrap_used)]

mod feed_common;

use std::collections::BTreeMap;

use base::time::Micros;
use feed::pool::DashboardPage;
use feed_common::{Frame, fixtures, frames};
use live::engine::{Engine, History, Input, Output};
use live::host::TaskQuery;
use live::source::Source;
use serde_json::{Value, json};
use stream::Size;

const T0: f64 = 1_795_000_000_000.0;

fn engine() -> Engine {
    let source = Source { base: "http://127.0.0.1:8787".into(), label: "test".into() };
    Engine::new(&source, 7, T0)
}

/// Feeds one input; gives the pages to connect, and to close.
fn put(
    engine: &mut Engine,
    at_s: f64,
    input: Input<'_>,
) -> (Vec<DashboardPage>, Vec<DashboardPage>) {
    let mut out = Vec::new();
    engine.handle(T0 + at_s * 1e3, input, &mut out);
    let (mut connect, mut close) = (Vec::new(), Vec::new());
    for output in out {
        match output {
            Output::Connect { page, path, protocols } => {
                assert_eq!(path, format!("{}/ws", page.path()));
                assert_eq!(protocols[0], "bokeh");
                connect.push(page);
            }
            Output::Close { page } => close.push(page),
            _ => {}
        }
    }
    (connect, close)
}

/// Replays a recording as the page's socket; gives what the engine connected meanwhile.
fn replay(engine: &mut Engine, page: DashboardPage, recording: &str) -> Vec<DashboardPage> {
    let (mut connected, _) = put(engine, 0.0, Input::Opened { page });
    for (t, frame) in frames(&fixtures().join(recording)) {
        let input = match &frame {
            Frame::Text(text) => Input::Text { page, text },
            Frame::Binary(bytes) => Input::Binary { page, bytes },
        };
        connected.extend(put(engine, t, input).0);
    }
    connected
}

fn tasks(engine: &Engine, query: &Value) -> Vec<Value> {
    let text = live::host::tasks_json(&engine.stream().borrow(), &TaskQuery::parse(query).unwrap());
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_fresh_scheduler_opens_the_complete_feed_by_itself() {
    let mut engine = engine();
    assert_eq!(put(&mut engine, 0.0, Input::Start).0, [DashboardPage::TaskStream]);
    assert_eq!(engine.feed().status().state, "connecting");
    let connected = replay(
        &mut engine,
        DashboardPage::TaskStream,
        "2026.8.0/via-gateway/individual-task-stream.jsonl.gz",
    );
    assert_eq!(connected, [DashboardPage::Tasks], "its history is short");
    assert_eq!(engine.feed().history(), History::Opening);

    let all = tasks(&engine, &json!({}));
    let stats: Value = serde_json::from_str(&live::host::stats_json(&engine)).unwrap();
    assert_eq!(stats["tasks"], all.len());
    assert_eq!((&stats["dropped"], &stats["feed"]["unread"]), (&json!(0), &json!(0)));
    assert!(all.len() > 100, "{}", all.len());
    assert!(all.iter().any(|task| task["status"] == "error"), "erred tasks are in this recording");
    for task in &all {
        let (start, stop) = (task["start"].as_f64().unwrap(), task["stop"].as_f64().unwrap());
        assert!(start <= stop && start > 1.79e9 && stop < T0 / 1e3 + 100.0, "{task}");
        assert!(task["key"].is_string() || task["key"].is_array(), "{task}");
        let thread = task["thread"].as_str().unwrap();
        assert!(thread.starts_with(task["worker"].as_str().unwrap()), "{task}");
    }
    // One thread computes one task at a time, however often its times were corrected meanwhile.
    let mut threads: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for task in all.iter().filter(|task| task["action"] == "compute") {
        let span = (task["start"].as_f64().unwrap(), task["stop"].as_f64().unwrap());
        threads.entry(task["thread"].as_str().unwrap()).or_default().push(span);
    }
    for (thread, mut spans) in threads {
        spans.sort_by(|a, b| a.0.total_cmp(&b.0));
        for pair in spans.windows(2) {
            // (The scheduler moves a worker's times by its changing estimate of that clock.)
            assert!(pair[1].0 >= pair[0].1 - 0.05, "{thread}: {pair:?}");
        }
    }
    assert_eq!(tasks(&engine, &json!({"limit": 5})).len(), 5);
    let middle = all[all.len() / 2]["start"].as_f64().unwrap();
    let later = tasks(&engine, &json!({"from": middle}));
    assert!(!later.is_empty() && later.len() < all.len());
    assert!(later.iter().all(|task| task["stop"].as_f64().unwrap() >= middle));
}

/// An engine whose fast feed brought as many rows as it keeps.
fn full_page() -> Engine {
    let mut engine = engine();
    put(&mut engine, 0.0, Input::Start);
    // A pull of a page that keeps a thousand rows, full.
    let rows = 1000;
    let text = |value: Value| vec![value; rows];
    let columns = json!({
        "start": (0..rows).map(|i| i as f64 * 10.0).collect::<Vec<_>>(),
        "duration": vec![5.0; rows],
        "key": (0..rows).map(|i| format!("inc-{i}")).collect::<Vec<_>>(),
        "name": text("inc".into()), "color": text("#440154".into()), "alpha": vec![1; rows],
        "worker": text("tcp://a:1".into()), "worker_thread": text("tcp://a:1-9".into()),
        "y": vec![0.0; rows], "duration_text": text("5 ms".into()),
    });
    let columns = columns.as_object().unwrap();
    let entries: Vec<Value> = columns.iter().map(|(name, column)| json!([name, column])).collect();
    let document = json!({"doc": {"version": "3.9.2", "title": "", "config": {}, "roots": [
        {"type": "object", "name": "ColumnDataSource", "id": "p1",
         "attributes": {"data": {"type": "map", "entries": entries}}}]}});
    put(&mut engine, 0.1, Input::Opened { page: DashboardPage::TaskStream });
    let mut connected = Vec::new();
    for (header, content) in [
        (json!({"msgid": "1", "msgtype": "ACK"}), json!({})),
        (json!({"msgid": "2", "msgtype": "PULL-DOC-REPLY", "reqid": "1"}), document),
    ] {
        for frame in [header.to_string(), "{}".into(), content.to_string()] {
            let input = Input::Text { page: DashboardPage::TaskStream, text: &frame };
            connected.extend(put(&mut engine, 0.2, input).0);
        }
    }
    assert_eq!(tasks(&engine, &json!({})).len(), rows);
    assert_eq!(connected, [], "nothing dear is opened unasked");
    engine
}

#[test]
fn a_full_page_of_a_short_history_is_completed() {
    let mut engine = full_page();
    let ended = "dask_scheduler_prefix_state_totals_total{state=\"memory\",task_prefix_name=\"inc\"} 1014.0\n";
    assert_eq!(put(&mut engine, 0.3, Input::Metrics(Some(ended.into()))).0, [DashboardPage::Tasks]);
    assert!(!engine.stream().borrow().totals().partial);
}

#[test]
fn a_long_history_is_asked_for() {
    let mut engine = full_page();
    assert_eq!(engine.feed().history(), History::Complete, "its length is asked for first");
    assert!(engine.stream().borrow().totals().partial, "and what may be missing is said");
    put(&mut engine, 0.3, Input::Metrics(None));
    assert!(matches!(engine.feed().history(), History::Asking { cost } if cost.contains("0.8 s")));
    put(&mut engine, 1.0, Input::History(false));
    assert_eq!(engine.feed().history(), History::Declined);
    assert_eq!(put(&mut engine, 2.0, Input::History(true)).0, [DashboardPage::Tasks]);
}

#[test]
fn tables_follow_who_looks() {
    let mut engine = engine();
    put(&mut engine, 0.0, Input::Start);
    assert_eq!(put(&mut engine, 0.1, Input::Shown(true)).0, [], "the task stream comes first");
    assert_eq!(put(&mut engine, 2.1, Input::Tick).0, [DashboardPage::Workers]);
    assert_eq!(put(&mut engine, 2.2, Input::Pane(DashboardPage::Progress, true)).0, []);
    assert_eq!(put(&mut engine, 4.2, Input::Tick).0, [DashboardPage::Progress]);
    replay(&mut engine, DashboardPage::Progress, "2026.8.0/pages/individual-progress.jsonl.gz");
    let (done, all) = engine.snapshot().progress_totals();
    // The last states of tasks that were let go within the page's 0.1 s are not seen.
    assert!(all > 400 && done >= all - 2, "{done} of {all}");
    assert!(engine.snapshot().totals().is_none(), "no worker table yet");

    let (_, close) = put(&mut engine, 100.0, Input::Hidden(true));
    assert_eq!(close, [], "a short look elsewhere costs nothing");
    // (The task stream's own socket was never answered here, so it is given up and tried again.)
    let (_, close) = put(&mut engine, 120.0, Input::Tick);
    assert!(
        close.contains(&DashboardPage::Progress) && close.contains(&DashboardPage::Workers),
        "{close:?}"
    );
    let (connect, _) = put(&mut engine, 121.0, Input::Hidden(false));
    assert!(connect.contains(&DashboardPage::Workers), "{connect:?}");
    let (connect, _) = put(&mut engine, 123.1, Input::Tick);
    assert!(connect.contains(&DashboardPage::Progress), "{connect:?}");
    assert_eq!(engine.snapshot().progress_totals(), (done, all), "held while nobody looked");

    let (_, close) = put(&mut engine, 140.0, Input::Stop);
    assert!(
        close.contains(&DashboardPage::Progress) && close.contains(&DashboardPage::Workers),
        "{close:?}"
    );
    assert_eq!(engine.feed().busy(), None);
}

/// A picture that is behind what is known asks for a frame: nobody else would.
#[test]
fn whatever_moves_the_picture_asks_for_a_frame() {
    let size = Size { width: 900.0, height: 300.0, scale: 1.0 };
    for (page, recording) in [
        (DashboardPage::Workers, "2026.8.0/all-pages/individual-workers.jsonl.gz"),
        (DashboardPage::TaskStream, "2026.8.0/pages/individual-task-stream.jsonl.gz"),
        (DashboardPage::Progress, "2026.8.0/pages/individual-progress.jsonl.gz"),
        (DashboardPage::Tasks, "2026.8.0/pages/tasks.jsonl.gz"),
    ] {
        let mut engine = engine();
        let mut now = T0;
        let mut out = Vec::new();
        // The page draws the empty picture by itself.
        for _ in 0..20 {
            now += 100.0;
            engine.stream().borrow_mut().turn(&|| now, Micros(0), size);
        }
        let mut step = |engine: &mut Engine, at: f64, input: Input<'_>| {
            let asked = engine.handle(at, input, &mut out).stream;
            let stream = engine.stream();
            let mut stream = stream.borrow_mut();
            for turn in 0..2000 {
                if stream.is_settled() {
                    return;
                }
                assert!(asked, "{recording}: nobody was told");
                assert!(turn < 1999, "{recording}: the picture never comes to rest");
                now += 100.0;
                stream.turn(&|| now, Micros((at * 1e3) as i64), size);
            }
        };
        step(&mut engine, T0, Input::Start);
        step(&mut engine, T0, Input::Shown(true));
        step(&mut engine, T0, Input::Opened { page });
        for (t, frame) in frames(&fixtures().join(recording)) {
            let input = match &frame {
                Frame::Text(text) => Input::Text { page, text },
                Frame::Binary(bytes) => Input::Binary { page, bytes },
            };
            step(&mut engine, T0 + t * 1e3, input);
        }
    }
}

/// Columns of rows of one thread, each 5 ms long, that begin at these ms.
fn columns_of(starts: &[f64]) -> Value {
    let text = |value: Value| vec![value; starts.len()];
    json!({
        "start": starts, "duration": vec![5.0; starts.len()],
        "key": starts.iter().map(|start| format!("inc-{start}")).collect::<Vec<_>>(),
        "name": text("inc".into()), "color": text("#440154".into()),
        "alpha": vec![1; starts.len()], "worker": text("tcp://a:1".into()),
        "worker_thread": text("tcp://a:1-9".into()), "y": vec![0.0; starts.len()],
        "duration_text": text("5 ms".into()),
    })
}

fn entries(columns: &Value) -> Vec<Value> {
    columns.as_object().unwrap().iter().map(|(name, column)| json!([name, column])).collect()
}

fn send(engine: &mut Engine, at_s: f64, page: DashboardPage, header: &Value, content: &Value) {
    for text in [header.to_string(), "{}".into(), content.to_string()] {
        put(engine, at_s, Input::Text { page, text: &text });
    }
}

/// The page's whole document, as the answer to the question of that number.
fn pull(engine: &mut Engine, at_s: f64, page: DashboardPage, asked: u32, starts: &[f64]) {
    pull_columns(engine, at_s, page, asked, &columns_of(starts));
}

fn pull_columns(engine: &mut Engine, at_s: f64, page: DashboardPage, asked: u32, columns: &Value) {
    let document = json!({"doc": {"version": "3.9.2", "title": "", "config": {}, "roots": [
        {"type": "object", "name": "ColumnDataSource", "id": "p1",
         "attributes": {"data": {"type": "map", "entries": entries(columns)}}}]}});
    put(engine, at_s, Input::Opened { page });
    send(engine, at_s, page, &json!({"msgid": "1", "msgtype": "ACK"}), &json!({}));
    let reply = json!({"msgid": "2", "msgtype": "PULL-DOC-REPLY", "reqid": asked.to_string()});
    send(engine, at_s, page, &reply, &document);
}

#[test]
fn who_has_left_keeps_the_name() {
    let mut engine = engine();
    put(&mut engine, 0.0, Input::Start);
    put(&mut engine, 0.1, Input::Shown(true));
    let page = DashboardPage::Workers;
    let table = |name: &str, address: &str| {
        let mut all = json!({"name": ["Total (1)", name], "address": [null, address]});
        for number in ["nthreads", "cpu", "memory", "memory_limit"] {
            all[number] = json!([1.0, 1.0]);
        }
        all
    };
    put(&mut engine, 2.1, Input::Tick);
    pull_columns(&mut engine, 3.0, page, 1, &table("w1", "tcp://a:1"));
    assert_eq!(engine.snapshot().worker_name("tcp://a:1"), "w1");
    put(&mut engine, 3.1, Input::Closed { page, code: 1006, clean: false, refused: None });
    put(&mut engine, 100.0, Input::Retry);
    pull_columns(&mut engine, 100.0, page, 2, &table("w2", "tcp://b:1"));
    let names = ["tcp://a:1", "tcp://b:1", "tcp://c:1"]
        .map(|address| engine.snapshot().worker_name(address));
    assert_eq!(names, ["w1", "w2", "tcp://c:1"]);
}

#[test]
fn a_tab_in_the_background_asks_for_nothing() {
    let mut engine = engine();
    let mut out = Vec::new();
    for input in [Input::Hidden(true), Input::Start, Input::Shown(true)] {
        engine.handle(T0, input, &mut out);
    }
    engine.handle(T0 + 60e3, Input::Tick, &mut out);
    assert!(out.iter().all(|asked| matches!(asked, Output::Wake { .. })), "{out:?}");
    let (connect, _) = put(&mut engine, 61.0, Input::Hidden(false));
    assert_eq!(connect, [DashboardPage::TaskStream], "the others wait for it, but not for ever");
    assert_eq!(put(&mut engine, 63.1, Input::Tick).0, [DashboardPage::Workers]);
}

#[test]
fn a_gap_moves_with_its_tasks_and_closes() {
    let mut engine = engine();
    put(&mut engine, 0.0, Input::Start);
    let rows = |from: u32, to: u32| (from..to).map(|i| f64::from(i) * 10.0).collect::<Vec<f64>>();
    pull(&mut engine, 1.0, DashboardPage::TaskStream, 1, &rows(0, 100));
    put(
        &mut engine,
        1.1,
        Input::Closed { page: DashboardPage::TaskStream, code: 1006, clean: false, refused: None },
    );
    // A full page, of which nothing was seen before: for all that is known it ended when it was asked for.
    put(&mut engine, 100.0, Input::Retry);
    pull(&mut engine, 100.0, DashboardPage::TaskStream, 2, &rows(3000, 4000));
    let gaps = |engine: &Engine| engine.stream().borrow().store().gaps().to_vec();
    let before = gaps(&engine);
    assert_eq!(before.len(), 1, "{before:?}");
    // A task that has just ended says when the rest was: the gap moves along.
    let patch = json!({"events": [{"kind": "ColumnsStreamed", "model": {"id": "p1"}, "attr": "data",
        "data": {"type": "map", "entries": entries(&columns_of(&[43_000.0]))}, "rollover": 1000}]});
    send(
        &mut engine,
        100.1,
        DashboardPage::TaskStream,
        &json!({"msgid": "3", "msgtype": "PATCH-DOC"}),
        &patch,
    );
    let moved = gaps(&engine);
    assert_eq!(moved.len(), 1, "{moved:?}");
    assert_ne!(moved, before);
    let all = tasks(&engine, &json!({}));
    for task in &all {
        let (start, stop) = (task["start"].as_f64().unwrap(), task["stop"].as_f64().unwrap());
        let (from, to) = (moved[0].start.secs(), moved[0].end.secs());
        assert!(stop <= from + 1e-3 || to <= start + 1e-3, "{task} lies in {moved:?}");
    }
    // The complete page has what was missed.
    put(&mut engine, 100.2, Input::Metrics(None));
    put(&mut engine, 100.3, Input::History(true));
    let whole = [rows(0, 4000), vec![43_000.0]].concat();
    pull(&mut engine, 100.4, DashboardPage::Tasks, 1, &whole);
    assert_eq!(gaps(&engine), []);
    assert_eq!(tasks(&engine, &json!({})).len(), 4001);
}

#[test]
fn who_came_while_nobody_looked_is_not_said_to_have_come_now() {
    let mut engine = engine();
    put(&mut engine, 0.0, Input::Start);
    put(&mut engine, 0.1, Input::Shown(true));
    put(&mut engine, 2.1, Input::Tick);
    replay(&mut engine, DashboardPage::Workers, "2026.8.0/all-pages/individual-workers.jsonl.gz");
    let said = |engine: &Engine| engine.stream().borrow().supply_said();
    assert!(said(&engine).contains(" there now"), "{}", said(&engine));
    put(&mut engine, 100.0, Input::Hidden(true));
    put(&mut engine, 120.0, Input::Tick);
    assert_eq!(said(&engine), "", "nobody knows");
    put(&mut engine, 121.0, Input::Hidden(false));
    assert_eq!(said(&engine), "");
}

#[test]
fn a_gap_that_nothing_closes_is_told_though_nothing_more_comes() {
    let mut engine = engine();
    put(&mut engine, 0.0, Input::Start);
    let rows = |from: u32, to: u32| (from..to).map(|i| f64::from(i) * 10.0).collect::<Vec<f64>>();
    // A short history: the complete page is open beside it.
    pull(&mut engine, 1.0, DashboardPage::TaskStream, 1, &rows(0, 100));
    pull(&mut engine, 1.2, DashboardPage::Tasks, 1, &rows(0, 100));
    let page = DashboardPage::TaskStream;
    put(&mut engine, 1.3, Input::Closed { page, code: 1006, clean: false, refused: None });
    put(&mut engine, 100.0, Input::Retry);
    pull(&mut engine, 100.0, page, 2, &rows(3000, 4000));
    let gaps = |engine: &Engine| engine.stream().borrow().store().gaps().len();
    put(&mut engine, 107.0, Input::Tick);
    assert_eq!(gaps(&engine), 0, "the complete page may still close it");
    let changed = engine.handle(T0 + 109e3, Input::Tick, &mut Vec::new());
    assert_eq!((gaps(&engine), changed.stream), (1, true));
}
