//! A cluster's state, in colour and word.

use yew::prelude::*;

use crate::gateway::model::Status;
use crate::ui::dom::{El, span};

/// The state for people.
pub fn status_word(status: Status) -> &'static str {
    match status {
        Status::Pending => "Starting",
        Status::Running => "Running",
        Status::Stopping => "Stopping",
        Status::Stopped => "Stopped",
        Status::Failed => "Failed",
    }
}

/// A state.
#[derive(Properties, PartialEq)]
pub struct StatusProps {
    /// The state.
    pub status: Status,
    /// The gateway has forgotten it: what its state was is no longer known to be so.
    #[prop_or_default]
    pub gone: bool,
    /// Its name for tests.
    #[prop_or_default]
    pub testid: Option<AttrValue>,
}

/// The state as a chip with its word.
#[component]
pub fn StatusChip(props: &StatusProps) -> Html {
    let (name, word) = if props.gone {
        ("GONE", "Gone")
    } else {
        (props.status.as_str(), status_word(props.status))
    };
    html! {
        <span class="chip" data-testid={props.testid.clone()} data-status={name} role="status">
            <span class="dot"></span>{ word }
        </span>
    }
}

/// The state as a dot; shape and colour differ, and the hover text says it.
#[component]
pub fn Dot(props: &StatusProps) -> Html {
    html! {
        <span class="dot-box" data-status={props.status.as_str()} title={status_word(props.status)}>
            <span class="dot"></span>
        </span>
    }
}

/// The state as a chip with its word; `gone` where the gateway has forgotten the cluster.
pub fn status_chip(status: Status, gone: bool) -> El {
    let (name, word) = if gone { ("GONE", "Gone") } else { (status.as_str(), status_word(status)) };
    span("chip").attr("data-status", name).attr("role", "status").kid(span("dot")).text(word)
}
