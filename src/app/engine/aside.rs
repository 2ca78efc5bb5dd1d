//! What the engine does beside its feeds: Dask's info pages, advice, what the feeds cost, and when
//! tasks failed.

use super::{Changed, Engine, Input, Output};
use crate::app::advice::{
    self, Board, Facts, Finding, Kind, Odd, Recent, STAY_MS, Spread, Stuck, TURN_S, Watch, Window,
    may_pile,
};
use crate::app::held::{Sums, Tally};
use crate::app::info::{Info, LogView};
use crate::app::panes::graph::key_of;
use crate::app::rate::Meter;
use crate::app::strained::Strained;
use base::hash::hash_str;
use base::sort::sort_by;
use base::task::Interval;
use base::time::Micros;
use feed::graph::{self, TaskState};
use feed::plots;
use feed::pool::{Page, Pool};
use feed::progress::ProgressRow;
use feed::session::State;
use feed::workers::Workers;

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
/// Failed tasks whose time is kept.
const MOST_FAILED: usize = 20_000;
/// Least time between two samples of the scheduler's event loop, ms.
const TURN_MS: f64 = 400.0;
/// How often the rates are said while nothing else happens, ms.
const RATE_MS: f64 = 2_000.0;

#[derive(Default)]
pub(super) struct Aside {
    info: Info,
    pub(super) watch: Watch,
    pub(super) failed: Failed,
    board: Board,
    meter: Meter,
    window: Option<Window>,
    recent: Option<Recent>,
    /// The generation of the rows that were counted last, and when they were.
    counted: (u64, f64),
    /// How many parts of the page show advice.
    advised: u32,
    /// What is open for it.
    pub(super) reads: Reads,
    /// Until when there is a reason to read of tasks by worker, ms since the epoch.
    loads_ms: f64,
    /// Failures by kind as that page told them last; none once nothing has failed.
    pub(super) kinds: Vec<Kind>,
    /// How long the scheduler's event loop takes for a turn, and when that was sampled last.
    turn: Strained,
    turned_ms: f64,
    look_ms: f64,
    /// When it was looked for something to say first.
    looked_ms: Option<f64>,
    /// Whether that was long enough ago to say that there is nothing.
    knows: bool,
    hidden: bool,
    tally: Tally,
    odd: Option<Odd>,
}

/// Pages that are open for advice.
#[derive(Default)]
pub(super) struct Reads {
    /// Exceptions.
    pub(super) exceptions: bool,
    /// Tasks by worker.
    pub(super) loads: bool,
}

/// When tasks failed.
#[derive(Default)]
pub(super) struct Failed {
    /// Key, hashed; frame of reference; end in it, µs.
    rows: Vec<(u64, u32, i64)>,
}

impl Failed {
    pub(super) fn note(&mut self, row: &Interval) {
        if row.erred {
            if self.rows.len() >= MOST_FAILED {
                self.rows.drain(..MOST_FAILED / 2);
            }
            let end = row.start + row.duration;
            self.rows.push((hash_str(row.key), row.frame, end.0));
        }
    }

    pub(super) fn fold(&mut self, frame: u32, into: u32) {
        for row in self.rows.iter_mut().filter(|row| row.1 == frame) {
            row.1 = into;
        }
    }

    pub(super) fn shift(&mut self, frame: u32, by: Micros) {
        for row in self.rows.iter_mut().filter(|row| row.1 == frame) {
            row.2 += by.0;
        }
    }
}

/// Subscribes to a page, or does no more, where what is wanted differs from what was.
fn keep(pool: &mut Pool, page: Page, is: &mut bool, wanted: bool) {
    match (std::mem::replace(is, wanted), wanted) {
        (false, true) => pool.subscribe(page),
        (true, false) => pool.unsubscribe(page),
        _ => {}
    }
}

impl Aside {
    /// What was found out of a scheduler says nothing of another one.
    pub(super) fn begin_run(&mut self) {
        self.watch = Watch::default();
        self.failed = Failed::default();
        self.board = Board::default();
        self.window = None;
        self.recent = None;
        self.loads_ms = 0.0;
        self.kinds.clear();
        self.turn = Strained::default();
        self.looked_ms = None;
        self.knows = false;
    }
}

