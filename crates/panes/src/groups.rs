//! Panes of what belongs together: counts by state for each prefix, and threads at work by group.

use std::rc::Rc;

use super::{Areas, Group, Layer, Offer, Paint, Pane, Picture, Stack, StackKey, Stacks, Unit};
use base::fmt;
use base::number::fixed;
use base::sort::sort_by;
use base::task::Rgb;
use feed::counted;
use feed::graph::TaskState;
use feed::plots::{self, Named};
use feed::pool::DashboardPage;
use feed::progress::{Counts, Held, OTHERS, OTHERS_COLOR, ProgressRow};
use live::snapshot::Snapshot;

/// The panes of this kind.
pub(super) const PANES: [Pane; 2] = [
    Pane {
        id: "groups",
        title: "Task groups",
        group: Group::Work,
        words: "prefixes states released memory waiting queued individual-groups",
        pages: &[DashboardPage::PrefixTimes, DashboardPage::PrefixMemory],
        read: groups,
    },
    Pane {
        id: "group-progress",
        title: "Busy threads by group",
        group: Group::Work,
        words: "task group progress over time individual-group-progress",
        pages: &[DashboardPage::GroupProgress],
        read: group_progress,
    },
];

/// Most groups that are told apart in a picture; the others are one.
const LAYERS: usize = 12;

/// What Dask does with this page is not simple.
const NONE_AT_WORK: &str = "Nothing to show yet. Dask counts threads from when this page is first opened, and sends \
                            nothing while its scheduler is busy.";

/// What is done stands first, as in a progress bar.
const ORDER: [TaskState; 7] = [
    TaskState::Released,
    TaskState::Memory,
    TaskState::Erred,
    TaskState::Processing,
    TaskState::Queued,
    TaskState::Waiting,
    TaskState::NoWorker,
];

/// How people call a state.
pub fn state_name(state: TaskState) -> &'static str {
    match state {
        TaskState::Waiting => "waiting",
        TaskState::Queued => "queued",
        TaskState::NoWorker => "cannot run",
        TaskState::Processing => "processing",
        TaskState::Memory => "in memory",
        TaskState::Released => "released",
        TaskState::Erred => "erred",
    }
}

fn count_of(counts: &Counts, state: TaskState) -> u64 {
    match state {
        TaskState::Waiting => counts.waiting,
        TaskState::Queued => counts.queued,
        TaskState::NoWorker => counts.no_worker,
        TaskState::Processing => counts.processing,
        TaskState::Memory => counts.memory,
        TaskState::Released => counts.released,
        TaskState::Erred => counts.erred,
    }
}

/// Counts by state of each prefix that the scheduler knows tasks of; none where it knows none.
pub(super) fn by_state(view: &Snapshot<'_>) -> Option<Stacks> {
    of_counts(view.progress(), view.progress_others())
}

/// The same of the prefixes that are listed, and of all others together.
fn of_counts(rows: &[(ProgressRow, Held)], others: Option<Counts>) -> Option<Stacks> {
    // What Dask has listed before is among the others now.
    let old = |held: Held| held == Held::Finished || held == Held::Unlisted && others.is_some();
    let rows = rows.iter().filter(|(_, held)| !old(*held));
    let mut rows: Vec<ProgressRow> = rows.map(|(row, _)| row.clone()).collect();
    let listed = rows.len();
    let name = OTHERS.to_owned();
    rows.extend(others.map(|counts| ProgressRow { name, counts, color: OTHERS_COLOR }));
    if rows.is_empty() {
        return None;
    }
    let total = |state| rows.iter().map(|row| count_of(&row.counts, state)).sum::<u64>() as f64;
    let keys: Vec<(TaskState, f64)> = ORDER
        .into_iter()
        .map(|state| (state, total(state)))
        .filter(|(state, total)| *total > 0.0 || *state == TaskState::Memory)
        .collect();
    let bars: Vec<Stack> = rows
        .iter()
        .map(|row| Stack {
            name: row.name.clone(),
            amounts: keys.iter().map(|(state, _)| count_of(&row.counts, *state) as f64).collect(),
            said: format!("{} of {}", fmt::count(row.counts.done()), fmt::count(row.counts.all)),
            facts: Vec::new(),
        })
        .collect();
    let all: u64 = rows.iter().map(|row| row.counts.all).sum();
    let prefixes = if listed == 1 { "prefix" } else { "prefixes" };
    let and = if listed < rows.len() { " and all others" } else { "" };
    let note = format!("{} of {listed} {prefixes}{and}", fmt::plural(all as u32, "task"));
    let keys = keys.into_iter().map(|(state, total)| StackKey {
        name: state_name(state).into(),
        paint: Paint::State(state),
        total,
    });
    Some(Stacks {
        unit: Unit::Count,
        of: "Prefix",
        keys: keys.collect(),
        facts: &[],
        bars,
        rest: None,
        shares: true,
        note,
        remark: String::new(),
    })
}

