//! Colours of the task stream as data: slot to RGB, for a dark and a light ground.
//!
//! Prefixes keep the hue and the order of lightness that Dask gives them on the wire. Only the range of lightness
//! is fitted to the ground: its palette runs from a purple that vanishes on dark to a yellow
//! that vanishes on white. Failed tasks, black on the wire, get colours of their own.

#![allow(clippy::many_single_char_names)] // The names that colour formulas have.

use super::columns::{ACTION_SLOT, ERRED_SLOT, LAST_PREFIX_SLOT};
use super::oklab::{from_oklab, to_oklab};
use base::hash::hash_str;
use base::task::{Action, Rgb};

/// Text on a light bar, CSS.
pub const ON_LIGHT: &str = "#0c1014";
/// Text on a dark bar, CSS.
pub const ON_DARK: &str = "#ffffff";
/// The text that can be read on a colour, CSS.
pub fn ink_on(ground: Bytes) -> &'static str {
    let [r, g, b] = ground.map(f64::from);
    if r * 0.299 + g * 0.587 + b * 0.114 > 118.0 { ON_LIGHT } else { ON_DARK }
}

/// Where the page says nothing.
pub const UNKNOWN: &str = "#808080";

/// Three bytes: red, green, blue.
pub type Bytes = [u8; 3];

/// A second sign beside a colour. Transfers have theirs in their height.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub enum Pattern {
    /// Nothing.
    None,
    /// Thin diagonal lines: the disk.
    Hatch,
    /// Dots: deserialisation.
    Dots,
    /// Wide stripes of another colour: failed.
    Stripes,
}

impl Pattern {
    /// Whether the pattern covers a point, in device px from any fixed corner.
    pub fn covers(self, x: i64, y: i64, scale: f64) -> bool {
        let unit = (scale.round() as i64).max(1);
        match self {
            Self::None => false,
            Self::Hatch => (x + y).rem_euclid(4 * unit) < unit,
            Self::Dots => x.rem_euclid(3 * unit) < unit && y.rem_euclid(3 * unit) < unit,
            Self::Stripes => (x + y).rem_euclid(6 * unit) < 3 * unit,
        }
    }
}

/// The grounds and inks that the raster needs.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub struct Theme {
    /// Whether the ground is dark.
    pub dark: bool,
    /// The ground behind the bars.
    pub ground: Bytes,
    /// The ground of the minimap.
    pub raise: Bytes,
    /// Hair lines.
    pub line: Bytes,
}

impl Theme {
    /// The default dark theme.
    pub const DARK: Self = Self {
        dark: true,
        ground: [0x16, 0x19, 0x1d],
        raise: [0x1d, 0x21, 0x26],
        line: [0x2a, 0x2f, 0x36],
    };
    /// The default light theme.
    pub const LIGHT: Self = Self {
        dark: false,
        ground: [0xff, 0xff, 0xff],
        raise: [0xf1, 0xf3, 0xf5],
        line: [0xdf, 0xe3, 0xe8],
    };
}

/// Hues that people with any kind of colour vision can tell apart (Okabe and Ito, 2008), without black
/// and the purple that transfers have. Neighbours in the list differ most.
const SAFE: [Rgb; 6] = [
    Rgb(86, 180, 233),
    Rgb(230, 159, 0),
    Rgb(0, 158, 115),
    Rgb(240, 228, 66),
    Rgb(0, 114, 178),
    Rgb(213, 94, 0),
];
/// How much lighter or darker a hue comes again, in Oklab.
const AGAIN: [f64; 3] = [0.0, -0.14, 0.11];
/// How many safe colours there are. Prefixes beyond have a colour that another one has too.
const PLACES: usize = SAFE.len() * AGAIN.len();

/// The colours of all slots.
#[derive(Clone, Debug)]
pub struct Palette {
    theme: Theme,
    safe: bool,
    source: Vec<Option<Rgb>>,
    prefixes: Vec<Bytes>,
    /// By prefix: the hash of its name.
    hashes: Vec<u64>,
    /// The prefixes by hash, then by number: the order in which they choose.
    order: Vec<u32>,
    /// Which of the safe colours each of the first in that order has.
    chosen: Vec<usize>,
    /// What is faded, ascending.
    off: Vec<u16>,
}

impl Palette {
    /// For a theme, without prefixes.
    pub fn new(theme: Theme) -> Self {
        Self {
            theme,
            safe: false,
            source: Vec::new(),
            prefixes: Vec::new(),
            hashes: Vec::new(),
            order: Vec::new(),
            chosen: Vec::new(),
            off: Vec::new(),
        }
    }

