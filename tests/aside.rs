//! Advice on recorded runs, info pages and rates, and only while somebody looks.
#![allow(clippy::unwrap_used)]

mod feed_common;

use advice::{AdviceRunner, Window};
use feed::pool::DashboardPage;
use feed_common::{Frame, fixtures, frames};
use live::engine::{Engine, Input, Output};
use live::info::Ask;
use live::source::Source;
use panes::{Picture, pane};

const T0: f64 = 1_795_000_000_000.0;

fn engine() -> Engine {
    let source = Source { base: "http://127.0.0.1:8787".into(), label: "test".into() };
    let mut engine = Engine::new(&source, 7, T0);
    engine.open_at_once();
    put(&mut engine, 0.0, Input::Start);
    put(&mut engine, 0.0, Input::Shown(true));
    put(&mut engine, 0.0, Input::Pane(DashboardPage::Progress, true));
    engine
}

fn put(engine: &mut Engine, at_s: f64, input: Input<'_>) -> Vec<Output> {
    let mut out = Vec::new();
    engine.handle(T0 + at_s * 1e3, input, &mut out);
    out
}

fn replay(engine: &mut Engine, page: DashboardPage, recording: &str) -> f64 {
    put(engine, 0.0, Input::Opened { page });
    let mut last = 0.0;
    for (t, frame) in frames(&fixtures().join(recording)) {
        let input = match &frame {
            Frame::Text(text) => Input::Text { page, text },
            Frame::Binary(bytes) => Input::Binary { page, bytes },
        };
        put(engine, t, input);
        last = t;
    }
    last
}

/// All that was ever advised while a recorded run was watched.
fn advised(recordings: &[(DashboardPage, &str)]) -> Vec<&'static str> {
    let mut engine = engine();
    for page in pane("advice").unwrap().pages {
        put(&mut engine, 0.0, Input::Pane(*page, true));
    }
    let mut runner = AdviceRunner::default();
    runner.note_shown(true);
    let mut all: Vec<(f64, DashboardPage, Frame)> = Vec::new();
    for (page, recording) in recordings {
        put(&mut engine, 0.0, Input::Opened { page: *page });
        let frames = frames(&fixtures().join(recording)).into_iter();
        all.extend(frames.map(|(t, frame)| (t, *page, frame)));
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut said = Vec::new();
    for (t, page, frame) in &all {
        let input = match frame {
            Frame::Text(text) => Input::Text { page: *page, text },
            Frame::Binary(bytes) => Input::Binary { page: *page, bytes },
        };
        runner.handle(&mut engine, T0 + t * 1e3, input, &mut Vec::new());
        said.extend(runner.advice().unwrap_or_default().iter().map(|one| one.id));
    }
    assert!(all.last().is_some_and(|last| last.0 > 10.0), "too short to be judged");
    assert!(runner.advice().is_some(), "and it was looked for");
    said.sort_unstable();
    said.dedup();
    said
}

#[test]
fn recorded_runs_are_judged_rightly() {
    let all = "2026.8.0/all-pages";
    let path = |page: &str| format!("{all}/{page}.jsonl.gz");
    let paths = [
        (DashboardPage::Workers, path("individual-workers")),
        (DashboardPage::Progress, path("individual-progress")),
        (DashboardPage::TaskStream, path("individual-task-stream")),
        (DashboardPage::Contention, path("individual-contention")),
    ];
    let of = |pages: &[(DashboardPage, String)]| {
        let pages: Vec<(DashboardPage, &str)> =
            pages.iter().map(|(page, path)| (*page, &**path)).collect();
        advised(&pages)
    };
    let found = of(&paths);
    // Four tasks of each of two prefixes fail in it: not many.
    assert_eq!(found, [""; 0]);
    // These spill, to have something to record, and that is all there is to say.
    for set in ["2024.5.0", "2023.3.0"] {
        let path = |page: &str| format!("{set}/pages/{page}.jsonl.gz");
        let found = of(&[
            (DashboardPage::Workers, path("individual-workers")),
            (DashboardPage::Progress, path("individual-progress")),
            (DashboardPage::TaskStream, path("individual-task-stream")),
        ]);
        assert_eq!(found, ["spilling"], "{set}");
    }
}

#[test]
fn the_last_rows_of_a_recording_add_up() {
    let mut engine = engine();
    replay(
        &mut engine,
        DashboardPage::TaskStream,
        "2026.8.0/via-gateway/individual-task-stream.jsonl.gz",
    );
    let stream = engine.stream();
    let stream = stream.borrow();
    let mut window = Window::new(stream.store()).unwrap();
    let recent = loop {
        if let Some(recent) = window.step(stream.store(), 50) {
            break recent;
        }
    };
    let by_prefix: u64 = recent.prefixes.iter().map(|prefix| prefix.count).sum();
    let all = stream.store().count_by_action();
    assert_eq!(recent.counts, all, "the run is shorter than the window");
    assert_eq!(by_prefix, recent.counts[0] - stream.store().erred());
}

