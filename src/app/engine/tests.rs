//! What the engine makes of updates, whichever page brings them.

use std::rc::Rc;

use super::*;
use crate::app::advice;
use base::task::Rgb;
use feed::bokeh::table::Table;
use feed::progress::{Counts, Held, Progress, ProgressRow};
use feed::session::Whole;
use feed::workers::WorkerRow;

fn engine() -> Engine {
    let source = Source { base: "http://127.0.0.1:8787".into(), label: "test".into() };
    let mut engine = Engine::new(&source, 7, 0.0);
    let mut out = Vec::new();
    engine.handle(0.0, Input::Start, &mut out);
    engine.handle(0.0, Input::Shown(true), &mut out);
    engine
}

/// An update of a page, as its session would give it; then a tick.
fn update(engine: &mut Engine, now_ms: f64, page: Page, update: Update) {
    let (mut out, mut changed) = (Vec::new(), Changed::default());
    (engine.now_ms, engine.now) = (now_ms, now_ms.into());
    engine.commands.push(Command::Update(update));
    engine.run(page, &mut out, &mut changed);
    assert!(changed.tables);
    engine.handle(now_ms, Input::Tick, &mut out);
}

fn progress(engine: &mut Engine, now_ms: f64, rows: &[(&str, Counts)]) {
    let row = |(name, counts): &(&str, Counts)| ProgressRow {
        name: (*name).into(),
        counts: *counts,
        color: Rgb(0, 0, 0),
    };
    let rows = rows.iter().map(row).collect();
    update(engine, now_ms, Page::Progress, Update::Progress(Progress { rows, totals: None }));
}

#[test]
fn what_was_cancelled_is_neither_done_nor_left_to_do() {
    let mut engine = engine();
    let done = Counts { all: 10, memory: 8, erred: 2, ..Counts::default() };
    let half = Counts { all: 100, memory: 20, released: 10, ..Counts::default() };
    let half = Counts { processing: 4, waiting: 60, queued: 6, ..half };
    progress(&mut engine, 500.0, &[("half", half), ("done", done)]);
    assert_eq!(engine.progress_totals(), (40, 110));
    // The scheduler has let go of it: its futures were cancelled.
    progress(&mut engine, 600.0, &[("done", done)]);
    assert_eq!(engine.progress_totals(), (40, 40), "none of it is left to do");
    let (row, held) = &engine.progress()[0];
    assert_eq!((row.counts.done(), row.counts.all, *held), (30, 100, Held::Finished));
    assert_eq!(row.counts.processing + row.counts.waiting + row.counts.queued, 0);
    // The same name again is work to do again.
    let again = Counts { all: 50, processing: 50, ..Counts::default() };
    progress(&mut engine, 700.0, &[("done", done), ("half", again)]);
    assert_eq!(engine.progress_totals(), (10, 60));
}

/// What the engine knows of as many failures as `erred` says, where the page of exceptions holds `what`.
fn failures(engine: &mut Engine, now_ms: f64, erred: u64, what: &str) -> Vec<advice::Kind> {
    let mut table = Table::default();
    for (name, cell) in [
        ("Exception", what),
        ("Task", "x-1"),
        ("Worker(s)", "tcp://h:1"),
        ("Count", "7"),
        ("Traceback", "line 1"),
    ] {
        table.column_mut(name).push_text(cell);
    }
    let counts = Counts { all: erred, erred, ..Counts::default() };
    let row = ProgressRow { name: "x".into(), counts, color: Rgb(0, 0, 0) };
    let told = Progress { rows: vec![row], totals: Some(counts) };
    update(engine, now_ms, Page::Progress, Update::Progress(told));
    engine.pages.retain(|(page, _)| *page != Page::Exceptions);
    let whole = Whole { tables: vec![Rc::new(table)], ..Whole::default() };
    engine.pages.push((Page::Exceptions, whole));
    engine.failures(erred)
}

