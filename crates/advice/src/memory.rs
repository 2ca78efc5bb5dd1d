//! Memory: workers that are full, that spill, or whose own memory grows.

use super::{Facts, Finding, Grade, Place, name_of, percent};
use base::fmt;
use feed::workers::WorkerRow;

/// Share of a worker's limit from which it is in danger: Dask gives it no more work at 80 %, and its
/// nanny ends it at 95 %.
pub(super) const FULL: f64 = 0.8;
/// Bytes on disk from which it is said: less is the odd large result.
const SPILLED: f64 = 128.0 * 1024.0 * 1024.0;
/// Share of all limits by which unmanaged memory grows in the time watched before that is said.
const GROWN: f64 = 0.08;
/// Share of that growth in each quarter of the time, at least: the first task of a worker imports libraries and fills
/// caches, which is one step and no leak.
const STEADY: f64 = 0.1;

/// Share of its limit that a worker's process uses; 0 without limit.
pub(super) fn share(row: &WorkerRow) -> f64 {
    let limit = row.memory_limit.filter(|limit| *limit > 0.0);
    limit.map_or(0.0, |limit| row.memory.unwrap_or(0.0) / limit)
}

/// The row with the most of something.
fn most<'a>(rows: &'a [WorkerRow], of: &dyn Fn(&WorkerRow) -> f64) -> Option<&'a WorkerRow> {
    rows.iter().max_by(|a, b| of(a).total_cmp(&of(b)))
}

/// A worker is near its limit.
pub(super) fn full(facts: &Facts<'_>) -> Option<Finding> {
    let worst = most(facts.workers, &share)?;
    let count = facts.workers.iter().filter(|row| share(row) >= FULL).count();
    (share(worst) >= FULL).then(|| Finding {
        id: "memory-full",
        grade: Grade::Bad,
        title: format!("{} nearly out of memory", fmt::plural(count as u32, "worker")),
        evidence: format!(
            "Worker {} uses {} of its {} memory limit. By default Dask pauses a worker at 80 % and restarts it at 95 %.",
            name_of(worst),
            percent(share(worst)),
            fmt::bytes(worst.memory_limit.unwrap_or(0.0)),
        ),
        remedy: "Keep less in memory at once: use smaller chunks or partitions, fewer threads per worker, or persist \
                 fewer results. Or give workers more memory.",
        code: "array.rechunk(\"64 MiB\")  # or dataframe.repartition(partition_size=\"64MB\")",
        places: vec![Place::Pane("memory"), Place::Pane("prefix-memory")],
    })
}

/// Results went to disk.
pub(super) fn spilled(facts: &Facts<'_>) -> Option<Finding> {
    let of = |row: &WorkerRow| row.spilled.unwrap_or(0.0);
    let sum: f64 = facts.workers.iter().map(of).sum();
    let worst = most(facts.workers, &of)?;
    let count = facts.workers.iter().filter(|row| of(row) > 0.0).count();
    (sum >= SPILLED).then(|| Finding {
        id: "spilling",
        grade: Grade::Warn,
        title: "Workers spill results to disk".into(),
        evidence: format!(
            "{} on the disks of {}; worker {} has the most, {}. A spilled result is read back before a task can use it.",
            fmt::bytes(sum),
            fmt::plural(count as u32, "worker"),
            name_of(worst),
            fmt::bytes(of(worst)),
        ),
        remedy: "Release results that you no longer need (del future), do not persist() what is used once, use smaller \
                 chunks, or add workers.",
        code: "client.rebalance()  # if a few workers hold most of the results",
        places: vec![
            Place::Pane("memory"),
            Place::Stream { query: "action:disk".into(), span: None },
        ],
    })
}

/// Memory that Dask does not manage grows and grows.
pub(super) fn growing(facts: &Facts<'_>) -> Option<Finding> {
    let growth = facts.watch.growth()?;
    let [first, .., last] = growth.bytes;
    let grown = last - first;
    let steady = growth.bytes.windows(2).all(|pair| pair[1] - pair[0] >= grown * STEADY);
    (growth.limit > 0.0 && grown >= growth.limit * GROWN && steady).then(|| Finding {
        id: "unmanaged",
        grade: Grade::Warn,
        title: "Unmanaged memory is growing".into(),
        evidence: format!(
            "Unmanaged memory of all workers grew steadily from {} to {} in {}. It is now {} of their memory limits.",
            fmt::bytes(first),
            fmt::bytes(last),
            fmt::secs(growth.over_ms / 1e3),
            percent(last / growth.limit),
        ),
        remedy: "Your tasks may keep data that Dask does not know of (a cache, a global list, a library's memory pool), \
                 or memory was freed but not returned to the system. This code returns it:",
        code: "client.run(lambda: __import__(\"ctypes\").CDLL(\"libc.so.6\").malloc_trim(0))",
        places: vec![Place::Pane("memory"), Place::Pane("workers")],
    })
}
