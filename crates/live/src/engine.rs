//! The live engine of one scheduler: joins its feeds with the store behind the task stream. Events
//! of the browser in, commands for the browser out; no clock and no socket of its own.

mod audit;
mod feeds;
mod gauges;
mod opening;
mod ports;
mod report;
mod rows;
mod run;
mod timing;
mod unlisted;

use std::cell::RefCell;
use std::rc::Rc;

use feeds::Feeds;
pub use gauges::TURN_S;
pub use ports::{Changed, Input, Output};
pub use report::{FeedFacts, FeedReport, FeedStatus, History};
use run::Run;
use unlisted::UnlistedPrefixes;

use crate::history::WorkerHistory;
use crate::loads::{self, Loads};
use crate::names::Names;
use crate::pace::{Pace, Paces};
use crate::source::Source;
use base::clock::Moment;
use base::hash::hash_str;
use base::worker::shown_name;
use feed::completeness::Completeness;
use feed::counted;
use feed::lag::SchedulerLag;
use feed::merge::Merge;
use feed::pool::{DashboardPage, Pool, Step};
use feed::progress::ProgressHold;
use feed::session::{Command, DocumentSnapshot, Event, Update};
use feed::workers::Workers;
use stream::TaskStreamModel;

/// Groups from which on the page of threads at work is much work for the scheduler: half a core more at 90.
const HEAVY_GROUPS: usize = 60;

/// What the whole view needs: without one of these it is not live.
const NEEDED: [DashboardPage; 3] =
    [DashboardPage::TaskStream, DashboardPage::Progress, DashboardPage::Workers];

/// One scheduler, watched.
pub struct Engine {
    seed: u64,
    feeds: Feeds,
    pool: Pool,
    pool_wake_ms: Option<f64>,
    completeness: Completeness,
    run: Run,
    merge: Merge,
    last_timebase: Option<u32>,
    /// The connection (by its number) whose whole history was last held against what the scheduler
    /// says it has done: that shows what it did not record.
    counted: Option<u64>,
    count_due: bool,
    stream: Rc<RefCell<TaskStreamModel>>,
    progress: ProgressHold,
    pace: Pace,
    paces: Paces,
    unlisted: UnlistedPrefixes,
    lag: SchedulerLag,
    workers: Option<Workers>,
    names: Names,
    loads: Loads,
    trail: WorkerHistory,
    /// Whether it is looked which workers there are.
    counting: bool,
    pages: Vec<(DashboardPage, DocumentSnapshot)>,
    /// How many parts of the page show this scheduler.
    shown: u32,
    audit: audit::Audit,
    /// Pages that wait for their turn to be opened.
    line: opening::Line,
    stopped: bool,
    refused: Option<String>,
    /// For waiting: never goes back.
    now_ms: f64,
    /// For dates.
    now: Moment,
    commands: Vec<Command>,
    gauges: gauges::Gauges,
    /// How many groups the page of threads at work told of, and up to how many it is opened unasked.
    groups: usize,
    most_groups: usize,
}

impl Engine {
    /// An engine that has done nothing yet. `seed` must differ between page views.
    pub fn new(source: &Source, seed: u64, now: impl Into<Moment>) -> Self {
        let now = now.into();
        let mut pool = Pool::default();
        pool.subscribe(DashboardPage::TaskStream);
        Self {
            seed: seed ^ hash_str(&source.base),
            feeds: Feeds::default(),
            pool,
            pool_wake_ms: None,
            completeness: Completeness::default(),
            run: Run::default(),
            merge: Merge::default(),
            last_timebase: None,
            counted: None,
            count_due: false,
            stream: Rc::new(RefCell::new(TaskStreamModel::default())),
            progress: ProgressHold::default(),
            pace: Pace::default(),
            paces: Paces::default(),
            unlisted: UnlistedPrefixes::default(),
            lag: SchedulerLag::default(),
            workers: None,
            names: Names::default(),
            loads: Loads::default(),
            trail: WorkerHistory::default(),
            counting: false,
            pages: Vec::new(),
            shown: 0,
            audit: audit::Audit::default(),
            line: opening::Line::default(),
            stopped: false,
            refused: None,
            now_ms: now.steady_ms,
            now,
            commands: Vec::new(),
            gauges: gauges::Gauges::default(),
            groups: 0,
            most_groups: HEAVY_GROUPS,
        }
    }

    /// The task stream's model.
    pub fn stream(&self) -> Rc<RefCell<TaskStreamModel>> {
        self.stream.clone()
    }

    /// Takes one event and appends what is to be done.
    pub fn handle(
        &mut self,
        now: impl Into<Moment>,
        input: Input<'_>,
        out: &mut Vec<Output>,
    ) -> Changed {
        let now = now.into();
        let stepped = now.domain != self.now.domain;
        if stepped {
            self.merge.step();
            self.stream.borrow_mut().note_clock_step();
            let by = (now.wall_ms - self.now.wall_ms) - (now.steady_ms - self.now.steady_ms);
            self.trail.shift(by);
            self.loads.shift(by);
        }
        self.now = now;
        self.now_ms = self.now_ms.max(now.steady_ms);
        let mut changed = self.take(input, out);
        changed.stream |= stepped;
        changed
    }

