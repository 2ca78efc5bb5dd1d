//! By keyboard: a task to go to, rows and time to select; and the table of what is in view.

use super::*;
use crate::Listed;
use crate::input::{SELECT_DOWN, SELECT_EARLIER, SELECT_LATER, SELECT_UP};

fn lanes(stream: &TaskStreamModel) -> Vec<u32> {
    stream.selection().map(|one| one.lanes.clone()).unwrap_or_default()
}

#[test]
fn rows_and_time_are_selected() {
    let mut stream = filled(6, 100);
    stream.set_view(Span::new(Micros(T + 100_000), Micros(T + 300_000)));
    settle(&mut stream, 0);
    stream.key("j");
    stream.key("j");
    let press = |stream: &mut TaskStreamModel, key: &str| {
        assert!(stream.key(key));
        lanes(stream)
    };
    assert_eq!(press(&mut stream, SELECT_DOWN), [1], "the row that is held");
    assert_eq!(stream.selection().map(|one| one.span), Some(stream.view()));
    assert_eq!(press(&mut stream, SELECT_DOWN), [1, 2]);
    assert_eq!(press(&mut stream, SELECT_DOWN), [1, 2, 3]);
    for want in [vec![1, 2], vec![1], vec![0, 1], vec![0, 1]] {
        assert_eq!(press(&mut stream, SELECT_UP), want);
    }
    settle(&mut stream, 0);
    assert_eq!(stream.stats().map(|stats| stats.all.count), Some(2 * 20));
    // Sideways: less time, and more again.
    press(&mut stream, SELECT_EARLIER);
    assert_eq!(press(&mut stream, SELECT_EARLIER), [0, 1]);
    let long = |stream: &TaskStreamModel| stream.selection().map_or(0, |one| one.span.len().0);
    assert!((long(&stream) - 180_000).abs() < 10, "{}", long(&stream));
    assert_eq!(press(&mut stream, SELECT_DOWN), [1], "from the same row, over the same time");
    assert!((long(&stream) - 180_000).abs() < 10);
    press(&mut stream, SELECT_LATER);
    assert!((long(&stream) - 190_000).abs() < 10);
    assert!(stream.key("Escape") && stream.key("Escape"));
    assert!(stream.selection().is_none() && stream.held_words().is_none());
    // With nothing held: the first row in sight; sideways alone: all that is in view.
    assert_eq!(press(&mut stream, SELECT_DOWN), [0]);
    stream.clear_selection();
    assert_eq!(press(&mut stream, SELECT_LATER), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn numbers_are_of_the_rows_in_sight() {
    let mut stream = filled(400, 3);
    stream.set_looks(DisplayOptions::parse("lanes"));
    settle(&mut stream, 0);
    stream.select_view();
    let seen = stream.seen_rows().len();
    assert!((2..100).contains(&seen));
    assert_eq!(lanes(&stream).len(), seen);
    settle(&mut stream, 0);
    assert!(stream.share_words().contains("% busy"));
}

#[test]
fn a_prefix_is_a_share_of_the_threads_time() {
    let mut stream = filled(1, 100);
    stream.set_looks(DisplayOptions::parse("prefixes"));
    put(&mut stream, 0, 500_000, 9_000, Action::Transfer, false);
    stream.fit();
    settle(&mut stream, 0);
    let plot = stream.plot();
    let y = plot.y + stream.layout.rows[1].y + 2.0;
    stream.select_area((plot.x, y), (plot.x + plot.w, y + 2.0));
    settle(&mut stream, 0);
    assert_eq!(stream.share_words(), "0.0 % of the threads\u{2019} time", "transfers are no work");
    stream.select_view();
    settle(&mut stream, 0);
    assert!(stream.share_words().contains("% idle"), "all rows are all there is");
}

#[test]
fn the_chosen_task_is_told_and_gone_to() {
    let mut stream = filled(2, 100);
    stream.set_view(Span::new(Micros(T + 105_000), Micros(T + 405_000)));
    settle(&mut stream, 0);
    assert!(!stream.key("e") && stream.said().is_none());
    stream.key("j");
    stream.key("j");
    assert!(stream.said().is_some_and(|words| words.starts_with("Row 2 of 2")));
    // From the row that is held to its tasks.
    stream.key("]");
    let start = |stream: &TaskStreamModel| stream.ask.pick.map(|row| (row.at.lane, row.start - T));
    assert_eq!(start(&stream), Some((1, 110_000)));
    let words = stream.said().unwrap();
    assert!(words.starts_with("Task ('add-1', 2): compute on") && words.ends_with(", 9.00 ms"));
    stream.key("]");
    assert_eq!(start(&stream), Some((1, 120_000)));
    assert!(stream.key("Enter") && stream.details().is_some());
    let before = stream.view();
    assert!(stream.key("Enter"));
    settle(&mut stream, 0);
    assert!(stream.view().len().0 < 20_000 && stream.view().start.0 > T + 110_000);
    assert!(stream.key("Backspace"));
    settle(&mut stream, 0);
    assert_eq!(stream.view(), before);
    assert!(stream.key("e"));
    settle(&mut stream, 0);
    assert!(stream.view().len().0 < 20_000);
    stream.close_details();
    assert!(stream.said().is_some_and(|words| words.starts_with("Row")), "the row is held yet");
    stream.key("[");
    assert!(stream.said().is_some_and(|words| words.starts_with("Task")));
}

#[test]
fn a_row_that_folding_took_away_takes_no_key() {
    let mut stream = filled(4, 10);
    stream.set_looks(DisplayOptions::parse("lanes"));
    settle(&mut stream, 0);
    stream.key("j");
    stream.set_looks(DisplayOptions::parse("workers"));
    settle(&mut stream, 0);
    stream.select_view();
    assert!(stream.key("Escape") && stream.selection().is_none(), "the first one closes it");
}

#[test]
fn the_table_goes_on_and_keeps_to_the_filter() {
    let mut stream = filled(4, 100);
    for i in 0..10 {
        put(&mut stream, 2, i * 10_000, 5_000, Action::Transfer, false);
    }
    settle(&mut stream, 0);
    stream.fit();
    settle(&mut stream, 0);
    let page = |stream: &TaskStreamModel, skip: usize| {
        let mut rows = Vec::new();
        let listed = stream.list(skip, 150, &mut |task, thread| {
            rows.push((task.start.0 - T, task.thread.to_owned(), thread));
        });
        (listed, rows)
    };
    let (all, first) = page(&stream, 0);
    assert_eq!((all, first.len()), (Listed::All(410), 150));
    let mut every = first;
    for skip in [150, 300, 450] {
        every.extend(page(&stream, skip).1);
    }
    assert_eq!(every.len(), 410);
    assert!(every.windows(2).all(|pair| pair[0].0 <= pair[1].0), "by start");
    for (_, name, thread) in &every {
        let lane: usize = name.rsplit('-').next().unwrap().parse().unwrap();
        assert_eq!(*thread, lane % 2);
    }
    stream.set_filter("action:transfer");
    settle(&mut stream, 0);
    let (all, rows) = page(&stream, 0);
    assert_eq!((all, rows.len()), (Listed::All(10), 10));
    stream.set_filter("action:compute");
    settle(&mut stream, 0);
    assert_eq!(page(&stream, 0).0, Listed::Some);
    assert_eq!((page(&stream, 300).0, page(&stream, 300).1.len()), (Listed::All(400), 100));
    stream.show_all();
    stream.toggle(0);
    assert_eq!(page(&stream, 0).0, Listed::All(10), "what is faded in the legend");
}
