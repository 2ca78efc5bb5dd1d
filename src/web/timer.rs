//! Time passing: the browser's clock, and callbacks after a while.

use super::clock;

/// Something that is called once, unless this is dropped before. It may be dropped by what it calls.
pub struct Timeout {
    _timer: Option<clock::Timer>,
}

impl Timeout {
    /// Calls `what` after so many ms.
    pub fn new(ms: u32, what: impl FnOnce() + 'static) -> Self {
        Self { _timer: clock::after(i32::try_from(ms).unwrap_or(i32::MAX), what) }
    }
}

/// Milliseconds since the epoch by the browser's clock, finer than a millisecond and never going
/// back while the page lives.
pub fn now_ms() -> f64 {
    match web_sys::window().and_then(|window| window.performance()) {
        Some(performance) => performance.time_origin() + performance.now(),
        None => js_sys::Date::now(),
    }
}

pub use clock::sleep;

/// 64 random bits, good enough to tell two page views apart.
pub fn random() -> u64 {
    let half = || (js_sys::Math::random() * 4_294_967_296.0) as u64;
    half() << 32 | half()
}
