//! Tables in the order of one of their columns: numbers as numbers, also where they are written for
//! people; what has no value last.

use super::fold::natural;
use super::{Cell, Table};
use base::number::parse;
use base::sort::sorted;

/// The column whose order rows are in, and whether the largest comes first; none: as the page has them.
pub type By = Option<(usize, bool)>;

/// The order once a column's head is pressed: by it (numbers from the largest on), the other way round,
/// and as it was.
pub fn press(now: By, column: usize, numbers: bool) -> By {
    match now {
        Some((at, down)) if at == column => (down == numbers).then_some((column, !down)),
        _ => Some((column, numbers)),
    }
}

/// What a row is ordered by.
#[derive(Copy, Clone, PartialEq, Debug)]
struct Key<'a> {
    number: Option<f64>,
    text: &'a str,
}

impl<'a> Key<'a> {
    fn text(text: &'a str) -> Self {
        let text = if text == "–" { "" } else { text };
        Self { number: amount(text), text }
    }

    fn number(number: f64) -> Self {
        Self { number: number.is_finite().then_some(number), text: "" }
    }

    fn is_none(&self) -> bool {
        self.number.is_none() && self.text.is_empty()
    }
}

/// Units, and how much each is.
const UNITS: [(&str, f64); 13] = [
    ("s", 1.0),
    ("B", 1.0),
    ("%", 0.01),
    ("µs", 1e-6),
    ("ms", 1e-3),
    ("min", 60.0),
    ("h", 3600.0),
    ("d", 86_400.0),
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
    ("PiB", 1_125_899_906_842_624.0),
];

/// An amount as it is written for people (`1.50 MiB`, `3 min 20 s`, `≈ 12 ms`, `61 204`), in bytes,
/// seconds, shares or things; none where it is no such.
pub fn amount(text: &str) -> Option<f64> {
    let (text, times) = match text.strip_prefix("under ") {
        Some(rest) => (rest, 0.5),
        None => (text.trim_start_matches("≈ "), 1.0),
    };
    let mut sum = 0.0;
    let mut words = text.split(' ');
    let mut word = words.next();
    while let Some(number) = word {
        let unit = words.next().unwrap_or("s").trim_end_matches("/s");
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit)?;
        // The space within a number does not break.
        sum += parse(&number.replace('\u{202f}', ""))? * scale;
        word = words.next();
    }
    Some(sum * times)
}

