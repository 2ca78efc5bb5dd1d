//! The longest row, and the kinds that occur, over any range of a chunk's rows.
//!
//! Leaves are blocks of 32 rows, inner nodes lie implicitly above them (node `i` has children `2i`
//! and `2i + 1`), so the index costs well under one byte a row.

use base::task::Action;

/// Rows in a leaf. Larger: less memory, longer scans at both ends of a query.
pub(super) const LEAF: usize = 32;

/// The bit of an erred row in a kinds mask.
pub const KIND_ERRED: u8 = 0x80;

/// The bit of an action in a kinds mask.
pub fn kind_bit(action: Action) -> u8 {
    1 << action as u8
}

/// What is known about a range of rows.
#[derive(Copy, Clone, Debug, Default, Eq, PartialEq)]
pub struct Agg {
    /// The longest duration, µs.
    pub longest: u32,
    /// The row that has it (the earliest of equals).
    pub row: u16,
    /// Bits of [`kind_bit`] and [`KIND_ERRED`], of all rows.
    pub kinds: u8,
}

impl Agg {
    /// Both; the left one wins a tie.
    #[must_use]
    #[inline(always)]
    pub fn join(self, right: Self) -> Self {
        let kinds = self.kinds | right.kinds;
        let longer = if self.longest < right.longest { right } else { self };
        Self { kinds, ..longer }
    }
}

/// The tree of one chunk. Its number of leaves is a power of two, fixed when it is made.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Agg>,
}

impl Tree {
    /// For at most `rows` rows.
    pub(super) fn new(rows: usize) -> Self {
        let leaves = rows.div_ceil(LEAF).max(1).next_power_of_two();
        Self { nodes: vec![Agg::default(); leaves * 2] }
    }

    fn leaves(&self) -> usize {
        self.nodes.len() / 2
    }

    /// Takes in a row behind all others. Amortised O(1): a parent that does not change ends the walk.
    pub(super) fn append(&mut self, row: usize, agg: Agg) {
        let mut node = self.leaves() + row / LEAF;
        while node > 0 {
            let Some(slot) = self.nodes.get_mut(node) else { return };
            let joined = slot.join(agg);
            if joined == *slot {
                return;
            }
            *slot = joined;
            node /= 2;
        }
    }

    /// Forgets all rows.
    pub(super) fn clear(&mut self) {
        self.nodes.fill(Agg::default());
    }

    /// The sum over whole leaves `from..to`.
    pub(super) fn query(&self, from: usize, to: usize) -> Agg {
        let (mut a, mut b) = (from + self.leaves(), to + self.leaves());
        let (mut left, mut right) = (Agg::default(), Agg::default());
        while a < b {
            if a & 1 == 1 {
                left = left.join(self.nodes[a]);
                a += 1;
            }
            if b & 1 == 1 {
                b -= 1;
                right = self.nodes[b].join(right);
            }
            a /= 2;
            b /= 2;
        }
        left.join(right)
    }

    /// Calls `visit` with every leaf in `from..to` that holds a row of at least `longest` µs.
    pub(super) fn leaves_over(
        &self,
        from: usize,
        to: usize,
        longest: u32,
        visit: &mut dyn FnMut(usize),
    ) {
        self.descend(1, 0, self.leaves(), (from, to), longest, visit);
    }

    fn descend(
        &self,
        node: usize,
        first: usize,
        count: usize,
        want: (usize, usize),
        longest: u32,
        visit: &mut dyn FnMut(usize),
    ) {
        if want.1 <= first || first + count <= want.0 || self.nodes[node].longest < longest {
            return;
        }
        if count == 1 {
            visit(first);
        } else {
            let half = count / 2;
            self.descend(node * 2, first, half, want, longest, visit);
            self.descend(node * 2 + 1, first + half, half, want, longest, visit);
        }
    }

    /// Heap use, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<Agg>()
    }
}
