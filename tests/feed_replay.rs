//! Every recorded session, replayed through the session machine, must lead to what a slow mirror of
//! the server's document says.
#![allow(clippy::unwrap_used, clippy::needless_range_loop)]

mod feed_common;

use std::path::Path;

use feed::bokeh::document::{Document, Role};
use feed::bokeh::frame::Assembler;
use feed::bokeh::message::Kind;
use feed::bokeh::table::{Cell, Table};
use feed::pool::DashboardPage;
use feed::progress::Progress;
use feed::session::{Command, Config, DocumentSnapshot, Event, Session, State, Update};
use feed::tasks::{Origin, TaskBatch};
use feed::workers::Workers;
use feed_common::{Columns, Frame, Mirror, frames, messages, recordings};
use serde_json::Value;

#[derive(Default)]
struct Outcome {
    batches: Vec<TaskBatch>,
    progress: Option<Progress>,
    workers: Option<Workers>,
    whole: Option<DocumentSnapshot>,
}

fn replay(page: DashboardPage, frames: &[(f64, Frame)], name: &str) -> (Session, Outcome) {
    let base = 1_795_353_600_000.0;
    let mut session = Session::new(page, 7, Config::default());
    let mut out = Vec::new();
    session.handle(base, Event::Start, &mut out);
    let opened = out.iter().any(|command| match command {
        Command::Connect { path, protocols } => {
            protocols[0] == "bokeh" && *path == format!("{}/ws", page.path())
        }
        _ => false,
    });
    assert!(opened, "{name}");
    session.handle(base, Event::Opened, &mut out);
    for (t, frame) in frames {
        let now = base + t * 1000.0;
        match frame {
            Frame::Text(text) => session.handle(now, Event::Text(text), &mut out),
            Frame::Binary(bytes) => session.handle(now, Event::Binary(bytes), &mut out),
        }
    }
    let mut outcome = Outcome::default();
    for command in out {
        match command {
            Command::Update(Update::Tasks(batch)) => outcome.batches.push(batch),
            Command::Update(Update::Progress(progress)) => outcome.progress = Some(progress),
            Command::Update(Update::Workers(workers)) => outcome.workers = Some(workers),
            Command::Update(Update::Whole(whole)) => outcome.whole = Some(whole),
            Command::Close => panic!("{name}: closed"),
            _ => {}
        }
    }
    assert_eq!(*session.state(), State::Live, "{name}");
    assert_eq!(session.counters().dropped, 0, "{name}");
    (session, outcome)
}

/// The text our columns keep of a wire value.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

fn check_tasks(name: &str, mirror: &Mirror, batches: &[TaskBatch]) -> usize {
    let signature = ["start", "duration", "key", "name", "color", "worker", "worker_thread", "y"];
    let id = mirror.find(&signature).unwrap_or_else(|| panic!("{name}: no task stream"));
    let mut epoch = 1;
    let mut ours = batches.iter();
    let mut rows = 0;
    for (i, entry) in mirror.log[id].iter().enumerate() {
        let Some(columns) = entry else {
            epoch += 1;
            continue;
        };
        let batch = ours.next().unwrap_or_else(|| panic!("{name}: batches missing"));
        assert_eq!(batch.epoch, epoch, "{name}");
        assert_eq!(batch.origin == Origin::History, i == 0, "{name}");
        rows += check_rows(name, columns, batch);
    }
    assert!(ours.next().is_none(), "{name}: batches left over");
    // What the server holds at the end is what came since the last clear, cut by the rollover.
    let kept = &mirror.sources[id];
    let mut durations: Vec<f64> = batches
        .iter()
        .filter(|batch| batch.epoch == epoch)
        .flat_map(|batch| batch.iter().map(|row| row.duration_ms))
        .collect();
    let kept: Vec<f64> = kept["duration"]
        .iter()
        .zip(&kept["worker"])
        .filter(|(_, worker)| *worker != "foo")
        .map(|(duration, _)| duration.as_f64().unwrap())
        .collect();
    durations.drain(..durations.len() - kept.len());
    assert!(durations.iter().zip(&kept).all(|(a, b)| same(*a, *b)), "{name}");
    rows
}

