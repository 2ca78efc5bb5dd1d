//! Panes of bars: what stands in a row, how long it is, and what is said of it.

use super::ends::next_to_end;
use super::fold::natural;
use super::{Bar, Bars, Cell, Grid, GridRow, Group, Pane, Picture, Piece, THRESHOLDS, Tint, Unit};
use base::fmt;
use base::number::fixed;
use base::sort::sort_by;
use feed::plots::{self, Named};
use feed::pool::DashboardPage;
use feed::workers::WorkerRow;
use live::engine::TURN_S;
use live::held::Figures;
use live::snapshot::Snapshot;

/// The panes of this kind.
pub(super) const PANES: [Pane; 11] = [
    Pane {
        id: "memory",
        title: "Memory by worker",
        group: Group::Memory,
        words: "workers memory managed unmanaged spilled limit individual-workers-memory",
        pages: &[DashboardPage::Workers],
        read: memory,
    },
    Pane {
        id: "cpu",
        title: "CPU by worker",
        group: Group::Work,
        words: "cpu load utilisation individual-cpu",
        pages: &[DashboardPage::Workers],
        read: cpu,
    },
    Pane {
        id: "processing",
        title: "Tasks by worker",
        group: Group::Work,
        words: "processing nprocessing saturated idle individual-nprocessing",
        pages: &[DashboardPage::Load],
        read: processing,
    },
    Pane {
        id: "occupancy",
        title: "Occupancy by worker",
        group: Group::Work,
        words: "occupancy seconds individual-occupancy",
        pages: &[DashboardPage::Occupancy],
        read: occupancy,
    },
    Pane {
        id: "transfers",
        title: "Transfers in progress",
        group: Group::Communication,
        words: "network bytes incoming outgoing individual-workers-transfer-bytes",
        pages: &[DashboardPage::Transfers],
        read: transfers,
    },
    Pane {
        id: "network",
        title: "Network and disk by worker",
        group: Group::Communication,
        words: "network disk bandwidth individual-workers-network individual-workers-disk",
        pages: &[DashboardPage::Workers],
        read: traffic,
    },
    Pane {
        id: "action-times",
        title: "Time by action",
        group: Group::Work,
        words: "aggregate time compute transfer individual-aggregate-time-per-action",
        pages: &[DashboardPage::ActionTimes],
        read: action_times,
    },
    Pane {
        id: "prefix-times",
        title: "Compute time by prefix",
        group: Group::Work,
        words: "key function individual-compute-time-per-key",
        pages: &[DashboardPage::PrefixTimes],
        read: prefix_times,
    },
    Pane {
        id: "prefix-memory",
        title: "Memory by prefix",
        group: Group::Memory,
        words: "key results individual-memory-by-key",
        pages: &[DashboardPage::PrefixMemory],
        read: prefix_memory,
    },
    Pane {
        id: "bandwidth-types",
        title: "Bandwidth by type",
        group: Group::Communication,
        words: "network serialization individual-bandwidth-types",
        pages: &[DashboardPage::BandwidthTypes],
        read: bandwidth_types,
    },
    Pane {
        id: "contention",
        title: "Event loops",
        group: Group::Scheduler,
        words: "contention gil event loop scheduler individual-contention",
        pages: &[DashboardPage::Contention],
        read: contention,
    },
];

pub(super) fn piece(name: &'static str, amount: f64, tint: Tint) -> Piece {
    Piece { name, amount, tint }
}

pub(super) fn bars(unit: Unit, bars: Vec<Bar>, note: String) -> Picture {
    Picture::Bars(Bars { unit, bars, note, marks: &[] })
}

/// Bars of workers, in the order of their names: each page of Dask's has its own.
pub(super) fn by_worker(unit: Unit, mut made: Vec<Bar>, note: String) -> Picture {
    if made.is_empty() {
        return Picture::Nothing("The cluster has no workers.");
    }
    sort_by(&mut made, |a, b| natural(&a.name, &b.name));
    bars(unit, made, note)
}

/// The workers as the worker table has them; none before it came.
pub(super) fn workers<'a>(view: &Snapshot<'a>) -> Option<&'a [WorkerRow]> {
    view.workers.map(|workers| &*workers.rows)
}

