//! Carries out what the reducer wants done.

use super::store::Dispatch;
use crate::web::run::spawn;
use crate::web::{chart, clock, http, hub, keeper, location, notify, storage};
use gateway::{Address, AuthKind, Credentials, api};
use session::action::{Action, Effect};
use session::calls;
use session::counts::Counts;
use session::idle::{Depth, Look};
use session::prefs::Place;
use session::state::{GatewayPrefs, State};

/// Where a gateway usually is, seen from the page.
const USUAL_PLACES: [&str; 3] = ["./", "/services/dask-gateway", "/gateway"];

/// Carries out one effect; what it brings comes back as an action.
pub fn run(effect: Effect, dispatch: &Dispatch) {
    let dispatch = dispatch.clone();
    match effect {
        Effect::Call { epoch, call, credentials } => spawn(async move {
            let request = calls::request(&call, &credentials);
            let answer = match http::send(&request, credentials.address()).await {
                Ok(response) => calls::read(&call, &response),
                Err(error) => Err(error),
            };
            dispatch.act(Action::Answer { epoch, call, answer });
        }),
        Effect::Count { epoch, name, dashboard, depth } => spawn(async move {
            let asked = clock::reading();
            let counts = count(&dashboard, depth).await;
            let look = Look { asked, answered: clock::reading(), counts };
            if depth == Depth::Proof {
                // A page whose timers slept may not have heard yet what another tab chose.
                adopt_stored(&dispatch);
            }
            dispatch.act(Action::Counted { epoch, name, look });
        }),
        Effect::Probe => spawn(async move {
            dispatch.act(Action::Probed(probe().await));
        }),
        Effect::Go { route, replace } => dispatch.location().go(&route, replace),
        Effect::KeepCredentials(credentials) => {
            // What was kept in this tab for somebody without a name goes with the sign-in.
            if let (None, Some(left)) = (&credentials, storage::credentials())
                && Place::of(&left).tab_only
            {
                storage::drop_here(&Place::of(&left).key);
            }
            storage::keep_credentials(credentials.as_deref());
        }
        Effect::Unwatch(address) => crate::runtime::registry::forget_at(&address),
        Effect::Visit { epoch, hub, gateway, only } => spawn(async move {
            let answer = hub::visit(hub, gateway, only).await;
            dispatch.act(Action::Visited { epoch, answer });
        }),
        Effect::Revoke { hub, credentials, say } => spawn(async move {
            let (Some(user), Some(grant)) = (credentials.user(), credentials.grant()) else {
                return;
            };
            let ended = hub::revoke(hub, user.to_owned(), grant.id.clone()).await;
            if say && !ended && clock::now() < grant.ends as f64 {
                let at = chart::clock(grant.ends as f64);
                dispatch.act(Action::Say(format!(
                    "You are signed out here. JupyterHub could not revoke the token, which ends by itself at {at}."
                )));
            }
        }),
        Effect::Recall(whose) => {
            dispatch.act(Action::Remembered(recall(&whose).into()));
        }
        Effect::Keep(whose, before, after) => {
            let place = Place::of(&whose);
            if place.tab_only {
                // Nobody else writes there.
                storage::set_here(&place.key, &after.print());
                return;
            }
            // Where nothing is stored, storage is forbidden or was emptied: the page's memory counts.
            let stored = stored(&place).map(|text| GatewayPrefs::parse(&text));
            let merged = GatewayPrefs::merged(&before, &after, stored.as_ref().unwrap_or(&before));
            storage::set(&place.key, &merged.print());
            if merged != *after {
                dispatch.act(Action::KeptElsewhere(merged));
            }
        }
        Effect::KeepAgreed { origin, agreed } => storage::keep_agreed(&origin, agreed),
        Effect::Notify(text) => notify::show(&text),
    }
}