    fn take(&mut self, input: Input<'_>, out: &mut Vec<Output>) -> Changed {
        let mut changed = Changed::default();
        match input {
            Input::Start => self.stopped = false,
            Input::Session { page, id, asked } => {
                self.event(page, Event::Session { id, asked }, out, &mut changed);
            }
            Input::Opened { page } => {
                // What the browser would not do, it does now.
                self.refused = None;
                self.event(page, Event::Opened, out, &mut changed);
            }
            Input::Text { page, text } => self.event(page, Event::Text(text), out, &mut changed),
            Input::Binary { page, bytes } => {
                self.event(page, Event::Binary(bytes), out, &mut changed);
            }
            Input::Missed { page } => self.event(page, Event::Missed, out, &mut changed),
            Input::Closed { page, code, clean, refused } => {
                if refused.is_some() {
                    self.refused = refused;
                }
                self.event(page, Event::Closed { code, clean }, out, &mut changed);
                if self.feeds.lacks(page) {
                    self.event(page, Event::Missing, out, &mut changed);
                }
            }
            Input::PageRead { page, status, body } => {
                let body = body.as_str();
                self.event(page, Event::PageRead { status, body }, out, &mut changed);
            }
            Input::Metrics(text) => self.take_metrics(text.as_deref(), &mut changed),
            Input::Tick => self.tick(out, &mut changed),
            Input::Hidden(hidden) => {
                self.pool.set_hidden(hidden);
                self.take_other(input, &mut changed);
                if !hidden {
                    // A throttled timer may have missed what is due, and nothing was drawn meanwhile.
                    changed.tables = true;
                    self.tick(out, &mut changed);
                }
            }
            Input::Shown(shown) => {
                self.note_shown(shown);
                // Whatever is shown names its workers.
                let pool = &mut self.pool;
                if shown {
                    pool.subscribe(DashboardPage::Workers);
                } else {
                    pool.unsubscribe(DashboardPage::Workers);
                }
            }
            Input::Pane(page, true) => self.pool.subscribe(page),
            Input::Pane(page, false) => self.pool.unsubscribe(page),
            Input::Allow(DashboardPage::GroupProgress) => self.most_groups = usize::MAX,
            // No other page is ever barred.
            Input::Allow(_) => {}
            Input::Info(_) | Input::InfoAnswer { .. } => self.take_other(input, &mut changed),
            Input::Ask(page, ask) => self.event(page, Event::Ask(ask), out, &mut changed),
            Input::Online => self.everyone(|| Event::Online, out, &mut changed),
            Input::Retry => {
                self.refused = None;
                self.everyone(|| Event::Retry, out, &mut changed);
            }
            Input::History(allow) => {
                self.completeness.answer(allow);
                changed.tables = true;
            }
            Input::Stop => {
                self.stopped = true;
                changed.tables = true;
            }
        }
        self.doubt(out, &mut changed);
        self.attend(out, &mut changed);
        self.settle(out, &mut changed);
        if self.completeness.wants_length() | std::mem::take(&mut self.count_due) {
            out.push(Output::FetchMetrics);
        }
        self.show_liveness(&mut changed);
        if let Some(at_ms) = self.next_wake() {
            out.push(Output::Wake { at_ms });
        }
        changed
    }

    /// The now-line and the word "Live" stand while the fast feed does.
    fn show_liveness(&mut self, changed: &mut Changed) {
        let live = self.feeds.is_live(DashboardPage::TaskStream);
        let looks = self.feeds.stands(DashboardPage::Workers);
        let mut stream = self.stream.borrow_mut();
        if !looks && std::mem::replace(&mut self.counting, looks) {
            stream.lose_workers(self.now.wall_ms);
            changed.stream = true;
        }
        self.counting = looks;
        if stream.is_live() != live {
            stream.set_live(live);
            changed.stream = true;
        }
        changed.stream |= stream.set_partial(self.completeness.is_partial());
    }

    /// Starts and stops sessions until the pool has what it wants. A stopped session is kept: its
    /// counts go on, and the rows it has brought stay known by its epochs.
    #[inline(never)]
    fn settle(&mut self, out: &mut Vec<Output>, changed: &mut Changed) {
        if self.stopped {
            for page in DashboardPage::ALL {
                self.want(page, false, out, changed);
            }
            self.line.clear();
            self.pool.close_all();
            self.pool_wake_ms = None;
            self.audit.stop();
            return;
        }
        self.pool.set_complete(self.completeness.should_open());
        if !self.pool.is_open(DashboardPage::Workers) {
            self.lag.reset();
        }
        self.pool.set_busy(self.lag.is_busy());
        let heavy = self.groups > self.most_groups;
        self.pool.set_barred(heavy.then_some(DashboardPage::GroupProgress));
        let mut steps = Vec::new();
        self.pool_wake_ms = self.pool.steps(self.now_ms, &mut steps);
        for step in steps {
            match step {
                Step::Open(page) => self.line.add(page),
                Step::Close(page) if self.line.leave(page) => {}
                Step::Close(page) => self.want(page, false, out, changed),
            }
        }
        self.open_next(out, changed);
    }

