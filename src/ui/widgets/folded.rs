//! A text that may be long: its first lines, and the rest on request.

use yew::prelude::*;

use crate::ui::dom::{button, el, span};
use crate::ui::hooks::use_state_eq;
use crate::ui::part::{Hook, HookContext, Part, keyed};
use crate::ui::widgets::sets;
use gateway::shown::fold;

/// A text of several lines, folded where it is long.
pub fn folded(text: &str) -> Html {
    // Another text begins folded.
    keyed(Folded { text: text.to_owned().into() }, text.len().to_string())
}

#[derive(PartialEq)]
struct Folded {
    text: AttrValue,
}

impl Part for Folded {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let open = use_state_eq(|| false).run(hooks);
        let Some((head, all)) = fold(&self.text) else {
            return span("lines").text(self.text.clone()).into();
        };
        let words = if *open { "Show less".to_owned() } else { format!("Show all ({all})") };
        let text = if *open { self.text.clone() } else { head.into() };
        el("span")
            .kid(span("lines").class_if(*open, "open").text(text))
            .kid(
                button("linkish")
                    .truth("aria-expanded", *open)
                    .testid("show-all")
                    .onclick(sets(open.setter(), !*open))
                    .text(words),
            )
            .into()
    }
}
