//! What happens to clusters: the list, making, scaling, ending. What their work comes to is in
//! [`watching`](crate::watching).

use std::rc::Rc;

use serde_json::{Map, Value};

use crate::action::{Answer, Call, Effect};
use crate::prefs::Scope;
use crate::prefs::without_mappings;
use crate::remember::{keep, keep_asked, keep_past};
use crate::route::Page as At;
use crate::sizing::{adapt, end, entry, scale};
use crate::state::{Asked, Creation, Dialog, Entry, GatewayPrefs, Lookup, Message, State, Trouble};
use crate::watching;
use base::alias::alias;
use gateway::ApiError;
use gateway::api::Scaled;
use gateway::model::{Cluster, Status};
use gateway::sizing::cap_in;

/// Between two looks at the list while something starts or stops, ms.
const BRISK_MS: f64 = 2_000.0;
/// Between two looks at the list when all is settled, ms.
const CALM_MS: f64 = 3_000.0;
/// Between two looks at the list when nobody looks at us, ms.
const HIDDEN_MS: f64 = 20_000.0;
/// The longest pause after failures, ms.
const PAUSE_MS: f64 = 30_000.0;

/// A cluster with these options is wanted.
pub(super) fn create(state: &mut State, options: Map<String, Value>, effects: &mut Vec<Effect>) {
    if !state.is_in() {
        state.say("Sign in again first.".into(), true);
    } else if !state.creation.busy {
        let revision = state.creation.revision;
        let seed = state.creation.seed.take();
        state.creation = Creation { busy: true, revision, seed, ..Creation::default() };
        state.call(Call::Create(options), effects);
    }
}

/// A cluster like this one is wanted: the form opens with its options.
pub(super) fn try_again(state: &mut State, name: &str, effects: &mut Vec<Effect>) {
    if let Some(entry) = state.clusters.get(name) {
        let seed = Rc::new(entry.cluster.options.clone());
        state.begin_anew();
        state.creation.seed = Some(seed);
        let mut route = state.route.follow(At::Clusters);
        route.query.new = true;
        state.go(route, false, effects);
    }
}

/// So many workers are wanted; none at all only after a question.
pub(super) fn ask_scale(state: &mut State, name: String, count: u32, effects: &mut Vec<Effect>) {
    if count == 0 {
        state.dialog = Some(Dialog::ScaleZero(name));
    } else {
        scale(state, &name, count, effects);
    }
}

/// Adaptive scaling within these limits is wanted; limits that make no sense only after a question.
pub(super) fn ask_adapt(
    state: &mut State,
    name: String,
    minimum: u32,
    maximum: u32,
    effects: &mut Vec<Effect>,
) {
    if maximum == 0 || minimum > maximum {
        state.dialog = Some(Dialog::OddAdapt { name, minimum, maximum });
    } else {
        adapt(state, &name, minimum, maximum, effects);
    }
}

/// When a cluster is to end by itself.
pub(super) fn set_scope(state: &mut State, name: &str, scope: Scope, effects: &mut Vec<Effect>) {
    let now = state.now;
    if let Some(entry) = entry(state, name) {
        entry.scope = scope;
        // What was idle before the choice does not count against it.
        entry.idleness.restart();
        entry.counts_due = now;
    }
    keep_asked(state, effects);
}

/// A person has said yes to the question on the screen.
pub(super) fn confirm(state: &mut State, effects: &mut Vec<Effect>) {
    match state.dialog.take() {
        Some(Dialog::Shutdown(name)) => end(state, &name, effects),
        Some(Dialog::ShutdownAll) => {
            let all: Vec<Rc<Entry>> = state.clusters.values().cloned().collect();
            for entry in all {
                if entry.is_live() && entry.status() != Status::Stopping {
                    end(state, &entry.cluster.name, effects);
                }
            }
        }
        Some(Dialog::ScaleZero(name)) => scale(state, &name, 0, effects),
        Some(Dialog::OddAdapt { name, minimum, maximum }) => {
            adapt(state, &name, minimum, maximum, effects);
        }
        Some(Dialog::Keys | Dialog::Framed) | None => {}
    }
}

/// Asks for the list now, unless an answer is on its way.
pub(super) fn refresh(state: &mut State, effects: &mut Vec<Effect>) {
    if !state.listing.waiting && state.is_in() {
        state.listing.waiting = true;
        state.call(Call::List, effects);
    }
}

/// What the clock brings.
#[inline(never)]
pub(super) fn tick(state: &mut State, effects: &mut Vec<Effect>) {
    if state.now >= state.listing.due {
        refresh(state, effects);
    }
    look_up(state, effects);
    watching::tick(state, effects);
}

