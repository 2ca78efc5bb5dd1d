//! Pages that are read whole, as rows: which columns of which source mean what.

use super::bokeh::json::Json;
use super::bokeh::table::{Cell, Column, Table};
use super::pool::DashboardPage;
use super::session::DocumentSnapshot;
use super::tasks::color_of;
use base::number::plain;
use base::task::Rgb;

/// A named amount.
#[derive(Clone, PartialEq, Debug)]
pub struct Named {
    /// Of what: a worker's address, a prefix, an action, a type; several words for pairs.
    pub name: Vec<String>,
    /// The page's amounts, in its order (see [`named`]); 0 where one is missing.
    pub amounts: [f64; 2],
    /// The colour that Dask gives it.
    pub color: Option<Rgb>,
}

struct Shape {
    page: DashboardPage,
    names: &'static [&'static str],
    amounts: &'static [&'static str],
    color: &'static str,
}

const fn shape(
    page: DashboardPage,
    names: &'static [&'static str],
    amounts: &'static [&'static str],
    color: &'static str,
) -> Shape {
    Shape { page, names, amounts, color }
}

/// The pages of named amounts: tasks and CPU (percent) of workers, seconds of work that wait, bytes
/// in flight to and from, seconds by action and prefix, bytes and results by prefix, bytes a second
/// by type and from worker to worker, seconds that event loops wait.
const NAMED: [Shape; 9] = [
    shape(DashboardPage::Load, &["worker"], &["nprocessing", "cpu"], "nprocessing-color"),
    shape(DashboardPage::Occupancy, &["worker"], &["occupancy"], "color"),
    shape(
        DashboardPage::Transfers,
        &["worker"],
        &["transfer_incoming_bytes", "transfer_outgoing_bytes"],
        "",
    ),
    shape(DashboardPage::ActionTimes, &["names"], &["times"], "color"),
    shape(DashboardPage::PrefixTimes, &["names"], &["times"], "color"),
    shape(DashboardPage::PrefixMemory, &["name"], &["nbytes", "count"], "color"),
    shape(DashboardPage::BandwidthTypes, &["type"], &["bandwidth"], ""),
    shape(DashboardPage::BandwidthWorkers, &["source", "destination"], &["bandwidth"], ""),
    shape(DashboardPage::Contention, &["names"], &["values"], ""),
];

/// The named amounts of a page; none where it has no such source, or is not such a page.
pub fn named(page: DashboardPage, whole: &DocumentSnapshot) -> Option<Vec<Named>> {
    let shape = NAMED.iter().find(|shape| shape.page == page)?;
    let table =
        whole.tables.iter().find(|table| table.has(shape.names) && table.has(shape.amounts))?;
    let column = |name: &&str| table.column(name);
    let count = table.column(shape.names[0]).map_or(0, Column::len);
    let mut rows = Vec::with_capacity(count);
    for i in 0..count {
        let mut name = Vec::new();
        for column in shape.names.iter().filter_map(column) {
            words(column.cell(i), &mut name);
        }
        let mut amounts = [0.0; 2];
        for (amount, column) in amounts.iter_mut().zip(shape.amounts.iter().map(column)) {
            let number = column.and_then(|column| column.number(i));
            *amount = number.filter(|number| number.is_finite()).unwrap_or(0.0);
        }
        let color = table.column(shape.color).and_then(|column| column.text(i)).map(color_of);
        rows.push(Named { name, amounts, color });
    }
    Some(rows)
}

/// A cell as words: a text is one, a list of texts is as many.
fn words(cell: Cell<'_>, out: &mut Vec<String>) {
    match cell {
        Cell::Text(text) => out.push(text.into()),
        Cell::Number(number) => out.push(plain(number)),
        Cell::Json(json) => {
            let before = out.len();
            let read = Json::new(json).elements(&mut |json| {
                out.push(json.text()?.into_owned());
                Ok(())
            });
            if read.is_err() {
                out.truncate(before);
                out.push(json.into());
            }
        }
        Cell::Null | Cell::Bool(_) => out.push(String::new()),
    }
}

/// The pages of texts, and the columns that are read of them.
const TEXTS: [(DashboardPage, &[&str]); 2] = [
    (DashboardPage::Exceptions, &["Exception", "Task", "Worker(s)", "Count", "Traceback"]),
    (DashboardPage::Events, &["time", "action", "hover"]),
];

/// The rows of a page of texts: of exceptions what, the task, the workers, how often, the traceback;
/// of events the time (Unix ms), what, and more about it.
pub fn texts(page: DashboardPage, whole: &DocumentSnapshot) -> Option<Vec<Vec<String>>> {
    let (_, names) = TEXTS.iter().find(|(known, _)| *known == page)?;
    let table = whole.table(names)?;
    let columns: Vec<&Column> = names.iter().filter_map(|name| table.column(name)).collect();
    let mut rows = Vec::new();
    for i in 0..table.rows() {
        let mut row = Vec::with_capacity(columns.len());
        for column in &columns {
            row.push(match column.cell(i) {
                Cell::Text(text) => text.into(),
                Cell::Number(number) => plain(number),
                // A key that is a tuple stays one.
                Cell::Json(json) => json.into(),
                Cell::Null | Cell::Bool(_) => String::new(),
            });
        }
        rows.push(row);
    }
    Some(rows)
}

/// Amounts over time, as the scheduler samples itself or its mean worker.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Samples {
    /// When, Unix ms.
    pub times_ms: Vec<f64>,
    /// CPU, percent of a core.
    pub cpu: Vec<f64>,
    /// Memory, bytes.
    pub memory: Vec<f64>,
    /// Network, bytes a second in and out.
    pub network: [Vec<f64>; 2],
    /// Disk, bytes a second read and written.
    pub disk: [Vec<f64>; 2],
    /// Open file descriptors; empty where they are not sent.
    pub fds: Vec<f64>,
}

/// The samples of a page of series.
pub fn samples(whole: &DocumentSnapshot) -> Option<Samples> {
    let table = whole.table(&["time", "cpu", "memory"])?;
    let column = |name: &str| numbers(table, name);
    Some(Samples {
        times_ms: column("time"),
        cpu: column("cpu"),
        memory: column("memory"),
        network: ["host_net_io.read_bps", "host_net_io.write_bps"].map(column),
        disk: ["host_disk_io.read_bps", "host_disk_io.write_bps"].map(column),
        fds: column("num_fds"),
    })
}

pub(super) fn numbers(table: &Table, name: &str) -> Vec<f64> {
    let Some(column) = table.column(name) else { return Vec::new() };
    (0..column.len()).map(|i| column.number(i).unwrap_or(f64::NAN)).collect()
}
