//! The store against a plain list of rows.

use super::*;
use base::task::{Action, Interval, Rgb};
use base::time::{Micros, Span};
use proptest::prelude::*;

type Plain = (String, Action, bool, String, String, i64, i64, u32);

fn put(store: &mut Store, row: &Plain) {
    store.insert(&Interval {
        key: &row.0,
        key_is_json: row.0.starts_with('['),
        prefix: "add",
        action: row.1,
        erred: row.2,
        worker: &row.3,
        thread: &row.4,
        start: Micros(row.5),
        duration: Micros(row.6),
        color: Rgb(1, 2, 3),
        timebase: row.7,
    });
}

fn all(store: &Store, range: Option<Span>) -> Vec<Plain> {
    let mut rows = Vec::new();
    store.for_each(range, usize::MAX, |r| {
        assert_eq!(r.key_is_json, r.key.starts_with('['));
        rows.push((
            r.key.to_owned(),
            r.action,
            r.erred,
            r.worker.to_owned(),
            r.thread.to_owned(),
            r.start.0,
            r.duration.0,
            r.timebase,
        ));
    });
    assert!(rows.is_sorted_by_key(|r| r.5), "by start");
    rows.sort();
    rows
}

fn check_tracks(store: &Store) {
    for track in store.lanes().iter().flat_map(Lane::tracks) {
        let bytes: usize = track.chunks().iter().map(super::Chunk::memory_bytes).sum();
        assert_eq!(track.bytes, bytes, "kept, not counted anew");
        let mut last = i64::MIN;
        for chunk in track.chunks() {
            assert!(!chunk.is_empty());
            for i in 0..chunk.len() {
                assert!(last <= chunk.start(i), "sorted and disjoint");
                last = chunk.end(i);
                assert_eq!(Class::of(chunk.action(i)), track.class);
            }
            let sum: i64 = (0..chunk.len()).map(|i| chunk.dur(i)).sum();
            assert_eq!(chunk.busy(0, chunk.len()), sum);
        }
    }
}

fn rows() -> impl Strategy<Value = Vec<Plain>> {
    let row = (0..3u8, 0..5usize, 0..2u8, 0..2u8, 0i64..3000, 0i64..40, 0..2u32, any::<u16>());
    proptest::collection::vec(
        row.prop_map(|(w, action, thread, erred, start, dur, timebase, n)| {
            let long = if n == 7 { 6_000_000_000 } else { 0 };
            (
                match n % 5 {
                    // Long ones fill what a chunk has for keys before its rows.
                    0 => "k".repeat(usize::from(n) / 4),
                    1 | 2 => format!("add-{n:032x}"),
                    _ => format!("[\"add-{w}\",{n}]"),
                },
                Action::ALL[if action > 2 { 0 } else { action }],
                erred == 1,
                format!("w{w}"),
                format!("t{thread}"),
                start * 10,
                dur + long,
                timebase,
            )
        }),
        0..400,
    )
}

proptest! {
    #[test]
    fn every_row_comes_back(rows in rows(), by in -500i64..500, from in 0i64..30_000, len in 0i64..9000) {
        let mut store = Store::default();
        let mut plain = rows.clone();
        for (i, row) in rows.iter().enumerate() {
            if i == rows.len() / 2 {
                // Rows that are held move; those that come later are given in the moved time.
                store.shift(1, Micros(by));
            }
            put(&mut store, row);
        }
        for row in &mut plain[..rows.len() / 2] {
            if row.7 == 1 {
                row.5 += by;
            }
        }
        plain.sort();
        check_tracks(&store);
        prop_assert_eq!(store.rows(), plain.len());
        prop_assert_eq!(&all(&store, None), &plain);
        let range = Span::new(Micros(from), Micros(from + len));
        plain.retain(|r| r.5 < range.end.0 && range.start.0 < r.5 + r.6);
        // Empty rows never overlap anything, but may be given where they begin inside.
        let mut found = all(&store, Some(range));
        found.retain(|r| r.6 > 0);
        plain.retain(|r| r.6 > 0);
        prop_assert_eq!(found, plain);
    }

    #[test]
    fn longest_is_the_longest(durs in proptest::collection::vec(0i64..90, 1..300), a in 0usize..300, b in 0usize..300) {
        let mut store = Store::default();
        let mut t = 0;
        for (i, &dur) in durs.iter().enumerate() {
            put(&mut store, &("k".into(), Action::Compute, i % 97 == 5, "w".into(), "t".into(), t, dur, 0));
            t += dur + 1;
        }
        for chunk in store.lanes()[0].tracks()[0].chunks() {
            let (a, b) = (a.min(chunk.len()), b.min(chunk.len()));
            let (a, b) = (a.min(b), a.max(b));
            let agg = chunk.longest(a, b);
            let best = (a..b).rev().max_by_key(|&i| chunk.dur(i));
            prop_assert_eq!(i64::from(agg.longest), best.map_or(0, |i| chunk.dur(i)));
            if let Some(best) = best {
                prop_assert_eq!(usize::from(agg.row), best, "the earliest of equals");
            }
            prop_assert_eq!(agg.kinds & KIND_ERRED != 0, (a..b).any(|i| chunk.erred(i)));
            let mut over = Vec::new();
            chunk.rows_over(a, b, 45, &mut |i| over.push(i));
            prop_assert_eq!(over, (a..b).filter(|&i| chunk.dur(i) >= 45).collect::<Vec<_>>());
        }
    }
}

