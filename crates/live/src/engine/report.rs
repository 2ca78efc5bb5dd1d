//! What the engine tells the page of its feeds and of how the work goes, in words and figures.

use std::fmt::Write;

use super::Engine;
use super::unlisted::UnlistedPrefixes;
use crate::pace::Forecast;
use base::number::fixed;
use feed::completeness::CompletenessState;
use feed::merge::Clock;
use feed::pool::DashboardPage;
use feed::session::State;

/// Whether what is shown is all there was.
#[derive(Clone, PartialEq, Debug)]
pub enum History {
    /// The complete feed is open, or not needed yet.
    Complete,
    /// It is being opened.
    Opening,
    /// A person is asked.
    Asking {
        /// What it costs, a sentence.
        cost: String,
    },
    /// The scheduler fails to send it.
    Failing {
        /// Why, and when it is asked for again.
        why: String,
    },
    /// A person said no.
    Declined,
}

/// The feeds' state in words.
#[derive(Clone, PartialEq, Debug)]
pub struct FeedStatus {
    /// For `data-state`.
    pub state: &'static str,
    /// One or two words.
    pub label: String,
    /// Why, and what to do.
    pub detail: String,
    /// Whether a person can hasten it.
    pub can_retry: bool,
}

/// Figures of the feeds.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct FeedFacts {
    /// Sessions that are wanted now.
    pub sockets: usize,
    /// Messages received.
    pub messages: u64,
    /// Bytes received.
    pub bytes: u64,
    /// Messages and bytes a second, over the last ten; none before that can be told.
    pub rates: Option<[f64; 2]>,
    /// Connections after the first.
    pub reconnects: u64,
    /// Messages that could not be read (each led to a new pull).
    pub dropped: u64,
    /// Versions of the server, if it said.
    pub versions: Option<String>,
    /// How good absolute times are, in a few words.
    pub clock: String,
}

/// What is to be said of a scheduler's feeds.
#[derive(Copy, Clone)]
pub struct FeedReport<'a>(&'a Engine);

impl Engine {
    /// What is to be said of the feeds.
    pub fn feed(&self) -> FeedReport<'_> {
        FeedReport(self)
    }

    /// How many computations of a prefix the task stream holds.
    pub fn runs_of(&self, prefix: &str) -> u64 {
        let stream = self.stream.borrow();
        stream.store().prefix_named(prefix).map_or(0, |prefix| prefix.count[0])
    }

    /// How fast tasks get done, and when the rest will be.
    pub fn forecast(&self) -> Option<Forecast> {
        if self.stopped { None } else { self.pace.forecast(self.now_ms) }
    }

    /// How fast one prefix gets done, and when the rest of it will be.
    pub fn forecast_of(&self, prefix: &str) -> Option<Forecast> {
        if self.stopped { None } else { self.paces.forecast(prefix, self.now_ms) }
    }

    /// Prefixes that Dask's page of progress does not list.
    pub fn unlisted(&self) -> &UnlistedPrefixes {
        &self.unlisted
    }

    /// How often the worker table has come.
    pub fn worker_tables(&self) -> u64 {
        self.names.tables()
    }
}

