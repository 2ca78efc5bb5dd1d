//! Texts in columns; a row may open.

use crate::app::panes::{Cell, Grid, Table};
use crate::ui::dom::{El, div, el, list};

/// Most rows drawn at once; the rest is counted below.
const SHOWN: usize = 200;

/// The table.
pub fn grid(shown: &Grid) -> El {
    let head =
        el("tr").kids(shown.columns.iter().map(|name| el("th").attr("scope", "col").text(*name)));
    let mut body = el("tbody");
    for row in shown.rows.iter().take(SHOWN) {
        let mut line = el("tr");
        for (at, cell) in row.cells.iter().enumerate() {
            line = match &row.more {
                Some(more) if at == 0 => line.kid(
                    el("td").kid(
                        el("details")
                            .kid(el("summary").text(cell.clone()))
                            .kid(el("pre").text(more.clone())),
                    ),
                ),
                _ => line.kid(el("td").text(cell.clone())),
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
