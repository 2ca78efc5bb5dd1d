//! Panes fed by recorded sessions show what the server's own document holds.
#![allow(clippy::unwrap_used)]

mod feed_common;

use feed::pool::DashboardPage;
use feed_common::played::{ALL_PAGES, engine, play, recorded};
use feed_common::{Columns, Mirror, messages};
use live::engine::Engine;
use live::source::Source;
use panes::{Bar, Bars, Picture, Piece, Tint, Unit, all, pane};

/// An engine to which a recorded page was played, and the mirror of what the server had then.
fn played(id: &str) -> (Engine, Mirror) {
    let mut engine = engine();
    let page = pane(id).unwrap().pages[0];
    let frames = recorded(ALL_PAGES, page);
    play(&mut engine, page, &frames);
    (engine, Mirror::replay(&messages(&frames)))
}

fn bars(id: &str) -> (Bars, Mirror) {
    let (engine, mirror) = played(id);
    match (pane(id).unwrap().read)(&engine.snapshot()) {
        Some(Picture::Bars(bars)) => (bars, mirror),
        other => panic!("{id}: {other:?}"),
    }
}

/// The amounts of a column, the largest first.
fn amounts(mirror: &Mirror, columns: &[&str], name: &str) -> Vec<f64> {
    let source: &Columns = &mirror.sources[mirror.find(columns).unwrap()];
    let mut amounts: Vec<f64> = source[name].iter().map(|cell| cell.as_f64().unwrap()).collect();
    amounts.sort_by(|a, b| b.total_cmp(a));
    amounts
}

fn lengths(bars: &Bars) -> Vec<f64> {
    let sum = |pieces: &[panes::Piece]| pieces.iter().map(|one| one.amount).sum();
    let mut lengths: Vec<f64> = bars.bars.iter().map(|bar| sum(&bar.pieces)).collect();
    lengths.sort_by(|a, b| b.total_cmp(a));
    lengths
}

#[test]
fn bars_are_as_long_as_the_servers() {
    for (id, columns, amount, unit) in [
        ("action-times", &["names", "times"][..], "times", Unit::Seconds),
        ("prefix-times", &["names", "times"], "times", Unit::Seconds),
        ("bandwidth-types", &["type", "bandwidth"], "bandwidth", Unit::Rate),
        ("contention", &["names", "values"], "values", Unit::Seconds),
        ("processing", &["worker", "nprocessing"], "nprocessing", Unit::Count),
        ("occupancy", &["worker", "occupancy"], "occupancy", Unit::Seconds),
    ] {
        let (bars, mirror) = bars(id);
        assert_eq!(bars.unit, unit, "{id}");
        let (ours, theirs) = (lengths(&bars), amounts(&mirror, columns, amount));
        assert!(!ours.is_empty() && ours.len() == theirs.len(), "{id}");
        let close = ours.iter().zip(&theirs).all(|(a, b)| (a - b).abs() <= 1e-9 * b.abs().max(1.0));
        assert!(close, "{id}: {ours:?} {theirs:?}");
    }
}

#[test]
fn memory_of_workers_adds_up() {
    let (bars, mirror) = bars("memory");
    let columns = &mirror.sources[mirror.find(&["address", "memory_managed"]).unwrap()];
    for bar in &bars.bars {
        let at = columns["name"].iter().position(|name| name.as_str() == Some(&bar.name)).unwrap();
        let number = |name: &str| columns[name][at].as_f64().unwrap();
        let parts: Vec<f64> = bar.pieces.iter().map(|piece| piece.amount).collect();
        let theirs = ["managed", "unmanaged_old", "unmanaged_recent", "spilled"]
            .map(|one| number(&format!("memory_{one}")));
        assert_eq!(parts, theirs, "{}", bar.name);
        assert_eq!(bar.limit, Some(number("memory_limit")));
    }
    assert!(!bars.bars.is_empty());
}

