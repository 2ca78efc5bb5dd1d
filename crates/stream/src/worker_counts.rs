//! How many workers there were, and how many were asked for, over time.

use super::draw::fill;
use super::{Area, TaskStreamModel};
use base::hash::hash_str;
use base::sort::sort_by;
use base::time::{Micros, Span};
use store::RowRef;
use store::scan::RowInfo;
use timeline::scene::{Align, Ink, Scene};

/// Steps kept of one line. Twice as many: finer lines over a day of adapting, at 16 bytes each.
const MOST: usize = 2000;

/// Stands for a number that nobody knows.
const UNKNOWN: u32 = u32::MAX;
/// Longest time that a worker takes to come back and is still said to have been restarted, µs.
const RESTART: i64 = 60_000_000;

/// What happened to a worker.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub enum Change {
    /// It came.
    Came,
    /// It went.
    Went,
    /// It came back under its name.
    Restarted,
    /// Another scheduler took the place of the one before, and all its workers.
    Another,
}

/// A number over time: steps, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Steps(Vec<(i64, u32)>);

impl Steps {
    /// From `at` µs on it is `count`. Where the clock was set back, what was ahead of it gives way.
    /// Says whether it is another one.
    pub fn push(&mut self, at: i64, count: u32) -> bool {
        while self.0.last().is_some_and(|last| last.0 > at) {
            self.0.pop();
        }
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
pub struct WorkerCountHistory {
    /// Workers that were there.
    pub arrived: Steps,
    /// Workers that were asked for.
    pub asked: Steps,
    /// Nobody has asked for a number now.
    pub open: bool,
    /// When workers came or went: µs.
    pub events: Vec<(i64, Change)>,
    /// Addresses and names of those that are there, hashed, in order.
    there: Vec<(u64, u64)>,
    /// Names of those that went, hashed, and when.
    gone: Vec<(u64, i64)>,
    /// Threads of workers, by their addresses, hashed.
    threads: Vec<(u64, u32)>,
    /// How often any of it has changed.
    changed: u32,
}

impl WorkerCountHistory {
    /// The workers that are there at `at` µs, by address and name. The first ones were there before,
    /// for all we know; so were those that come while nobody looks. Says whether they are others.
    pub fn note(&mut self, at: i64, workers: &mut dyn Iterator<Item = (&str, &str)>) -> bool {
        let mut now: Vec<(u64, u64)> = Vec::new();
        workers.for_each(|(address, name)| now.push((hash_str(address), hash_str(name))));
        sort_by(&mut now, Ord::cmp);
        let others = self.arrived.last().is_some_and(|last| last != UNKNOWN) && now != self.there;
        if others {
            self.gone.retain(|gone| at - gone.1 <= RESTART);
            for one in &self.there {
                if now.binary_search(one).is_err() {
                    self.gone.push((one.1, at));
                }
            }
            let (mut came, mut again) = (false, false);
            for one in &now {
                if self.there.binary_search(one).is_ok() {
                    continue;
                }
                match self.gone.iter().position(|gone| gone.0 == one.1) {
                    Some(back) => {
                        again = true;
                        self.gone.swap_remove(back);
                    }
                    None => came = true,
                }
            }
            // Those that came back at once are not said to have gone.
            let went = self.gone.iter().any(|gone| gone.1 == at);
            let all = [(came, Change::Came), (again, Change::Restarted), (went, Change::Went)];
            for (_, change) in all.into_iter().filter(|one| one.0) {
                if self.events.len() >= MOST {
                    self.events.drain(..MOST / 2);
                }
                let place = self.events.partition_point(|event| event.0 <= at);
                self.events.insert(place, (at, change));
            }
        }
        self.there = now;
        self.arrived.push(at, self.there.len() as u32) || others
    }

    /// Whether the worker at an address is known not to be there.
    fn lacks(&self, address: &str) -> bool {
        self.arrived.last().is_some_and(|last| last != UNKNOWN) && !self.has(address)
    }

    /// Whether the worker at an address was there when that was last known.
    pub fn has(&self, address: &str) -> bool {
        self.there.binary_search_by_key(&hash_str(address), |one| one.0).is_ok()
    }

    /// From `at` µs on nobody looks which workers there are. Says whether that is news.
    pub fn lose(&mut self, at: i64) -> bool {
        self.is_known() && self.arrived.push(at, UNKNOWN)
    }

    /// Another scheduler from `end` µs on, which is found out at `now` µs: its workers are others.
    fn begin_run(&mut self, now: i64, end: i64) {
        let at = self.events.partition_point(|event| event.0 <= end);
        self.events.insert(at, (end, Change::Another));
        self.arrived.push(now, UNKNOWN);
        self.there.clear();
        self.gone.clear();
    }

    /// Where another scheduler begins between two moments, the last one.
    pub fn begins_within(&self, from: f64, to: f64) -> Option<i64> {
        let mut all = self.events_within(from, to).iter().rev();
        all.find(|event| event.1 == Change::Another).map(|event| event.0)
    }

    /// Whether there is anything to draw.
    pub fn is_known(&self) -> bool {
        !self.arrived.0.is_empty()
    }

    /// The events between two moments.
    pub fn events_within(&self, from: f64, to: f64) -> &[(i64, Change)] {
        let first = self.events.partition_point(|event| (event.0 as f64) < from);
        let last = self.events.partition_point(|event| (event.0 as f64) < to);
        self.events.get(first..last).unwrap_or_default()
    }
}

impl TaskStreamModel {
    /// The workers that are there at `at_ms` since the epoch, by address and name.
    pub fn note_workers(&mut self, at_ms: f64, workers: &mut dyn Iterator<Item = (&str, &str)>) {
        let known = self.supply.is_known();
        if self.supply.note((at_ms * 1e3) as i64, workers) {
            self.supply_changes();
        }
        if !known {
            // The line needs room.
            self.size.width = -1.0;
        }
    }

    /// How many threads the workers have, by address.
    pub fn note_threads(&mut self, workers: &mut dyn Iterator<Item = (&str, u32)>) {
        let mut threads: Vec<(u64, u32)> = Vec::new();
        workers.for_each(|(address, count)| threads.push((hash_str(address), count)));
        sort_by(&mut threads, Ord::cmp);
        if threads != self.supply.threads {
            self.supply.threads = threads;
            self.arranged.due = true;
        }
    }

    /// Whether the worker of a row, by its number, is gone.
    pub(super) fn is_gone(&self, worker: u32) -> bool {
        self.supply.lacks(self.store.worker_name(worker))
    }

    /// By lane: whether its thread has ended or left the worker's pool. A worker has more lanes than threads
    /// then; those count on which something began last.
    pub(super) fn ended_threads(&self) -> Vec<bool> {
        let lanes = self.store.lanes();
        let mut ended = vec![false; lanes.len()];
        let mut by_worker: Vec<(u32, i64, usize)> = Vec::with_capacity(lanes.len());
        for (id, lane) in lanes.iter().enumerate().filter(|(_, lane)| lane.rows() > 0) {
            let at = RowRef::new(id, 0, 0, 0);
            let last =
                self.store.beside(&RowInfo { at, start: i64::MAX / 2, ..RowInfo::NONE }, false);
            by_worker.push((lane.worker, -last.map_or(i64::MIN + 1, |row| row.start), id));
        }
        sort_by(&mut by_worker, Ord::cmp);
        let mut before = (u32::MAX, 0);
        for (worker, _, id) in by_worker {
            before = if before.0 == worker { (worker, before.1 + 1) } else { (worker, 0) };
            let address = hash_str(self.store.worker_name(worker));
            let known = self.supply.threads.binary_search_by_key(&address, |one| one.0);
            let threads = known.ok().and_then(|at| self.supply.threads.get(at));
            if let (Some(threads), Some(ended)) = (threads, ended.get_mut(id)) {
                *ended = threads.1 <= before.1;
            }
        }
        ended
    }

    /// Another scheduler, as was found out at `now_ms` since the epoch: the one before was there until `end`,
    /// if that is known.
    pub fn begin_run(&mut self, now_ms: f64, end: Option<Micros>) {
        let now = (now_ms * 1e3) as i64;
        self.supply.begin_run(now, end.map_or(now, |end| end.0));
        self.supply_changes();
        self.count_anew();
    }

    /// From `at_ms` on, since the epoch, nobody looks which workers there are.
    pub fn lose_workers(&mut self, at_ms: f64) {
        if self.supply.lose((at_ms * 1e3) as i64) {
            self.supply_changes();
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

    /// What happened to workers and their scheduler, and when: µs.
    pub fn worker_events(&self) -> &[(i64, Change)] {
        &self.supply.events
    }

    /// Grows when workers come, go or are asked for.
    pub fn supply_changed(&self) -> u32 {
        self.supply.changed
    }

    /// How many workers there are and what changed last, to follow other words; empty where nobody
    /// knows.
    pub fn supply_said(&self) -> String {
        let supply = &self.supply;
        let Some(there) = supply.arrived.last().filter(|&there| there != UNKNOWN) else {
            return String::new();
        };
        let mut text = format!(", {there} there now");
        if let Some(asked) = supply.asked.last().filter(|_| !supply.open) {
            text = text + " of " + &asked.to_string() + " asked for";
        }
        if let Some(at) = supply.begins_within(f64::MIN, f64::MAX) {
            text = text + ", another scheduler since " + &self.zone.clock(at, 0);
        }
        if let Some(&(at, change)) = supply.events.last() {
            let what = match change {
                Change::Came => ", one came last at ",
                Change::Went => ", one went last at ",
                Change::Restarted => ", one was restarted last at ",
                Change::Another => return text,
            };
            text = text + what + &self.zone.clock(at, 0);
        }
        text
    }

    /// Where another scheduler begins, and no gap says so. Adds where it has written to `taken`.
    pub(super) fn draw_runs(&self, scene: &mut Scene, taken: &mut Vec<Area>) {
        const WORDS: &str = "another scheduler";
        let Area { x, y, w, h } = self.plot;
        let (from, to) = (self.view.start(), self.view.start() + self.view.width());
        let Some(at) = self.supply.begins_within(from, to).map(|at| at as f64) else { return };
        let in_gap = |gap: &Span| gap.start.0 as f64 <= at + 1e6 && at <= gap.end.0 as f64;
        if self.store.gaps().iter().any(in_gap) {
            return;
        }
        let left = self.x_of(at).floor();
        fill(&mut scene.rects, left, y, 1.0, h, Ink::Warn, 0.8);
        let wide = WORDS.chars().count() as f64 * self.char_width + 12.0;
        let place = if left + wide < x + w { left + 2.0 } else { left - wide - 1.0 };
        if x <= place {
            let area = Area { x: place, y: y + h / 2.0 - 9.0, w: wide, h: 18.0 };
            fill(&mut scene.rects, area.x, area.y, area.w, area.h, Ink::Panel, 0.9);
            scene.text(area.x + 6.0, y + h / 2.0, WORDS, Ink::Text, Align::Left);
            taken.push(area);
        }
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
        let counts = counts.filter(|&count| count != UNKNOWN);
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
                if count == UNKNOWN {
                    last = None;
                    continue;
                }
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
        let mut drawn = (f64::NEG_INFINITY, Change::Came);
        for &(at, change) in supply.events_within(from, to) {
            let at = self.x_of(at as f64).floor();
            if (at, change) != drawn {
                drawn = (at, change);
                let top = self.axis_end() - 6.0;
                // Each has its own form: up, down, and a box.
                let (ink, parts): (Ink, &[[i8; 4]]) = match change {
                    Change::Came => (Ink::Accent, &[[0, 0, 1, 2], [-1, 2, 3, 1], [-2, 3, 5, 2]]),
                    Change::Went => (Ink::Warn, &[[-2, 0, 5, 2], [-1, 2, 3, 1], [0, 3, 1, 2]]),
                    Change::Another => {
                        (Ink::Warn, &[[-3, 0, 7, 2], [-3, 3, 7, 2], [-3, 0, 2, 5], [2, 0, 2, 5]])
                    }
                    Change::Restarted => {
                        (Ink::Text, &[[-3, 0, 7, 1], [-3, 4, 7, 1], [-3, 1, 1, 3], [3, 1, 1, 3]])
                    }
                };
                for part in parts {
                    let [x, y, w, h] = part.map(f64::from);
                    fill(&mut scene.rects, at + x, top + y, w, h, ink, 1.0);
                }
            }
        }
        let there = supply.arrived.last().unwrap_or(0);
        let mut text = if there == UNKNOWN { "?".to_owned() } else { there.to_string() };
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
        let mut supply = WorkerCountHistory::default();
        let mut note = |at, names: &[&str]| supply.note(at, &mut names.iter().map(|&n| (n, n)));
        assert!(note(1, &["a", "b"]));
        assert!(!note(2, &["a", "b"]));
        assert!(note(3, &["a", "b", "c"]));
        assert!(note(4, &["a", "b", "d"]), "one for another");
        assert!(note(5, &[]));
        let (came, went) = (Change::Came, Change::Went);
        let want = [(3, came), (4, came), (4, went), (5, went)];
        assert_eq!(supply.events, want);
        assert_eq!(supply.events_within(4.0, 5.0), &want[1..3]);
        assert_eq!(supply.arrived.0, [(1, 2), (3, 3), (5, 0)]);
    }

    #[test]
    fn a_restart_is_one_thing() {
        const S: i64 = 1_000_000;
        let mut supply = WorkerCountHistory::default();
        let mut note = |at, workers: &[(&str, &str)]| {
            let before = supply.events.len();
            supply.note(at, &mut workers.iter().copied());
            supply.events[before..].iter().map(|event| event.1).collect::<Vec<_>>()
        };
        let all = [("tcp://a:1", "one"), ("tcp://a:2", "two")];
        assert_eq!(note(S, &all), []);
        // At once, on another port; then after a while.
        assert_eq!(note(2 * S, &[("tcp://a:3", "one"), all[1]]), [Change::Restarted]);
        assert_eq!(note(3 * S, &[all[1]]), [Change::Went]);
        assert_eq!(note(9 * S, &[("tcp://a:4", "one"), all[1]]), [Change::Restarted]);
        // One comes back, another goes, a third one comes.
        let next = [("tcp://a:5", "one"), ("tcp://a:6", "three")];
        assert_eq!(note(10 * S, &next), [Change::Came, Change::Restarted, Change::Went]);
        assert_eq!(note(100 * S, &[next[0], next[1], all[1]]), [Change::Came], "too late");
    }

    #[test]
    fn nothing_is_known_while_nobody_looks() {
        let mut supply = WorkerCountHistory::default();
        assert!(!supply.lose(0), "nor was it before");
        let note = |supply: &mut WorkerCountHistory, at, names: &[&str]| {
            supply.note(at, &mut names.iter().map(|&name| (name, name)))
        };
        note(&mut supply, 1, &["a"]);
        assert!(supply.lose(5) && !supply.lose(6));
        assert!(note(&mut supply, 9, &["a", "b"]));
        assert_eq!(supply.events, [], "nobody knows when it came");
        assert_eq!(supply.arrived.0, [(1, 1), (5, UNKNOWN), (9, 2)]);
        assert!(note(&mut supply, 10, &["a"]));
        assert_eq!(supply.events, [(10, Change::Went)]);
    }
}
