//! Threads without work, tasks too short to be worth it, and a scheduler that cannot keep up.

use super::{Facts, Finding, Grade, Place, memory, name_of, of_prefix, percent, window_words};
use base::fmt;
use base::number::fixed;
use feed::workers::WorkerRow;

/// What a task costs beside its own work, µs: Dask's documentation says about a millisecond.
pub const OVERHEAD_US: i64 = 1_000;
/// Tasks of a prefix from which their overhead is worth a word.
const MANY: u64 = 1_000;
/// Share of the threads that is surely idle from which it is said.
const IDLE: f64 = 0.5;
fn threads(rows: &[WorkerRow]) -> f64 {
    rows.iter().filter_map(|row| row.nthreads).sum()
}

/// Tasks of one prefix that no worker may run.
#[derive(Clone, PartialEq, Debug)]
pub struct Stuck {
    /// The prefix.
    pub prefix: String,
    /// How many of them.
    pub count: u64,
    /// The key of one of them, where that is known.
    pub key: Option<String>,
}

/// Most prefixes that are named.
const MOST_NAMED: usize = 3;

/// Which tasks they are, a sentence with a blank before it; empty where nobody knows.
fn which(stuck: &[Stuck]) -> String {
    let mut words = String::new();
    for one in stuck.iter().take(MOST_NAMED) {
        words.push_str(if words.is_empty() { " Tasks: " } else { ", " });
        words = words + &fmt::count(one.count) + " of " + &fmt::shown(&one.prefix);
        if let Some(key) = &one.key {
            words = words + ", for example " + &fmt::elide(key, 60);
        }
    }
    match stuck.len().saturating_sub(MOST_NAMED) {
        _ if stuck.is_empty() => words,
        0 => words + ".",
        more => format!("{words} and {more} more."),
    }
}

/// Tasks that no worker may run.
pub(super) fn nowhere(facts: &Facts<'_>) -> Option<Finding> {
    let counts = facts.counts?;
    let waiting = counts.no_worker.max(if facts.workers.is_empty() {
        counts.queued + counts.waiting + counts.no_worker
    } else {
        0
    });
    if waiting == 0 {
        return None;
    }
    let none = facts.workers.is_empty();
    let tasks = fmt::plural(waiting as u32, "task");
    // Tasks that are bound to a worker wait as well where Dask gives it none for its memory.
    let full: Vec<_> =
        facts.workers.iter().filter(|row| memory::share(row) >= memory::FULL).collect();
    if let Some(worst) = full.iter().max_by(|a, b| memory::share(a).total_cmp(&memory::share(b))) {
        return Some(Finding {
            id: "no-worker",
            grade: Grade::Bad,
            title: format!("No worker can take {tasks}"),
            evidence: format!(
                "{tasks} cannot start, although the cluster has {}. Workers paused for lack of memory: up to {}. Worker {} uses \
                 {} of its memory limit; by default Dask pauses a worker at 80 %.",
                fmt::plural(facts.workers.len() as u32, "worker"),
                fmt::count(full.len() as u64),
                name_of(worst),
                percent(memory::share(worst)),
            ),
            remedy: "A paused worker continues when its memory use falls: release results, or give workers more memory. If \
                     workers= or resources= binds the tasks to this worker, allow other workers.",
            code: "client.map(f, items, workers=[…], allow_other_workers=True)",
            places: vec![Place::Pane("memory"), Place::Pane("logs"), Place::Pane("progress")],
        });
    }
    Some(Finding {
        id: "no-worker",
        grade: if none { Grade::Note } else { Grade::Bad },
        title: if none {
            "The cluster has no workers".into()
        } else {
            match facts.stuck {
                [one] => format!("No worker can run {tasks} of {}", fmt::shown(&one.prefix)),
                _ => format!("No worker can run {tasks}"),
            }
        },
        evidence: if none {
            format!("{tasks} cannot start without a worker.")
        } else {
            format!(
                "{tasks} cannot start: none of the {} meets their restrictions.{}",
                fmt::plural(facts.workers.len() as u32, "worker"),
                which(facts.stuck)
            )
        },
        remedy: if none {
            "Add workers. If you already requested workers and none arrives, they may fail to start: check the logs of \
             the system that starts them."
        } else {
            "These tasks ask for resources or named workers that the cluster does not have. Compare workers= and resources= \
             in your code with how the workers were started. To see what a task asks for, click it in the graph and open \
             Dask's page of the task: it lists the restrictions."
        },
        code: if none { "cluster.scale(4)" } else { "dask worker … --resources \"GPU=1\"" },
        places: vec![Place::Pane("workers"), Place::Pane("progress"), Place::Pane("graph")],
    })
}