#[test]
fn what_is_on_disk_lies_beyond_the_limit() {
    let piece = |name, amount| Piece { name, amount, tint: Tint::Plain };
    let bar = |limit| Bar {
        name: "w0".into(),
        detail: String::new(),
        pieces: vec![piece("managed", 2.0), piece("unmanaged old", 1.0), piece("spilled", 4.0)],
        limit,
        said: None,
    };
    let laid = |limit| {
        let bar = bar(limit);
        let (laid, end) = bar.laid();
        (laid.into_iter().map(|(at, _)| at).collect::<Vec<_>>(), end)
    };
    assert_eq!(laid(Some(10.0)), (vec![0.0, 2.0, 10.0], 14.0));
    assert_eq!(laid(Some(2.5)), (vec![0.0, 2.0, 3.0], 7.0), "over its limit");
    assert_eq!(laid(None), (vec![0.0, 2.0, 3.0], 7.0));
}

#[test]
fn exceptions_are_grouped_and_none_is_lost() {
    let (engine, mirror) = played("exceptions");
    let columns = &mirror.sources[mirror.find(&["Exception", "Traceback"]).unwrap()];
    let all: f64 = columns["Count"].iter().map(|count| count.as_f64().unwrap()).sum();
    match (pane("exceptions").unwrap().read)(&engine.snapshot()).unwrap() {
        Picture::Grid(grid) => {
            let counts = grid.rows.iter().map(|row| row.cells[1].exact().parse::<f64>().unwrap());
            assert_eq!(counts.sum::<f64>(), all);
            assert!(grid.rows.len() < columns["Exception"].len(), "one row for each kind");
            assert!(grid.rows.iter().all(|row| row.more.as_ref().unwrap().contains("line")));
        }
        Picture::Nothing(_) => assert_eq!(all, 0.0),
        other => panic!("{other:?}"),
    }
}

/// What a pane of texts shows, in full, by its heads.
fn sheets(page: &str) -> Vec<String> {
    let (engine, _) = played(page);
    let csv = (pane(page).unwrap().read)(&engine.snapshot()).unwrap().csv().unwrap();
    csv.lines().map(str::to_owned).collect()
}

#[test]
fn counts_and_moments_are_saved_in_full() {
    let events = sheets("events");
    assert!(events[0].starts_with("When (Unix ms),What"), "{}", events[0]);
    let times: Vec<f64> =
        events[1..].iter().map(|row| row.split(',').next().unwrap().parse().unwrap()).collect();
    assert!(times.len() > 1 && times.is_sorted_by(|a, b| a >= b) && times[0] > 1e12);
    let counters = sheets("counters");
    let amounts = counters.iter().flat_map(|row| row.split(',').skip(1)).collect::<Vec<_>>();
    let numbers = amounts.iter().filter_map(|text| text.parse::<f64>().ok()).count();
    assert!(numbers >= 9 && amounts.len() - numbers <= 6, "all but heads: {amounts:?}");
}

#[test]
fn the_schedulers_samples_are_all_there() {
    let (engine, mirror) = played("scheduler");
    let columns = &mirror.sources[mirror.find(&["time", "cpu", "num_fds"]).unwrap()];
    let Some(Picture::Series(series)) = (pane("scheduler").unwrap().read)(&engine.snapshot())
    else {
        panic!("no series")
    };
    assert_eq!(series.times_ms.len(), columns["time"].len());
    assert!(
        series
            .plots
            .iter()
            .all(|plot| plot.lines.iter().all(|(_, line)| line.len() == series.times_ms.len()))
    );
}

#[test]
fn names_are_unlike_and_nothing_is_read_before_it_came() {
    let source = Source { base: "http://127.0.0.1:8787".into(), label: "test".into() };
    let engine = Engine::new(&source, 7, 0.0);
    for (at, pane) in all().enumerate() {
        assert!(all().skip(at + 1).all(|other| other.id != pane.id), "{}", pane.id);
        match (pane.read)(&engine.snapshot()) {
            // A page in a frame, and what is asked for only when a person wants it.
            Some(Picture::Own(_) | Picture::Offer(_)) => assert!(pane.pages.is_empty()),
            other => assert!(other.is_none() && !pane.pages.is_empty(), "{}", pane.id),
        }
        assert!(pane.pages.iter().all(|page| *page != DashboardPage::Status));
    }
}
