//! Names with a bound: numbers are given again once nothing bears the old name, and where there are
//! too many at a time, the rest share one.

use base::intern::Interner;

/// Names by number.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub(super) all: Interner,
    free: Vec<u32>,
    /// Numbers that have a new name since that was last asked.
    fresh: Vec<u32>,
    is_fresh: Vec<bool>,
}

impl Names {
    /// The number of a name. A new one takes a number that is free, or the next where there are fewer
    /// than `most`.
    pub(super) fn id(&mut self, text: &str, most: usize) -> Option<u32> {
        if let Some(id) = self.all.find(text) {
            return Some(id);
        }
        let id = if let Some(id) = self.free.pop() {
            self.all.rename(id, text);
            id
        } else if self.all.len() < most {
            self.all.intern(text)
        } else {
            return None;
        };
        let at = id as usize;
        if self.is_fresh.len() <= at {
            self.is_fresh.resize(at + 1, false);
        }
        if !std::mem::replace(&mut self.is_fresh[at], true) {
            self.fresh.push(id);
        }
        Some(id)
    }

    /// Gives the numbers without use free. Says whether there are any.
    pub(super) fn release(&mut self, is_used: &dyn Fn(u32) -> bool) -> bool {
        self.free.clear();
        for id in 0..self.all.len() as u32 {
            if !is_used(id) {
                self.all.remove(id);
                self.free.push(id);
            }
        }
        !self.free.is_empty()
    }

    /// Gives each number that has a new name, once.
    pub(super) fn drain_fresh(&mut self) -> Vec<u32> {
        for &id in &self.fresh {
            if let Some(flag) = self.is_fresh.get_mut(id as usize) {
                *flag = false;
            }
        }
        std::mem::take(&mut self.fresh)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.all.memory_bytes() + 4 * (self.free.capacity() + self.fresh.capacity())
    }
}
