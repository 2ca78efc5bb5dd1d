//! Time: absolute microseconds on the scheduler's clock, and half-open spans.

/// Microseconds since the Unix epoch, or a duration in microseconds. Exact in i64; never an f32.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug, Default)]
pub struct Micros(pub i64);

impl Micros {
    /// From seconds, rounded to the nearest microsecond. Non-finite input gives zero.
    pub fn from_secs(secs: f64) -> Self {
        Self((secs * 1e6 + 0.5).floor() as i64)
    }

    /// From milliseconds, rounded to the nearest microsecond. Non-finite input gives zero.
    pub fn from_millis(millis: f64) -> Self {
        Self((millis * 1e3 + 0.5).floor() as i64)
    }

    /// Seconds.
    pub fn secs(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Milliseconds.
    pub fn millis(self) -> f64 {
        self.0 as f64 / 1e3
    }
}

impl std::ops::Add for Micros {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::ops::Sub for Micros {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// A half-open span `[start, end)`.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug, Default)]
pub struct Span {
    /// First microsecond inside.
    pub start: Micros,
    /// First microsecond after it; never before `start` in a well-formed span.
    pub end: Micros,
}

impl Span {
    /// The span from `start` to `end`; an inverted pair gives the empty span at `start`.
    pub fn new(start: Micros, end: Micros) -> Self {
        Self { start, end: end.max(start) }
    }

    /// Its length.
    pub fn len(self) -> Micros {
        self.end - self.start
    }

    /// Whether nothing lies inside.
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The shortest span that holds both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether the two share any time.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_keep_microseconds() {
        let at = Micros::from_secs(1_795_353_623.574_087);
        assert_eq!(at, Micros(1_795_353_623_574_087));
        assert_eq!(Micros::from_millis(0.0015), Micros(2));
        assert_eq!(Micros::from_secs(f64::NAN), Micros(0));
    }

    #[test]
    fn spans_are_half_open() {
        let a = Span::new(Micros(0), Micros(10));
        assert!(!a.overlaps(Span::new(Micros(10), Micros(20))));
        assert!(a.overlaps(Span::new(Micros(9), Micros(20))));
        assert!(Span::new(Micros(5), Micros(1)).is_empty());
    }
}
