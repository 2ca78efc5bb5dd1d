//! A small, fast hash for short keys (the multiply-rotate scheme known as Fx). Not for hostile
//! tables: a collision here costs a duplicate look-up, never a wrong answer.
//!
//! By hand, because it stands for rows and names where 64 bits of it are held: the crate `rustc-hash` has 32 in a
//! browser (its state is a `usize`), of which two among 77 000 rows are equal as likely as not.

use std::hash::{BuildHasherDefault, Hasher};

/// Hash map with [`FxHasher`].
pub type FxHashMap<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<FxHasher>>;

/// The hasher; start from `default()`.
#[derive(Copy, Clone, Default, Debug)]
pub struct FxHasher(u64);

const SEED: u64 = 0x51_7c_c1_b7_27_22_0a_95;

impl FxHasher {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(SEED);
    }
}

impl Hasher for FxHasher {
    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let mut word = [0; 8];
            word.copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
        let rest = chunks.remainder();
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.mix(u64::from_le_bytes(word) ^ ((rest.len() as u64) << 56));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.mix(word);
    }

    fn write_u32(&mut self, word: u32) {
        self.mix(u64::from(word));
    }

    fn finish(&self) -> u64 {
        // The multiplication leaves the low bits weak; tables use them.
        self.0 ^ (self.0 >> 29)
    }
}

/// The hash of some text.
pub fn hash_str(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}
