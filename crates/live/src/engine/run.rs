//! Which scheduler the feeds are of. Another one may stand at the same address: a server that was restarted, a
//! notebook that was run again. Within one process even the sockets to the first one stay open then, and say
//! nothing any more. What is held of the first stays and ends with a mark; all else begins anew.

use super::audit::Audit;
use super::feeds::Feed;
use super::unlisted::UnlistedPrefixes;
use super::{Changed, Engine, NEEDED, Output};
use crate::history::WorkerHistory;
use crate::loads::Loads;
use crate::names::Names;
use crate::pace::{Pace, Paces};
use base::hash::hash_str;
use base::task::Interval;
use base::time::Micros;
use feed::completeness::Seen;
use feed::pool::DashboardPage;
use feed::progress::ProgressHold;
use feed::session::{Event, Server, State};
use feed::tasks::{TaskBatch, TaskRow};
use feed::workers::Workers;

/// How long something looks strange before the scheduler is asked whether it is still the same, ms; at least
/// twice as long after each time that it is, up to [`MOST_MS`].
const STRANGE_MS: f64 = 4000.0;
/// See there.
const MOST_MS: f64 = 128_000.0;
/// The table of workers changes twice a second. So long without a change is strange, ms.
const SILENT_MS: f64 = 15_000.0;
/// So many of the newest rows are remembered, to be met again.
const NEWEST: usize = 64;

/// What is known of the scheduler that is followed.
#[derive(Debug, Default)]
// Independent of each other: no two of them make one state.
#[allow(clippy::struct_excessive_bools)]
pub(super) struct Run {
    /// The task stream's connection is known to be to the scheduler whose rows are held.
    sure: bool,
    /// The task stream's page has come in this run: the first one is the run's own.
    began: bool,
    /// Rows held of it, where the last of them ends, and the newest by their fingerprints.
    rows: u64,
    end: Option<Micros>,
    newest: Vec<u64>,
    /// When the task stream's connection to it was lost last, ms since the epoch.
    lost_ms: Option<f64>,
    /// Addresses of its workers, hashed, as of the last table that had some.
    workers: Vec<u64>,
    /// The next table comes from a connection that may be to another scheduler.
    fresh: bool,
    /// Such a table had none of the workers that were there before.
    replaced: bool,
    /// A worker that the table lacks, and since when something is known of it.
    stranger: Option<(f64, String)>,
    /// Since when the table has no workers (true), or when it changed last.
    table: Option<(f64, bool)>,
    /// When it was asked last, and how long it is not asked again.
    asked_ms: f64,
    wait_ms: f64,
}

/// Tells rows apart, whatever their times are worth: a key runs again, but not equally long to the
/// microsecond in the same thread.
fn fingerprint(key: &str, thread: &str, duration: Micros) -> u64 {
    hash_str(key) ^ hash_str(thread).rotate_left(21) ^ (duration.0 as u64).rotate_left(42)
}

impl Run {
    /// Since when something is strange.
    fn strange_since(&self) -> Option<f64> {
        let table = self.table.map(|(at, none)| if none { at } else { at + SILENT_MS });
        let stranger = self.stranger.as_ref().map(|(at, _)| *at);
        [table, stranger].into_iter().flatten().reduce(f64::min)
    }

    /// When the scheduler is to be asked whether it is still the same.
    fn due_ms(&self) -> Option<f64> {
        Some((self.strange_since()? + STRANGE_MS).max(self.asked_ms + self.wait_ms))
    }

    /// A row is held that was not before.
    pub(super) fn note_row(&mut self, row: &Interval) {
        let mark = fingerprint(row.key, row.thread, row.duration);
        let slot = self.rows as usize % NEWEST;
        match self.newest.get_mut(slot) {
            Some(place) => *place = mark,
            None => self.newest.push(mark),
        }
        self.rows += 1;
        self.end = self.end.max(Some(row.start + row.duration));
    }

    fn holds(&self, row: &TaskRow<'_>) -> bool {
        let long = Micros::from_millis(row.duration_ms);
        self.newest.contains(&fingerprint(row.key, row.thread, long))
    }

    /// The task stream's page shows its history. Says how much of what is recorded that is, and whether it is
    /// that of another scheduler: all of it, and nothing that is held.
    pub(super) fn judge_history(&self, batch: &TaskBatch) -> (Seen, bool) {
        let rows = if batch.placeholder { 0 } else { batch.len() };
        let (sure, full) = (self.sure, rows >= batch.rollover);
        let met = batch.iter().any(|row| self.holds(&row));
        match (full, met) {
            (false, _) if sure => (Seen::Continues, false),
            (false, _) => (Seen::All, !met && self.rows > 0),
            (true, true) => (Seen::Continues, false),
            (true, false) => (Seen::Cut, false),
        }
    }

    /// The task stream's history was of the scheduler that is known.
    pub(super) fn note_same(&mut self, batch: &TaskBatch) {
        let first = !std::mem::replace(&mut self.began, true);
        // Of a scheduler of which no rows are held, any connection is the right one.
        let none = self.rows == 0;
        self.sure |= first || none || batch.iter().any(|row| self.holds(&row));
    }

    /// Something is known of a worker: strange, if the worker table lacks it.
    pub(super) fn note_worker(&mut self, now_ms: f64, address: &str, names: &Names) {
        if self.table.is_some() && self.stranger.is_none() && !names.knows(address) {
            self.stranger = Some((now_ms, address.into()));
        }
    }

