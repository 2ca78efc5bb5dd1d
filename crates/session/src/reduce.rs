//! The one function that changes the state. Pure: what has to be done in the world comes back as
//! effects.

use std::rc::Rc;

use crate::action::{Action, Answer, Browser, Call, Effect};
use crate::clusters;
use crate::config::Config;
use crate::framing;
use crate::remember;
use crate::route::{Page as At, Route};
use crate::sign_in;
use crate::sizing;
use crate::state::{Creation, Dialog, Origin, Probe, Session, State, Toast, Trouble};
use crate::watching;
use gateway::{ApiError, AuthKind, Credentials};

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
                let Browser { ancestors, agreed, signed_out } = browser;
                self.framed = crate::ancestors::foreign(&ancestors, here.as_ref(), &config);
                self.agreed = agreed;
                self.here = here;
                self.start(config, route, kept, signed_out, now, effects);
            }
            Action::Arrived(route) => self.arrive(route, effects),
            Action::Go(mut route) => {
                // *New cluster* means the form that a link fills in here, also before it is drawn.
                let here = &self.route;
                if route.query.new && route.page == here.page && route.query.options.is_empty() {
                    route.query.options.clone_from(&here.query.options);
                }
                self.go(route, false, effects);
            }
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
            Action::Tick { now, forward, hidden } => {
                self.forward = forward;
                self.tick(now, hidden, effects);
            }
            Action::Probed(found) => {
                self.probe = if found.is_some() { Probe::Idle } else { Probe::Nothing };
                self.found = found;
            }
            Action::Connect { address, kind, user, secret } => {
                sign_in::connect(self, &address, kind, &user, &secret, effects);
            }
            Action::SignInAgain(secret) => sign_in::sign_in_again(self, &secret, effects),
            Action::GiveUp => sign_in::give_up(self, effects),
            Action::SignOut => {
                sign_in::leave(self, effects);
                self.go(self.route.follow(At::Connect), false, effects);
            }
            Action::Visited { epoch, answer } => sign_in::visited(self, epoch, answer, effects),
            Action::AskOptions => sign_in::ask_options(self, effects),
            Action::Remembered(prefs) => match &mut self.trial {
                Some(trial) => trial.prefs = Some(prefs),
                None => remember::remembered(self, prefs),
            },
            Action::Answer { epoch, call, answer } if epoch == self.epoch => {
                self.answer(call, answer, effects);
            }
            Action::Answer { epoch, answer, .. }
                if self.trial.as_ref().is_some_and(|trial| trial.epoch == epoch) =>
            {
                sign_in::tried(self, answer, effects);
            }
            Action::Answer { epoch, call, answer } if Some(epoch) == self.epoch_before => {
                match (&answer, &mut self.upkeep.renewal) {
                    // It was made with the token before this one.
                    (Err(error), None) if error.wants_sign_in() => self.call(call, effects),
                    (Err(error), Some(calls)) if error.wants_sign_in() => calls.push(call),
                    _ => self.answer(call, answer, effects),
                }
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
            Action::Refresh => clusters::refresh(self, effects),
            Action::Create(options) => clusters::create(self, options, effects),
            Action::ClearCreation => {
                self.creation.trouble = None;
                self.creation.fields.clear();
            }
            Action::TryAgain(name) => clusters::try_again(self, &name, effects),
            Action::Preset(name, values) => remember::preset(self, name, values, effects),
            Action::Scale(name, count) => clusters::ask_scale(self, name, count, effects),
            Action::Adapt { name, minimum, maximum } => {
                clusters::ask_adapt(self, name, minimum, maximum, effects);
            }
            Action::AdaptStop(name) => {
                sizing::ask(self, &name, Call::Adapt(name.clone(), None), effects);
            }
            Action::SetScope(name, scope) => clusters::set_scope(self, &name, scope, effects),
            Action::KeptElsewhere(prefs) => remember::adopt(self, prefs.into()),
            Action::ClearMessage(name) => {
                if let Some(entry) = sizing::entry(self, &name) {
                    entry.message = None;
                }
            }
            Action::ForgetPast => remember::forget_past(self, effects),
            Action::Ask(dialog) => self.dialog = Some(dialog),
            Action::Cancel => self.dialog = None,
            Action::Confirm => clusters::confirm(self, effects),
        }
    }

    #[inline(never)]
    fn start(
        &mut self,
        config: Config,
        route: Route,
        kept: Option<Credentials>,
        signed_out: bool,
        now: f64,
        effects: &mut Vec<Effect>,
    ) {
        let again = std::mem::replace(&mut self.started, true);
        self.config = Rc::new(config);
        self.now = now;
        self.route = route;
        if again && (self.session != Session::Out || self.trial.is_some()) {
            return;
        }
        let wanted = self.wanted();
        self.land = self.route.page == At::Home;
        match kept {
            // Kept credentials are good for the address they were given for, and a link that
            // names another one never gets them.
            Some(kept)
                if self.wanted_text().is_none() || wanted.as_ref() == Some(kept.address()) =>
            {
                self.come_back(kept, effects);
            }
            _ if !signed_out
                && self.needs_gateway()
                && let Some(gateway) = sign_in::hub_gateway(self) =>
            {
                sign_in::visit(self, gateway, Origin::PageOrigin, effects);
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
        // So does a sign-in that is under way end where a link names another gateway.
        if self.route.query.gateway.is_some()
            && let Some(wanted) = self.wanted()
            && let Some(trial) = self.trial.take_if(|trial| trial.address != wanted)
        {
            sign_in::revoke(self, trial.credentials.as_ref(), false, effects);
        }
        // A link followed inside the app that names another gateway leaves the present one: it
        // must not look as if these clusters were over there.
        if self.route.query.gateway.is_some()
            && let (Some(wanted), Some(present)) = (self.wanted(), self.session.address())
            && wanted != *present
        {
            let left = self.session.who().cloned();
            sign_in::forget(self);
            self.left = left;
            self.connect_trouble = None;
        } else if self.session == Session::Out
            && let Some(left) = &self.left
            && self.wanted_text().is_none_or(|_| self.wanted().as_ref() == Some(left.address()))
        {
            // Back from there: the credentials are good for where they were given.
            let left = Credentials::clone(left);
            self.left = None;
            self.come_back(left, effects);
        }
        self.leave_home(effects);
    }

    /// Goes on with credentials of before. Those whose secret is gone say only whom to ask.
    fn come_back(&mut self, kept: Credentials, effects: &mut Vec<Effect>) {
        if !kept.is_spent() {
            sign_in::try_on(self, kept, Origin::Kept, effects);
        } else if kept.kind() == AuthKind::JupyterHub && self.is_hubs_own(kept.address()) {
            sign_in::visit(self, kept.address().clone(), Origin::PageOrigin, effects);
        } else {
            let trouble = Trouble::plain("Sign in again", "Your sign-in has expired.");
            self.session = Session::Expired { who: Rc::new(kept), trouble };
        }
    }

    /// The bare address stands for another page.
    #[inline(never)]
    fn leave_home(&mut self, effects: &mut Vec<Effect>) {
        if self.route.page == At::Home {
            let out = !self.has_clusters() && self.trial.is_none();
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
        self.take_now(now);
        self.hidden = hidden;
        self.toasts.retain(|toast| toast.until as f64 > now);
        sign_in::renew_in_time(self, effects);
        if self.has_clusters() {
            clusters::tick(self, effects);
        }
    }

    /// Empties what is known of the cluster being made, and its form.
    #[inline(never)]
    pub(super) fn begin_anew(&mut self) {
        self.creation = Creation { revision: self.creation.revision + 1, ..Creation::default() };
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
    pub(super) fn answer(
        &mut self,
        call: Call,
        answer: Result<Answer, ApiError>,
        effects: &mut Vec<Effect>,
    ) {
        match (call, answer) {
            // A gateway behind a proxy may hide its version.
            (Call::Version, answer) => {
                if let Ok(Answer::Version(version)) = answer {
                    self.version = Some(version);
                }
            }
            (call, Err(error)) if error.wants_sign_in() => {
                sign_in::unauthorized(self, call, error, effects);
            }
            (Call::Options, Ok(Answer::Options(options))) => {
                self.upkeep.proven = true;
                // Asked for again, they leave what was typed as it is.
                self.creation.revision += u32::from(self.options.is_none());
                self.options = Some(Rc::new(options));
            }
            (Call::Options, Err(error)) => {
                let title = "The gateway could not tell its cluster options";
                let hint = "Your clusters can still be watched and shut down. If trying again does \
                            not help, tell the gateway's administrator.";
                let hint = hint.to_owned();
                self.options_trouble = Some(Trouble { hint, ..Trouble::new(title, &error) });
            }
            (call, answer) => {
                self.upkeep.proven |= answer.is_ok();
                clusters::answer(self, call, answer, effects);
            }
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
