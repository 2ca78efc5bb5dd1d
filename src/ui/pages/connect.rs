//! Where the gateway is and who asks.

use std::rc::Rc;

use yew::prelude::*;

use super::config_problems;
use crate::app::action::{Action, Secret};
use crate::app::route::Page;
use crate::app::state::{Probe, Session, State};
use crate::gateway::address::AddressError;
use crate::gateway::{Address, AuthKind, Credentials, api};
use crate::ui::dom::{El, button, div, el, list, nothing, span};
use crate::ui::hooks::{Kept, Setter, use_effect_with, use_state_eq};
use crate::ui::part::{Hook, HookContext, Part, part};
use crate::ui::store::use_dispatch;
use crate::ui::widgets::{DoctorCard, Patient, Tone, link, note, on_choice, on_text, trouble_note};
use crate::web::http;

use wasm_bindgen_futures::spawn_local;

/// Where the gateway is and who asks.
pub fn connect_page(state: &Rc<State>) -> Html {
    let address = state
        .wanted_text()
        .map(str::to_owned)
        .or_else(|| state.found.as_ref().map(ToString::to_string))
        .unwrap_or_default();
    let kind = state.route.query.auth.or(state.config.auth).unwrap_or_default();
    part(ConnectForm { state: state.clone(), address, kind })
}

#[derive(PartialEq)]
struct ConnectForm {
    state: Rc<State>,
    address: String,
    kind: AuthKind,
}

/// What answers at an address.
#[derive(Clone, PartialEq)]
enum Found {
    Nothing,
    Looking,
    Gateway(String),
    Trouble(String),
}

impl Part for ConnectForm {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let dispatch = use_dispatch().run(hooks);
        let state = &self.state;
        let address = use_state_eq(|| {
            let present = state.session.address().map(ToString::to_string);
            if self.address.is_empty() { present.unwrap_or_default() } else { self.address.clone() }
        })
        .run(hooks);
        let kind = use_state_eq(|| self.kind).run(hooks);
        let user = use_state_eq(String::new).run(hooks);
        let secret = use_state_eq(String::new).run(hooks);
        let found = use_state_eq(|| Found::Nothing).run(hooks);

        {
            // A link that is followed, or a gateway that is found, fills the form in; what people type
            // meanwhile stays.
            let first = use_mut_ref(|| true).run(hooks);
            let (set_address, set_kind, typed) =
                (address.setter(), kind.setter(), (*address).clone());
            let by_link = state.wanted_text().is_some();
            use_effect_with((self.address.clone(), self.kind), move |(address, kind)| {
                if !first.replace(false) {
                    if by_link || typed.is_empty() {
                        set_address.set(address.clone());
                    }
                    set_kind.set(*kind);
                }
            })
            .run(hooks);
        }

        let here = state.here.clone();
        let parsed = Address::parse(&address, here.as_ref());
        {
            let found = found.setter();
            // A link may name any host: that one is asked only when somebody submits.
            let own = parsed.clone().ok().filter(|address| {
                state.route.query.gateway.is_none()
                    || here.as_ref().is_some_and(|here| here.origin() == address.origin())
            });
            use_effect_with(own, move |address| {
                let timer = address.clone().and_then(|address| {
                    crate::web::clock::after(250, move || look(address, found))
                });
                move || drop(timer)
            })
            .run(hooks);
        }

        // The doctor comes by itself when connecting fails.
        let runs = use_state_eq(|| 0_u32).run(hooks);
        {
            let (runs, count) = (runs.setter(), *runs);
            use_effect_with(state.connect_trouble.clone(), move |trouble| {
                if trouble.is_some() {
                    runs.set(count + 1);
                }
            })
            .run(hooks);
        }

