//! The activity over time, of which a part can be taken: dragged with the pointer, moved by keys.

use std::cell::Cell;
use std::rc::Rc;

use web_sys::{HtmlCanvasElement, HtmlElement, PointerEvent};
use yew::prelude::*;

use crate::ui::dom::{button, div, el, span};
use crate::ui::stream::SizeWatch;
use crate::web::clock::zone;
use crate::web::flame::FlamePainter;
use crate::web::input::{Listening, listen};
use base::fmt;
use feed::profile::Profile;
use panes::flame::Activity;

/// Two moments, Unix ms; none for all times.
type Between = Option<(f64, f64)>;

/// A shorter drag is a click, CSS px.
const CLICK: f64 = 3.0;

/// Properties of [`Brush`].
#[derive(Properties)]
pub struct BrushProps {
    /// Of what.
    pub profile: Rc<Profile>,
    /// Its axis.
    pub axis: Activity,
    /// What was asked for, Unix ms.
    pub between: Between,
    /// On a dark ground.
    pub dark: bool,
    /// Asks for a part, or for all.
    pub ask: Callback<Between>,
}

impl PartialEq for BrushProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.profile, &other.profile)
            && (self.axis, self.between, self.dark) == (other.axis, other.between, other.dark)
    }
}

/// The activity.
#[component]
pub fn Brush(props: &BrushProps) -> Html {
    let place = use_node_ref();
    let canvas = use_node_ref();
    // What is being chosen, before it is asked for: two moments.
    let chosen = use_state_eq(|| None as Between);
    let width = use_state_eq(|| 0i32);
    let painter = use_mut_ref(|| None::<FlamePainter>);
    let axis = props.axis;
    {
        let (place, canvas, width) = (place.clone(), canvas.clone(), width.setter());
        let (profile, ask, setter) = (props.profile.clone(), props.ask.clone(), chosen.setter());
        use_effect_with(Rc::as_ptr(&props.profile) as usize, move |_| {
            let parts = (place.cast::<HtmlElement>(), canvas.cast::<HtmlCanvasElement>());
            let kept = match parts {
                (Some(place), Some(canvas)) => {
                    width.set(place.client_width());
                    let size = SizeWatch::new(&place.clone(), move || {
                        width.set(place.client_width());
                    });
                    Some((size, drag(&canvas, &profile, axis, &setter, &ask)))
                }
                _ => None,
            };
            move || drop(kept)
        });
    }
    let between = chosen.or(props.between);
    {
        let (canvas, profile) = (canvas.clone(), props.profile.clone());
        let on = (Rc::as_ptr(&profile) as usize, props.dark, *width, between);
        use_effect_with(on, move |(_, _, width, between)| {
            let mut painter = painter.borrow_mut();
            if painter.is_none() {
                *painter = canvas.cast().and_then(FlamePainter::new);
            }
            if let Some(painter) = &mut *painter {
                let asked = between.map(|(from, to)| {
                    let before = profile.times_ms.iter().rev().find(|time| **time < from);
                    (axis.share(before.copied().unwrap_or(axis.from_ms)), axis.share(to))
                });
                painter.activity(&profile, &axis, f64::from(*width), asked);
            }
        });
    }
    let onkeydown = {
        let (profile, ask, setter) = (props.profile.clone(), props.ask.clone(), chosen.setter());
        Callback::from(move |event: KeyboardEvent| {
            let by = match event.key().as_str() {
                "ArrowLeft" | "ArrowDown" => -1,
                "ArrowRight" | "ArrowUp" => 1,
                "Escape" | "Backspace" if between.is_some() => {
                    setter.set(None);
                    ask.emit(None);
                    0
                }
                _ => return,
            };
            if by != 0 {
                setter.set(axis.moved(&profile, between, by, event.shift_key()));
            }
            event.prevent_default();
            event.stop_propagation();
        })
    };
    // Asked for when the key is let go, not at each step of one that is held.
    let onkeyup = {
        let (ask, setter, chosen) = (props.ask.clone(), chosen.setter(), *chosen);
        Callback::from(move |_: KeyboardEvent| {
            if chosen.is_some() {
                setter.set(None);
                ask.emit(chosen);
            }
        })
    };
    let words = props.words(between);
    let first = between.map_or(props.axis.from_ms, |(from, _)| from);
    let all = props.between.is_some().then(|| {
        let ask = props.ask.clone();
        button("btn flame-times")
            .attr("data-testid", "profile-times")
            .onclick(Callback::from(move |_: MouseEvent| ask.emit(None)))
            .text("All times")
    });
    div("flame-activity")
        .kid(
            div("flame-brush")
                .node(&place)
                .attr("tabindex", "0")
                .attr("role", "slider")
                .attr("data-testid", "profile-brush")
                .attr("aria-label", "Time range of the samples")
                .attr(
                    "title",
                    "Samples over time. Drag to select a time range, click to show all; \
                       arrows move the range, with Shift its end",
                )
                .attr("aria-valuemin", "0")
                .attr("aria-valuemax", "100")
                .set("aria-valuenow", ((axis.share(first) * 100.0) as u32).to_string())
                .set("aria-valuetext", words.clone())
                .onkeydown(onkeydown)
                .onkeyup(onkeyup)
                .kid(el("canvas").node(&canvas)),
        )
        .kid(
            div("flame-span")
                .kid(span("mute").attr("data-testid", "profile-span").text(words))
                .maybe(all),
        )
        .into()
}

