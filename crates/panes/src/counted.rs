//! Panes of the smaller pages: stealing, shuffles, measured bandwidths, counters.

use super::bars::{by_worker, workers};
use super::{
    Bar, Bars, Cell, Grid, GridRow, Group, Offer, Pane, Picture, Piece, Plot, Series, Tint, Unit,
};
use base::fmt;
use base::number::fixed;
use base::sort::sort_by;
use feed::counted::{self, Shuffler};
use feed::plots;
use feed::pool::DashboardPage;
use live::snapshot::Snapshot;

/// The panes of this kind.
pub(super) const PANES: [Pane; 4] = [
    Pane {
        id: "stealing",
        title: "Work stealing",
        group: Group::Scheduler,
        words: "idle saturated balance",
        pages: &[DashboardPage::Stealing],
        read: stealing,
    },
    Pane {
        id: "shuffle",
        title: "Shuffles",
        group: Group::Communication,
        words: "p2p rechunk merge buffer",
        pages: &[DashboardPage::Shuffle],
        read: shuffle,
    },
    Pane {
        id: "hardware",
        title: "Hardware benchmark",
        group: Group::Communication,
        words: "hardware benchmark memory disk network",
        // Opening it makes the workers measure: that is for a person to ask for.
        pages: &[],
        read: hardware,
    },
    Pane {
        id: "counters",
        title: "Messages to the scheduler",
        group: Group::Scheduler,
        words: "counters operations rpc",
        pages: &[DashboardPage::Counters],
        read: counters,
    },
];

fn bars(unit: Unit, bars: Vec<Bar>) -> Picture {
    Picture::Bars(Bars { unit, bars, note: String::new(), marks: &[] })
}

fn bar(name: String, amount: f64, limit: Option<f64>) -> Bar {
    let pieces = vec![Piece { name: "", amount, tint: Tint::Plain }];
    Bar { name, detail: String::new(), pieces, limit, said: None }
}

fn stealing(view: &Snapshot<'_>) -> Option<Picture> {
    let (balance, steals) = counted::stealing(view.whole(DashboardPage::Stealing)?)?;
    let last = |line: &[f64]| line.last().copied().unwrap_or(0.0) as u32;
    let (idle, saturated) = (last(&balance.idle), last(&balance.saturated));
    let tasks: f64 = steals.iter().map(|steal| steal.count).sum();
    let note = format!(
        "{} idle, {saturated} saturated; {} stolen lately",
        fmt::plural(idle, "worker"),
        fmt::plural(tasks as u32, "task"),
    );
    let series = Picture::Series(Series {
        times_ms: balance.times_ms,
        plots: vec![Plot {
            title: "Workers",
            unit: Unit::Count,
            lines: vec![("idle".into(), balance.idle), ("saturated".into(), balance.saturated)],
            band: None,
            note: String::new(),
        }],
        note: String::new(),
    });
    let rows = steals.iter().rev().map(|steal| GridRow {
        cells: vec![
            Cell::Time(steal.time_ms),
            Cell::Number(steal.count, Unit::Count),
            Cell::Number(steal.seconds, Unit::Seconds),
            Cell::Number(steal.level, Unit::Count),
            Cell::Text(fixed(steal.cost, 2)),
        ],
        more: None,
    });
    let rows: Vec<GridRow> = rows.collect();
    let asked = if rows.is_empty() {
        Picture::Nothing("Stolen tasks appear here. The scheduler has not moved any lately.")
    } else {
        Picture::Grid(Grid {
            columns: &["When", "Tasks", "Work in them", "Level", "Cost factor"],
            rows,
            note: String::new(),
        })
    };
    Some(Picture::Parts(vec![("Balance", series), ("Stolen tasks", asked)], note))
}

fn shuffle(view: &Snapshot<'_>) -> Option<Picture> {
    let (workers, totals) = counted::shuffle(view.whole(DashboardPage::Shuffle)?)?;
    if workers.is_empty() {
        return Some(Picture::Nothing(
            "No shuffle is under way. Those of Dask's P2P kind report while they run; of one that is over Dask keeps \
             nothing.",
        ));
    }
    let buffer = |of: fn(&Shuffler) -> [f64; 2]| {
        let made = workers.iter().map(|worker| {
            let [held, limit] = of(worker);
            let mut made = bar(
                view.worker_name(&worker.worker).to_owned(),
                held,
                Some(limit).filter(|limit| *limit > 0.0),
            );
            made.detail.clone_from(&worker.worker);
            let of = |limit| format!("{} of {}", fmt::bytes(held), fmt::bytes(limit));
            made.said = made.limit.map(of);
            made
        });
        by_worker(Unit::Bytes, made.collect(), String::new())
    };
    // One byte is sent, received, written and read: a sum would count it four times.
    let total = |name: &str| {
        let found = totals.iter().find(|(kind, _)| kind.ends_with(name));
        fmt::bytes(found.map_or(0.0, |(_, bytes)| *bytes))
    };
    let mut note = format!(
        "{}, {} sent, {} written",
        fmt::plural(workers.len() as u32, "worker"),
        total("Send"),
        total("Write")
    );
    // Dask begins such a shuffle anew, which may take long, or it is over: its page stands still either way.
    if let Some(gone) = workers.iter().find(|worker| view.has_left(&worker.worker)) {
        note = format!("Before {} left: {note}", view.worker_name(&gone.worker));
    }
    let totals = totals.into_iter().map(|(name, bytes)| bar(name, bytes, None)).collect();
    Some(Picture::Parts(
        vec![
            ("Latest shuffle", bars(Unit::Bytes, totals)),
            ("Waiting for the network", buffer(|worker| worker.comm)),
            ("Waiting for the disk", buffer(|worker| worker.disk)),
        ],
        note,
    ))
}

