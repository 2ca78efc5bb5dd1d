//! A matrix of colours: a canvas, what the cell that is pointed at holds, and the scale.

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::{Element, HtmlCanvasElement};
use yew::prelude::*;

use super::chart::follow;
use crate::ui::dom::{El, div, el, span};
use crate::ui::stream::SizeWatch;
use crate::web::{chart, heat};
use base::number::fixed;
use panes::matrix::{Across, Matrix};
use timeline::palette;
use timeline::ramp;

/// How many pieces the scale is drawn in.
const PIECES: u32 = 48;

/// Properties of [`Heat`].
#[derive(Properties, PartialEq)]
pub struct HeatProps {
    /// What is drawn.
    pub matrix: Rc<Matrix>,
    /// On a dark ground: drawn anew when that changes.
    pub dark: bool,
}

/// The cell that is pointed at, and whether by keys: then its words are read out.
type Cursor = Option<((usize, usize), bool)>;

/// A matrix.
#[component]
pub fn Heat(props: &HeatProps) -> Html {
    let frame = use_node_ref();
    let place = use_node_ref();
    let width = use_state_eq(|| 0);
    let cursor = use_state_eq(|| None::<((usize, usize), bool)>);
    // What the listeners know of: the matrix as it was last drawn.
    let known = use_mut_ref(|| None::<Rc<Matrix>>);
    *known.borrow_mut() = Some(props.matrix.clone());
    {
        let (frame, width, cursor) = (frame.clone(), width.setter(), cursor.setter());
        use_effect_with((), move |()| {
            let held = frame.cast::<Element>().map(|frame| {
                let node = frame.clone();
                let size = SizeWatch::new(&frame, move || width.set(node.client_width()));
                let pointer = follow(&frame, heat::BELOW, move |at| {
                    cursor.set(at.and_then(|at| pointed(&known, at)));
                });
                (size, pointer)
            });
            move || drop(held)
        });
    }
    let at = cursor.map(|(at, _)| at);
    {
        let place = place.clone();
        let shown = (props.matrix.clone(), props.dark, *width, at);
        use_effect_with(shown, move |(matrix, _, _, at)| {
            if let Some(canvas) = place.cast::<HtmlCanvasElement>() {
                heat::draw(&canvas, matrix, *at);
            }
        });
    }
    let matrix = &props.matrix;
    let words = match at {
        Some((row, column)) => matrix.say(row, column, &chart::clock),
        None => "Point at a cell, or use the arrow keys.".into(),
    };
    let aloud = if matches!(*cursor, Some((_, true))) { "polite" } else { "off" };
    let onkeydown = {
        let (matrix, cursor) = (matrix.clone(), cursor.clone());
        Callback::from(move |event: KeyboardEvent| {
            let key = event.key();
            if key == "Escape" {
                if cursor.is_some() {
                    event.prevent_default(); // or a maximised pane would be no more
                }
                cursor.set(None);
            } else if let Some(at) = matrix.step(cursor.map(|(at, _)| at), &key) {
                event.prevent_default();
                cursor.set(Some((at, true)));
            }
        })
    };
    let columns = match &matrix.across {
        Across::Names(what, _) => *what,
        Across::Times { .. } => "time",
    };
    let label = format!(
        "{} by {columns}: {} rows, {} columns. {}",
        matrix.down,
        matrix.rows.len(),
        matrix.columns(),
        matrix.note
    );
    let plot = div("heat-plot")
        .node(&frame)
        .attr("tabindex", "0")
        .attr("role", "img")
        .set("aria-label", label)
        .attr("data-testid", "heat-plot")
        .onkeydown(onkeydown)
        .kid(el("canvas").node(&place).attr("aria-hidden", "true"));
    let foot =
        (!matrix.foot.is_empty()).then(|| el("p").class("heat-foot").text(matrix.foot.clone()));
    let readout = el("p")
        .class("heat-words")
        .attr("data-testid", "heat-words")
        .attr("aria-live", aloud)
        .text(words);
    div("heat").kid(plot).kid(readout).kid(scale(matrix, props.dark)).maybe(foot).into()
}

/// The cell at a point.
fn pointed(known: &RefCell<Option<Rc<Matrix>>>, (x, y): (f64, f64)) -> Cursor {
    let known = known.borrow();
    Some((known.as_ref()?.at(x, y)?, false))
}

/// The colours with their numbers, and what is marked on them.
fn scale(matrix: &Matrix, dark: bool) -> El {
    let percent = |share: f64| fixed(share * 100.0, 3) + "%";
    let mut bar = el("svg").class("heat-scale").attr("aria-hidden", "true");
    for i in 0..PIECES {
        let share = f64::from(i) / f64::from(PIECES);
        let color = ramp::ramp(f64::from(i) / f64::from(PIECES - 1), dark);
        bar = bar.kid(
            el("rect")
                .set("x", percent(share))
                // Each under the next, so that no ground is seen between them.
                .set("width", percent(1.0 - share))
                .attr("height", "100%")
                .set("fill", palette::css(color)),
        );
    }
    for at in &matrix.marks {
        let x = percent(at / matrix.top);
        let line = || el("line").set("x1", x.clone()).set("x2", x.clone()).attr("y2", "100%");
        bar = bar.kid(line().class("under")).kid(line());
    }
    let marked =
        (!matrix.marked.is_empty()).then(|| span("heat-mark").text(format!("┊ {}", matrix.marked)));
    let ratios = matrix.low.map(|_| {
        span("heat-mark")
            .text(format!("by ratio, {} in the middle", matrix.unit.say(matrix.middle())))
    });
    let rows = format!("rows: {}", matrix.down);
    let axes = match &matrix.across {
        Across::Names(what, _) => format!("{rows}, columns: {what}"),
        Across::Times { .. } => rows + ", left to right: time",
    };
    div("heat-key")
        .kid(
            span("heat-ends")
                .kid(el("span").text(matrix.unit.say(matrix.low.unwrap_or(0.0))))
                .kid(bar)
                .kid(el("span").text(matrix.unit.say(matrix.top))),
        )
        .kid(span("heat-mark").kid(span("key none")).text(matrix.empty))
        .maybe(ratios)
        .kid(span("heat-mark").text(axes))
        .maybe(marked)
}