        let busy = matches!(state.session, Session::Connecting(_));
        let submit = {
            let dispatch = dispatch.clone();
            let (address, kind) = ((*address).clone(), *kind);
            let (user, secret) = ((*user).clone(), (*secret).clone());
            Callback::from(move |event: SubmitEvent| {
                event.prevent_default();
                if !busy {
                    dispatch.act(Action::Connect {
                        address: address.clone(),
                        kind,
                        user: user.clone(),
                        secret: Secret(secret.clone()),
                    });
                }
            })
        };
        let choose = {
            let kind = kind.setter();
            on_choice(move |text| {
                if let Some(chosen) = AuthKind::parse(&text) {
                    kind.set(chosen);
                }
            })
        };
        let caution = parsed.as_ref().ok().and_then(|address| {
            Credentials::basic(address.clone(), &user, &secret).ok().and_then(|one| one.caution())
        });
        let input = |id: &'static str, testid: &'static str, held: &Kept<String>| {
            let setter = held.setter();
            el("input")
                .class("input")
                .attr("id", id)
                .attr("data-testid", testid)
                .value(held.as_str())
                .oninput(on_text(move |text| setter.set(text)))
        };
        let hidden = |id, testid, autocomplete| {
            input(id, testid, &secret).attr("type", "password").attr("autocomplete", autocomplete)
        };
        let by_name = || {
            let user = input("ds-user", "username", &user)
                .attr("autocomplete", "username")
                .attr("spellcheck", "false")
                .attr("autocapitalize", "off");
            let aside = span("aside").text("may be empty on simple gateways");
            let caution = match caution {
                Some(caution) => span("error").text(caution).into(),
                None => nothing(),
            };
            list(vec![
                field(label("ds-user", "User name"), user).into(),
                field(
                    label("ds-pass", "Password").kid(aside),
                    hidden("ds-pass", "password", "current-password"),
                )
                .into(),
                caution,
            ])
        };
        let by_token = || {
            let get = state.config.hub.as_ref().map(|hub| {
                el("a")
                    .class("aside")
                    .set("href", format!("{hub}/token"))
                    .attr("target", "_blank")
                    .attr("rel", "noreferrer")
                    .text("get one from the hub")
            });
            field(label("ds-token", "Token").maybe(get), hidden("ds-token", "token", "off"))
        };
        let hint = |of: AuthKind, words: &'static str| {
            (*kind == of).then(|| el("p").class("mute small").text(words))
        };
        let address_field = field(
            label("ds-address", "Address"),
            input("ds-address", "gateway-address", &address)
                .attr("placeholder", "/services/dask-gateway")
                .attr("autocomplete", "url")
                .attr("spellcheck", "false"),
        )
        .kid(found_line(&found, state.probe, &parsed, !address.is_empty()));
        let kinds = AuthKind::ALL.into_iter().map(|one| {
            el("option")
                .attr("value", one.as_str())
                .flag("selected", one == *kind)
                .text(one.label())
        });
        let kind_field = field(
            label("ds-auth", "Authentication"),
            el("select")
                .class("input")
                .attr("id", "ds-auth")
                .attr("data-testid", "auth-kind")
                .onchange(choose)
                .kids(kinds),
        );
        let connect = el("button")
            .attr("type", "submit")
            .class("btn primary tall")
            .attr("data-testid", "connect-submit")
            .flag("disabled", busy || address.trim().is_empty())
            .maybe(busy.then(|| span("spin later")))
            .text(if busy { "Connecting…" } else { "Connect" });
        let cancel = busy
            .then(|| button("btn tall").onclick(dispatch.on(|| Action::SignOut)).text("Cancel"));
        let form = el("form")
            .class("card")
            .onsubmit(submit)
            .kid(el("h1").text("Connect to Dask Gateway"))
            .kid(address_field)
            .kid(kind_field)
            .maybe((*kind == AuthKind::Basic).then(by_name))
            .maybe((*kind == AuthKind::JupyterHub).then(by_token))
            .maybe(hint(
                AuthKind::Kerberos,
                "The browser signs in with your Kerberos ticket. The gateway's host must be allowed in the \
                 browser's settings.",
            ))
            .maybe(hint(
                AuthKind::None,
                "Nothing is sent but the browser's own cookies: for gateways behind a proxy that knows you.",
            ))
            .kid(
                div("submit-line")
                    .kid(connect)
                    .maybe(cancel)
                    .kid(span("mute small").text("Kept in this tab only, until you sign out.")),
            );
        let foreign = foreign_link(state).map(|host| {
            let words = format!(
                "It leads to {host}, not to the gateway of this site. What you kept for other gateways is \
                 not sent there. Sign in only if you trust it."
            );
            said(Tone::Warn, nothing(), "This link names another gateway", words)
        });
        let signed_in = state.is_in().then(|| {
            let to = state.route.follow(Page::Clusters);
            let go = link(&dispatch, &to).class("btn").text("To the clusters");
            let at = state.session.address().map(ToString::to_string).unwrap_or_default();
            said(Tone::Ok, go.into(), "You are signed in", at)
        });
        let trouble = state.connect_trouble.as_ref();
        let patient = Patient::Gateway {
            typed: (*address).clone(),
            credentials: parsed
                .as_ref()
                .ok()
                .and_then(|address| credentials(address.clone(), *kind, &user, &secret)),
        };
        div("connect")
            .kid(
                div("stack")
                    .maybe(foreign)
                    .maybe(signed_in)
                    .maybe(trouble.map(|one| trouble_note(one, Some("connect-error"), nothing())))
                    .kid(form)
                    .kid(config_problems(state)),
            )
            .kid(part(DoctorCard { patient, run: *runs }))
            .into()
    }
}

