//! Columns to pixels: each row's line is made once and copied down, so that a picture costs one
//! look-up a pixel column and row, and a copy.
//!
//! ```text
//! ████████ ███████   upper lines: the thread's own work
//! ████████ ███████
//! ██████▒▒▒▒▒█████   lower lines: transfers and the like over it
//! ```

use super::columns::{ACTION_SLOT, Column, EDGE, ERRED_SLOT, has_erred};
use super::palette::{Bytes, Palette, Pattern, mix};

/// Share of a row's height that transfers, disk and deserialisation take at its bottom.
const LOWER: f64 = 0.36;

/// A picture in RGBA, row by row.
#[derive(Clone, Debug, Default)]
pub struct Strip {
    /// Device px.
    pub width: usize,
    /// Device px.
    pub height: usize,
    /// `width × height × 4` bytes, opaque.
    pub rgba: Vec<u8>,
    upper: Vec<u8>,
    lower: Vec<u8>,
}

/// How pixel columns of a picture and columns of a level lie over each other.
#[derive(Clone, Debug, Default)]
pub struct PixelMap {
    /// The level.
    pub level: u32,
    /// The first column that is needed.
    pub first: i64,
    /// How many columns are needed.
    pub columns: usize,
    edges: Vec<u32>,
}

impl PixelMap {
    /// For `px` pixels that show the span from `start`, `width` µs long.
    pub fn set(&mut self, start: f64, width: f64, px: usize) {
        let per_px = width / px.max(1) as f64;
        self.level = super::columns::level_for(per_px);
        let column = |x: usize| ((start + x as f64 * per_px).floor() as i64) >> self.level;
        self.first = column(0);
        self.edges.clear();
        self.edges.extend((0..=px).map(|x| (column(x) - self.first).clamp(0, 1 << 24) as u32));
        self.columns = self.edges.last().map_or(0, |&last| last as usize + 1);
    }

    /// How many pixels.
    pub fn pixels(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// The columns merged into one for each pixel.
    pub fn resample(&self, columns: &[Column], out: &mut Vec<Column>) {
        out.clear();
        out.resize(self.pixels(), Column::IDLE);
        let mut before = usize::MAX;
        for (out, pair) in out.iter_mut().zip(self.edges.windows(2)) {
            let (from, to) = (pair[0] as usize, pair[1] as usize);
            *out = match columns.get(from) {
                Some(one) if to <= from + 1 => *one,
                _ => Column::merge(columns.get(from..to).unwrap_or_default()),
            };
            if from == before {
                // A column wider than a pixel has its edge on its first pixel only.
                out.kinds &= !EDGE;
            }
            before = from;
        }
    }
}

impl Strip {
    /// Makes it that large and fills it with one colour.
    pub fn reset(&mut self, width: usize, height: usize, ground: Bytes) {
        (self.width, self.height) = (width, height);
        self.rgba.clear();
        self.rgba.reserve(width * height * 4);
        let [r, g, b] = ground;
        self.upper.clear();
        for _ in 0..width {
            self.upper.extend_from_slice(&[r, g, b, 255]);
        }
        for _ in 0..height {
            self.rgba.extend_from_slice(&self.upper);
        }
    }

    /// Makes it that large; what is in it is then yet to be painted, all of it.
    pub fn begin(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        self.rgba.resize(width * height * 4, 255);
    }

    /// Fills whole lines from device px `top` to `bottom`, cut at the picture's edges.
    pub fn ground(&mut self, (top, bottom): (i64, i64), [r, g, b]: Bytes) {
        let line = self.width as i64 * 4;
        let height = self.height as i64;
        let (from, to) = (top.clamp(0, height) * line, bottom.clamp(0, height) * line);
        if let Some(part) = self.rgba.get_mut(from as usize..to as usize) {
            for px in part.chunks_exact_mut(4) {
                px.copy_from_slice(&[r, g, b, 255]);
            }
        }
    }

