//! Columns to pixels: each row's line is made once and copied down, so that a picture costs one
//! look-up a pixel column and row, and a copy. A picture that only moves sideways is kept: what comes
//! into view is painted, and what has changed.
//!
//! ```text
//! ████████ ███████   upper lines: the thread's own work
//! ████████ ███████
//! ██████▒▒▒▒▒█████   lower lines: transfers and the like over it
//! ```

use std::ops::Range;

use super::columns::{ACTION_SLOT, Column, EDGE, ERRED_SLOT, NO_SLOT, has_erred};
use super::palette::{Bytes, Palette, Pattern, alpha_of, mix, mix_packed, pack};
use super::pixels::Part;

/// Share of a row's height that transfers, disk and deserialisation take at its bottom.
const LOWER: f64 = 0.36;
/// How far a picture can be moved until it has to be copied, px. Larger: more memory, fewer copies.
const SLACK: usize = 1 << 14;

type Px = [u8; 4];

/// A picture in RGBA, row by row.
#[derive(Clone, Debug, Default)]
pub struct Strip {
    /// Device px.
    pub width: usize,
    /// Device px.
    pub height: usize,
    /// The picture, opaque, with room before and behind it.
    pixels: Vec<Px>,
    /// Where in it the picture begins: moving it sideways moves nothing else.
    at: usize,
    upper: Vec<Px>,
    lower: Vec<Px>,
    /// Pixel columns with a hair line wherever nothing else is, down to where, and its colour.
    grid: Vec<usize>,
    grid_end: usize,
    hair: Px,
}

/// Colours of slots, looked up once a row.
struct Inks<'a> {
    palette: &'a Palette,
    known: [(u16, bool, u32); 32],
}

impl<'a> Inks<'a> {
    fn new(palette: &'a Palette) -> Self {
        Self { palette, known: [(NO_SLOT, true, 0); 32] }
    }

    /// As [`Palette::blend_over`], packed.
    #[inline(always)]
    fn over(&mut self, ground: u32, slot: u16, coverage: u8) -> u32 {
        if coverage == 0 {
            return ground;
        }
        let place = usize::from(slot) & 31;
        if self.known[place].0 != slot {
            self.known[place] = (slot, self.palette.is_on(slot), pack(self.palette.color(slot)));
        }
        let (_, on, color) = self.known[place];
        mix_packed(ground, color, alpha_of(coverage, on))
    }
}

impl Strip {
    /// The bytes of the picture: `width × height × 4`, opaque.
    pub fn rgba(&self) -> &[u8] {
        let all = self.at..self.at + self.width * self.height;
        self.pixels.get(all).unwrap_or_default().as_flattened()
    }

    /// Makes it that large and fills it with one colour.
    pub fn reset(&mut self, width: usize, height: usize, ground: Bytes) {
        self.begin(width, height);
        self.ground(0..width, (0, height as i64), ground);
    }

    /// Makes it that large; what is in it is then yet to be painted, all of it.
    pub fn begin(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        let room = width * height + 2 * SLACK;
        if self.pixels.len() != room {
            // The fastest way to get that much.
            self.pixels = vec![[0; 4]; room];
        }
        self.at = SLACK;
    }

    /// Moves the picture by whole pixels to the left (negative: to the right). Gives the pixel columns
    /// that have come into view and are yet to be painted.
    pub fn shift(&mut self, by: i64) -> Range<usize> {
        let n = (by.unsigned_abs() as usize).min(self.width);
        let all = self.at..self.at + self.width * self.height;
        let room = if by < 0 { self.at } else { 2 * SLACK - self.at.min(2 * SLACK) };
        if room < n && all.end <= self.pixels.len() && n <= SLACK {
            self.pixels.copy_within(all, SLACK);
            self.at = SLACK;
        } else if room < n {
            return 0..self.width;
        }
        if by < 0 {
            self.at -= n;
            0..n
        } else {
            self.at += n;
            self.width - n..self.width
        }
    }

    #[inline(always)]
    fn line(&mut self, y: i64, x: Range<usize>) -> &mut [Px] {
        let from = self.at + y as usize * self.width;
        self.pixels.get_mut(from + x.start..from + x.end).unwrap_or_default()
    }

    /// From now on there are vertical hair lines at some device px, wherever nothing else is, down to
    /// `bottom`.
    pub fn set_grid(&mut self, at: impl Iterator<Item = i64>, bottom: usize, palette: &Palette) {
        let width = self.width as i64;
        self.grid.clear();
        self.grid.extend(at.filter(|x| (0..width).contains(x)).map(|x| x as usize));
        self.grid_end = bottom;
        let [r, g, b] = palette.theme().line;
        self.hair = [r, g, b, 255];
    }

