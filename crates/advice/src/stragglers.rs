//! One task, or one worker, far behind the rest.

use super::{Facts, Finding, Grade, Place, of_prefix};
use base::fmt;
use base::time::{Micros, Span};

/// Tasks of a prefix from which its 95 % mean something.
const FEW: u64 = 20;
/// So many times what 95 % take is a straggler: twice is the ordinary spread of a busy machine.
const TIMES: i64 = 5;
/// And so much longer, µs: what nobody notices is none.
const LONGER_US: i64 = 3_000_000;
/// So many times the median worker's mean is a slow worker.
const SLOW_TIMES: i64 = 2;
/// And so much time lost on it, µs.
const LOST_US: i64 = 5_000_000;

fn secs(us: i64) -> String {
    fmt::secs(us as f64 / 1e6)
}

/// A task took far longer than others of its prefix.
pub(super) fn task(facts: &Facts<'_>) -> Option<Finding> {
    let recent = facts.recent?;
    let mut found = None;
    let mut count = 0u32;
    for prefix in &recent.prefixes {
        let Some((start, dur, worker)) = &prefix.longest else { continue };
        let far = *dur >= prefix.p95_us.saturating_mul(TIMES) && dur - prefix.p95_us >= LONGER_US;
        if prefix.count >= FEW && far {
            count += 1;
            if found.is_none_or(|(_, _, longest, _)| longest < *dur) {
                found = Some((prefix, *start, *dur, worker));
            }
        }
    }
    let (prefix, start, dur, worker) = found?;
    let others = match count {
        1 => String::new(),
        2 => " 1 more prefix has a slow task.".into(),
        more => format!(" {} more prefixes have slow tasks.", more - 1),
    };
    let around = Span::new(Micros(start - dur / 5), Micros(start + dur + dur / 5));
    Some(Finding {
        id: "straggler-task",
        grade: Grade::Warn,
        title: format!("Slow task: {}", prefix.name),
        evidence: format!(
            "It took {} on worker {}; 95 % of {} tasks took at most {}.{others}",
            secs(dur),
            facts.names.name(worker).unwrap_or(worker),
            fmt::count(prefix.count),
            secs(prefix.p95_us),
        ),
        remedy: "Check its input: one partition may be much larger than the others, or one file slow to read. Split it, or \
                 repartition.",
        code: "dataframe.map_partitions(len).compute()  # the size of each partition",
        places: vec![Place::Stream {
            query: of_prefix(&prefix.name, &format!(" dur>={}ms", dur / 1000)),
            span: Some(around),
        }],
    })
}

/// A worker is slower than the others with the same work.
pub(super) fn worker(facts: &Facts<'_>) -> Option<Finding> {
    let recent = facts.recent?;
    let lost = |slow: &super::SlowWorker| (slow.mean_us - slow.median_us) * i64::from(slow.count);
    let mut found: Option<(&super::PrefixFacts, &super::SlowWorker)> = None;
    for prefix in &recent.prefixes {
        let Some(slow) = &prefix.slow else { continue };
        // Of one that has left there is nothing to do.
        if !facts.workers.iter().any(|row| row.address == slow.worker) {
            continue;
        }
        let far =
            slow.mean_us >= slow.median_us.saturating_mul(SLOW_TIMES) && lost(slow) >= LOST_US;
        if far && found.is_none_or(|(_, other)| lost(other) < lost(slow)) {
            found = Some((prefix, slow));
        }
    }
    let (prefix, slow) = found?;
    let name = facts.names.name(&slow.worker).unwrap_or(&slow.worker);
    Some(Finding {
        id: "straggler-worker",
        grade: Grade::Warn,
        title: format!("Worker {name} is slower than the others"),
        evidence: format!(
            "A task of {1} takes {0} there (mean of {2} tasks, without the longest). The median worker takes {3}.",
            secs(slow.mean_us),
            prefix.name,
            fmt::count(u64::from(slow.count) - 1),
            secs(slow.median_us),
        ),
        remedy: "Its machine may be shared, throttled or swapping, or it may have the larger partitions. Check its log and its \
                 CPU. If the machine is the cause, retire the worker.",
        code: "client.retire_workers([\"tcp://…\"])  # Dask moves its results to other workers first",
        places: vec![
            Place::Stream {
                query: of_prefix(&prefix.name, &format!(" worker:\"{}\"", name.replace('"', ""))),
                span: Some(recent.span),
            },
            Place::Pane("cpu"),
            Place::Pane("logs"),
        ],
    })
}
