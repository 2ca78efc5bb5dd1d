//! Which row of the worker table is of which address, found without walking the table.

use crate::base::intern::Interner;
use crate::feed::workers::WorkerRow;

/// No row.
const NONE: usize = usize::MAX;

/// The rows of those that have a name, by address.
#[derive(Clone, Debug, Default)]
pub struct ByAddress {
    addresses: Interner,
    /// By the number of the address.
    rows: Vec<usize>,
    tables: u64,
}

impl ByAddress {
    /// Takes in a state of the table. O(workers).
    pub fn learn(&mut self, rows: &[WorkerRow]) {
        // Addresses of those that have gone are not kept for ever.
        if self.addresses.len() > 2 * rows.len() + 100 {
            *self = Self { tables: self.tables, ..Self::default() };
        }
        self.tables += 1;
        self.rows.fill(NONE);
        for (at, row) in rows.iter().enumerate().filter(|(_, row)| !row.name.is_empty()) {
            let id = self.addresses.intern(&row.address) as usize;
            if id >= self.rows.len() {
                self.rows.resize(id + 1, NONE);
            }
            // Of two at one address, the first.
            if let Some(slot) = self.rows.get_mut(id).filter(|slot| **slot == NONE) {
                *slot = at;
            }
        }
    }

    /// How many tables were taken in.
    pub fn tables(&self) -> u64 {
        self.tables
    }

    /// The name at an address, of the rows that were learnt; none where it has none, or is not there.
    pub fn name<'a>(&self, address: &str, rows: &'a [WorkerRow]) -> Option<&'a str> {
        rows.get(self.find(address)?).map(|row| row.name.as_str())
    }

    fn find(&self, address: &str) -> Option<usize> {
        let id = self.addresses.find(address)?;
        self.rows.get(id as usize).copied().filter(|at| *at != NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_walk_finds(
            tables in prop::collection::vec(prop::collection::vec((0u8..60, "[a-c]?"), 0..40), 1..12),
        ) {
            let mut by_address = ByAddress::default();
            for table in tables {
                let rows: Vec<WorkerRow> = table
                    .into_iter()
                    .map(|(at, name)| WorkerRow { name, address: at.to_string(), ..WorkerRow::default() })
                    .collect();
                by_address.learn(&rows);
                for at in 0..60 {
                    let at = at.to_string();
                    let walked = rows.iter().position(|row| row.address == at && !row.name.is_empty());
                    prop_assert_eq!(by_address.find(&at), walked);
                }
            }
        }
    }

    #[test]
    fn those_that_left_are_let_go() {
        let mut by_address = ByAddress::default();
        for i in 0..1000 {
            let row =
                WorkerRow { name: "a".into(), address: i.to_string(), ..WorkerRow::default() };
            by_address.learn(&[row]);
        }
        assert!(by_address.addresses.len() <= 103);
        assert_eq!((by_address.find("999"), by_address.find("998")), (Some(0), None));
    }
}
