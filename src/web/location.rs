//! Where the app's route lives: in the hash of the page's address when the page is ours, nowhere
//! but in the app's state when it is mounted in a host's page (there the address is the host's).

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::clock::{Listener, listen};
use gateway::PageOrigin;
use session::route::Route;

/// The text of `config.json` that boot.js has asked for beside the program; once. Nothing where there
/// is no boot.js, or the answer was not as it should be.
pub async fn early_config() -> Option<String> {
    let asked = asked_config()?;
    let _ = js_sys::Reflect::delete_property(&js_sys::global(), &JsValue::from_str(CONFIG));
    JsFuture::from(js_sys::Promise::resolve(&asked)).await.ok()?.as_string()
}

/// The same, if it is there already.
pub fn early_config_now() -> Option<String> {
    let text = asked_config()?.as_string()?;
    let _ = js_sys::Reflect::delete_property(&js_sys::global(), &JsValue::from_str(CONFIG));
    Some(text)
}

/// Where boot.js keeps it.
const CONFIG: &str = "daskscopeConfig";

fn asked_config() -> Option<JsValue> {
    js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str(CONFIG)).ok()
}

/// Where the route lives.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Location {
    embedded: bool,
}

impl Location {
    /// In the hash, or for an embedded app in memory.
    pub fn new(embedded: bool) -> Self {
        Self { embedded }
    }

    /// Whether links may carry a hash.
    pub fn has_links(self) -> bool {
        !self.embedded
    }

    /// The route of the address; the first page where there is none.
    pub fn read(self) -> Route {
        if self.embedded { Route::default() } else { Route::parse(&hash()) }
    }

    /// Shows the route in the address.
    pub fn go(self, route: &Route, replace: bool) {
        if self.embedded {
            return;
        }
        let text = route.print();
        if text == hash() {
            return;
        }
        let Some(history) = web_sys::window().and_then(|window| window.history().ok()) else {
            return;
        };
        // A sandboxed frame may refuse: the app then works without.
        let _ = if replace {
            history.replace_state_with_url(&JsValue::NULL, "", Some(&text))
        } else {
            history.push_state_with_url(&JsValue::NULL, "", Some(&text))
        };
    }

    /// Goes one step back in the browser's history; false where there is no step of ours.
    pub fn back(self) -> bool {
        let history = web_sys::window().and_then(|window| window.history().ok());
        let history = history.filter(|_| !self.embedded);
        history.is_some_and(|history| history.length().unwrap_or(0) > 1 && history.back().is_ok())
    }

    /// Listens to people who edit the address or walk through the history.
    pub fn follow(self, arrived: impl Fn(Route) + 'static) -> Vec<Listener> {
        let Some(window) = web_sys::window() else { return Vec::new() };
        if self.embedded {
            return Vec::new();
        }
        let arrived = std::rc::Rc::new(arrived);
        ["hashchange", "popstate"]
            .into_iter()
            .map(|kind| {
                let arrived = arrived.clone();
                listen(&window, kind, move |_| {
                    let hash = hash();
                    let route = Route::parse(&hash);
                    // A bare fragment (`#section`) is no place of ours: written as one, so that the
                    // address always says what is shown.
                    if !hash.is_empty() && !hash.starts_with("#/") {
                        Self { embedded: false }.go(&route, true);
                    }
                    arrived(route);
                })
            })
            .collect()
    }
}

/// The address of the page, as it stands.
pub fn href() -> String {
    web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default()
}

fn hash() -> String {
    web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

/// The page's own path with query and fragment, for the way back to it. With `list` the fragment is that of the
/// list of clusters: the way back stands in a server's log, where a cluster's name has no place.
pub fn whole_path(list: bool) -> String {
    let Some(location) = web_sys::window().map(|window| window.location()) else {
        return String::new();
    };
    let hash = if list { Ok("#/clusters".into()) } else { location.hash() };
    [location.pathname(), location.search(), hash].map(Result::unwrap_or_default).concat()
}

/// Where the page was loaded from; none for pages without an address.
pub fn here() -> Option<PageOrigin> {
    let href = web_sys::window()?.location().href().ok()?;
    PageOrigin::new(&href)
}
