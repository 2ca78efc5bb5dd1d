//! In which row, and where in it, a task is drawn.

use super::{Area, TaskStreamModel};
use store::Class;
use store::scan::RowInfo;
use timeline::columns::slot_of;
use timeline::layout::Row;
use timeline::tiles::{RowKey, home};

/// In which row what is held lies, by its number in the layout.
#[derive(Default)]
pub(super) struct Lines {
    /// By lane.
    by_lane: Vec<u32>,
    /// Where rows are of slots: theirs, by number, and whether it is open.
    heads: Vec<(u16, u32, bool)>,
    /// How far below the open row of a slot a worker's part is, by its number.
    by_worker: Vec<u32>,
}

impl Lines {
    /// The row of a task that counts for that slot: the innermost one.
    pub(super) fn of(&self, slot: u16, row: &RowInfo) -> Option<usize> {
        if self.heads.is_empty() {
            return self.by_lane.get(row.at.lane as usize).map(|&line| line as usize);
        }
        let (_, line, open) = self.heads.iter().find(|head| head.0 == slot)?;
        let part = self.by_worker.get(row.worker as usize).filter(|_| *open);
        Some((line + part.copied().unwrap_or(0)) as usize)
    }
}

impl TaskStreamModel {
    /// Where a row is drawn, inside the plot; `lines` as of [`Self::lines`].
    pub(super) fn place_of(&self, lines: &Lines, row: &RowInfo) -> Option<Area> {
        let line = self.layout.rows.get(lines.of(self.slot_of(row), row)?)?;
        let Area { x, y, w, h } = self.plot;
        let a = self.x_of(row.start as f64).max(x);
        let b = self.x_of((row.start + row.dur) as f64).min(x + w);
        let aux = Class::of(row.action) == Class::Aux;
        let top = y + line.y - self.view.scroll + if aux { line.height * 0.64 } else { 0.0 };
        let tall = if aux { line.height * 0.36 } else { line.height };
        let (top, bottom) = (top.max(y), (top + tall).min(y + h));
        let seen = a <= b && b >= x && a <= x + w && top < bottom;
        seen.then_some(Area { x: a, y: top, w: b - a, h: bottom - top })
    }

    /// In which row what is held lies.
    pub(super) fn lines(&self) -> Lines {
        let mut lines = Lines::default();
        lines.by_lane.resize(self.store.lanes().len(), u32::MAX);
        let mut head = 0;
        for (i, row) in self.layout.rows.iter().enumerate() {
            match row.key {
                RowKey::Slot(slot) => {
                    head = i as u32;
                    lines.heads.push((slot, head, row.open));
                }
                // The same below each open row.
                RowKey::SlotOf(_, worker) => {
                    let worker = worker as usize;
                    lines.by_worker.resize(lines.by_worker.len().max(worker + 1), 0);
                    lines.by_worker[worker] = i as u32 - head;
                }
                _ => {
                    for &lane in self.layout.lanes(row) {
                        if let Some(line) = lines.by_lane.get_mut(lane as usize) {
                            *line = i as u32;
                        }
                    }
                }
            }
        }
        lines
    }

    /// The slot for which a task counts where rows are of slots.
    pub(super) fn slot_of(&self, row: &RowInfo) -> u16 {
        home(&self.arranged.slots, slot_of(row.action, row.erred, row.name))
    }

    /// Whether what is drawn for that slot counts in a row.
    pub(super) fn is_in_row(&self, row: &Row, slot: u16) -> bool {
        row.key.slot().is_none_or(|own| own == home(&self.arranged.slots, slot))
    }
}
