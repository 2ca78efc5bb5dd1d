//! The canvas of the task stream: pixels, and what lies over them, on one opaque ground. Putting two
//! over each other cost the browser more than all that is drawn on them.

use base::number::fixed;
use stream::{Area, Dirty, Size, TaskStreamModel};
use timeline::palette::{Bytes, ON_DARK, ON_LIGHT, Theme, UNKNOWN};
use timeline::scene::{Align, Ink, Rect, Text};
use timeline::strip::Strip;
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
    pub(super) mono: String,
    prose: String,
    /// What the raster needs of them.
    pub theme: Theme,
    /// Width of a character of the label font, CSS px.
    pub char_width: f64,
}

/// Draws.
pub struct Painter {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    /// In no page. What lies over the pixels is drawn here first where some of it is taken away again.
    layer: HtmlCanvasElement,
    layer_2d: CanvasRenderingContext2d,
    size: Size,
    look: Look,
}

fn context(canvas: &HtmlCanvasElement, opaque: bool) -> Option<CanvasRenderingContext2d> {
    let options = js_sys::Object::new();
    let alpha = JsValue::from_bool(!opaque);
    js_sys::Reflect::set(&options, &JsValue::from_str("alpha"), &alpha).ok()?;
    // Every pixel comes from our memory. With this a browser keeps the canvas in memory too; WebKit would
    // else wait for the GPU at each `put_image_data` (docs/benchmarks.md, *Other engines*).
    js_sys::Reflect::set(&options, &JsValue::from_str("willReadFrequently"), &JsValue::TRUE)
        .ok()?;
    let context = canvas.get_context_with_context_options("2d", &options).ok()??;
    context.dyn_into().ok()
}

fn parse_hex(text: &str) -> Option<Bytes> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([byte(0)?, byte(2)?, byte(4)?])
}

impl Look {
    /// A colour of the page; grey where it is none that a canvas knows.
    pub(super) fn bytes(&self, ink: Ink) -> Bytes {
        parse_hex(self.css(ink)).unwrap_or([128; 3])
    }

