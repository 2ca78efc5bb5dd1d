//! The words of a session: what goes in, what comes out, what can be asked.

use std::rc::Rc;

use super::super::bokeh::controls::Controls;
use super::super::bokeh::table::Table;
use super::super::profile::Profile;
use super::super::progress::Progress;
use super::super::tasks::TaskBatch;
use super::super::workers::Workers;

/// Times of a session, ms.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Config {
    /// Silence after which the server is asked whether it lives. An idle cluster is silent.
    pub probe_after_ms: f64,
    /// How long it may take to answer before the feed counts as stale.
    pub stale_after_ms: f64,
    /// How long it may take to answer before the socket is given up.
    pub dead_after_ms: f64,
    /// How long a socket may take to open, and the server to greet.
    pub open_ms: f64,
    /// How long a document may take. `/tasks` with a long history on a busy scheduler takes many
    /// seconds.
    pub pull_ms: f64,
    /// First wait before another attempt.
    pub backoff_ms: f64,
    /// Longest wait before another attempt.
    pub backoff_cap_ms: f64,
    /// How long the server keeps a session without socket (15 s), less some margin.
    pub reattach_ms: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            probe_after_ms: 5000.0,
            stale_after_ms: 5000.0,
            dead_after_ms: 25_000.0,
            open_ms: 25_000.0,
            pull_ms: 90_000.0,
            backoff_ms: 500.0,
            backoff_cap_ms: 20_000.0,
            reattach_ms: 13_500.0,
        }
    }
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
pub enum Event<'a> {
    /// The page is wanted.
    Start,
    /// The socket that was asked for is one to a session that somebody has begun for us.
    Session {
        /// The id of that session.
        id: &'a str,
        /// Its document has been asked for, under the number [`FIRST_ID`](crate::bokeh::message::FIRST_ID).
        asked: bool,
    },
    /// The socket opened.
    Opened,
    /// A text frame came.
    Text(&'a str),
    /// A binary frame came.
    Binary(&'a [u8]),
    /// The socket closed, or could not be opened.
    Closed {
        /// The close code; 1006 where there was none.
        code: u16,
        /// Whether the close was an orderly one.
        clean: bool,
    },
    /// What [`Command::ReadPage`] brought.
    PageRead {
        /// The status; 0 where nothing came that may be read.
        status: u16,
        /// The body.
        body: &'a str,
    },
    /// The time asked for by [`Command::Wake`] has come; harmless at any other time.
    Tick,
    /// The browser is online again.
    Online,
    /// Other pages of the same dashboard answer, and this one's socket is refused each time: it may not
    /// be there. It is read over HTTP, which says more.
    Missing,
    /// Nobody sees the page.
    Hidden,
    /// Somebody sees the page again.
    Shown,
    /// A person wants another attempt now.
    Retry,
    /// Open the socket anew, to see whether the scheduler still has the session: another one has not.
    Prove,
    /// Another scheduler is there: all of the one before is over.
    Anew,
    /// A frame was lost: the document is no longer in step.
    Missed,
    /// Begin a new session on the server, without a change of state: its history holds rows that
    /// the running one left out.
    Refresh,
    /// A person asks something of the page.
    Ask(Ask),
    /// The page is wanted no more.
    Stop,
}

/// What can be asked of a page that shows a profile.
#[derive(Clone, PartialEq, Debug)]
pub enum Ask {
    /// A new one, with what was sampled since.
    Update,
    /// That of the tasks of one prefix, or one of the other choices that the page offers.
    Of(String),
    /// That of the samples between two moments, Unix ms; none for all of them.
    Between(Option<(f64, f64)>),
}

/// What was asked of a page.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Asked {
    /// The moments between which it shows samples, Unix ms; none for all.
    pub between: Option<(f64, f64)>,
    /// Whether the answer is still to come.
    pub pending: bool,
    /// Whether the server could not do the last thing asked.
    pub refused: bool,
}

/// What to do.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant)] // made once per message, moved once
pub enum Command {
    /// Open a websocket.
    Connect {
        /// Path below the dashboard's address, `/ws` included.
        path: String,
        /// The subprotocols to offer, in this order, and no others.
        protocols: [String; 2],
    },
    /// GET a page below the dashboard's address and report it as [`Event::PageRead`].
    ReadPage {
        /// Path and query.
        path: String,
    },
    /// Send one text frame.
    Send(String),
    /// Close the socket, opened or opening, and forget it.
    Close,
    /// Report [`Event::Tick`] at this time.
    Wake {
        /// Unix ms.
        at_ms: f64,
    },
    /// The state changed; see [`super::Session::state`].
    StateChanged,
    /// Something arrived.
    Update(Update),
}

