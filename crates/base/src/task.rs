//! What a task interval is, in the words that feeds and the store share.

use super::time::Micros;

/// What a worker thread was doing. The wire gives it as a prefix of the rectangle's name.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug, Default)]
#[repr(u8)]
pub enum Action {
    /// Running the task itself.
    #[default]
    Compute = 0,
    /// Fetching a dependency from another worker.
    Transfer = 1,
    /// Reading spilled data back.
    DiskRead = 2,
    /// Spilling data.
    DiskWrite = 3,
    /// Unpickling the task.
    Deserialize = 4,
}

impl Action {
    /// All of them, by their number.
    pub const ALL: [Self; 5] =
        [Self::Compute, Self::Transfer, Self::DiskRead, Self::DiskWrite, Self::Deserialize];

    /// The name Dask uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Compute => "compute",
            Self::Transfer => "transfer",
            Self::DiskRead => "disk-read",
            Self::DiskWrite => "disk-write",
            Self::Deserialize => "deserialize",
        }
    }

    /// Splits a rectangle's name (`transfer-add`) into its action and the key prefix (`add`).
    ///
    /// A computed task whose own prefix looks like an action cannot be told from one by its name;
    /// pass `alpha` (1 for compute on the wire, less for all else) to decide.
    pub fn split_name(name: &str, alpha: f64) -> (Self, &str) {
        if alpha < 1.0 {
            for action in [Self::Transfer, Self::DiskRead, Self::DiskWrite, Self::Deserialize] {
                if let Some(rest) = name.strip_prefix(action.name())
                    && let Some(prefix) = rest.strip_prefix('-')
                {
                    return (action, prefix);
                }
            }
        }
        (Self::Compute, name)
    }
}

/// A colour as it stands on the wire, 8 bits each.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug, Default)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// The first of the time bases whose rows are never moved again.
const FIRST_SETTLED: u32 = u32::MAX - 7;

/// The time base of rows that were dated in a clock domain and are never moved again. There
/// are eight: the clock of a computer is seldom set.
pub fn settled_timebase(domain: u32) -> u32 {
    FIRST_SETTLED + domain.min(u32::MAX - FIRST_SETTLED)
}

/// Whether the rows of a time base are never moved again.
pub fn is_settled(timebase: u32) -> bool {
    FIRST_SETTLED <= timebase
}

/// One stretch of one thread's time, borrowed from whatever holds its text.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Interval<'a> {
    /// The key: plain text, or compact JSON text of a (nested) array when `key_is_json`.
    pub key: &'a str,
    /// Whether `key` is JSON text of a tuple key.
    pub key_is_json: bool,
    /// The key's prefix, without the action.
    pub prefix: &'a str,
    /// What the thread was doing.
    pub action: Action,
    /// Whether the task failed.
    pub erred: bool,
    /// The worker's address.
    pub worker: &'a str,
    /// The thread, unique over workers (`"<address>-<ident>"` on the wire).
    pub thread: &'a str,
    /// When it began, on the scheduler's clock as far as it is known (see `timebase`).
    pub start: Micros,
    /// How long it took, true to 1 µs.
    pub duration: Micros,
    /// The colour Dask gives it.
    pub color: Rgb,
    /// Which time base `start` is in. Times in one time base are exact against each other; the
    /// offset of a whole time base is an estimate and may be corrected later by one shift for all.
    pub timebase: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_by_alpha() {
        assert_eq!(Action::split_name("transfer-add", 0.4), (Action::Transfer, "add"));
        assert_eq!(Action::split_name("disk-read-blen", 0.4), (Action::DiskRead, "blen"));
        assert_eq!(Action::split_name("transfer-add", 1.0), (Action::Compute, "transfer-add"));
        assert_eq!(Action::split_name("add", 0.4), (Action::Compute, "add"));
    }
}
