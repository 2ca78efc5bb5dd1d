//! Panes of workers over time: a line each where they are few, bands where they are many.

use std::borrow::Cow;

use super::fold::natural;
use super::heat::since;
use super::{Band, Group, Pane, Picture, Plot, Series, Unit};
use base::fmt;
use base::sort::sort_by;
use feed::plots;
use feed::pool::DashboardPage;
use live::history::{Known, Measure, Round, WorkerHistory, spread};
use live::snapshot::Snapshot;

/// The panes of this kind.
pub(super) const PANES: [Pane; 4] = [
    Pane {
        id: "worker-series",
        title: "Workers over time",
        group: Group::Work,
        words: "cpu memory network disk history bands median quartiles outliers",
        pages: &[DashboardPage::Workers],
        read: series,
    },
    Pane {
        id: "worker-means",
        title: "Average worker over time",
        group: Group::Work,
        // Each of the four pages sends all columns: one of them is enough.
        words: "average cpu memory network disk individual-workers-cpu-timeseries \
                individual-workers-memory-timeseries individual-workers-network-timeseries \
                individual-workers-disk-timeseries",
        pages: &[DashboardPage::CpuSeries],
        read: means,
    },
    Pane {
        id: "processing-series",
        title: "Tasks by worker over time",
        group: Group::Work,
        words: "processing nprocessing history bands median quartiles outliers",
        pages: &[DashboardPage::Load],
        read: processing,
    },
    Pane {
        id: "occupancy-series",
        title: "Occupancy by worker over time",
        group: Group::Work,
        words: "occupancy seconds history bands median quartiles outliers",
        pages: &[DashboardPage::Occupancy],
        read: occupancy,
    },
];

/// Most workers with a line each.
const LINES: usize = 8;
/// Over which time a worker must stand out to be named, ms.
const RECENT_MS: f64 = 10_000.0;
/// Most outliers that are named.
const NAMED: usize = 3;