/// Chooses a part of the axis with the pointer.
fn drag(
    canvas: &HtmlCanvasElement,
    profile: &Rc<Profile>,
    axis: Activity,
    chosen: &UseStateSetter<Between>,
    ask: &Callback<Between>,
) -> Vec<Option<Listening>> {
    // Where it began, CSS px.
    let began = Rc::new(Cell::new(None::<f64>));
    let between = {
        let (canvas, profile) = (canvas.clone(), profile.clone());
        move |from: f64, to: f64| {
            let wide = f64::from(canvas.client_width().max(1));
            let share = |x: f64| (x / wide).clamp(0.0, 1.0);
            let drag = (from - to).abs() >= CLICK;
            drag.then(|| axis.between(&profile, share(from), share(to))).flatten()
        }
    };
    let (chosen, ask, captor) = (chosen.clone(), ask.clone(), canvas.clone());
    let pointer = move |event: PointerEvent| {
        let x = f64::from(event.offset_x());
        match event.type_().as_str() {
            "pointerdown" if event.button() == 0 => {
                let _ = captor.set_pointer_capture(event.pointer_id());
                began.set(Some(x));
            }
            "pointermove" => {
                if let Some(from) = began.get() {
                    chosen.set(between(from, x));
                }
            }
            "pointerup" => {
                if let Some(from) = began.take() {
                    chosen.set(None);
                    ask.emit(between(from, x));
                }
            }
            "pointercancel" => {
                began.set(None);
                chosen.set(None);
            }
            _ => {}
        }
    };
    let names = ["pointerdown", "pointermove", "pointerup", "pointercancel"];
    names.into_iter().map(|name| listen(canvas, name, pointer.clone())).collect()
}

impl BrushProps {
    /// The time in words.
    fn words(&self, between: Between) -> String {
        let at = |ms: f64| zone().clock((ms * 1e3) as i64, 0);
        match between {
            None => format!("all samples, {} to {}", at(self.axis.from_ms), at(self.axis.to_ms)),
            Some((from, to)) => {
                let times = &self.profile.times_ms;
                let before = times.iter().rev().find(|time| **time < from);
                let begin = before.copied().unwrap_or(self.axis.from_ms);
                format!("{} to {}, {}", at(begin), at(to), fmt::secs((to - begin) / 1e3))
            }
        }
    }
}
