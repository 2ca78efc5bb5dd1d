//! Questions that need a look at every row are answered by passes: each frame a slice of the rows, never the whole.

use store::scan::{RowCursor, RowInfo};

/// Matches kept at most, evenly spread over the lanes. More: more of them are marked when there are
/// very many, and more memory.
const MOST: usize = 10_000;
/// Which of the questions a pass is for: rows that match the search.
pub(super) const SEARCH: usize = 0;
/// Rows of the selected task and of its kin.
pub(super) const LIGHT: usize = 1;
/// Statistics of the selected area.
pub(super) const STATS: usize = 2;
/// Matches in view, where there are too many to keep all.
pub(super) const NEAR: usize = 3;

/// One question's way over the rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Pass {
    pub(super) on: bool,
    pub(super) walk: Option<RowCursor>,
    /// The generation of the rows that the answer is of, and that the walk began with.
    pub(super) made: Option<u64>,
    pub(super) making: u64,
    pub(super) next_ms: f64,
}

/// Matching rows: all counted, some kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Hits {
    pub(super) rows: Vec<RowInfo>,
    pub(super) seen: u64,
    /// Every so manieth is kept; 0 as 1.
    pub(super) stride: u64,
}

impl Hits {
    pub(super) fn add(&mut self, row: &RowInfo) {
        let stride = self.stride.max(1);
        if self.seen.is_multiple_of(stride) {
            self.rows.push(*row);
            if self.rows.len() > MOST {
                let mut i = 0;
                self.rows.retain(|_| {
                    i += 1;
                    i % 2 == 1
                });
                self.stride = stride * 2;
            }
        }
        self.seen += 1;
    }
}
