//! The two canvases of the task stream: one for pixels, one for what lies over them.

use crate::app::stream::{Area, Dirty, Size, Stream};
use crate::base::number::fixed;
use crate::timeline::palette::{Bytes, ON_DARK, ON_LIGHT, Theme, UNKNOWN};
use crate::timeline::scene::{Align, Ink, Rect, Text};
use crate::timeline::strip::Strip;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, ImageData};

/// Inks in the order of their CSS names.
const INKS: [(Ink, &str); 9] = [
    (Ink::Panel, "--panel"),
    (Ink::Raise, "--raise"),
    (Ink::Line, "--line"),
    (Ink::Text, "--text"),
    (Ink::Mute, "--mute"),
    (Ink::Faint, "--faint"),
    (Ink::Accent, "--accent"),
    (Ink::Warn, "--warn"),
    (Ink::Bad, "--bad"),
];

/// Colours and fonts as the page's style sheet has them.
#[derive(Clone, PartialEq)]
pub struct Look {
    inks: Vec<String>,
    mono: String,
    prose: String,
    /// What the raster needs of them.
    pub theme: Theme,
    /// Width of a character of the label font, CSS px.
    pub char_width: f64,
}

/// Draws.
pub struct Painter {
    strip: HtmlCanvasElement,
    over: HtmlCanvasElement,
    strip_2d: CanvasRenderingContext2d,
    over_2d: CanvasRenderingContext2d,
    size: Size,
    look: Look,
}

fn context(canvas: &HtmlCanvasElement, opaque: bool) -> Option<CanvasRenderingContext2d> {
    let options = js_sys::Object::new();
    let alpha = JsValue::from_bool(!opaque);
    js_sys::Reflect::set(&options, &JsValue::from_str("alpha"), &alpha).ok()?;
    let context = canvas.get_context_with_context_options("2d", &options).ok()??;
    context.dyn_into().ok()
}

fn parse_hex(text: &str) -> Option<Bytes> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([byte(0)?, byte(2)?, byte(4)?])
}

impl Look {
    /// Reads the style of `element`, and measures text on `canvas`.
    fn read(element: &Element, canvas: &CanvasRenderingContext2d) -> Self {
        let style =
            web_sys::window().and_then(|window| window.get_computed_style(element).ok().flatten());
        let value = |name: &str| {
            style
                .as_ref()
                .and_then(|style| style.get_property_value(name).ok())
                .map(|text| text.trim().to_owned())
                .unwrap_or_default()
        };
        // The canvas turns whatever CSS allows into plain hexadecimal.
        let color = |name: &str| {
            canvas.set_fill_style_str(UNKNOWN);
            canvas.set_fill_style_str(&value(name));
            canvas.fill_style().as_string().unwrap_or_default()
        };
        let inks: Vec<String> = INKS.iter().map(|(_, name)| color(name)).collect();
        let bytes = |i: usize| inks.get(i).and_then(|text| parse_hex(text));
        let dark = bytes(0)
            .is_none_or(|[r, g, b]| u32::from(r) * 3 + u32::from(g) * 6 + u32::from(b) < 128 * 10);
        let base = if dark { Theme::DARK } else { Theme::LIGHT };
        let theme = Theme {
            dark,
            ground: bytes(0).unwrap_or(base.ground),
            raise: bytes(1).unwrap_or(base.raise),
            line: bytes(2).unwrap_or(base.line),
        };
        let font = |name: &str, other: &str| {
            let family = value(name);
            format!("11px {}", if family.is_empty() { other } else { family.as_str() })
        };
        let (mono, prose) = (font("--mono", "monospace"), font("--font", "sans-serif"));
        canvas.set_font(&mono);
        let char_width = canvas.measure_text("0000000000").map_or(66.0, |text| text.width()) / 10.0;
        Self { inks, mono, prose, theme, char_width }
    }

    fn css(&self, ink: Ink) -> &str {
        match ink {
            Ink::OnLight => ON_LIGHT,
            Ink::OnDark => ON_DARK,
            _ => INKS
                .iter()
                .position(|(other, _)| *other == ink)
                .and_then(|i| self.inks.get(i))
                .map_or(UNKNOWN, String::as_str),
        }
    }
}

impl Painter {
    /// On two canvases that lie over each other; `None` without a 2D context.
    pub fn new(strip: HtmlCanvasElement, over: HtmlCanvasElement) -> Option<Self> {
        let (strip_2d, over_2d) = (context(&strip, true)?, context(&over, false)?);
        let look = Look::read(&over, &over_2d);
        Some(Self { strip, over, strip_2d, over_2d, size: Size::default(), look })
    }

    /// Colours and fonts in use.
    pub fn look(&self) -> &Look {
        &self.look
    }