/// Equal up to the last bit, which the mirror's float parser may get wrong.
fn same(a: f64, b: f64) -> bool {
    a.to_bits().abs_diff(b.to_bits()) <= 1
}

fn check_rows(name: &str, columns: &Columns, batch: &TaskBatch) -> usize {
    assert_eq!(batch.len(), columns["key"].len(), "{name}");
    let mut rows = 0;
    for i in 0..batch.len() {
        let Some(row) = batch.row(i) else {
            assert_eq!(columns["worker"][i], "foo", "{name}");
            continue;
        };
        rows += 1;
        let number = |column: &str| columns[column][i].as_f64().unwrap();
        assert!(same(row.center_ms, number("start")), "{name}");
        assert!(same(row.duration_ms, number("duration")), "{name}");
        assert_eq!(row.key, text(&columns["key"][i]), "{name}");
        assert_eq!(row.key_is_json, !columns["key"][i].is_string(), "{name}");
        assert_eq!(row.name, text(&columns["name"][i]), "{name}");
        assert_eq!(row.worker, text(&columns["worker"][i]), "{name}");
        assert_eq!(row.thread, text(&columns["worker_thread"][i]), "{name}");
        assert_eq!(row.erred, columns["color"][i] == "black", "{name}");
        if number("alpha") == 1.0 {
            assert_eq!(row.prefix, row.name, "{name}");
        } else {
            assert_eq!(row.name, format!("{}-{}", row.action.name(), row.prefix), "{name}");
        }
    }
    rows
}

fn check_progress(name: &str, mirror: &Mirror, progress: &Progress) {
    let id = mirror.find(&["all", "memory", "released-loc"]).unwrap();
    let columns = &mirror.sources[id];
    assert_eq!(progress.rows.len(), columns["name"].len(), "{name}");
    for (i, row) in progress.rows.iter().enumerate() {
        let count =
            |column: &str| columns.get(column).map_or(0, |cells| cells[i].as_u64().unwrap_or(0));
        assert_eq!(row.name, text(&columns["name"][i]), "{name}");
        for (ours, column) in [
            (row.counts.all, "all"),
            (row.counts.memory, "memory"),
            (row.counts.erred, "erred"),
            (row.counts.released, "released"),
            (row.counts.processing, "processing"),
            (row.counts.waiting, "waiting"),
            (row.counts.queued, "queued"),
            (row.counts.no_worker, "no_worker"),
        ] {
            assert_eq!(ours, count(column), "{name}: {column}");
        }
        assert_eq!(
            format!("{} / {}", row.counts.done(), row.counts.all),
            text(&columns["done"][i]),
            "{name}"
        );
    }
    let title = mirror.titles.values().find(|title| title.starts_with("Progress")).unwrap();
    match progress.totals {
        None => assert_eq!(title, "Progress", "{name}"),
        Some(totals) => assert!(title.contains(&format!("total: {},", totals.all)), "{name}"),
    }
}

fn check_workers(name: &str, mirror: &Mirror, workers: &Workers) {
    let id = mirror.find(&["address", "nthreads", "cpu", "memory_limit"]).unwrap();
    let columns = &mirror.sources[id];
    let count = workers.rows.len() + usize::from(workers.total.is_some());
    assert_eq!(count, columns["address"].len(), "{name}");
    assert!(workers.total.is_some() && !workers.rows.is_empty(), "{name}");
    for (row, i) in workers.total.iter().chain(&workers.rows).zip(0..) {
        assert_eq!(row.name, text(&columns["name"][i]), "{name}");
        assert_eq!(row.memory, columns["memory"][i].as_f64(), "{name}");
        assert_eq!(row.spilled, columns["memory_spilled"][i].as_f64(), "{name}");
        assert_eq!(row.nthreads, columns["nthreads"][i].as_f64(), "{name}");
    }
}

fn page_of(path: &Path) -> Option<DashboardPage> {
    let name = path.file_name()?.to_str()?.trim_end_matches(".jsonl.gz");
    let name = name.trim_start_matches("pull_").trim_end_matches("-tuple-keys");
    match name {
        "individual-task-stream" => Some(DashboardPage::TaskStream),
        "tasks" => Some(DashboardPage::Tasks),
        "individual-progress" => Some(DashboardPage::Progress),
        "individual-workers" | "workers" => Some(DashboardPage::Workers),
        "status" => Some(DashboardPage::Status),
        _ => {
            let path = format!("/{name}");
            DashboardPage::ALL.into_iter().find(|page| page.is_whole() && page.path() == path)
        }
    }
}

