//! What the scheduler is asked for only when a person wants it.

use yew::prelude::*;

use crate::app::engine::Input;
use crate::app::panes;
use crate::ui::dom::{button, div, el};
use crate::ui::hooks::{use_effect_with, use_state_eq};
use crate::ui::live::HubHandle;
use crate::ui::part::{Hook, HookContext, Part};
use crate::ui::widgets::sets;

/// The question, and the wait for what comes.
#[derive(PartialEq)]
pub struct Offer {
    /// What is offered.
    pub what: panes::Offer,
    /// Of what.
    pub hub: HubHandle,
    /// Why nothing comes.
    pub why: Option<String>,
}

impl Part for Offer {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let asked = use_state_eq(|| false).run(hooks);
        let offer = self.what;
        {
            let hub = self.hub.clone();
            // Once it is here something else stands in this place, and the page is let go.
            use_effect_with(*asked, move |asked| {
                let asked = *asked;
                if asked {
                    hub.0.put(Input::Pane(offer.page, true));
                }
                move || {
                    if asked {
                        hub.0.put(Input::Pane(offer.page, false));
                    }
                }
            })
            .run(hooks);
        }
        let words = match (&self.why, *asked) {
            (Some(why), true) => why.clone(),
            (None, true) => offer.under_way.to_owned(),
            (_, false) => offer.words.to_owned(),
        };
        let ask = (!*asked).then(|| {
            button("btn").onclick(sets(asked.setter(), true)).testid("pane-ask").text(offer.button)
        });
        div("offer").kid(el("p").attr("role", "status").text(words)).maybe(ask).into()
    }
}
