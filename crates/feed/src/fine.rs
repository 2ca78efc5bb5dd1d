//! Fine performance metrics: seconds by activity, for each prefix and over all. Which activities there are
//! is the scheduler's to say: the columns come and go.

use super::bokeh::table::{Column, Table};
use super::session::DocumentSnapshot;
use super::tasks::color_of;
use base::task::Rgb;

/// Seconds that went into one activity.
#[derive(Clone, PartialEq, Debug)]
pub struct Activity {
    /// What, as Dask calls it.
    pub name: String,
    /// Seconds, over all workers since the scheduler began.
    pub seconds: f64,
    /// The colour that Dask gives it.
    pub color: Rgb,
}

/// What the page holds.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Fine {
    /// Of executing tasks, as the page has them in order.
    pub execute: Vec<Activity>,
    /// Of sending results to other workers.
    pub send: Vec<Activity>,
    /// Prefixes, and for each the seconds of every activity of [`Fine::execute`].
    pub prefixes: Vec<(String, Vec<f64>)>,
}

/// Column of the prefixes. Names that begin like it are no activities.
const FUNCTIONS: &str = "__functions";

/// Reads the page; none before its first word about any activity.
pub fn fine(whole: &DocumentSnapshot) -> Option<Fine> {
    // Execution stands before sending, and both are of one shape.
    let mut by_activity = whole.tables.iter().filter(|table| table.has(&["activity", "value"]));
    let execute = by_activity.next().map(|table| activities(table))?;
    let send = by_activity.next().map(|table| activities(table)).unwrap_or_default();
    let mut prefixes = Vec::new();
    if let Some(table) = whole.table(&[FUNCTIONS]) {
        let columns: Vec<Option<&Column>> =
            execute.iter().map(|activity| table.column(&activity.name)).collect();
        let names = table.column(FUNCTIONS);
        for i in 0..names.map_or(0, Column::len) {
            let seconds = columns.iter().map(|column| {
                let number = column.and_then(|column| column.number(i));
                number.filter(|number| number.is_finite()).unwrap_or(0.0)
            });
            let name = names.and_then(|names| names.text(i)).unwrap_or_default();
            prefixes.push((name.into(), seconds.collect()));
        }
    }
    Some(Fine { execute, send, prefixes })
}

fn activities(table: &Table) -> Vec<Activity> {
    let [name, value, color] = ["activity", "value", "color"].map(|name| table.column(name));
    let text = |column: Option<&Column>, i| {
        column.and_then(|column| column.text(i)).unwrap_or_default().to_owned()
    };
    let mut made = Vec::new();
    for i in 0..table.rows() {
        let seconds = value.and_then(|column| column.number(i)).unwrap_or(0.0);
        made.push(Activity { name: text(name, i), seconds, color: color_of(&text(color, i)) });
    }
    made
}
