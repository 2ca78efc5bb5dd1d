//! Passing lines in the corner.

use yew::prelude::*;

use crate::app::state::Toast;
use crate::ui::dom::div;

/// Passing lines, oldest first.
pub fn toasts(toasts: &[Toast]) -> Html {
    div("toasts")
        .attr("aria-live", "polite")
        .kids(toasts.iter().map(|toast| {
            div("toast").class_if(toast.bad, "bad").key(toast.id).text(toast.text.clone())
        }))
        .into()
}
