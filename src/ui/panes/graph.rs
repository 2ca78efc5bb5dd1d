//! The task graph: its legend, the canvas, and what is said of the task that is pointed at or marked.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{
    Event, HtmlCanvasElement, HtmlElement, KeyboardEvent, MouseEvent, PointerEvent, WheelEvent,
};
use yew::functional::UseForceUpdateHandle;
use yew::prelude::*;

use crate::ui::dom::{El, button, div, el, span};
use crate::ui::stream::SizeWatch;
use crate::web::graph::draw;
use crate::web::input::{Listening, listen, wheel_px};
use crate::web::raf::{Loop, Next, Waker};
use base::fmt;
use panes::graph::{Graph, Tables, TaskState};
use panes::state_name;

/// Properties of [`GraphPane`].
#[derive(Properties, PartialEq)]
pub struct GraphPaneProps {
    /// What came.
    pub tables: Tables,
    /// The dashboard's address, for Dask's own page of a task.
    pub base: String,
    /// On a dark ground: drawn anew when that changes.
    pub dark: bool,
}

/// What is shared with the listeners.
#[derive(Clone)]
struct Hand {
    graph: Rc<RefCell<Graph>>,
    frame: HtmlElement,
    waker: Waker,
    again: UseForceUpdateHandle,
    /// Where the pointer went down or was last, and how far it has come since.
    drag: Rc<Cell<Option<(f64, f64, f64)>>>,
}

/// What runs for as long as the pane is there.
struct Running {
    _frames: Loop,
    _listening: Vec<Listening>,
    _resize: Option<SizeWatch>,
}

/// What a person does to the canvas.
const HEARD: [&str; 8] = [
    "pointerdown",
    "pointermove",
    "pointerup",
    "pointercancel",
    "pointerleave",
    "dblclick",
    "wheel",
    "keydown",
];

/// CSS px that an arrow key moves what is seen by.
const STEP: f64 = 48.0;

/// The graph of one scheduler.
#[component]
pub fn GraphPane(props: &GraphPaneProps) -> Html {
    let graph = use_mut_ref(Graph::default);
    let waker = use_mut_ref(|| None::<Waker>);
    let (frame, canvas) = (use_node_ref(), use_node_ref());
    let again = use_force_update();
    graph.borrow_mut().update(&props.tables);
    {
        let (graph, waker, again) = (graph.clone(), waker.clone(), again.clone());
        let (frame, canvas) = (frame.clone(), canvas.clone());
        use_effect_with((), move |()| {
            let nodes = (frame.cast::<HtmlElement>(), canvas.cast::<HtmlCanvasElement>());
            let running = match nodes {
                (Some(frame), Some(canvas)) => Some(start(graph, frame, canvas, &waker, again)),
                _ => None,
            };
            move || drop(running)
        });
    }
    {
        let waker = waker.clone();
        use_effect_with((props.tables.clone(), props.dark), move |_| {
            if let Some(waker) = &*waker.borrow() {
                waker.wake();
            }
        });
    }
    // What a button does is drawn, and said.
    let acts = |act: fn(&mut Graph)| {
        let (graph, waker, again) = (graph.clone(), waker.clone(), again.clone());
        Callback::from(move |_: MouseEvent| {
            act(&mut graph.borrow_mut());
            if let Some(waker) = &*waker.borrow() {
                waker.wake();
            }
            again.force_update();
        })
    };
    let shown = graph.borrow();
    let icon = |name, title, act| {
        button("btn quiet icon")
            .attr("aria-label", title)
            .attr("title", title)
            .onclick(acts(act))
            .text(name)
    };
    let head = div("graph-head")
        .kid(legend(&shown))
        .kid(span("grow"))
        .kid(icon("−", "Smaller", |graph| graph.view_mut().zoom_middle(1.0 / 1.5)))
        .kid(icon("+", "Larger", |graph| graph.view_mut().zoom_middle(1.5)))
        .kid(icon("⤢", "Whole graph", |graph| graph.view_mut().fit()));
    let clear = acts(|graph| graph.mark_row(None));
    let place = div("graph-canvas")
        .node(&frame)
        .attr("tabindex", "0")
        .attr("role", "application")
        .attr("aria-roledescription", "task graph")
        .set("aria-label", label(&shown))
        .testid("graph-canvas")
        .set("data-tasks", shown.counts().iter().sum::<u32>().to_string())
        .set("data-links", shown.links().len().to_string())
        .kid(el("canvas").node(&canvas));
    div("graph").kid(head).kid(place).kid(words(&shown, &props.base, clear)).into()
}

