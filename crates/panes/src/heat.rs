//! Panes of colours: workers by time, and workers by workers.

use super::ends::{next_to_end, whole};
use super::fold::fold;
use super::matrix::{Across, MOST, Matrix, Shows};
use super::{Group, Pane, Picture, THRESHOLDS, Unit};
use base::fmt;
use base::intern::Interner;

use feed::amounts;
use feed::pool::DashboardPage;
use live::history::{Measure, WorkerHistory};
use live::snapshot::Snapshot;

/// The panes of this kind.
pub(super) const PANES: [Pane; 2] = [
    Pane {
        id: "memory-heat",
        title: "Memory over time",
        group: Group::Memory,
        words: "workers memory heat history limit spill pause terminate",
        pages: &[DashboardPage::Workers],
        read: memory_heat,
    },
    Pane {
        id: "bandwidth-workers",
        title: "Bandwidth between workers",
        group: Group::Communication,
        words: "network transfer matrix source destination individual-bandwidth-workers",
        pages: &[DashboardPage::BandwidthWorkers],
        read: bandwidth,
    },
];

/// Most columns of time.
const COLUMNS: f64 = 240.0;
/// Least time that a column stands for, ms: the scheduler says no more often.
const STEP_MS: f64 = 500.0;
/// How long a worker that has gone stays, ms.
const STAYS_MS: f64 = 300_000.0;

/// How long the history is, and what it has lost. `what` was opened when it began.
pub(super) fn since(trail: &WorkerHistory, what: &str) -> String {
    let Some((first, last)) = trail.span_ms() else { return String::new() };
    let lost = trail.lost();
    let mut words = format!("last {}", whole(((last - first) / 1e3).max(1.0)));
    if lost.rounds == 0 {
        words = format!("{words}, since this {what} was opened");
    } else {
        words = format!("{words}; {} older discarded", fmt::plural(lost.rounds as u32, "sample"));
    }
    if lost.joined > 0 {
        words += "; older samples averaged";
    }
    if lost.workers > 0 {
        words =
            format!("{words}; {} that left discarded", fmt::plural(lost.workers as u32, "worker"));
    }
    words
}

fn memory_heat(view: &Snapshot<'_>) -> Option<Picture> {
    // What was seen before stays, also once no worker is there any more.
    let none = view.workers.is_some_and(|workers| workers.rows.is_empty());
    memory_of(view.trail)
        .or_else(|| none.then_some(Picture::Nothing("The cluster has no workers.")))
}

fn memory_of(trail: &WorkerHistory) -> Option<Picture> {
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
            "Workers have no memory limit, so no share of it can be shown.",
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
    let folded = folding.words("each cell shows the highest of its workers");
    let mut made =
        Matrix::new("worker", folding.labels, across, "share of memory limit", Unit::Share);
    // First by rows: a round has all of its workers, but each of its cells is far from the next.
    let limits: Vec<f64> = stays
        .iter()
        .map(|worker| trail.known().get(*worker).map_or(0.0, |one| one.limit))
        .collect();
    let mut highest: Vec<f64> = Vec::new();
    let mut rounds = trail.rounds().peekable();
    while let Some(round) = rounds.next() {
        let stands = round.stands_until_ms();
        let end = rounds.peek().map_or(round.until_ms, |next| next.at_ms.min(stands));
        let column = |at: f64| ((at - first) / step_ms) as usize;
        let (from, to) = (column(round.at_ms), column(end));
        highest.clear();
        highest.resize(made.rows.len(), f64::NAN);
        for ((worker, row), limit) in stays.iter().zip(&folding.of).zip(&limits) {
            let share = f64::from(round.get(*worker, Measure::Memory)) / limit;
            if let Some(most) = highest.get_mut(*row as usize) {
                // What is not a number is less than any.
                *most = most.max(share);
            }
        }
        for (row, share) in highest.iter().enumerate().filter(|(_, share)| !share.is_nan()) {
            for column in from..to.max(from + 1) {
                made.add(row, column, *share);
            }
        }
    }
    made.marks = THRESHOLDS.map(|(share, _)| share).into();
    made.marked = "a worker spills at 70 %, pauses at 80 % and restarts at 95 % of its limit (Dask's defaults)";
    made.empty = "not connected";
    let restarts: u32 = trail.known().iter().map(|known| known.restarts).sum();
    let restarted = match restarts {
        0 => String::new(),
        many => format!("; {} of workers", fmt::plural(many, "restart")),
    };
    made.note = next_to_end(trail).unwrap_or_default();
    let stop = if folded.is_empty() { "" } else { "; " };
    made.foot = format!("{folded}{stop}{}{restarted}", since(trail, "page"));
    Some(Picture::Matrix(made))
}