/// The numbers of the rows in order.
fn order(keys: &[Key<'_>], down: bool) -> Vec<u32> {
    let numbers = keys.iter().all(|key| key.number.is_some() || key.is_none());
    let none = Key { number: None, text: "" };
    let key = |at: u32| keys.get(at as usize).unwrap_or(&none);
    sorted(keys.len(), &mut |a, b| {
        let (a, b) = (key(a), key(b));
        let order = match (a.is_none(), b.is_none()) {
            (false, false) if numbers => {
                a.number.unwrap_or(0.0).total_cmp(&b.number.unwrap_or(0.0))
            }
            (false, false) => natural(a.text, b.text),
            (one, other) => return one.cmp(&other),
        };
        if down { order.reverse() } else { order }
    })
}

impl Table {
    /// What stands in the head of a column; nothing beyond the last one.
    pub fn head(&self, column: usize) -> &str {
        let (name, unit) = self.columns.get(column).map_or(("", ""), |(name, unit)| (name, unit));
        if name.is_empty() { unit } else { name }
    }

    /// The column with that head, where there still is one, to sort by.
    pub fn by(&self, head: &str, down: bool) -> By {
        let at = (0..self.columns.len()).find(|at| self.head(*at) == head)?;
        (!head.is_empty()).then_some((at, down))
    }

    /// The numbers of its rows in order. O(rows log rows).
    pub fn order(&self, by: By) -> Vec<u32> {
        let Some((column, down)) = by else { return (0..self.rows.len() as u32).collect() };
        let mut keys = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            keys.push(match row.get(column) {
                Some(Cell::Text(text)) => Key::text(text),
                Some(Cell::Number(number, _) | Cell::About(number) | Cell::Time(number)) => {
                    Key::number(*number)
                }
                Some(Cell::None) | None => Key::text(""),
            });
        }
        order(&keys, down)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Unit;
    use super::*;
    use base::fmt;

    fn texts(cells: &[&str]) -> Table {
        let row = |cell: &&str| vec![Cell::Text((*cell).into())];
        Table { columns: vec![("x".into(), "")], rows: cells.iter().map(row).collect() }
    }

    #[test]
    fn amounts_as_they_are_written() {
        for secs in [0.0, 0.000_25, 0.0125, 3.25, 75.0, 1200.0, 7500.0, 200_000.0] {
            let read = amount(&fmt::secs(secs)).unwrap();
            assert!((read - secs).abs() <= secs * 0.05, "{secs} {read}");
        }
        for bytes in [0.0, 12.0, 5e4, 7e6, 3e9, 2e12, 4e15] {
            let read = amount(&fmt::bytes(bytes)).unwrap();
            assert!((read - bytes).abs() <= bytes * 0.01 + 0.5, "{bytes} {read}");
        }
        assert_eq!(amount(&Unit::Rate.say(2_097_152.0)), Some(2_097_152.0));
        assert_eq!(amount(&fmt::count(61_204)), Some(61_204.0));
        assert_eq!(amount("≈ 12.00 ms"), Some(0.012));
        assert_eq!((amount("42 %"), amount("under 1 %")), (Some(0.42), Some(0.005)));
        for text in ["", "a", "12 of 20", "18:00:01", "w-1", "12 20", "2 results"] {
            assert_eq!(amount(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_as_numbers_and_nothing_last() {
        let shown = texts(&["900 ms", "–", "1.50 s", "2 min", "80 µs", "900 ms"]);
        assert_eq!(shown.order(None), [0, 1, 2, 3, 4, 5]);
        assert_eq!(shown.order(Some((0, false))), [4, 0, 5, 2, 3, 1]);
        assert_eq!(shown.order(Some((0, true))), [3, 2, 0, 5, 4, 1], "equal ones as they were");
        assert_eq!(shown.order(Some((7, true))).len(), 6);
        // One that is no number: all are texts.
        assert_eq!(texts(&["w10", "w9", "12"]).order(Some((0, false))), [2, 1, 0]);
    }

    #[test]
    fn the_table_behind_a_picture() {
        let row = |number: f64| vec![Cell::Text("x".into()), Cell::Number(number, Unit::Bytes)];
        let columns = vec![("a".to_owned(), ""), ("b".to_owned(), "B")];
        let table = Table { columns, rows: [5.0, f64::NAN, 1e9, -3.0].map(row).to_vec() };
        assert_eq!(table.order(Some((1, true))), [2, 0, 3, 1]);
        assert_eq!(table.order(Some((1, false))), [3, 0, 2, 1]);
        assert_eq!(table.order(Some((0, true))), [0, 1, 2, 3]);
    }

    #[test]
    fn moments_across_midnight() {
        const MIDNIGHT_MS: f64 = 1_795_046_400_000.0;
        let times =
            [2e3, -1e3, f64::NAN, 86_400e3 - 1.0].map(|at| vec![Cell::Time(MIDNIGHT_MS + at)]);
        let table = Table { columns: vec![("When".into(), "")], rows: times.to_vec() };
        let said = |at: usize| table.rows[at][0].say(timeline::ticks::Zone::Fixed(0));
        assert_eq!([said(0), said(1), said(3)], ["00:00:02.000", "23:59:59.000", "23:59:59.999"]);
        assert_eq!(table.order(Some((0, false))), [1, 0, 3, 2]);
        assert_eq!(table.order(Some((0, true))), [3, 0, 1, 2]);
    }

    #[test]
    fn a_third_press_is_as_it_was() {
        let (mut by, mut said) = (None, Vec::new());
        for _ in 0..3 {
            by = press(by, 1, true);
            said.push(by);
        }
        assert_eq!(said, [Some((1, true)), Some((1, false)), None]);
        assert_eq!(press(Some((1, false)), 0, false), Some((0, false)));
        assert_eq!(press(Some((0, false)), 0, false), Some((0, true)));
    }
}
