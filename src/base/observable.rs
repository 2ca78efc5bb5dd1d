//! A cell that tells its readers that something has changed. Readers look the value up themselves.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

type Listener = Rc<dyn Fn(u64)>;

/// A version number with listeners. Cheap to bump, safe to bump from within a listener.
#[derive(Clone, Default)]
pub struct Topic(Rc<Inner>);

#[derive(Default)]
struct Inner {
    version: Cell<u64>,
    next: Cell<u64>,
    listeners: RefCell<Vec<(u64, Listener)>>,
}

impl Topic {
    /// The number of changes so far.
    pub fn version(&self) -> u64 {
        self.0.version.get()
    }

    /// Counts a change and tells every listener.
    pub fn bump(&self) {
        let version = self.0.version.get() + 1;
        self.0.version.set(version);
        let now: Vec<Listener> =
            self.0.listeners.borrow().iter().map(|(_, listener)| listener.clone()).collect();
        for listener in now {
            listener(version);
        }
    }

    /// Calls `listener` with the version at every change until the guard is dropped.
    #[must_use]
    pub fn subscribe(&self, listener: impl Fn(u64) + 'static) -> Subscription {
        let id = self.0.next.get();
        self.0.next.set(id + 1);
        self.0.listeners.borrow_mut().push((id, Rc::new(listener)));
        Subscription { topic: Rc::downgrade(&self.0), id }
    }
}

impl PartialEq for Topic {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Ends a subscription when dropped.
pub struct Subscription {
    topic: Weak<Inner>,
    id: u64,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(topic) = self.topic.upgrade() {
            topic.listeners.borrow_mut().retain(|(id, _)| *id != self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listens_until_dropped() {
        let topic = Topic::default();
        let seen = Rc::new(Cell::new(0));
        let guard = topic.subscribe({
            let seen = seen.clone();
            move |version| seen.set(version)
        });
        topic.bump();
        assert_eq!(seen.get(), 1);
        drop(guard);
        topic.bump();
        assert_eq!((seen.get(), topic.version()), (1, 2));
    }
}
