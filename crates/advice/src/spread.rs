//! Tasks that queue at some workers while others do nothing.

use super::{Facts, Finding, Grade, Place, name_of};
use base::fmt;
use base::sort::sort_by;
use feed::plots::Named;
use feed::workers::WorkerRow;

/// Share of the threads that does nothing from which it is said, and worth a look.
const IDLE: f64 = 0.5;

/// How the tasks on the workers and the workers' threads go together.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Spread {
    /// All threads.
    threads: f64,
    /// Threads beyond the tasks of their worker: nothing runs on them.
    idle: f64,
    /// Tasks beyond the threads of their worker: they wait there.
    piled: f64,
    /// The worker with most of these, by name, with its tasks and its threads.
    worst: (String, f64, f64),
}

impl Spread {
    /// Joins the worker table with the page of tasks by worker (see [`feed::plots::named`]).
    /// O(workers × log workers).
    pub fn of(rows: &[WorkerRow], loads: &[Named]) -> Self {
        let mut tasks: Vec<(&str, f64)> = Vec::with_capacity(loads.len());
        for load in loads {
            tasks.extend(load.name.first().map(|address| (address.as_str(), load.amounts[0])));
        }
        sort_by(&mut tasks, |a, b| a.0.cmp(b.0));
        let mut spread = Self::default();
        let mut most = 0.0;
        for row in rows {
            let at = tasks.binary_search_by(|(address, _)| (*address).cmp(&row.address));
            let count = at.ok().and_then(|at| tasks.get(at)).map(|(_, count)| *count);
            // Of one that only one of the two pages has, nothing is known.
            let (Some(count), Some(threads)) = (count, row.nthreads) else { continue };
            spread.threads += threads;
            spread.idle += (threads - count).max(0.0);
            let piled = (count - threads).max(0.0);
            spread.piled += piled;
            if piled > most {
                most = piled;
                spread.worst = (name_of(row).to_owned(), count, threads);
            }
        }
        spread
    }
}

/// Whether tasks may lie unevenly, so that the page that tells is worth its cost: there is enough for many
/// threads, and yet the workers use few cores.
pub fn may_pile(rows: &[WorkerRow], processing: u64) -> bool {
    let sum = |amount: fn(&WorkerRow) -> Option<f64>| rows.iter().filter_map(amount).sum::<f64>();
    let threads = sum(|row| row.nthreads);
    rows.len() > 1
        && processing as f64 >= 2.0_f64.max(threads / 4.0)
        && sum(|row| row.cpu) < threads * (1.0 - IDLE)
}

/// Tasks queue at some workers while others do nothing.
pub(super) fn uneven(facts: &Facts<'_>) -> Option<Finding> {
    let Spread { threads, idle, piled, worst: (worst, tasks, own) } = facts.spread?;
    // Few that wait are no reason for many to be idle.
    if *idle < 2.0 || *idle < threads * IDLE || *piled < 2.0 || *piled < idle * IDLE {
        return None;
    }
    Some(Finding {
        id: "uneven",
        grade: Grade::Warn,
        title: "Some workers are overloaded while others are idle".into(),
        evidence: format!(
            "{} of {} threads are idle, while {} on busy workers. Worker {worst} has {} for its {}.",
            fmt::count(*idle as u64),
            fmt::count(*threads as u64),
            match *piled as u64 {
                1 => "1 task waits".to_owned(),
                more => format!("{} tasks wait", fmt::count(more)),
            },
            fmt::plural(*tasks as u32, "task"),
            fmt::plural(*own as u32, "thread"),
        ),
        remedy: "Tasks run where their data is, or where workers= and resources= allow them; Dask seldom steals tasks that \
                 are short or need much data. Spread the data over the workers, or loosen the restrictions.",
        code: "client.rebalance()  # or client.replicate(data)",
        places: vec![
            Place::Pane("processing"),
            Place::Pane("stealing"),
            Place::Stream { query: String::new(), span: None },
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Watch, look};
    use live::names::Names;

    fn row(name: &str, cpu: f64) -> WorkerRow {
        let address = format!("tcp://{name}");
        let (nthreads, cpu) = (Some(2.0), Some(cpu));
        WorkerRow { name: name.into(), address, nthreads, cpu, ..WorkerRow::default() }
    }

    fn load(name: &str, count: f64) -> Named {
        Named { name: vec![format!("tcp://{name}")], amounts: [count, 0.0], color: None }
    }

    fn found(counts: &[f64]) -> Vec<Finding> {
        let names = ["d", "b", "a", "c"];
        let rows = names.map(|name| row(name, 0.0));
        let loads: Vec<_> =
            names.iter().zip(counts).map(|(name, count)| load(name, *count)).collect();
        let (spread, names, watch) =
            (Spread::of(&rows, &loads), Names::default(), Watch::default());
        look(&Facts {
            now_ms: 0.0,
            workers: &rows,
            names: &names,
            counts: None,
            recent: None,
            loop_s: None,
            stuck: &[],
            spread: Some(&spread),
            failures: &[],
            watch: &watch,
            mismatch: None,
            odd: None,
        })
    }

    #[test]
    fn piled_up_beside_idle_threads() {
        let all = found(&[1.0, 40.0, 0.0, 0.0]);
        assert_eq!(all.len(), 1);
        let one = &all[0];
        assert_eq!(one.id, "uneven");
        let want = "5 of 8 threads are idle, while 38 tasks wait on busy workers. Worker b has 40 tasks for its \
                    2 threads.";
        assert_eq!(one.evidence, want);
        // Enough for everybody; as many as there are threads; few that wait; one that nothing is known of.
        for fine in [
            &[9.0, 40.0, 2.0, 3.0][..],
            &[2.0, 2.0, 2.0, 2.0],
            &[0.0, 4.0, 0.0, 0.0],
            &[0.0; 4],
            &[0.0, 40.0],
            &[],
        ] {
            let ids: Vec<_> = found(fine).iter().map(|one| one.id).collect();
            // Two workers of which one is idle are uneven as well.
            let want: &[&str] = if fine.len() == 2 { &["uneven"] } else { &[] };
            assert_eq!(ids, want, "{fine:?}");
        }
    }

    #[test]
    fn worth_a_look_where_few_cores_are_in_use() {
        let rows = |cpu| ["a", "b"].map(|name| row(name, cpu));
        assert!(may_pile(&rows(0.5), 9));
        assert!(!may_pile(&rows(1.5), 9), "they work");
        assert!(!may_pile(&rows(0.0), 1), "there is nothing to do");
        assert!(!may_pile(&rows(0.0)[..1], 9), "there is no other");
    }
}
