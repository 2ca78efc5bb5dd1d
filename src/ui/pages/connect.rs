//! Where the gateway is and who asks.

use std::cell::Cell;
use std::rc::Rc;

use yew::prelude::*;

use super::again::hub_login;
use super::config_problems;
use crate::ui::dom::{El, button, div, el, list, nothing, span};
use crate::ui::store::{Dispatch, use_dispatch};
use crate::ui::widgets::{
    DoctorCard, Patient, Tone, acts, focus_in, link_to, note, on_choice, on_text, trouble_note,
};
use crate::web::run::spawn;
use crate::web::{clock, http};
use gateway::address::AddressError;
use gateway::{Address, AuthKind, Credentials, api};
use session::action::{Action, Secret};
use session::route::Page;
use session::state::{Probe, Session, State, Trouble};

/// Properties of [`ConnectPage`].
#[derive(Properties, PartialEq)]
pub struct ConnectPageProps {
    /// The state.
    pub state: Rc<State>,
}

/// Where the gateway is and who asks.
#[component]
pub fn ConnectPage(props: &ConnectPageProps) -> Html {
    let state = &props.state;
    let dispatch = use_dispatch();
    let entered = use_entered(state);
    let address = Address::parse(&entered.address, state.here.as_ref());
    let found = use_found(state, address.as_ref().ok());
    let failures = use_failures(state.connect_trouble.as_ref());
    let hubs_own = address.as_ref().is_ok_and(|address| state.is_hubs_own(address));
    html! {
        <div class="connect">
            <div class="stack">
                { notes(state, &dispatch) }
                <form class="card" onsubmit={submit(state, &entered, hubs_own, &dispatch)}>
                    <h1>{ "Connect to Dask Gateway" }</h1>
                    { address_field(&entered).kid(found_line(&found, state.probe, &address, &entered)) }
                    { kind_field(&entered) }
                    { match entered.kind {
                        AuthKind::Basic => by_name(&entered, address.as_ref().ok()),
                        AuthKind::JupyterHub => by_token(state, &entered, hubs_own).into(),
                        AuthKind::Kerberos => hint(
                            "The browser signs in with your Kerberos ticket. The gateway's host must be allowed in \
                             the browser's settings.",
                        ),
                        AuthKind::None => hint(
                            "For gateways without sign-in: no user name, password or cookie is sent.",
                        ),
                    } }
                    { submit_line(state, &entered, &dispatch) }
                </form>
                { config_problems(state) }
            </div>
            // The doctor comes by itself when connecting fails.
            <DoctorCard patient={patient(&entered, address.as_ref().ok())} run={failures} />
        </div>
    }
}

/// What the form holds.
#[derive(Clone, PartialEq)]
struct Entered {
    address: String,
    kind: AuthKind,
    user: String,
    secret: String,
    /// What the page last proposed.
    proposed: Proposal,
}

/// Where the page thinks the gateway is, and how it knows who asks.
#[derive(Clone, PartialEq)]
struct Proposal {
    address: String,
    kind: AuthKind,
    /// Whether a link or the site says so, not a look around.
    wanted: bool,
}

impl Proposal {
    fn of(state: &State) -> Self {
        let wanted = state.wanted_text().map(str::to_owned);
        // Below a hub its tokens are what signs in.
        let hub = |found: &&Address| found.as_str().contains("/services/");
        let guess = state.found.as_ref().filter(hub).map(|_| AuthKind::JupyterHub);
        Self {
            kind: state.route.query.auth.or(state.config.auth).or(guess).unwrap_or_default(),
            wanted: wanted.is_some(),
            address: wanted
                .or_else(|| state.found.as_ref().map(ToString::to_string))
                .unwrap_or_default(),
        }
    }
}

/// What changes what the form holds.
enum Change {
    Address(String),
    Kind(AuthKind),
    User(String),
    Secret(String),
    Propose(Proposal),
}

impl Entered {
    fn new(state: &State) -> Self {
        let proposed = Proposal::of(state);
        let (mut address, mut kind) = (proposed.address.clone(), proposed.kind);
        let mut user = String::new();
        if let Some(who) = state.session.who()
            && (address.is_empty() || state.wanted().as_ref() == Some(who.address()))
        {
            address = who.address().to_string();
            if who.is_spent() {
                kind = who.kind();
                who.user().unwrap_or_default().clone_into(&mut user);
            }
        }
        Self { address, kind, user, secret: String::new(), proposed }
    }

    /// Whether something is missing that signing in takes.
    fn is_short(&self, hubs_own: bool) -> bool {
        match self.kind {
            AuthKind::Basic => self.user.is_empty(),
            AuthKind::JupyterHub => self.secret.is_empty() && !hubs_own,
            AuthKind::None | AuthKind::Kerberos => false,
        }
    }
}

impl Reducible for Entered {
    type Action = Change;

