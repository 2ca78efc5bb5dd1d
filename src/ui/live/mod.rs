//! Live panes of one scheduler.

use yew::prelude::*;

use crate::app::live::{Source, Totals};

/// What the panes are about.
#[derive(Properties, PartialEq)]
pub struct LiveProps {
    /// The scheduler.
    pub source: Source,
}

/// All panes.
#[component]
pub fn LivePanes(_props: &LiveProps) -> Html {
    html! {}
}

/// The state of the page's sockets.
#[component]
pub fn FeedStatus() -> Html {
    html! {}
}

/// A scheduler's totals, as far as they are known.
#[hook]
pub fn use_totals(source: &Source) -> Option<Totals> {
    let _ = source;
    None
}
