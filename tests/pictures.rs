//! Fixed scenes of the task stream in both themes, pixel by pixel against stored pictures.
//!
//! `DASKSCOPE_BLESS=1 cargo test --test pictures` stores what is drawn now.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "pictures/file.rs"]
mod file;
#[path = "pictures/paint.rs"]
mod paint;

use std::cell::Cell;
use std::fs;
use std::path::Path;

use base::task::{Action, Interval, Rgb};
use base::time::{Micros, Span};
use file::Picture;
use stream::{DisplayOptions, Size, TaskStreamModel};
use timeline::palette::Theme;

/// A moment on a full minute; tasks begin here.
const T: i64 = 1_795_353_600_000_000;
const MS: i64 = 1000;
/// Colours are made with floats, which differ a little between platforms.
const TOLERANCE: u8 = 2;

/// Prefixes with their colours on the wire.
const NAMES: [(&str, Rgb); 5] = [
    ("random_sample", Rgb(68, 1, 84)),
    ("mean_chunk", Rgb(59, 82, 139)),
    ("rechunk-split", Rgb(33, 145, 140)),
    ("getitem", Rgb(94, 201, 98)),
    ("sum", Rgb(253, 231, 37)),
];

/// Numbers that look like chance, the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: i64) -> i64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as i64 % most
    }
}

fn put(stream: &mut TaskStreamModel, lane: i64, name: usize, start: i64, dur: i64, action: Action) {
    row(stream, lane, name, start, dur, action, false);
}

#[allow(clippy::too_many_arguments)]
fn row(
    stream: &mut TaskStreamModel,
    lane: i64,
    name: usize,
    start: i64,
    dur: i64,
    action: Action,
    erred: bool,
) {
    let worker = format!("tcp://10.0.{}.{}:40000", lane / 8, lane / 2);
    stream.insert(&Interval {
        key: &format!("[\"{}-1f\",{lane},{start}]", NAMES[name].0),
        key_is_json: true,
        prefix: NAMES[name].0,
        action,
        erred,
        worker: &worker,
        thread: &format!("{}", 1000 + lane),
        start: Micros(T + start),
        duration: Micros(dur),
        color: NAMES[name].1,
        timebase: 0,
    });
}

/// Work on so many lanes for ten seconds, one task after the other, in bars from hair lines to wide.
fn work(stream: &mut TaskStreamModel, lanes: i64, each: i64) {
    let mut chance = Chance(42);
    for lane in 0..lanes {
        let mut at = chance.below(300 * MS);
        while at < 10_000 * MS {
            let dur = each / 4 + chance.below(each) * (1 + chance.below(2));
            put(stream, lane, chance.below(5) as usize, at, dur, Action::Compute);
            at += dur + chance.below(4) * chance.below(each / 4);
        }
    }
}

fn view(stream: &mut TaskStreamModel, from: i64, to: i64) {
    stream.set_view(Span::new(Micros(T + from), Micros(T + to)));
}

/// Bars of all widths on every thread.
fn plain(stream: &mut TaskStreamModel) {
    work(stream, 6, 400 * MS);
    view(stream, 0, 10_500 * MS);
}

/// All that a task can be besides done: failed (wide, and hidden among others), fetched, read, written,
/// deserialised.
fn kinds(stream: &mut TaskStreamModel) {
    for lane in 0..4 {
        for i in 0..10 {
            let at = i * 1000 * MS;
            row(stream, lane, i as usize % 5, at, 700 * MS, Action::Compute, i == 2 + lane);
            let beside =
                [Action::Transfer, Action::DiskRead, Action::DiskWrite, Action::Deserialize];
            let action = beside[((lane + i) % 4) as usize];
            put(stream, lane, 0, at + 400 * MS, (100 + lane * 150) * MS, action);
        }
        for i in 0..400 {
            row(stream, lane, 1, (10_000 + i * 5) * MS, 4 * MS, Action::Compute, i == 77 * lane);
        }
    }
    view(stream, 0, 12_000 * MS);
}

/// More lanes than lines: rows for workers and hosts.
fn folded(stream: &mut TaskStreamModel) {
    work(stream, 400, 300 * MS);
    let mut looks = DisplayOptions::default();
    looks.take("workers");
    stream.set_looks(looks);
    view(stream, 2_000 * MS, 7_000 * MS);
}

/// The colours for any colour vision, with their patterns.
fn safe(stream: &mut TaskStreamModel) {
    kinds(stream);
    let mut looks = DisplayOptions::default();
    looks.take("safe");
    stream.set_looks(looks);
}