    fn reduce(self: Rc<Self>, change: Change) -> Rc<Self> {
        let mut next = (*self).clone();
        match change {
            Change::Address(text) => next.address = text,
            Change::User(text) => next.user = text,
            Change::Secret(text) => next.secret = text,
            Change::Kind(kind) => {
                next.kind = kind;
                // A token is no password: neither goes out as the other.
                next.secret.clear();
            }
            Change::Propose(proposed) if proposed == self.proposed => return self,
            Change::Propose(proposed) => {
                // A link that is followed, or a gateway that is found, fills the form in; what people
                // type meanwhile stays.
                if next.address.is_empty() || proposed.wanted {
                    next.address.clone_from(&proposed.address);
                }
                next.kind = proposed.kind;
                next.proposed = proposed;
            }
        }
        next.into()
    }
}

/// What the form holds: at first what the page proposes, then what a person makes of it.
#[hook]
fn use_entered(state: &State) -> UseReducerHandle<Entered> {
    let entered = use_reducer_eq(|| Entered::new(state));
    let dispatcher = entered.dispatcher();
    use_effect_with(Proposal::of(state), move |proposed| {
        dispatcher.dispatch(Change::Propose(proposed.clone()));
    });
    entered
}

/// What answers at an address.
#[derive(Clone, PartialEq)]
enum Found {
    Nothing,
    Looking,
    Gateway(String),
    Trouble(String),
}

/// What answers at the address in the form.
#[hook]
fn use_found(state: &State, address: Option<&Address>) -> Found {
    let found = use_state_eq(|| Found::Nothing);
    let setter = found.setter();
    // A link may name any host: that one is asked only when somebody submits.
    let own = address.cloned().filter(|address| {
        state.route.query.gateway.is_none()
            || state.here.as_ref().is_some_and(|here| here.origin() == address.origin())
    });
    use_effect_with(own, move |address| {
        // What was found belongs to one address; so does an answer that is still to come.
        setter.set(Found::Nothing);
        let over = Rc::new(Cell::new(false));
        let timer = address.clone().and_then(|address| {
            let over = over.clone();
            clock::after(250, move || look(address, setter, over))
        });
        move || {
            over.set(true);
            drop(timer);
        }
    });
    (*found).clone()
}

/// How often connecting has failed here.
#[hook]
fn use_failures(trouble: Option<&Trouble>) -> u32 {
    let failures = use_state_eq(|| 0);
    {
        let failures = failures.clone();
        use_effect_with(trouble.cloned(), move |trouble| {
            if trouble.is_some() {
                failures.set(*failures + 1);
            }
        });
    }
    *failures
}

/// What is to be known before one signs in.
fn notes(state: &State, dispatch: &Dispatch) -> Html {
    let foreign = foreign_link(state).map(|host| {
        let words = format!(
            "The link leads to {host}, not to this site's gateway. Your saved values for other gateways \
             are not sent there. Sign in only if you trust {host}."
        );
        said(Tone::Warn, "This link names another gateway", words)
    });
    let signed_in = state.is_in().then(|| {
        let go = link_to(dispatch, state, Page::Clusters).class("btn").text("Show clusters");
        let at = state.session.address().map(ToString::to_string).unwrap_or_default();
        said(Tone::Ok, "You are signed in", at).kid(go)
    });
    let hub_out = hub_login(state, !dispatch.location().has_links()).map(|way| {
        let words = el("b").text("You are not signed in at JupyterHub");
        note(Tone::Warn, el("div").kid(words).kid(way)).testid("hub-out")
    });
    let expired = match &state.session {
        Session::Expired { trouble, .. } if !trouble.title.is_empty() => Some(trouble),
        _ => None,
    };
    let trouble = state.connect_trouble.as_ref().or(expired);
    let trouble = trouble.map(|one| trouble_note(one).testid("connect-error"));
    let all = [foreign, signed_in, hub_out, trouble];
    list(all.map(|one| one.map_or_else(nothing, Into::into)).into())
}

fn submit(
    state: &State,
    entered: &UseReducerHandle<Entered>,
    hubs_own: bool,
    dispatch: &Dispatch,
) -> Callback<SubmitEvent> {
    let busy = state.trial.is_some();
    let (entered, dispatch) = (entered.clone(), dispatch.clone());
    Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        if busy {
            return;
        }
        if entered.is_short(hubs_own) {
            focus_in(&event, "#ds-user, #ds-token");
        }
        let Entered { address, kind, user, secret, .. } = (*entered).clone();
        dispatch.act(Action::Connect { address, kind, user, secret: Secret(secret) });
    })
}

fn address_field(entered: &UseReducerHandle<Entered>) -> El {
    let input = input("ds-address", "gateway-address", "url", &entered.address)
        .attr("placeholder", "/services/dask-gateway")
        .oninput(types(entered, Change::Address));
    field(label("ds-address", "Address"), input)
}

