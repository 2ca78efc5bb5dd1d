//! Batches of task-stream rectangles: what the wire's columns mean.

use base::task::{Action, Rgb};

use super::bokeh::DecodeError;
use super::bokeh::table::{Column, Table};

/// Where a batch stands in its session.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub enum Origin {
    /// What the server had when the document was pulled: its last rows, however old.
    History,
    /// Rows that finished since the batch before.
    Live,
}

/// Rectangles that arrived together. Their times are exact against each other within one epoch;
/// the epoch's offset is not on the wire.
#[derive(Clone, Debug)]
pub struct TaskBatch {
    /// The epoch, counted per session from 1 and never reused: a new one begins with every pull
    /// and whenever the server clears its source.
    pub epoch: u32,
    /// Where the rows come from.
    pub origin: Origin,
    /// How many rows the server keeps, as far as it has said: a history of that many is cut.
    pub rollover: usize,
    /// Whether this is the history of a document that was followed before, so that a short one means
    /// that the server cleared it, not that its record began anew.
    pub resumed: bool,
    /// Whether the server had only its placeholder (a history without any task).
    pub placeholder: bool,
    table: Table,
    rows: usize,
    columns: [usize; COLUMNS],
}

const NAMES: [&str; COLUMNS] =
    ["start", "duration", "key", "name", "color", "alpha", "worker", "worker_thread"];
const COLUMNS: usize = 8;

/// One rectangle, borrowed from its batch.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct TaskRow<'a> {
    /// The key: plain text, or JSON text when `key_is_json`.
    pub key: &'a str,
    /// Whether `key` is JSON (a tuple key, or a number).
    pub key_is_json: bool,
    /// The rectangle's name: the prefix, with the action before it unless it is a computation.
    pub name: &'a str,
    /// The key's prefix.
    pub prefix: &'a str,
    /// What the thread did.
    pub action: Action,
    /// Whether the task failed.
    pub erred: bool,
    /// The worker's address.
    pub worker: &'a str,
    /// The thread.
    pub thread: &'a str,
    /// The rectangle's centre, ms after the epoch's hidden offset: the one number that is equal to
    /// the last bit, up to a constant, in every session that shows this rectangle.
    pub center_ms: f64,
    /// How long it took, ms, not negative. The same bits in every session.
    pub duration_ms: f64,
    /// It ended before it began, for all it says: its worker's clock was set back meanwhile.
    pub backward: bool,
    /// Its colour.
    pub color: Rgb,
}

impl TaskRow<'_> {
    /// Its left edge, ms after the epoch's hidden offset.
    pub fn start_ms(&self) -> f64 {
        self.center_ms - self.duration_ms / 2.0
    }

    /// Its right edge, ms after the epoch's hidden offset.
    pub fn end_ms(&self) -> f64 {
        self.center_ms + self.duration_ms / 2.0
    }
}

impl TaskBatch {
    /// Takes the rows of a task-stream source.
    ///
    /// # Errors
    /// When a column is missing or shorter than the others.
    pub fn new(
        mut table: Table,
        epoch: u32,
        origin: Origin,
        rollover: usize,
    ) -> Result<Self, DecodeError> {
        let mut columns = [0; COLUMNS];
        for (slot, name) in columns.iter_mut().zip(NAMES) {
            *slot = table
                .columns()
                .position(|(other, _)| other == name)
                .ok_or_else(|| DecodeError(format!("a task stream without {name}")))?;
        }
        if !table.is_even() {
            return Err(DecodeError("columns of different lengths".into()));
        }
        // Keys may be plain numbers; their text is wanted all the same.
        table.column_mut("key").make_mixed();
        let rows = table.rows();
        let mut batch = Self {
            epoch,
            origin,
            rollover,
            resumed: false,
            placeholder: false,
            table,
            rows,
            columns,
        };
        batch.placeholder = rows == 1 && batch.row(0).is_none();
        Ok(batch)
    }

    /// Rows on the wire, the placeholder and unusable ones included.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether the wire brought no row.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Row `i`; `None` for the placeholder, beyond the end, and where a time or text is missing.
    pub fn row(&self, i: usize) -> Option<TaskRow<'_>> {
        let [start, duration, key, name, color, alpha, worker, thread] =
            self.columns.map(|at| self.table.at(at));
        let worker = worker?.text(i)?;
        if worker == "foo" {
            return None;
        }
        let finite = |column: Option<&Column>| column?.number(i).filter(|n| n.is_finite());
        let center_ms = finite(start)?;
        let said_ms = finite(duration)?;
        // Both zeros have the same bits.
        let duration_ms = if said_ms > 0.0 { said_ms } else { 0.0 };
        let (key, key_is_json) = key?.wire_text(i);
        let name = name?.text(i)?;
        let wire_color = color?.text(i).unwrap_or("");
        let (action, prefix) = Action::split_name(name, finite(alpha).unwrap_or(1.0));
        Some(TaskRow {
            key,
            key_is_json,
            name,
            prefix,
            action,
            erred: wire_color == "black",
            worker,
            thread: thread?.text(i)?,
            center_ms,
            duration_ms,
            backward: said_ms < 0.0,
            color: color_of(wire_color),
        })
    }

    /// The usable rows, in the order in which they finished.
    pub fn iter(&self) -> impl Iterator<Item = TaskRow<'_>> {
        (0..self.rows).filter_map(|i| self.row(i))
    }
}