fn label(id: &'static str, words: &'static str) -> El {
    el("label").attr("for", id).text(words)
}

fn field(label: El, control: El) -> El {
    div("field").kid(label).kid(control)
}

fn said(tone: Tone, acts: Html, title: &'static str, words: String) -> Html {
    note(tone, None, acts, vec![el("b").text(title).into(), el("span").text(words).into()])
}

/// The credentials that the form holds, once they are whole.
fn credentials(address: Address, kind: AuthKind, user: &str, secret: &str) -> Option<Credentials> {
    match kind {
        AuthKind::None => Some(Credentials::none(address)),
        AuthKind::Kerberos => Some(Credentials::kerberos(address)),
        AuthKind::Basic => Credentials::basic(address, user, secret).ok(),
        AuthKind::JupyterHub => Credentials::jupyterhub(address, secret).ok(),
    }
}

/// The host of a link's gateway when it is not the site's own.
fn foreign_link(state: &State) -> Option<String> {
    state.route.query.gateway.as_ref()?;
    let wanted = state.wanted()?;
    let own = state
        .config
        .gateway
        .as_deref()
        .and_then(|text| Address::parse(text, state.here.as_ref()).ok());
    let same = match &own {
        Some(own) => *own == wanted,
        None => state.here.as_ref().is_some_and(|here| here.origin() == wanted.origin()),
    };
    (!same).then(|| wanted.to_string())
}

fn look(address: Address, found: Setter<Found>) {
    found.set(Found::Looking);
    spawn_local(async move {
        let healthy = match http::send(&api::health(), &address).await {
            Ok(response) => api::read_health(&response),
            Err(error) => Err(error),
        };
        let said = match healthy {
            Ok(health) => {
                let version = match http::send(&api::version(), &address).await {
                    Ok(response) => api::read_version(&response).ok(),
                    Err(_) => None,
                };
                let version = version.map(|version| format!(" {version}")).unwrap_or_default();
                if health == "pass" {
                    Found::Gateway(format!("Dask Gateway{version}"))
                } else {
                    Found::Trouble(format!("Dask Gateway{version} reports trouble: {health}"))
                }
            }
            Err(error) => Found::Trouble(error.message()),
        };
        found.set(said);
    });
}

fn found_line(
    found: &Found,
    probe: Probe,
    parsed: &Result<Address, AddressError>,
    typed: bool,
) -> El {
    let line = span("found");
    if !typed {
        return match probe {
            Probe::Running => line.kid(span("spin")).text("Looking in the usual places…"),
            Probe::Nothing => line.text("No gateway in the usual places of this site."),
            Probe::Idle => line,
        };
    }
    match (parsed, found) {
        (Err(error), _) => line.class("error").text(error.to_string()),
        (_, Found::Nothing) => line,
        (_, Found::Looking) => line.kid(span("spin later")),
        (_, Found::Gateway(text)) => {
            line.class("ok").kid(span("tick").text("✓")).text(text.as_str())
        }
        (_, Found::Trouble(text)) => line.class("error").text(text.as_str()),
    }
}
