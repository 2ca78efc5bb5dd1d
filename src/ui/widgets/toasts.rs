//! Passing lines in the corner.

use yew::prelude::*;

use crate::ui::dom::div;
use session::state::Toast;

/// Passing lines, oldest first.
pub fn toasts(toasts: &[Toast]) -> Html {
    let mut all = div("toasts").attr("aria-live", "polite");
    for toast in toasts {
        let line = div("toast").class_if(toast.bad, "bad").key(toast.id);
        all = all.kid(line.text(toast.text.as_str()));
    }
    all.into()
}
