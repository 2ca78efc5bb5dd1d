//! The task stream: toolbar, legend, and the canvas that draws it.

mod canvas;
mod host;
mod hover;
mod legend;
mod toolbar;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use yew::prelude::*;

use crate::app::stream::{FrameStats, Stream};
use crate::base::time::Span;
use crate::web::raf::Waker;
use canvas::StreamCanvas;
use legend::Legend;
use toolbar::{Toolbar, Totals};

/// A shared task stream. Whoever changes it calls [`StreamHandle::poke`] afterwards.
#[derive(Clone)]
pub struct StreamHandle(Rc<Shared>);

struct Shared {
    stream: Rc<RefCell<Stream>>,
    waker: RefCell<Option<Waker>>,
    mounted: Cell<bool>,
}

impl PartialEq for StreamHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0.stream, &other.0.stream)
    }
}

impl StreamHandle {
    /// Over a model.
    pub fn new(stream: Rc<RefCell<Stream>>) -> Self {
        Self(Rc::new(Shared { stream, waker: RefCell::new(None), mounted: Cell::new(false) }))
    }

    /// The model. Do not hold a borrow over a call of another component.
    pub fn model(&self) -> &Rc<RefCell<Stream>> {
        &self.0.stream
    }

    /// Asks for a frame; call it after rows have come. Cheap, and nothing when no canvas shows it.
    pub fn poke(&self) {
        if let Some(waker) = &*self.0.waker.borrow() {
            waker.wake();
        }
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
        self.change(|stream| stream.set_view(span));
    }

    /// Changes the model and asks for a frame.
    pub fn change(&self, with: impl FnOnce(&mut Stream)) {
        if let Ok(mut stream) = self.0.stream.try_borrow_mut() {
            with(&mut stream);
        }
        self.poke();
    }

    fn attach(&self, waker: Option<Waker>) {
        self.0.mounted.set(waker.is_some());
        *self.0.waker.borrow_mut() = waker;
    }
}

/// Properties of [`TaskStream`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What to draw.
    pub stream: StreamHandle,
    /// Shows how long frames take.
    #[prop_or_default]
    pub debug: bool,
}

/// The whole pane: its head and the canvas. Give it a height, or it takes that of the style sheet.
#[component]
pub fn TaskStream(props: &Props) -> Html {
    // Grows a few times a second while something changes; the words below follow.
    let version = use_state(|| 0u32);
    let on_warm = {
        let setter = version.setter();
        let count = use_mut_ref(|| 0u32);
        use_callback((), move |(), ()| {
            let mut count = count.borrow_mut();
            *count += 1;
            setter.set(*count);
        })
    };
    let handle = &props.stream;
    let (summary, empty, stats, lanes) = match handle.model().try_borrow() {
        Ok(stream) => (
            toolbar::summary(&stream),
            stream.totals().tasks == 0,
            stream.frames().stats(),
            stream.store().lanes().len(),
        ),
        Err(_) => (String::new(), false, FrameStats::default(), 0),
    };
    // A few lanes need no tall canvas; many get more of the page.
    let size = match lanes {
        0..=4 => "few",
        5..=12 => "some",
        13..=24 => "more",
        _ => "many",
    };
    html! {
        <div class="stream">
            <header class="stream-head">
                <h2>{ "Task stream" }</h2>
                <Toolbar stream={handle.clone()} version={*version} />
                <Legend stream={handle.clone()} version={*version} />
                <Totals stream={handle.clone()} version={*version} />
            </header>
            <div class={classes!("stream-body", size)}>
                <StreamCanvas stream={handle.clone()} {on_warm} label={summary} />
                if empty {
                    <div class="stream-empty" role="status">
                        <p>{ "No tasks yet" }</p>
                        <p class="mute">
                            { "Connect a client and compute something: each task appears here within a tenth of a second of its end." }
                        </p>
                    </div>
                }
                if props.debug {
                    <p class="stream-debug">{ toolbar::frame_line(stats) }</p>
                }
            </div>
        </div>
    }
}
