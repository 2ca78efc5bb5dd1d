//! What stays true when rows come, go or move, and names become known.

use super::*;
use store::RetentionPolicy;
use store::scan::RowInfo;

fn add(
    stream: &mut TaskStreamModel,
    prefix: &str,
    key: &str,
    worker: &str,
    at: i64,
    action: Action,
) {
    stream.insert(&Interval {
        key,
        key_is_json: false,
        prefix,
        action,
        erred: false,
        worker,
        thread: worker,
        start: Micros(T + at),
        duration: Micros(90),
        color: Rgb(1, 2, 3),
        timebase: 3,
    });
}

fn span(from: i64, to: i64) -> Span {
    Span::new(Micros(T + from), Micros(T + to))
}

/// The task that begins at a moment, as it is found now.
fn at(stream: &TaskStreamModel, start: i64) -> RowInfo {
    let edge = RowInfo { start: T + start - 1, ..RowInfo::NONE };
    let row = stream.store.beside(&edge, true).unwrap();
    assert_eq!(row.start, T + start);
    row
}

fn count(stream: &mut TaskStreamModel, query: &str) -> u64 {
    stream.set_filter(query);
    settle(stream, 0);
    stream.matches().map_or(0, |matches| matches.count)
}

#[test]
fn a_row_found_before_is_the_same_task_or_none() {
    let mut stream = TaskStreamModel::new(Store::with_limit(2000));
    for i in 0..1000 {
        add(&mut stream, "p", &format!("p-{i}"), "tcp://a:1", i * 100, Action::Compute);
    }
    settle(&mut stream, 0);
    let (old, late) = (at(&stream, 300), at(&stream, 50_000));
    // One comes in before both, in the middle of a chunk.
    add(&mut stream, "p", "p-x", "tcp://a:1", 90, Action::Transfer);
    stream.insert(&Interval {
        key: "p-y",
        key_is_json: false,
        prefix: "p",
        action: Action::Compute,
        erred: false,
        worker: "tcp://a:1",
        thread: "tcp://a:1",
        start: Micros(T + 190),
        duration: Micros(10),
        color: Rgb(1, 2, 3),
        timebase: 3,
    });
    assert_ne!(stream.found(old.at).map(|row| row.start), Some(old.start), "another lies there");
    stream.explain(old);
    let told = |stream: &TaskStreamModel| stream.details().map(|details| details.key.clone());
    assert_eq!(told(&stream).as_deref(), Some("p-3"));
    assert_eq!(stream.line(late).map(|line| line.key).as_deref(), Some("p-500"));
    // A frame that moves takes along what is chosen.
    stream.shift(3, Micros(7_000));
    assert!(stream.key("Enter"), "goes to it");
    assert_eq!(stream.view().start.0, T + 7_300 - 50);
    assert_eq!(told(&stream).as_deref(), Some("p-3"));
    stream.shift(3, Micros(-7_000));
    // The first chunks go: what is no longer held is not told as another task.
    stream.set_keep(RetentionPolicy { rows: 600, ..RetentionPolicy::ALL });
    assert!(stream.store.dropped() > 0);
    assert_eq!(stream.store.again(&old), None);
    assert_eq!(stream.line(late).map(|line| line.key).as_deref(), Some("p-500"));
    stream.close_details();
    stream.explain(late);
    assert_eq!(told(&stream).as_deref(), Some("p-500"));
    stream.explain(old);
    assert_ne!(told(&stream).as_deref(), Some("p-3"));
}

#[test]
fn rows_without_length_are_found_again() {
    let mut stream = TaskStreamModel::default();
    for i in 0..100 {
        put(&mut stream, 0, i * 10, i % 2, Action::Compute, false);
    }
    let rows: Vec<RowInfo> = (0..100).map(|i| at(&stream, i * 10)).collect();
    put(&mut stream, 0, -5, 1, Action::Compute, false);
    assert!(rows.iter().all(|row| stream.store.again(row).map(|now| now.start) == Some(row.start)));
}

