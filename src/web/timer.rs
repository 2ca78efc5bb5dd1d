//! Time passing: the browser's clock, and callbacks after a while.

pub use gloo_timers::callback::{Interval, Timeout};

/// Milliseconds since the epoch by the browser's clock, finer than a millisecond and never going
/// back while the page lives.
pub fn now_ms() -> f64 {
    match web_sys::window().and_then(|window| window.performance()) {
        Some(performance) => performance.time_origin() + performance.now(),
        None => js_sys::Date::now(),
    }
}

/// Resolves after `ms` milliseconds.
pub async fn sleep(ms: u32) {
    gloo_timers::future::TimeoutFuture::new(ms).await;
}

/// 64 random bits, good enough to tell two page views apart.
pub fn random() -> u64 {
    let half = || (js_sys::Math::random() * 4_294_967_296.0) as u64;
    half() << 32 | half()
}
