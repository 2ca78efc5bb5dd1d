//! The banner over what was seen before a sign-in expired, with the way to sign in again in place.

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::dom::{El, div, el, list, nothing, span};
use crate::ui::store::use_dispatch;
use crate::ui::widgets::{Tone, note, on_text};
use crate::web::{chart, location};
use gateway::hub::login_url;
use gateway::{AuthKind, Credentials};
use session::action::{Action, Secret};
use session::route::Page;
use session::state::{Session, State, Trouble};

/// The banner, where a sign-in has expired and something of it is still on the screen.
pub fn sign_in_again(state: &Rc<State>) -> Html {
    match &state.session {
        Session::Expired { .. } if state.has_clusters() && state.route.page != Page::Connect => {
            html! { <SignInAgain state={state.clone()} /> }
        }
        _ => nothing(),
    }
}

#[derive(Properties, PartialEq)]
struct SignInAgainProps {
    state: Rc<State>,
}

#[component]
fn SignInAgain(props: &SignInAgainProps) -> Html {
    let state = &props.state;
    let dispatch = use_dispatch();
    let secret = use_state_eq(String::new);
    let Session::Expired { who, trouble } = &state.session else { return nothing() };
    let busy = state.trial.is_some();
    let submit = {
        let (dispatch, secret) = (dispatch.clone(), secret.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !busy {
                dispatch.act(Action::SignInAgain(Secret((*secret).clone())));
                secret.set(String::new());
            }
        })
    };
    let form = el("form")
        .class("again")
        .onsubmit(submit)
        .maybe(asks_for(who, state.is_hubs_own(who.address())).map(|asked| field(asked, &secret)))
        .kid(
            el("button")
                .attr("type", "submit")
                .class("btn primary")
                .attr("data-testid", "sign-in-again")
                .flag("disabled", busy)
                .maybe(busy.then(|| span("spin later")))
                .text(if busy { "Signing in…" } else { "Sign in again" }),
        );
    let trouble = state.connect_trouble.as_ref().unwrap_or(trouble);
    div("signin")
        .kid(note(Tone::Warn, said(state, trouble)).testid("signed-out-banner").kid(form))
        .into()
}

/// Why the sign-in is over, and what goes on without it.
fn said(state: &State, trouble: &Trouble) -> El {
    let at = chart::clock(state.listing.answered);
    let kept = format!(
        "Live views keep updating. The list of clusters is from {at}. Sign in again to create, scale or shut down \
         clusters."
    );
    let why = (!trouble.text.is_empty()).then(|| span("said").text(trouble.text.as_str()));
    el("div")
        .kid(el("b").text(trouble.title.as_str()))
        .maybe(why)
        .kid(span("hint").text(kept))
        .maybe(hub_login(state, true))
}

/// A field for a secret, by its label and what the browser may fill in.
fn field((label, autocomplete): (String, &'static str), secret: &UseStateHandle<String>) -> Html {
    let put = secret.setter();
    let input = el("input")
        .class("input")
        .attr("id", "ds-again")
        .attr("data-testid", "again-secret")
        .attr("type", "password")
        .attr("autocomplete", autocomplete)
        .value((**secret).clone())
        .oninput(on_text(move |text| put.set(text)));
    list(vec![el("label").attr("for", "ds-again").text(label).into(), input.into()])
}

/// What has to be typed to sign in again, and what the browser may fill in.
fn asks_for(who: &Credentials, by_hub: bool) -> Option<(String, &'static str)> {
    match who.kind() {
        AuthKind::Basic => {
            Some((format!("Password of {}", who.user().unwrap_or_default()), "current-password"))
        }
        AuthKind::JupyterHub if !by_hub => Some(("JupyterHub token".into(), "off")),
        AuthKind::JupyterHub | AuthKind::Kerberos | AuthKind::None => None,
    }
}

/// Where nobody is signed in at the hub: the way there. `beside` opens it in another tab, so that
/// what is on the screen stays; else it leads back here, where the hub's session then signs in.
pub fn hub_login(state: &State, beside: bool) -> Option<El> {
    let hub = state.hub().filter(|_| state.upkeep.hub_out)?;
    let link = el("a").attr("data-testid", "hub-login").text("Sign in at JupyterHub");
    let said = span("hint");
    Some(if beside {
        let home = format!("{}/home", hub.path());
        let link = link
            .set("href", login_url(&hub, &home))
            .attr("target", "_blank")
            .attr("rel", "noreferrer");
        said.kid(link).text(" (in another tab), then press the button here.")
    } else {
        let secret =
            matches!(state.route.page, Page::Cluster(_) | Page::Panel(_) | Page::Scheduler);
        said.kid(link.set("href", login_url(&hub, &location::whole_path(secret)))).text(if secret {
            ". It leads back to your clusters."
        } else {
            ". It leads back to this page."
        })
    })
}
