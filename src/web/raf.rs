//! One animation loop: asks for a frame only when something wants one, and for none after its drop.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// What a frame wants next.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Next {
    /// Nothing until it is asked for.
    Rest,
    /// The next frame.
    Frame,
    /// A frame after so many ms.
    After(f64),
}

struct Inner {
    frame: Cell<Option<i32>>,
    /// A timer, and when it ends on [`monotonic_ms`].
    timer: Cell<Option<(i32, f64)>>,
    on_frame: RefCell<Option<Closure<dyn FnMut()>>>,
    on_timer: RefCell<Option<Closure<dyn FnMut()>>>,
    run: RefCell<Box<dyn FnMut() -> Next>>,
}

/// The loop. Clones share it; dropping the last one cancels what is pending.
#[derive(Clone)]
pub struct Loop(Rc<Inner>);

/// Wakes a loop without keeping it alive.
#[derive(Clone)]
pub struct Waker(Weak<Inner>);

impl Waker {
    /// Asks for a frame; nothing when the loop is gone.
    pub fn wake(&self) {
        if let Some(inner) = self.0.upgrade() {
            Loop(inner).request();
        }
    }

    /// Asks for a frame in so many ms, unless one comes sooner.
    pub fn wake_in(&self, ms: f64) {
        if let Some(inner) = self.0.upgrade() {
            let sooner = inner.timer.get().is_some_and(|(_, at)| at <= monotonic_ms() + ms);
            match ms {
                _ if ms <= 0.0 => Loop(inner).request(),
                _ if sooner => {}
                _ => Loop(inner).after(ms),
            }
        }
    }

    /// Takes a turn at once: what it draws is then shown by the next frame, which would else begin with
    /// drawing it.
    pub fn hurry(&self) {
        if let Some(inner) = self.0.upgrade() {
            Loop(inner).turn();
        }
    }
}

impl Loop {
    /// A loop that calls `run` at each frame. It rests until the first request.
    pub fn new(run: impl FnMut() -> Next + 'static) -> Self {
        let inner = Rc::new(Inner {
            frame: Cell::new(None),
            timer: Cell::new(None),
            on_frame: RefCell::new(None),
            on_timer: RefCell::new(None),
            run: RefCell::new(Box::new(run)),
        });
        let weak = Rc::downgrade(&inner);
        let on_frame = Closure::new(move || {
            if let Some(inner) = weak.upgrade() {
                inner.frame.set(None);
                Self(inner).turn();
            }
        });
        let weak = Rc::downgrade(&inner);
        let on_timer = Closure::new(move || {
            if let Some(inner) = weak.upgrade() {
                inner.timer.set(None);
                Self(inner).request();
            }
        });
        *inner.on_frame.borrow_mut() = Some(on_frame);
        *inner.on_timer.borrow_mut() = Some(on_timer);
        Self(inner)
    }

    /// Asks for a frame, unless one is coming already.
    pub fn request(&self) {
        if self.0.frame.get().is_some() {
            return;
        }
        self.0.cancel_timer();
        if let (Some(window), Some(closure)) = (web_sys::window(), &*self.0.on_frame.borrow()) {
            let id = window.request_animation_frame(closure.as_ref().unchecked_ref());
            self.0.frame.set(id.ok());
        }
    }

    /// A handle that can wake it.
    pub fn waker(&self) -> Waker {
        Waker(Rc::downgrade(&self.0))
    }

    fn turn(&self) {
        // A frame that asks for frames is never inside itself.
        let next = match self.0.run.try_borrow_mut() {
            Ok(mut run) => run(),
            Err(_) => Next::Rest,
        };
        match next {
            Next::Rest => {}
            Next::Frame => self.request(),
            Next::After(ms) => self.after(ms),
        }
    }

    fn after(&self, ms: f64) {
        if self.0.frame.get().is_some() {
            return;
        }
        self.0.cancel_timer();
        if let (Some(window), Some(closure)) = (web_sys::window(), &*self.0.on_timer.borrow()) {
            let id = window.set_timeout_with_callback_and_timeout_and_arguments_0(
                closure.as_ref().unchecked_ref(),
                ms.clamp(0.0, 60_000.0).ceil() as i32,
            );
            self.0.timer.set(id.ok().map(|id| (id, monotonic_ms() + ms)));
        }
    }
}

impl Inner {
    fn cancel_timer(&self) {
        if let (Some((id, _)), Some(window)) = (self.timer.take(), web_sys::window()) {
            window.clear_timeout_with_handle(id);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.cancel_timer();
        if let (Some(id), Some(window)) = (self.frame.take(), web_sys::window()) {
            let _ = window.cancel_animation_frame(id);
        }
    }
}

/// ms on a clock that never goes back.
pub fn monotonic_ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}
