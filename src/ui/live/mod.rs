//! Everything on the page that is fed by a scheduler, live.

mod board;
mod drag;
mod feed_status;
mod hub;
mod looked_at;
mod over_http;
mod panes;
mod progress;
mod registry;
mod workers;

use std::rc::Rc;

use yew::prelude::*;

pub use board::Board;
pub use hub::Hub;
pub use over_http::OverHttp;
pub use panes::LivePanes;
pub use registry::{
    acquire, all, current, end, forget_at, forget_hidden, is_dark, release, set_dark, set_limit,
    watch_page,
};

use crate::ui::part::{Hook, HookContext};
use base::observable::Subscription;
use live::engine::Input;
use live::source::{Source, Totals};
use looked_at::{use_pages, use_stay};

/// A hub inside a part: equal when it is the same one.
#[derive(Clone)]
pub struct HubHandle(pub Rc<Hub>);

impl PartialEq for HubHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl HubHandle {
    /// A callback that feeds the engine.
    fn on(&self, input: fn() -> Input<'static>) -> Callback<MouseEvent> {
        let hub = self.0.clone();
        Callback::from(move |_| hub.put(input()))
    }
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
/// A hook in itself.
fn use_hub(hooks: &mut HookContext, source: &Source) -> HubHandle {
    let again = use_force_update().run(hooks);
    let held = use_mut_ref(|| None::<Showing>).run(hooks);
    let mut held = held.borrow_mut();
    drop(held.take_if(|showing| showing.hub.source() != source));
    let showing = held.get_or_insert_with(|| {
        let hub = registry::acquire(source);
        let told = hub.topic().subscribe(move |_| again.force_update());
        Showing { hub, _told: told }
    });
    HubHandle(showing.hub.clone())
}

struct UseSilence<'a>(&'a Source, u32);

impl Hook for UseSilence<'_> {
    type Output = bool;

    fn run(self, hooks: &mut HookContext) -> bool {
        use_hub(hooks, self.0).0.engine().feed().is_silent(self.1)
    }
}

/// Whether `source` was tried in vain so many times, and never said a word.
pub fn use_silence(source: &Source, attempts: u32) -> impl Hook<Output = bool> {
    UseSilence(source, attempts)
}

struct UseTotals<'a>(&'a Source);

impl Hook for UseTotals<'_> {
    type Output = Option<Totals>;

    fn run(self, hooks: &mut HookContext) -> Option<Totals> {
        let hub = use_hub(hooks, self.0);
        use_pages(hooks, &hub, true, true);
        hub.0.engine().snapshot().totals()
    }
}

/// The totals of `source`, once its workers table has arrived.
pub fn use_totals(source: &Source) -> impl Hook<Output = Option<Totals>> {
    UseTotals(source)
}

/// What is still going on anywhere, for `idle()`, of what had begun at `since` (ms since the epoch).
pub fn busy(since: f64) -> Option<String> {
    current().and_then(|hub| hub.busy(since))
}
