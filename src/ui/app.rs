//! The app as a whole: its state, its clock, and what it hears of the page around it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::effects;
use super::shell::Shell;
use super::store::{Clock, Dispatch, Room, Surroundings};
use super::stream::SizeWatch;
use crate::web::run::spawn;
use crate::web::{clock, frame, http, keeper, location, storage};
use base::clock::Reading;
use gateway::model::Status;
use session::action::{Action, Browser};
use session::config::Config;
use session::state::State;
use session::trust::{self, Named};

/// Between two ticks of the state's clock, ms.
const TICK_MS: i32 = 1_000;

/// Properties of [`App`].
#[derive(Properties, PartialEq)]
pub struct AppProps {
    /// The text of a `config.json`; without it the one beside the page is fetched.
    pub config_json: Option<String>,
    /// Inside a host's page: routes stay in memory, the page's keys and address are the host's.
    pub embedded: bool,
}

/// The app.
#[component]
pub fn App(props: &AppProps) -> Html {
    let &AppProps { embedded, .. } = props;
    let dispatch = use_app(embedded);
    let state = use_app_state(&dispatch, embedded);
    use_config(&dispatch, props.config_json.clone(), embedded);
    let place = use_node_ref();
    let surroundings = Surroundings {
        dispatch: dispatch.clone(),
        room: use_width(&place),
        span: state.route.span(),
        panes: state.route.query.rest.get("panes").cloned(),
    };
    html! {
        <ContextProvider<Surroundings> context={surroundings}>
            <Clock {dispatch}>
                <div class="ds-fill" ref={place}>
                    <Shell {state} {embedded} />
                </div>
            </Clock>
        </ContextProvider<Surroundings>>
    }
}

/// The app's store. What is known already is drawn at once, and not a second time.
#[hook]
fn use_app(embedded: bool) -> Dispatch {
    let dispatch = use_state(|| {
        let dispatch = Dispatch::new(embedded, effects::run);
        if !embedded && let Some(text) = location::early_config_now() {
            begin(&dispatch, Config::parse(&text));
            look_ahead(&dispatch.state());
        }
        dispatch
    });
    (*dispatch).clone()
}

/// The state as it is now; keeps its clock, and hears of what goes on around the app.
#[hook]
fn use_app_state(dispatch: &Dispatch, embedded: bool) -> Rc<State> {
    let state = use_state(|| dispatch.state());
    let setter = state.setter();
    use_effect_with(dispatch.clone(), move |dispatch| {
        dispatch.on_change(Some(Callback::from(setter)));
        // A tab that was opened in the background asks for less from the start.
        tick(dispatch);
        let heard = listen(dispatch, embedded);
        let dispatch = dispatch.clone();
        move || {
            drop(heard);
            dispatch.close();
        }
    });
    let state: Rc<State> = (*state).clone();
    use_effect_with(state.clone(), |state| end_watching(state));
    state
}

/// Begins with the configuration, and goes on with another one that comes.
#[hook]
fn use_config(dispatch: &Dispatch, config_json: Option<String>, embedded: bool) {
    let dispatch = dispatch.clone();
    use_effect_with(config_json, move |json| {
        let json = json.clone();
        if json.is_none() && dispatch.state().started {
            return;
        }
        spawn(async move {
            let config = match json {
                Some(text) => Config::parse(&text),
                None if embedded => Config::default(),
                None => fetch_config().await,
            };
            begin(&dispatch, config);
        });
    });
}

/// How much room the element has.
#[hook]
fn use_width(place: &NodeRef) -> Room {
    let room = use_state_eq(Room::default);
    let (place, setter) = (place.clone(), room.setter());
    use_effect_with((), move |()| {
        let watch = place.cast::<web_sys::Element>().and_then(|place| watch_width(place, setter));
        move || drop(watch)
    });
    *room
}

/// The clock, and what the app hears of, until this is dropped.
fn listen(dispatch: &Dispatch, embedded: bool) -> impl Sized + use<> {
    let ticks = || {
        let dispatch = dispatch.clone();
        move || tick(&dispatch)
    };
    let ticker = clock::every(TICK_MS, ticks());
    let looks = web_sys::window().and_then(|window| window.document()).map(|document| {
        let now = ticks();
        // Back on screen: numbers must not wait for the next tick.
        clock::listen(&document, "visibilitychange", move |_| now())
    });
    let follow = {
        let dispatch = dispatch.clone();
        dispatch.location().follow(move |route| dispatch.act(Action::Arrived(route)))
    };
    let others = effects::watch_others(dispatch);
    let leaving = if embedded { None } else { watch_leaving(dispatch) };
    (ticker, looks, follow, others, leaving)
}