    /// Reads the style of `element`, and measures text on `canvas`.
    pub(super) fn read(element: &Element, canvas: &CanvasRenderingContext2d) -> Self {
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

    pub(super) fn css(&self, ink: Ink) -> &str {
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
    /// On a canvas; `None` without a 2D context.
    pub fn new(canvas: HtmlCanvasElement) -> Option<Self> {
        let layer = canvas.clone_node().ok()?.dyn_into::<HtmlCanvasElement>().ok()?;
        let (context, layer_2d) = (context(&canvas, true)?, context(&layer, false)?);
        let look = Look::read(&canvas, &context);
        Some(Self { canvas, context, layer, layer_2d, size: Size::default(), look })
    }

    /// Colours and fonts in use.
    pub fn look(&self) -> &Look {
        &self.look
    }

    /// Reads colours and fonts again.
    pub fn read_look(&mut self) {
        let look = Look::read(&self.canvas, &self.context);
        if look != self.look {
            self.look = look;
            // So that all is drawn anew.
            self.size = Size::default();
        }
    }

    /// Shows what a turn has changed: all is put anew, whatever it was, but only the turn had to make
    /// what changed.
    pub fn present(&mut self, stream: &TaskStreamModel, dirty: Dirty, size: Size) {
        if self.size != size {
            self.resize(size);
        } else if !dirty.any() {
            return;
        }
        self.margins(stream.plot());
        self.put(stream.strip(), stream.plot());
        self.put(stream.minimap(), stream.mini_area());
        self.overlay(stream);
    }

    fn resize(&mut self, size: Size) {
        self.size = size;
        let device = |css: f64| (css * size.scale).floor() as u32;
        let (width, height) = (device(size.width), device(size.height));
        for canvas in [&self.canvas, &self.layer] {
            canvas.set_width(width);
            canvas.set_height(height);
        }
        // The element is exactly as large as its pixels, or the browser would smear them.
        let style = self.canvas.style();
        let px = |device: u32| fixed(f64::from(device) / size.scale, 4) + "px";
        let _ = style.set_property("width", &px(width));
        let _ = style.set_property("height", &px(height));
    }

    /// The ground around the plot, which the strip covers.
    fn margins(&self, plot: Area) {
        let canvas = &self.context;
        let _ = canvas.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
        canvas.set_fill_style_str(self.look.css(Ink::Panel));
        let device = |css: f64| (css * self.size.scale).round();
        let (width, height) = (device(self.size.width), device(self.size.height));
        let (x, y) = (device(plot.x), device(plot.y));
        let (right, bottom) = (x + device(plot.w), y + device(plot.h));
        canvas.fill_rect(0.0, 0.0, width, y);
        canvas.fill_rect(0.0, y, x, height - y);
        canvas.fill_rect(right, y, width - right, height - y);
        canvas.fill_rect(x, bottom, right - x, height - bottom);
    }

    fn put(&self, picture: &Strip, area: Area) {
        if picture.width == 0 || picture.height == 0 {
            return;
        }
        let (width, height) = (picture.width as u32, picture.height as u32);
        // A view of our memory: made anew each time, and used before anything can move it.
        let data =
            ImageData::new_with_u8_clamped_array_and_sh(Clamped(picture.rgba()), width, height);
        if let Ok(data) = data {
            let (x, y) = ((area.x * self.size.scale).round(), (area.y * self.size.scale).round());
            let _ = self.context.put_image_data(&data, x, y);
        }
    }

    fn overlay(&self, stream: &TaskStreamModel) {
        let canvas = &self.context;
        let scale = self.size.scale;
        let scene = stream.scene();
        if scene.rects.iter().any(|rect| rect.ink == Ink::Clear) {
            let (width, height) = (self.canvas.width().into(), self.canvas.height().into());
            let _ = self.layer_2d.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0);
            self.layer_2d.clear_rect(0.0, 0.0, width, height);
            self.rects(&self.layer_2d, &scene.rects);
            let _ = canvas.draw_image_with_html_canvas_element(&self.layer, 0.0, 0.0);
        } else {
            self.rects(canvas, &scene.rects);
        }
        let _ = canvas.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0);
        canvas.set_text_baseline("middle");
        self.texts(&scene.texts);
        self.rects(canvas, &scene.marks);
    }

    fn rects(&self, canvas: &CanvasRenderingContext2d, rects: &[Rect]) {
        let scale = self.size.scale;
        let _ = canvas.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0);
        // What the canvas was told before: telling it again costs.
        let mut last = None;
        for rect in rects {
            if rect.ink == Ink::Clear {
                canvas.clear_rect(rect.x, rect.y, rect.w, rect.h);
                continue;
            }
            let ink = (rect.ink, rect.alpha);
            if last != Some(ink) {
                last = Some(ink);
                canvas.set_fill_style_str(self.look.css(rect.ink));
                canvas.set_global_alpha(rect.alpha);
            }
            if rect.stroke > 0.0 {
                canvas.set_stroke_style_str(self.look.css(rect.ink));
                canvas.set_line_width(rect.stroke);
                let half = rect.stroke / 2.0;
                let (w, h) = ((rect.w - rect.stroke).max(0.5), (rect.h - rect.stroke).max(0.5));
                canvas.stroke_rect(rect.x + half, rect.y + half, w, h);
            } else {
                canvas.fill_rect(rect.x, rect.y, rect.w, rect.h);
            }
        }
        canvas.set_global_alpha(1.0);
    }

    fn texts(&self, texts: &[Text]) {
        let canvas = &self.context;
        let (mut align, mut prose, mut ink) = (None, None, None);
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
            if ink != Some(text.ink) {
                ink = Some(text.ink);
                canvas.set_fill_style_str(self.look.css(text.ink));
            }
            let _ = canvas.fill_text(&text.text, text.x, text.y + 0.5);
        }
    }
}
