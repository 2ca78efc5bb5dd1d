//! The graph of tasks: which columns of its two sources mean what.

use super::bokeh::table::{Cell, Column, Table};
use super::info::page_of_encoded;
use base::number;
use base::sort::sort_by;

/// Columns by which the source of the nodes is known.
pub const NODES: [&str; 6] = ["x", "y", "name", "state", "key", "visible"];
/// Those of the source of the edges, which the nodes have as well: it is the one without a key.
pub const EDGES: [&str; 3] = ["x", "y", "visible"];

/// What the scheduler says of a task.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum TaskState {
    /// Waits for others.
    Waiting,
    /// Held back until a thread is free.
    Queued,
    /// No worker may run it.
    NoWorker,
    /// On a worker, or on the way to it.
    Processing,
    /// Its result is held.
    Memory,
    /// Done and let go.
    Released,
    /// Failed.
    Erred,
}

impl TaskState {
    /// All, in the order in which a task goes through them.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Queued,
        Self::NoWorker,
        Self::Processing,
        Self::Memory,
        Self::Released,
        Self::Erred,
    ];

    fn of(wire: &str) -> Self {
        match wire {
            "queued" => Self::Queued,
            "no-worker" => Self::NoWorker,
            "processing" => Self::Processing,
            "memory" => Self::Memory,
            "erred" => Self::Erred,
            "released" | "forgotten" => Self::Released,
            _ => Self::Waiting,
        }
    }

    /// Whether nothing is left to do.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Memory | Self::Released | Self::Erred)
    }
}

/// One task in the graph.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Node {
    /// Steps from the first tasks, as Dask lays it out.
    pub x: f64,
    /// Where it stands among those of the same step.
    pub y: f64,
    /// Its state.
    pub state: TaskState,
    /// Whether the scheduler still knows it.
    pub shown: bool,
}

/// The nodes, one a row; those that cannot be placed are not shown.
pub fn nodes(table: &Table, out: &mut Vec<Node>) {
    out.clear();
    let [x, y, _, state, _, visible] = NODES.map(|name| table.column(name));
    let number = |column: Option<&Column>, i| column.and_then(|column| column.number(i));
    let text = |column: Option<&'_ Column>, i: usize, is: fn(&str) -> TaskState| {
        column.and_then(|column| column.text(i)).map_or(TaskState::Waiting, is)
    };
    for i in 0..table.rows() {
        let at = number(x, i).zip(number(y, i)).filter(|(x, y)| x.is_finite() && y.is_finite());
        let seen = visible.and_then(|column| column.text(i)).is_none_or(|word| word == "True");
        // A zero is one place, whatever its sign.
        let (x, y) = at.map_or((0.0, 0.0), |(x, y)| (x + 0.0, y + 0.0));
        let state = text(state, i, TaskState::of);
        out.push(Node { x, y, state, shown: seen && at.is_some() });
    }
}

/// The key of a task, percent-encoded as Dask's own page of it is; empty where there is none.
pub fn key(table: &Table, row: usize) -> &str {
    table.column("key").and_then(|column| column.text(row)).unwrap_or("")
}

/// The path of Dask's own page of a task. Its key is quoted for a query, where a blank is a plus; in a path it
/// is not.
pub fn page(table: &Table, row: usize) -> String {
    page_of_encoded("task", &key(table, row).replace('+', "%20"))
}

/// The prefix of a task.
pub fn prefix(table: &Table, row: usize) -> &str {
    table.column("name").and_then(|column| column.text(row)).unwrap_or("")
}

/// Which task's result which other needs, as rows of the nodes. The wire says where an edge begins and
/// ends, not at what: ends without a node that is shown are left out.
pub fn links(table: &Table, nodes: &[Node], out: &mut Vec<(u32, u32)>) {
    out.clear();
    let mut placed: Vec<(f64, f64, u32)> = Vec::with_capacity(nodes.len());
    for (row, node) in nodes.iter().enumerate().filter(|(_, node)| node.shown) {
        placed.push((node.x, node.y, row as u32));
    }
    let order = |a: &(f64, f64, u32), x: f64, y: f64| a.0.total_cmp(&x).then(a.1.total_cmp(&y));
    sort_by(&mut placed, |a, b| order(a, b.0, b.1));
    let find = |x: f64, y: f64| {
        let found = placed.partition_point(|one| order(one, x, y).is_lt());
        placed.get(found).filter(|one| (one.0, one.1) == (x, y)).map(|one| one.2)
    };
    let [x, y, visible] = EDGES.map(|name| table.column(name));
    for i in 0..table.rows() {
        if visible.and_then(|column| column.text(i)).is_some_and(|word| word != "True") {
            continue;
        }
        let ends = |column: Option<&Column>| column.and_then(|column| pair(column.cell(i)));
        if let (Some((from_x, to_x)), Some((from_y, to_y))) = (ends(x), ends(y))
            && let (Some(from), Some(to)) = (find(from_x, from_y), find(to_x, to_y))
        {
            out.push((from, to));
        }
    }
}

/// `[1,2.5]`.
fn pair(cell: Cell<'_>) -> Option<(f64, f64)> {
    let Cell::Json(text) = cell else { return None };
    let (one, other) = text.strip_prefix('[')?.strip_suffix(']')?.split_once(',')?;
    Some((number::parse(one)? + 0.0, number::parse(other)? + 0.0))
}

/// A task's key, as it stands on the wire.
pub fn key_of(wire: &str) -> String {
    base::percent::decode(&wire.replace('+', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tasks_page_is_found_whatever_its_key() {
        let mut table = Table::default();
        // ('inc-1', 0), and a plus.
        table.column_mut("key").push_text("%28%27inc-1%27%2C+0%29");
        table.column_mut("key").push_text("a%2Bb");
        assert_eq!(page(&table, 0), "/info/task/%2528%2527inc-1%2527%252C%25200%2529.html");
        assert_eq!(page(&table, 1), "/info/task/a%252Bb.html");
    }

    #[test]
    fn edges_find_their_ends() {
        let mut table = Table::default();
        for (x, y, state, visible) in
            [(0.0, 0.0, "memory", "True"), (0.0, 1.0, "erred", "True"), (1.0, 0.5, "x", "False")]
        {
            table.column_mut("x").push_number(x);
            table.column_mut("y").push_number(y);
            table.column_mut("state").push_text(state);
            table.column_mut("visible").push_text(visible);
            table.column_mut("name").push_text("inc");
            table.column_mut("key").push_text("inc-1");
        }
        let mut made = Vec::new();
        nodes(&table, &mut made);
        assert_eq!(made[1].state, TaskState::Erred);
        let mut edges = Table::default();
        for (x, y) in [("[0, 0]", "[0,1.0]"), ("[0,1]", "[1,0.5]"), ("[0,0]", "[0,7]"), ("0", "1")]
        {
            edges.column_mut("x").push_json(x);
            edges.column_mut("y").push_json(y);
            edges.column_mut("visible").push_text("True");
        }
        let mut found = Vec::new();
        links(&edges, &made, &mut found);
        assert_eq!(found, [(0, 1)], "the third node is not shown, the last ends are none");
        made[2].shown = true;
        links(&edges, &made, &mut found);
        assert_eq!(found, [(0, 1), (1, 2)]);
    }
}
