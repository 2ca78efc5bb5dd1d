//! Signing in, the end of a sign-in, and signing in again.
//!
//! A sign-in is a [`Trial`] beside the session: nothing that is on the screen changes before the
//! gateway has listed clusters for it. A session whose credentials are refused becomes
//! [`Session::Expired`] and keeps everything but the secret. A token that the hub made is renewed
//! quietly instead.

use std::rc::Rc;

use crate::action::{Answer, Call, Effect, Secret};
use crate::clusters;
use crate::prefs::Place;
use crate::remember;
use crate::route::Page as At;
use crate::state::{GatewayPrefs, Listing, Origin, Session, State, Trial, Trouble, Upkeep};
use gateway::hub::Visit;
use gateway::model;
use gateway::{Address, ApiError, AuthKind, Credentials};

/// After the hub could not make a token it is left alone for so long, ms.
const RENEW_PAUSE_MS: f64 = 30_000.0;

impl State {
    /// The hub's address, where the page may ask it for a token: the site's own configuration names
    /// it, and it is on the page's own origin, as cookies are good for nothing else.
    pub fn hub(&self) -> Option<Address> {
        let here = self.here.as_ref()?;
        let hub = Address::parse(self.config.hub.as_deref()?, Some(here)).ok()?;
        (hub.origin() == here.origin()).then_some(hub)
    }

    /// Whether the hub may make a token for the gateway at `address`. Only for the one that the
    /// site's own configuration names, and where that says so: a link may name any.
    pub fn is_hubs_own(&self, address: &Address) -> bool {
        let own = self.config.gateway.as_deref();
        let own = own.and_then(|text| Address::parse(text, self.here.as_ref()).ok());
        self.config.auth == Some(AuthKind::JupyterHub)
            && self.hub().is_some()
            && own.as_ref() == Some(address)
    }

    /// The gateway to sign in at through the hub's session without being asked.
    pub(super) fn hub_gateway(&self) -> Option<Address> {
        let otherwise = self.route.query.auth.is_some_and(|kind| kind != AuthKind::JupyterHub);
        self.wanted().filter(|wanted| !otherwise && self.is_hubs_own(wanted))
    }

    /// Somebody signs in by the form.
    #[inline(never)]
    pub(super) fn connect(
        &mut self,
        address: &str,
        kind: AuthKind,
        user: &str,
        secret: &Secret,
        effects: &mut Vec<Effect>,
    ) {
        self.connect_trouble = None;
        match Address::parse(address, self.here.as_ref()) {
            Ok(address) => self.sign_in(address, kind, user, secret, effects),
            Err(error) => {
                self.connect_trouble = Some(Trouble::plain("Check the address", error.words()));
            }
        }
    }

    /// Somebody whose sign-in has expired signs in again.
    pub(super) fn sign_in_again(&mut self, secret: &Secret, effects: &mut Vec<Effect>) {
        if let Session::Expired { who, .. } = &self.session {
            let who = who.clone();
            let user = who.user().unwrap_or_default();
            self.connect_trouble = None;
            self.sign_in(who.address().clone(), who.kind(), user, secret, effects);
        }
    }

    fn sign_in(
        &mut self,
        address: Address,
        kind: AuthKind,
        user: &str,
        secret: &Secret,
        effects: &mut Vec<Effect>,
    ) {
        let credentials = match kind {
            AuthKind::None => Ok(Credentials::none(address)),
            AuthKind::Kerberos => Ok(Credentials::kerberos(address)),
            AuthKind::Basic => Credentials::basic(address, user, &secret.0),
            AuthKind::JupyterHub if secret.0.trim().is_empty() && self.is_hubs_own(&address) => {
                self.land = true;
                self.visit(address, Origin::Person, effects);
                return;
            }
            AuthKind::JupyterHub => Credentials::jupyterhub(address, &secret.0),
        };
        match credentials {
            Ok(credentials) => {
                self.land = true;
                self.try_on(credentials, Origin::Person, effects);
            }
            Err(text) => self.connect_trouble = Some(Trouble::plain("Check the form", text)),
        }
    }

    fn new_epoch(&mut self) -> u32 {
        self.epochs += 1;
        self.epochs
    }

    fn begin_trial(&mut self, address: Address, origin: Origin) {
        let epoch = self.new_epoch();
        self.trial = Some(Trial { epoch, address, credentials: None, origin, prefs: None });
        self.connect_trouble = None;
        self.upkeep.hub_out = false;
    }

    /// Begins to sign in with credentials. The list of clusters is what proves them.
    pub(super) fn try_on(
        &mut self,
        credentials: Credentials,
        origin: Origin,
        effects: &mut Vec<Effect>,
    ) {
        self.begin_trial(credentials.address().clone(), origin);
        self.prove(Rc::new(credentials), effects);
    }