/// Starts with a configuration, or goes on with another one.
fn begin(dispatch: &Dispatch, config: Config) {
    if let Some(rows) = config.limit {
        crate::runtime::registry::set_limit(rows);
    }
    let route = match dispatch.state() {
        state if state.started => state.route.clone(),
        _ => dispatch.location().read(),
    };
    dispatch.act(Action::Start {
        config,
        here: location::here(),
        route,
        kept: storage::credentials(),
        browser: Browser {
            ancestors: frame::ancestors(),
            agreed: storage::agreed(),
            signed_out: storage::signed_out(),
        },
        now: clock::now(),
    });
}

/// Begins to watch the scheduler that the address names, so that its sockets open while the page is
/// drawn for the first time. Whatever shows it takes it over.
fn look_ahead(state: &State) {
    let Named::Known(source) = trust::named(state) else { return };
    let hub = crate::runtime::registry::acquire(&source);
    spawn(async move {
        clock::sleep(5_000).await;
        crate::runtime::registry::release(&hub);
    });
}

/// Clusters that have ended are watched no more, also while another page is shown.
fn end_watching(state: &State) {
    let Some(address) = state.session.address() else { return };
    for entry in state.clusters.values().filter(|entry| entry.watched) {
        let over = matches!(entry.status(), Status::Stopped | Status::Failed) || entry.gone;
        if over {
            crate::runtime::registry::end(&address.dashboard(&entry.cluster.name));
        }
    }
}

fn tick(dispatch: &Dispatch) {
    let Reading { wall_ms: now, forward_ms: forward } = clock::reading();
    dispatch.act(Action::Tick { now, forward, hidden: clock::hidden() });
}

async fn fetch_config() -> Config {
    let unread = |why: &str| {
        format!("config.json could not be read ({why}). The default settings are used.")
    };
    if let Some(text) = location::early_config().await {
        return Config::parse(&text);
    }
    let problem = match http::get("./config.json", 8_000).await {
        Ok(response) if response.status == 404 || response.is_html() => {
            "There is no config.json beside the page. The default settings are used.".into()
        }
        Ok(response) if response.status == 200 => return Config::parse(&response.body),
        Ok(response) => unread(&format!("the server answered with status {}", response.status)),
        Err(error) => unread(&error.to_string()),
    };
    Config { problems: vec![problem], ..Config::default() }
}

fn watch_width(root: web_sys::Element, setter: UseStateSetter<Room>) -> Option<SizeWatch> {
    setter.set(Room::of(root.get_bounding_client_rect().width()));
    let seen = root.clone();
    SizeWatch::new(&root, move || {
        // Nothing is wide while it is not shown.
        let width = seen.get_bounding_client_rect().width();
        if width > 0.0 {
            setter.set(Room::of(width));
        }
    })
}

/// Ends the clusters that live as long as their page, when it is closed. To a page that goes a reload
/// looks the same, so what is to be ended is handed to a worker that waits whether it comes back.
fn watch_leaving(
    dispatch: &Dispatch,
) -> Option<((clock::Listener, clock::Listener), clock::Ticker)> {
    let window = web_sys::window()?;
    let ends = |state: &State| !state.ending_with_page().is_empty();
    let keeper = Rc::new(RefCell::new(None));
    let begun = Cell::new(false);
    let place = {
        let (dispatch, keeper) = (dispatch.clone(), keeper.clone());
        // Only a page that may need the worker gets it.
        move || {
            if ends(&dispatch.state()) && !begun.replace(true) {
                let keeper = keeper.clone();
                spawn(async move {
                    let worker = keeper::prepare().await;
                    keeper.replace(worker);
                });
            }
        }
    };
    let ask = {
        let dispatch = dispatch.clone();
        clock::listen(&window, "beforeunload", move |event| {
            if ends(&dispatch.state()) {
                event.prevent_default();
            }
        })
    };
    let leave = {
        let dispatch = dispatch.clone();
        clock::listen(&window, "pagehide", move |event| {
            // One that the browser keeps comes back by its own button.
            let kept = event
                .dyn_into::<web_sys::PageTransitionEvent>()
                .is_ok_and(|event| event.persisted());
            if let (false, Some(worker)) = (kept, &*keeper.borrow()) {
                effects::end_with_page(&dispatch.state(), worker);
            }
        })
    };
    Some(((ask, leave), clock::every(TICK_MS, place)?))
}
