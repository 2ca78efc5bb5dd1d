//! The one function that changes the state. Pure: what has to be done in the world comes back as
//! effects.

use std::rc::Rc;

use super::action::{Action, Answer, Browser, Call, Effect, Secret};
use super::clusters;
use super::config::Config;
use super::framing;
use super::remember;
use super::route::{Page as At, Route};
use super::state::{Creation, Dialog, Keepsake, Listing, Probe, Session, State, Toast, Trouble};
use super::watching;
use crate::gateway::{Address, ApiError, AuthKind, Credentials, Page};

/// How long a passing line stays, ms.
const TOAST_MS: f64 = 6_000.0;

/// The next state, and what to do.
pub fn reduce(state: &State, action: Action) -> (State, Vec<Effect>) {
    let mut next = state.clone();
    let mut effects = Vec::new();
    next.apply(action, &mut effects);
    (next, effects)
}

/// Puts the next state in the place of `state`, which others may hold on to. Gives what to do.
pub fn advance(state: &mut Rc<State>, action: Action) -> Vec<Effect> {
    let mut effects = Vec::new();
    Rc::make_mut(state).apply(action, &mut effects);
    effects
}

impl State {
    #[inline(never)]
    fn apply(&mut self, action: Action, effects: &mut Vec<Effect>) {
        if self.framed.is_some() && framing::is_risky(&action, self.dialog.as_ref()) {
            self.dialog = Some(Dialog::Framed);
            return;
        }
        match action {
            Action::Start { config, here, route, kept, browser, now } => {
                let Browser { ancestors, agreed } = browser;
                self.framed = framing::foreign(&ancestors, here.as_ref(), &config);
                self.agreed = agreed;
                self.start(config, here, route, kept, now, effects);
            }
            Action::Arrived(route) => self.arrive(route, effects),
            Action::Go(route) => self.go(route, false, effects),
            Action::Moved(words) => {
                let mut route = self.route.clone();
                for (key, value) in words {
                    match value {
                        Some(value) => drop(route.query.rest.insert(key.to_owned(), value)),
                        None => drop(route.query.rest.remove(key)),
                    }
                }
                self.go(route, true, effects);
            }
            Action::Tick { now, steady, hidden } => {
                self.steady = steady;
                self.tick(now, hidden, effects);
            }
            Action::Probed(found) => {
                self.probe = if found.is_some() { Probe::Idle } else { Probe::Nothing };
                self.found = found;
            }
            Action::Connect { address, kind, user, secret } => {
                self.connect(&address, kind, &user, &secret, effects);
            }
            Action::SignOut => {
                self.leave(effects);
                self.connect_trouble = None;
                self.go(self.route.follow(At::Connect), false, effects);
            }
            Action::Remembered(keepsake) => remember::remembered(self, keepsake),
            Action::Answer { epoch, call, answer } if epoch == self.epoch => {
                self.answer(call, answer, effects);
            }
            Action::Counted { epoch, name, look } if epoch == self.epoch => {
                watching::counted(self, &name, &look, effects);
            }
            // An answer to somebody who has left.
            Action::Answer { .. } | Action::Counted { .. } => {}
            Action::Say(text) => self.say(text, false),
            Action::Watch(route) => self.watch(route, effects),
            Action::Unwatch(origin) => self.unwatch(origin, effects),
            Action::WatchedElsewhere(agreed) => self.agreed = agreed,
            other => clusters::act(self, other, effects),
        }
    }

    #[inline(never)]
    fn start(
        &mut self,
        config: Config,
        here: Option<Page>,
        route: Route,
        kept: Option<Credentials>,
        now: f64,
        effects: &mut Vec<Effect>,
    ) {
        let again = std::mem::replace(&mut self.started, true);
        self.config = Rc::new(config);
        self.here = here;
        self.now = now;
        self.route = route;
        if again && self.session.credentials().is_some() {
            return;
        }
        let wanted = self.wanted();
        match kept {
            // Kept credentials are good for the address they were given for, and a link that
            // names another one never gets them.
            Some(kept)
                if self.wanted_text().is_none() || wanted.as_ref() == Some(kept.address()) =>
            {
                self.land = self.route.page == At::Home;
                self.try_on(kept, effects);
            }
            _ if self.wanted_text().is_none() && self.needs_gateway() => {
                self.probe = Probe::Running;
                effects.push(Effect::Probe);
            }
            _ => {}
        }
        self.leave_home(effects);
    }

    /// Whether the page shows something that only a gateway has.
    pub fn needs_gateway(&self) -> bool {
        match &self.route.page {
            At::Scheduler | At::Recordings | At::Recording(_) | At::Lost(_) => false,
            At::Panel(_) => self.route.query.url.is_none(),
            At::Home | At::Connect | At::Clusters | At::Cluster(_) => true,
        }
    }

    fn arrive(&mut self, route: Route, effects: &mut Vec<Effect>) {
        let options_moved = route.query.options != self.route.query.options;
        self.route = route;
        if options_moved {
            self.creation.revision += 1;
        }
        // A link followed inside the app that names another gateway leaves the present one: it
        // must not look as if these clusters were over there.
        if self.route.query.gateway.is_some()
            && let (Some(wanted), Some(present)) = (self.wanted(), self.session.address())
            && wanted != *present
        {
            let left = self.session.credentials().cloned();
            self.forget();
            self.left = left;
            self.connect_trouble = None;
        } else if self.session == Session::Out
            && let Some(left) = &self.left
            && self.wanted_text().is_none_or(|_| self.wanted().as_ref() == Some(left.address()))
        {
            // Back from there: the credentials are good for where they were given.
            let left = Credentials::clone(left);
            self.try_on(left, effects);
        }
        self.leave_home(effects);
    }

