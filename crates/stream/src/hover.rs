//! What is under the pointer.

use super::TaskStreamModel;
use super::details::{decimals, length};
use super::input::Drag;
use super::query::spoken;
use base::task::Action;
use store::{Class, RowRef};
use timeline::columns::slot_of;
use timeline::hit;
use timeline::palette::css;

/// Everything that is told about an interval.
#[derive(Clone, Debug, PartialEq)]
pub struct HoverCard {
    /// The key, as Python writes it.
    pub key: String,
    /// Its prefix.
    pub name: String,
    /// What the thread was doing.
    pub action: Action,
    /// Whether it failed.
    pub erred: bool,
    /// The worker's name, or its address made short.
    pub worker: String,
    /// The worker's address.
    pub address: String,
    /// Which of the worker's threads, from 0.
    pub thread: usize,
    /// When it began, wall clock.
    pub start: String,
    /// How long it took.
    pub duration: String,
    /// `#rrggbb`.
    pub color: String,
    /// Its share of all time spent on the same prefix and action, 0 to 1.
    pub share: f64,
    /// The pointer, CSS px in the canvas.
    pub x: f64,
    /// The pointer, CSS px in the canvas.
    pub y: f64,
}

impl TaskStreamModel {
    /// Looks up what the pointer is over.
    pub(super) fn find_hover(&mut self) {
        self.hover = None;
        let Some((x, y)) = self.pointer.filter(|_| self.drag == Drag::None) else { return };
        if !self.plot.holds(x, y) {
            return;
        }
        let Some(row) = self.layout.row_at(y - self.plot.y + self.view.scroll) else { return };
        let low = y - self.plot.y + self.view.scroll - row.y > row.height * 0.64;
        let per_px = self.view.width() / self.plot.w.max(1.0);
        let t = self.left + (x - self.plot.x) * per_px;
        let want = if low { Class::Aux } else { Class::Main };
        let own = |slot: u16| self.is_in_row(row, slot);
        self.hover = hit::at(&self.store, self.layout.lanes(row), t, per_px * 1.5, want, &own);
    }

    /// The card of the interval under the pointer.
    pub fn hover(&self) -> Option<HoverCard> {
        let (x, y) = self.pointer?;
        Some(HoverCard { x, y, ..self.card(self.hover?)? })
    }

    /// Which of its worker's threads a lane is, from 0. O(lanes).
    pub(super) fn thread_of(&self, lane: u32) -> usize {
        let worker = |lane: u32| self.store.lanes().get(lane as usize).map(|lane| lane.worker);
        let own = worker(lane);
        let threads = self.layout.order.iter().filter(|&&other| worker(other) == own);
        threads.take_while(|&&other| other != lane).count()
    }

    /// What is told about a row.
    pub(super) fn card(&self, at: RowRef) -> Option<HoverCard> {
        let mut key = String::new();
        let row = self.store.row(at, &mut key)?;
        let lane = self.store.lanes().get(at.lane as usize)?;
        let thread = self.thread_of(at.lane);
        let name_id = self.store.row_prefix(at)?;
        let busy = self.store.prefix(name_id).map_or(0, |p| p.busy[row.action as usize]);
        Some(HoverCard {
            key: spoken(row.key, row.key_is_json),
            name: row.prefix.to_owned(),
            action: row.action,
            erred: row.erred,
            worker: self
                .labels
                .get(lane.worker as usize)
                .cloned()
                .unwrap_or_else(|| row.worker.to_owned()),
            address: row.worker.to_owned(),
            thread,
            start: self.zone.clock(row.start.0, decimals(row.duration.0)),
            duration: length(row.duration),
            color: css(self.palette.color(slot_of(row.action, row.erred, name_id))),
            share: if busy > 0 { row.duration.0 as f64 / busy as f64 } else { 0.0 },
            x: 0.0,
            y: 0.0,
        })
    }
}
