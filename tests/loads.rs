//! What each worker has to do, over time, as sampled from the server's own documents.
#![allow(clippy::unwrap_used)]

mod feed_common;

use feed::pool::DashboardPage;
use feed_common::{Frame, fixtures, frames};
use live::engine::{Engine, Input};
use live::source::Source;
use panes::{Picture, Series, Unit, pane};

const FOLDER: &str = "2026.8.0/all-pages";

/// An engine to which recorded pages were played side by side, with a look at it after each frame.
fn watched(pages: &[DashboardPage], look: &mut dyn FnMut(&Engine)) -> Engine {
    let source = Source { base: "http://127.0.0.1:8787".into(), label: "test".into() };
    let (mut engine, mut out) = (Engine::new(&source, 7, 0.0), Vec::new());
    engine.open_at_once();
    engine.handle(0.0, Input::Start, &mut out);
    let mut all: Vec<(f64, DashboardPage, Frame)> = Vec::new();
    for page in pages {
        engine.handle(0.0, Input::Pane(*page, true), &mut out);
        engine.handle(0.0, Input::Opened { page: *page }, &mut out);
        let path = fixtures().join(format!("{FOLDER}{}.jsonl.gz", page.path()));
        all.extend(frames(&path).into_iter().map(|(t, frame)| (t, *page, frame)));
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (t, page, frame) in &all {
        let page = *page;
        let input = match frame {
            Frame::Text(text) => Input::Text { page, text },
            Frame::Binary(bytes) => Input::Binary { page, bytes },
        };
        engine.handle(t * 1e3, input, &mut out);
        look(&engine);
    }
    engine
}

fn shown(engine: &Engine, id: &str) -> Option<Picture> {
    (pane(id).unwrap().read)(&engine.snapshot())
}

fn lines(series: &Series) -> Vec<(String, f64)> {
    let lines = series.plots[0].lines.iter();
    lines.map(|(name, amounts)| (name.to_string(), *amounts.last().unwrap())).collect()
}

#[test]
fn what_workers_have_to_do_is_sampled_while_it_is_shown() {
    for (page, bars, id, unit) in [
        (DashboardPage::Load, "processing", "processing-series", Unit::Count),
        (DashboardPage::Occupancy, "occupancy", "occupancy-series", Unit::Seconds),
    ] {
        let mut samples: Vec<Vec<(String, f64)>> = Vec::new();
        let mut tables = 0;
        let engine = watched(&[DashboardPage::Workers, page], &mut |engine| {
            let before = std::mem::replace(&mut tables, engine.worker_tables());
            let is_new = before < tables;
            let Some(Picture::Series(series)) = shown(engine, id).filter(|_| is_new) else {
                return;
            };
            // The newest sample is what the bars say at that moment, under the same names.
            let Some(Picture::Bars(now)) = shown(engine, bars) else { panic!("no bars") };
            let now = now.bars.iter().map(|bar| (bar.name.clone(), bar.pieces[0].amount));
            let now: Vec<(String, f64)> =
                now.map(|(name, amount)| (name, f64::from(amount as f32))).collect();
            assert_eq!(lines(&series), now);
            samples.push(now);
        });
        assert!(samples.len() > 3, "{id}: {}", samples.len());
        let Some(Picture::Series(series)) = shown(&engine, id) else { panic!("no series") };
        assert!(series.times_ms.len() > 3 && series.plots[0].unit == unit);
        assert!(series.note.contains("since this pane was opened"), "{}", series.note);
        // Nothing is invented of the other page, nor of this one without the worker table.
        let other =
            if page == DashboardPage::Load { "occupancy-series" } else { "processing-series" };
        assert!(shown(&engine, other).is_none());
        let alone = watched(&[page], &mut |_| ());
        assert!(matches!(shown(&alone, id), Some(Picture::Nothing(_))));
    }
}
