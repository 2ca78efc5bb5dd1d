//! Amounts over time, one upon the other: a canvas, and a key with the amount of each at
//! the moment that is pointed at, or at the last.

use std::rc::Rc;

use yew::prelude::*;

use super::chart::{Cursor, follow, keys, mark};
use crate::ui::dom::{div, el, span};
use crate::web::areas;
use base::number::fixed;
use panes::Areas as Shown;
use timeline::palette;

/// Properties of [`Areas`].
#[derive(Properties, PartialEq)]
pub struct AreasProps {
    /// What is shown.
    pub shown: Rc<Shown>,
    /// On a dark ground.
    pub dark: bool,
}

/// The areas.
#[component]
pub fn Areas(props: &AreasProps) -> Html {
    let place = use_node_ref();
    {
        let place = place.clone();
        use_effect_with((props.shown.clone(), props.dark), move |(shown, dark)| {
            if let Some(canvas) = place.cast::<web_sys::HtmlCanvasElement>() {
                areas::draw(&canvas, shown, *dark);
            }
        });
    }
    let cursor = use_state_eq(|| None::<Cursor>);
    let frame = use_node_ref();
    {
        let (frame, cursor) = (frame.clone(), cursor.setter());
        use_effect_with((), move |()| {
            let held = frame.cast::<web_sys::Element>().map(|frame| {
                follow(&frame, 0.0, move |at| {
                    cursor.set(at.map(|(x, _)| Cursor::Pointer(x.clamp(0.0, 1.0))));
                })
            });
            move || drop(held)
        });
    }
    let ages = &props.shown.ages_s;
    let sample = cursor.and_then(|cursor| cursor.sample(ages));
    let at = sample.unwrap_or(ages.len().saturating_sub(1));
    let aloud = if matches!(*cursor, Some(Cursor::Keys(..))) { "polite" } else { "off" };
    let mut list =
        el("ul").class("area-keys").attr("aria-label", "Groups").attr("aria-live", aloud);
    let mut busy = 0.0;
    for layer in &props.shown.layers {
        let amount = layer.amounts.get(at).copied().filter(|one| one.is_finite());
        let amount = amount.unwrap_or(0.0);
        busy += amount;
        let fill = palette::css(palette::fit(layer.color, props.dark));
        let rect = el("rect").attr("width", "100%").attr("height", "100%").set("fill", fill);
        list = list.kid(
            el("li")
                .key(layer.name.as_str())
                .set("title", layer.name.clone())
                .kid(el("svg").class("swatch").attr("aria-hidden", "true").kid(rect))
                .kid(el("code").text(layer.name.clone()))
                .kid(span("mute").text(fixed(amount, 1))),
        );
    }
    let span_s = fixed(-ages.first().copied().unwrap_or(0.0), 0);
    let canvas = el("canvas").node(&place).attr("aria-hidden", "true");
    let over = sample.and_then(|at| Some(mark(ages, *ages.get(at)?, &[])));
    let plot = div("area-plot")
        .node(&frame)
        .attr("tabindex", "0")
        .attr("role", "img")
        .set("aria-label", format!("Busy threads over {span_s} s"))
        .onkeydown(keys(ages, 0, sample, cursor.setter()))
        .kid(canvas)
        .maybe(over);
    let when = match sample.and_then(|at| ages.get(at)) {
        None => "Last seen. Point at a time, or press ← and →.".into(),
        Some(age) => {
            let all = props.shown.limit.get(at).copied().unwrap_or(0.0);
            let (age, busy, all) = (fixed(-age, 1), fixed(busy, 1), fixed(all, 0));
            format!("{age} s before: {busy} of {all} threads busy")
        }
    };
    div("charts areas").kid(plot).kid(el("p").class("chart-when").text(when)).kid(list).into()
}
