//! The worker table.

use super::bokeh::table::{Cell, Column, Table};
use base::number::plain;

/// One worker, or the totals over all. What the scheduler's version does not send is `None`.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct WorkerRow {
    /// Its name; a number as text where it has only that.
    pub name: String,
    /// Its address; empty in the totals.
    pub address: String,
    /// Threads.
    pub nthreads: Option<f64>,
    /// Cores in use (0.04 is 4 %).
    pub cpu: Option<f64>,
    /// Resident memory, bytes.
    pub memory: Option<f64>,
    /// Memory it may use, bytes; `None` or 0 without limit.
    pub memory_limit: Option<f64>,
    /// Memory of results, bytes.
    pub managed: Option<f64>,
    /// Memory of nobody's for a while, bytes.
    pub unmanaged_old: Option<f64>,
    /// Memory of nobody's as yet, bytes.
    pub unmanaged_recent: Option<f64>,
    /// On disk, bytes.
    pub spilled: Option<f64>,
    /// Open file descriptors.
    pub num_fds: Option<f64>,
    /// Network, bytes per second in.
    pub net_read: Option<f64>,
    /// Network, bytes per second out.
    pub net_write: Option<f64>,
    /// Disk, bytes per second read.
    pub disk_read: Option<f64>,
    /// Disk, bytes per second written.
    pub disk_write: Option<f64>,
}

/// One state of the worker table.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Workers {
    /// The totals, when the server sends them.
    pub total: Option<WorkerRow>,
    /// The workers, in the server's order (by name).
    pub rows: Vec<WorkerRow>,
    /// Whether some of them reported a GPU when the page was opened.
    pub gpus: bool,
}

type Number = fn(&mut WorkerRow) -> &mut Option<f64>;

/// The columns of numbers.
const NUMBERS: [(&str, Number); 13] = [
    ("nthreads", |row| &mut row.nthreads),
    ("cpu", |row| &mut row.cpu),
    ("memory", |row| &mut row.memory),
    ("memory_limit", |row| &mut row.memory_limit),
    ("memory_managed", |row| &mut row.managed),
    ("memory_unmanaged_old", |row| &mut row.unmanaged_old),
    ("memory_unmanaged_recent", |row| &mut row.unmanaged_recent),
    ("memory_spilled", |row| &mut row.spilled),
    ("num_fds", |row| &mut row.num_fds),
    ("host_net_io.read_bps", |row| &mut row.net_read),
    ("host_net_io.write_bps", |row| &mut row.net_write),
    ("host_disk_io.read_bps", |row| &mut row.disk_read),
    ("host_disk_io.write_bps", |row| &mut row.disk_write),
];

impl Workers {
    /// Reads the source's columns; any of them may be missing.
    pub fn read(table: &Table) -> Self {
        let count = table.column("address").map_or(0, Column::len);
        let mut workers = Self { gpus: mentions_gpu(table), ..Self::default() };
        for i in 0..count {
            let mut row = WorkerRow::default();
            for (name, field) in NUMBERS {
                let number = table.column(name).and_then(|column| column.number(i));
                *field(&mut row) = number.filter(|number| number.is_finite());
            }
            let cell = |name: &str| table.column(name).map_or(Cell::Null, |column| column.cell(i));
            let text = |name: &str| match cell(name) {
                Cell::Text(text) => text.to_string(),
                Cell::Number(number) => plain(number),
                _ => String::new(),
            };
            row.name = text("name");
            row.address = text("address");
            // Versions without `_is_total` mark the totals by having no address.
            let total = match cell("_is_total") {
                Cell::Bool(total) => total,
                Cell::Number(total) => total != 0.0,
                _ => row.address.is_empty(),
            };
            if total {
                workers.total = Some(row);
            } else {
                workers.rows.push(row);
            }
        }
        workers
    }
}

/// Whether a worker table has a column of numbers about GPUs: the scheduler adds one for every
/// number that some worker had reported when the page was opened.
fn mentions_gpu(table: &Table) -> bool {
    let says = |name: &str| table.column(name).is_some_and(|column: &Column| !column.is_empty());
    says("gpu_memory_used") || says("gpu_utilization")
}

#[cfg(test)]
mod tests {
    use super::super::bokeh::frame::Buffers;
    use super::super::bokeh::value;
    use super::*;

    fn read(json: &str) -> Workers {
        let mut table = Table::default();
        value::table(json, &Buffers::default(), &mut table).unwrap();
        Workers::read(&table)
    }

    #[test]
    fn totals_apart_and_gaps_tolerated() {
        let workers = read(
            r#"{"name":["Total (2)","w1",1],"address":[null,"tcp://a","tcp://b"],
            "nthreads":[4,2,2],"memory_percent":["","",0.1],"cpu":[0.08,0.04,null],
            "host_net_io.read_bps":[3,1,2],"_is_total":[true,false,false]}"#,
        );
        assert_eq!(workers.total.as_ref().unwrap().nthreads, Some(4.0));
        assert_eq!(workers.rows.len(), 2);
        assert_eq!(workers.rows[1].name, "1");
        assert_eq!((workers.rows[1].cpu, workers.rows[1].net_read), (None, Some(2.0)));
        assert_eq!(workers.rows[1].spilled, None);

        let old = read(r#"{"name":["Total (1)","w"],"address":[null,"tcp://a"]}"#);
        assert!(old.total.is_some() && old.rows.len() == 1);
        assert_eq!(read("{}"), Workers::default());
        assert!(!workers.gpus);
        assert!(read(r#"{"name":["w"],"address":["tcp://a"],"gpu_utilization":[3]}"#).gpus);
    }
}
