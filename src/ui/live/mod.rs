//! Everything on the page that is fed by a scheduler, live.

mod feed_status;
mod hub;
mod panes;
mod progress;
mod registry;
mod workers;

use std::rc::Rc;

use yew::prelude::*;

pub use hub::Hub;
pub use panes::LivePanes;
pub use registry::{all, current, end, forget_all, forget_hidden, watch_page};

use crate::app::live::{Source, Totals};
use crate::base::observable::Subscription;

/// A hub as a property: equal when it is the same one.
#[derive(Clone)]
pub struct HubHandle(pub Rc<Hub>);

impl PartialEq for HubHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Keeps a hub shown for as long as it is held, and the component told of its changes.
struct Showing {
    hub: Rc<Hub>,
    _told: Subscription,
}

impl Drop for Showing {
    fn drop(&mut self) {
        registry::release(&self.hub);
    }
}

/// The hub of `source`; the component renders again, at most four times a second, when it changes.
#[hook]
pub fn use_hub(source: &Source) -> HubHandle {
    let version = use_state_eq(|| 0_u64);
    let setter = version.setter();
    let showing = use_memo(source.clone(), move |source| {
        let hub = registry::acquire(source);
        let told = hub.topic().subscribe(move |version| setter.set(version));
        Showing { hub, _told: told }
    });
    HubHandle(showing.hub.clone())
}

/// The totals of `source`, once its workers table has arrived.
#[hook]
pub fn use_totals(source: &Source) -> Option<Totals> {
    let hub = use_hub(source);
    hub.0.engine().totals()
}

/// What is still going on anywhere, for `idle()`.
pub fn busy() -> Option<String> {
    current().and_then(|hub| hub.busy())
}
