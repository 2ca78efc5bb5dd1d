//! Making the pictures: geometry, strip, minimap and scene.

use std::ops::Range;

use super::input::Drag;
use super::{Area, Size, TaskStreamModel};
use base::fmt;
use store::Class;
use timeline::columns::{Column, ERRED_SLOT};
use timeline::labels::{Bar, MAX_LABELS, MIN_BAR, MIN_CHARS, keep_widest, wide_bars};
use timeline::scene::{Align, Ink, Rect, Scene, Text, crop, crop_front};
use timeline::ticks::{step_for, ticks};
use timeline::tiles::RowKey;

/// Height of the time axis, CSS px.
const AXIS: f64 = 22.0;
/// Height of the minimap, CSS px.
const MINI: f64 = 30.0;
/// Height of the line of workers between axis and lanes, CSS px.
const STEPS: f64 = 18.0;
/// Lowest canvas that still has one, CSS px.
const STEPS_FROM: f64 = 200.0;
/// Room above and below the minimap, CSS px.
const MINI_GAP: (f64, f64) = (10.0, 10.0);
/// Lowest canvas that still has a minimap, CSS px.
const MINI_FROM: f64 = 150.0;
/// Lowest row with a name in its bars, CSS px.
const NAMED: f64 = LABELLED;
/// What stands behind the name of a worker that has left.
const GONE: &str = " gone";
/// Lowest row with a label beside it, CSS px.
const LABELLED: f64 = 11.0;
/// Least distance of ticks, CSS px.
const TICK_GAP: f64 = 96.0;

impl TaskStreamModel {
    /// Lays out the canvas.
    #[inline(never)]
    pub(super) fn resize(&mut self, size: Size) {
        let scale = if size.scale.is_finite() && size.scale > 0.0 { size.scale } else { 1.0 };
        let size = Size { width: size.width.max(0.0), height: size.height.max(0.0), scale };
        if size == self.size {
            return;
        }
        self.size = size;
        // Whole device pixels, or the strip would be smeared.
        let snap = |px: f64| (px * scale).round() / scale;
        let gutter = if size.width < 560.0 { 70.0 } else { 112.0 };
        let right = if size.width < 560.0 { 4.0 } else { 8.0 };
        let mini = if size.height < MINI_FROM { 0.0 } else { MINI };
        let below = if mini > 0.0 { mini + MINI_GAP.0 + MINI_GAP.1 } else { 4.0 };
        let steps = if self.has_steps(size) { STEPS } else { 0.0 };
        let (x, y) = (snap(gutter), snap(AXIS + steps));
        let w = snap((size.width - gutter - right).max(0.0));
        let h = snap((size.height - y - below).max(0.0));
        self.plot = Area { x, y, w, h };
        self.mini_area = Area { x, y: snap(size.height - MINI_GAP.1 - mini), w, h: snap(mini) };
        self.overlay_due = true;
    }

    /// Whether there is a line of workers above the lanes.
    pub(super) fn has_steps(&self, size: Size) -> bool {
        self.supply.is_known() && size.height >= STEPS_FROM
    }

    /// The lower edge of the axis, CSS px.
    pub(super) fn axis_end(&self) -> f64 {
        self.plot.y - if self.has_steps(self.size) { STEPS } else { 0.0 }
    }

    fn device(&self, px: f64) -> i64 {
        (px * self.size.scale).round() as i64
    }

    /// Reads some pixel columns of some lanes into `main` and `aux` through `map`.
    #[inline(never)]
    pub(super) fn read_row(&mut self, key: RowKey, lanes: Range<usize>, pixels: &Range<usize>) {
        let lanes = self.layout.order.get(lanes).unwrap_or_default();
        let (first, count) = self.map.columns(pixels);
        self.raw.resize(count, Column::IDLE);
        let place = (self.map.level, first);
        for class in [Class::Main, Class::Aux] {
            let out = if class == Class::Main { &mut self.main } else { &mut self.aux };
            if class == Class::Aux && !self.tiles.has_any(key, lanes, self.store.lanes(), class) {
                out.clear();
                continue;
            }
            let store = self.store.lanes();
            let exact = self.tiles.read(key, lanes, store, class, place, &mut self.raw);
            self.unready |= !exact;
            self.map.resample(pixels, &self.raw, out);
        }
    }

