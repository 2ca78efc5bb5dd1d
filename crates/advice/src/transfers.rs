//! Time that goes into moving data from worker to worker.

use super::{Facts, Finding, Grade, Place, of_prefix, percent, window_words};
use base::fmt;
use base::task::Action;

/// Share of the threads' time from which transfers are said to be many. They run beside computing,
/// so that less is mostly hidden behind it.
const SHARE: f64 = 0.35;
/// Time of transfers below which it does not matter, µs.
const LITTLE_US: i64 = 10_000_000;
/// Transfers below which it is one large result, not a habit.
const FEW: u64 = 20;

/// Much of the time goes into transfers.
pub(super) fn share(facts: &Facts<'_>) -> Option<Finding> {
    let recent = facts.recent?;
    let (count, time) = (
        recent.counts.get(Action::Transfer as usize).copied()?,
        recent.times_us.get(Action::Transfer as usize).copied()?,
    );
    let all: i64 = recent.times_us.iter().sum();
    let share = time as f64 / all.max(1) as f64;
    if share < SHARE || time < LITTLE_US || count < FEW {
        return None;
    }
    let most = recent.prefixes.iter().max_by_key(|prefix| prefix.transfer_us)?;
    Some(Finding {
        id: "transfers",
        grade: Grade::Warn,
        title: format!("Transfers take {} of the time", percent(share)),
        evidence: format!(
            "{} transfers took {} of {} in the last {}. Most were for tasks of {}: {}.",
            fmt::count(count),
            fmt::secs(time as f64 / 1e6),
            fmt::secs(all as f64 / 1e6),
            window_words(recent),
            most.name,
            fmt::secs(most.transfer_us as f64 / 1e6),
        ),
        remedy: "Keep data where it is used: fewer and larger chunks, equal chunks in arrays that you combine, or fewer \
                 workers with more threads each.",
        code: "a = a.rechunk(b.chunks)  # before a + b",
        places: vec![
            Place::Stream {
                query: of_prefix(&most.name, " action:transfer"),
                span: Some(recent.span),
            },
            Place::Pane("bandwidth-types"),
        ],
    })
}
