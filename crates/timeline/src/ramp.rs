//! A scale of colours for amounts: even steps of lightness, so that everybody can read it whatever
//! hues they see, from near the ground to what stands out most from it.

use super::oklab::from_oklab;
use super::palette::Bytes;
use base::task::Rgb;

/// The axes of colour in Oklab at equal steps from the darkest: violet, purple, red, orange, yellow.
const STOPS: [(f64, f64); 5] =
    [(0.03, -0.10), (0.115, -0.09), (0.155, 0.035), (0.075, 0.125), (-0.025, 0.155)];
/// Lightness of the darkest and the lightest.
const LIGHT: (f64, f64) = (0.30, 0.93);

/// The colour of a share, 0 to 1: on dark ground the more is lighter, on light ground darker.
pub fn ramp(share: f64, dark: bool) -> Bytes {
    let share = share.clamp(0.0, 1.0);
    let up = if dark { share } else { 1.0 - share };
    let at = up * (STOPS.len() - 1) as f64;
    let stop = |i: usize| STOPS.get(i).copied().unwrap_or(STOPS[STOPS.len() - 1]);
    let (low, high, part) = (stop(at as usize), stop(at as usize + 1), at - at.floor());
    let mix = |low: f64, high: f64| low + (high - low) * part;
    let light = mix_light(up);
    let Rgb(r, g, b) = from_oklab(light, mix(low.0, high.0), mix(low.1, high.1));
    [r, g, b]
}

fn mix_light(up: f64) -> f64 {
    LIGHT.0 + (LIGHT.1 - LIGHT.0) * up
}

/// How many colours [`table`] has: finer than eyes can tell.
pub const COLORS: usize = 128;

/// The whole scale.
pub fn table(dark: bool) -> Vec<Bytes> {
    (0..COLORS).map(|i| ramp(i as f64 / (COLORS - 1) as f64, dark)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::oklab::to_oklab;
    use super::*;

    #[test]
    fn steps_are_even_and_lightness_tells() {
        for dark in [true, false] {
            let all: Vec<(f64, f64, f64)> = (0..=32)
                .map(|i| ramp(f64::from(i) / 32.0, dark))
                .map(|c| to_oklab(Rgb(c[0], c[1], c[2])))
                .collect();
            let mut far = Vec::new();
            for pair in all.windows(2) {
                let ((l, a, b), (l2, a2, b2)) = (pair[0], pair[1]);
                let step = if dark { l2 - l } else { l - l2 };
                assert!((0.014..0.026).contains(&step), "{dark}: lightness {step}");
                far.push(((l2 - l).powi(2) + (a2 - a).powi(2) + (b2 - b).powi(2)).sqrt());
            }
            let (least, most) =
                far.iter().fold((9.0, 0.0), |(x, y): (f64, f64), d| (x.min(*d), y.max(*d)));
            assert!(most < least * 2.2, "{dark}: {least} to {most}");
        }
        assert_eq!(table(true).len(), COLORS);
    }
}
