//! Progress and the worker table as pictures to save: on the page they are drawn by themselves.

use super::{Bar, Bars, Grid, GridRow, Picture, Piece, Tint, Unit};
use base::fmt;
use base::number::plain;
use feed::progress::{OTHERS, OTHERS_COLOR};
use live::snapshot::Snapshot;

/// The picture of one of the panes that are drawn by themselves, if it can be saved.
pub fn picture(view: &Snapshot<'_>, id: &str) -> Option<Picture> {
    match id {
        "progress" => progress(view),
        "workers" => workers(view),
        _ => None,
    }
}

fn progress(view: &Snapshot<'_>) -> Option<Picture> {
    let rows = view.progress();
    if rows.is_empty() {
        return None;
    }
    let piece = |name, amount: u64, tint| Piece { name, amount: amount as f64, tint };
    let others = view.progress_others().map(|counts| (OTHERS, counts, OTHERS_COLOR));
    let rows = rows.iter().map(|(row, _)| (row.name.as_str(), row.counts, row.color));
    let bars = rows.chain(others).map(|(name, n, color)| Bar {
        name: name.to_owned(),
        detail: String::new(),
        pieces: vec![
            piece("in memory", n.memory, Tint::Own(color)),
            piece("released", n.released, Tint::Own(color)),
            piece("erred", n.erred, Tint::Idle),
            piece("processing", n.processing, Tint::Spilled),
        ],
        limit: Some(n.all as f64),
        said: Some(format!("{} of {}", fmt::count(n.done()), fmt::count(n.all))),
    });
    let (done, all) = view.progress_totals();
    let note = format!("{} of {}", fmt::count(done), fmt::count(all));
    Some(Picture::Bars(Bars { unit: Unit::Count, bars: bars.collect(), note, marks: &[] }))
}

const COLUMNS: [&str; 14] = [
    "name",
    "address",
    "threads",
    "cpu (cores)",
    "memory (B)",
    "memory limit (B)",
    "managed (B)",
    "unmanaged old (B)",
    "unmanaged recent (B)",
    "spilled (B)",
    "network in (B/s)",
    "network out (B/s)",
    "disk read (B/s)",
    "disk written (B/s)",
];

fn workers(view: &Snapshot<'_>) -> Option<Picture> {
    let rows = &view.workers?.rows;
    let rows = rows.iter().map(|row| {
        let mut cells = vec![row.name.clone(), row.address.clone()];
        let numbers = [
            row.nthreads,
            row.cpu,
            row.memory,
            row.memory_limit,
            row.managed,
            row.unmanaged_old,
            row.unmanaged_recent,
            row.spilled,
            row.net_read,
            row.net_write,
            row.disk_read,
            row.disk_write,
        ];
        cells.extend(numbers.map(|number| number.map_or_else(String::new, plain)));
        GridRow::texts(cells, None)
    });
    Some(Picture::Grid(Grid { columns: &COLUMNS, rows: rows.collect(), note: String::new() }))
}
