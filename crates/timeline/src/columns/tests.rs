//! Columns against a brute-force oracle.

use super::*;
use base::task::{Interval, Rgb};
use base::time::Micros;
use proptest::prelude::*;
use store::{Store, kind_bit};

#[derive(Copy, Clone, Debug)]
struct Row {
    start: i64,
    dur: i64,
    name: u32,
    action: Action,
    erred: bool,
    timebase: u32,
}

fn put(store: &mut Store, row: Row) {
    store.insert(&Interval {
        key: "k",
        key_is_json: false,
        prefix: ["a", "b", "c"][row.name as usize],
        action: row.action,
        erred: row.erred,
        worker: "w",
        thread: "t",
        start: Micros(row.start),
        duration: Micros(row.dur),
        color: Rgb(0, 0, 0),
        timebase: row.timebase,
    });
}

fn store_of(rows: &[Row]) -> Store {
    let mut store = Store::default();
    // Numbers of prefixes follow first appearance: fix them.
    for name in 0..3 {
        put(&mut store, Row { start: -1_000_000, dur: 0, name, ..ROW });
    }
    for &row in rows {
        put(&mut store, row);
    }
    store
}

const ROW: Row =
    Row { start: 0, dur: 0, name: 0, action: Action::Compute, erred: false, timebase: 0 };

fn columns(store: &Store, class: Class, level: u32, first: i64, n: usize) -> Vec<Column> {
    let mut out = vec![Column::IDLE; n];
    columns_into(&store.lanes()[0], class, level, first, &mut Vec::new(), &mut out);
    out
}

/// Adds up every row for every column.
fn oracle(rows: &[Row], class: Class, level: u32, first: i64, n: usize) -> Vec<Column> {
    let width = 1i64 << level;
    (0..n as i64)
        .map(|c| {
            let (left, right) = ((first + c) << level, (first + c + 1) << level);
            let (mut busy, mut kinds, mut best) = (0, 0, (0, i64::MAX, NO_SLOT));
            for row in rows.iter().filter(|r| Class::of(r.action) == class && r.dur > 0) {
                let clip = (row.start + row.dur).min(right) - row.start.max(left);
                if clip <= 0 {
                    continue;
                }
                busy += clip;
                kinds |= kind_bit(row.action) | if row.erred { KIND_ERRED } else { 0 };
                if left <= row.start {
                    kinds |= EDGE;
                }
                let slot = slot_of(row.action, row.erred, row.name);
                if best.0 < clip || best.0 == clip && row.start < best.1 {
                    best = (clip, row.start, slot);
                }
            }
            let coverage = (busy.min(width) * 255 + width / 2) >> level;
            Column {
                slot: best.2,
                coverage: if busy > 0 { coverage.clamp(1, 255) as u8 } else { 0 },
                kinds,
            }
        })
        .collect()
}

fn any_rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0i64..20_000, 1i64..300, 0..3u32, 0..6usize, 0..20u8, 0..2u32);
    proptest::collection::vec(
        row.prop_map(|(start, dur, name, action, erred, timebase)| Row {
            start,
            dur: if erred == 1 { dur * 20 } else { dur },
            name,
            action: Action::ALL[if action > 4 { 0 } else { action }],
            erred: erred == 0,
            timebase,
        }),
        0..600,
    )
}

/// Disjoint rows, dense, so that chunks fill and columns hold many.
fn line() -> impl Strategy<Value = Vec<Row>> {
    proptest::collection::vec((0i64..30, 1i64..80, 0..3u32, 0..50u8), 1..900).prop_map(|parts| {
        let mut t = 100;
        parts
            .into_iter()
            .map(|(gap, dur, name, erred)| {
                let start = t + gap;
                t = start + dur;
                Row { start, dur, name, erred: erred == 0, ..ROW }
            })
            .collect()
    })
}

/// Overlapping rows that both fill a column tie; then either may give the slot.
fn check(rows: &[Row], level: u32, first: i64, exact: bool) {
    let store = store_of(rows);
    for class in [Class::Main, Class::Aux] {
        let (got, want) =
            (columns(&store, class, level, first, 70), oracle(rows, class, level, first, 70));
        if exact {
            assert_eq!(got, want);
        } else {
            assert!(ties(&got, &want), "{got:?}\n{want:?}");
        }
    }
}

fn ties(a: &[Column], b: &[Column]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.coverage == b.coverage && a.kinds == b.kinds)
}

proptest! {
    #[test]
    fn equals_the_oracle(rows in line(), level in 0u32..14, first in 0i64..64) {
        check(&rows, level, first, true);
    }

    #[test]
    fn overlaps_add_up(rows in any_rows(), level in 0u32..12, first in -2i64..64) {
        check(&rows, level, first, false);
    }

    #[test]
    fn arrival_does_not_matter(rows in line(), level in 0u32..12, seed: u64) {
        let mut late = rows.clone();
        let mut seed = seed | 1;
        for i in (1..late.len()).rev() {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            late.swap(i, (seed % (i as u64 + 1)) as usize);
        }
        prop_assert_eq!(
            columns(&store_of(&rows), Class::Main, level, 0, 80),
            columns(&store_of(&late), Class::Main, level, 0, 80)
        );
    }

    #[test]
    fn coverage_is_conserved(rows in line(), level in 0u32..12, first in 0i64..30) {
        let store = store_of(&rows);
        let fine = columns(&store, Class::Main, level, first * 2, 128);
        let coarse = columns(&store, Class::Main, level + 1, first, 64);
        for (i, parent) in coarse.iter().enumerate() {
            let (a, b) = (fine[i * 2], fine[i * 2 + 1]);
            let mean = f64::midpoint(f64::from(a.coverage), f64::from(b.coverage));
            prop_assert!((mean - f64::from(parent.coverage)).abs() <= 1.01, "{a:?} {b:?} {parent:?}");
            prop_assert_eq!(a.kinds | b.kinds, parent.kinds);
        }
    }

    #[test]
    fn a_shift_moves_the_picture(rows in line(), level in 0u32..8, by in -6i64..6) {
        let mut store = store_of(&rows);
        let before = columns(&store, Class::Main, level, 10, 60);
        store.shift(0, Micros(by << level));
        prop_assert_eq!(before, columns(&store, Class::Main, level, 10 + by, 60));
    }
}

#[test]
fn one_erred_in_many_is_seen_from_afar() {
    let rows: Vec<Row> =
        (0..100_000).map(|i| Row { start: i * 10, dur: 9, erred: i == 77_777, ..ROW }).collect();
    let store = store_of(&rows);
    let seen = columns(&store, Class::Main, 17, 0, 8);
    assert_eq!(seen.iter().filter(|c| has_erred(c.kinds)).count(), 1);
    assert_eq!(seen[0].coverage, 230, "nine tenths busy");
}

#[test]
fn a_fold_keeps_what_ran_most() {
    let mut fold = Fold::default();
    fold.reset(1);
    for slot in [1, 2, 2, 3, 2] {
        fold.add(&[Column { slot, coverage: 200, kinds: EDGE | 1 }]);
    }
    let mut out = [Column::IDLE];
    fold.finish(&mut out, 5);
    assert_eq!(out, [Column { slot: 2, coverage: 200, kinds: 1 }]);
}

#[test]
fn pixels_hold_one_or_two_columns() {
    for per_px in [0.01, 1.0, 1.9, 2.0, 3.0, 1000.0, 1e9] {
        let width = f64::from(1u32 << level_for(per_px).min(31));
        assert!(per_px < 2.0 || width <= per_px && per_px < width * 2.0, "{per_px}");
    }
}