#[test]
fn order_of_arrival_does_not_matter() {
    let row = |i: i64| -> Plain {
        ("k".into(), Action::Compute, false, "w".into(), "t".into(), i * 10, 9, 0)
    };
    // Forwards, backwards, and the odd ones late: one track each time, however the chunks lie.
    let orders: [Vec<i64>; 3] = [
        (0..5000).collect(),
        (0..5000).rev().collect(),
        (0..5000).step_by(2).chain((1..5000).step_by(2)).collect(),
    ];
    for order in orders {
        let mut store = Store::default();
        for &i in &order {
            put(&mut store, &row(i));
        }
        check_tracks(&store);
        assert_eq!(store.lanes()[0].tracks().len(), 1);
        assert_eq!(store.span(), Some(Span::new(Micros(0), Micros(49_999))));
        assert_eq!(store.rows(), 5000);
    }
}

#[test]
fn the_oldest_go_and_are_counted() {
    let mut store = Store::with_limit(1000);
    for i in 0..5000i64 {
        let worker = format!("w{}", i % 7);
        put(
            &mut store,
            &("k".into(), Action::Compute, i % 100 == 0, worker, "t".into(), i * 10, 9, 0),
        );
    }
    assert!(store.rows() <= 1000 && store.rows() > 800, "{}", store.rows());
    assert_eq!(store.rows() as u64 + store.dropped(), 5000);
    let held = all(&store, None);
    assert_eq!(held.len(), store.rows());
    let prefix = store.prefix(0).cloned().unwrap_or_default();
    assert_eq!(prefix.count[0] as usize, held.len());
    assert_eq!(prefix.erred as usize, held.iter().filter(|r| r.2).count());
    let oldest = held.iter().map(|r| r.5).min().unwrap_or(0);
    assert!(oldest > 35_000, "the newest stay: {oldest}");
    assert!(store.dropped_until().is_some_and(|t| t.0 > 35_000));
}

#[test]
fn changes_are_reported_once() {
    let mut store = Store::default();
    let row = |t: i64| -> Plain {
        ("k".into(), Action::Transfer, false, "w".into(), "t".into(), t, 5, 0)
    };
    put(&mut store, &row(100));
    put(&mut store, &row(50));
    let mut seen = Vec::new();
    store.drain_dirty(|lane, _, span| seen.push((lane, span.start.0, span.end.0)));
    store.drain_dirty(|lane, _, span| seen.push((lane, span.start.0, span.end.0)));
    assert_eq!(seen, [(0, 50, 105)]);
    seen.clear();
    store.shift(0, Micros(-20));
    store.drain_dirty(|lane, _, span| seen.push((lane, span.start.0, span.end.0)));
    assert_eq!(seen, [(0, 30, 105)]);
}

/// Bytes each at most, from `from` rows a lane on, up to what 10 million tasks are on each of 1000
/// lanes. One task in five comes after a transfer. `key` writes the key of a task.
fn bytes_each(from: i64, key: impl Fn(&mut String, i64)) -> f64 {
    const LANES: i64 = 8;
    let mut store = Store::default();
    let threads: Vec<String> =
        (0..LANES).map(|lane| format!("tcp://10.0.0.1:4000-{lane}")).collect();
    let (mut most, mut text) = (0f64, String::new());
    for i in 0..LANES * 10_000 {
        text.clear();
        key(&mut text, i);
        let mut row = Interval {
            key: &text,
            key_is_json: text.starts_with('['),
            prefix: "random_sample",
            action: Action::Compute,
            erred: false,
            worker: "tcp://10.0.0.1:4000",
            thread: &threads[(i % LANES) as usize],
            start: Micros(i * 1000),
            duration: Micros(6000),
            color: Rgb(1, 2, 3),
            timebase: 0,
        };
        store.insert(&row);
        if (i + i / LANES) % 5 == 0 {
            row.action = Action::Transfer;
            row.start = Micros(i * 1000 - 1500);
            row.duration = Micros(1500);
            store.insert(&row);
        }
        // Every number of rows: right behind a growth as much as right before one.
        if i >= from * LANES && i % LANES == 0 {
            most = most.max(store.memory_bytes() as f64 / store.rows() as f64);
        }
    }
    most
}

#[test]
fn forty_bytes_a_task_with_its_key() {
    use std::fmt::Write;
    let group = |out: &mut String, i: i64| {
        // As of a collection of 10 million blocks.
        let (a, b) = (i * 125 / 1000, i % 1000);
        let _ = write!(out, "[\"random_sample-0123456789abcdef0123456789abcdef\",{a},{b}]");
    };
    let each = bytes_each(1000, group);
    assert!(each <= 40.0, "{each} bytes a task");
    // A key that is a hash and nothing else has 16 bytes that no other key shares.
    let hash = |out: &mut String, i: i64| {
        let _ = write!(out, "random_sample-{:032x}", i * 0x1234_5678_9abc);
    };
    let each = bytes_each(1000, hash);
    assert!(each <= 48.0, "{each} bytes a task");
}

#[test]
fn chunks_cut_by_time_are_small() {
    // Two rows an hour: each chunk holds three at most, so it must not be made for thousands.
    let mut store = Store::default();
    for i in 0..2000i64 {
        let at = i * 1_800_000_000;
        put(&mut store, &("k".into(), Action::Compute, false, "w".into(), "t".into(), at, 9, 0));
    }
    let each = store.memory_bytes() / store.rows();
    assert!(each < 1000, "{each} bytes a task");
}