/// What does not match a query steps back.
fn faded(stream: &mut TaskStreamModel) {
    work(stream, 6, 400 * MS);
    stream.set_filter("prefix:sum dur>300ms");
    view(stream, 0, 10_500 * MS);
}

/// Spans in which an unknown number of tasks is missing, wide and narrow.
fn gaps(stream: &mut TaskStreamModel) {
    work(stream, 6, 400 * MS);
    for (from, to) in [(3_000, 4_500), (7_000, 7_020)] {
        stream.add_gap(Span::new(Micros(T + from * MS), Micros(T + to * MS)));
    }
    view(stream, 0, 10_500 * MS);
}

/// Turns until nothing moves.
fn settle(stream: &mut TaskStreamModel, size: Size) {
    let clock = Cell::new(0.0);
    for _ in 0..2000 {
        clock.set(clock.get() + 16.0);
        // Time stands still within a turn, or what there is time for would be chance.
        stream.turn(&|| clock.get(), Micros(T), size);
        if stream.is_settled() {
            return;
        }
    }
    panic!("the picture never came to rest");
}

fn draw(scene: fn(&mut TaskStreamModel), theme: Theme, scale: f64) -> Picture {
    let size = Size { width: 600.0, height: 200.0, scale };
    let mut stream = TaskStreamModel::default();
    stream.set_theme(theme);
    stream.set_char_width(paint::CHAR);
    // Looks and colours stand before rows come, as in the page.
    settle(&mut stream, size);
    scene(&mut stream);
    settle(&mut stream, size);
    paint::paint(&stream, size.width, size.height, scale)
}

/// How many pixels differ, and where (white on black).
fn compare(a: &Picture, b: &Picture) -> (usize, Picture) {
    if (a.width, a.height) != (b.width, b.height) {
        return (usize::MAX, Picture::default());
    }
    let differs = |(a, b): (&[u8], &[u8])| a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > TOLERANCE);
    let pixels: Vec<bool> = a.rgb.chunks(3).zip(b.rgb.chunks(3)).map(differs).collect();
    let rgb = pixels.iter().flat_map(|&differs| [if differs { 255 } else { 0 }; 3]).collect();
    let count = pixels.iter().filter(|&&differs| differs).count();
    (count, Picture { rgb, ..*a })
}

fn check(name: &str, scene: fn(&mut TaskStreamModel), scale: f64) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let stored_in = root.join("tests/fixtures/pictures");
    let bless = std::env::var_os("DASKSCOPE_BLESS").is_some_and(|value| !value.is_empty());
    let mut failed = Vec::new();
    for (theme, word) in [(Theme::DARK, "dark"), (Theme::LIGHT, "light")] {
        let drawn = draw(scene, theme, scale);
        let file = format!("{name}-{word}");
        let path = stored_in.join(format!("{file}.png"));
        let stored = fs::read(&path).ok().and_then(|bytes| Picture::from_png(&bytes));
        let (count, difference) =
            stored.map_or((usize::MAX, Picture::default()), |stored| compare(&drawn, &stored));
        if count == 0 {
            continue;
        }
        if bless {
            fs::create_dir_all(&stored_in).unwrap();
            fs::write(&path, drawn.to_png()).unwrap();
            continue;
        }
        let told = root.join("target/pictures");
        fs::create_dir_all(&told).unwrap();
        fs::write(told.join(format!("{file}.png")), drawn.to_png()).unwrap();
        if difference.width > 0 {
            fs::write(told.join(format!("{file}-difference.png")), difference.to_png()).unwrap();
        }
        let many = if count == usize::MAX { "all".into() } else { count.to_string() };
        failed.push(format!("{file}: {many} pixels differ"));
    }
    assert!(
        failed.is_empty(),
        "{}\nLook at target/pictures. If it is right: DASKSCOPE_BLESS=1 cargo test --test pictures",
        failed.join("\n")
    );
}

#[test]
fn bars_of_all_widths() {
    check("plain", plain, 1.0);
}

#[test]
fn failed_and_fetched_and_read() {
    check("kinds", kinds, 1.0);
}

#[test]
fn on_a_dense_screen() {
    check("dense", kinds, 2.0);
}

#[test]
fn rows_of_many_lanes() {
    check("folded", folded, 1.0);
}

#[test]
fn colours_for_any_vision() {
    check("safe", safe, 1.0);
}

#[test]
fn a_query_fades_the_rest() {
    check("faded", faded, 1.0);
}

#[test]
fn what_is_missing() {
    check("gaps", gaps, 1.0);
}
