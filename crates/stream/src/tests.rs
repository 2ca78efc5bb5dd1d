//! The stream as a canvas and a person use it.

use super::turn::NOW_MS;
use super::*;
use base::task::{Action, Rgb};
use std::cell::Cell;
use timeline::columns::ACTION_SLOT;

mod changes;
mod keys;
mod names;
mod painting;
mod prefixes;
mod rhythm;
mod rows;

const T: i64 = 1_795_353_623_000_000;
const SIZE: Size = Size { width: 1000.0, height: 300.0, scale: 1.0 };

fn put(
    stream: &mut TaskStreamModel,
    lane: usize,
    start: i64,
    dur: i64,
    action: Action,
    erred: bool,
) {
    stream.insert(&Interval {
        key: "('add-1', 2)",
        key_is_json: true,
        prefix: "add",
        action,
        erred,
        worker: &format!("tcp://10.0.0.1:{}", 40_000 + lane / 2),
        thread: &format!("tcp://10.0.0.1:{}-{lane}", 40_000 + lane / 2),
        start: Micros(T + start),
        duration: Micros(dur),
        color: Rgb(0x23, 0x89, 0x8d),
        timebase: 0,
    });
}

fn filled(lanes: usize, each: i64) -> TaskStreamModel {
    let mut stream = TaskStreamModel::default();
    for lane in 0..lanes {
        for i in 0..each {
            put(&mut stream, lane, i * 10_000, 9_000, Action::Compute, false);
        }
    }
    stream
}

/// Turns until nothing moves; gives the last turn that drew.
fn settle(stream: &mut TaskStreamModel, wall: i64) -> Dirty {
    let clock = Cell::new(0.0);
    let mut seen = Dirty::default();
    for _ in 0..2000 {
        clock.set(clock.get() + 16.0);
        let dirty = stream.turn(&|| clock.get(), Micros(T + wall), SIZE);
        seen.strip |= dirty.strip;
        seen.overlay |= dirty.overlay;
        seen.mini |= dirty.mini;
        seen.moving = dirty.moving;
        if stream.is_settled() {
            break;
        }
    }
    seen
}

fn texts(stream: &TaskStreamModel) -> Vec<&str> {
    stream.scene().texts.iter().map(|text| text.text.as_str()).collect()
}

#[test]
fn draws_once_and_rests() {
    let mut stream = filled(4, 1000);
    let first = settle(&mut stream, 0);
    assert!(first.strip && first.mini && first.overlay && !first.moving);
    let again = stream.turn(&|| 1e6, Micros(T), SIZE);
    assert_eq!(again, Dirty::default(), "nothing changed, nothing is drawn");
    put(&mut stream, 0, 20_000_000, 5, Action::Compute, false);
    assert!(!stream.is_settled());
    assert!(stream.turn(&|| 2e6, Micros(T), SIZE).strip);
}

#[test]
fn the_strip_shows_the_tasks() {
    let mut stream = filled(2, 10);
    stream.set_view(Span::new(Micros(T), Micros(T + 200_000)));
    settle(&mut stream, 0);
    let strip = stream.strip();
    assert_eq!(strip.width as f64, stream.plot().w);
    let ground = stream.palette.theme().ground;
    let y = 8;
    assert_ne!(strip.pixel(10, y), ground, "busy");
    assert_eq!(strip.pixel(strip.width * 3 / 4 + 7, y), ground, "idle later");
    assert!(texts(&stream).contains(&"add"), "a wide bar has its name: {:?}", texts(&stream));
    assert!(texts(&stream).contains(&"t1"));
}

#[test]
fn hover_tells_everything() {
    let mut stream = filled(2, 10);
    put(&mut stream, 0, 0, 4_000, Action::Transfer, false);
    stream.name_worker("tcp://10.0.0.1:40000", "worker-0");
    stream.set_view(Span::new(Micros(T), Micros(T + 100_000)));
    settle(&mut stream, 0);
    let plot = stream.plot();
    let row = stream.layout.rows[0].clone();
    stream.pointer_move(plot.x + plot.w * 0.02, plot.y + row.height * 0.2);
    settle(&mut stream, 0);
    let card = stream.hover().expect("a task");
    assert_eq!(card.key, "('add-1', 2)");
    assert_eq!((card.worker.as_str(), card.thread, card.action), ("worker-0", 0, Action::Compute));
    assert_eq!(card.duration, "9.00 ms");
    assert!(!stream.scene().marks.is_empty());
    stream.pointer_move(plot.x + plot.w * 0.02, plot.y + row.height * 0.9);
    settle(&mut stream, 0);
    assert_eq!(stream.hover().map(|card| card.action), Some(Action::Transfer));
    stream.pointer_move(plot.x + plot.w * 0.5, plot.y + plot.h - 1.0);
    settle(&mut stream, 0);
    assert_eq!(stream.hover(), None);
}

