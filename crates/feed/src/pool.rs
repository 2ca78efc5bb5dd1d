//! Which pages a cluster's pool of sockets keeps open. `/eventstream` is not among them, and must
//! never be: it has one subscriber and harms the scheduler when refused.

/// A dashboard page with a websocket.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub enum DashboardPage {
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
    /// Memory of each worker, in parts.
    WorkersMemory,
    /// Memory of the cluster, in parts.
    ClusterMemory,
    /// Tasks on each worker, and its CPU.
    Load,
    /// Seconds of work that wait on each worker.
    Occupancy,
    /// Bytes in flight to and from each worker.
    Transfers,
    /// Seconds by action since the scheduler began.
    ActionTimes,
    /// Seconds by prefix since the scheduler began.
    PrefixTimes,
    /// Bytes held by prefix.
    PrefixMemory,
    /// The scheduler's own CPU, memory, network, disk, over time.
    SchedulerSystem,
    /// The mean worker's CPU over time.
    CpuSeries,
    /// The mean worker's memory over time.
    MemorySeries,
    /// The mean worker's network over time.
    NetworkSeries,
    /// The mean worker's disk over time.
    DiskSeries,
    /// Network of each worker.
    WorkersNetwork,
    /// Disk of each worker.
    WorkersDisk,
    /// Bandwidth by type of what is sent.
    BandwidthTypes,
    /// Bandwidth from worker to worker.
    BandwidthWorkers,
    /// What makes event loops wait.
    Contention,
    /// Seconds by activity, finely.
    FineMetrics,
    /// Exceptions by kind.
    Exceptions,
    /// The scheduler's events.
    Events,
    /// Work stealing.
    Stealing,
    /// Shuffles.
    Shuffle,
    /// Bandwidth of memory, disk and network as measured.
    Hardware,
    /// Counters and digests of the scheduler.
    Counters,
    /// The graph of tasks.
    Graph,
    /// The graph of task groups.
    Groups,
    /// Tasks done by group over time.
    GroupProgress,
    /// Where workers spend their time.
    Profile,
    /// Where the scheduler does.
    ProfileServer,
    /// GPU memory and use.
    Gpu,
    /// GPU memory by RAPIDS' allocator.
    Rmm,
}

/// Path below the dashboard's address, and name, of each page in order.
const PAGES: [(&str, &str); 37] = [
    ("/individual-task-stream", "task-stream"),
    ("/tasks", "tasks"),
    ("/individual-progress", "progress"),
    ("/individual-workers", "workers"),
    ("/status", "status"),
    ("/individual-workers-memory", "workers-memory"),
    ("/individual-cluster-memory", "cluster-memory"),
    ("/individual-cpu", "load"),
    ("/individual-occupancy", "occupancy"),
    ("/individual-workers-transfer-bytes", "transfers"),
    ("/individual-aggregate-time-per-action", "action-times"),
    ("/individual-compute-time-per-key", "prefix-times"),
    ("/individual-memory-by-key", "prefix-memory"),
    ("/individual-scheduler-system", "scheduler-system"),
    ("/individual-workers-cpu-timeseries", "cpu-series"),
    ("/individual-workers-memory-timeseries", "memory-series"),
    ("/individual-workers-network-timeseries", "network-series"),
    ("/individual-workers-disk-timeseries", "disk-series"),
    ("/individual-workers-network", "workers-network"),
    ("/individual-workers-disk", "workers-disk"),
    ("/individual-bandwidth-types", "bandwidth-types"),
    ("/individual-bandwidth-workers", "bandwidth-workers"),
    ("/individual-contention", "contention"),
    ("/individual-fine-performance-metrics", "fine-metrics"),
    ("/individual-exceptions", "exceptions"),
    ("/events", "events"),
    ("/stealing", "stealing"),
    ("/shuffle", "shuffle"),
    ("/hardware", "hardware"),
    ("/counters", "counters"),
    ("/individual-graph", "graph"),
    ("/individual-groups", "groups"),
    ("/individual-group-progress", "group-progress"),
    ("/individual-profile", "profile"),
    ("/individual-profile-server", "profile-server"),
    ("/gpu", "gpu"),
    ("/individual-rmm-memory", "rmm"),
];

