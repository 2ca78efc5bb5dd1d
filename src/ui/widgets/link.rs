//! A link to a page of the app.

use std::rc::Rc;

use yew::prelude::*;

use crate::app::route::Route;
use crate::ui::dom::{El, el};
use crate::ui::store::{Dispatch, use_dispatch};

/// Where to, and what to show.
#[derive(Properties, PartialEq)]
pub struct LinkProps {
    /// Where to.
    pub to: Route,
    /// CSS classes.
    #[prop_or_default]
    pub class: Classes,
    /// Whether it leads to what is shown.
    #[prop_or_default]
    pub current: bool,
    /// Its name for tests.
    #[prop_or_default]
    pub testid: Option<AttrValue>,
    /// The `data-status` of the cluster it leads to.
    #[prop_or_default]
    pub status: Option<AttrValue>,
    /// Hover text.
    #[prop_or_default]
    pub title: Option<AttrValue>,
    /// Called beside going there.
    #[prop_or_default]
    pub onclick: Callback<()>,
    /// Content.
    #[prop_or_default]
    pub children: Html,
}

/// A link that opens in a new tab where people want that, and leaves a host page's address alone.
#[component]
pub fn Link(props: &LinkProps) -> Html {
    let dispatch = use_dispatch();
    let has_links = dispatch.location().has_links();
    let go = {
        let to = props.to.clone();
        let also = props.onclick.clone();
        move || {
            dispatch.go_to(to.clone());
            also.emit(());
        }
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
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if !has_links && event.key() == "Enter" {
            go();
        }
    });
    html! {
        <a class={props.class.clone()}
            href={has_links.then(|| props.to.print())}
            tabindex={(!has_links).then_some("0")}
            role={(!has_links).then_some("link")}
            aria-current={props.current.then_some("page")}
            data-testid={props.testid.clone()}
            data-status={props.status.clone()}
            title={props.title.clone()}
            {onclick} {onkeydown}>
            { props.children.clone() }
        </a>
    }
}

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
