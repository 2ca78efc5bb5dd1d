//! The canvas as a part of the page: drawn once, then left to their host.

use std::rc::Rc;

use web_sys::{HtmlCanvasElement, HtmlElement};
use yew::prelude::*;

use super::StreamHandle;
use super::host::Host;
use super::hover::Card;
use crate::ui::dom::{div, el};
use stream::HoverCard;

/// Properties of [`StreamCanvas`].
#[derive(Properties, PartialEq)]
pub struct StreamCanvasProps {
    /// What to draw.
    pub stream: StreamHandle,
    /// Called a few times a second at most, while something changes that words should follow.
    pub on_warm: Callback<()>,
    /// The picture in a sentence.
    pub label: String,
}

/// A canvas, and the card beside the pointer.
#[component]
pub fn StreamCanvas(props: &StreamCanvasProps) -> Html {
    let frame = use_node_ref();
    let canvas = use_node_ref();
    let card = use_state_eq(|| None::<Rc<HoverCard>>);
    {
        let (frame, canvas) = (frame.clone(), canvas.clone());
        let (setter, on_warm) = (card.setter(), props.on_warm.clone());
        use_effect_with(props.stream.clone(), move |stream| {
            let nodes = (frame.cast::<HtmlElement>(), canvas.cast::<HtmlCanvasElement>());
            let on_card = Callback::from(move |card| setter.set(card));
            let host = match nodes {
                (Some(frame), Some(canvas)) => Host::start(stream, frame, canvas, on_card, on_warm),
                _ => None,
            };
            move || drop(host)
        });
    }
    div("stream-canvas")
        .node(&frame)
        .attr("tabindex", "0")
        // Single keys are its own, also where a screen reader has some for itself.
        .attr("role", "application")
        .attr("aria-roledescription", "timeline")
        .attr("data-testid", "task-stream")
        .set("aria-label", props.label.clone())
        .kid(el("canvas").class("stream-strip").node(&canvas))
        .maybe((*card).clone().map(|card| html! { <Card {card} /> }))
        .into()
}
