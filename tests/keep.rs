//! What is let go, and what is left: by rows, age and bytes, against a plain list of chunks and of rows.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod fuzz;

use std::cell::Cell;

use base::task::{Action, Interval, Rgb};
use base::time::{Micros, Span};
use proptest::prelude::*;
use store::{Chunk, Class, KIND_ERRED, Lane, RetentionPolicy, Store, Track};
use stream::{DisplayOptions, Size, TaskStreamModel};

/// Lane, prefix, action, failed, start, duration, time base; µs.
type Row = (u8, u8, Action, bool, i64, i64, u32);

const NAMES: [&str; 3] = ["add", "sum", "mean"];
const COLORS: [Rgb; 3] = [Rgb(68, 1, 84), Rgb(33, 145, 140), Rgb(253, 231, 37)];

fn with_interval<T>(row: &Row, use_it: impl FnOnce(&Interval) -> T) -> T {
    let &(lane, name, action, erred, start, dur, timebase) = row;
    use_it(&Interval {
        key: &format!("[\"{}-1\",{start}]", NAMES[name as usize]),
        key_is_json: true,
        prefix: NAMES[name as usize],
        action,
        erred,
        worker: "tcp://10.0.0.1:40000",
        thread: &format!("{lane}"),
        start: Micros(start),
        duration: Micros(dur),
        color: COLORS[name as usize],
        timebase,
    })
}

fn row_of(task: &Interval) -> Row {
    let name = NAMES.iter().position(|name| *name == task.prefix).unwrap() as u8;
    let lane = task.thread.parse().unwrap();
    (lane, name, task.action, task.erred, task.start.0, task.duration.0, task.timebase)
}

/// Any order of time, overlaps, some rows much longer than others.
fn any_rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0..6u8, 0..3u8, 0..9usize, 0..9u8, 0i64..1_000_000, 1i64..3000, 0..2u32);
    let row = row.prop_map(|(lane, name, action, erred, start, dur, timebase)| {
        let action = Action::ALL[if action > 4 { 0 } else { action }];
        let dur = if dur % 50 == 0 { dur * 40 } else { dur };
        (lane, name, action, erred == 0, start, dur, timebase)
    });
    proptest::collection::vec(row, 1..900)
}

/// Without overlaps within a lane's work or within what is beside it: where two fill a column alike,
/// either may give its colour.
fn disjoint_rows() -> impl Strategy<Value = Vec<Row>> {
    any_rows().prop_map(|rows| {
        let mut kept: Vec<Row> = Vec::new();
        for row in rows {
            let row: Row = (row.0, row.1, row.2, row.3, row.4, row.5, 0);
            let meets = |other: &Row| {
                let alike = row.0 == other.0 && Class::of(row.2) == Class::of(other.2);
                alike && row.4 < other.4 + other.5 && other.4 < row.4 + row.5
            };
            if !kept.iter().any(meets) {
                kept.push(row);
            }
        }
        kept
    })
}

/// Small chunks, so that few rows make many.
fn filled(rows: &[Row]) -> Store {
    let mut store = Store::with_limit(2000);
    for row in rows {
        with_interval(row, |task| store.insert(task));
    }
    assert_eq!(store.dropped(), 0);
    store
}

fn held(store: &Store) -> Vec<Row> {
    let mut rows = Vec::new();
    store.for_each(None, usize::MAX, |task| rows.push(row_of(task)));
    rows.sort_unstable_by_key(|row| (row.4, row.0, row.5, row.1, row.2 as u8, row.3, row.6));
    rows
}

/// When each chunk ends, its rows and its bytes; what ended first is first.
fn chunks(store: &Store) -> Vec<(i64, usize, usize)> {
    let ends = |track: &Track, chunk: &Chunk| chunk.last() + track.shift;
    let tracks = store.lanes().iter().flat_map(Lane::tracks);
    let mut all: Vec<_> = tracks
        .flat_map(|track| track.chunks().iter().map(move |chunk| (track, chunk)))
        .map(|(track, chunk)| (ends(track, chunk), chunk.len(), chunk.memory_bytes()))
        .collect();
    all.sort_by_key(|chunk| chunk.0);
    all
}

