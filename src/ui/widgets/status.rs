//! A cluster's state, in colour and word.

use yew::prelude::*;

use crate::gateway::model::Status;

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
    /// Its name for tests.
    #[prop_or_default]
    pub testid: Option<AttrValue>,
}

/// The state as a chip with its word.
#[component]
pub fn StatusChip(props: &StatusProps) -> Html {
    html! {
        <span class="chip" data-testid={props.testid.clone()} data-status={props.status.as_str()}
            role="status">
            <span class="dot"></span>{ status_word(props.status) }
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