/// Starts what draws and what listens.
fn start(
    graph: Rc<RefCell<Graph>>,
    frame: HtmlElement,
    canvas: HtmlCanvasElement,
    waker: &RefCell<Option<Waker>>,
    again: UseForceUpdateHandle,
) -> Running {
    let frames = {
        let (graph, frame) = (graph.clone(), frame.clone());
        Loop::new(move || {
            let Ok(mut graph) = graph.try_borrow_mut() else { return Next::Frame };
            let (width, height) = (frame.client_width(), frame.client_height());
            graph.view_mut().resize(width.into(), height.into());
            let ratio = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio());
            // A browser without a 2D canvas draws nothing; the words are there.
            let _ = draw(&canvas, &graph, ratio);
            Next::Rest
        })
    };
    *waker.borrow_mut() = Some(frames.waker());
    let resize = {
        let waker = frames.waker();
        SizeWatch::new(&frame, move || waker.wake())
    };
    let hand =
        Hand { graph, frame: frame.clone(), waker: frames.waker(), again, drag: Rc::default() };
    let listening = HEARD.into_iter().filter_map(|name| {
        let hand = hand.clone();
        listen(&frame, name, move |event: Event| {
            if hand.hear(name, &event) {
                event.prevent_default();
            }
        })
    });
    let listening = listening.collect();
    frames.request();
    Running { _frames: frames, _listening: listening, _resize: resize }
}

impl Hand {
    /// Takes in an event. Says whether it was meant for the graph alone.
    fn hear(&self, name: &str, event: &Event) -> bool {
        let Ok(mut graph) = self.graph.try_borrow_mut() else { return false };
        let mut said = false;
        let taken = if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
            said = true;
            let free = !(event.ctrl_key() || event.meta_key() || event.alt_key());
            free && key(&mut graph, &event.key())
        } else if let Some(event) = event.dyn_ref::<MouseEvent>() {
            let rect = self.frame.get_bounding_client_rect();
            let x = f64::from(event.client_x()) - rect.left();
            let y = f64::from(event.client_y()) - rect.top();
            self.pointer(&mut graph, name, event, (x, y), &mut said)
        } else {
            false
        };
        drop(graph);
        self.waker.wake();
        if said {
            self.again.force_update();
        }
        taken
    }

    fn pointer(
        &self,
        graph: &mut Graph,
        name: &str,
        event: &MouseEvent,
        (x, y): (f64, f64),
        said: &mut bool,
    ) -> bool {
        match name {
            "pointerdown" if event.button() == 0 => {
                if let Some(pointer) = event.dyn_ref::<PointerEvent>() {
                    let _ = self.frame.set_pointer_capture(pointer.pointer_id());
                }
                self.drag.set(Some((x, y, 0.0)));
            }
            "pointermove" => match self.drag.get() {
                Some((from_x, from_y, far)) => {
                    let (dx, dy) = (x - from_x, y - from_y);
                    graph.view_mut().pan(dx, dy);
                    self.drag.set(Some((x, y, far + dx.abs() + dy.abs())));
                }
                None => *said = graph.point(Some((x, y))),
            },
            "pointerup" => {
                if self.drag.take().is_some_and(|(_, _, far)| far < 5.0) {
                    graph.point(Some((x, y)));
                    let hit = graph.hover();
                    graph.mark_row(hit);
                    *said = true;
                }
            }
            "pointercancel" | "pointerleave" => {
                self.drag.set(None);
                *said = graph.point(None);
            }
            "dblclick" => graph.view_mut().zoom(2.0, x, y),
            _ => {
                // Without the focus the wheel is the page's.
                let mine = self.frame.matches(":focus").unwrap_or(false) || event.ctrl_key();
                if let Some(wheel) = event.dyn_ref::<WheelEvent>().filter(|_| mine) {
                    let (_, dy) = wheel_px(wheel);
                    let rate = if event.ctrl_key() { 0.01 } else { 0.002 };
                    graph.view_mut().zoom((-dy.clamp(-400.0, 400.0) * rate).exp(), x, y);
                    return true;
                }
            }
        }
        false
    }
}

