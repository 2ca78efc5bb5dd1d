//! Time passing: the browser's clock, and callbacks after a while.

use std::cell::Cell;

use super::clock;
use base::clock::{Clock, Moment};

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

thread_local! {
    static CLOCK: Cell<Clock> = Cell::new(Clock::default());
}

/// This moment, by the program's one clock.
pub fn now() -> Moment {
    let mut program = CLOCK.get();
    let now = program.read(clock::reading());
    CLOCK.set(program);
    now
}

/// Milliseconds for waiting: never goes back while the page lives, and goes on while the computer
/// sleeps. About those since the epoch.
pub fn now_ms() -> f64 {
    now().steady_ms
}

pub use clock::sleep;

/// 64 random bits, good enough to tell two page views apart.
pub fn random() -> u64 {
    let half = || (js_sys::Math::random() * 4_294_967_296.0) as u64;
    half() << 32 | half()
}
