//! Whether a cluster is idle, and for how long: the one definition for the whole program.
//!
//! Idle means that no task is unfinished (computing, waiting, queued, or unable to run), that no
//! worker is busy without a task (`client.run`, actors), and that its first worker has arrived. *Auto stop* ends
//! a cluster on this word, so what is not known counts as work, and each change of size counts anew.

use crate::counts::{Counts, Workers};
use base::clock::Reading;
use base::fmt;

/// An answer that took longer than this, ms, says nothing of now: the computer may have slept meanwhile.
const FRESH_MS: f64 = 25_000.0;
/// Without a count of what the scheduler did, two answers further apart than this, ms, prove nothing of the
/// time between them. Browsers let a hidden page look once a minute.
const BLIND_MS: f64 = 90_000.0;
/// The two looks that end a cluster are at least so far apart, ms.
const PROOFS_APART_MS: f64 = 4_000.0;
/// A worker above this, in percent of one core, works, whether or not it has a task. Idle workers take 2 to 4
/// (measured); one busy thread takes 100, and 25 where eight processes share a core.
const BUSY_CPU: u32 = 15;
/// A worker that sends no heartbeat between two looks at least so far apart, ms, is busy or gone.
const SILENT_MS: f64 = 4_000.0;
/// Between two looks at the workers of an idle cluster, ms. Each costs the scheduler some kB a worker.
const WORKERS_MS: f64 = 60_000.0;

/// One look at a scheduler.
#[derive(Copy, Clone, PartialEq, Debug, Default)]
pub struct Look {
    /// When it was asked. What it says was true then or later.
    pub asked: Reading,
    /// When the answer was there.
    pub answered: Reading,
    /// What it said; none where it did not answer.
    pub counts: Option<Counts>,
}

/// How closely to look.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Depth {
    /// The totals.
    Totals,
    /// Also the scheduler's count of what it has done, so that work between two looks is seen.
    Transitions,
    /// Also the CPU of its workers, and what other tabs have chosen: enough to end the cluster.
    Proof,
}

/// Why a cluster is not idle.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Work {
    /// So many tasks have not ended.
    Tasks(u64),
    /// Workers were asked for, or may have been, and none has arrived.
    NoWorker,
    /// A worker uses so many percent of a core without a task.
    Cpu(u32),
    /// A worker sends no heartbeats: what `client.run` does may keep it from them.
    Silent,
    /// Results are held several times, and not all workers take tasks: the totals cannot tell whether
    /// tasks are queued.
    Unclear,
    /// There are workers, and the scheduler does not say what they do.
    Untold,
}

impl Work {
    /// As a sentence of its own.
    pub fn words(self) -> String {
        match self {
            Self::Tasks(1) => "1 task has not finished.".into(),
            Self::Tasks(count) => format!("{} tasks have not finished.", fmt::count(count)),
            Self::NoWorker => "No worker has arrived yet.".into(),
            Self::Cpu(percent) => format!("A worker is busy without a task (CPU {percent} %)."),
            Self::Silent => "A worker sends no heartbeats: it may be busy.".into(),
            Self::Unclear => "Some workers accept no tasks, so work may be queued.".into(),
            Self::Untold => {
                "The scheduler does not say what its workers do: they may be busy.".into()
            }
        }
    }
}

/// What was seen last.
#[derive(Copy, Clone, PartialEq, Debug, Default)]
pub enum Seen {
    /// Nothing that is true now.
    #[default]
    Nothing,
    /// Work.
    Working(Work),
    /// Nothing to do. `proof` where the look was deep enough to end the cluster.
    Idle {
        /// See above.
        proof: bool,
    },
}

#[derive(Copy, Clone, PartialEq, Debug)]
struct Last {
    asked: Reading,
    idle: bool,
    /// Tasks known and failed: either moves with work.
    marks: (u64, u64),
}

/// Watches one cluster for idleness.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct IdleWatch {
    seen: Seen,
    /// Time that is proved to have passed without work, ms.
    idle_ms: f64,
    last: Option<Last>,
    /// The scheduler's count of what it has done, when it last told.
    transitions: Option<u64>,
    /// A worker has been there, or work was done.
    worker_seen: bool,
    /// When the workers were last asked, and their oldest heartbeat.
    heard: Option<(Reading, Option<u64>)>,
    /// The first of the two looks that end a cluster.
    first_proof: Option<Reading>,
}

impl IdleWatch {
    /// Takes in one look. `wanted` is how many workers this browser asked for at least, where it did.
    pub fn look(&mut self, look: &Look, wanted: Option<u32>) {
        let fresh = look.answered.at_most_since(look.asked) <= FRESH_MS;
        let Some(counts) = look.counts.filter(|_| fresh) else {
            // No answer is no idleness. What was seen before may go on after it: see `proves`.
            self.seen = Seen::Nothing;
            self.first_proof = None;
            return;
        };
        let unworked = self.proves(look.asked, counts);
        self.worker_seen |= counts.workers > 0
            || counts.transitions.is_some_and(|made| made > 0)
            || wanted == Some(0);
        let work = self.work(look.asked, counts, wanted);
        match counts.said {
            Workers::NotAsked => {}
            Workers::Told { heard, .. } => self.heard = Some((look.asked, Some(heard))),
            Workers::Unknown | Workers::NotTold => self.heard = Some((look.asked, None)),
        }
        self.seen = match work {
            Some(work) => Seen::Working(work),
            None => {
                Seen::Idle { proof: matches!(counts.said, Workers::Told { .. } | Workers::NotTold) }
            }
        };
        if let Some(last) = self.last.filter(|last| last.idle && unworked && work.is_none()) {
            self.idle_ms += look.asked.at_least_since(last.asked);
        } else {
            self.restart();
        }
        self.transitions = counts.transitions.or(self.transitions);
        let marks = (counts.tasks, counts.erred);
        self.last = Some(Last { asked: look.asked, idle: work.is_none(), marks });
    }

