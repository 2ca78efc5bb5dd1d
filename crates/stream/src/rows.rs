//! Rows by keyboard: one of them can be held, opened and folded, and a selected task exchanged for
//! the nearest one on the next lane.

use super::TaskStreamModel;
use super::draw::fill;
use base::time::{Micros, Span};
use store::scan::RowInfo;
use timeline::layout::Row;
use timeline::scene::{Ink, Scene};
use timeline::tiles::RowKey;

impl TaskStreamModel {
    /// Whether the thread of a lane is gone, while its worker is there.
    pub(super) fn has_ended(&self, lane: u32) -> bool {
        self.arranged.ended.get(lane as usize).is_some_and(|&ended| ended)
    }

    /// The row that the keyboard holds.
    fn held_row(&self) -> Option<(usize, &Row)> {
        let key = self.held?;
        self.layout.rows.iter().enumerate().find(|(_, row)| row.key == key)
    }

    /// What the keyboard has come to, in words, for those who cannot see it: a task or a row.
    pub fn said(&self) -> Option<String> {
        let pick = self.ask.pick.filter(|_| self.ask.told);
        match pick.and_then(|row| self.line(row)) {
            Some(line) => {
                let parts =
                    ["Task ", &line.key, ": ", &line.what, ", ", &line.start, ", ", &line.duration];
                Some(parts.concat())
            }
            None => self.held_words().map(|words| words + &self.selected_words()),
        }
    }

    /// What the keyboard has selected.
    fn selected_words(&self) -> String {
        let Some(chosen) = self.ask.anchor.and(self.selection()) else { return String::new() };
        let (from, to) = (self.wall(chosen.span.start), self.wall(chosen.span.end));
        format!(", selected on {} threads from {from} to {to}", chosen.lanes.len())
    }

    pub(super) fn held_words(&self) -> Option<String> {
        let (at, row) = self.held_row()?;
        let open = match (row.opens, row.open) {
            (false, _) => "",
            (_, true) => ", open",
            _ => ", folded",
        };
        let (name, all) = (self.row_name(row), self.layout.rows.len());
        let mut words = format!("Row {} of {all}: {name}{open}", at + 1);
        if let Some(thread) = row.thread {
            words += ", thread t";
            words += &thread.to_string();
        }
        match row.key {
            RowKey::Lane(_) | RowKey::Worker(_) if self.is_gone(row.worker) => {
                words += ", of a worker that has left";
            }
            RowKey::Lane(lane) if self.has_ended(lane) => {
                words += ", a thread that has ended or left the worker's pool";
            }
            _ => {}
        }
        Some(words)
    }

    /// Holds the row below or above; the first or last one in sight where none is held. With a task
    /// selected, selects the nearest one on the lane there.
    pub(super) fn step_row(&mut self, down: bool) {
        if self.details().is_some() {
            if let Some(row) = self.ask.pick.and_then(|from| self.across(&from, down)) {
                self.show_row(row);
            }
            return;
        }
        let seen = self.seen_rows();
        let last = self.layout.rows.len().saturating_sub(1);
        let next = match self.held_row() {
            Some((at, _)) if down => (at + 1).min(last),
            Some((at, _)) => at.saturating_sub(1),
            None if down => seen.start,
            None => seen.end.saturating_sub(1),
        };
        if let Some(row) = self.layout.rows.get(next).cloned() {
            self.held = Some(row.key);
            self.ask.told = false;
            self.scroll_to(&row);
            self.ask_changed();
        }
    }

    /// Lets go of the row that is held. Says whether there was one to be seen.
    pub(super) fn leave_row(&mut self) -> bool {
        // One that folding has taken away was let go of with it.
        let held = self.held_row().is_some();
        self.held = None;
        if held {
            self.ask_changed();
        }
        held
    }

