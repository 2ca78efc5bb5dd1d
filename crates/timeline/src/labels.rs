//! Names inside wide bars: which, and where, so that they stay within the visible part.

use super::columns::slot_of;
use base::sort::sort_by;
use store::{Class, Lane, RowRef};

/// Narrowest bar that gets a name, CSS px: three letters and its margins.
pub const MIN_BAR: f64 = 30.0;
/// Fewest letters of a name that is cut: fewer tell nothing that the colour does not.
pub const MIN_CHARS: usize = 6;
/// Most names in a frame: beyond this they cost more than they tell.
pub const MAX_LABELS: usize = 400;

/// A bar that is wide enough for a name.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Bar {
    /// The row.
    pub at: RowRef,
    /// Its prefix number.
    pub name: u32,
    /// Its slot, for the colour under the text.
    pub slot: u16,
    /// Visible part, µs from the view's start.
    pub from: f64,
    /// Visible length, µs.
    pub len: f64,
}

/// Adds the bars of a lane's main tracks whose visible part is at least `min` µs, in a view from
/// `start` that lasts `width` µs. O(found + log n): short rows are skipped by the index.
pub fn wide_bars(id: u32, lane: &Lane, start: f64, width: f64, min: f64, out: &mut Vec<Bar>) {
    let (from, to) = (start.floor() as i64, (start + width).ceil() as i64);
    for (t, track) in lane.tracks().iter().enumerate() {
        if track.class != Class::Main {
            continue;
        }
        let (a, b) = (from - track.shift, to - track.shift);
        let first = track.seek(a);
        for (c, chunk) in track.chunks().iter().enumerate().skip(first) {
            if b <= chunk.first() {
                break;
            }
            let (lo, hi) = (chunk.seek(a), chunk.starts_before(b));
            chunk.rows_over(lo, hi, min as i64, &mut |i| {
                let left = (chunk.start(i) + track.shift) as f64 - start;
                let right = (left + chunk.dur(i) as f64).min(width);
                let left = left.max(0.0);
                if right - left >= min {
                    let name = chunk.name(i);
                    out.push(Bar {
                        at: RowRef::new(id as usize, t, c, i),
                        name,
                        slot: slot_of(chunk.action(i), chunk.erred(i), name),
                        from: left,
                        len: right - left,
                    });
                }
            });
        }
    }
}

/// Keeps the widest `most`.
pub fn keep_widest<T>(bars: &mut Vec<T>, most: usize, len: impl Fn(&T) -> f64) {
    if most < bars.len() && most > 0 {
        sort_by(bars, |a, b| len(b).total_cmp(&len(a)));
        bars.truncate(most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::task::{Action, Interval, Rgb};
    use base::time::Micros;
    use store::Store;

    #[test]
    fn wide_and_visible_only() {
        let mut store = Store::default();
        for (i, dur) in [900i64, 20, 400, 300, 5000].into_iter().enumerate() {
            store.insert(&Interval {
                key: "k",
                key_is_json: false,
                prefix: "a",
                action: Action::Compute,
                erred: i == 2,
                worker: "w",
                thread: "t",
                start: Micros(i as i64 * 1000),
                duration: Micros(dur),
                color: Rgb(0, 0, 0),
                timebase: 0,
            });
        }
        let mut bars = Vec::new();
        wide_bars(0, &store.lanes()[0], 800.0, 4000.0, 250.0, &mut bars);
        let seen: Vec<(f64, f64)> = bars.iter().map(|b| (b.from, b.len)).collect();
        assert_eq!(seen, [(1200.0, 400.0), (2200.0, 300.0), (3200.0, 800.0)]);
        keep_widest(&mut bars, 1, |b| b.len);
        assert_eq!(bars[0].len, 800.0);
    }
}
