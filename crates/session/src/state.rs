//! The cold state of the app: everything that people decide and the gateway says. Immutable;
//! [`reduce`](crate::reduce::reduce) makes the next one.

use std::rc::Rc;

use serde_json::{Map, Value};

use crate::action::Call;
pub use crate::ancestors::Foreign;
use crate::config::Config;
use crate::counts::Counts;
pub use crate::dialog::Dialog;
use crate::idle::IdleWatch;
use crate::prefs::Place;
pub use crate::prefs::{Asked, GatewayPrefs, Scope};
use crate::route::Route;
use base::alias::alias;
use base::clock::Reading;
use base::dict::Dict;
use base::sort::sort_by;
use gateway::model::{Cluster, Options, Status};
use gateway::{Address, Credentials, PageOrigin};

/// Something that failed, for people: what, why, and what to do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trouble {
    /// What failed, one short sentence.
    pub title: String,
    /// Why, in the server's own words where it gave any.
    pub text: String,
    /// What to do about it; may be empty.
    pub hint: String,
    /// Whether signing in again is the remedy.
    pub sign_in: bool,
}

/// Who is signed in.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Session {
    /// Nobody.
    #[default]
    Out,
    /// Somebody, and the gateway takes the credentials.
    In(Rc<Credentials>),
    /// Somebody whose credentials the gateway takes no more. What is on the screen stays, and what
    /// needs no sign-in goes on.
    Expired {
        /// Who it was, without the secret.
        who: Rc<Credentials>,
        /// Why.
        trouble: Trouble,
    },
}

impl Session {
    /// The credentials that the gateway takes.
    pub fn credentials(&self) -> Option<&Rc<Credentials>> {
        match self {
            Self::In(credentials) => Some(credentials),
            Self::Out | Self::Expired { .. } => None,
        }
    }

    /// Whose clusters are on the screen. After a sign-in has expired these hold no secret.
    pub fn who(&self) -> Option<&Rc<Credentials>> {
        match self {
            Self::Out => None,
            Self::In(who) | Self::Expired { who, .. } => Some(who),
        }
    }

    /// The gateway's address.
    pub fn address(&self) -> Option<&Address> {
        self.who().map(|who| who.address())
    }
}

/// A sign-in under way. Whatever is on the screen stays as it is until the gateway has accepted it.
#[derive(Clone, PartialEq, Debug)]
pub struct Trial {
    /// Tells its answers from others'.
    pub epoch: u32,
    /// The gateway.
    pub address: Address,
    /// What is tried; none while the hub is asked for a token.
    pub credentials: Option<Rc<Credentials>>,
    /// How it came about.
    pub origin: Origin,
    /// What is remembered for the gateway.
    pub prefs: Option<Rc<GatewayPrefs>>,
}

/// How a sign-in came about.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Somebody filled the form in, or pressed a button.
    Person,
    /// By itself, with what an earlier page in this tab kept.
    Kept,
    /// By itself, through the hub's session.
    PageOrigin,
}

/// How the credentials in use are kept good.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Upkeep {
    /// The hub is asked for another token, and these calls were refused meanwhile: they are made
    /// again, once.
    pub renewal: Option<Vec<Call>>,
    /// No other token is asked for before this time, ms since the epoch.
    pub renew_after: f64,
    /// The gateway has accepted the credentials since they were made.
    pub proven: bool,
    /// The hub was asked for a token, and nobody is signed in there.
    pub hub_out: bool,
}

/// The search for a gateway when no address is known.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum Probe {
    /// Not needed.
    #[default]
    Idle,
    /// Asking the usual places.
    Running,
    /// None of them answered.
    Nothing,
}

/// The server's last word on a request about one cluster.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Its text.
    pub text: String,
    /// Whether the request was refused or cut down.
    pub bad: bool,
}

/// A cluster and what this page knows about it.
#[derive(Clone, PartialEq, Debug)]
// Independent of each other: no two of them make one state.
#[allow(clippy::struct_excessive_bools)]
pub struct Entry {
    /// As the gateway reports it.
    pub cluster: Cluster,
    /// A name people can say.
    pub alias: String,
    /// What was asked of it here.
    pub asked: Asked,
    /// The options it was asked for with, where this page made it.
    pub wanted: Map<String, Value>,
    /// What the server said last.
    pub message: Option<Message>,
    /// A scale or adapt request is on its way.
    pub busy: bool,
    /// A shutdown request is on its way.
    pub ending: bool,
    /// When this page shuts the cluster down.
    pub scope: Scope,
    /// Its totals, from the dashboard.
    pub counts: Option<Counts>,
    /// Whether it does nothing, as far as this page has watched.
    pub idleness: IdleWatch,
    /// What it is working at, as far as this page has watched.
    pub run: Option<Run>,
    /// When its totals are asked for next, ms since the epoch.
    pub counts_due: f64,
    /// Made by this page, so worth a notification.
    pub ours: bool,
    /// The gateway does not list it any more.
    pub gone: bool,
    /// It was seen running.
    pub ran: bool,
    /// Its page has shown it live: what was seen stays there when it ends.
    pub watched: bool,
}

