//! The task stream's model, shared by its feed and by what draws it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::web::clock::hidden;
use crate::web::raf::{Waker, monotonic_ms};
use base::observable::Changes;
use base::time::Span;
use stream::{FrameStats, TaskStreamModel};

/// A shared task stream. Whoever changes it calls [`StreamHandle::poke`] or [`StreamHandle::news`] afterwards.
#[derive(Clone)]
pub struct StreamHandle(Rc<Shared>);

struct Shared {
    stream: Rc<RefCell<TaskStreamModel>>,
    waker: RefCell<Option<Waker>>,
    mounted: Cell<bool>,
    changes: Changes<TaskStreamModel>,
}

impl PartialEq for StreamHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0.stream, &other.0.stream)
    }
}

impl StreamHandle {
    /// Over a model.
    pub fn new(stream: Rc<RefCell<TaskStreamModel>>) -> Self {
        Self(Rc::new(Shared {
            stream,
            waker: RefCell::new(None),
            mounted: Cell::new(false),
            changes: Changes::default(),
        }))
    }

    /// The model. Do not hold a borrow over a call of another component.
    pub fn model(&self) -> &Rc<RefCell<TaskStreamModel>> {
        &self.0.stream
    }

    /// Asks for a frame at once: a person waits for it. Cheap, and nothing when no canvas shows it.
    pub fn poke(&self) {
        if let Some(waker) = self.0.waker.borrow().clone() {
            waker.wake();
        }
    }

    /// Asks for a frame when one is due; call it after rows have come. The very first rows are drawn at
    /// once: much of the program runs for the first time then, which takes longer than there is time in
    /// a frame.
    pub fn news(&self) {
        let Some(waker) = self.0.waker.borrow().clone() else { return };
        let due = self.0.stream.try_borrow().map_or((false, 0.0), |stream| {
            let first = stream.frames().filled() == 0 && stream.store().rows() > 0;
            (first, stream.due_ms(monotonic_ms()))
        });
        if due.0 {
            waker.hurry();
        }
        waker.wake_in(due.1);
    }

    /// Whether something is still to be drawn. Never so without a canvas, or in a hidden tab, where
    /// no frames come.
    pub fn busy(&self) -> bool {
        self.0.mounted.get()
            && !hidden()
            && self.0.stream.try_borrow().is_ok_and(|stream| !stream.is_settled())
    }

    /// How long frames take.
    pub fn frame_stats(&self) -> FrameStats {
        self.0.stream.try_borrow().map_or_else(|_| FrameStats::default(), |s| s.frames().stats())
    }

    /// The visible span, or the one it moves to.
    pub fn view(&self) -> Span {
        self.0.stream.try_borrow().map_or_else(|_| Span::default(), |stream| stream.view())
    }

    /// Shows exactly `span`.
    pub fn set_view(&self, span: Span) {
        self.change(move |stream| stream.set_view(span));
    }

    /// Changes the model and asks for a frame. While the model is in use, the change waits for it.
    pub fn change(&self, with: impl FnOnce(&mut TaskStreamModel) + 'static) {
        self.put(Box::new(move |stream| {
            with(stream);
            // It is a person who changes something: that is drawn at the full rate.
            stream.touch(monotonic_ms());
        }));
    }

    #[inline(never)]
    fn put(&self, with: Box<dyn FnOnce(&mut TaskStreamModel)>) {
        self.0.changes.put(&self.0.stream, with);
        self.poke();
    }

    /// Makes the changes that waited, if any.
    pub fn make_changes(&self) {
        self.0.changes.make(&self.0.stream);
    }

    /// For events of the browser, which never come while the model is in use: what the change tells is
    /// known at once.
    #[inline(never)]
    pub fn change_by(&self, with: &mut dyn FnMut(&mut TaskStreamModel)) {
        self.make_changes();
        if let Ok(mut stream) = self.0.stream.try_borrow_mut() {
            with(&mut stream);
            stream.touch(monotonic_ms());
        }
        self.poke();
    }

    /// A canvas draws it from now on, or none does any more.
    pub fn attach(&self, waker: Option<Waker>) {
        self.0.mounted.set(waker.is_some());
        *self.0.waker.borrow_mut() = waker;
    }
}
