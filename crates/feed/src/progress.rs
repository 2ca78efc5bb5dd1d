//! Progress per prefix, and a hold that keeps what has finished.

use base::task::Rgb;

use super::bokeh::table::{Column, Table};
use super::tasks::color_of;

/// Most prefixes the server lists (8 rows of 3).
pub const MAX_LISTED: usize = 24;

/// What the sum of the prefixes beyond those is called; no prefix of Dask's has a space in it.
pub const OTHERS: &str = "all others";
/// Its colour: none that Dask gives to a prefix.
pub const OTHERS_COLOR: Rgb = Rgb(138, 146, 158);

/// Counts of tasks by state.
#[derive(Copy, Clone, Default, Eq, PartialEq, Debug)]
pub struct Counts {
    /// All tasks known, in any state.
    pub all: u64,
    /// Results in memory.
    pub memory: u64,
    /// Failed.
    pub erred: u64,
    /// Done and let go.
    pub released: u64,
    /// On a worker, or on the way to it.
    pub processing: u64,
    /// Waiting for others.
    pub waiting: u64,
    /// Held back by the scheduler until a thread is free.
    pub queued: u64,
    /// No worker may run them.
    pub no_worker: u64,
}

impl Counts {
    /// What is left of them when the scheduler has let go of all tasks.
    fn let_go(&mut self) {
        (self.processing, self.waiting, self.queued, self.no_worker) = (0, 0, 0, 0);
    }

    /// Tasks that need no more work.
    pub fn done(&self) -> u64 {
        self.memory + self.erred + self.released
    }
}

/// One prefix.
#[derive(Clone, PartialEq, Debug)]
pub struct ProgressRow {
    /// The prefix.
    pub name: String,
    /// Its tasks.
    pub counts: Counts,
    /// Its colour.
    pub color: Rgb,
}

/// One state of the progress page.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Progress {
    /// The prefixes, largest first.
    pub rows: Vec<ProgressRow>,
    /// Over all prefixes, also those beyond [`MAX_LISTED`]; `None` before the server has said.
    pub totals: Option<Counts>,
}

impl Progress {
    /// Reads the source's columns and the figure's title. A column that is not there counts as
    /// zeros (`waiting` and `no_worker` are not, at first).
    pub fn read(table: &Table, title: &str) -> Self {
        let names = table.column("name");
        let mut rows = Vec::new();
        for i in 0..names.map_or(0, Column::len) {
            let Some(name) = names.and_then(|names| names.text(i)) else { continue };
            let color = table.column("color").and_then(|column| column.text(i)).unwrap_or("");
            let mut counts = Counts::default();
            for (column, _, field) in FIELDS {
                let number = table.column(column).and_then(|column| column.number(i));
                *field(&mut counts) = number.unwrap_or(0.0).max(0.0) as u64;
            }
            rows.push(ProgressRow { name: name.into(), counts, color: color_of(color) });
        }
        Self { rows, totals: totals(title) }
    }
}

type Field = fn(&mut Counts) -> &mut u64;

/// The counts' names as columns and in the title.
const FIELDS: [(&str, &str, Field); 8] = [
    ("all", "total", |counts| &mut counts.all),
    ("memory", "in-memory", |counts| &mut counts.memory),
    ("erred", "erred", |counts| &mut counts.erred),
    // Not in the title: what is left over.
    ("released", "", |counts| &mut counts.released),
    ("processing", "processing", |counts| &mut counts.processing),
    ("waiting", "waiting", |counts| &mut counts.waiting),
    ("queued", "queued", |counts| &mut counts.queued),
    ("no_worker", "no-worker", |counts| &mut counts.no_worker),
];

/// The totals out of `Progress -- total: 278, waiting: 155, …`.
fn totals(title: &str) -> Option<Counts> {
    let (_, list) = title.split_once("--")?;
    let mut counts = Counts::default();
    for part in list.split(',') {
        let Some((name, number)) = part.split_once(':') else { continue };
        let Ok(number) = number.trim().parse::<u64>() else { continue };
        let name = name.trim();
        if let Some((_, _, field)) =
            FIELDS.iter().find(|(_, other, _)| *other == name && !name.is_empty())
        {
            *field(&mut counts) = number;
        }
    }
    let mut left = counts.all;
    for (_, _, field) in &FIELDS[1..] {
        left = left.saturating_sub(*field(&mut counts));
    }
    counts.released = left;
    Some(counts)
}

