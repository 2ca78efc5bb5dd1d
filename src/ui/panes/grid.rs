//! Rows under columns: texts, where a row may open, and the numbers behind a picture. A column's head
//! sorts them.

use yew::prelude::*;

use crate::ui::dom::{El, button, div, el};
use crate::ui::widgets::{Copier, sets};
use crate::web::clock;
use base::fmt;
use panes::order::{By, press};
use panes::{Cell, Grid, Table};
use timeline::scene::crop;
use timeline::ticks::Zone;

/// Rows drawn at first, and more at each wish.
const SHOWN: usize = 200;
/// Most rows drawn at all: the page would be slow with more.
const MOST: usize = 2_000;

/// Characters of a text that opens, as long as it is closed.
const LONGEST: usize = 160;

/// Properties of [`Sheet`].
#[derive(Properties)]
pub struct SheetProps {
    table: Table,
    /// What opens below each row, of texts.
    more: Vec<Option<String>>,
    /// Whether it is of texts, which are no names of rows.
    texts: bool,
    zone: Zone,
}

impl PartialEq for SheetProps {
    fn eq(&self, _: &Self) -> bool {
        // Made anew whenever there may be something new.
        false
    }
}

impl SheetProps {
    /// Of texts, and amounts and times among them.
    pub fn grid(grid: Grid, zone: Zone) -> Self {
        let columns = grid.columns.iter().map(|name| ((*name).to_owned(), "")).collect();
        let (mut rows, mut more) = (Vec::new(), Vec::new());
        for row in grid.rows {
            rows.push(row.cells);
            more.push(row.more);
        }
        Self { table: Table { columns, rows }, more, texts: true, zone }
    }

    /// Of what stands behind a picture. `zone` is where the clock on the wall hangs, as
    /// above.
    pub fn table(table: Table, zone: Zone) -> Self {
        Self { table, more: Vec::new(), texts: false, zone }
    }

    /// Whether a column's amounts are to stand below each other. What comes first in texts says what the
    /// row is of.
    fn is_number(&self, at: usize) -> bool {
        let mut cells = self.table.rows.iter().take(SHOWN).map(|row| row.get(at));
        cells.len() > 0
            && at > 0
            && cells.all(|cell| match cell {
                Some(Cell::Text(text)) => {
                    self.texts && text.starts_with(|c: char| c.is_ascii_digit() || "–≈".contains(c))
                }
                _ => true,
            })
    }
}

/// A table, which remembers how it is sorted.
#[component]
pub fn Sheet(props: &SheetProps) -> Html {
    // How many rows are drawn; the head of the column, which may move, and whether its largest come
    // first.
    let kept = use_state_eq(|| (SHOWN, AttrValue::default(), false));
    let (most, column, down) = (kept.0, kept.1.clone(), kept.2);
    let by: By = props.table.by(&column, down);
    let order = props.table.order(by);
    let mut numbers = Vec::new();
    let mut head = el("tr");
    for at in 0..props.table.columns.len() {
        let name = props.table.head(at);
        let number = props.is_number(at);
        numbers.push(number);
        let next = press(by, at, number).map(|(_, down)| (AttrValue::from(name.to_owned()), down));
        let (next, turned) = next.unwrap_or_default();
        let sorts = sets(kept.setter(), (most, next, turned));
        let way = if down { "descending" } else { "ascending" };
        head = head.kid(
            el("th")
                .attr("scope", "col")
                .class_if(number, "number")
                .set_some(
                    "aria-sort",
                    by.is_some_and(|by| by.0 == at).then_some(AttrValue::Static(way)),
                )
                .kid(button("plain").onclick(sorts).text(name.to_owned())),
        );
    }
    let mut body = el("tbody");
    for row in order.iter().take(most) {
        let mut line = el("tr").key(*row);
        let more = props.more.get(*row as usize).and_then(Option::as_ref);
        let cells = props.table.rows.get(*row as usize).map_or(&[][..], |row| row);
        for (at, cell) in cells.iter().enumerate() {
            let words = match cell {
                Cell::None if props.texts => "–".to_owned(),
                _ => cell.say(props.zone),
            };
            let place =
                if at == 0 && !props.texts { el("th").attr("scope", "row") } else { el("td") };
            line = line.kid(match more {
                // All of it is in what opens: a message may be as long as a book.
                Some(more) if at == 0 => place.kid(
                    el("details")
                        .kid(el("summary").text(crop(&words, LONGEST)))
                        .kid(html! { <Copier class="quiet" text={more.clone()} /> })
                        .kid(el("pre").text(more.clone())),
                ),
                _ => {
                    let hint = match cell {
                        Cell::Number(..) | Cell::About(_) => Some(cell.exact().into()),
                        Cell::Time(ms) => Some(clock::day(*ms).into()),
                        _ => None,
                    };
                    place
                        // A count, a time: not to be broken.
                        .class_if(words.chars().count() <= 12, "short")
                        .class_if(numbers.get(at) == Some(&true), "number")
                        .set_some("title", hint)
                        .text(words)
                }
            });
        }
        body = body.kid(line);
    }
    let table = el("table").class("grid").kid(el("thead").kid(head)).kid(body);
    let left = order.len().saturating_sub(most);
    let more = (left > 0).then(|| {
        let words = fmt::plural(left as u32, "more row");
        let foot = el("p").class("empty");
        if most < MOST {
            let next = button("btn quiet")
                .onclick(sets(kept.setter(), (most + SHOWN, column, down)))
                .text(format!("Show {} more", left.min(SHOWN)));
            foot.text(words).kid(next)
        } else {
            foot.text(words + ": what is saved as CSV has all of them.")
        }
    });
    div("table-wrap")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", "Table")
        .kid(table)
        .maybe(more)
        .into()
}

/// How many are not drawn, if any.
#[inline(never)]
pub fn and_more(more: usize) -> Option<El> {
    (more > 0).then(|| el("p").class("empty").text(format!("and {} more", fmt::count(more as u64))))
}