/// Counts every row that is held again.
fn check_sums(store: &Store) {
    let rows = held(store);
    assert_eq!(rows.len(), store.rows());
    for id in 0..store.prefix_count() as u32 {
        let (prefix, name) = (store.prefix(id).unwrap(), store.prefix_name(id));
        let of = || rows.iter().filter(|row| NAMES[row.1 as usize] == name);
        for action in Action::ALL {
            let of = || of().filter(|row| row.2 == action);
            assert_eq!(prefix.count[action as usize], of().count() as u64);
            assert_eq!(prefix.busy[action as usize], of().map(|row| row.5).sum::<i64>());
        }
        assert_eq!(prefix.erred, of().filter(|row| row.3).count() as u64);
    }
    let erred = rows.iter().filter(|row| row.3).count() as u64;
    assert_eq!(store.erred(), erred);
    // Flags in the index above the rows too.
    let flagged = |chunk: &Chunk| chunk.longest(0, chunk.len()).kinds & KIND_ERRED != 0;
    let mut tracks = store.lanes().iter().flat_map(Lane::tracks);
    assert_eq!(tracks.any(|track| track.chunks().iter().any(flagged)), erred > 0);
}

fn any_keep() -> impl Strategy<Value = RetentionPolicy> {
    (0..8u8, 64usize..900, 1000i64..1_000_000, 4_000usize..60_000).prop_map(
        |(which, rows, age, bytes)| RetentionPolicy {
            rows: if which & 1 > 0 { rows } else { usize::MAX },
            age: Micros(if which & 2 > 0 { age } else { i64::MAX }),
            bytes: if which & 4 > 0 { bytes } else { usize::MAX },
        },
    )
}

proptest! {
    #[test]
    fn the_newest_stay(rows in any_rows(), keep in any_keep(), by in -9000i64..9000) {
        let mut store = filled(&rows);
        store.shift(1, Micros(by));
        let (all, before, memory) = (held(&store), chunks(&store), store.memory_bytes());
        let newest = store.span().unwrap().end.0;
        store.set_keep(keep);
        let now = held(&store);

        // By the rule: what ended first, until it is little enough.
        let over = |have: usize, most: usize| have > most;
        let goal = |have, most: usize| if over(have, most) { most - most / 64 } else { most };
        let (most_rows, most_bytes) = (goal(rows.len(), keep.rows), goal(memory, keep.bytes));
        let (mut left, mut bytes, mut gone) = (rows.len(), memory, 0);
        for (end, len, size) in &before {
            let old = *end < newest.saturating_sub(keep.age.0);
            if over(left, most_rows) || over(bytes, most_bytes) || old {
                left -= len;
                bytes -= size;
                gone += 1;
            } else {
                break;
            }
        }
        // Chunks that end at the same time are alike to the rule.
        let ends = |chunks: &[(i64, usize, usize)]| -> Vec<i64> { chunks.iter().map(|c| c.0).collect() };
        prop_assert_eq!(ends(&chunks(&store)), ends(&before[gone..]));
        prop_assert!(store.rows() <= keep.rows);
        prop_assert!(store.memory_bytes() <= keep.bytes || store.rows() == 0);

        // Nothing is lost without being counted, and nothing newer than what is left.
        prop_assert_eq!(now.len() as u64 + store.dropped(), rows.len() as u64);
        let mut lost = all;
        for row in &now {
            let at = lost.iter().position(|other| other == row);
            lost.remove(at.expect("what is held was taken in"));
        }
        prop_assert_eq!(lost.iter().map(|row| Micros(row.4 + row.5)).max(), store.dropped_until());
        prop_assert_eq!(store.dropped_until().is_some(), store.dropped() > 0);
        check_sums(&store);
    }

    #[test]
    fn while_rows_come(rows in any_rows(), keep in any_keep()) {
        let mut store = Store::default();
        store.set_keep(keep);
        for (i, row) in rows.iter().enumerate() {
            with_interval(row, |task| store.insert(task));
            prop_assert!(store.rows() <= keep.rows);
            prop_assert_eq!(store.rows() as u64 + store.dropped(), i as u64 + 1);
        }
        check_sums(&store);
        // A gap is not a row, and what was counted stays counted until all is forgotten.
        store.clear();
        prop_assert_eq!((store.rows(), store.dropped(), store.keep()), (0, 0, keep));
    }
}

