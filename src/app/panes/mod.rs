//! The panes of Dask's dashboard as plain data: which there are, which pages each needs, and what it
//! shows. How it is drawn is `ui`'s affair.

mod bars;
mod devices;
mod fold;
mod grids;
mod heat;
pub mod layout;
pub mod matrix;
pub mod own;
mod series;
pub mod svg;
mod table;
mod trends;

pub use table::{Cell, Table};

use std::borrow::Cow;

use self::matrix::Matrix;
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
    /// What GPUs do.
    Gpu,
}

impl Group {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 5] =
        [Self::Work, Self::Memory, Self::Communication, Self::Scheduler, Self::Gpu];

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Work => "Work",
            Self::Memory => "Memory",
            Self::Communication => "Communication",
            Self::Scheduler => "Scheduler",
            Self::Gpu => "GPU",
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
const LISTS: [&[Pane]; 6] =
    [&bars::PANES, &devices::PANES, &heat::PANES, &trends::PANES, &grids::PANES, &series::PANES];

/// All panes that are drawn natively, beside the task stream, progress and workers.
pub fn all() -> impl Iterator<Item = &'static Pane> {
    LISTS.into_iter().flatten()
}

/// The pane of that name.
pub fn pane(id: &str) -> Option<&'static Pane> {
    all().find(|pane| pane.id == id)
}

/// Whether a worker has reported a GPU, as far as the worker table tells.
pub fn gpus(engine: &Engine) -> bool {
    engine.workers().is_some_and(|workers| workers.gpus)
}

/// The panes that are offered: those of GPUs only where there are some.
pub fn offered(gpus: bool) -> impl Iterator<Item = &'static Pane> {
    all().filter(move |pane| gpus || pane.group != Group::Gpu)
}

/// Shares of its memory at which a worker acts, as Dask has them by default.
const THRESHOLDS: [(f64, &str); 3] = [
    (0.7, "spills (Dask's default)"),
    (0.8, "pauses (Dask's default)"),
    (0.95, "is ended (Dask's default)"),
];

/// What a pane shows.
#[derive(Clone, PartialEq, Debug)]
pub enum Picture {
    /// Named amounts.
    Bars(Bars),
    /// Texts in columns.
    Grid(Grid),
    /// Amounts over time.
    Series(Series),
    /// Amounts in rows and columns, as colours.
    Matrix(Matrix),
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
    /// Shares of a whole; 1 is written 100 %.
    Share,
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
    /// The lines: what each is, and its samples; NaN breaks a line.
    pub lines: Vec<(Cow<'static, str>, Vec<f64>)>,
    /// How many are spread, where they are too many for lines.
    pub band: Option<Band>,
    /// What is remarkable about it, a sentence; empty where nothing is.
    pub note: String,
}

/// How many amounts are spread, at each sample.
#[derive(Clone, PartialEq, Debug)]
pub struct Band {
    /// Least, lower quartile, median, upper quartile, most.
    pub edges: [Vec<f64>; 5],
}

/// What an amount beside a plot is of, so that it has the colour of that.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Key {
    /// The one line.
    Only,
    /// One of several lines.
    Line(usize),
    /// The median.
    Median,
    /// From quartile to quartile.
    Half,
    /// From the least to the most.
    All,
}

impl Plot {
    /// The top of its axis, which begins at 0.
    pub fn top(&self) -> f64 {
        let most = self.band.as_ref().map(|band| &band.edges[4]);
        let all = self.lines.iter().map(|(_, amounts)| amounts).chain(most);
        let finite = all.flatten().copied().filter(|amount| amount.is_finite());
        finite.fold(0.0, f64::max).max(1e-9) * 1.1
    }

    /// What it has at a sample, in words, and the heights of its dots there, 0 (bottom) to 1.
    pub fn at(&self, sample: usize) -> (Vec<(Key, String)>, Vec<f64>) {
        let (mut said, mut dots) = (Vec::new(), Vec::new());
        let top = self.top();
        let value = |amounts: &[f64]| amounts.get(sample).copied().unwrap_or(f64::NAN);
        let say = |amount: f64| {
            if amount.is_finite() { self.unit.say(amount) } else { "–".into() }
        };
        for (at, (name, amounts)) in self.lines.iter().enumerate() {
            let amount = value(amounts);
            let key = if self.lines.len() > 1 { Key::Line(at) } else { Key::Only };
            let blank = if name.is_empty() { "" } else { " " };
            said.push((key, say(amount) + blank + name));
            if amount.is_finite() {
                dots.push(amount / top);
            }
        }
        if let Some(Band { edges }) = &self.band {
            let [low, quarter, median, three, high] =
                [0, 1, 2, 3, 4].map(|at: usize| edges.get(at).map_or(f64::NAN, |edge| value(edge)));
            said.push((Key::Median, format!("median {}", say(median))));
            said.push((Key::Half, format!("half in {} – {}", say(quarter), say(three))));
            said.push((Key::All, format!("all in {} – {}", say(low), say(high))));
            if median.is_finite() {
                dots.push(median / top);
            }
        }
        (said, dots)
    }
}

impl Series {
    /// The sample that is nearest to a share of the time, 0 to 1.
    pub fn nearest(times_ms: &[f64], share: f64) -> Option<usize> {
        let (first, last) = (times_ms.first()?, times_ms.last()?);
        let at = first + (last - first) * share;
        let next = times_ms.partition_point(|time| *time < at).min(times_ms.len() - 1);
        let before = next.saturating_sub(1);
        let far = |i: usize| times_ms.get(i).map_or(f64::INFINITY, |time| (time - at).abs());
        Some(if far(before) < far(next) { before } else { next })
    }
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
            Self::Share => "of 1",
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
            Self::Cores | Self::Share => fixed(amount * 100.0, 0) + " %",
        }
    }
}
