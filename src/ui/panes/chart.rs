//! Plots over one time axis: canvases, with titles and values in words above, and a line at the
//! moment that is pointed at.

use std::rc::Rc;

use web_sys::{Element, HtmlCanvasElement, PointerEvent};
use yew::prelude::*;

use crate::ui::dom::{El, div, el, span};
use crate::ui::stream::SizeWatch;
use crate::web::chart;
use crate::web::input::{Listening, listen};
use base::number::fixed;
use panes::{Key, Plot, Series};
use timeline::palette;

/// Properties of [`Charts`].
#[derive(Properties, PartialEq)]
pub struct ChartsProps {
    /// What is drawn.
    pub series: Rc<Series>,
    /// On a dark ground: drawn anew when that changes.
    pub dark: bool,
}

/// All plots of a series. One moment is pointed at in all of them.
#[component]
pub fn Charts(props: &ChartsProps) -> Html {
    let cursor = use_state_eq(|| None::<Cursor>);
    let series = &props.series;
    let sample = cursor.and_then(|cursor| cursor.sample(&series.times_ms));
    let when = sample.and_then(|at| series.times_ms.get(at)).map(|ms| chart::clock(*ms));
    let all = series.plots.iter().enumerate().map(|(at, plot)| {
        let aloud = matches!(*cursor, Some(Cursor::Keys(_, plot)) if plot == at);
        let (series, cursor) = (series.clone(), Moving(cursor.setter()));
        html! {
            <Chart key={plot.title} {series} {at} dark={props.dark} {sample} {aloud} {cursor} />
        }
    });
    div("charts")
        .kids(all)
        .kid(el("p").class("chart-when").text(when.map_or_else(
            || "Now. Point at a time, or press ← and →.".into(),
            |when| format!("At {when}"),
        )))
        .into()
}

/// The moment that is pointed at.
#[derive(Copy, Clone, PartialEq)]
pub(super) enum Cursor {
    /// By pointer: a share of the time that is shown.
    Pointer(f64),
    /// By keys: a time, Unix ms, that stays while others come; and the plot whose values are read out.
    Keys(f64, usize),
}

impl Cursor {
    pub(super) fn sample(self, times_ms: &[f64]) -> Option<usize> {
        let (first, last) = (times_ms.first()?, times_ms.last()?);
        let share = match self {
            Self::Pointer(share) => share,
            Self::Keys(time, _) => (time - first) / (last - first).max(1.0),
        };
        Series::nearest(times_ms, share)
    }
}

/// Moves the moment; no reason to draw anew.
struct Moving(UseStateSetter<Option<Cursor>>);

impl PartialEq for Moving {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Properties of [`Chart`].
#[derive(Properties, PartialEq)]
pub struct ChartProps {
    series: Rc<Series>,
    /// Which of its plots.
    at: usize,
    dark: bool,
    /// The sample that is pointed at.
    sample: Option<usize>,
    /// Whether keys led there from this plot.
    aloud: bool,
    cursor: Moving,
}

/// Follows the pointer over `element`: calls back with where it is in the plot, or with none when
/// it leaves. `below` is the room under the plot, CSS pixels.
pub(super) fn follow(
    element: &Element,
    below: f64,
    moved: impl Fn(Option<(f64, f64)>) + Clone + 'static,
) -> Vec<Listening> {
    let on = |name: &'static str, there: bool| {
        let (node, moved) = (element.clone(), moved.clone());
        listen(element, name, move |event: PointerEvent| {
            let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
            moved(there.then(|| chart::place(&node, x, y, below)));
        })
    };
    let all = [("pointermove", true), ("pointerdown", true), ("pointerleave", false)];
    all.into_iter().filter_map(|(name, there)| on(name, there)).collect()
}

