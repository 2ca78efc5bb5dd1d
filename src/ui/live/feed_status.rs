//! One word for all of a scheduler's sockets: the worst of them.

use super::puts;
use crate::runtime::HubHandle;
use crate::ui::dom::{El, el, span};
use live::engine::Input;

/// The state of the feeds, with a way to try again at once.
pub fn feed_status(hub: &HubHandle) -> El {
    let status = hub.0.engine().feed().status();
    let tone = match status.state {
        "live" => "ok",
        "failed" => "bad",
        _ => "warn",
    };
    let retry = status
        .can_retry
        .then(|| el("button").class("quiet").onclick(puts(hub, || Input::Retry)).text("Try now"));
    let chip = span("chip")
        .class(tone)
        .attr("data-testid", "feed-status")
        .attr("data-state", status.state)
        .attr("data-kind", "bokeh")
        .attr("role", "status")
        .set("title", status.detail.clone())
        .kid(span("dot").attr("aria-hidden", "true"))
        .text(status.label);
    // Why it is not live is to be read, not to be found.
    let why = status.can_retry.then(|| span("mute").testid("feed-why").text(status.detail));
    span("feed").kid(chip).maybe(retry).maybe(why)
}
