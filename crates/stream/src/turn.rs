//! One turn of the task stream: what has changed is made anew, and when the next turn is due.

use super::rhythm::Rhythm;
use super::{Phase, Size, TaskStreamModel};
use base::time::Micros;
use timeline::view::Mode;

/// Columns of single lanes made in the first frame at most. From then on as many as go into
/// [`STRIP_MS`], whatever machine and zoom make of it.
pub(super) const RATION: usize = 300_000;
/// Time for the strip in a frame that cannot make all columns, ms. More: fewer frames in which a new
/// zoom is drawn from another level, and longer ones.
const STRIP_MS: f64 = 6.0;
/// The same in a frame that changes the scale under a hand: what it makes is of use for a few frames
/// only. At rest all is made at once, or the next frame would have to come at once, too.
const ZOOM_MS: f64 = 0.35;
/// How often the minimap is made anew while rows arrive, ms.
const MINI_MS: f64 = 500.0;
/// How often the now-line moves when nothing else does, ms.
pub(super) const NOW_MS: f64 = 250.0;

/// What a turn changed.
#[allow(clippy::struct_excessive_bools)] // Independent facts, each read by itself.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Dirty {
    /// [`TaskStreamModel::strip`] is new: put it at the corner of [`TaskStreamModel::plot`].
    pub strip: bool,
    /// [`TaskStreamModel::minimap`] is new.
    pub mini: bool,
    /// [`TaskStreamModel::scene`] is new.
    pub overlay: bool,
    /// The picture still moves by itself: turn again at the next frame.
    pub moving: bool,
    /// Turn again after so many ms, if nothing else asks before.
    pub tick: Option<f64>,
}

impl Dirty {
    /// Whether anything must be drawn.
    pub fn any(self) -> bool {
        self.strip || self.mini || self.overlay
    }

    /// Another turn is wanted in so many ms, or sooner.
    pub(super) fn again_in(&mut self, ms: f64) {
        self.tick = Some(self.tick.map_or(ms, |tick| tick.min(ms)));
    }
}

/// What the picture was last made of.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub(super) struct Painted {
    pub start: f64,
    pub width: f64,
    pub scroll: f64,
    pub generation: u64,
    pub look: u64,
    pub size: Size,
}

impl TaskStreamModel {
    /// One turn. `clock` gives ms on any monotonic clock, `wall` is the present moment on the clock of
    /// the rows.
    pub fn turn(&mut self, clock: &dyn Fn() -> f64, wall: Micros, size: Size) -> Dirty {
        let began = clock();
        self.now = self.live.then_some(wall);
        self.resize(size);
        self.note_spot(began);
        let again = self.catch_up(began);
        self.view.newest = self.store.newest_since_step();
        let moved = self.view.turn(began, self.data, self.now, self.plot.w * size.scale);
        let zooms = self.view.width().to_bits() != self.painted.width.to_bits();
        let rests = !self.rhythm(began).is_touched();
        let time = if zooms && !rests { ZOOM_MS } else { STRIP_MS };
        self.tiles.ration((self.ration as f64 * (time / STRIP_MS)) as usize);
        let arranged = clock();
        self.frames.record(Phase::Layout, arranged - began);
        let next = Painted {
            start: self.view.start(),
            width: self.view.width(),
            scroll: self.view.scroll,
            generation: self.store.generation(),
            look: self.look,
            size,
        };
        let mut dirty = Dirty { tick: again, ..Dirty::default() };
        self.turn_view(began, &mut dirty);
        let anew = next != self.painted || moved;
        if anew || self.unready {
            // At one scale, what moves sideways or grows is painted only where it is new.
            let Painted { start, generation, .. } = next;
            let kept = Painted { start, generation, ..self.painted } == next;
            self.painted = next;
            self.unready = false;
            self.tiles.begin();
            dirty.strip = self.paint_strip(kept);
            dirty.moving |= self.unready;
            self.overlay_due |= dirty.strip;
            let spent = clock() - arranged;
            self.frames.record(Phase::Strip, spent);
            // A frame that changes the scale has other work besides, and says little of columns.
            if !zooms && (self.unready || STRIP_MS < spent) {
                let share = (STRIP_MS / spent.max(0.1)).clamp(0.5, 1.4);
                self.ration =
                    ((self.ration as f64 * share) as usize).clamp(RATION / 2, RATION * 10);
            }
        }
        self.turn_rest(began, &mut dirty);
        self.turn_mini(began, &mut dirty);
        self.turn_ask(began, clock, &mut dirty);
        let before_overlay = clock();
        self.turn_now(began, &mut dirty);
        if self.overlay_due {
            self.overlay_due = false;
            self.find_hover();
            self.draw_scene();
            dirty.overlay = true;
            self.frames.record(Phase::Overlay, clock() - before_overlay);
        }
        if dirty.any() {
            self.drawn_ms = began;
        }
        // One rhythm for all that is due: each turn draws whatever has moved by then.
        let due = self.due_ms(began);
        dirty.tick = dirty.tick.map(|tick| tick.max(due));
        dirty
    }

