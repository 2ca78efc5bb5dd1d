//! Which lanes stand where: rows from top to bottom, grouped by worker, by host, or by what ran.
//!
//! ```text
//! gutter      plot
//! worker-0 t0 ▇▇▇▇▁▇▇▇
//!          t1 ▇▇▁▇▇▇▇▇       more lanes than pixels: one row a worker,
//! worker-1 t0 ▇▇▇▇▇▇▇▁       more workers than pixels: one row a host
//! ```
//!
//! A folded row can be opened: it stays as the head of what it holds.

use super::tiles::RowKey;
use base::sort::sort_by;
use base::time::Span;
use std::cmp::Ordering;
use store::{Class, Lane, Store, Track};

/// Tallest row, CSS px.
const TALL: f64 = 30.0;
/// Below this a row is not worth showing alone: lanes fold into their worker, workers into their host.
const FOLD: f64 = 4.0;
/// Lowest row when even folded ones do not fit; then the lanes scroll.
const LOW: f64 = 5.0;
/// Lowest row of a lane when folding is refused, and of what was opened.
const LOW_LANE: f64 = 12.0;

/// What a row stands for when nothing is opened.
#[derive(Copy, Clone, Debug, Default, Eq, PartialEq)]
pub enum Folding {
    /// Lanes, or where they would be too low workers, or else hosts.
    #[default]
    Auto,
    /// Lanes: scroll instead.
    Lanes,
    /// Workers.
    Workers,
    /// Hosts.
    Hosts,
    /// Prefixes, whatever the worker; then actions, then failed tasks.
    Prefixes,
}

/// How workers stand above each other.
#[derive(Copy, Clone, Debug, Default, Eq, PartialEq)]
pub enum Order {
    /// By what the labels say, as people read it.
    #[default]
    Name,
    /// By address, as people read it.
    Address,
    /// The one whose first task came first.
    Arrival,
    /// The busiest first: busy time a thread, over the rows held.
    Busy,
}

/// One row of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its lanes: a range of [`Layout::order`].
    pub lanes: std::ops::Range<usize>,
    /// What it stands for, and under which name its columns are kept.
    pub key: RowKey,
    /// Number of its worker; of the first one, for a host; one that no worker has, for a prefix.
    pub worker: u32,
    /// Which of the worker's threads, from 0; `None` when it stands for more than one.
    pub thread: Option<usize>,
    /// Whether it can be opened or, being open, closed.
    pub opens: bool,
    /// Whether what it holds stands below it.
    pub open: bool,
    /// Top edge below the top of the plot before scrolling, CSS px.
    pub y: f64,
    /// Height, CSS px.
    pub height: f64,
}

/// What the rows are to be made of.
#[derive(Copy, Clone, Debug, Default)]
pub struct Plan<'a> {
    /// Height, CSS px.
    pub available: f64,
    /// What a row stands for.
    pub folding: Folding,
    /// Numbers of workers from top to bottom; those left out are not shown.
    pub workers: &'a [u32],
    /// Number of the host, by number of the worker; 0 where it is missing.
    pub hosts: &'a [u32],
    /// Which workers get no rows of their own, by number; where it is missing they do. Their lanes
    /// still count in the row of their host.
    pub hidden: &'a [bool],
    /// Which workers, hosts and prefixes are open.
    pub opened: &'a [RowKey],
    /// The slots of [`Folding::Prefixes`] from top to bottom.
    pub slots: &'a [u16],
}

/// All rows.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Lane numbers, host by host and worker by worker; a worker's in order of arrival.
    pub order: Vec<u32>,
    /// The rows from top to bottom.
    pub rows: Vec<Row>,
    /// Sum of their heights, CSS px.
    pub height: f64,
    /// Whether rows stand for whole workers or hosts.
    pub folded: bool,
}

