//! What part of time is seen, and how it moves.

use base::time::{Micros, Span};

/// Narrowest view, µs.
const MIN_WIDTH: f64 = 50.0;
/// Widest view, µs (about a year).
const MAX_WIDTH: f64 = 3.2e13;
/// Width when nothing was chosen yet, µs: between these two, by what there is.
const YOUNG_WIDTH: f64 = 5e6;
const FIRST_WIDTH: f64 = 30e6;
/// How quickly a moving view reaches its goal, ms (time constant).
const EASE_MS: f64 = 70.0;
/// How far a view that follows runs ahead of the newest task, as a share of itself.
const AHEAD: f64 = 0.05;

/// Who moves the view.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub enum Mode {
    /// It keeps the newest tasks in sight.
    Follow,
    /// It keeps all tasks in sight.
    Fit,
    /// The user.
    Free,
}

/// The visible span in µs since the epoch (as floats, so that it can move smoothly; exact to a
/// quarter of a microsecond) and the scroll of the lanes.
#[derive(Clone, Debug)]
pub struct View {
    start: f64,
    width: f64,
    mode: Mode,
    goal: Option<(f64, f64)>,
    /// While set, the view stays where it is whatever arrives.
    paused: bool,
    /// How far the lanes are scrolled down, CSS px.
    pub scroll: f64,
    last_turn: f64,
    /// While it follows, it widens with what there is: nobody has chosen a width.
    grows: bool,
    /// It stays, whether or not there is anything to see: it was told to, or was near enough when it
    /// was moved.
    waits: bool,
    /// The end of the newest row, where that is not the one that ends last: the clock was set.
    pub newest: Option<Micros>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            start: 0.0,
            width: YOUNG_WIDTH,
            mode: Mode::Follow,
            goal: None,
            paused: false,
            scroll: 0.0,
            last_turn: f64::NEG_INFINITY,
            grows: true,
            waits: false,
            newest: None,
        }
    }
}

impl View {
    /// When its left edge is, µs.
    pub fn start(&self) -> f64 {
        self.start
    }

    /// How long it is, µs.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Who moves it.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The visible span, or where the view is moving to.
    pub fn span(&self) -> Span {
        let (start, width) = self.goal.unwrap_or((self.start, self.width));
        Span::new(Micros(start.floor() as i64), Micros((start + width).ceil() as i64))
    }

    /// Whether it is still moving by itself.
    pub fn is_moving(&self) -> bool {
        self.goal.is_some()
    }

    /// Shows exactly `span`, at once; it then stays there.
    pub fn set(&mut self, span: Span) {
        self.start = span.start.0 as f64;
        self.width = (span.len().0 as f64).clamp(MIN_WIDTH, MAX_WIDTH);
        self.goal = None;
        self.mode = Mode::Free;
        self.waits = false;
        self.grows = false;
    }

    /// The same, also where nothing is, until somebody moves it.
    pub fn wait_at(&mut self, span: Span) {
        self.set(span);
        self.waits = true;
    }

    /// Moves to `span`; it then stays there.
    pub fn glide(&mut self, span: Span) {
        self.goal = Some((span.start.0 as f64, (span.len().0 as f64).clamp(MIN_WIDTH, MAX_WIDTH)));
        self.mode = Mode::Free;
        self.waits = false;
        self.grows = false;
    }

    /// Whether it stays where it is whatever arrives.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Stays where it is, and goes on to be the one of whoever moves it; or no longer.
    pub fn pause(&mut self, paused: bool) {
        self.paused = paused;
        if paused && self.mode != Mode::Free {
            self.goal = None;
        }
    }

    /// Moves to `span` and holds it there, for `mode` to go on from.
    pub fn glide_held(&mut self, span: Span, mode: Mode) {
        self.glide(span);
        (self.mode, self.paused) = (mode, true);
    }

    /// Keeps the newest in sight from now on, with the width that a person gave it.
    pub fn follow(&mut self) {
        self.grows |= self.mode == Mode::Fit;
        self.mode = Mode::Follow;
        self.goal = None;
        self.paused = false;
    }

    /// Keeps everything in sight from now on.
    pub fn fit(&mut self) {
        self.mode = Mode::Fit;
        self.goal = None;
        self.paused = false;
    }

    /// Zooms by `factor` (below 1: in) about the point at `share` (0 left edge, 1 right edge).
    pub fn zoom(&mut self, factor: f64, share: f64) {
        if !factor.is_finite() || factor <= 0.0 {
            return;
        }
        let (start, width) = self.goal.unwrap_or((self.start, self.width));
        let about = start + width * share;
        let new = (width * factor).clamp(MIN_WIDTH, MAX_WIDTH);
        self.take((about - new * share, new), false);
    }

    /// The same, gliding: for keys, where each press is a large step.
    pub fn zoom_smooth(&mut self, factor: f64, share: f64) {
        let from = (self.start, self.width);
        self.zoom(factor, share);
        self.goal = Some((self.start, self.width));
        (self.start, self.width) = from;
    }