    /// Fills pixel columns from device px `top` to `bottom`, cut at the picture's edges.
    pub fn ground(&mut self, x: Range<usize>, (top, bottom): (i64, i64), [r, g, b]: Bytes) {
        if x.start >= x.end || self.width < x.end {
            return;
        }
        let wide = x.end - x.start;
        let mut above = None;
        for y in top.max(0)..bottom.min(self.height as i64) {
            let from = self.at + y as usize * self.width + x.start;
            // To copy a line is faster than to fill one.
            match above.filter(|_| y as usize != self.grid_end) {
                Some(above) if from + wide <= self.pixels.len() => {
                    self.pixels.copy_within(above..above + wide, from);
                }
                _ => {
                    self.line(y, x.clone()).fill([r, g, b, 255]);
                    let lines = if (y as usize) < self.grid_end { self.grid.len() } else { 0 };
                    for i in 0..lines {
                        let (at, hair) = (self.grid[i], self.hair);
                        if x.contains(&at) {
                            self.line(y, at..at + 1).fill(hair);
                        }
                    }
                }
            }
            above = Some(from);
        }
    }

    /// Paints a part of one row from device px `top` to `bottom` (cut at the picture's edges). `main`
    /// and `aux` hold one column a pixel; `scale` is device px per CSS px.
    #[inline(never)]
    pub fn row(
        &mut self,
        (top, bottom): (i64, i64),
        part: Part,
        main: &[Column],
        aux: &[Column],
        palette: &Palette,
        scale: f64,
    ) {
        if bottom <= top || bottom <= 0 || self.height as i64 <= top {
            return;
        }
        let height = bottom - top;
        let most = part.pad + self.width.saturating_sub(part.x);
        let main = main.get(..most).unwrap_or(main);
        let (marks, patterns) = self.lines(part, main, aux, palette, (4.0 * scale) as usize);
        let low = if height < 3 {
            1
        } else {
            ((height as f64 * LOWER).round() as i64).clamp(1, height - 1)
        };
        let (first, last) = (top.max(0), bottom.min(self.height as i64));
        let n = self.upper.len();
        let [r, g, b] = palette.theme().ground;
        for at in self.grid.iter().filter_map(|x| x.checked_sub(part.x)) {
            for line in [&mut self.upper, &mut self.lower] {
                if let Some(px) = line.get_mut(at).filter(|px| **px == [r, g, b, 255]) {
                    *px = self.hair;
                }
            }
        }
        for y in first..last {
            let line = if y < bottom - low || height < 2 { &self.upper } else { &self.lower };
            let at = self.at + y as usize * self.width + part.x;
            if let Some(to) = self.pixels.get_mut(at..at + n) {
                to.copy_from_slice(line);
            }
        }
        if patterns {
            self.patterns((bottom - low, bottom), part, aux, palette, scale);
        }
        if marks {
            self.marks((top, bottom), part, main, aux, palette, scale);
        }
    }

    /// Makes the two lines; says whether the row holds failed tasks, and anything with a pattern.
    #[inline(never)]
    fn lines(
        &mut self,
        part: Part,
        main: &[Column],
        aux: &[Column],
        palette: &Palette,
        min_bar: usize,
    ) -> (bool, bool) {
        let ground = pack(palette.theme().ground);
        let mut inks = Inks::new(palette);
        let (mut kinds, mut patterns) = (0, false);
        let mut since_edge = usize::MAX / 2;
        let mut before = 0;
        let (context, main) = main.split_at(part.pad.min(main.len()));
        for column in context {
            since_edge = if column.kinds & EDGE == 0 { since_edge + 1 } else { 0 };
            before = column.coverage;
            kinds |= column.kinds;
        }
        let opaque = |color: u32| (color | 0xff00_0000).to_le_bytes();
        self.upper.clear();
        // Neighbours mostly repeat.
        let mut last = (NO_SLOT, 0, ground);
        self.upper.extend(main.iter().map(|column| {
            if (column.slot, column.coverage) != (last.0, last.1) {
                let color = inks.over(ground, column.slot, column.coverage);
                last = (column.slot, column.coverage, color);
            }
            let mut color = last.2;
            since_edge += 1;
            if column.kinds & EDGE != 0 {
                // A hair line between bars that are wide enough to have one.
                if since_edge >= min_bar && before > 127 {
                    color = mix_packed(color, ground, 170);
                }
                since_edge = 0;
            }
            before = column.coverage;
            kinds |= column.kinds;
            opaque(color)
        }));
        self.lower.clear();
        self.lower.extend_from_slice(&self.upper);
        let aux = aux.get(part.pad..).unwrap_or_default();
        for (lower, aux) in self.lower.iter_mut().zip(aux) {
            if aux.coverage > 0 {
                patterns |= aux.slot > ACTION_SLOT + 1;
                *lower = opaque(inks.over(u32::from_le_bytes(*lower), aux.slot, aux.coverage));
            }
        }
        (has_erred(kinds), patterns)
    }

