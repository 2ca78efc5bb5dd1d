//! Columns in memory: numbers as `f64`, everything else as text in one arena.

use base::number;

/// What one cell holds.
#[derive(Copy, Clone, PartialEq, Debug)]
pub enum Cell<'a> {
    /// JSON null.
    Null,
    /// True or false.
    Bool(bool),
    /// A number; whole ones are exact to 2^53.
    Number(f64),
    /// Text.
    Text(&'a str),
    /// Compact JSON text of an array or object.
    Json(&'a str),
}

#[derive(Copy, Clone, Eq, PartialEq, Debug)]
enum Kind {
    Null,
    False,
    True,
    Number,
    Text,
    Json,
}

/// One column. It is numeric as long as every cell is a number; the first other cell makes it mixed.
#[derive(Clone, Default, Debug)]
pub struct Column {
    numbers: Vec<f64>,
    mixed: bool,
    text: String,
    cells: Vec<(u32, Kind)>,
}

impl Column {
    /// How many cells.
    pub fn len(&self) -> usize {
        if self.mixed { self.cells.len() } else { self.numbers.len() }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes every cell, keeping the memory.
    pub fn clear(&mut self) {
        self.numbers.clear();
        self.text.clear();
        self.cells.clear();
        self.mixed = false;
    }

    /// The numbers, when all cells are numbers.
    pub fn numbers(&self) -> Option<&[f64]> {
        (!self.mixed).then_some(&*self.numbers)
    }

    /// The memory behind the numbers, to append to; `None` when some cell is no number.
    pub(super) fn numbers_mut(&mut self) -> Option<&mut Vec<f64>> {
        (!self.mixed).then_some(&mut self.numbers)
    }

    /// Cell `i`; null beyond the end.
    pub fn cell(&self, i: usize) -> Cell<'_> {
        if !self.mixed {
            return self.numbers.get(i).map_or(Cell::Null, |&number| Cell::Number(number));
        }
        let Some(&(_, kind)) = self.cells.get(i) else { return Cell::Null };
        match kind {
            Kind::Null => Cell::Null,
            Kind::False => Cell::Bool(false),
            Kind::True => Cell::Bool(true),
            Kind::Number => Cell::Number(number::parse(self.slice(i)).unwrap_or(f64::NAN)),
            Kind::Text => Cell::Text(self.slice(i)),
            Kind::Json => Cell::Json(self.slice(i)),
        }
    }

    /// The number in cell `i`, if it is one.
    pub fn number(&self, i: usize) -> Option<f64> {
        match self.cell(i) {
            Cell::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The text in cell `i`, if it is text.
    pub fn text(&self, i: usize) -> Option<&str> {
        match self.cell(i) {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of cell `i` as it stands on the wire, and whether that is JSON rather than plain
    /// text. Empty beyond the end and in a numeric column (see [`Column::make_mixed`]).
    pub fn wire_text(&self, i: usize) -> (&str, bool) {
        match self.cells.get(i) {
            Some(&(_, kind)) if self.mixed => (self.slice(i), kind != Kind::Text),
            _ => ("", true),
        }
    }

    fn slice(&self, i: usize) -> &str {
        let start = i.checked_sub(1).and_then(|i| self.cells.get(i)).map_or(0, |cell| cell.0);
        let end = self.cells.get(i).map_or(start, |cell| cell.0);
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    /// Appends a number.
    pub fn push_number(&mut self, number: f64) {
        if self.mixed {
            self.text.push_str(&number::plain(number));
            self.end(Kind::Number);
        } else {
            self.numbers.push(number);
        }
    }

    /// Appends text.
    pub fn push_text(&mut self, text: &str) {
        self.make_mixed();
        self.text.push_str(text);
        self.end(Kind::Text);
    }

    /// Appends an array or object, given as JSON text; white space outside strings is left out.
    pub fn push_json(&mut self, json: &str) {
        self.make_mixed();
        let mut quoted = false;
        let mut escaped = false;
        let mut from = 0;
        for (at, byte) in json.bytes().enumerate() {
            if quoted {
                quoted = escaped || byte != b'"';
                escaped = !escaped && byte == b'\\';
            } else if byte == b'"' {
                quoted = true;
            } else if byte.is_ascii_whitespace() {
                self.text.push_str(json.get(from..at).unwrap_or(""));
                from = at + 1;
            }
        }
        self.text.push_str(json.get(from..).unwrap_or(""));
        self.end(Kind::Json);
    }

    /// Appends null, or a truth value.
    pub fn push_constant(&mut self, value: Option<bool>) {
        self.make_mixed();
        self.text.push_str(match value {
            None => "null",
            Some(false) => "false",
            Some(true) => "true",
        });
        self.end(match value {
            None => Kind::Null,
            Some(false) => Kind::False,
            Some(true) => Kind::True,
        });
    }

    fn end(&mut self, kind: Kind) {
        self.cells.push((self.text.len() as u32, kind));
    }

    /// Makes a numeric column a mixed one, its numbers text.
    pub fn make_mixed(&mut self) {
        if self.mixed {
            return;
        }
        self.mixed = true;
        for number in std::mem::take(&mut self.numbers) {
            self.text.push_str(&number::plain(number));
            self.cells.push((self.text.len() as u32, Kind::Number));
        }
    }

    /// Appends cell `i` of another column.
    pub fn push_cell(&mut self, other: &Self, i: usize) {
        match other.cell(i) {
            Cell::Null => self.push_constant(None),
            Cell::Bool(value) => self.push_constant(Some(value)),
            Cell::Number(number) => self.push_number(number),
            Cell::Text(text) => self.push_text(text),
            Cell::Json(json) => self.push_json(json),
        }
    }

    /// Appends all of another column.
    pub fn append(&mut self, other: &Self) {
        if !self.mixed && !other.mixed {
            self.numbers.extend_from_slice(&other.numbers);
            return;
        }
        for i in 0..other.len() {
            self.push_cell(other, i);
        }
    }

    /// Replaces cells: `(index, row of values)`. Later ones win; indices beyond the end are left
    /// out. Rebuilds a mixed column once.
    pub fn patch(&mut self, at: &[usize], values: &Self) {
        if !self.mixed && !values.mixed {
            for (row, &i) in at.iter().enumerate() {
                if let (Some(cell), Some(&value)) =
                    (self.numbers.get_mut(i), values.numbers.get(row))
                {
                    *cell = value;
                }
            }
            return;
        }
        let mut from: Vec<Option<usize>> = vec![None; self.len()];
        for (row, &i) in at.iter().enumerate() {
            if let Some(slot) = from.get_mut(i) {
                *slot = Some(row);
            }
        }
        let mut out = Self::default();
        for (i, row) in from.into_iter().enumerate() {
            match row {
                Some(row) => out.push_cell(values, row),
                None => out.push_cell(self, i),
            }
        }
        *self = out;
    }

    /// Keeps the last `n` cells.
    pub fn keep_last(&mut self, n: usize) {
        let extra = self.len().saturating_sub(n);
        if extra == 0 {
            return;
        }
        if !self.mixed {
            self.numbers.drain(..extra);
            return;
        }
        let cut = extra.checked_sub(1).and_then(|i| self.cells.get(i)).map_or(0, |cell| cell.0);
        self.cells.drain(..extra);
        for cell in &mut self.cells {
            cell.0 -= cut;
        }
        self.text.drain(..cut as usize);
    }
}

/// Columns by name, all (in a sound table) of one length.
#[derive(Clone, Default, Debug)]
pub struct Table {
    columns: Vec<(String, Column)>,
}

impl Table {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(other, _)| other == name).map(|(_, column)| column)
    }

    /// The column at a place in the order of [`Table::columns`].
    pub fn at(&self, at: usize) -> Option<&Column> {
        self.columns.get(at).map(|(_, column)| column)
    }

    /// The column of that name, made if it is not there.
    pub fn column_mut(&mut self, name: &str) -> &mut Column {
        let at = self.columns.iter().position(|(other, _)| other == name).unwrap_or_else(|| {
            self.columns.push((name.into(), Column::default()));
            self.columns.len() - 1
        });
        &mut self.columns[at].1
    }

    /// Whether all these columns are there.
    pub fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.column(name).is_some())
    }

    /// The columns' names and cells, in no particular order.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.columns.iter().map(|(name, column)| (&**name, column))
    }

    /// The length of the shortest column; 0 without columns.
    pub fn rows(&self) -> usize {
        self.columns.iter().map(|(_, column)| column.len()).min().unwrap_or(0)
    }

    /// Whether all columns have the same length.
    pub fn is_even(&self) -> bool {
        let rows = self.rows();
        self.columns.iter().all(|(_, column)| column.len() == rows)
    }

    /// Moves the columns of `other` here, over those of the same name.
    pub fn replace(&mut self, other: Self) {
        for (name, column) in other.columns {
            *self.column_mut(&name) = column;
        }
    }

    /// Appends the rows of `other`, then keeps the last `rollover` rows.
    pub fn stream(&mut self, other: &Self, rollover: Option<usize>) {
        for (name, column) in &other.columns {
            self.column_mut(name).append(column);
        }
        if let Some(rollover) = rollover {
            for (_, column) in &mut self.columns {
                column.keep_last(rollover);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(column: &Column) -> Vec<Cell<'_>> {
        (0..column.len()).map(|i| column.cell(i)).collect()
    }

    #[test]
    fn numbers_become_mixed_when_they_must() {
        let mut column = Column::default();
        column.push_number(1.0);
        column.push_number(0.4);
        assert_eq!(column.numbers(), Some(&[1.0, 0.4][..]));
        column.push_text("a");
        column.push_constant(None);
        column.push_constant(Some(true));
        column.push_json(r#" [ "x y" , 1, "a\" b" ] "#);
        column.push_number(1.5e18);
        assert_eq!(column.numbers(), None);
        let wanted = [
            Cell::Number(1.0),
            Cell::Number(0.4),
            Cell::Text("a"),
            Cell::Null,
            Cell::Bool(true),
            Cell::Json(r#"["x y",1,"a\" b"]"#),
            Cell::Number(1.5e18),
        ];
        assert_eq!(cells(&column), wanted);
        assert_eq!(column.cell(99), Cell::Null);
        column.keep_last(5);
        assert_eq!(cells(&column), wanted[2..]);
        let mut values = Column::default();
        values.push_text("b");
        values.push_number(2.0);
        column.patch(&[0, 0, 77], &values);
        assert_eq!(column.cell(0), Cell::Number(2.0));
        assert_eq!(column.cell(1), Cell::Null);
    }

    #[test]
    fn streaming_keeps_the_last() {
        let mut table = Table::default();
        for i in 0..3 {
            table.column_mut("x").push_number(f64::from(i));
            table.column_mut("s").push_text(&i.to_string());
        }
        let more = table.clone();
        table.stream(&more, Some(4));
        assert_eq!(table.column("x").unwrap().numbers(), Some(&[2.0, 0.0, 1.0, 2.0][..]));
        assert_eq!(table.column("s").unwrap().text(0), Some("2"));
        assert_eq!((table.rows(), table.is_even()), (4, true));
    }
}
