//! Passing lines in the corner.

use yew::prelude::*;

use crate::app::state::Toast;

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
