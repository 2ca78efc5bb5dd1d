//! Columns kept: per row of the picture, in tiles of 256 at one level. A row is a lane, or many of
//! them folded into one. A change of a lane spoils only the columns from its place on; the cache has
//! a budget in bytes and forgets the least lately used.
//!
//! Work is rationed: what a frame has no time for is shown from another level meanwhile.

use super::columns::{Acc, Column, EDGE, Fold, columns_into};
use base::hash::FxHashMap;
use base::sort::sort_by;
use base::time::{Micros, Span};
use store::{Class, Lane};

mod slots;

pub use slots::home;

const BITS: u32 = 8;
/// Columns in a tile. Larger: fewer look-ups, more thrown away when the view is narrow.
const TILE: usize = 1 << BITS;

/// Which row a tile is of.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Hash)]
pub enum RowKey {
    /// One lane, by its number.
    Lane(u32),
    /// All lanes of a worker, by its number.
    Worker(u32),
    /// All lanes of a host, by its number.
    Host(u32),
    /// What is drawn in one colour, on all lanes: by its slot.
    Slot(u16),
    /// The same on the lanes of one worker, by its number.
    SlotOf(u16, u32),
    /// All lanes there are.
    All,
}

#[derive(Clone, Debug)]
struct Tile {
    class: Class,
    level: u32,
    index: i64,
    /// Columns from this one on are to be made anew.
    valid_len: usize,
    used: u64,
    columns: Box<[Column; TILE]>,
}

impl Tile {
    fn new(class: Class, level: u32, index: i64) -> Self {
        let columns = Box::new([Column::IDLE; TILE]);
        Self { class, level, index, valid_len: 0, used: 0, columns }
    }
}

#[derive(Clone, Debug, Default)]
struct Row {
    /// How many lanes it was made of: with another number all of it is to be made anew.
    lanes: usize,
    tiles: Vec<Tile>,
    /// What has changed since it was last asked for.
    changed: Option<Span>,
}

/// The cache.
#[derive(Clone, Debug)]
pub struct Tiles {
    rows: FxHashMap<RowKey, Row>,
    count: usize,
    budget: usize,
    turn: u64,
    left: usize,
    scratch: Vec<Acc>,
    one: Vec<Column>,
    fold: Fold,
    order: Vec<u32>,
    filled: u64,
    /// The slots that have rows of their own, in order.
    slots: Vec<u16>,
}

impl Default for Tiles {
    fn default() -> Self {
        Self::with_budget(32 << 20)
    }
}

impl Tiles {
    /// A cache of about `bytes` bytes. Smaller: a pan back is recomputed more often.
    pub fn with_budget(bytes: usize) -> Self {
        Self {
            rows: FxHashMap::default(),
            count: 0,
            budget: (bytes / (TILE * 4 + 64)).max(16),
            turn: 0,
            left: usize::MAX,
            scratch: Vec::new(),
            one: Vec::new(),
            fold: Fold::default(),
            order: Vec::new(),
            filled: 0,
            slots: Vec::new(),
        }
    }

    /// Until the next call at most `columns` of single lanes are made, and a tile more.
    pub fn ration(&mut self, columns: usize) {
        self.left = columns;
    }

    /// A new frame begins: what is used from now on is kept before older tiles.
    pub fn begin(&mut self) {
        self.turn += 1;
        if self.count <= self.budget {
            return;
        }
        let tiles = self.rows.values().flat_map(|row| &row.tiles);
        let mut ages: Vec<u64> = tiles.map(|tile| tile.used).collect();
        let keep = self.budget * 3 / 4;
        let cut = ages.len().saturating_sub(keep);
        if cut == 0 {
            return;
        }
        sort_by(&mut ages, u64::cmp);
        // Never what the last frame showed, however small the budget.
        let limit = ages[cut - 1].min(self.turn.saturating_sub(2));
        for row in self.rows.values_mut() {
            row.tiles.retain(|tile| tile.used > limit);
        }
        self.rows.retain(|_, row| !row.tiles.is_empty());
        self.count = self.rows.values().map(|row| row.tiles.len()).sum();
    }