/// The prefix that a group's name begins with: the longest that is known.
fn prefix_of<'a>(group: &str, rows: &'a [(ProgressRow, Held)]) -> Option<&'a ProgressRow> {
    let mut best: Option<&ProgressRow> = None;
    for (row, _) in rows {
        let begins = group
            .strip_prefix(row.name.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        if begins && best.is_none_or(|best| best.name.len() < row.name.len()) {
            best = Some(row);
        }
    }
    best
}

fn groups(view: &Snapshot<'_>) -> Option<Picture> {
    let Some(mut stacks) = by_state(view) else {
        view.whole(DashboardPage::PrefixTimes)?;
        return Some(Picture::Nothing("Groups appear when a client submits tasks."));
    };
    let named = |page| view.whole(page).and_then(|whole| plots::named(page, whole));
    let (times, memory) = (named(DashboardPage::PrefixTimes), named(DashboardPage::PrefixMemory));
    let amount = |rows: &Option<Vec<Named>>, name: &str| {
        let row = rows.iter().flatten().find(|row| row.name.first().is_some_and(|one| one == name));
        row.map(|row| row.amounts[0])
    };
    // Its page is work for the scheduler: it is read where another pane has it open.
    let at_work = view.open_whole(DashboardPage::GroupProgress).and_then(counted::at_work);
    let at_work = at_work.unwrap_or_default();
    let mut busy_of: Vec<(&str, f64)> = Vec::new();
    for (group, threads) in &at_work.groups {
        let Some(row) = prefix_of(group, view.progress()) else { continue };
        // What was last seen may be of long ago.
        let last = threads.last().copied().filter(|_| row.counts.processing > 0).unwrap_or(0.0);
        match busy_of.iter_mut().find(|(name, _)| *name == row.name) {
            Some((_, sum)) => *sum += last,
            None => busy_of.push((&row.name, last)),
        }
    }
    for bar in &mut stacks.bars {
        let busy = busy_of.iter().find(|(name, _)| *name == bar.name).map(|(_, threads)| *threads);
        let times = amount(&times, &bar.name);
        if let Some(times) = times {
            bar.said = format!("{} · {}", bar.said, fmt::secs(times));
        }
        let busy = busy.filter(|threads| *threads > 0.05);
        bar.facts = vec![times, amount(&memory, &bar.name), busy];
    }
    stacks.facts =
        &[("Compute time", Unit::Seconds), ("Results", Unit::Bytes), ("Busy threads", Unit::Count)];
    stacks.remark = "Dask leaves out times of prefixes below 2 % of the longest.".into();
    Some(Picture::Stacks(Rc::new(stacks)))
}

fn add(sums: &mut [f64], amounts: &[f64]) {
    for (sum, amount) in sums.iter_mut().zip(amounts) {
        *sum += amount;
    }
}

