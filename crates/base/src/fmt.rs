//! Numbers for people, written as Dask writes them (`format_bytes`, `format_time`).

use std::borrow::Cow;

use super::number::fixed;

/// Bytes in binary units: `2.00 GiB`, `512 B`.
pub fn bytes(n: f64) -> String {
    // An empty sum is -0.0, which would be written so.
    let n = n + 0.0;
    for (unit, scale) in [
        ("PiB", 1_125_899_906_842_624.0),
        ("TiB", 1_099_511_627_776.0),
        ("GiB", 1_073_741_824.0),
        ("MiB", 1_048_576.0),
        ("KiB", 1024.0),
    ] {
        // Dask's rule: the next unit begins at nine tenths of it.
        if n >= scale * 0.9 {
            return format!("{} {unit}", fixed(n / scale, 2));
        }
    }
    fixed(n, 0) + " B"
}

/// A duration in seconds: `13.40 ms`, `12.0 s`, `37 min 9 s`, `2 h 5 min`, `3 d 4 h`.
pub fn secs(n: f64) -> String {
    let n = if n.is_finite() { n } else { 0.0 };
    if n < 0.0 {
        return format!("-{}", secs(-n));
    }
    let whole = n as u64;
    if n >= 86_400.0 * 2.0 {
        format!("{} d {} h", whole / 86_400, whole % 86_400 / 3600)
    } else if n >= 7200.0 {
        format!("{} h {} min", whole / 3600, whole % 3600 / 60)
    } else if n >= 60.0 {
        format!("{} min {} s", whole / 60, whole % 60)
    } else if n >= 1.0 {
        fixed(n, 2) + " s"
    } else if n >= 1e-3 {
        fixed(n * 1e3, 2) + " ms"
    } else if n > 0.0 {
        fixed(n * 1e6, 0) + " µs"
    } else {
        "0 s".into()
    }
}

/// A round duration, without the parts that it has none of: `2 min`.
pub fn round_secs(n: f64) -> String {
    let parts = [(".00 ", " "), (" min 0 s", " min"), (" h 0 min", " h"), (" d 0 h", " d")];
    parts.into_iter().fold(secs(n), |words, (long, short)| words.replace(long, short))
}

/// A count with thin groups of three: `61 204` (the space does not break).
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A name for the screen: one that would not be seen stands in quotes.
pub fn shown(name: &str) -> Cow<'_, str> {
    if name.trim().is_empty() { format!("\"{name}\"").into() } else { name.into() }
}

/// The same cut to `most` characters in its middle: names that begin alike, as keys do, often end differently.
pub fn elide(name: &str, most: usize) -> Cow<'_, str> {
    // A byte at least makes a character.
    if name.len() <= most || name.chars().count() <= most {
        return shown(name);
    }
    let tail = most.saturating_sub(1) / 2;
    let head = most.saturating_sub(1) - tail;
    let cut = |at: usize| name.char_indices().nth(at).map_or(name.len(), |(at, _)| at);
    let all = name.chars().count();
    format!("{}…{}", &name[..cut(head)], &name[cut(all - tail)..]).into()
}

/// A secret-like name cut for the screen: `7acc8e25…3aa4`. Short names stay whole.
pub fn short_name(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    if chars.len() <= 14 {
        return name.into();
    }
    let head: String = chars[..8].iter().collect();
    let tail: String = chars[chars.len() - 4..].iter().collect();
    format!("{head}…{tail}")
}

/// So many a second, without the unit: one decimal below ten.
pub fn rate(n: f64) -> String {
    if n < 9.95 { fixed(n, 1) } else { count(n.round() as u64) }
}

/// `1 worker`, `2 workers`.
pub fn plural(many: u32, word: &str) -> String {
    if many == 1 { format!("1 {word}") } else { format!("{} {word}s", count(many.into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_not_be_seen_or_told_apart() {
        assert_eq!(
            (shown(""), shown(" "), shown("a b")),
            ("\"\"".into(), "\" \"".into(), "a b".into())
        );
        assert_eq!((elide("", 9), elide("ab", 2)), ("\"\"".into(), "ab".into()));
        let long = |end: &str| "ä".repeat(5000) + end;
        let (one, other) = (long("-1"), long("-2"));
        assert_ne!(elide(&one, 60), elide(&other, 60));
        assert_eq!(elide(&one, 60).chars().count(), 60);
        assert_eq!(elide("abcdefgh", 4), "ab…h");
    }

    #[test]
    fn like_dask() {
        assert_eq!(bytes(2_147_483_648.0), "2.00 GiB");
        assert_eq!(bytes(0.0), "0 B");
        assert_eq!(bytes(-0.0), "0 B");
        assert_eq!(bytes(1000.0), "0.98 KiB");
        assert_eq!(secs(0.0134), "13.40 ms");
        assert_eq!(secs(200.0), "3 min 20 s");
        assert_eq!(secs(0.000_13), "130 µs");
        assert_eq!(secs(2229.9), "37 min 9 s");
        assert_eq!(secs(7500.0), "2 h 5 min");
        let whole = [120.0, 7200.0, 172_800.0, 20.0, 0.0].map(round_secs);
        assert_eq!(whole, ["2 min", "2 h", "2 d", "20 s", "0 s"]);
        assert_eq!(count(61_204), "61\u{202f}204");
        assert_eq!(count(999), "999");
        assert_eq!(short_name("7acc8e25b7314c0f9d7f1f2a3bb03aa4"), "7acc8e25…3aa4");
        assert_eq!(short_name("dev.otter"), "dev.otter");
    }
}
