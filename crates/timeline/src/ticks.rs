//! The time axis: ticks at round moments of the wall clock.

/// One tick.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where, as a share of the visible span (0 left edge).
    pub share: f64,
    /// What to write: `14:02:30`, `14:02:30.25`.
    pub label: String,
}

/// Steps of more than a second, in seconds.
const STEPS: [i64; 16] =
    [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200];

/// The smallest round step of at least `min` µs.
pub fn step_for(min: f64) -> i64 {
    let mut step = 1i64;
    // 1, 2, 5, 10 … below a second.
    while step < 1_000_000 {
        for times in [1, 2, 5] {
            if min <= (step * times) as f64 {
                return step * times;
            }
        }
        step *= 10;
    }
    for secs in STEPS {
        if min <= secs as f64 * 1e6 {
            return secs * 1_000_000;
        }
    }
    let days = (min / 86_400e6).ceil().clamp(1.0, 1e6);
    days as i64 * 86_400_000_000
}

/// How many decimals of a second a step needs.
fn decimals(step: i64) -> usize {
    let (mut digits, mut unit) = (0, 1_000_000);
    while step % unit != 0 && digits < 6 {
        digits += 1;
        unit /= 10;
    }
    digits
}

/// A moment as hours, minutes, seconds of the wall clock `offset_secs` east of UTC.
pub fn clock(micros: i64, offset_secs: i64, decimals: usize) -> String {
    let local = micros + offset_secs * 1_000_000;
    let (secs, part) = (local.div_euclid(1_000_000), local.rem_euclid(1_000_000));
    let day = secs.rem_euclid(86_400);
    let (h, m, s) = (day / 3600, day / 60 % 60, day % 60);
    if decimals == 0 {
        format!("{h:02}:{m:02}:{s:02}")
    } else {
        let part = part / 10i64.pow(6 - decimals.min(6) as u32);
        format!("{h:02}:{m:02}:{s:02}.{part:0decimals$}")
    }
}

/// How far the wall clock is east of UTC: not the same in summer and in winter.
#[derive(Copy, Clone, Debug)]
pub enum Zone {
    /// So many seconds, always.
    Fixed(i64),
    /// So many seconds at a moment, µs since the epoch.
    Changing(fn(i64) -> i64),
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Self::Fixed(one), Self::Fixed(other)) => one == other,
            (Self::Changing(one), Self::Changing(other)) => std::ptr::fn_addr_eq(one, other),
            _ => false,
        }
    }
}

impl Zone {
    /// How far it is at a moment, seconds.
    pub fn at(self, micros: i64) -> i64 {
        match self {
            Self::Fixed(secs) => secs,
            Self::Changing(at) => at(micros),
        }
    }

    /// A moment as the clock on the wall shows it.
    pub fn clock(self, micros: i64, decimals: usize) -> String {
        clock(micros, self.at(micros), decimals)
    }

    /// The first moment after `at` when the wall clock is at a multiple of `step`.
    fn next(self, at: i64, step: i64) -> i64 {
        let east = |at: i64| self.at(at) * 1_000_000;
        let round = |at: i64| (at + east(at)).rem_euclid(step) == 0;
        let mut wall = (at + east(at)).div_euclid(step) * step + step;
        loop {
            let next = wall - east(at);
            if round(next) {
                return next;
            }
            // The clock is put forward or back in between.
            let other = wall - east(next);
            if at < other && round(other) {
                return other;
            }
            // There is no such time on that day.
            wall += step;
        }
    }
}

/// The ticks of a span that begins at `start` µs and lasts `width` µs, drawn over `px` pixels, at
/// least `gap_px` apart.
pub fn ticks(start: f64, width: f64, px: f64, gap_px: f64, zone: Zone) -> Vec<Tick> {
    if !(width > 0.0 && px > 0.0 && gap_px > 0.0 && start.is_finite()) {
        return Vec::new();
    }
    let step = step_for(width * gap_px / px);
    let digits = decimals(step);
    let mut out: Vec<Tick> = Vec::new();
    let mut at = start.ceil() as i64 - 1;
    for _ in 0..=(px / gap_px) as i64 + 2 {
        at = zone.next(at, step);
        let share = (at as f64 - start) / width;
        let near = out.last().is_some_and(|last| (share - last.share) * px < gap_px * 0.99);
        if (0.0..=1.0).contains(&share) && !near {
            let mut label = zone.clock(at, digits);
            if step % 60_000_000 == 0 {
                label.truncate(5);
            }
            out.push(Tick { share, label });
        }
    }
    out
}

