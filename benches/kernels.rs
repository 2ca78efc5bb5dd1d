//! Times of the kernels behind the task stream, natively: `cargo bench`. For the browser's figures
//! and for those of Dask's own page see `cargo xtask bench`.

// Time is what is measured here, and this never runs in a browser.
#![allow(clippy::disallowed_methods)]

use std::hint::black_box;
use std::time::Instant;

use base::task::{Action, Interval, Rgb};
use base::time::{Micros, Span};
use store::{Class, Store};
use stream::{Size, TaskStreamModel};
use timeline::columns::{Column, columns_into, level_for};
use timeline::hit;
use timeline::palette::{Palette, Theme};
use timeline::pixels::Part;
use timeline::strip::Strip;

/// An hour of work over some threads, one task in a thousand failed, one in five after a transfer.
/// The same for the same arguments.
struct Work {
    seed: u64,
    /// A task's time with its pause, µs.
    each: i64,
    ends: Vec<i64>,
    workers: Vec<String>,
    threads: Vec<String>,
    key: String,
    made: usize,
}

const PREFIXES: [&str; 8] = [
    "random_sample",
    "mean_chunk",
    "mean_combine-partial",
    "rechunk-split",
    "getitem",
    "sum",
    "store-map",
    "open_dataset",
];

impl Work {
    fn new(rows: usize, lanes: usize) -> Self {
        Self {
            seed: 42,
            each: HOUR / (rows / lanes).max(1) as i64,
            ends: vec![0; lanes],
            workers: (0..lanes.div_ceil(8)).map(|w| format!("tcp://10.0.0.{w}:40000")).collect(),
            threads: (0..lanes).map(|t| format!("{}", 139_000_000_000 + t)).collect(),
            key: String::new(),
            made: 0,
        }
    }

    fn random(&mut self) -> i64 {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) as i64
    }

    /// The next task, into the store.
    fn append(&mut self, store: &mut Store) {
        let i = self.made;
        self.made += 1;
        let lane = i % self.ends.len();
        let dur = self.each / 4 + self.random() % (self.each / 2).max(1);
        let start = self.ends[lane] + self.random() % (self.each / 8).max(1);
        self.ends[lane] = start + dur;
        let prefix = PREFIXES[(self.random() % 8) as usize];
        let erred = self.random() % 1000 == 0;
        self.key.clear();
        let _ = std::fmt::Write::write_fmt(
            &mut self.key,
            format_args!(
                "[\"{prefix}-0123456789abcdef0123456789abcdef\",{},{}]",
                i / 1000,
                i % 1000
            ),
        );
        let mut row = Interval {
            key: &self.key,
            key_is_json: true,
            prefix,
            action: Action::Compute,
            erred,
            worker: &self.workers[lane / 8],
            thread: &self.threads[lane],
            start: Micros(start),
            duration: Micros(dur),
            color: Rgb(68, 1, 84),
            timebase: 0,
        };
        store.insert(&row);
        if i.is_multiple_of(5) {
            row.action = Action::Transfer;
            row.start = Micros(start - dur / 8);
            row.duration = Micros(dur / 8);
            store.insert(&row);
        }
    }
}

/// A store of `rows` tasks over `lanes` threads.
fn fill(rows: usize, lanes: usize) -> (Store, Work) {
    let mut store = Store::with_limit(usize::MAX);
    let mut work = Work::new(rows, lanes);
    for _ in 0..rows {
        work.append(&mut store);
    }
    (store, work)
}

/// What the system has given this process, bytes; 0 where it does not say so in Linux's words.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0) * 1024
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

/// The window that [`TaskStreamModel`] draws into.
const SIZE: Size = Size { width: 1600.0, height: 900.0, scale: 1.0 };
const HOUR: i64 = 3_600_000_000;

/// One row of columns for each of 64 lanes, as for a whole window.
fn columns(store: &Store, share: f64, out: &mut [Column]) -> f64 {
    let mut scratch = Vec::new();
    let level = level_for(HOUR as f64 * share / out.len() as f64);
    let first = (HOUR / 2) >> level;
    let lanes = store.lanes().len().min(64);
    for lane in &store.lanes()[..lanes] {
        columns_into(lane, Class::Main, level, first, &mut scratch, out);
        black_box(&out);
    }
    (lanes * out.len()) as f64
}

/// 64 rows of 14 px over 1600.
fn raster(strip: &mut Strip, palette: &Palette, columns: &[Column]) {
    strip.reset(1600, 900, [0, 0, 0]);
    for row in 0..64i64 {
        let line = &columns[..1600];
        strip.row((row * 14, row * 14 + 13), Part::default(), line, line, palette, 1.0);
    }
    black_box(strip.pixel(0, 0));
}

/// A thousand points, each of one lane.
fn hits(store: &Store, all: &[u32], t: &mut f64) {
    for i in 0..1000 {
        *t = (*t + 3_111_117.0) % HOUR as f64;
        black_box(hit::at(
            store,
            &all[i % all.len()..=i % all.len()],
            *t,
            1000.0,
            Class::Main,
            &|_| true,
        ));
    }
}

/// A stream over the store with a window that has been drawn.
fn shown(mut store: Store) -> TaskStreamModel {
    store.drain_dirty(|_, _, _| ());
    let mut stream = TaskStreamModel::new(store);
    stream.set_view(Span::new(Micros(1_000_000_000), Micros(1_100_000_000)));
    // Until all columns in view are made, which is rationed.
    for _ in 0..1000 {
        stream.turn(&|| 0.0, Micros(HOUR), SIZE);
        if stream.is_settled() {
            break;
        }
    }
    stream
}

