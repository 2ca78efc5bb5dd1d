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
}

/// The gateway to sign in at through the hub's session without being asked.
pub(super) fn hub_gateway(state: &State) -> Option<Address> {
    let otherwise = state.route.query.auth.is_some_and(|kind| kind != AuthKind::JupyterHub);
    state.wanted().filter(|wanted| !otherwise && state.is_hubs_own(wanted))
}

/// Somebody signs in by the form.
#[inline(never)]
pub(super) fn connect(
    state: &mut State,
    address: &str,
    kind: AuthKind,
    user: &str,
    secret: &Secret,
    effects: &mut Vec<Effect>,
) {
    state.connect_trouble = None;
    match Address::parse(address, state.here.as_ref()) {
        Ok(address) => sign_in(state, address, kind, user, secret, effects),
        Err(error) => {
            state.connect_trouble = Some(Trouble::plain("Check the address", error.words()));
        }
    }
}

/// Somebody whose sign-in has expired signs in again.
pub(super) fn sign_in_again(state: &mut State, secret: &Secret, effects: &mut Vec<Effect>) {
    if let Session::Expired { who, .. } = &state.session {
        let who = who.clone();
        let user = who.user().unwrap_or_default();
        state.connect_trouble = None;
        sign_in(state, who.address().clone(), who.kind(), user, secret, effects);
    }
}

fn sign_in(
    state: &mut State,
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
        AuthKind::JupyterHub if secret.0.trim().is_empty() && state.is_hubs_own(&address) => {
            state.land = true;
            visit(state, address, Origin::Person, effects);
            return;
        }
        AuthKind::JupyterHub => Credentials::jupyterhub(address, &secret.0),
    };
    match credentials {
        Ok(credentials) => {
            state.land = true;
            try_on(state, credentials, Origin::Person, effects);
        }
        Err(text) => state.connect_trouble = Some(Trouble::plain("Check the form", text)),
    }
}

fn new_epoch(state: &mut State) -> u32 {
    state.epochs += 1;
    state.epochs
}

fn begin_trial(state: &mut State, address: Address, origin: Origin) {
    let epoch = new_epoch(state);
    state.trial = Some(Trial { epoch, address, credentials: None, origin, prefs: None });
    state.connect_trouble = None;
    state.upkeep.hub_out = false;
}

/// Begins to sign in with credentials. The list of clusters is what proves them.
pub(super) fn try_on(
    state: &mut State,
    credentials: Credentials,
    origin: Origin,
    effects: &mut Vec<Effect>,
) {
    begin_trial(state, credentials.address().clone(), origin);
    prove(state, Rc::new(credentials), effects);
}

/// Begins to sign in through the hub's session.
pub(super) fn visit(
    state: &mut State,
    gateway: Address,
    origin: Origin,
    effects: &mut Vec<Effect>,
) {
    begin_trial(state, gateway.clone(), origin);
    ask_hub(state, state.epochs, gateway, None, effects);
}

fn ask_hub(
    state: &State,
    epoch: u32,
    gateway: Address,
    only: Option<String>,
    effects: &mut Vec<Effect>,
) {
    if let Some(hub) = state.hub() {
        effects.push(Effect::Visit { epoch, hub, gateway, only });
    }
}

fn prove(state: &mut State, credentials: Rc<Credentials>, effects: &mut Vec<Effect>) {
    let Some(trial) = &mut state.trial else { return };
    effects.push(Effect::Recall(credentials.clone()));
    let epoch = trial.epoch;
    trial.credentials = Some(credentials.clone());
    effects.push(Effect::Call { epoch, call: Call::List, credentials });
}

/// Stops signing in. Who was signed in before still is.
pub(super) fn give_up(state: &mut State, effects: &mut Vec<Effect>) {
    if let Some(trial) = state.trial.take() {
        revoke(state, trial.credentials.as_ref(), false, effects);
        if state.session == Session::Out {
            effects.push(Effect::KeepCredentials(None));
        }
    }
}

