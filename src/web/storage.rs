//! What the browser keeps: harmless preferences in `localStorage`, credentials for this tab only in
//! `sessionStorage`. Every failure (storage forbidden, full, broken content) means "nothing kept".

use wasm_bindgen::JsCast;

use gateway::Credentials;
use session::trust;

const CREDENTIALS: &str = "daskscope.credentials";
const SIGNED_OUT: &str = "daskscope.signed-out";

fn local() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn session() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok()?
}

/// A preference. `key` without the app's own prefix.
pub fn get(key: &str) -> Option<String> {
    local()?.get_item(&format!("daskscope.{key}")).ok()?
}

/// Keeps a preference.
pub fn set(key: &str, value: &str) {
    if let Some(storage) = local() {
        let _ = storage.set_item(&format!("daskscope.{key}"), value);
    }
}

/// Where the origins of schedulers are kept that a person has agreed to; boot.js reads it, too.
pub const AGREED: &str = "schedulers";

/// Those origins.
pub fn agreed() -> Vec<String> {
    trust::read_kept(&get(AGREED).unwrap_or_default())
}

/// Adds an origin to them, or takes it out. Another tab may have changed them since they were read.
pub fn keep_agreed(origin: &str, yes: bool) {
    let mut all = agreed();
    trust::change_kept(&mut all, origin, yes);
    set(AGREED, &trust::print_kept(&all));
}

/// What was kept for this tab alone, over its reloads.
pub fn get_here(key: &str) -> Option<String> {
    session()?.get_item(&format!("daskscope.{key}")).ok()?
}

/// Keeps something harmless for this tab alone.
pub fn set_here(key: &str, value: &str) {
    if let Some(storage) = session() {
        let _ = storage.set_item(&format!("daskscope.{key}"), value);
    }
}

/// Lets go of what was kept for this tab alone.
pub fn drop_here(key: &str) {
    if let Some(storage) = session() {
        let _ = storage.remove_item(&format!("daskscope.{key}"));
    }
}

/// Whether a `storage` event tells of what another tab keeps under `key`.
pub fn is_about(event: &web_sys::Event, key: &str) -> bool {
    event
        .dyn_ref::<web_sys::StorageEvent>()
        .and_then(web_sys::StorageEvent::key)
        .is_some_and(|changed| changed == format!("daskscope.{key}"))
}

/// The credentials of an earlier page in this tab.
pub fn credentials() -> Option<Credentials> {
    Credentials::from_session(&session()?.get_item(CREDENTIALS).ok()??)
}

/// Keeps credentials for this tab, or forgets them: somebody has signed out.
pub fn keep_credentials(credentials: Option<&Credentials>) {
    let Some(storage) = session() else { return };
    let _ = match credentials {
        Some(credentials) => storage
            .remove_item(SIGNED_OUT)
            .and_then(|()| storage.set_item(CREDENTIALS, &credentials.to_session())),
        None => storage.remove_item(CREDENTIALS).and_then(|()| storage.set_item(SIGNED_OUT, "yes")),
    };
}

/// Whether somebody has signed out in this tab, and nobody in again.
pub fn signed_out() -> bool {
    session().and_then(|storage| storage.get_item(SIGNED_OUT).ok().flatten()).is_some()
}