    /// Paints all rows in sight, or, where `kept`, only what the picture does not show yet: what came
    /// into view, what has changed, and rows for which there was no time before. Says whether it
    /// painted anything.
    #[inline(never)]
    pub(super) fn paint_strip(&mut self, kept: bool) -> bool {
        let scale = self.size.scale;
        let (width, height) = (self.device(self.plot.w), self.device(self.plot.h));
        let (width, height) = (width.max(0) as usize, height.max(0) as usize);
        let ground = self.palette.theme().ground;
        let by = if kept { self.map.shift(self.view.start()) } else { None };
        let anew = by.is_none();
        let mut new = 0..0;
        if let Some(by) = by {
            if by != 0 {
                new = self.strip.shift(by);
            }
        } else {
            self.strip.begin(width, height);
            self.exact.clear();
            // Hair lines depend on bars that wide to their left.
            let pad = (4.0 * scale) as usize + 2;
            self.map.set(self.view.start(), self.view.width(), width, pad);
        }
        self.left = self.map.start();
        let bottom = self.device(self.layout.height.min(self.plot.h)).max(0) as usize;
        let ticks = if self.layout.rows.is_empty() { Vec::new() } else { self.ticks() };
        // Whole µs, so that the pixel is the same wherever the picture is.
        let at = |share: f64| (self.left + share * self.view.width()).round();
        let lines = ticks.iter().map(|tick| self.map.pixel_of(at(tick.share)));
        self.strip.set_grid(lines, bottom, &self.palette);
        if !new.is_empty() {
            self.strip.ground(new.clone(), (0, height as i64), ground);
        }
        let mut painted = anew || !new.is_empty();
        // Up to where this picture is painted; only what no row covers is filled besides.
        let mut done = 0;
        let seen = self.seen_rows();
        self.exact.resize(seen.len(), false);
        for i in seen.clone() {
            let Some(row) = self.layout.rows.get(i).cloned() else { break };
            let mut pixels = new.clone();
            if let Some(span) = self.tiles.take_changed(row.key) {
                pixels = join(pixels, self.map.pixels_of(span));
            }
            if !self.exact[i - seen.start] {
                pixels = 0..width;
            }
            if pixels.is_empty() && !anew {
                continue;
            }
            painted = true;
            let before = std::mem::replace(&mut self.unready, false);
            self.read_row(row.key, row.lanes.clone(), &pixels);
            self.exact[i - seen.start] = !self.unready;
            self.unready |= before;
            let top = row.y - self.view.scroll;
            let gap = if row.height >= 6.0 { scale.round().max(1.0) as i64 } else { 0 };
            let tall = if row.height >= 12.0 { gap } else { 0 };
            let last = self.layout.rows.get(i + 1).is_none_or(|next| next.worker != row.worker);
            // Low rows touch, but workers stay apart.
            let below = if last && row.height >= 3.0 { gap.max(scale.round() as i64) } else { gap };
            let (top, bottom) = (self.device(top) + tall, self.device(top + row.height) - below);
            if anew {
                self.strip.ground(0..width, (done, top), ground);
                done = done.max(bottom);
            }
            let part = self.map.part(&pixels);
            self.strip.row((top, bottom), part, &self.main, &self.aux, &self.palette, scale);
        }
        if anew {
            self.strip.ground(0..width, (done, height as i64), ground);
        }
        painted
    }

    /// Places of the rows that are in sight.
    pub(super) fn seen_rows(&self) -> Range<usize> {
        self.layout.seen(self.view.scroll, self.view.scroll + self.plot.h)
    }

    fn ticks(&self) -> Vec<timeline::ticks::Tick> {
        // Decimals need room.
        let step = step_for(self.view.width() * TICK_GAP / self.plot.w.max(1.0));
        let gap = if step < 1000 { TICK_GAP * 1.5 } else { TICK_GAP };
        ticks(self.left, self.view.width(), self.plot.w, gap, self.zone)
    }

