//! The card beside the pointer.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::ui::dom::{El, div, el, list, span};
use base::fmt;
use base::number::fixed;
use base::task::Action;
use stream::HoverCard;

/// Properties of [`Card`].
#[derive(Properties, PartialEq)]
pub struct CardProps {
    /// What to say; the card stands where it says.
    pub card: Rc<HoverCard>,
}

/// Everything about the interval under the pointer.
#[component]
pub fn Card(props: &CardProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((props.card.x as i32, props.card.y as i32), move |&(x, y)| {
            if let Some(element) = node.cast::<HtmlElement>() {
                place(&element, x, y);
            }
        });
    }
    let card = &props.card;
    let action = match card.action {
        Action::Compute => "compute",
        Action::Transfer => "transfer: fetching a dependency",
        Action::DiskRead => "disk-read: reading spilled data",
        Action::DiskWrite => "disk-write: spilling",
        Action::Deserialize => "deserialize",
    };
    let head = el("p")
        .class("stream-card-head")
        .kid(swatch(&card.color))
        .kid(el("b").text(fmt::elide(&card.name, 80).into_owned()))
        .kid(span("stream-card-long").text(card.duration.clone()));
    let whole =
        (card.worker != card.address).then(|| span("mute").text(format!(" {}", card.address)));
    let name = |name: &'static str| el("dt").text(name);
    let value = |value: &str| el("dd").text(value.to_owned());
    let share = (card.share >= 0.0005).then(|| {
        let share = value(&(fixed(card.share * 100.0, 1) + " % of the prefix's time"));
        list(vec![name("share").into(), share.into()])
    });
    let facts = el("dl")
        .kid(name("key"))
        .kid(value(&fmt::elide(&card.key, 240)).class("mono"))
        .kid(name("action"))
        .kid(value(action))
        .kid(name("worker"))
        .kid(value(&card.worker).maybe(whole))
        .kid(name("thread"))
        .kid(value(&format!("t{}", card.thread)))
        .kid(name("start"))
        .kid(value(&card.start))
        .maybe(share);
    div("stream-card")
        .node(&node)
        .attr("data-testid", "task-card")
        .attr("aria-hidden", "true")
        .kid(head)
        .maybe(card.erred.then(|| el("p").class("stream-card-erred").text("This task failed")))
        .kid(facts)
        .into()
}

/// A square of a colour.
pub fn swatch(color: &str) -> El {
    el("svg").class("stream-swatch").attr("viewBox", "0 0 10 10").kid(
        el("rect")
            .attr("width", "10")
            .attr("height", "10")
            .attr("rx", "2")
            .set("fill", color.to_owned()),
    )
}

/// Beside the point, and inside the parent.
pub fn place(element: &HtmlElement, x: i32, y: i32) {
    let Some(parent) = element.parent_element() else { return };
    let (width, height) = (element.offset_width(), element.offset_height());
    let (room, tall) = match parent.dyn_ref::<HtmlElement>() {
        Some(parent) => (parent.client_width(), parent.client_height()),
        None => (0, 0),
    };
    let right = x + 14;
    let left = if right + width <= room - 4 { right } else { (x - 14 - width).max(4) };
    // It may hang over the lower edge where the pane is low, but never over the upper one.
    let top = (y + 16).min((tall - height - 4).max(y.min(4)));
    let style = element.style();
    let _ = style.set_property("transform", &format!("translate({left}px, {top}px)"));
    let _ = style.set_property("visibility", "visible");
}