    /// Before the first task in view on the lanes of the row that is held, or behind the last one.
    pub(super) fn edge_of_held(&self, later: bool) -> Option<RowInfo> {
        let (_, row) = self.held_row()?;
        let view = self.view.span();
        let start = if later { view.start.0 - 1 } else { view.end.0 };
        let mut best: Option<RowInfo> = None;
        for &lane in self.layout.lanes(row) {
            let at = store::RowRef::new(lane as usize, 0, 0, 0);
            let edge = RowInfo { at, start, ..RowInfo::NONE };
            let next = self.store.beside(&edge, later);
            let next = next.filter(|next| self.is_in_row(row, self.slot_of(next)));
            if let Some(next) = next
                && best.is_none_or(|old| (next.start < old.start) == later)
            {
                best = Some(next);
            }
        }
        // Just off it, so that the step leads there.
        best.map(|best| RowInfo { start: best.start + if later { -1 } else { 1 }, ..best })
    }

    /// Selects the row that is held, over the time in view; then one more below or above.
    pub(super) fn select_rows(&mut self, down: bool) {
        self.close_details();
        if self.selection().is_none() {
            self.ask.anchor = None;
        }
        if self.ask.anchor.is_some() || self.held_row().is_none() {
            self.step_row(down);
        }
        let Some((to, _)) = self.held_row() else { return };
        let anchor = self.ask.anchor.or(self.held);
        let from = self.layout.rows.iter().position(|row| Some(row.key) == anchor).unwrap_or(to);
        let span = self.ask.anchor.and(self.selection()).map_or(self.view(), |one| one.span);
        let (lanes, slots) = self.lanes_of(from.min(to)..from.max(to) + 1);
        self.select(span, lanes, slots);
        self.ask.anchor = anchor;
    }

    /// Moves the end of the selected time by a twentieth of the view; selects what is in view where
    /// nothing is.
    pub(super) fn select_time(&mut self, later: bool) {
        let Some(chosen) = self.ask.selection.take() else { return self.select_view() };
        let anchor = self.ask.anchor;
        let step = (self.view.width() / 20.0) as i64 + 1;
        let end = chosen.span.end.0 + if later { step } else { -step };
        let end = Micros(end.max(chosen.span.start.0 + 1));
        self.select(Span::new(chosen.span.start, end), chosen.lanes, chosen.slots);
        self.ask.anchor = anchor;
    }

    /// Opens or folds the row that is held. Says whether there is one that can be.
    pub(super) fn toggle_held(&mut self) -> bool {
        let key = self.held_row().filter(|(_, row)| row.opens).map(|(_, row)| row.key);
        if let Some(key) = key {
            self.toggle_row(key);
        }
        key.is_some()
    }

    /// Brings a row into sight.
    pub(super) fn scroll_to(&mut self, row: &Row) {
        let low = (row.y + row.height - self.plot.h).max(0.0);
        self.view.scroll = self.view.scroll.max(low).min(row.y);
    }

    /// On the nearest lane below or above that has any, the task of the same kind nearest in time.
    /// O(lanes × log n).
    fn across(&self, from: &RowInfo, down: bool) -> Option<RowInfo> {
        let (order, lines) = (&self.layout.order, self.lines());
        let at = order.iter().position(|&lane| lane == from.at.lane)?;
        let middle = from.start + from.dur / 2;
        let off = |row: &RowInfo| (row.start - middle).max(middle - row.start - row.dur).max(0);
        let mut place = at;
        loop {
            place = if down { place + 1 } else { place.checked_sub(1)? };
            let mut there = *from;
            there.at.lane = *order.get(place)?;
            let mut near = self.store.beside(&there, true);
            // One that begins at the same moment counts as earlier.
            there.start += 1;
            if let Some(row) = self.store.beside(&there, false)
                && near.is_none_or(|near| off(&row) <= off(&near))
            {
                near = Some(row);
            }
            if let Some(row) = near.filter(|row| lines.of(self.slot_of(row), row).is_some()) {
                return Some(row);
            }
        }
    }

    pub(super) fn draw_held(&self, scene: &mut Scene) {
        let Some((_, row)) = self.held_row() else { return };
        let top = (row.y - self.view.scroll).max(0.0);
        let bottom = (row.y + row.height - self.view.scroll).min(self.plot.h);
        if top < bottom {
            let (y, tall) = (self.plot.y + top, bottom - top);
            fill(&mut scene.rects, 0.0, y, self.plot.x - 4.0, tall, Ink::Accent, 0.16);
            fill(&mut scene.rects, 0.0, y, 2.0, tall, Ink::Accent, 1.0);
        }
    }
}