impl Layout {
    /// Arranges all lanes of the store that hold rows.
    pub fn arrange(&mut self, store: &Store, plan: &Plan<'_>) {
        let count = store.worker_count();
        let mut by_worker: Vec<Vec<u32>> = vec![Vec::new(); count];
        for (id, lane) in store.lanes().iter().enumerate() {
            if lane.rows() > 0
                && let Some(lanes) = by_worker.get_mut(lane.worker as usize)
            {
                lanes.push(id as u32);
            }
        }
        let host_of = |worker: u32| plan.hosts.get(worker as usize).copied().unwrap_or(0);
        let hidden = |worker: u32| plan.hidden.get(worker as usize).is_some_and(|&hidden| hidden);
        // Hosts in the order of their first workers; places of hosts by their numbers.
        let (mut places, mut seen) = (Vec::new(), 0);
        let mut taken = vec![false; count];
        let mut workers: Vec<u32> = Vec::new();
        let (mut lanes, mut shown, mut hosts) = (0, 0, 0);
        let mut visible = Vec::new();
        for &worker in plan.workers {
            let at = worker as usize;
            if at >= count || taken[at] || by_worker[at].is_empty() {
                continue;
            }
            taken[at] = true;
            workers.push(worker);
            let host = host_of(worker) as usize;
            if places.len() <= host {
                places.resize(host + 1, u32::MAX);
                visible.resize(host + 1, false);
            }
            if places[host] == u32::MAX {
                places[host] = seen;
                seen += 1;
            }
            if !hidden(worker) {
                lanes += by_worker[at].len();
                shown += 1;
                hosts += usize::from(!std::mem::replace(&mut visible[host], true));
            }
        }
        if plan.folding == Folding::Prefixes {
            self.arrange_slots(&workers, &by_worker, plan);
            return;
        }
        let fit = |n: usize| plan.available / n.max(1) as f64;
        let level = match plan.folding {
            Folding::Auto if fit(lanes) >= FOLD => Folding::Lanes,
            // One host alone would be a picture of nothing.
            Folding::Auto if fit(shown) < FOLD && 1 < hosts && hosts < shown => Folding::Hosts,
            Folding::Auto => Folding::Workers,
            chosen => chosen,
        };
        let level = match level {
            Folding::Workers if lanes == shown => Folding::Lanes,
            other => other,
        };
        self.folded = level != Folding::Lanes;
        let (rows, low) = match level {
            Folding::Hosts => (hosts, LOW),
            Folding::Workers => (shown, LOW),
            _ if plan.folding == Folding::Lanes => (lanes, LOW_LANE),
            _ => (lanes, FOLD),
        };
        let height = fit(rows).max(low);
        // Whole pixels look better than an exact fit.
        let height = if height >= 6.0 { height.floor() } else { height }.min(TALL);
        if level == Folding::Hosts {
            let place = |worker: u32| places.get(host_of(worker) as usize);
            sort_by(&mut workers, |&a, &b| place(a).cmp(&place(b)));
        }
        self.order.clear();
        self.rows.clear();
        self.height = 0.0;
        let mut at = 0;
        while let Some(&first) = workers.get(at) {
            let host = host_of(first);
            let group = match level {
                Folding::Hosts => {
                    let rest = workers[at..].iter();
                    rest.take_while(|&&worker| host_of(worker) == host).count()
                }
                _ => 1,
            };
            let group = &workers[at..at + group];
            at += group.len();
            let from = self.order.len();
            for &worker in group {
                self.order.extend_from_slice(&by_worker[worker as usize]);
            }
            let mut inner = (level == Folding::Lanes, height);
            if level == Folding::Hosts {
                if !visible[host as usize] {
                    continue;
                }
                let key = RowKey::Host(host);
                let open = plan.opened.contains(&key);
                let lanes = from..self.order.len();
                self.push(key, lanes, (first, None), (true, open), height);
                if !open {
                    continue;
                }
                inner.1 = height.max(LOW_LANE);
            }
            let mut end = from;
            for &worker in group {
                let from = end;
                let threads = by_worker[worker as usize].len();
                end += threads;
                if hidden(worker) {
                    continue;
                }
                let mut high = inner.1;
                if !inner.0 {
                    let key = RowKey::Worker(worker);
                    let opens = threads > 1;
                    let open = opens && plan.opened.contains(&key);
                    self.push(key, from..end, (worker, None), (opens, open), high);
                    if !open {
                        continue;
                    }
                    high = high.max(LOW_LANE);
                }
                for thread in 0..threads {
                    let lane = from + thread;
                    let key = RowKey::Lane(self.order[lane]);
                    let of = (worker, Some(thread));
                    self.push(key, lane..lane + 1, of, (false, false), high);
                }
            }
        }
    }

