//! Holds the cold state, applies actions to it, has their effects carried out, and tells components of it all:
//! the hooks [`use_dispatch`], [`use_room`] and [`use_now`].

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use yew::prelude::*;

use crate::web::location::Location;
use session::action::{Action, Effect};
use session::reduce::advance;
use session::route::Route;
use session::state::State;

/// Carries out an effect; what it brings comes back as an action.
pub type Run = fn(Effect, &Dispatch);

struct Inner {
    state: RefCell<Rc<State>>,
    queue: RefCell<VecDeque<Action>>,
    busy: Cell<bool>,
    alive: Cell<bool>,
    changed: RefCell<Option<Callback<Rc<State>>>>,
    ticked: RefCell<Option<Callback<f64>>>,
    run: Run,
    location: Location,
}

/// The way to change the state, for every part. Cheap to clone; two are equal when they are
/// of the same app, so that a context with it never renders anything anew.
#[derive(Clone)]
pub struct Dispatch(Rc<Inner>);

impl PartialEq for Dispatch {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Dispatch {
    /// A new app's; `run` carries out its effects.
    pub fn new(embedded: bool, run: Run) -> Self {
        Self(Rc::new(Inner {
            state: RefCell::new(Rc::new(State::default())),
            queue: RefCell::new(VecDeque::new()),
            busy: Cell::new(false),
            alive: Cell::new(true),
            changed: RefCell::new(None),
            ticked: RefCell::new(None),
            run,
            location: Location::new(embedded),
        }))
    }

    /// The state of this moment.
    pub fn state(&self) -> Rc<State> {
        self.0.state.borrow().clone()
    }

    /// Where routes live.
    pub fn location(&self) -> Location {
        self.0.location
    }

    /// Who hears of new states: those that differ in more than the time.
    pub fn on_change(&self, callback: Option<Callback<Rc<State>>>) {
        *self.0.changed.borrow_mut() = callback;
    }

    /// Who hears of the time.
    fn on_tick(&self, callback: Option<Callback<f64>>) {
        *self.0.ticked.borrow_mut() = callback;
    }

    /// Late answers find nobody.
    pub fn close(&self) {
        self.0.alive.set(false);
        self.on_change(None);
    }

    /// Applies an action. An action that comes up while another is applied waits for its turn.
    pub fn act(&self, action: Action) {
        if !self.0.alive.get() {
            return;
        }
        self.0.queue.borrow_mut().push_back(action);
        if self.0.busy.replace(true) {
            return;
        }
        let before = self.state();
        loop {
            let next = self.0.queue.borrow_mut().pop_front();
            let Some(action) = next else { break };
            let todo = advance(&mut self.0.state.borrow_mut(), action);
            for effect in todo {
                (self.0.run)(effect, self);
            }
        }
        self.0.busy.set(false);
        let after = self.state();
        let ticked = self.0.ticked.borrow().clone().filter(|_| after.now != before.now);
        if let Some(ticked) = ticked {
            ticked.emit(after.now);
        }
        let changed = self.0.changed.borrow().clone().filter(|_| !after.same_but_for_time(&before));
        if let Some(changed) = changed {
            changed.emit(after);
        }
    }

    /// A callback that applies an action.
    pub fn on<E: 'static>(&self, action: impl Fn() -> Action + 'static) -> Callback<E> {
        let dispatch = self.clone();
        Callback::from(move |_| dispatch.act(action()))
    }

    /// Goes to a page, keeping what describes the site.
    pub fn go(&self, page: session::route::Page) {
        let route = self.state().route.follow(page);
        self.act(Action::Go(route));
    }

    /// Goes to a route.
    pub fn go_to(&self, route: Route) {
        self.act(Action::Go(route));
    }
}

/// How much room the app has, from its own width.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Room {
    /// At most 820 px: the list of clusters is a drawer.
    pub narrow: bool,
    /// At most 460 px.
    pub phone: bool,
}

impl Room {
    /// The room that a width in px gives.
    pub fn of(width: f64) -> Self {
        Self { narrow: width <= 820.0, phone: width <= 460.0 }
    }
}

/// What everything in an app can ask for.
#[derive(Clone, PartialEq)]
pub struct Surroundings {
    /// The way to change the state.
    pub dispatch: Dispatch,
    /// How much room there is.
    pub room: Room,
    /// The span of time that the address names.
    pub span: Option<(String, String)>,
    /// The layout of panes that the address names.
    pub panes: Option<String>,
}

/// All of it.
#[hook]
pub fn use_surroundings() -> Surroundings {
    // Outside an app there are none: such an app goes nowhere.
    use_context::<Surroundings>().unwrap_or_else(|| Surroundings {
        dispatch: Dispatch::new(true, |_, _| ()),
        room: Room::default(),
        span: None,
        panes: None,
    })
}

/// The way to change the state.
#[hook]
pub fn use_dispatch() -> Dispatch {
    use_surroundings().dispatch
}

/// How much room there is.
#[hook]
pub fn use_room() -> Room {
    use_surroundings().room
}

/// The time, ms since the epoch.
#[derive(Copy, Clone, PartialEq)]
struct Now(f64);

/// Properties of [`Clock`].
#[derive(Properties, PartialEq)]
pub struct ClockProps {
    /// Whose state has the time.
    pub dispatch: Dispatch,
    /// What may ask for it.
    pub children: Html,
}

/// Tells the time to the components inside that ask for it by [`use_now`]: they alone are drawn again
/// when it passes.
#[component]
pub fn Clock(props: &ClockProps) -> Html {
    let now = use_state_eq(|| props.dispatch.state().now);
    let told = now.setter();
    use_effect_with(props.dispatch.clone(), move |dispatch| {
        dispatch.on_tick(Some(Callback::from(told)));
        let dispatch = dispatch.clone();
        move || dispatch.on_tick(None)
    });
    html! {
        <ContextProvider<Now> context={Now(*now)}>{ props.children.clone() }</ContextProvider<Now>>
    }
}

/// The time by the state's clock, ms since the epoch; it moves about once a second. Only components that
/// show it should ask for it.
#[hook]
pub fn use_now() -> f64 {
    use_context::<Now>().map_or(0.0, |now| now.0)
}
