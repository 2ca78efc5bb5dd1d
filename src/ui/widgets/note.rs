//! Notes: what happened, why, and what to do.

use yew::prelude::*;

use crate::app::state::Trouble;

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