#[test]
fn gaps_are_as_they_are_now() {
    let mut stream = filled(1, 100);
    let gaps = [span(100, 900), span(5_000, 6_000)];
    assert!(stream.set_gaps(gaps.to_vec()) && !stream.set_gaps(gaps.to_vec()));
    settle(&mut stream, 0);
    let before = stream.store.generation();
    assert!(stream.set_gaps(vec![span(400, 1200)]), "one has moved, one has closed");
    assert_eq!(stream.store.gaps(), [span(400, 1200)]);
    assert!(stream.store.generation() > before, "it is drawn");
    assert!(stream.set_gaps(vec![span(900, 900)]));
    assert_eq!(stream.totals().gaps, 0);
}

#[test]
fn a_click_after_a_while_is_of_what_is_there_now() {
    let mut stream = filled(1, 100);
    stream.set_view(span(0, 1_000_000));
    settle(&mut stream, 0);
    let plot = stream.plot();
    let (x, y) = (plot.x + plot.w * 0.5045, plot.y + 6.0);
    let click = |stream: &mut TaskStreamModel, ms: f64| {
        stream.note_event(ms);
        stream.pointer_down(x, y);
        stream.pointer_up();
        settle(stream, 0);
        stream.details().map(|details| details.row.start - T)
    };
    assert_eq!(click(&mut stream, 1000.0), Some(500_000));
    stream.set_view(span(100_000, 1_100_000));
    settle(&mut stream, 0);
    assert_eq!(click(&mut stream, 1300.0), Some(500_000), "the second of a double click");
    assert_eq!(click(&mut stream, 2500.0), Some(600_000), "another task is there now");
    stream.set_view(span(0, 1_000_000));
    settle(&mut stream, 0);
    stream.note_event(4000.0);
    stream.double_click(x, y);
    assert!(stream.view().start.0 > T + 490_000 && stream.view().end.0 < T + 520_000);
}

#[test]
fn workers_are_found_by_names_that_come_late() {
    let mut stream = TaskStreamModel::default();
    add(&mut stream, "p", "p-1", "tcp://Host-A:1", 0, Action::Compute);
    settle(&mut stream, 0);
    assert_eq!(count(&mut stream, "worker:w3"), 0);
    assert_eq!(count(&mut stream, "worker:host-a"), 1, "capitals do not count");
    assert_eq!(count(&mut stream, "worker:W3"), 0);
    stream.name_worker("tcp://Host-A:1", "w3");
    settle(&mut stream, 0);
    assert_eq!(stream.matches().map(|matches| matches.count), Some(1));
    // A new worker's tasks come before its name.
    add(&mut stream, "p", "p-2", "tcp://b:2", 100, Action::Compute);
    settle(&mut stream, 0);
    stream.name_worker("tcp://b:2", "w31");
    settle(&mut stream, 0);
    assert_eq!(stream.matches().map(|matches| matches.count), Some(2));
}

#[test]
fn a_word_that_prefixes_hold_means_them() {
    let mut stream = TaskStreamModel::default();
    add(&mut stream, "add", "add-77", "tcp://a:1", 0, Action::Compute);
    add(&mut stream, "sum", "sum-0add1", "tcp://a:1", 100, Action::Compute);
    add(&mut stream, "sum", "sum-77", "tcp://a:1", 200, Action::Compute);
    assert_eq!(count(&mut stream, "add"), 1, "the other is faded");
    assert_eq!(stream.palette.off(), [1]);
    assert_eq!(count(&mut stream, "key:add"), 2);
    assert_eq!(count(&mut stream, "add dur<1s"), 1);
    assert_eq!(count(&mut stream, "0ad"), 1, "one that no prefix holds means keys");
    assert!(stream.is_dim());
    // Until one comes that does.
    assert_eq!(count(&mut stream, "77"), 2);
    add(&mut stream, "p77", "p77-1", "tcp://a:1", 300, Action::Compute);
    settle(&mut stream, 0);
    assert_eq!(stream.matches().map(|matches| matches.count), Some(1));
    assert!(!stream.is_dim());
}

