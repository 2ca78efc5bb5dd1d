//! Pages are opened one after another. The scheduler makes a document for each, and answers nobody else
//! meanwhile: one at a time, other clients get their turn in between.

use super::{Changed, Engine, Output};
use feed::pool::DashboardPage;
use feed::session::State;

/// So long the next page waits for one that does not answer, ms.
const PATIENCE_MS: f64 = 2000.0;

/// These come first, in this order: what is looked at most, then the long history.
const FIRST: [DashboardPage; 4] = [
    DashboardPage::TaskStream,
    DashboardPage::Workers,
    DashboardPage::Progress,
    DashboardPage::Tasks,
];

/// The pages that are still to be opened.
#[derive(Debug)]
pub(super) struct Line {
    pages: Vec<DashboardPage>,
    /// The page that was opened last, and when.
    last: Option<(DashboardPage, f64)>,
    patience_ms: f64,
}

impl Default for Line {
    fn default() -> Self {
        Self { pages: Vec::new(), last: None, patience_ms: PATIENCE_MS }
    }
}

impl Line {
    /// A page is wanted.
    pub fn add(&mut self, page: DashboardPage) {
        self.pages.push(page);
    }

    /// It is not wanted any more. Says whether it was still waiting.
    pub fn leave(&mut self, page: DashboardPage) -> bool {
        let before = self.pages.len();
        self.pages.retain(|waiting| *waiting != page);
        self.pages.len() < before
    }

    /// Nothing is wanted any more.
    pub fn clear(&mut self) {
        self.pages.clear();
        self.last = None;
    }

    /// The page that waits next.
    pub fn first(&self) -> Option<DashboardPage> {
        let rank = |page: &DashboardPage| {
            FIRST.iter().position(|first| first == page).unwrap_or(FIRST.len())
        };
        self.pages.iter().min_by_key(|page| (rank(page), **page)).copied()
    }

    /// When the next page is opened at the latest.
    pub fn wake_ms(&self) -> Option<f64> {
        self.first().and(self.last).map(|(_, since)| since + self.patience_ms)
    }
}

impl Engine {
    /// Opens all pages at once: for recorded sessions, which were made side by side.
    pub fn open_at_once(&mut self) {
        self.line.patience_ms = 0.0;
    }

    /// Opens the next page, once the last one has come or is given up.
    pub(super) fn open_next(&mut self, out: &mut Vec<Output>, changed: &mut Changed) {
        while let Some(page) = self.line.first() {
            let opens = self.line.last.is_some_and(|(last, since)| {
                self.now_ms < since + self.line.patience_ms
                    && self
                        .feeds
                        .of(last)
                        .is_some_and(|feed| matches!(feed.state(), State::Connecting))
            });
            if opens {
                return;
            }
            self.line.leave(page);
            self.line.last = Some((page, self.now_ms));
            self.want(page, true, out, changed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Engine, Input, Output};
    use crate::source::Source;
    use feed::pool::DashboardPage;

    /// The pages that the engine has begun to open.
    fn opened(engine: &mut Engine, now_ms: f64, input: Input<'_>) -> Vec<DashboardPage> {
        let mut out = Vec::new();
        engine.handle(now_ms, input, &mut out);
        let page = |output: &Output| match output {
            Output::Connect { page, .. } => Some(*page),
            _ => None,
        };
        out.iter().filter_map(page).collect()
    }

    #[test]
    fn one_after_another_and_none_that_nobody_looks_at() {
        let source = Source { base: "http://127.0.0.1:8787".into(), label: String::new() };
        let mut engine = Engine::new(&source, 7, 0.0);
        assert_eq!(opened(&mut engine, 0.0, Input::Start), [DashboardPage::TaskStream]);
        assert_eq!(opened(&mut engine, 1.0, Input::Shown(true)), []);
        assert!(engine.feed().busy().is_some_and(|what| what.contains("workers")));
        let gone =
            |page| Input::Closed { page, code: 1006, clean: false, refused: Some("no".into()) };
        let next = opened(&mut engine, 10.0, gone(DashboardPage::TaskStream));
        assert_eq!(next, [DashboardPage::Workers], "the first one has failed");
        // Whoever shows progress asks for it.
        assert_eq!(opened(&mut engine, 20.0, Input::Pane(DashboardPage::Profile, true)), []);
        assert_eq!(opened(&mut engine, 21.0, Input::Pane(DashboardPage::Progress, true)), []);
        assert_eq!(
            opened(&mut engine, 22.0, gone(DashboardPage::Workers)),
            [DashboardPage::Progress]
        );
        // It does not answer: what waits for it does so no longer than two seconds.
        assert!(!opened(&mut engine, 2021.0, Input::Tick).contains(&DashboardPage::Profile));
        assert!(opened(&mut engine, 2023.0, Input::Tick).contains(&DashboardPage::Profile));
        // What is not wanted any more is never opened.
        opened(&mut engine, 2024.0, Input::Pane(DashboardPage::Events, true));
        opened(&mut engine, 2025.0, Input::Pane(DashboardPage::Events, false));
        assert!(!opened(&mut engine, 20_000.0, Input::Tick).contains(&DashboardPage::Events));
    }
}
