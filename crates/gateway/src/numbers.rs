//! Fields for numbers: what they say of their bounds, what the arrow keys do, and counts of workers.

use super::model::OptionKind;
use base::number::{parse, plain};

/// From here on a bound is one of the machine, not of a site.
const FAR: f64 = 1e300;

impl OptionKind {
    /// The bounds of a number, as texts; one that no number reaches is none.
    pub fn limits(&self) -> (Option<String>, Option<String>) {
        match self {
            Self::Int { min, max } => {
                let text = |bound: &Option<i64>| {
                    bound.filter(|n| *n < i64::MAX && *n > -i64::MAX).map(|n| n.to_string())
                };
                (text(min), text(max))
            }
            Self::Float { min, max } => {
                let text = |bound: &Option<f64>| bound.filter(|n| n.abs() < FAR).map(plain);
                (text(min), text(max))
            }
            _ => (None, None),
        }
    }

    /// The bounds in words; nothing where there are none.
    pub fn bounds(&self) -> Option<String> {
        let any = match self {
            Self::Int { min, max } if min.is_some() || max.is_some() => "any whole number",
            Self::Float { min, max } if min.is_some() || max.is_some() => "any number",
            _ => return None,
        };
        Some(match self.limits() {
            (Some(min), Some(max)) if min == max => format!("always {min}"),
            (Some(min), Some(max)) => format!("{min} to {max}"),
            (Some(min), None) => format!("{min} or more"),
            (None, Some(max)) => format!("up to {max}"),
            (None, None) => any.to_owned(),
        })
    }

    /// Whether only this text is allowed.
    pub fn allows_only(&self, text: &str) -> bool {
        match self {
            Self::Int { min: Some(min), max: Some(max) } if min == max => {
                text.trim().parse() == Ok(*min)
            }
            Self::Float { min: Some(min), max: Some(max) } if min == max => {
                parse(text.trim()) == Some(*min)
            }
            _ => false,
        }
    }
}

/// A decimal number: so many units of ten to the power of minus `places`.
#[derive(Copy, Clone)]
struct Decimal {
    units: i128,
    places: u32,
}

impl Decimal {
    /// From text without an exponent, of at most thirty digits.
    fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let joined = format!("{whole}{part}");
        if joined.is_empty() || joined.len() > 30 || !joined.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let units: i128 = joined.parse().ok()?;
        let units = if text.starts_with('-') { -units } else { units };
        Some(Self { units, places: u32::try_from(part.len()).ok()? })
    }

    /// In units of that many places.
    fn at(self, places: u32) -> Option<i128> {
        10_i128.checked_pow(places.checked_sub(self.places)?)?.checked_mul(self.units)
    }

    fn print(self) -> String {
        let digits = self.units.unsigned_abs().to_string();
        let places = self.places as usize;
        let digits = format!("{digits:0>width$}", width = places + 1);
        let (whole, part) = digits.split_at(digits.len() - places);
        let part = part.trim_end_matches('0');
        let sign = if self.units < 0 { "-" } else { "" };
        let point = if part.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{part}")
    }
}

/// How far an arrow key goes: halves where there is room for ten of them, else a tenth of the room at
/// most.
fn step(whole: bool, min: Option<&str>, max: Option<&str>) -> Decimal {
    if whole {
        return Decimal { units: 1, places: 0 };
    }
    let room =
        min.and_then(parse).zip(max.and_then(parse)).map_or(f64::MAX, |(low, high)| high - low);
    if room >= 5.0 {
        return Decimal { units: 5, places: 1 };
    }
    let (mut places, mut size) = (1, 0.1);
    while size * 10.0 > room && places < 9 {
        places += 1;
        size /= 10.0;
    }
    Decimal { units: 1, places }
}

