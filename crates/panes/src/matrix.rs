//! Numbers in rows and columns, drawn as colours.

use super::Unit;
use super::table::{Cell as Text, Table};
use base::number::{log2_floor, plain};
use base::sort::sort_by;

/// Most rows, and most columns of names: more would be less than a pixel on a telephone.
pub const MOST: usize = 200;

/// From which ratio of the largest to the smallest number on a scale goes by ratios.
const RATIO: f64 = 16.0;

/// The logarithm to base 2 of a positive number, but straight from one power to the next: near enough
/// for a colour, and without the library's.
fn log2(value: f64) -> f64 {
    let whole = f64::from(log2_floor(value));
    whole + value / exp2(whole) - 1.0
}

/// What gives that logarithm.
fn exp2(log: f64) -> f64 {
    let whole = log.floor().clamp(-1000.0, 1000.0);
    f64::from_bits(((1023 + whole as i64) as u64) << 52) * (1.0 + log - whole)
}

/// What a row or column stands for.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// More about it.
    pub detail: String,
    /// How many workers it stands for.
    pub many: u32,
}

/// What the columns are.
#[derive(Clone, PartialEq, Debug)]
pub enum Across {
    /// Things with names, and what they are.
    Names(&'static str, Vec<Label>),
    /// Equal pieces of time.
    Times {
        /// Where the first begins, Unix ms.
        first_ms: f64,
        /// How long each lasts, ms.
        step_ms: f64,
        /// How many there are.
        count: usize,
    },
}

/// What a cell holds: one number, or several that were folded.
#[derive(Copy, Clone, Default, PartialEq, Debug)]
pub struct Cell {
    /// The highest.
    pub high: f64,
    /// Their sum.
    pub sum: f64,
    /// How many.
    pub count: u32,
}

impl Cell {
    /// One more number.
    pub fn add(&mut self, value: f64) {
        self.high = if self.count == 0 { value } else { self.high.max(value) };
        self.sum += value;
        self.count += 1;
    }
}

/// Which of the numbers in a cell gives it its colour.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Shows {
    /// The highest.
    Highest,
    /// The mean.
    Mean,
}

/// Numbers in rows and columns.
#[derive(Clone, PartialEq, Debug)]
pub struct Matrix {
    /// What the rows are.
    pub down: &'static str,
    /// The rows, from the top.
    pub rows: Vec<Label>,
    /// The columns.
    pub across: Across,
    /// What the numbers are.
    pub what: &'static str,
    /// In what they are counted.
    pub unit: Unit,
    /// Which of several gives a cell its colour.
    pub shows: Shows,
    /// The number at the end of the colour scale.
    pub top: f64,
    /// Where the scale begins if it goes by ratios; none where it goes by amounts, from 0.
    pub low: Option<f64>,
    /// Numbers on the scale that are marked.
    pub marks: Vec<f64>,
    /// What the marks are, a sentence; empty without any.
    pub marked: &'static str,
    /// What a cell without a number says.
    pub empty: &'static str,
    /// What else is to be known: how rows were folded, how far back it goes.
    pub foot: String,
    /// What stands in the pane's head.
    pub note: String,
    /// Row by row.
    cells: Vec<Cell>,
}

impl Matrix {
    /// One without numbers.
    pub fn new(
        down: &'static str,
        rows: Vec<Label>,
        across: Across,
        what: &'static str,
        unit: Unit,
    ) -> Self {
        let mut made = Self {
            down,
            rows,
            across,
            what,
            unit,
            shows: Shows::Highest,
            top: 1.0,
            low: None,
            marks: Vec::new(),
            marked: "",
            empty: "nothing",
            foot: String::new(),
            note: String::new(),
            cells: Vec::new(),
        };
        made.cells = vec![Cell::default(); made.rows.len() * made.columns()];
        made
    }

    /// How many columns there are.
    pub fn columns(&self) -> usize {
        match &self.across {
            Across::Names(_, labels) => labels.len(),
            Across::Times { count, .. } => *count,
        }
    }

    /// One more number in a cell; nothing outside.
    pub fn add(&mut self, row: usize, column: usize, value: f64) {
        let columns = self.columns();
        if column < columns
            && let Some(cell) = self.cells.get_mut(row * columns + column)
        {
            cell.add(value);
        }
    }

    /// A cell; none outside, and where there is no number.
    pub fn get(&self, row: usize, column: usize) -> Option<&Cell> {
        let columns = self.columns();
        let cell = (column < columns).then(|| self.cells.get(row * columns + column)).flatten();
        cell.filter(|cell| cell.count > 0)
    }