/// Asks for the cluster that the page is about, where the list does not have it: only that answer
/// says why.
fn look_up(state: &mut State, effects: &mut Vec<Effect>) {
    let At::Cluster(name) = &state.route.page else {
        state.lookup = None;
        return;
    };
    let asked = state.lookup.as_ref().is_some_and(|lookup| lookup.name == *name);
    if state.is_in() && state.listing.loaded && !asked && !state.clusters.contains_key(name) {
        let name = name.clone();
        state.lookup = Some(Lookup { name: name.clone(), trouble: None });
        state.call(Call::Get(name), effects);
    }
}

/// What the gateway said about clusters.
#[inline(never)]
pub(super) fn answer(
    state: &mut State,
    call: Call,
    answer: Result<Answer, ApiError>,
    effects: &mut Vec<Effect>,
) {
    match (call, answer) {
        (Call::List, answer) => listed(state, answer, effects),
        (Call::Get(_), Ok(Answer::Cluster(cluster))) => {
            // Not new, only not in the list.
            upsert_cluster(state, cluster, true, effects);
        }
        (Call::Get(name), answer) => {
            if let (Err(error), Some(lookup)) = (answer, &mut state.lookup)
                && lookup.name == name
            {
                lookup.trouble = Some(Trouble::new("This cluster cannot be shown", &error));
            }
        }
        (Call::Create(options), answer) => created(state, options, answer, effects),
        (Call::Scale(name, count), answer) => {
            let asked = Asked { workers: Some(count), adapt: None, cap: None };
            scaled(state, &name, asked, answer, effects);
        }
        (Call::Adapt(name, bounds), answer) => {
            let adapt = bounds.map(|b| (b.minimum.unwrap_or(0), b.maximum.unwrap_or(0)));
            scaled(state, &name, Asked { workers: None, adapt, cap: None }, answer, effects);
        }
        (Call::Delete(name), answer) => {
            let who = who(state, &name);
            match answer {
                Ok(_) => {
                    // The list tells how it ends; look soon.
                    state.listing.due = state.now;
                    state.say(format!("{who} is being shut down."), false);
                }
                Err(error) => {
                    if let Some(entry) = entry(state, &name) {
                        entry.ending = false;
                        // Auto stop tries again after the same time, not at once.
                        entry.idleness.restart();
                        let text = format!("Shutting down failed: {}", error.told());
                        entry.message = Some(Message { text, bad: true });
                    }
                    let error = error.message();
                    let line = error.lines().next().unwrap_or_default().trim_end_matches('.');
                    state.say(format!("{who} could not be shut down: {line}."), true);
                }
            }
        }
        (Call::Version | Call::Options, _) => {}
    }
}

fn who(state: &State, name: &str) -> String {
    state.clusters.get(name).map_or_else(|| alias(name), |entry| entry.alias.clone())
}

#[inline(never)]
fn listed(state: &mut State, answer: Result<Answer, ApiError>, effects: &mut Vec<Effect>) {
    state.listing.waiting = false;
    let listing = match answer {
        Ok(Answer::List(listing)) => listing,
        Ok(_) => return,
        Err(error) => {
            let failures = state.listing.failures.saturating_add(1);
            state.listing.failures = failures;
            state.listing.trouble = Some(Trouble::new("The list could not be read", &error));
            let pause = BRISK_MS * f64::from(1_u32 << failures.min(5));
            state.listing.due = state.now + pause.min(PAUSE_MS);
            return;
        }
    };
    let first = !state.listing.loaded;
    // A list entry that cannot be read says nothing about the cluster: it is not gone.
    let mut seen: Vec<String> = listing.skipped.into_iter().map(|skipped| skipped.name).collect();
    for cluster in listing.clusters {
        seen.push(cluster.name.clone());
        upsert_cluster(state, cluster, first, effects);
    }
    for (name, entry) in state.clusters.iter_mut() {
        // One that was made after the list was asked for is not in it yet.
        let fresh = entry.ours && entry.age(state.now).is_none_or(|age| age < 10.0);
        if !seen.iter().any(|other| other == name) && !fresh && !entry.gone {
            let entry = Rc::make_mut(entry);
            entry.gone = true;
            entry.forget_work();
        }
    }
    let moving =
        state.clusters.values().any(|entry| entry.is_live() && entry.status() != Status::Running);
    let pause = if moving {
        if state.hidden { CALM_MS } else { BRISK_MS }
    } else if state.hidden {
        HIDDEN_MS
    } else {
        CALM_MS
    };
    state.listing.loaded = true;
    state.listing.failures = 0;
    state.listing.trouble = None;
    state.listing.answered = state.now;
    state.listing.due = state.now + pause;
    if !first {
        keep_asked(state, effects);
        keep_past(state, effects);
    }
}