fn kind_field(entered: &UseReducerHandle<Entered>) -> El {
    let dispatcher = entered.dispatcher();
    let choose = on_choice(move |text| {
        if let Some(kind) = AuthKind::parse(&text) {
            dispatcher.dispatch(Change::Kind(kind));
        }
    });
    let choice = |one: AuthKind| {
        let choice = el("option").attr("value", one.as_str()).flag("selected", one == entered.kind);
        choice.text(one.label())
    };
    let kinds = el("select")
        .class("input")
        .attr("id", "ds-auth")
        .attr("data-testid", "auth-kind")
        .onchange(choose)
        .each(AuthKind::ALL.into_iter().map(choice));
    field(label("ds-auth", "Authentication"), kinds)
}

/// Asks for a user name and a password.
fn by_name(entered: &UseReducerHandle<Entered>, address: Option<&Address>) -> Html {
    let Entered { user, secret, .. } = &**entered;
    let caution = address.and_then(|address| {
        Credentials::basic(address.clone(), user, secret).ok().and_then(|one| one.caution())
    });
    let name = input("ds-user", "username", "username", user)
        .attr("autocapitalize", "off")
        .oninput(types(entered, Change::User));
    let aside = span("aside").text("may be empty on simple gateways");
    list(vec![
        field(label("ds-user", "User name"), name).into(),
        field(
            label("ds-pass", "Password").kid(aside),
            secret_input("ds-pass", "password", "current-password", entered),
        )
        .into(),
        caution.map_or_else(nothing, |caution| span("error").text(caution).into()),
    ])
}

/// Asks for a token of a hub.
fn by_token(state: &State, entered: &UseReducerHandle<Entered>, hubs_own: bool) -> El {
    let get = state.config.hub.as_ref().map(|hub| {
        el("a")
            .class("aside")
            .set("href", format!("{hub}/token"))
            .attr("target", "_blank")
            .attr("rel", "noreferrer")
            .text("get a token")
    });
    let said = if hubs_own {
        Some(
            "Leave the field empty to use your JupyterHub sign-in. The page then gets a token for this \
             gateway. The token lasts at most an hour and is renewed while the page is open.",
        )
    } else if state.config.hub.is_some() && state.hub().is_none() {
        Some("JupyterHub is on another host, so its sign-in cannot be used here. Paste a token.")
    } else {
        None
    };
    let label = label("ds-token", if hubs_own { "Token (optional)" } else { "Token" });
    field(label.maybe(get), secret_input("ds-token", "token", "off", entered))
        .maybe(said.map(|said| span("mute small").testid("token-hint").text(said)))
}

fn hint(words: &'static str) -> Html {
    el("p").class("mute small").text(words).into()
}

fn submit_line(state: &State, entered: &Entered, dispatch: &Dispatch) -> El {
    let busy = state.trial.is_some();
    let connect = el("button")
        .attr("type", "submit")
        .class("btn primary tall")
        .attr("data-testid", "connect-submit")
        .flag("disabled", busy || entered.address.trim().is_empty())
        .maybe(busy.then(|| span("spin later")))
        .text(if busy { "Connecting…" } else { "Connect" });
    let cancel = || button("btn tall").onclick(acts(dispatch, || Action::GiveUp)).text("Cancel");
    div("submit-line")
        .kid(connect)
        .maybe(busy.then(cancel))
        .kid(span("mute small").text("Kept in this tab only, until you sign out."))
}

/// Whom the doctor is to examine.
fn patient(entered: &Entered, address: Option<&Address>) -> Patient {
    let Entered { kind, user, secret, .. } = entered;
    Patient::Gateway {
        typed: entered.address.clone(),
        credentials: address.and_then(|address| credentials(address.clone(), *kind, user, secret)),
    }
}

fn input(id: &'static str, testid: &'static str, autocomplete: &'static str, held: &str) -> El {
    el("input")
        .class("input")
        .attr("id", id)
        .attr("data-testid", testid)
        .attr("autocomplete", autocomplete)
        .attr("spellcheck", "false")
        .value(held.to_owned())
}

fn secret_input(
    id: &'static str,
    testid: &'static str,
    autocomplete: &'static str,
    entered: &UseReducerHandle<Entered>,
) -> El {
    input(id, testid, autocomplete, &entered.secret)
        .attr("type", "password")
        .oninput(types(entered, Change::Secret))
}

/// Takes what is typed into a field.
fn types(
    entered: &UseReducerHandle<Entered>,
    change: fn(String) -> Change,
) -> Callback<InputEvent> {
    let dispatcher = entered.dispatcher();
    on_text(move |text| dispatcher.dispatch(change(text)))
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

/// Asks what is at the address, unless that is over by the time of the answer.
fn look(address: Address, found: UseStateSetter<Found>, over: Rc<Cell<bool>>) {
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

/// What is said below the address.
fn found_line(
    found: &Found,
    probe: Probe,
    parsed: &Result<Address, AddressError>,
    entered: &Entered,
) -> El {
    let line = span("found");
    if entered.address.is_empty() {
        return match probe {
            Probe::Running => line.kid(span("spin")).text("Looking for a gateway on this site…"),
            Probe::Nothing => line.text("No gateway found on this site."),
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