/// What an arrow key makes of the text of a field, digit by digit: binary fractions would show.
pub fn stepped(text: &str, up: bool, whole: bool, min: Option<&str>, max: Option<&str>) -> String {
    let step = step(whole, min, max);
    let text = text.trim();
    let exact = || {
        let now = if parse(text).is_none() { Decimal::read("0") } else { Decimal::read(text) }?;
        let bound = |bound: Option<&str>| bound.map_or(Some(None), |b| Decimal::read(b).map(Some));
        let (min, max) = (bound(min)?, bound(max)?);
        let places =
            [Some(now), Some(step), min, max].into_iter().flatten().map(|d| d.places).max()?;
        let by = step.at(places)?;
        let mut units = now.at(places)?.checked_add(if up { by } else { -by })?;
        if let Some(min) = min {
            units = units.max(min.at(places)?);
        }
        if let Some(max) = max {
            units = units.min(max.at(places)?);
        }
        Some(Decimal { units, places }.print())
    };
    exact().unwrap_or_else(|| {
        let by = parse(&step.print()).unwrap_or(1.0);
        let next = parse(text).unwrap_or(0.0) + if up { by } else { -by };
        let bound = |bound: Option<&str>, none: f64| bound.and_then(parse).unwrap_or(none);
        plain(next.max(bound(min, f64::NEG_INFINITY)).min(bound(max, f64::INFINITY)))
    })
}

/// Reads a number of workers.
///
/// # Errors
/// What is wrong with it, a sentence.
pub fn worker_count(text: &str) -> Result<u32, &'static str> {
    let text = text.trim();
    if let Ok(count) = text.parse() {
        return Ok(count);
    }
    Err(match parse(text) {
        None if text.is_empty() => "Type a number of workers.",
        None => "Type a number, such as 4.",
        Some(number) if number < 0.0 => "There are no fewer than 0 workers.",
        Some(number) if number > f64::from(u32::MAX) => "That is more than a gateway can count.",
        Some(number) if number.fract() != 0.0 => "Workers come whole: 0, 1, 2 and so on.",
        Some(_) => "Write the number in digits only, such as 1000.",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrow_keys_give_what_people_would_write() {
        let (min, max) = (Some("0.4"), Some("1.6"));
        let mut text = "0.4".to_owned();
        let mut seen = Vec::new();
        for _ in 0..13 {
            text = stepped(&text, true, false, min, max);
            seen.push(text.clone());
        }
        let want = "0.5 0.6 0.7 0.8 0.9 1 1.1 1.2 1.3 1.4 1.5 1.6 1.6";
        assert_eq!(seen.join(" "), want);
        for (text, up, whole, min, max, want) in [
            ("1.1", false, false, None, None, "0.6"),
            ("0.1", true, false, Some("0.5"), Some("8"), "0.6"),
            ("", true, false, Some("0.5"), Some("8"), "0.5"),
            ("0.02", true, false, Some("0"), Some("0.05"), "0.021"),
            ("9007199254740993", true, true, None, None, "9007199254740994"),
            ("1000000000000000000000", false, true, None, None, "999999999999999999999"),
            ("-1", true, true, None, Some("0"), "0"),
            ("5", true, true, Some("0"), Some("4"), "4"),
            ("1e3", true, false, None, None, "1000.5"),
            ("two", true, true, None, None, "1"),
        ] {
            assert_eq!(stepped(text, up, whole, min, max), want, "{text}");
        }
    }

    #[test]
    fn bounds_are_readable() {
        let int = |min, max| OptionKind::Int { min, max };
        let float = |min, max| OptionKind::Float { min, max };
        for (kind, want) in [
            (int(Some(1), Some(4)), Some("1 to 4")),
            (int(Some(i64::MIN), Some(i64::MAX)), Some("any whole number")),
            (int(Some(0), Some(i64::MAX)), Some("0 or more")),
            (int(Some(9_007_199_254_740_993), None), Some("9007199254740993 or more")),
            (int(Some(4), Some(4)), Some("always 4")),
            (int(None, None), None),
            (float(Some(0.5), None), Some("0.5 or more")),
            (float(Some(f64::MIN), Some(f64::MAX)), Some("any number")),
            (OptionKind::Text, None),
        ] {
            assert_eq!(kind.bounds().as_deref(), want);
        }
        assert!(int(Some(4), Some(4)).allows_only(" 4") && !int(Some(4), Some(4)).allows_only("5"));
        assert!(float(Some(0.5), Some(0.5)).allows_only("0.50"));
        assert!(!int(Some(1), Some(4)).allows_only("1"));
    }

    #[test]
    fn a_count_of_workers_or_a_sentence() {
        assert_eq!((worker_count(" 0 "), worker_count("12")), (Ok(0), Ok(12)));
        for (text, word) in [
            ("", "Type a number of workers"),
            ("four", "such as 4"),
            ("-1", "no fewer than 0"),
            ("0.5", "whole"),
            ("1e3", "digits"),
            ("99999999999", "more than"),
        ] {
            assert!(worker_count(text).unwrap_err().contains(word), "{text}");
        }
    }
}