    /// A row for each slot, over all lanes; open, it is the head of its workers' rows.
    fn arrange_slots(&mut self, workers: &[u32], by_worker: &[Vec<u32>], plan: &Plan<'_>) {
        self.order.clear();
        self.rows.clear();
        self.height = 0.0;
        self.folded = true;
        let mut parts = Vec::new();
        for &worker in workers {
            let from = self.order.len();
            self.order.extend_from_slice(&by_worker[worker as usize]);
            if !plan.hidden.get(worker as usize).is_some_and(|&hidden| hidden) {
                parts.push((worker, from..self.order.len()));
            }
        }
        let height =
            (plan.available / plan.slots.len().max(1) as f64).floor().clamp(LOW_LANE, TALL);
        for &slot in plan.slots {
            let key = RowKey::Slot(slot);
            let open = plan.opened.contains(&key);
            let all = 0..self.order.len();
            self.push(key, all, (u32::MAX - u32::from(slot), None), (true, open), height);
            for (worker, lanes) in parts.iter().filter(|_| open) {
                let key = RowKey::SlotOf(slot, *worker);
                self.push(key, lanes.clone(), (*worker, None), (false, false), height);
            }
        }
    }

    fn push(
        &mut self,
        key: RowKey,
        lanes: std::ops::Range<usize>,
        (worker, thread): (u32, Option<usize>),
        (opens, open): (bool, bool),
        height: f64,
    ) {
        // The head of what is open is as tall as that, so that its label is seen.
        let height = if open { height.max(LOW_LANE) } else { height };
        let y = self.height;
        self.height += height;
        self.rows.push(Row { lanes, key, worker, thread, opens, open, y, height });
    }

    /// The lanes of a row.
    pub fn lanes(&self, row: &Row) -> &[u32] {
        self.order.get(row.lanes.clone()).unwrap_or_default()
    }

    /// The row at `y` CSS px below the top of the first one.
    pub fn row_at(&self, y: f64) -> Option<&Row> {
        let i = self.first_at(y);
        self.rows.get(i).filter(|row| row.y <= y)
    }

    /// The first row that ends below `y`, by its place in [`Self::rows`].
    fn first_at(&self, y: f64) -> usize {
        self.rows.partition_point(|row| row.y + row.height <= y)
    }

    /// Which rows are seen between two heights, by their places.
    pub fn seen(&self, top: f64, bottom: f64) -> std::ops::Range<usize> {
        let first = self.first_at(top);
        first..self.rows.partition_point(|row| row.y < bottom).max(first)
    }
}

/// Whether a lane did anything within `span`. O(tracks × log rows).
pub fn is_busy(lane: &Lane, span: Span) -> bool {
    lane.tracks().iter().any(|track| {
        let (from, to) = (span.start.0 - track.shift, span.end.0 - track.shift);
        track.chunks().get(track.seek(from)).is_some_and(|chunk| {
            let at = chunk.seek(from);
            at < chunk.len() && chunk.start(at) < to
        })
    })
}

/// How long a lane was at its own work, over the rows held, µs. O(chunks).
pub fn busy_time(lane: &Lane) -> i64 {
    let tracks = lane.tracks().iter().filter(|track| track.class == Class::Main);
    tracks.flat_map(Track::chunks).map(|chunk| chunk.busy(0, chunk.len())).sum()
}

/// The host in a worker's address; all of it where it names none.
pub fn host_of(address: &str) -> &str {
    let bare = address.split_once("://").map_or(address, |(_, rest)| rest);
    bare.rsplit_once(':').map_or(bare, |(host, _)| host)
}

