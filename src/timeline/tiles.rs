//! Columns kept: per lane, in tiles of 256 at one level. A change of the lane spoils only the
//! columns from its place on; the cache has a budget in bytes and forgets the least lately used.

use super::columns::{Acc, Column, columns_into};
use crate::base::hash::FxHashMap;
use crate::base::sort::sort_by;
use crate::base::time::Span;
use crate::store::{Class, Lane};

const BITS: u32 = 8;
/// Columns in a tile. Larger: fewer look-ups, more thrown away when the view is narrow.
const TILE: usize = 1 << BITS;

#[derive(Clone, Debug)]
struct Tile {
    class: Class,
    level: u32,
    index: i64,
    /// Columns from this one on are to be made anew.
    spoilt: usize,
    used: u64,
    columns: Box<[Column; TILE]>,
}

/// The cache.
#[derive(Clone, Debug)]
pub struct Tiles {
    lanes: FxHashMap<u32, Vec<Tile>>,
    count: usize,
    budget: usize,
    turn: u64,
    scratch: Vec<Acc>,
    filled: u64,
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
            lanes: FxHashMap::default(),
            count: 0,
            budget: (bytes / (TILE * 4 + 64)).max(16),
            turn: 0,
            scratch: Vec::new(),
            filled: 0,
        }
    }

    /// A new frame begins: what is used from now on is kept before older tiles.
    pub fn begin(&mut self) {
        self.turn += 1;
        if self.count <= self.budget {
            return;
        }
        let mut ages: Vec<u64> = self.lanes.values().flatten().map(|tile| tile.used).collect();
        let keep = self.budget * 3 / 4;
        let cut = ages.len().saturating_sub(keep);
        if cut == 0 {
            return;
        }
        sort_by(&mut ages, u64::cmp);
        let oldest = ages[cut - 1];
        // Never what the last frame showed, however small the budget.
        let limit = oldest.min(self.turn.saturating_sub(2));
        for tiles in self.lanes.values_mut() {
            tiles.retain(|tile| tile.used > limit);
        }
        self.count = self.lanes.values().map(Vec::len).sum();
    }

    /// Says that rows within `span` of a lane have changed.
    pub fn spoil(&mut self, lane: u32, span: Span) {
        for tile in self.lanes.get_mut(&lane).into_iter().flatten() {
            let first = tile.index << BITS;
            let from = (span.start.0 >> tile.level) - first;
            let to = (span.end.0 >> tile.level) - first;
            if from < TILE as i64 && 0 <= to {
                tile.spoilt = tile.spoilt.min(from.max(0) as usize);
            }
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.lanes.clear();
        self.count = 0;
    }

    /// Columns made since the start; the measure of work done.
    pub fn filled(&self) -> u64 {
        self.filled
    }

    /// Approximate heap use, in bytes.
    pub fn memory_bytes(&self) -> usize {
        self.count * (TILE * 4 + 64)
    }

    /// Copies the columns `first..first + out.len()` of a lane into `out`.
    pub fn read(
        &mut self,
        id: u32,
        lane: &Lane,
        class: Class,
        level: u32,
        first: i64,
        out: &mut [Column],
    ) {
        if !lane.has(class) {
            out.fill(Column::IDLE);
            return;
        }
        let tiles = self.lanes.entry(id).or_default();
        let mut done = 0;
        while done < out.len() {
            let at = first + done as i64;
            let index = at >> BITS;
            let offset = (at - (index << BITS)) as usize;
            let n = (TILE - offset).min(out.len() - done);
            let place = tiles
                .iter()
                .position(|t| t.index == index && t.level == level && t.class == class)
                .unwrap_or_else(|| {
                    self.count += 1;
                    tiles.push(Tile {
                        class,
                        level,
                        index,
                        spoilt: 0,
                        used: 0,
                        columns: Box::new([Column::IDLE; TILE]),
                    });
                    tiles.len() - 1
                });
            let tile = &mut tiles[place];
            tile.used = self.turn;
            if tile.spoilt < TILE {
                let from = tile.spoilt;
                self.filled += (TILE - from) as u64;
                columns_into(
                    lane,
                    class,
                    level,
                    (index << BITS) + from as i64,
                    &mut self.scratch,
                    &mut tile.columns[from..],
                );
                tile.spoilt = TILE;
            }
            out[done..done + n].copy_from_slice(&tile.columns[offset..offset + n]);
            done += n;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::task::{Action, Interval, Rgb};
    use crate::base::time::Micros;
    use crate::store::Store;
    use proptest::prelude::*;

    fn put(store: &mut Store, start: i64, dur: i64, frame: u32) {
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
            frame,
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
                store.drain_dirty(|lane, span| tiles.spoil(lane, span));
                tiles.begin();
                let Some(lane) = store.lanes().first() else { continue };
                let (mut got, mut want) = (vec![Column::IDLE; 600], vec![Column::IDLE; 600]);
                tiles.read(0, lane, Class::Main, level, first * 30, &mut got);
                columns_into(lane, Class::Main, level, first * 30, &mut Vec::new(), &mut want);
                prop_assert_eq!(got, want);
            }
        }
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
            store.drain_dirty(|lane, span| tiles.spoil(lane, span));
            let before = tiles.filled();
            tiles.read(0, &store.lanes()[0], Class::Main, 4, 0, &mut out);
            tiles.filled() - before
        };
        assert_eq!(read(&mut store, &mut tiles), 1024);
        assert_eq!(read(&mut store, &mut tiles), 0);
        put(&mut store, 16_000, 9, 0);
        assert_eq!(read(&mut store, &mut tiles), 24);
    }
}
