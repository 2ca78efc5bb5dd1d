//! Asks of one cluster: its size, and its end.

use std::rc::Rc;

use crate::action::{Call, Effect};
use crate::state::{Entry, State};
use gateway::api::Adapt;

/// A cluster, to change.
#[inline(never)]
pub(super) fn entry<'a>(state: &'a mut State, name: &str) -> Option<&'a mut Entry> {
    state.clusters.get_mut(name).map(Rc::make_mut)
}

/// Asks something of one cluster.
#[inline(never)]
pub(super) fn ask(state: &mut State, name: &str, call: Call, effects: &mut Vec<Effect>) {
    if !state.may_send(&call) {
        return;
    }
    if !state.is_in() {
        state.say("Sign in again first.".into(), true);
        return;
    }
    if let Some(entry) = entry(state, name) {
        if matches!(call, Call::Delete(_)) {
            entry.ending = true;
        } else {
            entry.busy = true;
        }
        entry.message = None;
    }
    state.call(call, effects);
}

pub(super) fn scale(state: &mut State, name: &str, count: u32, effects: &mut Vec<Effect>) {
    ask(state, name, Call::Scale(name.to_owned(), count), effects);
}

pub(super) fn adapt(
    state: &mut State,
    name: &str,
    minimum: u32,
    maximum: u32,
    effects: &mut Vec<Effect>,
) {
    let bounds = Adapt { minimum: Some(minimum), maximum: Some(maximum) };
    ask(state, name, Call::Adapt(name.to_owned(), Some(bounds)), effects);
}

pub(super) fn end(state: &mut State, name: &str, effects: &mut Vec<Effect>) {
    ask(state, name, Call::Delete(name.to_owned()), effects);
}
