//! Looks for something to say, now and then, and reads what it takes to say it: some of Dask's pages, and only
//! while somebody reads the advice.

use crate::{
    Board, EnvironmentMismatch, Facts, Finding, OF_WORKERS, Recent, STAY_MS, Spread, Stuck, Watch,
    Window, environment, look, may_pile,
};
use base::clock::Moment;
use feed::graph::{self, TaskState};
use feed::plots;
use feed::pool::DashboardPage;
use feed::progress::ProgressRow;
use live::engine::{Changed, Engine, Input, Output};
use live::exceptions::Kind;
use live::snapshot::Snapshot;
use store::Store;

/// How often it is looked whether there is something to advise, ms.
const LOOK_MS: f64 = 1_000.0;
/// Rows counted in one look: a few milliseconds.
const ROWS: usize = 15_000;
/// How soon the last rows are counted again once they were, ms.
const RECENT_MS: f64 = 3_000.0;
/// Failed tasks up to which the page of exceptions is read for advice: it comes whole whenever one is
/// added, with all tracebacks.
const FEW_FAILED: u64 = 200;
/// Up to so many it is read once, where it never was: many may fail at a time.
const ONCE_FAILED: u64 = 2_000;
/// How long the page of tasks by worker stays open for advice once there was a reason to look, ms.
const LOADS_MS: f64 = 30_000.0;

/// Advice about one scheduler.
#[derive(Default)]
pub struct AdviceRunner {
    watch: Watch,
    board: Board,
    window: Option<Window>,
    recent: Option<Recent>,
    /// The generation of the rows that were counted last, and when they were.
    counted: (u64, f64),
    /// How many parts of the page show advice.
    shown: u32,
    /// Pages that are open for it.
    exceptions: bool,
    loads: bool,
    /// Until when there is a reason to read of tasks by worker, ms since the epoch.
    loads_ms: f64,
    /// Failures by kind as the page of exceptions told them last; none once nothing has failed.
    kinds: Vec<Kind>,
    look_ms: f64,
    /// When it was looked for something to say first.
    looked_ms: Option<f64>,
    /// Whether that was long enough ago to say that there is nothing.
    knows: bool,
    odd: Option<EnvironmentMismatch>,
}

impl AdviceRunner {
    /// Feeds the engine of the scheduler, and looks whether there is something to say about what came of it.
    pub fn handle(
        &mut self,
        engine: &mut Engine,
        now: impl Into<Moment>,
        input: Input<'_>,
        out: &mut Vec<Output>,
    ) -> Changed {
        let now = now.into();
        let mut changed = engine.handle(now, input, out);
        if changed.run {
            self.begin_run();
        }
        if changed.workers {
            let snapshot = engine.snapshot();
            self.watch.note(snapshot.now_ms, snapshot.worker_rows());
        }
        let mut wants = Vec::new();
        let stream = engine.stream();
        let snapshot = engine.snapshot();
        changed.tables |= self.turn(&snapshot, stream.borrow().store(), &mut wants);
        if snapshot.is_current {
            out.push(Output::Wake { at_ms: self.look_ms });
        }
        for (page, wanted) in wants {
            changed |= engine.handle(now, Input::Pane(page, wanted), out);
        }
        changed
    }

    /// One more part of the page shows advice, or one fewer.
    pub fn note_shown(&mut self, shown: bool) {
        self.shown = if shown { self.shown + 1 } else { self.shown.saturating_sub(1) };
        if shown {
            self.look_ms = 0.0;
        }
    }

    /// How the cluster's environment differs from the one that was wanted, if it does.
    pub fn set_environment(&mut self, odd: Option<EnvironmentMismatch>) {
        self.odd = odd;
    }

    /// What is advised, the gravest first; none before it was looked for as long as a finding takes to be
    /// said.
    pub fn advice(&self) -> Option<Vec<&Finding>> {
        self.knows.then(|| self.board.shown())
    }

    /// What was found out of a scheduler says nothing of another one.
    fn begin_run(&mut self) {
        *self = Self {
            counted: self.counted,
            shown: self.shown,
            exceptions: self.exceptions,
            loads: self.loads,
            look_ms: self.look_ms,
            odd: self.odd.take(),
            ..Self::default()
        };
    }

    /// Does what is due. Which pages it wants open or closed goes to `wants`; says whether what is advised has
    /// changed.
    fn turn(
        &mut self,
        snapshot: &Snapshot<'_>,
        store: &Store,
        wants: &mut Vec<(DashboardPage, bool)>,
    ) -> bool {
        let now_ms = snapshot.now_ms;
        let advised = self.shown > 0 && !snapshot.is_hidden;
        let totals = snapshot.progress.totals();
        let erred = totals.map_or(0, |counts| counts.erred);
        let most = if self.kinds.is_empty() { ONCE_FAILED } else { FEW_FAILED };
        let is_due = self.look_ms <= now_ms;
        if advised
            && is_due
            && totals.is_some_and(|counts| may_pile(snapshot.worker_rows(), counts.processing))
        {
            self.loads_ms = now_ms + LOADS_MS;
        }
        let mut keep = |page: DashboardPage, is: &mut bool, wanted: bool| {
            if std::mem::replace(is, wanted) != wanted {
                wants.push((page, wanted));
            }
        };
        keep(
            DashboardPage::Exceptions,
            &mut self.exceptions,
            advised && (1..=most).contains(&erred),
        );
        keep(DashboardPage::Load, &mut self.loads, advised && now_ms < self.loads_ms);
        if !is_due || !snapshot.is_current {
            return false;
        }
        self.look_ms = now_ms + LOOK_MS;
        self.advise(snapshot, store)
    }

