//! A question in the middle of the app, which has to be answered first.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, ShadowRoot};
use yew::prelude::*;

use crate::web::clock::listen;

/// Properties of [`Question`].
#[derive(Properties, PartialEq)]
pub struct QuestionProps {
    /// Its headline.
    pub title: AttrValue,
    /// Called on Esc and on a click beside it.
    pub onclose: Callback<()>,
    /// Content; the element with `autofocus` gets the focus.
    pub children: Html,
}

/// A question. The browser keeps the focus inside and gives it back.
#[component]
pub fn Question(props: &QuestionProps) -> Html {
    let QuestionProps { title, onclose, children } = props;
    let dialog = use_node_ref();
    use_shown(&dialog, onclose);
    html! {
        <div class="dialog-place" onmousedown={beside(&dialog, onclose)}>
            <dialog
                ref={dialog}
                class="dialog"
                role="alertdialog"
                aria-label={title}
                // A click on its words leaves the focus inside.
                tabindex="-1"
                onkeydown={keys(onclose)}
            >
                <h2>{ title }</h2>
                { children.clone() }
            </dialog>
        </div>
    }
}

/// Shows the dialog as long as it is on the page.
#[hook]
fn use_shown(dialog: &NodeRef, onclose: &Callback<()>) {
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            let shown = dialog.cast::<HtmlDialogElement>().map(Shown::new);
            move || drop(shown)
        });
    }
    let dialog = dialog.clone();
    use_effect_with(onclose.clone(), move |onclose| {
        let (dialog, onclose) = (dialog.cast::<HtmlDialogElement>(), onclose.clone());
        // The browser may have ways to close it of its own, as a phone's button.
        let watch = dialog.map(|dialog| {
            listen(&dialog, "cancel", move |event| {
                event.prevent_default();
                onclose.emit(());
            })
        });
        move || drop(watch)
    });
}

/// A dialog that is shown until this is dropped. Nothing else can be reached meanwhile: in a page of our
/// own, nothing at all; in a host's page, nothing of the app.
struct Shown {
    dialog: HtmlDialogElement,
    inert: Vec<Element>,
}

impl Shown {
    fn new(dialog: HtmlDialogElement) -> Self {
        let mounted = dialog.get_root_node().is_instance_of::<ShadowRoot>();
        let inert = if mounted { around(&dialog) } else { Vec::new() };
        for one in &inert {
            let _ = one.set_attribute("inert", "");
        }
        if mounted {
            dialog.show();
        } else {
            // Fails for a dialog that is open or not on the page.
            let _ = dialog.show_modal();
        }
        Self { dialog, inert }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        for one in &self.inert {
            let _ = one.remove_attribute("inert");
        }
        self.dialog.close();
    }
}

/// What stands beside an element in the app, and beside what it stands in.
fn around(element: &Element) -> Vec<Element> {
    let mut all = Vec::new();
    let mut at = element.clone();
    while !at.class_list().contains("ds-root")
        && let Some(parent) = at.parent_element()
    {
        let mut next = parent.first_element_child();
        while let Some(child) = next {
            next = child.next_element_sibling();
            if child != at && !child.has_attribute("inert") {
                all.push(child);
            }
        }
        at = parent;
    }
    all
}

/// Keys belong to the dialog while it is open.
fn keys(onclose: &Callback<()>) -> Callback<KeyboardEvent> {
    let close = onclose.clone();
    Callback::from(move |event: KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            // A key that is still held down has opened the question, it does not answer it.
            "Enter" | " " if event.repeat() => event.prevent_default(),
            "Escape" => {
                event.prevent_default();
                close.emit(());
            }
            _ => {}
        }
    })
}

/// A press beside the dialog closes it.
fn beside(dialog: &NodeRef, onclose: &Callback<()>) -> Callback<MouseEvent> {
    let (dialog, close) = (dialog.clone(), onclose.clone());
    Callback::from(move |event: MouseEvent| {
        let Some(dialog) = dialog.cast::<Element>() else { return };
        // What is behind a modal dialog is pressed as the dialog itself: only the place tells.
        let (at, x, y) =
            (dialog.get_bounding_client_rect(), event.client_x().into(), event.client_y().into());
        let inside = (at.left()..=at.right()).contains(&x) && (at.top()..=at.bottom()).contains(&y);
        if !inside {
            close.emit(());
        }
    })
}

/// What has the focus in the document or shadow root that `node` stands in.
pub fn active(node: &web_sys::Node) -> Option<Element> {
    let root = node.get_root_node();
    if let Some(shadow) = root.dyn_ref::<ShadowRoot>() {
        shadow.active_element()
    } else {
        root.dyn_ref::<web_sys::Document>()?.active_element()
    }
}
