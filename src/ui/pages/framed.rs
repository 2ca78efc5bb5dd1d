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
            .text("Nothing was done. This page is shown inside a page of ")
            .kid(whose)
            .text(", and such a page could trick you into pressing buttons here.")
            .into(),
        el("p")
            .text(
                "For your safety no cluster is created, changed or shut down from here, and nothing new is contacted. \
                 Open this view in a tab of its own and try again there; you may have to sign in once more.",
            )
            .into(),
        el("p")
            .class("mute small")
            .text("If you run that page and this site: name the page's origin as ")
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