    /// Moves by a share of the visible span (positive: to later times).
    pub fn pan(&mut self, share: f64) {
        if share.is_finite() {
            let (start, width) = self.goal.unwrap_or((self.start, self.width));
            self.take((start + share * width, width), false);
        }
    }

    /// The same, gliding.
    pub fn pan_smooth(&mut self, share: f64) {
        if share.is_finite() {
            let (start, width) = self.goal.unwrap_or((self.start, self.width));
            self.take((start + share * width, width), true);
        }
    }

    fn take(&mut self, to: (f64, f64), smooth: bool) {
        self.mode = Mode::Free;
        self.grows = false;
        self.waits = false;
        if smooth {
            self.goal = Some(to);
        } else {
            self.goal = None;
            (self.start, self.width) = to;
        }
    }

    /// One turn at `now_ms` (any monotonic clock): moves towards the goal. `data` is the span of all
    /// rows, `now` the present moment where they come from, `px` the picture's width. Says whether the
    /// view changed.
    pub fn turn(&mut self, now_ms: f64, data: Option<Span>, now: Option<Micros>, px: f64) -> bool {
        let passed = (now_ms - self.last_turn).clamp(0.0, 200.0);
        self.last_turn = now_ms;
        let before = (self.start, self.width);
        if let Some(data) = data
            && !self.paused
        {
            self.aim(data, now, px);
        }
        if let Some((start, width)) = self.goal {
            let far = (start - self.start).abs() > 4.0 * (self.width + width);
            let step = 1.0 - (-passed / EASE_MS).exp();
            // Both edges ease, so that a zoom keeps its fixed point.
            let (end, goal_end) = (self.start + self.width, start + width);
            // Floats this far from the epoch are a quarter of a microsecond apart.
            let near = (0.4 * width / px.max(1.0)).max(2.0);
            if far
                || (start - self.start).abs() < near && (goal_end - end).abs() < near
                || !px.is_finite()
            {
                (self.start, self.width) = (start, width);
                self.goal = None;
            } else {
                self.start += (start - self.start) * step;
                self.width = end + (goal_end - end) * step - self.start;
            }
        }
        if let Some(data) = data {
            self.keep_in_reach(data);
        }
        before != (self.start, self.width)
    }

    /// Whether time alone will move the view, although nothing comes.
    pub fn creeps(&self, data: Span, now: Option<Micros>) -> bool {
        self.mode == Mode::Follow
            && !self.paused
            && now.is_some_and(|now| (now.0 as f64) < data.end.0 as f64 + self.width * AHEAD)
    }

    /// Sets the goal that the mode asks for, once that is a pixel away.
    fn aim(&mut self, data: Span, now: Option<Micros>, px: f64) {
        let (from, to) = (data.start.0 as f64, data.end.0 as f64);
        let goal = match self.mode {
            Mode::Free => return,
            Mode::Fit => {
                let width = ((to - from) * 1.02).clamp(MIN_WIDTH * 20.0, MAX_WIDTH);
                (f64::midpoint(from, to) - width / 2.0, width)
            }
            Mode::Follow => {
                let to = self.newest.map_or(to, |newest| newest.0 as f64);
                // All there is, until that is more than the widest.
                let all = ((to - from) * 1.08).clamp(YOUNG_WIDTH, FIRST_WIDTH);
                let width = if self.grows { all } else { self.width };
                // A little past the newest, then rest: an idle cluster costs no frames.
                let ahead = to + width * AHEAD;
                let edge = now.map_or(to, |now| (now.0 as f64).clamp(to, ahead));
                let edge = edge + width * 0.015;
                ((edge - width).max(from - width * 0.01), width)
            }
        };
        let pixel = self.width / px.max(1.0);
        let off = |from: f64, to: f64| (from - to).abs() >= pixel;
        let ends = (self.start + self.width, goal.0 + goal.1);
        let anew = self.goal.is_some() || off(self.start, goal.0) || off(ends.0, ends.1);
        self.goal = (anew && goal != (self.start, self.width)).then_some(goal);
    }

