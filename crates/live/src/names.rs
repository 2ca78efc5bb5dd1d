//! The names of workers by their addresses, of those that have left as well.

use base::intern::Interner;
use feed::workers::WorkerRow;

/// So many more than there are now are remembered.
const LEFT: usize = 10_000;

/// The last known name at each address, found without walking the worker table.
#[derive(Clone, Debug, Default)]
pub struct Names {
    addresses: Interner,
    /// By the number of the address.
    by_id: Vec<String>,
    tables: u64,
}

impl Names {
    /// Takes in a state of the worker table. O(workers); nothing is allocated for those already known.
    pub fn learn(&mut self, rows: &[WorkerRow]) {
        if self.addresses.len() > 2 * rows.len() + LEFT {
            *self = Self { tables: self.tables, ..Self::default() };
        }
        self.tables += 1;
        for row in rows {
            let id = self.addresses.intern(&row.address) as usize;
            if id >= self.by_id.len() {
                self.by_id.resize(id + 1, String::new());
            }
            if let Some(name) = self.by_id.get_mut(id)
                && *name != row.name
            {
                name.clone_from(&row.name);
            }
        }
    }

    /// How many tables were taken in.
    pub fn tables(&self) -> u64 {
        self.tables
    }

    /// Whether a worker is, or was, at an address.
    pub fn knows(&self, address: &str) -> bool {
        self.addresses.find(address).is_some()
    }

    /// The name at an address; nothing where it has none, or never was there.
    pub fn name(&self, address: &str) -> Option<&str> {
        let id = self.addresses.find(address)?;
        self.by_id.get(id as usize).map(String::as_str).filter(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn row(address: String, name: &str) -> WorkerRow {
        WorkerRow { name: name.into(), address, ..WorkerRow::default() }
    }

    proptest! {
        #[test]
        fn knows_what_was_said_last(
            tables in prop::collection::vec(prop::collection::vec((0u8..60, "[a-c]?"), 0..40), 1..12),
        ) {
            let (mut names, mut last) = (Names::default(), HashMap::new());
            for table in tables {
                let rows: Vec<_> = table.iter().map(|(at, name)| row(at.to_string(), name)).collect();
                last.extend(table);
                names.learn(&rows);
                for at in 0u8..60 {
                    let said = last.get(&at).map(String::as_str).filter(|name| !name.is_empty());
                    prop_assert_eq!(names.name(&at.to_string()), said);
                }
            }
        }
    }

    #[test]
    fn those_that_left_long_ago_are_let_go() {
        let mut names = Names::default();
        for i in 0..2 * LEFT {
            names.learn(&[row(i.to_string(), "a")]);
        }
        assert!(names.addresses.len() <= LEFT + 3);
        assert_eq!(names.name(&(2 * LEFT - 1).to_string()), Some("a"));
        assert_eq!(names.name("0"), None);
    }
}
