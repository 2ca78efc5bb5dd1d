//! The task stream: toolbar, legend, and the canvas that draws it.

mod canvas;
mod host;
mod hover;
mod legend;
mod link;
mod menu;
mod panel;
mod search;
mod toolbar;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::ui::dom::{button, div, el};
use crate::ui::widgets::Question;
use crate::web::raf::{Waker, monotonic_ms};
use base::observable::Changes;
use base::time::Span;
use canvas::StreamCanvas;
pub use host::SizeWatch;
pub use hover::{place, swatch};
use stream::{FrameStats, Stream};

/// A shared task stream. Whoever changes it calls [`StreamHandle::poke`] or [`StreamHandle::news`] afterwards.
#[derive(Clone)]
pub struct StreamHandle(Rc<Shared>);

struct Shared {
    stream: Rc<RefCell<Stream>>,
    waker: RefCell<Option<Waker>>,
    mounted: Cell<bool>,
    changes: Changes<Stream>,
}

impl PartialEq for StreamHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0.stream, &other.0.stream)
    }
}

impl StreamHandle {
    /// Over a model.
    pub fn new(stream: Rc<RefCell<Stream>>) -> Self {
        Self(Rc::new(Shared {
            stream,
            waker: RefCell::new(None),
            mounted: Cell::new(false),
            changes: Changes::default(),
        }))
    }

    /// The model. Do not hold a borrow over a call of another component.
    pub fn model(&self) -> &Rc<RefCell<Stream>> {
        &self.0.stream
    }

    /// Asks for a frame at once: a person waits for it. Cheap, and nothing when no canvas shows it.
    pub fn poke(&self) {
        if let Some(waker) = self.0.waker.borrow().clone() {
            waker.wake();
        }
    }

    /// Asks for a frame when one is due; call it after rows have come. The very first rows are drawn at
    /// once: much of the program runs for the first time then, which takes longer than there is time in
    /// a frame.
    pub fn news(&self) {
        let Some(waker) = self.0.waker.borrow().clone() else { return };
        let due = self.0.stream.try_borrow().map_or((false, 0.0), |stream| {
            let first = stream.frames().filled() == 0 && stream.store().rows() > 0;
            (first, stream.due_ms(monotonic_ms()))
        });
        if due.0 {
            waker.hurry();
        }
        waker.wake_in(due.1);
    }

    /// Whether something is still to be drawn. Never so without a canvas, or in a hidden tab, where
    /// no frames come.
    pub fn busy(&self) -> bool {
        let hidden = web_sys::window()
            .and_then(|window| window.document())
            .is_none_or(|document| document.hidden());
        self.0.mounted.get()
            && !hidden
            && self.0.stream.try_borrow().is_ok_and(|stream| !stream.is_settled())
    }

    /// How long frames take.
    pub fn frame_stats(&self) -> FrameStats {
        self.0.stream.try_borrow().map_or_else(|_| FrameStats::default(), |s| s.frames().stats())
    }

    /// The visible span, or the one it moves to.
    pub fn view(&self) -> Span {
        self.0.stream.try_borrow().map_or_else(|_| Span::default(), |stream| stream.view())
    }

    /// Shows exactly `span`.
    pub fn set_view(&self, span: Span) {
        self.change(move |stream| stream.set_view(span));
    }

    /// Changes the model and asks for a frame. While the model is in use, the change waits for it.
    pub fn change(&self, with: impl FnOnce(&mut Stream) + 'static) {
        self.put(Box::new(move |stream| {
            with(stream);
            // It is a person who changes something: that is drawn at the full rate.
            stream.touch(monotonic_ms());
        }));
    }

    #[inline(never)]
    fn put(&self, with: Box<dyn FnOnce(&mut Stream)>) {
        self.0.changes.put(&self.0.stream, with);
        self.poke();
    }

    /// Makes the changes that waited, if any.
    fn make_changes(&self) {
        self.0.changes.make(&self.0.stream);
    }

    /// For events of the browser, which never come while the model is in use: what the change tells is
    /// known at once.
    #[inline(never)]
    pub fn change_by(&self, with: &mut dyn FnMut(&mut Stream)) {
        self.make_changes();
        if let Ok(mut stream) = self.0.stream.try_borrow_mut() {
            with(&mut stream);
            stream.touch(monotonic_ms());
        }
        self.poke();
    }

    /// A callback that changes the model.
    fn on(&self, with: fn(&mut Stream)) -> Callback<MouseEvent> {
        let handle = self.clone();
        Callback::from(move |_| handle.change(with))
    }

    fn attach(&self, waker: Option<Waker>) {
        self.0.mounted.set(waker.is_some());
        *self.0.waker.borrow_mut() = waker;
    }
}

