//! Searches, details and selections, as a person asks for them.

use super::*;
use base::task::{Action, Rgb};
use std::cell::Cell;
use timeline::scene::Ink;

const T: i64 = 1_795_353_623_000_000;
const SIZE: Size = Size { width: 1000.0, height: 300.0, scale: 1.0 };

fn put(
    stream: &mut TaskStreamModel,
    lane: usize,
    n: i64,
    prefix: &str,
    start: i64,
    dur: i64,
    action: Action,
) {
    stream.insert(&Interval {
        key: &format!("[\"{prefix}-1\",{n}]"),
        key_is_json: true,
        prefix,
        action,
        erred: n == 13,
        worker: &format!("tcp://10.0.0.1:4000{}", lane / 2),
        thread: &lane.to_string(),
        start: Micros(T + start),
        duration: Micros(dur),
        color: Rgb(0x23, 0x89, 0x8d),
        timebase: 0,
    });
}

/// Four lanes of 50 rows each, sums and means by turns, every fifth mean twice as long.
fn filled() -> TaskStreamModel {
    let mut stream = TaskStreamModel::default();
    for lane in 0..4 {
        for i in 0..50 {
            let prefix = if i % 2 == 0 { "sum" } else { "mean" };
            let dur = if i % 5 == 0 { 8_000 } else { 4_000 };
            put(&mut stream, lane, i, prefix, i * 10_000, dur, Action::Compute);
        }
    }
    put(&mut stream, 2, 13, "mean", 5_000, 700, Action::Transfer);
    stream.fit();
    settle(&mut stream);
    stream
}

fn settle(stream: &mut TaskStreamModel) {
    let clock = Cell::new(0.0);
    for _ in 0..2000 {
        clock.set(clock.get() + 0.1);
        // Each turn is a frame later than the last, and takes next to no time.
        let at = clock.get() * 160.0;
        stream.turn(&|| at, Micros(T), SIZE);
        if stream.is_settled() {
            return;
        }
    }
    panic!("never settled");
}

fn count(stream: &mut TaskStreamModel, query: &str) -> u64 {
    stream.set_filter(query);
    settle(stream);
    let matches = stream.matches().unwrap();
    assert!(matches.complete);
    matches.count
}

#[test]
fn queries_count_what_they_mean() {
    let mut both = filled();
    put(&mut both, 0, 1, "sum-all", 700_000, 50, Action::Compute);
    settle(&mut both);
    assert_eq!((count(&mut both, "prefix:sum"), count(&mut both, "prefix:\"sum\"")), (101, 100));
    let mut stream = filled();
    for (query, want) in [
        ("mean", 101),
        ("prefix:sum", 100),
        ("prefix:mean action:compute", 100),
        ("action:transfer", 1),
        ("status:erred", 5),
        ("-status:erred", 196),
        ("dur>=8ms", 40),
        ("dur<1ms", 1),
        ("worker:40000", 100),
        ("key:\"-1', 13)\"", 5),
        ("mean -key:\", 13)\"", 96),
        ("\", 7)\"", 4),
        ("nothing", 0),
    ] {
        assert_eq!(count(&mut stream, query), want, "{query}");
    }
}

#[test]
fn what_no_colour_tells_is_left_clear_in_a_faded_picture() {
    let mut stream = filled();
    let clear = |stream: &TaskStreamModel| {
        stream.scene().rects.iter().filter(|rect| rect.ink == Ink::Clear).count()
    };
    count(&mut stream, "dur>=8ms");
    assert_eq!(clear(&stream), 40);
    assert!(stream.is_filtered() && stream.palette.off().is_empty());
    count(&mut stream, "mean");
    assert_eq!(clear(&stream), 0);
    assert!(!stream.palette.off().is_empty());
    stream.set_filter("mean oops:");
    assert!(stream.fault().is_some() && stream.matches().is_some(), "what was asked stays");
    stream.set_filter("");
    settle(&mut stream);
    assert!(!stream.is_filtered() && stream.matches().is_none() && stream.fault().is_none());
    // A field's name on its way fades nothing, whether alone or behind what is asked.
    stream.set_filter("pre");
    settle(&mut stream);
    assert!(!stream.is_filtered() && stream.matches().is_none() && stream.filter() == "pre");
    assert_eq!(count(&mut stream, "mean wor"), count(&mut stream, "mean"));
}

