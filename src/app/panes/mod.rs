//! The panes of Dask's dashboard as plain data: which there are, which pages each needs, and what it
//! shows. How it is drawn is `ui`'s affair.

mod bars;
mod grids;
mod series;

use super::engine::Engine;
use crate::base::task::Rgb;
use crate::feed::pool::Page;

/// One pane.
pub struct Pane {
    /// Its name in links (`#/panel/<id>`) and test ids (`pane-<id>`).
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Dask's own pages and plots that it stands for, and words by which people look for it.
    pub words: &'static str,
    /// What it needs of the dashboard, beside the worker table that is always there.
    pub pages: &'static [Page],
    /// What it shows now; none before the first word.
    pub read: fn(&Engine) -> Option<Picture>,
}

/// All panes that are drawn natively, beside the task stream, progress and workers.
pub const PANES: [Pane; 14] = [
    Pane {
        id: "memory",
        title: "Memory by worker",
        words: "workers memory managed unmanaged spilled limit individual-workers-memory",
        pages: &[Page::Workers],
        read: bars::memory,
    },
    Pane {
        id: "cpu",
        title: "CPU by worker",
        words: "cpu load utilisation individual-cpu",
        pages: &[Page::Workers],
        read: bars::cpu,
    },
    Pane {
        id: "processing",
        title: "Tasks on each worker",
        words: "processing nprocessing saturated idle individual-nprocessing",
        pages: &[Page::Load],
        read: bars::processing,
    },
    Pane {
        id: "occupancy",
        title: "Work waiting on each worker",
        words: "occupancy seconds individual-occupancy",
        pages: &[Page::Occupancy],
        read: bars::occupancy,
    },
    Pane {
        id: "transfers",
        title: "Transfers in flight",
        words: "network bytes incoming outgoing individual-workers-transfer-bytes",
        pages: &[Page::Transfers],
        read: bars::transfers,
    },
    Pane {
        id: "network",
        title: "Network and disk by worker",
        words: "network disk bandwidth individual-workers-network individual-workers-disk",
        pages: &[Page::Workers],
        read: bars::traffic,
    },
    Pane {
        id: "action-times",
        title: "Time by action",
        words: "aggregate time compute transfer individual-aggregate-time-per-action",
        pages: &[Page::ActionTimes],
        read: bars::action_times,
    },
    Pane {
        id: "prefix-times",
        title: "Compute time by prefix",
        words: "key function individual-compute-time-per-key",
        pages: &[Page::PrefixTimes],
        read: bars::prefix_times,
    },
    Pane {
        id: "prefix-memory",
        title: "Memory by prefix",
        words: "key results individual-memory-by-key",
        pages: &[Page::PrefixMemory],
        read: bars::prefix_memory,
    },
    Pane {
        id: "bandwidth-types",
        title: "Bandwidth by type",
        words: "network serialization individual-bandwidth-types",
        pages: &[Page::BandwidthTypes],
        read: bars::bandwidth_types,
    },
    Pane {
        id: "contention",
        title: "Event loops",
        words: "contention gil event loop scheduler individual-contention",
        pages: &[Page::Contention],
        read: bars::contention,
    },
    Pane {
        id: "exceptions",
        title: "Exceptions",
        words: "errors erred traceback individual-exceptions",
        pages: &[Page::Exceptions],
        read: grids::exceptions,
    },
    Pane {
        id: "events",
        title: "Scheduler events",
        words: "workers joined left restart events",
        pages: &[Page::Events],
        read: grids::events,
    },
    Pane {
        id: "scheduler",
        title: "Scheduler",
        words: "system cpu memory file descriptors individual-scheduler-system",
        pages: &[Page::SchedulerSystem],
        read: series::scheduler,
    },
];

/// The pane of that name.
pub fn pane(id: &str) -> Option<&'static Pane> {
    PANES.iter().find(|pane| pane.id == id)
}

/// What a pane shows.
#[derive(Clone, PartialEq, Debug)]
pub enum Picture {
    /// Named amounts.
    Bars(Bars),
    /// Texts in columns.
    Grid(Grid),
    /// Amounts over time.
    Series(Series),
    /// Nothing, and why.
    Nothing(&'static str),
}

/// What amounts are counted in.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Bytes per second.
    Rate,
    /// Seconds.
    Seconds,
    /// Cores; 1 is written 100 %.
    Cores,
}

/// What part of a bar a colour stands for.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Tint {
    /// A prefix's or action's own colour, as Dask sends it.
    Own(Rgb),
    /// The page's one colour for amounts.
    Plain,
    /// A second one beside it.
    Second,
    /// Memory of results.
    Managed,
    /// Memory of nobody's for a while.
    Old,
    /// Memory of nobody's as yet.
    Recent,
    /// On disk.
    Spilled,
    /// More than is good.
    Hot,
    /// Nothing to do.
    Idle,
}

/// One piece of a bar.
#[derive(Clone, PartialEq, Debug)]
pub struct Piece {
    /// What it is; empty where the bar's name says it.
    pub name: &'static str,
    /// How much, in the bars' unit.
    pub amount: f64,
    /// Its colour.
    pub tint: Tint,
}

/// One bar.
#[derive(Clone, PartialEq, Debug)]
pub struct Bar {
    /// Of what.
    pub name: String,
    /// More about it, on hover.
    pub detail: String,
    /// From left to right.
    pub pieces: Vec<Piece>,
    /// As long as it can get, where there is such.
    pub limit: Option<f64>,
    /// What stands beside it, where that is not its sum.
    pub said: Option<String>,
}

/// Named amounts, drawn from one zero.
#[derive(Clone, PartialEq, Debug)]
pub struct Bars {
    /// In what.
    pub unit: Unit,
    /// In the order to be drawn.
    pub bars: Vec<Bar>,
    /// The sum, or what else stands in the pane's head.
    pub note: String,
    /// Shares of a bar's limit that are marked, with a word for each.
    pub marks: &'static [(f64, &'static str)],
}

/// Texts in columns.
#[derive(Clone, PartialEq, Debug)]
pub struct Grid {
    /// Names of the columns.
    pub columns: &'static [&'static str],
    /// The rows.
    pub rows: Vec<GridRow>,
    /// What stands in the pane's head.
    pub note: String,
}

/// One row of a grid.
#[derive(Clone, PartialEq, Debug)]
pub struct GridRow {
    /// A text for each column.
    pub cells: Vec<String>,
    /// What opens below it.
    pub more: Option<String>,
}

/// Amounts over one time axis.
#[derive(Clone, PartialEq, Debug)]
pub struct Series {
    /// Unix time of each sample, ms.
    pub times_ms: Vec<f64>,
    /// One plot below the other.
    pub plots: Vec<Plot>,
    /// What stands in the pane's head.
    pub note: String,
}

/// Lines that share an axis.
#[derive(Clone, PartialEq, Debug)]
pub struct Plot {
    /// Of what.
    pub title: &'static str,
    /// In what.
    pub unit: Unit,
    /// The lines: what each is, and its samples.
    pub lines: Vec<(&'static str, Vec<f64>)>,
}

impl Unit {
    /// An amount for people.
    pub fn say(self, amount: f64) -> String {
        use crate::base::{fmt, number::fixed};
        match self {
            Self::Count => fmt::count(amount.max(0.0) as u64),
            Self::Bytes => fmt::bytes(amount),
            Self::Rate => fmt::bytes(amount) + "/s",
            Self::Seconds => fmt::secs(amount),
            Self::Cores => fixed(amount * 100.0, 0) + " %",
        }
    }
}