    /// The theme.
    pub fn theme(&self) -> Theme {
        self.theme
    }

    /// Changes the theme; every colour is fitted again.
    pub fn set_theme(&mut self, theme: Theme) {
        self.theme = theme;
        self.fit_all();
    }

    /// Whether colours are those that everybody can tell apart, not Dask's.
    pub fn is_safe(&self) -> bool {
        self.safe
    }

    /// Changes between Dask's colours and those that everybody can tell apart.
    pub fn set_safe(&mut self, safe: bool) {
        self.safe = safe;
        self.fit_all();
    }

    fn fit_all(&mut self) {
        for i in 0..self.prefixes.len() {
            self.prefixes[i] = self.fitted(i);
        }
    }

    /// The colour of the prefix of that number on the ground.
    fn fitted(&self, i: usize) -> Bytes {
        let dark = self.theme.dark;
        if !self.safe {
            return fit(self.source[i].unwrap_or_default(), dark);
        }
        series(self.safe_place(i), dark)
    }

    /// Which safe colour a prefix has: hues in their order, then the same ones in other lightness.
    fn safe_place(&self, i: usize) -> usize {
        let rank = self.order.iter().take(self.chosen.len()).position(|&id| id as usize == i);
        let place = rank.and_then(|rank| self.chosen.get(rank)).copied();
        place.unwrap_or((self.hashes[i] % PLACES as u64) as usize)
    }

    /// Gives the safe colours away. A prefix wants the hue that its name says; where that is taken, the
    /// next one that is free; and when no hue is, another lightness. Who is asked first depends on
    /// names alone, so that the same prefixes have the same colours in whatever order they came.
    fn choose(&mut self) {
        let mut taken = [false; PLACES];
        self.chosen.clear();
        for &id in self.order.iter().take(PLACES) {
            let home = (self.hashes[id as usize] % SAFE.len() as u64) as usize;
            let wish = |i: usize| i / SAFE.len() * SAFE.len() + (home + i) % SAFE.len();
            let place = (0..PLACES).map(wish).find(|&place| !taken[place]).unwrap_or(home);
            taken[place] = true;
            self.chosen.push(place);
        }
    }

    /// The prefix of that number has another name from now on.
    pub fn forget(&mut self, id: u32) {
        if let Some(hash) = self.hashes.get_mut(id as usize)
            && std::mem::take(hash) != 0
        {
            self.order.retain(|&other| other != id);
            self.set_on(u16::try_from(id).unwrap_or(LAST_PREFIX_SLOT), true);
        }
    }

    /// Sets the colour of a prefix as on the wire; without one, a colour from its name. Says
    /// whether anything changed.
    pub fn set_prefix(&mut self, id: u32, name: &str, wire: Option<Rgb>) -> bool {
        let i = id as usize;
        let known = self.hashes.get(i).is_some_and(|&hash| hash != 0);
        if i > usize::from(LAST_PREFIX_SLOT) || known && self.source[i] == wire {
            return false;
        }
        while self.prefixes.len() <= i {
            self.prefixes.push([0x80; 3]);
            self.source.push(None);
            self.hashes.push(0);
        }
        if self.hashes[i] == 0 {
            // Zero stands for a prefix that is not there yet.
            self.hashes[i] = hash_str(name) >> 8 | 1 << 63;
            let key = |id: u32| (self.hashes[id as usize], id);
            let rank = self.order.partition_point(|&other| key(other) < key(id));
            self.order.insert(rank, id);
            if rank < PLACES {
                self.choose();
                if self.safe {
                    self.source[i] = wire;
                    self.fit_all();
                }
            }
        }
        let wire = wire.or_else(|| {
            // Not Dask's own choice, but stable: a hue from the name, as a point on the circle by
            // its rational form, in one of the two halves.
            let hash = hash_str(name) >> 40;
            let t = hash as f64 / f64::from(1 << 23) - 1.0;
            let half = if hash & 1 == 0 { 0.12 } else { -0.12 };
            let (x, y) = ((1.0 - t * t) / (1.0 + t * t), 2.0 * t / (1.0 + t * t));
            Some(from_oklab(0.62, x * half, y * half))
        });
        self.source[i] = wire;
        self.prefixes[i] = self.fitted(i);
        true
    }