/// Every source that the server had is held, cell by cell.
fn check_whole(name: &str, mirror: &Mirror, whole: &DocumentSnapshot) {
    for (id, columns) in &mirror.sources {
        assert!(whole.tables.iter().any(|table| is_like(table, columns)), "{name}: {id}");
    }
}

fn is_like(table: &Table, columns: &Columns) -> bool {
    let alike = |cell: Cell<'_>, wire: &Value| match cell {
        Cell::Number(number) => wire.as_f64().is_some_and(|wire| same(number, wire)),
        Cell::Bool(bool) => *wire == bool,
        Cell::Null => wire.is_null(),
        Cell::Text(words) => wire.as_str() == Some(words),
        Cell::Json(json) => serde_json::from_str::<Value>(json).unwrap() == *wire,
    };
    table.columns().count() == columns.len()
        && columns.iter().all(|(column, cells)| {
            table.column(column).is_some_and(|ours| {
                ours.len() == cells.len()
                    && cells.iter().enumerate().all(|(i, wire)| alike(ours.cell(i), wire))
            })
        })
}

fn check_folder(folder: &str) -> usize {
    let mut rows = 0;
    for path in recordings(folder) {
        let name = path.display().to_string();
        let frames = frames(&path);
        let messages = messages(&frames);
        let mirror = Mirror::replay(&messages);
        if let Some(page) = page_of(&path) {
            let (session, outcome) = replay(page, &frames, &name);
            assert!(folder.starts_with("2023") || session.bokeh_version().starts_with('3'));
            assert_eq!(session.counters().messages, messages.len() as u64, "{name}");
            if matches!(
                page,
                DashboardPage::TaskStream | DashboardPage::Tasks | DashboardPage::Status
            ) {
                rows += check_tasks(&name, &mirror, &outcome.batches);
            }
            if matches!(page, DashboardPage::Progress | DashboardPage::Status) {
                check_progress(&name, &mirror, &outcome.progress.unwrap());
            }
            if page.is_whole() {
                check_whole(&name, &mirror, &outcome.whole.unwrap());
            }
            if page == DashboardPage::Workers {
                check_workers(&name, &mirror, &outcome.workers.unwrap());
            }
        } else {
            decode(&name, &frames);
        }
    }
    rows
}

/// A page that is not followed must decode without a doubt all the same.
fn decode(name: &str, frames: &[(f64, Frame)]) {
    let mut assembler = Assembler::default();
    let mut document: Option<Document> = None;
    for (_, frame) in frames {
        let message = match frame {
            Frame::Text(text) => assembler.text(text),
            Frame::Binary(bytes) => assembler.binary(bytes),
        };
        let Some(message) = message.unwrap_or_else(|doubt| panic!("{name}: {doubt}")) else {
            continue;
        };
        match (message.header.kind, &mut document) {
            (Kind::PullReply, _) => {
                let pulled = Document::pull(message.content, message.buffers)
                    .unwrap_or_else(|doubt| panic!("{name}: {doubt}"));
                assert!(!pulled.follows(Role::Progress), "{name}");
                document = Some(pulled);
            }
            (Kind::Patch, Some(document)) => {
                document
                    .patch(message.content, message.buffers, &mut |_| {})
                    .unwrap_or_else(|doubt| panic!("{name}: {doubt}"));
            }
            _ => {}
        }
    }
    assert!(document.is_some(), "{name}");
}

#[test]
fn bokeh_2_4() {
    assert!(check_folder("2023.3.0/pages") > 1000);
}

#[test]
fn bokeh_3_4() {
    assert!(check_folder("2024.5.0/pages") > 1000);
}

#[test]
fn bokeh_3_9() {
    assert!(check_folder("2026.8.0/pages") > 1000);
}

#[test]
fn bokeh_3_9_all_pages() {
    check_folder("2026.8.0/all-pages");
}

#[test]
fn bokeh_3_9_through_the_gateway() {
    assert!(check_folder("2026.8.0/via-gateway") > 100);
}
