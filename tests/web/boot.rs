//! What happens in a page that is not ours.

use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn a_page_without_our_element_is_left_alone() {
    let body = web_sys::window().unwrap().document().unwrap().body().unwrap();
    let before = body.inner_html();
    daskscope::start();
    assert_eq!(body.inner_html(), before);
}
