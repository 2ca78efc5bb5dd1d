//! Counts, times and quantiles of a selection of rows, by prefix, worker and action.

use super::scan::RowInfo;
use base::sort::sort_by;
use base::task::Action;
use base::time::Span;

/// Durations kept one by one in a group; with more, a histogram with steps of a sixteenth of an
/// octave takes over. Larger: exact for longer, at eight bytes a row.
pub const EXACT: usize = 2_000;
/// Groups of one kind at most; what is beyond shares the last one.
pub const GROUPS: usize = 4_096;
/// How many of the longest rows are kept.
const LONGEST: usize = 10;
const BUCKETS: usize = 1_024;

/// What is known about the durations of a group.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Rows.
    pub count: u64,
    /// Time inside the selection, µs.
    pub total: i64,
    /// The longest row, all of it, µs.
    pub max: i64,
    exact: Vec<i64>,
    log: Vec<u32>,
}

/// The histogram's bucket of a duration.
fn bucket(dur: i64) -> usize {
    let v = dur.max(0) as u64;
    if v < 32 {
        return v as usize;
    }
    let e = v.ilog2() as usize;
    32 + (e - 5) * 16 + (v >> (e - 4) & 15) as usize
}

/// The middle of a bucket.
fn middle(bucket: usize) -> i64 {
    if bucket < 32 {
        return bucket as i64;
    }
    let (e, m) = ((bucket - 32) / 16 + 5, (bucket - 32) % 16);
    (((16 + m as u64) << (e - 4)) + (1 << (e - 4)) / 2) as i64
}

impl Sample {
    /// Takes in a row of `dur` µs, of which `inside` count for the total.
    pub fn add(&mut self, inside: i64, dur: i64) {
        self.count += 1;
        self.total += inside;
        self.max = self.max.max(dur);
        if self.log.is_empty() && self.exact.len() < EXACT {
            self.exact.push(dur);
            return;
        }
        if self.log.is_empty() {
            self.log = vec![0; BUCKETS];
            for &old in &self.exact {
                self.log[bucket(old)] += 1;
            }
            self.exact = Vec::new();
        }
        self.log[bucket(dur)] += 1;
    }

    /// Whether quantiles are exact rather than within 3 %.
    pub fn is_exact(&self) -> bool {
        self.log.is_empty()
    }

    /// Sorts what is kept, once all rows are in.
    pub fn finish(&mut self) {
        sort_by(&mut self.exact, i64::cmp);
    }

    /// The duration that a share of the rows (0 to 1) does not exceed, µs; after [`Self::finish`].
    pub fn quantile(&self, share: f64) -> i64 {
        let rank = ((self.count as f64 * share).ceil() as u64).clamp(1, self.count.max(1));
        if self.is_exact() {
            return self.exact.get(rank as usize - 1).copied().unwrap_or(0);
        }
        let mut seen = 0;
        let at = self.log.iter().position(|&n| {
            seen += u64::from(n);
            seen >= rank
        });
        at.map_or(self.max, middle).min(self.max)
    }
}

/// The statistics of a selection.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    span: Span,
    /// Everything.
    pub all: Sample,
    /// By number of prefix, worker, action.
    pub groups: [Vec<Sample>; 3],
    /// Computing time inside, µs.
    pub busy: i64,
    /// The longest rows, longest first.
    pub longest: Vec<RowInfo>,
}

impl Stats {
    /// For rows that overlap `span`.
    pub fn new(span: Span) -> Self {
        Self { span, ..Self::default() }
    }

    /// Takes in a row.
    pub fn add(&mut self, row: &RowInfo) {
        let end = row.start + row.dur;
        let inside = (end.min(self.span.end.0) - row.start.max(self.span.start.0)).max(0);
        self.all.add(inside, row.dur);
        if row.action == Action::Compute {
            self.busy += inside;
        }
        let ids = [row.name as usize, row.worker as usize, row.action as usize];
        for (group, id) in self.groups.iter_mut().zip(ids) {
            let id = id.min(GROUPS - 1);
            if group.len() <= id {
                group.resize_with(id + 1, Sample::default);
            }
            group[id].add(inside, row.dur);
        }
        if self.longest.len() < LONGEST || self.longest.last().is_some_and(|l| l.dur < row.dur) {
            let at = self.longest.iter().take_while(|other| other.dur >= row.dur).count();
            self.longest.insert(at, *row);
            self.longest.truncate(LONGEST);
        }
    }

