//! Which lanes stand where: rows from top to bottom, grouped by worker.
//!
//! ```text
//! gutter      plot
//! worker-0 t0 ▇▇▇▇▁▇▇▇
//!          t1 ▇▇▁▇▇▇▇▇       more lanes than pixels: one row a worker
//! worker-1 t0 ▇▇▇▇▇▇▇▁
//! ```

use crate::store::Store;
use std::cmp::Ordering;

/// Tallest row, CSS px.
const TALL: f64 = 30.0;
/// Below this a row is not worth showing alone: lanes fold into their worker.
const FOLD: f64 = 4.0;
/// Lowest row when even folded ones do not fit; then the lanes scroll.
const LOW: f64 = 5.0;
/// Lowest row of a lane when folding is refused.
const LOW_LANE: f64 = 12.0;

/// Whether lanes are folded into workers.
#[derive(Copy, Clone, Debug, Default, Eq, PartialEq)]
pub enum Folding {
    /// When they would be too low.
    #[default]
    Auto,
    /// Never: scroll instead.
    Never,
    /// Always.
    Always,
}

/// One row of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its lanes: a range of [`Layout::order`].
    pub lanes: std::ops::Range<usize>,
    /// Number of its worker.
    pub worker: u32,
    /// Which of the worker's threads, from 0; `None` when it stands for all of them.
    pub thread: Option<usize>,
    /// Top edge below the top of the plot before scrolling, CSS px.
    pub y: f64,
    /// Height, CSS px.
    pub height: f64,
}

/// All rows.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Lane numbers, worker by worker; a worker's in order of arrival.
    pub order: Vec<u32>,
    /// The rows from top to bottom.
    pub rows: Vec<Row>,
    /// Sum of their heights, CSS px.
    pub height: f64,
    /// Whether rows stand for whole workers.
    pub folded: bool,
}

impl Layout {
    /// Arranges all lanes of the store in `available` CSS px of height, with the workers in the
    /// order given (numbers of workers; those left out are not shown).
    pub fn arrange(&mut self, store: &Store, available: f64, folding: Folding, workers: &[u32]) {
        let mut by_worker: Vec<Vec<u32>> = vec![Vec::new(); store.worker_count()];
        for (id, lane) in store.lanes().iter().enumerate() {
            if lane.rows() > 0
                && let Some(lanes) = by_worker.get_mut(lane.worker as usize)
            {
                lanes.push(id as u32);
            }
        }
        let lanes: usize = by_worker.iter().map(Vec::len).sum();
        let held = by_worker.iter().filter(|lanes| !lanes.is_empty()).count();
        let fit = |n: usize| available / n.max(1) as f64;
        self.folded = lanes > held
            && match folding {
                Folding::Auto => fit(lanes) < FOLD,
                Folding::Never => false,
                Folding::Always => true,
            };
        let low = if folding == Folding::Never { LOW_LANE } else { LOW.min(FOLD) };
        let height = if self.folded { fit(held).max(LOW) } else { fit(lanes).max(low) };
        // Whole pixels look better than an exact fit.
        let height = if height >= 6.0 { height.floor() } else { height }.min(TALL);
        self.order.clear();
        self.rows.clear();
        let mut y = 0.0;
        for &worker in workers {
            // Taken, so that a number given twice is shown once.
            let lanes = by_worker.get_mut(worker as usize).map(std::mem::take).unwrap_or_default();
            let from = self.order.len();
            self.order.extend_from_slice(&lanes);
            let row = |lanes, thread, y| Row { lanes, worker, thread, y, height };
            if self.folded {
                if !lanes.is_empty() {
                    self.rows.push(row(from..self.order.len(), None, y));
                    y += height;
                }
            } else {
                for thread in 0..lanes.len() {
                    self.rows.push(row(from + thread..from + thread + 1, Some(thread), y));
                    y += height;
                }
            }
        }
        self.height = y;
    }

    /// The lanes of a row.
    pub fn lanes(&self, row: &Row) -> &[u32] {
        self.order.get(row.lanes.clone()).unwrap_or_default()
    }

    /// The row at `y` CSS px below the top of the first one.
    pub fn row_at(&self, y: f64) -> Option<&Row> {
        let i = self.rows.partition_point(|row| row.y + row.height <= y);
        self.rows.get(i).filter(|row| row.y <= y)
    }
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
        bare(address).rsplit_once(':').map(|(host, _)| host)
    }
    let mut hosts = addresses.clone().map(host);
    let first = hosts.next().flatten();
    let shared =
        first.is_some() && hosts.all(|host| host == first) && addresses.clone().count() > 1;
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
    use crate::base::task::{Action, Interval, Rgb};
    use crate::base::time::Micros;

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
                    frame: 0,
                });
            }
        }
        store
    }

    #[test]
    fn grouped_by_worker_and_found_again() {
        let mut layout = Layout::default();
        layout.arrange(&store(3, 2), 300.0, Folding::Auto, &[0, 1, 2]);
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
        layout.arrange(&store, 400.0, Folding::Auto, &all);
        assert!(layout.folded && layout.rows.len() == 40);
        assert_eq!(layout.lanes(&layout.rows[3]).len(), 8);
        layout.arrange(&store, 400.0, Folding::Never, &all);
        assert_eq!(layout.rows.len(), 320);
        assert!(layout.height > 400.0, "it scrolls");
        layout.arrange(&store, 4000.0, Folding::Auto, &all);
        assert!(!layout.folded && layout.height <= 4000.0);
    }

    #[test]
    fn workers_stand_as_told() {
        let mut layout = Layout::default();
        layout.arrange(&store(3, 1), 300.0, Folding::Auto, &[2, 0, 2, 9]);
        let seen: Vec<u32> = layout.rows.iter().map(|row| row.worker).collect();
        assert_eq!(seen, [2, 0]);
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
