//! How much each worker has to do, over time. Dask's pages of that hold what is now: it is sampled
//! with each worker table for as long as such a page is open.

use crate::history::WorkerHistory;
use feed::plots;
use feed::pool::DashboardPage;
use feed::session::DocumentSnapshot;
use feed::workers::{WorkerRow, Workers};

/// The pages of which samples are kept.
pub const PAGES: [DashboardPage; 2] = [DashboardPage::Load, DashboardPage::Occupancy];

/// The address of the worker that such a page was last told of; none for other pages.
pub(crate) fn newest_worker(page: DashboardPage, whole: &DocumentSnapshot) -> Option<&str> {
    let workers = whole.table(&["worker"]).filter(|_| PAGES.contains(&page))?.column("worker")?;
    workers.text(workers.len().saturating_sub(1))
}

/// What was sampled of them. The amount stands where a worker's cores do in other histories.
#[derive(Clone, Debug, Default)]
pub struct Loads([WorkerHistory; PAGES.len()]);

impl Loads {
    /// Samples a page. `name` gives the name of the worker at an address. O(workers).
    pub fn sample<'a>(
        &mut self,
        now_ms: f64,
        page: DashboardPage,
        whole: &DocumentSnapshot,
        name: impl Fn(&str) -> Option<&'a str>,
    ) {
        let at = PAGES.iter().position(|one| *one == page);
        let Some(history) = at.and_then(|at| self.0.get_mut(at)) else { return };
        let rows = plots::named(page, whole).unwrap_or_default().into_iter().map(|row| {
            let address = row.name.into_iter().next().unwrap_or_default();
            let name = name(&address).unwrap_or_default().into();
            WorkerRow { name, address, cpu: Some(row.amounts[0]), ..WorkerRow::default() }
        });
        history.push(now_ms, &Workers { rows: rows.collect(), ..Workers::default() });
    }

    /// See [`WorkerHistory::shift`].
    pub fn shift(&mut self, by_ms: f64) {
        self.0.iter_mut().for_each(|history| history.shift(by_ms));
    }

    /// What is known of a page; none of another page.
    pub fn of(&self, page: DashboardPage) -> Option<&WorkerHistory> {
        self.0.get(PAGES.iter().position(|one| *one == page)?)
    }
}