/// Ends a token that was made for this page; of others this does nothing.
pub(super) fn revoke(
    state: &State,
    credentials: Option<&Rc<Credentials>>,
    say: bool,
    effects: &mut Vec<Effect>,
) {
    if let Some(credentials) = credentials.filter(|one| one.grant().is_some())
        && let Some(hub) = state.hub()
    {
        effects.push(Effect::Revoke { hub, credentials: credentials.clone(), say });
    }
}

/// What the hub said.
#[inline(never)]
pub(super) fn visited(
    state: &mut State,
    epoch: u32,
    answer: Result<Visit, ApiError>,
    effects: &mut Vec<Effect>,
) {
    // The errors are worded for a gateway.
    let answer = match (answer, state.hub()) {
        (Err(error), Some(hub)) => Err(error.of_hub(hub.as_str())),
        (answer, _) => answer,
    };
    if state.trial.as_ref().is_some_and(|trial| trial.epoch == epoch) {
        match answer {
            Ok(Visit::Granted(credentials)) => prove(state, credentials, effects),
            Ok(Visit::SignedOut | Visit::Other(_)) => {
                state.trial = None;
                state.upkeep.hub_out = true;
            }
            Err(error) => {
                state.trial = None;
                state.connect_trouble = Some(Trouble::new("The hub gave no token", &error));
            }
        }
    } else if epoch == state.epoch && state.upkeep.renewal.is_some() {
        renewed(state, answer, effects);
    } else if let Ok(Visit::Granted(credentials)) = answer {
        // Made for somebody who has left.
        revoke(state, Some(&credentials), false, effects);
    }
}

/// The answer to the call that proves a sign-in.
#[inline(never)]
pub(super) fn tried(
    state: &mut State,
    answer: Result<Answer, ApiError>,
    effects: &mut Vec<Effect>,
) {
    let Some(trial) = state.trial.take() else { return };
    let Some(credentials) = trial.credentials.clone() else { return };
    match answer {
        Ok(Answer::List(listing)) => enter(state, &trial, credentials, listing, effects),
        Ok(_) => {}
        Err(error) => refused(state, trial, &credentials, &error, effects),
    }
}

fn enter(
    state: &mut State,
    trial: &Trial,
    credentials: Rc<Credentials>,
    listing: model::Listing,
    effects: &mut Vec<Effect>,
) {
    revoke(state, state.session.credentials(), false, effects);
    let before = state.session.who().cloned();
    let same = before.as_ref().is_some_and(|who| is_same(state, who, &credentials, &listing));
    if same {
        settle(state);
    } else {
        drop_session(state, effects);
    }
    state.left = None;
    state.session = Session::In(credentials.clone());
    state.epoch = trial.epoch;
    state.upkeep = Upkeep { proven: true, ..Upkeep::default() };
    state.connect_trouble = None;
    effects.push(Effect::KeepCredentials(Some(credentials.clone())));
    // What was kept without a name is known by who is here, not by what is stored.
    let nameless = Place::of(&credentials).tab_only;
    if let Some(prefs) = trial.prefs.as_ref().filter(|_| !(same && nameless)) {
        remember::remembered(state, prefs.clone());
    }
    if nameless {
        let kept = state.prefs.clone();
        effects.push(Effect::Keep(credentials, kept.clone(), kept));
    }
    clusters::answer(state, Call::List, Ok(Answer::List(listing)), effects);
    state.call(Call::Version, effects);
    // Also where they are known: an answer may have been lost with the sign-in before. A form
    // that somebody is filling in stays as it is.
    ask_options(state, effects);
    if state.land && matches!(state.route.page, At::Connect | At::Home) {
        let mut route = state.route.follow(At::Clusters);
        route.query.options.clone_from(&state.route.query.options);
        route.query.new = !route.query.options.is_empty();
        state.go(route, true, effects);
    }
}

/// Whether the one who signs in is the one whose clusters are on the screen. A pasted token says
/// no name: there a cluster that both have tells it, as its name is a secret.
fn is_same(state: &State, who: &Credentials, new: &Credentials, listing: &model::Listing) -> bool {
    who.address() == new.address()
        && match (who.user(), new.user()) {
            (Some(one), Some(other)) => one == other,
            _ => listing.clusters.iter().any(|one| state.clusters.contains_key(&one.name)),
        }
}