/// What watching very many groups does.
const WATCH: Offer = Offer {
    words: "This scheduler has so many task groups that telling who works on which keeps it busy: half a core at 90, \
            while it is watched.",
    button: "Show anyway",
    under_way: "Requested.",
    page: DashboardPage::GroupProgress,
};

fn group_progress(view: &Snapshot<'_>) -> Option<Picture> {
    if view.is_barred(DashboardPage::GroupProgress) {
        return Some(Picture::Offer(WATCH));
    }
    let at_work = counted::at_work(view.whole(DashboardPage::GroupProgress)?).unwrap_or_default();
    let Some(last) = at_work.times_ms.last().copied() else {
        return Some(Picture::Nothing(NONE_AT_WORK));
    };
    let many = at_work.groups.len() > LAYERS;
    let ages_s: Vec<f64> = at_work.times_ms.iter().map(|time| (time - last) / 1e3).collect();
    let mut layers: Vec<Layer> = Vec::new();
    for (name, amounts) in at_work.groups {
        if !amounts.iter().any(|amount| *amount > 0.0) {
            continue;
        }
        let (name, color) = match prefix_of(&name, view.progress()) {
            // So many names of which half is a hash tell nothing.
            Some(row) if many => (row.name.clone(), row.color),
            Some(row) => (name, row.color),
            None => (name, Rgb(128, 128, 128)),
        };
        match layers.iter_mut().find(|layer| layer.name == name) {
            Some(layer) => add(&mut layer.amounts, &amounts),
            None => layers.push(Layer { name, color, amounts }),
        }
    }
    let sum = |layer: &Layer| layer.amounts.iter().filter(|one| one.is_finite()).sum::<f64>();
    sort_by(&mut layers, |a, b| sum(b).total_cmp(&sum(a)));
    if layers.len() > LAYERS {
        let rest = layers.split_off(LAYERS - 1);
        let mut amounts = vec![0.0; ages_s.len()];
        for layer in &rest {
            add(&mut amounts, &layer.amounts);
        }
        let name = format!("{} more groups", rest.len());
        layers.push(Layer { name, color: Rgb(128, 128, 128), amounts });
    }
    if layers.is_empty() {
        return Some(Picture::Nothing(NONE_AT_WORK));
    }
    let busy: f64 = layers.iter().filter_map(|layer| layer.amounts.last()).sum();
    let threads = at_work.threads.last().copied().unwrap_or(0.0);
    let note = format!("{} of {} threads busy when last seen", fixed(busy, 1), fixed(threads, 0));
    Some(Picture::Areas(Rc::new(Areas { ages_s, layers, limit: at_work.threads, note })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, all: u64) -> ProgressRow {
        let counts = Counts { all, memory: all, ..Counts::default() };
        ProgressRow { name: name.into(), color: Rgb(0, 0, 0), counts }
    }

    #[test]
    fn what_dask_does_not_list_is_counted_once() {
        let rows = [
            (row("load", 800), Held::Listed),
            (row("old", 70), Held::Unlisted),
            (row("gone", 9), Held::Finished),
        ];
        let others = Counts { all: 330, memory: 300, waiting: 30, ..Counts::default() };
        let made = of_counts(&rows, Some(others)).unwrap();
        let names: Vec<&str> = made.bars.iter().map(|bar| bar.name.as_str()).collect();
        assert_eq!(names, ["load", OTHERS]);
        assert!(made.note.ends_with("of 1 prefix and all others"), "{}", made.note);
        assert!(made.note.starts_with(&fmt::plural(1130, "task")), "{}", made.note);
        let totals: f64 = made.keys.iter().map(|key| key.total).sum();
        assert!((totals - 1130.0).abs() < 1e-9);
        // Where nothing else is known of it, what was seen last stands.
        let made = of_counts(&rows, None).unwrap();
        assert_eq!(made.bars.len(), 2);
        assert!(made.note.ends_with("of 2 prefixes"), "{}", made.note);
    }
}
