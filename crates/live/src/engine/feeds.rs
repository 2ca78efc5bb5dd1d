//! The sessions of one scheduler's pages, and what they say together.

use super::NEEDED;
use feed::pool::DashboardPage;
use feed::session::{Config, Session, State};

/// A page's session.
pub(super) struct Feed {
    pub(super) page: DashboardPage,
    pub(super) session: Session,
    /// Whether the page is wanted now.
    pub(super) wanted: bool,
    /// When the session wants to be called, ms.
    pub(super) wake_ms: Option<f64>,
    /// When its newest document came, and when the connection was lost since, ms.
    pub(super) came_ms: f64,
    pub(super) lost_ms: Option<f64>,
}

impl Feed {
    pub(super) fn state(&self) -> &State {
        self.session.state()
    }

    pub(super) fn is_live(&self) -> bool {
        matches!(self.state(), State::Live)
    }

    /// Whether the connection stands, though the scheduler may not answer.
    pub(super) fn stands(&self) -> bool {
        matches!(self.state(), State::Live | State::Stale { .. })
    }

    /// Whether it was tried so often, and never said a word.
    fn never_opened(&self, times: u32) -> bool {
        self.session.shut() >= times && self.session.counters().messages == 0
    }
}

/// All sessions. A page that is no longer wanted keeps its session: its counts go on.
#[derive(Default)]
pub(super) struct Feeds(Vec<Feed>);

impl Feeds {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Feed> {
        self.0.iter()
    }

    /// The session of a page, if the page was ever wanted.
    pub(super) fn of(&self, page: DashboardPage) -> Option<&Feed> {
        self.0.iter().find(|feed| feed.page == page)
    }

    /// As [`Self::of`], to change.
    pub(super) fn of_mut(&mut self, page: DashboardPage) -> Option<&mut Feed> {
        self.0.iter_mut().find(|feed| feed.page == page)
    }

    /// Whether a page is open and answers.
    pub(super) fn is_live(&self, page: DashboardPage) -> bool {
        self.of(page).is_some_and(Feed::is_live)
    }

    /// Whether a page's connection stands, though the scheduler may not answer.
    pub(super) fn stands(&self, page: DashboardPage) -> bool {
        self.of(page).is_some_and(Feed::stands)
    }

    /// A page is wanted, or no longer. Says whether that is news.
    pub(super) fn want(&mut self, page: DashboardPage, wanted: bool, seed: u64) -> bool {
        if let Some(feed) = self.of_mut(page) {
            return std::mem::replace(&mut feed.wanted, wanted) != wanted;
        }
        if wanted {
            let session = Session::new(page, seed ^ ((page as u64 + 1) << 48), Config::default());
            let (wake_ms, came_ms, lost_ms) = (None, 0.0, None);
            self.0.push(Feed { page, session, wanted, wake_ms, came_ms, lost_ms });
        }
        wanted
    }

    /// The worst state of what the whole view needs. How the page of one pane does is that pane's affair.
    pub(super) fn worst(&self) -> &State {
        const OFF: &State = &State::Off;
        self.0
            .iter()
            .filter(|feed| NEEDED.contains(&feed.page))
            // Of those that do as badly, the task stream knows best why.
            .max_by_key(|feed| (feed.state().severity(), feed.page == DashboardPage::TaskStream))
            .map_or(OFF, Feed::state)
    }

    /// Whether seconds to a next attempt are on screen.
    pub(super) fn counts_down(&self) -> bool {
        self.0.iter().any(|feed| matches!(feed.state(), State::Retrying { .. }))
    }

    /// Whether this scheduler does not have a page: it never opens, and others do.
    pub(super) fn lacks(&self, page: DashboardPage) -> bool {
        page.is_whole()
            && self.of(page).is_some_and(|feed| feed.never_opened(3))
            && self.0.iter().any(Feed::is_live)
    }

    /// Messages and bytes received.
    pub(super) fn received(&self) -> [u64; 2] {
        self.0.iter().fold([0, 0], |[messages, bytes], feed| {
            let n = feed.session.counters();
            [messages + n.messages, bytes + n.bytes]
        })
    }

    /// When the first of the sessions wants to be called, ms.
    pub(super) fn wake_ms(&self) -> Option<f64> {
        self.0.iter().filter_map(|feed| feed.wake_ms).reduce(f64::min)
    }

    /// Whether a page's session wanted to be called by now; it is asked once.
    pub(super) fn take_due(&mut self, page: DashboardPage, now_ms: f64) -> bool {
        let wake = self.of_mut(page).map(|feed| &mut feed.wake_ms);
        wake.and_then(|wake| wake.take_if(|at| *at <= now_ms)).is_some()
    }
}
