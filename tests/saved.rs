//! What panes save of recorded sessions: drawings that are whole, and tables with a line for each row.
#![allow(clippy::unwrap_used)]

mod feed_common;

use feed::pool::DashboardPage;
use feed_common::fixtures;
use feed_common::played::{ALL_PAGES, engine, play_until, recorded};
use live::engine::Engine;
use panes::svg::{Inks, draw, is_drawn};
use panes::{Pane, Picture, all};

/// An engine to which all recorded pages of a pane were played, the worker table before them; until it
/// shows what is wanted.
fn played(pane: &Pane, wanted: fn(&Picture) -> bool) -> Engine {
    let mut engine = engine();
    for page in [DashboardPage::Workers].iter().chain(pane.pages) {
        if !fixtures().join(format!("{ALL_PAGES}{}.jsonl.gz", page.path())).exists() {
            continue;
        }
        let done = |engine: &Engine| {
            (pane.read)(&engine.snapshot()).is_some_and(|picture| wanted(&picture))
        };
        if play_until(&mut engine, *page, &recorded(ALL_PAGES, *page), &done) {
            break;
        }
    }
    engine
}

/// Every element that is opened is closed, in order, and no number is missing.
fn is_whole(svg: &str) -> Result<usize, String> {
    let (mut open, mut count) = (Vec::new(), 0);
    for tag in svg.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').ok_or(tag)?;
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return Err(format!("</{name}>"));
            }
        } else {
            count += 1;
            if !tag.ends_with('/') {
                open.push(name);
            }
        }
        if tag.contains("NaN") || tag.contains("inf") {
            return Err(tag.to_owned());
        }
    }
    if open.is_empty() { Ok(count) } else { Err(format!("{open:?}")) }
}

#[test]
fn what_panes_show_can_be_saved() {
    let (mut drawn, mut tables) = (Vec::new(), Vec::new());
    for pane in all() {
        // In the end nothing is left of the graph.
        let engine = played(pane, |picture| matches!(picture, Picture::Graph(_)));
        let Some(picture) = (pane.read)(&engine.snapshot()) else { continue };
        let inks = || Inks::read(&|name| format!("var({name})"));
        for dark in [true, false] {
            let drawing =
                draw(&picture, pane.title, (inks(), dark), timeline::ticks::Zone::Fixed(3600));
            assert_eq!(drawing.is_some(), is_drawn(&picture), "{}", pane.id);
            let Some((svg, [width, height])) = drawing else { continue };
            let count = is_whole(&svg).unwrap_or_else(|why| panic!("{}: {why}", pane.id));
            assert!(count > 5 && width > 300 && (60..9000).contains(&height), "{}", pane.id);
            assert!(svg.contains(pane.title), "{}", pane.id);
            drawn.push(pane.id);
        }
        if let Some(table) = picture.table() {
            assert!(
                table.rows.iter().all(|row| row.len() == table.columns.len()),
                "{}: a cell for each column",
                pane.id
            );
            let csv = picture.csv().unwrap();
            // Texts may hold line breaks; as many rows there are at least.
            assert!(csv.lines().count() > table.rows.len(), "{}", pane.id);
            // A name may hold commas.
            assert!(csv.lines().next().unwrap().split(',').count() >= table.columns.len());
        }
        assert_eq!(picture.has_csv(), picture.csv().is_some(), "{}", pane.id);
        if picture.csv().is_some() {
            tables.push(pane.id);
        }
        assert!(!matches!(picture, Picture::Nothing(_)) || picture.csv().is_none());
    }
    for id in ["memory", "scheduler", "profile", "graph", "fine-metrics", "bandwidth-workers"] {
        assert!(drawn.contains(&id) && tables.contains(&id), "{id}: {drawn:?} {tables:?}");
    }
    assert!(drawn.len() / 2 >= 18, "{drawn:?}");
}
