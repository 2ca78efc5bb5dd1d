//! What joins the model, the canvases and the browser's events. Everything ends with its drop.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{
    Element, Event, HtmlCanvasElement, HtmlElement, KeyboardEvent, MouseEvent, MutationObserver,
    MutationObserverInit, PointerEvent, ResizeObserver, WheelEvent,
};
use yew::Callback;

use super::StreamHandle;
use crate::app::stream::{HoverCard, Phase, Size, Stream};
use crate::base::time::Micros;
use crate::timeline::view::Mode;
use crate::web::canvas::Painter;
use crate::web::input::{Listening, listen, wheel_px};
use crate::web::raf::{Loop, Next, Waker, monotonic_ms};

/// Least time between two calls that refresh words, ms.
const WARM_MS: f64 = 250.0;

/// What the words depend on: when it changes they are written anew.
#[derive(Copy, Clone, PartialEq)]
struct Warm {
    generation: u64,
    look: u64,
    mode: Mode,
    paused: bool,
    live: bool,
}

/// A running canvas.
pub struct Host {
    stream: StreamHandle,
    _frames: Loop,
    _listening: Vec<Listening>,
    resize: Option<(ResizeObserver, Closure<dyn FnMut()>)>,
    theme: Option<(MutationObserver, Closure<dyn FnMut()>)>,
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stream.attach(None);
        if let Some((observer, _)) = &self.resize {
            observer.disconnect();
        }
        if let Some((observer, _)) = &self.theme {
            observer.disconnect();
        }
        self.stream.change(Stream::pointer_leave);
    }
}

/// The state of one canvas between its frames.
struct Stage {
    model: Rc<RefCell<Stream>>,
    painter: Painter,
    frame: HtmlElement,
    restyle: Rc<Cell<bool>>,
    cursor: &'static str,
    card: Option<HoverCard>,
    on_card: Callback<Option<HoverCard>>,
    on_warm: Callback<()>,
    warm: Option<Warm>,
    warm_at: f64,
}

impl Stage {
    fn size(&self) -> Size {
        let scale = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio());
        let (width, height) = (self.frame.client_width(), self.frame.client_height());
        Size { width: f64::from(width), height: f64::from(height), scale }
    }

    fn turn(&mut self) -> Next {
        let Ok(mut stream) = self.model.try_borrow_mut() else { return Next::Frame };
        let size = self.size();
        if self.restyle.take() {
            self.painter.read_look();
            stream.set_theme(self.painter.look().theme);
            stream.set_char_width(self.painter.look().char_width);
        }
        let wall = Micros::from_millis(js_sys::Date::now());
        let dirty = stream.turn(&monotonic_ms, wall, size);
        let began = monotonic_ms();
        self.painter.present(&stream, dirty, size);
        stream.frames_mut().record(Phase::Present, monotonic_ms() - began);
        stream.frames_mut().end(dirty.any());
        let mut next = match (dirty.moving, dirty.tick) {
            (true, _) => Next::Frame,
            (false, Some(ms)) => Next::After(ms),
            (false, None) => Next::Rest,
        };
        let cursor = stream.cursor().css();
        let card = if dirty.overlay { stream.hover() } else { self.card.clone() };
        let warm = Warm {
            generation: stream.store().generation(),
            look: stream.look(),
            mode: stream.mode(),
            paused: stream.is_paused(),
            live: stream.is_live(),
        };
        drop(stream);
        if cursor != self.cursor {
            self.cursor = cursor;
            let _ = self.frame.style().set_property("cursor", cursor);
        }
        if card != self.card {
            self.card.clone_from(&card);
            self.on_card.emit(card);
        }
        if self.warm != Some(warm) {
            // What a person did is answered at once, rows at leisure.
            let rows_only =
                self.warm.is_some_and(|old| Warm { generation: warm.generation, ..old } == warm);
            let due = self.warm_at + WARM_MS - began;
            if rows_only && due > 0.0 {
                next = match next {
                    Next::Rest => Next::After(due),
                    Next::After(ms) => Next::After(ms.min(due)),
                    Next::Frame => Next::Frame,
                };
            } else {
                self.warm = Some(warm);
                self.warm_at = began;
                self.on_warm.emit(());
            }
        }
        next
    }
}

