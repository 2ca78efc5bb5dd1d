//! A selected area of the stream, and what its numbers are.

use std::ops::Range;

use super::input::{CLICK, Drag};
use super::passes::STATS;
use super::{Area, TaskStreamModel};
use base::number::{fixed, plain};
use base::sort::sort_by;
use base::task::Action;
use base::time::{Micros, Span};
use store::stats::{GROUPS, Stats};
use timeline::scene::{Ink, Rect, Scene};

/// A span of some lanes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Selection {
    /// When.
    pub span: Span,
    /// Which lanes, ascending.
    pub lanes: Vec<u32>,
    /// Only what counts for these slots, where rows are of prefixes; all when empty.
    pub slots: Vec<u16>,
}

/// One line of the statistics.
#[derive(Clone, Debug, PartialEq)]
pub struct StatRow {
    /// A prefix, worker or action.
    pub name: String,
    /// Count; total inside, median, 90th and 99th percentile and longest, µs.
    pub values: [i64; 6],
    /// Whether the percentiles are exact.
    pub exact: bool,
}

/// The columns of the statistics.
pub const COLUMNS: [&str; 7] = ["name", "count", "total", "p50", "p90", "p99", "max"];

impl TaskStreamModel {
    /// A press with shift: selects an area of the plot. Says whether it began there.
    pub fn area_down(&mut self, x: f64, y: f64) -> bool {
        let inside = self.plot.holds(x, y) && self.data.is_some();
        if inside {
            self.pointer = Some((x, y));
            self.drag = Drag::Area { from: (x, y), to: (x, y) };
            self.overlay_due = true;
        }
        inside
    }

    /// The area between two points of the canvas: from left and top to right and bottom.
    fn between(&self, a: (f64, f64), b: (f64, f64)) -> Area {
        let Area { x, y, w, h } = self.plot;
        let (left, right) = (a.0.min(b.0).max(x), a.0.max(b.0).min(x + w));
        let (top, bottom) = (a.1.min(b.1).max(y), a.1.max(b.1).min(y + h));
        Area { x: left, y: top, w: right - left, h: bottom - top }
    }

    /// Selects what lies between two points of the canvas.
    pub(super) fn select_area(&mut self, a: (f64, f64), b: (f64, f64)) {
        let area = self.between(a, b);
        let low = area.y - self.plot.y + self.view.scroll;
        let (lanes, slots) = self.lanes_of(self.layout.seen(low, low + area.h));
        let (from, to) = (self.time_at(area.x), self.time_at(area.x + area.w));
        if !lanes.is_empty() {
            self.select(Span::new(Micros(from as i64), Micros(to as i64)), lanes, slots);
        }
    }

    /// The lanes of some rows, and their slots; none where they are of all.
    pub(super) fn lanes_of(&self, rows: Range<usize>) -> (Vec<u32>, Vec<u16>) {
        let (mut lanes, mut slots) = (Vec::new(), Vec::new());
        let all = rows == (0..self.layout.rows.len());
        for row in self.layout.rows.get(rows).unwrap_or_default() {
            lanes.extend_from_slice(self.layout.lanes(row));
            slots.extend(row.key.slot().filter(|_| !all));
        }
        sort_by(&mut lanes, u32::cmp);
        lanes.dedup();
        (lanes, slots)
    }

    pub(super) fn select(&mut self, span: Span, lanes: Vec<u32>, slots: Vec<u16>) {
        self.close_details();
        self.ask.anchor = None;
        self.ask.selection = Some(Selection { span, lanes, slots });
        self.ask.stats = None;
        self.ask_again(STATS, true);
    }

    /// Selects all that is in view: its time, and the rows in sight.
    pub fn select_view(&mut self) {
        let (lanes, slots) = self.lanes_of(self.seen_rows());
        if !lanes.is_empty() {
            self.select(self.view(), lanes, slots);
        }
    }

    /// What is selected.
    pub fn selection(&self) -> Option<&Selection> {
        self.ask.selection.as_ref()
    }

    /// Selects nothing.
    pub fn clear_selection(&mut self) {
        self.ask.selection = None;
        self.ask.stats = None;
        self.ask_again(STATS, false);
    }

    /// The statistics of the selection, once there are some.
    pub fn stats(&self) -> Option<&Stats> {
        self.ask.stats.as_ref()
    }

    /// The share of the selected lanes' time in which they computed, 0 to 1. Time before the first task
    /// and time that is yet to come do not count.
    pub fn busy_share(&self) -> f64 {
        let (Some(chosen), Some(stats)) = (self.selection(), self.stats()) else { return 0.0 };
        let data = self.data.unwrap_or(chosen.span);
        let known = data.end.max(self.now.unwrap_or(data.end));
        let from = chosen.span.start.max(data.start);
        let time = (chosen.span.end.min(known) - from).0.max(0);
        let room = time as f64 * chosen.lanes.len() as f64;
        (stats.busy as f64 / room.max(1.0)).min(1.0)
    }