    /// What the minimap spans: start and length, µs.
    pub(super) fn mini_span(&self) -> (f64, f64) {
        let Some(data) = self.data else { return (self.view.start(), self.view.width()) };
        (data.start.0 as f64, (data.len().0 as f64).max(1000.0))
    }

    #[inline(never)]
    pub(super) fn paint_mini(&mut self) {
        let (width, height) = (self.device(self.mini_area.w), self.device(self.mini_area.h));
        let (width, height) = (width.max(0) as usize, height.max(0) as usize);
        self.mini.reset(width, height, self.palette.theme().raise);
        if self.data.is_none() || width == 0 || height == 0 {
            return;
        }
        let (start, span) = self.mini_span();
        // The strip's own map goes on from where it is.
        let mut map = std::mem::take(&mut self.mini_map);
        map.set(start, span, width, 0);
        std::mem::swap(&mut self.map, &mut map);
        self.read_row(RowKey::All, 0..self.layout.order.len(), &(0..width));
        std::mem::swap(&mut self.map, &mut map);
        self.mini_map = map;
        self.mini.profile(&self.main, &self.palette);
    }

    /// The x of a moment, CSS px; far outside stays finite.
    pub(super) fn x_of(&self, micros: f64) -> f64 {
        let share = (micros - self.left) / self.view.width();
        self.plot.x + share.clamp(-10.0, 10.0) * self.plot.w
    }

    #[inline(never)]
    pub(super) fn draw_scene(&mut self) {
        let mut scene = std::mem::take(&mut self.scene);
        scene.clear();
        self.draw_fade(&mut scene);
        let taken = self.draw_gaps(&mut scene);
        self.draw_axis(&mut scene);
        self.draw_steps(&mut scene);
        self.draw_held(&mut scene);
        self.draw_gutter(&mut scene);
        if !self.is_dim() {
            self.draw_names(&mut scene, &taken);
        }
        self.draw_mini(&mut scene);
        self.draw_picks(&mut scene);
        self.draw_marks(&mut scene);
        self.scene = scene;
    }

    #[inline(never)]
    fn draw_axis(&self, scene: &mut Scene) {
        let Area { x, y, w, .. } = self.plot;
        fill(&mut scene.rects, 0.0, y - 1.0, self.size.width, 1.0, Ink::Line, 1.0);
        let y = self.axis_end();
        if self.data.is_none() {
            return;
        }
        for tick in self.ticks() {
            let at = x + tick.share * w;
            let wide = tick.label.chars().count() as f64 * self.char_width + 6.0;
            fill(&mut scene.rects, at.floor(), y - 5.0, 1.0, 4.0, Ink::Line, 1.0);
            if at + wide < x + w + 8.0 {
                scene.text(at + 3.0, y / 2.0, tick.label, Ink::Faint, Align::Left);
            }
        }
    }

