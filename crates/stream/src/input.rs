//! Pointer, wheel and keys.

use super::{Area, TaskStreamModel};
use base::time::{Micros, Span};
use store::scan::RowInfo;
use timeline::tiles::RowKey;

/// How far a press may wander and still be a click, CSS px.
pub(super) const CLICK: f64 = 5.0;
/// What a key is called here that goes forward again: browsers name it by what is held besides.
pub const REDO: &str = "Redo";
/// What the arrows are called here with shift held: they select, rows and time.
pub const SELECT_DOWN: &str = "ShiftArrowDown";
pub(super) const SELECT_UP: &str = "ShiftArrowUp";
pub(super) const SELECT_LATER: &str = "ShiftArrowRight";
pub(super) const SELECT_EARLIER: &str = "ShiftArrowLeft";
/// How near a brush edge counts as on it, CSS px.
const GRIP: f64 = 6.0;

/// What a pressed pointer does.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) enum Drag {
    /// Nothing is pressed.
    None,
    /// Moves time and lanes with the pointer.
    Pan {
        /// Where it was last.
        last: (f64, f64),
        /// How far it has come in all.
        far: f64,
    },
    /// Two fingers hold the picture.
    Pinch,
    /// Selects an area.
    Area {
        /// Where it began.
        from: (f64, f64),
        /// Where it is.
        to: (f64, f64),
    },
    /// Chooses a span on the axis.
    Axis {
        /// Where it began.
        from: f64,
        /// Where it is.
        to: f64,
    },
    /// Moves the brush of the minimap.
    Brush {
        /// Pointer minus the brush's left edge, as a share of the minimap.
        grip: f64,
    },
    /// Moves one end of the brush.
    BrushEnd {
        /// The other end, µs.
        fixed: f64,
    },
}

/// The pointer shape that fits the place.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub enum Cursor {
    /// Ordinary.
    Default,
    /// Can be dragged.
    Grab,
    /// Is dragged.
    Grabbing,
    /// A span can be chosen.
    Column,
    /// An end can be moved.
    Ends,
    /// Can be pressed.
    Press,
}

impl Cursor {
    /// The CSS word.
    pub fn css(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Grab => "grab",
            Self::Grabbing => "grabbing",
            Self::Column => "col-resize",
            Self::Ends => "ew-resize",
            Self::Press => "pointer",
        }
    }
}

impl TaskStreamModel {
    fn axis(&self) -> Area {
        Area { x: self.plot.x, y: 0.0, w: self.plot.w, h: self.plot.y }
    }

    /// The time at `x` CSS px, µs.
    pub(super) fn time_at(&self, x: f64) -> f64 {
        self.view.start() + (x - self.plot.x) / self.plot.w.max(1.0) * self.view.width()
    }

    /// The time at `x` CSS px of the minimap, µs.
    fn mini_time_at(&self, x: f64) -> f64 {
        let (start, width) = self.mini_span();
        start + (x - self.mini_area.x) / self.mini_area.w.max(1.0) * width
    }

    /// The brush's ends, CSS px.
    pub(super) fn brush(&self) -> (f64, f64) {
        let (start, width) = self.mini_span();
        let x = |t: f64| self.mini_area.x + (t - start) / width.max(1.0) * self.mini_area.w;
        (x(self.view.start()), x(self.view.start() + self.view.width()))
    }

    /// The pointer goes down at a point of the canvas.
    pub fn pointer_down(&mut self, x: f64, y: f64) {
        self.begin_gesture();
        self.pointer = Some((x, y));
        self.overlay_due = true;
        if self.mini_area.holds(x, y) {
            let (left, right) = self.brush();
            let at = self.mini_time_at(x);
            let (start, width) = (self.view.start(), self.view.width());
            let (_, all) = self.mini_span();
            // A narrow brush can only be moved.
            let grips = right - left > GRIP * 3.0;
            self.drag = if grips && (x - left).abs() <= GRIP {
                Drag::BrushEnd { fixed: start + width }
            } else if grips && (x - right).abs() <= GRIP {
                Drag::BrushEnd { fixed: start }
            } else if left - GRIP <= x && x <= right + GRIP {
                Drag::Brush { grip: (at - start) / all.max(1.0) }
            } else {
                self.show(at - width / 2.0, width);
                Drag::Brush { grip: width / 2.0 / all.max(1.0) }
            };
        } else if self.axis().holds(x, y) {
            self.drag = Drag::Axis { from: x, to: x };
        } else {
            self.drag = Drag::Pan { last: (x, y), far: 0.0 };
        }
    }

