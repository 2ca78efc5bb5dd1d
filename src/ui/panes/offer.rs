//! What the scheduler is asked for only when a person wants it.

use yew::prelude::*;

use crate::runtime::HubHandle;
use crate::ui::dom::{button, div, el};
use crate::ui::widgets::sets;
use crate::web::timer::Timeout;
use feed::pool::DashboardPage;
use live::engine::Input;
use panes;

/// How far it has come: asked for, and asked for long ago.
const ASKED: u8 = 1;
const LATE: u8 = 2;
/// After how long a person is told why nothing comes, ms.
const LONG_MS: u32 = 30_000;

/// Properties of [`Offer`].
#[derive(Properties, PartialEq)]
pub struct OfferProps {
    /// What is offered.
    pub what: panes::Offer,
    /// Of what.
    pub hub: HubHandle,
    /// Why nothing comes.
    pub why: Option<String>,
    /// Why it takes long.
    pub busy: String,
}

/// The question, and the wait for what comes.
#[component]
pub fn Offer(props: &OfferProps) -> Html {
    let asked = use_state_eq(|| 0);
    let offer = props.what;
    {
        let (hub, late) = (props.hub.clone(), asked.setter());
        // Once it is here something else stands in this place, and the page is let go.
        use_effect_with(*asked >= ASKED, move |asked| {
            let asked = *asked;
            let timer = asked.then(|| {
                hub.0.put(Input::Allow(offer.page));
                hub.0.put(Input::Pane(offer.page, true));
                Timeout::new(LONG_MS, move || late.set(LATE))
            });
            move || {
                drop(timer);
                if asked {
                    hub.0.put(Input::Pane(offer.page, false));
                }
            }
        });
    }
    {
        let hub = props.hub.clone();
        // Who has so many tasks is asked only where somebody waits for that.
        use_effect_with(*asked == LATE, move |late| {
            let late = *late;
            if late {
                hub.0.put(Input::Pane(DashboardPage::Load, true));
            }
            move || {
                if late {
                    hub.0.put(Input::Pane(DashboardPage::Load, false));
                }
            }
        });
    }
    let words = match (&props.why, *asked) {
        (_, 0) => offer.words.to_owned(),
        (Some(why), _) => why.clone(),
        (None, LATE) => props.busy.clone(),
        (None, _) => offer.under_way.to_owned(),
    };
    let press =
        |to, id, words| button("btn").onclick(sets(asked.setter(), to)).testid(id).text(words);
    let ask = match *asked {
        0 => Some(press(ASKED, "pane-ask", offer.button)),
        LATE => Some(press(0, "pane-give-up", "Cancel")),
        _ => None,
    };
    div("offer").kid(el("p").attr("role", "status").text(words)).maybe(ask).into()
}
