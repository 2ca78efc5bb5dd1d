//! A button that copies.

use yew::prelude::*;

use crate::ui::dom::{button, el};
use crate::web::run::spawn;
use crate::web::{clipboard, clock};

/// Properties of [`Copier`].
#[derive(Properties, PartialEq)]
pub struct CopierProps {
    /// The text.
    pub text: AttrValue,
    /// The button's own words.
    #[prop_or("Copy")]
    pub label: &'static str,
    /// Hover text.
    #[prop_or_default]
    pub title: Option<&'static str>,
    /// Its name for tests.
    #[prop_or_default]
    pub testid: Option<&'static str>,
    /// CSS classes beside `btn`.
    #[prop_or_default]
    pub class: &'static str,
}

/// A button that copies, and says whether it could.
#[component]
pub fn Copier(props: &CopierProps) -> Html {
    let copied = use_state_eq(|| None::<bool>);
    let onclick = {
        let (text, copied) = (props.text.clone(), copied.setter());
        Callback::from(move |_| {
            let (text, copied) = (text.clone(), copied.clone());
            spawn(async move {
                copied.set(Some(clipboard::copy(&text).await));
                clock::sleep(1_600).await;
                copied.set(None);
            });
        })
    };
    let words = match *copied {
        None => props.label,
        Some(true) => "Copied",
        Some(false) => "Select and press Ctrl+C",
    };
    button("btn")
        .class(props.class)
        .set_some("data-testid", props.testid.map(AttrValue::Static))
        .set_some("title", props.title.map(AttrValue::Static))
        .onclick(onclick)
        .kid(el("span").attr("aria-live", "polite").text(words))
        .into()
}
