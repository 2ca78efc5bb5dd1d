//! Where the gateway is and who asks.

use std::cell::Cell;
use std::rc::Rc;

use yew::prelude::*;

use super::again::hub_login;
use super::config_problems;
use crate::ui::dom::{El, button, div, el, list, nothing, span};
use crate::ui::hooks::{Setter, use_effect_with, use_state_eq};
use crate::ui::part::{Hook, HookContext, Part, part};
use crate::ui::store::use_dispatch;
use crate::ui::widgets::{
    DoctorCard, Patient, Tone, acts, focus_in, link_to, note, on_choice, on_text, trouble_note,
};
use crate::web::http;
use gateway::address::AddressError;
use gateway::{Address, AuthKind, Credentials, api};
use session::action::{Action, Secret};
use session::route::Page;
use session::state::{Probe, Session, State, Trouble};

use crate::web::run::spawn;

/// Where the gateway is and who asks.
pub fn connect_page(state: &Rc<State>) -> Html {
    let address = state
        .wanted_text()
        .map(str::to_owned)
        .or_else(|| state.found.as_ref().map(ToString::to_string))
        .unwrap_or_default();
    // Below a hub its tokens are what signs in.
    let hub = |found: &&Address| found.as_str().contains("/services/");
    let guess = state.found.as_ref().filter(hub).map(|_| AuthKind::JupyterHub);
    let kind = state.route.query.auth.or(state.config.auth).or(guess).unwrap_or_default();
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

/// What the form holds.
struct Entered {
    address: String,
    kind: AuthKind,
    user: String,
    secret: String,
    /// What the page last proposed.
    proposed: (String, AuthKind),
    /// Why connecting failed last, and how often the doctor has come for such a reason.
    trouble: Option<Trouble>,
    runs: u32,
}

impl Entered {
    fn new(form: &ConnectForm) -> Self {
        let mut address = form.address.clone();
        let (mut kind, mut user) = (form.kind, String::new());
        if let Some(who) = form.state.session.who()
            && (address.is_empty() || form.state.wanted().as_ref() == Some(who.address()))
        {
            address = who.address().to_string();
            if who.is_spent() {
                kind = who.kind();
                who.user().unwrap_or_default().clone_into(&mut user);
            }
        }
        Self {
            address,
            kind,
            user,
            secret: String::new(),
            proposed: (form.address.clone(), form.kind),
            trouble: None,
            runs: 0,
        }
    }

    /// Takes in what has changed around the form.
    fn follow(&mut self, form: &ConnectForm) {
        let proposed = (form.address.clone(), form.kind);
        if self.proposed != proposed {
            // A link that is followed, or a gateway that is found, fills the form in; what people
            // type meanwhile stays.
            if self.address.is_empty() || form.state.wanted_text().is_some() {
                self.address.clone_from(&form.address);
            }
            self.kind = form.kind;
            self.proposed = proposed;
        }
        let trouble = &form.state.connect_trouble;
        if self.trouble != *trouble {
            // The doctor comes by itself when connecting fails.
            self.runs += u32::from(trouble.is_some());
            self.trouble.clone_from(trouble);
        }
    }
}

impl Part for ConnectForm {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let dispatch = use_dispatch().run(hooks);
        let state = &self.state;
        let entered = use_mut_ref(|| Entered::new(self)).run(hooks);
        let again = use_force_update().run(hooks);
        let found = use_state_eq(|| Found::Nothing).run(hooks);
        entered.borrow_mut().follow(self);
        let change = {
            let entered = entered.clone();
            Rc::new(move |put: fn(&mut Entered, String), text| {
                put(&mut entered.borrow_mut(), text);
                again.force_update();
            })
        };
        let submitted = entered.clone();
        let entered = entered.borrow();
        let Entered { address, kind, user, secret, .. } = &*entered;
        let kind = *kind;

        let here = state.here.clone();
        let parsed = Address::parse(address, here.as_ref());
        {
            let found = found.setter();
            // A link may name any host: that one is asked only when somebody submits.
            let own = parsed.clone().ok().filter(|address| {
                state.route.query.gateway.is_none()
                    || here.as_ref().is_some_and(|here| here.origin() == address.origin())
            });
            use_effect_with(own, move |address| {
                // What was found belongs to one address; so does an answer that is still to come.
                found.set(Found::Nothing);
                let over = Rc::new(Cell::new(false));
                let timer = address.clone().and_then(|address| {
                    let over = over.clone();
                    crate::web::clock::after(250, move || look(address, found, over))
                });
                move || {
                    over.set(true);
                    drop(timer);
                }
            })
            .run(hooks);
        }

        let busy = state.trial.is_some();
        let hubs_own = parsed.as_ref().is_ok_and(|address| state.is_hubs_own(address));
        let submit = {
            let dispatch = dispatch.clone();
            Callback::from(move |event: SubmitEvent| {
                event.prevent_default();
                if !busy {
                    let entered = submitted.borrow();
                    let (address, kind) = (entered.address.clone(), entered.kind);
                    let (user, secret) = (entered.user.clone(), Secret(entered.secret.clone()));
                    drop(entered);
                    if match kind {
                        AuthKind::Basic => user.is_empty(),
                        AuthKind::JupyterHub => secret.0.is_empty() && !hubs_own,
                        AuthKind::None | AuthKind::Kerberos => false,
                    } {
                        focus_in(&event, "#ds-user, #ds-token");
                    }
                    dispatch.act(Action::Connect { address, kind, user, secret });
                }
            })
        };
        let choose = {
            let change = change.clone();
            on_choice(move |text| {
                let put = |entered: &mut Entered, text: String| {
                    entered.kind = AuthKind::parse(&text).unwrap_or(entered.kind);
                    // A token is no password: neither goes out as the other.
                    entered.secret.clear();
                };
                change(put, text);
            })
        };
        let caution = parsed.as_ref().ok().and_then(|address| {
            Credentials::basic(address.clone(), user, secret).ok().and_then(|one| one.caution())
        });
        let input = |id: &'static str,
                     testid: &'static str,
                     autocomplete: &'static str,
                     held: &str,
                     put: fn(&mut Entered, String)| {
            let change = change.clone();
            el("input")
                .class("input")
                .attr("id", id)
                .attr("data-testid", testid)
                .attr("autocomplete", autocomplete)
                .attr("spellcheck", "false")
                .value(held.to_owned())
                .oninput(on_text(move |text| change(put, text)))
        };
        let hidden = |id, testid, autocomplete| {
            input(id, testid, autocomplete, secret, |one, text| one.secret = text)
                .attr("type", "password")
        };
        let by_name = || {
            let user = input("ds-user", "username", "username", user, |one, text| one.user = text)
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
            let said = if hubs_own {
                Some(
                    "Leave it empty to sign in as the one who is signed in at JupyterHub. The page then gets a \
                      token for this gateway, which lasts an hour at most and is renewed while you are here.",
                )
            } else if state.config.hub.is_some() && state.hub().is_none() {
                Some(
                    "JupyterHub is on another host than this page, so its sign-in cannot be used here: paste a \
                      token.",
                )
            } else {
                None
            };
            let label = label("ds-token", if hubs_own { "Token (optional)" } else { "Token" });
            field(label.maybe(get), hidden("ds-token", "token", "off"))
                .maybe(said.map(|said| span("mute small").testid("token-hint").text(said)))
        };
        let hint = |of: AuthKind, words: &'static str| {
            (kind == of).then(|| el("p").class("mute small").text(words))
        };
        let address_field = field(
            label("ds-address", "Address"),
            input("ds-address", "gateway-address", "url", address, |one, text| one.address = text)
                .attr("placeholder", "/services/dask-gateway"),
        )
        .kid(found_line(&found, state.probe, &parsed, !address.is_empty()));
        let mut kinds = el("select")
            .class("input")
            .attr("id", "ds-auth")
            .attr("data-testid", "auth-kind")
            .onchange(choose);
        for one in AuthKind::ALL {
            let choice = el("option").attr("value", one.as_str()).flag("selected", one == kind);
            kinds = kinds.kid(choice.text(one.label()));
        }
        let kind_field = field(label("ds-auth", "Authentication"), kinds);
        let connect = el("button")
            .attr("type", "submit")
            .class("btn primary tall")
            .attr("data-testid", "connect-submit")
            .flag("disabled", busy || address.trim().is_empty())
            .maybe(busy.then(|| span("spin later")))
            .text(if busy { "Connecting…" } else { "Connect" });
        let cancel = busy
            .then(|| button("btn tall").onclick(acts(&dispatch, || Action::GiveUp)).text("Cancel"));
        let form = el("form")
            .class("card")
            .onsubmit(submit)
            .kid(el("h1").text("Connect to Dask Gateway"))
            .kid(address_field)
            .kid(kind_field)
            .maybe((kind == AuthKind::Basic).then(by_name))
            .maybe((kind == AuthKind::JupyterHub).then(by_token))
            .maybe(hint(
                AuthKind::Kerberos,
                "The browser signs in with your Kerberos ticket. The gateway's host must be allowed in the \
                 browser's settings.",
            ))
            .maybe(hint(
                AuthKind::None,
                "No user name, password or cookie is sent: for gateways that need no sign-in.",
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
            said(Tone::Warn, "This link names another gateway", words)
        });
        let signed_in = state.is_in().then(|| {
            let go = link_to(&dispatch, state, Page::Clusters).class("btn").text("To the clusters");
            let at = state.session.address().map(ToString::to_string).unwrap_or_default();
            said(Tone::Ok, "You are signed in", at).kid(go)
        });
        let expired = match &state.session {
            Session::Expired { trouble, .. } if !trouble.title.is_empty() => Some(trouble),
            _ => None,
        };
        let trouble = state.connect_trouble.as_ref().or(expired);
        let hub_out = hub_login(state, !dispatch.location().has_links()).map(|way| {
            let words = el("b").text("You are not signed in at JupyterHub");
            note(Tone::Warn, el("div").kid(words).kid(way)).testid("hub-out")
        });
        let patient = Patient::Gateway {
            typed: address.clone(),
            credentials: parsed
                .as_ref()
                .ok()
                .and_then(|address| credentials(address.clone(), kind, user, secret)),
        };
        div("connect")
            .kid(
                div("stack")
                    .maybe(foreign)
                    .maybe(signed_in)
                    .maybe(hub_out)
                    .maybe(trouble.map(|one| trouble_note(one).testid("connect-error")))
                    .kid(form)
                    .kid(config_problems(state)),
            )
            .kid(part(DoctorCard { patient, run: entered.runs }))
            .into()
    }
}

fn label(id: &'static str, words: &'static str) -> El {
    el("label").attr("for", id).text(words)
}

fn field(label: El, control: El) -> El {
    div("field").kid(label).kid(control)
}

fn said(tone: Tone, title: &'static str, words: String) -> El {
    note(tone, el("div").kid(el("b").text(title)).kid(el("span").text(words)))
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

fn look(address: Address, found: Setter<Found>, over: Rc<Cell<bool>>) {
    found.set(Found::Looking);
    spawn(async move {
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
        if !over.get() {
            found.set(said);
        }
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
