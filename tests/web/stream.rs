//! The task stream on its canvas: drawn, resized, steered, and gone without a trace.

use std::cell::RefCell;
use std::rc::Rc;

use base::task::{Action, Interval, Rgb};
use base::time::{Micros, Span};
use daskscope::ui::stream::{StreamHandle, TaskStream, TaskStreamProps};
use gloo_timers::future::TimeoutFuture;
use stream::TaskStreamModel;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{
    CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, KeyboardEvent, KeyboardEventInit,
};

const T: i64 = 1_795_353_623_000_000;

fn put(handle: &StreamHandle, start: i64, dur: i64) {
    handle.model().borrow_mut().insert(&Interval {
        key: "add-1",
        key_is_json: false,
        prefix: "add",
        action: Action::Compute,
        erred: false,
        worker: "tcp://10.0.0.1:4000",
        thread: "tcp://10.0.0.1:4000-1",
        start: Micros(T + start),
        duration: Micros(dur),
        color: Rgb(0x23, 0x89, 0x8d),
        timebase: 0,
    });
    handle.poke();
}

/// Waits until everything is drawn.
async fn settled(handle: &StreamHandle) {
    for _ in 0..250 {
        TimeoutFuture::new(20).await;
        if !handle.busy() {
            return;
        }
    }
    panic!("never came to rest");
}

fn set_size(place: &HtmlElement, width: u32, height: u32) {
    let css = format!("position:absolute;left:0;top:0;width:{width}px;height:{height}px");
    place.set_attribute("style", &css).unwrap();
}

/// The colour in the middle of the first lane, at a share of the plot's width.
fn color_at(root: &HtmlElement, handle: &StreamHandle, share: f64) -> Vec<u8> {
    let canvas: HtmlCanvasElement =
        root.query_selector("canvas").unwrap().unwrap().dyn_into().unwrap();
    let context: CanvasRenderingContext2d =
        canvas.get_context("2d").unwrap().unwrap().dyn_into().unwrap();
    let plot = handle.model().borrow().plot();
    let scale = web_sys::window().unwrap().device_pixel_ratio();
    let (x, y) = ((plot.x + plot.w * share) * scale, (plot.y + 6.0) * scale);
    context.get_image_data(x, y, 1.0, 1.0).unwrap().data().0[..3].to_vec()
}

#[wasm_bindgen_test]
async fn an_open_feed_without_tasks() {
    let document = web_sys::window().unwrap().document().unwrap();
    let root: HtmlElement = document.create_element("div").unwrap().dyn_into().unwrap();
    document.body().unwrap().append_child(&root).unwrap();
    let handle = StreamHandle::new(Rc::new(RefCell::new(TaskStreamModel::default())));
    handle.change_by(&mut |stream| stream.set_live(true));
    let props = TaskStreamProps { stream: handle, debug: false, base: "".into() };
    let app = yew::Renderer::<TaskStream>::with_root_and_props(root.clone().into(), props).render();
    TimeoutFuture::new(50).await;
    assert!(root.text_content().unwrap().contains("No tasks yet"));
    app.destroy();
    root.remove();
}

