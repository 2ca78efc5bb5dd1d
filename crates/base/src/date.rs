//! Moments as servers write them in JSON (RFC 3339), read as milliseconds since the epoch.

/// `2026-11-23T10:00:00.25Z` or with an offset such as `+01:00`, as ms since the epoch, cut to whole
/// seconds; `None` for anything else.
pub fn unix_ms(text: &str) -> Option<f64> {
    let (day, rest) = text.split_once(['T', ' '])?;
    let [year, month, day] = numbers(day, '-')?;
    let (clock, ahead) = match rest.find(['Z', 'z', '+', '-']) {
        Some(at) => (&rest[..at], offset(&rest[at..])?),
        None => (rest, 0),
    };
    let clock = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    let [hours, minutes, seconds] = numbers(clock, ':')?;
    let fits = (1970..10_000).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hours < 24
        && minutes < 60
        && seconds <= 60;
    let clock = hours * 3600 + minutes * 60 + seconds;
    fits.then(|| (days(year, month, day) * 86_400 + clock - ahead) as f64 * 1e3)
}

/// Exactly so many numbers without a sign.
fn numbers<const N: usize>(text: &str, between: char) -> Option<[i64; N]> {
    let mut found = [0; N];
    let mut parts = text.split(between);
    for place in &mut found {
        *place = parts.next()?.parse::<u32>().ok()?.into();
    }
    parts.next().is_none().then_some(found)
}

/// Seconds that a clock is ahead of UTC: `Z`, `+01:00`.
fn offset(text: &str) -> Option<i64> {
    let rest = text.get(1..)?;
    if rest.is_empty() {
        return Some(0);
    }
    let [hours, minutes] = numbers(rest, ':')?;
    let ahead = hours * 3600 + minutes * 60;
    Some(if text.starts_with('-') { -ahead } else { ahead })
}

/// Days from the epoch to a day of the Gregorian calendar. Years begin in March here, so that the
/// leap day is their last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0.0),
            ("2000-02-29T12:00:00Z", 951_825_600.0),
            ("2026-11-23T10:00:00.250000Z", 1_795_428_000.0),
            ("2026-11-23T10:00:00+01:00", 1_795_424_400.0),
            ("2026-11-23 10:00:00", 1_795_428_000.0),
        ] {
            assert_eq!(unix_ms(text), Some(seconds * 1e3), "{text}");
        }
        for text in
            ["", "soon", "2026-11-23", "2026-13-01T00:00:00Z", "2026-11-23T25:00:00Z", "Té-"]
        {
            assert_eq!(unix_ms(text), None, "{text}");
        }
    }
}