#[test]
fn what_was_read_of_failures_is_not_forgotten_once_they_are_many() {
    const IMPORT: &str = "ModuleNotFoundError(\"No module named 'mine'\")";
    let mut engine = engine();
    let mut out = Vec::new();
    engine.handle(0.0, Input::Advise(true), &mut out);
    let known = |kinds: &[advice::Kind]| -> Vec<(String, u64)> {
        kinds.iter().map(|kind| (kind.what.clone(), kind.count)).collect()
    };
    let one = [(IMPORT.to_owned(), 7)];
    let read = |engine: &Engine| engine.aside.reads.exceptions;
    // Many at a time: the page is read once.
    let found = failures(&mut engine, 100.0, 1000, IMPORT);
    assert_eq!(known(&found), one, "it was opened for it");
    assert!(read(&engine));
    failures(&mut engine, 1500.0, 1000, IMPORT);
    assert!(!read(&engine), "and is let go of");
    // Closed, it is forgotten, but not what it said.
    engine.handle(2000.0, Input::Tick, &mut out);
    let found = failures(&mut engine, 60_000.0, 1100, "");
    assert!(!engine.pool.is_open(Page::Exceptions));
    assert_eq!(known(&found), [one[0].clone(), (String::new(), 1100)]);
    // A pane that has it open is read, however many they are.
    engine.handle(61_000.0, Input::Pane(Page::Exceptions, true), &mut out);
    let found = failures(&mut engine, 61_000.0, 9000, "KeyError('y')");
    assert_eq!(known(&found), [("KeyError('y')".to_owned(), 7)]);
    assert_eq!(engine.failures(0), []);
    assert!(engine.aside.kinds.is_empty());
}

#[test]
fn tasks_by_worker_are_read_while_they_may_lie_unevenly() {
    let mut engine = engine();
    let mut out = Vec::new();
    let is_read = |engine: &Engine| engine.aside.reads.loads;
    let row = |name: &str, cpu| WorkerRow {
        address: format!("tcp://{name}:1"),
        nthreads: Some(2.0),
        cpu: Some(cpu),
        ..WorkerRow::default()
    };
    let table = |cpu| Workers { rows: vec![row("a", cpu), row("b", cpu)], ..Workers::default() };
    update(&mut engine, 500.0, Page::Workers, Update::Workers(table(0.1)));
    let work = Counts { all: 8, processing: 8, ..Counts::default() };
    let told = Progress { rows: Vec::new(), totals: Some(work) };
    update(&mut engine, 600.0, Page::Progress, Update::Progress(told));
    engine.handle(2_000.0, Input::Tick, &mut out);
    assert!(!is_read(&engine), "nobody looks at what is advised");
    engine.handle(3_000.0, Input::Advise(true), &mut out);
    engine.handle(4_500.0, Input::Tick, &mut out);
    assert!(is_read(&engine));
    // Cores are in use: no reason any more. It stays for a while, since reasons come and go.
    update(&mut engine, 5_000.0, Page::Workers, Update::Workers(table(1.9)));
    engine.handle(20_000.0, Input::Tick, &mut out);
    assert!(is_read(&engine));
    engine.handle(40_000.0, Input::Tick, &mut out);
    assert!(!is_read(&engine));
    update(&mut engine, 41_000.0, Page::Workers, Update::Workers(table(0.1)));
    engine.handle(42_500.0, Input::Tick, &mut out);
    assert!(is_read(&engine));
    engine.handle(43_000.0, Input::Advise(false), &mut out);
    assert!(!is_read(&engine));
}

#[test]
fn nothing_is_denied_before_all_is_known() {
    let mut engine = engine();
    let workers = Workers { rows: vec![WorkerRow::default()], ..Workers::default() };
    update(&mut engine, 500.0, Page::Workers, Update::Workers(workers));
    engine.handle(20_000.0, Input::Advise(true), &mut Vec::new());
    engine.handle(30_000.0, Input::Tick, &mut Vec::new());
    assert_eq!(engine.advice(), None, "nothing is known of tasks");
}

#[test]
fn between_workers_those_that_left_keep_their_names() {
    let mut engine = engine();
    let table = |names: &[(&str, &str)]| {
        let row = |(name, address): &(&str, &str)| WorkerRow {
            name: (*name).into(),
            address: (*address).into(),
            ..WorkerRow::default()
        };
        Update::Workers(Workers { rows: names.iter().map(row).collect(), ..Workers::default() })
    };
    update(&mut engine, 500.0, Page::Workers, table(&[("a", "tcp://h:1"), ("b", "tcp://h:2")]));
    // One leaves, the other comes back elsewhere.
    update(&mut engine, 900.0, Page::Workers, table(&[("a", "tcp://h:9")]));
    let mut sent = Table::default();
    for (from, to, rate) in
        [("a", "tcp://h:2", 6.0), ("tcp://h:2", "a", 8.0), ("tcp://h:1", "tcp://g:3", 2.0)]
    {
        sent.column_mut("source").push_text(from);
        sent.column_mut("destination").push_text(to);
        sent.column_mut("bandwidth").push_number(rate);
    }
    let whole = Whole { tables: vec![Rc::new(sent)], ..Whole::default() };
    update(&mut engine, 1e3, Page::BandwidthWorkers, Update::Whole(whole));
    let pane = crate::app::panes::pane("bandwidth-workers").unwrap();
    let picture = (pane.read)(&engine).unwrap();
    let csv = picture.csv().unwrap();
    let mut rows: Vec<&str> = csv.lines().skip(1).collect();
    rows.sort_unstable();
    assert_eq!(rows, ["a,b,6", "a,tcp://g:3,2", "b,a,8"]);
}