/// What a page delivers.
#[derive(Clone, Debug)]
pub enum Update {
    /// Rectangles; for [`super::super::merge::Merge::push`].
    Tasks(TaskBatch),
    /// Progress, whole.
    Progress(Progress),
    /// Whose document this is; comes before what is in it.
    Server(Server),
    /// The workers, whole.
    Workers(Workers),
    /// A page that is read whole.
    Whole(DocumentSnapshot),
}

/// Whose document has come.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Server {
    /// The one that was followed before: the scheduler is the same.
    Same,
    /// Another one, although the scheduler was asked for that one just now: it is another scheduler.
    Other,
    /// That cannot be told.
    Unknown,
}

/// What a page that is read whole holds.
#[derive(Clone, Default, Debug)]
pub struct DocumentSnapshot {
    /// The title of its figure, which some pages use to say why there is nothing.
    pub title: String,
    /// All its sources, in the document's order. What has not changed is shared with the word before.
    pub tables: Vec<Rc<Table>>,
    /// What it offers to press and choose.
    pub controls: Controls,
    /// What was asked of it.
    pub asked: Asked,
    /// The profile that it shows, where it is such a page.
    pub profile: Option<Rc<Profile>>,
}

impl DocumentSnapshot {
    /// The first source that has all these columns.
    pub fn table(&self, columns: &[&str]) -> Option<&Table> {
        self.shared(columns).map(|table| &**table)
    }

    /// The same, to be kept: it is the very same one for as long as it has not changed.
    pub fn shared(&self, columns: &[&str]) -> Option<&Rc<Table>> {
        self.tables.iter().find(|table| table.has(columns))
    }
}

/// How a feed does, in the words of the page (`data-state`).
#[derive(Clone, Default, PartialEq, Debug)]
pub enum State {
    /// Not wanted, or closed while hidden.
    #[default]
    Off,
    /// On the way to the first data.
    Connecting,
    /// Data flows, or the server said that it lives.
    Live,
    /// The server does not answer.
    Stale {
        /// When it was last heard of, Unix ms.
        since_ms: f64,
    },
    /// Waiting for the next attempt.
    Retrying {
        /// When it will be made, Unix ms.
        at_ms: f64,
        /// Why it is needed.
        reason: String,
    },
    /// Given up: an attempt is made only when a person asks for it.
    Failed {
        /// What is wrong.
        reason: String,
        /// What to do about it.
        advice: String,
    },
    /// The dashboard has no such page: this scheduler does not offer it.
    Absent,
}

impl State {
    /// Whether there is a socket, or is about to be.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Connecting | Self::Live | Self::Stale { .. })
    }

    /// The word for `data-state`; `off` is not shown.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Stale { .. } => "stale",
            Self::Retrying { .. } => "retrying",
            Self::Failed { .. } => "failed",
            Self::Absent => "absent",
        }
    }

    /// How bad it is: the worst of several is the largest.
    pub fn severity(&self) -> u8 {
        match self {
            Self::Off | Self::Absent => 0,
            Self::Live => 1,
            Self::Connecting => 2,
            Self::Stale { .. } => 3,
            Self::Retrying { .. } => 4,
            Self::Failed { .. } => 5,
        }
    }

    /// Whole seconds to the next attempt, at least 0; `None` when none is planned.
    pub fn seconds_left(&self, now_ms: f64) -> Option<u32> {
        match self {
            Self::Retrying { at_ms, .. } => {
                Some(((at_ms - now_ms) / 1000.0).ceil().clamp(0.0, 1e6) as u32)
            }
            _ => None,
        }
    }
}

/// What a session has counted since it was made.
#[derive(Copy, Clone, Default, Eq, PartialEq, Debug)]
pub struct Counters {
    /// Whole messages received.
    pub messages: u64,
    /// Bytes of frames received.
    pub bytes: u64,
    /// Connections after the first, refreshes not counted.
    pub reconnects: u64,
    /// Messages that could not be read; each leads to a new pull, which brings what they held.
    pub dropped: u64,
    /// Patches left out because the pull that follows holds them.
    pub superseded: u64,
    /// Events of kinds that are not known, and about models that are not followed.
    pub ignored: u64,
}
