//! Ways through time: places to come back to, jumps, links, and two fingers.

use super::Dirty;
use super::TaskStreamModel;
use super::input::{CLICK, Drag};
use base::fmt;
use base::number::parse;
use base::time::{Micros, Span};
use timeline::view::Mode;

/// Places kept to come back to.
const MOST: usize = 50;
/// Rest after which the next move is another one, ms: turns of a wheel come in rows.
const REST_MS: f64 = 400.0;

/// How long a finger rests before it selects, ms. Browsers take 500 ms for a press that opens a menu.
const LONG_MS: f64 = 400.0;

/// Where the view is, or will be when it has arrived.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct ViewState {
    mode: Mode,
    /// Only where it stands still: the other modes move by themselves.
    span: Option<Span>,
    /// It is held.
    paused: bool,
}

/// Where the view has been.
#[derive(Clone, Debug)]
pub(super) struct ViewHistory {
    past: Vec<ViewState>,
    /// Where it was before the way back, to go there again; the last one first.
    future: Vec<ViewState>,
    /// Where the last gesture ended.
    rest: ViewState,
    /// Where the last turn ended, and since when it is there.
    seen: ViewState,
    since_ms: f64,
    /// Fingers on the canvas: number, x, y.
    fingers: Vec<(i32, f64, f64)>,
    /// Since when a finger rests where it came down, ms; NaN until the next turn.
    rests: Option<f64>,
}

impl Default for ViewHistory {
    fn default() -> Self {
        let start = ViewState { mode: Mode::Follow, span: None, paused: false };
        let (past, future, fingers) = (Vec::new(), Vec::new(), Vec::new());
        Self { past, future, rest: start, seen: start, since_ms: 0.0, fingers, rests: None }
    }
}

impl TaskStreamModel {
    fn spot(&self) -> ViewState {
        let (mode, paused) = (self.view.mode(), self.view.is_paused());
        let stands = mode == Mode::Free || paused;
        ViewState { mode, span: stands.then(|| self.view.span()), paused }
    }

    /// A turn begins: the gesture before the last one may have ended.
    pub(super) fn note_spot(&mut self, now_ms: f64) {
        let now = self.spot();
        let travel = &mut self.travel;
        if now == travel.seen && self.drag != Drag::None {
            travel.since_ms = now_ms;
        } else if now != travel.seen {
            if now_ms - travel.since_ms > REST_MS {
                self.end_gesture();
            }
            self.travel.seen = now;
            self.travel.since_ms = now_ms;
        }
    }

    /// What comes now is a gesture of its own, however soon after the last one.
    pub(super) fn begin_gesture(&mut self) {
        self.travel.seen = self.spot();
        self.end_gesture();
    }

    /// What was seen at the last turn is a place to come back to.
    fn end_gesture(&mut self) {
        let travel = &mut self.travel;
        if travel.seen != travel.rest {
            if travel.past.len() == MOST {
                travel.past.remove(0);
            }
            travel.past.push(travel.rest);
            travel.rest = travel.seen;
            // Who goes another way does not come back to this one.
            travel.future.clear();
        }
    }

    /// Whether there is a place to go back to.
    pub fn can_undo(&self) -> bool {
        !self.travel.past.is_empty() || self.spot() != self.travel.rest
    }

    /// Glides back to where the view was before the last gesture. Says whether there was such a place.
    pub fn undo(&mut self) -> bool {
        let now = self.spot();
        let travel = &mut self.travel;
        let back = if now == travel.rest { travel.past.pop() } else { Some(travel.rest) };
        let Some(back) = back else { return false };
        if now != travel.rest {
            travel.future.clear();
        }
        travel.future.push(now);
        self.go_to(back);
        true
    }

    /// Glides to where the view was before it last went back. Says whether there is such a place:
    /// there is none once the view has been moved.
    pub fn redo(&mut self) -> bool {
        let now = self.spot();
        let travel = &mut self.travel;
        if now != travel.rest {
            return false;
        }
        let Some(next) = travel.future.pop() else { return false };
        travel.past.push(now);
        self.go_to(next);
        true
    }

    fn go_to(&mut self, spot: ViewState) {
        match (spot.mode, spot.span) {
            (mode, Some(span)) if spot.paused => {
                self.hold_view(true);
                self.view.glide_held(span, mode);
            }
            (_, Some(span)) => {
                self.hold_view(false);
                self.view.glide(span);
            }
            (Mode::Fit, _) => self.fit(),
            _ => self.follow(),
        }
        self.rest_here();
        self.overlay_due = true;
    }

    /// Where the view is now is where the last gesture ended.
    pub(super) fn rest_here(&mut self) {
        self.travel.rest = self.spot();
        self.travel.seen = self.travel.rest;
    }

    /// Glides to `span`; going back from there is one step.
    pub fn zoom_to(&mut self, span: Span) {
        self.begin_gesture();
        self.view.glide(span);
        self.overlay_due = true;
    }

    /// Where a person has put the view, or will have when it has arrived.
    /// So is one that is held.
    pub fn put_at(&self) -> Option<Span> {
        let held = self.view.is_paused() && self.data.is_some();
        (held || self.view.mode() == Mode::Free).then(|| self.view.span())
    }