    /// Darkens what is hatched or dotted, where it fills most of its pixels.
    #[inline(never)]
    fn patterns(
        &mut self,
        (top, bottom): (i64, i64),
        part: Part,
        aux: &[Column],
        palette: &Palette,
        scale: f64,
    ) {
        let ground = palette.theme().ground;
        for (x, column) in (part.x..self.width).zip(aux.get(part.pad..).unwrap_or_default()) {
            let pattern = Palette::pattern(column.slot);
            if pattern == Pattern::None || column.coverage < 96 || !palette.is_on(column.slot) {
                continue;
            }
            for y in top.max(0)..bottom.min(self.height as i64) {
                if pattern.covers(part.phase + x as i64, y - top, scale)
                    && let [px] = self.line(y, x..x + 1)
                {
                    let [r, g, b] = mix([px[0], px[1], px[2]], ground, 190);
                    *px = [r, g, b, 255];
                }
            }
        }
    }

    /// Stripes over failed tasks; a short mark at the top where one hides among others.
    #[inline(never)]
    fn marks(
        &mut self,
        (top, bottom): (i64, i64),
        part: Part,
        main: &[Column],
        aux: &[Column],
        palette: &Palette,
        scale: f64,
    ) {
        if !palette.is_on(ERRED_SLOT) {
            return;
        }
        let [r, g, b] = palette.erred_mark();
        let cap = top + ((3.0 * scale) as i64).min((bottom - top + 1) / 2).max(1);
        let ends = part.x + main.len().saturating_sub(part.pad);
        for (i, column) in main.iter().enumerate() {
            // The last one from before reaches into the part.
            if !has_erred(column.kinds) || i + 1 < part.pad {
                continue;
            }
            let own = column.slot == ERRED_SLOT;
            // Never narrower than two pixels, or nobody sees it.
            let wide = if own { 1 } else { 2 };
            let covered = aux.get(i).is_some_and(|aux| aux.coverage > 0);
            let end = if own { bottom } else { cap };
            let to = (part.x + i + wide).saturating_sub(part.pad).min(ends);
            let from = (part.x + i).saturating_sub(part.pad).max(part.x);
            if i < part.pad && own || to <= from {
                continue;
            }
            for y in top.max(0)..end.min(self.height as i64) {
                let x = part.phase + from as i64;
                if own && !Pattern::Stripes.covers(x, y - top, scale) {
                    continue;
                }
                if own && covered && y as f64 >= bottom as f64 - (bottom - top) as f64 * LOWER {
                    continue;
                }
                self.line(y, from..to).fill([r, g, b, 255]);
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
            let tall = (height * usize::from(column.coverage)).div_ceil(255).clamp(1, height);
            self.ground(x..x + 1, ((height - tall) as i64, height as i64), color);
            if has_erred(column.kinds) {
                self.ground(x..x + 1, (0, 1), palette.erred_mark());
            }
        }
    }

    /// The colour of a pixel; black outside.
    pub fn pixel(&self, x: usize, y: usize) -> Bytes {
        match self.pixels.get(self.at + y * self.width + x) {
            Some(&[red, green, blue, _]) if x < self.width && y < self.height => [red, green, blue],
            _ => [0; 3],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::ACTION_SLOT;
    use super::super::palette::Theme;
    use super::*;
    use base::task::Rgb;
    use store::KIND_ERRED;

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
            Part::default(),
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
        strip.row((1, 11), Part::default(), &[FULL; 4], &[thin; 4], &palette, 1.0);
        let tint = strip.pixel(0, 10);
        assert!(tint != bar && bar[0] < tint[0] && tint[0] < red[0], "{bar:?} {tint:?} {red:?}");
        // Cut at both edges without a word.
        strip.row((-5, 3), Part::default(), &[FULL; 4], &[], &palette, 1.0);
        strip.row((9, 90), Part::default(), &[FULL; 9], &[], &palette, 1.0);
        assert_eq!(strip.pixel(3, 0), bar);
    }

    #[test]
    fn a_failed_task_is_marked() {
        let mut palette = Palette::new(Theme::DARK);
        palette.set_prefix(0, "a", None);
        let mut strip = Strip::default();
        strip.reset(6, 10, Theme::DARK.ground);
        let hidden = Column { kinds: 1 | KIND_ERRED, ..FULL };
        strip.row(
            (0, 10),
            Part::default(),
            &[FULL, FULL, hidden, FULL, FULL, FULL],
            &[],
            &palette,
            1.0,
        );
        assert_eq!(strip.pixel(2, 0), palette.erred_mark());
        assert_ne!(strip.pixel(2, 9), palette.erred_mark());
        let own = Column { slot: ERRED_SLOT, ..hidden };
        strip.row((0, 10), Part::default(), &[own; 6], &[], &palette, 1.0);
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
            strip.row((0, 20), Part::default(), &[Column::IDLE; 12], &[column; 12], &palette, 1.0);
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
}