    /// Says that rows within `span` of a lane have changed; `keys` are all rows it is part of.
    #[inline(never)]
    pub fn invalidate(&mut self, keys: &[RowKey], span: Span) {
        for key in keys {
            let Some(row) = self.rows.get_mut(key) else { continue };
            let old = row.changed.unwrap_or(span);
            let (start, end) = (old.start.min(span.start), old.end.max(span.end));
            row.changed = Some(Span { start, end });
            for tile in &mut row.tiles {
                let first = tile.index << BITS;
                let from = (span.start.0 >> tile.level) - first;
                let to = (span.end.0 >> tile.level) - first;
                if from < TILE as i64 && 0 <= to {
                    tile.valid_len = tile.valid_len.min(from.max(0) as usize);
                }
            }
        }
    }

    /// What may have changed on a row since this was last asked: a span around all of it, all of time
    /// where that is not known, or nothing.
    pub fn take_changed(&mut self, key: RowKey) -> Option<Span> {
        match self.rows.get_mut(&key) {
            Some(row) => row.changed.take(),
            None => Some(Span { start: Micros(i64::MIN), end: Micros(i64::MAX) }),
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.count = 0;
    }

    /// Columns of single lanes made since the start; the measure of work done.
    pub fn filled(&self) -> u64 {
        self.filled
    }

    /// Approximate heap use, in bytes.
    pub fn memory_bytes(&self) -> usize {
        self.count * (TILE * 4 + 64)
    }

    /// Whether lanes may have anything of a class, ever.
    pub fn has_any(&self, key: RowKey, lanes: &[u32], all: &[Lane], class: Class) -> bool {
        let has = |id: &u32| all.get(*id as usize).is_some_and(|lane| lane.has(class));
        lanes.iter().any(has) && key.slot().is_none_or(|slot| slots::occurs(slot, class))
    }

    /// Copies the columns `first..first + out.len()` of a row into `out`. `lanes` are those that it
    /// is made of, of which there are `of` in all (others may have no rows of this class, ever).
    ///
    /// Gives `false` where the ration did not suffice and something is shown from another level.
    #[inline(never)]
    pub fn read(
        &mut self,
        key: RowKey,
        lanes: &[u32],
        all: &[Lane],
        class: Class,
        (level, first): (u32, i64),
        out: &mut [Column],
    ) -> bool {
        if !self.has_any(key, lanes, all, class) {
            out.fill(Column::IDLE);
            return true;
        }
        if let RowKey::Slot(_) = key {
            self.fill_slots(key, lanes, all, class, level, first..first + out.len() as i64);
        }
        let row = row_of(&mut self.rows, &mut self.count, key, lanes.len());
        let mut exact = true;
        let mut done = 0;
        // Tiles of neighbouring columns were mostly made one after the other.
        let mut next = usize::MAX;
        while done < out.len() {
            let at = first + done as i64;
            let index = at >> BITS;
            let offset = (at - (index << BITS)) as usize;
            let n = (TILE - offset).min(out.len() - done);
            let to = &mut out[done..done + n];
            done += n;
            let fits = |t: &Tile| t.index == index && t.level == level && t.class == class;
            let place = match row.tiles.get(next) {
                Some(tile) if fits(tile) => Some(next),
                _ => row.tiles.iter().position(fits),
            };
            next = place.map_or(usize::MAX, |place| place + 1);
            let ready = place.is_some_and(|place| row.tiles[place].valid_len == TILE);
            if !ready && self.left == 0 {
                exact = false;
                stand_in(&row.tiles, class, level, at, to);
                continue;
            }
            let place = place.unwrap_or_else(|| {
                self.count += 1;
                row.tiles.push(Tile::new(class, level, index));
                row.tiles.len() - 1
            });
            let tile = &mut row.tiles[place];
            tile.used = self.turn;
            if !ready {
                let from = tile.valid_len;
                let work = (TILE - from) * lanes.len();
                self.filled += work as u64;
                self.left = self.left.saturating_sub(work);
                let begin = (index << BITS) + from as i64;
                let columns = &mut tile.columns[from..];
                let scratch = &mut self.scratch;
                if let [id] = lanes {
                    if let Some(lane) = all.get(*id as usize) {
                        columns_into(lane, class, level, begin, scratch, columns);
                        slots::keep(key, &self.slots, columns);
                    }
                } else {
                    self.fold.reset(columns.len());
                    self.one.resize(columns.len(), Column::IDLE);
                    // In the order of their numbers: what is shown must not depend on how rows are sorted.
                    self.order.clear();
                    let has =
                        |id: &&u32| all.get(**id as usize).is_some_and(|lane| lane.has(class));
                    self.order.extend(lanes.iter().filter(has));
                    sort_by(&mut self.order, u32::cmp);
                    for id in &self.order {
                        let lane = &all[*id as usize];
                        columns_into(lane, class, level, begin, scratch, &mut self.one);
                        slots::keep(key, &self.slots, &mut self.one);
                        self.fold.add(&self.one);
                    }
                    self.fold.finish(columns, lanes.len());
                }
                tile.valid_len = TILE;
            }
            to.copy_from_slice(&tile.columns[offset..offset + n]);
        }
        exact
    }
}

/// A row, made anew where it is of another number of lanes.
#[inline(never)]
fn row_of<'a>(
    rows: &'a mut FxHashMap<RowKey, Row>,
    count: &mut usize,
    key: RowKey,
    lanes: usize,
) -> &'a mut Row {
    let row = rows.entry(key).or_default();
    if row.lanes != lanes {
        *count -= row.tiles.len();
        *row = Row { lanes, ..Row::default() };
    }
    row
}

