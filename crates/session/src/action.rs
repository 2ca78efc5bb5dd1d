//! What happens to the app, and what the app wants done: both are plain data.

use std::rc::Rc;

use serde_json::{Map, Value};

use crate::config::Config;
use crate::dialog::Dialog;
use crate::idle::{Depth, Look};
use crate::prefs::{GatewayPrefs, Scope};
use crate::route::Route;
use gateway::api::{Adapt, Scaled};
use gateway::hub::Visit;
use gateway::model::{Cluster, Listing, Options};
use gateway::{Address, ApiError, AuthKind, Credentials, PageOrigin};

/// Something that happened.
#[derive(Clone, Debug)]
// One at a time, and none is kept: its size costs nothing.
#[allow(clippy::large_enum_variant)]
pub enum Action {
    /// The configuration has been read.
    Start {
        /// The site's defaults.
        config: Config,
        /// Where the page was loaded from.
        here: Option<PageOrigin>,
        /// The first route.
        route: Route,
        /// Credentials of an earlier visit in this tab.
        kept: Option<Credentials>,
        /// What else the browser says.
        browser: Browser,
        /// The time, ms since the epoch.
        now: f64,
    },
    /// The address of the page changed.
    Arrived(Route),
    /// Somebody wants to go there.
    Go(Route),
    /// What a pane shows has moved: these words of the address change, with no step in the history.
    Moved(Vec<(&'static str, Option<String>)>),
    /// The clock.
    Tick {
        /// ms since the epoch.
        now: f64,
        /// ms of a clock that only goes forward; see [`Reading`](base::clock::Reading).
        forward: f64,
        /// Nobody looks.
        hidden: bool,
    },
    /// The usual places have been asked.
    Probed(Option<Address>),
    /// Somebody signs in.
    Connect {
        /// What stands in the address field.
        address: String,
        /// How.
        kind: AuthKind,
        /// User name; used by basic authentication.
        user: String,
        /// Password or token.
        secret: Secret,
    },
    /// Somebody whose sign-in has expired signs in again, with this password or token.
    SignInAgain(Secret),
    /// Somebody gives up connecting.
    GiveUp,
    /// Somebody signs out.
    SignOut,
    /// The hub has made a token, or not.
    Visited {
        /// The session or sign-in it was asked in.
        epoch: u32,
        /// What it said.
        answer: Result<Visit, ApiError>,
    },
    /// Ask for the options again.
    AskOptions,
    /// What is remembered for this user of the gateway.
    Remembered(Rc<GatewayPrefs>),
    /// Another tab of this browser keeps something else for this user now.
    KeptElsewhere(GatewayPrefs),
    /// The gateway answered.
    Answer {
        /// The session it was asked in.
        epoch: u32,
        /// What was asked.
        call: Call,
        /// What it said.
        answer: Result<Answer, ApiError>,
    },
    /// A scheduler's totals, or that there are none.
    Counted {
        /// The session.
        epoch: u32,
        /// Whose.
        name: String,
        /// When it was asked, and what it said.
        look: Look,
    },
    /// Ask for the list now.
    Refresh,
    /// Make a cluster.
    Create(Map<String, Value>),
    /// Forget what the server said about the form.
    ClearCreation,
    /// Forget the clusters that ended.
    ForgetPast,
    /// Open the form with another cluster's options.
    TryAgain(String),
    /// Keep option values under a name, or drop that name.
    Preset(String, Option<Map<String, Value>>),
    /// Set the number of workers.
    Scale(String, u32),
    /// Let the scheduler choose within bounds.
    Adapt {
        /// Which cluster.
        name: String,
        /// Lower bound.
        minimum: u32,
        /// Upper bound.
        maximum: u32,
    },
    /// End that.
    AdaptStop(String),
    /// Say when this page shuts the cluster down.
    SetScope(String, Scope),
    /// Take the server's message away.
    ClearMessage(String),
    /// Ask a question.
    Ask(Dialog),
    /// Yes.
    Confirm,
    /// No.
    Cancel,
    /// Say something in passing.
    Say(String),
    /// Somebody wants to watch the scheduler that this route names, whoever's it is.
    Watch(Route),
    /// Ask again before a scheduler of this origin is contacted.
    Unwatch(String),
    /// Another tab of this browser has changed which origins were agreed to.
    WatchedElsewhere(Vec<String>),
}

/// What the browser says about the page when it starts.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// Origins of the pages around this one, the nearest first; none for one whose origin the browser keeps to
    /// itself.
    pub ancestors: Vec<Option<String>>,
    /// Origins of schedulers that a person has agreed to.
    pub agreed: Vec<String>,
    /// Somebody has signed out in this tab: nobody is signed in by itself.
    pub signed_out: bool,
}

/// A password or token on its way; `Debug` does not show it.
#[derive(Clone, Default)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// A request to the gateway.
#[derive(Clone, PartialEq, Debug)]
pub enum Call {
    /// Its version.
    Version,
    /// The options.
    Options,
    /// Clusters in every state; doubles as the test of the credentials.
    List,
    /// One of them.
    Get(String),
    /// A new one.
    Create(Map<String, Value>),
    /// So many workers.
    Scale(String, u32),
    /// Between so many, or not adaptive any more.
    Adapt(String, Option<Adapt>),
    /// End it.
    Delete(String),
}

/// What the gateway said.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    /// To [`Call::Version`].
    Version(String),
    /// To [`Call::Options`].
    Options(Options),
    /// To [`Call::List`].
    List(Listing),
    /// To [`Call::Get`].
    Cluster(Cluster),
    /// To [`Call::Create`]: the name.
    Created(String),
    /// To [`Call::Scale`] and [`Call::Adapt`].
    Scaled(Scaled),
    /// To [`Call::Delete`].
    Deleted,
}