#[test]
fn a_legend_entry_fades() {
    let mut stream = filled(1, 10);
    put(&mut stream, 0, 0, 50, Action::Transfer, false);
    put(&mut stream, 0, 900_000, 50, Action::Compute, true);
    let names: Vec<(String, u64)> =
        stream.legend().into_iter().map(|item| (item.name, item.count)).collect();
    assert_eq!(names, [("add".into(), 11), ("transfer".into(), 1), ("erred".into(), 1)]);
    stream.set_view(Span::new(Micros(T), Micros(T + 100_000)));
    settle(&mut stream, 0);
    let before = stream.strip().pixel(10, 3);
    stream.toggle(0);
    settle(&mut stream, 0);
    assert_ne!(stream.strip().pixel(10, 3), before);
    stream.show_all();
    settle(&mut stream, 0);
    assert_eq!(stream.strip().pixel(10, 3), before);
    stream.solo(ACTION_SLOT + 1);
    let on: Vec<bool> = stream.legend().iter().map(|item| item.on).collect();
    assert_eq!(on, [false, true, false]);
    stream.solo(ACTION_SLOT + 1);
    assert!(!stream.is_filtered(), "a second time shows all");
}

#[test]
fn what_was_not_recorded_is_counted() {
    let mut stream = filled(2, 500);
    stream.note_succeeded(1010);
    assert_eq!(stream.totals().unrecorded, 0, "what ended between the two counts");
    stream.note_succeeded(45_000);
    assert_eq!(stream.totals().unrecorded, 44_000);
    stream.set_partial(true);
    assert_eq!(stream.totals().unrecorded, 0, "not loaded is another matter");
}

#[test]
fn what_an_earlier_scheduler_did_is_not_what_this_one_recorded() {
    let mut stream = filled(2, 500);
    stream.begin_run(T as f64 / 1e3, None);
    assert_eq!(stream.totals().unrecorded, 0);
    for i in 0..100 {
        put(&mut stream, 0, 90_000_000 + i * 100, 50, Action::Compute, false);
    }
    stream.note_succeeded(900);
    assert_eq!(stream.totals().unrecorded, 800);
    stream.clear();
    stream.note_succeeded(900);
    assert_eq!(stream.totals().unrecorded, 900);
}

#[test]
fn pause_loses_nothing() {
    let mut stream = filled(2, 5000);
    settle(&mut stream, 0);
    stream.set_paused(true);
    let view = stream.view();
    for i in 0..100 {
        put(&mut stream, 0, 90_000_000 + i * 100, 50, Action::Compute, false);
    }
    settle(&mut stream, 0);
    assert_eq!(stream.view(), view);
    assert_eq!(stream.totals().since_pause, 100);
    assert_eq!(stream.totals().tasks, 10_100);
    assert!(stream.key(" "));
    settle(&mut stream, 0);
    assert!(stream.view().end.0 > T + 90_000_000);
    assert_eq!(stream.totals().since_pause, 0);
}

