//! Rows under columns: texts, where a row may open, and the numbers behind a picture. A column's head
//! sorts them.

use yew::prelude::*;

use crate::app::panes::order::{By, press};
use crate::app::panes::{Cell, Grid, GridRow, Table};
use crate::base::fmt;
use crate::ui::dom::{El, button, div, el};
use crate::ui::hooks::use_state_eq;
use crate::ui::part::{Hook, HookContext, Part, part};
use crate::ui::widgets::{Copier, sets};

/// Rows drawn at first, and more at each wish.
const SHOWN: usize = 200;
/// Most rows drawn at all: the page would be slow with more.
const MOST: usize = 2_000;

/// What is shown.
pub enum Rows {
    /// Texts.
    Grid(Grid),
    /// What stands behind a picture.
    Table(Table),
}

/// A table of them, which remembers how it is sorted.
pub struct Sheet {
    /// Of what.
    pub rows: Rows,
    /// How far the clock on the wall is east of UTC, seconds.
    pub offset_secs: i64,
}

impl PartialEq for Sheet {
    fn eq(&self, _: &Self) -> bool {
        // Made anew whenever there may be something new.
        false
    }
}

impl Sheet {
    /// Of texts.
    pub fn grid(grid: Grid) -> Self {
        Self { rows: Rows::Grid(grid), offset_secs: 0 }
    }

    /// Of what stands behind a picture.
    pub fn table(table: Table, offset_secs: i64) -> Self {
        Self { rows: Rows::Table(table), offset_secs }
    }
}

impl Part for Sheet {
    fn view(&self, hooks: &mut HookContext) -> Html {
        // How many rows are drawn; the column, counted from 1, and whether its largest come first.
        let kept = use_state_eq(|| (SHOWN, 0usize, false)).run(hooks);
        let (most, column, down) = *kept;
        let by: By = column.checked_sub(1).map(|at| (at, down));
        let (order, names) = match &self.rows {
            Rows::Grid(grid) => {
                let names = grid.columns.iter().map(|name| (*name).to_owned());
                (grid.order(by), names.collect())
            }
            Rows::Table(table) => {
                let name = |(name, unit): &(String, &str)| {
                    if name.is_empty() { (*unit).to_owned() } else { name.clone() }
                };
                (table.order(by), table.columns.iter().map(name).collect::<Vec<String>>())
            }
        };
        let numbers: Vec<bool> = (0..names.len()).map(|at| self.is_number(at)).collect();
        let is_number = |at: usize| numbers.get(at) == Some(&true);
        let mut head = el("tr");
        for (at, name) in names.into_iter().enumerate() {
            let next = press(by, at, is_number(at)).map_or((0, false), |(at, down)| (at + 1, down));
            let sorts = sets(kept.setter(), (most, next.0, next.1));
            let way = by.filter(|(column, _)| *column == at);
            let way = way.map(|(_, down)| if down { "descending" } else { "ascending" });
            head = head.kid(
                el("th")
                    .attr("scope", "col")
                    .class_if(is_number(at), "number")
                    .set_some("aria-sort", way.map(AttrValue::Static))
                    .kid(button("plain").onclick(sorts).text(name)),
            );
        }
        let mut body = el("tbody");
        for at in order.iter().take(most) {
            let line = el("tr").key(*at);
            body = body.kid(match &self.rows {
                Rows::Grid(grid) => match grid.rows.get(*at as usize) {
                    Some(row) => texts(line, row, &is_number),
                    None => line,
                },
                Rows::Table(table) => {
                    let cells = table.rows.get(*at as usize).map_or(&[][..], |row| row);
                    line.kids(cells.iter().enumerate().map(|(at, cell)| {
                        let hint = matches!(cell, Cell::Number(..)).then(|| cell.exact().into());
                        let place = if at == 0 { el("th").attr("scope", "row") } else { el("td") };
                        place
                            .class_if(at > 0 && is_number(at), "number")
                            .set_some("title", hint)
                            .text(cell.say(self.offset_secs))
                    }))
                }
            });
        }
        let table = el("table").class("grid").kid(el("thead").kid(head)).kid(body);
        let left = order.len().saturating_sub(most);
        let more = (left > 0).then(|| {
            let words = format!("{} more rows", fmt::count(left as u64));
            let foot = el("p").class("empty").attr("data-testid", "rows-left");
            if most < MOST {
                let next = button("btn quiet")
                    .onclick(sets(kept.setter(), (most + SHOWN, column, down)))
                    .text(format!("Show {} more", left.min(SHOWN)));
                foot.text(words).kid(next)
            } else {
                foot.text(words + ": what is saved as CSV has all of them.")
            }
        });
        div("table-wrap").attr("tabindex", "0").kid(table).maybe(more).into()
    }
}

impl Sheet {
    /// Whether a column's amounts are to stand below each other. What comes first in texts says what the
    /// row is of.
    fn is_number(&self, at: usize) -> bool {
        match &self.rows {
            Rows::Grid(grid) => {
                let digits = |cell: &String| {
                    cell.starts_with(|c: char| c.is_ascii_digit() || "–≈".contains(c))
                };
                let mut rows = grid.rows.iter().take(SHOWN);
                at > 0 && rows.all(|row| row.cells.get(at).is_some_and(digits))
            }
            Rows::Table(table) => {
                let cell = table.rows.first().and_then(|row| row.get(at));
                cell.is_some_and(|cell| !matches!(cell, Cell::Text(_)))
            }
        }
    }
}

fn texts(line: El, row: &GridRow, is_number: &dyn Fn(usize) -> bool) -> El {
    let mut line = line;
    for (at, cell) in row.cells.iter().enumerate() {
        line = line.kid(match &row.more {
            Some(more) if at == 0 => el("td").kid(
                el("details")
                    .kid(el("summary").text(cell.clone()))
                    .kid(part(Copier { class: "quiet", ..Copier::new(more.clone()) }))
                    .kid(el("pre").text(more.clone())),
            ),
            // A count, a time: not to be broken.
            _ => el("td")
                .class_if(cell.chars().count() <= 12, "short")
                .class_if(is_number(at), "number")
                .text(cell.clone()),
        });
    }
    line
}
