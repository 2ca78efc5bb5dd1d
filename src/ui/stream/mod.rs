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

use wasm_bindgen::JsCast;
use yew::prelude::*;

pub use crate::runtime::StreamHandle;
use crate::ui::dom::{button, div, el};
use crate::ui::widgets::Question;
use canvas::StreamCanvas;
pub use host::SizeWatch;
pub use hover::{place, swatch};
use stream::{FrameStats, TaskStreamModel};

/// A callback that changes the model.
fn changes(handle: &StreamHandle, with: fn(&mut TaskStreamModel)) -> Callback<MouseEvent> {
    let handle = handle.clone();
    Callback::from(move |_| handle.change(with))
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
            "Dask records tasks only after a dashboard was first opened. From now on each task appears \
             here within 0.1 s of its end."
        } else if stream.is_live() {
            "Connect a client and compute something. Each task appears here within 0.1 s of its end."
        } else {
            "Not connected. See the status at the bottom of the page."
        };
        div("stream-empty")
            .attr("role", "status")
            .kid(el("p").text(match before {
                0 if stream.is_live() => "No tasks yet".to_owned(),
                0 => "No tasks".to_owned(),
                _ => format!("About {} tasks ran earlier", toolbar::about(before)),
            }))
            .kid(el("p").class("mute").text(words))
    });
    let absent = stream.and_then(TaskStreamModel::absent).map(|words| {
        div("stream-empty").attr("role", "status").kid(el("p").text(words)).kid(
            button("btn stream-btn")
                .attr("data-testid", "stream-back")
                .onclick(changes(handle, TaskStreamModel::fit))
                .text("Show the recorded tasks"),
        )
    });
    // Where the keyboard is, for those who cannot see it.
    let held = div("hush")
        .attr("role", "status")
        .attr("data-testid", "stream-row")
        .text(stream.and_then(TaskStreamModel::said).unwrap_or_default());
    let debug = props.debug.then(|| {
        let stats = stream.map_or_else(FrameStats::default, |stream| stream.frames().stats());
        el("p").class("stream-debug").text(toolbar::frame_line(stats))
    });
    let split = stream.is_some_and(|one| one.details().is_some() || one.selection().is_some());
    let beside = html! {
        <panel::Panel stream={handle.clone()} base={props.base.clone()}
            version={stream.map_or(0, TaskStreamModel::asked)} />
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
