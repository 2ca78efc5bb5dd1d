//! Samples what each worker has to do with each worker table, while a page that tells it is open.

use super::Engine;
use crate::loads::PAGES;
use feed::session::State;

impl Engine {
    /// Samples what each worker has to do. A page that is open and silent has not changed.
    pub(super) fn sample_loads(&mut self) {
        for page in PAGES {
            let live = self.feeds.iter().any(|feed| {
                feed.page == page && feed.wanted && matches!(feed.session.state(), State::Live)
            });
            let whole = self.pages.iter().find(|(known, _)| live && *known == page);
            if let (Some((_, whole)), true) = (whole, self.workers.is_some()) {
                let name = |address: &str| self.names.name(address);
                self.loads.sample(self.now.wall_ms, page, whole, name);
            }
        }
    }
}
