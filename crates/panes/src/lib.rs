//! The panes of the dashboard as plain data: which there are, which of Dask's pages each needs, and what it shows.
//!
//! A pane is a pure function over a borrowed [`Snapshot`]. It knows neither how it is drawn nor where what it reads
//! came from.
//!
//! ```
//! use live::snapshot::Parts;
//!
//! let pane = daskscope_panes::pane("cpu").unwrap();
//! assert_eq!(pane.title, "CPU by worker");
//! assert_eq!((pane.read)(&Parts::default().snapshot()), None, "no worker table has come");
//! ```

pub mod arrange;
mod aside;
mod bars;
mod counted;
mod devices;
mod ends;
mod fine;
pub mod flame;
mod fold;
pub mod graph;
mod grids;
mod groups;
mod heat;
pub mod layout;
pub mod matrix;
pub mod order;
pub mod own;
pub mod saved;
mod series;
pub mod svg;
mod table;
mod trends;

pub use counted::all_busy;
pub use fold::natural;
pub use table::{Cell, Table};

use std::borrow::Cow;
use std::rc::Rc;

pub use groups::state_name;

use self::matrix::Matrix;
use base::fmt;
use base::task::Rgb;
use feed::graph::TaskState;
use feed::pool::DashboardPage;
use live::snapshot::Snapshot;
use timeline::ticks;

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
    /// Pages of Dask's dashboard as they are.
    Own,
}

impl Group {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 6] =
        [Self::Work, Self::Memory, Self::Communication, Self::Scheduler, Self::Gpu, Self::Own];

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Work => "Work",
            Self::Memory => "Memory",
            Self::Communication => "Communication",
            Self::Scheduler => "Scheduler",
            Self::Gpu => "GPU",
            Self::Own => "Dask's own pages",
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
    pub pages: &'static [DashboardPage],
    /// What it shows now; none before the first word.
    pub read: fn(&Snapshot<'_>) -> Option<Picture>,
}

/// The lists of panes, each beside what reads it.
const LISTS: [&[Pane]; 13] = [
    &bars::PANES,
    &heat::PANES,
    &trends::PANES,
    &devices::PANES,
    &grids::PANES,
    &series::PANES,
    &flame::PANES,
    &graph::PANES,
    &groups::PANES,
    &fine::PANES,
    &aside::PANES,
    &counted::PANES,
    &own::PANES,
];

/// All panes beside the task stream, progress and workers: those that are drawn natively, then pages
/// of Dask's dashboard as they are.
pub fn all() -> impl Iterator<Item = &'static Pane> {
    LISTS.into_iter().flatten()
}

/// The pane of that name.
pub fn pane(id: &str) -> Option<&'static Pane> {
    all().find(|pane| pane.id == id)
}

/// Whether a worker has reported a GPU, as far as the worker table tells.
pub fn gpus(view: &Snapshot<'_>) -> bool {
    view.workers.is_some_and(|workers| workers.gpus)
}

/// The panes that are offered: those of GPUs, and Dask's page of them, only where there are some.
pub fn offered(gpus: bool) -> impl Iterator<Item = &'static Pane> {
    all().filter(move |pane| gpus || pane.group != Group::Gpu && pane.id != own::GPU)
}

/// Shares of its memory at which a worker acts, as Dask has them by default.
const THRESHOLDS: [(f64, &str); 3] = [
    (0.7, "spills (Dask's default)"),
    (0.8, "pauses (Dask's default)"),
    (0.95, "restarts (Dask's default)"),
];

