//! The connection doctor: which hop between this page and a live dashboard is broken, and the
//! setting that mends it.
//!
//! Sans-IO: [`Doctor::step`] names one thing to try, whoever does IO tries it and hands the outcome
//! to [`Doctor::record`]; findings appear one by one. Hops that need no trial are judged at once.

use super::address::PageOrigin;
use super::api::{Request, Response};
use super::error::ApiError;

mod run;
mod socket;

pub use run::Doctor;

/// One hop on the way, in the order they are tried.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub enum Hop {
    /// The text is an address.
    Address,
    /// A page over https may talk to it.
    MixedContent,
    /// The browser lets this site reach local addresses.
    LocalAccess,
    /// Something answers there.
    Reach,
    /// The browser lets this page read the answers.
    Cors,
    /// It is a Dask Gateway.
    Version,
    /// It knows the user.
    Authentication,
    /// It offers cluster options.
    Options,
    /// A cluster's dashboard answers.
    Dashboard,
    /// Its websocket talks.
    Socket,
}

impl Hop {
    /// Whether it asks the gateway's API, which a bare scheduler does not have.
    pub fn is_api(self) -> bool {
        matches!(self, Self::Version | Self::Authentication | Self::Options)
    }

    /// All of them, in order.
    pub const ALL: [Self; 10] = [
        Self::Address,
        Self::MixedContent,
        Self::LocalAccess,
        Self::Reach,
        Self::Cors,
        Self::Version,
        Self::Authentication,
        Self::Options,
        Self::Dashboard,
        Self::Socket,
    ];

    /// A stable name for tests and links.
    pub fn id(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::MixedContent => "mixed-content",
            Self::LocalAccess => "local-access",
            Self::Reach => "reach",
            Self::Cors => "cors",
            Self::Version => "version",
            Self::Authentication => "authentication",
            Self::Options => "options",
            Self::Dashboard => "dashboard",
            Self::Socket => "socket",
        }
    }

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Address => "Address",
            Self::MixedContent => "Mixed content",
            Self::LocalAccess => "Local addresses",
            Self::Reach => "An answer",
            Self::Cors => "Cross-origin (CORS)",
            Self::Version => "Version",
            Self::Authentication => "Authentication",
            Self::Options => "Cluster options",
            Self::Dashboard => "Dashboard page",
            Self::Socket => "Live feed (websocket)",
        }
    }
}

/// How a hop came out.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub enum State {
    /// Fine.
    Ok,
    /// Broken.
    Failed,
    /// Not tried, because of an earlier hop or because there was nothing to try it on.
    Skipped,
    /// Cannot be told from here.
    Unknown,
}

/// What was found at a hop.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct Finding {
    /// Which.
    pub hop: Hop,
    /// How it came out.
    pub state: State,
    /// What was found, a sentence.
    pub sentence: String,
    /// What to do or to set; empty where all is well.
    pub advice: String,
}

/// What the page knows about itself.
#[derive(Clone, PartialEq, Debug)]
pub struct Facts {
    /// Where it was loaded from; `None` for pages without an address of their own.
    pub page: Option<PageOrigin>,
    /// `isSecureContext`.
    pub secure: bool,
    /// `navigator.onLine`.
    pub online: bool,
    /// Whether it sits in a frame of another page.
    pub framed: bool,
}

/// One thing to try.
#[derive(Clone, PartialEq, Debug)]
pub enum Probe {
    /// Send this request and read the answer (`fetch` with `mode: 'cors'`).
    Fetch {
        /// Where to.
        url: String,
        /// What; already signed.
        request: Request,
    },
    /// Send a request whose answer cannot be read (`fetch` with `mode: 'no-cors'`, `GET`, no
    /// credentials): it tells only whether anything answers.
    Opaque {
        /// Where to.
        url: String,
    },
    /// Ask `navigator.permissions.query` for the first of these names that the browser knows.
    Permission {
        /// Names, best first.
        names: [&'static str; 2],
    },
    /// Open a Bokeh websocket (subprotocols `bokeh` and a session token) and wait for its first
    /// message, at most ten seconds; close it then.
    Socket {
        /// Where to.
        url: String,
        /// A page to take the session token from; without one it is made here.
        page: Option<String>,
    },
}

/// A thing to try and the hop it is for.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// Which hop.
    pub hop: Hop,
    /// What to try.
    pub probe: Probe,
}

/// State of a browser permission.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Permission {
    /// Given.
    Granted,
    /// Refused.
    Denied,
    /// Will be asked for.
    Prompt,
    /// The browser knows no such permission.
    Unsupported,
}

/// How a trial ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// An answer that could be read, whatever its status.
    Answer(Response),
    /// No answer that could be read.
    NoAnswer(ApiError),
    /// Something answered a [`Probe::Opaque`].
    Opaque,
    /// The permission's state.
    Permission(Permission),
    /// The websocket sent its first message.
    SocketTalks,
    /// The websocket ended without a message.
    SocketClosed {
        /// Whether it was open before.
        opened: bool,
    },
    /// The browser threw when the websocket was made.
    SocketBlocked,
    /// The websocket neither opened nor closed in time, or stayed silent.
    SocketSilent,
}
