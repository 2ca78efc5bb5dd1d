//! Rows of prefixes.

use super::*;
use timeline::columns::{ERRED_SLOT, LAST_PREFIX_SLOT};
use timeline::scene::Ink;

fn add(
    stream: &mut TaskStreamModel,
    prefix: &str,
    worker: usize,
    at: i64,
    action: Action,
    erred: bool,
) {
    stream.insert(&Interval {
        key: &format!("{prefix}-{at}"),
        key_is_json: false,
        prefix,
        action,
        erred,
        worker: &format!("tcp://10.0.0.1:{worker}"),
        thread: &format!("t{worker}"),
        start: Micros(T + at * 10_000),
        duration: Micros(9_000),
        color: Rgb(0x23, 0x89, 0x8d),
        timebase: 0,
    });
}

/// Three workers run `mean` in turn, the first one `add` too; one of each fails, one is sent.
fn mixed() -> TaskStreamModel {
    let mut stream = TaskStreamModel::default();
    for i in 0..30 {
        add(&mut stream, "mean", (i % 3) as usize, i, Action::Compute, i == 7);
        add(&mut stream, "add", 0, i + 100, Action::Compute, false);
    }
    add(&mut stream, "mean", 1, 140, Action::Transfer, false);
    stream.set_looks(DisplayOptions::parse("prefixes"));
    stream.fit();
    settle(&mut stream, 0);
    stream
}

fn keys(stream: &TaskStreamModel) -> Vec<RowKey> {
    stream.layout.rows.iter().map(|row| row.key).collect()
}

fn point(stream: &TaskStreamModel, row: usize, at: i64) -> (f64, f64) {
    let line = &stream.layout.rows[row];
    (stream.x_of((T + at) as f64), stream.plot().y + line.y + line.height * 0.3)
}

#[test]
fn one_row_for_each_prefix() {
    let mut stream = mixed();
    let (mean, add) = (RowKey::Slot(0), RowKey::Slot(1));
    let rest = [RowKey::Slot(ACTION_SLOT + 1), RowKey::Slot(ERRED_SLOT)];
    assert_eq!(keys(&stream), [add, mean, rest[0], rest[1]], "by name, then the rest");
    for name in ["add", "mean", "transfer", "erred"] {
        assert!(texts(&stream).contains(&name), "{:?}", texts(&stream));
    }
    // What ran stands in its own row, and nowhere else.
    let ground = stream.theme().ground;
    let seen = |stream: &TaskStreamModel, row: usize, at: i64| {
        let (x, y) = point(stream, row, at);
        let Area { x: left, y: top, .. } = stream.plot();
        stream.strip().pixel((x - left) as usize, (y - top) as usize) != ground
    };
    let line = |stream: &TaskStreamModel, at: i64| [0, 1, 3].map(|row| seen(stream, row, at));
    assert_eq!(line(&stream, 4_000), [false, true, false]);
    assert_eq!(line(&stream, 1_104_000), [true, false, false]);
    assert_eq!(line(&stream, 74_000), [false, false, true], "a failed one has its own");
    // The pointer finds the tasks of the row.
    let (x, y) = point(&stream, 1, 14_000);
    stream.pointer_move(x, y);
    settle(&mut stream, 0);
    assert_eq!(stream.hover().map(|card| card.key), Some("mean-1".into()));
    let (_, y) = point(&stream, 0, 14_000);
    stream.pointer_move(x, y);
    settle(&mut stream, 0);
    assert_eq!(stream.hover(), None);
    // Opened, it is the head of the workers, of which each has its part.
    stream.toggle_row(mean);
    settle(&mut stream, 0);
    let parts = [0, 1, 2].map(|worker| RowKey::SlotOf(0, worker));
    assert_eq!(keys(&stream), [add, mean, parts[0], parts[1], parts[2], rest[0], rest[1]]);
    assert_eq!([2, 3, 4].map(|row| seen(&stream, row, 14_000)), [false, true, false]);
    assert!(!seen(&stream, 2, 1_104_000), "another prefix on the same worker");
    // A row that comes is drawn in both.
    assert!(!seen(&stream, 1, 604_000));
    super::prefixes::add(&mut stream, "mean", 2, 60, Action::Compute, false);
    settle(&mut stream, 0);
    assert!(seen(&stream, 1, 604_000) && seen(&stream, 4, 604_000));
    assert!(!seen(&stream, 3, 604_000));
    stream.toggle_row(mean);
    settle(&mut stream, 0);
    assert_eq!(stream.layout.rows.len(), 4);
}

#[test]
fn an_area_of_a_prefix_counts_only_its_tasks() {
    let mut stream = mixed();
    let (from, to) = (stream.plot().x + 1.0, stream.plot().x + stream.plot().w - 1.0);
    let (_, y) = point(&stream, 1, 0);
    stream.area_down(from, y);
    stream.pointer_move(to, y + 3.0);
    stream.pointer_up();
    settle(&mut stream, 0);
    assert_eq!(stream.stats().map(|stats| stats.all.count), Some(29), "but for the failed one");
    assert_eq!(stream.selection().map(|one| one.lanes.clone()), Some(vec![0, 1, 2]));
    // All of them are what all lanes have.
    stream.select_view();
    settle(&mut stream, 0);
    assert_eq!(stream.stats().map(|stats| stats.all.count), Some(61));
}

#[test]
fn a_match_is_shown_in_its_row() {
    let mut stream = mixed();
    stream.set_filter("key:add-110");
    settle(&mut stream, 0);
    stream.step_match(true);
    settle(&mut stream, 0);
    let row = &stream.layout.rows[0];
    let top = stream.plot().y + row.y;
    let ring =
        stream.scene().marks.iter().find(|mark| mark.ink == Ink::Accent && mark.stroke > 2.0);
    let ring = ring.expect("the match is ringed");
    assert!(top <= ring.y && ring.y + ring.h <= top + row.height, "{ring:?}");
}

#[test]
fn more_prefixes_than_rows_share_one() {
    let mut stream = TaskStreamModel::default();
    for i in 0..230 {
        add(&mut stream, &format!("p{i}"), 0, i, Action::Compute, false);
    }
    stream.set_looks(DisplayOptions::parse("prefixes arrival"));
    stream.fit();
    settle(&mut stream, 0);
    let all = keys(&stream);
    assert_eq!(
        (all.len(), all[0], all[200]),
        (201, RowKey::Slot(0), RowKey::Slot(LAST_PREFIX_SLOT))
    );
    stream.view.scroll = 1e9;
    settle(&mut stream, 0);
    let (x, y) = point(&stream, 200, 2_204_000);
    let scroll = stream.view.scroll;
    stream.pointer_move(x, y - scroll);
    settle(&mut stream, 0);
    assert_eq!(stream.hover().map(|card| card.key), Some("p220-220".into()));
}
