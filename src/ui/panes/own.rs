//! A page of Dask's dashboard as it is, in a frame.

use yew::prelude::*;

use crate::ui::dom::{button, div, el, span};
use crate::ui::widgets::sets;
use panes::own::path_of;

/// Properties of [`OwnPage`].
#[derive(Properties, PartialEq)]
pub struct OwnPageProps {
    /// Which, by the pane's id.
    pub id: String,
    /// The dashboard's address.
    pub base: String,
}

/// Properties of [`Framed`].
#[derive(Properties, PartialEq)]
pub struct FramedProps {
    /// The dashboard's address.
    pub base: String,
    /// The page's, below that.
    pub path: String,
}

/// What a frame may do. Of our own origin (behind a gateway's proxy) it is kept from what this page
/// remembers; of another one it is its own.
const KEPT_APART: &str = "allow-scripts allow-forms allow-popups allow-downloads";
const ITS_OWN: &str = "allow-scripts allow-forms allow-popups allow-downloads allow-same-origin";

/// The page that is a pane.
#[component]
pub fn OwnPage(props: &OwnPageProps) -> Html {
    let Some(path) = path_of(&props.id) else {
        return el("p").class("empty").attr("role", "alert").text("Dask has no such page.").into();
    };
    html! { <Framed base={props.base.clone()} {path} /> }
}

/// Any page in a frame, with ways to load it anew and to open it in a tab.
#[component]
pub fn Framed(props: &FramedProps) -> Html {
    let round = use_state_eq(|| 0u32);
    let path = &props.path;
    let url = format!("{}{path}", props.base);
    let here = web_sys::window().map(|window| window.location());
    let origin = here.and_then(|here| here.origin().ok()).unwrap_or_default();
    let tab = el("a")
        .set("href", url.clone())
        .attr("target", "_blank")
        .attr("rel", "noopener noreferrer")
        .testid("own-tab")
        .text("Open in a tab");
    if origin.starts_with("https:") && is_far(&props.base) {
        let why = "This page uses https and Dask's page uses http: the browser does not show it inside this page. ";
        return el("p").class("empty").text(why).kid(tab).into();
    }
    let ours = url.strip_prefix(&origin).is_some_and(|rest| rest.starts_with('/'));
    let frame = el("iframe")
        .key(format!("{} {url}", *round))
        .set("src", url.clone())
        .set("title", format!("Dask's own page {path}"))
        .attr("sandbox", if ours { KEPT_APART } else { ITS_OWN })
        .attr("referrerpolicy", "no-referrer")
        .attr("loading", "lazy")
        .testid("own-frame");
    let words = "Dask's own page. If it stays empty, this scheduler does not have the page, or a proxy \
                 forbids frames.";
    let again = button("linkish").onclick(sets(round.setter(), *round + 1)).text("Load again");
    let foot = div("own-foot")
        .kid(span("mute").text(words))
        .kid(span("grow"))
        .kid(again.testid("own-again"))
        .kid(tab);
    div("own").kid(foot).kid(frame).into()
}

/// Whether an address is one that a browser does not let into a page that came over https.
fn is_far(base: &str) -> bool {
    let Some(rest) = base.strip_prefix("http://") else { return false };
    let host = rest.split(['/', ':']).next().unwrap_or("");
    !(host == "localhost"
        || host == "127.0.0.1"
        || host.ends_with(".localhost")
        || rest.starts_with("[::1]"))
}
