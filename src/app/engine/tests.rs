//! What the engine makes of updates, whichever page brings them.

use super::*;
use crate::base::task::Rgb;
use crate::feed::progress::{Counts, Held, Progress, ProgressRow};
use crate::feed::workers::WorkerRow;

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
    engine.now_ms = now_ms;
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