#[test]
fn steps_go_round_in_order_of_time() {
    let mut stream = filled();
    count(&mut stream, "key:\", 7)\"");
    stream.set_view(Span::new(Micros(T), Micros(T + 20_000)));
    let mut lanes = Vec::new();
    for _ in 0..5 {
        stream.step_match(true);
        let row = stream.ask.pick.unwrap();
        assert_eq!(row.start, T + 70_000);
        assert!(stream.view().overlaps(Span::new(Micros(row.start), Micros(row.start + row.dur))));
        lanes.push(row.at.lane);
    }
    assert_eq!(lanes, [0, 1, 2, 3, 0]);
    stream.step_match(false);
    assert_eq!(stream.ask.pick.unwrap().at.lane, 3);
    stream.step_lane(true);
    assert_eq!(stream.ask.pick.unwrap().start, T + 80_000);
    stream.step_lane(false);
    stream.step_lane(false);
    assert_eq!(stream.ask.pick.unwrap().start, T + 60_000);
    assert!(stream.key("n") && stream.key("["));
    stream.show_all();
    assert!(!stream.key("n"), "it means something else where nothing is searched");
}

#[test]
fn a_step_waits_for_the_first_answer() {
    let mut stream = filled();
    stream.set_view(Span::new(Micros(T), Micros(T + 20_000)));
    let query = "key:\", 7)\"";
    for other in ["", "key:\", 8)\"", "odd:"] {
        stream.set_filter(query);
        stream.step_match(true);
        stream.set_filter(other);
        settle(&mut stream);
        assert_eq!(stream.ask.pick, None, "not of what is asked now: {other}");
    }
    stream.show_all();
    stream.set_filter(query);
    stream.step_match(false);
    stream.step_match(true);
    settle(&mut stream);
    assert_eq!(stream.ask.pick.map(|row| (row.start, row.at.lane)), Some((T + 70_000, 0)));
    assert_eq!(stream.matches().map(|matches| matches.at), Some(1));
    put(&mut stream, 0, 70, "sum", 900_000, 90, Action::Compute);
    settle(&mut stream);
    assert_eq!(stream.matches().map(|matches| matches.at), Some(1), "once");
}

#[test]
fn a_step_to_a_match_whose_time_is_known_better_since() {
    let mut stream = filled();
    stream.set_filter("key:\", 7)\"");
    settle(&mut stream);
    let before = stream.matches().unwrap();
    assert!(before.count > 0 && before.complete);
    stream.shift(0, Micros(5_000));
    stream.step_match(true);
    settle(&mut stream);
    assert_eq!(stream.ask.pick.map(|row| row.start), Some(T + 75_000));
    assert_eq!(stream.matches().map(|matches| matches.at), Some(1), "it is told which one it is");
}

#[test]
fn more_matches_than_are_kept_are_thinned_but_counted() {
    let mut stream = TaskStreamModel::default();
    for i in 0..25_000 {
        put(&mut stream, (i % 2) as usize, i, "a", i * 100, 90, Action::Compute);
    }
    settle(&mut stream);
    assert_eq!(count(&mut stream, "dur>1us"), 25_000);
    let every = stream.matches().unwrap().every;
    assert_eq!(every, 4);
    put(&mut stream, 0, 1, "a", 9_000_000, 90, Action::Compute);
    settle(&mut stream);
    assert_eq!(stream.matches().unwrap().count, 25_001, "new rows are looked at");
}

#[test]
fn a_click_tells_everything_and_lights_the_rest() {
    let mut stream = filled();
    let plot = stream.plot();
    // The thirteenth on the third lane; its transfer is on the same lane.
    let x = plot.x + (T as f64 + 132_000.0 - stream.view.start()) / stream.view.width() * plot.w;
    let y = plot.y + stream.layout.rows[2].y + 4.0;
    stream.pointer_down(x, y);
    stream.pointer_up();
    settle(&mut stream);
    let details = stream.details().unwrap().clone();
    assert_eq!(details.key, "('mean-1', 13)");
    assert!(details.card.erred);
    let twins = stream.twins(50);
    assert_eq!(twins.len(), 4, "the transfer and three reruns");
    assert!(twins[0].what.starts_with("transfer"));
    // The details take room from the picture, but a double click is one all the same.
    let narrow = Size { width: 620.0, ..SIZE };
    stream.turn(&|| 1e9, Micros(T), narrow);
    stream.pointer_down(x, y);
    stream.pointer_up();
    stream.double_click(x, y);
    assert_eq!(stream.details().unwrap().key, "('mean-1', 13)");
    assert!(stream.view().start.0 > T + 120_000 && stream.view().end.0 < T + 140_000);
    let kin = |key: &str| Kin { key: key.into(), state: "memory".into(), needed: true };
    let family = Family::Known(vec![kin("('sum-1', 2)"), kin("('gone-1', 2)")], [2, 0]);
    stream.set_family("another", family.clone());
    assert_eq!(stream.details().unwrap().family, Family::Unasked);
    stream.set_family(&details.key, family);
    settle(&mut stream);
    assert_eq!(stream.kin_row(0).map(|row| row.start), Some(T + 20_000));
    assert_eq!(stream.kin_row(1), None);
    assert_eq!(stream.twins(50).len(), 4);
    assert!(stream.key("Escape"));
    assert!(stream.details().is_none() && !stream.key("Escape"));
}