    /// Begins to sign in through the hub's session.
    pub(super) fn visit(&mut self, gateway: Address, origin: Origin, effects: &mut Vec<Effect>) {
        self.begin_trial(gateway.clone(), origin);
        self.ask_hub(self.epochs, gateway, None, effects);
    }

    fn ask_hub(
        &self,
        epoch: u32,
        gateway: Address,
        only: Option<String>,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(hub) = self.hub() {
            effects.push(Effect::Visit { epoch, hub, gateway, only });
        }
    }

    fn prove(&mut self, credentials: Rc<Credentials>, effects: &mut Vec<Effect>) {
        let Some(trial) = &mut self.trial else { return };
        effects.push(Effect::Recall(credentials.clone()));
        let epoch = trial.epoch;
        trial.credentials = Some(credentials.clone());
        effects.push(Effect::Call { epoch, call: Call::List, credentials });
    }

    /// Stops signing in. Who was signed in before still is.
    pub(super) fn give_up(&mut self, effects: &mut Vec<Effect>) {
        if let Some(trial) = self.trial.take() {
            self.revoke(trial.credentials.as_ref(), false, effects);
            if self.session == Session::Out {
                effects.push(Effect::KeepCredentials(None));
            }
        }
    }

    /// Ends a token that was made for this page; of others this does nothing.
    pub(super) fn revoke(
        &self,
        credentials: Option<&Rc<Credentials>>,
        say: bool,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(credentials) = credentials.filter(|one| one.grant().is_some())
            && let Some(hub) = self.hub()
        {
            effects.push(Effect::Revoke { hub, credentials: credentials.clone(), say });
        }
    }

    /// What the hub said.
    #[inline(never)]
    pub(super) fn visited(
        &mut self,
        epoch: u32,
        answer: Result<Visit, ApiError>,
        effects: &mut Vec<Effect>,
    ) {
        // The errors are worded for a gateway.
        let answer = match (answer, self.hub()) {
            (Err(error), Some(hub)) => Err(error.of_hub(hub.as_str())),
            (answer, _) => answer,
        };
        if self.trial.as_ref().is_some_and(|trial| trial.epoch == epoch) {
            match answer {
                Ok(Visit::Granted(credentials)) => self.prove(credentials, effects),
                Ok(Visit::SignedOut | Visit::Other(_)) => {
                    self.trial = None;
                    self.upkeep.hub_out = true;
                }
                Err(error) => {
                    self.trial = None;
                    self.connect_trouble = Some(Trouble::new("The hub gave no token", &error));
                }
            }
        } else if epoch == self.epoch && self.upkeep.renewal.is_some() {
            self.renewed(answer, effects);
        } else if let Ok(Visit::Granted(credentials)) = answer {
            // Made for somebody who has left.
            self.revoke(Some(&credentials), false, effects);
        }
    }

    /// The answer to the call that proves a sign-in.
    #[inline(never)]
    pub(super) fn tried(&mut self, answer: Result<Answer, ApiError>, effects: &mut Vec<Effect>) {
        let Some(trial) = self.trial.take() else { return };
        let Some(credentials) = trial.credentials.clone() else { return };
        match answer {
            Ok(Answer::List(listing)) => self.enter(&trial, credentials, listing, effects),
            Ok(_) => {}
            Err(error) => self.refused(trial, &credentials, &error, effects),
        }
    }

    fn enter(
        &mut self,
        trial: &Trial,
        credentials: Rc<Credentials>,
        listing: model::Listing,
        effects: &mut Vec<Effect>,
    ) {
        self.revoke(self.session.credentials(), false, effects);
        let before = self.session.who().cloned();
        let same = before.as_ref().is_some_and(|who| self.is_same(who, &credentials, &listing));
        if same {
            self.settle();
        } else {
            self.drop_session(effects);
        }
        self.left = None;
        self.session = Session::In(credentials.clone());
        self.epoch = trial.epoch;
        self.upkeep = Upkeep { proven: true, ..Upkeep::default() };
        self.connect_trouble = None;
        effects.push(Effect::KeepCredentials(Some(credentials.clone())));
        // What was kept without a name is known by who is here, not by what is stored.
        let nameless = Place::of(&credentials).tab_only;
        if let Some(prefs) = trial.prefs.as_ref().filter(|_| !(same && nameless)) {
            remember::remembered(self, prefs.clone());
        }
        if nameless {
            let kept = self.prefs.clone();
            effects.push(Effect::Keep(credentials, kept.clone(), kept));
        }
        clusters::answer(self, Call::List, Ok(Answer::List(listing)), effects);
        self.call(Call::Version, effects);
        // Also where they are known: an answer may have been lost with the sign-in before. A form
        // that somebody is filling in stays as it is.
        self.ask_options(effects);
        if self.land && matches!(self.route.page, At::Connect | At::Home) {
            let mut route = self.route.follow(At::Clusters);
            route.query.options.clone_from(&self.route.query.options);
            route.query.new = !route.query.options.is_empty();
            self.go(route, true, effects);
        }
    }

