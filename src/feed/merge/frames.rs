//! Frames, and groups of frames whose distances are known exactly.

use crate::base::sort::sort_by;
use crate::base::time::Micros;

use super::Out;

/// A frame is moved when its offset is known better by more than this, ms: less would only make
/// the picture tremble. Five times as much once many batches agree.
pub const SHIFT_MS: f64 = 20.0;

/// A frame: rows were handed out under its number.
#[derive(Copy, Clone, Debug)]
pub(super) struct Frame {
    pub group: u32,
    /// Time in the frame + this = time in the group, ms.
    pub to_group: f64,
    /// Time in the frame + this = the time that was handed out, µs.
    pub offset: Micros,
}

/// Frames that lie exactly against each other.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The frame new rows are handed out in.
    pub root: u32,
    /// Time in the group + this = Unix time, at most: rows cannot finish after they arrive. ms.
    pub bound: f64,
    /// The same, at least: live rows do not wait for ever. ms.
    pub lower: f64,
    /// The offset in use, ms.
    pub used: f64,
    /// Earliest start and latest end of its rows, ms in the group.
    pub first: f64,
    pub last: f64,
    pub rows: u64,
    /// The offsets that recent live batches of the fast feed allowed, ms.
    samples: Vec<f64>,
}

/// Batches that the offset is taken from.
const SAMPLES: usize = 64;

impl Group {
    /// The offset that is most likely. A worker's idea of the scheduler's clock may be wrong by
    /// some tenths of a second while it is busy, and a single batch from the future would move
    /// everything: so not the least of many, but their lower quarter.
    fn likely(&self) -> f64 {
        if self.samples.len() < 4 {
            return self.bound;
        }
        let mut sorted = [f64::INFINITY; SAMPLES];
        let known = self.samples.len().min(SAMPLES);
        for (slot, sample) in sorted.iter_mut().zip(&self.samples) {
            *slot = *sample;
        }
        sort_by(&mut sorted[..known], f64::total_cmp);
        sorted[known / 4]
    }
}

#[derive(Default, Debug)]
pub(super) struct Frames {
    frames: Vec<Frame>,
    groups: Vec<Group>,
}

impl Frames {
    /// A new frame in a group of its own, with its offset at `bound`.
    pub fn add(&mut self, bound: f64) -> u32 {
        let frame = self.frames.len() as u32;
        let group = self.groups.len() as u32;
        let offset = Micros::from_millis(bound);
        self.frames.push(Frame { group, to_group: 0.0, offset });
        self.groups.push(Group {
            root: frame,
            bound,
            lower: f64::NEG_INFINITY,
            used: bound,
            first: f64::INFINITY,
            last: f64::NEG_INFINITY,
            rows: 0,
            samples: Vec::new(),
        });
        frame
    }

    pub fn frame(&self, frame: u32) -> Option<&Frame> {
        self.frames.get(frame as usize)
    }

    pub fn group(&self, group: u32) -> Option<&Group> {
        self.groups.get(group as usize)
    }

    pub fn group_mut(&mut self, group: u32) -> Option<&mut Group> {
        self.groups.get_mut(group as usize)
    }

    /// The group of a frame and the time in it of `center` in that frame.
    pub fn place(&self, frame: u32, center: f64) -> Option<(u32, f64)> {
        let frame = self.frame(frame)?;
        Some((frame.group, center + frame.to_group))
    }

    /// What was handed out for time `at` in a frame.
    pub fn absolute(&self, frame: u32, at: f64) -> Micros {
        let offset = self.frame(frame).map_or(Micros(0), |frame| frame.offset);
        Micros::from_millis(at) + offset
    }

    /// Every group that has rows, with its number.
    pub fn groups(&self) -> impl Iterator<Item = (u32, &Group)> {
        (0..).zip(&self.groups).filter(|(_, group)| group.rows > 0)
    }

    /// Joins group `b` with group `a`: time in `b` + `delta` = time in `a`. The larger takes the
    /// other in.
    pub fn join(&mut self, a: u32, b: u32, delta: f64, out: &mut dyn FnMut(Out<'_>)) {
        let rows = |group| self.group(group).map_or(0, |known| known.rows);
        let (keep, gone, delta) = if rows(a) >= rows(b) { (a, b, delta) } else { (b, a, -delta) };
        let Ok([kept, taken]) = self.groups.get_disjoint_mut([keep as usize, gone as usize]) else {
            return;
        };
        for frame in &mut self.frames {
            if frame.group == gone {
                frame.group = keep;
                frame.to_group += delta;
            }
        }
        kept.bound = kept.bound.min(taken.bound - delta);
        kept.lower = kept.lower.max(taken.lower - delta);
        kept.first = kept.first.min(taken.first + delta);
        kept.last = kept.last.max(taken.last + delta);
        kept.rows += taken.rows;
        taken.rows = 0;
        kept.samples.extend(taken.samples.drain(..).map(|sample| sample - delta));
        let extra = kept.samples.len().saturating_sub(SAMPLES);
        kept.samples.drain(..extra);
        self.settle(keep, true, out);
    }

    /// Tells of an arrival: the latest end was `end` in the group, and came at `arrival`; live rows
    /// at most `age` after they finished, and `prompt` ones in a tenth of a second or so.
    pub fn arrived(
        &mut self,
        group: u32,
        end: f64,
        arrival: f64,
        age: Option<f64>,
        prompt: bool,
        out: &mut dyn FnMut(Out<'_>),
    ) {
        let Some(known) = self.group_mut(group) else { return };
        known.bound = known.bound.min(arrival - end);
        if let Some(age) = age {
            known.lower = known.lower.max(arrival - end - age);
        }
        if prompt {
            if known.samples.len() >= SAMPLES {
                known.samples.remove(0);
            }
            known.samples.push(arrival - end);
        }
        if known.lower > known.bound {
            // Some batch was under way for longer than that (a machine asleep): nothing is known.
            known.lower = f64::NEG_INFINITY;
        }
        self.settle(group, false, out);
    }

    /// Brings the offsets handed out in line with what is known.
    fn settle(&mut self, group: u32, always: bool, out: &mut dyn FnMut(Out<'_>)) {
        let Some(known) = self.group_mut(group) else { return };
        let likely = known.likely();
        let enough = if known.samples.len() < 16 { SHIFT_MS } else { 5.0 * SHIFT_MS };
        let moves = (known.used - likely).abs() > enough;
        if moves {
            known.used = likely;
        } else if !always {
            return;
        }
        let used = known.used;
        for (number, frame) in (0..).zip(&mut self.frames) {
            if frame.group != group {
                continue;
            }
            let wanted = Micros::from_millis(frame.to_group + used);
            if wanted != frame.offset {
                let by = wanted - frame.offset;
                frame.offset = wanted;
                out(Out::Shift { frame: number, by });
            }
        }
    }
}