/// The same person is there again: what was under way when the sign-in expired is over.
fn settle(state: &mut State) {
    state.creation.busy = false;
    state.creation.trouble = None;
    state.lookup = None;
    for (_, entry) in state.clusters.iter_mut() {
        let entry = Rc::make_mut(entry);
        entry.busy = false;
        entry.ending = false;
        // Auto stop counts anew: nobody could have stopped it meanwhile.
        entry.idleness.restart();
    }
}

fn refused(
    state: &mut State,
    trial: Trial,
    credentials: &Rc<Credentials>,
    error: &ApiError,
    effects: &mut Vec<Effect>,
) {
    let Trial { address, origin, .. } = trial;
    if origin == Origin::Kept && error.wants_sign_in() {
        if credentials.grant().is_some() && state.is_hubs_own(&address) {
            // The kept token has ended; the hub may still know its user.
            let spent = Rc::new(credentials.without_secret());
            effects.push(Effect::KeepCredentials(Some(spent)));
            visit(state, address, Origin::PageOrigin, effects);
            return;
        }
        let who = Rc::new(credentials.without_secret());
        effects.push(Effect::KeepCredentials(Some(who.clone())));
        state.session = Session::Expired { who, trouble: Trouble::default() };
    }
    if origin != Origin::Kept || error.wants_sign_in() {
        revoke(state, Some(credentials), false, effects);
    }
    let mut trouble = Trouble::signing_in("Could not sign in", error, credentials.kind());
    if !error.wants_sign_in() {
        trouble.title = "Could not connect".into();
    } else if origin == Origin::Kept {
        trouble.title = EXPIRED.into();
    } else if credentials.grant().is_some_and(|grant| !grant.scoped) {
        trouble.hint = "Your account at the hub does not have the scope that this gateway asks \
                        for, access:services!service=<the gateway's name>. Ask the hub's \
                        administrator for it."
            .into();
    }
    state.connect_trouble = Some(trouble);
}

/// An answer within the session says that the credentials are refused. With a token that the hub
/// made the call is made again, once, with a new token; else the sign-in has expired. A token that no
/// answer has proven yet is replaced only if it is old: a computer may sleep as soon as it was made.
#[inline(never)]
pub(super) fn unauthorized(
    state: &mut State,
    call: Call,
    error: ApiError,
    effects: &mut Vec<Effect>,
) {
    if let Some(calls) = &mut state.upkeep.renewal {
        calls.push(call);
        return;
    }
    if (state.upkeep.proven || is_renewal_due(state)) && can_renew(state) {
        renew(state, vec![call], effects);
    } else {
        expire(state, vec![call], &error, effects);
    }
}

/// Whether the hub can be asked for another token.
fn can_renew(state: &State) -> bool {
    let own = |one: &&Rc<Credentials>| one.grant().is_some() && state.is_hubs_own(one.address());
    state.session.credentials().as_ref().is_some_and(own)
}

fn renew(state: &mut State, calls: Vec<Call>, effects: &mut Vec<Effect>) {
    let Some(credentials) = state.session.credentials().cloned() else { return };
    state.upkeep.renewal = Some(calls);
    let only = credentials.user().map(str::to_owned);
    ask_hub(state, state.epoch, credentials.address().clone(), only, effects);
}

/// Whether the token in use ends soon or has ended.
fn is_renewal_due(state: &State) -> bool {
    let grant = state.session.credentials().and_then(|one| one.grant());
    grant.is_some_and(|grant| state.now >= grant.renew_at() as f64)
}

/// Asks for another token before the one in use ends.
pub(super) fn renew_in_time(state: &mut State, effects: &mut Vec<Effect>) {
    if is_renewal_due(state)
        && state.upkeep.renewal.is_none()
        && state.now >= state.upkeep.renew_after
        && can_renew(state)
    {
        renew(state, Vec::new(), effects);
    }
}

