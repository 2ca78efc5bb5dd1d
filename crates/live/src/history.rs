//! A short history of the worker table, which Dask does not send: a round of samples with each update.
//!
//! Kept are at most 600 000 samples of 16 bytes (9.6 MB) and 1200 rounds: for up to 500 workers ten
//! minutes at the two rounds a second that the scheduler sends, for 1000 workers five. Beyond that
//! the older half gets coarser, for an hour at most. What is let go is counted.

use std::collections::VecDeque;

use base::intern::Interner;
use base::sort::sorted;
use base::worker::{is_restart, shown_name};
use feed::workers::{WorkerRow, Workers};

/// Most samples (one worker in one round) that are kept.
const SAMPLES: usize = 600_000;
/// Most rounds that are kept.
const ROUNDS: usize = 1200;
/// How long anything is kept, ms.
const KEEP_MS: f64 = 3_600_000.0;
/// Least time between two rounds, ms: an update may come in several messages.
const APART_MS: f64 = 250.0;
/// How long a round stands for what came after it, ms: the next is due long before.
const STANDS_MS: f64 = 3000.0;
/// Most time that is made one round, ms.
const COARSEST_MS: f64 = 30_000.0;
/// Most workers that are kept although they have gone.
const GONE: usize = 200;

/// What is kept of each worker.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Measure {
    /// Cores in use.
    Cpu,
    /// Resident memory, bytes.
    Memory,
    /// Network in and out, bytes a second.
    Network,
    /// Disk read and written, bytes a second.
    Disk,
}

impl Measure {
    /// All, in the order in which they are kept.
    pub const ALL: [Self; 4] = [Self::Cpu, Self::Memory, Self::Network, Self::Disk];
}

/// The measures of one worker; NaN where it was not there, or did not say.
type Sample = [f32; Measure::ALL.len()];

const NONE: Sample = [f32::NAN; Measure::ALL.len()];

/// How the workers of a round are spread: least, lower quartile, median, upper quartile, most. NaN
/// where there are none.
pub type Spread = [f32; 5];

/// One state of the worker table, or several made one.
#[derive(Clone, Debug)]
pub struct Round {
    /// Unix ms of the first state in it.
    pub at_ms: f64,
    /// Unix ms of the last one.
    pub until_ms: f64,
    /// By worker; those that came later are beyond its end.
    samples: Vec<Sample>,
    spreads: [Spread; Measure::ALL.len()],
}

impl Round {
    /// What a worker had; NaN where it was not there.
    pub fn get(&self, worker: usize, measure: Measure) -> f32 {
        self.samples.get(worker).map_or(f32::NAN, |sample| sample[measure as usize])
    }

    /// How the workers were spread.
    pub fn spread(&self, measure: Measure) -> Spread {
        self.spreads[measure as usize]
    }

    /// Until when it stands where no other follows, Unix ms.
    pub fn stands_until_ms(&self) -> f64 {
        self.until_ms + STANDS_MS
    }

    /// This and the one after it as one: of memory the most, so that no peak is lost, of all else the
    /// mean.
    fn join(&mut self, next: &Self) {
        self.until_ms = next.until_ms;
        self.samples.resize(self.samples.len().max(next.samples.len()), NONE);
        for (sample, other) in self.samples.iter_mut().zip(&next.samples) {
            for (at, (a, b)) in sample.iter_mut().zip(other).enumerate() {
                *a = match (a.is_nan(), b.is_nan()) {
                    (true, _) => *b,
                    (_, true) => *a,
                    _ if at == Measure::Memory as usize => a.max(*b),
                    _ => f32::midpoint(*a, *b),
                };
            }
        }
        self.measure();
    }

    fn measure(&mut self) {
        let mut values = Vec::with_capacity(self.samples.len());
        for (at, out) in self.spreads.iter_mut().enumerate() {
            values.clear();
            let all = self.samples.iter().map(|sample| sample[at]);
            values.extend(all.filter(|value| !value.is_nan()));
            *out = spread(&values);
        }
    }
}

