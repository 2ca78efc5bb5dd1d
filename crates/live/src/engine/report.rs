//! What the engine tells the page: states in words, tables, and the embedding interface's answers.

use std::fmt::Write;

use super::Engine;
use crate::host::{TaskQuery, ViewRequest};
use crate::pace::Forecast;
use base::json;
use base::number::{fixed, plain};
use base::time::Micros;
use feed::completeness::CompletenessState;
use feed::merge::Clock;
use feed::metrics::Runs;
use feed::pool::DashboardPage;
use feed::session::State;
use stream::Phase;

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

impl Engine {
    /// The worst of the sockets, in words.
    pub fn feed_status(&self) -> FeedStatus {
        if self.stopped {
            return FeedStatus {
                state: "failed",
                label: "Ended".into(),
                detail: "This scheduler is gone; what was seen of it stays here until the page is closed.".into(),
                can_retry: false,
            };
        }
        let worst = self.worst();
        let (label, mut detail) = match worst {
            State::Off | State::Absent | State::Connecting => {
                ("Connecting".into(), "Opening the dashboard's sockets.".into())
            }
            State::Live => {
                ("Live".into(), "Task stream, progress and workers are open and answer.".into())
            }
            State::Stale { since_ms } => (
                format!("No answer for {} s", ((self.now_ms - since_ms) / 1000.0) as u64),
                "The scheduler does not answer: it may be busy, or the way to it broken. \
                 What is shown may be old."
                    .to_string(),
            ),
            State::Retrying { reason, .. } => (
                format!("Again in {} s", worst.seconds_left(self.now_ms).unwrap_or(0)),
                reason.clone(),
            ),
            State::Failed { reason, advice } => {
                ("Failed".into(), format!("{}. {advice}", upper(reason)))
            }
        };
        if let (Some(refused), State::Retrying { .. } | State::Failed { .. }) =
            (&self.refused, worst)
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
        let feed = self.feeds.iter().find(|feed| feed.page == page)?;
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
                let secs = state.seconds_left(self.now_ms).unwrap_or(0);
                format!("{} ({path}). It is asked for again in {secs} s.", upper(reason))
            }
            _ => return None,
        })
    }

    /// Why what a page said last is of the past, a sentence, while the rest of the view is live; none where
    /// it is not, or where nothing has come of it.
    pub fn why_old(&self, page: DashboardPage) -> Option<String> {
        let well = matches!(self.worst(), State::Live | State::Connecting);
        self.snapshot().open_whole(page).filter(|_| well)?;
        let feed = self.feeds.iter().find(|feed| feed.page == page)?;
        match feed.session.state() {
            State::Retrying { .. } | State::Failed { .. } | State::Absent => {
                let why = self.why_nothing(page).unwrap_or_default();
                Some(format!("What is shown is old. {why}"))
            }
            State::Stale { since_ms } => Some(format!(
                "What is shown is old: the scheduler has said nothing of this page for {} s.",
                ((self.now_ms - since_ms) / 1000.0) as u64
            )),
            _ => None,
        }
    }

    /// Whether no word has come from the scheduler although it was tried so many times.
    pub fn is_silent(&self, attempts: u32) -> bool {
        (matches!(self.worst(), State::Failed { .. })
            || self.feeds.iter().any(|feed| feed.session.attempts() >= attempts))
            && self.feeds.iter().all(|feed| feed.session.counters().messages == 0)
    }

    /// Figures of the feeds.
    pub fn feed_facts(&self) -> FeedFacts {
        let mut facts = FeedFacts {
            sockets: self
                .feeds
                .iter()
                .filter(|feed| feed.wanted && feed.session.state().is_open())
                .count(),
            rates: self.rates(),
            ..FeedFacts::default()
        };
        for feed in &self.feeds {
            let n = feed.session.counters();
            facts.messages += n.messages;
            facts.bytes += n.bytes;
            facts.reconnects += n.reconnects;
            facts.dropped += n.dropped;
            if !feed.session.bokeh_version().is_empty() {
                facts.versions = Some(format!("Bokeh {}", feed.session.bokeh_version()));
            }
        }
        facts.clock = self.clock().into();
        facts
    }

    /// How good absolute times are, in a few words.
    fn clock(&self) -> &'static str {
        let Some(timebase) = self.last_timebase else { return "no times yet" };
        match self.merge.clock(timebase) {
            Clock::Estimate if self.merge.stats().dated_anew > 0 => {
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

    /// Whether tasks are shown whose time nothing tells: a history, before the first task since has
    /// ended.
    pub fn is_timeless(&self) -> bool {
        self.last_timebase.is_some_and(|timebase| self.merge.clock(timebase) == Clock::Bound)
    }

    /// Whether what is shown is all there was.
    pub fn history(&self) -> History {
        match self.completeness.state() {
            CompletenessState::Unknown => History::Complete,
            CompletenessState::Open => {
                let feed = self.feeds.iter().find(|feed| feed.page == DashboardPage::Tasks);
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
                let cost = self.completeness.cost();
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

    /// Whether the scheduler's `/metrics`, which count each prefix, could not be read.
    pub fn is_beyond_unread(&self) -> bool {
        self.unlisted.is_unread()
    }

    /// Prefixes beyond those that Dask lists: how often their tasks have ended, since the scheduler
    /// began, and how many a second of late.
    pub fn progress_beyond(&self) -> &[(Runs, Option<f64>)] {
        self.unlisted.runs()
    }

    /// Whether the scheduler is so busy that panes take turns.
    pub fn takes_turns(&self) -> bool {
        self.pool.takes_turns()
    }

    /// How often the worker table has come.
    pub fn worker_tables(&self) -> u64 {
        self.names.tables()
    }

    /// What is still going on, for `idle()`.
    pub fn busy(&self) -> Option<String> {
        if self.stopped {
            return None;
        }
        if let Some(page) = self.line.first() {
            return Some(format!("the {} feed waits to be opened", page.name()));
        }
        // The page of a pane may fail for ever.
        let feed = self.feeds.iter().find(|feed| match feed.session.state() {
            State::Connecting => true,
            State::Retrying { .. } => !feed.page.is_whole(),
            _ => false,
        })?;
        Some(format!("the {} feed is {}", feed.page.name(), feed.session.state().name()))
    }

    /// `daskscope.stats()`.
    pub fn stats_json(&self) -> String {
        let stream = self.stream.borrow();
        let (store, frames) = (stream.store(), stream.frames().stats());
        let facts = self.feed_facts();
        let mut out = String::from("{");
        push_numbers(
            &mut out,
            &[
                ("tasks", store.rows() as f64),
                ("dropped", store.dropped() as f64),
                ("folded", store.folded() as f64),
                ("backward", self.merge.stats().backward as f64),
                ("lanes", store.lanes().len() as f64),
                ("prefixes", store.prefix_count() as f64),
                ("tracks", store.most_tracks() as f64),
                ("memory_bytes", store.memory_bytes() as f64),
            ],
        );
        out.push_str(",\"feed\":{\"kind\":\"bokeh\",\"state\":");
        json::quote(self.feed_status().state, &mut out);
        out.push_str(",\"clock\":");
        json::quote(&facts.clock, &mut out);
        push_numbers(
            &mut out,
            &[
                ("sockets", facts.sockets as f64),
                ("reconnects", facts.reconnects as f64),
                ("messages", facts.messages as f64),
                ("bytes", facts.bytes as f64),
                ("unread", facts.dropped as f64),
                ("gaps", store.gaps().len() as f64),
            ],
        );
        out.push_str("},\"frame\":{");
        push_numbers(
            &mut out,
            &[
                ("count", frames.count as f64),
                ("filled", frames.filled as f64),
                ("p50_ms", frames.p50_ms),
                ("p95_ms", frames.p95_ms),
                ("max_ms", frames.max_ms),
            ],
        );
        out.push_str(",\"phases_ms\":{");
        for (name, ms) in Phase::NAMES.iter().zip(frames.phases_ms) {
            push_numbers(&mut out, &[(name, ms)]);
        }
        out.push_str("}}}");
        out
    }

    /// `daskscope.tasks()`: a JSON array with an object per interval.
    pub fn tasks_json(&self, query: &TaskQuery) -> String {
        let all = query.span.start.0 == i64::MIN && query.span.end.0 == i64::MAX;
        let mut out = String::from("[");
        self.stream.borrow().tasks((!all).then_some(query.span), query.limit, |row| {
            out.push_str(if out.len() > 1 { ",{\"key\":" } else { "{\"key\":" });
            if row.key_is_json {
                out.push_str(row.key);
            } else {
                json::quote(row.key, &mut out);
            }
            out.push_str(",\"name\":");
            json::quote(row.prefix, &mut out);
            out.push_str(",\"action\":\"");
            out.push_str(row.action.name());
            out.push_str("\",\"worker\":");
            json::quote(row.worker, &mut out);
            out.push_str(",\"thread\":");
            json::quote(row.thread, &mut out);
            out.push_str(",\"start\":");
            push_secs(&mut out, row.start);
            out.push_str(",\"stop\":");
            push_secs(&mut out, row.start + row.duration);
            out.push_str(if row.erred { ",\"status\":\"error\"}" } else { ",\"status\":\"OK\"}" });
        });
        out.push(']');
        out
    }

    /// `daskscope.view()`.
    pub fn view_json(&self) -> String {
        let span = self.stream.borrow().view();
        let mut out = String::from("{\"from\":");
        push_secs(&mut out, span.start);
        out.push_str(",\"to\":");
        push_secs(&mut out, span.end);
        out.push('}');
        out
    }

    /// `daskscope.setView()`.
    pub fn set_view(&self, request: &ViewRequest) {
        self.stream.borrow_mut().set_view(request.0);
    }
}

/// The same words at the beginning of a sentence.
fn upper(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// Appends members of a JSON object, with commas between them. What is no number is null.
fn push_numbers(out: &mut String, numbers: &[(&str, f64)]) {
    for (name, number) in numbers {
        if !out.ends_with('{') {
            out.push(',');
        }
        json::quote(name, out);
        out.push(':');
        out.push_str(&if number.is_finite() { plain(*number) } else { "null".into() });
    }
}

/// Microseconds as decimal seconds, all six digits: a double holds them for the next 200 years.
fn push_secs(out: &mut String, at: Micros) {
    let sign = if at.0 < 0 { "-" } else { "" };
    let n = at.0.unsigned_abs();
    let _ = write!(out, "{sign}{}.{:06}", n / 1_000_000, n % 1_000_000);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_keep_their_digits() {
        let mut out = String::new();
        push_secs(&mut out, Micros(1_795_353_623_000_007));
        out.push(' ');
        push_secs(&mut out, Micros(-1));
        assert_eq!(out, "1795353623.000007 -0.000001");
    }
}