/// One plot.
#[component]
pub fn Chart(props: &ChartProps) -> Html {
    let frame = use_node_ref();
    let place = use_node_ref();
    let size = use_state_eq(|| 0);
    {
        let (frame, cursor, setter) = (frame.clone(), props.cursor.0.clone(), size.setter());
        use_effect_with((), move |()| {
            let frame = frame.cast::<Element>();
            let held = frame.map(|frame| {
                let node = frame.clone();
                let size = SizeWatch::new(&frame, move || {
                    // Both in one number: it has to differ only.
                    setter.set((node.client_width() << 14) + node.client_height());
                });
                let pointer = follow(&frame, 0.0, move |at| {
                    cursor.set(at.map(|(x, _)| Cursor::Pointer(x.clamp(0.0, 1.0))));
                });
                (size, pointer)
            });
            move || drop(held)
        });
    }
    {
        let place = place.clone();
        let shown = (props.series.clone(), props.at, props.dark, *size);
        use_effect_with(shown, move |(series, at, ..)| {
            if let Some(canvas) = place.cast::<HtmlCanvasElement>()
                && let Some(plot) = series.plots.get(*at)
            {
                chart::draw(&canvas, &series.times_ms, plot);
            }
        });
    }
    let times_ms = &props.series.times_ms;
    let Some(plot) = props.series.plots.get(props.at) else { return div("chart").into() };
    let (said, dots) = plot.at(props.sample.unwrap_or(times_ms.len().saturating_sub(1)));
    let aloud = if props.aloud { "polite" } else { "off" };
    let mut head = div("chart-head").attr("aria-live", aloud).kid(el("b").text(plot.title));
    let mut label = String::from(plot.title);
    for (key, words) in said {
        label = label + ", " + &words;
        head = head.kid(span("mute").maybe(swatch(key, plot, props.dark)).text(words));
    }
    let note = (!plot.note.is_empty()).then(|| el("p").class("chart-note").text(plot.note.clone()));
    let over = props.sample.and_then(|at| Some(mark(times_ms, *times_ms.get(at)?, &dots)));
    let canvas = el("canvas").node(&place).attr("aria-hidden", "true");
    let plot = div("chart-plot")
        .node(&frame)
        .attr("tabindex", "0")
        .attr("role", "img")
        .set("aria-label", label)
        .onkeydown(keys(times_ms, props.at, props.sample, props.cursor.0.clone()))
        .kid(canvas)
        .maybe(over);
    div("chart").kid(head).maybe(note).kid(plot).into()
}

/// Arrows go from sample to sample of the plot `at`.
pub(super) fn keys(
    times: &[f64],
    at: usize,
    sample: Option<usize>,
    cursor: UseStateSetter<Option<Cursor>>,
) -> Callback<KeyboardEvent> {
    let last = times.len().saturating_sub(1);
    let now = sample.unwrap_or(last);
    let ways = ["ArrowLeft", "ArrowRight", "Home", "End"];
    let to = [now.saturating_sub(1), (now + 1).min(last), 0, last].map(|at| times.get(at).copied());
    Callback::from(move |event: KeyboardEvent| {
        let key = event.key();
        if key == "Escape" {
            if sample.is_some() {
                event.prevent_default(); // or a maximised pane would be no more
            }
            return cursor.set(None);
        }
        let way = ways.iter().zip(to).find(|(way, _)| **way == key);
        if let Some(time) = way.and_then(|(_, time)| time) {
            event.prevent_default();
            cursor.set(Some(Cursor::Keys(time, at)));
        }
    })
}

/// The line over a plot, and a dot on each of its lines.
pub(super) fn mark(times_ms: &[f64], at_ms: f64, dots: &[f64]) -> El {
    let (first, last) = (times_ms.first().copied(), times_ms.last().copied());
    let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
    let percent = |share: f64| fixed(share.clamp(0.0, 1.0) * 100.0, 3) + "%";
    let x = percent((at_ms - first) / (last - first).max(1.0));
    let line = el("line").set("x1", x.clone()).set("x2", x.clone()).attr("y2", "100%");
    let dots = dots.iter().map(|height| {
        el("circle").set("cx", x.clone()).set("cy", percent(1.0 - height)).attr("r", "3")
    });
    el("svg").class("chart-over").attr("aria-hidden", "true").kid(line).kids(dots)
}

/// What colour a value has in the plot.
fn swatch(key: Key, plot: &Plot, dark: bool) -> Option<El> {
    match key {
        Key::Only => None,
        Key::Line(at) if plot.lines.len() > 2 => {
            let fill = palette::css(palette::series(at, dark));
            let rect = el("rect").attr("width", "100%").attr("height", "100%").set("fill", fill);
            Some(el("svg").class("key").attr("aria-hidden", "true").kid(rect))
        }
        Key::Line(0) | Key::Median => Some(span("key one")),
        Key::Line(_) => Some(span("key two")),
        Key::Half => Some(span("key half")),
        Key::All => Some(span("key all")),
    }
}