/// How values are spread; between two neighbours by their distance.
pub fn spread(values: &[f32]) -> Spread {
    let order = sorted(values.len(), &mut |a, b| values[a as usize].total_cmp(&values[b as usize]));
    [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| {
        let at = share * order.len().saturating_sub(1) as f32;
        let value = |at: f32| order.get(at as usize).map_or(f32::NAN, |i| values[*i as usize]);
        let (low, high) = (value(at.floor()), value(at.ceil()));
        low + (high - low) * at.fract()
    })
}

/// A worker that is, or was, there. It is known by its name: one that restarts stays the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Its name; the address where it has none.
    pub name: String,
    /// Where it last was.
    pub address: String,
    /// Memory it may use, bytes; 0 without limit.
    pub limit: f64,
    /// When it was last seen, Unix ms.
    pub seen_ms: f64,
    /// How often it came back at another address.
    pub restarts: u32,
}

/// What is no longer there, or no longer as fine as it was.
#[derive(Copy, Clone, Default, Eq, PartialEq, Debug)]
pub struct Lost {
    /// Rounds that were joined with the one before.
    pub joined: u64,
    /// Rounds let go: an hour has gone, or there was no room.
    pub rounds: u64,
    /// Workers let go that had left the cluster.
    pub workers: u64,
}

/// The history.
#[derive(Clone, Default, Debug)]
pub struct WorkerHistory {
    numbers: Interner,
    known: Vec<Known>,
    rounds: VecDeque<Round>,
    lost: Lost,
}

impl WorkerHistory {
    /// Takes in a state of the table. O(workers), and now and then O(all that is kept).
    pub fn push(&mut self, now_ms: f64, workers: &Workers) {
        if workers.rows.is_empty() && self.rounds.is_empty() {
            return;
        }
        let mut at_ms = now_ms;
        let last = self.rounds.back().map(|last| last.at_ms);
        if let Some(last) = last.filter(|last| now_ms - last < APART_MS) {
            self.rounds.pop_back();
            at_ms = last;
        }
        let mut samples = vec![NONE; self.known.len()];
        for row in &workers.rows {
            let worker = self.number(now_ms, row);
            if samples.len() < self.known.len() {
                samples.resize(self.known.len(), NONE);
            }
            let both = |a: Option<f64>, b: Option<f64>| Some(a? + b?);
            let measures = [
                row.cpu,
                row.memory,
                both(row.net_read, row.net_write),
                both(row.disk_read, row.disk_write),
            ];
            samples[worker] = measures.map(|value| value.map_or(f32::NAN, |value| value as f32));
        }
        let spreads = [[f32::NAN; 5]; Measure::ALL.len()];
        let mut round = Round { at_ms, until_ms: now_ms, samples, spreads };
        round.measure();
        self.rounds.push_back(round);
        self.forget(now_ms);
        self.thin(now_ms);
    }

    /// The clock by which dates are told was set by so much: all that is kept is told by it as it goes now,
    /// so that rounds stay in order and as far apart as they were.
    pub fn shift(&mut self, by_ms: f64) {
        for round in &mut self.rounds {
            round.at_ms += by_ms;
            round.until_ms += by_ms;
        }
        for known in &mut self.known {
            known.seen_ms += by_ms;
        }
    }

    /// The number of a row's worker, which is known from now on.
    fn number(&mut self, now_ms: f64, row: &WorkerRow) -> usize {
        let mut name = shown_name(&row.name, &row.address);
        // Two of one name: no Dask does that, but nothing is to be mixed up if one does.
        let taken = self.numbers.find(name).and_then(|id| self.known.get(id as usize));
        if taken.is_some_and(|other| other.seen_ms == now_ms && other.address != row.address) {
            name = &row.address;
        }
        let worker = self.numbers.intern(name) as usize;
        if worker == self.known.len() {
            self.known.push(Known {
                name: name.to_owned(),
                address: row.address.clone(),
                limit: 0.0,
                seen_ms: now_ms,
                restarts: 0,
            });
        }
        let known = &mut self.known[worker];
        if is_restart(name, &row.address, &known.address, &row.address) {
            known.restarts += 1;
        }
        known.address.clone_from(&row.address);
        known.seen_ms = now_ms;
        known.limit = row.memory_limit.unwrap_or(0.0);
        worker
    }

