//! What the engine makes of updates, whichever page brings them.

use std::rc::Rc;

use super::*;
use base::task::Rgb;
use feed::bokeh::table::Table;
use feed::progress::{Counts, Held, Progress, ProgressRow};
use feed::session::DocumentSnapshot;
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
fn update(engine: &mut Engine, now_ms: f64, page: DashboardPage, update: Update) {
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
    update(
        engine,
        now_ms,
        DashboardPage::Progress,
        Update::Progress(Progress { rows, totals: None }),
    );
}

#[test]
fn what_was_cancelled_is_neither_done_nor_left_to_do() {
    let mut engine = engine();
    let done = Counts { all: 10, memory: 8, erred: 2, ..Counts::default() };
    let half = Counts { all: 100, memory: 20, released: 10, ..Counts::default() };
    let half = Counts { processing: 4, waiting: 60, queued: 6, ..half };
    progress(&mut engine, 500.0, &[("half", half), ("done", done)]);
    assert_eq!(engine.snapshot().progress_totals(), (40, 110));
    // The scheduler has let go of it: its futures were cancelled.
    progress(&mut engine, 600.0, &[("done", done)]);
    assert_eq!(engine.snapshot().progress_totals(), (40, 40), "none of it is left to do");
    let (row, held) = &engine.snapshot().progress()[0];
    assert_eq!((row.counts.done(), row.counts.all, *held), (30, 100, Held::Finished));
    assert_eq!(row.counts.processing + row.counts.waiting + row.counts.queued, 0);
    // The same name again is work to do again.
    let again = Counts { all: 50, processing: 50, ..Counts::default() };
    progress(&mut engine, 700.0, &[("done", done), ("half", again)]);
    assert_eq!(engine.snapshot().progress_totals(), (10, 60));
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
            update(engine, now, DashboardPage::Workers, table(workers));
        }
        engine.lag.is_busy()
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
    assert!(!engine.lag.is_busy(), "nobody looks, and so nothing is known");
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
        engine.run(DashboardPage::Workers, &mut out, &mut changed);
        let mut loads = Table::default();
        loads.column_mut("worker").push_text("a");
        loads.column_mut("nprocessing").push_number(1.0);
        loads.column_mut("cpu").push_number(1.0);
        let whole =
            DocumentSnapshot { tables: vec![Rc::new(loads)], ..DocumentSnapshot::default() };
        engine.loads.sample(engine.now.wall_ms, DashboardPage::Load, &whole, |_| None);
    };
    let at = 1e9;
    table(&mut engine, at.into());
    table(&mut engine, (at + 500.0).into());
    let back = 300e3;
    let set = |ms: f64| Moment { steady_ms: at + ms, wall_ms: at + ms - back, domain: 1 };
    table(&mut engine, set(1000.0));
    table(&mut engine, set(1500.0));
    let span = Some((at - back, at + 1500.0 - back));
    assert_eq!(engine.snapshot().trail.span_ms(), span);
    assert_eq!(engine.snapshot().trail.rounds().len(), 4);
    assert!(engine.snapshot().trail.is_here(&engine.snapshot().trail.known()[0]));
    let load = engine.snapshot().load(DashboardPage::Load).unwrap();
    assert_eq!((load.span_ms(), load.rounds().len()), (span, 4));
}

#[test]
fn a_moment_of_the_event_loop_is_no_bottleneck() {
    let mut engine = engine();
    let mut out = Vec::new();
    engine.handle(0.0, Input::Pane(DashboardPage::Contention, true), &mut out);
    let mut now = 1e3;
    let mut said = |engine: &mut Engine, turn_s: f64, seconds: usize| {
        for _ in 0..seconds * 2 {
            let mut table = Table::default();
            table.column_mut("names").push_text("Scheduler");
            table.column_mut("values").push_number(turn_s);
            now += 500.0;
            engine.handle(now, Input::Tick, &mut Vec::new());
            let whole =
                DocumentSnapshot { tables: vec![Rc::new(table)], ..DocumentSnapshot::default() };
            update(engine, now, DashboardPage::Contention, Update::Whole(whole));
        }
        engine.snapshot().turn.is_high
    };
    assert!(!said(&mut engine, 0.02, 10));
    assert!(!said(&mut engine, 0.5, 1), "a moment");
    assert!(!said(&mut engine, 0.02, 5));
    assert!(!said(&mut engine, 0.12, 20), "slow, and not the bottleneck");
    assert!(said(&mut engine, 0.4, 10));
    assert!(said(&mut engine, 0.18, 10), "and still");
    assert!(!said(&mut engine, 0.05, 20), "room again");
}
