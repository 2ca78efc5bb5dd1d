//! Rows that stand for what is drawn in one colour (a prefix, an action, failed tasks) on many lanes.
//!
//! A lane's column counts for the slot that filled most of it, with all of its coverage: exact where
//! tasks are longer than a column; where several share one, all of it is the longest one's. So the rows
//! of all slots have, together, the coverage that all lanes have. One pass over the lanes makes the
//! columns of all slots, so that their number costs nothing but memory.

use super::{BITS, RowKey, TILE, Tile, Tiles, row_of};
use crate::columns::{
    ACTION_SLOT, Column, ERRED_SLOT, LAST_PREFIX_SLOT, NO_SLOT, columns_into, has_erred,
};
use store::{Class, Lane};

impl RowKey {
    /// The slot that its columns are held to.
    pub fn slot(self) -> Option<u16> {
        match self {
            Self::Slot(slot) | Self::SlotOf(slot, _) => Some(slot),
            _ => None,
        }
    }
}

/// Whether a slot can occur in columns of a class.
pub fn occurs(slot: u16, class: Class) -> bool {
    slot == ERRED_SLOT || (slot < ACTION_SLOT) == (class == Class::Main)
}

/// In whose row a slot is counted: in its own, or with the others.
pub fn home(slots: &[u16], slot: u16) -> u16 {
    if slot >= ACTION_SLOT || slots.binary_search(&slot).is_ok() { slot } else { LAST_PREFIX_SLOT }
}

/// In whose row a column is counted. A failed task without length fills none, but is not lost.
fn home_of(slots: &[u16], column: Column) -> u16 {
    match column.slot {
        NO_SLOT if has_erred(column.kinds) => ERRED_SLOT,
        NO_SLOT => NO_SLOT,
        slot => home(slots, slot),
    }
}

/// Empties columns of other slots than the row's.
pub fn keep(key: RowKey, slots: &[u16], columns: &mut [Column]) {
    let Some(slot) = key.slot() else { return };
    for column in columns {
        if home_of(slots, *column) != slot {
            *column = Column::IDLE;
        } else if slot == LAST_PREFIX_SLOT {
            column.slot = slot;
        }
    }
}

impl Tiles {
    /// The slots that have rows of their own, in ascending order. Prefixes that are not among them
    /// count for [`LAST_PREFIX_SLOT`].
    pub fn set_slots(&mut self, slots: &[u16]) {
        if self.slots == slots {
            return;
        }
        let others = |slots: &[u16]| slots.contains(&LAST_PREFIX_SLOT);
        if others(&self.slots) || others(slots) {
            // What counted for the others may have a row now.
            self.clear();
        }
        self.slots = slots.to_vec();
    }

    /// Makes the columns of one row of those that stand for a slot, and in the same pass those of all
    /// others, as far as the ration goes.
    pub(super) fn fill_slots(
        &mut self,
        key: RowKey,
        lanes: &[u32],
        all: &[Lane],
        class: Class,
        level: u32,
        columns: std::ops::Range<i64>,
    ) {
        for index in columns.start >> BITS..=(columns.end - 1) >> BITS {
            let from = self.slot_tile(key, lanes.len(), class, level, index).valid_len;
            if from == TILE {
                continue;
            }
            if self.left == 0 {
                return;
            }
            let work = (TILE - from) * lanes.len();
            self.filled += work as u64;
            self.left = self.left.saturating_sub(work);
            let slots = std::mem::take(&mut self.slots);
            self.fold.reset(slots.len() * TILE);
            self.one.resize(TILE - from, Column::IDLE);
            for lane in lanes.iter().filter_map(|id| all.get(*id as usize)) {
                if !lane.has(class) {
                    continue;
                }
                let begin = (index << BITS) + from as i64;
                columns_into(lane, class, level, begin, &mut self.scratch, &mut self.one);
                // Neighbours mostly repeat.
                let (mut last, mut place) = (NO_SLOT, None);
                for (i, column) in self.one.iter().enumerate() {
                    let home = home_of(&slots, *column);
                    if home != last {
                        (last, place) = (home, slots.binary_search(&home).ok());
                    }
                    if let Some(place) = place {
                        let column = Column { slot: home, ..*column };
                        self.fold.add_at(place * TILE + from + i, &[column]);
                    }
                }
            }
            for (place, &slot) in slots.iter().enumerate() {
                if !occurs(slot, class) {
                    continue;
                }
                let fold = std::mem::take(&mut self.fold);
                let tile = self.slot_tile(RowKey::Slot(slot), lanes.len(), class, level, index);
                // One that knows less than this pass tells makes its own.
                if from <= tile.valid_len {
                    tile.valid_len = TILE;
                    fold.finish_at(place * TILE + from, &mut tile.columns[from..], lanes.len());
                }
                self.fold = fold;
            }
            self.slots = slots;
        }
    }