impl DashboardPage {
    /// All of them.
    pub const ALL: [Self; PAGES.len()] = [
        Self::TaskStream,
        Self::Tasks,
        Self::Progress,
        Self::Workers,
        Self::Status,
        Self::WorkersMemory,
        Self::ClusterMemory,
        Self::Load,
        Self::Occupancy,
        Self::Transfers,
        Self::ActionTimes,
        Self::PrefixTimes,
        Self::PrefixMemory,
        Self::SchedulerSystem,
        Self::CpuSeries,
        Self::MemorySeries,
        Self::NetworkSeries,
        Self::DiskSeries,
        Self::WorkersNetwork,
        Self::WorkersDisk,
        Self::BandwidthTypes,
        Self::BandwidthWorkers,
        Self::Contention,
        Self::FineMetrics,
        Self::Exceptions,
        Self::Events,
        Self::Stealing,
        Self::Shuffle,
        Self::Hardware,
        Self::Counters,
        Self::Graph,
        Self::Groups,
        Self::GroupProgress,
        Self::Profile,
        Self::ProfileServer,
        Self::Gpu,
        Self::Rmm,
    ];

    /// Its path below the dashboard's address, without `/ws`.
    pub fn path(self) -> &'static str {
        PAGES[self.slot()].0
    }

    /// The kind of feed, for `data-kind`.
    pub fn name(self) -> &'static str {
        PAGES[self.slot()].1
    }

    /// The version of distributed that brought it, where 2023.3.0 did not have it yet.
    pub fn since(self) -> Option<&'static str> {
        match self {
            Self::Contention => Some("2023.3.2"),
            Self::Rmm => Some("2023.4.0"),
            Self::FineMetrics => Some("2023.5.1"),
            _ => None,
        }
    }

    /// Whether all its sources are kept as they come, and not read row by row.
    pub fn is_whole(self) -> bool {
        self > Self::Status
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
/// How long a page has its turn while the scheduler is busy, ms: time for its document and some updates.
pub const TURN_MS: f64 = 8000.0;

/// A step towards what is wanted.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Step {
    /// Make a session of this page and start it.
    Open(DashboardPage),
    /// Stop this page's session and drop it.
    Close(DashboardPage),
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            wanted: [0; DashboardPage::ALL.len()],
            open: [false; DashboardPage::ALL.len()],
            idle_since: [None; DashboardPage::ALL.len()],
            sight: Sight::Untold,
            complete: false,
            busy: false,
            barred: None,
            turn: None,
        }
    }
}

/// Whether somebody looks at the tab.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Sight {
    /// Nobody has said: as if it were seen.
    Untold,
    Seen,
    /// Hidden, and was seen before.
    Hidden,
    /// Opened in the background: it misses nothing yet.
    Unseen,
}

/// The pool of one cluster: counts who wants what, says what to open and close.
#[derive(Clone, Debug)]
pub struct Pool {
    wanted: [u32; DashboardPage::ALL.len()],
    open: [bool; DashboardPage::ALL.len()],
    idle_since: [Option<f64>; DashboardPage::ALL.len()],
    sight: Sight,
    complete: bool,
    busy: bool,
    /// A page that is too much work for the scheduler unless a person has asked for it.
    barred: Option<DashboardPage>,
    /// The page that has its turn, and since when.
    turn: Option<(DashboardPage, f64)>,
}

impl Pool {
    /// Someone shows this page. Rectangles stay wanted for as long as the pool lives.
    pub fn subscribe(&mut self, page: DashboardPage) {
        self.wanted[page.slot()] = self.wanted[page.slot()].saturating_add(1);
    }

    /// No page is open any more, whoever wants it.
    pub fn close_all(&mut self) {
        self.open = [false; DashboardPage::ALL.len()];
        self.idle_since = [None; DashboardPage::ALL.len()];
        self.turn = None;
    }

    /// Someone shows it no more.
    pub fn unsubscribe(&mut self, page: DashboardPage) {
        let count = &mut self.wanted[page.slot()];
        let floor = u32::from(page.keeps_when_hidden() && *count > 0);
        *count = count.saturating_sub(1).max(floor);
    }

    /// Whether the tab is hidden.
    pub fn set_hidden(&mut self, hidden: bool) {
        self.sight = match self.sight {
            _ if !hidden => Sight::Seen,
            Sight::Untold | Sight::Unseen => Sight::Unseen,
            Sight::Seen | Sight::Hidden => Sight::Hidden,
        };
    }

    /// Whether `/tasks` may be open beside the task stream (see
    /// [`super::completeness::Completeness`]).
    pub fn set_complete(&mut self, complete: bool) {
        self.complete = complete;
    }

