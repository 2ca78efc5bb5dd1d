//! Sorting with one copy of the algorithm in the program: the standard library's is compiled anew,
//! at some four kilobytes, for every type and every closure.

use std::cmp::Ordering;

/// Sorts, stably, by a comparison. O(n log n), with `8 n` bytes on the side; for what people look
/// at, not for rows of tasks.
pub fn sort_by<T>(items: &mut [T], mut order: impl FnMut(&T, &T) -> Ordering) {
    let from = sorted(items.len(), &mut |a, b| order(&items[a as usize], &items[b as usize]));
    permute(from, &mut |a, b| items.swap(a, b));
}

/// The numbers `0..len` in the order that `order` gives them.
#[inline(never)]
pub fn sorted(len: usize, order: &mut dyn FnMut(u32, u32) -> Ordering) -> Vec<u32> {
    let mut from: Vec<u32> = (0..len as u32).collect();
    let mut other = from.clone();
    let mut run = 1;
    // Runs are merged in pairs, from one list into the other and back.
    while run < len {
        for begin in (0..len).step_by(2 * run) {
            let (middle, end) = ((begin + run).min(len), (begin + 2 * run).min(len));
            let (mut a, mut b) = (begin, middle);
            for slot in &mut other[begin..end] {
                let left = a < middle && (b >= end || order(from[a], from[b]) != Ordering::Greater);
                let next = if left { &mut a } else { &mut b };
                *slot = from[*next];
                *next += 1;
            }
        }
        std::mem::swap(&mut from, &mut other);
        run *= 2;
    }
    from
}

/// Brings what stands at `from[i]` to place `i`, by exchanges.
#[inline(never)]
fn permute(mut from: Vec<u32>, swap: &mut dyn FnMut(usize, usize)) {
    for first in 0..from.len() {
        let mut at = first;
        loop {
            let next = from[at] as usize;
            from[at] = at as u32;
            if next == first {
                break;
            }
            swap(at, next);
            at = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_the_standard_library(keys in proptest::collection::vec(0u8..20, 0..200)) {
            let mut ours: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
            let mut theirs = ours.clone();
            sort_by(&mut ours, |a, b| a.0.cmp(&b.0));
            theirs.sort_by_key(|pair| pair.0);
            prop_assert_eq!(ours, theirs);
        }
    }
}
