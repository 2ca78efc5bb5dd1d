//! What the view does when a page fails, when connections are lost, and when another scheduler stands at the same
//! address.
#![allow(clippy::unwrap_used)]

mod feed_common;

use feed::pool::DashboardPage;
use feed_common::served::{Scheduler, Served, rows};
use live::engine::{History, Input, Output};
use live::host::TaskQuery;
use serde_json::{Value, json};
use stream::Change;

const CORE: [DashboardPage; 3] =
    [DashboardPage::TaskStream, DashboardPage::Progress, DashboardPage::Workers];

fn keys(from: usize, to: usize) -> Vec<String> {
    (from..to).map(|i| format!("inc-{i}")).collect()
}

fn first() -> Scheduler {
    Scheduler {
        name: "first",
        workers: vec!["tcp://h:1", "tcp://h:2"],
        rows: keys(0, 30),
        prefixes: vec!["inc"],
    }
}

fn second() -> Scheduler {
    Scheduler {
        name: "second",
        workers: vec!["tcp://h:7"],
        rows: keys(500, 505),
        prefixes: vec!["dec"],
    }
}

/// The page of a scheduler, live.
fn live(scheduler: &Scheduler) -> Served {
    let mut it = Served::new();
    it.serve(scheduler);
    assert_eq!(it.engine.feed().status().state, "live");
    // The complete feed has opened by itself.
    it.serve_new(scheduler);
    it
}

trait More {
    fn serve_new(&mut self, scheduler: &Scheduler);
    fn held(&self) -> usize;
    fn prefixes(&self) -> Vec<String>;
    fn addresses(&self) -> Vec<String>;
    fn runs(&self) -> usize;
}

impl More for Served {
    /// Sockets that were opened and have no answer yet get one.
    fn serve_new(&mut self, scheduler: &Scheduler) {
        for _ in 0..4 {
            for page in std::mem::take(&mut self.connected) {
                let fresh = self.open.contains_key(&page) && !self.asked.contains_key(&page);
                if fresh {
                    self.greet(page);
                    if self.asked.contains_key(&page) {
                        scheduler.answer(self, page);
                    }
                }
            }
        }
    }

    fn held(&self) -> usize {
        let text = live::host::tasks_json(
            &self.engine.stream().borrow(),
            &TaskQuery::parse(&json!({})).unwrap(),
        );
        serde_json::from_str::<Vec<Value>>(&text).unwrap().len()
    }

    fn prefixes(&self) -> Vec<String> {
        self.engine.snapshot().progress().iter().map(|(row, _)| row.name.clone()).collect()
    }

    fn addresses(&self) -> Vec<String> {
        let rows = self.engine.snapshot().workers.map(|table| &table.rows);
        rows.map_or_else(Vec::new, |rows| rows.iter().map(|row| row.address.clone()).collect())
    }

    /// How often another scheduler began.
    fn runs(&self) -> usize {
        let stream = self.engine.stream();
        let stream = stream.borrow();
        stream.worker_events().iter().filter(|(_, change)| *change == Change::Another).count()
    }
}

#[test]
fn a_page_that_cannot_be_made_is_its_panes_affair() {
    let mut it = live(&first());
    it.put(Input::Pane(DashboardPage::PrefixTimes, true));
    assert_eq!(it.connected, [DashboardPage::PrefixTimes]);
    for attempt in 0..8 {
        it.greet(DashboardPage::PrefixTimes);
        it.refuse(DashboardPage::PrefixTimes);
        assert_eq!(it.engine.feed().status().state, "live", "attempt {attempt}");
        assert_eq!(it.engine.feed().busy(), None);
        let why = it.engine.feed().why_nothing(DashboardPage::PrefixTimes).unwrap();
        assert!(why.starts_with("The scheduler could not make this page"), "{why}");
        assert!(why.contains("It is asked for again in "), "{why}");
        it.connected.clear();
        it.pass(21.0);
        assert!(it.connected.contains(&DashboardPage::PrefixTimes), "it is asked for again");
        it.connected.retain(|page| *page != DashboardPage::PrefixTimes);
        it.serve_new(&first());
    }
    it.greet(DashboardPage::PrefixTimes);
    first().answer(&mut it, DashboardPage::PrefixTimes);
    // Then it can be made, and later not again: what was seen of it stays, and is said to be old.
    assert_eq!(it.engine.feed().why_nothing(DashboardPage::PrefixTimes), None);
    assert!(it.engine.snapshot().whole(DashboardPage::PrefixTimes).is_some());
    assert_eq!(it.engine.feed().why_old(DashboardPage::PrefixTimes), None);
    it.lose(DashboardPage::PrefixTimes);
    let why = it.engine.feed().why_old(DashboardPage::PrefixTimes).unwrap();
    assert!(why.starts_with("What is shown is old."), "{why}");
    assert_eq!(it.engine.feed().status().state, "live");
}