#[test]
fn age_and_bytes_hold_in_the_long_run() {
    let minute = 60_000_000;
    let cases = [
        RetentionPolicy { age: Micros(10 * minute), ..RetentionPolicy::ALL },
        RetentionPolicy { bytes: 1 << 20, ..RetentionPolicy::ALL },
        RetentionPolicy { age: Micros(10 * minute), bytes: 1 << 20, rows: 10_000 },
    ];
    for keep in cases {
        let mut store = Store::default();
        store.set_keep(keep);
        let mut most = (0, 0);
        for i in 0..100_000i64 {
            // Two hours in all.
            let row =
                ((i % 16) as u8, (i % 3) as u8, Action::Compute, false, i * 72_000, 900_000, 0);
            with_interval(&row, |task| store.insert(task));
            if i % 512 == 0 {
                let span = store.span().unwrap().len().0;
                most = (most.0.max(span), most.1.max(store.memory_bytes()));
            }
        }
        // A 16th for chunks that go whole, another between two looks, and the length of a row.
        let slack = keep.age.0 / 8 + 2 * 900_000;
        assert!(keep.age.0.saturating_add(slack) >= most.0, "{most:?} {keep:?}");
        let slack = keep.bytes / 64 + 1024 * 64;
        assert!(keep.bytes.saturating_add(slack) >= most.1, "{most:?} {keep:?}");
        // And not a fraction of what may be held.
        let least =
            (keep.age.0 / 72_000).min(keep.bytes as i64 / 50).min(keep.rows as i64 * 8 / 10);
        assert!(store.rows() as i64 >= least, "{} {least} {keep:?}", store.rows());
        assert_eq!(store.rows() as u64 + store.dropped(), 100_000);
    }
}

const SIZE: Size = Size { width: 500.0, height: 300.0, scale: 1.0 };

fn settle(stream: &mut TaskStreamModel) {
    // A kept picture lies on the whole pixels of where it began: of another size it begins anew.
    let other = Size { height: SIZE.height + 1.0, ..SIZE };
    let clock = Cell::new(0.0);
    stream.turn(&|| clock.get(), Micros(0), other);
    for _ in 0..500 {
        clock.set(clock.get() + 600.0);
        stream.turn(&|| clock.get(), Micros(0), SIZE);
        if stream.is_settled() {
            return;
        }
    }
    panic!("the picture never came to rest");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(fuzz::cases(48)))]

    /// What was drawn before is not seen any more, and what is left is: in each tile.
    #[test]
    fn the_picture_is_of_what_is_left(rows in disjoint_rows(), keep in any_keep(), from in -9i64..500_000, wide in 9000i64..900_000) {
        let view = Span::new(Micros(from), Micros(from + wide));
        // All lanes come in order, and have a row that stays: both pictures have the same lines.
        let last = |lane| (lane, 0, Action::Compute, false, 1_200_000, 50, 0);
        let mut rows = rows;
        rows.splice(0..0, (0..6).map(last));
        let mut shown = TaskStreamModel::new(filled(&rows));
        shown.set_view(view);
        settle(&mut shown);
        shown.set_keep(RetentionPolicy { rows: keep.rows.max(200), bytes: keep.bytes.max(40_000), ..keep });
        let mut left = held(shown.store());
        prop_assert_eq!(shown.totals().dropped, (rows.len() - left.len()) as u64);
        prop_assume!((0..6).all(|lane| left.contains(&last(lane))));
        let stood = shown.view();
        settle(&mut shown);
        prop_assert_eq!(shown.view(), stood, "it stands where it is");
        // Put there anew, it is as near to what is left as a fresh one.
        shown.set_view(view);
        settle(&mut shown);

        let mut fresh = TaskStreamModel::default();
        fresh.set_view(view);
        left.sort_by_key(|row| row.0);
        for row in &left {
            with_interval(row, |task| fresh.insert(task));
        }
        settle(&mut fresh);
        prop_assert!(shown.strip().rgba() == fresh.strip().rgba());
    }
}

#[test]
fn a_person_chooses_within_what_the_site_sets() {
    let mut stream = TaskStreamModel::default();
    assert_eq!(stream.store().keep(), RetentionPolicy::default());
    let choose = |stream: &mut TaskStreamModel, words: &str| {
        stream.set_looks(DisplayOptions::parse(words));
        stream.store().keep()
    };
    assert_eq!(choose(&mut stream, "keep-100k").rows, 100_000);
    stream.set_keep(RetentionPolicy { rows: 5000, ..RetentionPolicy::ALL });
    assert_eq!(stream.store().keep(), RetentionPolicy { rows: 5000, ..RetentionPolicy::ALL });
    assert_eq!(
        choose(&mut stream, "keep-hour"),
        RetentionPolicy { rows: 5000, age: Micros(3_600_000_000), ..RetentionPolicy::ALL }
    );
    assert_eq!(
        choose(&mut stream, "keep-all"),
        RetentionPolicy { rows: 5000, ..RetentionPolicy::ALL }
    );
}
