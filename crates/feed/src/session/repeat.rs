//! Rows that a server sends twice: Bokeh 3.10 writes down a replaced source only when it sends it, so
//! that rows which were streamed meanwhile are in it already, and then come as what was streamed.

use crate::bokeh::table::Table;
use base::hash::hash_str;

/// Centre and duration of a row, to the bit, and a hash of its key.
type Mark = (u64, u64, u64);

/// What a replaced source held, as far as it may come again.
#[derive(Clone, Debug, Default)]
pub(super) struct Repeats(Vec<Mark>);

fn marks(rows: &Table) -> Vec<Mark> {
    let column = |name| rows.column(name);
    let bits = |name, i| column(name).and_then(|c| c.number(i)).unwrap_or(f64::NAN).to_bits();
    let key = |i| column("key").map_or(0, |keys| hash_str(keys.wire_text(i).0));
    (0..rows.rows()).map(|i| (bits("start", i), bits("duration", i), key(i))).collect()
}

impl Repeats {
    /// The source was replaced by these rows.
    pub(super) fn replaced(&mut self, rows: &Table) {
        self.0 = marks(rows);
    }

    /// Whether streamed rows are ones that the replaced source held. They come again in their order, to
    /// its end; after that, or with the first others, nothing does.
    pub(super) fn has(&mut self, rows: &Table) -> bool {
        if self.0.is_empty() || rows.rows() == 0 {
            return false;
        }
        let streamed = marks(rows);
        let found = self.0.windows(streamed.len()).position(|window| *window == *streamed);
        match found {
            Some(at) => drop(self.0.drain(..at + streamed.len())),
            None => self.0.clear(),
        }
        found.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(numbers: &[f64]) -> Table {
        let mut table = Table::default();
        for &number in numbers {
            table.column_mut("start").push_number(number);
            table.column_mut("duration").push_number(1.0);
            table.column_mut("key").push_text("a");
        }
        table
    }

    #[test]
    fn what_was_in_the_replaced_source_is_no_news() {
        let mut repeats = Repeats::default();
        assert!(!repeats.has(&rows(&[1.0])), "nothing was replaced");
        repeats.replaced(&rows(&[1.0, 2.0, 3.0]));
        assert!(repeats.has(&rows(&[2.0])));
        assert!(repeats.has(&rows(&[3.0])));
        assert!(!repeats.has(&rows(&[3.0])), "a task that ran again");
        repeats.replaced(&rows(&[1.0, 2.0]));
        assert!(!repeats.has(&rows(&[2.0, 4.0])));
        assert!(!repeats.has(&rows(&[2.0])), "after other rows nothing comes again");
        repeats.replaced(&rows(&[]));
        assert!(!repeats.has(&rows(&[1.0])));
    }
}
