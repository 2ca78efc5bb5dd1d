//! A last look at the history once the work has ended: it shows what running sessions are never sent,
//! like a long task that was under way when they began. Only while that is cheap, and only when there
//! was work since the last look.

use super::{Changed, Engine, Output};
use feed::pool::DashboardPage;
use feed::session::Event;
use feed::tasks::Origin;

/// Quiet after the last new row before the history is looked over, ms: longer than `/tasks` waits.
const AUDIT_MS: f64 = 7000.0;

/// What the look waits for.
#[derive(Copy, Clone, Debug, Default)]
pub(super) struct Audit {
    at_ms: Option<f64>,
    /// Whether there was work since the history was last read.
    worked: bool,
    /// Whether tasks are at work, as far as the page of progress or `/metrics` has said.
    at_work: bool,
}

impl Audit {
    /// New rows have come.
    pub fn note_rows(&mut self, now_ms: f64, origin: Origin) {
        self.worked |= origin == Origin::Live;
        self.at_ms = Some(now_ms + AUDIT_MS);
    }

    /// The whole history was read just now.
    pub fn note_read(&mut self) {
        self.worked = self.at_work;
    }

    /// Whether tasks are at work now.
    pub fn note_work(&mut self, at_work: bool) {
        self.at_work = at_work;
        self.worked |= at_work;
    }

    /// Nothing tells any more whether tasks are at work.
    pub fn forget_work(&mut self) {
        self.at_work = false;
    }

    /// When to look.
    pub fn wake_ms(self) -> Option<f64> {
        self.at_ms
    }

    /// Somebody looks again: what was due meanwhile is made up for, not at once.
    pub fn make_up(&mut self, now_ms: f64) {
        if self.at_ms.is_some_and(|at| at <= now_ms) {
            self.at_ms = Some(now_ms + AUDIT_MS);
        }
    }

    /// Nobody looks any more.
    pub fn stop(&mut self) {
        self.at_ms = None;
    }
}

impl Engine {
    /// Looks where that is due.
    pub(super) fn audit(&mut self, out: &mut Vec<Output>, changed: &mut Changed) {
        // No new socket is opened to a scheduler at which nobody looks.
        if self.shown == 0 || self.audit.at_ms.is_none_or(|at| at > self.now_ms) {
            return;
        }
        let at_work = self.audit.at_work;
        // Without the page of progress only `/metrics` tell when the work ends.
        self.count_due |= at_work && !self.pool.is_open(DashboardPage::Progress);
        self.audit.at_ms = at_work.then_some(self.now_ms + AUDIT_MS);
        if !at_work && self.audit.worked && self.completeness.may_audit() {
            self.audit.worked = false;
            self.event(DashboardPage::Tasks, Event::Refresh, out, changed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_is_read_again_only_after_work() {
        let mut audit = Audit::default();
        audit.note_rows(1000.0, Origin::History);
        audit.note_read();
        assert_eq!((audit.wake_ms(), audit.worked), (Some(8000.0), false), "all of it is known");
        audit.note_rows(2000.0, Origin::Live);
        assert!(audit.worked, "what has come since may not be all that ended");
        audit.note_read();
        assert!(!audit.worked);
        // A task is at work while the history is read: its end may never be told.
        audit.note_work(true);
        audit.note_read();
        audit.note_work(false);
        assert!(audit.worked);
        audit.note_read();
        assert!(!audit.worked);
    }
}