    #[inline(never)]
    fn draw_gutter(&self, scene: &mut Scene) {
        let Area { x, y, h, .. } = self.plot;
        let narrow = x < 90.0;
        let chars = |px: f64| (px / self.char_width) as usize;
        let mut free_from = f64::NEG_INFINITY;
        for i in self.seen_rows() {
            let Some(row) = self.layout.rows.get(i) else { break };
            let top = y + row.y - self.view.scroll;
            // Below its own head a worker needs no second label.
            let before = i.checked_sub(1).and_then(|before| self.layout.rows.get(before));
            let head = before.is_some_and(|head| head.key == RowKey::Worker(row.worker));
            let first = !head && row.thread.is_none_or(|thread| thread == 0);
            let middle = top + row.height / 2.0;
            let lanes = row.thread.is_some() || before.is_some_and(|row| row.thread.is_some());
            if first && i > 0 && top > y && lanes {
                fill(&mut scene.rects, 0.0, top - 1.0, x - 4.0, 1.0, Ink::Line, 1.0);
            }
            // Low rows share a label in the middle of their worker.
            let low = row.height < LABELLED;
            let group = self.layout.rows.get(i..).unwrap_or_default();
            let threads = |other: &&timeline::layout::Row| {
                other.worker == row.worker && other.thread.is_some() == row.thread.is_some()
            };
            let group = group.iter().take_while(threads).take(64).count();
            let label = if low { top + row.height * group as f64 / 2.0 } else { middle };
            let inside = |middle: f64| y <= middle - 4.0 && middle <= y + h;
            if first && inside(label) && free_from <= label {
                free_from = label + LABELLED;
                let thread = if row.thread.is_some() && row.height >= LABELLED && !narrow {
                    26.0
                } else {
                    0.0
                };
                let name = self.row_name(row);
                let mut left = 8.0;
                if row.opens {
                    let sign = if row.open { "▾" } else { "▸" };
                    scene.text(left - 4.0, label, sign, Ink::Faint, Align::Left);
                    left += 8.0;
                }
                let room = chars(x - left - 2.0 - thread);
                // Addresses, and most names, differ at their ends; prefixes at their fronts.
                let of_worker = matches!(row.key, RowKey::Lane(_) | RowKey::Worker(_));
                let gone = of_worker && self.is_gone(row.worker);
                let name = match row.key {
                    RowKey::Slot(_) => crop(name, room),
                    _ if gone && room > GONE.len() => crop_front(name, room - GONE.len()) + GONE,
                    _ => crop_front(name, room),
                };
                let ink = if gone { Ink::Faint } else { Ink::Mute };
                scene.text(left, label, name, ink, Align::Left);
            }
            if let Some(thread) = row.thread
                && row.height >= LABELLED
                && inside(middle)
                && !(narrow && first)
            {
                let ended = matches!(row.key, RowKey::Lane(lane) if self.has_ended(lane));
                let name = if ended { format!("(t{thread})") } else { format!("t{thread}") };
                scene.text(x - 8.0, middle, name, Ink::Faint, Align::Right);
            }
        }
        if self.layout.height > h + 1.0 && h > 0.0 {
            // Where the scrolled lanes are: a thin thumb beside the plot.
            let tall = (h * h / self.layout.height).max(16.0);
            let at = self.view.scroll / (self.layout.height - h) * (h - tall);
            fill(&mut scene.rects, x - 3.0, y + at, 2.0, tall, Ink::Faint, 1.0);
        }
    }

    /// `taken` are places where something else is written.
    #[inline(never)]
    fn draw_names(&self, scene: &mut Scene, taken: &[Area]) {
        let per_px = self.view.width() / self.plot.w.max(1.0);
        let mut all: Vec<(Bar, f64)> = Vec::new();
        let mut bars = Vec::new();
        for row in self.layout.rows.get(self.seen_rows()).unwrap_or_default() {
            let top = row.y - self.view.scroll;
            if row.height < NAMED || row.thread.is_none() || top < -2.0 || self.plot.h < top + 10.0
            {
                continue;
            }
            for &id in self.layout.lanes(row) {
                let Some(lane) = self.store.lanes().get(id as usize) else { continue };
                bars.clear();
                let (start, width) = (self.left, self.view.width());
                wide_bars(id, lane, start, width, MIN_BAR * per_px, &mut bars);
                let middle = self.plot.y + top + row.height / 2.0;
                all.extend(bars.iter().map(|bar| (*bar, middle)));
            }
        }
        keep_widest(&mut all, MAX_LABELS, |(bar, _)| bar.len);
        for (bar, y) in all {
            if !self.palette.is_on(bar.slot) {
                continue;
            }
            let room = (bar.len / per_px - 9.0) / self.char_width;
            let name = self.store.prefix_name(bar.name);
            let text = crop(name, room.max(0.0) as usize);
            let chars = text.chars().count();
            let x = self.plot.x + bar.from / per_px + 5.0;
            let wide = chars as f64 * self.char_width;
            let free = |taken: &Area| {
                x + wide < taken.x
                    || taken.x + taken.w < x
                    || y + 7.0 < taken.y
                    || taken.y + taken.h < y - 7.0
            };
            if chars == 0 || text != name && chars < MIN_CHARS || !taken.iter().all(free) {
                continue;
            }
            let dark = self.palette.wants_dark_text(bar.slot);
            let mut ink = if dark { Ink::OnLight } else { Ink::OnDark };
            if bar.slot == ERRED_SLOT {
                // Stripes cannot be read through.
                fill(&mut scene.rects, x - 3.0, y - 6.0, wide + 6.0, 12.0, Ink::Panel, 1.0);
                ink = Ink::Text;
            }
            scene.text(x, y, text, ink, Align::Left);
        }
    }