/// What asking for the bandwidths does.
const MEASURE: Offer = Offer {
    words: "Dask can measure how fast workers read memory, write to their disk and send to each other. That keeps \
            all workers busy for some seconds and writes temporary files. Each worker measures in a thread for \
            tasks: it waits for one to be free.",
    button: "Measure now",
    under_way: "The workers are measuring. This takes some seconds; while their threads are all at work, it takes \
                until one of each worker is free.",
    page: DashboardPage::Hardware,
};

/// How many workers are named.
const NAMED: usize = 3;

/// Why measuring takes so long: workers of which no thread is free, where that is known.
pub fn all_busy(view: &Snapshot<'_>) -> String {
    let rows = view
        .open_whole(DashboardPage::Load)
        .and_then(|whole| plots::named(DashboardPage::Load, whole));
    let threads = |address: &str| {
        let row = workers(view)?.iter().find(|row| row.address == address)?;
        row.nthreads
    };
    let mut busy: Vec<&str> = Vec::new();
    for row in rows.iter().flatten() {
        if row.amounts[0] >= threads(&row.name[0]).unwrap_or(1.0) {
            busy.push(view.worker_name(&row.name[0]));
        }
    }
    let more = match busy.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    busy.truncate(NAMED);
    let who = if busy.is_empty() { "some workers".into() } else { busy.join(", ") + &more };
    format!(
        "Still measuring. All threads of {who} may be at work on tasks: each worker measures when one of \
         them is free."
    )
}

#[allow(clippy::unnecessary_wraps)] // as all panes are read
fn hardware(view: &Snapshot<'_>) -> Option<Picture> {
    let read = view.whole(DashboardPage::Hardware).and_then(counted::hardware).unwrap_or_default();
    let [memory, disk, network] = read;
    if memory.is_empty() && disk.is_empty() && network.is_empty() {
        return Some(Picture::Offer(MEASURE));
    }
    let one = |rows: Vec<(String, f64)>| {
        if rows.is_empty() {
            return Picture::Nothing("Not measured: this needs more workers.");
        }
        bars(Unit::Rate, rows.into_iter().map(|(size, rate)| bar(size, rate, None)).collect())
    };
    let parts = vec![("Memory", one(memory)), ("Disk", one(disk)), ("Network", one(network))];
    Some(Picture::Parts(parts, "by block size; average of all workers".into()))
}

fn counters(view: &Snapshot<'_>) -> Option<Picture> {
    let whole = view.whole(DashboardPage::Counters)?;
    let counters = counted::counters(whole);
    if counters.is_empty() {
        return Some(Picture::Nothing("Counts appear with the first message."));
    }
    let mut all = 0.0;
    let parts = counters.into_iter().enumerate().map(|(at, mut kinds)| {
        // What is counted moves from one span to the next: together they are all there were.
        let sum = |spans: &[f64; 3]| spans.iter().sum::<f64>();
        sort_by(&mut kinds, |a, b| sum(&b.1).total_cmp(&sum(&a.1)));
        all += kinds.iter().map(|(_, spans)| sum(spans)).sum::<f64>();
        let rows = kinds.into_iter().map(|(name, spans)| {
            let all = (sum(&spans) + 0.5).floor();
            let counts = [all, spans[0], spans[1]].map(|count| Cell::Number(count, Unit::Count));
            let cells = std::iter::once(Cell::Text(name)).chain(counts).collect();
            GridRow { cells, more: None }
        });
        let grid = Grid {
            columns: &["Message", "Total", "Last 25 s (about)", "5 min before (about)"],
            rows: rows.collect(),
            note: String::new(),
        };
        (if at == 0 { "By operation" } else { "Other counter" }, Picture::Grid(grid))
    });
    let parts = parts.collect();
    let note =
        format!("{} since the scheduler started", fmt::plural((all + 0.5) as u32, "message"));
    Some(Picture::Parts(parts, note))
}
