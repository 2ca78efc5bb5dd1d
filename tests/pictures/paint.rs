//! What a browser does with a stream: strip and minimap below, the scene over them. Texts are lines as
//! long as they are, since fonts differ.

use stream::{Area, TaskStreamModel};
use timeline::scene::{Align, Ink, Rect};
use timeline::strip::Strip;

use crate::file::Picture;

/// The width of a character, CSS px.
pub const CHAR: f64 = 6.6;

/// The page's own colours.
const TOKENS: &str = include_str!("../../www/css/tokens.css");

/// The colour of an ink in a theme.
fn color(ink: Ink, dark: bool) -> [u8; 3] {
    let name = match ink {
        Ink::Panel => "--panel",
        Ink::Raise => "--raise",
        Ink::Line => "--line",
        Ink::Text => "--text",
        Ink::Mute => "--mute",
        Ink::Faint => "--faint",
        Ink::Accent => "--accent",
        Ink::Warn => "--warn",
        Ink::Bad => "--bad",
        Ink::OnLight | Ink::Clear => return [0x0c, 0x10, 0x14],
        Ink::OnDark => return [0xff; 3],
    };
    let light = TOKENS.split("[data-theme=\"light\"] {").nth(1).unwrap_or_default();
    let light = light.split('}').next().unwrap_or_default();
    let find = |text: &str| {
        let hex = text.split(&format!("{name}: #")).nth(1)?.get(..6)?.to_owned();
        u32::from_str_radix(&hex, 16).ok()
    };
    let found = if dark { find(TOKENS) } else { find(light).or_else(|| find(TOKENS)) };
    let number = found.expect("the token is in tokens.css").to_be_bytes();
    [number[1], number[2], number[3]]
}

/// Two layers, as in the page: what is under, and what is over it with its opacity.
struct Layers {
    width: usize,
    height: usize,
    scale: f64,
    under: Vec<[u8; 3]>,
    over: Vec<([f64; 3], f64)>,
}

impl Layers {
    fn put(&mut self, strip: &Strip, area: Area) {
        let (left, top) = ((area.x * self.scale) as usize, (area.y * self.scale) as usize);
        for y in 0..strip.height {
            for x in 0..strip.width {
                self.under[(top + y) * self.width + left + x] = strip.pixel(x, y);
            }
        }
    }

    fn area(&mut self, area: Area, ink: Option<[u8; 3]>, alpha: f64) {
        // Whole pixels, at least one: no blending at the edges.
        let cut = |from: f64, len: f64, most: usize| {
            let (a, b) = (from * self.scale, (from + len) * self.scale);
            let (a, b) = (a.round(), b.round().max(a.round() + 1.0));
            a.clamp(0.0, most as f64) as usize..b.clamp(0.0, most as f64) as usize
        };
        let columns = cut(area.x, area.w, self.width);
        for y in cut(area.y, area.h, self.height) {
            for px in &mut self.over[y * self.width..][columns.clone()] {
                let Some(ink) = ink else {
                    *px = ([0.0; 3], 0.0);
                    continue;
                };
                let opaque = alpha + px.1 * (1.0 - alpha);
                for (old, new) in px.0.iter_mut().zip(ink) {
                    *old = (f64::from(new) * alpha + *old * px.1 * (1.0 - alpha)) / opaque;
                }
                px.1 = opaque;
            }
        }
    }

    fn rect(&mut self, rect: &Rect, dark: bool) {
        let Rect { x, y, w, h, ink, alpha, stroke } = *rect;
        let color = (ink != Ink::Clear).then(|| color(ink, dark));
        let sides = if stroke > 0.0 && ink != Ink::Clear {
            vec![
                Area { x, y, w, h: stroke },
                Area { x, y: y + h - stroke, w, h: stroke },
                Area { x, y: y + stroke, w: stroke, h: h - 2.0 * stroke },
                Area { x: x + w - stroke, y: y + stroke, w: stroke, h: h - 2.0 * stroke },
            ]
        } else {
            vec![Area { x, y, w, h }]
        };
        for side in sides {
            self.area(side, color, alpha);
        }
    }
}

/// The whole canvas.
pub fn paint(stream: &TaskStreamModel, width: f64, height: f64, scale: f64) -> Picture {
    let dark = stream.theme().dark;
    let (wide, tall) = ((width * scale) as usize, (height * scale) as usize);
    let mut layers = Layers {
        width: wide,
        height: tall,
        scale,
        under: vec![color(Ink::Panel, dark); wide * tall],
        over: vec![([0.0; 3], 0.0); wide * tall],
    };
    layers.put(stream.strip(), stream.plot());
    layers.put(stream.minimap(), stream.mini_area());
    let scene = stream.scene();
    for rect in &scene.rects {
        layers.rect(rect, dark);
    }
    for text in &scene.texts {
        let w = text.text.chars().count() as f64 * CHAR;
        let x = match text.align {
            Align::Left => text.x,
            Align::Center => text.x - w / 2.0,
            Align::Right => text.x - w,
        };
        let line = Area { x, y: text.y, w, h: 1.0 };
        layers.area(line, Some(color(text.ink, dark)), 1.0);
    }
    for mark in &scene.marks {
        layers.rect(mark, dark);
    }
    let rgb = layers.under.iter().zip(&layers.over).flat_map(|(under, (over, alpha))| {
        let mixed = |i: usize| over[i] * alpha + f64::from(under[i]) * (1.0 - alpha);
        [0, 1, 2].map(|i| mixed(i).round() as u8)
    });
    Picture { width: wide, height: tall, rgb: rgb.collect() }
}
