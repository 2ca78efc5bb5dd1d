//! Numbers to text and back, without the standard library's ten kilobytes of tables.

/// The largest power of ten that fits the exact path below.
const MOST: u32 = 26;

/// Reads a decimal number as `f64::from_str` does: `-1.5`, `1e-05`, `NaN`, `inf`.
///
/// Exact (the nearest `f64`) for up to 19 digits with an exponent of -26 to 19, so for all that Python
/// writes of times and sizes. Beyond that, thirty digits are carried along, which rounds rightly but
/// for numbers made to defy it; from 10⁻³⁰⁰ down to nothing the last bit may differ.
pub fn parse(text: &str) -> Option<f64> {
    let (negative, rest) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] | rest => (false, rest),
    };
    let value = match rest {
        [b'0'..=b'9' | b'.', ..] => decimal(rest)?,
        _ if rest.eq_ignore_ascii_case(b"nan") => f64::NAN,
        _ if rest.eq_ignore_ascii_case(b"inf") || rest.eq_ignore_ascii_case(b"infinity") => {
            f64::INFINITY
        }
        _ => return None,
    };
    Some(if negative { -value } else { value })
}

fn decimal(text: &[u8]) -> Option<f64> {
    let (mut mantissa, mut exponent, mut digits) = (0_u64, 0_i32, 0);
    let (mut point, mut any) = (false, false);
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'0'..=b'9' => {
                any = true;
                if digits < 19 {
                    mantissa = mantissa * 10 + u64::from(byte - b'0');
                    digits += i32::from(mantissa > 0);
                    exponent -= i32::from(point);
                } else {
                    exponent += i32::from(!point);
                }
            }
            b'.' if !point => point = true,
            b'e' | b'E' => break,
            _ => return None,
        }
        at += 1;
    }
    if !any {
        return None;
    }
    if at < text.len() {
        exponent = exponent.saturating_add(tens(&text[at + 1..])?);
    }
    Some(scaled(mantissa, exponent))
}

/// The exponent behind the `e`.
fn tens(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] | rest => (1, rest),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0_i32;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value.saturating_mul(10).saturating_add(i32::from(digit - b'0')).min(99_999);
    }
    Some(sign * value)
}

/// `mantissa × 10^exponent`.
fn scaled(mantissa: u64, exponent: i32) -> f64 {
    let ten = exponent.unsigned_abs();
    if mantissa == 0 || exponent == 0 {
        return mantissa as f64;
    }
    if exponent > 0 && ten <= 19 {
        return (u128::from(mantissa) * 10_u128.pow(ten)) as f64;
    }
    if exponent < 0 && ten <= MOST {
        // As many bits of the quotient as a second step of the division brings, then one rounding:
        // what remains sets the last bit, far below those that are kept.
        let divisor = 10_u128.pow(ten);
        let shift = u128::from(mantissa).leading_zeros();
        let numerator = u128::from(mantissa) << shift;
        let (high, rest) = (numerator / divisor, (numerator % divisor) << 40);
        let (low, rest) = (rest / divisor, rest % divisor);
        // At most 128 - 3 bits for the least divisor: then the low part is not needed.
        let (quotient, shift) = if high < 1 << 80 {
            ((high << 40) | low | u128::from(rest != 0), shift + 40)
        } else {
            (high | u128::from(low != 0 || rest != 0), shift)
        };
        return quotient as f64 / two_to(shift);
    }
    // Far from one: with some thirty digits carried along, so that the rounding is all but sure.
    let high = mantissa as f64;
    let value = Wide { high, low: (i128::from(mantissa) - high as i128) as f64 }.shifted(exponent);
    value.high + value.low
}

/// A number as the sum of two, the second below the last bit of the first (Dekker, 1971).
#[derive(Copy, Clone)]
struct Wide {
    high: f64,
    low: f64,
}

impl Wide {
    fn sum(high: f64, low: f64) -> Self {
        let sum = high + low;
        Self { high: sum, low: if sum.is_finite() { low - (sum - high) } else { 0.0 } }
    }