    fn show(&mut self, start: f64, width: f64) {
        self.view.set(Span::new(Micros(start as i64), Micros((start + width) as i64)));
    }

    /// The pointer moves; without a press it only looks.
    pub fn pointer_move(&mut self, x: f64, y: f64) {
        if self.pointer == Some((x, y)) {
            return;
        }
        self.pointer = Some((x, y));
        self.overlay_due = true;
        match &mut self.drag {
            Drag::None | Drag::Pinch => {}
            Drag::Pan { last, far } => {
                let (dx, dy) = (x - last.0, y - last.1);
                *far += dx.abs() + dy.abs();
                // A trembling click does not move the view.
                if *far <= CLICK {
                    return;
                }
                *last = (x, y);
                if dx != 0.0 && self.plot.w > 0.0 {
                    self.view.pan(-dx / self.plot.w);
                }
                self.view.scroll -= dy;
            }
            Drag::Area { to, .. } => *to = (x, y),
            Drag::Axis { to, .. } => *to = x.clamp(self.plot.x, self.plot.x + self.plot.w),
            Drag::Brush { grip } => {
                let grip = *grip;
                let (_, all) = self.mini_span();
                let start = self.mini_time_at(x) - grip * all;
                let width = self.view.width();
                self.show(start, width);
            }
            Drag::BrushEnd { fixed } => {
                let fixed = *fixed;
                let at = self.mini_time_at(x);
                self.show(at.min(fixed), (at - fixed).abs());
            }
        }
    }

    /// The pointer is released.
    pub fn pointer_up(&mut self) {
        if let Drag::Axis { from, to } = self.drag
            && (from - to).abs() > CLICK
        {
            let (a, b) = (self.time_at(from.min(to)), self.time_at(from.max(to)));
            self.zoom_to(Span::new(Micros(a as i64), Micros(b as i64)));
        }
        if let Drag::Pan { last: (x, y), far } = self.drag
            && far <= CLICK
            && let Some(key) = self.label_at(x, y)
        {
            self.toggle_row(key);
        }
        let drag = std::mem::replace(&mut self.drag, Drag::None);
        match drag {
            Drag::Pan { last, far } if far <= CLICK && self.plot.holds(last.0, last.1) => {
                self.click();
            }
            Drag::Area { from, to } if (from.0 - to.0).abs() > CLICK => self.select_area(from, to),
            _ => {}
        }
        self.overlay_due = true;
    }

    /// What the label at a point opens or closes.
    fn label_at(&self, x: f64, y: f64) -> Option<RowKey> {
        let y = y - self.plot.y;
        if x >= self.plot.x || y < 0.0 || self.plot.h <= y {
            return None;
        }
        let row = self.layout.row_at(y + self.view.scroll)?;
        row.opens.then_some(row.key)
    }

    /// The pointer leaves the canvas, or its press is taken away.
    pub fn pointer_leave(&mut self) {
        self.pointer = None;
        self.drag = Drag::None;
        self.drop_fingers();
        self.overlay_due = true;
    }

    /// A double click: glides to the interval under the pointer; on the minimap or axis shows all.
    pub fn double_click(&mut self, x: f64, y: f64) {
        self.pointer = Some((x, y));
        if self.mini_area.holds(x, y) || self.axis().holds(x, y) {
            self.fit();
            return;
        }
        let row = self.ask.pick.filter(|_| self.is_click_again()).or_else(|| {
            self.find_hover();
            self.found(self.hover?)
        });
        self.zoom_to_task(row);
    }

    /// Glides to a task. Says whether there is one.
    fn zoom_to_task(&mut self, row: Option<RowInfo>) -> bool {
        let Some(row) = row.and_then(|row| self.store.again(&row)) else { return false };
        let margin = row.dur / 2 + 5;
        let (start, end) = (row.start - margin, row.start + row.dur + margin);
        self.zoom_to(Span::new(Micros(start), Micros(end)));
        true
    }