/// Compares names as people read them: `w2` before `w10`.
pub fn natural(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one.as_bytes(), other.as_bytes());
    loop {
        let (number, counter) = (number_at(left), number_at(right));
        let order = if number.is_empty() || counter.is_empty() {
            match (left.split_first(), right.split_first()) {
                // Equal as people read them, but the order must be one for all.
                (None, None) => return one.cmp(other),
                (first, second) => {
                    let order = first.map(|part| part.0).cmp(&second.map(|part| part.0));
                    left = left.get(1..).unwrap_or_default();
                    right = right.get(1..).unwrap_or_default();
                    order
                }
            }
        } else {
            left = &left[number.len()..];
            right = &right[counter.len()..];
            let (number, counter) = (without_zeros(number), without_zeros(counter));
            number.len().cmp(&counter.len()).then_with(|| number.cmp(counter))
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// The digits at the front.
fn number_at(text: &[u8]) -> &[u8] {
    &text[..text.iter().take_while(|byte| byte.is_ascii_digit()).count()]
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    &digits[digits.iter().take_while(|&&byte| byte == b'0').count()..]
}

/// Worker addresses made short: without the scheme, and without a host that all share.
pub fn short_workers<'a>(addresses: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    fn bare(address: &str) -> &str {
        address.split_once("://").map_or(address, |(_, rest)| rest)
    }
    fn host(address: &str) -> Option<&str> {
        Some(host_of(address)).filter(|host| host.len() < bare(address).len())
    }
    // A number that was let go of has no address.
    let mut hosts = addresses.clone().filter(|address| !address.is_empty()).map(host).peekable();
    let first = hosts.next().flatten();
    let shared = first.is_some() && hosts.peek().is_some() && hosts.all(|host| host == first);
    addresses
        .map(|address| match host(address) {
            Some(host) if shared => bare(address)[host.len()..].to_owned(),
            _ => bare(address).to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::task::{Action, Interval, Rgb};
    use base::time::Micros;

    #[test]
    fn a_number_without_a_worker_takes_no_part_in_short_names() {
        let all = ["tcp://10.0.0.1:1", "", "tcp://10.0.0.1:2"];
        assert_eq!(short_workers(all.into_iter()), [":1", "", ":2"]);
        assert_eq!(short_workers(["", "tcp://10.0.0.1:1"].into_iter()), ["", "10.0.0.1:1"]);
    }

    fn store(workers: usize, threads: usize) -> Store {
        let mut store = Store::default();
        for t in 0..threads {
            for w in 0..workers {
                store.insert(&Interval {
                    key: "k",
                    key_is_json: false,
                    prefix: "a",
                    action: Action::Compute,
                    erred: false,
                    worker: &format!("tcp://10.0.0.1:{w}"),
                    thread: &format!("{w}-{t}"),
                    start: Micros(0),
                    duration: Micros(10),
                    color: Rgb(0, 0, 0),
                    timebase: 0,
                });
            }
        }
        store
    }

    fn plan(available: f64, folding: Folding, workers: &[u32]) -> Plan<'_> {
        Plan { available, folding, workers, ..Plan::default() }
    }

    #[test]
    fn grouped_by_worker_and_found_again() {
        let mut layout = Layout::default();
        layout.arrange(&store(3, 2), &plan(300.0, Folding::Auto, &[0, 1, 2]));
        let seen: Vec<_> = layout.rows.iter().map(|r| (r.worker, r.thread)).collect();
        let want: Vec<_> = (0..3).flat_map(|w| (0..2).map(move |t| (w, Some(t)))).collect();
        assert_eq!(seen, want);
        for row in &layout.rows {
            assert_eq!(layout.row_at(row.y), Some(row));
            assert_eq!(layout.row_at(row.y + row.height - 0.01), Some(row));
        }
        assert_eq!(layout.row_at(layout.height), None);
        assert_eq!(layout.row_at(-1.0), None);
    }

    #[test]
    fn more_lanes_than_pixels_fold() {
        let store = store(40, 8);
        let mut layout = Layout::default();
        let all: Vec<u32> = (0..40).collect();
        layout.arrange(&store, &plan(400.0, Folding::Auto, &all));
        assert!(layout.folded && layout.rows.len() == 40);
        assert_eq!(layout.lanes(&layout.rows[3]).len(), 8);
        layout.arrange(&store, &plan(400.0, Folding::Lanes, &all));
        assert_eq!(layout.rows.len(), 320);
        assert!(layout.height > 400.0, "it scrolls");
        assert_eq!(layout.seen(100.0, 124.0), 8..11);
        layout.arrange(&store, &plan(4000.0, Folding::Auto, &all));
        assert!(!layout.folded && layout.height <= 4000.0);
    }

    #[test]
    fn more_workers_than_pixels_fold_into_hosts() {
        let store = store(60, 2);
        let all: Vec<u32> = (0..60).collect();
        let hosts: Vec<u32> = (0..60).map(|worker| worker % 3).collect();
        let mut layout = Layout::default();
        let mut plan = Plan { hosts: &hosts, ..plan(100.0, Folding::Auto, &all) };
        layout.arrange(&store, &plan);
        let keys: Vec<RowKey> = layout.rows.iter().map(|row| row.key).collect();
        assert_eq!(keys, [RowKey::Host(0), RowKey::Host(1), RowKey::Host(2)]);
        for row in &layout.rows {
            assert_eq!(layout.lanes(row).len(), 40);
            assert!(layout.lanes(row).iter().all(|&lane| {
                RowKey::Host(hosts[store.lanes()[lane as usize].worker as usize]) == row.key
            }));
        }
        // One host holds a worker, which holds lanes; heads stay.
        plan.opened = &[RowKey::Host(1), RowKey::Worker(4)];
        layout.arrange(&store, &plan);
        assert_eq!(layout.rows.len(), 3 + 20 + 2);
        assert!(layout.rows[1].open && layout.rows[2].key == RowKey::Worker(1));
        assert!(layout.rows[3].open && layout.rows[3].key == RowKey::Worker(4));
        assert_eq!([4, 5].map(|at| layout.rows[at].thread), [Some(0), Some(1)]);
        assert!(layout.rows[1..].iter().take(23).all(|row| row.height >= LOW_LANE));
        let mut y = 0.0;
        for row in &layout.rows {
            assert_eq!(row.y, y);
            y += row.height;
        }
        assert_eq!(y, layout.height);
        // Hidden workers have no rows, but count in their host's.
        let hidden: Vec<bool> = (0..60).map(|worker| worker != 1).collect();
        plan.hidden = &hidden;
        plan.folding = Folding::Hosts;
        layout.arrange(&store, &plan);
        let keys: Vec<RowKey> = layout.rows.iter().map(|row| row.key).collect();
        assert_eq!(keys, [RowKey::Host(1), RowKey::Worker(1)]);
        assert_eq!(layout.lanes(&layout.rows[0]).len(), 40);
        // With one host alone, workers are told apart.
        plan = Plan { hosts: &[], hidden: &[], opened: &[], folding: Folding::Auto, ..plan };
        layout.arrange(&store, &plan);
        assert_eq!(layout.rows.len(), 60);
    }

    #[test]
    fn workers_stand_as_told() {
        let mut layout = Layout::default();
        layout.arrange(&store(3, 1), &plan(300.0, Folding::Auto, &[2, 0, 2, 9]));
        let seen: Vec<u32> = layout.rows.iter().map(|row| row.worker).collect();
        assert_eq!(seen, [2, 0]);
    }

    #[test]
    fn at_work_or_not() {
        let store = store(1, 1);
        let lane = &store.lanes()[0];
        let within = |from, to| is_busy(lane, Span::new(Micros(from), Micros(to)));
        assert_eq!(
            [within(-5, 0), within(-5, 1), within(9, 20), within(10, 20)],
            [false, true, true, false]
        );
        assert_eq!(busy_time(lane), 10);
    }

    #[test]
    fn hosts_of_addresses() {
        assert_eq!(host_of("tls://10.0.0.1:4321"), "10.0.0.1");
        assert_eq!(host_of("tcp://[fe80::1]:80"), "[fe80::1]");
        assert_eq!(host_of("inproc://x/1"), "x/1");
    }

    #[test]
    fn names_in_order() {
        let mut names = ["w10", "w2", "w02", "", "a", "w2b", "10", "9", "w"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["", "9", "10", "a", "w", "w02", "w2", "w2b", "w10"]);
    }

    #[test]
    fn short_names() {
        let short = |a: &[&str]| short_workers(a.iter().copied());
        assert_eq!(short(&["tcp://a:1", "tcp://a:22"]), [":1", ":22"]);
        assert_eq!(short(&["tcp://a:1", "tls://b:2"]), ["a:1", "b:2"]);
        assert_eq!(short(&["tcp://a:1"]), ["a:1"]);
        assert_eq!(short(&["odd", "inproc://x/1"]), ["odd", "x/1"]);
    }
}
