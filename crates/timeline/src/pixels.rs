//! Which columns lie under each pixel of a picture, and their merging into one.

use std::ops::Range;

use super::columns::{Column, EDGE};
use base::time::Span;

/// Which pixel columns of a picture the columns given to [`super::strip::Strip::row`] are.
#[derive(Copy, Clone, Debug, Default)]
pub struct Part {
    /// The first that is painted.
    pub x: usize,
    /// How many columns are given from before it: what is painted depends on those to its left.
    pub pad: usize,
    /// The number of the picture's first pixel column, so that patterns move with it.
    pub phase: i64,
}

/// How pixel columns of a picture and columns of a level lie over each other. Pixels are numbered from
/// where the picture was when its scale was set, so that one seen again is of the same columns.
#[derive(Clone, Debug, Default)]
pub struct PixelMap {
    /// The level.
    pub level: u32,
    first: i64,
    edges: Vec<u32>,
    /// For each pixel what its column is made of: the place of the first, times four, and one of the numbers below.
    steps: Vec<u32>,
    pad: usize,
    origin: f64,
    per_px: f64,
    /// The number of the pixel at the left edge.
    phase: i64,
}

/// A pixel is one column,
const ONE: u32 = 0;
/// one whose beginning lies on an earlier pixel,
const AGAIN: u32 = 1;
/// two of them,
const TWO: u32 = 2;
/// or more, which only happens above the highest level.
const MANY: u32 = 3;

impl PixelMap {
    /// For `px` pixels that show the span from `start`, `width` µs long, and `pad` more to the left.
    pub fn set(&mut self, start: f64, width: f64, px: usize, pad: usize) {
        (self.origin, self.per_px) = (start, width / px.max(1) as f64);
        (self.pad, self.phase) = (pad, 0);
        self.level = super::columns::level_for(self.per_px);
        self.place(px);
    }

    /// Moves to the whole pixel nearest to `start`, the scale being the same. Gives by how many pixels
    /// towards later times; `None`, and nothing done, where none of the picture would be left.
    pub fn shift(&mut self, start: f64) -> Option<i64> {
        let px = self.pixels();
        let by = ((start - self.origin) / self.per_px).round() - self.phase as f64;
        if by.is_nan() || by.abs() >= px as f64 {
            return None;
        }
        if by != 0.0 {
            self.phase += by as i64;
            self.place(px);
        }
        Some(by as i64)
    }

    #[inline(never)]
    fn place(&mut self, px: usize) {
        let column = |x: usize| {
            let number = self.phase + x as i64 - self.pad as i64;
            ((self.origin + number as f64 * self.per_px).floor() as i64) >> self.level
        };
        let first = column(0);
        self.edges.clear();
        let edge = |x: usize| (column(x) - first).clamp(0, 1 << 24) as u32;
        self.edges.extend((0..=px + self.pad).map(edge));
        self.first = first;
        self.steps.clear();
        let mut before = u32::MAX;
        self.steps.extend(self.edges.windows(2).map(|pair| {
            let [from, to] = [pair[0], pair[1]];
            let kind = match to.saturating_sub(from) {
                0 | 1 if from == before => AGAIN,
                0 | 1 => ONE,
                2 => TWO,
                _ => MANY,
            };
            before = from;
            from << 2 | kind
        }));
    }

    /// How many pixels, without those to the left.
    pub fn pixels(&self) -> usize {
        self.edges.len().saturating_sub(self.pad + 1)
    }

    /// When the left edge is, µs.
    pub fn start(&self) -> f64 {
        self.origin + self.phase as f64 * self.per_px
    }

    /// The pixel in which a moment lies; those outside of the picture count on.
    pub fn pixel_of(&self, micros: f64) -> i64 {
        (((micros - self.origin) / self.per_px).floor() as i64).saturating_sub(self.phase)
    }

    /// The pixels that are to be painted anew when rows in `span` have changed.
    pub fn pixels_of(&self, span: Span) -> Range<usize> {
        // A column may be wider than a pixel, and what is to the right of it depends on it.
        let wide = ((1u64 << self.level) as f64 / self.per_px).ceil() as i64 + 1;
        let px = self.pixels() as i64;
        let from = self.pixel_of(span.start.0 as f64).saturating_sub(wide);
        let to = self.pixel_of(span.end.0 as f64).saturating_add(wide + self.pad as i64 + 1);
        from.clamp(0, px) as usize..to.clamp(0, px) as usize
    }

    /// Those pixels, and what to give with them, as a part of the picture.
    pub fn part(&self, pixels: &Range<usize>) -> Part {
        Part { x: pixels.start, pad: self.pad, phase: self.phase }
    }

    /// The columns under some pixels and those to their left: the first, and how many.
    pub fn columns(&self, pixels: &Range<usize>) -> (i64, usize) {
        let at = |x: usize| self.edges.get(x).copied().unwrap_or_default();
        let (from, to) = (at(pixels.start), at(pixels.end + self.pad));
        (self.first + i64::from(from), (to.saturating_sub(from)) as usize + 1)
    }

    /// Merges those columns into one for each pixel, those to the left included. `columns` are as many as
    /// [`Self::columns`] says. This runs for each pixel of each row while the scale changes.
    #[inline(never)]
    pub fn resample(&self, pixels: &Range<usize>, columns: &[Column], out: &mut Vec<Column>) {
        let steps = self.steps.get(pixels.start..pixels.end + self.pad).unwrap_or_default();
        out.clear();
        let Some(first) = steps.first().map(|step| step >> 2) else { return };
        out.extend(steps.iter().enumerate().map(|(x, step)| {
            let place = ((step >> 2) - first) as usize;
            let Some(&one) = columns.get(place) else { return Column::IDLE };
            match step & 3 {
                ONE => one,
                // It has its edge on its first pixel only.
                AGAIN => Column { kinds: one.kinds & !EDGE, ..one },
                TWO => match columns.get(place + 1) {
                    Some(&two) if two.bits() != one.bits() => Column::merge_two(one, two),
                    _ => one,
                },
                _ => {
                    let end = self.edges.get(pixels.start + x + 1).map_or(0, |end| end - first);
                    Column::merge(columns.get(place..end as usize).unwrap_or_default())
                }
            }
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns::has_erred;
    use super::*;
    use store::KIND_ERRED;

    #[test]
    fn every_column_falls_on_a_pixel() {
        let mut map = PixelMap::default();
        let mut out = Vec::new();
        for (start, width, px) in
            [(1e15, 1e6, 333), (0.0, 100.0, 700), (1e15 + 0.3, 12_345.0, 1000)]
        {
            map.set(start, width, px, 0);
            let all = 0..px;
            let (_, count) = map.columns(&all);
            for at in 0..count - 1 {
                let mut columns = vec![Column::IDLE; count];
                columns[at] = Column { slot: 3, coverage: 9, kinds: KIND_ERRED };
                map.resample(&all, &columns, &mut out);
                assert_eq!(out.len(), px);
                assert!(out.iter().any(|c| has_erred(c.kinds) && c.slot == 3), "column {at}");
            }
        }
    }
}
