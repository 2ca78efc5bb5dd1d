//! Panes of texts.

use super::fold::natural;
use super::{Cell, Grid, GridRow, Group, Pane, Picture};
use crate::app::engine::Engine;
use crate::base::sort::sort_by;
use crate::base::time::Micros;
use crate::base::{fmt, number};
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
    let kinds = engine.exceptions()?;
    if kinds.is_empty() {
        return Some(Picture::Nothing("No task has failed that the scheduler still knows of."));
    }
    let all: u64 = kinds.iter().map(|kind| kind.count).sum();
    let note = format!(
        "{} of {}",
        fmt::plural(all as u32, "failure"),
        fmt::plural(kinds.len() as u32, "kind")
    );
    let stream = engine.stream();
    let stream = stream.borrow();
    let time = |at: Option<Micros>| at.map_or_else(|| "–".to_owned(), |at| stream.wall(at));
    // Times are those of tasks that the task stream holds: Dask's page has none.
    let timed = kinds.iter().any(|kind| kind.times.is_some());
    let rows = kinds.into_iter().map(|kind| {
        let (first, last) = kind.times.unzip();
        let mut workers: Vec<&str> = kind.workers.iter().map(|at| engine.worker_name(at)).collect();
        sort_by(&mut workers, |a, b| natural(a, b));
        let (count, workers) = (fmt::count(kind.count), workers.join(", "));
        let more = format!("{}\n\n{}", kind.what, kind.traceback);
        let cells = if timed {
            vec![kind.what, count, time(first), time(last), kind.task, workers]
        } else {
            vec![kind.what, count, kind.task, workers]
        };
        GridRow::texts(cells, Some(more))
    });
    let columns: &[_] = if timed {
        &["Exception", "Count", "First", "Last", "For example", "Workers"]
    } else {
        &["Exception", "Count", "For example", "Workers"]
    };
    Some(Picture::Grid(Grid { columns, rows: rows.collect(), note }))
}

fn events(engine: &Engine) -> Option<Picture> {
    let rows = page(engine, Page::Events)?;
    if rows.is_empty() {
        return Some(Picture::Nothing("The scheduler remembers nothing that has happened."));
    }
    let note = fmt::plural(rows.len() as u32, "event");
    let stream = engine.stream();
    let stream = stream.borrow();
    // Each message brings the newest first, and a page lists messages in their order.
    let mut rows = rows;
    let at_ms = |row: &Vec<String>| row.first().and_then(|at| number::parse(at)).unwrap_or(0.0);
    sort_by(&mut rows, |a, b| at_ms(b).total_cmp(&at_ms(a)));
    let rows = rows.into_iter().map(|row| {
        let time = stream.wall(Micros::from_millis(at_ms(&row)));
        let mut cells = row;
        // What Dask writes there as yet.
        cells.iter_mut().filter(|cell| *cell == "TODO").for_each(String::clear);
        if let Some(first) = cells.first_mut() {
            *first = time;
        }
        GridRow::texts(cells, None)
    });
    let mut rows: Vec<GridRow> = rows.collect();
    let more = rows
        .iter()
        .any(|row| matches!(row.cells.get(2), Some(Cell::Text(more)) if !more.is_empty()));
    let columns: &[_] = if more { &["When", "What", "More"] } else { &["When", "What"] };
    for row in &mut rows {
        row.cells.truncate(columns.len());
    }
    Some(Picture::Grid(Grid { columns, rows, note }))
}
