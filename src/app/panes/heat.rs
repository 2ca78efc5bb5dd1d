//! Panes of colours: workers by time, and workers by workers.

use super::fold::fold;
use super::matrix::{Across, MOST, Matrix, Shows};
use super::{Group, Pane, Picture, THRESHOLDS, Unit};
use crate::app::engine::Engine;
use crate::app::history::{Measure, WorkerHistory};
use crate::base::fmt;
use crate::base::intern::Interner;
use crate::base::number::fixed;
use crate::feed::amounts;
use crate::feed::pool::Page;

/// The panes of this kind.
pub(super) const PANES: [Pane; 2] = [
    Pane {
        id: "memory-heat",
        title: "Memory over time",
        group: Group::Memory,
        words: "workers memory heat history limit spill pause terminate",
        pages: &[Page::Workers],
        read: memory_heat,
    },
    Pane {
        id: "bandwidth-workers",
        title: "Bandwidth from worker to worker",
        group: Group::Communication,
        words: "network transfer matrix source destination individual-bandwidth-workers",
        pages: &[Page::BandwidthWorkers],
        read: bandwidth,
    },
];

/// Most columns of time.
const COLUMNS: f64 = 240.0;
/// Least time that a column stands for, ms: the scheduler says no more often.
const STEP_MS: f64 = 500.0;
/// How long a worker that has gone stays, ms.
const STAYS_MS: f64 = 300_000.0;
/// Over which time growth is measured, ms.
const GROWTH_MS: f64 = 30_000.0;
/// How soon a worker must run out of memory to be named, s.
const SOON_S: f64 = 600.0;

/// How long the history is, and what it has lost.
pub(super) fn since(trail: &WorkerHistory) -> String {
    let Some((first, last)) = trail.span_ms() else { return String::new() };
    let lost = trail.lost();
    let mut words = format!("the last {}", fmt::secs(((last - first) / 1e3).round().max(1.0)));
    if lost.rounds == 0 {
        words += ", since this page was opened";
    } else {
        words =
            format!("{words}; {} before that let go", fmt::plural(lost.rounds as u32, "sample"));
    }
    if lost.joined > 0 {
        words += "; older samples joined";
    }
    if lost.workers > 0 {
        words += &format!("; {} that left let go", fmt::plural(lost.workers as u32, "worker"));
    }
    words
}

/// Which worker runs out of memory next, in words.
fn next_to_end(trail: &WorkerHistory) -> Option<String> {
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
        let growth = trail.growth(worker, GROWTH_MS).filter(|growth| *growth > 0.0);
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
            format!("{} is at {}: Dask ends it at {end_at}", name(worker), percent(share))
        }
        Some((left, worker)) => format!(
            "{} is next to run out: at {end_at} in {} if it grows on like this",
            name(worker),
            fmt::secs(left.round().max(1.0))
        ),
        None if share >= spill => {
            format!("{} is next to run out, at {}", name(worker), percent(share))
        }
        None => format!("highest {} at {}", name(worker), percent(share)),
    })
}

