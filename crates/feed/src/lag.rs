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
pub struct SchedulerLag {
    last_ms: Option<f64>,
    mean_ms: Option<f64>,
    busy: bool,
}

impl SchedulerLag {
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
        let mut lag = SchedulerLag::default();
        let mut now = 0.0;
        let mut run = |lag: &mut SchedulerLag, pause: f64, times: usize| {
            for _ in 0..times {
                now += pause;
                lag.note(now);
            }
            lag.is_busy()
        };
        assert!(!run(&mut lag, 520.0, 50));
        assert!(!run(&mut lag, 2500.0, 1), "one late table means nothing");
        assert!(!run(&mut lag, 520.0, 20));
        assert!(run(&mut lag, 1600.0, 15));
        assert!(run(&mut lag, 900.0, 30), "between the two it stays as it was");
        assert!(!run(&mut lag, 520.0, 15));
        lag.reset();
        assert!(!run(&mut lag, 15_000.0, 1), "closed meanwhile");
        assert!(!run(&mut lag, 60_000.0, 5), "asleep");
        assert!(run(&mut lag, 1600.0, 15));
        lag.reset();
        assert!(!lag.is_busy(), "nothing is known of another scheduler, or of one without workers");
    }
}
