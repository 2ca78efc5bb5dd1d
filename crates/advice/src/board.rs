//! Findings over time: what is true for a moment is not said, and what was said does not flicker.

use super::Finding;

/// How long a condition holds before it is said, ms: the ends of stages and the begin of a run look
/// odd for a moment.
pub const STAY_MS: f64 = 6_000.0;
/// How long it must not have held before the finding goes, ms: long enough to be read.
pub const LEAVE_MS: f64 = 20_000.0;

#[derive(Clone, Debug)]
struct Entry {
    finding: Finding,
    /// Since when it holds without a break, as far as it was looked at.
    since_ms: f64,
    /// When it held last.
    last_ms: f64,
    shown: bool,
}

/// The findings that are said, and those that may be.
#[derive(Clone, Default, Debug)]
pub struct Board {
    entries: Vec<Entry>,
}

impl Board {
    /// Takes what is true at `now_ms`. Says whether what is shown has changed.
    pub fn update(&mut self, now_ms: f64, found: Vec<Finding>) -> bool {
        let mut changed = false;
        for entry in &mut self.entries {
            let holds = found.iter().any(|finding| finding.id == entry.finding.id);
            changed |= entry.shown && !holds && now_ms - entry.last_ms >= LEAVE_MS;
        }
        self.entries.retain(|entry| {
            let holds = found.iter().any(|finding| finding.id == entry.finding.id);
            // What is not said yet must hold without a break.
            holds || (entry.shown && now_ms - entry.last_ms < LEAVE_MS)
        });
        for finding in found {
            match self.entries.iter_mut().find(|entry| entry.finding.id == finding.id) {
                Some(entry) => {
                    if now_ms - entry.last_ms > STAY_MS {
                        // Nobody looked meanwhile.
                        entry.since_ms = now_ms;
                    }
                    let shown = entry.shown || now_ms - entry.since_ms >= STAY_MS;
                    changed |= shown && (!entry.shown || entry.finding != finding);
                    (entry.shown, entry.last_ms, entry.finding) = (shown, now_ms, finding);
                }
                None => self.entries.push(Entry {
                    finding,
                    since_ms: now_ms,
                    last_ms: now_ms,
                    shown: false,
                }),
            }
        }
        changed
    }

    /// Nothing of that kind is true any more, whatever was: it goes at once. Says whether one was shown.
    pub fn forget(&mut self, ids: &[&str]) -> bool {
        let goes = |entry: &Entry| ids.contains(&entry.finding.id);
        let shown = self.entries.iter().any(|entry| entry.shown && goes(entry));
        self.entries.retain(|entry| !goes(entry));
        shown
    }

    /// What is said, the gravest first.
    pub fn shown(&self) -> Vec<&Finding> {
        let mut all: Vec<&Finding> =
            self.entries.iter().filter(|entry| entry.shown).map(|entry| &entry.finding).collect();
        base::sort::sort_by(&mut all, |a, b| (a.grade, a.id).cmp(&(b.grade, b.id)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::super::Grade;
    use super::*;

    fn finding(id: &'static str, evidence: &str) -> Finding {
        Finding {
            id,
            grade: Grade::Warn,
            title: String::new(),
            evidence: evidence.into(),
            remedy: "",
            code: "",
            places: Vec::new(),
        }
    }

    #[test]
    fn comes_late_leaves_late_and_does_not_flicker() {
        let mut board = Board::default();
        let said = |board: &Board| board.shown().iter().map(|one| one.id).collect::<Vec<_>>();
        // A second here and there is not said.
        for second in 0..30 {
            let found = if second % 5 == 4 { vec![] } else { vec![finding("a", "")] };
            board.update(f64::from(second) * 1e3, found);
            assert_eq!(said(&board), [""; 0], "{second}");
        }
        for second in 30..36 {
            board.update(f64::from(second) * 1e3, vec![finding("a", "")]);
        }
        assert_eq!(said(&board), [""; 0]);
        assert!(board.update(36e3, vec![finding("a", "1"), finding("b", "")]));
        assert_eq!(said(&board), ["a"]);
        assert!(!board.update(37e3, vec![finding("a", "1")]), "nothing new to see");
        assert!(board.update(38e3, vec![finding("a", "2")]), "the figures are");
        assert_eq!(board.shown()[0].evidence, "2");
        // Gone for less than a while: it stays.
        for second in 39..57 {
            assert!(!board.update(f64::from(second) * 1e3, vec![]));
            assert_eq!(said(&board), ["a"], "{second}");
        }
        board.update(57e3, vec![finding("a", "2")]);
        board.update(58e3, vec![]);
        assert_eq!(said(&board), ["a"]);
        assert!(!board.update(76e3, vec![]));
        assert!(board.update(77e3, vec![]), "{LEAVE_MS} ms after it held last");
        assert_eq!(said(&board), [""; 0]);
    }

    #[test]
    fn what_cannot_be_true_any_more_goes_at_once() {
        let said = |board: &Board| board.shown().iter().map(|one| one.id).collect::<Vec<_>>();
        let mut board = Board::default();
        for second in 0..7 {
            board.update(f64::from(second) * 1e3, vec![finding("a", ""), finding("b", "")]);
        }
        assert_eq!(said(&board), ["a", "b"]);
        assert!(board.forget(&["b", "c"]));
        assert_eq!(said(&board), ["a"]);
        assert!(!board.forget(&["b"]), "it is gone already");
    }

    #[test]
    fn a_time_without_looks_counts_for_nothing() {
        let mut board = Board::default();
        board.update(0.0, vec![finding("a", "")]);
        board.update(600e3, vec![finding("a", "")]);
        assert_eq!(board.shown().len(), 0);
        for second in 601..607 {
            board.update(f64::from(second) * 1e3, vec![finding("a", "")]);
        }
        assert_eq!(board.shown().len(), 1);
        board.update(900e3, vec![]);
        assert_eq!(board.shown().len(), 0);
    }

    #[test]
    fn the_gravest_first() {
        let mut board = Board::default();
        for at in [0.0, STAY_MS] {
            let bad = Finding { grade: Grade::Bad, ..finding("z", "") };
            let note = Finding { grade: Grade::Note, ..finding("a", "") };
            board.update(at, vec![finding("m", ""), note, bad]);
        }
        assert_eq!(board.shown().iter().map(|one| one.id).collect::<Vec<_>>(), ["z", "m", "a"]);
    }
}