    /// A worker table came.
    pub(super) fn note_table(&mut self, now_ms: f64, table: &Workers, names: &Names) {
        drop(self.stranger.take_if(|stranger| names.knows(&stranger.1)));
        let none = table.rows.is_empty();
        // Since when it has none counts, not when that was said last.
        self.table = self.table.filter(|old| none && old.1).or(Some((now_ms, none)));
        if none {
            return;
        }
        let now: Vec<u64> = table.rows.iter().map(|row| hash_str(&row.address)).collect();
        self.replaced |= std::mem::take(&mut self.fresh)
            && !self.workers.is_empty()
            && !now.iter().any(|address| self.workers.contains(address));
        self.workers = now;
        if self.stranger.is_none() {
            self.wait_ms = 0.0;
        }
    }
}

impl Engine {
    /// One more part of the page shows this scheduler, or one fewer.
    pub(super) fn note_shown(&mut self, shown: bool) {
        self.shown = if shown { self.shown + 1 } else { self.shown.saturating_sub(1) };
        if shown {
            self.audit.make_up(self.now_ms);
        }
    }

    /// A page's connection may have been lost.
    pub(super) fn note_lost(&mut self, page: DashboardPage) {
        let now_ms = self.now_ms;
        let slow = self.feeds.stands(DashboardPage::Tasks);
        let feed = self.feeds.of_mut(page);
        let Some(feed) = feed.filter(|feed| matches!(feed.state(), State::Retrying { .. })) else {
            return;
        };
        let first = feed.lost_ms.is_none();
        feed.lost_ms.get_or_insert(now_ms);
        match page {
            DashboardPage::Tasks => self.completeness.on_lost(),
            DashboardPage::TaskStream => {
                if first {
                    self.run.lost_ms = Some(self.now.wall_ms);
                }
                self.completeness.on_fast_lost(slow);
            }
            _ => {}
        }
    }

    /// A document came from `page`: whether the scheduler is the one that was known.
    pub(super) fn note_server(
        &mut self,
        page: DashboardPage,
        server: Server,
        out: &mut Vec<Output>,
        changed: &mut Changed,
    ) {
        if server == Server::Other {
            self.begin_run(page, out, changed);
        }
        let same = server == Server::Same;
        match page {
            DashboardPage::TaskStream => self.run.sure = same,
            DashboardPage::Workers => self.run.fresh |= !same,
            _ => {}
        }
        let now_ms = self.now_ms;
        let lost = self.feeds.of_mut(page).and_then(|feed| {
            feed.came_ms = now_ms;
            feed.lost_ms.take()
        });
        if let Some(lost) = lost.filter(|_| server == Server::Unknown) {
            // Sockets that were not lost at that time may be to a scheduler of the past.
            self.ask_same(&|feed| feed.page != page && feed.came_ms < lost, out, changed);
        }
    }

    /// Asks whether the scheduler is still the same, where something is strange.
    pub(super) fn doubt(&mut self, out: &mut Vec<Output>, changed: &mut Changed) {
        if self.run.replaced && self.feeds.is_live(DashboardPage::TaskStream) {
            self.run.replaced = false;
            if self.run.sure {
                self.ask_same(&|feed| feed.page == DashboardPage::TaskStream, out, changed);
            } else {
                self.begin_run(DashboardPage::Workers, out, changed);
            }
        }
        let due = self.doubt_wake();
        if due.is_some_and(|due| due <= self.now_ms) {
            // A table without workers is short, and so is the answer.
            let all = self.run.stranger.take().is_some();
            self.run.asked_ms = self.now_ms;
            self.run.wait_ms = (self.run.wait_ms * 2.0).clamp(STRANGE_MS, MOST_MS);
            self.ask_same(&|feed| all || feed.page == DashboardPage::Workers, out, changed);
        }
    }

    /// When that is to be looked for again.
    pub(super) fn doubt_wake(&self) -> Option<f64> {
        self.run.due_ms().filter(|_| self.feeds.is_live(DashboardPage::Workers))
    }

    /// Asks whether the scheduler still has the sessions of these of the pages that the view needs.
    fn ask_same(
        &mut self,
        which: &dyn Fn(&Feed) -> bool,
        out: &mut Vec<Output>,
        changed: &mut Changed,
    ) {
        for page in NEEDED {
            if self.feeds.of(page).is_some_and(which) {
                self.event(page, Event::Prove, out, changed);
            }
        }
    }

    /// Another scheduler: `page` is open to it already.
    #[inline(never)]
    pub(super) fn begin_run(
        &mut self,
        page: DashboardPage,
        out: &mut Vec<Output>,
        changed: &mut Changed,
    ) {
        let lost = self.run.lost_ms.map(Micros::from_millis);
        // Not in the future, where the clock was set back.
        let now = Micros::from_millis(self.now.wall_ms);
        let end = self.run.end.max(lost).map(|end| end.min(now));
        self.run = Run::default();
        self.completeness.reset();
        self.counted = None;
        self.progress = ProgressHold::default();
        self.pace = Pace::default();
        self.paces = Paces::default();
        self.unlisted = UnlistedPrefixes::default();
        self.lag.reset();
        self.workers = None;
        self.loads = Loads::default();
        self.trail = WorkerHistory::default();
        self.pages.clear();
        self.audit = Audit::default();
        self.groups = 0;
        self.gauges.begin_run();
        self.stream.borrow_mut().begin_run(self.now.wall_ms, end);
        (changed.stream, changed.tables, changed.run) = (true, true, true);
        for other in DashboardPage::ALL.into_iter().filter(|other| *other != page) {
            self.event(other, Event::Anew, out, changed);
        }
    }
}
