//! A question over the page: words, and buttons that answer it.

use yew::prelude::*;

use crate::ui::dom::{El, el};
use crate::ui::store::Dispatch;
use crate::ui::widgets::Question;
use session::action::Action;

/// A question. The buttons keep their place, and with it the focus, when lines come and go above them.
pub fn ask(title: AttrValue, dispatch: &Dispatch, body: Html, buttons: El) -> Html {
    html! {
        <Question {title} onclose={dispatch.on(|| Action::Cancel)}>
            { body }
            { buttons }
        </Question>
    }
}

/// A button that answers.
pub fn answer(class: &'static str, words: &'static str, onclick: Callback<MouseEvent>) -> El {
    el("button").class(class).onclick(onclick).text(words)
}
