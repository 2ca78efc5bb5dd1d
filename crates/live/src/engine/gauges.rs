//! What the engine measures beside its feeds: what they cost, how busy the scheduler's event loop is, figures of
//! what the task stream holds; and Dask's info pages, which are asked for one by one.

use super::{Changed, Engine, Input, NEEDED, Output};
use crate::exceptions::FailureTimes;
use crate::held::StoreSummarizer;
use crate::hysteresis::HysteresisGauge;
use crate::info::Info;
use crate::loads;
use crate::rate::Meter;
use crate::snapshot::Snapshot;
use feed::plots;
use feed::pool::DashboardPage;

/// Mean time for a turn of the scheduler's event loop above which it is the bottleneck, and below which
/// it is no more, seconds. Dask turns it every 20 ms when nothing holds it up.
pub const TURN_S: [f64; 2] = [0.2, 0.15];
/// Least time between two samples of the scheduler's event loop, ms.
const TURN_MS: f64 = 400.0;
/// How often the rates are said while nothing else happens, ms.
const RATE_MS: f64 = 2_000.0;

#[derive(Default)]
pub(super) struct Gauges {
    info: Info,
    pub(super) failed: FailureTimes,
    meter: Meter,
    /// How long the scheduler's event loop takes for a turn, and when that was sampled last.
    turn: HysteresisGauge,
    turned_ms: f64,
    hidden: bool,
    tally: StoreSummarizer,
}

impl Gauges {
    /// What was found out of a scheduler says nothing of another one.
    pub(super) fn begin_run(&mut self) {
        self.failed = FailureTimes::default();
        self.turn = HysteresisGauge::default();
    }
}

impl Engine {
    /// What panes and advice read.
    pub fn snapshot(&self) -> Snapshot<'_> {
        Snapshot {
            now_ms: self.now_ms,
            pages: &self.pages,
            pool: &self.pool,
            workers: self.workers.as_ref(),
            names: &self.names,
            trail: &self.trail,
            loads: &self.loads,
            progress: &self.progress,
            failed: &self.gauges.failed,
            held: self.gauges.tally.sums(),
            turn: self.gauges.turn,
            info: &self.gauges.info,
            is_current: self.is_current(),
            is_hidden: self.gauges.hidden,
        }
    }

    /// Takes the inputs that are no feed's.
    pub(super) fn take_other(&mut self, input: Input<'_>, changed: &mut Changed) {
        let now_ms = self.now_ms;
        match input {
            Input::Info(ask) => {
                self.gauges.info.ask(now_ms, ask);
                changed.tables = true;
            }
            Input::InfoAnswer { ticket, status, body } => {
                self.gauges.info.answer(now_ms, ticket, status, &body);
                changed.tables = true;
            }
            Input::Hidden(hidden) => {
                self.gauges.hidden = hidden;
                self.gauges.info.set_hidden(hidden);
            }
            _ => {}
        }
    }

    /// Does what is due.
    pub(super) fn attend(&mut self, out: &mut Vec<Output>, changed: &mut Changed) {
        if self.stopped {
            return;
        }
        self.gauges.info.due(self.now_ms, &mut |ticket, path| {
            out.push(Output::FetchInfo { ticket, path });
        });
        let tallied = self.is_tallied();
        let stream = self.stream.borrow();
        changed.tables |= self.gauges.tally.turn(self.now_ms, tallied, stream.store());
        drop(stream);
        let counts = self.feeds.received();
        self.gauges.meter.note(self.now_ms, counts);
        self.sample_turn();
    }

    /// Whether what is known is of now, and seen: of figures that are old nothing can be advised.
    fn is_current(&self) -> bool {
        !self.stopped
            && !self.gauges.hidden
            && self.workers.is_some()
            && NEEDED
                .iter()
                .filter(|page| **page != DashboardPage::TaskStream)
                .all(|page| self.feeds.is_live(*page))
    }

    /// When something of it is due, ms since the epoch.
    pub(super) fn gauges_wake(&self) -> Option<f64> {
        let told = self.rates().is_some_and(|[messages, _]| messages > 0.0) && !self.gauges.hidden;
        let rate = told.then_some(self.now_ms + RATE_MS);
        let tallied = self.is_tallied().then(|| self.stream.borrow());
        let tally = tallied.and_then(|stream| self.gauges.tally.wake_ms(stream.store()));
        let all = [rate, tally, self.gauges.info.wake_ms()];
        all.into_iter().flatten().filter(|_| !self.stopped).reduce(f64::min)
    }

    /// Whether a pane that shows figures of what is held is there.
    fn is_tallied(&self) -> bool {
        let mut pages = [DashboardPage::ActionTimes, DashboardPage::PrefixTimes].into_iter();
        !self.gauges.hidden && pages.any(|page| self.pool.is_open(page))
    }

    /// Messages and bytes a second, over the last seconds.
    pub(super) fn rates(&self) -> Option<[f64; 2]> {
        self.gauges.meter.rates(self.now_ms, self.feeds.received())
    }

    /// Samples how long the scheduler's event loop takes for a turn, while a pane has the page open.
    fn sample_turn(&mut self) {
        if !self.pool.is_open(DashboardPage::Contention) {
            self.gauges.turn = HysteresisGauge::default();
            return;
        }
        // What has not changed is not sent again, and still is so.
        if self.now_ms < self.gauges.turned_ms + TURN_MS {
            return;
        }
        let turn = self.snapshot().whole(DashboardPage::Contention).and_then(|whole| {
            let rows = plots::named(DashboardPage::Contention, whole)?;
            let own =
                rows.iter().find(|row| row.name.first().is_some_and(|name| name == "Scheduler"));
            own.and_then(|row| row.amounts.first().copied())
        });
        if let Some(turn) = turn {
            self.gauges.turned_ms = self.now_ms;
            self.gauges.turn.note(self.now_ms, turn, TURN_S);
        }
    }

    /// Dask's info pages, as far as they were asked for.
    pub fn info(&self) -> &Info {
        &self.gauges.info
    }

    /// Samples what each worker has to do. A page that is open and silent has not changed.
    pub(super) fn sample_loads(&mut self) {
        for page in loads::PAGES {
            let live = self.feeds.of(page).is_some_and(|feed| feed.wanted && feed.is_live());
            let whole = self.pages.iter().find(|(known, _)| live && *known == page);
            if let (Some((_, whole)), true) = (whole, self.workers.is_some()) {
                let name = |address: &str| self.names.name(address);
                self.loads.sample(self.now.wall_ms, page, whole, name);
            }
        }
    }
}
