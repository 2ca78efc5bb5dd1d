//! Mounting in a host's page: two apps side by side, one taken out.

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Document, Element, ShadowRoot};

fn document() -> Document {
    web_sys::window().unwrap().document().unwrap()
}

fn place() -> Element {
    let place = document().create_element("div").unwrap();
    document().body().unwrap().append_child(&place).unwrap();
    place
}

fn config(title: &str) -> String {
    format!(r#"{{"gateway": "/nowhere", "title": "{title}"}}"#)
}

/// Waits until the app in `root` shows `text`, or fails with what it shows.
async fn shows(root: &ShadowRoot, text: &str) {
    for _ in 0..100 {
        if root.text_content().unwrap_or_default().contains(text) {
            return;
        }
        TimeoutFuture::new(20).await;
    }
    panic!("never showed {text:?}, but {:?}", root.text_content());
}

#[wasm_bindgen_test]
async fn two_apps_live_apart_and_one_can_go() {
    let before = document().location().unwrap().href().unwrap();
    let (left, right) = (place(), place());
    let mut one = daskscope::mount(left.clone(), Some(config("Left site"))).unwrap();
    let two = daskscope::mount(right.clone(), Some(config("Right site"))).unwrap();
    let (in_left, in_right) = (left.shadow_root().unwrap(), right.shadow_root().unwrap());
    shows(&in_left, "Left site").await;
    shows(&in_right, "Right site").await;
    assert!(!in_left.text_content().unwrap().contains("Right site"));

    one.destroy();
    one.destroy();
    assert!(in_left.query_selector(".ds-root").unwrap().is_none(), "nothing of it stays");
    shows(&in_right, "Right site").await;
    two.set_config(r#"{"gateway": "/nowhere", "title": "Renamed"}"#.into()).unwrap();
    shows(&in_right, "Renamed").await;

    // A place that was left can be used again.
    let mut again = daskscope::mount(left.clone(), Some(config("Back again"))).unwrap();
    shows(&in_left, "Back again").await;
    again.destroy();

    assert_eq!(document().location().unwrap().href().unwrap(), before, "the address is the host's");
    assert!(
        document().head().unwrap().query_selector("style,link[rel=stylesheet]").unwrap().is_none()
    );
}

#[wasm_bindgen_test]
async fn bad_input_is_refused_in_words() {
    let message = |error: wasm_bindgen::JsError| {
        let error: JsValue = error.into();
        String::from(error.unchecked_into::<js_sys::Error>().message())
    };
    let refused = |json: &str| message(daskscope::mount(place(), Some(json.into())).err().unwrap());
    assert!(refused("{oops").contains("not JSON"));
    assert!(refused("[]").contains("object"));
    let image = document().create_element("img").unwrap();
    let error = daskscope::mount(image, None).err().unwrap();
    assert!(message(error).contains("div"));
}
