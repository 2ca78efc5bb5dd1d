//! What the smaller pages hold: stealing, shuffles, measured bandwidths, counters, and threads at work by
//! group.

use super::bokeh::table::{Column, Table};
use super::plots::numbers;
use super::session::DocumentSnapshot;

/// Names with an amount each.
pub type Amounts = Vec<(String, f64)>;

/// Workers without work and with too much of it, over time.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Balance {
    /// When, Unix ms.
    pub times_ms: Vec<f64>,
    /// Workers that are idle.
    pub idle: Vec<f64>,
    /// Workers that are saturated.
    pub saturated: Vec<f64>,
}

/// Tasks that one round of stealing asked for, at one level of cost.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Steal {
    /// When, Unix ms.
    pub time_ms: f64,
    /// The level: 0 is what costs least to move.
    pub level: f64,
    /// How many tasks.
    pub count: f64,
    /// Seconds of work in them, as Dask estimates it.
    pub seconds: f64,
    /// By how much moving them is dearer than running them.
    pub cost: f64,
}

/// The page of stealing.
pub fn stealing(whole: &DocumentSnapshot) -> Option<(Balance, Vec<Steal>)> {
    let balance = whole.table(&["time", "idle", "saturated"])?;
    let balance = Balance {
        times_ms: numbers(balance, "time"),
        idle: numbers(balance, "idle"),
        saturated: numbers(balance, "saturated"),
    };
    let mut steals = Vec::new();
    if let Some(table) = whole.table(&["time", "level", "cost_factor", "count"]) {
        let columns = ["time", "level", "count", "duration", "cost_factor"];
        let columns = columns.map(|name| table.column(name));
        let color = table.column("color");
        for i in 0..table.rows() {
            // Two white ones hold the axes before there is anything.
            if color.and_then(|column| column.text(i)) == Some("white") {
                continue;
            }
            let [time_ms, level, count, seconds, cost] =
                columns.map(|column| column.and_then(|column| column.number(i)).unwrap_or(0.0));
            steals.push(Steal { time_ms, level, count, seconds, cost });
        }
    }
    Some((balance, steals))
}

/// What one worker holds of a shuffle, for the network and for its disk.
#[derive(Clone, PartialEq, Debug)]
pub struct Shuffler {
    /// The worker's address.
    pub worker: String,
    /// Bytes that wait to be sent, and as many as may wait.
    pub comm: [f64; 2],
    /// Bytes that wait to be written, and as many as may wait.
    pub disk: [f64; 2],
}

/// The page of shuffles: the workers of the newest one, and bytes in all by what was done with them.
pub fn shuffle(whole: &DocumentSnapshot) -> Option<(Vec<Shuffler>, Amounts)> {
    let table = whole.table(&["worker", "comm_memory", "disk_memory"])?;
    let number = |name: &str, i: usize| {
        table.column(name).and_then(|column| column.number(i)).unwrap_or(0.0)
    };
    let workers = table.column("worker");
    let mut made = Vec::new();
    for i in 0..workers.map_or(0, Column::len) {
        made.push(Shuffler {
            worker: workers.and_then(|column| column.text(i)).unwrap_or_default().into(),
            comm: ["comm_memory", "comm_memory_limit"].map(|name| number(name, i)),
            disk: ["disk_memory", "disk_memory_limit"].map(|name| number(name, i)),
        });
    }
    let totals = whole.table(&["x", "values"]).map(|table| pairs(table, "x", "values"));
    Some((made, totals.unwrap_or_default()))
}

fn pairs(table: &Table, name: &str, amount: &str) -> Amounts {
    let (names, amounts) = (table.column(name), table.column(amount));
    let one = |i| {
        let name = names.and_then(|column| column.text(i)).unwrap_or_default().to_owned();
        (name, amounts.and_then(|column| column.number(i)).unwrap_or(0.0))
    };
    (0..table.rows()).map(one).collect()
}

/// Bytes a second by the size of what is moved, in memory, to disk and over the network; all empty while
/// they are being measured.
pub fn hardware(whole: &DocumentSnapshot) -> Option<[Amounts; 3]> {
    let mut tables = whole.tables.iter().filter(|table| table.has(&["size", "bandwidth"]));
    let mut next = || tables.next().map(|table| pairs(table, "size", "bandwidth"));
    Some([next()?, next()?, next()?])
}

/// A kind of message, and how many of them came lately, before that, and earlier: every 5 s a fifth of the
/// first and a sixtieth of the second move on (`distributed.counter`), so that they hold about what came in
/// 25 s and in the 5 min before. Their sum is exact.
pub type Counted = (String, [f64; 3]);

/// The counters of the scheduler, one after the other.
pub fn counters(whole: &DocumentSnapshot) -> Vec<Vec<Counted>> {
    let tables: Vec<&Table> = whole
        .tables
        .iter()
        .filter(|table| table.has(&["x", "counts"]))
        .map(|table| &**table)
        .collect();
    let mut made = Vec::new();
    // Each has one source for each of three spans of time.
    for spans in tables.chunks(3) {
        let mut kinds: Vec<Counted> = Vec::new();
        for (span, table) in spans.iter().enumerate() {
            for (name, count) in pairs(table, "x", "counts") {
                let at = kinds.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
                    kinds.push((name, [0.0; 3]));
                    kinds.len() - 1
                });
                if let Some(slot) = kinds.get_mut(at).and_then(|(_, counts)| counts.get_mut(span)) {
                    *slot = count;
                }
            }
        }
        if !kinds.is_empty() {
            made.push(kinds);
        }
    }
    made
}

/// Threads at work by group, over time.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct AtWork {
    /// When, ms, by a clock that begins nobody knows when: only differences mean something.
    pub times_ms: Vec<f64>,
    /// All threads, at each time.
    pub threads: Vec<f64>,
    /// Groups, and how many threads were at work on each.
    pub groups: Vec<(String, Vec<f64>)>,
}

/// How many groups that page tells of.
pub fn groups_at_work(whole: &DocumentSnapshot) -> usize {
    let table = whole.table(&["time", "nthreads"]);
    table.map_or(0, |table| table.columns().count().saturating_sub(2))
}

/// The page of groups over time; its source comes only once something has been computed.
pub fn at_work(whole: &DocumentSnapshot) -> Option<AtWork> {
    let table = whole.table(&["time", "nthreads"])?;
    let groups = table.columns().filter(|(name, _)| *name != "time" && *name != "nthreads");
    let groups = groups.map(|(name, _)| (name.to_owned(), numbers(table, name))).collect();
    Some(AtWork { times_ms: numbers(table, "time"), threads: numbers(table, "nthreads"), groups })
}
