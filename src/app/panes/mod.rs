//! The panes of Dask's dashboard as plain data: which there are, which pages each needs, and what it
//! shows. How it is drawn is `ui`'s affair.

mod aside;
mod bars;
pub mod flame;
mod grids;
pub mod layout;
pub mod own;
mod series;
pub mod svg;
mod table;

pub use table::{Cell, Table};

use super::engine::Engine;
use crate::base::task::Rgb;
use crate::feed::pool::Page;

/// A shelf of the library.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Group {
    /// What tasks do.
    Work,
    /// What is held, and where.
    Memory,
    /// What is sent.
    Communication,
    /// The scheduler itself.
    Scheduler,
}

impl Group {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Work, Self::Memory, Self::Communication, Self::Scheduler];

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Work => "Work",
            Self::Memory => "Memory",
            Self::Communication => "Communication",
            Self::Scheduler => "Scheduler",
        }
    }
}

/// One pane.
pub struct Pane {
    /// Its name in links (`#/panel/<id>`) and test ids (`pane-<id>`).
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Where it stands in the library.
    pub group: Group,
    /// Dask's own pages and plots that it stands for, and words by which people look for it.
    pub words: &'static str,
    /// What it needs of the dashboard, beside the worker table that is always there.
    pub pages: &'static [Page],
    /// What it shows now; none before the first word.
    pub read: fn(&Engine) -> Option<Picture>,
}

/// The lists of panes, each beside what reads it.
const LISTS: [&[Pane]; 5] =
    [&bars::PANES, &grids::PANES, &series::PANES, &flame::PANES, &aside::PANES];

/// All panes that are drawn natively, beside the task stream, progress and workers.
pub fn all() -> impl Iterator<Item = &'static Pane> {
    LISTS.into_iter().flatten()
}

/// The pane of that name.
pub fn pane(id: &str) -> Option<&'static Pane> {
    all().find(|pane| pane.id == id)
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
    /// What is advised; read by its own drawing, as the two below.
    Advice,
    /// A log.
    Logs,
    /// Where running tasks are.
    Stacks,
    /// Functions and what they call.
    Flame(flame::Flame),
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
    /// What stands in a table's head.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Bytes => "B",
            Self::Rate => "B/s",
            Self::Seconds => "s",
            Self::Cores => "cores",
        }
    }

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