/// Titles and units of the measures, and by how much a worker must differ to be worth a word.
type Shown = (Measure, &'static str, Unit, f32);

const MEASURES: [Shown; 4] = [
    (Measure::Cpu, "CPU", Unit::Cores, 0.25),
    (Measure::Memory, "Memory", Unit::Bytes, 67_108_864.0),
    (Measure::Network, "Network, in and out", Unit::Rate, 1_048_576.0),
    (Measure::Disk, "Disk, read and written", Unit::Rate, 1_048_576.0),
];

fn series(view: &Snapshot<'_>) -> Option<Picture> {
    series_of(view.trail, &MEASURES, false)
}

fn processing(view: &Snapshot<'_>) -> Option<Picture> {
    sampled(view, DashboardPage::Load, (Measure::Cpu, "Tasks processing", Unit::Count, 10.0))
}

fn occupancy(view: &Snapshot<'_>) -> Option<Picture> {
    let shown = (Measure::Cpu, "Occupancy, as estimated by Dask", Unit::Seconds, 5.0);
    sampled(view, DashboardPage::Occupancy, shown)
}

/// What is sampled of a page while it is open.
fn sampled(view: &Snapshot<'_>, page: DashboardPage, shown: Shown) -> Option<Picture> {
    plots::named(page, view.whole(page)?)?;
    let made = series_of(view.load(page)?, &[shown], true);
    made.or(Some(Picture::Nothing("The first point appears within a second.")))
}

/// Measures over time; `sampled` while a pane was open, else for as long as the scheduler is watched.
fn series_of(trail: &WorkerHistory, shown: &[Shown], sampled: bool) -> Option<Picture> {
    trail.span_ms()?;
    let mut here: Vec<(usize, &Known)> =
        trail.known().iter().enumerate().filter(|(_, known)| trail.is_here(known)).collect();
    if here.is_empty() {
        return Some(Picture::Nothing("The cluster has no workers."));
    }
    sort_by(&mut here, |a, b| natural(&a.1.name, &b.1.name));
    // Where nothing was heard for a while, lines break: a moment without numbers.
    let mut times_ms = Vec::with_capacity(trail.rounds().len());
    let mut rounds = Vec::with_capacity(trail.rounds().len());
    let mut stands = f64::INFINITY;
    for round in trail.rounds() {
        if round.at_ms > stands {
            times_ms.push(stands);
            rounds.push(None);
        }
        stands = round.stands_until_ms();
        times_ms.push(round.at_ms);
        rounds.push(Some(round));
    }
    let plots = shown.iter().map(|&(measure, title, unit, least)| {
        let mut plot = Plot { title, unit, lines: Vec::new(), band: None, note: String::new() };
        if here.len() <= LINES {
            for (worker, known) in &here {
                let value = |round: Option<&Round>| {
                    round.map_or(f64::NAN, |round| f64::from(round.get(*worker, measure)))
                };
                let amounts = rounds.iter().copied().map(value).collect();
                plot.lines.push((Cow::Owned(known.name.clone()), amounts));
            }
        } else {
            let nth = |at: usize| {
                let value = |round: Option<&Round>| {
                    round.map_or(f64::NAN, |round| f64::from(round.spread(measure)[at]))
                };
                rounds.iter().copied().map(value).collect::<Vec<f64>>()
            };
            plot.band = Some(Band { edges: [nth(0), nth(1), nth(2), nth(3), nth(4)] });
        }
        plot.note = outliers(trail, &here, measure, unit, least);
        plot
    });
    let how = if here.len() <= LINES { "one line each" } else { "bands" };
    let since = since(trail, if sampled { "pane" } else { "page" });
    let note = format!("{}, {how}; {since}", fmt::plural(here.len() as u32, "worker"));
    Some(Picture::Series(Series { times_ms, plots: plots.collect(), note }))
}

/// Who stands out, in words: more than three times the distance of the quartiles beyond them, on the
/// mean of the last seconds.
fn outliers(
    trail: &WorkerHistory,
    here: &[(usize, &Known)],
    measure: Measure,
    unit: Unit,
    least: f32,
) -> String {
    let mut means: Vec<(f32, &str)> = Vec::with_capacity(here.len());
    for (worker, known) in here {
        let mean = trail.mean(*worker, measure, RECENT_MS);
        if !mean.is_nan() {
            means.push((mean, &known.name));
        }
    }
    if means.len() < 5 {
        return String::new();
    }
    let values: Vec<f32> = means.iter().map(|(mean, _)| *mean).collect();
    let [_, low, median, high, _] = spread(&values);
    let beyond = (3.0 * (high - low)).max(least);
    let far = |mean: f32| (mean - high).max(low - mean);
    means.retain(|(mean, _)| far(*mean) > beyond);
    if means.is_empty() {
        return String::new();
    }
    sort_by(&mut means, |a, b| far(b.0).total_cmp(&far(a.0)));
    let named: Vec<String> = means
        .iter()
        .take(NAMED)
        .map(|(mean, name)| format!("{name} ({})", unit.say(f64::from(*mean))))
        .collect();
    let more = match means.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let out = if means.len() == 1 { "stands out" } else { "stand out" };
    let median = unit.say(f64::from(median));
    format!("{}{more} {out}; the median is {median}", named.join(", "))
}

fn means(view: &Snapshot<'_>) -> Option<Picture> {
    let samples = plots::samples(view.whole(DashboardPage::CpuSeries)?)?;
    let plot = |title, unit, lines| Plot { title, unit, lines, band: None, note: String::new() };
    let cpu = samples.cpu.iter().map(|percent| percent / 100.0).collect();
    let ([read, written], [from_disk, to_disk]) = (samples.network, samples.disk);
    let plots = vec![
        plot("CPU", Unit::Cores, vec![("".into(), cpu)]),
        plot("Memory", Unit::Bytes, vec![("".into(), samples.memory)]),
        plot("Network", Unit::Rate, vec![("in".into(), read), ("out".into(), written)]),
        plot("Disk", Unit::Rate, vec![("read".into(), from_disk), ("written".into(), to_disk)]),
    ];
    let note = "average of all workers, since this pane was opened".into();
    Some(Picture::Series(Series { times_ms: samples.times_ms, plots, note }))
}
