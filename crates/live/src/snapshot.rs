//! What panes and advice read: a borrowed look at one scheduler, at one moment. It owns nothing, so it can be
//! made of plain parts as well as of an engine.

use feed::plots;
use feed::pool::{DashboardPage, Pool};
use feed::progress::{Counts, Held, ProgressHold, ProgressRow};
use feed::session::DocumentSnapshot;
use feed::workers::{WorkerRow, Workers};

use crate::exceptions::{FailureTimes, Kind};
use crate::held::StoreSummary;
use crate::history::WorkerHistory;
use crate::hysteresis::HysteresisGauge;
use crate::info::Info;
use crate::loads::Loads;
use crate::names::Names;
use crate::source::Totals;

/// A look at one scheduler.
#[derive(Copy, Clone)]
pub struct Snapshot<'a> {
    /// When, ms since the epoch.
    pub now_ms: f64,
    /// Pages that are read whole, as they were last.
    pub pages: &'a [(DashboardPage, DocumentSnapshot)],
    /// Which pages are open.
    pub pool: &'a Pool,
    /// The worker table, once it has arrived.
    pub workers: Option<&'a Workers>,
    /// The names of workers, also of those that have left.
    pub names: &'a Names,
    /// What the worker table has said since this scheduler is watched.
    pub trail: &'a WorkerHistory,
    /// What each worker had to do, while a page of that was open.
    pub loads: &'a Loads,
    /// Tasks by prefix and state, what has finished included.
    pub progress: &'a ProgressHold,
    /// When tasks failed.
    pub failed: &'a FailureTimes,
    /// Figures of what the task stream holds, once they were counted for a pane.
    pub held: Option<&'a StoreSummary>,
    /// How long the scheduler's event loop takes for a turn, seconds, over the last ones while its page is
    /// open.
    pub turn: HysteresisGauge,
    /// Dask's info pages, as far as they were asked for.
    pub info: &'a Info,
    /// Whether worker table and progress are of now, and somebody sees the page: of old figures nothing can be
    /// advised.
    pub is_current: bool,
    /// Whether nobody sees the page.
    pub is_hidden: bool,
}

/// What a snapshot is made of where there is no engine: in tests, say.
#[derive(Default)]
#[allow(missing_docs)] // as those of the snapshot
pub struct Parts {
    pub now_ms: f64,
    pub pages: Vec<(DashboardPage, DocumentSnapshot)>,
    pub pool: Pool,
    pub workers: Option<Workers>,
    pub names: Names,
    pub trail: WorkerHistory,
    pub loads: Loads,
    pub progress: ProgressHold,
    pub failed: FailureTimes,
    pub held: Option<StoreSummary>,
    pub turn: HysteresisGauge,
    pub info: Info,
    pub is_current: bool,
    pub is_hidden: bool,
}

impl Parts {
    /// A look at them.
    pub fn snapshot(&self) -> Snapshot<'_> {
        Snapshot {
            now_ms: self.now_ms,
            pages: &self.pages,
            pool: &self.pool,
            workers: self.workers.as_ref(),
            names: &self.names,
            trail: &self.trail,
            loads: &self.loads,
            progress: &self.progress,
            failed: &self.failed,
            held: self.held.as_ref(),
            turn: self.turn,
            info: &self.info,
            is_current: self.is_current,
            is_hidden: self.is_hidden,
        }
    }

    /// Takes a worker table.
    pub fn set_workers(&mut self, workers: Workers) {
        self.names.learn(&workers.rows);
        self.trail.push(self.now_ms, &workers);
        self.workers = Some(workers);
    }

    /// Takes what a page that is read whole holds now.
    pub fn set_page(&mut self, page: DashboardPage, whole: DocumentSnapshot) {
        self.pages.retain(|(known, _)| *known != page);
        self.pages.push((page, whole));
    }
}

impl<'a> Snapshot<'a> {
    /// What a page that is read whole holds; none before its first word.
    pub fn whole(&self, page: DashboardPage) -> Option<&'a DocumentSnapshot> {
        self.pages.iter().find(|(known, _)| *known == page).map(|(_, whole)| whole)
    }

    /// The same, only while some pane has the page open: what it said last may be of long ago.
    pub fn open_whole(&self, page: DashboardPage) -> Option<&'a DocumentSnapshot> {
        self.whole(page).filter(|_| self.pool.is_open(page))
    }

    /// The rows of the worker table; none before it has arrived.
    pub fn worker_rows(&self) -> &'a [WorkerRow] {
        self.workers.map_or(&[], |workers| &workers.rows)
    }

    /// The name of the worker at an address, also once it has left; the address where none is known.
    pub fn worker_name<'b>(&self, address: &'b str) -> &'b str
    where
        'a: 'b,
    {
        self.names.name(address).unwrap_or(address)
    }

    /// Whether the worker at an address was in the worker table and is not any more.
    pub fn has_left(&self, address: &str) -> bool {
        let is_here = self.worker_rows().iter().any(|row| row.address == address);
        self.names.name(address).is_some() && !is_here
    }

    /// Progress per prefix, what has finished included.
    pub fn progress(&self) -> &'a [(ProgressRow, Held)] {
        self.progress.rows()
    }

    /// Tasks done and known, over all prefixes: those that are held, and those that Dask counts without
    /// listing them. Of those that the scheduler has let go of none is left to do: what was cancelled is
    /// neither done nor known.
    pub fn progress_totals(&self) -> (u64, u64) {
        let others = self.progress.others();
        let begin = others.map_or((0, 0), |others| (others.done(), others.all));
        self.progress.rows().iter().fold(begin, |(done, all), (row, held)| {
            let over = row.counts.done();
            match held {
                // Among the others, then.
                Held::Unlisted if others.is_some() => (done, all),
                Held::Finished => (done + over, all + over),
                Held::Listed | Held::Unlisted => (done + over, all + row.counts.all),
            }
        })
    }

    /// The counts of all prefixes together that Dask does not list, where there are such.
    pub fn progress_others(&self) -> Option<Counts> {
        self.progress.others()
    }

    /// Whether a page stays closed, being too much work for the scheduler, until a person asks for it.
    pub fn is_barred(&self, page: DashboardPage) -> bool {
        self.pool.is_barred(page)
    }

    /// What was sampled of a page that has what each worker has to do, while it was open; the amounts
    /// stand in the place of [`crate::history::Measure::Cpu`]. None of another page.
    pub fn load(&self, page: DashboardPage) -> Option<&'a WorkerHistory> {
        self.loads.of(page)
    }

    /// What the page of exceptions holds, by kind, with times where the task stream has them; none
    /// before its first word.
    pub fn exceptions(&self) -> Option<Vec<Kind>> {
        let rows = plots::texts(DashboardPage::Exceptions, self.whole(DashboardPage::Exceptions)?)?;
        Some(self.failed.kinds(rows))
    }

    /// The cluster in numbers, once the worker table has arrived.
    pub fn totals(&self) -> Option<Totals> {
        let workers = self.workers?;
        let sum = |value: fn(&WorkerRow) -> Option<f64>| -> f64 {
            workers.rows.iter().filter_map(value).sum()
        };
        Some(Totals {
            workers: workers.rows.len() as u32,
            threads: sum(|row| row.nthreads) as u32,
            memory_limit: sum(|row| row.memory_limit),
            memory_used: sum(|row| row.memory),
            cpu: sum(|row| row.cpu),
            processing: self.progress.totals().map_or(0, |n| n.processing),
        })
    }
}