#[test]
fn what_prefixes_share_is_faded_with_them() {
    let mut stream = TaskStreamModel::default();
    add(&mut stream, "add", "add-1", "tcp://a:1", 0, Action::Compute);
    add(&mut stream, "sum", "sum-1", "tcp://a:1", 100, Action::Compute);
    add(&mut stream, "sum", "sum-2", "tcp://a:1", 50, Action::Transfer);
    assert_eq!(count(&mut stream, "prefix:add"), 1);
    assert_eq!(stream.palette.off(), [1, ACTION_SLOT + 1], "the transfer is of the other one");
    assert_eq!(count(&mut stream, "prefix:sum"), 2);
    assert_eq!(stream.palette.off(), [0]);
    // Of both: no colour tells them apart any more.
    add(&mut stream, "add", "add-2", "tcp://a:1", 150, Action::Transfer);
    settle(&mut stream, 0);
    assert_eq!(stream.matches().map(|matches| matches.count), Some(2));
    assert!(stream.is_dim() && stream.palette.off().is_empty());
    stream.show_all();
    assert!(!stream.is_filtered());
}

#[test]
fn all_matches_in_view_are_lit_however_many_there_are() {
    let mut stream = TaskStreamModel::default();
    for i in 0..30_000 {
        put(&mut stream, 0, i * 100, 90, Action::Compute, false);
    }
    settle(&mut stream, 0);
    assert_eq!(count(&mut stream, "dur>1us"), 30_000);
    assert!(stream.matches().is_some_and(|matches| matches.every > 1));
    let lit = |stream: &mut TaskStreamModel, from: i64, to: i64| {
        stream.set_view(span(from, to));
        settle(stream, 0);
        let clear = |rect: &&timeline::scene::Rect| rect.ink == timeline::scene::Ink::Clear;
        stream.scene().rects.iter().filter(clear).count()
    };
    assert_eq!(lit(&mut stream, 1_000_000, 1_005_000), 50);
    assert_eq!(lit(&mut stream, 1_001_000, 1_005_000), 40, "nearer");
    assert_eq!(lit(&mut stream, 2_000_000, 2_005_000), 50, "elsewhere");
    stream.set_view(span(0, 3_000_000));
    settle(&mut stream, 0);
    assert_eq!(lit(&mut stream, 2_000_000, 2_005_000), 50, "from all to near");
}

#[test]
fn back_while_held_is_held() {
    let mut stream = filled(2, 5000);
    settle(&mut stream, 0);
    stream.set_paused(true);
    let held = stream.view();
    stream.zoom_to(span(1_000_000, 2_000_000));
    settle(&mut stream, 0);
    for i in 0..100 {
        put(&mut stream, 0, 90_000_000 + i * 100, 50, Action::Compute, false);
    }
    settle(&mut stream, 0);
    assert!(stream.key("Backspace"));
    settle(&mut stream, 0);
    assert!(stream.is_paused());
    assert_eq!((stream.view(), stream.mode()), (held, Mode::Follow));
    assert_eq!(stream.totals().since_pause, 100);
    assert!(stream.key(super::super::REDO));
    settle(&mut stream, 0);
    assert_eq!(stream.view(), span(1_000_000, 2_000_000));
    assert!(stream.is_paused());
    // Resumed, it follows; the way back leads to what was held.
    assert!(stream.key(" "));
    settle(&mut stream, 0);
    assert!(stream.view().end.0 > T + 90_000_000);
    stream.clear();
    assert_eq!((stream.totals().since_pause, stream.is_paused()), (0, false));
}

#[test]
fn a_held_view_has_a_link_and_stands_still() {
    for paused in [true, false] {
        let mut stream = filled(2, 5000);
        settle(&mut stream, 0);
        assert_eq!(stream.link(), None);
        let held = stream.view();
        if paused {
            stream.set_paused(true);
        } else {
            stream.set_view(held);
            settle(&mut stream, 0);
        }
        assert_eq!(stream.put_at(), Some(held));
        let (from, to) = stream.link().unwrap();
        // All that was in it is let go of.
        stream.set_keep(RetentionPolicy { rows: 100, ..RetentionPolicy::ALL });
        for i in 0..3000 {
            put(&mut stream, 0, 200_000_000 + i * 100, 50, Action::Compute, false);
        }
        settle(&mut stream, 0);
        assert_eq!(stream.view(), held, "{paused}");
        assert!(stream.absent().is_some_and(|words| words.contains("no longer held")));
        let mut other = filled(2, 5000);
        assert!(other.open_link(&from, &to));
        settle(&mut other, 0);
        assert_eq!(other.view(), held);
    }
}

