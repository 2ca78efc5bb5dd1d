//! The service worker that ends clusters after their page was closed for good (`www/keeper.js`).

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use gateway::api::Request;
use gateway::{Address, api::Method};

#[wasm_bindgen]
extern "C" {
    /// The part of a registration that is needed.
    #[derive(Clone)]
    pub type Registration;
    type Worker;
    type Container;
    #[wasm_bindgen(method, catch)]
    fn register(this: &Container, url: &str) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn active(this: &Registration) -> Option<Worker>;
    #[wasm_bindgen(method, catch, js_name = postMessage)]
    fn post(this: &Worker, message: &JsValue) -> Result<(), JsValue>;
}

fn container() -> Option<Container> {
    let navigator = web_sys::window()?.navigator();
    let held = js_sys::Reflect::get(&navigator, &"serviceWorker".into()).ok()?;
    (!held.is_undefined()).then(|| held.unchecked_into())
}

/// Whether this browser and page can have one: it wants https or this very machine.
pub fn possible() -> bool {
    container().is_some()
}

/// Puts the worker in place; the page must be ours, with the file beside it.
pub async fn prepare() -> Option<Registration> {
    let promise = container()?.register("./keeper.js").ok()?;
    JsFuture::from(promise).await.ok().map(JsCast::unchecked_into)
}

/// Hands over what is to be asked of the gateway once no page of ours is left. Says whether
/// somebody took it.
pub fn hand_over(worker: &Registration, requests: &[Request], address: &Address) -> bool {
    let all = js_sys::Array::new();
    for request in requests.iter().filter(|request| request.method == Method::Delete) {
        let (one, headers) = (js_sys::Object::new(), js_sys::Object::new());
        for (name, value) in &request.headers {
            put(&headers, name, &value.as_str().into());
        }
        put(&one, "url", &request.url(address).into());
        put(&one, "headers", &headers);
        all.push(&one);
    }
    worker.active().is_some_and(|worker| worker.post(&all).is_ok())
}

fn put(object: &js_sys::Object, name: &str, value: &JsValue) {
    let _ = js_sys::Reflect::set(object, &name.into(), value);
}