impl Host {
    /// Starts it; `None` when the browser gives no 2D canvas.
    pub fn start(
        stream: &StreamHandle,
        frame: HtmlElement,
        strip: HtmlCanvasElement,
        over: HtmlCanvasElement,
        on_card: Callback<Option<HoverCard>>,
        on_warm: Callback<()>,
    ) -> Option<Self> {
        let painter = Painter::new(strip, over)?;
        if let Ok(mut model) = stream.model().try_borrow_mut() {
            model.set_utc_offset(-(js_sys::Date::new_0().get_timezone_offset() * 60.0) as i64);
            model.set_theme(painter.look().theme);
            model.set_char_width(painter.look().char_width);
        }
        // A card of what was drawn here before is not about this.
        on_card.emit(None);
        let restyle = Rc::new(Cell::new(false));
        let mut stage = Stage {
            model: stream.model().clone(),
            painter,
            frame: frame.clone(),
            restyle: restyle.clone(),
            cursor: "",
            card: None,
            on_card,
            on_warm,
            warm: None,
            warm_at: f64::NEG_INFINITY,
        };
        let frames = Loop::new(move || stage.turn());
        stream.attach(Some(frames.waker()));
        let resize = watch_size(&frame, frames.waker());
        let theme = watch_theme(&frame, restyle.clone(), frames.waker());
        let mut listening: Vec<Listening> =
            listen_all(stream, &frame).into_iter().flatten().collect();
        let media = web_sys::window()
            .and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok().flatten());
        if let Some(media) = media {
            let waker = frames.waker();
            listening.extend(listen(&media, "change", move |_: Event| {
                restyle.set(true);
                waker.wake();
            }));
        }
        frames.request();
        Some(Self { stream: stream.clone(), _frames: frames, _listening: listening, resize, theme })
    }
}

fn watch_size(frame: &Element, waker: Waker) -> Option<(ResizeObserver, Closure<dyn FnMut()>)> {
    let closure = Closure::<dyn FnMut()>::new(move || waker.wake());
    let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
    observer.observe(frame);
    Some((observer, closure))
}

/// Wakes when an element around the canvas, or the page's body, changes its theme.
fn watch_theme(
    frame: &Element,
    restyle: Rc<Cell<bool>>,
    waker: Waker,
) -> Option<(MutationObserver, Closure<dyn FnMut()>)> {
    let closure = Closure::<dyn FnMut()>::new(move || {
        restyle.set(true);
        waker.wake();
    });
    let observer = MutationObserver::new(closure.as_ref().unchecked_ref()).ok()?;
    let options = MutationObserverInit::new();
    options.set_attributes(true);
    let names = ["data-theme", "data-host", "data-jp-theme-light", "data-jp-theme-name"];
    let names: js_sys::Array = names.into_iter().map(wasm_bindgen::JsValue::from_str).collect();
    options.set_attribute_filter(&names);
    let body = web_sys::window().and_then(|window| window.document()).and_then(|page| page.body());
    let root = frame.closest(".ds-root").ok().flatten();
    for element in [root, body.map(Into::into)].into_iter().flatten() {
        let _ = observer.observe_with_options(&element, &options);
    }
    Some((observer, closure))
}

