//! The canvas of a flame graph, with the card beside the pointer and the keys.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlCanvasElement, HtmlElement, MouseEvent};
use yew::prelude::*;

use super::Handle;
use crate::ui::dom::{El, div, el, span};
use crate::ui::stream::{SizeWatch, place, swatch};
use crate::web::flame::{FlamePainter, ROW, scale};
use crate::web::input::{Listening, listen};
use base::fmt;
use base::number::fixed;
use panes::flame::{Facts, FlameModel, Piece};
use timeline::palette;

/// Properties of [`FlameCanvas`].
#[derive(Properties, PartialEq)]
pub struct FlameCanvasProps {
    /// What is drawn.
    pub handle: Handle,
    /// The model's version, so that a change is drawn.
    pub version: u64,
    /// On a dark ground.
    pub dark: bool,
}

/// What is left free beside the canvas, CSS px, as in the style sheet.
const PAD: i32 = 12;

/// What is pointed at: a rectangle, and where the card stands.
type Pointed = Option<(usize, i32, i32)>;

/// The graph.
#[component]
pub fn FlameCanvas(props: &FlameCanvasProps) -> Html {
    let frame = use_node_ref();
    let canvas = use_node_ref();
    let pointed = use_state_eq(|| None as Pointed);
    let focused = use_state_eq(|| false);
    let painter = use_mut_ref(|| None::<FlamePainter>);
    {
        let (frame, canvas) = (frame.clone(), canvas.clone());
        let (pointed, focused) = (pointed.setter(), focused.setter());
        use_effect_with(props.handle.clone(), move |handle| {
            let parts = (frame.cast::<HtmlElement>(), canvas.cast::<HtmlCanvasElement>());
            let kept = match parts {
                (Some(frame), Some(canvas)) => {
                    Some(watch(handle, &frame, &canvas, &pointed, &focused))
                }
                _ => None,
            };
            move || drop(kept)
        });
    }
    {
        let (frame, canvas) = (frame.clone(), canvas.clone());
        let handle = props.handle.clone();
        use_effect_with((props.version, props.dark), move |_| {
            draw(&frame, &canvas, &handle, &painter);
        });
    }
    let onkeydown = {
        let (handle, frame) = (props.handle.clone(), frame.clone());
        Callback::from(move |event: KeyboardEvent| key(&event, &handle, &frame))
    };
    let Ok(model) = props.handle.model.try_borrow() else { return div("flame-stage").into() };
    let card = pointed.and_then(|(at, x, y)| {
        let facts = model.facts(model.layout().pieces.get(at)?)?;
        Some(html! { <Card {facts} {x} {y} /> })
    });
    let pieces = &model.layout().pieces;
    let marks = el("svg")
        .class("flame-marks")
        .attr("aria-hidden", "true")
        .maybe(model.focused().filter(|_| *focused).map(|piece| mark(piece, "focused")))
        .maybe(pointed.and_then(|(at, ..)| pieces.get(at)).map(|piece| mark(piece, "hovered")));
    let label = "Flame graph. Up: caller, down: longest callee, left and right: neighbors, \
                 Enter: zoom in, Escape: back, slash: search, i: invert";
    div("flame-stage")
        .kid(
            div("flame-frame")
                .node(&frame)
                .attr("tabindex", "0")
                .attr("role", "application")
                .attr("data-testid", "flame")
                .set("data-rows", model.layout().rows.to_string())
                .set("data-frames", model.layout().pieces.len().to_string())
                .set("data-zoom", model.name(model.zoom()).to_owned())
                .attr("aria-label", label)
                .onkeydown(onkeydown)
                .kid(el("canvas").node(&canvas))
                .kid(marks),
        )
        .kid(
            el("p")
                .class("hush")
                .attr("aria-live", "polite")
                .attr("data-testid", "flame-said")
                .text(if *focused { model.said() } else { String::new() }),
        )
        .maybe(card)
        .into()
}

/// Listens to the pointer, the focus, and the size.
fn watch(
    handle: &Handle,
    frame: &HtmlElement,
    canvas: &HtmlCanvasElement,
    pointed: &UseStateSetter<Pointed>,
    focused: &UseStateSetter<bool>,
) -> (Vec<Option<Listening>>, Option<SizeWatch>) {
    let size = {
        let (handle, frame) = (handle.clone(), frame.clone());
        move || {
            let width = f64::from(frame.client_width());
            handle.change(&mut |model| model.resize(width, 1.0 / scale()));
        }
    };
    size();
    let pointer = {
        let (handle, frame, pointed) = (handle.clone(), frame.clone(), pointed.clone());
        move |event: MouseEvent| {
            let (x, y) = (event.offset_x(), event.offset_y());
            let (across, row) = (f64::from(x), row(f64::from(y)));
            match event.type_().as_str() {
                "click" => handle.change(&mut |model| model.click(across, row)),
                "mousemove" => {
                    let model = handle.model.try_borrow();
                    let at = model.ok().and_then(|model| model.layout().at(across, row));
                    pointed.set(at.map(|at| (at, x + PAD, y - frame.scroll_top())));
                }
                _ => pointed.set(None),
            }
        }
    };
    let mut kept = Vec::new();
    for name in ["mousemove", "mouseleave", "click"] {
        kept.push(listen(canvas, name, pointer.clone()));
    }
    for (name, on) in [("focus", true), ("blur", false)] {
        let focused = focused.clone();
        kept.push(listen(frame, name, move |_: Event| focused.set(on)));
    }
    (kept, SizeWatch::new(frame, size))
}

