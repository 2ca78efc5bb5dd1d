//! What is held at most.

use base::time::Micros;

/// Rows of a chunk at most. Larger: fewer chunks, of which more goes at once.
const MAX_ROWS: usize = 4096;

/// What is held at most. Where it is more by any of the three, the chunks go that ended first.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub struct RetentionPolicy {
    /// Rows.
    pub rows: usize,
    /// How long before the end of the newest row a row may have ended. Up to an eighth more, since
    /// chunks go whole, and only now and then.
    pub age: Micros,
    /// [`Store::memory_bytes`](super::Store::memory_bytes). Names and lanes count, and are let go of once no row needs them.
    pub bytes: usize,
}

impl RetentionPolicy {
    /// Everything.
    pub const ALL: Self = Self { rows: usize::MAX, age: Micros(i64::MAX), bytes: usize::MAX };

    /// What both allow.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self {
            rows: self.rows.min(other.rows),
            age: self.age.min(other.age),
            bytes: self.bytes.min(other.bytes),
        }
    }

    /// Rows of a chunk at most, and its length in µs, so that what goes at once is little.
    pub(super) fn chunk(self) -> (usize, i64) {
        let rows = self.rows.min(self.bytes / 40);
        ((rows / 64).clamp(16, MAX_ROWS), (self.age.0 / 16).clamp(1, i64::from(u32::MAX)))
    }
}

impl Default for RetentionPolicy {
    /// Two million rows take some 64 MiB; the limit in bytes is for keys that have nothing in common.
    fn default() -> Self {
        Self { rows: 2_000_000, bytes: 512 << 20, ..Self::ALL }
    }
}