/// A worker's name, or its address where there is none.
fn name_of(row: &WorkerRow) -> String {
    if row.name.is_empty() { row.address.clone() } else { row.name.clone() }
}

/// The name of the worker at an address.
pub(super) fn name_at(view: &Snapshot<'_>, address: &str) -> String {
    view.worker_name(address).to_owned()
}

/// What is in memory, of how much, and what is on disk beside it.
pub(super) fn in_memory(used: f64, limit: Option<f64>, spilled: f64) -> String {
    let mut said = fmt::bytes(used);
    if let Some(limit) = limit {
        said = format!("{said} of {}", fmt::bytes(limit));
    }
    if spilled > 0.0 {
        said = format!("{said} + {} on disk", fmt::bytes(spilled));
    }
    said
}

fn memory(view: &Snapshot<'_>) -> Option<Picture> {
    let rows = workers(view)?;
    let mut made = Vec::new();
    let mut sum = 0.0;
    for row in rows {
        let part = |amount: Option<f64>| amount.unwrap_or(0.0);
        let limit = row.memory_limit.filter(|limit| *limit > 0.0);
        let used = part(row.memory);
        sum += used;
        made.push(Bar {
            name: name_of(row),
            detail: row.address.clone(),
            pieces: vec![
                piece("managed", part(row.managed), Tint::Managed),
                piece("unmanaged old", part(row.unmanaged_old), Tint::Old),
                piece("unmanaged recent", part(row.unmanaged_recent), Tint::Recent),
                piece("spilled", part(row.spilled), Tint::Spilled),
            ],
            limit,
            said: Some(in_memory(used, limit, part(row.spilled))),
        });
    }
    let all = format!("{} in total", fmt::bytes(sum));
    let note = match next_to_end(view.trail) {
        Some(next) => format!("{all}; {next}"),
        None => all,
    };
    let mut picture = by_worker(Unit::Bytes, made, note);
    if let Picture::Bars(bars) = &mut picture {
        bars.marks = &THRESHOLDS;
    }
    Some(picture)
}

fn cpu(view: &Snapshot<'_>) -> Option<Picture> {
    let rows = workers(view)?;
    let mut sum = 0.0;
    let made = rows.iter().map(|row| {
        let cpu = row.cpu.unwrap_or(0.0);
        sum += cpu;
        Bar {
            name: name_of(row),
            detail: row.address.clone(),
            pieces: vec![piece("", cpu, Tint::Plain)],
            limit: row.nthreads,
            said: None,
        }
    });
    let made = made.collect();
    Some(by_worker(
        Unit::Cores,
        made,
        format!("{} in total; 100 % is one core", Unit::Cores.say(sum)),
    ))
}

fn traffic(view: &Snapshot<'_>) -> Option<Picture> {
    let rows = workers(view)?;
    let mut made = Vec::new();
    for row in rows {
        for (what, into, out) in
            [("network", row.net_read, row.net_write), ("disk", row.disk_read, row.disk_write)]
        {
            let (into, out) = (into.unwrap_or(0.0), out.unwrap_or(0.0));
            let [first, second] = if what == "disk" { ["read", "written"] } else { ["in", "out"] };
            made.push(Bar {
                name: format!("{} {what}", name_of(row)),
                detail: row.address.clone(),
                pieces: vec![piece(first, into, Tint::Plain), piece(second, out, Tint::Second)],
                limit: None,
                said: Some(format!(
                    "{} {first}, {} {second}",
                    Unit::Rate.say(into),
                    Unit::Rate.say(out)
                )),
            });
        }
    }
    Some(by_worker(Unit::Rate, made, String::new()))
}

/// A page of named amounts.
fn page(view: &Snapshot<'_>, page: DashboardPage) -> Option<Vec<Named>> {
    plots::named(page, view.whole(page)?)
}