    fn want(
        &mut self,
        page: DashboardPage,
        wanted: bool,
        out: &mut Vec<Output>,
        changed: &mut Changed,
    ) {
        if !self.feeds.want(page, wanted, self.seed) {
            return;
        }
        changed.tables = true;
        let event = if wanted { Event::Start } else { Event::Stop };
        self.event(page, event, out, changed);
    }

    #[inline(never)]
    fn event(
        &mut self,
        page: DashboardPage,
        event: Event<'_>,
        out: &mut Vec<Output>,
        changed: &mut Changed,
    ) {
        let Some(feed) = self.feeds.of_mut(page) else { return };
        feed.session.handle(self.now_ms, event, &mut self.commands);
        self.run(page, out, changed);
    }

    fn everyone(
        &mut self,
        event: fn() -> Event<'static>,
        out: &mut Vec<Output>,
        changed: &mut Changed,
    ) {
        for page in DashboardPage::ALL {
            self.event(page, event(), out, changed);
        }
    }

    /// Carries a session's commands out, as far as they are the engine's own.
    #[inline(never)]
    fn run(&mut self, page: DashboardPage, out: &mut Vec<Output>, changed: &mut Changed) {
        let mut commands = std::mem::take(&mut self.commands);
        for command in commands.drain(..) {
            match command {
                Command::Connect { path, protocols } => {
                    out.push(Output::Connect { page, path, protocols });
                }
                Command::ReadPage { path } => out.push(Output::ReadPage { page, path }),
                Command::Send(text) => out.push(Output::Send { page, text }),
                Command::Close => out.push(Output::Close { page }),
                Command::Wake { at_ms } => {
                    if let Some(feed) = self.feeds.of_mut(page) {
                        feed.wake_ms = Some(at_ms);
                    }
                }
                Command::StateChanged => {
                    changed.tables = true;
                    self.note_lost(page);
                }
                Command::Update(Update::Server(server)) => {
                    self.note_server(page, server, out, changed);
                }
                Command::Update(Update::Tasks(batch)) => {
                    changed.tables |= self.take_tasks(page, &batch, out, changed);
                    changed.stream = true;
                }
                Command::Update(Update::Progress(progress)) => {
                    self.progress.update(&progress);
                    unlisted::complete(&mut self.progress, &self.stream.borrow(), false);
                    let any = self.progress.others().is_some();
                    if any != self.unlisted.any() {
                        // The totals are of other prefixes than before.
                        self.pace.restart();
                    }
                    self.count_due |= self.unlisted.asks(any, self.now_ms);
                    let (done, all) = self.snapshot().progress_totals();
                    self.pace.note(self.now_ms, done, all);
                    let rows = progress.rows.iter();
                    let rows =
                        rows.map(|row| (row.name.as_str(), row.counts.done(), row.counts.all));
                    self.paces.note(self.now_ms, rows);
                    self.audit.note_work(self.progress.totals().is_some_and(|n| n.processing > 0));
                    changed.tables = true;
                }
                Command::Update(Update::Whole(whole)) => {
                    if page == DashboardPage::GroupProgress {
                        self.groups = counted::groups_at_work(&whole);
                    }
                    if let Some(address) = loads::newest_worker(page, &whole) {
                        self.run.note_worker(self.now_ms, address, &self.names);
                    }
                    match self.pages.iter_mut().find(|(known, _)| *known == page) {
                        Some((_, held)) => *held = whole,
                        None => self.pages.push((page, whole)),
                    }
                    changed.tables = true;
                }
                Command::Update(Update::Workers(workers)) => {
                    if workers.rows.is_empty() {
                        self.lag.reset();
                    } else {
                        self.lag.note(self.now_ms);
                    }
                    let mut stream = self.stream.borrow_mut();
                    for row in &workers.rows {
                        stream.name_worker(&row.address, &row.name);
                    }
                    let mut there = workers
                        .rows
                        .iter()
                        .map(|row| (row.address.as_str(), shown_name(&row.name, &row.address)));
                    stream.note_workers(self.now.wall_ms, &mut there);
                    stream.note_threads(&mut workers.rows.iter().map(|row| {
                        (row.address.as_str(), row.nthreads.unwrap_or(f64::MAX) as u32)
                    }));
                    // Names stand beside the rows, and their number above them.
                    changed.stream |= !stream.is_settled();
                    self.trail.push(self.now.wall_ms, &workers);
                    self.names.learn(&workers.rows);
                    drop(stream);
                    self.run.note_table(self.now_ms, &workers, &self.names);
                    self.workers = Some(workers);
                    self.sample_loads();
                    (changed.workers, changed.tables) = (true, true);
                }
            }
        }
        self.commands = commands;
    }
}

#[cfg(test)]
mod tests;
