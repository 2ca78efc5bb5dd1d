//! How many workers there were, and how many were asked for, over time.

use super::Stream;
use super::draw::fill;
use crate::base::hash::hash_str;
use crate::base::sort::sort_by;
use crate::timeline::scene::{Align, Ink, Scene};
use crate::timeline::ticks::clock;

/// Steps kept of one line. Twice as many: finer lines over a day of adapting, at 16 bytes each.
const MOST: usize = 2000;

/// A number over time: steps, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Steps(Vec<(i64, u32)>);

impl Steps {
    /// From `at` µs on it is `count`. Times do not go back.
    /// Says whether it is another one.
    pub fn push(&mut self, at: i64, count: u32) -> bool {
        if self.0.last().is_some_and(|last| last.1 == count) {
            return false;
        }
        if self.0.len() >= MOST {
            // Every second step of the older half goes: what is left is still true where it stands.
            let mut place = 0;
            self.0.retain(|_| {
                place += 1;
                place > MOST / 2 || place % 2 == 1
            });
        }
        self.0.push((at, count));
        true
    }

    /// The steps that count between two moments: the one before, and those inside.
    pub fn within(&self, from: f64, to: f64) -> &[(i64, u32)] {
        let first = self.0.partition_point(|step| step.0 as f64 <= from).saturating_sub(1);
        let last = self.0.partition_point(|step| (step.0 as f64) < to);
        self.0.get(first..last).unwrap_or_default()
    }

    /// The newest number.
    pub fn last(&self) -> Option<u32> {
        self.0.last().map(|step| step.1)
    }
}

/// All that is known about the number of workers.
#[derive(Clone, Debug, Default)]
pub struct Supply {
    /// Workers that were there.
    pub arrived: Steps,
    /// Workers that were asked for.
    pub asked: Steps,
    /// Nobody has asked for a number now.
    pub open: bool,
    /// When workers came (true) or went: µs.
    pub events: Vec<(i64, bool)>,
    /// Addresses of those that are there, hashed, in order.
    there: Vec<u64>,
    /// How often any of it has changed.
    changed: u32,
}

impl Supply {
    /// The workers that are there at `at` µs. The first ones were there before, for all we know.
    /// Says whether they are others.
    pub fn note(&mut self, at: i64, addresses: &mut dyn Iterator<Item = &str>) -> bool {
        let mut now: Vec<u64> = Vec::new();
        addresses.for_each(|address| now.push(hash_str(address)));
        sort_by(&mut now, u64::cmp);
        let others = self.is_known() && now != self.there;
        if others {
            for (some, others, came) in [(&now, &self.there, true), (&self.there, &now, false)] {
                if some.iter().any(|one| others.binary_search(one).is_err()) {
                    if self.events.len() >= MOST {
                        self.events.drain(..MOST / 2);
                    }
                    self.events.push((at, came));
                }
            }
        }
        self.there = now;
        self.arrived.push(at, self.there.len() as u32) || others
    }

    /// Whether there is anything to draw.
    pub fn is_known(&self) -> bool {
        !self.arrived.0.is_empty()
    }

    /// The events between two moments.
    pub fn events_within(&self, from: f64, to: f64) -> &[(i64, bool)] {
        let first = self.events.partition_point(|event| (event.0 as f64) < from);
        let last = self.events.partition_point(|event| (event.0 as f64) < to);
        self.events.get(first..last).unwrap_or_default()
    }
}

impl Stream {
    /// The workers that are there at `at_ms` since the epoch.
    pub fn note_workers(&mut self, at_ms: f64, addresses: &mut dyn Iterator<Item = &str>) {
        let known = self.supply.is_known();
        if self.supply.note((at_ms * 1e3) as i64, addresses) {
            self.supply_changes();
        }
        if !known {
            // The line needs room.
            self.size.width = -1.0;
        }
    }

    /// How many workers a person has asked for from `at_ms` on; none while the scheduler decides.
    pub fn note_asked(&mut self, at_ms: f64, count: Option<u32>) {
        let mut news = self.supply.open != count.is_none();
        self.supply.open = count.is_none();
        if let Some(count) = count {
            news |= self.supply.asked.push((at_ms * 1e3) as i64, count);
        }
        if news {
            self.supply_changes();
        }
    }

    fn supply_changes(&mut self) {
        self.overlay_due = true;
        self.supply.changed += 1;
    }

    /// Grows when workers come, go or are asked for.
    pub fn supply_changed(&self) -> u32 {
        self.supply.changed
    }

