//! Panes of amounts over time.

use super::{Group, Pane, Picture, Plot, Series, Unit};
use feed::plots;
use feed::pool::DashboardPage;
use live::hysteresis::HysteresisGauge;
use live::snapshot::Snapshot;

/// The panes of this kind.
pub(super) const PANES: [Pane; 1] = [Pane {
    id: "scheduler",
    title: "Scheduler",
    group: Group::Scheduler,
    words: "system cpu memory file descriptors individual-scheduler-system",
    pages: &[DashboardPage::SchedulerSystem],
    read: scheduler,
}];

/// Mean load above which the scheduler uses all of a core, and below which it does so no more, cores.
const FULL: [f64; 2] = [0.9, 0.75];

/// The load's mean over some five seconds, and whether it is all of a core: once it was, that is said
/// until there is clearly room again.
fn load(times_ms: &[f64], cpu: &[f64]) -> (f64, bool) {
    let mut gauge = HysteresisGauge::default();
    for (at_ms, load) in times_ms.iter().zip(cpu) {
        gauge.note(*at_ms, *load, FULL);
    }
    (gauge.mean, gauge.is_high)
}

fn scheduler(view: &Snapshot<'_>) -> Option<Picture> {
    let samples = plots::samples(view.whole(DashboardPage::SchedulerSystem)?)?;
    let cpu: Vec<f64> = samples.cpu.iter().map(|percent| percent / 100.0).collect();
    let (mean, full) = load(&samples.times_ms, &cpu);
    // Known while the page of contention is open, for whichever pane.
    let turn = view.turn;
    let note = if full {
        "the scheduler is the bottleneck: it uses a whole core".to_owned()
    } else if turn.is_high {
        let turn = Unit::Seconds.say(turn.mean);
        format!("the scheduler is the bottleneck: one turn of its event loop takes {turn}")
    } else {
        format!("{} of a core, average of the last 5 s", Unit::Cores.say(mean))
    };
    let [read, written] = samples.network;
    let plot = |title, unit, lines| Plot { title, unit, lines, band: None, note: String::new() };
    let plots = vec![
        plot("CPU", Unit::Cores, vec![("".into(), cpu)]),
        plot("Memory", Unit::Bytes, vec![("".into(), samples.memory)]),
        plot("Network", Unit::Rate, vec![("in".into(), read), ("out".into(), written)]),
        plot("File descriptors", Unit::Count, vec![("".into(), samples.fds)]),
    ];
    Some(Picture::Series(Series { times_ms: samples.times_ms, plots, note }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said after samples half a second apart.
    fn said(loads: &[f64]) -> (f64, bool) {
        let times: Vec<f64> = (0..loads.len()).map(|at| at as f64 * 500.0).collect();
        load(&times, loads)
    }

    #[test]
    fn a_moment_is_no_bottleneck_and_the_sentence_does_not_flicker() {
        assert_eq!(said(&[]), (0.0, false));
        assert!(!said(&[1.0]).1 && !said(&[1.0; 5]).1, "too short to tell");
        assert!(said(&[1.0; 20]).1);
        let mut loads = vec![0.2; 40];
        loads.push(1.0);
        let (mean, full) = said(&loads);
        assert!(!full && mean < 0.5, "{mean}");
        // About the limit: said once, and on.
        let mut changes = 0;
        let mut was = false;
        let loads: Vec<f64> = (0..120).map(|at| if at % 7 < 5 { 1.0 } else { 0.75 }).collect();
        for many in 1..loads.len() {
            let (_, full) = said(&loads[..many]);
            changes += u32::from(full != was);
            was = full;
        }
        assert_eq!((changes, was), (1, true));
        let calm: Vec<f64> = loads.iter().copied().chain([0.3; 12]).collect();
        assert!(!said(&calm).1, "room again");
    }

    #[test]
    fn what_is_missing_is_left_out() {
        assert_eq!(said(&[0.5, f64::NAN, 0.5, f64::NAN]), (0.5, false));
    }
}
