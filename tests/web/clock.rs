//! The clock of the app: when it ticks, what shows the time is drawn again, and nothing else.

use std::cell::RefCell;

use daskscope::ui::store::{Clock, Dispatch, use_now};
use gloo_timers::future::TimeoutFuture;
use session::action::Action;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

thread_local! {
    /// What was drawn, in order.
    static DRAWN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn drawn(what: &str) {
    DRAWN.with_borrow_mut(|all| all.push(what.into()));
}

#[component]
fn Page() -> Html {
    drawn("page");
    html! { <Time /> }
}

#[component]
fn Time() -> Html {
    let now = use_now();
    drawn(&format!("time {now}"));
    Html::default()
}

#[derive(Properties, PartialEq)]
struct AppProps {
    dispatch: Dispatch,
}

#[component]
fn App(props: &AppProps) -> Html {
    html! { <Clock dispatch={props.dispatch.clone()}><Page /></Clock> }
}

#[wasm_bindgen_test]
async fn a_tick_draws_what_shows_the_time_and_nothing_else() {
    let dispatch = Dispatch::new(true, |_, _| ());
    let root = web_sys::window().unwrap().document().unwrap().create_element("div").unwrap();
    let props = AppProps { dispatch: dispatch.clone() };
    let app = yew::Renderer::<App>::with_root_and_props(root, props).render();
    TimeoutFuture::new(20).await;
    for now in [1.0, 2.0, 2.0] {
        dispatch.act(Action::Tick { now, forward: now, hidden: false });
        TimeoutFuture::new(20).await;
    }
    app.destroy();
    assert_eq!(DRAWN.take(), ["page", "time 0", "time 1", "time 2"]);
}
