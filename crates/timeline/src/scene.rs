//! What lies over the strip, as plain data: rectangles and texts in CSS px, with named inks.

/// What to draw with. The painter knows the colours of the theme.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Hash)]
pub enum Ink {
    /// The ground.
    Panel,
    /// A raised ground.
    Raise,
    /// Hair lines.
    Line,
    /// Full text.
    Text,
    /// Text of second rank.
    Mute,
    /// Text of third rank.
    Faint,
    /// The one accent.
    Accent,
    /// A warning.
    Warn,
    /// A fault.
    Bad,
    /// None: what was drawn before is taken away.
    Clear,
    /// Dark text on a light bar.
    OnLight,
    /// Light text on a dark bar.
    OnDark,
}

/// A rectangle.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Rect {
    /// Left, CSS px.
    pub x: f64,
    /// Top, CSS px.
    pub y: f64,
    /// Width, CSS px.
    pub w: f64,
    /// Height, CSS px.
    pub h: f64,
    /// Colour.
    pub ink: Ink,
    /// Opacity, 0 to 1.
    pub alpha: f64,
    /// Width of the outline; 0 fills.
    pub stroke: f64,
}

impl Rect {
    /// A filled one.
    pub fn fill(x: f64, y: f64, w: f64, h: f64, ink: Ink) -> Self {
        Self { x, y, w, h, ink, alpha: 1.0, stroke: 0.0 }
    }

    /// The same, of that opacity.
    #[must_use]
    pub fn alpha(self, alpha: f64) -> Self {
        Self { alpha, ..self }
    }

    /// The same, as an outline.
    #[must_use]
    pub fn outline(self, stroke: f64) -> Self {
        Self { stroke, ..self }
    }
}

/// Where a text's `x` is.
#[derive(Copy, Clone, Debug, Eq, PartialEq)]
pub enum Align {
    /// At its left end.
    Left,
    /// In its middle.
    Center,
    /// At its right end.
    Right,
}

/// A line of text, vertically centred on `y`.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// CSS px.
    pub x: f64,
    /// CSS px.
    pub y: f64,
    /// What to write.
    pub text: String,
    /// Colour.
    pub ink: Ink,
    /// Which end `x` is.
    pub align: Align,
    /// In the proportional font rather than the monospaced one.
    pub prose: bool,
}

/// Everything over the strip, in order of drawing: rectangles, then texts, then marks on top.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// Grid, gaps, shades.
    pub rects: Vec<Rect>,
    /// Texts.
    pub texts: Vec<Text>,
    /// Outlines over the texts: hover, brush, now.
    pub marks: Vec<Rect>,
}

impl Scene {
    /// Empties it, keeping its memory.
    pub fn clear(&mut self) {
        self.rects.clear();
        self.texts.clear();
        self.marks.clear();
    }

    /// Adds a text.
    pub fn text(&mut self, x: f64, y: f64, text: impl Into<String>, ink: Ink, align: Align) {
        self.texts.push(Text { x, y, text: text.into(), ink, align, prose: false });
    }
}

/// `text` cut to `chars` characters, the last an ellipsis; empty if fewer than three fit.
pub fn crop(text: &str, chars: usize) -> String {
    let total = text.chars().count();
    if total <= chars {
        text.to_owned()
    } else if chars < 3 {
        String::new()
    } else {
        text.chars().take(chars - 1).chain(['…']).collect()
    }
}

/// The same, cut at the front.
pub fn crop_front(text: &str, chars: usize) -> String {
    let total = text.chars().count();
    if total <= chars {
        text.to_owned()
    } else if chars < 2 {
        String::new()
    } else {
        std::iter::once('…').chain(text.chars().skip(total - chars + 1)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crops_by_characters() {
        assert_eq!(crop("random_sample", 9), "random_s…");
        assert_eq!(crop("add", 3), "add");
        assert_eq!(crop("adds", 2), "");
        assert_eq!(crop("ééééé", 4), "ééé…");
        assert_eq!(crop_front("127.0.0.1:4321", 6), "…:4321");
        assert_eq!(crop_front("ab", 2), "ab");
    }
}