/// One cluster of the list.
fn upsert_cluster(state: &mut State, cluster: Cluster, first: bool, effects: &mut Vec<Effect>) {
    let name = cluster.name.clone();
    let Some(known) = state.clusters.get(&name) else {
        if !cluster.status.is_live() && state.prefs.forgotten.contains(&name) {
            return;
        }
        let mut entry = Entry::new(cluster);
        if let Some((asked, scope)) = state.prefs.asked.get(&name) {
            entry.asked = asked.clone();
            entry.scope = *scope;
        }
        if !first && entry.is_live() {
            state.say(format!("{} was started elsewhere.", entry.alias), false);
        }
        state.clusters.insert(name, Rc::new(entry));
        return;
    };
    let (before, ours, gone) = (known.cluster.status, known.ours, known.gone);
    if known.cluster == cluster && !gone {
        return;
    }
    let alias = known.alias.clone();
    let now = cluster.status;
    let Some(entry) = entry(state, &name) else { return };
    entry.cluster = cluster;
    entry.gone = false;
    entry.ran |= now == Status::Running;
    if now != Status::Running {
        entry.forget_work();
    }
    if matches!(now, Status::Stopped | Status::Failed | Status::Stopping) {
        entry.ending = false;
        entry.busy = false;
    }
    let news = match (before, now) {
        (Status::Pending, Status::Running) if ours => format!("{alias} is ready."),
        (Status::Pending | Status::Running, Status::Failed) => format!("{alias} failed."),
        _ => return,
    };
    effects.push(Effect::Notify(news.clone()));
    state.say(news, now == Status::Failed);
}

#[inline(never)]
fn created(
    state: &mut State,
    options: serde_json::Map<String, serde_json::Value>,
    answer: Result<Answer, ApiError>,
    effects: &mut Vec<Effect>,
) {
    state.creation.busy = false;
    match answer {
        Ok(Answer::Created(name)) => {
            let mut prefs = GatewayPrefs::clone(&state.prefs);
            prefs.last = without_mappings(&options);
            keep(state, prefs, effects);
            state.begin_anew();
            let wanted = options.clone();
            let cluster = Cluster {
                name: name.clone(),
                status: Status::Pending,
                dashboard_route: None,
                start_time: Some(state.now),
                stop_time: None,
                options,
            };
            let known = state.clusters.remove(&name);
            let mut entry = known.map_or_else(|| Entry::new(cluster), |entry| Entry::clone(&entry));
            entry.ours = true;
            entry.wanted = wanted;
            state.clusters.insert(name.clone(), Rc::new(entry));
            state.listing.due = state.now;
            state.go(state.route.follow(At::Cluster(name)), false, effects);
        }
        Ok(_) => {}
        Err(error) => {
            if matches!(error, ApiError::Rejected { .. }) {
                // The administrator may have changed what the form goes by.
                state.call(Call::Options, effects);
            }
            if let ApiError::Rejected { field, message } = &error
                && let Some(field) = named_option(state, field.as_deref(), message)
            {
                state.creation.fields.insert(field, message.clone());
            } else {
                state.creation.trouble = Some(Trouble::new("The cluster was not made", &error));
            }
        }
    }
}

/// The option that a refusal is about: the one it was recognised by, else the first that its text
/// names; sites word their own rules as they like.
fn named_option(state: &State, field: Option<&str>, message: &str) -> Option<String> {
    let options = state.options.as_ref()?;
    let mut words = message.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    field
        .filter(|field| options.field(field).is_some())
        .or_else(|| words.find(|word| options.field(word).is_some()))
        .map(str::to_owned)
}

fn scaled(
    state: &mut State,
    name: &str,
    asked: Asked,
    answer: Result<Answer, ApiError>,
    effects: &mut Vec<Effect>,
) {
    let answer = match answer {
        Ok(Answer::Scaled(scaled)) => Ok(scaled),
        Ok(_) => return,
        Err(error) => Err(error),
    };
    let now = state.now;
    if let Some(entry) = entry(state, name) {
        entry.busy = false;
        // The numbers will move now.
        entry.counts_due = now + 1_000.0;
        match answer {
            Ok(Scaled { ok, message }) => {
                // Workers may be on their way.
                entry.idleness.restart();
                let cap = message.as_deref().and_then(cap_in).or(entry.asked.cap);
                let cut = |count: u32| if ok { count } else { cap.map_or(count, |c| c.min(count)) };
                entry.asked = Asked {
                    workers: asked.workers.map(cut),
                    adapt: asked.adapt.map(|(low, high)| (cut(low), cut(high))),
                    cap,
                };
                entry.message =
                    message.filter(|text| !text.is_empty()).map(|text| Message { text, bad: !ok });
            }
            Err(error) => {
                entry.message = Some(Message { text: error.told(), bad: true });
            }
        }
    }
    keep_asked(state, effects);
    refresh(state, effects);
}