    /// Looks for something to say. Says whether that has changed.
    fn advise(&mut self, snapshot: &Snapshot<'_>, store: &Store) -> bool {
        let now_ms = snapshot.now_ms;
        self.count_recent(store, now_ms);
        let failures = self.failures(snapshot);
        let rows = snapshot.worker_rows();
        let here = |address: &str| rows.iter().any(|row| row.address == address);
        let loads = snapshot
            .open_whole(DashboardPage::Load)
            .and_then(|whole| plots::named(DashboardPage::Load, whole));
        let spread = loads.map(|loads| Spread::of(rows, &loads));
        let stuck = stuck(snapshot);
        let facts = Facts {
            stuck: &stuck,
            now_ms,
            workers: rows,
            names: snapshot.names,
            // Before the workers came, none would seem to be there.
            counts: snapshot.progress.totals().filter(|_| snapshot.workers.is_some()),
            recent: self.recent.as_ref(),
            loop_s: Some(snapshot.turn).filter(|turn| turn.is_high).map(|turn| turn.mean),
            spread: spread.as_ref(),
            failures: &failures,
            watch: &self.watch,
            mismatch: snapshot.info.mismatch(now_ms, &here),
            odd: self.odd.as_ref(),
        };
        let found = look(&facts);
        let first = *self.looked_ms.get_or_insert(now_ms);
        let before = self.knows;
        self.knows = first + STAY_MS <= now_ms;
        let mut updated = self.board.update(now_ms, found);
        if snapshot.workers.is_some_and(|workers| workers.rows.is_empty()) {
            updated |= self.board.forget(&OF_WORKERS);
        }
        updated || before != self.knows
    }

    /// Counts the last rows, a slice of them at a time.
    fn count_recent(&mut self, store: &Store, now_ms: f64) {
        if self.window.is_none() {
            let (generation, at_ms) = self.counted;
            if generation == store.generation() || now_ms < at_ms + RECENT_MS {
                return;
            }
            self.counted = (store.generation(), now_ms);
            self.window = Window::new(store);
        }
        if let Some(recent) = self.window.as_mut().and_then(|window| window.step(store, ROWS)) {
            self.recent = Some(recent);
            self.window = None;
        }
    }

    /// Failures by kind: as the page of exceptions tells them while it is open, for whomever; else by
    /// prefix, beside those that differing environments make as that page told them last.
    fn failures(&mut self, snapshot: &Snapshot<'_>) -> Vec<Kind> {
        if snapshot.progress.totals().is_none_or(|counts| counts.erred == 0) {
            self.kinds.clear();
            return Vec::new();
        }
        let is_open = snapshot.pool.is_open(DashboardPage::Exceptions);
        let read = is_open.then(|| snapshot.exceptions()).flatten();
        if let Some(kinds) = read.filter(|kinds| !kinds.is_empty()) {
            self.kinds.clone_from(&kinds);
            return kinds;
        }
        let known = self.kinds.iter().filter(|kind| environment::is_of_environment(&kind.what));
        let mut all: Vec<Kind> = known.cloned().collect();
        let rows = snapshot.progress().iter().filter(|(row, _)| row.counts.erred > 0);
        all.extend(rows.map(|(row, _)| Kind {
            task: row.name.clone(),
            count: row.counts.erred,
            ..Kind::default()
        }));
        all
    }
}

/// Tasks that no worker may run, by prefix. Their keys are known while the graph is shown.
fn stuck(snapshot: &Snapshot<'_>) -> Vec<Stuck> {
    let rows = snapshot.progress().iter().map(|(row, _)| row);
    let rows: Vec<_> = rows.filter(|row| row.counts.no_worker > 0).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let table =
        snapshot.open_whole(DashboardPage::Graph).and_then(|whole| whole.table(&graph::NODES));
    let mut nodes = Vec::new();
    if let Some(table) = table {
        graph::nodes(table, &mut nodes);
    }
    let key = |prefix: &str| {
        let table = table?;
        let mut stuck = nodes.iter().zip(0..).filter(|(node, _)| node.state == TaskState::NoWorker);
        let found = stuck.find(|(_, row)| graph::prefix(table, *row) == prefix);
        found.map(|(_, row)| graph::key_of(graph::key(table, row)))
    };
    let stuck = |row: &&ProgressRow| Stuck {
        prefix: row.name.clone(),
        count: row.counts.no_worker,
        key: key(&row.name),
    };
    rows.iter().map(stuck).collect()
}

#[cfg(test)]
mod tests;