impl FeedReport<'_> {
    /// The worst of the sockets, in words.
    pub fn status(&self) -> FeedStatus {
        if self.0.stopped {
            return FeedStatus {
                state: "failed",
                label: "Ended".into(),
                detail: "This scheduler is gone; what was seen of it stays here until the page is closed.".into(),
                can_retry: false,
            };
        }
        let worst = self.0.feeds.worst();
        let (label, mut detail) = match worst {
            State::Off | State::Absent | State::Connecting => {
                ("Connecting".into(), "Opening the dashboard's sockets.".into())
            }
            State::Live => {
                ("Live".into(), "Task stream, progress and workers are open and answer.".into())
            }
            State::Stale { since_ms } => (
                format!("No answer for {} s", ((self.0.now_ms - since_ms) / 1000.0) as u64),
                "The scheduler does not answer: it may be busy, or the way to it broken. \
                 What is shown may be old."
                    .to_string(),
            ),
            State::Retrying { reason, .. } => (
                format!("Again in {} s", worst.seconds_left(self.0.now_ms).unwrap_or(0)),
                reason.clone(),
            ),
            State::Failed { reason, advice } => {
                ("Failed".into(), format!("{}. {advice}", upper(reason)))
            }
        };
        if let (Some(refused), State::Retrying { .. } | State::Failed { .. }) =
            (&self.0.refused, worst)
        {
            let stop = if detail.ends_with('.') { "" } else { "." };
            let _ = write!(detail, "{stop} The browser says: {refused}");
        }
        FeedStatus {
            state: if matches!(worst, State::Off) { "connecting" } else { worst.name() },
            label,
            detail,
            can_retry: matches!(worst, State::Retrying { .. } | State::Failed { .. }),
        }
    }

    /// Why a page has said nothing that could be shown, a sentence; none while its first word may still
    /// come.
    pub fn why_nothing(&self, page: DashboardPage) -> Option<String> {
        let feed = self.0.feeds.of(page)?;
        let path = page.path();
        Some(match feed.session.state() {
            State::Absent => match page.since() {
                Some(version) => format!(
                    "This scheduler does not offer this: its dashboard has no page {path}, which came with \
                     distributed {version}."
                ),
                None => {
                    format!("This scheduler does not offer this: its dashboard has no page {path}.")
                }
            },
            State::Failed { reason, advice } => format!("{} ({path}). {advice}", upper(reason)),
            state @ State::Retrying { reason, .. } => {
                let secs = state.seconds_left(self.0.now_ms).unwrap_or(0);
                format!("{} ({path}). It is asked for again in {secs} s.", upper(reason))
            }
            _ => return None,
        })
    }

    /// Why what a page said last is of the past, a sentence, while the rest of the view is live; none where
    /// it is not, or where nothing has come of it.
    pub fn why_old(&self, page: DashboardPage) -> Option<String> {
        let well = matches!(self.0.feeds.worst(), State::Live | State::Connecting);
        self.0.snapshot().open_whole(page).filter(|_| well)?;
        let feed = self.0.feeds.of(page)?;
        match feed.session.state() {
            State::Retrying { .. } | State::Failed { .. } | State::Absent => {
                let why = self.why_nothing(page).unwrap_or_default();
                Some(format!("What is shown is old. {why}"))
            }
            State::Stale { since_ms } => Some(format!(
                "What is shown is old: the scheduler has said nothing of this page for {} s.",
                ((self.0.now_ms - since_ms) / 1000.0) as u64
            )),
            _ => None,
        }
    }

    /// Whether no word has come from the scheduler although it was tried so many times.
    pub fn is_silent(&self, attempts: u32) -> bool {
        (matches!(self.0.feeds.worst(), State::Failed { .. })
            || self.0.feeds.iter().any(|feed| feed.session.attempts() >= attempts))
            && self.0.feeds.iter().all(|feed| feed.session.counters().messages == 0)
    }

    /// Figures of the feeds.
    pub fn facts(&self) -> FeedFacts {
        let mut facts = FeedFacts {
            sockets: self
                .0
                .feeds
                .iter()
                .filter(|feed| feed.wanted && feed.session.state().is_open())
                .count(),
            rates: self.0.rates(),
            ..FeedFacts::default()
        };
        for feed in self.0.feeds.iter() {
            let n = feed.session.counters();
            facts.messages += n.messages;
            facts.bytes += n.bytes;
            facts.reconnects += n.reconnects;
            facts.dropped += n.dropped;
            if !feed.session.bokeh_version().is_empty() {
                facts.versions = Some(format!("Bokeh {}", feed.session.bokeh_version()));
            }
        }
        facts.clock = clock(self.0).into();
        facts
    }

    /// Whether tasks are shown whose time nothing tells: a history, before the first task since has
    /// ended.
    pub fn is_timeless(&self) -> bool {
        self.0.last_timebase.is_some_and(|timebase| self.0.merge.clock(timebase) == Clock::Bound)
    }

    /// Whether what is shown is all there was.
    pub fn history(&self) -> History {
        match self.0.completeness.state() {
            CompletenessState::Unknown => History::Complete,
            CompletenessState::Open => {
                let feed = self.0.feeds.of(DashboardPage::Tasks);
                match feed.map(|feed| feed.session.state()) {
                    Some(State::Live) => History::Complete,
                    Some(State::Retrying { .. } | State::Failed { .. }) => {
                        let why = self.why_nothing(DashboardPage::Tasks).unwrap_or_default();
                        History::Failing { why }
                    }
                    _ => History::Opening,
                }
            }
            CompletenessState::Declined => History::Declined,
            CompletenessState::Asking => {
                let cost = self.0.completeness.cost();
                History::Asking {
                    cost: format!(
                        "Reading all of it once makes the scheduler stand still: up to {} s when \
                         it is quiet, {} s when it is busy.",
                        fixed(cost.quiet_s, 1),
                        fixed(cost.busy_s, 0)
                    ),
                }
            }
        }
    }

    /// Whether the scheduler is so busy that panes take turns.
    pub fn takes_turns(&self) -> bool {
        self.0.pool.takes_turns()
    }

    /// What is still going on, for `idle()`.
    pub fn busy(&self) -> Option<String> {
        if self.0.stopped {
            return None;
        }
        if let Some(page) = self.0.line.first() {
            return Some(format!("the {} feed waits to be opened", page.name()));
        }
        // The page of a pane may fail for ever.
        let feed = self.0.feeds.iter().find(|feed| match feed.session.state() {
            State::Connecting => true,
            State::Retrying { .. } => !feed.page.is_whole(),
            _ => false,
        })?;
        Some(format!("the {} feed is {}", feed.page.name(), feed.session.state().name()))
    }
}

/// How good absolute times are, in a few words.
fn clock(engine: &Engine) -> &'static str {
    let Some(timebase) = engine.last_timebase else { return "no times yet" };
    match engine.merge.clock(timebase) {
        Clock::Estimate if engine.merge.stats().dated_anew > 0 => {
            "times estimated from arrival, within about 0.2 s; this computer's clock was set \
             meanwhile, and earlier tasks keep the times it told then"
        }
        Clock::Estimate => "times estimated from arrival, within about 0.2 s",
        Clock::Moved => {
            "this computer slept or its clock was set: times of new tasks are known when the \
             next one ends"
        }
        Clock::Bound => "times unknown until a task ends: history shown as if it ended now",
    }
}

/// The same words at the beginning of a sentence.
fn upper(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
