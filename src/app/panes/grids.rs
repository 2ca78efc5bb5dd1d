//! Panes of texts.

use super::{Grid, GridRow, Group, Pane, Picture};
use crate::app::engine::Engine;
use crate::base::fmt;
use crate::feed::plots;
use crate::feed::pool::Page;

/// The panes of this kind.
pub(super) const PANES: [Pane; 2] = [
    Pane {
        id: "exceptions",
        title: "Exceptions",
        group: Group::Work,
        words: "errors erred traceback individual-exceptions",
        pages: &[Page::Exceptions],
        read: exceptions,
    },
    Pane {
        id: "events",
        title: "Scheduler events",
        group: Group::Scheduler,
        words: "workers joined left restart events",
        pages: &[Page::Events],
        read: events,
    },
];

fn page(engine: &Engine, page: Page) -> Option<Vec<Vec<String>>> {
    plots::texts(page, engine.whole(page)?)
}

/// Exceptions of one kind, thrown at one place, are one row.
fn exceptions(engine: &Engine) -> Option<Picture> {
    struct Kind {
        what: String,
        traceback: String,
        task: String,
        workers: Vec<String>,
        count: u64,
    }
    let rows = page(engine, Page::Exceptions)?;
    if rows.is_empty() {
        return Some(Picture::Nothing("No task has failed that the scheduler still knows of."));
    }
    let mut kinds: Vec<Kind> = Vec::new();
    for row in rows {
        let [what, task, workers, count, traceback] = <[String; 5]>::try_from(row).ok()?;
        let count = count.parse().unwrap_or(1);
        let name = what.split('(').next().unwrap_or(&what);
        match kinds
            .iter_mut()
            .find(|kind| kind.traceback == traceback && kind.what.split('(').next() == Some(name))
        {
            Some(kind) => {
                kind.count += count;
                if !kind.workers.contains(&workers) {
                    kind.workers.push(workers);
                }
            }
            None => kinds.push(Kind { what, traceback, task, workers: vec![workers], count }),
        }
    }
    let all: u64 = kinds.iter().map(|kind| kind.count).sum();
    let note = format!(
        "{} of {}",
        fmt::plural(all as u32, "failure"),
        fmt::plural(kinds.len() as u32, "kind")
    );
    let rows = kinds.into_iter().map(|kind| GridRow {
        cells: vec![kind.what, fmt::count(kind.count), kind.task, kind.workers.join(", ")],
        more: Some(kind.traceback),
    });
    let columns = &["Exception", "Times", "For example", "Workers"];
    Some(Picture::Grid(Grid { columns, rows: rows.collect(), note }))
}

fn events(engine: &Engine) -> Option<Picture> {
    let rows = page(engine, Page::Events)?;
    if rows.is_empty() {
        return Some(Picture::Nothing("Nothing has happened since this page was opened."));
    }
    let note = fmt::plural(rows.len() as u32, "event");
    let rows = rows.into_iter().rev().map(|row| {
        let mut cells = row;
        cells.remove(0);
        // What Dask writes there as yet.
        cells.iter_mut().filter(|cell| *cell == "TODO").for_each(String::clear);
        GridRow { cells, more: None }
    });
    Some(Picture::Grid(Grid { columns: &["What", "More"], rows: rows.collect(), note }))
}
