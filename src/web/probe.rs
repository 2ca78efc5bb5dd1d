//! Carries out what the connection doctor wants to try.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::socket::{Socket, SocketEvent};
use super::{clock, http};
use feed::bokeh::token;
use gateway::ApiError;
use gateway::doctor::{Facts, Outcome, Permission, Probe};

/// How long a websocket may take to say something, ms.
const SOCKET_MS: i32 = 10_000;
/// How long an answer that cannot be read may take, ms.
const OPAQUE_MS: u32 = 8_000;

/// What the page knows about itself.
pub fn facts() -> Facts {
    let window = web_sys::window();
    let framed = window.as_ref().is_some_and(|window| {
        window.parent().ok().flatten().is_none_or(|parent| parent != *window)
    });
    Facts {
        page: super::location::here(),
        secure: window.as_ref().is_some_and(web_sys::Window::is_secure_context),
        online: window.as_ref().is_none_or(|window| window.navigator().on_line()),
        framed,
    }
}

/// Tries it.
pub async fn try_out(probe: &Probe) -> Outcome {
    match probe {
        Probe::Fetch { url, request } => match http::send_to(request, url).await {
            Ok(response) => Outcome::Answer(response),
            Err(error) => Outcome::NoAnswer(error),
        },
        Probe::Opaque { url } => match http::knock(url, OPAQUE_MS).await {
            Ok(_) => Outcome::Opaque,
            Err(error) => Outcome::NoAnswer(error),
        },
        Probe::Permission { names } => Outcome::Permission(permission(names).await),
        Probe::Socket { url, page: None } => {
            let now = clock::now();
            socket(url, token::mint(&format!("doctor{}", now as u64), now)).await
        }
        Probe::Socket { url, page: Some(page) } => {
            let page = format!("{page}/autoload.js?bokeh-autoload-element=x&resources=none");
            match http::get(&page, OPAQUE_MS).await {
                Ok(answer) => match token::find(&answer.body) {
                    Some(token) => socket(url, token.into()).await,
                    None => Outcome::NoAnswer(ApiError::Network { detail: String::new() }),
                },
                Err(error) => Outcome::NoAnswer(error),
            }
        }
    }
}

async fn permission(names: &[&str]) -> Permission {
    for name in names {
        match query(name).await.as_deref() {
            Some("granted") => return Permission::Granted,
            Some("denied") => return Permission::Denied,
            Some("prompt") => return Permission::Prompt,
            _ => {}
        }
    }
    Permission::Unsupported
}

/// The state of a permission; none where the browser does not know its name.
async fn query(name: &str) -> Option<String> {
    let navigator = web_sys::window()?.navigator();
    let permissions = js_sys::Reflect::get(&navigator, &"permissions".into()).ok()?;
    let query = js_sys::Reflect::get(&permissions, &"query".into()).ok()?;
    let query: js_sys::Function = query.dyn_into().ok()?;
    let what = js_sys::Object::new();
    js_sys::Reflect::set(&what, &"name".into(), &name.into()).ok()?;
    let promise: js_sys::Promise = query.call1(&permissions, &what).ok()?.dyn_into().ok()?;
    let status = JsFuture::from(promise).await.ok()?;
    js_sys::Reflect::get(&status, &"state".into()).ok()?.as_string()
}

async fn socket(url: &str, token: String) -> Outcome {
    let said = Rc::new(RefCell::new((None::<Outcome>, false)));
    let mut open = None;
    let mut timer = None;
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let end = {
            let said = said.clone();
            Rc::new(move |outcome: Outcome| {
                said.borrow_mut().0.get_or_insert(outcome);
                let _ = resolve.call0(&JsValue::NULL);
            })
        };
        let heard = {
            let (said, end) = (said.clone(), end.clone());
            move |event: SocketEvent<'_>| match event {
                SocketEvent::Session { .. } => {}
                SocketEvent::Opened => said.borrow_mut().1 = true,
                SocketEvent::Text(_) | SocketEvent::Binary(_) => end(Outcome::SocketTalks),
                SocketEvent::Closed { .. } => {
                    let opened = said.borrow().1;
                    end(Outcome::SocketClosed { opened });
                }
            }
        };
        match Socket::open(url, &["bokeh", &token], heard) {
            Ok(socket) => open = Some(socket),
            Err(_) => end(Outcome::SocketBlocked),
        }
        timer = clock::after(SOCKET_MS, move || end(Outcome::SocketSilent));
    });
    let _ = JsFuture::from(promise).await;
    drop((open, timer));
    let outcome = said.borrow_mut().0.take();
    outcome.unwrap_or(Outcome::SocketSilent)
}