    /// The number that gives a cell its colour.
    pub fn value(&self, row: usize, column: usize) -> Option<f64> {
        self.get(row, column).map(|cell| match self.shows {
            Shows::Highest => cell.high,
            Shows::Mean => cell.sum / f64::from(cell.count),
        })
    }

    /// Where on the colour scale a cell is, 0 to 1.
    pub fn share(&self, row: usize, column: usize) -> Option<f64> {
        let value = self.value(row, column)?;
        let share = match self.low {
            Some(low) if value < low => 0.0,
            Some(low) => (log2(value) - log2(low)) / (log2(self.top) - log2(low)),
            None => value / self.top.max(1e-12),
        };
        Some(share.clamp(0.0, 1.0))
    }

    /// The number in the middle of the colour scale.
    pub fn middle(&self) -> f64 {
        self.low.map_or(self.top / 2.0, |low| exp2(f64::midpoint(log2(low), log2(self.top))))
    }

    /// Ends the colour scale at the largest number. Where that is many times the smallest, the scale
    /// goes by ratios, or all but a few cells would look alike.
    pub fn scale(&mut self) {
        let columns = self.columns().max(1);
        let values = || (0..self.cells.len()).filter_map(|i| self.value(i / columns, i % columns));
        let top = values().fold(1e-12, f64::max);
        let low = values().filter(|value| *value > 0.0).fold(top, f64::min);
        self.top = top;
        self.low = (top / low >= RATIO).then_some(low);
    }

    /// The cell at a point, given as shares of the whole from the left and the top.
    pub fn at(&self, x: f64, y: f64) -> Option<(usize, usize)> {
        let (rows, columns) = (self.rows.len(), self.columns());
        let inside = |share: f64| (0.0..1.0).contains(&share);
        (rows > 0 && columns > 0 && inside(x) && inside(y))
            .then_some(((y * rows as f64) as usize, (x * columns as f64) as usize))
    }

    /// The cell to which a key leads from another, or from none; none where the key means nothing.
    pub fn step(&self, from: Option<(usize, usize)>, key: &str) -> Option<(usize, usize)> {
        let (last_row, last) = (self.rows.len().checked_sub(1)?, self.columns().checked_sub(1)?);
        // What is newest is at the right.
        let begin = match self.across {
            Across::Names(..) => (0, 0),
            Across::Times { .. } => (0, last),
        };
        let Some((row, column)) = from else {
            return (key.starts_with("Arrow") || matches!(key, "Home" | "End")).then_some(begin);
        };
        let (row, column) = match key {
            "ArrowLeft" => (row, column.saturating_sub(1)),
            "ArrowRight" => (row, column + 1),
            "ArrowUp" => (row.saturating_sub(1), column),
            "ArrowDown" => (row + 1, column),
            "Home" => (row, 0),
            "End" => (row, last),
            "PageUp" => (0, column),
            "PageDown" => (last_row, column),
            _ => return None,
        };
        Some((row.min(last_row), column.min(last)))
    }

    /// The name of a column; `clock` writes a time.
    pub fn column_name(&self, column: usize, clock: &dyn Fn(f64) -> String) -> String {
        match &self.across {
            Across::Names(_, labels) => {
                labels.get(column).map(|label| label.name.clone()).unwrap_or_default()
            }
            Across::Times { first_ms, step_ms, .. } => clock(first_ms + step_ms * column as f64),
        }
    }

    /// A cell in words; `clock` writes a time, Unix ms.
    pub fn say(&self, row: usize, column: usize, clock: &dyn Fn(f64) -> String) -> String {
        let Some(label) = self.rows.get(row) else { return String::new() };
        let name = self.column_name(column, clock);
        let where_ = match self.across {
            Across::Names(..) => format!("{} → {name}", label.name),
            Across::Times { .. } => format!("{} at {name}", label.name),
        };
        let (Some(cell), Some(value)) = (self.get(row, column), self.value(row, column)) else {
            return format!("{where_}: {}", self.empty);
        };
        let said = format!("{where_}: {}", self.unit.say(value));
        match (self.shows, &self.across) {
            (_, Across::Times { .. }) if label.many > 1 => {
                format!("{said}, the highest of {}", label.many)
            }
            (Shows::Mean, Across::Names(..)) if cell.count > 1 => format!(
                "{said}, average of {} pairs, highest {}",
                cell.count,
                self.unit.say(cell.high)
            ),
            _ => said,
        }
    }

