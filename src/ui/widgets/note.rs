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

/// A note.
#[derive(Properties, PartialEq)]
pub struct NoteProps {
    /// How it is meant.
    #[prop_or_default]
    pub tone: Tone,
    /// Its name for tests.
    #[prop_or_default]
    pub testid: Option<AttrValue>,
    /// A button or two at its end.
    #[prop_or_default]
    pub acts: Html,
    /// Content.
    #[prop_or_default]
    pub children: Html,
}

/// A note.
#[component]
pub fn Note(props: &NoteProps) -> Html {
    let role = if props.tone == Tone::Bad { "alert" } else { "status" };
    html! {
        <div class={classes!("notice", props.tone.class())} {role} data-testid={props.testid.clone()}>
            <div>{ props.children.clone() }</div>
            { props.acts.clone() }
        </div>
    }
}

/// Something that failed.
#[derive(Properties, PartialEq)]
pub struct TroubleProps {
    /// What.
    pub trouble: Trouble,
    /// Its name for tests.
    #[prop_or_default]
    pub testid: Option<AttrValue>,
    /// Buttons.
    #[prop_or_default]
    pub acts: Html,
}

/// What failed, why, what to do, and a way to try again.
#[component]
pub fn TroubleNote(props: &TroubleProps) -> Html {
    let Trouble { title, text, hint, .. } = &props.trouble;
    html! {
        <Note tone={Tone::Bad} testid={props.testid.clone()} acts={props.acts.clone()}>
            <b>{ title }</b>
            if !text.is_empty() { <span class="said">{ text }</span> }
            if !hint.is_empty() { <span class="hint">{ hint }</span> }
        </Note>
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
