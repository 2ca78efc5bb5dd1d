//! A cell that tells its readers that something has changed. Readers look the value up themselves.
//! And changes that wait while their value is in use.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
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

type Change<T> = Box<dyn FnOnce(&mut T)>;

/// Changes to a value that others use as well: what comes while it is in use waits, and is made before
/// the next one. None is lost.
pub struct Changes<T>(RefCell<VecDeque<Change<T>>>);

impl<T> Default for Changes<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T> Changes<T> {
    /// Makes a change now, or at the next call.
    pub fn put(&self, value: &RefCell<T>, change: Change<T>) {
        self.0.borrow_mut().push_back(change);
        self.make(value);
    }

    /// Makes the changes that wait, in their order, unless the value is in use.
    pub fn make(&self, value: &RefCell<T>) {
        let Ok(mut value) = value.try_borrow_mut() else { return };
        loop {
            let next = self.0.borrow_mut().pop_front();
            let Some(change) = next else { return };
            change(&mut value);
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

    #[test]
    fn a_change_while_the_value_is_in_use_waits() {
        let (value, changes) = (Rc::new(RefCell::new(vec![0])), Rc::new(Changes::default()));
        let used = value.borrow();
        changes.put(&value, Box::new(|all: &mut Vec<i32>| all.push(1)));
        drop(used);
        assert_eq!(*value.borrow(), [0]);
        // Also one that comes from within another.
        let (inside, again) = (value.clone(), changes.clone());
        changes.put(
            &value,
            Box::new(move |all| {
                again.put(&inside, Box::new(|all| all.push(3)));
                all.push(2);
            }),
        );
        assert_eq!(*value.borrow(), [0, 1, 2, 3]);
    }
}