    /// A tenth of a view that was moved shows some of the data's time. It then stays, also where data
    /// are let go of.
    fn keep_in_reach(&mut self, data: Span) {
        if self.mode != Mode::Free || self.goal.is_some() || self.waits {
            return;
        }
        let (from, to) = (data.start.0 as f64, data.end.0 as f64);
        self.width = self.width.min(((to - from) * 4.0).max(FIRST_WIDTH));
        let low = from - self.width * 0.9;
        self.start = self.start.clamp(low, (to - self.width * 0.1).max(low));
        self.waits = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(a: i64, b: i64) -> Span {
        Span::new(Micros(a), Micros(b))
    }

    const T: i64 = 1_795_353_623_000_000;

    fn settle(view: &mut View, data: Span, now: Option<Micros>) -> u32 {
        let mut turns = 0;
        for i in 0..1000 {
            turns += u32::from(view.turn(f64::from(i) * 16.0, Some(data), now, 1000.0));
        }
        turns
    }

    proptest! {
        #[test]
        fn a_zoom_keeps_its_point(factor in 0.2f64..5.0, share in 0.0f64..1.0) {
            let mut view = View::default();
            view.set(span(T, T + 10_000_000));
            let at = view.start() + view.width() * share;
            view.zoom(factor, share);
            prop_assert!((view.start() + view.width() * share - at).abs() < 1.0);
            view.zoom(1.0 / factor, share);
            prop_assert!((view.start() - T as f64).abs() < 2.0);
            prop_assert!((view.width() - 1e7).abs() < 2.0);
        }

        #[test]
        fn never_lost(moves in proptest::collection::vec((0u8..3, -3.0f64..3.0), 0..40)) {
            let mut view = View::default();
            let data = span(T, T + 5_000_000);
            for (i, (what, by)) in moves.into_iter().enumerate() {
                match what {
                    0 => view.zoom(by.exp(), 0.3),
                    1 => view.pan(by),
                    _ => view.pan_smooth(by),
                }
                view.turn(i as f64 * 16.0, Some(data), None, 800.0);
            }
            settle(&mut view, data, None);
            prop_assert!(view.span().overlaps(data), "{:?}", view.span());
            prop_assert!(!view.is_moving());
        }
    }

    #[test]
    fn follows_and_comes_to_rest() {
        let mut view = View::default();
        let data = span(T, T + 100_000_000);
        settle(&mut view, data, Some(Micros(T + 500_000_000)));
        let seen = view.span();
        assert!(data.end < seen.end && seen.end.0 - data.end.0 < 3_000_000, "{seen:?}");
        assert_eq!(settle(&mut view, data, Some(Micros(T + 900_000_000))), 0, "at rest when idle");
        view.pause(true);
        assert_eq!(settle(&mut view, span(T, T + 400_000_000), None), 0, "paused");
        view.follow();
        settle(&mut view, span(T, T + 400_000_000), None);
        assert!(view.span().end.0 > T + 400_000_000);
    }

    #[test]
    fn young_data_begin_at_the_left_and_widen_the_view() {
        let mut view = View::default();
        for (secs, wide) in [(1, 5.0), (4, 5.0), (10, 10.8), (25, 27.0), (28, 30.0), (300, 30.0)] {
            let data = span(T, T + secs * 1_000_000);
            settle(&mut view, data, Some(Micros(T + secs * 1_000_000)));
            assert!((view.width() / 1e6 - wide).abs() < 0.01, "{secs}: {}", view.width());
            let lead = T as f64 - view.start();
            assert!(secs > 28 || lead > 0.0 && lead < view.width() * 0.02, "{secs}");
            assert!(view.span().end > data.end);
        }
        // Who chose a width keeps it.
        view.zoom(0.1, 0.5);
        view.follow();
        settle(&mut view, span(T, T + 301_000_000), None);
        assert!((view.width() / 1e6 - 3.0).abs() < 0.01);
        view.fit();
        view.follow();
        settle(&mut view, span(T, T + 302_000_000), None);
        assert!((view.width() / 1e6 - 30.0).abs() < 0.01);
    }

    #[test]
    fn waits_for_what_is_to_come() {
        let mut view = View::default();
        let want = span(T, T + 1_000_000);
        view.wait_at(want);
        settle(&mut view, span(T + 900_000_000, T + 950_000_000), None);
        assert_eq!(view.span(), want);
        view.pan(0.01);
        settle(&mut view, span(T + 900_000_000, T + 950_000_000), None);
        assert_ne!(view.span(), want, "moved, it keeps near what there is");
    }

    #[test]
    fn stays_where_data_are_let_go_of() {
        let mut view = View::default();
        let data = span(T, T + 100_000_000);
        view.pan(-9.0);
        settle(&mut view, data, None);
        assert!(view.span().overlaps(data), "moved, it keeps near what there is");
        view.glide(span(T, T + 1_000_000));
        settle(&mut view, data, None);
        let seen = view.span();
        settle(&mut view, span(T + 50_000_000, T + 150_000_000), None);
        assert_eq!(view.span(), seen);
        view.pan(0.1);
        settle(&mut view, span(T + 50_000_000, T + 150_000_000), None);
        assert!(view.span().end.0 > T + 50_000_000, "moved again");
    }

    #[test]
    fn fit_shows_all() {
        let mut view = View::default();
        view.fit();
        let data = span(T, T + 77_000_000);
        settle(&mut view, data, None);
        let seen = view.span();
        assert!(seen.start < data.start && data.end < seen.end);
        assert!(seen.len().0 < 80_000_000);
    }
}