impl Engine {
    /// Takes the inputs that are no feed's.
    pub(super) fn take_aside(&mut self, input: Input<'_>, changed: &mut Changed) {
        let now_ms = self.now_ms;
        match input {
            Input::Info(ask) => {
                self.aside.info.ask(now_ms, ask);
                changed.tables = true;
            }
            Input::InfoAnswer { ticket, status, body } => {
                self.aside.info.answer(now_ms, ticket, status, &body);
                changed.tables = true;
            }
            Input::Environment(odd) => self.aside.odd = odd,
            Input::Advise(true) => {
                self.aside.advised += 1;
                self.aside.look_ms = now_ms;
            }
            Input::Advise(false) => self.aside.advised = self.aside.advised.saturating_sub(1),
            Input::Hidden(hidden) => {
                self.aside.hidden = hidden;
                self.aside.info.set_hidden(hidden);
            }
            _ => {}
        }
    }

    /// Does what is due.
    pub(super) fn attend(&mut self, out: &mut Vec<Output>, changed: &mut Changed) {
        if self.stopped {
            return;
        }
        self.aside.info.due(self.now_ms, &mut |ticket, path| {
            out.push(Output::FetchInfo { ticket, path });
        });
        let tallied = self.is_tallied();
        let stream = self.stream.borrow();
        changed.tables |= self.aside.tally.turn(self.now_ms, tallied, stream.store());
        drop(stream);
        let counts = self.counted_so_far();
        self.aside.meter.note(self.now_ms, counts);
        self.sample_turn();
        let advised = self.aside.advised > 0 && !self.aside.hidden;
        let erred = self.progress.totals().map_or(0, |counts| counts.erred);
        let most = if self.aside.kinds.is_empty() { ONCE_FAILED } else { FEW_FAILED };
        let aside = &mut self.aside;
        if advised && aside.look_ms <= self.now_ms {
            let rows: &[_] = self.workers.as_ref().map_or(&[], |workers| &workers.rows);
            if self.progress.totals().is_some_and(|counts| may_pile(rows, counts.processing)) {
                aside.loads_ms = self.now_ms + LOADS_MS;
            }
        }
        let reads = advised && (1..=most).contains(&erred);
        keep(&mut self.pool, Page::Exceptions, &mut aside.reads.exceptions, reads);
        let reads = advised && self.now_ms < aside.loads_ms;
        keep(&mut self.pool, Page::Load, &mut aside.reads.loads, reads);
        if self.looks() && self.aside.look_ms <= self.now_ms {
            self.aside.look_ms = self.now_ms + LOOK_MS;
            changed.tables |= self.advise();
        }
    }

    /// Whether it is looked for something to say. That takes nothing from the scheduler but what is open
    /// anyway; of figures that are old nothing can be said.
    fn looks(&self) -> bool {
        !self.aside.hidden
            && self.workers.is_some()
            && [Page::Workers, Page::Progress].iter().all(|page| {
                let feed = self.feeds.iter().find(|feed| feed.page == *page);
                feed.is_some_and(|feed| matches!(feed.session.state(), State::Live))
            })
    }

    /// When something of it is due, ms since the epoch.
    pub(super) fn aside_wake(&self) -> Option<f64> {
        let look = self.looks().then_some(self.aside.look_ms);
        let told = self.rates().is_some_and(|[messages, _]| messages > 0.0) && !self.aside.hidden;
        let rate = told.then_some(self.now_ms + RATE_MS);
        let tallied = self.is_tallied().then(|| self.stream.borrow());
        let tally = tallied.and_then(|stream| self.aside.tally.wake_ms(stream.store()));
        let all = [look, rate, tally, self.aside.info.wake_ms()];
        all.into_iter().flatten().filter(|_| !self.stopped).reduce(f64::min)
    }