fn memory_heat(engine: &Engine) -> Option<Picture> {
    let trail = engine.trail();
    let (first, last) = trail.span_ms()?;
    // Those that left long ago would only push the others together.
    let stays: Vec<usize> = (0..trail.known().len())
        .filter(|worker| {
            let known = trail.known().get(*worker);
            known.is_some_and(|one| one.limit > 0.0 && one.seen_ms >= last - STAYS_MS)
        })
        .collect();
    if stays.is_empty() {
        return Some(Picture::Nothing(
            "No worker has a limit of memory, so there is no share of it to show.",
        ));
    }
    let names: Vec<(&str, &str)> = stays
        .iter()
        .filter_map(|worker| trail.known().get(*worker))
        .map(|known| (known.name.as_str(), known.address.as_str()))
        .collect();
    let folding = fold(&names, MOST);
    let step_ms = ((last - first) / COLUMNS).max(STEP_MS);
    let count = ((last - first) / step_ms) as usize + 1;
    let across = Across::Times { first_ms: first, step_ms, count };
    let folded = folding.words("a cell has the highest of its workers");
    let mut made = Matrix::new("Worker", folding.labels, across, "Share of its limit", Unit::Share);
    let mut rounds = trail.rounds().peekable();
    while let Some(round) = rounds.next() {
        let stands = round.stands_until_ms();
        let end = rounds.peek().map_or(round.until_ms, |next| next.at_ms.min(stands));
        let column = |at: f64| ((at - first) / step_ms) as usize;
        let (from, to) = (column(round.at_ms), column(end));
        for (worker, row) in stays.iter().zip(&folding.of) {
            let used = f64::from(round.get(*worker, Measure::Memory));
            let limit = trail.known().get(*worker).map_or(0.0, |known| known.limit);
            if !used.is_nan() && limit > 0.0 {
                for column in from..to.max(from + 1) {
                    made.add(*row as usize, column, used / limit);
                }
            }
        }
    }
    made.marks = &THRESHOLDS;
    made.empty = "not there";
    made.folded = folded;
    let restarts: u32 = trail.known().iter().map(|known| known.restarts).sum();
    let restarted = match restarts {
        0 => String::new(),
        many => format!("; {} of workers seen", fmt::plural(many, "restart")),
    };
    let next = next_to_end(trail).unwrap_or_default();
    made.note = format!("{next}; {}{restarted}", since(trail));
    Some(Picture::Matrix(made))
}

fn bandwidth(engine: &Engine) -> Option<Picture> {
    let whole = engine.whole(Page::BandwidthWorkers)?;
    let mut names = Interner::default();
    let mut pairs: Vec<(u32, u32, f64)> = Vec::new();
    let there = amounts::pairs(whole, &mut |from, to, rate| {
        let from = names.intern(from);
        pairs.push((from, names.intern(to), rate));
    });
    if !there {
        return None;
    }
    let (mut least, mut sum) = (None::<(u32, u32, f64)>, 0.0);
    for pair in &pairs {
        sum += pair.2;
        if least.is_none_or(|least| pair.2 < least.2) {
            least = Some(*pair);
        }
    }
    let Some((from, to, slowest)) = least else {
        return Some(Picture::Nothing("Nothing has been sent from worker to worker."));
    };
    // The page has names only, and of those that have gone addresses.
    let mut workers: Vec<(&str, &str)> =
        (0..names.len() as u32).map(|id| (names.get(id), names.get(id))).collect();
    for row in engine.workers().iter().flat_map(|workers| &workers.rows) {
        if let Some(slot) = names.find(&row.name).and_then(|id| workers.get_mut(id as usize)) {
            slot.1 = &row.address;
        }
    }
    let folding = fold(&workers, MOST);
    let across = Across::Names("Destination", folding.labels.clone());
    let folded = folding.words("a cell has the mean of its pairs");
    let mut made = Matrix::new("Source", folding.labels, across, "Bandwidth", Unit::Rate);
    let place = |id: u32| folding.of.get(id as usize).map_or(0, |place| *place as usize);
    for (from, to, rate) in &pairs {
        made.add(place(*from), place(*to), *rate);
    }
    made.shows = Shows::Mean;
    made.scale();
    made.empty = "nothing sent";
    made.folded = folded;
    let mut note = format!(
        "{} on the mean of {}",
        Unit::Rate.say(sum / pairs.len() as f64),
        fmt::plural(pairs.len() as u32, "pair")
    );
    if pairs.len() > 1 {
        let slowest = Unit::Rate.say(slowest);
        note += &format!("; slowest {} → {} at {slowest}", names.get(from), names.get(to));
    }
    if let Some(reckons) = whole.title.strip_prefix("Bandwidth: ") {
        note += &format!("; Dask reckons with {reckons}/s");
    }
    made.note = note;
    Some(Picture::Matrix(made))
}