    /// The colour of a slot.
    pub fn color(&self, slot: u16) -> Bytes {
        let dark = self.theme.dark;
        if slot == ERRED_SLOT {
            return if dark { [0xf2, 0xf3, 0xf5] } else { [0x12, 0x14, 0x18] };
        }
        if slot >= ACTION_SLOT {
            let action = Action::ALL.get(usize::from(slot - ACTION_SLOT)).copied();
            return match (action.unwrap_or_default(), dark) {
                (Action::Transfer, true) if self.safe => [0x96, 0x56, 0x73],
                (Action::Transfer, false) if self.safe => [0x8a, 0x38, 0x58],
                // Told by their hatching.
                (Action::DiskRead | Action::DiskWrite, true) if self.safe => [0xd8, 0xdc, 0xe0],
                (Action::DiskRead | Action::DiskWrite, false) if self.safe => [0x5a, 0x60, 0x68],
                (Action::Transfer, true) => [0xb8, 0x48, 0x43],
                (Action::Transfer, false) => [0xf0, 0x8a, 0x85],
                (Action::DiskRead | Action::DiskWrite, true) => [0xc9, 0x82, 0x2c],
                (Action::DiskRead | Action::DiskWrite, false) => [0xf2, 0xa9, 0x4e],
                (_, true) => [0x7b, 0x84, 0x90],
                (_, false) => [0xa9, 0xb0, 0xba],
            };
        }
        self.prefixes.get(usize::from(slot)).copied().unwrap_or([0x80; 3])
    }

    /// What is drawn over a slot besides its colour, so that colour is never all that tells it.
    pub fn pattern(slot: u16) -> Pattern {
        match slot.checked_sub(ACTION_SLOT) {
            Some(2 | 3) => Pattern::Hatch,
            Some(4) => Pattern::Dots,
            _ if slot == ERRED_SLOT => Pattern::Stripes,
            _ => Pattern::None,
        }
    }

    /// The stripes over failed tasks, and the mark of one hidden among others.
    pub fn erred_mark(&self) -> Bytes {
        if self.theme.dark { [0xff, 0x4d, 0x45] } else { [0xe0, 0x2b, 0x22] }
    }

    /// Whether text on a slot's colour should be dark.
    pub fn wants_dark_text(&self, slot: u16) -> bool {
        let [r, g, b] = self.color(slot).map(f64::from);
        r * 0.299 + g * 0.587 + b * 0.114 > 118.0
    }

    /// Fades a slot, or shows it again.
    pub fn set_on(&mut self, slot: u16, on: bool) {
        match (self.off.binary_search(&slot), on) {
            (Ok(at), true) => {
                self.off.remove(at);
            }
            (Err(at), false) => self.off.insert(at, slot),
            _ => {}
        }
    }

    /// Whether a slot is shown in full.
    pub fn is_on(&self, slot: u16) -> bool {
        self.off.is_empty() || self.off.binary_search(&slot).is_err()
    }

    /// Fades all of `off` and nothing else: they are given in ascending order. Says whether that is
    /// news.
    pub fn set_off(&mut self, off: Vec<u16>) -> bool {
        let news = off != self.off;
        self.off = off;
        news
    }

    /// Slots that are faded.
    pub fn off(&self) -> &[u16] {
        &self.off
    }

    /// A slot's colour over the ground: by coverage, and fainter when it is switched off.
    pub fn blend(&self, slot: u16, coverage: u8) -> Bytes {
        self.blend_over(self.theme.ground, slot, coverage)
    }

    /// The same over another colour.
    pub fn blend_over(&self, ground: Bytes, slot: u16, coverage: u8) -> Bytes {
        if coverage == 0 {
            return ground;
        }
        mix(ground, self.color(slot), alpha_of(coverage, self.is_on(slot)))
    }
}

/// How much of a colour is seen, of 256: by coverage, and less where it is switched off.
#[inline(always)]
pub fn alpha_of(coverage: u8, on: bool) -> u32 {
    // Little is still seen: the ramp begins at a fifth. Four fifths of it, without a division.
    let alpha = 52 + ((u32::from(coverage) * 205) >> 8);
    if on { alpha } else { alpha / 10 }
}

/// Three bytes in one number, red lowest.
pub fn pack([r, g, b]: Bytes) -> u32 {
    u32::from_le_bytes([r, g, b, 0])
}

/// As [`mix`], of packed colours: two parts at once, which cannot run into each other.
#[inline(always)]
pub fn mix_packed(a: u32, b: u32, alpha: u32) -> u32 {
    let rest = 256 - alpha;
    let even = (a & 0xff_00ff) * rest + (b & 0xff_00ff) * alpha;
    let odd = ((a >> 8) & 0xff) * rest + ((b >> 8) & 0xff) * alpha;
    ((even >> 8) & 0xff_00ff) | (odd & 0xff00)
}