    /// All its numbers, for programs: over times a row for each row and a column for each piece of time,
    /// whose head is when it begins, Unix ms. Cells of names as [`Self::table`] has them.
    pub fn full(&self) -> Table {
        let Across::Times { first_ms, step_ms, count } = self.across else { return self.table() };
        let begins = |column| plain(first_ms + step_ms * column as f64);
        let heads = (0..count).map(|column| (begins(column), self.unit.name()));
        let columns = std::iter::once((self.down.to_owned(), "")).chain(heads).collect();
        let rows = self.rows.iter().enumerate().map(|(row, label)| {
            let number = |value| Text::Number(value, self.unit);
            let cells = (0..count).map(|at| self.value(row, at).map_or(Text::None, number));
            std::iter::once(Text::Text(label.name.clone())).chain(cells).collect()
        });
        Table { columns, rows: rows.collect() }
    }

    /// The same numbers as a table to read. Cells of names are a row each, the largest first; of times, a row
    /// has its last, lowest and highest number.
    pub fn table(&self) -> Table {
        let columns = self.columns();
        let text = |label: &Label| Text::Text(label.name.clone());
        let number =
            |value: Option<f64>| value.map_or(Text::None, |value| Text::Number(value, self.unit));
        let unit = self.unit.name();
        let mut rows = Vec::new();
        let heads = match &self.across {
            Across::Names(across, labels) => {
                let mut cells: Vec<(usize, f64)> = (0..self.cells.len())
                    .filter_map(|i| Some((i, self.value(i / columns, i % columns)?)))
                    .collect();
                sort_by(&mut cells, |a, b| b.1.total_cmp(&a.1));
                for (i, value) in cells {
                    let name =
                        |labels: &[Label], at: usize| labels.get(at).map_or(Text::None, text);
                    let ends = [name(&self.rows, i / columns), name(labels, i % columns)];
                    rows.push(ends.into_iter().chain([number(Some(value))]).collect());
                }
                vec![(self.down, ""), (*across, ""), (self.what, unit)]
            }
            Across::Times { .. } => {
                for (row, label) in self.rows.iter().enumerate() {
                    let values = || (0..columns).filter_map(|column| self.value(row, column));
                    let all = [
                        values().next_back(),
                        values().reduce(f64::min),
                        values().reduce(f64::max),
                    ];
                    rows.push([text(label)].into_iter().chain(all.map(number)).collect());
                }
                vec![(self.down, ""), ("last", unit), ("lowest", unit), ("highest", unit)]
            }
        };
        let heads = heads.into_iter().map(|(name, unit)| (name.to_owned(), unit));
        Table { columns: heads.collect(), rows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_time_all_numbers_are_saved() {
        let label = |name: &str| Label { name: name.into(), ..Label::default() };
        let across = Across::Times { first_ms: 1000.0, step_ms: 500.0, count: 3 };
        let rows = vec![label("a"), label("b")];
        let mut made = Matrix::new("worker", rows, across, "memory", Unit::Bytes);
        made.add(0, 0, 5.0);
        made.add(0, 0, 7.0);
        made.add(1, 2, 0.5);
        let csv = super::super::Picture::Matrix(made).csv().unwrap();
        assert_eq!(csv, "worker,1000 (B),1500 (B),2000 (B)\r\na,7,,\r\nb,,,0.5\r\n");
    }

    #[test]
    fn scales_by_amounts_and_by_ratios() {
        let labels = |n: usize| vec![Label::default(); n];
        let made = |values: &[f64]| {
            let across = Across::Names("to", labels(values.len()));
            let mut made = Matrix::new("from", labels(1), across, "rate", Unit::Rate);
            values.iter().enumerate().for_each(|(column, value)| made.add(0, column, *value));
            made.scale();
            made
        };
        let even = made(&[8.0, 4.0, 2.0]);
        assert_eq!((even.top, even.low, even.middle()), (8.0, None, 4.0));
        assert_eq!(even.share(0, 2), Some(0.25));
        let wide = made(&[1024.0, 32.0, 1.0, 0.0, 48.0]);
        assert_eq!((wide.low, wide.middle()), (Some(1.0), 32.0));
        let shares: Vec<f64> = (0..5).filter_map(|column| wide.share(0, column)).collect();
        assert_eq!(shares, [1.0, 0.5, 0.0, 0.0, 0.55]);
        assert_eq!(wide.share(0, 5), None);
        for value in [1e-9, 0.3, 1.0, 1.5, 7.0, 1e12] {
            assert!((exp2(log2(value)) / value - 1.0).abs() < 1e-9, "{value}");
            assert!((log2(value) - value.log2()).abs() < 0.09, "{value}");
        }
    }
}