    /// A person does something to the picture: from now on every frame is drawn, for a while.
    pub fn touch(&mut self, now_ms: f64) {
        self.touched_ms = now_ms;
    }

    /// In how many ms a frame is due that shows what has come, as long as nobody touches the picture.
    pub fn due_ms(&self, now_ms: f64) -> f64 {
        (self.drawn_ms + self.rhythm(now_ms).pause_ms() - now_ms).max(0.0)
    }

    fn rhythm(&self, now_ms: f64) -> Rhythm {
        let px_per_us = self.plot.w * self.size.scale / self.view.width();
        Rhythm { untouched_ms: now_ms - self.touched_ms, speed: px_per_us * 1e6 }
    }

    /// When the view has to be moved again.
    fn turn_view(&self, now_ms: f64, dirty: &mut Dirty) {
        let rhythm = self.rhythm(now_ms);
        let pause = rhythm.pause_ms();
        if self.view.is_moving() && (self.view.mode() == Mode::Free || pause == 0.0) {
            dirty.moving = true;
        } else if self.view.is_moving() {
            dirty.again_in(pause);
        } else if self.data.is_some_and(|data| self.view.creeps(data, self.now)) {
            dirty.again_in(rhythm.creep_ms());
        }
    }

    /// Whether a turn would change nothing: for callers that wait for the picture to be complete.
    pub fn is_settled(&self) -> bool {
        !self.view.is_moving()
            && !self.unready
            && !self.overlay_due
            && !self.arranged.due
            && self.painted.look == self.look
            && self.painted.generation == self.store.generation()
            && self.mini_made.0 == self.store.generation()
            && self.is_answered()
    }

    fn turn_mini(&mut self, now_ms: f64, dirty: &mut Dirty) {
        let next = (self.store.generation(), self.look, self.size);
        if self.mini_made == next {
            return;
        }
        let looks = (self.mini_made.1, self.mini_made.2) != (next.1, next.2);
        let due = self.mini_at + MINI_MS - now_ms;
        if !looks && due > 0.0 {
            dirty.again_in(due);
            return;
        }
        self.mini_made = next;
        self.mini_at = now_ms;
        let strip = std::mem::replace(&mut self.unready, false);
        if !self.rhythm(now_ms).is_touched() {
            // There is time for both pictures, and the next frame is far off.
            self.tiles.ration(self.ration);
        }
        self.paint_mini();
        if self.unready {
            // Once more at the next frame.
            self.mini_made.0 = u64::MAX;
            self.mini_at = f64::NEG_INFINITY;
            dirty.moving = true;
        }
        self.unready = strip;
        dirty.mini = true;
        self.overlay_due = true;
    }

    fn turn_now(&mut self, now_ms: f64, dirty: &mut Dirty) {
        let seen = self.now.is_some_and(|now| {
            let at = now.0 as f64;
            self.view.start() <= at && at <= self.view.start() + self.view.width()
        });
        if !seen {
            return;
        }
        let wait = self.rhythm(now_ms).creep_ms().max(NOW_MS);
        let due = self.now_drawn + wait - now_ms;
        if due > 0.0 {
            dirty.again_in(due);
        } else {
            self.overlay_due = true;
            dirty.again_in(wait);
        }
        if self.overlay_due {
            self.now_drawn = now_ms;
        }
    }
}