/// An outline around a rectangle.
fn mark(piece: &Piece, class: &'static str) -> El {
    let px = |css: f64| fixed(css, 2);
    el("rect")
        .class(class)
        .set("x", px(piece.x + 0.5))
        .set("y", px(f64::from(piece.row) * ROW + 0.5))
        .set("width", px((piece.width - 2.0).max(1.0)))
        .set("height", px(ROW - 2.0))
}

fn row(y: f64) -> u16 {
    (y / ROW).clamp(0.0, 60_000.0) as u16
}

fn draw(
    frame: &NodeRef,
    canvas: &NodeRef,
    handle: &Handle,
    painter: &Rc<RefCell<Option<FlamePainter>>>,
) {
    let parts = (frame.cast::<HtmlElement>(), canvas.cast::<HtmlCanvasElement>());
    let (Some(frame), Some(canvas)) = parts else { return };
    let mut painter = painter.borrow_mut();
    if painter.is_none() {
        *painter = FlamePainter::new(canvas);
    }
    if let (Some(painter), Ok(model)) = (&mut *painter, handle.model.try_borrow()) {
        painter.graph(&model, f64::from(frame.client_width()));
    }
}

/// What a key does, and that its row is in sight then.
fn key(event: &KeyboardEvent, handle: &Handle, frame: &NodeRef) {
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let Some(frame) = frame.cast::<HtmlElement>() else { return };
    let key = event.key();
    let mut used = false;
    match key.as_str() {
        "/" => {
            let field = frame.closest(".flame").ok().flatten();
            let field =
                field.and_then(|pane: Element| pane.query_selector(".flame-search").ok()?);
            if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
                used = field.focus().is_ok();
            }
        }
        "i" => {
            handle.change(&mut FlameModel::invert);
            used = true;
        }
        key => {
            let before = handle.model.try_borrow().map_or(0, |model| model.version());
            handle.change(&mut |model| used = model.key(key));
            // Escape that changed nothing is for whoever listens around this.
            let after = handle.model.try_borrow().map_or(0, |model| model.version());
            used &= key != "Escape" || after != before;
        }
    }
    if !used {
        return;
    }
    event.prevent_default();
    event.stop_propagation();
    let row = handle
        .model
        .try_borrow()
        .ok()
        .and_then(|model| model.focused().map(|piece| f64::from(piece.row)));
    if let Some(row) = row {
        let (top, high) = (f64::from(frame.scroll_top()), f64::from(frame.client_height()));
        let (from, to) = (row * ROW, (row + 1.0) * ROW);
        if from < top {
            frame.set_scroll_top(from as i32);
        } else if to > top + high {
            frame.set_scroll_top((to - high).ceil() as i32);
        }
    }
}

/// Properties of [`Card`].
#[derive(Properties, PartialEq)]
pub struct CardProps {
    facts: Facts,
    x: i32,
    y: i32,
}

/// Everything about the frame under the pointer.
#[component]
pub fn Card(props: &CardProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((props.x, props.y), move |&(x, y)| {
            if let Some(element) = node.cast::<HtmlElement>() {
                place(&element, x, y);
            }
        });
    }
    let facts = &props.facts;
    let head = el("p")
        .class("stream-card-head")
        .kid(swatch(&palette::css(facts.color)))
        .kid(el("b").text(facts.name.clone()))
        .kid(span("stream-card-long").text(facts.total.clone()));
    let mut list = el("dl");
    for (name, value) in &facts.rows {
        let mono = matches!(*name, "where" | "line");
        list =
            list.kid(el("dt").text(*name)).kid(el("dd").class_if(mono, "mono").text(value.clone()));
    }
    let others = (facts.others > 0).then(|| {
        let words = format!("and {} as narrow", fmt::plural(facts.others, "more frame"));
        el("p").class("flame-others").text(words)
    });
    div("stream-card flame-card")
        .node(&node)
        .attr("data-testid", "flame-card")
        .attr("aria-hidden", "true")
        .kid(head)
        .kid(list)
        .maybe(others)
        .into()
}