/// Looks at a scheduler. Dashboards have no sign-in of their own; forward-auth in front lives on cookies.
async fn count(dashboard: &str, depth: Depth) -> Option<Counts> {
    let get = async |path: &str| http::get(&format!("{dashboard}{path}"), 8_000).await.ok();
    let totals = get("/json/counts.json").await.filter(|response| response.status == 200)?;
    let mut counts = Counts::parse(&totals.body)?;
    if depth != Depth::Totals
        && let Some(metrics) = get("/metrics").await
    {
        counts = counts.with_metrics(&metrics.body);
    }
    if depth == Depth::Proof {
        let identity = get("/json/identity.json").await;
        counts =
            counts.with_identity(identity.as_ref().map(|answer| (answer.status, &*answer.body)));
    }
    Some(counts)
}

/// Takes over what other tabs keep for the same user of the same gateway.
fn adopt_stored(dispatch: &Dispatch) {
    let state = dispatch.state();
    let Some(place) = state.session.who().map(|whose| Place::of(whose)) else { return };
    if !place.tab_only
        && let Some(text) = storage::get(&place.key)
    {
        dispatch.act(Action::KeptElsewhere(GatewayPrefs::parse(&text)));
    }
}

fn stored(place: &Place) -> Option<String> {
    if place.tab_only { storage::get_here(&place.key) } else { storage::get(&place.key) }
}

/// What is kept for whoever signs in with these.
fn recall(whose: &Credentials) -> GatewayPrefs {
    let place = Place::of(whose);
    // Without a name it is theirs only where they are who signed in in this tab before.
    let theirs = !place.tab_only || storage::credentials().as_ref() == Some(whose);
    match stored(&place).filter(|_| theirs) {
        Some(text) => GatewayPrefs::parse(&text),
        None if place.tab_only => GatewayPrefs::default(),
        None => {
            let old = Place::of_older(whose);
            let Some(text) = storage::get(&old) else { return GatewayPrefs::default() };
            let user = whose.user().unwrap_or_default();
            let (own, rest) = GatewayPrefs::part_older(GatewayPrefs::parse(&text), user);
            storage::set(&old, &rest.print());
            storage::set(&place.key, &own.print());
            own
        }
    }
}

/// Follows what other tabs of this browser keep for the same user of the same gateway.
pub fn watch_others(dispatch: &Dispatch) -> Option<clock::Listener> {
    let window = web_sys::window()?;
    let dispatch = dispatch.clone();
    Some(clock::listen(&window, "storage", move |event| {
        if storage::is_about(&event, storage::AGREED) {
            dispatch.act(Action::WatchedElsewhere(storage::agreed()));
        }
        let state = dispatch.state();
        let Some(whose) = state.session.who() else { return };
        let place = Place::of(whose);
        // What the event brings may be older than what this tab has stored since.
        if !place.tab_only
            && storage::is_about(&event, &place.key)
            && let Some(text) = storage::get(&place.key)
        {
            dispatch.act(Action::KeptElsewhere(GatewayPrefs::parse(&text)));
        }
    }))
}

/// The first of the usual places where a gateway answers.
async fn probe() -> Option<Address> {
    let here = location::here()?;
    let mut asked: Vec<Address> = Vec::new();
    for place in USUAL_PLACES {
        let Ok(address) = Address::parse(place, Some(&here)) else { continue };
        if asked.contains(&address) {
            continue;
        }
        if let Ok(response) = http::send(&api::health(), &address).await
            && api::read_health(&response).is_ok()
        {
            return Some(address);
        }
        asked.push(address);
    }
    None
}

/// The page goes: what is to be ended if it does not come back is handed to the worker.
pub fn end_with_page(state: &State, worker: &keeper::Registration) {
    let Some(credentials) = state.session.credentials() else { return };
    if credentials.kind() == AuthKind::Kerberos {
        // A challenge cannot be answered by a page that is gone.
        return;
    }
    let address = credentials.address();
    let ends = state.ending_with_page().into_iter();
    let requests: Vec<_> =
        ends.map(|entry| api::delete(&entry.cluster.name).signed(credentials, address)).collect();
    keeper::hand_over(worker, &requests, address);
}