    /// The tile at a place, made where there is none.
    fn slot_tile(
        &mut self,
        key: RowKey,
        lanes: usize,
        class: Class,
        level: u32,
        index: i64,
    ) -> &mut Tile {
        let row = row_of(&mut self.rows, &mut self.count, key, lanes);
        let same = |t: &Tile| t.index == index && t.level == level && t.class == class;
        let place = row.tiles.iter().position(same).unwrap_or_else(|| {
            self.count += 1;
            row.tiles.push(Tile::new(class, level, index));
            row.tiles.len() - 1
        });
        let tile = &mut row.tiles[place];
        tile.used = self.turn;
        tile
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::EDGE;
    use base::task::{Action, Interval, Rgb};
    use base::time::Micros;
    use proptest::prelude::*;
    use store::Store;

    type Task = (i64, i64, u8, u8);

    fn store(rows: &[Task]) -> Store {
        let mut store = Store::default();
        for &(start, dur, lane, name) in rows {
            store.insert(&Interval {
                key: "k",
                key_is_json: false,
                prefix: &format!("p{name}"),
                action: if start % 11 == 0 { Action::Transfer } else { Action::Compute },
                erred: start % 97 == 0,
                worker: &format!("w{}", lane / 2),
                thread: &format!("t{lane}"),
                start: Micros(start),
                duration: Micros(dur),
                color: Rgb(0, 0, 0),
                timebase: 0,
            });
        }
        store
    }

    /// Each lane's column, counted for the slot that leads in it.
    fn by_hand(
        store: &Store,
        lanes: &[u32],
        slots: &[u16],
        slot: u16,
        class: Class,
        (level, first): (u32, i64),
        len: usize,
    ) -> Vec<(u8, u8)> {
        let mut sums = vec![(0u32, 0u8); len];
        let mut one = vec![Column::IDLE; len];
        for &id in lanes {
            let lane = &store.lanes()[id as usize];
            // Tile by tile: which of two overlapping tasks leads where both fill a column depends on
            // where the run of columns begins.
            for (i, column) in one.iter_mut().enumerate() {
                let at = first + i as i64;
                let begin = at >> BITS << BITS;
                let mut run = vec![Column::IDLE; (at - begin) as usize + 1];
                columns_into(lane, class, level, begin, &mut Vec::new(), &mut run);
                *column = run[run.len() - 1];
            }
            for (sum, column) in sums.iter_mut().zip(&one) {
                if home_of(slots, *column) == slot {
                    sum.0 += u32::from(column.coverage);
                    sum.1 |= column.kinds & !EDGE;
                }
            }
        }
        let mean = lanes.len() as u32;
        sums.iter().map(|s| ((s.0 / mean).max(u32::from(s.0 > 0)) as u8, s.1)).collect()
    }

    proptest! {
        #[test]
        fn as_counted_by_hand(
            rows in prop::collection::vec((0i64..60_000, 1i64..900, 0u8..6, 0u8..5), 1..150),
            more in prop::collection::vec((40_000i64..90_000, 1i64..900, 0u8..6, 0u8..5), 0..20),
            level in 0u32..12, known in 1u16..6, first in 0i64..300,
        ) {
            // Where not all prefixes have rows, one row is of the others.
            let mut slots: Vec<u16> = (0..known).collect();
            slots.extend([LAST_PREFIX_SLOT, ACTION_SLOT + 1, ERRED_SLOT]);
            let mut store = store(&rows);
            let mut tiles = Tiles::default();
            tiles.set_slots(&slots);
            let keys: Vec<RowKey> = slots.iter().map(|&slot| RowKey::Slot(slot)).collect();
            for turn in 0..2 {
                if turn == 1 {
                    for &(start, dur, lane, name) in &more {
                        store.insert(&Interval {
                            key: "k", key_is_json: false, prefix: &format!("p{name}"),
                            action: Action::Compute, erred: false, worker: &format!("w{}", lane / 2),
                            thread: &format!("t{lane}"), start: Micros(start), duration: Micros(dur),
                            color: Rgb(0, 0, 0), timebase: 0,
                        });
                    }
                }
                store.drain_dirty(|_, worker, span| {
                    tiles.invalidate(&keys, span);
                    tiles.invalidate(&[RowKey::All], span);
                    for &slot in &slots {
                        tiles.invalidate(&[RowKey::SlotOf(slot, worker)], span);
                    }
                });
                tiles.begin();
                let all: Vec<u32> = (0..store.lanes().len() as u32).collect();
                let mut got = vec![Column::IDLE; 300];
                for class in [Class::Main, Class::Aux] {
                    let mut sum = vec![0u32; 300];
                    for &slot in slots.iter().filter(|&&slot| occurs(slot, class)) {
                        let read = |tiles: &mut Tiles, key, lanes: &[u32], out: &mut [Column]|
                            tiles.read(key, lanes, store.lanes(), class, (level, first), out);
                        prop_assert!(read(&mut tiles, RowKey::Slot(slot), &all, &mut got));
                        let want = by_hand(&store, &all, &slots, slot, class, (level, first), 300);
                        let seen: Vec<(u8, u8)> = got.iter().map(|c| (c.coverage, c.kinds)).collect();
                        prop_assert!(seen == want, "slot {slot}, {class:?}");
                        for (sum, column) in sum.iter_mut().zip(&got) {
                            prop_assert!(column.coverage == 0 || column.slot == slot);
                            *sum += u32::from(column.coverage);
                        }
                        // A worker's part of it.
                        let some: Vec<u32> = all.iter().copied()
                            .filter(|&id| store.lanes()[id as usize].worker == 0).collect();
                        prop_assert!(read(&mut tiles, RowKey::SlotOf(slot, 0), &some, &mut got));
                        let want = by_hand(&store, &some, &slots, slot, class, (level, first), 300);
                        for (column, want) in got.iter().zip(want) {
                            prop_assert_eq!((column.coverage, column.kinds & !EDGE), want);
                        }
                    }
                    // Together they are all that was done, but for what rounding takes and small ones get.
                    prop_assert!(tiles.read(RowKey::All, &all, store.lanes(), class, (level, first), &mut got));
                    for (sum, column) in sum.iter().zip(&got) {
                        prop_assert!(sum.abs_diff(u32::from(column.coverage)) <= slots.len() as u32);
                    }
                }
            }
        }
    }

    #[test]
    fn one_pass_for_all_of_them() {
        let rows: Vec<Task> =
            (0..4000).map(|i| (i * 10, 9, (i % 4) as u8, (i % 50) as u8)).collect();
        let store = store(&rows);
        let slots: Vec<u16> = (0..50).collect();
        let mut tiles = Tiles::default();
        tiles.set_slots(&slots);
        let mut out = vec![Column::IDLE; 512];
        for &slot in &slots {
            let key = RowKey::Slot(slot);
            tiles.read(key, &[0, 1, 2, 3], store.lanes(), Class::Main, (4, 0), &mut out);
        }
        assert_eq!(tiles.filled(), 512 * 4);
        // Without time there is a stand-in, and the caller is told.
        tiles.ration(0);
        let read = tiles.read(
            RowKey::Slot(3),
            &[0, 1, 2, 3],
            store.lanes(),
            Class::Main,
            (3, 0),
            &mut out,
        );
        assert!(!read);
    }
}
