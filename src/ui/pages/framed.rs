//! Why something is not done while this page is inside of a stranger's, and the way out.

use super::ask::{answer, ask};
use crate::ui::dom::{el, list};
use crate::ui::store::Dispatch;
use crate::ui::widgets::acts;
use crate::web::location;
use session::action::Action;
use session::state::State;
use yew::prelude::*;

/// The explanation.
pub fn refused(state: &State, dispatch: &Dispatch) -> Html {
    let origin = state.framed.as_ref().and_then(|foreign| foreign.origin.clone());
    let whose = el("b").testid("framed-by").text(origin.unwrap_or_else(|| "another site".into()));
    // In a host's page the address is the host's, and says nothing of what is shown here.
    let here = if dispatch.location().has_links() { state.route.print() } else { location::href() };
    let body = list(vec![
        el("p")
            .text("Nothing was changed. This page is shown inside a page of ")
            .kid(whose)
            .text(", and such a page could trick you into pressing buttons here.")
            .into(),
        el("p")
            .text(
                "For your safety, clusters cannot be created, changed or shut down from here, and no \
                 new address is contacted. Open this view in its own tab and try again. You may \
                 have to sign in again.",
            )
            .into(),
        el("p")
            .class("mute small")
            .text("If you run both sites, add the page's origin as ")
            .kid(el("code").text("frame_ancestors"))
            .text(" in this site's config.json.")
            .into(),
    ]);
    let close = answer("btn tall", "Close", acts(dispatch, || Action::Cancel))
        .testid("framed-close")
        .flag("autofocus", true);
    let open = el("a")
        .class("btn tall primary")
        .set("href", here)
        .attr("target", "_blank")
        .attr("rel", "noopener")
        .testid("framed-open")
        .onclick(acts(dispatch, || Action::Cancel))
        .text("Open in a tab of its own");
    ask(
        "Switched off inside another site’s page".into(),
        dispatch,
        body,
        el("div").class("buttons").kid(close).kid(open),
    )
}
