//! A button that copies.

use crate::web::run::spawn;
use yew::prelude::*;

use crate::ui::dom::{button, el};
use crate::ui::hooks::use_state_eq;
use crate::ui::part::{Hook, HookContext, Part};
use crate::web::{clipboard, clock};

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
                spawn(async move {
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