    /// Lets workers go that left long ago, when there are too many of them.
    fn forget(&mut self, now_ms: f64) {
        let gone = |known: &Known| known.seen_ms < now_ms;
        if self.known.iter().filter(|known| gone(known)).count() <= GONE {
            return;
        }
        let order = sorted(self.known.len(), &mut |a, b| {
            let seen = |i: u32| self.known[i as usize].seen_ms;
            seen(b).total_cmp(&seen(a))
        });
        let here = self.known.iter().filter(|known| !gone(known)).count();
        let mut keep = vec![false; self.known.len()];
        for i in order.iter().take(here + GONE / 2) {
            keep[*i as usize] = true;
        }
        for round in &mut self.rounds {
            let mut flags = keep.iter();
            round.samples.retain(|_| flags.next().copied().unwrap_or(true));
        }
        let mut flags = keep.iter();
        self.known.retain(|_| flags.next().copied().unwrap_or(true));
        self.lost.workers += (keep.len() - self.known.len()) as u64;
        self.numbers = Interner::default();
        for known in &self.known {
            self.numbers.intern(&known.name);
        }
    }

    /// Makes room: what is an hour old goes, and the older half gets coarser.
    fn thin(&mut self, now_ms: f64) {
        while self.rounds.front().is_some_and(|first| first.until_ms < now_ms - KEEP_MS) {
            self.drop_first();
        }
        while self.rounds.len() > ROUNDS || self.samples() > SAMPLES {
            // One pair of the older half at a time, the shortest first: none across a gap, none too long.
            let mut shortest: Option<(f64, usize)> = None;
            let pairs = self.rounds.iter().zip(self.rounds.iter().skip(1));
            for (at, (round, next)) in pairs.take(self.rounds.len() / 2).enumerate() {
                let span = next.until_ms - round.at_ms;
                if next.at_ms <= round.stands_until_ms()
                    && span < shortest.map_or(COARSEST_MS, |(least, _)| least)
                {
                    shortest = Some((span, at));
                }
            }
            let next = shortest.and_then(|(_, at)| self.rounds.remove(at + 1));
            match (shortest.and_then(|(_, at)| self.rounds.get_mut(at)), next) {
                (Some(round), Some(next)) => {
                    round.join(&next);
                    self.lost.joined += 1;
                }
                _ => self.drop_first(),
            }
        }
    }

    fn drop_first(&mut self) {
        self.lost.rounds += u64::from(self.rounds.pop_front().is_some());
    }

    /// How many samples are kept, of 16 bytes each.
    pub fn samples(&self) -> usize {
        self.rounds.iter().map(|round| round.samples.len()).sum()
    }

    /// The rounds, the oldest first.
    pub fn rounds(&self) -> impl DoubleEndedIterator<Item = &Round> + ExactSizeIterator {
        self.rounds.iter()
    }

    /// The workers by number, those that have gone among them.
    pub fn known(&self) -> &[Known] {
        &self.known
    }

    /// Whether a worker was there in the last round.
    pub fn is_here(&self, known: &Known) -> bool {
        self.rounds.back().is_some_and(|last| known.seen_ms >= last.until_ms)
    }

    /// Unix ms of the first and the last state that is kept.
    pub fn span_ms(&self) -> Option<(f64, f64)> {
        Some((self.rounds.front()?.at_ms, self.rounds.back()?.until_ms))
    }

    /// What is lost.
    pub fn lost(&self) -> Lost {
        self.lost
    }

    /// The mean of a worker's measure over the last so many ms; NaN where nothing is known.
    pub fn mean(&self, worker: usize, measure: Measure, ms: f64) -> f32 {
        let since = self.rounds.back().map_or(0.0, |last| last.until_ms - ms);
        let (mut sum, mut count) = (0.0, 0.0);
        for round in self.rounds.iter().rev().take_while(|round| round.at_ms >= since) {
            let value = round.get(worker, measure);
            if !value.is_nan() {
                sum += value;
                count += 1.0;
            }
        }
        sum / count
    }

