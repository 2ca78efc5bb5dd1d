//! Notes: what happened, why, and what to do.

use super::folded;
use crate::ui::dom::{El, div, el, span};
use session::state::Trouble;

/// How a note is meant.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum Tone {
    /// By the way.
    #[default]
    Plain,
    /// Good.
    Ok,
    /// Mind.
    Warn,
    /// Failed.
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A note with its content, for a name and things to do to be added to.
pub fn note(tone: Tone, content: El) -> El {
    div("notice")
        .class(tone.class())
        .attr("role", if tone == Tone::Bad { "alert" } else { "status" })
        .kid(content)
}

/// What failed, why, and what to do; for a way to try again to be added to.
pub fn trouble_note(trouble: &Trouble) -> El {
    let Trouble { title, text, hint, .. } = trouble;
    let mut content = el("div").kid(el("b").text(title.as_str()));
    if !text.is_empty() {
        content = content.kid(span("said").kid(folded(text)));
    }
    if !hint.is_empty() {
        content = content.kid(span("hint").text(hint.as_str()));
    }
    note(Tone::Bad, content)
}