    /// The product of two numbers and what it lacks.
    fn product(a: f64, b: f64) -> Self {
        let halves = |x: f64| {
            let big = x * 134_217_729.0;
            let high = big - (big - x);
            (high, x - high)
        };
        let ((a1, a2), (b1, b2)) = (halves(a), halves(b));
        let high = a * b;
        Self { high, low: ((a1 * b1 - high) + a1 * b2 + a2 * b1) + a2 * b2 }
    }

    fn times(self, other: Self) -> Self {
        let product = Self::product(self.high, other.high);
        if !product.low.is_finite() {
            return Self { high: product.high, low: 0.0 };
        }
        Self::sum(product.high, product.low + self.high * other.low + self.low * other.high)
    }

    /// This times `10^exponent`.
    fn shifted(mut self, exponent: i32) -> Self {
        let mut left = exponent.unsigned_abs().min(1000);
        while left > 0 {
            let step = left.min(100);
            let mut power = Self { high: 1.0, low: 0.0 };
            for _ in 0..step {
                power = power.times(Self { high: 10.0, low: 0.0 });
            }
            self = if exponent > 0 { self.times(power) } else { self.over(power) };
            left -= step;
        }
        self
    }

    fn over(self, other: Self) -> Self {
        let first = self.high / other.high;
        let back = Self::product(first, other.high);
        let rest = (self.high - back.high) - back.low + self.low - first * other.low;
        Self::sum(first, rest / other.high)
    }
}

fn two_to(power: u32) -> f64 {
    f64::from_bits(u64::from(1023 + power.min(1023)) << 52)
}

/// A number with so many decimals (at most 9): `fixed(2.345, 2)` is `2.35` or `2.34`, whichever is
/// nearer. Beyond 10¹⁸ it is cut to that.
pub fn fixed(value: f64, decimals: u32) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        }
        .into();
    }
    let scale = 10_u64.pow(decimals.min(9));
    let whole = (value.abs() * scale as f64 + 0.5) as u64;
    let sign = if value < 0.0 && whole > 0 { "-" } else { "" };
    if decimals == 0 {
        return format!("{sign}{whole}");
    }
    let mut part = (whole % scale).to_string();
    while part.len() < decimals as usize {
        part.insert(0, '0');
    }
    format!("{sign}{}.{part}", whole / scale)
}

