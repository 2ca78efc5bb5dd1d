//! What goes into the engine and what comes out of it.

use crate::info;
use feed::pool::DashboardPage;
use feed::session::Ask;

/// What happened in the browser.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// Begin.
    Start,
    /// A page's socket goes to a session that was begun before the program was there.
    Session {
        /// Whose.
        page: DashboardPage,
        /// The id of the session.
        id: &'a str,
        /// Whether its document has been asked for.
        asked: bool,
    },
    /// A page's socket opened.
    Opened {
        /// Whose.
        page: DashboardPage,
    },
    /// A text frame came.
    Text {
        /// Whose.
        page: DashboardPage,
        /// The frame.
        text: &'a str,
    },
    /// A binary frame came.
    Binary {
        /// Whose.
        page: DashboardPage,
        /// The frame.
        bytes: &'a [u8],
    },
    /// A frame was lost on the way: what follows it cannot be read.
    Missed {
        /// Whose.
        page: DashboardPage,
    },
    /// A socket closed, or could not be opened.
    Closed {
        /// Whose.
        page: DashboardPage,
        /// Close code; 1006 where there was none.
        code: u16,
        /// Whether it was an orderly close.
        clean: bool,
        /// The browser's own words where it refused to open it at all.
        refused: Option<String>,
    },
    /// What [`Output::ReadPage`] brought.
    PageRead {
        /// For which page.
        page: DashboardPage,
        /// The status; 0 where nothing came that may be read.
        status: u16,
        /// The body.
        body: String,
    },
    /// What [`Output::FetchMetrics`] brought, if anything.
    Metrics(Option<String>),
    /// The time asked for has come.
    Tick,
    /// The tab was hidden (true) or is seen again.
    Hidden(bool),
    /// One more (true) or one fewer part of the page shows this scheduler's workers, if only their names.
    Shown(bool),
    /// One more (true) or one fewer pane shows this page.
    Pane(DashboardPage, bool),
    /// A person asks for a page that may be much work for the scheduler.
    Allow(DashboardPage),
    /// What a part of the page wants of Dask's info pages.
    Info(info::Ask),
    /// What [`Output::FetchInfo`] brought.
    InfoAnswer {
        /// Its number.
        ticket: u32,
        /// The status; 0 where nothing came that may be read.
        status: u16,
        /// The body.
        body: String,
    },
    /// A person asks something of a page.
    Ask(DashboardPage, Ask),
    /// The browser is online again.
    Online,
    /// A person wants another attempt now.
    Retry,
    /// A person's answer about the long history.
    History(bool),
    /// The scheduler is gone for good, or watching it has ended.
    Stop,
}

/// What the browser is to do.
#[derive(Clone, Debug)]
pub enum Output {
    /// Open a page's websocket.
    Connect {
        /// Whose.
        page: DashboardPage,
        /// Path below the dashboard's address.
        path: String,
        /// Subprotocols to offer, in order.
        protocols: [String; 2],
    },
    /// Send a text frame.
    Send {
        /// On whose socket.
        page: DashboardPage,
        /// The frame.
        text: String,
    },
    /// Close a page's socket, silently.
    Close {
        /// Whose.
        page: DashboardPage,
    },
    /// GET a page's text and report it as [`Input::PageRead`].
    ReadPage {
        /// For which page.
        page: DashboardPage,
        /// Path below the dashboard's address.
        path: String,
    },
    /// GET the scheduler's `/metrics` and report them as [`Input::Metrics`].
    FetchMetrics,
    /// GET an info page and report it as [`Input::InfoAnswer`].
    FetchInfo {
        /// To be given back.
        ticket: u32,
        /// Path below the dashboard's address.
        path: String,
    },
    /// Report [`Input::Tick`] at this time, ms since the epoch; the earliest of several will do.
    Wake {
        /// When.
        at_ms: f64,
    },
}

/// What a turn has changed.
#[derive(Copy, Clone, Default, Eq, PartialEq, Debug)]
// Independent of each other.
#[allow(clippy::struct_excessive_bools)]
pub struct Changed {
    /// The task stream: a frame is to be drawn.
    pub stream: bool,
    /// Tables, totals or states.
    pub tables: bool,
    /// A worker table came.
    pub workers: bool,
    /// Another scheduler is there: what was known of the one before says nothing of it.
    pub run: bool,
}

impl Changed {
    /// Whether anything did.
    pub fn any(self) -> bool {
        self.stream || self.tables
    }
}

impl std::ops::BitOrAssign for Changed {
    fn bitor_assign(&mut self, other: Self) {
        self.stream |= other.stream;
        self.tables |= other.tables;
        self.workers |= other.workers;
        self.run |= other.run;
    }
}