    /// How fast a worker's memory has grown over the last so many ms, bytes a second; none where that
    /// is not known for at least half of them.
    pub fn growth(&self, worker: usize, ms: f64) -> Option<f64> {
        let last = self.rounds.back()?;
        let until = last.until_ms;
        let in_time = |round: &&Round| round.at_ms >= until - ms;
        let first = self
            .rounds
            .iter()
            .rev()
            .take_while(in_time)
            .filter(|round| !round.get(worker, Measure::Memory).is_nan())
            .last()?;
        let grown = last.get(worker, Measure::Memory) - first.get(worker, Measure::Memory);
        let lasted = until - first.at_ms;
        (lasted >= ms / 2.0 && !grown.is_nan()).then(|| f64::from(grown) / lasted * 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, port: u32, memory: f64) -> WorkerRow {
        WorkerRow {
            name: name.into(),
            address: format!("tcp://h:{port}"),
            memory: Some(memory),
            memory_limit: Some(100.0),
            cpu: Some(memory / 10.0),
            net_read: Some(1.0),
            net_write: Some(2.0),
            ..WorkerRow::default()
        }
    }

    fn push(history: &mut WorkerHistory, now_ms: f64, rows: Vec<WorkerRow>) {
        history.push(now_ms, &Workers { rows, ..Workers::default() });
    }

    fn column(history: &WorkerHistory, worker: usize) -> Vec<Option<f32>> {
        let values = history.rounds().map(|round| round.get(worker, Measure::Memory));
        values.map(|value| (!value.is_nan()).then_some(value)).collect()
    }

    #[test]
    fn workers_come_and_go() {
        let mut history = WorkerHistory::default();
        push(&mut history, 0.0, vec![]);
        assert_eq!(history.span_ms(), None, "nothing to tell before the first worker");
        push(&mut history, 0.0, vec![row("b", 1, 5.0)]);
        push(&mut history, 500.0, vec![row("a", 2, 7.0), row("b", 1, 6.0)]);
        push(&mut history, 1000.0, vec![row("a", 2, 8.0)]);
        assert_eq!(column(&history, 0), [Some(5.0), Some(6.0), None]);
        assert_eq!(column(&history, 1), [None, Some(7.0), Some(8.0)]);
        let here: Vec<bool> = history.known().iter().map(|one| history.is_here(one)).collect();
        assert_eq!(here, [false, true]);
        let last = history.rounds().last().unwrap();
        assert_eq!(last.get(1, Measure::Network), 3.0);
        assert!(last.get(1, Measure::Disk).is_nan());
        assert_eq!(history.span_ms(), Some((0.0, 1000.0)));
    }

    #[test]
    fn a_restart_keeps_its_row_and_is_counted() {
        let mut history = WorkerHistory::default();
        push(&mut history, 0.0, vec![row("a", 1, 5.0)]);
        push(&mut history, 500.0, vec![]);
        push(&mut history, 1000.0, vec![row("a", 2, 1.0)]);
        assert_eq!(column(&history, 0), [Some(5.0), None, Some(1.0)]);
        assert_eq!((history.known().len(), history.known()[0].restarts), (1, 1));
        assert_eq!(history.known()[0].address, "tcp://h:2");
        // Two of one name at once stay two.
        push(&mut history, 1500.0, vec![row("a", 2, 1.0), row("a", 3, 9.0)]);
        assert_eq!(history.known().len(), 2);
        assert_eq!(column(&history, 1).last(), Some(&Some(9.0)));
    }

    #[test]
    fn one_update_in_parts_is_one_round() {
        let mut history = WorkerHistory::default();
        for at in [0.0, 40.0, 80.0, 500.0] {
            push(&mut history, at, vec![row("a", 1, at)]);
        }
        assert_eq!(column(&history, 0), [Some(80.0), Some(500.0)]);
        let first = history.rounds().next().unwrap();
        assert_eq!((first.at_ms, first.until_ms), (0.0, 80.0));
    }

    #[test]
    fn older_ones_get_coarser_and_no_peak_is_lost() {
        let mut history = WorkerHistory::default();
        for i in 0..5000 {
            let memory = if i == 700 { 99.0 } else { 10.0 };
            push(&mut history, f64::from(i) * 500.0, vec![row("a", 1, memory)]);
        }
        let rounds: Vec<&Round> = history.rounds().collect();
        assert!(rounds.len() <= ROUNDS, "{}", rounds.len());
        assert!(rounds.windows(2).all(|pair| pair[0].until_ms < pair[1].at_ms));
        // Nothing of the time is left out.
        assert!(rounds.windows(2).all(|pair| pair[1].at_ms - pair[0].until_ms == 500.0));
        assert_eq!(rounds[0].at_ms, 0.0);
        let fine = rounds.iter().rev().take_while(|round| round.at_ms == round.until_ms).count();
        assert!(fine >= ROUNDS / 2, "{fine}");
        let peak = rounds.iter().map(|round| round.get(0, Measure::Memory)).fold(0.0, f32::max);
        assert_eq!(peak, 99.0);
        let most = rounds.iter().map(|round| round.spread(Measure::Memory)[4]).fold(0.0, f32::max);
        assert_eq!(most, 99.0);
        assert_eq!(history.lost().joined as usize + rounds.len(), 5000);
        assert_eq!(history.lost().rounds, 0);
    }

    #[test]
    fn an_hour_is_the_most_and_gaps_stay() {
        let mut history = WorkerHistory::default();
        for i in 0..9000 {
            push(&mut history, f64::from(i) * 500.0, vec![row("a", 1, 1.0)]);
        }
        let (first, last) = history.span_ms().unwrap();
        assert!(last - first <= KEEP_MS + 60_000.0, "{}", last - first);
        assert!(history.lost().rounds > 0);

        let mut history = WorkerHistory::default();
        for i in 0..4000 {
            let gap = if i >= 700 { 60_000.0 } else { 0.0 };
            push(&mut history, f64::from(i) * 500.0 + gap, vec![row("a", 1, 1.0)]);
        }
        let gaps = history.rounds().zip(history.rounds().skip(1));
        let gaps = gaps.filter(|(a, b)| b.at_ms > a.stands_until_ms()).count();
        assert_eq!(gaps, 1);
    }

    #[test]
    fn a_thousand_workers_stay_small() {
        let mut history = WorkerHistory::default();
        let rows: Vec<WorkerRow> = (0..1000).map(|i| row(&format!("w{i}"), i, 1.0)).collect();
        for i in 0..1300 {
            push(&mut history, f64::from(i) * 500.0, rows.clone());
        }
        assert!(history.samples() <= SAMPLES);
        assert!(history.rounds().len() >= 400, "{}", history.rounds().len());
        assert_eq!(history.span_ms().unwrap().0, 0.0);
        assert_eq!(size_of::<Sample>(), 16);
    }

    #[test]
    fn those_long_gone_are_let_go_and_counted() {
        let mut history = WorkerHistory::default();
        for i in 0..1000u32 {
            let rows = vec![row("stays", 1, f64::from(i)), row(&format!("w{i}"), 2 + i, 5.0)];
            push(&mut history, f64::from(i) * 500.0, rows);
        }
        let known = history.known();
        assert!(known.len() <= GONE + 3, "{}", known.len());
        assert_eq!(history.lost().workers as usize + known.len(), 1001);
        let stays = known.iter().position(|one| one.name == "stays").unwrap();
        let all: Vec<Option<f32>> = (0..1000u16).map(|i| Some(f32::from(i))).collect();
        assert_eq!(column(&history, stays), all);
        let last = known.iter().position(|one| one.name == "w999").unwrap();
        assert_eq!(column(&history, last)[998..], [None, Some(5.0)]);
        assert_eq!(history.numbers.find("w999"), Some(last as u32));
    }

    #[test]
    fn spreads() {
        assert_eq!(spread(&[4.0, 0.0, 2.0, 1.0, 3.0]), [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(spread(&[1.0, 2.0]), [1.0, 1.25, 1.5, 1.75, 2.0]);
        assert_eq!(spread(&[7.0]), [7.0; 5]);
        assert!(spread(&[]).iter().all(|value| value.is_nan()));
    }

    #[test]
    fn growth_and_means() {
        let mut history = WorkerHistory::default();
        for i in 0..60 {
            push(&mut history, f64::from(i) * 500.0, vec![row("a", 1, 2.0 * f64::from(i))]);
            if i == 10 {
                assert_eq!(history.growth(0, 30_000.0), None, "too short to tell");
            }
        }
        assert_eq!(history.growth(0, 20_000.0), Some(4.0));
        assert_eq!(history.mean(0, Measure::Memory, 1000.0), 116.0);
        assert!(history.mean(7, Measure::Memory, 1000.0).is_nan());
    }
}
