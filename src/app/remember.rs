//! What this browser remembers of a gateway's clusters: what was asked of them, and those that ended.

use std::rc::Rc;

use super::action::Effect;
use super::keepsake::without_mappings;
use super::state::{Asked, Entry, Keepsake, State};
use crate::base::dict::Dict;
use crate::gateway::model::Cluster;

/// What is remembered for this gateway.
pub(super) fn remembered(state: &mut State, keepsake: Rc<Keepsake>) {
    // What another tab asked of a cluster is no reason to begin a form anew.
    let seen = &state.keepsake;
    let moved = (&seen.last, &seen.presets) != (&keepsake.last, &keepsake.presets);
    state.creation.revision += u32::from(moved);
    adopt(state, &keepsake);
    let user = whose(state);
    for (other, cluster) in &keepsake.past {
        if Some(other) == user.as_ref() && !state.clusters.contains_key(&cluster.name) {
            let entry = Entry { gone: true, ..Entry::new(cluster.clone()) };
            state.clusters.insert(cluster.name.clone(), Rc::new(entry));
        }
    }
    state.keepsake = keepsake;
}

/// Takes over what was asked of the clusters. Of those not known here nothing is taken, nor said:
/// two tabs with different users would go on correcting each other.
pub(super) fn adopt(state: &mut State, keepsake: &Keepsake) {
    for (name, (asked, scope)) in keepsake.asked.iter() {
        if let Some(entry) = super::clusters::entry(state, name) {
            entry.asked = asked.clone();
            if entry.scope != *scope {
                entry.scope = *scope;
                entry.idleness.restart();
            }
        }
    }
}

pub(super) fn keep(state: &mut State, keepsake: Keepsake, effects: &mut Vec<Effect>) {
    state.keepsake = Rc::new(keepsake);
    if let Some(address) = state.session.address() {
        effects.push(Effect::Keep(address.clone(), state.keepsake.clone()));
    }
}

/// So many clusters that ended are remembered.
const PAST: usize = 20;

/// Whose clusters these are, where a name is known: a token has none to tell users of this browser
/// apart by.
pub(super) fn whose(state: &State) -> Option<String> {
    state.session.who()?.user().map(str::to_owned)
}

/// Remembers the clusters that ended: the gateway forgets them after a while.
pub(super) fn keep_past(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(user) = whose(state) else { return };
    let ended = state.past().into_iter().filter(|entry| !entry.cluster.status.is_live());
    let mut past: Vec<_> =
        ended.take(PAST).map(|entry| (user.clone(), kept(&entry.cluster))).collect();
    // Those of others who use this browser stay as they are.
    past.extend(state.keepsake.past.iter().filter(|(other, _)| *other != user).cloned());
    if past != state.keepsake.past {
        let keepsake = Keepsake { past, ..Keepsake::clone(&state.keepsake) };
        keep(state, keepsake, effects);
    }
}

fn kept(cluster: &Cluster) -> Cluster {
    Cluster { options: without_mappings(&cluster.options), ..cluster.clone() }
}

/// Forgets the clusters that ended.
pub(super) fn forget_past(state: &mut State, effects: &mut Vec<Effect>) {
    let mut forgotten = state.keepsake.forgotten.clone();
    for entry in state.past() {
        state.clusters.remove(&entry.cluster.name);
        forgotten.push(entry.cluster.name.clone());
    }
    // The gateway lists what ended for a day or so.
    forgotten.drain(..forgotten.len().saturating_sub(PAST * 5));
    let keepsake = Keepsake { forgotten, ..Keepsake::clone(&state.keepsake) };
    keep(state, keepsake, effects);
    keep_past(state, effects);
}

/// Remembers what was asked of the clusters that live; of others nothing is left to remember.
pub(super) fn keep_asked(state: &mut State, effects: &mut Vec<Effect>) {
    let mut asked = Dict::new();
    for entry in state.clusters.values() {
        if entry.is_live() && (entry.asked != Asked::default() || entry.scope.is_set()) {
            asked.insert(entry.cluster.name.clone(), (entry.asked.clone(), entry.scope));
        }
    }
    if asked != state.keepsake.asked {
        let keepsake = Keepsake { asked, ..Keepsake::clone(&state.keepsake) };
        keep(state, keepsake, effects);
    }
}