#[wasm_bindgen_test]
async fn drawn_steered_and_taken_away() {
    let document = web_sys::window().unwrap().document().unwrap();
    let root: HtmlElement = document.create_element("div").unwrap().dyn_into().unwrap();
    document.body().unwrap().append_child(&root).unwrap();
    let handle = StreamHandle::new(Rc::new(RefCell::new(TaskStreamModel::default())));
    assert!(!handle.busy(), "without a canvas there is nothing to wait for");
    let props = TaskStreamProps { stream: handle.clone(), debug: false, base: "".into() };
    let app = yew::Renderer::<TaskStream>::with_root_and_props(root.clone().into(), props).render();
    TimeoutFuture::new(50).await;
    // Without a feed nobody is told to wait for tasks.
    assert!(root.text_content().unwrap().contains("No tasks"));

    let frame: HtmlElement =
        root.query_selector("[data-testid=task-stream]").unwrap().unwrap().dyn_into().unwrap();
    set_size(&frame, 800, 300);
    put(&handle, 0, 400_000);
    put(&handle, 1_000_000, 5);
    handle.set_view(Span::new(Micros(T), Micros(T + 1_000_000)));
    settled(&handle).await;
    let (busy, idle) = (color_at(&root, &handle, 0.2), color_at(&root, &handle, 0.7));
    assert_ne!(busy, idle);
    let drawn = handle.frame_stats().count;
    TimeoutFuture::new(300).await;
    assert_eq!(handle.frame_stats().count, drawn, "at rest no frame is drawn");

    // Words follow within a quarter of a second.
    TimeoutFuture::new(300).await;
    let label = frame.get_attribute("aria-label").unwrap();
    assert!(label.contains("2 tasks on 1 threads"), "{label}");
    assert!(root.query_selector(".stream-chip").unwrap().is_some());

    // The canvas follows its place.
    set_size(&frame, 500, 200);
    TimeoutFuture::new(100).await;
    settled(&handle).await;
    let canvas: HtmlCanvasElement =
        root.query_selector("canvas").unwrap().unwrap().dyn_into().unwrap();
    let scale = web_sys::window().unwrap().device_pixel_ratio();
    assert_eq!(canvas.width(), (500.0 * scale) as u32);
    assert_eq!(color_at(&root, &handle, 0.2), busy);

    // A key on the canvas is taken; one with a modifier is the browser's.
    let press = |key: &str, ctrl: bool| {
        let init = KeyboardEventInit::new();
        init.set_key(key);
        init.set_ctrl_key(ctrl);
        init.set_cancelable(true);
        let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
        !frame.dispatch_event(&event).unwrap()
    };
    assert!(press(" ", false) && handle.model().borrow().is_paused());
    assert!(!press("0", true));
    assert!(press("0", false));
    settled(&handle).await;

    app.destroy();
    TimeoutFuture::new(50).await;
    let drawn = handle.frame_stats().count;
    put(&handle, 2_000_000, 5);
    assert!(!handle.busy(), "nobody looks");
    TimeoutFuture::new(200).await;
    assert_eq!(handle.frame_stats().count, drawn, "no frame after the end");
    root.remove();
}

/// The native tests hold the picture to stored ones (`tests/pictures.rs`); here it must be what the
/// canvas shows.
#[wasm_bindgen_test]
async fn the_canvas_shows_the_picture() {
    let document = web_sys::window().unwrap().document().unwrap();
    let root: HtmlElement = document.create_element("div").unwrap().dyn_into().unwrap();
    document.body().unwrap().append_child(&root).unwrap();
    let handle = StreamHandle::new(Rc::new(RefCell::new(TaskStreamModel::default())));
    let props = TaskStreamProps { stream: handle.clone(), debug: false, base: "".into() };
    let app = yew::Renderer::<TaskStream>::with_root_and_props(root.clone().into(), props).render();
    TimeoutFuture::new(50).await;
    let frame: HtmlElement =
        root.query_selector("[data-testid=task-stream]").unwrap().unwrap().dyn_into().unwrap();
    set_size(&frame, 800, 300);
    // Too narrow for names.
    for i in 0..90 {
        put(&handle, i * 10_000, 3000 + i * 70);
    }
    handle.set_view(Span::new(Micros(T - 50_000), Micros(T + 950_000)));
    settled(&handle).await;
    let canvas: HtmlCanvasElement =
        root.query_selector("canvas").unwrap().unwrap().dyn_into().unwrap();
    let context: CanvasRenderingContext2d =
        canvas.get_context("2d").unwrap().unwrap().dyn_into().unwrap();
    let model = handle.model().borrow();
    let (plot, strip) = (model.plot(), model.strip());
    let scale = web_sys::window().unwrap().device_pixel_ratio();
    let (left, top) = ((plot.x * scale).round(), (plot.y * scale).round());
    let (width, height) = (strip.width, strip.height);
    let image = context.get_image_data(left, top, width as f64, height as f64).unwrap().data();
    let mut seen = std::collections::BTreeSet::new();
    let mut other = 0;
    for (at, shown) in image.0.chunks_exact(4).enumerate() {
        let painted = strip.pixel(at % width, at / width);
        seen.insert(painted);
        other += usize::from(painted != shown[..3]);
    }
    assert!(seen.len() > 3, "{seen:?}");
    // The line of now lies over it.
    assert!(other <= height * 4, "{other} of {} pixels", width * height);
    drop(model);
    app.destroy();
    root.remove();
}