    /// Whether a pane that shows figures of what is held is there.
    fn is_tallied(&self) -> bool {
        let mut pages = [Page::ActionTimes, Page::PrefixTimes].into_iter();
        !self.aside.hidden && pages.any(|page| self.pool.is_open(page))
    }

    /// Figures of what the task stream holds, once they were counted for a pane.
    pub fn held(&self) -> Option<&Sums> {
        self.aside.tally.sums()
    }

    fn counted_so_far(&self) -> [u64; 2] {
        self.feeds.iter().fold([0, 0], |[messages, bytes], feed| {
            let n = feed.session.counters();
            [messages + n.messages, bytes + n.bytes]
        })
    }

    /// Messages and bytes a second, over the last seconds.
    pub(super) fn rates(&self) -> Option<[f64; 2]> {
        self.aside.meter.rates(self.now_ms, self.counted_so_far())
    }

    /// Samples how long the scheduler's event loop takes for a turn, while a pane has the page open.
    fn sample_turn(&mut self) {
        if !self.pool.is_open(Page::Contention) {
            self.aside.turn = Strained::default();
            return;
        }
        // What has not changed is not sent again, and still is so.
        if self.now_ms < self.aside.turned_ms + TURN_MS {
            return;
        }
        let turn = self.whole(Page::Contention).and_then(|whole| {
            let rows = plots::named(Page::Contention, whole)?;
            let own =
                rows.iter().find(|row| row.name.first().is_some_and(|name| name == "Scheduler"));
            own.and_then(|row| row.amounts.first().copied())
        });
        if let Some(turn) = turn {
            self.aside.turned_ms = self.now_ms;
            self.aside.turn.note(self.now_ms, turn, TURN_S);
        }
    }

    /// How long the scheduler's event loop takes for a turn, seconds, over the last ones while its page is
    /// open.
    pub fn turn(&self) -> Strained {
        self.aside.turn
    }

    /// Looks for something to say. Says whether that has changed.
    fn advise(&mut self) -> bool {
        self.count_recent();
        let erred = self.progress.totals().map_or(0, |counts| counts.erred);
        let failures = self.failures(erred);
        let rows: &[_] = self.workers.as_ref().map_or(&[], |workers| &workers.rows);
        let here = |address: &str| rows.iter().any(|row| row.address == address);
        let loads = self.open_whole(Page::Load).and_then(|whole| plots::named(Page::Load, whole));
        let spread = loads.map(|loads| Spread::of(rows, &loads));
        let stuck = self.stuck();
        let facts = Facts {
            stuck: &stuck,
            now_ms: self.now_ms,
            workers: rows,
            names: &self.names,
            // Before the workers came, none would seem to be there.
            counts: self.progress.totals().filter(|_| self.workers.is_some()),
            recent: self.aside.recent.as_ref(),
            loop_s: Some(self.aside.turn).filter(|turn| turn.is).map(|turn| turn.mean),
            spread: spread.as_ref(),
            failures: &failures,
            watch: &self.aside.watch,
            mismatch: self.aside.info.mismatch(self.now_ms, &here),
            odd: self.aside.odd.as_ref(),
        };
        let found = advice::look(&facts);
        let first = *self.aside.looked_ms.get_or_insert(self.now_ms);
        let before = self.aside.knows;
        self.aside.knows = first + STAY_MS <= self.now_ms;
        let mut updated = self.aside.board.update(self.now_ms, found);
        if self.workers.as_ref().is_some_and(|workers| workers.rows.is_empty()) {
            updated |= self.aside.board.forget(&advice::OF_WORKERS);
        }
        updated || before != self.aside.knows
    }

    /// Tasks that no worker may run, by prefix. Their keys are known while the graph is shown.
    fn stuck(&self) -> Vec<Stuck> {
        let rows = self.progress.rows().iter().map(|(row, _)| row);
        let rows: Vec<_> = rows.filter(|row| row.counts.no_worker > 0).collect();
        if rows.is_empty() {
            return Vec::new();
        }
        let table = self.open_whole(Page::Graph).and_then(|whole| whole.table(&graph::NODES));
        let mut nodes = Vec::new();
        if let Some(table) = table {
            graph::nodes(table, &mut nodes);
        }
        let key = |prefix: &str| {
            let table = table?;
            let mut stuck =
                nodes.iter().zip(0..).filter(|(node, _)| node.state == TaskState::NoWorker);
            let found = stuck.find(|(_, row)| graph::prefix(table, *row) == prefix);
            found.map(|(_, row)| key_of(graph::key(table, row)))
        };
        let stuck = |row: &&ProgressRow| Stuck {
            prefix: row.name.clone(),
            count: row.counts.no_worker,
            key: key(&row.name),
        };
        rows.iter().map(stuck).collect()
    }