/// What a pane shows.
#[derive(PartialEq, Debug)]
pub enum Picture {
    /// Named amounts.
    Bars(Bars),
    /// Texts in columns.
    Grid(Grid),
    /// Amounts over time.
    Series(Series),
    /// Amounts in rows and columns, as colours.
    Matrix(Matrix),
    /// What is advised; read by its own drawing, as the two below.
    Advice,
    /// A log.
    Logs,
    /// Where running tasks are.
    CallStacks,
    /// Functions and what they call.
    Flame(flame::Flame),
    /// Named amounts, each in the same parts.
    Stacks(Rc<Stacks>),
    /// Amounts over time, one upon the other.
    Areas(Rc<Areas>),
    /// The graph of tasks.
    Graph(graph::Tables),
    /// Several, one below the other, each below its title; and what stands in the pane's head.
    Parts(Vec<(&'static str, Picture)>, String),
    /// What the scheduler is asked for only when a person wants it.
    Offer(Offer),
    /// A page of Dask's dashboard as it is, by the pane's id (see [`own::path_of`]).
    Own(&'static str),
    /// Nothing, and why.
    Nothing(&'static str),
}

impl Picture {
    /// What stands in the pane's head.
    pub fn note(&self) -> &str {
        match self {
            Self::Bars(bars) => &bars.note,
            Self::Grid(grid) => &grid.note,
            Self::Series(series) => &series.note,
            Self::Stacks(stacks) => &stacks.note,
            Self::Areas(areas) => &areas.note,
            Self::Parts(_, note) => note,
            Self::Flame(flame) => &flame.note,
            Self::Matrix(matrix) => &matrix.note,
            _ => "",
        }
    }
}

/// What one part of stacked amounts looks like.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Paint {
    /// A colour that Dask gives it.
    Own(Rgb),
    /// The page's own for a state of tasks.
    State(TaskState),
}

/// One part that all of the stacked amounts have.
#[derive(Clone, PartialEq, Debug)]
pub struct StackKey {
    /// What it is.
    pub name: String,
    /// What it looks like.
    pub paint: Paint,
    /// Its amount over all of them.
    pub total: f64,
}

/// One amount in parts.
#[derive(Clone, PartialEq, Debug)]
pub struct Stack {
    /// Of what.
    pub name: String,
    /// One for each of the keys.
    pub amounts: Vec<f64>,
    /// What stands beside it.
    pub said: String,
    /// More about it: an amount for each of [`Stacks::facts`], where it is known.
    pub facts: Vec<Option<f64>>,
}

/// Named amounts, each in the same parts.
#[derive(Clone, PartialEq, Debug)]
pub struct Stacks {
    /// In what.
    pub unit: Unit,
    /// What the amounts are of, for the head of the table.
    pub of: &'static str,
    /// The parts.
    pub keys: Vec<StackKey>,
    /// What else is known of each of them, and in what.
    pub facts: &'static [(&'static str, Unit)],
    /// The longest first.
    pub bars: Vec<Stack>,
    /// What is of none of them, which is told below and not drawn: it would make all others short.
    pub rest: Option<Stack>,
    /// Whether each bar is as long as the others: shares of its own sum.
    pub shares: bool,
    /// What stands in the pane's head.
    pub note: String,
    /// What is to be said below it.
    pub remark: String,
}

/// Amounts over time, one upon the other.
#[derive(Clone, PartialEq, Debug)]
pub struct Areas {
    /// When, seconds before the last sample (0 or less).
    pub ages_s: Vec<f64>,
    /// The largest first.
    pub layers: Vec<Layer>,
    /// As high as it can get, at each time.
    pub limit: Vec<f64>,
    /// What stands in the pane's head.
    pub note: String,
}

/// One of them.
#[derive(Clone, PartialEq, Debug)]
pub struct Layer {
    /// Of what.
    pub name: String,
    /// Its prefix's colour.
    pub color: Rgb,
    /// One for each time.
    pub amounts: Vec<f64>,
}

/// What the scheduler is asked for only when a person wants it.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub struct Offer {
    /// What it does, and what it costs.
    pub words: &'static str,
    /// On the button.
    pub button: &'static str,
    /// While it is under way.
    pub under_way: &'static str,
    /// What is opened.
    pub page: DashboardPage,
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

impl Bar {
    /// Where its pieces begin, and where the bar ends with all that it may hold. What is on disk does
    /// not count towards a limit of memory: it begins beyond that.
    pub fn laid(&self) -> (Vec<(f64, &Piece)>, f64) {
        let limit = self.limit.unwrap_or(0.0);
        let mut laid = Vec::new();
        let mut end = 0.0;
        for piece in self.pieces.iter().filter(|piece| piece.amount > 0.0) {
            if piece.name.starts_with("spilled") {
                end = limit.max(end);
            }
            laid.push((end, piece));
            end += piece.amount;
        }
        (laid, end.max(limit))
    }
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
    /// A text or an amount for each column.
    pub cells: Vec<Cell>,
    /// What opens below it.
    pub more: Option<String>,
}

impl GridRow {
    /// A row of texts.
    fn texts(cells: Vec<String>, more: Option<String>) -> Self {
        Self { cells: cells.into_iter().map(Cell::Text).collect(), more }
    }
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

    /// Round amounts of its axis, each with its label.
    pub fn marks(&self) -> Vec<(f64, String)> {
        let top = self.top();
        // Bytes in the unit that their labels have, or round numbers would not be round there.
        let mut unit = 1.0;
        if matches!(self.unit, Unit::Bytes | Unit::Rate) {
            while top >= unit * 1024.0 * 0.9 {
                unit *= 1024.0;
            }
        }
        let seconds = self.unit == Unit::Seconds;
        let label = |amount: f64| match self.unit {
            Unit::Seconds => fmt::round_secs(amount),
            _ => self.unit.say(amount).replace(".00 ", " "),
        };
        let marks = ticks::amounts(top / unit, seconds).into_iter();
        let mut marks: Vec<(f64, String)> =
            marks.map(|amount| (amount * unit, label(amount * unit))).collect();
        // What is written alike would be told twice.
        marks.dedup_by(|after, before| after.1 == before.1);
        marks
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

/// A share (0 to 1) in whole percent; what is less than one is told from nothing.
pub fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.005 {
        return "under 1 %".into();
    }
    base::number::fixed(share * 100.0, 0) + " %"
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

    /// What an amount of it is; empty where its name says that.
    fn of(self) -> &'static str {
        match self {
            Self::Bytes => "Size",
            Self::Rate => "Rate",
            Self::Seconds => "Time",
            Self::Cores => "CPU",
            Self::Count | Self::Share => "",
        }
    }

    /// An amount for people.
    pub fn say(self, amount: f64) -> String {
        use base::number::fixed;
        match self {
            Self::Count => {
                // A mean of few is not to be a whole one.
                let (amount, near) = (amount.max(0.0), (amount.max(0.0) + 0.5).floor());
                if amount < 100.0 && (amount - near).abs() >= 0.05 {
                    return fixed(amount, 1);
                }
                fmt::count(near as u64)
            }
            Self::Bytes => fmt::bytes(amount),
            Self::Rate => fmt::bytes(amount) + "/s",
            Self::Seconds => fmt::secs(amount),
            Self::Cores | Self::Share => fixed(amount * 100.0, 0) + " %",
        }
    }
}

#[cfg(test)]
mod tests;
