//! Which worker runs out of memory next: one forecast for all panes that tell it.

use super::THRESHOLDS;
use base::fmt;
use base::number::fixed;
use live::history::{Measure, WorkerHistory};

/// Over which time growth is measured, ms.
const GROWTH_MS: f64 = 30_000.0;
/// How soon a worker must run out of memory to be named, s.
const SOON_S: f64 = 600.0;

/// A duration in whole seconds, or coarser.
pub(super) fn whole(secs: f64) -> String {
    if secs < 60.0 { fixed(secs, 0) + " s" } else { fmt::secs(secs) }
}

/// Which worker runs out of memory next, in words: the one that grows there soonest, as far as its
/// history tells, else the one with the highest share of its limit. None where no worker has a limit.
pub(super) fn next_to_end(trail: &WorkerHistory) -> Option<String> {
    let [(spill, _), _, (end, _)] = THRESHOLDS;
    let last = trail.rounds().last()?;
    let (mut highest, mut soonest) = (None::<(f64, usize)>, None::<(f64, usize)>);
    for (worker, known) in trail.known().iter().enumerate() {
        let used = f64::from(last.get(worker, Measure::Memory));
        if known.limit <= 0.0 || used.is_nan() {
            continue;
        }
        let share = used / known.limit;
        if highest.is_none_or(|(most, _)| share > most) {
            highest = Some((share, worker));
        }
        // Still now, and not for a moment only.
        let recent = trail.growth(worker, GROWTH_MS / 3.0).unwrap_or(0.0);
        let growth = trail.growth(worker, GROWTH_MS).map(|growth| growth.min(recent));
        let growth = growth.filter(|growth| *growth > 0.0);
        if let Some(growth) = growth.filter(|_| share >= 0.5) {
            let left = ((end * known.limit - used) / growth).max(0.0);
            if left < soonest.map_or(SOON_S, |(least, _)| least) {
                soonest = Some((left, worker));
            }
        }
    }
    let (share, worker) = highest?;
    let name = |worker: usize| trail.known().get(worker).map_or("", |known| &known.name);
    let percent = |share: f64| fixed(share * 100.0, 0) + " %";
    let end_at = percent(end);
    Some(match soonest {
        _ if share >= end => {
            format!("{} is at {}: Dask restarts it at {end_at}", name(worker), percent(share))
        }
        Some((left, worker)) => format!(
            "{} runs out first: {end_at} in {} at the current growth",
            name(worker),
            whole(left.max(1.0))
        ),
        None if share >= spill => {
            format!("{} is the fullest, at {}", name(worker), percent(share))
        }
        None => format!("highest {} at {}", name(worker), percent(share)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use feed::workers::{WorkerRow, Workers};

    fn row(name: &str, memory: f64) -> WorkerRow {
        WorkerRow {
            name: name.into(),
            address: format!("tcp://h:{}", name.len()),
            memory: Some(memory),
            memory_limit: Some(1000.0),
            ..WorkerRow::default()
        }
    }

    #[test]
    fn who_runs_out_next_is_named() {
        let mut trail = WorkerHistory::default();
        for i in 0..60 {
            let fast = 500.0 + 5.0 * f64::from(i);
            let rows = vec![row("calm", 850.0), row("grows", fast), row("idle", 10.0)];
            trail.push(f64::from(i) * 500.0, &Workers { rows, ..Workers::default() });
        }
        // 795 of 1000 now, 10 a second: 155 more are 15 s.
        let said = "grows runs out first: 95 % in 16 s at the current growth";
        assert_eq!(next_to_end(&trail).unwrap(), said);
        for i in 60..200 {
            let rows = vec![row("calm", 850.0), row("grows", 795.0)];
            trail.push(f64::from(i) * 500.0, &Workers { rows, ..Workers::default() });
        }
        assert_eq!(next_to_end(&trail).unwrap(), "calm is the fullest, at 85 %");
        let rows = vec![row("calm", 960.0), row("grows", 795.0)];
        trail.push(100_000.0, &Workers { rows, ..Workers::default() });
        assert_eq!(next_to_end(&trail).unwrap(), "calm is at 96 %: Dask restarts it at 95 %");
        assert_eq!(next_to_end(&WorkerHistory::default()), None);
    }

    #[test]
    fn without_a_history_the_fullest_is_next() {
        let mut trail = WorkerHistory::default();
        let none = WorkerRow { memory_limit: None, ..row("endless", 5000.0) };
        let rows = vec![row("half", 500.0), row("full", 720.0), none];
        trail.push(0.0, &Workers { rows, ..Workers::default() });
        assert_eq!(next_to_end(&trail).unwrap(), "full is the fullest, at 72 %");
        trail.push(1e3, &Workers { rows: vec![row("half", 500.0)], ..Workers::default() });
        assert_eq!(next_to_end(&trail).unwrap(), "highest half at 50 %", "the other has left");
    }
}
