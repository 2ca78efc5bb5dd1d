//! Which pages a cluster's pool of sockets keeps open. `/eventstream` is not among them, and must
//! never be: it has one subscriber and harms the scheduler when refused.

/// A dashboard page with a websocket.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub enum Page {
    /// The last 1000 rectangles, every 100 ms: fresh, but rows can be missing.
    TaskStream,
    /// The last 100 000 rectangles, every 5 s: complete.
    Tasks,
    /// Progress per prefix.
    Progress,
    /// The worker table.
    Workers,
    /// Dask's own front page: task stream and progress in one, the dearest for the scheduler.
    Status,
}

impl Page {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::TaskStream, Self::Tasks, Self::Progress, Self::Workers, Self::Status];

    /// Its path below the dashboard's address, without `/ws`.
    pub fn path(self) -> &'static str {
        match self {
            Self::TaskStream => "/individual-task-stream",
            Self::Tasks => "/tasks",
            Self::Progress => "/individual-progress",
            Self::Workers => "/individual-workers",
            Self::Status => "/status",
        }
    }

    /// The kind of feed, for `data-kind`.
    pub fn name(self) -> &'static str {
        match self {
            Self::TaskStream => "task-stream",
            Self::Tasks => "tasks",
            Self::Progress => "progress",
            Self::Workers => "workers",
            Self::Status => "status",
        }
    }

    /// How many rectangles the server keeps by default; its stream says so when it differs.
    pub fn rollover(self) -> usize {
        if self == Self::Tasks { 100_000 } else { 1000 }
    }

    /// How long a finished rectangle may wait on the server before it is sent, ms.
    pub fn period_ms(self) -> f64 {
        if self == Self::Tasks { 5000.0 } else { 100.0 }
    }

    /// Whether it must stay open while nobody looks, because what it misses is gone.
    pub fn keeps_when_hidden(self) -> bool {
        matches!(self, Self::TaskStream | Self::Tasks)
    }

    fn slot(self) -> usize {
        self as usize
    }
}

/// How long a page stays open after nobody wants it, ms: opening costs the scheduler a document,
/// so a switch of tabs there and back should not.
pub const LINGER_MS: f64 = 8000.0;

/// A step towards what is wanted.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Step {
    /// Make a session of this page and start it.
    Open(Page),
    /// Stop this page's session and drop it.
    Close(Page),
}

/// The pool of one cluster: counts who wants what, says what to open and close.
#[derive(Clone, Default, Debug)]
pub struct Pool {
    wanted: [u32; Page::ALL.len()],
    open: [bool; Page::ALL.len()],
    idle_since: [Option<f64>; Page::ALL.len()],
    hidden: bool,
    complete: bool,
}

impl Pool {
    /// Someone shows this page. Rectangles stay wanted for as long as the pool lives.
    pub fn subscribe(&mut self, page: Page) {
        self.wanted[page.slot()] = self.wanted[page.slot()].saturating_add(1);
    }

    /// Someone shows it no more.
    pub fn unsubscribe(&mut self, page: Page) {
        let count = &mut self.wanted[page.slot()];
        let floor = u32::from(page.keeps_when_hidden() && *count > 0);
        *count = count.saturating_sub(1).max(floor);
    }

    /// Whether the tab is hidden.
    pub fn set_hidden(&mut self, hidden: bool) {
        self.hidden = hidden;
    }

    /// Whether `/tasks` may be open beside the task stream (see
    /// [`super::completeness::Completeness`]).
    pub fn set_complete(&mut self, complete: bool) {
        self.complete = complete;
    }

    /// Whether a page's session is open by this pool's word.
    pub fn is_open(&self, page: Page) -> bool {
        self.open[page.slot()]
    }

    fn wants(&self, page: Page) -> bool {
        let wanted = match page {
            Page::Tasks => {
                self.complete
                    && self.wanted[Page::Tasks.slot()] + self.wanted[Page::TaskStream.slot()] > 0
            }
            _ => self.wanted[page.slot()] > 0,
        };
        wanted && (!self.hidden || page.keeps_when_hidden())
    }

    /// The steps due now, to `out`. Returns when to ask again, if a page lingers.
    pub fn steps(&mut self, now_ms: f64, out: &mut Vec<Step>) -> Option<f64> {
        let mut again: Option<f64> = None;
        for page in Page::ALL {
            let slot = page.slot();
            if self.wants(page) {
                self.idle_since[slot] = None;
                if !self.open[slot] {
                    self.open[slot] = true;
                    out.push(Step::Open(page));
                }
            } else if self.open[slot] {
                let since = *self.idle_since[slot].get_or_insert(now_ms);
                // The completeness feed closes at once: somebody said no.
                let until = if page == Page::Tasks { since } else { since + LINGER_MS };
                if now_ms >= until {
                    self.open[slot] = false;
                    self.idle_since[slot] = None;
                    out.push(Step::Close(page));
                } else {
                    again = Some(again.map_or(until, |other| other.min(until)));
                }
            }
        }
        again
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(pool: &mut Pool, now_ms: f64) -> Vec<Step> {
        let mut out = Vec::new();
        pool.steps(now_ms, &mut out);
        out
    }

    #[test]
    fn shared_and_lingering() {
        let mut pool = Pool::default();
        pool.subscribe(Page::Progress);
        pool.subscribe(Page::Progress);
        assert_eq!(steps(&mut pool, 0.0), [Step::Open(Page::Progress)]);
        pool.unsubscribe(Page::Progress);
        assert_eq!(steps(&mut pool, 1.0), []);
        pool.unsubscribe(Page::Progress);
        let mut out = Vec::new();
        assert_eq!(pool.steps(2.0, &mut out), Some(2.0 + LINGER_MS));
        pool.subscribe(Page::Progress);
        assert_eq!(steps(&mut pool, 20_000.0), []);
        pool.unsubscribe(Page::Progress);
        assert_eq!(steps(&mut pool, 20_000.0), []);
        assert_eq!(steps(&mut pool, 30_000.0), [Step::Close(Page::Progress)]);
    }

    #[test]
    fn hidden_keeps_only_rectangles() {
        let mut pool = Pool::default();
        pool.set_complete(true);
        for page in [Page::TaskStream, Page::Progress, Page::Workers] {
            pool.subscribe(page);
        }
        assert_eq!(steps(&mut pool, 0.0).len(), 4);
        pool.set_hidden(true);
        steps(&mut pool, 0.0);
        let closed = steps(&mut pool, LINGER_MS);
        assert_eq!(closed, [Step::Close(Page::Progress), Step::Close(Page::Workers)]);
        pool.unsubscribe(Page::TaskStream);
        assert_eq!(steps(&mut pool, 1e9), [], "what it misses would be gone");
        pool.set_hidden(false);
        assert_eq!(steps(&mut pool, 1e9).len(), 2);
        pool.set_complete(false);
        assert_eq!(steps(&mut pool, 1e9), [Step::Close(Page::Tasks)]);
    }

    #[test]
    fn never_the_eventstream() {
        assert!(Page::ALL.iter().all(|page| !page.path().contains("eventstream")));
    }
}
