//! What is read for advice, and when it is said.

use std::rc::Rc;

use super::*;
use base::task::Rgb;
use feed::bokeh::table::Table;
use feed::progress::{Counts, Progress};
use feed::session::DocumentSnapshot;
use feed::workers::{WorkerRow, Workers};
use live::snapshot::Parts;

/// A scheduler of plain parts, and the advice about it.
struct Rig {
    parts: Parts,
    runner: AdviceRunner,
    store: Store,
}

impl Rig {
    fn new() -> Self {
        let parts = Parts { is_current: true, ..Parts::default() };
        Self { parts, runner: AdviceRunner::default(), store: Store::default() }
    }

    /// A turn at `now_ms`; the pages it wants are opened and closed.
    fn turn(&mut self, now_ms: f64) {
        self.parts.now_ms = now_ms;
        self.parts.pool.steps(now_ms, &mut Vec::new());
        let mut wants = Vec::new();
        self.runner.turn(&self.parts.snapshot(), &self.store, &mut wants);
        for (page, wanted) in wants {
            self.show(page, wanted);
        }
    }

    fn show(&mut self, page: DashboardPage, shown: bool) {
        let pool = &mut self.parts.pool;
        if shown {
            pool.subscribe(page);
        } else {
            pool.unsubscribe(page);
        }
        pool.steps(self.parts.now_ms, &mut Vec::new());
    }

    fn progress(&mut self, rows: Vec<ProgressRow>, totals: Counts) {
        self.parts.progress.update(&Progress { rows, totals: Some(totals) });
    }

    /// What is known of as many failures as `erred` says, where the page of exceptions holds `what`.
    fn failures(&mut self, now_ms: f64, erred: u64, what: &str) -> Vec<(String, u64)> {
        let mut table = Table::default();
        for (name, cell) in [
            ("Exception", what),
            ("Task", "x-1"),
            ("Worker(s)", "tcp://h:1"),
            ("Count", "7"),
            ("Traceback", "line 1"),
        ] {
            table.column_mut(name).push_text(cell);
        }
        let counts = Counts { all: erred, erred, ..Counts::default() };
        self.progress(vec![ProgressRow { name: "x".into(), counts, color: Rgb(0, 0, 0) }], counts);
        let whole =
            DocumentSnapshot { tables: vec![Rc::new(table)], ..DocumentSnapshot::default() };
        self.parts.set_page(DashboardPage::Exceptions, whole);
        self.turn(now_ms);
        let kinds = self.runner.failures(&self.parts.snapshot());
        kinds.into_iter().map(|kind| (kind.what, kind.count)).collect()
    }

    fn workers(&mut self, rows: Vec<WorkerRow>) {
        self.parts.set_workers(Workers { rows, ..Workers::default() });
    }
}

#[test]
fn what_was_read_of_failures_is_not_forgotten_once_they_are_many() {
    const IMPORT: &str = "ModuleNotFoundError(\"No module named 'mine'\")";
    let mut rig = Rig::new();
    rig.runner.note_shown(true);
    let one = (IMPORT.to_owned(), 7);
    // Many at a time: the page is read once.
    assert_eq!(
        rig.failures(100.0, 1000, IMPORT),
        std::slice::from_ref(&one),
        "it was opened for it"
    );
    assert!(rig.runner.exceptions);
    rig.failures(1500.0, 1000, IMPORT);
    assert!(!rig.runner.exceptions, "and is let go of");
    // Closed, it is forgotten, but not what it said.
    rig.turn(60_000.0);
    assert_eq!(rig.failures(120_000.0, 1100, ""), [one, (String::new(), 1100)]);
    // A pane that has it open is read, however many they are.
    rig.show(DashboardPage::Exceptions, true);
    assert_eq!(rig.failures(121_000.0, 9000, "KeyError('y')"), [("KeyError('y')".to_owned(), 7)]);
    rig.progress(Vec::new(), Counts::default());
    assert_eq!(rig.runner.failures(&rig.parts.snapshot()), []);
    assert!(rig.runner.kinds.is_empty());
}

#[test]
fn tasks_by_worker_are_read_while_they_may_lie_unevenly() {
    let mut rig = Rig::new();
    let row = |name: &str, cpu| WorkerRow {
        address: format!("tcp://{name}:1"),
        nthreads: Some(2.0),
        cpu: Some(cpu),
        ..WorkerRow::default()
    };
    let table = |cpu| vec![row("a", cpu), row("b", cpu)];
    rig.workers(table(0.1));
    rig.progress(Vec::new(), Counts { all: 8, processing: 8, ..Counts::default() });
    rig.turn(2_000.0);
    assert!(!rig.runner.loads, "nobody looks at what is advised");
    rig.runner.note_shown(true);
    rig.turn(4_500.0);
    assert!(rig.runner.loads);
    // Cores are in use: no reason any more. It stays for a while, since reasons come and go.
    rig.workers(table(1.9));
    rig.turn(20_000.0);
    assert!(rig.runner.loads);
    rig.turn(40_000.0);
    assert!(!rig.runner.loads);
    rig.workers(table(0.1));
    rig.turn(42_500.0);
    assert!(rig.runner.loads);
    rig.runner.note_shown(false);
    rig.turn(43_000.0);
    assert!(!rig.runner.loads);
}

#[test]
fn nothing_is_denied_before_it_was_looked_for_long_enough() {
    let mut rig = Rig::new();
    rig.workers(vec![WorkerRow::default()]);
    rig.runner.note_shown(true);
    rig.parts.is_current = false;
    rig.turn(30_000.0);
    assert_eq!(rig.runner.advice(), None, "nothing is known of tasks");
    rig.parts.is_current = true;
    rig.turn(31_000.0);
    assert_eq!(rig.runner.advice(), None);
    rig.turn(31_000.0 + STAY_MS);
    assert_eq!(rig.runner.advice(), Some(Vec::new()));
}
