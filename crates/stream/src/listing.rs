//! The tasks in view, in words: what the picture says, page by page.

use super::TaskStreamModel;
use super::view_history::seconds;
use base::csv::line;
use base::task::Interval;
use timeline::columns::slot_of;

/// Rows looked at for one page at most, where not all are listed. More: later pages, and a longer wait.
pub const MOST: usize = 50_000;

/// How many there are.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub enum Listed {
    /// So many in all.
    All(usize),
    /// More than these.
    Some,
    /// No more among the first so many in view; further ones were not looked at.
    Cut(usize),
}

/// The columns of [`TaskStreamModel::csv`]. Times are in seconds, moments since the epoch.
const COLUMNS: [&str; 9] = [
    "key",
    "prefix",
    "action",
    "status",
    "worker",
    "address",
    "thread",
    "start (s)",
    "duration (s)",
];

impl TaskStreamModel {
    /// The tasks in view that are on rows shown and not faded, by start, as values separated by commas:
    /// at most [`MOST`] of them. Says whether there are more.
    pub fn csv(&self) -> (String, bool) {
        let mut out = String::new();
        line(&mut out, COLUMNS.into_iter());
        let listed = self.list(0, MOST, &mut |task, thread| {
            let cells = [
                self.key_text(task),
                task.prefix.to_owned(),
                task.action.name().to_owned(),
                if task.erred { "failed" } else { "done" }.to_owned(),
                self.worker_label(task.worker),
                task.worker.to_owned(),
                thread.to_string(),
                seconds(task.start),
                seconds(task.duration),
            ];
            line(&mut out, cells.iter().map(String::as_str));
        });
        (out, !matches!(listed, Listed::All(n) if n <= MOST))
    }

    /// Gives the tasks in view that are on rows shown and not faded, by start, with the number of their
    /// thread: `most` of them behind the first `skip`.
    pub fn list(
        &self,
        skip: usize,
        most: usize,
        visit: &mut dyn FnMut(&Interval<'_>, usize),
    ) -> Listed {
        let mut shown = vec![false; self.store.lanes().len()];
        for row in &self.layout.rows {
            for &lane in self.layout.lanes(row) {
                if let Some(shown) = shown.get_mut(lane as usize) {
                    *shown = true;
                }
            }
        }
        let plain = !self.is_filtered() && shown.iter().all(|&shown| shown);
        let mut matcher = self.matcher();
        let (mut key, mut seen, mut looked) = (String::new(), 0, 0);
        let mut listed = None;
        self.store.by_start(Some(self.view()), &mut |at| {
            if looked == MOST && !plain {
                listed = Some(Listed::Cut(MOST));
                return false;
            }
            looked += 1;
            if !shown.get(at.lane as usize).is_some_and(|&shown| shown) {
                return true;
            }
            if !plain {
                let Some(row) = self.found(at) else { return true };
                let meant = match &mut matcher {
                    Some(matcher) => matcher.holds(&self.store, &self.labels, &row),
                    None => self.palette.is_on(slot_of(row.action, row.erred, row.name)),
                };
                if !meant {
                    return true;
                }
            }
            seen += 1;
            if skip + most < seen {
                listed = Some(Listed::Some);
                return false;
            }
            if skip < seen
                && let Some(row) = self.store.row(at, &mut key)
            {
                visit(&row, self.thread_of(at.lane));
            }
            true
        });
        match listed {
            Some(Listed::Some) if plain => Listed::All(self.store.count_in(self.view())),
            Some(listed) => listed,
            None => Listed::All(seen),
        }
    }
}
