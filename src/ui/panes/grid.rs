//! Texts in columns; a row may open.

use crate::app::panes::{Cell, Grid, Table};
use crate::ui::dom::{El, div, el, list};
use crate::ui::part::part;
use crate::ui::widgets::Copier;

/// Most rows drawn at once; the rest is counted below.
const SHOWN: usize = 200;

/// The table.
pub fn grid(shown: &Grid) -> El {
    // Amounts stand below each other. What comes first says what the row is of.
    let digits = |cell: &String| cell.starts_with(|one: char| one.is_ascii_digit() || one == '–');
    let number = |at: usize| {
        at > 0 && shown.rows.iter().take(SHOWN).all(|row| row.cells.get(at).is_some_and(digits))
    };
    let numbers: Vec<bool> = (0..shown.columns.len()).map(number).collect();
    let is_number = |at: usize| numbers.get(at) == Some(&true);
    let head = el("tr").kids(shown.columns.iter().enumerate().map(|(at, name)| {
        el("th").attr("scope", "col").class_if(is_number(at), "number").text(*name)
    }));
    let mut body = el("tbody");
    for row in shown.rows.iter().take(SHOWN) {
        let mut line = el("tr");
        for (at, cell) in row.cells.iter().enumerate() {
            line = match &row.more {
                Some(more) if at == 0 => line.kid(
                    el("td").kid(
                        el("details")
                            .kid(el("summary").text(cell.clone()))
                            .kid(part(Copier { class: "quiet", ..Copier::new(more.clone()) }))
                            .kid(el("pre").text(more.clone())),
                    ),
                ),
                // A count, a time: not to be broken.
                _ => line.kid(
                    el("td")
                        .class_if(cell.chars().count() <= 12, "short")
                        .class_if(is_number(at), "number")
                        .text(cell.clone()),
                ),
            };
        }
        body = body.kid(line);
    }
    let table = el("table").class("grid").kid(el("thead").kid(head)).kid(body);
    let more = shown.rows.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| el("p").class("empty").text(format!("and {more} more")).into());
    div("table-wrap").kid(list([Some(table.into()), more].into_iter().flatten().collect()))
}

/// What stands behind a picture, as a table. `offset_secs` is how far the clock on the wall is east of
/// UTC.
pub fn table(shown: &Table, offset_secs: i64) -> El {
    let class = |cell: &Cell| if matches!(cell, Cell::Text(_)) { "" } else { "number" };
    let first = shown.rows.first();
    let head = el("tr").kids(shown.columns.iter().enumerate().map(|(at, (name, unit))| {
        let class = first.and_then(|row| row.get(at)).map_or("", class);
        let name = if name.is_empty() { unit } else { name.as_str() };
        el("th").attr("scope", "col").class(class).text(name.to_owned())
    }));
    let rows = shown.rows.iter().take(SHOWN).map(|row| {
        el("tr").kids(row.iter().map(|cell| {
            let hint = matches!(cell, Cell::Number(..)).then(|| cell.exact().into());
            el("td").class(class(cell)).set_some("title", hint).text(cell.say(offset_secs))
        }))
    });
    let table = el("table").class("grid").kid(el("thead").kid(head)).kid(el("tbody").kids(rows));
    let more = shown.rows.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| el("p").class("empty").text(format!("and {more} more")));
    div("table-wrap").attr("tabindex", "0").kid(table).maybe(more)
}
