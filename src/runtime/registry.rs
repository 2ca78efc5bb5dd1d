//! Which schedulers are being watched. A hub outlives the panes that show it, so that going to the
//! list and back, or looking at a second cluster, loses nothing; the least recently shown goes
//! first when there are many.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::web::page;
use crate::web::theme::Theme;
use gateway::Address;
use live::engine::Input;
use live::source::Source;
use store::RetentionPolicy;

use super::hub::Hub;

/// How many schedulers are watched at most. Each keeps two sockets open while it is not shown.
const KEPT: usize = 4;

struct Entry {
    hub: Rc<Hub>,
    shown: usize,
}

thread_local! {
    /// Most recently shown last.
    static HUBS: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
    /// The site's own limit of rows, 0 where it has none.
    static LIMIT: Cell<usize> = const { Cell::new(0) };
    /// Whether the page is dark, once that was said.
    static DARK: Cell<Option<bool>> = const { Cell::new(None) };
}

/// The page is dark from now on, or is not: what is shown of schedulers is drawn anew where that is new.
pub fn set_dark(dark: bool) {
    if DARK.replace(Some(dark)) != Some(dark) {
        for hub in all() {
            hub.topic().bump();
        }
    }
}

/// Whether what is shown lies on a dark ground.
pub fn is_dark() -> bool {
    DARK.get().unwrap_or_else(|| Theme::kept().is_dark())
}

/// How many intervals each scheduler's page holds at most, from now on.
pub fn set_limit(rows: usize) {
    LIMIT.set(rows);
    all().iter().for_each(limit);
}

fn limit(hub: &Rc<Hub>) {
    let rows = LIMIT.get();
    if rows > 0 {
        hub.stream().change(move |stream| {
            stream.set_keep(RetentionPolicy { rows, ..RetentionPolicy::default() });
        });
    }
}

/// The hub of `source`, started if need be, shown until [`release`].
pub fn acquire(source: &Source) -> Rc<Hub> {
    HUBS.with_borrow_mut(|hubs| {
        let known = hubs.iter().position(|entry| entry.hub.source().base == source.base);
        let entry = if let Some(at) = known {
            let mut entry = hubs.remove(at);
            entry.shown += 1;
            entry
        } else {
            let hub = Hub::start(source.clone());
            limit(&hub);
            Entry { hub, shown: 1 }
        };
        let hub = entry.hub.clone();
        hubs.push(entry);
        if hubs.len() > KEPT
            && let Some(at) = hubs.iter().position(|entry| entry.shown == 0)
        {
            hubs.remove(at);
        }
        hub
    })
}

/// Ends one showing of a hub.
pub fn release(hub: &Rc<Hub>) {
    HUBS.with_borrow_mut(|hubs| {
        if let Some(entry) = hubs.iter_mut().find(|entry| Rc::ptr_eq(&entry.hub, hub)) {
            entry.shown = entry.shown.saturating_sub(1);
        }
    });
}

/// Drops the hubs of a gateway's clusters: on signing out, what one person watched there is not the
/// next one's to see. Schedulers that have nothing to do with it are watched on.
pub fn forget_at(gateway: &Address) {
    let clusters = gateway.join("/clusters/");
    drop_where(|entry| entry.hub.source().base.starts_with(&clusters));
}

/// Drops the hubs that nobody shows: an app that is taken out of a host's page leaves no socket behind.
pub fn forget_hidden() {
    drop_where(|entry| entry.shown == 0);
}

fn drop_where(which: impl Fn(&Entry) -> bool) {
    let gone: Vec<Entry> =
        HUBS.with_borrow_mut(|hubs| hubs.extract_if(.., |entry| which(entry)).collect());
    for entry in &gone {
        entry.hub.put(Input::Stop);
    }
}

/// Lets the sockets of a scheduler go that is gone for good; what was seen of it stays.
pub fn end(base: &str) {
    let ended = all().into_iter().find(|hub| hub.source().base == base);
    if let Some(hub) = ended {
        hub.put(Input::Stop);
    }
}

/// The hub shown last, if one is shown.
pub fn current() -> Option<Rc<Hub>> {
    HUBS.with_borrow(|hubs| {
        hubs.iter().rev().find(|entry| entry.shown > 0).map(|entry| entry.hub.clone())
    })
}

/// Every hub there is.
pub fn all() -> Vec<Rc<Hub>> {
    HUBS.with_borrow(|hubs| hubs.iter().map(|entry| entry.hub.clone()).collect())
}

/// Tells every hub when the tab is hidden or seen, and when the browser is online again.
pub fn watch_page() {
    page::on_visibility(|hidden| {
        for hub in all() {
            hub.put(Input::Hidden(hidden));
        }
    });
    page::on_online(|| {
        for hub in all() {
            hub.put(Input::Online);
        }
    });
}