    /// Gives the places where it has written.
    #[inline(never)]
    fn draw_gaps(&self, scene: &mut Scene) -> Vec<Area> {
        let Area { x, y, w, h } = self.plot;
        let mut taken = Vec::new();
        let mut band = |from: f64, to: f64, ink: Ink, long: &str, short: &str| {
            let (a, b) = (self.x_of(from).max(x), self.x_of(to).min(x + w));
            if b <= x || x + w <= a || b <= a {
                return;
            }
            let wide = (b - a).max(2.0);
            fill(&mut scene.rects, a, y, wide, h, ink, 0.13);
            for edge in [a, a + wide - 1.0] {
                fill(&mut scene.rects, edge, y, 1.0, h, ink, 0.55);
            }
            let chars = |text: &str| text.chars().count() as f64 * self.char_width + 12.0;
            let text = [long, short].into_iter().find(|text| chars(text) <= wide);
            if let Some(text) = text {
                let (middle, width) = (f64::midpoint(a, a + wide), chars(text));
                let at = y + h / 2.0;
                let place = Area { x: middle - width / 2.0, y: at - 9.0, w: width, h: 18.0 };
                let Area { x, y, w, h } = place;
                fill(&mut scene.rects, x, y, w, h, Ink::Panel, 0.9);
                taken.push(place);
                scene.text(middle, at, text, Ink::Text, Align::Center);
            }
        };
        for gap in self.store.gaps() {
            let (from, to) = (gap.start.0 as f64, gap.end.0 as f64);
            let (long, short) = if self.supply.begins_within(from - 1e6, to).is_some() {
                (
                    "another scheduler from here on; tasks between them are unknown",
                    "another scheduler",
                )
            } else {
                ("an unknown number of tasks", "unknown")
            };
            band(from, to, Ink::Warn, long, short);
        }
        if let (Some(until), Some(data)) = (self.store.dropped_until(), self.data) {
            let (start, until) = (data.start.0 as f64, until.0 as f64);
            let all = until.min(start);
            band(f64::MIN, all, Ink::Faint, "older tasks were dropped", "dropped");
            // On some lanes, tasks of that time are still held.
            band(all, until, Ink::Faint, "some tasks were dropped", "some dropped");
        }
        self.draw_runs(scene, &mut taken);
        taken
    }

    #[inline(never)]
    fn draw_mini(&self, scene: &mut Scene) {
        let Area { x, y, w, h } = self.mini_area;
        let Some(data) = self.data else { return };
        if h <= 0.0 {
            return;
        }
        scene.text(x - 8.0, y + h / 2.0, fmt::secs(data.len().secs()), Ink::Faint, Align::Right);
        let (a, b) = self.brush();
        let (a, b) = (a.clamp(x, x + w), b.clamp(x, x + w));
        for (from, to) in [(x, a), (b, x + w)] {
            if from < to {
                fill(&mut scene.marks, from, y, to - from, h, Ink::Panel, 0.55);
            }
        }
        let (start, width) = self.mini_span();
        for gap in self.store.gaps() {
            let at = |t: i64| x + ((t as f64 - start) / width).clamp(0.0, 1.0) * w;
            let (from, to) = (at(gap.start.0), at(gap.end.0));
            fill(&mut scene.marks, from, y, (to - from).max(1.0), h, Ink::Warn, 0.5);
        }
        let wide = (b - a).max(2.0);
        fill(&mut scene.marks, a, y, wide, h, Ink::Accent, 0.08);
        scene.marks.push(Rect::fill(a, y, wide, h, Ink::Accent).outline(1.5));
    }

