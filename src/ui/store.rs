//! Holds the cold state, applies actions to it, and has their effects carried out.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use yew::context::ContextProviderProps;
use yew::prelude::*;
use yew::virtual_dom::{VComp, VNode};

use super::effects;
use crate::web::location::Location;
use session::action::Action;
use session::reduce::advance;
use session::route::Route;
use session::state::State;

struct Inner {
    state: RefCell<Rc<State>>,
    queue: RefCell<VecDeque<Action>>,
    busy: Cell<bool>,
    alive: Cell<bool>,
    changed: RefCell<Option<Callback<Rc<State>>>>,
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
    /// A new app's.
    pub fn new(embedded: bool) -> Self {
        Self(Rc::new(Inner {
            state: RefCell::new(Rc::new(State::default())),
            queue: RefCell::new(VecDeque::new()),
            busy: Cell::new(false),
            alive: Cell::new(true),
            changed: RefCell::new(None),
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

    /// Who hears of new states.
    pub fn on_change(&self, callback: Option<Callback<Rc<State>>>) {
        *self.0.changed.borrow_mut() = callback;
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
                effects::run(effect, self);
            }
        }
        self.0.busy.set(false);
        let after = self.state();
        if after.looks_other_than(&before) {
            let callback = self.0.changed.borrow().clone();
            if let Some(callback) = callback {
                callback.emit(after);
            }
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

/// Lets everything in `content` ask for these.
pub fn surround(context: Surroundings, content: Html) -> Html {
    let props = ContextProviderProps { context, children: content };
    VNode::VComp(Rc::new(VComp::new::<ContextProvider<Surroundings>>(Rc::new(props), None)))
}

/// All of it.
#[hook]
pub fn use_surroundings() -> Surroundings {
    // Outside an app there are none: such an app goes nowhere.
    use_context::<Surroundings>().unwrap_or_else(|| Surroundings {
        dispatch: Dispatch::new(true),
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