/// Work without a pause.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Run {
    /// When it was first seen, ms since the epoch.
    pub since: f64,
    /// When it was last seen.
    pub last: f64,
    /// Failed tasks that there were before.
    pub erred: u64,
}

impl Entry {
    /// A cluster that was just seen for the first time.
    pub fn new(cluster: Cluster) -> Self {
        Self {
            alias: alias(&cluster.name),
            ran: cluster.status == Status::Running,
            cluster,
            asked: Asked::default(),
            wanted: Map::new(),
            message: None,
            busy: false,
            ending: false,
            scope: Scope::default(),
            counts: None,
            idleness: IdleWatch::default(),
            run: None,
            counts_due: 0.0,
            ours: false,
            gone: false,
            watched: false,
        }
    }

    /// Its state, with a shutdown that this page asked for already counted.
    pub fn status(&self) -> Status {
        match self.cluster.status {
            Status::Pending | Status::Running if self.ending => Status::Stopping,
            status => status,
        }
    }

    /// Whether it costs anything.
    pub fn is_live(&self) -> bool {
        matches!(self.cluster.status, Status::Pending | Status::Running | Status::Stopping)
            && !self.gone
    }

    /// Seconds since it was asked for.
    pub fn age(&self, now: f64) -> Option<f64> {
        self.cluster.start_time.map(|start| ((now - start) / 1e3).max(0.0))
    }

    /// Seconds it lived, for one that ended.
    pub fn lived(&self) -> Option<f64> {
        Some(((self.cluster.stop_time? - self.cluster.start_time?) / 1e3).max(0.0))
    }

    /// What a failure after so long usually means: the gateway does not say.
    pub fn why_failed(&self) -> &'static str {
        match self.lived() {
            _ if self.ran => {
                "It was running, and then its scheduler stopped sending heartbeats to the gateway: it crashed, was \
                 ended (out of memory, for example), or its machine or network was too busy for too long."
            }
            Some(lived) if lived >= 55.0 => {
                "This page did not see it run. Either its scheduler never reported to the gateway (an image or \
                 environment that does not start, no room for it, or a network rule in between), or it ran and then \
                 stopped sending heartbeats."
            }
            Some(_) => {
                "A failure within seconds usually means that the scheduler could not be started at all: a wrong \
                 image or environment, or options that the site's limits refuse."
            }
            None => "Show the name below to the administrator.",
        }
    }

    /// Seconds it has been idle.
    pub fn idle(&self, now: f64) -> Option<f64> {
        self.idleness.seconds(now)
    }

    /// The fewest workers that this browser has asked for, where it has.
    pub fn wanted_workers(&self) -> Option<u32> {
        self.asked.adapt.map(|(low, _)| low).or(self.asked.workers)
    }

    /// What is known of its work is of the past.
    pub(super) fn forget_work(&mut self) {
        self.counts = None;
        self.idleness.forget();
        self.run = None;
    }
}

/// The list of clusters as a whole.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Listing {
    /// The first answer is there.
    pub loaded: bool,
    /// A request is on its way.
    pub waiting: bool,
    /// When it is asked for next, ms since the epoch.
    pub due: f64,
    /// When it last answered, ms since the epoch.
    pub answered: f64,
    /// Failures in a row.
    pub failures: u32,
    /// Why the last request failed.
    pub trouble: Option<Trouble>,
}

/// A cluster that somebody wants to see and the list does not have.
#[derive(Clone, PartialEq, Debug)]
pub struct Lookup {
    /// Its name.
    pub name: String,
    /// What the gateway said, once it did.
    pub trouble: Option<Trouble>,
}

/// The creation of a cluster.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Creation {
    /// The request is on its way.
    pub busy: bool,
    /// Why the last one failed.
    pub trouble: Option<Trouble>,
    /// The server's words for single fields.
    pub fields: Dict<String>,
    /// Values that the form begins with instead of the last used ones (*Try again*).
    pub seed: Option<Rc<Map<String, Value>>>,
    /// Grows whenever the form has to begin anew.
    pub revision: u32,
}

/// A line that comes and goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Toast {
    /// Tells it from others.
    pub id: u32,
    /// What it says.
    pub text: String,
    /// Whether it is bad news.
    pub bad: bool,
    /// When it goes, ms since the epoch, rounded.
    pub until: u64,
}

