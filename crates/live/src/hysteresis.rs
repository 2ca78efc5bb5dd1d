//! Whether a gauge is too high: a mean over some seconds, and an answer that stays until the mean is
//! clearly lower again.

/// How long a sample counts, ms; with less and less weight. A single sample is high whenever something
/// is sent.
const MEAN_MS: f64 = 2_500.0;

/// A mean, and whether it is too high.
#[derive(Copy, Clone, Debug)]
pub struct HysteresisGauge {
    /// The mean over some five seconds.
    pub mean: f64,
    /// Whether the mean is too high.
    pub is_high: bool,
    last_ms: f64,
    lasts_ms: f64,
}

impl Default for HysteresisGauge {
    fn default() -> Self {
        Self { mean: 0.0, is_high: false, last_ms: f64::NEG_INFINITY, lasts_ms: -MEAN_MS }
    }
}

impl HysteresisGauge {
    /// Takes a sample. The gauge is high once its mean is above `high`, and stays so until it is below
    /// `low`.
    pub fn note(&mut self, at_ms: f64, amount: f64, [high, low]: [f64; 2]) {
        if amount.is_finite() {
            // The first sample is all that is known.
            let step_ms = (at_ms - self.last_ms).clamp(0.0, MEAN_MS);
            self.mean += step_ms / MEAN_MS * (amount - self.mean);
            // The first seconds are busy because the page is being opened.
            self.lasts_ms += step_ms;
            self.is_high = if self.is_high {
                self.mean > low
            } else {
                self.mean > high && self.lasts_ms > MEAN_MS
            };
            self.last_ms = at_ms;
        }
    }
}
