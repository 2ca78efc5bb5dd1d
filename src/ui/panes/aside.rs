//! What the panes of logs and call stacks share: the choice of a worker, and words for what cannot be read.

use std::rc::Rc;

use web_sys::Element;
use yew::prelude::*;

use crate::runtime::HubHandle;
use crate::ui::dom::{El, div, el};
use crate::ui::panes::own::Framed;
use crate::ui::widgets::on_choice;
use crate::web::sight::Sight;
use base::sort::sort_by;
use live::engine::Engine;
use live::info::Trouble;

/// A choice among workers (by address), and of none of them.
pub fn choose_worker(
    engine: &Engine,
    none: &'static str,
    now: &str,
    set: UseStateSetter<String>,
) -> El {
    let mut all: Vec<(&str, &str)> = Vec::new();
    for row in engine.snapshot().workers.map_or(&[][..], |workers| &workers.rows) {
        let name = if row.name.is_empty() { &row.address } else { &row.name };
        all.push((name, &row.address));
    }
    sort_by(&mut all, |a, b| (a.0.len(), a.0).cmp(&(b.0.len(), b.0)));
    let option = |value: &str, words: String| {
        el("option")
            .set("value", value.to_owned())
            .key(value)
            .flag("selected", value == now)
            .text(words)
    };
    let mut select = el("select").class("input").attr("aria-label", "Of");
    select = select.kid(option("", none.into()));
    for (name, address) in &all {
        select = select.kid(option(address, format!("Worker {name}")));
    }
    // One that has left, while it is still looked at.
    if !now.is_empty() && !all.iter().any(|(_, address)| *address == now) {
        select = select.kid(option(now, format!("{} (gone)", engine.snapshot().worker_name(now))));
    }
    select.onchange(on_choice(move |address| set.set(address)))
}

/// Calls back when the element at `place` comes into sight and when it goes, and once more, as out of
/// sight, when the part goes. The first drawing counts.
#[hook]
pub fn use_sight(place: &NodeRef, call: impl Fn(bool) + 'static) {
    let place = place.clone();
    use_effect_with((), move |()| {
        let call = Rc::new(call);
        let own = call.clone();
        let watch = place.cast::<Element>().and_then(|place| Sight::new(&place, move |on| own(on)));
        move || {
            drop(watch);
            call(false);
        }
    });
}

/// Whether an address is of the site that this page came from, so that the browser may read it.
fn is_own(base: &str) -> bool {
    let origin = web_sys::window().and_then(|window| window.location().origin().ok());
    origin.is_some_and(|origin| {
        base.strip_prefix(&origin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Whether the browser keeps something from being read because it is another site's.
pub fn is_elsewhere(hub: &HubHandle, trouble: &Trouble) -> bool {
    *trouble == Trouble::Unreadable && !is_own(&hub.0.source().base)
}

/// Why something could not be read, with Dask's own page of it, or the way there.
pub fn troubled(hub: &HubHandle, trouble: &Trouble, what: &str, path: &str) -> El {
    let base = &hub.0.source().base;
    let words = match trouble {
        Trouble::Unreadable if is_own(base) => {
            format!("No answer to the request for {what}. Trying again.")
        }
        Trouble::Unreadable => format!(
            "The browser may not read {what}: a scheduler allows other sites its websockets, but not \
             its info pages. Behind a gateway or proxy of this site they can be read."
        ),
        Trouble::Gone => format!(
            "The scheduler has no page for {what}. The worker has left, or this version of Dask has no such page."
        ),
        Trouble::Failed(status) => {
            format!(
                "The scheduler could not make {what} (status {status}). The worker may not answer."
            )
        }
        Trouble::Odd(why) => {
            format!("The answer to the request for {what} could not be read: {why}.")
        }
    };
    let note = div("strip-note quiet").attr("role", "status").testid("info-trouble");
    let note = note.kid(el("p").text(words));
    if is_elsewhere(hub, trouble) {
        // What may not be read may be shown.
        let page = html! { <Framed base={base.clone()} path={path.to_owned()} /> };
        return div("framed").kid(note).kid(page);
    }
    let link = el("a")
        .set("href", AttrValue::from(format!("{base}{path}")))
        .attr("target", "_blank")
        .attr("rel", "noopener noreferrer")
        .text("Dask's own page");
    note.kid(link)
}