fn bandwidth(view: &Snapshot<'_>) -> Option<Picture> {
    let page = view.whole(DashboardPage::BandwidthWorkers)?;
    let mut names = Interner::default();
    let mut pairs: Vec<(u32, u32, f64)> = Vec::new();
    // The page has names only, and of those that have left addresses. One that came back is known by its
    // name, as everywhere.
    let mut said: Vec<String> = Vec::new();
    let mut known = |word: &str| {
        let id = names.intern(view.worker_name(word));
        if id as usize == said.len() {
            said.push(word.to_owned());
        }
        id
    };
    let there = amounts::pairs(page, &mut |from, to, rate| {
        let from = known(from);
        pairs.push((from, known(to), rate));
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
        return Some(Picture::Nothing(
            "Bandwidths appear after the first transfer between workers.",
        ));
    };
    let mut workers: Vec<(&str, &str)> =
        said.iter().enumerate().map(|(id, word)| (names.get(id as u32), word.as_str())).collect();
    for row in view.workers.iter().flat_map(|workers| &workers.rows) {
        if let Some(slot) = names.find(&row.name).and_then(|id| workers.get_mut(id as usize)) {
            slot.1 = &row.address;
        }
    }
    let mut made = between(&workers, &pairs, MOST);
    let note = format!(
        "{} on average over {}",
        Unit::Rate.say(sum / pairs.len() as f64),
        fmt::plural(pairs.len() as u32, "pair")
    );
    made.note = note;
    let mut more = |words: String| {
        let stop = if made.foot.is_empty() { "" } else { "; " };
        made.foot += stop;
        made.foot += &words;
    };
    if pairs.len() > 1 {
        let slowest = Unit::Rate.say(slowest);
        more(format!("slowest {} → {} at {slowest}", names.get(from), names.get(to)));
    }
    if let Some(reckons) = page.title.strip_prefix("Bandwidth: ") {
        more(format!("Dask assumes {reckons}/s"));
    }
    Some(Picture::Matrix(made))
}

/// What goes from worker to worker (given as name and address), at most `most` rows and columns.
fn between(workers: &[(&str, &str)], pairs: &[(u32, u32, f64)], most: usize) -> Matrix {
    let folding = fold(workers, most);
    let across = Across::Names("destination", folding.labels.clone());
    let folded = folding.words("each cell shows the average of its pairs");
    let mut made = Matrix::new("source", folding.labels, across, "bandwidth", Unit::Rate);
    let place = |id: u32| folding.of.get(id as usize).map_or(0, |place| *place as usize);
    for (from, to, rate) in pairs {
        made.add(place(*from), place(*to), *rate);
    }
    made.shows = Shows::Mean;
    made.scale();
    made.empty = "no transfers";
    made.foot = folded;
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use feed::workers::{WorkerRow, Workers};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn folding_keeps_the_highest_and_the_sums(
            pairs in prop::collection::vec((0u32..60, 0u32..60, 0f64..1e9), 1..400),
            hosts in 1u32..40,
            most in 1usize..30,
        ) {
            let names: Vec<(String, String)> =
                (0..60).map(|i| (format!("w{i}"), format!("tcp://h{}:{i}", i % hosts))).collect();
            let workers: Vec<(&str, &str)> = names.iter().map(|(a, b)| (&**a, &**b)).collect();
            let made = between(&workers, &pairs, most);
            prop_assert!(made.rows.len() <= most && made.columns() == made.rows.len());
            let cells = || (0..made.rows.len())
                .flat_map(|row| (0..made.columns()).map(move |column| (row, column)))
                .filter_map(|(row, column)| made.get(row, column));
            let high = cells().map(|cell| cell.high).fold(0.0, f64::max);
            prop_assert_eq!(high, pairs.iter().map(|pair| pair.2).fold(0.0, f64::max));
            let (sum, all) = (cells().map(|cell| cell.sum).sum::<f64>(), pairs.iter().map(|pair| pair.2).sum::<f64>());
            prop_assert!((sum - all).abs() <= all * 1e-12);
            prop_assert_eq!(cells().map(|cell| cell.count as usize).sum::<usize>(), pairs.len());
            prop_assert!(cells().all(|cell| cell.sum <= cell.high * f64::from(cell.count) * 1.000_001));
            prop_assert_eq!(made.table().rows.len(), cells().count());
        }
    }

    #[test]
    fn cells_are_found_by_pointer_and_by_keys() {
        let pairs = [(0, 1, 5.0), (1, 0, 7.0), (1, 2, 6.0)];
        let made = between(&[("a", ""), ("b", ""), ("c", "")], &pairs, 200);
        assert_eq!(made.top, 7.0);
        assert_eq!(made.at(0.4, 0.1), Some((0, 1)));
        assert_eq!((made.at(1.0, 0.5), made.at(-0.1, 0.5)), (None, None));
        let clock = |_: f64| String::new();
        assert_eq!(made.say(0, 1, &clock), "a → b: 5 B/s");
        assert_eq!(made.say(0, 2, &clock), "a → c: no transfers");
        assert_eq!(made.step(None, "ArrowDown"), Some((0, 0)));
        assert_eq!(made.step(Some((2, 2)), "ArrowRight"), Some((2, 2)));
        assert_eq!(made.step(Some((2, 2)), "Home"), Some((2, 0)));
        assert_eq!(made.step(Some((2, 2)), "Tab"), None);
        let table = made.table();
        let heads: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(heads, ["source", "destination", "bandwidth"]);
        let first: Vec<String> =
            table.rows[0].iter().map(|cell| cell.say(timeline::ticks::Zone::Fixed(0))).collect();
        assert_eq!(first, ["b", "a", "7 B/s"]);
    }

    /// A thousand workers, ten minutes of two rounds a second.
    fn long(workers: usize, rounds: u32) -> WorkerHistory {
        let mut trail = WorkerHistory::default();
        for at in 0..rounds {
            let rows = (0..workers).map(|i| WorkerRow {
                name: format!("w{i}"),
                address: format!("tcp://h{}:{i}", i % 16),
                memory: Some(f64::from((at * 7 + i as u32 * 13) % 1000)),
                memory_limit: Some(1000.0),
                ..WorkerRow::default()
            });
            let rows = rows.collect();
            trail.push(f64::from(at) * 500.0, &Workers { rows, ..Workers::default() });
        }
        trail
    }

    fn row(name: &str, memory: f64) -> WorkerRow {
        WorkerRow {
            name: name.into(),
            address: format!("tcp://{name}:1"),
            memory: Some(memory),
            memory_limit: Some(1000.0),
            ..WorkerRow::default()
        }
    }

    #[test]
    fn a_cell_has_the_highest_of_its_rounds_and_workers() {
        let mut trail = long(450, 700);
        // Some go, one comes, and for a while nothing is heard.
        let rows = (0..300).map(|i| row(&format!("w{i}"), 1.0 + f64::from(i)));
        let rows: Vec<WorkerRow> = rows.chain([row("late", 999.0)]).collect();
        for at in 700..720 {
            let workers = Workers { rows: rows.clone(), ..Workers::default() };
            trail.push(f64::from(at) * 500.0 + 40_000.0, &workers);
        }
        let Some(Picture::Matrix(made)) = memory_of(&trail) else { panic!("no matrix") };
        let Across::Times { first_ms, step_ms, count } = made.across else { panic!("no times") };
        assert!(made.rows.len() <= MOST && count > 200);
        let known = trail.known();
        let names: Vec<(&str, &str)> =
            known.iter().map(|one| (one.name.as_str(), one.address.as_str())).collect();
        let folding = fold(&names, MOST);
        let mut cells = vec![f64::NAN; made.rows.len() * count];
        let all: Vec<&live::history::Round> = trail.rounds().collect();
        for (at, round) in all.iter().enumerate() {
            let next = all.get(at + 1).map_or(round.until_ms, |next| next.at_ms);
            let end = next.min(round.stands_until_ms());
            let column = |at_ms: f64| ((at_ms - first_ms) / step_ms) as usize;
            let from = column(round.at_ms);
            for worker in 0..known.len() {
                let share = f64::from(round.get(worker, Measure::Memory)) / known[worker].limit;
                for column in from..column(end).max(from + 1) {
                    let cell = &mut cells[folding.of[worker] as usize * count + column];
                    *cell = cell.max(share);
                }
            }
        }
        for (i, cell) in cells.iter().enumerate() {
            let value = made.value(i / count, i % count);
            assert_eq!(value, (!cell.is_nan()).then_some(*cell), "{i}");
        }
        assert!(cells.iter().any(|cell| cell.is_nan()) && cells.contains(&0.999));
    }

    #[test]
    #[ignore = "a measurement: cargo test --release --lib -- --ignored --nocapture how_long"]
    #[allow(clippy::disallowed_methods)] // Natively there is a clock.
    fn how_long_a_read_takes() {
        let trail = long(1000, 1200);
        let began = std::time::Instant::now();
        for _ in 0..20 {
            std::hint::black_box(memory_of(&trail));
        }
        println!("memory-heat: {} µs", began.elapsed().as_micros() / 20);
    }
}