/// Everything.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct State {
    /// The configuration has been read (or found missing) and the first route is known.
    pub started: bool,
    /// The site's defaults.
    pub config: Rc<Config>,
    /// Where the page was loaded from.
    pub here: Option<PageOrigin>,
    /// The stranger's page that this one is shown in, if it is.
    pub framed: Option<Foreign>,
    /// Origins of schedulers that a person has agreed to in this browser.
    pub agreed: Vec<String>,
    /// Where we are.
    pub route: Route,
    /// The clock, ms since the epoch; moves about once a second.
    pub now: f64,
    /// A clock that only goes forward, ms; see [`Reading`].
    pub forward: f64,
    /// Nobody looks.
    pub hidden: bool,
    /// Who is signed in, and where.
    pub session: Session,
    /// The sign-in under way.
    pub trial: Option<Trial>,
    /// How its credentials are kept good.
    pub upkeep: Upkeep,
    /// Who was signed in where a link that names another gateway was followed, for the way back.
    pub left: Option<Rc<Credentials>>,
    /// Tells answers to the present credentials from others; those are dropped.
    pub epoch: u32,
    /// The same for the same person's token before this one.
    pub epoch_before: Option<u32>,
    /// The last number that was given out for these.
    pub epochs: u32,
    /// The search for a gateway.
    pub probe: Probe,
    /// The address that was found by searching.
    pub found: Option<Address>,
    /// Why connecting failed, or why the session ended.
    pub connect_trouble: Option<Trouble>,
    /// The gateway's version.
    pub version: Option<String>,
    /// The options it offers; none until they are known.
    pub options: Option<Rc<Options>>,
    /// Why the gateway could not tell them.
    pub options_trouble: Option<Trouble>,
    /// The clusters, by name.
    pub clusters: Dict<Rc<Entry>>,
    /// The state of that list.
    pub listing: Listing,
    /// The cluster that was asked for by name.
    pub lookup: Option<Lookup>,
    /// Whether signing in leads away from the form.
    pub land: bool,
    /// The cluster being made.
    pub creation: Creation,
    /// What is remembered for this user of this gateway.
    pub prefs: Rc<GatewayPrefs>,
    /// Clusters of which that told when signing in; emptied once the gateway has listed its own.
    pub recalled: Vec<String>,
    /// The open question.
    pub dialog: Option<Dialog>,
    /// Passing lines, oldest first.
    pub toasts: Vec<Toast>,
    /// The next toast's id.
    pub next_toast: u32,
}

impl State {
    /// Now, by both clocks.
    pub fn reading(&self) -> Reading {
        Reading { wall_ms: self.now, forward_ms: self.forward }
    }

    /// Whether nothing but the clocks differs.
    pub fn same_but_for_time(&self, other: &Self) -> bool {
        Self { now: other.now, forward: other.forward, ..self.clone() } == *other
    }

    /// Whether the gateway answers to somebody.
    pub fn is_in(&self) -> bool {
        matches!(self.session, Session::In(_))
    }

    /// Whether somebody's clusters are on the screen: also after their sign-in has expired.
    pub fn has_clusters(&self) -> bool {
        match self.session {
            Session::In(_) => true,
            Session::Expired { .. } => self.listing.loaded,
            Session::Out => false,
        }
    }

    /// Whether the sign-in does not say whose it is: tabs share nothing of it.
    pub fn is_nameless(&self) -> bool {
        self.session.who().is_some_and(|who| Place::of(who).tab_only)
    }

    /// The text of the gateway's address that link or site ask for.
    pub fn wanted_text(&self) -> Option<&str> {
        self.route.query.gateway.as_deref().or(self.config.gateway.as_deref())
    }

    /// That address, where it is one.
    pub fn wanted(&self) -> Option<Address> {
        Address::parse(self.wanted_text()?, self.here.as_ref()).ok()
    }

    /// Clusters that cost something, the most wasteful first, then the newest.
    pub fn live(&self) -> Vec<Rc<Entry>> {
        let mut live: Vec<_> =
            self.clusters.values().filter(|entry| entry.is_live()).cloned().collect();
        sort_by(&mut live, |a, b| {
            let key = |entry: &Entry| (self.waste(entry), entry.cluster.start_time.unwrap_or(0.0));
            let (a, b) = (key(a), key(b));
            b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1))
        });
        live
    }

    /// Clusters that ended, the latest first.
    pub fn past(&self) -> Vec<Rc<Entry>> {
        let mut past: Vec<_> =
            self.clusters.values().filter(|entry| !entry.is_live()).cloned().collect();
        let key =
            |entry: &Entry| entry.cluster.stop_time.or(entry.cluster.start_time).unwrap_or(0.0);
        sort_by(&mut past, |a, b| key(b).total_cmp(&key(a)));
        past
    }

    /// Core-seconds that a cluster has burnt without work; idleness below a minute counts nothing,
    /// so that the list does not jump while people work.
    pub fn waste(&self, entry: &Entry) -> f64 {
        let idle = entry.idle(self.now).filter(|idle| *idle >= 60.0).unwrap_or(0.0);
        let cores = entry.counts.map_or(1.0, |counts| f64::from(counts.cores.max(counts.workers)));
        idle * cores.max(1.0)
    }
}
