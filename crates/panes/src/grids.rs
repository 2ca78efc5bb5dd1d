//! Panes of texts.

use super::fold::natural;
use super::{Cell, Grid, GridRow, Group, Pane, Picture, Unit};
use base::sort::sort_by;
use base::time::Micros;
use base::{fmt, number};
use feed::plots;
use feed::pool::DashboardPage;
use live::exceptions::KEPT;
use live::snapshot::Snapshot;

/// The panes of this kind.
pub(super) const PANES: [Pane; 2] = [
    Pane {
        id: "exceptions",
        title: "Exceptions",
        group: Group::Work,
        words: "errors erred traceback individual-exceptions",
        pages: &[DashboardPage::Exceptions],
        read: exceptions,
    },
    Pane {
        id: "events",
        title: "Scheduler events",
        group: Group::Scheduler,
        words: "workers joined left restart events",
        pages: &[DashboardPage::Events],
        read: events,
    },
];

fn page(view: &Snapshot<'_>, page: DashboardPage) -> Option<Vec<Vec<String>>> {
    plots::texts(page, view.whole(page)?)
}

/// Exceptions of one kind, thrown at one place, are one row.
fn exceptions(view: &Snapshot<'_>) -> Option<Picture> {
    let kinds = view.exceptions()?;
    if kinds.is_empty() {
        return Some(Picture::Nothing("No failed tasks."));
    }
    let all: u64 = kinds.iter().map(|kind| kind.count).sum();
    let mut note = format!(
        "{} of {}",
        fmt::plural(all as u32, "failure"),
        fmt::plural(kinds.len() as u32, "kind")
    );
    if all >= KEPT {
        note += " (Dask keeps no more)";
    }
    let time = |at: Option<Micros>| at.map_or(Cell::None, |at| Cell::Time(at.millis()));
    // Times are those of tasks that the task stream holds: Dask's page has none.
    let timed = kinds.iter().any(|kind| kind.times.is_some());
    if !timed {
        note += "; times unknown, since these tasks are not in the task stream";
    }
    let rows = kinds.into_iter().map(|kind| {
        let (first, last) = kind.times.unzip();
        let mut workers: Vec<&str> = kind.workers.iter().map(|at| view.worker_name(at)).collect();
        sort_by(&mut workers, |a, b| natural(a, b));
        let workers = Cell::Text(workers.join(", "));
        let more = Some(format!("{}\n\n{}", kind.what, kind.traceback));
        let mut cells = vec![Cell::Text(kind.what), Cell::Number(kind.count as f64, Unit::Count)];
        if timed {
            cells.extend([time(first), time(last)]);
        }
        cells.extend([Cell::Text(kind.task), workers]);
        GridRow { cells, more }
    });
    let columns: &[_] = if timed {
        &["Exception", "Count", "First", "Last", "Example", "Workers"]
    } else {
        &["Exception", "Count", "Example", "Workers"]
    };
    Some(Picture::Grid(Grid { columns, rows: rows.collect(), note }))
}

fn events(view: &Snapshot<'_>) -> Option<Picture> {
    let rows = page(view, DashboardPage::Events)?;
    if rows.is_empty() {
        return Some(Picture::Nothing("Events appear here when workers join, leave or restart."));
    }
    let note = fmt::plural(rows.len() as u32, "event");
    // Each message brings the newest first, and a page lists messages in their order.
    let mut rows = rows;
    let at_ms = |row: &Vec<String>| row.first().and_then(|at| number::parse(at)).unwrap_or(0.0);
    sort_by(&mut rows, |a, b| at_ms(b).total_cmp(&at_ms(a)));
    let rows = rows.into_iter().map(|row| {
        let time = Cell::Time(at_ms(&row));
        // "TODO" is what Dask writes there as yet.
        let text = |cell: String| Cell::Text(if cell == "TODO" { String::new() } else { cell });
        let cells = std::iter::once(time).chain(row.into_iter().skip(1).map(text));
        GridRow { cells: cells.collect(), more: None }
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
