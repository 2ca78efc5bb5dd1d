//! Hooks of Yew's names and meaning, with most of their code made once instead of anew at each use:
//! what depends on a type is a look into a slot, the rest is not generic.

use std::any::Any;
use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;

use yew::functional::{
    Hook, HookContext, TearDown, UseForceUpdateHandle, use_force_update, use_mut_ref,
};

type Slot = Rc<RefCell<Option<Rc<dyn Any>>>>;

/// A place of the part's own, and the way to have it drawn again.
#[inline(never)]
fn slot(hooks: &mut HookContext) -> (Slot, UseForceUpdateHandle) {
    let slot = use_mut_ref(|| None::<Rc<dyn Any>>).run(hooks);
    (slot, use_force_update().run(hooks))
}

struct Memory<T> {
    value: RefCell<Rc<T>>,
    again: UseForceUpdateHandle,
}

/// A value that a part remembers, as it is while the part is drawn.
pub struct Kept<T> {
    now: Rc<T>,
    kept: Rc<Memory<T>>,
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self { now: self.now.clone(), kept: self.kept.clone() }
    }
}

impl<T> Deref for Kept<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.now
    }
}

impl<T: PartialEq> Kept<T> {
    /// What changes it, without holding this value.
    pub fn setter(&self) -> Setter<T> {
        Setter(self.kept.clone())
    }

    /// Changes it.
    pub fn set(&self, value: T) {
        self.setter().set(value);
    }
}

/// Changes a [`Kept`].
pub struct Setter<T>(Rc<Memory<T>>);

impl<T> Clone for Setter<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: PartialEq> Setter<T> {
    /// Sets the value; the part is drawn again where it differs.
    pub fn set(&self, value: T) {
        if **self.0.value.borrow() != value {
            self.0.value.replace(Rc::new(value));
            self.0.again.force_update();
        }
    }
}

struct UseState<F>(F);

impl<T: PartialEq + 'static, F: FnOnce() -> T> Hook for UseState<F> {
    type Output = Kept<T>;

    fn run(self, hooks: &mut HookContext) -> Kept<T> {
        let (slot, again) = slot(hooks);
        let held = slot.borrow().clone();
        let kept = if let Some(Ok(kept)) = held.map(Rc::downcast::<Memory<T>>) {
            kept
        } else {
            let kept = Rc::new(Memory { value: RefCell::new(Rc::new((self.0)())), again });
            slot.replace(Some(kept.clone()));
            kept
        };
        let now = kept.value.borrow().clone();
        Kept { now, kept }
    }
}

/// A value that a part remembers; setting an equal one changes nothing.
pub fn use_state_eq<T: PartialEq + 'static>(
    first: impl FnOnce() -> T,
) -> impl Hook<Output = Kept<T>> {
    UseState(first)
}

/// Does something once drawn, and gives what undoes it.
type Job = Box<dyn FnOnce() -> Box<dyn FnOnce()>>;

struct UseEffect<T, F>(T, F);

impl<T: PartialEq + 'static, D: TearDown, F: FnOnce(&T) -> D + 'static> Hook for UseEffect<T, F> {
    type Output = ();

    fn run(self, hooks: &mut HookContext) {
        let (slot, _) = slot(hooks);
        let held = slot.borrow().clone();
        let Self(on, work) = self;
        let same = held.is_some_and(|old| old.downcast_ref::<T>().is_some_and(|old| *old == on));
        let job = (!same).then(|| {
            let on = Rc::new(on);
            slot.replace(Some(on.clone()));
            Box::new(move || {
                let undo = work(&on);
                Box::new(move || undo.tear_down()) as Box<dyn FnOnce()>
            }) as Job
        });
        once_drawn(hooks, job);
    }
}

#[inline(never)]
fn once_drawn(hooks: &mut HookContext, job: Option<Job>) {
    // A part may be drawn twice before anything is done: the job waits here, not in one drawing.
    let waiting = use_mut_ref(|| (0_u32, None::<Job>)).run(hooks);
    if job.is_some() {
        let mut waiting = waiting.borrow_mut();
        *waiting = (waiting.0 + 1, job);
    }
    let turn = waiting.borrow().0;
    yew::functional::use_effect_with(turn, move |_| -> Box<dyn FnOnce()> {
        let job = waiting.borrow_mut().1.take();
        match job {
            Some(job) => job(),
            None => Box::new(|| ()),
        }
    })
    .run(hooks);
}

/// Does something after the part is drawn for the first time, and whenever `on` has changed; what
/// it gives is done before the next time and when the part goes.
pub fn use_effect_with<T: PartialEq + 'static, D: TearDown>(
    on: T,
    work: impl FnOnce(&T) -> D + 'static,
) -> impl Hook<Output = ()> {
    UseEffect(on, work)
}
