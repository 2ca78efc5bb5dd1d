//! Panes over plain parts.

use std::rc::Rc;

use super::*;
use feed::bokeh::table::Table;
use feed::session::DocumentSnapshot;
use feed::workers::{WorkerRow, Workers};
use live::engine::TURN_S;
use live::snapshot::Parts;

/// What a pane shows of them.
fn shown(parts: &Parts, id: &str) -> Picture {
    (pane(id).unwrap().read)(&parts.snapshot()).unwrap()
}

#[test]
fn between_workers_those_that_left_keep_their_names() {
    let mut parts = Parts::default();
    let table = |names: &[(&str, &str)]| {
        let row = |(name, address): &(&str, &str)| WorkerRow {
            name: (*name).into(),
            address: (*address).into(),
            ..WorkerRow::default()
        };
        Workers { rows: names.iter().map(row).collect(), ..Workers::default() }
    };
    parts.set_workers(table(&[("a", "tcp://h:1"), ("b", "tcp://h:2")]));
    // One leaves, the other comes back elsewhere.
    parts.set_workers(table(&[("a", "tcp://h:9")]));
    let mut sent = Table::default();
    for (from, to, rate) in
        [("a", "tcp://h:2", 6.0), ("tcp://h:2", "a", 8.0), ("tcp://h:1", "tcp://g:3", 2.0)]
    {
        sent.column_mut("source").push_text(from);
        sent.column_mut("destination").push_text(to);
        sent.column_mut("bandwidth").push_number(rate);
    }
    let whole = DocumentSnapshot { tables: vec![Rc::new(sent)], ..DocumentSnapshot::default() };
    parts.set_page(DashboardPage::BandwidthWorkers, whole);
    let picture = shown(&parts, "bandwidth-workers");
    let csv = picture.csv().unwrap();
    let mut rows: Vec<&str> = csv.lines().skip(1).collect();
    rows.sort_unstable();
    assert_eq!(rows, ["a,b,6", "a,tcp://g:3,2", "b,a,8"]);
}

#[test]
fn the_event_loop_is_called_a_bottleneck_where_it_is_one() {
    let mut parts = Parts::default();
    let mut table = Table::default();
    table.column_mut("names").push_text("Scheduler");
    table.column_mut("values").push_number(0.5);
    parts.set_page(
        DashboardPage::Contention,
        DocumentSnapshot { tables: vec![Rc::new(table)], ..DocumentSnapshot::default() },
    );
    for is in [false, true] {
        if is {
            (0..20).for_each(|at| parts.turn.note(f64::from(at) * 500.0, 0.5, TURN_S));
        }
        let note = shown(&parts, "contention").note().to_owned();
        assert_eq!((parts.turn.is_high, note.contains("bottleneck")), (is, is), "{note}");
    }
}