/// A number as Python's `repr` writes it: the fewest digits that read back, `1.0`, `1e+16`, `1e-05`.
pub fn shortest(value: f64) -> String {
    if !value.is_finite() {
        return fixed(value, 0).to_ascii_lowercase();
    }
    let (sign, size) = if value.is_sign_negative() { ("-", -value) } else { ("", value) };
    let (digits, exponent) = digits_of(size);
    if (0..16).contains(&exponent) {
        let whole = exponent as usize + 1;
        let (left, right) = digits.split_at(whole.min(digits.len()));
        let zeros = "0".repeat(whole - left.len());
        let right = if right.is_empty() { "0" } else { right };
        return format!("{sign}{left}{zeros}.{right}");
    }
    if (-4..0).contains(&exponent) {
        return format!("{sign}0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1));
    }
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let (up, size) = if exponent < 0 { ('-', -exponent) } else { ('+', exponent) };
    format!("{sign}{first}{point}{rest}e{up}{}{size}", if size < 10 { "0" } else { "" })
}

/// The same without the `.0` of whole numbers.
pub fn plain(value: f64) -> String {
    let text = shortest(value);
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// The fewest digits that read back as this number, and the power of ten of the first.
fn digits_of(value: f64) -> (String, i32) {
    if value == 0.0 {
        return ("0".into(), 0);
    }
    // The power of ten is known to one from that of two.
    let mut ten = (f64::from(log2_floor(value)) * std::f64::consts::LOG10_2).floor() as i32;
    if scaled(1, ten + 1) <= value {
        ten += 1;
    }
    let wide = Wide { high: value, low: 0.0 };
    // Whatever has at most fifteen digits comes back from fifteen, with noughts behind it.
    let mut count = 15;
    loop {
        let Wide { high, low } = wide.shifted(count - 1 - ten);
        let whole = high.floor();
        let digits =
            (whole as u64).saturating_add_signed((high - whole + low + 0.5).floor() as i64);
        if count == 17 || scaled(digits, ten + 1 - count) == value {
            let text = digits.to_string();
            // 9.99 may have been rounded up to 10.0.
            let more = text.len() as i32 - count;
            return (text.trim_end_matches('0').to_owned(), ten + more);
        }
        count += 1;
    }
}

/// The exponent of two below a positive number: ⌊log₂ x⌋.
#[inline(always)]
pub fn log2_floor(x: f64) -> i32 {
    ((x.to_bits() >> 52) & 0x7ff) as i32 - 1023
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reads_what_python_writes(value in prop_oneof![1e-9f64..1e10, 1.7e9f64..1.9e9, 1.7e12f64..1.9e12, -1e6f64..1e6, 0f64..1.0]) {
            // Python changes to exponents at the same places as Rust's debug form does.
            for text in [format!("{value}"), format!("{value:?}"), format!("{value:e}")] {
                prop_assert_eq!(parse(&text).map(f64::to_bits), Some(value.to_bits()), "{}", text);
            }
        }

        #[test]
        fn reads_far_numbers(mantissa in -9.9f64..9.9, exponent in -290i32..300) {
            let value: f64 = format!("{mantissa}e{exponent}").parse().unwrap();
            for text in [format!("{value:?}"), format!("{mantissa}e{exponent}")] {
                prop_assert_eq!(parse(&text).map(f64::to_bits), Some(value.to_bits()), "{}", text);
            }
        }

        #[test]
        fn near_whatever_the_digits(text in "-?[0-9]{1,25}(\\.[0-9]{0,30})?(e-?[0-9]{1,2})?") {
            let (ours, theirs) = (parse(&text).unwrap(), text.parse::<f64>().unwrap());
            prop_assert!((ours - theirs).abs() <= theirs.abs() * 1e-14, "{ours:e} {theirs:e}");
        }

        #[test]
        fn total(text in ".{0,12}") {
            prop_assert_eq!(parse(&text).is_some(), text.parse::<f64>().is_ok(), "{}", text);
        }

        #[test]
        fn fixed_is_within_half(value in -1e9f64..1e9, decimals in 0u32..6) {
            let back = fixed(value, decimals).parse::<f64>().unwrap();
            prop_assert!((back - value).abs() <= 0.500_001 / 10f64.powi(decimals as i32) + value.abs() * 1e-15);
        }

        #[test]
        fn shortest_reads_back(value in prop_oneof![-1e6f64..1e6, 1e-9f64..1e-3, 1e14f64..1e18, -1e300f64..1e300]) {
            let text = shortest(value);
            prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
            // Rust changes to exponents where Python does.
            let like = format!("{value:?}");
            prop_assert_eq!(text.contains('e'), like.contains('e'));
            prop_assert!(text.contains('e') || text == like, "{text} {like}");
        }

        #[test]
        fn exponent(value in 1e-300f64..1e300) {
            prop_assert_eq!(log2_floor(value), value.log2().floor() as i32);
        }
    }

    #[test]
    fn by_hand() {
        for text in ["", "-", ".", "e5", "1e", "1e+", "0x1", "1 ", "1..2", "1e5.0"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        assert_eq!(parse("1e400"), Some(f64::INFINITY));
        assert_eq!(parse("-inf"), Some(f64::NEG_INFINITY));
        assert!(parse("NaN").unwrap().is_nan());
        assert_eq!(parse("4.76837158203125e-07"), Some(4.768_371_582_031_25e-7));
        assert_eq!((fixed(0.999, 2), fixed(-0.001, 2)), ("1.00".into(), "0.00".into()));
        assert_eq!((fixed(12.05, 1), fixed(f64::NAN, 0)), ("12.1".into(), "NaN".into()));
    }
}