    /// Paints one row from device px `top` to `bottom` (cut at the picture's edges). `main` and
    /// `aux` hold one column a pixel; `scale` is device px per CSS px.
    pub fn row(
        &mut self,
        (top, bottom): (i64, i64),
        main: &[Column],
        aux: &[Column],
        palette: &Palette,
        scale: f64,
    ) {
        if bottom <= top || bottom <= 0 || self.height as i64 <= top {
            return;
        }
        let height = bottom - top;
        let (marks, patterns) = self.lines(main, aux, palette, (4.0 * scale) as usize);
        let low = if height < 3 {
            1
        } else {
            ((height as f64 * LOWER).round() as i64).clamp(1, height - 1)
        };
        let bytes = self.width * 4;
        let (first, last) = (top.max(0), bottom.min(self.height as i64));
        for y in first..last {
            let line = if y < bottom - low || height < 2 { &self.upper } else { &self.lower };
            let at = y as usize * bytes;
            if let (Some(to), Some(from)) = (self.rgba.get_mut(at..at + bytes), line.get(..bytes)) {
                to.copy_from_slice(from);
            }
        }
        if patterns {
            self.patterns((bottom - low, bottom), aux, palette, scale);
        }
        if marks {
            self.marks((top, bottom), main, aux, palette, scale);
        }
    }

    /// Makes the two lines; says whether the row holds failed tasks, and anything with a pattern.
    fn lines(
        &mut self,
        main: &[Column],
        aux: &[Column],
        palette: &Palette,
        min_bar: usize,
    ) -> (bool, bool) {
        let ground = palette.theme().ground;
        for line in [&mut self.upper, &mut self.lower] {
            line.clear();
            for _ in 0..self.width {
                line.extend_from_slice(&[ground[0], ground[1], ground[2], 255]);
            }
        }
        let lines = self.upper.chunks_exact_mut(4).zip(self.lower.chunks_exact_mut(4));
        let (mut erred, mut patterns) = (false, false);
        let mut since_edge = usize::MAX / 2;
        // Neighbours mostly repeat.
        let mut last = (Column::IDLE, ground);
        let mut before = 0;
        for (x, (column, (upper, lower))) in main.iter().zip(lines).enumerate() {
            if (column.slot, column.coverage) != (last.0.slot, last.0.coverage) {
                last = (*column, palette.blend(column.slot, column.coverage));
            }
            let mut color = last.1;
            since_edge += 1;
            if column.kinds & EDGE != 0 {
                // A hair line between bars that are wide enough to have one.
                if since_edge >= min_bar && before > 127 {
                    color = mix(color, ground, 170);
                }
                since_edge = 0;
            }
            before = column.coverage;
            erred |= has_erred(column.kinds);
            upper[..3].copy_from_slice(&color);
            if let Some(aux) = aux.get(x)
                && aux.coverage > 0
            {
                patterns |= aux.slot > ACTION_SLOT + 1;
                color = palette.blend_over(color, aux.slot, aux.coverage);
            }
            lower[..3].copy_from_slice(&color);
        }
        (erred, patterns)
    }

    /// Darkens what is hatched or dotted, where it fills most of its pixels.
    fn patterns(
        &mut self,
        (top, bottom): (i64, i64),
        aux: &[Column],
        palette: &Palette,
        scale: f64,
    ) {
        let ground = palette.theme().ground;
        for (x, column) in aux.iter().enumerate().take(self.width) {
            let pattern = Palette::pattern(column.slot);
            if pattern == Pattern::None || column.coverage < 96 || !palette.is_on(column.slot) {
                continue;
            }
            for y in top.max(0)..bottom.min(self.height as i64) {
                let at = (y as usize * self.width + x) * 4;
                if pattern.covers(x as i64, y - top, scale)
                    && let Some(px) = self.rgba.get_mut(at..at + 3)
                {
                    let dim = mix([px[0], px[1], px[2]], ground, 190);
                    px.copy_from_slice(&dim);
                }
            }
        }
    }

