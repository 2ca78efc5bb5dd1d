//! Notifications of the system, for people who look elsewhere.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationPermission};

/// What the browser allows.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Permission {
    /// This browser (or a page without https) has none.
    Missing,
    /// Nobody was asked yet.
    Open,
    /// Allowed.
    Granted,
    /// Forbidden; only the browser's settings change that.
    Denied,
}

/// What the browser allows now.
pub fn permission() -> Permission {
    let there = web_sys::window().is_some_and(|window| {
        js_sys::Reflect::has(&window, &"Notification".into()).unwrap_or(false)
            && window.is_secure_context()
    });
    if !there {
        return Permission::Missing;
    }
    match Notification::permission() {
        NotificationPermission::Granted => Permission::Granted,
        NotificationPermission::Denied => Permission::Denied,
        _ => Permission::Open,
    }
}

/// Asks the person; only allowed from a click.
pub async fn ask() -> Permission {
    if permission() == Permission::Open
        && let Ok(promise) = Notification::request_permission()
    {
        let _ = JsFuture::from(promise.unchecked_into::<js_sys::Promise>()).await;
    }
    permission()
}

/// Shows a line, where it is allowed and nobody looks at the page.
pub fn show(text: &str) {
    if permission() == Permission::Granted && super::clock::hidden() {
        let options = web_sys::NotificationOptions::new();
        options.set_body(text);
        let _ = Notification::new_with_options("Daskscope", &options);
    }
}