    /// Sorts what is kept, once all rows are in.
    pub fn finish(&mut self) {
        let groups = self.groups.iter_mut().flatten();
        for sample in groups.chain([&mut self.all]) {
            sample.finish();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan::RowCursor;
    use super::super::{RowRef, Store};
    use super::*;
    use base::task::{Interval, Rgb};
    use base::time::Micros;
    use proptest::prelude::*;

    type Row = (u8, u8, i64, i64, u8);

    fn store(rows: &[Row]) -> Store {
        let mut store = Store::default();
        for (i, &(lane, name, start, dur, action)) in rows.iter().enumerate() {
            store.insert(&Interval {
                key: &i.to_string(),
                key_is_json: false,
                prefix: &format!("p{name}"),
                action: Action::ALL[usize::from(action)],
                erred: false,
                worker: &format!("w{}", lane / 2),
                thread: &lane.to_string(),
                start: Micros(start),
                duration: Micros(dur),
                color: Rgb(0, 0, 0),
                timebase: u32::from(lane % 2),
            });
        }
        store.shift(1, Micros(7));
        store
    }

    proptest! {
        #[test]
        fn as_counted_by_hand(
            rows in prop::collection::vec((0u8..5, 0u8..4, 0i64..5000, 1i64..300, 0u8..5), 0..200),
            from in 0i64..5000, len in 1i64..3000, step in 1usize..50,
        ) {
            let store = store(&rows);
            let span = Span::new(Micros(from), Micros(from + len));
            let mut stats = Stats::new(span);
            let mut walk = RowCursor::new(Some(span), &[]);
            while !walk.step(&store, step, &mut |row| stats.add(row)) {}
            stats.finish();
            // The rows as they were given, but for the shift of odd lanes.
            let inside: Vec<Row> = rows.iter()
                .map(|&(l, n, s, d, a)| (l, n, s + i64::from(l % 2) * 7, d, a))
                .filter(|r| r.2 < from + len && from < r.2 + r.3)
                .collect();
            prop_assert_eq!(stats.all.count as usize, inside.len());
            prop_assert_eq!(store.count_in(span), inside.len());
            let clip = |r: &Row| (r.2 + r.3).min(from + len) - r.2.max(from);
            prop_assert_eq!(stats.all.total, inside.iter().map(clip).sum::<i64>());
            prop_assert_eq!(stats.busy, inside.iter().filter(|r| r.4 == 0).map(clip).sum::<i64>());
            for id in 0..store.prefix_count() {
                let mut durs: Vec<i64> = inside.iter()
                    .filter(|r| format!("p{}", r.1) == store.prefix_name(id as u32))
                    .map(|r| r.3).collect();
                durs.sort_unstable();
                let empty = Sample::default();
                let sample = stats.groups[0].get(id).unwrap_or(&empty);
                prop_assert_eq!(sample.count as usize, durs.len());
                for (share, percent) in [(0.5, 50), (0.9, 90), (0.99, 99)] {
                    let want = durs.get((durs.len() * percent).div_ceil(100).saturating_sub(1));
                    prop_assert_eq!(sample.quantile(share), want.copied().unwrap_or(0));
                }
            }
            let mut durs: Vec<i64> = inside.iter().map(|r| r.3).collect();
            durs.sort_unstable_by(|a, b| b.cmp(a));
            durs.truncate(10);
            prop_assert_eq!(stats.longest.iter().map(|row| row.dur).collect::<Vec<_>>(), durs);
        }

        #[test]
        fn histograms_are_near(durs in prop::collection::vec(0i64..1 << 50, 1..50)) {
            for dur in durs {
                let off = (middle(bucket(dur)) - dur).abs() as f64;
                prop_assert!(off <= dur as f64 / 32.0 + 0.5, "{dur}");
            }
        }
    }

    #[test]
    fn many_rows_go_to_a_histogram() {
        let mut sample = Sample::default();
        for dur in 1..=10_000 {
            sample.add(dur, dur);
        }
        assert!(!sample.is_exact());
        assert_eq!((sample.count, sample.max), (10_000, 10_000));
        for (share, want) in [(0.5, 5_000.0), (0.9, 9_000.0), (0.99, 9_900.0)] {
            assert!((sample.quantile(share) as f64 / want - 1.0).abs() < 0.05, "{share}");
        }
        assert_eq!(middle(bucket(i64::MAX)).signum(), 1, "no overflow");
    }

    #[test]
    fn beside_on_the_lane() {
        let store = store(&[(0, 0, 0, 5, 0), (0, 0, 10, 5, 0), (0, 0, 12, 9, 0), (0, 0, 30, 5, 1)]);
        let mut rows = Vec::new();
        RowCursor::new(None, &[0]).step(&store, 100, &mut |row| rows.push(*row));
        rows.sort_unstable_by_key(|row| row.start);
        let next = store.beside(&rows[0], true);
        assert_eq!(next.map(|row| row.start), Some(10));
        assert_eq!(store.beside(&rows[1], true).map(|row| row.start), Some(12));
        assert_eq!(store.beside(&rows[2], true), None, "another class");
        assert_eq!(store.beside(&rows[2], false).map(|row| row.start), Some(10));
        assert_eq!(store.beside(&rows[0], false), None);
        assert_eq!(rows[0].at, RowRef::new(0, 0, 0, 0));
    }
}
