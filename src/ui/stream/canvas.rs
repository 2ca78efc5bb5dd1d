//! The canvas as a part of the page: drawn once, then left to their host.

use std::rc::Rc;

use web_sys::{HtmlCanvasElement, HtmlElement};
use yew::prelude::*;

use super::StreamHandle;
use super::host::Host;
use super::hover::Card;
use crate::ui::dom::{div, el};
use crate::ui::hooks::{use_effect_with, use_state_eq};
use crate::ui::part::{Hook, HookContext, Part, part};
use stream::HoverCard;

/// A canvas, and the card beside the pointer.
#[derive(PartialEq)]
pub struct StreamCanvas {
    /// What to draw.
    pub stream: StreamHandle,
    /// Called a few times a second at most, while something changes that words should follow.
    pub on_warm: Callback<()>,
    /// The picture in a sentence.
    pub label: String,
}

impl Part for StreamCanvas {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let frame = use_node_ref().run(hooks);
        let canvas = use_node_ref().run(hooks);
        let card = use_state_eq(|| None::<Rc<HoverCard>>).run(hooks);
        {
            let (frame, canvas) = (frame.clone(), canvas.clone());
            let (setter, on_warm) = (card.setter(), self.on_warm.clone());
            use_effect_with(self.stream.clone(), move |stream| {
                let nodes = (frame.cast::<HtmlElement>(), canvas.cast::<HtmlCanvasElement>());
                let on_card = Callback::from(move |card| setter.set(card));
                let host = match nodes {
                    (Some(frame), Some(canvas)) => {
                        Host::start(stream, frame, canvas, on_card, on_warm)
                    }
                    _ => None,
                };
                move || drop(host)
            })
            .run(hooks);
        }
        div("stream-canvas")
            .node(&frame)
            .attr("tabindex", "0")
            // Single keys are its own, also where a screen reader has some for itself.
            .attr("role", "application")
            .attr("aria-roledescription", "timeline")
            .attr("data-testid", "task-stream")
            .set("aria-label", self.label.clone())
            .kid(el("canvas").class("stream-strip").node(&canvas))
            .maybe((*card).clone().map(|card| part(Card { card })))
            .into()
    }
}
