//! A link to a page of the app.

use std::rc::Rc;

use yew::prelude::*;

use crate::app::route::Route;
use crate::ui::dom::{El, el};
use crate::ui::store::Dispatch;

/// A link that opens in a new tab where people want that, and leaves a host page's address alone.
/// Its class, name and content are the caller's to add.
pub fn link(dispatch: &Dispatch, to: &Route) -> El {
    link_and(dispatch, to, Callback::noop())
}

/// A link with something to do beside going there.
pub fn link_and(dispatch: &Dispatch, to: &Route, also: Callback<()>) -> El {
    let has_links = dispatch.location().has_links();
    let go = {
        let (dispatch, to) = (dispatch.clone(), to.clone());
        Rc::new(move || {
            dispatch.go_to(to.clone());
            also.emit(());
        })
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
    if has_links {
        return link.set("href", to.print());
    }
    link.attr("tabindex", "0").attr("role", "link").onkeydown(Callback::from(
        move |event: KeyboardEvent| {
            if event.key() == "Enter" {
                go();
            }
        },
    ))
}