    /// How busy the selected threads were, in words.
    pub fn share_words(&self) -> String {
        let busy = self.busy_share() * 100.0;
        let share = fixed(busy, 1);
        if self.selection().is_some_and(|one| !one.slots.is_empty()) {
            // What else they did in that time is not counted.
            share + " % of the threads\u{2019} time"
        } else {
            format!("{share} % busy, {} % idle", fixed(100.0 - busy, 1))
        }
    }

    /// Statistics by prefix (0), worker (1) or action (2), ordered by a column: names upwards, numbers
    /// downwards, or the other way round.
    pub fn stat_rows(&self, by: usize, column: usize, turned: bool) -> Vec<StatRow> {
        let Some(stats) = self.stats() else { return Vec::new() };
        let mut rows = Vec::new();
        for (id, sample) in stats.groups.get(by).into_iter().flatten().enumerate() {
            if sample.count == 0 {
                continue;
            }
            let name = match by {
                _ if id == GROUPS - 1 => "others",
                0 => self.store.prefix_name(id as u32),
                1 => self.labels.get(id).map_or("", String::as_str),
                _ => Action::ALL.get(id).map_or("", |action| action.name()),
            };
            let at = |share| sample.quantile(share);
            let values =
                [sample.count as i64, sample.total, at(0.5), at(0.9), at(0.99), sample.max];
            rows.push(StatRow { name: name.to_owned(), values, exact: sample.is_exact() });
        }
        sort_by(&mut rows, |a, b| {
            let value =
                |row: &StatRow| column.checked_sub(1).and_then(|i| row.values.get(i)).copied();
            let order = value(b).cmp(&value(a)).then_with(|| a.name.cmp(&b.name));
            if turned { order.reverse() } else { order }
        });
        rows
    }

    pub(super) fn draw_selection(&self, scene: &mut Scene) {
        if let Drag::Area { from, to } = self.drag {
            if (from.0 - to.0).abs() <= CLICK {
                // Where it will begin.
                let (x, y) = (from.0 - 9.0, from.1 - 9.0);
                scene.marks.push(Rect::fill(x, y, 18.0, 18.0, Ink::Accent).outline(2.0));
            }
            mark(scene, self.between(from, to));
        } else if let Some(chosen) = self.selection() {
            let x = |t: Micros| self.x_of(t.0 as f64);
            let y = |y: f64| self.plot.y + y - self.view.scroll;
            let (from, to) = (x(chosen.span.start), x(chosen.span.end));
            // Rows that have come between them since are not part of it.
            let mut run: Option<(f64, f64)> = None;
            for row in &self.layout.rows {
                let mut lanes = self.layout.lanes(row).iter();
                let own = chosen.slots.is_empty()
                    || row.key.slot().is_none_or(|slot| chosen.slots.contains(&slot));
                if own && lanes.any(|lane| chosen.lanes.binary_search(lane).is_ok()) {
                    let top = run.map_or(row.y, |(top, _)| top);
                    run = Some((top, row.y + row.height));
                } else if let Some((top, bottom)) = run.take() {
                    mark(scene, self.between((from, y(top)), (to, y(bottom))));
                }
            }
            if let Some((top, bottom)) = run {
                mark(scene, self.between((from, y(top)), (to, y(bottom))));
            }
        }
    }
}

/// Draws a selected area.
fn mark(scene: &mut Scene, area: Area) {
    if area.w > 0.0 && area.h > 0.0 {
        let rect = Rect::fill(area.x, area.y, area.w, area.h, Ink::Accent);
        scene.marks.push(rect.alpha(0.12));
        scene.marks.push(rect.outline(1.5));
    }
}

/// The statistics as text to paste: tab-separated, or a Markdown table. Times in seconds.
pub fn sheet(rows: &[StatRow], markdown: bool) -> String {
    let mut out = String::new();
    let mut line = |cells: &mut dyn Iterator<Item = String>| {
        for (i, cell) in cells.enumerate() {
            out.push_str(match (markdown, i) {
                (true, 0) => "| ",
                (true, _) => " | ",
                (false, 0) => "",
                (false, _) => "\t",
            });
            let cell = if markdown { cell.replace('|', "\\|") } else { cell.replace('\t', " ") };
            out.push_str(&cell);
        }
        out.push_str(if markdown { " |\n" } else { "\n" });
    };
    line(
        &mut COLUMNS
            .iter()
            .enumerate()
            .map(|(i, name)| if i < 2 { (*name).to_owned() } else { format!("{name} (s)") }),
    );
    if markdown {
        line(
            &mut COLUMNS
                .iter()
                .enumerate()
                .map(|(i, _)| (if i == 0 { "---" } else { "---:" }).to_owned()),
        );
    }
    for row in rows {
        let value = |(i, value): (usize, &i64)| {
            if i == 0 { value.to_string() } else { plain(*value as f64 / 1e6) }
        };
        line(
            &mut std::iter::once(row.name.clone()).chain(row.values.iter().enumerate().map(value)),
        );
    }
    out
}
