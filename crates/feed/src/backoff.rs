//! Waiting times between attempts: doubling, capped, jittered.

/// A small generator of numbers that need not be good, only different (xorshift64*).
#[derive(Clone, Debug)]
pub struct Jitter(u64);

impl Jitter {
    /// From any seed.
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15 | 1)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// The waiting times of one connection.
#[derive(Clone, Debug)]
pub struct Backoff {
    base_ms: f64,
    cap_ms: f64,
    attempts: u32,
}

impl Backoff {
    /// The first wait is about `base_ms`; none is longer than `cap_ms`.
    pub fn new(base_ms: f64, cap_ms: f64) -> Self {
        Self { base_ms, cap_ms: cap_ms.max(base_ms), attempts: 0 }
    }

    /// The next wait in ms: between half of and the whole of `base · 2^attempts`, or of the cap
    /// where that is less. Half at least, so that many pages neither storm nor starve.
    pub fn next_ms(&mut self, rng: &mut Jitter) -> f64 {
        let full = (self.base_ms * 2f64.powi(self.attempts.min(30) as i32)).min(self.cap_ms);
        self.attempts = self.attempts.saturating_add(1);
        full * (0.5 + 0.5 * rng.unit())
    }

    /// Attempts since the last success.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Begins anew, after a success.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn capped_from_above_never_from_below(
            seed: u64,
            base in 1.0..5000.0f64,
            cap in 1.0..120_000.0f64,
        ) {
            let mut rng = Jitter::new(seed);
            let mut backoff = Backoff::new(base, cap);
            let cap = cap.max(base);
            for attempt in 0..40 {
                let full = (base * 2f64.powi(attempt)).min(cap);
                let wait = backoff.next_ms(&mut rng);
                prop_assert!(wait <= full && wait >= full / 2.0, "{wait} of {full}");
            }
            prop_assert!(backoff.next_ms(&mut rng) >= cap / 2.0);
            backoff.reset();
            prop_assert!(backoff.next_ms(&mut rng) <= base);
        }
    }

    #[test]
    fn seeds_differ() {
        let first = |seed| Jitter::new(seed).bits();
        assert_ne!(first(1), first(2));
        assert_ne!(first(0), 0);
    }
}