#[test]
fn time_of_which_some_was_dropped_is_marked() {
    let mut stream = TaskStreamModel::new(Store::with_limit(1000));
    // A lane with few tasks keeps its old ones.
    for i in 0..16 {
        put(&mut stream, 7, i * 1_300_000, 100, Action::Compute, false);
    }
    for i in 0..20_000 {
        put(&mut stream, 0, i * 1000, 900, Action::Compute, false);
    }
    stream.fit();
    settle(&mut stream, 0);
    let (until, data) = (stream.store.dropped_until().unwrap(), stream.data.unwrap());
    assert!(until.0 > data.start.0 + 10_000_000);
    assert!(texts(&stream).contains(&"some tasks were dropped"), "{:?}", texts(&stream));
    assert_eq!(stream.store.dropped_computed(), stream.store.dropped());
}

#[test]
fn dropped_transfers_are_not_tasks_that_succeeded() {
    let mut stream = TaskStreamModel::new(Store::with_limit(100));
    for i in 0..2000 {
        put(&mut stream, 0, i * 1000, 900, Action::Transfer, false);
    }
    stream.note_succeeded(1500);
    assert_eq!(stream.totals().unrecorded, 1500);
}

#[test]
fn rows_of_workers_and_threads_that_are_gone_are_marked() {
    // Two workers with two lanes each, on which something began last on the later ones.
    let mut stream = filled(4, 10);
    put(&mut stream, 1, 200_000, 9_000, Action::Compute, false);
    let there = |stream: &mut TaskStreamModel, all: &[&str]| {
        stream.note_workers(T as f64 / 1e3, &mut all.iter().map(|&one| (one, one)));
        stream.note_threads(&mut all.iter().map(|&one| (one, 1)));
        settle(stream, 1_000_000);
        texts(stream).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let of = |texts: &[String], what: &str| texts.iter().filter(|text| text.contains(what)).count();
    let all = there(&mut stream, &["tcp://10.0.0.1:40000", "tcp://10.0.0.1:40001"]);
    assert_eq!((of(&all, " gone"), of(&all, "(t0)")), (0, 1), "one thread each: {all:?}");
    let all = there(&mut stream, &["tcp://10.0.0.1:40000"]);
    assert_eq!(of(&all, " gone"), 1, "{all:?}");
}

#[test]
fn another_scheduler_is_seen_where_it_begins() {
    let mut stream = filled(2, 10);
    let all: &[&str] = &["tcp://10.0.0.1:40000"];
    let note = |stream: &mut TaskStreamModel, ms: f64| {
        stream.note_workers(T as f64 / 1e3 + ms, &mut all.iter().map(|&one| (one, one)));
    };
    note(&mut stream, 0.0);
    stream.begin_run(T as f64 / 1e3 + 400.0, Some(Micros(T + 100_000)));
    note(&mut stream, 500.0);
    stream.set_view(Span::new(Micros(T), Micros(T + 1_000_000)));
    settle(&mut stream, 600_000);
    assert!(texts(&stream).contains(&"another scheduler"), "{:?}", texts(&stream));
    assert!(stream.supply_said().contains("another scheduler since"));
    assert_eq!(stream.worker_events().len(), 1, "its workers did not come: they were there");
    // With a gap beside it, the gap says so.
    stream.set_gaps(vec![Span::new(Micros(T + 100_000), Micros(T + 900_000))]);
    settle(&mut stream, 700_000);
    let said = texts(&stream).into_iter().filter(|text| text.starts_with("another scheduler"));
    assert_eq!(
        said.collect::<Vec<_>>(),
        ["another scheduler from here on; tasks between them are unknown"]
    );
}
