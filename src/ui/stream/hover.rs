//! The card beside the pointer.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::app::stream::HoverCard;
use crate::base::task::Action;

/// Properties of [`Card`].
#[derive(Properties, PartialEq)]
pub struct CardProps {
    /// What to say; the card stands where it says.
    pub card: HoverCard,
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
    let share = if card.share >= 0.0005 {
        format!("{:.1} % of all its time", card.share * 100.0)
    } else {
        String::new()
    };
    html! {
        <div class="stream-card" ref={node} data-testid="task-card" aria-hidden="true">
            <p class="stream-card-head">
                <svg class="stream-swatch" viewBox="0 0 10 10">
                    <rect width="10" height="10" rx="2" fill={card.color.clone()} />
                </svg>
                <b>{ &card.name }</b>
                <span class="stream-card-long">{ &card.duration }</span>
            </p>
            if card.erred {
                <p class="stream-card-erred">{ "This task failed" }</p>
            }
            <dl>
                <dt>{ "key" }</dt><dd class="mono">{ &card.key }</dd>
                <dt>{ "action" }</dt><dd>{ action }</dd>
                <dt>{ "worker" }</dt>
                <dd>
                    { &card.worker }
                    if card.worker != card.address { <span class="mute">{ format!(" {}", card.address) }</span> }
                </dd>
                <dt>{ "thread" }</dt><dd>{ format!("t{}", card.thread) }</dd>
                <dt>{ "start" }</dt><dd>{ &card.start }</dd>
                if !share.is_empty() {
                    <dt>{ "share" }</dt><dd>{ share }</dd>
                }
            </dl>
        </div>
    }
}

/// Beside the point, and inside the parent.
fn place(element: &HtmlElement, x: i32, y: i32) {
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
