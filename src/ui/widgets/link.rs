//! A link to a page of the app.

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::dom::{El, el};
use crate::ui::store::Dispatch;
use session::route::{Page, Route};
use session::state::State;

/// A link to a page that keeps what describes the site; see [`link`].
pub fn link_to(dispatch: &Dispatch, state: &State, page: Page) -> El {
    link(dispatch, state.route.follow(page))
}

/// Where a new cluster is made.
pub fn new_cluster(state: &State) -> Route {
    let mut to = state.route.follow(Page::Clusters);
    to.query.new = true;
    to
}

/// A link that opens in a new tab where people want that, and leaves a host page's address alone.
/// Its class, name and content are the caller's to add.
pub fn link(dispatch: &Dispatch, to: Route) -> El {
    let has_links = dispatch.location().has_links();
    let href = has_links.then(|| to.print());
    let go = {
        let dispatch = dispatch.clone();
        Rc::new(move || dispatch.go_to(to.clone()))
    };
    let onclick = {
        let go = go.clone();
        Callback::from(move |event: MouseEvent| {
            let plain = event.button() == 0
                && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
            if plain || !has_links {
                event.prevent_default();
                go();
            }
        })
    };
    let link = el("a").onclick(onclick);
    if let Some(href) = href {
        return link.set("href", href);
    }
    link.attr("tabindex", "0").attr("role", "link").onkeydown(Callback::from(
        move |event: KeyboardEvent| {
            if event.key() == "Enter" {
                go();
            }
        },
    ))
}