#[test]
fn a_moment_of_the_event_loop_is_no_bottleneck() {
    let mut engine = engine();
    let mut out = Vec::new();
    engine.handle(0.0, Input::Pane(Page::Contention, true), &mut out);
    let mut now = 1e3;
    let mut said = |engine: &mut Engine, turn_s: f64, seconds: usize| {
        for _ in 0..seconds * 2 {
            let mut table = Table::default();
            table.column_mut("names").push_text("Scheduler");
            table.column_mut("values").push_number(turn_s);
            now += 500.0;
            engine.handle(now, Input::Tick, &mut Vec::new());
            let whole = Whole { tables: vec![Rc::new(table)], ..Whole::default() };
            update(engine, now, Page::Contention, Update::Whole(whole));
        }
        let pane = crate::app::panes::pane("contention").unwrap();
        let picture = (pane.read)(engine).unwrap();
        let is = engine.turn().is;
        assert_eq!(picture.note().contains("bottleneck"), is, "{}", picture.note());
        is
    };
    assert!(!said(&mut engine, 0.02, 10));
    assert!(!said(&mut engine, 0.5, 1), "a moment");
    assert!(!said(&mut engine, 0.02, 5));
    assert!(!said(&mut engine, 0.12, 20), "slow, and not the bottleneck");
    assert!(said(&mut engine, 0.4, 10));
    assert!(said(&mut engine, 0.18, 10), "and still");
    assert!(!said(&mut engine, 0.05, 20), "room again");
}

#[test]
fn a_scheduler_without_workers_is_not_busy() {
    let mut engine = engine();
    let table = |workers: usize| {
        let row =
            |at: usize| WorkerRow { address: format!("tcp://h:{at}"), ..WorkerRow::default() };
        Update::Workers(Workers { rows: (0..workers).map(row).collect(), ..Workers::default() })
    };
    let mut now = 0.0;
    let mut late = |engine: &mut Engine, workers: usize, times: usize| {
        for _ in 0..times {
            now += 1600.0;
            update(engine, now, Page::Workers, table(workers));
        }
        engine.strain.is_busy()
    };
    assert!(!late(&mut engine, 2, 1), "a first table is no pause");
    assert!(late(&mut engine, 2, 20), "its table comes late for a while");
    assert!(
        !late(&mut engine, 0, 1),
        "without workers nothing of it changes, and so it comes seldom"
    );
    assert!(!late(&mut engine, 0, 20));
    assert!(!late(&mut engine, 2, 1), "the pause before the first worker is no sign");
    assert!(late(&mut engine, 2, 20));
    engine.handle(now, Input::Shown(false), &mut Vec::new());
    for later in [60e3, 61e3] {
        engine.handle(now + later, Input::Tick, &mut Vec::new());
    }
    assert!(!engine.strain.is_busy(), "nobody looks, and so nothing is known");
}

#[test]
fn a_clock_that_is_set_back_takes_what_is_known_of_workers_along() {
    let mut engine = engine();
    let table = |engine: &mut Engine, now: Moment| {
        let (mut out, mut changed) = (Vec::new(), Changed::default());
        engine.handle(now, Input::Tick, &mut out);
        let row = WorkerRow { name: "a".into(), ..WorkerRow::default() };
        let workers = Workers { rows: vec![row], ..Workers::default() };
        engine.commands.push(Command::Update(Update::Workers(workers)));
        engine.run(Page::Workers, &mut out, &mut changed);
        let mut loads = Table::default();
        loads.column_mut("worker").push_text("a");
        loads.column_mut("nprocessing").push_number(1.0);
        loads.column_mut("cpu").push_number(1.0);
        let whole = Whole { tables: vec![Rc::new(loads)], ..Whole::default() };
        engine.loads.sample(engine.now.wall_ms, Page::Load, &whole, |_| None);
    };
    let at = 1e9;
    table(&mut engine, at.into());
    table(&mut engine, (at + 500.0).into());
    let back = 300e3;
    let set = |ms: f64| Moment { steady_ms: at + ms, wall_ms: at + ms - back, domain: 1 };
    table(&mut engine, set(1000.0));
    table(&mut engine, set(1500.0));
    let span = Some((at - back, at + 1500.0 - back));
    assert_eq!(engine.trail().span_ms(), span);
    assert_eq!(engine.trail().rounds().len(), 4);
    assert!(engine.trail().is_here(&engine.trail().known()[0]));
    let load = engine.load(Page::Load).unwrap();
    assert_eq!((load.span_ms(), load.rounds().len()), (span, 4));
}