/// Something to do.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// Ask the gateway, and report by [`Action::Answer`].
    Call {
        /// The session.
        epoch: u32,
        /// What to ask.
        call: Call,
        /// As whom, and where.
        credentials: Rc<Credentials>,
    },
    /// Fetch a scheduler's totals, and report by [`Action::Counted`].
    Count {
        /// The session.
        epoch: u32,
        /// The cluster.
        name: String,
        /// Root of its dashboard.
        dashboard: String,
        /// How closely to look.
        depth: Depth,
    },
    /// Look for a gateway in the usual places, and report by [`Action::Probed`].
    Probe,
    /// Change the address of the page.
    Go {
        /// Where to.
        route: Route,
        /// Instead of the present entry of the history.
        replace: bool,
    },
    /// Keep the credentials for this tab, or none: somebody has signed out.
    KeepCredentials(Option<Rc<Credentials>>),
    /// Drop what was watched of this gateway's clusters.
    Unwatch(Address),
    /// Ask the hub for a token, and report by [`Action::Visited`].
    Visit {
        /// The session or sign-in.
        epoch: u32,
        /// The hub's address.
        hub: Address,
        /// The gateway that the token is for.
        gateway: Address,
        /// Nobody else than this user.
        only: Option<String>,
    },
    /// End a token that the hub made.
    Revoke {
        /// The hub's address.
        hub: Address,
        /// The token.
        credentials: Rc<Credentials>,
        /// Whether people want to know if that fails.
        say: bool,
    },
    /// Read what is remembered for whoever signs in with these, and report by
    /// [`Action::Remembered`].
    Recall(Rc<Credentials>),
    /// Remember for them the changes between these two, and report by [`Action::KeptElsewhere`] where
    /// other tabs had changed something, too.
    Keep(Rc<Credentials>, Rc<GatewayPrefs>, Rc<GatewayPrefs>),
    /// Keep that a person has agreed to schedulers of this origin, or does not any more.
    KeepAgreed {
        /// The origin.
        origin: String,
        /// Whether so.
        agreed: bool,
    },
    /// Tell people who do not look.
    Notify(String),
}
