//! Time and timers.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use base::clock::Reading;
use timeline::ticks::Zone;

/// Milliseconds since the epoch, by the browser's clock.
pub fn now() -> f64 {
    js_sys::Date::now()
}

/// What the browser's two clocks say.
pub fn reading() -> Reading {
    let performance = web_sys::window().and_then(|window| window.performance());
    let forward_ms = performance.map_or_else(now, |clock| clock.now());
    Reading { forward_ms, wall_ms: now() }
}

/// How far the wall clock here is east of UTC, at each moment.
pub fn zone() -> Zone {
    Zone::Changing(|micros| {
        let date = js_sys::Date::new(&(micros as f64 / 1e3).into());
        let west = date.get_timezone_offset();
        if west.is_finite() { -60 * west as i64 } else { 0 }
    })
}

/// A moment with its day, as the browser writes it. `ms` since the epoch.
pub fn day(ms: f64) -> String {
    js_sys::Date::new(&ms.into()).to_string().into()
}

/// Something that is called again and again, until it is dropped.
pub struct Ticker {
    id: i32,
    _closure: Closure<dyn FnMut()>,
}

impl Drop for Ticker {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            window.clear_interval_with_handle(self.id);
        }
    }
}

/// Calls `what` every so many ms.
pub fn every(ms: i32, what: impl FnMut() + 'static) -> Option<Ticker> {
    let closure = Closure::<dyn FnMut()>::new(what);
    let id = web_sys::window()?
        .set_interval_with_callback_and_timeout_and_arguments_0(
            closure.as_ref().unchecked_ref(),
            ms,
        )
        .ok()?;
    Some(Ticker { id, _closure: closure })
}

/// Something that is called once, unless it is dropped before.
pub struct Timer {
    id: i32,
    _closure: Closure<dyn FnMut()>,
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            window.clear_timeout_with_handle(self.id);
        }
    }
}

/// Calls `what` after so many ms.
pub fn after(ms: i32, what: impl FnOnce() + 'static) -> Option<Timer> {
    let mut what = Some(what);
    later(
        ms,
        Box::new(move || {
            if let Some(what) = what.take() {
                what();
            }
        }),
    )
}

#[inline(never)]
fn later(ms: i32, what: Box<dyn FnMut()>) -> Option<Timer> {
    let closure = Closure::wrap(what);
    let id = web_sys::window()?
        .set_timeout_with_callback_and_timeout_and_arguments_0(closure.as_ref().unchecked_ref(), ms)
        .ok()?;
    Some(Timer { id, _closure: closure })
}

/// Waits.
pub async fn sleep(ms: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
        }
    });
    let _ = JsFuture::from(promise).await;
}

/// Whether nobody can see the page.
pub fn hidden() -> bool {
    web_sys::window().and_then(|window| window.document()).is_some_and(|document| document.hidden())
}

/// A listener on a browser object, taken off when dropped.
pub struct Listener {
    target: web_sys::EventTarget,
    kind: &'static str,
    closure: Closure<dyn FnMut(web_sys::Event)>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self
            .target
            .remove_event_listener_with_callback(self.kind, self.closure.as_ref().unchecked_ref());
    }
}

/// Listens to `kind` of events on `target`, and may prevent their default.
pub fn listen(
    target: &web_sys::EventTarget,
    kind: &'static str,
    what: impl FnMut(web_sys::Event) + 'static,
) -> Listener {
    listen_boxed(target, kind, Box::new(what))
}

#[inline(never)]
fn listen_boxed(
    target: &web_sys::EventTarget,
    kind: &'static str,
    what: Box<dyn FnMut(web_sys::Event)>,
) -> Listener {
    let closure = Closure::wrap(what);
    let options = web_sys::AddEventListenerOptions::new();
    // Browsers listen passively to some events unless told otherwise.
    options.set_passive(false);
    let _ = target.add_event_listener_with_callback_and_add_event_listener_options(
        kind,
        closure.as_ref().unchecked_ref(),
        &options,
    );
    Listener { target: target.clone(), kind, closure }
}
