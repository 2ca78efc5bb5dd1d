//! Everything on the page that is fed by a scheduler, live.

mod feed_status;
mod looked_at;
mod over_http;
mod panes;
mod progress;
mod workers;

use std::rc::Rc;

use yew::prelude::*;

pub use over_http::OverHttp;
pub use panes::LivePanes;

use crate::runtime::{Hub, HubHandle, current, registry};
use base::observable::Subscription;
use live::engine::Input;
use live::source::{Source, Totals};
use looked_at::{use_pages, use_stay};

/// A callback that feeds the engine.
fn puts(hub: &HubHandle, input: fn() -> Input<'static>) -> Callback<MouseEvent> {
    let hub = hub.0.clone();
    Callback::from(move |_| hub.put(input()))
}

/// Keeps a hub shown for as long as it is held, and the part told of its changes.
struct Showing {
    hub: Rc<Hub>,
    _told: Subscription,
}

impl Drop for Showing {
    fn drop(&mut self) {
        registry::release(&self.hub);
    }
}

/// The hub of `source`; the part is drawn again, at most twice a second, when it changes.
#[hook]
fn use_hub(source: &Source) -> HubHandle {
    let again = use_force_update();
    let held = use_mut_ref(|| None::<Showing>);
    let mut held = held.borrow_mut();
    drop(held.take_if(|showing| showing.hub.source() != source));
    let showing = held.get_or_insert_with(|| {
        let hub = registry::acquire(source);
        let told = hub.topic().subscribe(move |_| again.force_update());
        Showing { hub, _told: told }
    });
    HubHandle(showing.hub.clone())
}

/// Whether `source` was tried in vain so many times, and never said a word.
#[hook]
pub fn use_silence(source: &Source, attempts: u32) -> bool {
    use_hub(source).0.engine().feed().is_silent(attempts)
}

/// The totals of `source`, once its workers table has arrived.
#[hook]
pub fn use_totals(source: &Source) -> Option<Totals> {
    let hub = use_hub(source);
    use_pages(&hub, true, true);
    hub.0.engine().snapshot().totals()
}

/// What is still going on anywhere, for `idle()`, of what had begun at `since` (ms since the epoch).
pub fn busy(since: f64) -> Option<String> {
    current().and_then(|hub| hub.busy(since))
}