#[test]
fn a_page_whose_socket_is_refused_is_missing_only_where_nothing_else_is_known() {
    for (status, words) in [
        (404, "This scheduler does not offer this"),
        (0, "This scheduler does not offer this"),
        (500, "The scheduler could not make this page (status 500)"),
        (403, "The dashboard does not let this page be read (status 403)"),
        (200, "The page answers, but its websocket is refused"),
    ] {
        let mut it = live(&first());
        it.put(Input::Pane(DashboardPage::Gpu, true));
        for _ in 0..3 {
            it.lose(DashboardPage::Gpu);
            it.pass(3.0);
        }
        assert_eq!(it.reads, [DashboardPage::Gpu]);
        it.put(Input::PageRead { page: DashboardPage::Gpu, status, body: String::new() });
        let why = it.engine.feed().why_nothing(DashboardPage::Gpu).unwrap();
        assert!(why.starts_with(words), "{status}: {why}");
        assert_eq!(it.engine.feed().status().state, "live");
    }
}

#[test]
fn what_the_whole_view_needs_is_what_it_is_judged_by() {
    for page in CORE {
        let mut it = live(&first());
        it.lose(page);
        assert_eq!(it.engine.feed().status().state, "retrying", "{page:?}");
    }
    // Without its history the rest is live, and the pane says what may be missing.
    let mut it = live(&first());
    it.lose(DashboardPage::Tasks);
    assert_eq!(it.engine.feed().status().state, "live");
    assert!(
        matches!(it.engine.feed().history(), History::Failing { .. }),
        "{:?}",
        it.engine.feed().history()
    );
}

#[test]
fn a_frame_that_is_lost_begins_the_session_anew() {
    let mut it = live(&first());
    it.connected.clear();
    it.put(Input::Missed { page: DashboardPage::Workers });
    assert!(!it.open.contains_key(&DashboardPage::Workers), "what follows cannot be read");
    it.pass(2.0);
    assert_eq!(it.connected, [DashboardPage::Workers]);
    it.serve_new(&first());
    assert_eq!(it.engine.feed().status().state, "live");
}

/// All sockets are lost; some seconds later `scheduler` answers at the address.
fn outage(it: &mut Served, scheduler: &Scheduler) {
    it.connected.clear();
    for page in it.open.keys().copied().collect::<Vec<_>>() {
        it.lose(page);
    }
    it.pass(20.0);
    for page in it.open.keys().copied().collect::<Vec<_>>() {
        if !it.connected.contains(&page) {
            it.connected.push(page);
        }
    }
    let mut once = Vec::new();
    it.connected.retain(|page| {
        !once.contains(page) && {
            once.push(*page);
            true
        }
    });
    it.serve_new(scheduler);
    it.pass(2.0);
    it.serve_new(scheduler);
}

#[test]
fn another_scheduler_at_the_same_address_is_another_run() {
    let mut it = live(&first());
    assert_eq!((it.held(), it.prefixes()), (30, vec!["inc".to_owned()]));
    outage(&mut it, &second());
    assert_eq!(it.runs(), 1);
    assert_eq!(it.held(), 35, "what was seen of the first one stays");
    assert_eq!(it.prefixes(), ["dec"]);
    assert_eq!(it.addresses(), ["tcp://h:7"]);
    assert_eq!(it.engine.snapshot().trail.known().len(), 1, "histories of workers begin anew");
    assert_eq!(it.engine.feed().status().state, "live");
    assert_eq!(it.engine.feed().history(), History::Complete);
}

#[test]
fn the_same_scheduler_after_an_outage_is_the_same_run() {
    let mut it = live(&first());
    let mut same = first();
    same.rows.extend(keys(30, 40));
    outage(&mut it, &same);
    assert_eq!((it.runs(), it.held()), (0, 40));
    // Its workers were all replaced meanwhile.
    let mut it = live(&first());
    let mut same = first();
    same.workers = vec!["tcp://h:3"];
    outage(&mut it, &same);
    assert_eq!((it.runs(), it.held()), (0, 30));
    assert_eq!(it.addresses(), ["tcp://h:3"]);
}

#[test]
fn sockets_that_stay_with_a_scheduler_of_the_past_are_found_out() {
    // In one process: the first scheduler is closed, its sockets stay open and live.
    let mut it = live(&first());
    it.put(Input::Pane(DashboardPage::Load, true));
    it.serve_new(&first());
    let none = json!({"events": [{"kind": "ColumnDataChanged", "model": {"id":
        format!("first-{}", it.open[&DashboardPage::Workers])}, "data": feed_common::served::workers(&[])}]});
    it.message(DashboardPage::Workers, &json!({"msgid": "p4", "msgtype": "PATCH-DOC"}), &none);
    assert!(it.addresses().is_empty());
    it.connected.clear();
    it.pass(6.0);
    assert_eq!(it.connected, [DashboardPage::Workers], "the cheapest is asked");
    it.serve_new(&second());
    let mut pages: Vec<DashboardPage> = it.open.keys().copied().collect();
    pages.sort_unstable();
    assert_eq!(it.runs(), 1);
    assert_eq!(it.addresses(), ["tcp://h:7"]);
    assert_eq!(it.prefixes(), ["dec"]);
    assert_eq!(it.held(), 35);
    assert_eq!(it.engine.feed().status().state, "live");
    assert_eq!(
        pages,
        [
            DashboardPage::TaskStream,
            DashboardPage::Tasks,
            DashboardPage::Progress,
            DashboardPage::Workers,
            DashboardPage::Load
        ]
    );
}

