//! A button that copies.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::ui::dom::{button, el};
use crate::ui::part::{Hook, HookContext, Part};
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

/// A button that copies, and says whether it could.
#[derive(PartialEq)]
pub struct Copier {
    /// The text.
    pub text: AttrValue,
    /// The button's own words.
    pub label: &'static str,
    /// Hover text.
    pub title: Option<&'static str>,
    /// Its name for tests.
    pub testid: Option<&'static str>,
    /// CSS classes beside `btn`.
    pub class: &'static str,
}

impl Copier {
    /// A button that copies `text`.
    pub fn new(text: impl Into<AttrValue>) -> Self {
        Self { text: text.into(), label: "Copy", title: None, testid: None, class: "" }
    }
}

impl Part for Copier {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let said = use_state_eq(|| None::<bool>).run(hooks);
        let onclick = {
            let text = self.text.clone();
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
            None => self.label,
            Some(true) => "Copied",
            Some(false) => "Select and press Ctrl+C",
        };
        button("btn")
            .class(self.class)
            .set_some("data-testid", self.testid.map(AttrValue::Static))
            .set_some("title", self.title.map(AttrValue::Static))
            .onclick(onclick)
            .kid(el("span").attr("aria-live", "polite").text(words))
            .into()
    }
}