fn fetched(out: &[Output]) -> Vec<(u32, String)> {
    let all = out.iter().filter_map(|one| match one {
        Output::FetchInfo { ticket, path } => Some((*ticket, path.clone())),
        _ => None,
    });
    all.collect()
}

#[test]
fn info_pages_are_fetched_while_they_are_shown() {
    let mut engine = engine();
    assert_eq!((pane("logs").unwrap().read)(&engine.snapshot()), None);
    replay(&mut engine, DashboardPage::Workers, "2026.8.0/all-pages/individual-workers.jsonl.gz");
    assert_eq!((pane("logs").unwrap().read)(&engine.snapshot()), Some(Picture::Logs));
    let out = put(&mut engine, 100.0, Input::Info(Ask::Logs(Some(String::new()))));
    assert_eq!(fetched(&out), [(1, "/info/main/logs.html".into())]);
    let body = "<title> Logs </title><p> 2026-11-24 18:00:00,000 - distributed.scheduler - ERROR - &lt;no&gt; </p>";
    let answer = Input::InfoAnswer { ticket: 1, status: 200, body: body.into() };
    put(&mut engine, 100.1, answer);
    assert_eq!(engine.info().logs_of("").unwrap().records[0].text, "<no>");
    assert!(engine.info().logs_of("tcp://other:1").is_none());
    assert_eq!(fetched(&put(&mut engine, 104.0, Input::Tick)), []);
    assert_eq!(fetched(&put(&mut engine, 105.2, Input::Tick)).len(), 1);
    put(&mut engine, 105.3, Input::InfoAnswer { ticket: 2, status: 200, body: body.into() });
    put(&mut engine, 106.0, Input::Hidden(true));
    assert_eq!(fetched(&put(&mut engine, 120.0, Input::Tick)), [], "nobody sees it");
    assert_eq!(fetched(&put(&mut engine, 121.0, Input::Hidden(false))).len(), 1);
    put(&mut engine, 122.0, Input::Info(Ask::Logs(None)));
    assert_eq!(fetched(&put(&mut engine, 140.0, Input::Tick)), []);
    let out = put(&mut engine, 141.0, Input::Info(Ask::Stacks(vec!["tcp://a:1".into()])));
    assert_eq!(fetched(&out), [(4, "/info/call-stacks/tcp%253A%252F%252Fa%253A1.html".into())]);
    put(&mut engine, 142.0, Input::Stop);
    assert_eq!(fetched(&put(&mut engine, 143.0, Input::Info(Ask::Logs(Some("x".into()))))), []);
}

#[test]
fn what_the_feeds_cost_is_told_by_the_second() {
    let mut engine = engine();
    assert_eq!(engine.feed().facts().rates, None);
    let end = replay(
        &mut engine,
        DashboardPage::Workers,
        "2026.8.0/all-pages/individual-workers.jsonl.gz",
    );
    let facts = engine.feed().facts();
    let [messages, bytes] = facts.rates.unwrap();
    assert!(messages > 0.0 && messages <= facts.messages as f64, "{messages}");
    assert!(bytes > messages * 10.0 && bytes <= facts.bytes as f64);
    // Quiet: it falls to nothing by itself, and then nothing wakes for it.
    let mut at = end;
    for _ in 0..20 {
        at += 2.0;
        put(&mut engine, at, Input::Tick);
    }
    assert_eq!(engine.feed().facts().rates, Some([0.0, 0.0]));
}

#[test]
fn failures_have_the_times_of_their_tasks() {
    let mut engine = engine();
    put(&mut engine, 0.0, Input::Pane(DashboardPage::Exceptions, true));
    replay(
        &mut engine,
        DashboardPage::TaskStream,
        "2026.8.0/all-pages/individual-task-stream.jsonl.gz",
    );
    replay(
        &mut engine,
        DashboardPage::Exceptions,
        "2026.8.0/all-pages/individual-exceptions.jsonl.gz",
    );
    let kinds = engine.snapshot().exceptions().unwrap();
    let stream = engine.stream();
    let mut ends = Vec::new();
    stream.borrow().tasks(None, usize::MAX, |row| {
        if row.erred {
            ends.push(row.start + row.duration);
        }
    });
    assert!(!kinds.is_empty() && !ends.is_empty(), "{kinds:?} {ends:?}");
    let known: Vec<_> = kinds.iter().filter_map(|kind| kind.times).collect();
    assert!(!known.is_empty(), "{kinds:?}");
    for (first, last) in known {
        assert!(first <= last && ends.contains(&first) && ends.contains(&last));
    }
}
