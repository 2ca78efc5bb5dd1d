//! From a point to the interval under it.

use super::columns::chunk_slot;
use store::{Class, RowRef, Store};

/// The row at `t` µs among `lanes`, within `slack` µs: of the wanted class first, then the one that
/// really contains `t`, then the shortest; only of slots that `own` allows. O(lanes × log n).
pub fn at(
    store: &Store,
    lanes: &[u32],
    t: f64,
    slack: f64,
    want: Class,
    own: &dyn Fn(u16) -> bool,
) -> Option<RowRef> {
    let moment = t.floor() as i64;
    let reach = slack.ceil().max(0.0) as i64;
    let mut best: Option<((bool, i64, i64), RowRef)> = None;
    for &id in lanes {
        let Some(lane) = store.lanes().get(id as usize) else { continue };
        for (ti, track) in lane.tracks().iter().enumerate() {
            let (a, b) = (moment - reach - track.shift, moment + reach + 1 - track.shift);
            for (ci, chunk) in track.chunks().iter().enumerate().skip(track.seek(a)) {
                if b <= chunk.first() {
                    break;
                }
                // Within the slack many rows may lie when zoomed out: those around will do.
                let around = chunk.seek(moment - track.shift);
                let first = chunk.seek(a).max(around.saturating_sub(32));
                let last = chunk.starts_before(b).min(around + 32);
                for i in first..last {
                    let (from, to) = (chunk.start(i) + track.shift, chunk.end(i) + track.shift);
                    let off = (from - moment).max(moment + 1 - to).max(0);
                    let rank = (track.class != want, off, chunk.dur(i));
                    if best.is_none_or(|(other, _)| rank < other) && own(chunk_slot(chunk, i)) {
                        best = Some((rank, RowRef::new(id as usize, ti, ci, i)));
                    }
                }
            }
        }
    }
    best.map(|(_, at)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::task::{Action, Interval, Rgb};
    use base::time::Micros;

    #[test]
    fn finds_what_is_there() {
        let mut store = Store::default();
        let rows = [
            (100, 50, Action::Compute),
            (160, 5, Action::Compute),
            (120, 100, Action::Transfer),
            (300, 10, Action::Compute),
        ];
        for (start, dur, action) in rows {
            store.insert(&Interval {
                key: &start.to_string(),
                key_is_json: false,
                prefix: "a",
                action,
                erred: false,
                worker: "w",
                thread: "t",
                start: Micros(start),
                duration: Micros(dur),
                color: Rgb(0, 0, 0),
                timebase: 0,
            });
        }
        let mut key = String::new();
        let mut find = |t: f64, slack: f64, want| {
            let row = at(&store, &[0], t, slack, want, &|slot| slot != 1)?;
            store.row(row, &mut key).map(|r| r.start.0)
        };
        assert_eq!(find(130.0, 0.0, Class::Main), Some(100));
        assert_eq!(find(130.0, 0.0, Class::Aux), Some(120));
        assert_eq!(find(210.0, 0.0, Class::Main), Some(120), "else what else is there");
        assert_eq!(find(156.0, 8.0, Class::Main), Some(160), "the nearest");
        assert_eq!(find(250.0, 5.0, Class::Main), None);
        assert_eq!(find(299.5, 2.0, Class::Main), Some(300));
        assert_eq!(at(&store, &[9], 0.0, 1.0, Class::Main, &|_| true), None);
    }
}
