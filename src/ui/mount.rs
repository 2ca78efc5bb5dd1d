//! Putting the app into a page: by itself where the page has our root element, or where a host says.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Element, ShadowRootInit, ShadowRootMode};
use yew::prelude::*;

use super::app::App;

/// The element that a page of ours has; a host's page must not have it.
const ROOT_ID: &str = "daskscope";

/// Memory asked for at the start. The app with 10 000 tasks takes about as much.
const FIRST_BYTES: usize = 24 << 20;

/// Hands a new configuration to a mounted app.
#[derive(Clone, Default)]
struct ConfigLine(Rc<RefCell<Option<Callback<Option<String>>>>>);

impl PartialEq for ConfigLine {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Properties, PartialEq)]
struct RootProps {
    config_json: Option<String>,
    embedded: bool,
    line: ConfigLine,
}

/// The app with a configuration that may change.
#[component]
fn Root(props: &RootProps) -> Html {
    let config = use_state_eq(|| props.config_json.clone());
    let setter = config.setter();
    use_effect_with(props.line.clone(), move |line| {
        *line.0.borrow_mut() = Some(Callback::from(setter));
        let line = line.clone();
        move || drop(line.0.borrow_mut().take())
    });
    html! { <App config_json={(*config).clone()} embedded={props.embedded} /> }
}

/// A mounted app.
#[wasm_bindgen]
pub struct Handle {
    app: Option<yew::AppHandle<Root>>,
    line: ConfigLine,
    root: Element,
}

#[wasm_bindgen]
impl Handle {
    /// Gives the app a new configuration (the text of a `config.json`).
    ///
    /// # Errors
    /// A message where the text is not a JSON object.
    pub fn set_config(&self, config_json: String) -> Result<(), JsError> {
        check_config(Some(&config_json))?;
        let callback = self.line.0.borrow().clone();
        match callback {
            Some(callback) => {
                callback.emit(Some(config_json));
                Ok(())
            }
            None => Err(JsError::new("this app has been destroyed or is not drawn yet")),
        }
    }

    /// Takes the app out of the page: sockets closed, listeners removed, element empty. A second
    /// call does nothing.
    pub fn destroy(&mut self) {
        if let Some(app) = self.app.take() {
            app.destroy();
            // Yew takes components apart a moment later; only then is nothing shown any more.
            crate::web::run::spawn(async {
                crate::web::timer::sleep(50).await;
                crate::runtime::registry::forget_hidden();
            });
            self.root.remove();
        }
    }
}

/// Mounts the app inside `element`, in a shadow root of its own, with routing in memory: the
/// page's address stays the host's. `config_json` is the text of a `config.json`, or nothing.
///
/// # Errors
/// A message where `element` cannot hold a shadow root or the configuration is not a JSON object.
#[wasm_bindgen]
pub fn mount(element: Element, config_json: Option<String>) -> Result<Handle, JsError> {
    check_config(config_json.as_deref())?;
    let shadow = match element.shadow_root() {
        Some(shadow) => shadow,
        None => element
            .attach_shadow(&ShadowRootInit::new(ShadowRootMode::Open))
            .map_err(|_| JsError::new("this element cannot hold a shadow root: use a div"))?,
    };
    adopt_styles(shadow.as_ref());
    let root = new_root().ok_or_else(|| JsError::new("there is no document to mount in"))?;
    shadow.append_child(&root).map_err(|_| JsError::new("the element refused our root"))?;
    Ok(render(root, config_json, true))
}

/// Mounts the app where the page has `<div id="daskscope">`; pages without it are a host's.
pub fn start() {
    // The allocator takes memory from the browser in small parts, each of which takes the browser half a
    // millisecond. What is not touched costs nothing.
    drop(std::hint::black_box(Vec::<u8>::with_capacity(FIRST_BYTES)));
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let Some(place) = document.get_element_by_id(ROOT_ID) else { return };
    adopt_styles(document.as_ref());
    place.set_text_content(None);
    let Some(root) = new_root() else { return };
    if place.append_child(&root).is_ok() {
        // The page itself is the host: this handle lives as long as it does.
        std::mem::forget(render(root, None, false));
    }
}

fn new_root() -> Option<Element> {
    let root = web_sys::window()?.document()?.create_element("div").ok()?;
    root.set_class_name("ds-root");
    Some(root)
}

fn render(root: Element, config_json: Option<String>, embedded: bool) -> Handle {
    super::host::install();
    let line = ConfigLine::default();
    let props = RootProps { config_json, embedded, line: line.clone() };
    let app = yew::Renderer::<Root>::with_root_and_props(root.clone(), props).render();
    Handle { app: Some(app), line, root }
}

fn check_config(json: Option<&str>) -> Result<(), JsError> {
    let Some(json) = json else { return Ok(()) };
    match serde_json::from_str::<serde_json::Value>(json) {
        Ok(serde_json::Value::Object(_)) => Ok(()),
        Ok(_) => Err(JsError::new("the configuration must be a JSON object")),
        Err(error) => Err(JsError::new(&format!("the configuration is not JSON: {error}"))),
    }
}

#[wasm_bindgen]
extern "C" {
    type StyleHost;
    #[wasm_bindgen(method, getter, js_name = adoptedStyleSheets)]
    fn adopted(this: &StyleHost) -> js_sys::Array;
    #[wasm_bindgen(method, setter, js_name = adoptedStyleSheets)]
    fn set_adopted(this: &StyleHost, sheets: &js_sys::Array);

    type CSSStyleSheet;
    #[wasm_bindgen(constructor)]
    fn new() -> CSSStyleSheet;
    #[wasm_bindgen(method, js_name = replaceSync)]
    fn replace_sync(this: &CSSStyleSheet, text: &str);
}

/// Adopts our styles in a document or a shadow root, once. A constructed style sheet needs no
/// `unsafe-inline` and no second request, and is the same in both homes.
fn adopt_styles(place: &JsValue) {
    let marker = JsValue::from_str("daskscopeStyled");
    if js_sys::Reflect::has(place, &marker).unwrap_or(false) {
        return;
    }
    let host: &StyleHost = place.unchecked_ref();
    let sheets = js_sys::Array::from(&host.adopted());
    for text in super::css::CSS {
        let sheet = CSSStyleSheet::new();
        sheet.replace_sync(text);
        sheets.push(&sheet);
    }
    host.set_adopted(&sheets);
    let _ = js_sys::Reflect::set(place, &marker, &JsValue::TRUE);
}