    /// Whether the scheduler is busy: of the pages that are read whole one is open at a time then, in
    /// turns.
    pub fn set_busy(&mut self, busy: bool) {
        self.busy = busy;
    }

    /// The page that stays closed, whoever shows it.
    pub fn set_barred(&mut self, page: Option<DashboardPage>) {
        self.barred = page;
    }

    /// Whether a page stays closed although it is shown.
    pub fn is_barred(&self, page: DashboardPage) -> bool {
        self.barred == Some(page)
    }

    /// Whether pages take turns now.
    pub fn takes_turns(&self) -> bool {
        self.turn.is_some()
    }

    /// Whose turn it is from `now_ms` on; none where each can have its own.
    fn next_turn(&self, now_ms: f64) -> Option<(DashboardPage, f64)> {
        if !self.busy || matches!(self.sight, Sight::Hidden | Sight::Unseen) {
            return None;
        }
        let wanted = |page: &DashboardPage| {
            page.is_whole() && self.wanted[page.slot()] > 0 && !self.is_barred(*page)
        };
        if DashboardPage::ALL.iter().filter(|page| wanted(page)).count() < 2 {
            return None;
        }
        let (last, since) = self.turn.unwrap_or((DashboardPage::Rmm, f64::NEG_INFINITY));
        if wanted(&last) && now_ms < since + TURN_MS {
            return Some((last, since));
        }
        let after = DashboardPage::ALL.into_iter().filter(|page| *page > last).find(wanted);
        let next = after.or_else(|| DashboardPage::ALL.into_iter().find(wanted))?;
        Some((next, now_ms))
    }

    /// Whether a page's session is open by this pool's word.
    pub fn is_open(&self, page: DashboardPage) -> bool {
        self.open[page.slot()]
    }

    fn wants(&self, page: DashboardPage) -> bool {
        let wanted = match page {
            DashboardPage::Tasks => {
                self.complete
                    && self.wanted[DashboardPage::Tasks.slot()]
                        + self.wanted[DashboardPage::TaskStream.slot()]
                        > 0
            }
            _ => self.wanted[page.slot()] > 0,
        };
        let turn = self.turn.is_none_or(|(turn, _)| turn == page || !page.is_whole());
        let open = match self.sight {
            Sight::Untold | Sight::Seen => true,
            Sight::Hidden => page.keeps_when_hidden(),
            Sight::Unseen => false,
        };
        wanted && turn && open && !self.is_barred(page)
    }