/// What another level, the nearest that is there, says of the columns from `first` on. The tiles are
/// looked through once for each run of columns that one of them tells of, or none.
#[inline(never)]
fn stand_in(tiles: &[Tile], class: Class, level: u32, first: i64, out: &mut [Column]) {
    let mut done = 0;
    while done < out.len() {
        let time = (first + done as i64) << level;
        let mut known: Option<&Tile> = None;
        // Up to when this run goes: to the end of a tile, or to where the next one begins.
        let mut until = i64::MAX;
        for tile in tiles.iter().filter(|tile| tile.class == class && tile.valid_len > 0) {
            let from = (tile.index << BITS) << tile.level;
            let to = ((tile.index << BITS) + tile.valid_len as i64) << tile.level;
            let nearer = |other: &Tile| tile.level.abs_diff(level) < other.level.abs_diff(level);
            if time < from {
                if known.is_none() {
                    until = until.min(from);
                }
            } else if time < to && known.is_none_or(nearer) {
                known = Some(tile);
                until = to;
            }
        }
        let run = (until.saturating_sub(time).saturating_add((1 << level) - 1) >> level).max(1);
        let run = (run as u64).min((out.len() - done) as u64) as usize;
        let to = &mut out[done..done + run];
        if let Some(tile) = known {
            let mut at = time - ((tile.index << BITS) << tile.level);
            for column in to {
                *column = tile.columns[((at >> tile.level) as usize).min(TILE - 1)];
                column.kinds &= !EDGE;
                at += 1 << level;
            }
        } else {
            to.fill(Column::IDLE);
        }
        done += run;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::task::{Action, Interval, Rgb};
    use proptest::prelude::*;
    use store::Store;

    fn put(store: &mut Store, start: i64, dur: i64, timebase: u32) {
        store.insert(&Interval {
            key: "k",
            key_is_json: false,
            prefix: "a",
            action: Action::Compute,
            erred: false,
            worker: "w",
            thread: "t",
            start: Micros(start),
            duration: Micros(dur),
            color: Rgb(0, 0, 0),
            timebase,
        });
    }

    proptest! {
        #[test]
        fn cached_equals_fresh(
            steps in proptest::collection::vec((0i64..90_000, 1i64..500, 0i64..80, 0u32..9, 0u8..12), 1..80),
            budget in 1usize..40,
        ) {
            let mut store = Store::default();
            let mut tiles = Tiles::with_budget(budget * 1100);
            for (start, dur, first, level, what) in steps {
                match what {
                    0 => store.shift(1, Micros(start - 45_000)),
                    _ => put(&mut store, start, dur, u32::from(what < 3)),
                }
                store.drain_dirty(|lane, _, span| tiles.invalidate(&[RowKey::Lane(lane)], span));
                tiles.begin();
                let Some(lane) = store.lanes().first() else { continue };
                let (mut got, mut want) = (vec![Column::IDLE; 600], vec![Column::IDLE; 600]);
                tiles.read(RowKey::Lane(0), &[0], store.lanes(), Class::Main, (level, first * 30), &mut got);
                columns_into(lane, Class::Main, level, first * 30, &mut Vec::new(), &mut want);
                prop_assert_eq!(got, want);
            }
        }
    }

    fn on_lanes(rows: &[(i64, i64, u8)]) -> Store {
        let mut store = Store::default();
        for &(start, dur, lane) in rows {
            let thread = format!("t{lane}");
            store.insert(&Interval {
                key: "k",
                key_is_json: false,
                prefix: if lane % 2 == 0 { "a" } else { "b" },
                action: Action::Compute,
                erred: start % 97 == 0,
                worker: "w",
                thread: &thread,
                start: Micros(start),
                duration: Micros(dur),
                color: Rgb(0, 0, 0),
                timebase: 0,
            });
        }
        store
    }

    proptest! {
        #[test]
        fn a_row_of_many_lanes_is_their_mean(
            rows in proptest::collection::vec((0i64..60_000, 1i64..900, 0u8..6), 1..200),
            level in 0u32..12,
        ) {
            let store = on_lanes(&rows);
            let lanes: Vec<u32> = (0..store.lanes().len() as u32).collect();
            let mut tiles = Tiles::default();
            let mut got = vec![Column::IDLE; 500];
            prop_assert!(tiles.read(RowKey::Worker(0), &lanes, store.lanes(), Class::Main, (level, 3), &mut got));
            let mut one = vec![Column::IDLE; 500];
            let (mut sum, mut kinds) = (vec![0u32; 500], vec![0u8; 500]);
            for lane in store.lanes() {
                columns_into(lane, Class::Main, level, 3, &mut Vec::new(), &mut one);
                for (i, column) in one.iter().enumerate() {
                    sum[i] += u32::from(column.coverage);
                    kinds[i] |= column.kinds & !EDGE;
                }
            }
            if lanes.len() > 1 {
                for (i, column) in got.iter().enumerate() {
                    let mean = sum[i] / lanes.len() as u32;
                    prop_assert_eq!(u32::from(column.coverage), mean.max(u32::from(sum[i] > 0)));
                    prop_assert_eq!(column.kinds, kinds[i], "an erred task is never lost in a fold");
                }
            }
        }
    }

    #[test]
    fn what_there_is_no_time_for_is_shown_from_another_level() {
        let rows: Vec<_> = (0..2000).map(|i| (i * 10, 9, 0)).collect();
        let store = on_lanes(&rows);
        let (mut coarse, mut fine) = (vec![Column::IDLE; 256], vec![Column::IDLE; 512]);
        let mut tiles = Tiles::default();
        let read = |tiles: &mut Tiles, level: u32, out: &mut [Column]| {
            tiles.read(RowKey::Lane(0), &[0], store.lanes(), Class::Main, (level, 0), out)
        };
        assert!(read(&mut tiles, 6, &mut coarse));
        tiles.ration(0);
        assert!(!read(&mut tiles, 5, &mut fine), "says that it is not exact");
        for (i, column) in fine.iter().enumerate() {
            assert_eq!(column.coverage, coarse[i / 2].coverage);
        }
        tiles.ration(1);
        assert!(!read(&mut tiles, 5, &mut fine), "one tile of two");
        tiles.ration(1);
        assert!(read(&mut tiles, 5, &mut fine), "each frame brings it further");
    }

    #[test]
    fn a_lane_more_makes_the_row_anew() {
        let store = on_lanes(&[(0, 1000, 0), (0, 10, 1)]);
        let mut tiles = Tiles::default();
        let mut out = [Column::IDLE; 4];
        let mut mean = |lanes: &[u32]| {
            tiles.read(RowKey::All, lanes, store.lanes(), Class::Main, (8, 0), &mut out);
            out[1].coverage
        };
        assert_eq!((mean(&[0]), mean(&[0, 1])), (255, 127));
    }

    #[test]
    fn an_append_costs_only_the_tail() {
        let mut store = Store::default();
        let mut tiles = Tiles::default();
        let mut out = vec![Column::IDLE; 1024];
        for i in 0..1000 {
            put(&mut store, i * 10, 9, 0);
        }
        let mut read = |store: &mut Store, tiles: &mut Tiles| {
            store.drain_dirty(|lane, _, span| tiles.invalidate(&[RowKey::Lane(lane)], span));
            let before = tiles.filled();
            tiles.read(RowKey::Lane(0), &[0], store.lanes(), Class::Main, (4, 0), &mut out);
            tiles.filled() - before
        };
        assert_eq!(read(&mut store, &mut tiles), 1024);
        assert_eq!(read(&mut store, &mut tiles), 0);
        put(&mut store, 16_000, 9, 0);
        assert_eq!(read(&mut store, &mut tiles), 24);
    }
}