/// The names Dask uses.
const NAMED: [(&str, Rgb); 6] = [
    ("black", Rgb(0, 0, 0)),
    ("white", Rgb(255, 255, 255)),
    ("red", Rgb(255, 0, 0)),
    ("orange", Rgb(255, 165, 0)),
    ("green", Rgb(0, 128, 0)),
    ("blue", Rgb(0, 0, 255)),
];

/// A colour of the wire: `#rrggbb`, or one of the names Dask uses; else grey.
pub fn color_of(text: &str) -> Rgb {
    if let Some(hex) = text.strip_prefix('#')
        && hex.len() == 6
        && let Some(n) =
            hex.bytes().try_fold(0, |n, digit| Some(n << 4 | char::from(digit).to_digit(16)?))
    {
        return Rgb((n >> 16) as u8, (n >> 8) as u8, n as u8);
    }
    let named = NAMED.iter().find(|(name, _)| *name == text);
    named.map_or(Rgb(128, 128, 128), |named| named.1)
}

#[cfg(test)]
mod tests {
    use super::super::bokeh::frame::Buffers;
    use super::super::bokeh::value;
    use super::*;

    fn batch(json: &str) -> Result<TaskBatch, DecodeError> {
        let mut table = Table::default();
        value::table(json, &Buffers::default(), &mut table)?;
        TaskBatch::new(table, 1, Origin::Live, 1000)
    }

    #[test]
    fn rows_mean_what_they_say() {
        let batch = batch(
            r##"{"start":[10.5,2,7],"duration":[1,4,null],"key":["a-1",["b",1],"c"],
            "name":["transfer-a","b","c"],"color":["red","black","#440154"],"alpha":[0.4,1,1],
            "worker":["tcp://w:1","tcp://w:1","tcp://w:1"],
            "worker_thread":["tcp://w:1-7","tcp://w:1-8","tcp://w:1-8"],"y":[0,0.5,0.5]}"##,
        )
        .unwrap();
        let rows: Vec<TaskRow> = batch.iter().collect();
        assert_eq!(rows.len(), 2, "a row without duration is left out");
        assert_eq!((rows[0].start_ms(), rows[0].end_ms()), (10.0, 11.0));
        assert_eq!((rows[0].action, rows[0].prefix), (Action::Transfer, "a"));
        assert!(!rows[0].erred);
        assert_eq!((rows[1].key, rows[1].key_is_json), (r#"["b",1]"#, true));
        assert!(rows[1].erred);
        assert_eq!(rows[0].color, Rgb(255, 0, 0));
        assert_eq!(color_of("#440154"), Rgb(0x44, 0x01, 0x54));
        assert_eq!(color_of("#44015"), Rgb(128, 128, 128));
    }

    #[test]
    fn an_end_before_the_beginning_is_said() {
        let batch = batch(
            r#"{"start":[10,20],"duration":[-3600000,0],"key":["a","b"],"name":["a","b"],
            "color":["red","red"],"alpha":[1,1],"worker":["w","w"],"worker_thread":["w-1","w-1"]}"#,
        )
        .unwrap();
        let rows: Vec<TaskRow> = batch.iter().collect();
        assert_eq!(rows.iter().map(|row| row.duration_ms).collect::<Vec<_>>(), [0.0, 0.0]);
        assert_eq!(rows.iter().map(|row| row.backward).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn the_placeholder_is_no_task() {
        let batch = batch(
            r#"{"start":[1795.0],"duration":[0.1],"key":["start"],"name":["start"],
            "color":["white"],"alpha":[0],"worker":["foo"],"worker_thread":[1],"y":[0]}"#,
        )
        .unwrap();
        assert!(batch.placeholder);
        assert_eq!(batch.iter().count(), 0);
    }

    #[test]
    fn numeric_keys_have_text() {
        let batch = batch(
            r#"{"start":[1],"duration":[0.1],"key":[12],"name":["x"],
            "color":["red"],"alpha":[1],"worker":["w"],"worker_thread":["w-1"],"y":[0]}"#,
        )
        .unwrap();
        let row = batch.row(0).unwrap();
        assert_eq!((row.key, row.key_is_json), ("12", true));
    }

    #[test]
    fn missing_columns_are_in_doubt() {
        assert!(batch(r#"{"start":[1]}"#).is_err());
    }
}
