//! What is remembered of rectangles, to know them again: a ring with chains by fingerprint.

use std::hash::Hasher;

use base::hash::FxHasher;

use super::super::tasks::TaskRow;

/// No slot.
const NONE: u32 = u32::MAX;

/// One remembered rectangle. Two that agree in everything and in their time are one entry held
/// more than once.
#[derive(Copy, Clone, Debug)]
pub(super) struct Entry {
    hash: u64,
    /// The centre in its time base, ms.
    pub center: f64,
    /// Its time base.
    pub timebase: u32,
    next: u32,
    /// The view of each source that saw it last, and how often that view did.
    pub views: [u32; 2],
    pub seen: [u8; 2],
    /// How many were handed out.
    pub held: u8,
}

impl Entry {
    pub fn new(center: f64, timebase: u32) -> Self {
        Self { hash: 0, center, timebase, next: NONE, views: [0; 2], seen: [0; 2], held: 0 }
    }
}

/// The fingerprint of a row: key, name (with its action), thread and the duration's bits.
pub(super) fn fingerprint(row: &TaskRow<'_>) -> u64 {
    let mut hasher = FxHasher::default();
    for text in [row.key, row.name, row.thread] {
        hasher.write_u32(text.len() as u32);
        hasher.write(text.as_bytes());
    }
    hasher.write_u64(row.duration_ms.to_bits());
    hasher.finish()
}

/// The ring.
#[derive(Default, Debug)]
pub(super) struct Memory {
    entries: Vec<Entry>,
    /// The newest slot of every bucket: a power of two, and no fewer than there are entries.
    heads: Vec<u32>,
    oldest: usize,
}

impl Memory {
    /// The slots of a fingerprint, newest first.
    pub fn slots(&self, hash: u64) -> Slots<'_> {
        let at = self.heads.get(self.bucket(hash)).copied().unwrap_or(NONE);
        Slots { memory: self, hash, at }
    }

    /// Everything remembered, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    pub fn get(&self, slot: u32) -> Option<&Entry> {
        self.entries.get(slot as usize)
    }

    pub fn get_mut(&mut self, slot: u32) -> Option<&mut Entry> {
        self.entries.get_mut(slot as usize)
    }

    /// Remembers an entry, in place of the oldest when `limit` are remembered; `true` in that case.
    pub fn insert(&mut self, hash: u64, mut entry: Entry, limit: usize) -> bool {
        entry.hash = hash;
        let slot = self.entries.len();
        if slot < limit {
            self.entries.push(entry);
            if slot < self.heads.len() {
                self.link(slot);
            } else {
                self.heads = vec![NONE; (2 * slot).max(64)];
                (0..=slot).for_each(|slot| self.link(slot));
            }
            return false;
        }
        let slot = self.oldest;
        self.oldest = (slot + 1) % self.entries.len().max(1);
        self.unlink(slot);
        if let Some(place) = self.entries.get_mut(slot) {
            *place = entry;
            self.link(slot);
        }
        true
    }

    fn bucket(&self, hash: u64) -> usize {
        hash as usize & self.heads.len().wrapping_sub(1)
    }

    fn link(&mut self, slot: usize) {
        let at = self.bucket(self.entries[slot].hash);
        self.entries[slot].next = std::mem::replace(&mut self.heads[at], slot as u32);
    }

    fn unlink(&mut self, slot: usize) {
        let Some(&Entry { hash, next, .. }) = self.entries.get(slot) else { return };
        let bucket = self.bucket(hash);
        let mut at = self.heads[bucket];
        if at == slot as u32 {
            self.heads[bucket] = next;
            return;
        }
        while let Some(entry) = self.get_mut(at) {
            if entry.next == slot as u32 {
                entry.next = next;
                return;
            }
            at = entry.next;
        }
    }

    /// Approximate heap use, bytes.
    pub fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>() + self.heads.capacity() * 4
    }
}

/// See [`Memory::slots`].
pub(super) struct Slots<'a> {
    memory: &'a Memory,
    hash: u64,
    at: u32,
}

impl<'a> Iterator for Slots<'a> {
    type Item = (u32, &'a Entry);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let slot = self.at;
            let entry = self.memory.get(slot)?;
            self.at = entry.next;
            if entry.hash == self.hash {
                return Some((slot, entry));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten() {
        let mut memory = Memory::default();
        for i in 0..10u32 {
            let forgot = memory.insert(u64::from(i % 3), Entry::new(f64::from(i), 0), 4);
            assert_eq!(forgot, i >= 4);
        }
        let centers = |hash| memory.slots(hash).map(|(_, entry)| entry.center).collect::<Vec<_>>();
        assert_eq!(centers(0), [9.0, 6.0]);
        assert_eq!(centers(1), [7.0]);
        assert_eq!(centers(2), [8.0]);
        assert_eq!(memory.slots(3).count(), 0);
    }

    #[test]
    fn many_are_found_again() {
        let mut memory = Memory::default();
        let hash = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for i in 0..1000u64 {
            memory.insert(hash(i / 2), Entry::new(i as f64, 0), 300);
        }
        for i in 0..500u64 {
            let held = memory.slots(hash(i)).count();
            assert_eq!(held, if i < 350 { 0 } else { 2 }, "{i}");
        }
    }
}