fn key(graph: &mut Graph, key: &str) -> bool {
    match key {
        "ArrowLeft" => graph.view_mut().pan(STEP, 0.0),
        "ArrowRight" => graph.view_mut().pan(-STEP, 0.0),
        "ArrowUp" => graph.view_mut().pan(0.0, STEP),
        "ArrowDown" => graph.view_mut().pan(0.0, -STEP),
        "+" | "=" => graph.view_mut().zoom_middle(1.5),
        "-" => graph.view_mut().zoom_middle(1.0 / 1.5),
        "0" | "Home" => graph.view_mut().fit(),
        "n" => graph.mark_next(1),
        "p" => graph.mark_next(-1),
        "Escape" if graph.mark().is_some() => graph.mark_row(None),
        _ => return false,
    }
    true
}

/// The class that gives a state its colour.
pub(super) fn state_class(state: TaskState) -> &'static str {
    match state {
        TaskState::Waiting => "t-waiting",
        TaskState::Queued => "t-queued",
        TaskState::NoWorker => "t-noworker",
        TaskState::Processing => "t-processing",
        TaskState::Memory => "t-memory",
        TaskState::Released => "t-released",
        TaskState::Erred => "t-erred",
    }
}

/// The shape of a state, as on the canvas, in a square of 12.
fn shape(state: TaskState) -> El {
    let path = match state {
        TaskState::Waiting | TaskState::Memory => "M2 2h8v8h-8z",
        TaskState::Queued | TaskState::Released => "M6 2a4 4 0 1 0 .01 0z",
        TaskState::NoWorker => "M6 2l4 8h-8z",
        TaskState::Processing => "M2 2l8 4l-8 4z",
        TaskState::Erred => "M2 2l8 8M10 2l-8 8",
    };
    let hollow = !matches!(state, TaskState::Processing | TaskState::Memory | TaskState::Released);
    el("svg")
        .class("shape")
        .class(state_class(state))
        .class_if(hollow, "hollow")
        .attr("viewBox", "0 0 12 12")
        .attr("aria-hidden", "true")
        .kid(el("path").attr("d", path))
}

fn legend(graph: &Graph) -> El {
    let mut all = el("ul").class("graph-legend").attr("aria-label", "States");
    for (state, count) in TaskState::ALL.into_iter().zip(graph.counts()) {
        if *count > 0 {
            let count_of = span("count").text(fmt::count(u64::from(*count)));
            all = all.kid(
                el("li")
                    .key(state_name(state))
                    .testid(format!("graph-{}", state_class(state)))
                    .kid(shape(state))
                    .text(state_name(state))
                    .kid(count_of),
            );
        }
    }
    all
}

fn label(graph: &Graph) -> String {
    let tasks: u32 = graph.counts().iter().sum();
    let needs = match graph.links().len() {
        1 => "1 dependency".to_owned(),
        count => format!("{count} dependencies"),
    };
    let mut label = format!("{}, {needs}", fmt::plural(tasks, "task"));
    for (state, count) in TaskState::ALL.into_iter().zip(graph.counts()) {
        if *count > 0 {
            label = format!("{label}, {count} {}", state_name(state));
        }
    }
    label
        + ". Arrows move the graph, plus and minus zoom, n and p select the next and the previous task."
}

/// What is pointed at, or else what is marked.
fn words(graph: &Graph, base: &str, clear: Callback<MouseEvent>) -> El {
    let line = div("graph-words").attr("role", "status").testid("graph-words");
    let of = |row: u32| {
        let state = graph.node(row).map_or("", |node| state_name(node.state));
        (graph.key(row), state)
    };
    let marked = graph.mark().map(|mark| mark.row);
    if let Some(row) = graph.hover().filter(|row| Some(*row) != marked) {
        let (key, state) = of(row);
        return line.kid(el("code").text(key)).kid(span("mute").text(state));
    }
    let Some(mark) = graph.mark() else {
        let tip = "Click a task to see its inputs and consumers. Drag to move the graph; click the \
                   graph, then use the wheel to zoom.";
        return line.kid(span("mute").text(tip));
    };
    let (key, state) = of(mark.row);
    let side = |[all, open]: [u32; 2], what: &str| match (all, open) {
        (0, _) => format!("nothing {what}"),
        (all, 0) => format!("{all} {what}, all done"),
        (all, open) => format!("{all} {what}, {open} not done"),
    };
    let counts =
        format!("{state}; {}; {}", side(mark.before, "before it"), side(mark.after, "after it"));
    let page = format!("{base}{}", graph.page(mark.row));
    let link = el("a")
        .set("href", page)
        .attr("target", "_blank")
        .attr("rel", "noopener noreferrer")
        .text("Dask's page of the task");
    line.kid(el("code").text(key))
        .kid(span("mute").text(counts))
        .kid(link)
        .kid(button("btn quiet icon").attr("aria-label", "Unmark").onclick(clear).text("×"))
}
