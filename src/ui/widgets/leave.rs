//! What is open until a person turns elsewhere.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent};

use crate::web::clock::{Listener, listen, sleep};
use crate::web::run::spawn;

/// What has opened something.
const OPENER: &str = "[aria-expanded=true],summary";

/// What closes at Escape before what it stands in or over does.
const OPEN: &str =
    "[role=dialog],[role=alertdialog],.veil,.board-panel,.stream-view[open],.acts .pop,.arranging";

thread_local! {
    /// Counts calls of [`stay`]: the newest one alone moves the focus.
    static TURN: Cell<u32> = const { Cell::new(0) };
}

/// Whether something is open in the app that `place` is in, which Escape closes first.
pub fn is_covered(place: &Element) -> bool {
    let root = place.closest(".ds-root").ok().flatten();
    root.is_some_and(|root| root.query_selector(OPEN).ok().flatten().is_some())
}

/// Calls `close` at an Escape that nothing else has taken, as long as what it gives is held. What it says
/// is whether there was something to close: one press closes one thing.
pub fn escaping(close: impl Fn(&Event) -> bool + 'static) -> Option<Listener> {
    escaping_boxed(Box::new(close))
}

#[inline(never)]
fn escaping_boxed(close: Box<dyn Fn(&Event) -> bool>) -> Option<Listener> {
    let window = web_sys::window()?;
    Some(listen(&window, "keydown", move |event| {
        let is = event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape");
        if is && !event.default_prevented() && close(&event) {
            event.prevent_default();
        }
    }))
}

/// Where what was pressed is gone once all is drawn again, or was moved, the focus goes to the first of
/// `wanted` that is still there: keys would begin at the top of the page else.
pub fn stay(wanted: Vec<Element>) {
    let lost = || {
        let document = web_sys::window()?.document()?;
        let (at, body) = (document.active_element(), document.body().map(Element::from));
        Some(at.is_none() || at == body)
    };
    let turn = TURN.get().wrapping_add(1);
    TURN.set(turn);
    spawn(async move {
        // A change of the address draws once more.
        for wait_ms in [0, 40, 160] {
            sleep(wait_ms).await;
            if TURN.get() != turn {
                return;
            }
            for one in wanted.iter().filter(|one| one.is_connected()) {
                if lost() != Some(true) {
                    break;
                }
                if let Some(one) = one.dyn_ref::<HtmlElement>() {
                    let _ = one.focus();
                }
            }
        }
    });
}

/// Calls `close`, which says whether anything was open, at Escape, and when something outside of elements that match `inside` is pressed, as
/// long as what it gives is held.
pub fn leaving(inside: &'static str, close: impl Fn() -> bool + 'static) -> Option<[Listener; 2]> {
    leaving_boxed(inside, Rc::new(close))
}

#[inline(never)]
fn leaving_boxed(inside: &'static str, close: Rc<dyn Fn() -> bool>) -> Option<[Listener; 2]> {
    let window = web_sys::window()?;
    let pressed = close.clone();
    Some([
        escaping(move |event| {
            let at = event.composed_path().get(0).dyn_into::<Element>().ok();
            let frame = at.and_then(|at| at.closest(inside).ok().flatten());
            let opener = frame.and_then(|frame| frame.query_selector(OPENER).ok().flatten());
            let closed = close();
            // Who was inside goes back to what opened it.
            let opener =
                opener.filter(|_| closed).and_then(|one| one.dyn_into::<HtmlElement>().ok());
            if let Some(opener) = opener {
                let _ = opener.focus();
            }
            closed
        })?,
        listen(&window, "pointerdown", move |event| {
            let within = event.composed_path().iter().any(|node| {
                node.dyn_into::<Element>().is_ok_and(|one| one.matches(inside).unwrap_or(false))
            });
            if !within {
                pressed();
            }
        }),
    ])
}
