//! The level-of-detail kernel: what happened on a lane in each of a run of equal columns of time.
//!
//! At level `l` a column is `2^l` µs wide and begins at a multiple of that, counted from time zero,
//! so its value depends on the rows, the level and its index only: panning cannot make it shimmer.

use base::number::log2_floor;
use base::task::Action;
use store::{Chunk, Class, KIND_ERRED, Lane};

/// Highest level: columns of about 13 days.
pub const MAX_LEVEL: u32 = 40;

/// Bit of [`Column::kinds`]: a row begins in this column.
pub const EDGE: u8 = 0x40;

/// Slot of a column without rows.
pub const NO_SLOT: u16 = 0xffff;
/// Slot of failed tasks, whatever their prefix.
pub const ERRED_SLOT: u16 = 0xfff8;
/// Slot of an action other than compute: this plus its number.
pub const ACTION_SLOT: u16 = 0xfff0;
/// Slot shared by all prefixes from this number on.
pub const LAST_PREFIX_SLOT: u16 = 0xffef;

/// One column of one lane.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
#[repr(C)]
pub struct Column {
    /// What filled most of it: a prefix number, or one of the constants above.
    pub slot: u16,
    /// How much of it was busy, 0 to 255; at least 1 if any.
    pub coverage: u8,
    /// What else: OR of the rows' kinds, and [`EDGE`].
    pub kinds: u8,
}

impl Column {
    /// Nothing at all.
    pub const IDLE: Self = Self { slot: NO_SLOT, coverage: 0, kinds: 0 };

    /// All of it in one number, to compare.
    #[inline(always)]
    pub fn bits(self) -> u32 {
        u32::from(self.slot) | u32::from(self.coverage) << 16 | u32::from(self.kinds) << 24
    }

    /// As [`Self::merge`], of two.
    #[inline(always)]
    pub fn merge_two(a: Self, b: Self) -> Self {
        let sum = u16::from(a.coverage) + u16::from(b.coverage);
        // Idle has no slot, whatever was written there.
        let slot = match (a.coverage < b.coverage, sum) {
            (_, 0) => NO_SLOT,
            (true, _) => b.slot,
            _ => a.slot,
        };
        let coverage = ((sum >> 1) as u8).max(u8::from(sum > 0));
        Self { slot, coverage, kinds: a.kinds | b.kinds }
    }

    /// Several neighbouring columns as one: mean coverage, the slot of the most covered, OR of kinds.
    pub fn merge(columns: &[Self]) -> Self {
        match columns {
            [] => Self::IDLE,
            [one] => *one,
            _ => {
                let (mut best, mut sum, mut kinds) = (Self::IDLE, 0, 0);
                for column in columns {
                    sum += u32::from(column.coverage);
                    kinds |= column.kinds;
                    if best.coverage < column.coverage {
                        best = *column;
                    }
                }
                let mean = (sum / columns.len() as u32) as u8;
                Self { slot: best.slot, coverage: mean.max(u8::from(sum > 0)), kinds }
            }
        }
    }
}

/// The sum of one column while it is made.
#[derive(Copy, Clone, Debug)]
pub struct Acc {
    busy: i64,
    best: i64,
    best_start: i64,
    slot: u16,
    kinds: u8,
}

impl Acc {
    const NONE: Self = Self { busy: 0, best: 0, best_start: i64::MAX, slot: NO_SLOT, kinds: 0 };

    #[inline(always)]
    fn offer(&mut self, len: i64, start: i64, slot: u16) {
        if self.best < len || self.best == len && 0 < len && start < self.best_start {
            (self.best, self.best_start, self.slot) = (len, start, slot);
        }
    }

    #[inline(always)]
    fn finish(self, level: u32) -> Column {
        if self.busy <= 0 {
            return Column { kinds: self.kinds, ..Column::IDLE };
        }
        let width = 1i64 << level;
        let busy = self.busy.min(width);
        let coverage = (busy * 255 + width / 2) >> level;
        Column { slot: self.slot, coverage: coverage.clamp(1, 255) as u8, kinds: self.kinds }
    }
}

/// The slot of a row.
#[inline(always)]
pub fn slot_of(action: Action, erred: bool, name: u32) -> u16 {
    if erred {
        ERRED_SLOT
    } else if action == Action::Compute {
        u16::try_from(name).unwrap_or(LAST_PREFIX_SLOT).min(LAST_PREFIX_SLOT)
    } else {
        ACTION_SLOT + action as u16
    }
}

#[inline(always)]
pub(super) fn chunk_slot(chunk: &Chunk, i: usize) -> u16 {
    slot_of(chunk.action(i), chunk.erred(i), chunk.name(i))
}

/// The level at which a pixel of `micros_per_px` µs is between one and two columns.
pub fn level_for(micros_per_px: f64) -> u32 {
    if micros_per_px < 2.0 { 0 } else { (log2_floor(micros_per_px) as u32).min(MAX_LEVEL) }
}

/// Fills `out` with the columns `first..first + out.len()` of one class of a lane.
/// O(columns × (log gap + log block)), whatever the number of rows. `scratch` is kept for reuse.
pub fn columns_into(
    lane: &Lane,
    class: Class,
    level: u32,
    first: i64,
    scratch: &mut Vec<Acc>,
    out: &mut [Column],
) {
    scratch.clear();
    scratch.resize(out.len(), Acc::NONE);
    let from = first << level;
    let to = (first + out.len() as i64) << level;
    for track in lane.tracks().iter().filter(|track| track.class == class) {
        let shift = track.shift;
        // A row without length counts where it stands, also at the very beginning.
        for chunk in &track.chunks()[track.seek(from - shift - 1)..] {
            if to <= chunk.first() + shift {
                break;
            }
            add_chunk(chunk, shift, from, level, scratch);
        }
    }
    for (column, acc) in out.iter_mut().zip(scratch.iter()) {
        *column = acc.finish(level);
    }
}