#[test]
fn a_scheduler_without_workers_is_asked_now_and_then_and_stays_the_same() {
    let mut idle = first();
    idle.workers.clear();
    let mut it = live(&idle);
    it.connected.clear();
    let mut asked = 0;
    for _ in 0..600 {
        it.pass(1.0);
        asked += it.connected.iter().filter(|page| **page == DashboardPage::Workers).count();
        it.serve_new(&idle);
        assert_eq!(it.engine.feed().status().state, "live");
    }
    assert!((6..=10).contains(&asked), "{asked} times in ten minutes");
    assert_eq!((it.runs(), it.held()), (0, 30));
}

#[test]
fn rows_of_a_worker_that_the_table_lacks_are_looked_into() {
    // The task stream is open to the second one already, the worker table is not.
    let mut it = live(&first());
    it.connected.clear();
    let id = format!("first-{}", it.open[&DashboardPage::TaskStream]);
    let mut row = rows(&keys(900, 901));
    row["worker"] = json!(["tcp://h:7"]);
    it.row(&id, &row);
    it.pass(6.0);
    assert!(
        it.connected.contains(&DashboardPage::Workers)
            && it.connected.contains(&DashboardPage::TaskStream)
    );
    it.serve_new(&second());
    it.pass(2.0);
    it.serve_new(&second());
    assert_eq!(it.addresses(), ["tcp://h:7"]);
    assert_eq!(it.runs(), 1);
}

#[test]
fn a_long_history_is_asked_about_anew_after_an_outage() {
    let mut it = live(&first());
    assert_eq!(it.engine.feed().history(), History::Complete);
    // Far more ran while nobody looked than the fast page keeps.
    let mut busy = first();
    busy.rows = keys(50_000, 51_000);
    outage(&mut it, &busy);
    assert!(!it.open.contains_key(&DashboardPage::Tasks), "not before it is known what it costs");
    assert!(it.metrics > 0);
    let metrics = "dask_scheduler_prefix_state_totals_total{state=\"memory\",task_prefix_name=\"inc\"} 95000.0\n";
    it.put(Input::Metrics(Some(metrics.into())));
    assert!(
        matches!(it.engine.feed().history(), History::Asking { .. }),
        "{:?}",
        it.engine.feed().history()
    );
    assert!(!it.open.contains_key(&DashboardPage::Tasks));
    assert_eq!(it.runs(), 0);
}

#[test]
fn no_socket_is_opened_to_a_scheduler_that_was_left() {
    let mut it = live(&first());
    let id = format!("first-{}", it.open[&DashboardPage::TaskStream]);
    it.row(&id, &rows(&keys(30, 31)));
    it.put(Input::Pane(DashboardPage::Progress, false));
    it.put(Input::Shown(false));
    it.connected.clear();
    it.pass(60.0);
    assert_eq!(it.connected, [], "nothing is looked over while nobody looks");
    assert!(
        it.open.keys().all(|page| [DashboardPage::TaskStream, DashboardPage::Tasks].contains(page))
    );
    // Looked at again, what was due is done.
    it.put(Input::Shown(true));
    it.serve_new(&first());
    it.connected.clear();
    it.pass(10.0);
    assert_eq!(it.connected, [DashboardPage::Tasks]);
}

#[test]
fn a_page_that_was_left_and_opened_again_is_of_the_same_run_though_all_workers_changed() {
    let mut it = live(&first());
    it.put(Input::Pane(DashboardPage::Progress, false));
    it.put(Input::Shown(false));
    it.pass(60.0);
    assert!(!it.open.contains_key(&DashboardPage::Workers));
    let mut scaled = first();
    scaled.workers = vec!["tcp://h:8", "tcp://h:9"];
    it.connected.clear();
    it.put(Input::Shown(true));
    it.put(Input::Pane(DashboardPage::Progress, true));
    it.serve_new(&scaled);
    it.pass(3.0);
    it.serve_new(&scaled);
    assert_eq!((it.runs(), it.addresses()), (0, vec!["tcp://h:8".into(), "tcp://h:9".into()]));
}

#[test]
fn who_stops_while_pages_wait_in_line_is_woken_no_more_and_can_begin_again() {
    let mut it = Served::new();
    it.put(Input::Stop);
    let mut out = Vec::new();
    it.engine.handle(it.now + 5_000.0, Input::Tick, &mut out);
    let soon = it.now + 6_000.0;
    let wakes = |one: &Output| matches!(one, Output::Wake { at_ms } if *at_ms < soon);
    assert!(!out.iter().any(wakes), "{out:?}");
    it.now += 10_000.0;
    it.connected.clear();
    it.put(Input::Start);
    it.serve(&first());
    assert_eq!(it.engine.feed().status().state, "live");
    assert_eq!(it.held(), 30);
}
