//! Colours by lightness and hue, as eyes see them, in Oklab.

#![allow(clippy::many_single_char_names)] // The names that colour formulas have.

use base::task::Rgb;

pub(super) fn to_linear(byte: u8) -> f64 {
    let x = f64::from(byte) / 255.0;
    // x^2.4, as x² times the square of the fifth root.
    if x <= 0.04045 {
        x / 12.92
    } else {
        let x = (x + 0.055) / 1.055;
        let root = root(x, 5);
        x * x * root * root
    }
}

pub(super) fn from_linear(x: f64) -> u8 {
    let x = x.clamp(0.0, 1.0);
    // x^(1/2.4), as the twelfth root of x⁵.
    let y = if x <= 0.003_130_8 {
        x * 12.92
    } else {
        1.055 * root((x * x * x * x * x).sqrt().sqrt(), 3) - 0.055
    };
    (y * 255.0 + 0.5) as u8
}

/// The third or fifth root by Newton's method: the library's powers and their tables are larger than
/// the rest of this file. Starts above the root, so that it comes down to it.
fn root(x: f64, n: i32) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let mut y = if x < 1.0 { 1.0 } else { x };
    for _ in 0..60 {
        let mut power = y * y;
        if n == 5 {
            power *= power;
        }
        let next = y - (y - x / power) / f64::from(n);
        if y - next < y * 1e-12 {
            break;
        }
        y = next;
    }
    y
}

/// Lightness, and the two axes of colour, in Oklab (Björn Ottosson, 2020).
pub(super) fn to_oklab(color: Rgb) -> (f64, f64, f64) {
    let (r, g, b) = (to_linear(color.0), to_linear(color.1), to_linear(color.2));
    let l = root(0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b, 3);
    let m = root(0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b, 3);
    let s = root(0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b, 3);
    let light = 0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s;
    let a = 1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s;
    let b = 0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s;
    (light, a, b)
}

fn linear_of(light: f64, a: f64, b: f64) -> [f64; 3] {
    let cube = |x: f64| x * x * x;
    let l = cube(light + 0.396_337_777_4 * a + 0.215_803_757_3 * b);
    let m = cube(light - 0.105_561_345_8 * a - 0.063_854_172_8 * b);
    let s = cube(light - 0.089_484_177_5 * a - 1.291_485_548_0 * b);
    [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
    ]
}

/// The colour of that lightness and hue; paler than asked where a screen cannot show it.
pub(super) fn from_oklab(light: f64, mut a: f64, mut b: f64) -> Rgb {
    for _ in 0..24 {
        if linear_of(light, a, b).iter().all(|x| (-0.002..=1.002).contains(x)) {
            break;
        }
        (a, b) = (a * 0.94, b * 0.94);
    }
    let [r, g, b] = linear_of(light, a, b).map(from_linear);
    Rgb(r, g, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots() {
        for x in [1e-6, 0.003, 0.2, 0.9999, 1.0, 1.2] {
            assert!((root(x, 3) - x.cbrt()).abs() < 1e-9, "{x}");
            assert!((root(x, 5) - x.powf(0.2)).abs() < 1e-9, "{x}");
        }
        for byte in 0..=255 {
            let exact = ((f64::from(byte) / 255.0 + 0.055) / 1.055).powf(2.4);
            assert!(byte <= 10 || (to_linear(byte) - exact).abs() < 1e-9);
            assert_eq!(from_linear(to_linear(byte)), byte);
        }
    }

    #[test]
    fn there_and_back() {
        for color in [Rgb(68, 1, 84), Rgb(253, 231, 36), Rgb(0x23, 0x89, 0x8d), Rgb(128, 128, 128)]
        {
            let (l, a, b) = to_oklab(color);
            let Rgb(r, g, b) = from_oklab(l, a, b);
            assert!(
                r.abs_diff(color.0) <= 2 && g.abs_diff(color.1) <= 2 && b.abs_diff(color.2) <= 2
            );
        }
    }
}