    /// The same for a link: seconds since the epoch.
    pub fn link(&self) -> Option<(String, String)> {
        self.put_at().map(|span| (seconds(span.start), seconds(span.end)))
    }

    /// Shows the span of a link, and waits there for its tasks to come. Says whether it is one.
    pub fn open_link(&mut self, from: &str, to: &str) -> bool {
        let (Some(from), Some(to)) = (parse(from), parse(to)) else { return false };
        // Some two hundred years, of which a float still tells the microseconds.
        if !(from < to && 0.0 <= from && to < 8e9) {
            return false;
        }
        self.view.wait_at(Span::new(Micros::from_secs(from), Micros::from_secs(to)));
        self.rest_here();
        self.overlay_due = true;
        true
    }

    /// Why nothing is to be seen where a person, or a link, has put the view although there are tasks.
    pub fn absent(&self) -> Option<String> {
        let (view, data) = (self.put_at()?, self.data?);
        let (why, edge, at, far) = if view.end <= data.start {
            let why = if self.store.dropped_until().is_some_and(|until| view.start < until) {
                "Tasks of this time are no longer held: the oldest are dropped first."
            } else if self.partial {
                "Tasks of this time are not loaded."
            } else {
                "No tasks are known of this time."
            };
            (why, "first one held began", data.start, data.start - view.end)
        } else if data.end <= view.start {
            let why = "No tasks are known of this time.";
            (why, "last one held ended", data.end, view.start - data.end)
        } else {
            return None;
        };
        let (at, far) = (self.zone.clock(at.0, 0), fmt::round_secs(far.secs()));
        Some(format!("{why} The {edge} at {at}, {far} away."))
    }

    /// A finger, or the mouse, goes down: the second one makes a pinch of both.
    pub fn finger_down(&mut self, id: i32, x: f64, y: f64) {
        self.travel.fingers.retain(|finger| finger.0 != id);
        self.travel.fingers.push((id, x, y));
        if self.travel.fingers.len() < 2 {
            self.pointer_down(x, y);
        } else {
            self.drag = Drag::Pinch;
            self.pointer = None;
            self.overlay_due = true;
        }
    }

    /// The finger that came down is one of a hand, not a mouse: where it rests a while it selects.
    pub fn rests(&mut self) {
        self.travel.rests = Some(f64::NAN);
    }

    /// A finger that has rested long enough begins an area.
    pub(super) fn turn_rest(&mut self, now_ms: f64, dirty: &mut Dirty) {
        let Some(since) = self.travel.rests.take() else { return };
        let Drag::Pan { last: (x, y), far } = self.drag else { return };
        if far > CLICK {
            return;
        }
        let since = if since.is_nan() { now_ms } else { since };
        let due = since + LONG_MS - now_ms;
        if due > 0.0 {
            self.travel.rests = Some(since);
            dirty.again_in(due);
        } else {
            self.area_down(x, y);
        }
    }

    /// Whether an area is being drawn: nothing else is meant by what the finger does.
    pub fn is_selecting(&self) -> bool {
        matches!(self.drag, Drag::Area { .. })
    }

    /// One of them moves.
    pub fn finger_move(&mut self, id: i32, x: f64, y: f64) {
        let before = self.pinch();
        if let Some(finger) = self.travel.fingers.iter_mut().find(|finger| finger.0 == id) {
            (finger.1, finger.2) = (x, y);
        }
        if self.drag != Drag::Pinch {
            self.pointer_move(x, y);
            return;
        }
        let (Some((x, y, far)), Some((to_x, to_y, to_far))) = (before, self.pinch()) else {
            return;
        };
        let wide = self.plot.w.max(1.0);
        // Where the middle was, there it stays under the fingers.
        self.view.pan((x - to_x) / wide);
        self.view.scroll += y - to_y;
        self.view.zoom(far.max(1.0) / to_far.max(1.0), (to_x - self.plot.x) / wide);
        self.overlay_due = true;
    }

    /// One of them is lifted, or taken away; the one that is left goes on to pan.
    pub fn finger_up(&mut self, id: i32) {
        self.travel.fingers.retain(|finger| finger.0 != id);
        if self.drag != Drag::Pinch {
            self.pointer_up();
            return;
        }
        match self.travel.fingers[..] {
            [] => self.drag = Drag::None,
            [(_, x, y)] => self.drag = Drag::Pan { last: (x, y), far: f64::INFINITY },
            _ => {}
        }
        self.overlay_due = true;
    }

    /// All of them are taken away.
    pub(super) fn drop_fingers(&mut self) {
        self.travel.fingers.clear();
    }

    /// The middle of the first two fingers, and how far they are apart.
    fn pinch(&self) -> Option<(f64, f64, f64)> {
        let [(_, ax, ay), (_, bx, by), ..] = self.travel.fingers[..] else { return None };
        let far = ((ax - bx) * (ax - bx) + (ay - by) * (ay - by)).sqrt();
        Some((f64::midpoint(ax, bx), f64::midpoint(ay, by), far))
    }
}

/// Seconds since the epoch, exact.
pub(super) fn seconds(at: Micros) -> String {
    format!("{}.{:06}", at.0.div_euclid(1_000_000), at.0.rem_euclid(1_000_000))
}
