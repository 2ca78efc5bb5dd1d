//! `window.daskscope`: what a host page or a test may ask of the app (`docs/embedding.md`).
//!
//! Every call is total: it answers by a promise that is rejected with an `Error` whose message says
//! what was wrong with the input.

use std::cell::Cell;

use js_sys::{Error, Function, JSON, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::runtime::current;
use crate::web::run::spawn;
use crate::web::timer;
use live::host::{TaskQuery, ViewRequest};

/// Longest that `idle()` waits before it says what is still going on, in milliseconds.
const IDLE_LIMIT_MS: f64 = 60_000.0;

thread_local! {
    static INSTALLED: Cell<bool> = const { Cell::new(false) };
}

/// Puts `window.daskscope` in place; once a page, however many apps are mounted in it.
pub fn install() {
    let Some(window) = web_sys::window() else { return };
    // Looking at the window would find the element of that name instead.
    if INSTALLED.replace(true) {
        return;
    }
    crate::runtime::registry::watch_page();
    let object = Object::new();
    set(&object, "version", &JsValue::from_str(env!("CARGO_PKG_VERSION")));
    method(&object, "idle", |_, _| Promise::new(&mut |done, late| spawn(idle(done, late))));
    method(&object, "stats", |_, _| answer(Ok(stats())));
    method(&object, "tasks", |query, _| answer(tasks(&query)));
    method(&object, "view", |_, _| answer(Ok(view())));
    method(&object, "setView", |request, _| answer(set_view(&request)));
    method(&object, "load", |data, name| answer(load(&data, &name)));
    // A frozen window object leaves us without the interface; nothing else depends on it.
    let _ = Reflect::set(&window, &JsValue::from_str("daskscope"), &object);
}

fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

fn method(object: &Object, name: &str, call: fn(JsValue, JsValue) -> Promise) {
    // One object a page, for the page's life.
    let function = Closure::<dyn Fn(JsValue, JsValue) -> Promise>::new(call).into_js_value();
    set(object, name, &function);
}

/// An answer as JSON text, or why there is none.
fn answer(result: Result<String, String>) -> Promise {
    match result.map(|json| JSON::parse(&json)) {
        Ok(Ok(value)) => Promise::resolve(&value),
        Ok(Err(_)) => Promise::reject(&Error::new("the answer could not be put into words")),
        Err(message) => Promise::reject(&Error::new(&message)),
    }
}

/// A JavaScript argument as JSON; nothing stands for an empty object.
fn argument(value: &JsValue) -> Result<serde_json::Value, String> {
    if value.is_undefined() || value.is_null() {
        return Ok(serde_json::Value::Object(serde_json::Map::new()));
    }
    let text = JSON::stringify(value).ok().and_then(|text| text.as_string());
    let text = text.ok_or("this call takes a plain object")?;
    serde_json::from_str(&text).map_err(|_| "this call takes a plain object".into())
}

/// Calls `done` when nothing is going on any more, or `late` with what still is.
async fn idle(done: Function, late: Function) {
    let start = timer::now_ms();
    let _ = loop {
        // Two frames in a row, since work may be queued for the next one.
        let mut busy = super::live::busy(start);
        if busy.is_none() {
            timer::sleep(60).await;
            busy = super::live::busy(start);
        }
        match busy {
            None => break done.call0(&JsValue::NULL),
            Some(what) if timer::now_ms() - start > IDLE_LIMIT_MS => {
                let error = Error::new(&format!("still busy after a minute: {what}"));
                break late.call1(&JsValue::NULL, &error);
            }
            Some(_) => timer::sleep(40).await,
        }
    };
}

fn stats() -> String {
    current().map_or_else(live::host::empty_stats, |live| live.stats_json())
}

fn tasks(query: &JsValue) -> Result<String, String> {
    let query = TaskQuery::parse(&argument(query)?)?;
    Ok(current().map_or_else(|| "[]".into(), |live| live.tasks_json(&query)))
}

fn view() -> String {
    current().map_or_else(|| "null".into(), |live| live.view_json())
}

fn set_view(request: &JsValue) -> Result<String, String> {
    let request = ViewRequest::parse(&argument(request)?)?;
    let live = current().ok_or("nothing is shown that has a view")?;
    live.set_view(&request);
    Ok(live.view_json())
}

fn load(data: &JsValue, name: &JsValue) -> Result<String, String> {
    if !data.is_instance_of::<js_sys::ArrayBuffer>() && !data.is_instance_of::<Uint8Array>() {
        return Err("load(data, name) takes an ArrayBuffer and a name".into());
    }
    let name = name.as_string().unwrap_or_else(|| "this file".into());
    Err(format!("{name} was not opened: this version reads live schedulers only, not recordings"))
}
