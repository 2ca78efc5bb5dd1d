//! The canvases as a component: drawn once, then left to their host.

use web_sys::{HtmlCanvasElement, HtmlElement};
use yew::prelude::*;

use super::StreamHandle;
use super::host::Host;
use super::hover::Card;
use crate::app::stream::HoverCard;

/// Properties of [`StreamCanvas`].
#[derive(Properties, PartialEq)]
pub struct CanvasProps {
    /// What to draw.
    pub stream: StreamHandle,
    /// Called a few times a second at most, while something changes that words should follow.
    pub on_warm: Callback<()>,
    /// The picture in a sentence.
    pub label: String,
}

/// Two canvases over each other, and the card beside the pointer.
#[component]
pub fn StreamCanvas(props: &CanvasProps) -> Html {
    let (frame, strip, over) = (use_node_ref(), use_node_ref(), use_node_ref());
    let card = use_state_eq(|| None::<HoverCard>);
    {
        let (frame, strip, over) = (frame.clone(), strip.clone(), over.clone());
        let (setter, on_warm) = (card.setter(), props.on_warm.clone());
        use_effect_with(props.stream.clone(), move |stream| {
            let nodes = (
                frame.cast::<HtmlElement>(),
                strip.cast::<HtmlCanvasElement>(),
                over.cast::<HtmlCanvasElement>(),
            );
            let on_card = Callback::from(move |card| setter.set(card));
            let host = match nodes {
                (Some(frame), Some(strip), Some(over)) => {
                    Host::start(stream, frame, strip, over, on_card, on_warm)
                }
                _ => None,
            };
            move || drop(host)
        });
    }
    html! {
        <div class="stream-canvas" ref={frame} tabindex="0" role="img" data-testid="task-stream"
            aria-label={props.label.clone()}>
            <canvas class="stream-strip" ref={strip}></canvas>
            <canvas class="stream-over" ref={over}></canvas>
            if let Some(card) = (*card).clone() {
                <Card {card} />
            }
        </div>
    }
}