/// Why a held row is shown.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Held {
    /// The server lists it.
    Listed,
    /// The server knows none of its tasks any more. The last counts stay, but for those of work to
    /// come: there is none. Tables come so seldom that the last one may be from the middle of a run.
    Finished,
    /// The server lists [`MAX_LISTED`] others; it may still be at work.
    Unlisted,
}

/// Keeps prefixes after they have vanished from the server's table.
#[derive(Clone, Default, Debug)]
pub struct ProgressHold {
    rows: Vec<(ProgressRow, Held)>,
    /// By row: computations seen of tasks that the table did not count as done, at most.
    ahead: Vec<Option<i64>>,
    totals: Option<Counts>,
}

impl ProgressHold {
    /// Takes a new state. A prefix that comes back goes on where the server says.
    pub fn update(&mut self, progress: &Progress) {
        let gone = if progress.rows.len() >= MAX_LISTED { Held::Unlisted } else { Held::Finished };
        for (_, held) in &mut self.rows {
            if *held != Held::Finished {
                *held = gone;
            }
        }
        for row in &progress.rows {
            if let Some(slot) = self.rows.iter_mut().find(|(old, _)| old.name == row.name) {
                slot.0.clone_from(row);
                slot.1 = Held::Listed;
            } else {
                self.rows.push((row.clone(), Held::Listed));
                self.ahead.push(None);
            }
        }
        for (row, held) in &mut self.rows {
            if *held == Held::Finished {
                row.counts.let_go();
            }
        }
        self.totals = progress.totals;
    }

    /// Takes from the task stream how many computations of each prefix were seen so far. The last
    /// table of a run is often from its middle; what was computed since was done, whatever the
    /// scheduler has let go of. Not so where they are `old`: rows of a history that has just come.
    /// Says whether a count has grown.
    pub fn complete(&mut self, old: bool, computed: &dyn Fn(&str) -> u64) -> bool {
        let mut grown = false;
        for ((row, held), ahead) in self.rows.iter_mut().zip(&mut self.ahead) {
            let (done, all) = (row.counts.done() as i64, row.counts.all as i64);
            if *held == Held::Finished && done == all {
                continue;
            }
            let computed = computed(&row.name) as i64;
            if *held == Held::Finished && !old {
                let since = ahead.map_or(0, |ahead| computed - done - ahead);
                let since = since.clamp(0, all - done) as u64;
                row.counts.released += since;
                grown |= since > 0;
            } else {
                // Rows may come later than the table that counts them: the largest lead is safe.
                *ahead = (*ahead).max(Some(computed - done));
            }
        }
        grown
    }

    /// All prefixes in order of their first appearance.
    pub fn rows(&self) -> &[(ProgressRow, Held)] {
        &self.rows
    }

    /// The server's totals of what it knows now.
    pub fn totals(&self) -> Option<Counts> {
        self.totals
    }

    /// The counts of all prefixes beyond the listed ones together, where there are such: the title counts
    /// them, too.
    pub fn others(&self) -> Option<Counts> {
        let mut left = self.totals?;
        let listed = self.rows.iter().filter(|(_, held)| *held == Held::Listed);
        let mut count = 0;
        for (row, _) in listed {
            let mut counts = row.counts;
            for (_, _, field) in &FIELDS {
                let left = field(&mut left);
                *left = left.saturating_sub(*field(&mut counts));
            }
            count += 1;
        }
        (count >= MAX_LISTED && left.all > 0).then_some(left)
    }

    /// Forgets what has finished.
    pub fn clear_finished(&mut self) {
        let mut kept = self.rows.iter().map(|(_, held)| *held != Held::Finished);
        self.ahead.retain(|_| kept.next().unwrap_or(true));
        self.rows.retain(|(_, held)| *held != Held::Finished);
    }