/// `a` towards `b`, `alpha` of 256.
pub fn mix(a: Bytes, b: Bytes, alpha: u32) -> Bytes {
    let part = |a: u8, b: u8| ((u32::from(a) * (256 - alpha) + u32::from(b) * alpha) >> 8) as u8;
    [part(a[0], b[0]), part(a[1], b[1]), part(a[2], b[2])]
}

/// `#rrggbb`.
pub fn css(color: Bytes) -> String {
    format!("#{:02x}{:02x}{:02x}", color[0], color[1], color[2])
}

/// The colour of one of several lines on a ground: hues that everybody can tell apart, then the same
/// ones lighter or darker.
pub fn series(line: usize, dark: bool) -> Bytes {
    let [r, g, b] = fit(SAFE[line % SAFE.len()], dark);
    let (light, x, y) = to_oklab(Rgb(r, g, b));
    let light = (light + AGAIN[line / SAFE.len() % AGAIN.len()]).clamp(0.40, 0.93);
    let Rgb(r, g, b) = from_oklab(light, x, y);
    [r, g, b]
}

/// Fits a wire colour to the ground: lightness squeezed into a range that stands out from it.
pub fn fit(color: Rgb, dark: bool) -> Bytes {
    let (light, a, b) = to_oklab(color);
    // Dask's palette spans lightness 0.27 to 0.92.
    let share = ((light - 0.27) / 0.65).clamp(0.0, 1.0);
    let (low, high) = if dark { (0.52, 0.90) } else { (0.44, 0.86) };
    let new = low + share * (high - low);
    // Dark colours can hold little chroma; once lighter they may have a bit more.
    let gain = (new / light.max(0.1)).clamp(1.0, 1.25);
    let Rgb(r, g, b) = from_oklab(new, a * gain, b * gain);
    [r, g, b]
}

#[cfg(test)]
mod tests {
    use super::super::oklab::{from_linear, to_linear};
    use super::*;

    #[test]
    fn packed_is_the_same() {
        for coverage in 0..=255u8 {
            let alpha = 52 + u32::from(coverage) * 204 / 255;
            assert_eq!(alpha_of(coverage, true), alpha);
            for (a, b) in [([1, 200, 255], [255, 3, 0]), ([0x16, 0x19, 0x1d], [253, 231, 36])] {
                assert_eq!(mix_packed(pack(a), pack(b), alpha), pack(mix(a, b, alpha)));
            }
        }
    }

    #[test]
    fn stands_out_from_its_ground() {
        let luma = |[r, g, b]: Bytes| {
            0.2126 * to_linear(r) + 0.7152 * to_linear(g) + 0.0722 * to_linear(b)
        };
        let mut palette = Palette::new(Theme::DARK);
        for (id, rgb) in
            [Rgb(68, 1, 84), Rgb(0x47, 0x2a, 0x79), Rgb(253, 231, 36)].iter().enumerate()
        {
            palette.set_prefix(id as u32, "x", Some(*rgb));
        }
        for theme in [Theme::DARK, Theme::LIGHT] {
            palette.set_theme(theme);
            let ground = luma(theme.ground);
            for slot in [0, 1, 2, ERRED_SLOT, ACTION_SLOT + 1, ACTION_SLOT + 2, ACTION_SLOT + 4] {
                let color = luma(palette.color(slot));
                let ratio = (color.max(ground) + 0.05) / (color.min(ground) + 0.05);
                assert!(ratio > 1.5, "slot {slot} {theme:?}: {ratio:.2}");
            }
            // The order of lightness is Dask's.
            assert!(luma(palette.color(0)) < luma(palette.color(2)));
        }
    }

    /// How a colour is seen without the cones for red or green: full strength, in linear light (Viénot,
    /// Brettel and Mollon, 1999).
    fn as_seen(color: Bytes, kind: usize) -> (f64, f64, f64) {
        let [r, g, b] = color.map(to_linear);
        let (x, y) = match kind {
            0 => (0.112_38 * r + 0.887_62 * g, 0.004_01 * r - 0.004_01 * g + b),
            1 => (0.292_75 * r + 0.707_25 * g, -0.022_34 * r + 0.022_34 * g + b),
            _ => return to_oklab(Rgb(color[0], color[1], color[2])),
        };
        to_oklab(Rgb(from_linear(x), from_linear(x), from_linear(y)))
    }