fn pan(stream: &mut TaskStreamModel, at: &mut i64) {
    *at = if *at > 3_000_000_000 { 0 } else { *at + 600_000 };
    stream.set_view(Span::new(Micros(*at), Micros(*at + 100_000_000)));
    black_box(stream.turn(&|| 0.0, Micros(HOUR), SIZE));
}

fn zoom(stream: &mut TaskStreamModel, wide: &mut i64) {
    *wide = if *wide < 1_000_000 { 3_000_000_000 } else { *wide * 9 / 10 };
    stream.set_view(Span::new(Micros(0), Micros(*wide)));
    black_box(stream.turn(&|| 0.0, Micros(HOUR), SIZE));
}

/// A query over all rows, turn by turn until the last one has been looked at. Gives what was found.
fn query(stream: &mut TaskStreamModel) -> u64 {
    stream.set_filter("");
    stream.set_filter("prefix:mean worker:10.0.0.1 dur>1ms key:abc");
    loop {
        stream.turn(&|| 0.0, Micros(HOUR), SIZE);
        if let Some(found) = stream.matches().filter(|found| found.complete) {
            return black_box(found.count);
        }
    }
}

/// One kernel on its own, for a counter of instructions: sets all up, says how often it will run and
/// what it counts in, waits for a line, runs it, and ends without clearing up.
fn count(name: &str, rows: usize, lanes: usize) -> ! {
    let (mut store, mut work) = fill(rows, lanes);
    let ready = |runs: usize, what: &str| {
        println!("ready {runs} {what}");
        let _ = std::io::stdin().read_line(&mut String::new());
    };
    match name {
        "append" => {
            let before = store.rows();
            // As many rows as tasks and transfers make.
            ready(12_000, "interval");
            while store.rows() < before + 12_000 {
                work.append(&mut store);
            }
        }
        "columns" => {
            let mut out = vec![Column::IDLE; 1920];
            ready(4 * lanes.min(64) * out.len(), "column");
            for share in [1.0, 0.1, 0.01, 0.001] {
                columns(&store, share, &mut out);
            }
        }
        "raster" => {
            let mut out = vec![Column::IDLE; 1920];
            columns(&store, 0.01, &mut out);
            let (mut strip, palette) = (Strip::default(), Palette::new(Theme::DARK));
            raster(&mut strip, &palette, &out);
            ready(1, "picture of 64 rows");
            raster(&mut strip, &palette, &out);
        }
        "hit" => {
            let all: Vec<u32> = (0..store.lanes().len() as u32).collect();
            ready(1000, "hit");
            hits(&store, &all, &mut 0.0);
        }
        "pan" => {
            let (mut stream, mut at) = (shown(store), 1_000_000_000);
            ready(60, "frame");
            (0..60).for_each(|_| pan(&mut stream, &mut at));
        }
        "zoom" => {
            let (mut stream, mut wide) = (shown(store), 3_000_000_000);
            ready(60, "frame");
            (0..60).for_each(|_| zoom(&mut stream, &mut wide));
        }
        "query" => {
            let rows = store.rows();
            let mut stream = shown(store);
            ready(rows, "row");
            query(&mut stream);
        }
        other => {
            eprintln!("there is no kernel called {other}");
            std::process::exit(2);
        }
    }
    std::process::exit(0)
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|arg| arg == "--count") {
        let number =
            |after: usize, or| args.get(at + after).and_then(|n| n.parse().ok()).unwrap_or(or);
        count(args.get(at + 1).map_or("", String::as_str), number(2, 100_000), number(3, 100));
    }
    let sizes = [(100_000, 100), (1_000_000, 1000), (10_000_000, 1000)];
    let quick = args.iter().any(|arg| arg == "--quick");
    for (rows, lanes) in sizes.into_iter().take(if quick { 2 } else { 3 }) {
        let before = resident();
        let began = Instant::now();
        let (store, _) = fill(rows, lanes);
        let spent = began.elapsed().as_secs_f64();
        let held = store.rows();
        println!(
            "-- {rows} tasks ({held} intervals) over {lanes} lanes: {:.1} bytes each with their keys ({:.1} of the process), appended in {:.1} ns each",
            store.memory_bytes() as f64 / held as f64,
            resident().saturating_sub(before) as f64 / held as f64,
            spent * 1e9 / held as f64
        );
        let mut out = vec![Column::IDLE; 1920];
        for (name, share) in [("hour", 1.0), ("1/10", 0.1), ("1/100", 0.01), ("1/1000", 0.001)] {
            let per = lanes.min(64) as f64 * 1920.0;
            time(
                &format!("columns, {name}, {} lanes x 1920", lanes.min(64)),
                per,
                "column",
                || {
                    black_box(columns(&store, share, &mut out));
                },
            );
        }
        let mut strip = Strip::default();
        let palette = Palette::new(Theme::DARK);
        time("raster, 64 rows of 14 px x 1600", 64.0 * 1600.0, "column", || {
            raster(&mut strip, &palette, &out);
        });
        let all: Vec<u32> = (0..lanes as u32).collect();
        let mut t = 0.0;
        time("hit, one lane", 1000.0, "hit", || hits(&store, &all, &mut t));
        let mut stream = shown(store);
        time("query over all rows", held as f64, "row", || {
            query(&mut stream);
        });
        stream.set_filter("");
        let (mut at, mut wide) = (1_000_000_000, 3_000_000_000);
        time("frame while panning, 1/36 of the hour", 1.0, "frame", || pan(&mut stream, &mut at));
        time("frame while zooming", 1.0, "frame", || zoom(&mut stream, &mut wide));
    }
}
