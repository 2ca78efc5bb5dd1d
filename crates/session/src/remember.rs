//! What this browser remembers of a gateway's clusters: what was asked of them, and those that ended.

use std::rc::Rc;

use serde_json::{Map, Value};

use crate::action::Effect;
use crate::prefs::{latest, without_mappings};
use crate::state::{Asked, Entry, GatewayPrefs, State};
use gateway::model::Cluster;

/// What is remembered for this user of this gateway.
pub(super) fn remembered(state: &mut State, prefs: Rc<GatewayPrefs>) {
    let seen = &state.prefs;
    let moved = (&seen.last, &seen.presets) != (&prefs.last, &prefs.presets);
    state.creation.revision += u32::from(moved);
    state.recalled = prefs.asked.keys().cloned().collect();
    adopt(state, prefs);
}

/// Takes over what another tab keeps; the form, which may be half filled in, stays as it is.
pub(super) fn adopt(state: &mut State, prefs: Rc<GatewayPrefs>) {
    adopt_asked(state, &prefs);
    let user = whose(state);
    for (other, cluster) in &prefs.past {
        if Some(other) == user.as_ref() && !state.clusters.contains_key(&cluster.name) {
            let entry = Entry { gone: true, ..Entry::new(cluster.clone()) };
            state.clusters.insert(cluster.name.clone(), Rc::new(entry));
        }
    }
    let forgotten = &prefs.forgotten;
    state.clusters.retain(|name, entry| {
        entry.cluster.status.is_live() || !forgotten.iter().any(|other| other == name)
    });
    state.prefs = prefs;
}

/// Takes over what was asked of the clusters. Of those not known here nothing is taken, nor said:
/// two tabs with different users would go on correcting each other.
fn adopt_asked(state: &mut State, prefs: &GatewayPrefs) {
    for (name, (asked, scope)) in prefs.asked.iter() {
        if let Some(entry) = crate::sizing::entry(state, name)
            && (entry.asked != *asked || entry.scope != *scope)
        {
            entry.asked = asked.clone();
            entry.scope = *scope;
            entry.idleness.restart();
        }
    }
}

/// Saves options under a name, or forgets that name.
pub(super) fn preset(
    state: &mut State,
    name: String,
    values: Option<Map<String, Value>>,
    effects: &mut Vec<Effect>,
) {
    let mut prefs = GatewayPrefs::clone(&state.prefs);
    match values {
        Some(values) => prefs.presets.insert(name, values),
        None => prefs.presets.remove(&name),
    };
    keep(state, prefs, effects);
}

/// Keeps what this tab makes of the prefs; what other tabs make of it meanwhile stays.
pub(super) fn keep(state: &mut State, prefs: GatewayPrefs, effects: &mut Vec<Effect>) {
    let after = Rc::new(prefs);
    let before = std::mem::replace(&mut state.prefs, after.clone());
    if let Some(whose) = state.session.who() {
        effects.push(Effect::Keep(whose.clone(), before, after));
    }
}

/// Whose clusters these are; without a name, those of whoever is signed in in this tab.
pub(super) fn whose(state: &State) -> Option<String> {
    Some(state.session.who()?.user().unwrap_or_default().to_owned())
}

/// Remembers the clusters that ended: the gateway forgets them after a while.
pub(super) fn keep_past(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(user) = whose(state) else { return };
    // What is kept stays as it is, so that two tabs agree on it.
    let mut past: Vec<_> = state.prefs.past.clone();
    past.retain(|(other, cluster)| *other != user || state.clusters.contains_key(&cluster.name));
    let ended = state.past().into_iter().filter(|entry| !entry.cluster.status.is_live());
    past.extend(ended.map(|entry| (user.clone(), kept(&entry.cluster))));
    let past = latest(past);
    if past != state.prefs.past {
        let prefs = GatewayPrefs { past, ..GatewayPrefs::clone(&state.prefs) };
        keep(state, prefs, effects);
    }
}

fn kept(cluster: &Cluster) -> Cluster {
    Cluster { options: without_mappings(&cluster.options), ..cluster.clone() }
}

/// Forgets the clusters that ended.
pub(super) fn forget_past(state: &mut State, effects: &mut Vec<Effect>) {
    let mut forgotten = state.prefs.forgotten.clone();
    for entry in state.past() {
        state.clusters.remove(&entry.cluster.name);
        forgotten.push(entry.cluster.name.clone());
    }
    let prefs = GatewayPrefs { forgotten, ..GatewayPrefs::clone(&state.prefs) };
    keep(state, prefs, effects);
    keep_past(state, effects);
}

/// Remembers what was asked of the clusters that live. Of one that is not known here another tab may
/// know more, but for those that were kept before the sign-in and are not listed since.
pub(super) fn keep_asked(state: &mut State, effects: &mut Vec<Effect>) {
    let mut asked = state.prefs.asked.clone();
    if state.listing.loaded {
        for name in std::mem::take(&mut state.recalled) {
            if !state.clusters.contains_key(&name) {
                asked.remove(&name);
            }
        }
    }
    for entry in state.clusters.values() {
        let name = &entry.cluster.name;
        if !entry.is_live() {
            asked.remove(name);
        } else if entry.asked != Asked::default()
            || entry.scope.is_set()
            || asked.contains_key(name)
        {
            // What was taken back is kept, too: else another tab would go on with it.
            asked.insert(name.clone(), (entry.asked.clone(), entry.scope));
        }
    }
    if asked != state.prefs.asked {
        let prefs = GatewayPrefs { asked, ..GatewayPrefs::clone(&state.prefs) };
        keep(state, prefs, effects);
    }
}