fn processing(view: &Snapshot<'_>) -> Option<Picture> {
    let rows = page(view, DashboardPage::Load)?;
    let (mut sum, mut idle) = (0.0, 0);
    let made = rows.iter().map(|row| {
        let [tasks, _] = row.amounts;
        sum += tasks;
        idle += usize::from(tasks == 0.0);
        // Dask paints saturated workers green, idle ones red.
        let (name, tint) = match row
            .color
            .map(|rgb| (rgb.0 > rgb.1 && rgb.0 > rgb.2, rgb.1 > rgb.0 && rgb.1 > rgb.2))
        {
            Some((true, _)) => ("idle", Tint::Idle),
            Some((_, true)) => ("saturated", Tint::Hot),
            _ => ("busy", Tint::Plain),
        };
        Bar {
            name: name_at(view, &row.name[0]),
            detail: row.name[0].clone(),
            pieces: vec![piece(name, tasks, tint)],
            limit: None,
            said: None,
        }
    });
    let made: Vec<Bar> = made.collect();
    let note = format!(
        "{} processing on {}; {idle} idle",
        fmt::plural(sum as u32, "task"),
        fmt::plural(made.len() as u32, "worker")
    );
    Some(by_worker(Unit::Count, made, note))
}

fn occupancy(view: &Snapshot<'_>) -> Option<Picture> {
    let rows = page(view, DashboardPage::Occupancy)?;
    let sum: f64 = rows.iter().map(|row| row.amounts[0]).sum();
    let made = rows.iter().map(|row| Bar {
        name: name_at(view, &row.name[0]),
        detail: row.name[0].clone(),
        pieces: vec![piece("", row.amounts[0], Tint::Plain)],
        limit: None,
        said: None,
    });
    Some(by_worker(
        Unit::Seconds,
        made.collect(),
        format!("{} of work in total, as estimated by Dask", fmt::secs(sum)),
    ))
}

fn transfers(view: &Snapshot<'_>) -> Option<Picture> {
    let rows = page(view, DashboardPage::Transfers)?;
    let made = rows.iter().map(|row| {
        let [into, out] = row.amounts;
        Bar {
            name: name_at(view, &row.name[0]),
            detail: row.name[0].clone(),
            pieces: vec![
                piece("incoming", into, Tint::Plain),
                piece("outgoing", out, Tint::Second),
            ],
            limit: None,
            said: Some(format!("{} in, {} out", fmt::bytes(into), fmt::bytes(out))),
        }
    });
    let sum: f64 = rows.iter().map(|row| row.amounts[0]).sum();
    Some(by_worker(Unit::Bytes, made.collect(), format!("{} in progress", fmt::bytes(sum))))
}

/// Bars in their own colours, the longest first.
fn own(rows: Vec<Named>, unit: Unit, note: String, detail: impl Fn(&Named) -> String) -> Picture {
    let mut rows = rows;
    sort_by(&mut rows, |a, b| b.amounts[0].total_cmp(&a.amounts[0]));
    let made = rows.iter().map(|row| Bar {
        name: row.name.join(" "),
        detail: detail(row),
        pieces: vec![piece("", row.amounts[0], row.color.map_or(Tint::Plain, Tint::Own))],
        limit: None,
        said: None,
    });
    bars(unit, made.collect(), note)
}

/// Below bars of Dask's totals a table that has, beside these, figures of the intervals held here; `what`
/// they are of which there are so many.
fn beside(
    picture: Picture,
    columns: &'static [&'static str],
    (held, what): (&[Figures], &str),
) -> Picture {
    let Picture::Bars(bars) = picture else { return picture };
    let row = |name: &str, total: Option<f64>, figures: Option<&Figures>| {
        let number =
            |amount: Option<f64>, unit| amount.map_or(Cell::None, |it| Cell::Number(it, unit));
        let count = figures.map(|one| one.count as f64);
        let mut cells = vec![
            Cell::Text(name.to_owned()),
            number(total, Unit::Seconds),
            number(count, Unit::Count),
        ];
        cells.extend([0, 1].map(|at: usize| {
            figures.map_or(Cell::None, |one| {
                let secs = one.quantiles_us[at] as f64 / 1e6;
                if one.exact { Cell::Number(secs, Unit::Seconds) } else { Cell::About(secs) }
            })
        }));
        GridRow { cells, more: None }
    };
    let mut rows: Vec<GridRow> = Vec::with_capacity(bars.bars.len());
    for bar in &bars.bars {
        let total = bar.pieces.iter().map(|piece| piece.amount).sum();
        rows.push(row(&bar.name, Some(total), held.iter().find(|one| one.name == bar.name)));
    }
    // Dask leaves small ones out.
    let others = held.iter().filter(|one| bars.bars.iter().all(|bar| bar.name != one.name));
    rows.extend(others.map(|one| row(&one.name, None, Some(one))));
    let count: u64 = held.iter().map(|one| one.count).sum();
    let note =
        format!("{}; p50 and p95 of the {} {what} recorded here", bars.note, fmt::count(count));
    let table = Grid { columns, rows, note: String::new() };
    let parts = vec![
        ("Totals (from Dask)", Picture::Bars(bars)),
        ("Durations (recorded tasks)", Picture::Grid(table)),
    ];
    Picture::Parts(parts, note)
}

