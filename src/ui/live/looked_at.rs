//! Which pages of the dashboard the parts of the page need: what nobody looks at is not opened.

use yew::prelude::*;

use crate::runtime::HubHandle;
use crate::web::input::listen;
use crate::web::timer::Timeout;
use feed::pool::DashboardPage;
use live::engine::Input;

/// So long the task stream is shown alone before the worker table is opened for it, ms. A glance at it
/// costs the scheduler no more than Dask's own page; who stays, or points at it, sees workers' names.
const STAYS_MS: u32 = 15_000;

/// Keeps the worker table (`workers`) and the page of progress open while a part of the page tells what
/// they say.
#[hook]
pub fn use_pages(hub: &HubHandle, workers: bool, progress: bool) {
    use_effect_with((hub.clone(), workers, progress), |(hub, workers, progress)| {
        let (hub, workers, progress) = (hub.0.clone(), *workers, *progress);
        let put = move |shown: bool| {
            if workers {
                hub.put(Input::Shown(shown));
            }
            if progress {
                hub.put(Input::Pane(DashboardPage::Progress, shown));
            }
        };
        put(true);
        move || put(false)
    });
}

/// Whether somebody stays at what is in `place`, or has pointed at it; true at once where it is not
/// `glanced` at.
#[hook]
pub fn use_stay(place: &NodeRef, glanced: bool) -> bool {
    let stays = use_state_eq(|| false);
    let (setter, place) = (stays.setter(), place.clone());
    use_effect_with((glanced, *stays), move |&(glanced, stays)| {
        let waits = (glanced && !stays).then(|| {
            let later = setter.clone();
            let near = ["pointermove", "focusin"].map(|name| {
                let setter = setter.clone();
                let target = place.cast::<web_sys::Element>()?;
                listen(&target, name, move |_: web_sys::Event| setter.set(true))
            });
            (Timeout::new(STAYS_MS, move || later.set(true)), near)
        });
        move || drop(waits)
    });
    !glanced || *stays
}