#[test]
fn an_area_has_numbers() {
    let mut stream = filled();
    let plot = stream.plot();
    let x = |t: f64| plot.x + (T as f64 + t - stream.view.start()) / stream.view.width() * plot.w;
    let (a, b) = (x(-1_000.0), x(499_000.0));
    let (top, low) = (plot.y + 1.0, plot.y + stream.layout.rows[1].y + 2.0);
    assert!(stream.area_down(a, top));
    stream.pointer_move(b, low);
    stream.pointer_up();
    settle(&mut stream);
    let chosen = stream.selection().unwrap();
    assert_eq!(chosen.lanes, [0, 1]);
    let stats = stream.stats().unwrap();
    assert_eq!(stats.all.count, 100);
    assert_eq!(stats.busy, 2 * (10 * 8_000 + 40 * 4_000));
    assert!((stream.busy_share() - 0.48).abs() < 0.01);
    let rows = stream.stat_rows(0, 0, false);
    assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["mean", "sum"]);
    assert_eq!(rows[0].values, [50, 240_000, 4_000, 8_000, 8_000, 8_000]);
    assert_eq!(stream.stat_rows(1, 1, false).len(), 1);
    let text = sheet(&rows, false);
    assert!(text.contains("mean\t50\t0.24\t0.004\t0.008\t0.008\t0.008\n"), "{text}");
    let text = sheet(&rows, true);
    assert!(text.contains("|\n| --- | ---: |") && text.contains("\n| mean | 50 | 0.24"), "{text}");
    put(&mut stream, 0, 1, "mean", 488_500, 1_000, Action::Compute);
    settle(&mut stream);
    assert_eq!(stream.stats().unwrap().all.count, 101, "live");
    assert!(stream.key("Escape") && stream.selection().is_none());
}

#[test]
fn time_without_tasks_around_them_is_no_idleness() {
    let mut stream = filled();
    stream.set_view(Span::new(Micros(T - 2_000_000), Micros(T + 3_000_000)));
    settle(&mut stream);
    stream.select_view();
    settle(&mut stream);
    // Eight of ten rows 4 ms long and two 8 ms, one each 10 ms, up to the end of the last one.
    let share = 240_000.0 / 494_000.0;
    assert!((stream.busy_share() - share).abs() < 0.001, "{}", stream.busy_share());
}

#[test]
fn a_selection_of_prefixes_ends_with_their_rows() {
    let mut stream = filled();
    let mut looks = stream.looks();
    looks.take("prefixes");
    stream.set_looks(looks);
    settle(&mut stream);
    let (lanes, slots) = stream.lanes_of(0..1);
    assert_eq!(slots.len(), 1);
    stream.select(stream.view(), lanes, slots);
    looks.take("workers");
    stream.set_looks(looks);
    settle(&mut stream);
    assert!(stream.selection().is_none(), "its rows are gone");
}

#[test]
fn of_each_key_one_is_lit_however_many_there_are_of_another() {
    let mut stream = filled();
    for i in 0..2_100 {
        put(&mut stream, 0, 7, "mean", 600_000 + i * 100, 50, Action::Transfer);
    }
    put(&mut stream, 3, 99, "mean", 700_000, 50, Action::Compute);
    settle(&mut stream);
    stream.light(vec!["('mean-1', 7)".into(), "('mean-1', 99)".into()]);
    settle(&mut stream);
    assert!(stream.ask.lit.iter().any(|(key, _)| *key == 1), "{}", stream.ask.lit.len());
}

#[test]
fn tasks_in_view_are_saved_in_full() {
    let mut stream = filled();
    let (text, cut) = stream.csv();
    assert!(!cut);
    assert_eq!(text.lines().count(), 1 + 201, "a head, and a line each");
    assert!(text.contains("\r\n\"('mean-1', 13)\",mean,compute,failed,"), "{text}");
    stream.set_filter("status:erred");
    settle(&mut stream);
    let (text, cut) = stream.csv();
    assert!(!cut && text.lines().skip(1).count() == 5, "{text}");
    assert!(text.ends_with(",1795353623.130000,0.004000\r\n"), "{text}");
}
