//! One word for all of a scheduler's sockets: the worst of them.

use yew::prelude::*;

use super::use_hub;
use crate::app::engine::Input;
use crate::app::live::Source;

/// Properties of [`FeedStatus`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whose feeds.
    pub source: Source,
}

/// The state of the feeds, with a way to try again at once.
#[component]
pub fn FeedStatus(props: &Props) -> Html {
    let hub = use_hub(&props.source);
    let status = hub.0.engine().feed_status();
    let retry = {
        let hub = hub.clone();
        Callback::from(move |_: MouseEvent| hub.0.put(Input::Retry))
    };
    let tone = match status.state {
        "live" => "ok",
        "failed" => "bad",
        _ => "warn",
    };
    html! {
        <span class="feed">
            <span class={classes!("chip", tone)} data-testid="feed-status" data-state={status.state}
                data-kind="bokeh" role="status" title={status.detail.clone()}>
                <span class="dot" aria-hidden="true"></span>{ status.label.clone() }
            </span>
            if status.can_retry {
                <button class="quiet" onclick={retry}>{ "Try now" }</button>
            }
        </span>
    }
}
