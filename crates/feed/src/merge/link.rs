//! Finding how two groups lie to each other, from rows they may share.

use super::super::tasks::Origin;
use super::Source;

/// Distances of true pairs are equal but for rounding (both sides are one number less a constant),
/// ms.
const TIE_MS: f64 = 0.004;
/// So many equal distances are beyond chance, whatever the clocks say.
pub(super) const SURE: usize = 5;
/// Rows that may lie where the other group has rows, and yet have no pair there.
pub(super) const LONELY: usize = 3;
/// Single pairs that are looked at: each costs a pass over the batch and over what is remembered.
const MAX_SINGLES: usize = 8;
/// Slack when comparing offsets, ms: workers may be wrong about the scheduler's clock.
const SLACK_MS: f64 = 1500.0;

/// One pair of rows with the same fingerprint: what must be added to this side's time to get that
/// group's.
#[derive(Copy, Clone, Debug)]
pub(super) struct Vote {
    pub group: u32,
    pub delta: f64,
}

/// The range of a side's offset to Unix time, ms.
#[derive(Copy, Clone, Debug)]
pub(super) struct Range {
    pub lower: f64,
    pub bound: f64,
}

impl Range {
    /// Nothing is known.
    pub const OPEN: Self = Self { lower: f64::NEG_INFINITY, bound: f64::INFINITY };

    /// Whether two offsets can be those of one clock when time here + `delta` = time there.
    fn agrees(self, there: Self, delta: f64) -> bool {
        let lower = there.lower.max(self.lower - delta);
        let bound = there.bound.min(self.bound - delta);
        lower <= bound + SLACK_MS
    }
}

/// How long a finished rectangle may be under way, ms, in a feed that is not cut off.
pub(super) fn age_limit(source: Source, origin: Origin) -> Option<f64> {
    match (origin, source) {
        (Origin::History, _) => None,
        (Origin::Live, Source::Fast) => Some(10_000.0),
        (Origin::Live, Source::Slow) => Some(20_000.0),
    }
}

/// The votes of one group that agree with each other: how many, and their distance.
#[derive(Copy, Clone, Debug)]
struct Cluster {
    votes: usize,
    delta: f64,
}

/// The distance to a group, told by its votes (sorted by distance).
///
/// `there` is its range; `expected` how many rows, at that distance, should have found a pair: those
/// of this batch within the time that the group has rows of, or those of the group within the time of
/// this batch, whichever are more.
pub(super) fn decide(
    votes: &[Vote],
    here: Range,
    there: Range,
    expected: &mut dyn FnMut(f64) -> usize,
) -> Option<f64> {
    let mut best: Option<Cluster> = None;
    let mut second = 0;
    let mut singles = 0;
    for cluster in votes.chunk_by(|a, b| b.delta - a.delta <= TIE_MS) {
        let votes = cluster.len();
        // The middle one: rounding is to both sides.
        let delta = cluster.get(votes / 2)?.delta;
        if votes < SURE && !here.agrees(there, delta) {
            continue;
        }
        if votes == 1 {
            // One pair alone is believed when no neighbours speak against it.
            singles += 1;
            if singles > MAX_SINGLES || expected(delta) > LONELY {
                continue;
            }
        }
        match best {
            Some(known) if votes <= known.votes => second = second.max(votes),
            _ => {
                second = best.map_or(0, |known| known.votes);
                best = Some(Cluster { votes, delta });
            }
        }
    }
    best.filter(|best| best.votes > second).map(|best| best.delta)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Range = Range::OPEN;

    fn votes(deltas: &[f64]) -> Vec<Vote> {
        let mut votes: Vec<Vote> = deltas.iter().map(|&delta| Vote { group: 3, delta }).collect();
        votes.sort_by(|a, b| a.delta.total_cmp(&b.delta));
        votes
    }

    #[test]
    fn agreement_wins() {
        let delta = decide(&votes(&[5.0, 900.0, 5.0001, -7.0]), OPEN, OPEN, &mut |_| 100).unwrap();
        assert!((delta - 5.0).abs() < 0.001);
        assert!(decide(&votes(&[5.0, 9.0, 5.0, 9.0]), OPEN, OPEN, &mut |_| 0).is_none());
    }

    #[test]
    fn one_pair_needs_the_clock_and_the_neighbours() {
        assert!(decide(&votes(&[5.0]), OPEN, OPEN, &mut |_| 1).is_some());
        assert!(decide(&votes(&[5.0]), OPEN, OPEN, &mut |_| 50).is_none(), "others differ");
        let here = Range { lower: 9990.0, bound: 10_000.0 };
        let there = Range { lower: 90.0, bound: 100.0 };
        assert!(decide(&votes(&[9900.0]), here, there, &mut |_| 1).is_some());
        assert!(decide(&votes(&[5.0]), here, there, &mut |_| 1).is_none(), "an old run");
    }
}
