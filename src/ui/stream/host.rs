//! What joins the model, the canvas and the browser's events. Everything ends with its drop.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{
    Element, Event, EventTarget, HtmlCanvasElement, HtmlElement, KeyboardEvent, MouseEvent,
    MutationObserver, MutationObserverInit, PointerEvent, ResizeObserver, WheelEvent,
};
use yew::Callback;

use super::StreamHandle;
use crate::ui::widgets::is_covered;
use crate::web::canvas::Painter;
use crate::web::input::{Listening, listen, wheel_px};
use crate::web::raf::{Loop, Next, Waker, monotonic_ms};
use base::time::{Micros, Span};
use stream::{HoverCard, Phase, REDO, Size, TaskStreamModel};
use timeline::view::Mode;

/// Least time between two calls that refresh words, ms.
const WARM_MS: f64 = 500.0;

/// What the words depend on: when it changes they are written anew.
#[derive(Copy, Clone, PartialEq)]
struct Warm {
    generation: u64,
    look: u64,
    mode: Mode,
    paused: bool,
    live: bool,
    put_at: Option<Span>,
    asked: u64,
    /// Grows when workers come, go or are asked for.
    supply: u32,
}

/// A running canvas.
pub struct Host {
    stream: StreamHandle,
    _frames: Loop,
    _listening: Vec<Listening>,
    _resize: Option<SizeWatch>,
    theme: Option<(MutationObserver, Closure<dyn FnMut()>)>,
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stream.attach(None);
        if let Some((observer, _)) = &self.theme {
            observer.disconnect();
        }
        self.stream.change(TaskStreamModel::pointer_leave);
    }
}

/// The state of one canvas between its frames.
struct Stage {
    handle: StreamHandle,
    model: Rc<RefCell<TaskStreamModel>>,
    painter: Painter,
    frame: HtmlElement,
    restyle: Rc<Cell<bool>>,
    cursor: &'static str,
    card: Option<Rc<HoverCard>>,
    on_card: Callback<Option<Rc<HoverCard>>>,
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
        self.handle.make_changes();
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
        let filled = stream.store().rows() > 0;
        stream.frames_mut().end(dirty.any(), filled);
        let mut next = match (dirty.moving, dirty.tick) {
            (true, _) => Next::Frame,
            (false, Some(ms)) => Next::After(ms),
            (false, None) => Next::Rest,
        };
        let rhythm = stream.due_ms(began);
        let cursor = stream.cursor().css();
        let card = dirty.overlay.then(|| stream.hover().map(Rc::new));
        let warm = Warm {
            generation: stream.store().generation(),
            look: stream.look(),
            mode: stream.mode(),
            paused: stream.is_paused(),
            live: stream.is_live(),
            put_at: stream.put_at(),
            asked: stream.asked(),
            supply: stream.supply_changed(),
        };
        drop(stream);
        if cursor != self.cursor {
            self.cursor = cursor;
            let _ = self.frame.style().set_property("cursor", cursor);
        }
        if let Some(card) = card.filter(|card| *card != self.card) {
            self.card.clone_from(&card);
            self.on_card.emit(card);
        }
        if self.warm != Some(warm) {
            // What a person did is answered at once, rows and the ends of the view at leisure.
            let rows_only = self.warm.is_some_and(|old| {
                Warm { generation: warm.generation, put_at: warm.put_at, ..old } == warm
            });
            let due = self.warm_at + WARM_MS - began;
            if rows_only && due > 0.0 {
                let due = due.max(rhythm);
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
        canvas: HtmlCanvasElement,
        on_card: Callback<Option<Rc<HoverCard>>>,
        on_warm: Callback<()>,
    ) -> Option<Self> {
        let painter = Painter::new(canvas)?;
        if let Ok(mut model) = stream.model().try_borrow_mut() {
            model.set_zone(crate::web::clock::zone());
            model.set_theme(painter.look().theme);
            model.set_char_width(painter.look().char_width);
        }
        // A card of what was drawn here before is not about this.
        on_card.emit(None);
        let restyle = Rc::new(Cell::new(false));
        let mut stage = Stage {
            handle: stream.clone(),
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
        let waker = frames.waker();
        let resize = SizeWatch::new(&frame, move || waker.wake());
        let theme = watch_theme(&frame, restyle.clone(), frames.waker());
        let mut listening = listen_all(stream, &frame);
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
        Some(Self {
            stream: stream.clone(),
            _frames: frames,
            _listening: listening,
            _resize: resize,
            theme,
        })
    }
}

/// Calls back when the size of an element changes, until it is dropped.
pub struct SizeWatch {
    observer: ResizeObserver,
    _closure: Closure<dyn FnMut()>,
}

impl SizeWatch {
    /// Begins; `None` where the browser cannot.
    pub fn new(element: &Element, changed: impl FnMut() + 'static) -> Option<Self> {
        let closure = Closure::<dyn FnMut()>::new(changed);
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _closure: closure })
    }
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
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

/// What a person does to the canvas itself.
const AT_CANVAS: [&str; 10] = [
    "pointerdown",
    "pointermove",
    "pointerup",
    "pointerleave",
    "pointercancel",
    "dblclick",
    "wheel",
    "keydown",
    "touchmove",
    "contextmenu",
];

/// All that a person does to the canvas, or near it.
fn listen_all(stream: &StreamHandle, frame: &HtmlElement) -> Vec<Listening> {
    let on = |target: &EventTarget, name: &'static str, hear: Hear| {
        let hand = Hand { stream: stream.clone(), frame: frame.clone() };
        listen(target, name, move |event: Event| {
            if hear(&hand, name, &event) {
                event.prevent_default();
            }
        })
    };
    let mut all: Vec<Listening> =
        AT_CANVAS.into_iter().filter_map(|name| on(frame, name, Hand::at_canvas)).collect();
    // The whole page stand-alone, our own tree inside a host's: its keys are not ours.
    all.extend(on(&frame.get_root_node(), "keydown", Hand::anywhere));
    all
}