    /// The wheel turned by CSS px. Over the labels it scrolls the lanes, with shift or sideways it
    /// pans, else it zooms about the pointer. Says whether it did anything, so that the page can
    /// scroll otherwise.
    pub fn wheel(&mut self, x: f64, y: f64, dx: f64, dy: f64, ctrl: bool, shift: bool) -> bool {
        self.pointer = Some((x, y));
        self.overlay_due = true;
        if x < self.plot.x && !ctrl {
            let before = self.view.scroll;
            let most = (self.layout.height - self.plot.h).max(0.0);
            self.view.scroll = (before + dy).clamp(0.0, most);
            return before != self.view.scroll;
        }
        if self.data.is_none() {
            return false;
        }
        let (dx, dy) = if shift && dx == 0.0 { (dy, 0.0) } else { (dx, dy) };
        if !ctrl && dx.abs() > dy.abs() {
            self.view.pan(dx / self.plot.w.max(1.0));
        } else if dy != 0.0 {
            let share = ((x - self.plot.x) / self.plot.w.max(1.0)).clamp(0.0, 1.0);
            // A pinch on a touchpad comes as small steps with ctrl held.
            let rate = if ctrl { 0.01 } else { 0.002 };
            self.view.zoom((dy.clamp(-400.0, 400.0) * rate).exp(), share);
        }
        true
    }

    /// A key, as `KeyboardEvent.key` names it. Says whether it meant anything here.
    pub fn key(&mut self, key: &str) -> bool {
        let about = self
            .pointer
            .filter(|&(x, y)| self.plot.holds(x, y))
            .map_or(0.5, |(x, _)| (x - self.plot.x) / self.plot.w.max(1.0));
        let page = self.plot.h * 0.3;
        match key {
            " " => self.set_paused(!self.view.is_paused()),
            "f" | "F" => self.follow(),
            "0" => self.fit(),
            "ArrowUp" if self.overflows() => self.view.scroll -= page,
            "ArrowDown" if self.overflows() => self.view.scroll += page,
            "w" | "W" | "+" | "=" | "ArrowUp" => self.view.zoom_smooth(0.6, about),
            "s" | "S" | "-" | "ArrowDown" => self.view.zoom_smooth(1.0 / 0.6, about),
            "a" | "A" | "ArrowLeft" => self.view.pan_smooth(-0.2),
            "d" | "D" | "ArrowRight" => self.view.pan_smooth(0.2),
            "Backspace" => return self.undo(),
            REDO => return self.redo(),
            "e" | "E" if self.zoom_to_task(self.ask.pick) => {}
            // What is told already is gone to.
            "Enter" if self.details().is_some() && self.zoom_to_task(self.ask.pick) => {}
            "Enter" if self.open_pick() => {}
            "o" | "Enter" if self.toggle_held() => {}
            SELECT_DOWN => self.select_rows(true),
            SELECT_UP => self.select_rows(false),
            SELECT_LATER => self.select_time(true),
            SELECT_EARLIER => self.select_time(false),
            "j" => self.step_row(true),
            "k" => self.step_row(false),
            "[" => self.step_lane(false),
            "]" => self.step_lane(true),
            "n" if self.matches().is_some() => self.step_match(true),
            "N" if self.matches().is_some() => self.step_match(false),
            "Escape" if matches!(self.drag, Drag::Area { .. }) => self.drag = Drag::None,
            "Escape" if self.details().is_some() => self.close_details(),
            "Escape" if self.leave_row() => {}
            "Escape" if self.selection().is_some() => self.clear_selection(),
            "Escape" if self.is_filtered() => self.show_all(),
            "Escape" if self.drag != Drag::None => self.drag = Drag::None,
            _ => return false,
        }
        self.overlay_due = true;
        true
    }

    fn overflows(&self) -> bool {
        self.layout.height > self.plot.h + 1.0
    }

    /// The pointer shape for where it is.
    pub fn cursor(&self) -> Cursor {
        let Some((x, y)) = self.pointer else { return Cursor::Default };
        match self.drag {
            Drag::Pan { far, .. } if far > CLICK => Cursor::Grabbing,
            Drag::Brush { .. } => Cursor::Grabbing,
            Drag::BrushEnd { .. } => Cursor::Ends,
            Drag::Axis { .. } => Cursor::Column,
            _ if self.mini_area.holds(x, y) => {
                let (left, right) = self.brush();
                if (x - left).abs().min((x - right).abs()) <= GRIP && right - left > GRIP * 3.0 {
                    Cursor::Ends
                } else if left <= x && x <= right {
                    Cursor::Grab
                } else {
                    Cursor::Default
                }
            }
            _ if self.axis().holds(x, y) => Cursor::Column,
            _ if self.label_at(x, y).is_some() => Cursor::Press,
            _ => Cursor::Default,
        }
    }
}
