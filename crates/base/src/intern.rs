//! A string interner: text to a dense number and back.

use super::hash::{FxHashMap, hash_str};

/// Interned strings, numbered from zero in order of first appearance.
#[derive(Clone, Default, Debug)]
pub struct Interner {
    text: Vec<Box<str>>,
    by_hash: FxHashMap<u64, u32>,
    /// Those whose hash another text had before; hardly ever any.
    others: Vec<(u64, u32)>,
    bytes: usize,
}

impl Interner {
    /// The number of `text`, adding it if it is new. Allocates only then.
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(id) = self.find(text) {
            return id;
        }
        let id = self.text.len() as u32;
        self.point(hash_str(text), id);
        self.text.push(text.into());
        self.bytes += text.len();
        id
    }

    /// Forgets the text of a number, for [`Self::rename`] to give it another one.
    pub fn remove(&mut self, id: u32) {
        let Some(slot) = self.text.get_mut(id as usize) else { return };
        let old = std::mem::take(slot);
        let hash = hash_str(&old);
        // The empty text may be one that was given, or the place of one that was forgotten.
        if old.is_empty() && self.by_hash.get(&hash) != Some(&id) {
            return;
        }
        self.bytes -= old.len();
        self.others.retain(|other| other.1 != id);
        if self.by_hash.get(&hash) == Some(&id) {
            self.by_hash.remove(&hash);
            if let Some(at) = self.others.iter().position(|other| other.0 == hash) {
                self.by_hash.insert(hash, self.others.swap_remove(at).1);
            }
        }
    }

    /// Gives a number that has none, by [`Self::remove`], a text that no other has.
    pub fn rename(&mut self, id: u32, text: &str) {
        let Some(slot) = self.text.get_mut(id as usize) else { return };
        *slot = text.into();
        self.bytes += text.len();
        self.point(hash_str(text), id);
    }

    fn point(&mut self, hash: u64, id: u32) {
        if let Some(first) = self.by_hash.insert(hash, id) {
            self.others.push((hash, first));
        }
    }

    /// The number of `text`, if it has one.
    pub fn find(&self, text: &str) -> Option<u32> {
        let hash = hash_str(text);
        let last = *self.by_hash.get(&hash)?;
        if &*self.text[last as usize] == text {
            return Some(last);
        }
        let same = |&&(other, id): &&(u64, u32)| other == hash && &*self.text[id as usize] == text;
        self.others.iter().find(same).map(|(_, id)| *id)
    }

    /// The text of a number; empty for one that was never given out.
    pub fn get(&self, id: u32) -> &str {
        self.text.get(id as usize).map_or("", |text| text)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Approximate heap use, in bytes.
    pub fn memory_bytes(&self) -> usize {
        // A slot of the hash table is 16 bytes and a tag, at most 7 of 8 are used; a text alone costs
        // its allocator some 8.
        let slot = size_of::<(u64, u32)>() * 8 / 7 + 2;
        self.bytes
            + self.text.len() * 8
            + self.text.capacity() * size_of::<Box<str>>()
            + self.by_hash.capacity() * slot
            + self.others.capacity() * size_of::<(u64, u32)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_text_same_number() {
        let mut names = Interner::default();
        assert_eq!(names.intern("add"), 0);
        assert_eq!(names.intern("sum"), 1);
        assert_eq!(names.intern("add"), 0);
        assert_eq!(names.get(1), "sum");
        assert_eq!(names.find("nope"), None);
        assert_eq!(names.get(9), "");
    }

    #[test]
    fn numbers_are_given_again() {
        let mut names = Interner::default();
        let bytes = |names: &Interner| names.memory_bytes();
        let ids: Vec<u32> = ["add", "sum", ""].map(|text| names.intern(text)).into();
        let before = bytes(&names);
        names.remove(ids[0]);
        names.remove(ids[0]);
        assert_eq!((names.find("add"), names.get(ids[0])), (None, ""));
        assert_eq!(names.find("sum"), Some(ids[1]));
        names.rename(ids[0], "mul");
        assert_eq!((names.find("mul"), names.get(ids[0])), (Some(ids[0]), "mul"));
        assert_eq!(bytes(&names), before);
        assert_eq!(names.intern("add"), 3);
    }
}
