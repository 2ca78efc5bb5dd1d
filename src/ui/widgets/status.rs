//! A cluster's state, in colour and word.

use crate::ui::dom::{El, span};
use gateway::model::Status;

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

/// The state as a chip with its word; `gone` where the gateway has forgotten the cluster.
pub fn status_chip(status: Status, gone: bool) -> El {
    let (name, word) = if gone { ("GONE", "Gone") } else { (status.as_str(), status_word(status)) };
    span("chip").attr("data-status", name).attr("role", "status").kid(span("dot")).text(word)
}
