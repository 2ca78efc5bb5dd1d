//! Times of the kernels behind the task stream, natively: `cargo bench`. For the browser's figures
//! and for those of Dask's own page see `cargo xtask bench`.

#![allow(clippy::disallowed_methods)] // Natively there is a clock.

use std::hint::black_box;
use std::time::Instant;

use daskscope::app::stream::{Size, Stream};
use daskscope::base::task::{Action, Interval, Rgb};
use daskscope::base::time::{Micros, Span};
use daskscope::store::{Class, Store};
use daskscope::timeline::columns::{Column, Fold, columns_into, level_for};
use daskscope::timeline::hit;

/// An hour of work: `rows` tasks over `lanes` threads, one in a thousand failed, one in five after a
/// transfer. The same for the same arguments.
fn fill(rows: usize, lanes: usize) -> Store {
    let mut store = Store::with_limit(usize::MAX);
    let mut seed = 42u64;
    let mut random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as i64
    };
    let each = 3_600_000_000 / (rows / lanes).max(1) as i64;
    let mut ends = vec![0i64; lanes];
    let workers: Vec<String> =
        (0..lanes.div_ceil(8)).map(|w| format!("tcp://10.0.0.{w}:40000")).collect();
    let threads: Vec<String> = (0..lanes).map(|t| format!("{}", 139_000_000_000 + t)).collect();
    let prefixes = [
        "random_sample",
        "mean_chunk",
        "mean_combine-partial",
        "rechunk-split",
        "getitem",
        "sum",
        "store-map",
        "open_dataset",
    ];
    let mut key = String::new();
    for i in 0..rows {
        let lane = i % lanes;
        let dur = each / 4 + random() % (each / 2).max(1);
        let start = ends[lane] + random() % (each / 8).max(1);
        ends[lane] = start + dur;
        let prefix = prefixes[(random() % 8) as usize];
        key.clear();
        let _ = std::fmt::Write::write_fmt(
            &mut key,
            format_args!(
                "[\"{prefix}-0123456789abcdef0123456789abcdef\",{},{}]",
                i / 1000,
                i % 1000
            ),
        );
        let erred = random() % 1000 == 0;
        let mut row = Interval {
            key: &key,
            key_is_json: true,
            prefix,
            action: Action::Compute,
            erred,
            worker: &workers[lane / 8],
            thread: &threads[lane],
            start: Micros(start),
            duration: Micros(dur),
            color: Rgb(68, 1, 84),
            frame: 0,
        };
        store.insert(&row);
        if i % 5 == 0 {
            row.action = Action::Transfer;
            row.start = Micros(start - dur / 8);
            row.duration = Micros(dur / 8);
            store.insert(&row);
        }
    }
    store
}

fn time(name: &str, per: f64, unit: &str, mut work: impl FnMut()) {
    work();
    let mut best = f64::INFINITY;
    let begin = Instant::now();
    let mut runs = 0;
    while runs < 5 || begin.elapsed().as_millis() < 300 && runs < 200 {
        let at = Instant::now();
        work();
        best = best.min(at.elapsed().as_secs_f64());
        runs += 1;
    }
    println!("{name:<44}{:>12.3} ms {:>10.1} ns/{unit}", best * 1e3, best * 1e9 / per);
}

fn main() {
    let most = if std::env::args().any(|word| word == "--large") { 10_000_000 } else { 1_000_000 };
    for (rows, lanes) in [(100_000, 100), (most, 1000)] {
        let began = Instant::now();
        let mut store = fill(rows, lanes);
        let spent = began.elapsed().as_secs_f64();
        let held = store.rows();
        println!(
            "-- {rows} tasks over {lanes} lanes: {:.1} bytes each, appended in {:.1} ns each",
            store.memory_bytes() as f64 / held as f64,
            spent * 1e9 / held as f64
        );
        let mut scratch = Vec::new();
        let mut out = vec![Column::IDLE; 1920];
        for (name, share) in [("hour", 1.0), ("1/10", 0.1), ("1/100", 0.01), ("1/1000", 0.001)] {
            let level = level_for(3.6e9 * share / 1920.0);
            let first = 1_800_000_000i64 >> level;
            let visible = 60.min(lanes);
            time(
                &format!("columns, {name}, {visible} lanes x 1920"),
                visible as f64 * 1920.0,
                "column",
                || {
                    for lane in &store.lanes()[..visible] {
                        columns_into(lane, Class::Main, level, first, &mut scratch, &mut out);
                        black_box(&out);
                    }
                },
            );
        }
        let mut fold = Fold::default();
        fold.reset(out.len());
        time("fold, 1920 columns", 1920.0, "column", || fold.add(black_box(&out)));
        let all: Vec<u32> = (0..lanes as u32).collect();
        let mut t = 0f64;
        time("hit, one lane", 1000.0, "hit", || {
            for i in 0..1000 {
                t = (t + 3_111_117.0) % 3.6e9;
                black_box(hit::at(&store, &all[i % lanes..=i % lanes], t, 1000.0, Class::Main));
            }
        });
        store.drain_dirty(|_, _, _| ());
        let mut stream = Stream::new(store);
        let began = Instant::now();
        let clock = || began.elapsed().as_secs_f64() * 1e3;
        let size = Size { width: 1600.0, height: 900.0, scale: 1.0 };
        stream.set_view(Span::new(Micros(1_000_000_000), Micros(1_100_000_000)));
        for _ in 0..3 {
            stream.turn(&clock, Micros(3_600_000_000), size);
        }
        let mut at = 1_000_000_000i64;
        time("frame while panning, 1/36 of the hour", 1.0, "frame", || {
            at += 600_000;
            if at > 3_000_000_000 {
                at = 0;
            }
            stream.set_view(Span::new(Micros(at), Micros(at + 100_000_000)));
            black_box(stream.turn(&clock, Micros(3_600_000_000), size));
        });
        // Every frame shows another level, none of it made before: what a fast zoom costs at worst, and
        // how long it takes to have the whole picture once it rests.
        let (mut all_ms, mut rest) = (Vec::new(), 0);
        let mut wide = 3_400_000_000i64;
        while wide > 1_000_000 {
            wide = wide * 9 / 10;
            stream.set_view(Span::new(Micros(0), Micros(wide)));
            let mut turns = 0;
            while turns == 0 || wide % 7 == 0 && !stream.is_settled() && turns < 100 {
                let at = Instant::now();
                black_box(stream.turn(&clock, Micros(3_600_000_000), size));
                all_ms.push(at.elapsed().as_secs_f64() * 1e3);
                turns += 1;
            }
            rest = rest.max(turns);
        }
        all_ms.sort_by(f64::total_cmp);
        let at = |share: usize| all_ms[(all_ms.len() - 1) * share / 100];
        println!(
            "frame while zooming: p50 {:.2} ms, p95 {:.2} ms, worst {:.2} ms, complete after {rest} frames",
            at(50),
            at(95),
            at(100)
        );
    }
}
