//! How fast counters grow: over the last seconds, so that the page can say what it costs.

/// Over how long, ms.
pub const OVER_MS: f64 = 10_000.0;
/// Least time between two samples, ms.
const SAMPLE_MS: f64 = 1_000.0;
/// Shorter, and nothing can be said, ms.
const LEAST_MS: f64 = 2_000.0;

/// Two counters over time: messages and bytes.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    samples: Vec<(f64, [u64; 2])>,
}

impl Meter {
    /// Takes their state at `now_ms`.
    pub fn note(&mut self, now_ms: f64, counts: [u64; 2]) {
        if self.samples.last().is_some_and(|last| now_ms - last.0 < SAMPLE_MS) {
            return;
        }
        // The one before the window's begin stays: from it is counted.
        let old = self.samples.partition_point(|sample| sample.0 <= now_ms - OVER_MS);
        self.samples.drain(..old.saturating_sub(1));
        self.samples.push((now_ms, counts));
    }

    /// How much a second they grew by, up to `counts` at `now_ms`; none before that can be told.
    pub fn rates(&self, now_ms: f64, counts: [u64; 2]) -> Option<[f64; 2]> {
        let old = self.samples.partition_point(|sample| sample.0 <= now_ms - OVER_MS);
        let (from_ms, before) = *self.samples.get(old.saturating_sub(1))?;
        let over_s = (now_ms - from_ms) / 1e3;
        (over_s * 1e3 >= LEAST_MS).then(|| {
            let [messages, bytes] = [0, 1].map(|at: usize| {
                let grown =
                    counts.get(at).zip(before.get(at)).map(|(now, old)| now.saturating_sub(*old));
                grown.unwrap_or(0) as f64 / over_s
            });
            [messages, bytes]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_the_last_seconds() {
        let mut meter = Meter::default();
        assert_eq!(meter.rates(0.0, [0, 0]), None);
        for tenth in 0..=50u64 {
            // Two messages of 100 bytes a second, looked at ten times as often.
            meter.note(tenth as f64 * 100.0, [tenth / 5, tenth * 20]);
        }
        assert_eq!(meter.rates(5e3, [10, 1000]), Some([2.0, 200.0]));
        assert_eq!(meter.samples.len(), 6);
        assert_eq!(meter.rates(1.9e3, [10, 1000]), None, "too short to tell");
        // Quiet from then on: less and less, then nothing.
        meter.note(9e3, [10, 1000]);
        assert_eq!(meter.rates(10e3, [10, 1000]), Some([1.0, 100.0]));
        meter.note(16e3, [10, 1000]);
        assert_eq!(meter.rates(19e3, [10, 1000]), Some([0.0, 0.0]));
        for second in 20..90 {
            meter.note(f64::from(second) * 1e3, [10, 1000]);
        }
        assert!(meter.samples.len() <= 12, "{}", meter.samples.len());
        assert_eq!(meter.rates(89e3, [20, 1000]), Some([1.0, 0.0]));
    }
}