    /// Whether nothing was done between the last look and one asked at `asked`.
    fn proves(&self, asked: Reading, counts: Counts) -> bool {
        let Some(last) = self.last else { return false };
        match (self.transitions, counts.transitions) {
            (Some(before), Some(after)) => before == after,
            _ => {
                last.marks == (counts.tasks, counts.erred)
                    && asked.at_most_since(last.asked) <= BLIND_MS
            }
        }
    }

    fn work(&self, asked: Reading, counts: Counts, wanted: Option<u32>) -> Option<Work> {
        let unfinished = counts.unfinished();
        if unfinished > 0 {
            return Some(Work::Tasks(unfinished));
        }
        if counts.workers == 0 && (!self.worker_seen || wanted.is_some_and(|wanted| wanted > 0)) {
            return Some(Work::NoWorker);
        }
        if let Workers::Told { cpu, heard } = counts.said
            && counts.workers > 0
        {
            if cpu >= BUSY_CPU {
                return Some(Work::Cpu(cpu));
            }
            let same = |(at, before): (Reading, Option<u64>)| {
                before == Some(heard) && asked.at_least_since(at) >= SILENT_MS
            };
            if self.heard.is_some_and(same) {
                return Some(Work::Silent);
            }
        }
        if counts.said == Workers::NotTold && counts.workers > 0 {
            return Some(Work::Untold);
        }
        counts.may_hide_tasks().then_some(Work::Unclear)
    }

    /// How long it has been idle for sure, seconds; none while it works or nothing is known. The time since
    /// the last look counts as far as that is fresh.
    pub fn seconds(&self, now: f64) -> Option<f64> {
        let last = self.last.filter(|_| matches!(self.seen, Seen::Idle { .. }))?;
        let since = now - last.asked.wall_ms;
        // A hidden page looks once a minute.
        (-FRESH_MS..=BLIND_MS).contains(&since).then(|| (self.idle_ms + since.max(0.0)) / 1e3)
    }

    /// What was seen last.
    pub fn seen(&self) -> Seen {
        self.seen
    }

    /// Whether it was idle when it was last looked at.
    pub fn is_idle(&self) -> bool {
        matches!(self.seen, Seen::Idle { .. })
    }

    /// Counts idleness from the next look on: what was before must not end the cluster.
    pub fn restart(&mut self) {
        self.idle_ms = 0.0;
        self.first_proof = None;
        self.last = None;
    }

    /// Nothing is known any more.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// How closely to look at `now`, where the cluster is to end after so many idle minutes, or never.
    pub fn depth(&self, now: Reading, minutes: Option<u32>, next_ms: f64) -> Depth {
        let Some(minutes) = minutes else {
            return if self.is_idle() { Depth::Transitions } else { Depth::Totals };
        };
        if matches!(self.seen, Seen::Working(Work::Cpu(_) | Work::Silent | Work::Untold)) {
            // Only the workers can tell when that is over.
            return Depth::Proof;
        }
        let Some(last) = self.last.filter(|last| last.idle) else { return Depth::Transitions };
        let ahead = self.idle_ms + now.at_most_since(last.asked) + next_ms;
        let due =
            self.heard.as_ref().is_none_or(|(asked, _)| now.at_most_since(*asked) >= WORKERS_MS);
        if due || ahead >= limit(minutes) { Depth::Proof } else { Depth::Transitions }
    }

    /// Whether the cluster is to end now, after so many idle minutes. Asked right after a look: it takes two
    /// looks that prove idleness after the time is up, some seconds apart, with nothing unknown between them.
    pub fn is_over(&mut self, minutes: u32) -> Verdict {
        let Some(last) = self.last.filter(|_| self.seen == Seen::Idle { proof: true }) else {
            self.first_proof = None;
            return Verdict::Goes;
        };
        if self.idle_ms < limit(minutes) {
            self.first_proof = None;
            return Verdict::Goes;
        }
        match self.first_proof {
            Some(first) if last.asked.at_most_since(first) > BLIND_MS => {}
            Some(first) if last.asked.at_least_since(first) >= PROOFS_APART_MS => {
                return Verdict::Over;
            }
            Some(_) => return Verdict::LookAgain,
            None => {}
        }
        self.first_proof = Some(last.asked);
        Verdict::LookAgain
    }
}

/// What comes of a look.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The cluster goes on.
    Goes,
    /// The time is up: one more look decides.
    LookAgain,
    /// The cluster is to end.
    Over,
}

fn limit(minutes: u32) -> f64 {
    f64::from(minutes) * 60e3
}

#[cfg(test)]
mod tests;
