//! How much was sampled when, as bars over a time axis, and the part of it that is asked for.

use feed::profile::Profile;

/// The axis below a profile: each sample stands for the time since the one before.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Activity {
    /// Where it begins, Unix ms.
    pub from_ms: f64,
    /// Where it ends, Unix ms.
    pub to_ms: f64,
    /// The most that was sampled at once; above 0.
    pub most: f64,
}

/// The longest time that one sample stands for, ms: what lies between two of them may be a pause.
const LONGEST_MS: f64 = 5000.0;

impl Activity {
    /// The axis of a profile; none where nothing was sampled at any time.
    pub fn of(profile: &Profile) -> Option<Self> {
        let (first, last) = (*profile.times_ms.first()?, *profile.times_ms.last()?);
        let most = profile.counts.iter().copied().fold(0.0, f64::max);
        let step = step(&profile.times_ms);
        (most > 0.0 && last >= first).then_some(Self { from_ms: first - step, to_ms: last, most })
    }

    /// Where a moment is: 0 at the beginning, 1 at the end.
    pub fn share(&self, ms: f64) -> f64 {
        ((ms - self.from_ms) / (self.to_ms - self.from_ms).max(1.0)).clamp(0.0, 1.0)
    }

    /// The bars: begin, end and height, each from 0 to 1.
    pub fn bars(&self, profile: &Profile, out: &mut dyn FnMut(f64, f64, f64)) {
        let step = step(&profile.times_ms);
        let mut before = self.from_ms;
        for (time, count) in profile.times_ms.iter().zip(&profile.counts) {
            if *count > 0.0 {
                let from = before.max(time - step);
                out(self.share(from), self.share(*time), count / self.most);
            }
            before = *time;
        }
    }

    /// The moments of the first and last sample between two places of the axis; none where no sample is.
    pub fn between(&self, profile: &Profile, a: f64, b: f64) -> Option<(f64, f64)> {
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        let span = self.to_ms - self.from_ms;
        let (from, to) = (self.from_ms + a * span, self.from_ms + b * span);
        // A sample stands for the time before it: the one that ends right after counts, too.
        let first = profile.times_ms.iter().find(|time| **time >= from).copied()?;
        let last = profile.times_ms.iter().find(|time| **time >= to);
        let last = last.or(profile.times_ms.last()).copied()?;
        (last >= first).then_some((first, last))
    }

    /// The part asked for, moved (or, `wider`, with its end moved) by samples; from the newest sample
    /// on where there was none.
    pub fn moved(
        &self,
        profile: &Profile,
        old: Option<(f64, f64)>,
        by: isize,
        wider: bool,
    ) -> Option<(f64, f64)> {
        let times = &profile.times_ms;
        let Some((from, to)) = old else {
            return times.last().map(|last| (*last, *last));
        };
        let place = |moment: f64| times.iter().position(|time| *time >= moment);
        let last = times.len().checked_sub(1)?;
        let (a, b) = (place(from).unwrap_or(last), place(to).unwrap_or(last));
        let step = |at: usize| at.saturating_add_signed(by).min(last);
        let (a, b) = if wider { (a, step(b).max(a)) } else { (step(a), step(b)) };
        Some((*times.get(a)?, *times.get(b)?))
    }
}

/// How long a sample stands for, ms: the mean distance of two, within reason.
fn step(times_ms: &[f64]) -> f64 {
    match (times_ms.first(), times_ms.last(), times_ms.len()) {
        (Some(first), Some(last), n @ 2..) => {
            ((last - first) / (n - 1) as f64).clamp(1.0, LONGEST_MS)
        }
        _ => 1000.0,
    }
}
