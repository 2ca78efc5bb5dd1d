//! Panes of amounts over time.

use super::{Group, Pane, Picture, Plot, Series, Unit};
use crate::app::engine::Engine;
use crate::feed::plots;
use crate::feed::pool::Page;

/// The panes of this kind.
pub(super) const PANES: [Pane; 1] = [Pane {
    id: "scheduler",
    title: "Scheduler",
    group: Group::Scheduler,
    words: "system cpu memory file descriptors individual-scheduler-system",
    pages: &[Page::SchedulerSystem],
    read: scheduler,
}];

fn scheduler(engine: &Engine) -> Option<Picture> {
    let samples = plots::samples(engine.whole(Page::SchedulerSystem)?)?;
    let cpu: Vec<f64> = samples.cpu.iter().map(|percent| percent / 100.0).collect();
    let last = cpu.last().copied().unwrap_or(0.0);
    let note = if last > 0.9 {
        "the scheduler is the bottleneck: it uses all of a core".to_owned()
    } else {
        format!("{} of a core", Unit::Cores.say(last))
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
