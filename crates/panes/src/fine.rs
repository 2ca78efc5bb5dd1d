//! The pane of fine performance metrics: where time goes, by activity.

use std::rc::Rc;

use super::{Group, Paint, Pane, Picture, Stack, StackKey, Stacks, Unit, percent};
use base::fmt;
use base::sort::sort_by;
use feed::fine::{self, Activity};
use feed::pool::DashboardPage;
use live::snapshot::Snapshot;

/// The panes of this kind.
pub(super) const PANES: [Pane; 1] = [Pane {
    id: "fine-metrics",
    title: "Fine performance metrics",
    group: Group::Work,
    words: "activity cpu idle executor serialize overhead individual-fine-performance-metrics",
    pages: &[DashboardPage::FineMetrics],
    read: fine_metrics,
}];

/// Dask's name for time on a core inside of tasks.
const COMPUTING: &str = "thread-cpu";
/// Dask's name for time in which workers had nothing to do.
const IDLE: &str = "idle";

fn keys(activities: &[Activity]) -> Vec<StackKey> {
    let key = |activity: &Activity| StackKey {
        name: activity.name.clone(),
        paint: Paint::Own(activity.color),
        total: activity.seconds,
    };
    activities.iter().map(key).collect()
}

/// How much of the time was real work, in words.
fn share(activities: &[Activity]) -> String {
    let sum: f64 = activities.iter().map(|activity| activity.seconds).sum();
    let of = |name: &str| {
        let found = activities.iter().find(|activity| activity.name == name);
        found.map_or(0.0, |activity| activity.seconds)
    };
    let share = |all: f64| percent(of(COMPUTING) / all.max(1e-9));
    format!(
        "{} of {} spent computing, {} of the busy time",
        share(sum),
        fmt::secs(sum),
        share(sum - of(IDLE))
    )
}

fn fine_metrics(view: &Snapshot<'_>) -> Option<Picture> {
    let nothing = Picture::Nothing("Metrics appear when workers have run tasks.");
    let Some(read) = fine::fine(view.whole(DashboardPage::FineMetrics)?) else {
        return Some(nothing);
    };
    if read.execute.is_empty() {
        return Some(nothing);
    }
    let note = share(&read.execute);
    let sum = |seconds: &[f64]| seconds.iter().sum::<f64>();
    let mut prefixes = read.prefixes;
    sort_by(&mut prefixes, |a, b| sum(&b.1).total_cmp(&sum(&a.1)));
    let bar = |(name, amounts): (String, Vec<f64>)| {
        let said = fmt::secs(sum(&amounts));
        Stack { name, amounts, said, facts: Vec::new() }
    };
    // Dask's word for time that belongs to no task.
    let none = prefixes.iter().position(|(name, _)| name == "N/A").map(|at| prefixes.remove(at));
    let none = none.map(|(_, amounts)| bar(("idle".into(), amounts)));
    let stacks = |keys, bars, rest, remark: &str| {
        Picture::Stacks(Rc::new(Stacks {
            unit: Unit::Seconds,
            of: "Prefix",
            keys,
            facts: &[],
            bars,
            rest,
            shares: false,
            note: String::new(),
            remark: remark.into(),
        }))
    };
    let execute = stacks(
        keys(&read.execute),
        prefixes.into_iter().map(bar).collect(),
        none,
        "thread-cpu is time on a core inside of tasks, thread-noncpu waiting inside of them: for files, the network \
         or Python's lock. Times are of all threads, since the scheduler began.",
    );
    let mut parts = vec![("Running tasks", execute)];
    if !read.send.is_empty() {
        let amounts = read.send.iter().map(|activity| activity.seconds).collect();
        let sent = bar(("sending results".into(), amounts));
        parts.push((
            "Sending results to other workers",
            stacks(keys(&read.send), vec![sent], None, ""),
        ));
    }
    Some(Picture::Parts(parts, note))
}
