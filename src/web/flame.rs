//! Draws flame graphs, and above them how much was sampled when.

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::canvas::Look;
use base::number::fixed;
use feed::profile::Profile;
use panes::flame::{Activity, FlameModel, Piece};
use timeline::palette::{Bytes, css, ink_on, mix};
use timeline::scene::{Ink, crop};

/// Height of a row, CSS px.
pub const ROW: f64 = 18.0;
/// Least width of a rectangle with a name in it, CSS px.
const NAMED: f64 = 26.0;
/// Height of the activity's bars, CSS px.
const BARS: f64 = 34.0;

/// A canvas with the page's colours and fonts.
pub struct FlamePainter {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    look: Look,
    scale: f64,
}

impl FlamePainter {
    /// On a canvas; `None` without a 2D context.
    pub fn new(canvas: HtmlCanvasElement) -> Option<Self> {
        let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let look = Look::read(&canvas, &context);
        Some(Self { canvas, context, look, scale: scale() })
    }

    /// Makes the canvas so large, CSS px, and empties it.
    fn begin(&mut self, width: f64, height: f64) {
        self.scale = scale();
        self.look = Look::read(&self.canvas, &self.context);
        let device = |css: f64| (css * self.scale).round().max(1.0);
        let (w, h) = (device(width), device(height));
        self.canvas.set_width(w as u32);
        self.canvas.set_height(h as u32);
        // The element is exactly as large as its pixels, or the browser would smear them.
        let style = self.canvas.style();
        let _ = style.set_property("width", &(fixed(w / self.scale, 4) + "px"));
        let _ = style.set_property("height", &(fixed(h / self.scale, 4) + "px"));
        self.fill(Ink::Panel, [0.0, 0.0, w, h]);
    }

    /// Fills a rectangle, in pixels of the device: left, top, right, bottom.
    fn fill(&self, ink: Ink, area: [f64; 4]) {
        self.fill_with(self.look.css(ink), area);
    }

    fn fill_with(&self, color: &str, [left, top, right, bottom]: [f64; 4]) {
        self.context.set_fill_style_str(color);
        self.context.fill_rect(left, top, right - left, bottom - top);
    }

    /// Where a rectangle is on whole pixels, with a hair line to its neighbours.
    fn area(&self, piece: &Piece) -> [f64; 4] {
        let px = |css: f64| (css * self.scale).round();
        let (left, right) = (px(piece.x), px(piece.x + piece.width));
        let (top, bottom) = (px(f64::from(piece.row) * ROW), px(f64::from(piece.row + 1) * ROW));
        let hair = self.scale.floor().max(1.0);
        let right = if right - left > 3.0 * hair { right - hair } else { right.max(left + 1.0) };
        [left, top, right, bottom - hair]
    }

    /// Draws the graph. What is pointed at lies over it: a pointer that moves paints nothing here.
    pub fn graph(&mut self, model: &FlameModel, width: f64) {
        let layout = model.layout();
        self.begin(width, f64::from(layout.rows) * ROW);
        let ground = self.look.theme.ground;
        let raise = self.look.theme.raise;
        let text = format!("{}px {}", fixed(11.0 * self.scale, 2), family(&self.look.mono));
        self.context.set_font(&text);
        self.context.set_text_baseline("middle");
        for piece in &layout.pieces {
            let area = self.area(piece);
            let own = if piece.node == 0 { raise } else { model.color(piece.node) };
            let own = if piece.merged > 0 { self.look.bytes(Ink::Faint) } else { own };
            let strength = match (model.is_faded(piece), piece.above) {
                (true, _) => 50,
                (false, true) => 120,
                (false, false) if piece.merged > 0 => 150,
                (false, false) => 256,
            };
            let color = mix(ground, own, strength);
            self.fill_with(&css(color), area);
            if piece.merged == 0 && piece.width >= NAMED {
                self.name(model.name(piece.node), piece.width, area, color, strength < 100);
            }
        }
    }

    fn name(&self, name: &str, width: f64, area: [f64; 4], ground: Bytes, faint: bool) {
        let fits = ((width - 9.0) / self.look.char_width).max(0.0) as usize;
        let name = crop(name, fits);
        if name.is_empty() {
            return;
        }
        let ink = if faint { self.look.css(Ink::Mute) } else { ink_on(ground) };
        self.context.set_fill_style_str(ink);
        let [left, top, _, bottom] = area;
        let _ = self.context.fill_text(
            &name,
            left + 5.0 * self.scale,
            f64::midpoint(top, bottom) + 0.5,
        );
    }

    /// Draws how much was sampled when, and what is asked for of it: two shares of the width.
    pub fn activity(
        &mut self,
        profile: &Profile,
        axis: &Activity,
        width: f64,
        asked: Option<(f64, f64)>,
    ) {
        self.begin(width, BARS);
        let (w, h) = ((width * self.scale).round(), (BARS * self.scale).round());
        let hair = self.scale.floor().max(1.0);
        let inside = |from: f64, to: f64| asked.is_none_or(|(a, b)| to > a && from < b);
        if let Some((a, b)) = asked {
            self.fill(Ink::Raise, [(a * w).floor(), 0.0, (b * w).ceil(), h]);
        }
        axis.bars(profile, &mut |from, to, high| {
            let (left, right) = ((from * w).round(), (to * w).round());
            let right =
                if right - left > 3.0 * hair { right - hair } else { right.max(left + 1.0) };
            let top = h - hair - (high * (h - 3.0 * hair)).round().max(hair);
            let ink = if inside(from, to) { Ink::Accent } else { Ink::Faint };
            self.context.set_global_alpha(if inside(from, to) { 1.0 } else { 0.5 });
            self.fill(ink, [left, top, right, h - hair]);
        });
        self.context.set_global_alpha(1.0);
        self.fill(Ink::Line, [0.0, h - hair, w, h]);
        if let Some((a, b)) = asked {
            for edge in [(a * w).floor(), (b * w).ceil() - hair] {
                self.fill(Ink::Text, [edge, 0.0, edge + hair, h]);
            }
        }
    }
}

/// The family of a CSS font that begins with its size.
fn family(font: &str) -> &str {
    font.split_once(' ').map_or("monospace", |(_, family)| family)
}

/// Pixels of the device to one of CSS.
pub fn scale() -> f64 {
    web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()).max(0.1)
}
