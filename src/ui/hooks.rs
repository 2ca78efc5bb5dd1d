//! Hooks of Yew's names and meaning, with most of their code made once instead of anew at each use:
//! what depends on a type is a look into a slot, the rest is not generic.

use std::any::Any;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;

use yew::functional::{
    Hook, HookContext, TearDown, UseForceUpdateHandle, use_force_update, use_mut_ref,
};

/// What is remembered, of any type.
struct Memory {
    value: RefCell<Rc<dyn Any>>,
    again: UseForceUpdateHandle,
}

impl Memory {
    #[inline(never)]
    fn now(&self) -> Rc<dyn Any> {
        self.value.borrow().clone()
    }

    #[inline(never)]
    fn put(&self, value: Rc<dyn Any>) {
        self.value.replace(value);
        self.again.force_update();
    }

    fn set<T: PartialEq + 'static>(&self, value: T) {
        if self.now().downcast_ref() != Some(&value) {
            self.put(Rc::new(value));
        }
    }
}

/// A part's own memory, with what `first` gives in it.
#[inline(never)]
fn memory(hooks: &mut HookContext, first: &dyn Fn() -> Rc<dyn Any>) -> Rc<Memory> {
    let slot = use_mut_ref(|| None::<Rc<Memory>>).run(hooks);
    let again = use_force_update().run(hooks);
    let mut slot = slot.borrow_mut();
    slot.get_or_insert_with(|| Rc::new(Memory { value: RefCell::new(first()), again })).clone()
}

/// A value that a part remembers, as it is while the part is drawn.
pub struct Kept<T> {
    now: Rc<T>,
    kept: Rc<Memory>,
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

impl<T: PartialEq + 'static> Kept<T> {
    /// What changes it, without holding this value.
    pub fn setter(&self) -> Setter<T> {
        Setter(self.kept.clone(), PhantomData)
    }

    /// Changes it.
    pub fn set(&self, value: T) {
        self.kept.set(value);
    }
}

/// Changes a [`Kept`].
pub struct Setter<T>(Rc<Memory>, PhantomData<T>);

impl<T> Clone for Setter<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<T> PartialEq for Setter<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T: PartialEq + 'static> Setter<T> {
    /// Sets the value; the part is drawn again where it differs.
    pub fn set(&self, value: T) {
        self.0.set(value);
    }
}

struct UseState<F>(F);

impl<T: PartialEq + 'static, F: Fn() -> T> Hook for UseState<F> {
    type Output = Kept<T>;

    fn run(self, hooks: &mut HookContext) -> Kept<T> {
        let kept = memory(hooks, &|| Rc::new((self.0)()));
        match kept.now().downcast() {
            Ok(now) => Kept { now, kept },
            // Only what is set here is ever in it.
            Err(_) => unreachable!(),
        }
    }
}

/// A value that a part remembers; setting an equal one changes nothing.
pub fn use_state_eq<T: PartialEq + 'static>(first: impl Fn() -> T) -> impl Hook<Output = Kept<T>> {
    UseState(first)
}

/// Does something once drawn, and gives what undoes it.
type Job = Box<dyn FnOnce() -> Box<dyn FnOnce()>>;

/// An effect's own memory.
#[derive(Default)]
struct Waiting {
    /// What the last job was for.
    on: Option<Rc<dyn Any>>,
    turn: u32,
    /// A part may be drawn twice before anything is done: the job waits here, not in one drawing.
    job: Option<Job>,
}

struct UseEffect<T, F>(T, F);

impl<T: PartialEq + 'static, D: TearDown, F: FnOnce(&T) -> D + 'static> Hook for UseEffect<T, F> {
    type Output = ();

    fn run(self, hooks: &mut HookContext) {
        let Self(on, work) = self;
        let on = Rc::new(on);
        let job = {
            let on = on.clone();
            Box::new(move || {
                let undo = work(&on);
                Box::new(move || undo.tear_down()) as Box<dyn FnOnce()>
            })
        };
        once_drawn(hooks, on, |old, on| old.downcast_ref::<T>() == on.downcast_ref(), job);
    }
}

#[inline(never)]
fn once_drawn(
    hooks: &mut HookContext,
    on: Rc<dyn Any>,
    same: fn(&dyn Any, &dyn Any) -> bool,
    job: Job,
) {
    let waiting = use_mut_ref(Waiting::default).run(hooks);
    let turn = {
        let mut waiting = waiting.borrow_mut();
        if !waiting.on.as_ref().is_some_and(|old| same(&**old, &*on)) {
            *waiting = Waiting { on: Some(on), turn: waiting.turn + 1, job: Some(job) };
        }
        waiting.turn
    };
    yew::functional::use_effect_with(turn, move |_| -> Box<dyn FnOnce()> {
        let job = waiting.borrow_mut().job.take();
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