/// Threads do nothing while tasks wait. Tasks on a worker are at least as many as threads that work:
/// what is said to be idle is.
pub(super) fn idle(facts: &Facts<'_>) -> Option<Finding> {
    let counts = facts.counts?;
    let all = threads(facts.workers);
    let idle = all - counts.processing as f64;
    let waiting = counts.waiting + counts.queued;
    if idle < 2.0 || idle < all * IDLE || waiting == 0 {
        return None;
    }
    let evidence = format!(
        "At least {} of {} threads are idle. {} processing, {} for other tasks, and {} are queued.",
        fmt::count(idle as u64),
        fmt::count(all as u64),
        match counts.processing {
            1 => "1 task is".into(),
            n => format!("{} tasks are", fmt::count(n)),
        },
        match counts.waiting {
            1 => "1 waits".into(),
            n => format!("{} wait", fmt::count(n)),
        },
        fmt::count(counts.queued),
    );
    let held = counts.queued > 0;
    Some(Finding {
        id: "idle",
        grade: Grade::Warn,
        title: "Threads are idle while tasks wait".into(),
        evidence,
        remedy: if held {
            "The scheduler keeps tasks queued although threads are idle: it may be overloaded, or its limit of tasks per worker is too low."
        } else {
            "A few long tasks hold up the rest. Split them into smaller ones, or submit other work beside them."
        },
        code: if held {
            "DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION=1.5  # in the scheduler's environment"
        } else {
            ""
        },
        places: vec![
            Place::Stream { query: String::new(), span: None },
            Place::Pane("processing"),
            Place::Pane(if held { "contention" } else { "call-stacks" }),
        ],
    })
}

/// The scheduler is the bottleneck.
pub(super) fn scheduler(facts: &Facts<'_>) -> Option<Finding> {
    let turn = facts.loop_s?;
    Some(Finding {
        id: "scheduler",
        grade: Grade::Warn,
        title: "The scheduler is the bottleneck".into(),
        evidence: format!(
            "One turn of its event loop takes {}. Without load it takes about 20 ms.",
            fmt::secs(turn)
        ),
        remedy: "Send fewer and longer tasks: use larger chunks, let Dask fuse tasks, or submit the graph in parts. Close \
                 dashboards that nobody uses.",
        code: "",
        places: vec![Place::Pane("contention"), Place::Pane("scheduler")],
    })
}

/// More overhead than work.
pub(super) fn tiny(facts: &Facts<'_>) -> Option<Finding> {
    let recent = facts.recent?;
    let small = |prefix: &&super::PrefixFacts| {
        prefix.count >= MANY && prefix.total_us < prefix.count as i64 * OVERHEAD_US
    };
    let worst = recent.prefixes.iter().filter(small).max_by_key(|prefix| prefix.count)?;
    // Of no matter beside much work of another kind.
    let all: i64 = recent.prefixes.iter().map(|prefix| prefix.total_us).sum();
    let overhead = worst.count as i64 * OVERHEAD_US;
    if overhead < all / 4 {
        return None;
    }
    let half = fmt::secs(worst.p50_us as f64 / 1e6);
    Some(Finding {
        id: "tiny-tasks",
        grade: Grade::Warn,
        title: format!("Tasks of {} are too short", worst.name),
        evidence: format!(
            "{} tasks in the last {}, half of them shorter than {half}: {} of work in all. Dask needs about 1 ms per task, \
             {} in all: {} times as long as the work itself.",
            fmt::count(worst.count),
            window_words(recent),
            fmt::secs(worst.total_us as f64 / 1e6),
            fmt::secs(overhead as f64 / 1e6),
            fixed(overhead as f64 / worst.total_us.max(1) as f64, 1),
        ),
        remedy: "Do more in each task: use larger chunks or partitions, or batch several calls in one task.",
        code: "client.map(lambda xs: [f(x) for x in xs], list(toolz.partition_all(100, xs)))",
        places: vec![Place::Stream {
            query: of_prefix(&worst.name, " action:compute"),
            span: Some(recent.span),
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_that_no_worker_may_run_are_named() {
        let stuck = |prefix: &str, count, key: Option<&str>| Stuck {
            prefix: prefix.into(),
            count,
            key: key.map(Into::into),
        };
        assert_eq!(which(&[]), "");
        let one = [stuck("train", 1, Some("('train-1', 0)"))];
        assert_eq!(which(&one), " Tasks: 1 of train, for example ('train-1', 0).");
        let many: Vec<Stuck> = (0..5).map(|i| stuck(&format!("p{i}"), i + 1, None)).collect();
        assert_eq!(which(&many), " Tasks: 1 of p0, 2 of p1, 3 of p2 and 2 more.");
    }
}