/// Three round amounts or so from 0 to `top`; `seconds` are round as times are.
pub fn amounts(top: f64, seconds: bool) -> Vec<f64> {
    let least = top / 3.0;
    let step = if seconds {
        step_for(least * 1e6) as f64 / 1e6
    } else {
        let mut unit = 1e-6;
        while unit * 5.0 < least {
            unit *= 10.0;
        }
        [1.0, 2.0, 5.0]
            .into_iter()
            .map(|times| times * unit)
            .find(|step| least <= *step)
            .unwrap_or(unit)
    };
    (0..8).map(|at| f64::from(at) * step).take_while(|amount| *amount <= top).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn round_steps() {
        let rows: [(f64, i64); 8] = [
            (0.5, 1),
            (3.0, 5),
            (150_000.0, 200_000),
            (600_000.0, 1_000_000),
            (3e6, 5_000_000),
            (61e6, 120_000_000),
            (5e10, 86_400_000_000),
            (1e11, 172_800_000_000),
        ];
        for (min, step) in rows {
            assert_eq!(step_for(min), step, "{min}");
        }
    }

    #[test]
    fn round_amounts() {
        assert_eq!(amounts(1.1, false), [0.0, 0.5, 1.0]);
        assert_eq!(amounts(470.0, true), [0.0, 300.0]);
        assert_eq!(amounts(130.0, true), [0.0, 60.0, 120.0]);
        assert_eq!(amounts(1.1e-9, false), [0.0]);
    }

    #[test]
    fn wall_clock_words() {
        let at = 1_795_353_623_574_087;
        assert_eq!(clock(at, 0, 0), "13:20:23");
        assert_eq!(clock(at, 3600, 3), "14:20:23.574");
        assert_eq!(clock(-1, 0, 6), "23:59:59.999999");
        let labels: Vec<String> = ticks(0.0, 1e6, 1000.0, 300.0, Zone::Fixed(0))
            .into_iter()
            .map(|tick| tick.label)
            .collect();
        assert_eq!(labels, ["00:00:00.0", "00:00:00.5", "00:00:01.0"]);
        assert_eq!(ticks(0.0, 3.6e9, 500.0, 100.0, Zone::Fixed(0))[1].label, "00:15");
    }

    const HOUR: i64 = 3_600_000_000;
    /// When clocks in Europe and America are put forward and back in 2026, hours since the epoch, UTC.
    const EUROPE: [i64; 2] = [492_913, 497_953];
    const AMERICA: [i64; 2] = [492_415, 498_126];

    fn berlin(at: i64) -> i64 {
        let summer = (EUROPE[0] * HOUR..EUROPE[1] * HOUR).contains(&at);
        if summer { 7200 } else { 3600 }
    }

    fn new_york(at: i64) -> i64 {
        let summer = (AMERICA[0] * HOUR..AMERICA[1] * HOUR).contains(&at);
        if summer { -14_400 } else { -18_000 }
    }

    /// Labels of some hours about a moment, and how many hours after the first each stands.
    fn labels(zone: fn(i64) -> i64, from: i64, hours: i64, px: f64) -> Vec<(String, f64)> {
        let (start, width) = ((from * HOUR) as f64, (hours * HOUR) as f64);
        let ticks = ticks(start, width, px, 90.0, Zone::Changing(zone));
        ticks.into_iter().map(|tick| (tick.label, tick.share * hours as f64)).collect()
    }

    #[test]
    fn summer_time_begins_and_ends_on_the_axis() {
        let said = |all: &[(String, f64)]| -> Vec<String> {
            all.iter().map(|(label, at)| format!("{label} {at:.0}")).collect()
        };
        // Each label stands where the wall clock shows it, on both sides.
        let spring = labels(berlin, EUROPE[0] - 2, 5, 600.0);
        assert_eq!(
            said(&spring),
            ["00:00 0", "01:00 1", "03:00 2", "04:00 3", "05:00 4", "06:00 5"]
        );
        let autumn = labels(berlin, EUROPE[1] - 2, 5, 600.0);
        assert_eq!(
            said(&autumn),
            ["01:00 0", "02:00 1", "02:00 2", "03:00 3", "04:00 4", "05:00 5"]
        );
        let spring = labels(new_york, AMERICA[0] - 2, 4, 600.0);
        assert_eq!(said(&spring), ["00:00 0", "01:00 1", "03:00 2", "04:00 3", "05:00 4"]);
        let autumn = labels(new_york, AMERICA[1] - 2, 4, 600.0);
        assert_eq!(said(&autumn), ["00:00 0", "01:00 1", "01:00 2", "02:00 3", "03:00 4"]);
        // Days begin at midnight, whether they have 23 or 25 hours.
        let days = labels(berlin, EUROPE[1] - 49, 120, 700.0);
        assert_eq!(said(&days), ["00:00 22", "00:00 46", "00:00 71", "00:00 95", "00:00 119"]);
        let halves = labels(new_york, AMERICA[0] - 31, 60, 700.0);
        assert!(halves.iter().all(|(label, _)| label == "00:00" || label == "12:00"), "{halves:?}");
    }

    proptest! {
        #[test]
        fn spaced_in_any_week(from in 490_000i64..500_000, hours in 1i64..2000, px in 100.0f64..2000.0) {
            for zone in [berlin, new_york] {
                let all = labels(zone, from, hours, px);
                for pair in all.windows(2) {
                    prop_assert!((pair[1].1 - pair[0].1) / hours as f64 * px >= 89.0);
                }
            }
        }

        #[test]
        fn spaced_and_inside(start in -1e15f64..2e15, width in 1.0f64..1e13, px in 50.0f64..4000.0, zone in -50_000i64..50_000) {
            let ticks = ticks(start, width, px, 90.0, Zone::Fixed(zone));
            for pair in ticks.windows(2) {
                prop_assert!((pair[1].share - pair[0].share) * px >= 89.0);
            }
            prop_assert!(ticks.iter().all(|t| (0.0..=1.0).contains(&t.share)));
        }
    }
}
