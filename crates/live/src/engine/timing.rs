//! When the engine does something by itself: what is due now, and when it wants to be called again.

use super::{Changed, Engine, Output};
use feed::pool::DashboardPage;
use feed::session::{Event, State};

impl Engine {
    #[inline(never)]
    pub(super) fn tick(&mut self, out: &mut Vec<Output>, changed: &mut Changed) {
        for page in DashboardPage::ALL {
            if self.feeds.take_due(page, self.now_ms) {
                self.event(page, Event::Tick, out, changed);
                changed.tables = true;
            }
        }
        self.audit(out, changed);
        // One may have waited to be closed, and nothing more comes.
        changed.stream |= self.mark_gaps();
        // Rates and a countdown are on screen.
        changed.tables |= self.rates().is_some_and(|[messages, _]| messages > 0.0);
        changed.tables |=
            matches!(self.feeds.worst(), State::Stale { .. }) || self.feeds.counts_down();
    }

    pub(super) fn next_wake(&self) -> Option<f64> {
        let counting = self.feeds.counts_down();
        let mut next = f64::INFINITY;
        let mut note = |at: Option<f64>| next = next.min(at.unwrap_or(f64::INFINITY));
        note(self.pool_wake_ms);
        note(self.audit.wake_ms().filter(|_| self.shown > 0));
        note(self.line.wake_ms());
        note(self.gauges_wake());
        note(self.doubt_wake());
        note(counting.then_some(self.now_ms + 1000.0));
        note(self.feeds.wake_ms());
        next.is_finite().then_some(next)
    }
}
