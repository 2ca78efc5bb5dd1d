//! Files that the browser saves.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement, Url};

use super::run::spawn;

/// How long a blob's address is kept, ms: until the browser has surely taken it.
const KEEP_MS: i32 = 10_000;
/// Device px of a picture per px of its drawing.
const SCALE: u32 = 2;

/// Saves a text under a name.
pub fn text(name: &str, kind: &str, text: &str) {
    let _ = blob_of(text, kind).map(|blob| save(name, &blob));
}

/// Saves a drawing as a PNG, at twice its size in px. Calls `failed` where the browser cannot draw it, or does
/// not let what it has drawn be read.
pub fn png(
    name: String,
    svg: String,
    [width, height]: [u32; 2],
    failed: impl FnOnce() + Clone + 'static,
) {
    spawn(async move {
        let canvas = rastered(&svg, width * SCALE, height * SCALE).await;
        let sorry = failed.clone();
        let done = Closure::once_into_js(move |blob: JsValue| {
            let blob = blob.dyn_into::<Blob>().ok();
            if blob.and_then(|blob| save(&name, &blob)).is_none() {
                sorry();
            }
        });
        let asked = canvas.map(|canvas| canvas.to_blob(done.unchecked_ref()));
        if !matches!(asked, Some(Ok(()))) {
            failed();
        }
    });
}

/// Saves what a canvas shows as a PNG.
pub fn canvas(name: String, canvas: &HtmlCanvasElement) {
    let done = Closure::once_into_js(move |blob: JsValue| {
        let _ = blob.dyn_into::<Blob>().ok().and_then(|blob| save(&name, &blob));
    });
    let _ = canvas.to_blob(done.unchecked_ref());
}

async fn rastered(svg: &str, width: u32, height: u32) -> Option<HtmlCanvasElement> {
    let document = web_sys::window()?.document()?;
    let image = HtmlImageElement::new().ok()?;
    let url = Url::create_object_url_with_blob(&blob_of(svg, "image/svg+xml")?).ok()?;
    image.set_src(&url);
    let loaded = JsFuture::from(image.decode()).await;
    let _ = Url::revoke_object_url(&url);
    loaded.ok()?;
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    let context = canvas.get_context("2d").ok()??;
    let context: web_sys::CanvasRenderingContext2d = context.dyn_into().ok()?;
    let (w, h) = (f64::from(width), f64::from(height));
    context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, w, h).ok()?;
    Some(canvas)
}

fn blob_of(text: &str, kind: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    Blob::new_with_str_sequence_and_options(&parts, &options).ok()
}

fn save(name: &str, blob: &Blob) -> Option<()> {
    let document = web_sys::window()?.document()?;
    let url = Url::create_object_url_with_blob(blob).ok()?;
    let link: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    spawn(async move {
        super::clock::sleep(KEEP_MS).await;
        let _ = Url::revoke_object_url(&url);
    });
    Some(())
}
