//! Dark or light: the system's choice, `JupyterLab`'s inside it, or a pinned one.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::Element;

use super::clock::{Listener, listen};
use super::storage;

/// What people chose.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum Theme {
    /// As the system, or the host page, has it.
    #[default]
    System,
    /// Always dark.
    Dark,
    /// Always light.
    Light,
}

impl Theme {
    /// All, in the order in which a switch goes through them.
    pub const ALL: [Self; 3] = [Self::System, Self::Dark, Self::Light];

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "Auto",
            Self::Dark => "Dark",
            Self::Light => "Light",
        }
    }

    /// The next of the three.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::System => Self::Dark,
            Self::Dark => Self::Light,
            Self::Light => Self::System,
        }
    }

    /// What was chosen in this browser before.
    pub fn kept() -> Self {
        match storage::get("theme").as_deref() {
            Some("dark") => Self::Dark,
            Some("light") => Self::Light,
            _ => Self::System,
        }
    }

    /// Keeps the choice.
    pub fn keep(self) {
        storage::set(
            "theme",
            match self {
                Self::System => "system",
                Self::Dark => "dark",
                Self::Light => "light",
            },
        );
    }

    /// Whether that is dark, here and now.
    pub fn is_dark(self) -> bool {
        match self {
            Self::Dark => true,
            Self::Light => false,
            Self::System => lab_is_light().map_or_else(system_is_dark, |light| !light),
        }
    }

    /// Writes `data-theme` (`dark`, `light`) on the app's root element, and `data-host` when the
    /// colours are to be `JupyterLab`'s own.
    pub fn apply(self, root: &Element) {
        let name = if self.is_dark() { "dark" } else { "light" };
        let _ = root.set_attribute("data-theme", name);
        let _ = if self == Self::System && lab_is_light().is_some() {
            root.set_attribute("data-host", "jupyterlab")
        } else {
            root.remove_attribute("data-host")
        };
    }
}

fn media() -> Option<web_sys::MediaQueryList> {
    web_sys::window()?.match_media("(prefers-color-scheme: dark)").ok()?
}

fn system_is_dark() -> bool {
    media().is_none_or(|media| media.matches())
}

/// Whether `JupyterLab` around us is light; none outside it.
fn lab_is_light() -> Option<bool> {
    let body = web_sys::window()?.document()?.body()?;
    Some(body.get_attribute("data-jp-theme-light")? == "true")
}

/// Waits for another theme around us; until it is dropped.
pub struct Following {
    _media: Option<Listener>,
    observer: Option<web_sys::MutationObserver>,
    _closure: Closure<dyn FnMut()>,
}

impl Drop for Following {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

/// Calls `changed` when the system or `JupyterLab` changes its mind.
pub fn follow(changed: impl Fn() + 'static) -> Following {
    let changed = Rc::new(changed);
    let by_media = changed.clone();
    let media = media().map(|media| listen(&media.into(), "change", move |_| by_media()));
    let closure = Closure::<dyn FnMut()>::new(move || changed());
    // Only where there is such an attribute: other hosts' pages are none of our business.
    let observer = lab_is_light().and_then(|_| {
        let body = web_sys::window()?.document()?.body()?;
        let observer = web_sys::MutationObserver::new(closure.as_ref().unchecked_ref()).ok()?;
        let what = web_sys::MutationObserverInit::new();
        what.set_attributes(true);
        observer.observe_with_options(&body, &what).ok()?;
        Some(observer)
    });
    Following { _media: media, observer, _closure: closure }
}

/// What the page has for one of its tokens, where an event came from; empty where it has none.
pub fn token(event: &web_sys::Event, name: &str) -> String {
    let found = || {
        let place = event.target()?.dyn_into::<Element>().ok()?;
        let style = web_sys::window()?.get_computed_style(&place).ok()??;
        style.get_property_value(name).ok()
    };
    found().unwrap_or_default().trim().to_owned()
}