    /// The steps due now, to `out`. Returns when to ask again, if a page lingers.
    pub fn steps(&mut self, now_ms: f64, out: &mut Vec<Step>) -> Option<f64> {
        if self.sight == Sight::Untold {
            self.sight = Sight::Seen;
        }
        self.turn = self.next_turn(now_ms);
        let mut again: Option<f64> = self.turn.map(|(_, since)| since + TURN_MS);
        for page in DashboardPage::ALL {
            let slot = page.slot();
            if self.wants(page) {
                self.idle_since[slot] = None;
                if !self.open[slot] {
                    self.open[slot] = true;
                    out.push(Step::Open(page));
                }
            } else if self.open[slot] {
                let since = *self.idle_since[slot].get_or_insert(now_ms);
                // The completeness feed closes at once: somebody said no. So do those that wait.
                let waits = self.turn.is_some() && page.is_whole();
                let at_once = page == DashboardPage::Tasks || waits || self.is_barred(page);
                let until = if at_once { since } else { since + LINGER_MS };
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
        pool.subscribe(DashboardPage::Progress);
        pool.subscribe(DashboardPage::Progress);
        assert_eq!(steps(&mut pool, 0.0), [Step::Open(DashboardPage::Progress)]);
        pool.unsubscribe(DashboardPage::Progress);
        assert_eq!(steps(&mut pool, 1.0), []);
        pool.unsubscribe(DashboardPage::Progress);
        let mut out = Vec::new();
        assert_eq!(pool.steps(2.0, &mut out), Some(2.0 + LINGER_MS));
        pool.subscribe(DashboardPage::Progress);
        assert_eq!(steps(&mut pool, 20_000.0), []);
        pool.unsubscribe(DashboardPage::Progress);
        assert_eq!(steps(&mut pool, 20_000.0), []);
        assert_eq!(steps(&mut pool, 30_000.0), [Step::Close(DashboardPage::Progress)]);
    }

    #[test]
    fn barred_is_shut_at_once_and_has_no_turn() {
        let mut pool = Pool::default();
        for page in [DashboardPage::GroupProgress, DashboardPage::Workers, DashboardPage::Stealing]
        {
            pool.subscribe(page);
        }
        assert_eq!(steps(&mut pool, 0.0).len(), 3);
        pool.set_barred(Some(DashboardPage::GroupProgress));
        assert_eq!(steps(&mut pool, 1.0), [Step::Close(DashboardPage::GroupProgress)]);
        assert!(
            pool.is_barred(DashboardPage::GroupProgress)
                && !pool.is_open(DashboardPage::GroupProgress)
        );
        pool.set_busy(true);
        assert_eq!(steps(&mut pool, 2.0), [], "one that is left has no need of turns");
        assert!(!pool.takes_turns());
        pool.set_busy(false);
        pool.set_barred(None);
        assert_eq!(steps(&mut pool, 3.0), [Step::Open(DashboardPage::GroupProgress)]);
    }

    #[test]
    fn hidden_keeps_only_rectangles() {
        let mut pool = Pool::default();
        pool.set_complete(true);
        for page in [DashboardPage::TaskStream, DashboardPage::Progress, DashboardPage::Workers] {
            pool.subscribe(page);
        }
        assert_eq!(steps(&mut pool, 0.0).len(), 4);
        pool.set_hidden(true);
        steps(&mut pool, 0.0);
        let closed = steps(&mut pool, LINGER_MS);
        assert_eq!(
            closed,
            [Step::Close(DashboardPage::Progress), Step::Close(DashboardPage::Workers)]
        );
        pool.unsubscribe(DashboardPage::TaskStream);
        assert_eq!(steps(&mut pool, 1e9), [], "what it misses would be gone");
        pool.set_hidden(false);
        assert_eq!(steps(&mut pool, 1e9).len(), 2);
        pool.set_complete(false);
        assert_eq!(steps(&mut pool, 1e9), [Step::Close(DashboardPage::Tasks)]);
    }

    #[test]
    fn a_tab_in_the_background_waits_until_it_is_seen() {
        let mut pool = Pool::default();
        pool.set_hidden(true);
        pool.subscribe(DashboardPage::TaskStream);
        pool.subscribe(DashboardPage::Workers);
        assert_eq!(steps(&mut pool, 0.0), []);
        pool.set_hidden(false);
        assert_eq!(steps(&mut pool, 1.0).len(), 2);
        pool.set_hidden(true);
        steps(&mut pool, 2.0);
        assert_eq!(steps(&mut pool, 2.0 + LINGER_MS), [Step::Close(DashboardPage::Workers)]);
    }

    #[test]
    fn turns_while_the_scheduler_is_busy() {
        let mut pool = Pool::default();
        for page in [
            DashboardPage::TaskStream,
            DashboardPage::Workers,
            DashboardPage::Load,
            DashboardPage::Occupancy,
            DashboardPage::Profile,
        ] {
            pool.subscribe(page);
        }
        assert_eq!(steps(&mut pool, 0.0).len(), 5);
        pool.set_busy(true);
        let closed = steps(&mut pool, 1.0);
        assert_eq!(
            closed,
            [Step::Close(DashboardPage::Occupancy), Step::Close(DashboardPage::Profile)]
        );
        assert!(pool.takes_turns());
        let mut out = Vec::new();
        assert_eq!(pool.steps(2.0, &mut out), Some(1.0 + TURN_MS));
        assert_eq!(out, []);
        let turn = 1.0 + TURN_MS;
        let next = [Step::Close(DashboardPage::Load), Step::Open(DashboardPage::Occupancy)];
        assert_eq!(steps(&mut pool, turn), next);
        pool.unsubscribe(DashboardPage::Occupancy);
        let next = [Step::Close(DashboardPage::Occupancy), Step::Open(DashboardPage::Profile)];
        assert_eq!(steps(&mut pool, turn + 1.0), next);
        let next = [Step::Open(DashboardPage::Load), Step::Close(DashboardPage::Profile)];
        assert_eq!(steps(&mut pool, turn + 1.0 + TURN_MS), next, "round again");
        pool.set_busy(false);
        assert_eq!(steps(&mut pool, 99_000.0), [Step::Open(DashboardPage::Profile)]);
        assert!(!pool.takes_turns());
    }

    #[test]
    fn never_the_eventstream() {
        assert!(DashboardPage::ALL.iter().all(|page| !page.path().contains("eventstream")));
    }
}