fn action_times(view: &Snapshot<'_>) -> Option<Picture> {
    let rows = page(view, DashboardPage::ActionTimes)?;
    if rows.is_empty() {
        return Some(Picture::Nothing("Times appear after the first task."));
    }
    let sum: f64 = rows.iter().map(|row| row.amounts[0]).sum();
    let note = format!("{} since the scheduler started", fmt::secs(sum));
    let picture = own(rows, Unit::Seconds, note, move |row| {
        fixed(row.amounts[0] / sum * 100.0, 1) + " % of the total"
    });
    Some(match view.held.filter(|held| held.all > 0) {
        Some(held) => beside(picture, &BY_ACTION, (&held.actions, "intervals")),
        None => picture,
    })
}

const BY_ACTION: [&str; 5] = ["Action", "Dask's total", "Recorded", "p50", "p95"];
const BY_PREFIX: [&str; 5] = ["Prefix", "Dask's total", "Recorded", "p50", "p95"];

fn prefix_times(view: &Snapshot<'_>) -> Option<Picture> {
    let rows = page(view, DashboardPage::PrefixTimes)?;
    if rows.is_empty() {
        return Some(Picture::Nothing("Times appear after the first task."));
    }
    let sum: f64 = rows.iter().map(|row| row.amounts[0]).sum();
    let note = format!(
        "{}; without prefixes below 2 % of the longest, which Dask leaves out",
        fmt::secs(sum)
    );
    let picture = own(rows, Unit::Seconds, note, |_| String::new());
    Some(match view.held.filter(|held| held.computed > 0) {
        Some(held) => beside(picture, &BY_PREFIX, (&held.prefixes, "computed tasks")),
        None => picture,
    })
}

fn prefix_memory(view: &Snapshot<'_>) -> Option<Picture> {
    let rows = page(view, DashboardPage::PrefixMemory)?;
    if rows.is_empty() {
        return Some(Picture::Nothing("Workers hold no results."));
    }
    let sum: f64 = rows.iter().map(|row| row.amounts[0]).sum();
    let note = format!("{} of results in memory", fmt::bytes(sum));
    Some(own(rows, Unit::Bytes, note, |row| {
        let [bytes, count] = row.amounts;
        let mean = fmt::bytes(bytes / count.max(1.0));
        format!("{}, {mean} each on average", fmt::plural(count as u32, "result"))
    }))
}

fn bandwidth_types(view: &Snapshot<'_>) -> Option<Picture> {
    let rows = page(view, DashboardPage::BandwidthTypes)?;
    if rows.is_empty() {
        return Some(Picture::Nothing(
            "Bandwidths appear after the first transfer between workers.",
        ));
    }
    Some(own(rows, Unit::Rate, "moving average of transfers".into(), |_| String::new()))
}

fn contention(view: &Snapshot<'_>) -> Option<Picture> {
    let rows = page(view, DashboardPage::Contention)?;
    let turn = view.turn;
    let note = if turn.is_high {
        let every = fmt::secs(turn.mean);
        format!("the scheduler is the bottleneck: one turn of its event loop takes {every}")
    } else {
        "the scheduler keeps up".into()
    };
    let detail = "time per turn; 20 ms is normal, 200 ms too slow";
    let mut made = own(rows, Unit::Seconds, note, |_| detail.into());
    if let Picture::Bars(bars) = &mut made {
        // Else the longest one would look full, however short.
        bars.bars.iter_mut().for_each(|bar| bar.limit = Some(TURN_S[0]));
    }
    Some(made)
}
