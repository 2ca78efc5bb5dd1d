//! Whether a scheduler can keep up with being watched: the worker table comes every half second as
//! long as its event loop is free, and later when it is not.

/// How often the worker table comes, ms (`distributed` sends it with each change of any worker's load).
const PERIOD_MS: f64 = 500.0;
/// Above that mean pause it is busy, below that it is so no more, ms.
const BUSY_MS: f64 = 2.4 * PERIOD_MS;
const CALM_MS: f64 = 1.5 * PERIOD_MS;
/// Weight of the newest pause.
const WEIGHT: f64 = 0.2;
/// A longer pause is one of the wire's, or of a tab that slept, ms.
const ASLEEP_MS: f64 = 20_000.0;

/// The pauses between worker tables.
#[derive(Copy, Clone, Debug, Default)]
pub struct Strain {
    last_ms: Option<f64>,
    mean_ms: Option<f64>,
    busy: bool,
}

impl Strain {
    /// A worker table has come.
    pub fn note(&mut self, now_ms: f64) {
        let Some(pause) = self.last_ms.replace(now_ms).map(|last| now_ms - last) else { return };
        if !(0.0..ASLEEP_MS).contains(&pause) {
            return;
        }
        let mean = self.mean_ms.map_or(pause, |mean| mean + WEIGHT * (pause - mean));
        self.mean_ms = Some(mean);
        self.busy = if self.busy { mean > CALM_MS } else { mean > BUSY_MS };
    }

    /// The worker table's page was closed, or has no workers whose load could change: it tells nothing.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Whether the scheduler is late.
    pub fn is_busy(&self) -> bool {
        self.busy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_for_a_while_is_busy() {
        let mut strain = Strain::default();
        let mut now = 0.0;
        let mut run = |strain: &mut Strain, pause: f64, times: usize| {
            for _ in 0..times {
                now += pause;
                strain.note(now);
            }
            strain.is_busy()
        };
        assert!(!run(&mut strain, 520.0, 50));
        assert!(!run(&mut strain, 2500.0, 1), "one late table means nothing");
        assert!(!run(&mut strain, 520.0, 20));
        assert!(run(&mut strain, 1600.0, 15));
        assert!(run(&mut strain, 900.0, 30), "between the two it stays as it was");
        assert!(!run(&mut strain, 520.0, 15));
        strain.reset();
        assert!(!run(&mut strain, 15_000.0, 1), "closed meanwhile");
        assert!(!run(&mut strain, 60_000.0, 5), "asleep");
        assert!(run(&mut strain, 1600.0, 15));
        strain.reset();
        assert!(
            !strain.is_busy(),
            "nothing is known of another scheduler, or of one without workers"
        );
    }
}