    #[test]
    fn safe_colours_differ_for_everybody() {
        for theme in [Theme::DARK, Theme::LIGHT] {
            let mut palette = Palette::new(theme);
            palette.set_safe(true);
            for id in 0..6 {
                palette.set_prefix(id, &format!("x{id}"), Some(Rgb(1, 2, 3)));
            }
            let mut colors: Vec<Bytes> = (0..6).map(|slot| palette.color(slot)).collect();
            colors.extend([palette.color(ACTION_SLOT + 1), theme.ground]);
            for kind in 0..3 {
                for (i, one) in colors.iter().enumerate() {
                    for other in &colors[..i] {
                        let (a, b) = (as_seen(*one, kind), as_seen(*other, kind));
                        let far = (a.0 - b.0).powi(2) + (a.1 - b.1).powi(2) + (a.2 - b.2).powi(2);
                        assert!(far.sqrt() > 0.07, "{one:?} {other:?} {kind}: {}", far.sqrt());
                    }
                }
            }
            // Later ones are other colours again, and the way back is open.
            for id in 6..18 {
                palette.set_prefix(id, &format!("x{id}"), Some(Rgb(1, 2, 3)));
            }
            let all: std::collections::HashSet<Bytes> =
                (0..18).map(|slot| palette.color(slot)).collect();
            assert_eq!(all.len(), 18);
            palette.set_safe(false);
            assert_eq!(palette.color(0), fit(Rgb(1, 2, 3), theme.dark));
        }
    }

    #[test]
    fn safe_colours_are_the_same_in_every_visit() {
        let names: Vec<String> = (0..40).map(|i| format!("prefix-{}", i * 7919)).collect();
        for many in [1, 5, 6, 7, 18, 40] {
            let mut seen: Vec<Vec<Bytes>> = Vec::new();
            // In the order of the list, backwards, and mixed; chosen before or after.
            for visit in 0..3 {
                let mut palette = Palette::new(Theme::DARK);
                palette.set_safe(visit < 2);
                let place = |i: usize| match visit {
                    0 => i,
                    1 => many - 1 - i,
                    _ => i * 13 % many,
                };
                for id in 0..many {
                    palette.set_prefix(id as u32, &names[place(id)], Some(Rgb(1, 2, 3)));
                }
                palette.set_safe(true);
                let mut colors = vec![[0; 3]; many];
                for id in 0..many {
                    colors[place(id)] = palette.color(id as u16);
                }
                seen.push(colors);
            }
            assert!(seen[0] == seen[1] && seen[0] == seen[2], "{many}");
            let all: std::collections::HashSet<Bytes> = seen[0].iter().copied().collect();
            assert_eq!(all.len(), many.min(18));
        }
        // Another one more changes few.
        let colors = |many: usize| {
            let mut palette = Palette::new(Theme::DARK);
            palette.set_safe(true);
            for (id, name) in names.iter().take(many).enumerate() {
                palette.set_prefix(id as u32, name, None);
            }
            (0..many as u16 - 1).map(|slot| palette.color(slot)).collect::<Vec<_>>()
        };
        let same = (2..=6).map(|n| {
            let (now, then) = (colors(n), colors(n - 1));
            then.iter().zip(now).filter(|(a, b)| **a == *b).count() + 2 >= then.len()
        });
        assert!(same.into_iter().all(|few| few));
    }

    #[test]
    fn never_by_colour_alone() {
        let kinds: Vec<Pattern> =
            (0..5).map(|action| Palette::pattern(ACTION_SLOT + action)).collect();
        let want = [Pattern::None, Pattern::None, Pattern::Hatch, Pattern::Hatch, Pattern::Dots];
        assert_eq!(kinds, want);
        assert_eq!(Palette::pattern(ERRED_SLOT), Pattern::Stripes);
        assert_eq!(Palette::pattern(7), Pattern::None);
        for pattern in [Pattern::Hatch, Pattern::Dots, Pattern::Stripes] {
            let covered = (0..144).filter(|i| pattern.covers(i % 12, i / 12, 1.0)).count();
            assert!(
                0 < covered && covered <= 72,
                "{pattern:?} leaves most of the colour to be seen"
            );
        }
    }

    #[test]
    fn fades() {
        let mut palette = Palette::new(Theme::DARK);
        palette.set_prefix(0, "a", None);
        let full = palette.blend(0, 255);
        palette.set_on(0, false);
        assert_ne!(full, palette.blend(0, 255));
        assert_eq!(palette.blend(0, 0), Theme::DARK.ground);
        palette.set_on(0, true);
        assert_eq!(full, palette.blend(0, 255));
    }
}