    /// Stripes over failed tasks; a short mark at the top where one hides among others.
    fn marks(
        &mut self,
        (top, bottom): (i64, i64),
        main: &[Column],
        aux: &[Column],
        palette: &Palette,
        scale: f64,
    ) {
        if !palette.is_on(ERRED_SLOT) {
            return;
        }
        let mark = palette.erred_mark();
        let cap = top + ((3.0 * scale) as i64).min((bottom - top + 1) / 2).max(1);
        for (x, column) in main.iter().enumerate().take(self.width) {
            if !has_erred(column.kinds) {
                continue;
            }
            let own = column.slot == ERRED_SLOT;
            // Never narrower than two pixels, or nobody sees it.
            let wide = if own { 1 } else { 2 };
            let covered = aux.get(x).is_some_and(|aux| aux.coverage > 0);
            let end = if own { bottom } else { cap };
            for y in top.max(0)..end.min(self.height as i64) {
                if own && !Pattern::Stripes.covers(x as i64, y - top, scale) {
                    continue;
                }
                if own && covered && y as f64 >= bottom as f64 - (bottom - top) as f64 * LOWER {
                    continue;
                }
                for x in x..(x + wide).min(self.width) {
                    let at = (y as usize * self.width + x) * 4;
                    if let Some(px) = self.rgba.get_mut(at..at + 3) {
                        px.copy_from_slice(&mark);
                    }
                }
            }
        }
    }

    /// Draws a vertical hair line at `x` device px wherever nothing else is, down to `bottom`.
    pub fn grid_line(&mut self, x: i64, bottom: usize, palette: &Palette) {
        let theme = palette.theme();
        if x < 0 || self.width as i64 <= x {
            return;
        }
        for y in 0..bottom.min(self.height) {
            let at = (y * self.width + x as usize) * 4;
            if let Some(px) = self.rgba.get_mut(at..at + 3)
                && *px == theme.ground
            {
                px.copy_from_slice(&theme.line);
            }
        }
    }

    /// Paints a profile: for each pixel column a bar from the bottom, as high as its coverage.
    pub fn profile(&mut self, columns: &[Column], palette: &Palette) {
        let ground = palette.theme().raise;
        let (width, height) = (self.width, self.height);
        self.reset(width, height, ground);
        for (x, column) in columns.iter().enumerate().take(width) {
            if column.coverage == 0 {
                continue;
            }
            let own = column.slot == ERRED_SLOT;
            let color = if own { palette.erred_mark() } else { palette.color(column.slot) };
            let color = mix(ground, color, 200);
            let tall = (height * usize::from(column.coverage)).div_ceil(255).max(1);
            for y in height.saturating_sub(tall)..height {
                let at = (y * width + x) * 4;
                if let Some(px) = self.rgba.get_mut(at..at + 3) {
                    px.copy_from_slice(&color);
                }
            }
            if has_erred(column.kinds)
                && let Some(px) = self.rgba.get_mut(x * 4..x * 4 + 3)
            {
                px.copy_from_slice(&palette.erred_mark());
            }
        }
    }