    /// Whether the one who signs in is the one whose clusters are on the screen. A pasted token says
    /// no name: there a cluster that both have tells it, as its name is a secret.
    fn is_same(&self, who: &Credentials, new: &Credentials, listing: &model::Listing) -> bool {
        who.address() == new.address()
            && match (who.user(), new.user()) {
                (Some(one), Some(other)) => one == other,
                _ => listing.clusters.iter().any(|one| self.clusters.contains_key(&one.name)),
            }
    }

    /// The same person is there again: what was under way when the sign-in expired is over.
    fn settle(&mut self) {
        self.creation.busy = false;
        self.creation.trouble = None;
        self.lookup = None;
        for (_, entry) in self.clusters.iter_mut() {
            let entry = Rc::make_mut(entry);
            entry.busy = false;
            entry.ending = false;
            // Auto stop counts anew: nobody could have stopped it meanwhile.
            entry.idleness.restart();
        }
    }

    fn refused(
        &mut self,
        trial: Trial,
        credentials: &Rc<Credentials>,
        error: &ApiError,
        effects: &mut Vec<Effect>,
    ) {
        let Trial { address, origin, .. } = trial;
        if origin == Origin::Kept && error.wants_sign_in() {
            if credentials.grant().is_some() && self.is_hubs_own(&address) {
                // The kept token has ended; the hub may still know its user.
                let spent = Rc::new(credentials.without_secret());
                effects.push(Effect::KeepCredentials(Some(spent)));
                self.visit(address, Origin::PageOrigin, effects);
                return;
            }
            let who = Rc::new(credentials.without_secret());
            effects.push(Effect::KeepCredentials(Some(who.clone())));
            self.session = Session::Expired { who, trouble: Trouble::default() };
        }
        if origin != Origin::Kept || error.wants_sign_in() {
            self.revoke(Some(credentials), false, effects);
        }
        let mut trouble = Trouble::signing_in("Could not sign in", error, credentials.kind());
        if !error.wants_sign_in() {
            trouble.title = "Could not connect".into();
        } else if origin == Origin::Kept {
            trouble.title = EXPIRED.into();
        } else if credentials.grant().is_some_and(|grant| !grant.scoped) {
            trouble.hint =
                "Your account at the hub does not have the scope that this gateway asks \
                            for, access:services!service=<the gateway's name>. Ask the hub's \
                            administrator for it."
                    .into();
        }
        self.connect_trouble = Some(trouble);
    }

    /// An answer within the session says that the credentials are refused. With a token that the hub
    /// made the call is made again, once, with a new token; else the sign-in has expired. A token that no
    /// answer has proven yet is replaced only if it is old: a computer may sleep as soon as it was made.
    #[inline(never)]
    pub(super) fn unauthorized(&mut self, call: Call, error: ApiError, effects: &mut Vec<Effect>) {
        if let Some(calls) = &mut self.upkeep.renewal {
            calls.push(call);
            return;
        }
        if (self.upkeep.proven || self.is_renewal_due()) && self.can_renew() {
            self.renew(vec![call], effects);
        } else {
            self.expire(vec![call], &error, effects);
        }
    }

    /// Whether the hub can be asked for another token.
    fn can_renew(&self) -> bool {
        let own = |one: &&Rc<Credentials>| one.grant().is_some() && self.is_hubs_own(one.address());
        self.session.credentials().as_ref().is_some_and(own)
    }

    fn renew(&mut self, calls: Vec<Call>, effects: &mut Vec<Effect>) {
        let Some(credentials) = self.session.credentials().cloned() else { return };
        self.upkeep.renewal = Some(calls);
        let only = credentials.user().map(str::to_owned);
        self.ask_hub(self.epoch, credentials.address().clone(), only, effects);
    }

    /// Whether the token in use ends soon or has ended.
    fn is_renewal_due(&self) -> bool {
        let grant = self.session.credentials().and_then(|one| one.grant());
        grant.is_some_and(|grant| self.now >= grant.renew_at() as f64)
    }

