//! What clusters do: their totals, runs that end, and *Auto stop*, which ends a cluster that is idle.

use std::rc::Rc;

use crate::action::{Call, Effect};
use crate::idle::{Look, Verdict};
use crate::route::Page as At;
use crate::sizing::{end, entry};
use crate::state::{Entry, Message, Run, State};
use base::fmt::{count, secs};
use gateway::model::Status;

/// Between two looks at a cluster's totals, ms.
const LOOK_MS: f64 = 10_000.0;
/// Between the two looks that end a cluster, ms.
const PROOF_MS: f64 = 5_000.0;
/// A run that is worth telling of when it ends, ms.
const RUN_MS: f64 = 10_000.0;

/// Looks at the clusters whose time has come. Nothing is ended here: only an answer does that.
pub(super) fn tick(state: &mut State, effects: &mut Vec<Effect>) {
    let moment = state.reading();
    let may_end = state.is_in() && state.framed.is_none();
    let State { clusters, session, route, hidden, now, epoch, .. } = state;
    let Some(address) = session.address() else { return };
    for entry in clusters.values_mut() {
        if entry.status() != Status::Running || entry.gone {
            continue;
        }
        if !entry.watched && matches!(&route.page, At::Cluster(name) if *name == entry.cluster.name)
        {
            Rc::make_mut(entry).watched = true;
        }
        // An idle timer must run unseen, and the end of a run be told of what was looked at; the
        // rest is for eyes.
        let watch = !*hidden || entry.scope.idle_minutes.is_some() || entry.watched;
        if watch && *now >= entry.counts_due {
            let entry = Rc::make_mut(entry);
            entry.counts_due = *now + LOOK_MS;
            // Where nothing can be ended, no proof is needed.
            let minutes = entry.scope.idle_minutes.filter(|_| may_end);
            effects.push(Effect::Count {
                epoch: *epoch,
                name: entry.cluster.name.clone(),
                dashboard: address.dashboard(&entry.cluster.name),
                depth: entry.idleness.depth(moment, minutes, LOOK_MS),
            });
        }
    }
}

/// Takes in a look at a scheduler's totals.
pub(super) fn counted(state: &mut State, name: &str, look: &Look, effects: &mut Vec<Effect>) {
    let may_end = state.is_in() && state.may_send(&Call::Delete(name.to_owned()));
    let Some(entry) = entry(state, name) else { return };
    let wanted = entry.wanted_workers();
    entry.idleness.look(look, wanted);
    if let Some(counts) = look.counts {
        entry.counts = Some(counts);
        note_run(entry, look.answered.wall_ms, effects);
    }
    if let Some(minutes) = entry.scope.idle_minutes
        && entry.status() == Status::Running
        && !entry.gone
        && !entry.busy
        && may_end
    {
        match entry.idleness.is_over(minutes) {
            Verdict::Goes => {}
            Verdict::LookAgain => {
                entry.counts_due = entry.counts_due.min(look.answered.wall_ms + PROOF_MS);
            }
            Verdict::Over => auto_stop(state, name, minutes, effects),
        }
    }
}

/// Tells of a run that has ended.
fn note_run(entry: &mut Entry, now: f64, effects: &mut Vec<Effect>) {
    let Some(counts) = entry.counts else { return };
    if counts.unfinished() > 0 {
        let run = Run { since: now, last: now, erred: counts.erred };
        entry.run = Some(Run { last: now, ..entry.run.unwrap_or(run) });
    } else if let Some(run) = entry.run.take()
        && run.last - run.since >= RUN_MS
    {
        let alias = &entry.alias;
        let took = secs(((now - run.since) / 1e3).floor());
        let mut news = format!("{alias}: the run has ended after {took}");
        if counts.erred > run.erred {
            news = format!("{news}, {} failed", counts.erred - run.erred);
        }
        effects.push(Effect::Notify(news));
    }
}

/// Ends a cluster that two looks found idle after its time was up, and says what they saw.
fn auto_stop(state: &mut State, name: &str, minutes: u32, effects: &mut Vec<Effect>) {
    let Some(entry) = entry(state, name) else { return };
    let alias = entry.alias.clone();
    let results = entry.counts.map_or(0, |counts| counts.memory);
    let mut text = format!(
        "Ended by Auto stop: idle for {minutes} min. Two looks at the scheduler saw no unfinished task and no \
         busy worker."
    );
    if results > 0 {
        text = format!("{text} Workers held {} results.", count(results));
    }
    state.say(format!("{alias} was idle for {minutes} min and is being shut down."), false);
    effects.push(Effect::Notify(format!("{alias}: idle for {minutes} min, shutting down")));
    end(state, name, effects);
    if let Some(entry) = self::entry(state, name) {
        entry.message = Some(Message { text, bad: false });
    }
}
