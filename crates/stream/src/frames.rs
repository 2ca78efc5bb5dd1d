//! How long frames take, in a ring of the last ones.

use base::sort::sort_by;

/// The parts of a frame that are timed.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub enum Phase {
    /// Taking over new rows, arranging lanes, moving the view.
    Layout = 0,
    /// Columns and pixels.
    Strip = 1,
    /// The scene.
    Overlay = 2,
    /// Handing the pictures to the canvas.
    Present = 3,
}

impl Phase {
    /// Their names, in order.
    pub const NAMES: [&'static str; 4] = ["layout", "strip", "overlay", "present"];
}

/// Frames remembered.
const RING: usize = 240;

/// The ring.
#[derive(Clone, Debug, Default)]
pub struct Frames {
    count: u64,
    filled: u64,
    ring: Vec<[f32; 4]>,
    next: usize,
    current: [f32; 4],
}

/// A summary of the ring.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct FrameStats {
    /// Frames since the start.
    pub count: u64,
    /// Those of them in which there were tasks to draw.
    pub filled: u64,
    /// Median of the last ones, ms.
    pub p50_ms: f64,
    /// 95th percentile, ms.
    pub p95_ms: f64,
    /// Longest, ms.
    pub max_ms: f64,
    /// Mean by phase, ms; see [`Phase::NAMES`].
    pub phases_ms: [f64; 4],
}

impl Frames {
    /// Adds time to a phase of the current frame, ms.
    pub fn record(&mut self, phase: Phase, ms: f64) {
        self.current[phase as usize] += ms as f32;
    }

    /// How many were drawn in which there were tasks.
    pub fn filled(&self) -> u64 {
        self.filled
    }

    /// Ends the current frame. One in which nothing was `drawn` is not counted. `filled`: whether any
    /// task is held.
    pub fn end(&mut self, drawn: bool, filled: bool) {
        let frame = std::mem::take(&mut self.current);
        if !drawn {
            return;
        }
        self.count += 1;
        self.filled += u64::from(filled);
        if self.ring.len() < RING {
            self.ring.push(frame);
        } else if let Some(slot) = self.ring.get_mut(self.next) {
            *slot = frame;
        }
        self.next = (self.next + 1) % RING;
    }

    /// The summary. O(ring × log).
    pub fn stats(&self) -> FrameStats {
        let mut sums: Vec<f32> = self.ring.iter().map(|frame| frame.iter().sum()).collect();
        sort_by(&mut sums, f32::total_cmp);
        let at = |share: f64| {
            let i = (sums.len() as f64 * share) as usize;
            sums.get(i.min(sums.len().saturating_sub(1))).map_or(0.0, |&ms| f64::from(ms))
        };
        let n = self.ring.len().max(1) as f64;
        let mut phases_ms = [0.0; 4];
        for frame in &self.ring {
            for (sum, ms) in phases_ms.iter_mut().zip(frame) {
                *sum += f64::from(*ms) / n;
            }
        }
        FrameStats {
            count: self.count,
            filled: self.filled,
            p50_ms: at(0.5),
            p95_ms: at(0.95),
            max_ms: at(1.0),
            phases_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summarises_the_last_ones() {
        let mut frames = Frames::default();
        for i in 0..1000 {
            frames.record(Phase::Strip, f64::from(i % 100));
            frames.record(Phase::Present, 1.0);
            frames.end(i % 2 == 0, i >= 500);
        }
        let stats = frames.stats();
        assert_eq!((stats.count, stats.filled), (500, 250));
        assert!((stats.p50_ms - 51.0).abs() <= 4.0 && stats.max_ms == 99.0, "{stats:?}");
        assert!((stats.phases_ms[3] - 1.0).abs() < 1e-6);
        assert_eq!(Frames::default().stats(), FrameStats::default());
    }
}
