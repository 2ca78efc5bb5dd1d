//! When the next frame of the task stream is due: at once under a person's hand, in a calm rhythm while
//! nobody touches the picture, and never before it would look different by a pixel.

/// For so long after the last pointer, wheel or key event every frame is drawn, ms.
const HAND_MS: f64 = 1000.0;
/// Longest pause between two frames while tasks come, ms. Longer: less work for the browser, and a
/// picture that moves in steps. 90 took twice the browser's time.
const CALM_MS: f64 = 200.0;
/// Shortest pause while nobody touches the picture, ms.
const BRISK_MS: f64 = 60.0;
/// So far a picture that follows the newest tasks may move from one frame to the next, px. Larger steps
/// are hard to follow with the eye.
const STEP_PX: f64 = 12.0;

/// What the time of the next frame depends on.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Rhythm {
    /// How long ago a person last touched the picture, ms.
    pub untouched_ms: f64,
    /// How far the present moment moves over the picture in a second, device px.
    pub speed: f64,
}

impl Rhythm {
    /// Whether a person is at work on the picture.
    pub fn is_touched(self) -> bool {
        self.untouched_ms < HAND_MS
    }

    /// Least time between two frames that show new tasks or follow them, ms; 0 means every frame.
    pub fn pause_ms(self) -> f64 {
        if self.is_touched() {
            return 0.0;
        }
        (STEP_PX * 1000.0 / self.speed.max(1e-9)).clamp(BRISK_MS, CALM_MS)
    }

    /// When a picture that only time moves looks different, in ms from the last frame.
    pub fn creep_ms(self) -> f64 {
        (1000.0 / self.speed.max(1e-9)).max(self.pause_ms())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(speed: f64) -> Rhythm {
        Rhythm { untouched_ms: f64::INFINITY, speed }
    }

    #[test]
    fn every_frame_under_the_hand_and_five_a_second_at_rest() {
        for (untouched_ms, pause) in [(0.0, 0.0), (999.0, 0.0), (1000.0, CALM_MS), (1e9, CALM_MS)] {
            assert_eq!(Rhythm { untouched_ms, speed: 50.0 }.pause_ms(), pause, "{untouched_ms}");
        }
    }

    #[test]
    fn a_quick_picture_is_drawn_more_often_so_that_its_steps_stay_short() {
        let steps = [(0.0, CALM_MS), (50.0, CALM_MS), (160.0, 75.0), (2000.0, BRISK_MS)];
        for (speed, pause) in steps {
            assert_eq!(rest(speed).pause_ms(), pause, "{speed}");
        }
    }

    #[test]
    fn what_only_time_moves_waits_for_a_pixel() {
        // Thirty seconds over 1500 px, ten minutes, a day.
        for (speed, wait) in [(50.0, CALM_MS), (2.5, 400.0), (0.0174, 57_471.3)] {
            assert!((rest(speed).creep_ms() - wait).abs() < 0.1, "{speed}");
        }
        assert_eq!(Rhythm { untouched_ms: 0.0, speed: 50.0 }.creep_ms(), 20.0, "also under a hand");
        assert!(rest(0.0).creep_ms() > 1e9, "no picture at all");
    }
}
