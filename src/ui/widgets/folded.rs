//! A text that may be long: its first lines, and the rest on request.

use yew::prelude::*;

use super::sets;
use crate::ui::dom::{button, el, span};
use gateway::shown::fold;

/// A text of several lines, folded where it is long.
pub fn folded(text: &str) -> Html {
    // Another text begins folded.
    html! { <Folded key={text.len()} text={text.to_owned()} /> }
}

#[derive(Properties, PartialEq)]
struct FoldedProps {
    text: AttrValue,
}

#[component]
fn Folded(props: &FoldedProps) -> Html {
    let open = use_state_eq(|| false);
    let Some((head, all)) = fold(&props.text) else {
        return span("lines").text(props.text.clone()).into();
    };
    let text = if *open { props.text.clone() } else { head.into() };
    let words = if *open { "Show less".to_owned() } else { format!("Show all ({all})") };
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
