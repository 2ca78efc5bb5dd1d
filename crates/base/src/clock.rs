//! The program's two times, from the browser's two clocks.
//!
//! Browsers have a clock that only goes forward (`performance.now`), which on most systems stands
//! still while the computer sleeps, and the time of day (`Date.now`), which people and time servers
//! set. Waiting goes by a *steady* time, which never goes back and has sleep in it. Dates go by the
//! time of day, in *domains*: a new one begins with each step of that clock against the other.

/// The two clocks are read one after the other and told in coarse steps, and the time of day is kept
/// right by small changes of speed: less than this is no step, ms.
const STEP_MS: f64 = 300.0;

/// What both clocks said, ms since the epoch; each may be off by a constant.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// By the clock that only goes forward.
    pub forward_ms: f64,
    /// The time of day.
    pub wall_ms: f64,
}

impl Reading {
    /// Milliseconds since `earlier` that have passed for sure.
    pub fn at_least_since(self, earlier: Self) -> f64 {
        (self.wall_ms - earlier.wall_ms).min(self.forward_ms - earlier.forward_ms).max(0.0)
    }

    /// Milliseconds since `earlier` that may have passed.
    pub fn at_most_since(self, earlier: Self) -> f64 {
        (self.wall_ms - earlier.wall_ms).max(self.forward_ms - earlier.forward_ms)
    }
}

/// A moment.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Moment {
    /// For waiting: never goes back, ms.
    pub steady_ms: f64,
    /// For dates: Unix ms by this computer's clock.
    pub wall_ms: f64,
    /// Grows with each step that clock makes: it was set, or the computer slept.
    pub domain: u32,
}

impl From<f64> for Moment {
    /// By a clock that is both.
    fn from(ms: f64) -> Self {
        Self { steady_ms: ms, wall_ms: ms, domain: 0 }
    }
}

/// Makes moments of readings.
#[derive(Copy, Clone, Debug, Default)]
pub struct Clock {
    last: Option<(Reading, Moment)>,
}

impl Clock {
    /// The moment of a reading.
    pub fn read(&mut self, now: Reading) -> Moment {
        let Some((before, last)) = self.last else {
            let first = Moment { steady_ms: now.wall_ms, wall_ms: now.wall_ms, domain: 0 };
            self.last = Some((now, first));
            return first;
        };
        let passed = (now.forward_ms - before.forward_ms).max(0.0);
        let wall = now.wall_ms - before.wall_ms;
        let step = wall - passed;
        let mut next = Moment { wall_ms: now.wall_ms, ..last };
        if step.abs() > STEP_MS {
            next.domain += 1;
        }
        // A step ahead is most likely sleep: what was to be done meanwhile is due.
        next.steady_ms += if step > STEP_MS { wall } else { passed };
        self.last = Some((now, next));
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: f64 = 1_795_353_600_000.0;

    fn read(clock: &mut Clock, forward: f64, wall: f64) -> Moment {
        clock.read(Reading { forward_ms: T0 + forward, wall_ms: T0 + wall })
    }

    #[test]
    fn sleep_passes_and_begins_a_domain() {
        let mut clock = Clock::default();
        let hours = 8.0 * 3_600_000.0;
        assert_eq!(read(&mut clock, 0.0, 0.0), T0.into());
        assert_eq!(read(&mut clock, 1000.0, 1000.0), (T0 + 1000.0).into());
        let woken = read(&mut clock, 1010.0, 1010.0 + hours);
        assert_eq!(woken.steady_ms, T0 + 1010.0 + hours);
        assert_eq!((woken.wall_ms, woken.domain), (T0 + 1010.0 + hours, 1));
        assert_eq!(read(&mut clock, 2010.0, 2010.0 + hours).domain, 1);
    }

    #[test]
    fn a_clock_set_back_delays_nothing() {
        for back in [2_000.0, 3_600_000.0] {
            let mut clock = Clock::default();
            read(&mut clock, 0.0, 0.0);
            let set = read(&mut clock, 500.0, 500.0 - back);
            assert_eq!((set.steady_ms, set.wall_ms), (T0 + 500.0, T0 + 500.0 - back));
            assert_eq!(set.domain, 1);
            // Set right again.
            let right = read(&mut clock, 600.0, 600.0);
            assert_eq!((right.wall_ms, right.domain), (T0 + 600.0, 2));
            assert!(right.steady_ms >= T0 + 600.0);
        }
    }

    #[test]
    fn coarse_clocks_and_changes_of_speed_are_no_step() {
        let mut clock = Clock::default();
        for minute in 0..10_000 {
            let at = f64::from(minute) * 60_000.0;
            // Half a second a day too slow, and told in tenths of a second.
            let wall = at * (1.0 + 6e-6);
            let now =
                read(&mut clock, (at / 100.0).floor() * 100.0, (wall / 100.0).round() * 100.0);
            assert_eq!(now.domain, 0);
            assert!((now.steady_ms - T0 - at).abs() < 200.0);
        }
    }
}
