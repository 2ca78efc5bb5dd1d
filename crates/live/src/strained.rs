//! Whether something is strained: a mean over some seconds, and a word that stays until there is clearly
//! room again.

/// How long a sample counts, ms; with less and less weight. A single one is high whenever something is
/// sent.
const MEAN_MS: f64 = 2_500.0;

/// What is known of it.
#[derive(Copy, Clone, Debug)]
pub struct Strained {
    /// The mean over some five seconds.
    pub mean: f64,
    /// Whether that is too much.
    pub is: bool,
    last_ms: f64,
    lasts_ms: f64,
}

impl Default for Strained {
    fn default() -> Self {
        Self { mean: 0.0, is: false, last_ms: f64::NEG_INFINITY, lasts_ms: -MEAN_MS }
    }
}

impl Strained {
    /// Takes a sample; it is strained above `full` and then until it is below `free`.
    pub fn note(&mut self, at_ms: f64, amount: f64, [full, free]: [f64; 2]) {
        if amount.is_finite() {
            // The first one is all that is known.
            let step_ms = (at_ms - self.last_ms).clamp(0.0, MEAN_MS);
            self.mean += step_ms / MEAN_MS * (amount - self.mean);
            // So short a time is of the page being opened.
            self.lasts_ms += step_ms;
            self.is = if self.is {
                self.mean > free
            } else {
                self.mean > full && self.lasts_ms > MEAN_MS
            };
            self.last_ms = at_ms;
        }
    }
}