fn renewed(state: &mut State, answer: Result<Visit, ApiError>, effects: &mut Vec<Effect>) {
    let Some(calls) = state.upkeep.renewal.take() else { return };
    match answer {
        Ok(Visit::Granted(credentials)) => {
            revoke(state, state.session.credentials(), false, effects);
            state.session = Session::In(credentials.clone());
            state.epoch_before = Some(state.epoch);
            state.epoch = new_epoch(state);
            state.upkeep.proven = false;
            effects.push(Effect::KeepCredentials(Some(credentials)));
            for call in calls {
                state.call(call, effects);
            }
        }
        Ok(Visit::SignedOut) => {
            state.upkeep.hub_out = true;
            let words = "You are signed out of JupyterHub".into();
            expire(state, calls, &ApiError::HubToken { words }, effects);
        }
        Ok(Visit::Other(user)) => {
            let words = format!("{user} is signed in at JupyterHub now");
            expire(state, calls, &ApiError::HubToken { words }, effects);
        }
        // The hub may come back. The token in use is good unless a call was refused.
        Err(error) if error.is_passing() || calls.is_empty() => {
            state.upkeep.renew_after = state.now + RENEW_PAUSE_MS;
            for call in calls {
                state.answer(call, Err(error.clone()), effects);
            }
        }
        Err(error) => expire(state, calls, &error, effects),
    }
}

/// The gateway takes the credentials no more: the secret goes, everything else stays.
fn expire(state: &mut State, calls: Vec<Call>, error: &ApiError, effects: &mut Vec<Effect>) {
    let Some(credentials) = state.session.credentials().cloned() else { return };
    let who = Rc::new(credentials.without_secret());
    let trouble = Trouble::signing_in(EXPIRED, error, credentials.kind());
    state.session = Session::Expired { who: who.clone(), trouble };
    state.connect_trouble = None;
    state.upkeep.renewal = None;
    state.epoch = new_epoch(state);
    state.epoch_before = None;
    for call in calls {
        // That the list is old stands in the banner.
        if call != Call::List {
            clusters::answer(state, call, Err(error.clone()), effects);
        }
    }
    settle_requests(state);
    effects.push(Effect::KeepCredentials(Some(who)));
    revoke(state, Some(&credentials), false, effects);
}

/// Answers to requests that are on their way will not be heard.
fn settle_requests(state: &mut State) {
    state.listing.waiting = false;
    state.creation.busy = false;
    for (_, entry) in state.clusters.iter_mut() {
        if entry.busy || entry.ending {
            let entry = Rc::make_mut(entry);
            entry.busy = false;
            entry.ending = false;
        }
    }
}

/// Asks which options the gateway offers.
pub(super) fn ask_options(state: &mut State, effects: &mut Vec<Effect>) {
    if !state.is_in() {
        state.say("Sign in again first.".into(), true);
        return;
    }
    state.options_trouble = None;
    state.call(Call::Options, effects);
}

/// Signs out.
pub(super) fn leave(state: &mut State, effects: &mut Vec<Effect>) {
    revoke(state, state.session.credentials(), true, effects);
    if let Some(trial) = state.trial.take() {
        revoke(state, trial.credentials.as_ref(), false, effects);
    }
    drop_session(state, effects);
    state.connect_trouble = None;
    effects.push(Effect::KeepCredentials(None));
}

/// Ends the session, and what was watched in it: it is not the next one's to see.
fn drop_session(state: &mut State, effects: &mut Vec<Effect>) {
    for who in [state.session.who(), state.left.as_ref()].into_iter().flatten() {
        effects.push(Effect::Unwatch(who.address().clone()));
    }
    // There is no way back to it.
    revoke(state, state.left.as_ref(), false, effects);
    forget(state);
}

/// Drops all that the state holds of a session.
pub(super) fn forget(state: &mut State) {
    state.epoch = new_epoch(state);
    state.epoch_before = None;
    state.session = Session::Out;
    state.upkeep = Upkeep::default();
    state.left = None;
    state.version = None;
    state.options = None;
    state.options_trouble = None;
    state.clusters.clear();
    state.listing = Listing::default();
    state.lookup = None;
    state.begin_anew();
    state.prefs = Rc::new(GatewayPrefs::default());
    state.recalled.clear();
    state.dialog = None;
}

/// What a banner says over what was seen before.
const EXPIRED: &str = "Your sign-in has expired or was revoked";
