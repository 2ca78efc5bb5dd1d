//! Recorded pages, played to an engine.

use feed::pool::DashboardPage;
use live::engine::{Engine, Input};
use live::source::Source;
use panes::{Picture, pane};

use super::{Frame, fixtures, frames};

/// Recordings of all pages of one scheduler.
pub const ALL_PAGES: &str = "2026.8.0/all-pages";

/// An engine that was started and has heard nothing yet.
pub fn engine() -> Engine {
    let source = Source { base: "http://127.0.0.1:8787".into(), label: "test".into() };
    let mut engine = Engine::new(&source, 7, 0.0);
    engine.open_at_once();
    engine.handle(0.0, Input::Start, &mut Vec::new());
    engine
}

/// A recording of a page.
pub fn recorded(folder: &str, page: DashboardPage) -> Vec<(f64, Frame)> {
    frames(&fixtures().join(format!("{folder}{}.jsonl.gz", page.path())))
}

/// Plays frames to a page, which is opened for it; `done` says after each whether that was enough.
pub fn play_until(
    engine: &mut Engine,
    page: DashboardPage,
    frames: &[(f64, Frame)],
    done: &dyn Fn(&Engine) -> bool,
) -> bool {
    let mut out = Vec::new();
    engine.handle(0.0, Input::Pane(page, true), &mut out);
    engine.handle(0.0, Input::Opened { page }, &mut out);
    frames.iter().any(|(t, frame)| {
        let input = match frame {
            Frame::Text(text) => Input::Text { page, text },
            Frame::Binary(bytes) => Input::Binary { page, bytes },
        };
        engine.handle(t * 1e3, input, &mut out);
        done(engine)
    })
}

/// The same to the end.
pub fn play(engine: &mut Engine, page: DashboardPage, frames: &[(f64, Frame)]) {
    play_until(engine, page, frames, &|_| false);
}

/// What a pane shows.
pub fn read(engine: &Engine, id: &str) -> Option<Picture> {
    (pane(id).unwrap().read)(&engine.snapshot())
}