    /// Asks for another token before the one in use ends.
    pub(super) fn renew_in_time(&mut self, effects: &mut Vec<Effect>) {
        if self.is_renewal_due()
            && self.upkeep.renewal.is_none()
            && self.now >= self.upkeep.renew_after
            && self.can_renew()
        {
            self.renew(Vec::new(), effects);
        }
    }

    fn renewed(&mut self, answer: Result<Visit, ApiError>, effects: &mut Vec<Effect>) {
        let Some(calls) = self.upkeep.renewal.take() else { return };
        match answer {
            Ok(Visit::Granted(credentials)) => {
                self.revoke(self.session.credentials(), false, effects);
                self.session = Session::In(credentials.clone());
                self.epoch_before = Some(self.epoch);
                self.epoch = self.new_epoch();
                self.upkeep.proven = false;
                effects.push(Effect::KeepCredentials(Some(credentials)));
                for call in calls {
                    self.call(call, effects);
                }
            }
            Ok(Visit::SignedOut) => {
                self.upkeep.hub_out = true;
                let words = "You are signed out of JupyterHub".into();
                self.expire(calls, &ApiError::HubToken { words }, effects);
            }
            Ok(Visit::Other(user)) => {
                let words = format!("{user} is signed in at JupyterHub now");
                self.expire(calls, &ApiError::HubToken { words }, effects);
            }
            // The hub may come back. The token in use is good unless a call was refused.
            Err(error) if error.is_passing() || calls.is_empty() => {
                self.upkeep.renew_after = self.now + RENEW_PAUSE_MS;
                for call in calls {
                    self.answer(call, Err(error.clone()), effects);
                }
            }
            Err(error) => self.expire(calls, &error, effects),
        }
    }

    /// The gateway takes the credentials no more: the secret goes, everything else stays.
    fn expire(&mut self, calls: Vec<Call>, error: &ApiError, effects: &mut Vec<Effect>) {
        let Some(credentials) = self.session.credentials().cloned() else { return };
        let who = Rc::new(credentials.without_secret());
        let trouble = Trouble::signing_in(EXPIRED, error, credentials.kind());
        self.session = Session::Expired { who: who.clone(), trouble };
        self.connect_trouble = None;
        self.upkeep.renewal = None;
        self.epoch = self.new_epoch();
        self.epoch_before = None;
        for call in calls {
            // That the list is old stands in the banner.
            if call != Call::List {
                clusters::answer(self, call, Err(error.clone()), effects);
            }
        }
        self.settle_requests();
        effects.push(Effect::KeepCredentials(Some(who)));
        self.revoke(Some(&credentials), false, effects);
    }

    /// Answers to requests that are on their way will not be heard.
    fn settle_requests(&mut self) {
        self.listing.waiting = false;
        self.creation.busy = false;
        for (_, entry) in self.clusters.iter_mut() {
            if entry.busy || entry.ending {
                let entry = Rc::make_mut(entry);
                entry.busy = false;
                entry.ending = false;
            }
        }
    }

    /// Asks which options the gateway offers.
    pub(super) fn ask_options(&mut self, effects: &mut Vec<Effect>) {
        if !self.is_in() {
            self.say("Sign in again first.".into(), true);
            return;
        }
        self.options_trouble = None;
        self.call(Call::Options, effects);
    }

    /// Signs out.
    pub(super) fn leave(&mut self, effects: &mut Vec<Effect>) {
        self.revoke(self.session.credentials(), true, effects);
        if let Some(trial) = self.trial.take() {
            self.revoke(trial.credentials.as_ref(), false, effects);
        }
        self.drop_session(effects);
        self.connect_trouble = None;
        effects.push(Effect::KeepCredentials(None));
    }

    /// Ends the session, and what was watched in it: it is not the next one's to see.
    fn drop_session(&mut self, effects: &mut Vec<Effect>) {
        for who in [self.session.who(), self.left.as_ref()].into_iter().flatten() {
            effects.push(Effect::Unwatch(who.address().clone()));
        }
        // There is no way back to it.
        self.revoke(self.left.as_ref(), false, effects);
        self.forget();
    }

    /// Drops all that the state holds of a session.
    pub(super) fn forget(&mut self) {
        self.epoch = self.new_epoch();
        self.epoch_before = None;
        self.session = Session::Out;
        self.upkeep = Upkeep::default();
        self.left = None;
        self.version = None;
        self.options = None;
        self.options_trouble = None;
        self.clusters.clear();
        self.listing = Listing::default();
        self.lookup = None;
        self.begin_anew();
        self.prefs = Rc::new(GatewayPrefs::default());
        self.recalled.clear();
        self.dialog = None;
    }
}

/// What a banner says over what was seen before.
const EXPIRED: &str = "Your sign-in has expired or was revoked";