#[test]
fn wheel_drag_and_keys_move_the_view() {
    let mut stream = filled(2, 1000);
    stream.set_view(Span::new(Micros(T), Micros(T + 1_000_000)));
    settle(&mut stream, 0);
    let plot = stream.plot();
    let (x, y) = (plot.x + plot.w / 4.0, plot.y + 5.0);
    assert!(stream.wheel(x, y, 0.0, -300.0, false, false));
    settle(&mut stream, 0);
    let seen = stream.view();
    assert!(seen.len().0 < 800_000);
    let fixed = seen.start.0 as f64 + seen.len().0 as f64 / 4.0;
    assert!((fixed - (T + 250_000) as f64).abs() < 5.0, "about the pointer");
    // A pull to the right shows earlier times.
    stream.pointer_down(x, y);
    stream.pointer_move(x + 100.0, y);
    stream.pointer_up();
    assert!(stream.view().start < seen.start);
    assert_eq!(stream.view().len().0 / 10, seen.len().0 / 10);
    // A span chosen on the axis.
    stream.pointer_down(plot.x + 100.0, 5.0);
    stream.pointer_move(plot.x + 200.0, 5.0);
    let want = seen.len().0 * 100 / plot.w as i64;
    stream.pointer_up();
    settle(&mut stream, 0);
    assert!((stream.view().len().0 - want).abs() < 10, "{:?} {want}", stream.view().len());
    assert!(stream.key("0"));
    settle(&mut stream, 0);
    assert!(stream.view().len().0 > 9_900_000);
    assert!(stream.key("d") && stream.key("ArrowLeft") && !stream.key("q"));
    // Over the labels nothing overflows, so the page may scroll.
    assert!(!stream.wheel(5.0, y, 0.0, 50.0, false, false));
    // The brush.
    settle(&mut stream, 0);
    let mini = stream.mini_area();
    stream.set_view(Span::new(Micros(T), Micros(T + 1_000_000)));
    stream.pointer_down(mini.x + mini.w / 2.0, mini.y + 3.0);
    stream.pointer_up();
    let middle = i64::midpoint(stream.view().start.0, stream.view().end.0);
    assert!((middle - T - 5_000_000).abs() < 20_000, "{}", middle - T);
}

#[test]
fn gaps_and_the_moment_are_drawn() {
    let mut stream = filled(1, 100);
    stream.add_gap(Span::new(Micros(T + 200_000), Micros(T + 800_000)));
    stream.set_view(Span::new(Micros(T), Micros(T + 2_000_000)));
    stream.set_live(true);
    settle(&mut stream, 1_500_000);
    assert!(texts(&stream).contains(&"an unknown number of tasks"));
    let now = stream.plot().x + stream.plot().w * 0.75;
    let near = |rect: &&timeline::scene::Rect| (rect.x - now).abs() < 2.0;
    assert!(stream.scene().marks.iter().any(|rect| near(&rect)));
    let tick = stream.turn(&|| 1e7, Micros(T + 1_500_000), SIZE).tick;
    assert_eq!(tick, Some(NOW_MS), "it moves on, at leisure");
    stream.set_live(false);
    settle(&mut stream, 1_500_000);
    assert!(!stream.scene().marks.iter().any(|rect| near(&rect)));
}

#[test]
fn any_size_will_do() {
    let mut stream = filled(40, 20);
    for (width, height, scale) in
        [(0.0, 0.0, 1.0), (50.0, 10.0, 2.0), (380.0, 200.0, 3.0), (f64::MAX.sqrt(), -1.0, f64::NAN)]
    {
        let width = f64::min(width, 5000.0);
        let size = Size { width, height, scale };
        stream.turn(&|| 0.0, Micros(T), size);
        stream.pointer_move(1.0, 1.0);
        stream.turn(&|| 16.0, Micros(T), size);
        let strip = stream.strip();
        assert_eq!(strip.rgba().len(), strip.width * strip.height * 4);
    }
    let mut empty = TaskStreamModel::default();
    settle(&mut empty, 0);
    assert_eq!(
        empty.totals(),
        Totals { memory_bytes: empty.totals().memory_bytes, ..Totals::default() }
    );
    assert!(!empty.wheel(200.0, 50.0, 0.0, 5.0, false, false));
}

#[test]
fn a_filter_holds_for_prefixes_to_come() {
    let mut stream = TaskStreamModel::new(Store::default());
    let add = |stream: &mut TaskStreamModel, prefix: &str, at: i64| {
        names::add(stream, prefix, "w", at);
        stream.turn(&|| 0.0, Micros(T + at * 10_000), SIZE);
    };
    let on = |stream: &TaskStreamModel| -> Vec<(String, bool)> {
        let mut items: Vec<_> = stream.legend().into_iter().map(|i| (i.name, i.on)).collect();
        items.sort();
        items
    };
    add(&mut stream, "mean_chunk", 0);
    add(&mut stream, "sum", 1);
    stream.set_filter(" MEAN ");
    add(&mut stream, "mean_agg", 2);
    add(&mut stream, "add", 3);
    let names = |wanted: [bool; 4]| -> Vec<(String, bool)> {
        ["add", "mean_agg", "mean_chunk", "sum"].map(String::from).into_iter().zip(wanted).collect()
    };
    assert_eq!(on(&stream), names([false, true, true, false]));
    assert!(stream.is_filtered());
    stream.set_filter("");
    assert_eq!(on(&stream), names([true; 4]));
}
