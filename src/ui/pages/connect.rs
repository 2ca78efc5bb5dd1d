//! Where the gateway is and who asks.

use std::rc::Rc;

use yew::prelude::*;

use super::config_problems;
use crate::app::action::{Action, Secret};
use crate::app::route::Page;
use crate::app::state::{Probe, Session, State};
use crate::gateway::{Address, AuthKind, Credentials, api};
use crate::ui::store::use_dispatch;
use crate::ui::widgets::{DoctorPanel, Link, Note, Patient, Tone, TroubleNote, on_choice, on_text};
use crate::web::http;

use wasm_bindgen_futures::spawn_local;

/// The page.
#[derive(Properties, PartialEq)]
pub struct ConnectProps {
    /// The state.
    pub state: Rc<State>,
}

/// Where the gateway is and who asks.
#[component]
pub fn ConnectPage(props: &ConnectProps) -> Html {
    let state = &props.state;
    let address = state
        .wanted_text()
        .map(str::to_owned)
        .or_else(|| state.found.as_ref().map(ToString::to_string))
        .unwrap_or_default();
    let kind = state.route.query.auth.or(state.config.auth).unwrap_or_default();
    html! { <ConnectForm state={state.clone()} {address} {kind} /> }
}

#[derive(Properties, PartialEq)]
struct FormProps {
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

#[component]
fn ConnectForm(props: &FormProps) -> Html {
    let dispatch = use_dispatch();
    let state = &props.state;
    let address = use_state_eq(|| {
        let present = state.session.address().map(ToString::to_string);
        if props.address.is_empty() { present.unwrap_or_default() } else { props.address.clone() }
    });
    let kind = use_state_eq(|| props.kind);
    let user = use_state_eq(String::new);
    let secret = use_state_eq(String::new);
    let found = use_state_eq(|| Found::Nothing);

    {
        // A link that is followed, or a gateway that is found, fills the form in; what people type
        // meanwhile stays.
        let first = use_mut_ref(|| true);
        let (set_address, set_kind, typed) = (address.setter(), kind.setter(), (*address).clone());
        let by_link = state.wanted_text().is_some();
        use_effect_with((props.address.clone(), props.kind), move |(address, kind)| {
            if !first.replace(false) {
                if by_link || typed.is_empty() {
                    set_address.set(address.clone());
                }
                set_kind.set(*kind);
            }
        });
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
            let timer = address
                .clone()
                .and_then(|address| crate::web::clock::after(250, move || look(address, found)));
            move || drop(timer)
        });
    }

    // The doctor comes by itself when connecting fails.
    let runs = use_state_eq(|| 0_u32);
    {
        let (runs, count) = (runs.setter(), *runs);
        use_effect_with(state.connect_trouble.clone(), move |trouble| {
            if trouble.is_some() {
                runs.set(count + 1);
            }
        });
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
    let set = |setter: UseStateSetter<String>| on_text(move |text| setter.set(text));
    let choose = {
        let kind = kind.setter();
        on_choice(move |text| {
            if let Some(chosen) = AuthKind::parse(&text) {
                kind.set(chosen);
            }
        })
    };
    let foreign = foreign_link(state);
    let hub = state.config.hub.clone();
    let caution = parsed.as_ref().ok().and_then(|address| {
        Credentials::basic(address.clone(), &user, &secret).ok().and_then(|one| one.caution())
    });
    html! {
        <div class="connect">
            <div class="stack">
                if let Some(host) = foreign {
                    <Note tone={Tone::Warn}>
                        <b>{ "This link names another gateway" }</b>
                        <span>{ format!("It leads to {host}, not to the gateway of this site. What you kept for \
                            other gateways is not sent there. Sign in only if you trust it.") }</span>
                    </Note>
                }
                if state.is_in() {
                    <Note tone={Tone::Ok} acts={html! {
                        <Link to={state.route.follow(Page::Clusters)} class="btn">{ "To the clusters" }</Link>
                    }}>
                        <b>{ "You are signed in" }</b>
                        <span>{ state.session.address().map(ToString::to_string) }</span>
                    </Note>
                }
                if let Some(trouble) = &state.connect_trouble {
                    <TroubleNote trouble={trouble.clone()} testid="connect-error" />
                }
                <form class="card" onsubmit={submit}>
                    <h1>{ "Connect to Dask Gateway" }</h1>
                    <div class="field">
                        <label for="ds-address">{ "Address" }</label>
                        <input class="input" id="ds-address" data-testid="gateway-address"
                            placeholder="/services/dask-gateway" autocomplete="url" spellcheck="false"
                            value={(*address).clone()} oninput={set(address.setter())} />
                        { found_line(&found, state.probe, &parsed, !address.is_empty()) }
                    </div>
                    <div class="field">
                        <label for="ds-auth">{ "Authentication" }</label>
                        <select class="input" id="ds-auth" data-testid="auth-kind" onchange={choose}>
                            { for AuthKind::ALL.into_iter().map(|one| html! {
                                <option value={one.as_str()} selected={one == *kind}>{ one.label() }</option>
                            }) }
                        </select>
                    </div>
                    if *kind == AuthKind::Basic {
                        <div class="field">
                            <label for="ds-user">{ "User name" }</label>
                            <input class="input" id="ds-user" data-testid="username" autocomplete="username"
                                spellcheck="false" autocapitalize="off"
                                value={(*user).clone()} oninput={set(user.setter())} />
                        </div>
                        <div class="field">
                            <label for="ds-pass">{ "Password" }
                                <span class="aside">{ "may be empty on simple gateways" }</span></label>
                            <input class="input" id="ds-pass" data-testid="password" type="password"
                                autocomplete="current-password"
                                value={(*secret).clone()} oninput={set(secret.setter())} />
                        </div>
                        if let Some(caution) = caution { <span class="error">{ caution }</span> }
                    }
                    if *kind == AuthKind::JupyterHub {
                        <div class="field">
                            <label for="ds-token">{ "Token" }
                                if let Some(hub) = hub {
                                    <a class="aside" href={format!("{hub}/token")} target="_blank"
                                        rel="noreferrer">{ "get one from the hub" }</a>
                                }
                            </label>
                            <input class="input" id="ds-token" data-testid="token" type="password"
                                autocomplete="off" value={(*secret).clone()} oninput={set(secret.setter())} />
                        </div>
                    }
                    if *kind == AuthKind::Kerberos {
                        <p class="mute small">{ "The browser signs in with your Kerberos ticket. The gateway's \
                            host must be allowed in the browser's settings." }</p>
                    }
                    if *kind == AuthKind::None {
                        <p class="mute small">{ "Nothing is sent but the browser's own cookies: for gateways \
                            behind a proxy that knows you." }</p>
                    }
                    <div class="submit-line">
                        <button type="submit" class="btn primary tall" data-testid="connect-submit"
                            disabled={busy || address.trim().is_empty()}>
                            if busy { <span class="spin later"></span>{ "Connecting…" } } else { { "Connect" } }
                        </button>
                        if busy {
                            <button type="button" class="btn tall" onclick={dispatch.on(|| Action::SignOut)}>
                                { "Cancel" }
                            </button>
                        }
                        <span class="mute small">{ "Kept in this tab only, until you sign out." }</span>
                    </div>
                </form>
                { config_problems(state) }
            </div>
            <DoctorPanel run={*runs} patient={Patient::Gateway {
                typed: (*address).clone(),
                credentials: parsed.as_ref().ok().and_then(|address| {
                    credentials(address.clone(), *kind, &user, &secret)
                }),
            }} />
        </div>
    }
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

fn look(address: Address, found: UseStateSetter<Found>) {
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
    parsed: &Result<Address, crate::gateway::address::AddressError>,
    typed: bool,
) -> Html {
    if !typed {
        return match probe {
            Probe::Running => html! {
                <span class="found"><span class="spin"></span>{ "Looking in the usual places…" }</span>
            },
            Probe::Nothing => html! {
                <span class="found">{ "No gateway in the usual places of this site." }</span>
            },
            Probe::Idle => html! { <span class="found"></span> },
        };
    }
    if let Err(error) = parsed {
        return html! { <span class="found error">{ error.to_string() }</span> };
    }
    match found {
        Found::Nothing => html! { <span class="found"></span> },
        Found::Looking => html! { <span class="found"><span class="spin later"></span></span> },
        Found::Gateway(text) => {
            html! { <span class="found ok"><span class="tick">{ "✓" }</span>{ text }</span> }
        }
        Found::Trouble(text) => html! { <span class="found error">{ text }</span> },
    }
}
