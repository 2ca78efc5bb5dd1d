//! One cluster.

use std::rc::Rc;

use yew::prelude::*;

use super::Loading;
use super::head::{Head, LiveHead};
use super::story::Story;
use crate::app::action::Action;
use crate::app::live::Source;
use crate::app::route::Page;
use crate::app::state::State;
use crate::gateway::model::Status;
use crate::ui::live::LivePanes;
use crate::ui::part::part;
use crate::ui::store::use_dispatch;
use crate::ui::widgets::{Link, Note, Tone, TroubleNote};

/// The page.
#[derive(Properties, PartialEq)]
pub struct ClusterProps {
    /// The state.
    pub state: Rc<State>,
    /// The gateway's name of it.
    pub name: String,
}

/// One cluster.
#[component]
pub fn ClusterPage(props: &ClusterProps) -> Html {
    let dispatch = use_dispatch();
    let state = &props.state;
    let Some(entry) = state.clusters.get(&props.name).cloned() else {
        let said = state.lookup.as_ref().and_then(|lookup| lookup.trouble.clone());
        if let Some(trouble) = said {
            return html! {
                <div class="page">
                    <TroubleNote {trouble} acts={html! {
                        <Link to={state.route.follow(Page::Clusters)} class="btn">{ "To the clusters" }</Link>
                    }} />
                </div>
            };
        }
        return match &state.listing.trouble {
            Some(trouble) => html! {
                <div class="page"><TroubleNote trouble={trouble.clone()} acts={html! {
                    <button class="btn" onclick={dispatch.on(|| Action::Refresh)}>{ "Try now" }</button>
                }} /></div>
            },
            None => html! { <Loading /> },
        };
    };
    let running = entry.status() == Status::Running && !entry.gone;
    // What was seen stays on the page when the cluster has ended.
    let source = state
        .session
        .address()
        .filter(|_| running || entry.watched)
        .map(|address| Source { base: address.dashboard(&props.name), label: entry.alias.clone() });
    let stale = state.listing.trouble.as_ref().map(|trouble| {
        html! {
            <Note tone={Tone::Warn}>
                <b>{ "No answer from the gateway" }</b>
                <span class="hint">{ format!("{} What the cluster itself sends is still live.", trouble.text) }</span>
            </Note>
        }
    });
    let message = entry.message.as_ref().map(|message| {
        let name = props.name.clone();
        let clear = dispatch.on(move || Action::ClearMessage(name.clone()));
        let tone = if message.bad { Tone::Warn } else { Tone::Ok };
        html! {
            <Note {tone} testid="server-message" acts={html! {
                <button class="btn quiet icon" aria-label="Dismiss" onclick={clear}>{ "×" }</button>
            }}>{ &message.text }</Note>
        }
    });
    html! {
        <div class="livebox">
            if let Some(source) = source.clone().filter(|_| running) {
                <LiveHead state={state.clone()} entry={entry.clone()} {source} />
            } else {
                <Head state={state.clone()} entry={entry.clone()} totals={None} />
            }
            <div class="bars">{ for stale }{ for message }</div>
            if !running { <Story state={state.clone()} entry={entry} /> }
            if let Some(source) = source {
                { part(LivePanes {
                    source,
                    only: None,
                    ended: !running,
                    debug: state.route.query.debug.as_deref() == Some("frame"),
                }) }
            }
        </div>
    }
}