    /// Reads colours and fonts again; says whether they changed.
    pub fn read_look(&mut self) -> bool {
        let look = Look::read(&self.over, &self.over_2d);
        let changed = look != self.look;
        if changed {
            self.look = look;
            // So that the ground is filled anew.
            self.size = Size::default();
        }
        changed
    }

    /// Shows what a turn has changed.
    pub fn present(&mut self, stream: &Stream, dirty: Dirty, size: Size) {
        let mut dirty = dirty;
        if self.size != size {
            self.resize(size);
            dirty.strip = true;
            dirty.mini = true;
            dirty.overlay = true;
        }
        if dirty.strip {
            self.put(stream.strip(), stream.plot());
        }
        if dirty.mini {
            self.put(stream.minimap(), stream.mini_area());
        }
        if dirty.overlay {
            self.overlay(stream);
        }
    }

    fn resize(&mut self, size: Size) {
        self.size = size;
        let (width, height) =
            ((size.width * size.scale).floor() as u32, (size.height * size.scale).floor() as u32);
        for canvas in [&self.strip, &self.over] {
            canvas.set_width(width);
            canvas.set_height(height);
            // The element is exactly as large as its pixels, or the browser would smear them.
            let style = canvas.style();
            let px = |device: u32| fixed(f64::from(device) / size.scale, 4) + "px";
            let _ = style.set_property("width", &px(width));
            let _ = style.set_property("height", &px(height));
        }
        self.strip_2d.set_fill_style_str(self.look.css(Ink::Panel));
        self.strip_2d.fill_rect(0.0, 0.0, f64::from(width), f64::from(height));
    }

    fn put(&self, picture: &Strip, area: Area) {
        if picture.width == 0 || picture.height == 0 {
            return;
        }
        let (width, height) = (picture.width as u32, picture.height as u32);
        // A view of our memory: made anew each time, and used before anything can move it.
        let data = ImageData::new_with_u8_clamped_array_and_sh(
            Clamped(picture.rgba.as_slice()),
            width,
            height,
        );
        if let Ok(data) = data {
            let (x, y) = ((area.x * self.size.scale).round(), (area.y * self.size.scale).round());
            let _ = self.strip_2d.put_image_data(&data, x, y);
        }
    }

    fn overlay(&self, stream: &Stream) {
        let canvas = &self.over_2d;
        let scale = self.size.scale;
        let _ = canvas.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0);
        canvas.clear_rect(0.0, 0.0, self.size.width, self.size.height);
        canvas.set_text_baseline("middle");
        let scene = stream.scene();
        let mut last = None;
        for rect in &scene.rects {
            self.rect(rect, &mut last);
        }
        self.texts(&scene.texts, &mut last);
        for rect in &scene.marks {
            self.rect(rect, &mut last);
        }
        canvas.set_global_alpha(1.0);
    }

    /// `last` is what the canvas was told before: telling it again costs.
    fn ink(&self, ink: Ink, alpha: f64, last: &mut Option<(Ink, f64)>) {
        if last.is_none_or(|(other, _)| other != ink) {
            self.over_2d.set_fill_style_str(self.look.css(ink));
        }
        if last.is_none_or(|(_, other)| other != alpha) {
            self.over_2d.set_global_alpha(alpha);
        }
        *last = Some((ink, alpha));
    }

    fn rect(&self, rect: &Rect, last: &mut Option<(Ink, f64)>) {
        if rect.ink == Ink::Clear {
            self.over_2d.clear_rect(rect.x, rect.y, rect.w, rect.h);
            return;
        }
        self.ink(rect.ink, rect.alpha, last);
        if rect.stroke > 0.0 {
            self.over_2d.set_stroke_style_str(self.look.css(rect.ink));
            self.over_2d.set_line_width(rect.stroke);
            let half = rect.stroke / 2.0;
            let (w, h) = ((rect.w - rect.stroke).max(0.5), (rect.h - rect.stroke).max(0.5));
            self.over_2d.stroke_rect(rect.x + half, rect.y + half, w, h);
        } else {
            self.over_2d.fill_rect(rect.x, rect.y, rect.w, rect.h);
        }
    }

    fn texts(&self, texts: &[Text], last: &mut Option<(Ink, f64)>) {
        let canvas = &self.over_2d;
        let (mut align, mut prose) = (None, None);
        for text in texts {
            if align != Some(text.align) {
                align = Some(text.align);
                canvas.set_text_align(match text.align {
                    Align::Left => "left",
                    Align::Center => "center",
                    Align::Right => "right",
                });
            }
            if prose != Some(text.prose) {
                prose = Some(text.prose);
                canvas.set_font(if text.prose { &self.look.prose } else { &self.look.mono });
            }
            self.ink(text.ink, 1.0, last);
            let _ = canvas.fill_text(&text.text, text.x, text.y + 0.5);
        }
    }
}
