//! A button that copies.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::web::{clipboard, clock};

/// What to copy.
#[derive(Properties, PartialEq)]
pub struct CopyProps {
    /// The text.
    pub text: AttrValue,
    /// The button's own words.
    #[prop_or(AttrValue::Static("Copy"))]
    pub label: AttrValue,
    /// Hover text.
    #[prop_or_default]
    pub title: Option<AttrValue>,
    /// Its name for tests.
    #[prop_or_default]
    pub testid: Option<AttrValue>,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// A button that copies, and says whether it could.
#[component]
pub fn CopyButton(props: &CopyProps) -> Html {
    let said = use_state_eq(|| None::<bool>);
    let onclick = {
        let text = props.text.clone();
        let said = said.setter();
        Callback::from(move |_| {
            let (text, said) = (text.clone(), said.clone());
            spawn_local(async move {
                said.set(Some(clipboard::copy(&text).await));
                clock::sleep(1_600).await;
                said.set(None);
            });
        })
    };
    let words = match *said {
        None => props.label.clone(),
        Some(true) => "Copied".into(),
        Some(false) => "Select and press Ctrl+C".into(),
    };
    html! {
        <button type="button" class={classes!("btn", props.class.clone())} {onclick}
            data-testid={props.testid.clone()} title={props.title.clone()}>
            <span aria-live="polite">{ words }</span>
        </button>
    }
}