    /// The colour of a pixel; black outside.
    pub fn pixel(&self, x: usize, y: usize) -> Bytes {
        let at = (y * self.width + x) * 4;
        match self.rgba.get(at..at + 3) {
            Some(&[red, green, blue]) if x < self.width => [red, green, blue],
            _ => [0; 3],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::ACTION_SLOT;
    use super::super::palette::Theme;
    use super::*;
    use crate::base::task::Rgb;
    use crate::store::KIND_ERRED;

    const FULL: Column = Column { slot: 0, coverage: 255, kinds: 1 };

    #[test]
    fn transfers_lie_at_the_bottom() {
        let mut palette = Palette::new(Theme::DARK);
        palette.set_prefix(0, "a", Some(Rgb(68, 1, 84)));
        let mut strip = Strip::default();
        strip.reset(4, 12, Theme::DARK.ground);
        let aux = Column { slot: ACTION_SLOT + 1, coverage: 255, kinds: 2 };
        strip.row(
            (1, 11),
            &[FULL, FULL, Column::IDLE, Column::IDLE],
            &[Column::IDLE, aux, aux, Column::IDLE],
            &palette,
            1.0,
        );
        let (bar, red, ground) =
            (palette.blend(0, 255), palette.blend(ACTION_SLOT + 1, 255), Theme::DARK.ground);
        assert_eq!([0, 1, 2, 3].map(|x| strip.pixel(x, 1)), [bar, bar, ground, ground]);
        assert_eq!([0, 1, 2, 3].map(|x| strip.pixel(x, 10)), [bar, red, red, ground]);
        assert_eq!([0, 11].map(|y| strip.pixel(0, y)), [ground, ground]);
        // A little of it tints what is under it, and does not hide it.
        let thin = Column { coverage: 40, ..aux };
        strip.row((1, 11), &[FULL; 4], &[thin; 4], &palette, 1.0);
        let tint = strip.pixel(0, 10);
        assert!(tint != bar && bar[0] < tint[0] && tint[0] < red[0], "{bar:?} {tint:?} {red:?}");
        // Cut at both edges without a word.
        strip.row((-5, 3), &[FULL; 4], &[], &palette, 1.0);
        strip.row((9, 90), &[FULL; 9], &[], &palette, 1.0);
        assert_eq!(strip.pixel(3, 0), bar);
    }

    #[test]
    fn a_failed_task_is_marked() {
        let mut palette = Palette::new(Theme::DARK);
        palette.set_prefix(0, "a", None);
        let mut strip = Strip::default();
        strip.reset(6, 10, Theme::DARK.ground);
        let hidden = Column { kinds: 1 | KIND_ERRED, ..FULL };
        strip.row((0, 10), &[FULL, FULL, hidden, FULL, FULL, FULL], &[], &palette, 1.0);
        assert_eq!(strip.pixel(2, 0), palette.erred_mark());
        assert_ne!(strip.pixel(2, 9), palette.erred_mark());
        let own = Column { slot: ERRED_SLOT, ..hidden };
        strip.row((0, 10), &[own; 6], &[], &palette, 1.0);
        let seen: Vec<Bytes> = (0..6).map(|x| strip.pixel(x, 9)).collect();
        assert!(
            seen.contains(&palette.erred_mark()) && seen.contains(&palette.blend(ERRED_SLOT, 255))
        );
    }

    #[test]
    fn the_disk_is_hatched() {
        let palette = Palette::new(Theme::DARK);
        let mut strip = Strip::default();
        strip.reset(12, 20, Theme::DARK.ground);
        let lines = |action: u16, strip: &mut Strip| -> Vec<Bytes> {
            let column = Column { slot: ACTION_SLOT + action, coverage: 255, kinds: 1 };
            strip.row((0, 20), &[Column::IDLE; 12], &[column; 12], &palette, 1.0);
            (0..12).map(|x| strip.pixel(x, 19)).collect()
        };
        let flat = |line: &[Bytes]| line.iter().all(|px| *px == line[0]);
        assert!(flat(&lines(1, &mut strip)), "transfers are told by their height");
        for action in [2, 3, 4] {
            let line = lines(action, &mut strip);
            let full = palette.blend(ACTION_SLOT + action, 255);
            assert!(!flat(&line) || action == 4, "{action}");
            assert!((0..20).any(|y| strip.pixel(0, y) != full && y > 13), "{action}");
            assert!(line.contains(&full), "{action}");
        }
    }

    #[test]
    fn every_column_falls_on_a_pixel() {
        let mut map = PixelMap::default();
        let mut out = Vec::new();
        for (start, width, px) in
            [(1e15, 1e6, 333), (0.0, 100.0, 700), (1e15 + 0.3, 12_345.0, 1000)]
        {
            map.set(start, width, px);
            for at in 0..map.columns - 1 {
                let mut columns = vec![Column::IDLE; map.columns];
                columns[at] = Column { slot: 3, coverage: 9, kinds: KIND_ERRED };
                map.resample(&columns, &mut out);
                assert_eq!(out.len(), px);
                assert!(out.iter().any(|c| has_erred(c.kinds) && c.slot == 3), "column {at}");
            }
        }
    }
}
