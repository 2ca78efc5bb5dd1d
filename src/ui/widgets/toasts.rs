//! Passing lines in the corner.

use yew::prelude::*;

use crate::app::state::Toast;
use crate::ui::dom::div;

/// Passing lines.
#[derive(Properties, PartialEq)]
pub struct ToastsProps {
    /// Oldest first.
    pub toasts: Vec<Toast>,
}

/// Passing lines in the corner.
#[component]
pub fn Toasts(props: &ToastsProps) -> Html {
    html! {
        <div class="toasts" aria-live="polite">
            { for props.toasts.iter().map(|toast| html! {
                <div key={toast.id} class={classes!("toast", toast.bad.then_some("bad"))}>
                    { &toast.text }
                </div>
            }) }
        </div>
    }
}

/// Passing lines, oldest first.
pub fn toasts(toasts: &[Toast]) -> Html {
    div("toasts")
        .attr("aria-live", "polite")
        .kids(toasts.iter().map(|toast| {
            div("toast").class_if(toast.bad, "bad").key(toast.id).text(toast.text.clone())
        }))
        .into()
}