    #[inline(never)]
    fn draw_marks(&self, scene: &mut Scene) {
        let Area { x, y, w, h } = self.plot;
        if let Some(now) = self.now {
            let at = self.x_of(now.0 as f64);
            if x <= at && at <= x + w && self.data.is_some() {
                fill(&mut scene.marks, at.floor(), y - 5.0, 1.0, h + 5.0, Ink::Accent, 1.0);
            }
        }
        if let Drag::Axis { from, to } = self.drag {
            let (a, b) = (from.min(to), from.max(to));
            fill(&mut scene.marks, a, 0.0, b - a, y + h, Ink::Accent, 0.18);
            let per_px = self.view.width() / w.max(1.0);
            let long = fmt::secs((b - a) * per_px / 1e6);
            self.chip(scene, f64::midpoint(a, b), &long);
            return;
        }
        let Some((px, py)) = self.pointer.filter(|_| self.drag == Drag::None) else { return };
        let on_axis = x <= px && px < x + w && py < y;
        if !(self.plot.holds(px, py) || on_axis) || self.data.is_none() {
            return;
        }
        fill(&mut scene.marks, px.floor(), y, 1.0, h, Ink::Faint, 0.6);
        let per_px = self.view.width() / w.max(1.0);
        let at = self.left + (px - x) * per_px;
        let decimals = [1e5, 1e4, 1e3, 1e2, 10.0, 1.0].iter().filter(|unit| per_px < **unit);
        let text = self.zone.clock(at as i64, decimals.count());
        self.chip(scene, px, &text);
        self.draw_hovered(scene);
    }

    /// A small text on the axis, over what is there.
    fn chip(&self, scene: &mut Scene, x: f64, text: &str) {
        let wide = text.chars().count() as f64 * self.char_width + 12.0;
        let (low, high) = (self.plot.x, (self.plot.x + self.plot.w - wide).max(self.plot.x));
        let left = (x - wide / 2.0).clamp(low, high);
        scene.texts.retain(|other| {
            // The axis' own labels give way.
            other.y >= self.axis_end() - 1.0 || other.x + 60.0 < left || left + wide < other.x
        });
        fill(&mut scene.rects, left, 2.0, wide, self.axis_end() - 5.0, Ink::Raise, 1.0);
        scene.texts.push(Text {
            x: left + wide / 2.0,
            y: self.axis_end() / 2.0,
            text: text.to_owned(),
            ink: Ink::Text,
            align: Align::Center,
            prose: false,
        });
    }

    fn draw_hovered(&self, scene: &mut Scene) {
        let Area { x, y, w, h } = self.plot;
        let Some(at) = self.hover else { return };
        let under = self.pointer.map_or(0.0, |(_, py)| py - y + self.view.scroll);
        let Some(row) = self.layout.row_at(under) else { return };
        let mut key = String::new();
        let Some(task) = self.store.row(at, &mut key) else { return };
        let a = self.x_of(task.start.0 as f64).max(x);
        let b = self.x_of((task.start + task.duration).0 as f64).min(x + w);
        let aux = Class::of(task.action) == Class::Aux;
        let top = y + row.y - self.view.scroll + if aux { row.height * 0.64 } else { 0.0 };
        let tall = if aux { row.height * 0.36 } else { row.height };
        let (top, bottom) = (top.max(y), (top + tall).min(y + h));
        if a < b + 1.0 && top < bottom {
            let rect = Rect::fill(a, top, (b - a).max(2.0), bottom - top, Ink::Text);
            scene.marks.push(rect.outline(1.5));
        }
    }
}

/// The least range with both in it.
fn join(a: Range<usize>, b: Range<usize>) -> Range<usize> {
    if a.is_empty() {
        b
    } else if b.is_empty() {
        a
    } else {
        a.start.min(b.start)..a.end.max(b.end)
    }
}

/// Adds a filled rectangle of that opacity.
#[inline(never)]
pub(super) fn fill(to: &mut Vec<Rect>, x: f64, y: f64, w: f64, h: f64, ink: Ink, alpha: f64) {
    to.push(Rect::fill(x, y, w, h, ink).alpha(alpha));
}
