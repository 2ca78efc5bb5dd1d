//! What the page would do about a run: lints on plain figures, each with its evidence, what to do and where to look.
//! A finding comes when its condition has held for a while, and leaves likewise.
//!
//! Lints are pure functions over [`Facts`]; [`AdviceRunner`] collects those of one scheduler. It knows no page and no
//! drawing.
//!
//! ```
//! use daskscope_advice::AdviceRunner;
//! use live::engine::{Engine, Input};
//! use live::source::Source;
//!
//! let source = Source { base: "http://127.0.0.1:8787".into(), label: "mine".into() };
//! let (mut engine, mut advice) = (Engine::new(&source, 7, 0.0), AdviceRunner::default());
//! advice.handle(&mut engine, 0.0, Input::Start, &mut Vec::new());
//! assert!(advice.advice().is_none(), "nothing is known yet");
//! ```

mod board;
mod environment;
mod failures;
mod memory;
mod recent;
mod runner;
mod spread;
mod stragglers;
mod transfers;
mod watch;
mod work;

pub use board::{Board, LEAVE_MS, STAY_MS};
pub use environment::{EnvironmentMismatch, odd};
pub use recent::{PrefixFacts, Recent, SlowWorker, Window};
pub use runner::AdviceRunner;
pub use spread::{Spread, may_pile};
pub use watch::Watch;
pub use work::Stuck;

use base::time::Span;
use feed::progress::Counts;
use feed::workers::WorkerRow;
use live::exceptions::Kind;
use live::names::Names;

/// How much it matters.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Debug)]
pub enum Grade {
    /// Work fails, or is about to.
    Bad,
    /// It costs time.
    Warn,
    /// Worth knowing.
    Note,
}

/// Where to look.
#[derive(Clone, PartialEq, Debug)]
pub enum Place {
    /// A pane, by its name.
    Pane(&'static str),
    /// The task stream: what to filter by, and when.
    Stream {
        /// The query; empty: all.
        query: String,
        /// The span to show; none: as it is.
        span: Option<Span>,
    },
}

/// Something to say.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// What it is about, one of each at a time.
    pub id: &'static str,
    /// How much it matters.
    pub grade: Grade,
    /// In a few words.
    pub title: String,
    /// The figures that say so.
    pub evidence: String,
    /// What to do.
    pub remedy: &'static str,
    /// A setting or code for it; empty where there is none.
    pub code: &'static str,
    /// Where to look, the best first.
    pub places: Vec<Place>,
}

/// Everything that lints look at.
#[derive(Copy, Clone, Debug)]
pub struct Facts<'a> {
    /// Present time, ms since the epoch.
    pub now_ms: f64,
    /// The workers.
    pub workers: &'a [WorkerRow],
    /// The names of workers, also of those that have left.
    pub names: &'a Names,
    /// Tasks by state, once the scheduler has said.
    pub counts: Option<Counts>,
    /// What ran last.
    pub recent: Option<&'a Recent>,
    /// How long the scheduler's event loop takes for a turn on the mean, seconds; where that makes it the
    /// bottleneck.
    pub loop_s: Option<f64>,
    /// Tasks that no worker may run, by prefix, and the key of one of each where that is known.
    pub stuck: &'a [Stuck],
    /// How tasks lie on the workers, while the page that tells is open.
    pub spread: Option<&'a Spread>,
    /// Failures by kind, as far as they are known.
    pub failures: &'a [Kind],
    /// What was noticed of workers over time.
    pub watch: &'a Watch,
    /// A log's warning that versions differ: whose, and its text.
    pub mismatch: Option<(&'a str, &'a str)>,
    /// An environment that is not the one that was wanted, where a gateway tells it.
    pub odd: Option<&'a EnvironmentMismatch>,
}

type Lint = fn(&Facts<'_>) -> Option<Finding>;

/// All lints.
const LINTS: [Lint; 16] = [
    failures::of_one_kind,
    environment::imports,
    environment::versions,
    environment::options,
    failures::restarts,
    memory::full,
    memory::spilled,
    memory::growing,
    work::nowhere,
    work::idle,
    spread::uneven,
    work::scheduler,
    work::tiny,
    transfers::share,
    stragglers::task,
    stragglers::worker,
];

/// Findings about workers that are there: of none of them once no worker is.
pub const OF_WORKERS: [&str; 6] =
    ["memory-full", "spilling", "unmanaged", "straggler-worker", "uneven", "idle"];

/// All that is true now.
pub fn look(facts: &Facts<'_>) -> Vec<Finding> {
    LINTS.iter().filter_map(|lint| lint(facts)).collect()
}

/// The filter for the tasks of a prefix.
fn of_prefix(name: &str, more: &str) -> String {
    let quote = if name.contains([' ', '"', ':', '<', '>']) || name.is_empty() { "\"" } else { "" };
    let name = if quote.is_empty() { name.to_owned() } else { name.replace('"', "") };
    format!("prefix:{quote}{name}{quote}{more}")
}

/// A worker's name, or its address where there is none.
fn name_of(row: &WorkerRow) -> &str {
    base::worker::shown_name(&row.name, &row.address)
}

/// How long the last window is, in words.
fn window_words(recent: &Recent) -> String {
    base::fmt::secs(recent.span.len().secs())
}