/// Adds one chunk's rows to the columns that begin at `from`.
///
/// ```text
/// columns   |   c   |  c+1  |  c+2  |  c+3  |
/// rows        [ i ] [        k        ] [ ]
///             `- partial: i..=k clipped, then a run of whole columns, then partial again
/// ```
fn add_chunk(chunk: &Chunk, shift: i64, from: i64, level: u32, acc: &mut [Acc]) {
    let width = 1i64 << level;
    let rows = chunk.len();
    let mut i = chunk.seek(from - shift);
    let mut c = 0usize;
    while i < rows {
        let (start, end) = (chunk.start(i) + shift, chunk.end(i) + shift);
        let at = (start - from) >> level;
        if at >= acc.len() as i64 {
            break;
        }
        c = c.max(at.max(0) as usize);
        if c >= acc.len() {
            break;
        }
        let left = from + ((c as i64) << level);
        let right = left + width;
        if start <= left && right <= end {
            // A run of columns that this row fills.
            let n = (((end - left) >> level) as usize).min(acc.len() - c);
            let (slot, kinds) = (chunk_slot(chunk, i), chunk.kinds(i));
            for acc in &mut acc[c..c + n] {
                acc.busy += width;
                acc.kinds |= kinds;
                // Of two that fill it the first track's wins, wherever the columns begin.
                acc.offer(width, i64::MIN, slot);
            }
            if start == left {
                acc[c].kinds |= EDGE;
            }
            c += n;
            if end <= left + ((n as i64) << level) {
                i += 1;
            }
            continue;
        }
        let next = chunk.gallop(i, right - shift).max(i + 1);
        let last = next - 1;
        let last_end = chunk.end(last) + shift;
        let head = (left - start).max(0);
        let tail = (last_end - right).max(0);
        let sum = &mut acc[c];
        sum.busy += chunk.busy(i, next) - head - tail;
        if left <= start || last > i {
            sum.kinds |= EDGE;
        }
        let (first_len, last_len) = if last == i {
            (end.min(right) - start.max(left), 0)
        } else {
            (end - start.max(left), last_end.min(right) - (chunk.start(last) + shift))
        };
        sum.offer(first_len, start, chunk_slot(chunk, i));
        sum.kinds |= chunk.kinds(i) | chunk.kinds(last);
        if i + 1 < last {
            let inner = chunk.longest(i + 1, last);
            let row = usize::from(inner.row);
            sum.offer(i64::from(inner.longest), chunk.start(row) + shift, chunk_slot(chunk, row));
            sum.kinds |= inner.kinds;
        }
        if last > i {
            sum.offer(last_len, chunk.start(last) + shift, chunk_slot(chunk, last));
        }
        c += 1;
        i = if tail > 0 { last } else { next };
    }
}

/// Whether a column holds a failed row.
pub fn has_erred(kinds: u8) -> bool {
    kinds & KIND_ERRED != 0
}

/// Folds many lanes' columns into one: mean coverage, majority slot weighted by coverage, OR of kinds.
#[derive(Clone, Debug, Default)]
pub struct Fold(Vec<Votes>);

/// What the lanes said of one column.
#[derive(Copy, Clone, Debug)]
struct Votes {
    sum: u32,
    /// The slot that leads, by `lead`.
    slot: u16,
    kinds: u8,
    lead: i32,
}

impl Fold {
    /// Forgets all, for `len` columns.
    pub fn reset(&mut self, len: usize) {
        self.0.clear();
        self.0.resize(len, Votes { sum: 0, slot: NO_SLOT, kinds: 0, lead: 0 });
    }

    /// Adds one lane's columns.
    pub fn add(&mut self, columns: &[Column]) {
        self.add_at(0, columns);
    }

    /// The same, from the place `at` on.
    pub fn add_at(&mut self, at: usize, columns: &[Column]) {
        for (votes, column) in self.0.iter_mut().skip(at).zip(columns) {
            votes.kinds |= column.kinds & !EDGE;
            if column.coverage == 0 {
                continue;
            }
            let weight = i32::from(column.coverage);
            votes.sum += weight as u32;
            if votes.slot == column.slot {
                votes.lead += weight;
            } else if votes.lead < weight {
                votes.slot = column.slot;
                votes.lead = weight - votes.lead;
            } else {
                votes.lead -= weight;
            }
        }
    }

    /// The result, as the mean over `lanes` lanes (idle ones need not have been added).
    pub fn finish(&self, out: &mut [Column], lanes: usize) {
        self.finish_at(0, out, lanes);
    }

    /// The same, from the place `at` on.
    pub fn finish_at(&self, at: usize, out: &mut [Column], lanes: usize) {
        let lanes = lanes.max(1) as u32;
        for (votes, out) in self.0.iter().skip(at).zip(out) {
            let mean = (votes.sum / lanes).max(u32::from(votes.sum > 0));
            *out = Column { slot: votes.slot, coverage: mean.min(255) as u8, kinds: votes.kinds };
        }
    }
}

#[cfg(test)]
mod tests;