    /// Forgets everything: another scheduler.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, all: u64, memory: u64) -> ProgressRow {
        ProgressRow {
            name: name.into(),
            counts: Counts { all, memory, ..Counts::default() },
            color: Rgb(0, 0, 0),
        }
    }

    #[test]
    fn totals_of_the_title() {
        let title = "Progress -- total: 278, waiting: 155, queued: 103, processing: 6, \
                     in-memory: 13, no-worker: 0, erred: 0";
        let counts = totals(title).unwrap();
        assert_eq!((counts.all, counts.waiting, counts.queued), (278, 155, 103));
        assert_eq!((counts.memory, counts.released), (13, 1));
        assert_eq!(totals("Progress"), None);
        assert_eq!(totals("Progress -- total: x, , :").unwrap(), Counts::default());
    }

    #[test]
    fn finished_rows_stay_and_resume() {
        let mut hold = ProgressHold::default();
        let state = |rows: Vec<ProgressRow>| Progress { rows, totals: None };
        hold.update(&state(vec![row("a", 10, 2), row("b", 5, 5)]));
        hold.update(&state(vec![row("a", 10, 9)]));
        assert_eq!(hold.rows()[1], (row("b", 5, 5), Held::Finished));
        hold.update(&state(vec![]));
        assert_eq!(hold.rows()[0], (row("a", 10, 9), Held::Finished));
        let mut busy = row("c", 9, 4);
        busy.counts = Counts { processing: 3, waiting: 1, queued: 1, ..busy.counts };
        hold.update(&state(vec![busy]));
        hold.update(&state(vec![]));
        assert_eq!(hold.rows()[2], (row("c", 9, 4), Held::Finished), "nothing is under way");
        hold.update(&state(vec![row("b", 3, 0)]));
        assert_eq!(hold.rows()[1], (row("b", 3, 0), Held::Listed));
        hold.clear_finished();
        assert_eq!(hold.rows().len(), 1);
    }

    #[test]
    fn what_was_computed_since_the_last_table_is_done() {
        let mut hold = ProgressHold::default();
        let state = |rows: Vec<ProgressRow>| Progress { rows, totals: None };
        // An earlier run left 40 rows behind; this table is ahead of the rows by three.
        hold.update(&state(vec![row("a", 100, 20)]));
        hold.complete(false, &|_| 57);
        hold.update(&state(vec![row("a", 100, 60)]));
        hold.complete(false, &|_| 100);
        hold.update(&state(vec![]));
        hold.complete(false, &|_| 125);
        assert_eq!(hold.rows()[0].0.counts.done(), 85, "25 more, each of them seen");
        hold.complete(false, &|_| 400);
        assert_eq!(hold.rows()[0].0.counts.done(), 100, "never more than there were");
        hold.update(&state(vec![row("a", 200, 150)]));
        hold.complete(false, &|_| 0);
        hold.update(&state(vec![]));
        hold.complete(true, &|_| 150);
        hold.complete(false, &|_| 150);
        assert_eq!(
            hold.rows()[0].0.counts.done(),
            150,
            "a history tells nothing of what came since"
        );
        // Never listed since rows came: nothing is known, nothing is added.
        hold.update(&state(vec![row("b", 9, 4)]));
        hold.update(&state(vec![]));
        hold.complete(false, &|_| 9);
        assert_eq!(hold.rows()[1].0.counts.done(), 4);
    }

    #[test]
    fn a_full_table_does_not_finish_others() {
        let mut hold = ProgressHold::default();
        hold.update(&Progress { rows: vec![row("small", 1, 0)], totals: None });
        let full = (0..MAX_LISTED).map(|i| row(&format!("p{i}"), 9, 0)).collect();
        let counts = Counts { all: 9 * MAX_LISTED as u64 + 50, memory: 20, ..Counts::default() };
        hold.update(&Progress { rows: full, totals: Some(counts) });
        assert_eq!(hold.rows()[0].1, Held::Unlisted);
        assert_eq!(hold.others(), Some(Counts { all: 50, memory: 20, ..Counts::default() }));
        hold.update(&Progress::default());
        assert_eq!(hold.rows()[0].1, Held::Finished);
        assert_eq!(hold.others(), None);
    }
}