/// The canvas of the pane that an event comes from.
fn canvas_of(event: &web_sys::Event) -> Option<web_sys::Element> {
    let at = event.target().and_then(|at| at.dyn_into::<web_sys::Element>().ok());
    let pane = at.and_then(|at| at.closest(".stream").ok().flatten());
    pane.and_then(|pane| pane.query_selector(".stream-canvas").ok().flatten())
}

/// Takes the focus from what is about to vanish to the canvas of the same pane.
fn to_canvas(event: &web_sys::Event) {
    if let Some(canvas) =
        canvas_of(event).and_then(|canvas| canvas.dyn_into::<web_sys::HtmlElement>().ok())
    {
        let _ = canvas.focus();
    }
}

/// Properties of [`TaskStream`].
#[derive(Properties, PartialEq)]
pub struct TaskStreamProps {
    /// What to draw.
    pub stream: StreamHandle,
    /// Where the scheduler's own pages are.
    pub base: AttrValue,
    /// Shows how long frames take.
    pub debug: bool,
}

/// The whole pane: its head and the canvas. Give it a height, or it takes that of the style sheet.
#[component]
pub fn TaskStream(props: &TaskStreamProps) -> Html {
    // Drawn anew a few times a second while something changes, so that the words follow.
    let again = use_force_update();
    let on_warm = Callback::from(move |()| again.force_update());
    let all = use_state_eq(|| false);
    // Which page of the table is open, from 1.
    let table = use_state_eq(|| 0usize);
    let handle = &props.stream;
    let place = menu::use_looks_menu(handle);
    link::use_view_link(handle);
    let held = handle.model().try_borrow().ok();
    let stream = held.as_deref();
    // A few lanes need no tall canvas; many get more of the page.
    let size = match stream.map_or(0, |stream| stream.store().lanes().len()) {
        0..=4 => "few",
        5..=12 => "some",
        13..=24 => "more",
        _ => "many",
    };
    let head = el("header")
        .class("stream-head")
        .kid(el("h2").text("Task stream"))
        .maybe(stream.map(|stream| toolbar::tools(handle, stream, &table)))
        .maybe(stream.map(|stream| menu::menu(handle, stream, &place)))
        .maybe(stream.map(|stream| legend::legend(handle, stream, &all)))
        .maybe(stream.map(toolbar::totals));
    let canvas = html! {
        <StreamCanvas stream={handle.clone()} {on_warm}
            label={stream.map_or_else(String::new, toolbar::summary)} />
    };
    let empty = stream.filter(|stream| stream.totals().tasks == 0).map(|stream| {
        let before = stream.totals().unrecorded;
        let words = if before > 0 {
            "Dask records them only after somebody has first looked at a dashboard: from now on each \
             task appears here within a tenth of a second of its end."
        } else if stream.is_live() {
            "Connect a client and compute something: each task appears here within a tenth of a \
             second of its end."
        } else {
            "The way to this scheduler is not open: whether it will be, and why not, stands at \
             the foot of the page."
        };
        div("stream-empty")
            .attr("role", "status")
            .kid(el("p").text(match before {
                0 if stream.is_live() => "No tasks yet".to_owned(),
                0 => "No tasks seen".to_owned(),
                _ => format!("About {} tasks ran before", toolbar::about(before)),
            }))
            .kid(el("p").class("mute").text(words))
    });
    let absent = stream.and_then(Stream::absent).map(|words| {
        div("stream-empty").attr("role", "status").kid(el("p").text(words)).kid(
            button("btn stream-btn")
                .attr("data-testid", "stream-back")
                .onclick(handle.on(Stream::fit))
                .text("Show the tasks that are there"),
        )
    });
    // Where the keyboard is, for those who cannot see it.
    let held = div("hush")
        .attr("role", "status")
        .attr("data-testid", "stream-row")
        .text(stream.and_then(Stream::said).unwrap_or_default());
    let debug = props.debug.then(|| {
        let stats = stream.map_or_else(FrameStats::default, |stream| stream.frames().stats());
        el("p").class("stream-debug").text(toolbar::frame_line(stats))
    });
    let split = stream.is_some_and(|one| one.details().is_some() || one.selection().is_some());
    let beside = html! {
        <panel::Panel stream={handle.clone()} base={props.base.clone()}
            version={stream.map_or(0, Stream::asked)} />
    };
    let asked = stream.filter(|_| *table > 0).map(|stream| {
        let close = table.setter();
        let onclose = Callback::from(move |()| close.set(0));
        html! {
            <Question title="Tasks in view" {onclose}>
                { panel::table(stream, &table) }
            </Question>
        }
    });
    let body = div("stream-body")
        .class(size)
        .class_if(split, "split")
        .kid(canvas)
        .maybe(empty)
        .maybe(absent)
        .kid(held)
        .maybe(debug)
        .kid(beside)
        .maybe(asked);
    div("stream").kid(head).kid(body).into()
}