    /// Counts the last rows, a slice of them at a time.
    fn count_recent(&mut self) {
        let stream = self.stream.borrow();
        let store = stream.store();
        let aside = &mut self.aside;
        if aside.window.is_none() {
            let (generation, at_ms) = aside.counted;
            if generation == store.generation() || self.now_ms < at_ms + RECENT_MS {
                return;
            }
            aside.counted = (store.generation(), self.now_ms);
            aside.window = Window::new(store);
        }
        if let Some(recent) = aside.window.as_mut().and_then(|window| window.step(store, ROWS)) {
            aside.recent = Some(recent);
            aside.window = None;
        }
    }

    /// Failures by kind: as the page of exceptions tells them while it is open, for whomever; else by
    /// prefix, beside those that differing environments make as that page told them last.
    pub(super) fn failures(&mut self, erred: u64) -> Vec<Kind> {
        if erred == 0 {
            self.aside.kinds.clear();
            return Vec::new();
        }
        let read = self.pool.is_open(Page::Exceptions).then(|| self.exceptions()).flatten();
        if let Some(kinds) = read.filter(|kinds| !kinds.is_empty()) {
            self.aside.kinds.clone_from(&kinds);
            return kinds;
        }
        let known = self.aside.kinds.iter().filter(|kind| kind.is_of_environment());
        let mut all: Vec<Kind> = known.cloned().collect();
        let rows = self.progress.rows().iter().filter(|(row, _)| row.counts.erred > 0);
        all.extend(rows.map(|(row, _)| Kind {
            task: row.name.clone(),
            count: row.counts.erred,
            ..Kind::default()
        }));
        all
    }

    /// What the page of exceptions holds, by kind, with times where the task stream has them; none
    /// before its first word.
    pub fn exceptions(&self) -> Option<Vec<Kind>> {
        let rows = plots::texts(Page::Exceptions, self.whole(Page::Exceptions)?)?;
        // The page may list very many, and so may the stream: hashes in order meet quickly.
        let mut keys: Vec<(u64, usize)> = Vec::with_capacity(rows.len());
        for (at, row) in rows.iter().enumerate() {
            keys.push((row.get(1).map_or(0, |key| hash_str(key)), at));
        }
        sort_by(&mut keys, Ord::cmp);
        let mut times = vec![None; rows.len()];
        for (key, _, end) in &self.aside.failed.rows {
            let first = keys.partition_point(|other| other.0 < *key);
            for (_, at) in keys.iter().skip(first).take_while(|other| other.0 == *key) {
                if let Some(time) = times.get_mut(*at) {
                    *time = Some(Micros(*end));
                }
            }
        }
        Some(advice::kinds(rows, &|at| times.get(at).copied().flatten()))
    }

    /// What is advised, the gravest first; none before it was looked for as long as a finding takes to be
    /// said.
    pub fn advice(&self) -> Option<Vec<&Finding>> {
        self.aside.knows.then(|| self.aside.board.shown())
    }

    /// The log of a worker, by address, or of the scheduler (empty), where it is the one that is read.
    pub fn logs_of(&self, of: &str) -> Option<&LogView> {
        self.aside.info.logs().filter(|view| view.of == of)
    }

    /// Dask's info pages, as far as they were asked for.
    pub fn info(&self) -> &Info {
        &self.aside.info
    }

    /// Takes a new worker table.
    pub(super) fn note_workers(&mut self, workers: &Workers) {
        self.aside.watch.note(self.now_ms, &workers.rows);
    }
}