/// All that a person does to the canvas.
fn listen_all(stream: &StreamHandle, frame: &HtmlElement) -> Vec<Option<Listening>> {
    let point = {
        let frame = frame.clone();
        move |event: &MouseEvent| {
            let rect = frame.get_bounding_client_rect();
            (f64::from(event.client_x()) - rect.left(), f64::from(event.client_y()) - rect.top())
        }
    };
    let down = {
        let (handle, frame, point) = (stream.clone(), frame.clone(), point.clone());
        listen(frame.clone().as_ref(), "pointerdown", move |event: PointerEvent| {
            if event.button() != 0 {
                return;
            }
            let _ = frame.set_pointer_capture(event.pointer_id());
            let (x, y) = point(&event);
            handle.change(|stream| stream.pointer_down(x, y));
        })
    };
    let moved = {
        let (handle, point) = (stream.clone(), point.clone());
        listen(frame, "pointermove", move |event: PointerEvent| {
            let (x, y) = point(&event);
            handle.change(|stream| stream.pointer_move(x, y));
        })
    };
    let up = {
        let handle = stream.clone();
        listen(frame, "pointerup", move |_: PointerEvent| handle.change(Stream::pointer_up))
    };
    let gone = |name: &'static str| {
        let handle = stream.clone();
        listen(frame, name, move |event: PointerEvent| {
            // A lifted finger leaves too, but what it touched stays told until the next touch.
            if name == "pointercancel" || event.pointer_type() != "touch" {
                handle.change(Stream::pointer_leave);
            }
        })
    };
    let twice = {
        let (handle, point) = (stream.clone(), point.clone());
        listen(frame, "dblclick", move |event: MouseEvent| {
            let (x, y) = point(&event);
            handle.change(|stream| stream.double_click(x, y));
        })
    };
    let wheel = {
        let handle = stream.clone();
        listen(frame, "wheel", move |event: WheelEvent| {
            let (x, y) = point(&event);
            let (dx, dy) = wheel_px(&event);
            let mut taken = false;
            handle.change(|stream| {
                taken = stream.wheel(x, y, dx, dy, event.ctrl_key(), event.shift_key());
            });
            if taken {
                event.prevent_default();
            }
        })
    };
    let key = {
        let handle = stream.clone();
        listen(frame, "keydown", move |event: KeyboardEvent| {
            if event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            let mut taken = false;
            handle.change(|stream| taken = stream.key(&event.key()));
            if taken {
                event.prevent_default();
                event.stop_propagation();
            }
        })
    };
    let anywhere = {
        let (handle, frame) = (stream.clone(), frame.clone());
        // The whole page stand-alone, our own tree inside a host's: its keys are not ours.
        let tree: web_sys::EventTarget = frame.get_root_node().into();
        listen(&tree, "keydown", move |event: KeyboardEvent| {
            if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key()
            {
                return;
            }
            if !is_free(&event, &frame) {
                return;
            }
            if event.key() == "/" {
                if let Some(field) = filter_of(&frame) {
                    event.prevent_default();
                    let _ = field.focus();
                }
                return;
            }
            let mut taken = false;
            handle.change(|stream| taken = stream.key(&event.key()));
            if taken {
                event.prevent_default();
            }
        })
    };
    vec![down, moved, up, gone("pointerleave"), gone("pointercancel"), twice, wheel, key, anywhere]
}

/// The filter's field in the head of the pane that `frame` is in.
fn filter_of(frame: &HtmlElement) -> Option<HtmlElement> {
    let pane = frame.closest(".stream").ok().flatten()?;
    pane.query_selector(".stream-filter").ok().flatten()?.dyn_into().ok()
}

/// Whether a key that was not typed at the canvas may still mean it: nobody types, nothing asks, and
/// the key is not one that scrolls the page or presses what has the focus.
fn is_free(event: &KeyboardEvent, frame: &HtmlElement) -> bool {
    let at = event.composed_path().get(0).dyn_into::<Element>().ok();
    let tag = at.as_ref().map(Element::tag_name).unwrap_or_default();
    let pressed = matches!(tag.as_str(), "BUTTON" | "A" | "SUMMARY");
    let asking = frame.closest(".ds-root").ok().flatten().is_some_and(|root| {
        root.query_selector("[role=dialog],[role=alertdialog]").ok().flatten().is_some()
    });
    match event.key().as_str() {
        " " if pressed => false,
        key if key.starts_with("Arrow") || key == "Escape" => false,
        _ => !asking && !matches!(tag.as_str(), "INPUT" | "TEXTAREA" | "SELECT"),
    }
}