    /// The bare address stands for another page.
    #[inline(never)]
    fn leave_home(&mut self, effects: &mut Vec<Effect>) {
        if self.route.page == At::Home {
            let out = self.session.credentials().is_none();
            let page = if out { At::Connect } else { At::Clusters };
            self.go(self.route.follow(page), true, effects);
        }
    }

    /// Goes to a page.
    pub(super) fn go(&mut self, route: Route, replace: bool, effects: &mut Vec<Effect>) {
        if self.route != route {
            if route.query.options != self.route.query.options {
                self.creation.revision += 1;
            }
            self.route = route.clone();
            effects.push(Effect::Go { route, replace });
        }
    }

    fn tick(&mut self, now: f64, hidden: bool, effects: &mut Vec<Effect>) {
        self.now = now;
        self.hidden = hidden;
        self.toasts.retain(|toast| toast.until as f64 > now);
        if self.is_in() {
            clusters::tick(self, effects);
        }
    }

    #[inline(never)]
    fn connect(
        &mut self,
        address: &str,
        kind: AuthKind,
        user: &str,
        secret: &Secret,
        effects: &mut Vec<Effect>,
    ) {
        let credentials = match Address::parse(address, self.here.as_ref()) {
            Err(error) => Err(error.words()),
            Ok(address) => match kind {
                AuthKind::None => Ok(Credentials::none(address)),
                AuthKind::Kerberos => Ok(Credentials::kerberos(address)),
                AuthKind::Basic => Credentials::basic(address, user, &secret.0),
                AuthKind::JupyterHub => Credentials::jupyterhub(address, &secret.0),
            },
        };
        match credentials {
            Ok(credentials) => {
                self.land = true;
                self.try_on(credentials, effects);
            }
            Err(text) => self.connect_trouble = Some(Trouble::plain("This cannot be sent", text)),
        }
    }

    fn try_on(&mut self, credentials: Credentials, effects: &mut Vec<Effect>) {
        let credentials = Rc::new(credentials);
        self.forget();
        self.session = Session::Connecting(credentials.clone());
        self.connect_trouble = None;
        effects.push(Effect::Recall(credentials.address().clone()));
        self.send(Call::Version, effects);
        self.send(Call::Options, effects);
    }

    /// Drops all that belongs to a session.
    fn forget(&mut self) {
        self.epoch += 1;
        self.session = Session::Out;
        self.left = None;
        self.version = None;
        self.options = None;
        self.clusters.clear();
        self.listing = Listing::default();
        self.lookup = None;
        self.begin_anew();
        self.keepsake = Rc::new(Keepsake::default());
        self.dialog = None;
    }

    /// Empties what is known of the cluster being made, and its form.
    #[inline(never)]
    pub(super) fn begin_anew(&mut self) {
        self.creation = Creation { revision: self.creation.revision + 1, ..Creation::default() };
    }

    fn leave(&mut self, effects: &mut Vec<Effect>) {
        self.forget();
        effects.push(Effect::KeepCredentials(None));
    }

    /// Ends the session because the gateway does not take the credentials any more.
    pub(super) fn expel(&mut self, error: &ApiError, effects: &mut Vec<Effect>) {
        self.leave(effects);
        self.connect_trouble = Some(Trouble::new("You have been signed out", error));
    }

    /// Sends a call in the present session; nothing when nobody is signed in.
    pub(super) fn call(&self, call: Call, effects: &mut Vec<Effect>) {
        if self.is_in() {
            self.send(call, effects);
        }
    }

    #[inline(never)]
    fn send(&self, call: Call, effects: &mut Vec<Effect>) {
        if let Some(credentials) = self.session.credentials().filter(|_| self.may_send(&call)) {
            effects.push(Effect::Call {
                epoch: self.epoch,
                call,
                credentials: credentials.clone(),
            });
        }
    }

    #[inline(never)]
    fn answer(&mut self, call: Call, answer: Result<Answer, ApiError>, effects: &mut Vec<Effect>) {
        match (call, answer) {
            // A gateway behind a proxy may hide its version: the options decide.
            (Call::Version, answer) => {
                if let Ok(Answer::Version(version)) = answer {
                    self.version = Some(version);
                }
            }
            (Call::Options, Ok(Answer::Options(options))) => {
                self.options = Some(Rc::new(options));
                self.creation.revision += 1;
                if let Session::Connecting(credentials) = &self.session {
                    let credentials = credentials.clone();
                    self.session = Session::In(credentials.clone());
                    effects.push(Effect::KeepCredentials(Some(credentials)));
                    clusters::refresh(self, effects);
                    if self.land && matches!(self.route.page, At::Connect | At::Home) {
                        let mut route = self.route.follow(At::Clusters);
                        route.query.options.clone_from(&self.route.query.options);
                        route.query.new = !route.query.options.is_empty();
                        self.go(route, true, effects);
                    }
                }
            }
            (Call::Options, Err(error)) => {
                if matches!(self.session, Session::Connecting(_)) {
                    self.forget();
                    if error.wants_sign_in() {
                        effects.push(Effect::KeepCredentials(None));
                    }
                    self.connect_trouble = Some(Trouble::new("Could not connect", &error));
                }
            }
            (call, answer) => clusters::answer(self, call, answer, effects),
        }
    }

    /// Says something in passing.
    pub(super) fn say(&mut self, text: String, bad: bool) {
        let until = (self.now + TOAST_MS * if bad { 2.0 } else { 1.0 }) as u64;
        self.toasts.retain(|toast| toast.text != text);
        self.toasts.push(Toast { id: self.next_toast, text, bad, until });
        self.next_toast += 1;
    }
}
