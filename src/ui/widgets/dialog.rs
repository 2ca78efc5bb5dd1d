//! A question in the middle of the app: keeps the focus inside, closes on Esc, gives the focus
//! back.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::leave::escaping;
use crate::ui::dom::{div, el};

/// Everything that can have the focus.
const FOCUSABLE: &str =
    "a[href],button:not([disabled]),input:not([disabled]),select,textarea,[tabindex='0']";

/// Properties of [`Question`].
#[derive(Properties, PartialEq)]
pub struct QuestionProps {
    /// Its headline.
    pub title: AttrValue,
    /// Called on Esc and on a click beside it.
    pub onclose: Callback<()>,
    /// Content; the element with `data-first` gets the focus.
    pub children: Html,
}

/// A question.
#[component]
pub fn Question(props: &QuestionProps) -> Html {
    let place = use_node_ref();
    {
        let place = place.clone();
        use_effect_with((), move |()| {
            let before = place.cast::<web_sys::Node>().and_then(|node| active(&node));
            if let Some(element) = place.cast::<web_sys::Element>() {
                let first = element
                    .query_selector("[data-first]")
                    .ok()
                    .flatten()
                    .or_else(|| element.query_selector(FOCUSABLE).ok().flatten());
                focus(first);
            }
            move || focus(before)
        });
    }
    {
        // A click on its words leaves the focus on nothing: the key goes past it then.
        let close = props.onclose.clone();
        use_effect_with(props.onclose.clone(), move |_| {
            let watch = escaping(move |_| {
                close.emit(());
                true
            });
            move || drop(watch)
        });
    }
    let onkeydown = {
        let place = place.clone();
        let close = props.onclose.clone();
        Callback::from(move |event: KeyboardEvent| {
            // Keys belong to the dialog while it is open.
            event.stop_propagation();
            match event.key().as_str() {
                // A key that is still held down has opened the question, it does not answer it.
                "Enter" | " " if event.repeat() => event.prevent_default(),
                "Escape" => {
                    event.prevent_default();
                    close.emit(());
                }
                "Tab" => {
                    let Some(element) = place.cast::<web_sys::Element>() else { return };
                    let Ok(all) = element.query_selector_all(FOCUSABLE) else { return };
                    let at = |index: u32| {
                        all.item(index).and_then(|node| node.dyn_into::<web_sys::Element>().ok())
                    };
                    let (first, last) = (at(0), at(all.length().saturating_sub(1)));
                    let now = active(&element);
                    let (edge, other) =
                        if event.shift_key() { (&first, &last) } else { (&last, &first) };
                    if now == *edge || now.is_none_or(|now| !element.contains(Some(&now))) {
                        event.prevent_default();
                        focus(other.clone());
                    }
                }
                _ => {}
            }
        })
    };
    let beside = {
        let place = place.clone();
        let close = props.onclose.clone();
        Callback::from(move |event: MouseEvent| {
            let target =
                event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            if target.is_some() && target == place.cast::<web_sys::Element>() {
                close.emit(());
            }
        })
    };
    div("dialog-place")
        .node(&place)
        .onmousedown(beside)
        .onkeydown(onkeydown)
        .kid(
            div("dialog")
                .attr("role", "alertdialog")
                .attr("aria-modal", "true")
                .set("aria-label", props.title.clone())
                .kid(el("h2").text(props.title.clone()))
                .kid(props.children.clone()),
        )
        .into()
}

/// What has the focus in the document or shadow root that `node` stands in.
pub fn active(node: &web_sys::Node) -> Option<web_sys::Element> {
    let root = node.get_root_node();
    if let Some(shadow) = root.dyn_ref::<web_sys::ShadowRoot>() {
        shadow.active_element()
    } else {
        root.dyn_ref::<web_sys::Document>()?.active_element()
    }
}

fn focus(element: Option<web_sys::Element>) {
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}
