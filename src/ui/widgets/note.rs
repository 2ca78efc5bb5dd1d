//! Notes: what happened, why, and what to do.

use yew::prelude::*;

use crate::app::state::Trouble;
use crate::ui::dom::{div, el, span};

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

/// A note, for its content to be added to.
pub fn note(tone: Tone, testid: Option<&'static str>, acts: Html, content: Vec<Html>) -> Html {
    div("notice")
        .class(tone.class())
        .attr("role", if tone == Tone::Bad { "alert" } else { "status" })
        .set_some("data-testid", testid.map(AttrValue::Static))
        .kid(el("div").kids(content))
        .kid(acts)
        .into()
}

/// What failed, why, what to do, and a way to try again.
pub fn trouble_note(trouble: &Trouble, testid: Option<&'static str>, acts: Html) -> Html {
    let Trouble { title, text, hint, .. } = trouble;
    let mut content = vec![el("b").text(title.clone()).into()];
    if !text.is_empty() {
        content.push(span("said").text(text.clone()).into());
    }
    if !hint.is_empty() {
        content.push(span("hint").text(hint.clone()).into());
    }
    note(Tone::Bad, testid, acts, content)
}