    /// How many workers there are and what changed last, to follow other words; empty where nobody
    /// knows.
    pub fn supply_said(&self) -> String {
        let supply = &self.supply;
        let Some(there) = supply.arrived.last() else { return String::new() };
        let mut text = format!(", {there} there now");
        if let Some(asked) = supply.asked.last().filter(|_| !supply.open) {
            text = text + " of " + &asked.to_string() + " asked for";
        }
        if let Some(&(at, came)) = supply.events.last() {
            let what = if came { ", one came last at " } else { ", one went last at " };
            text = text + what + &clock(at, self.utc_offset, 0);
        }
        text
    }

    /// The line of workers above the lanes, and on the axis who came and who went.
    pub(super) fn draw_steps(&self, scene: &mut Scene) {
        if !self.has_steps(self.size) {
            return;
        }
        let (x, w) = (self.plot.x, self.plot.w);
        let (top, base) = (self.axis_end() + 3.0, self.plot.y - 3.0);
        let (from, to) = (self.view.start(), self.view.start() + self.view.width());
        let supply = &self.supply;
        let lines = [(&supply.asked, Ink::Faint, 0.7), (&supply.arrived, Ink::Mute, 1.0)];
        let counts = lines.iter().flat_map(|line| line.0.within(from, to)).map(|step| step.1);
        let most = f64::from(counts.max().unwrap_or(0).max(1));
        // Nobody knows what comes after now.
        let end = self.now.map(|now| now.0).or(self.data.map(|data| data.end.0));
        let end = self.x_of(end.map_or(to, |end| end as f64)).min(x + w);
        for (steps, ink, alpha) in lines {
            let steps = steps.within(from, to);
            let level = |count: u32| base - f64::from(count) / most * (base - top);
            let mut last = None;
            for (i, &(at, count)) in steps.iter().enumerate() {
                let left = self.x_of(at as f64).max(x).floor();
                let right = steps.get(i + 1).map_or(end, |next| self.x_of(next.0 as f64)).floor();
                // What is over within a pixel leaves its height only.
                let y = level(count).round();
                if let Some(old) = last {
                    let (high, low) = (f64::min(old, y), f64::max(old, y));
                    fill(&mut scene.rects, left, high, 1.0, low - high + 1.0, ink, alpha);
                }
                last = Some(y);
                if left < right {
                    fill(&mut scene.rects, left, y, right - left, 1.0, ink, alpha);
                    if ink == Ink::Mute {
                        fill(&mut scene.rects, left, y, right - left, base - y + 1.0, ink, 0.13);
                    }
                }
            }
        }
        let mut drawn = (f64::NEG_INFINITY, false);
        for &(at, came) in supply.events_within(from, to) {
            let at = self.x_of(at as f64).floor();
            if (at, came) != drawn {
                drawn = (at, came);
                let ink = if came { Ink::Accent } else { Ink::Warn };
                fill(&mut scene.rects, at - 1.0, self.axis_end() - 5.0, 3.0, 4.0, ink, 1.0);
            }
        }
        let mut text = supply.arrived.last().unwrap_or(0).to_string();
        let asked = supply.asked.last().filter(|_| !supply.open);
        let asked = asked.filter(|&asked| Some(asked) != supply.arrived.last());
        if let Some(asked) = asked {
            text.push('/');
            text += &asked.to_string();
        }
        text += match text.as_str() {
            _ if x < 90.0 => "",
            "1" => " worker",
            _ => " workers",
        };
        scene.text(x - 8.0, f64::midpoint(top, base), text, Ink::Faint, Align::Right);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_few_and_true() {
        let mut steps = Steps::default();
        assert_eq!((steps.last(), steps.within(0.0, 9.0)), (None, &[][..]));
        for at in 0..100_000 {
            steps.push(at, (at / 10 % 7) as u32);
        }
        assert!(steps.0.len() <= MOST);
        assert_eq!(steps.last(), Some(99_999 / 10 % 7));
        assert!(steps.0.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(steps.0.iter().all(|&(at, count)| count == (at / 10 % 7) as u32));
        let seen = steps.within(99_985.0, 99_995.0);
        assert_eq!(seen.iter().map(|step| step.0).collect::<Vec<_>>(), [99_980, 99_990]);
        assert_eq!(steps.within(2e5, 3e5).len(), 1, "the last one holds");
    }

    #[test]
    fn who_came_and_who_went() {
        let mut supply = Supply::default();
        let mut note = |at, names: &[&str]| supply.note(at, &mut names.iter().copied());
        assert!(note(1, &["a", "b"]));
        assert!(!note(2, &["a", "b"]));
        assert!(note(3, &["a", "b", "c"]));
        assert!(note(4, &["a", "b", "d"]), "one for another");
        assert!(note(5, &[]));
        let want = [(3, true), (4, true), (4, false), (5, false)];
        assert_eq!(supply.events, want);
        assert_eq!(supply.events_within(4.0, 5.0), &want[1..3]);
        assert_eq!(supply.arrived.0, [(1, 2), (3, 3), (5, 0)]);
    }
}