/// Takes in an event of that name. Says whether it was meant for the canvas, and for nothing else.
type Hear = fn(&Hand, &str, &Event) -> bool;

/// What events act on.
struct Hand {
    stream: StreamHandle,
    frame: HtmlElement,
}

impl Hand {
    fn at_canvas(&self, name: &str, event: &Event) -> bool {
        if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
            let taken = self.key(event);
            if taken {
                event.stop_propagation();
            }
            return taken;
        }
        if matches!(name, "touchmove" | "contextmenu") {
            // The browser would scroll, or open its menu.
            return self.stream.model().try_borrow().is_ok_and(|stream| stream.is_selecting());
        }
        let Some(mouse) = event.dyn_ref::<MouseEvent>() else { return false };
        let rect = self.frame.get_bounding_client_rect();
        let x = f64::from(mouse.client_x()) - rect.left();
        let y = f64::from(mouse.client_y()) - rect.top();
        let pointer = event.dyn_ref::<PointerEvent>();
        let id = pointer.map_or(0, PointerEvent::pointer_id);
        let mut taken = false;
        let at_ms = event.time_stamp();
        self.stream.change_by(&mut |stream| {
            stream.note_event(at_ms);
            match name {
                "pointerdown" if mouse.button() != 0 => {}
                "pointerdown" => {
                    if let Some(pointer) = pointer {
                        let _ = self.frame.set_pointer_capture(pointer.pointer_id());
                    }
                    if !(mouse.shift_key() && stream.area_down(x, y)) {
                        stream.finger_down(id, x, y);
                        if pointer.is_some_and(is_touch) {
                            stream.rests();
                        }
                    }
                }
                "pointermove" => stream.finger_move(id, x, y),
                "pointerup" => stream.finger_up(id),
                // A lifted finger leaves too, but what it touched stays told until the next touch.
                "pointerleave" if pointer.is_some_and(is_touch) => {}
                "pointerleave" | "pointercancel" => stream.pointer_leave(),
                "dblclick" => stream.double_click(x, y),
                _ => {
                    if let Some(wheel) = event.dyn_ref::<WheelEvent>() {
                        let (dx, dy) = wheel_px(wheel);
                        taken = stream.wheel(x, y, dx, dy, wheel.ctrl_key(), wheel.shift_key());
                    }
                }
            }
        });
        taken
    }

    fn anywhere(&self, _: &str, event: &Event) -> bool {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return false };
        let faded = self.stream.model().try_borrow().is_ok_and(|stream| stream.is_filtered());
        if event.default_prevented() || !is_free(event, &self.frame, faded) {
            return false;
        }
        if event.key() != "/" || with_modifier(event) {
            return self.key(event);
        }
        let field = filter_of(&self.frame);
        if let Some(field) = &field {
            let _ = field.focus();
        }
        field.is_some()
    }

    fn key(&self, event: &KeyboardEvent) -> bool {
        let mut key = event.key();
        if with_modifier(event) {
            let again = key.eq_ignore_ascii_case("y");
            if !(again || key.eq_ignore_ascii_case("z")) || event.alt_key() {
                return false;
            }
            if again { REDO } else { "Backspace" }.clone_into(&mut key);
        }
        if key == "Backspace" && event.shift_key() {
            REDO.clone_into(&mut key);
        }
        if event.shift_key() && key.starts_with("Arrow") {
            key.insert_str(0, "Shift");
        }
        let mut taken = false;
        self.stream.change_by(&mut |stream| taken = stream.key(&key));
        taken
    }
}

fn is_touch(event: &PointerEvent) -> bool {
    event.pointer_type() == "touch"
}

fn with_modifier(event: &KeyboardEvent) -> bool {
    event.ctrl_key() || event.meta_key() || event.alt_key()
}

/// The filter's field in the head of the pane that `frame` is in.
fn filter_of(frame: &HtmlElement) -> Option<HtmlElement> {
    let pane = frame.closest(".stream").ok().flatten()?;
    pane.query_selector(".stream-filter").ok().flatten()?.dyn_into().ok()
}

/// Whether a key that was not typed at the canvas may still mean it: nobody types, nothing asks, and
/// the key is not one that scrolls the page or presses what has the focus.
fn is_free(event: &KeyboardEvent, frame: &HtmlElement, faded: bool) -> bool {
    let at = event.composed_path().get(0).dyn_into::<Element>().ok();
    let tag = at.as_ref().map(Element::tag_name).unwrap_or_default();
    let pressed = matches!(tag.as_str(), "BUTTON" | "A" | "SUMMARY");
    let asking = is_covered(frame);
    match event.key().as_str() {
        " " | "Enter" if pressed => false,
        // Only what was opened here is closed from anywhere.
        "Escape" => {
            let open =
                frame.parent_element().is_some_and(|body| body.class_name().contains("split"));
            (open || faded) && !asking && !matches!(tag.as_str(), "INPUT" | "TEXTAREA" | "SELECT")
        }
        key if key.starts_with("Arrow") => false,
        _ => !asking && !matches!(tag.as_str(), "INPUT" | "TEXTAREA" | "SELECT"),
    }
}
