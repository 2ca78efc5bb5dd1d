//! Questions before something is lost, and the map of keys.

use yew::prelude::*;

use super::{fmt_age, plural};
use crate::app::action::Action;
use crate::app::state::{self, Entry, State};
use crate::gateway::model::Status;
use crate::ui::store::Dispatch;
use crate::ui::widgets::Dialog;

/// The open question, if there is one.
pub fn dialog(state: &State, dispatch: &Dispatch) -> Html {
    let Some(question) = &state.dialog else { return html! {} };
    let close = dispatch.on(|| Action::Cancel);
    match question {
        state::Dialog::Keys => keys(close),
        state::Dialog::Shutdown(name) => {
            let Some(entry) = state.clusters.get(name) else { return html! {} };
            ask(
                dispatch,
                format!("Shut down {}?", entry.alias),
                html! { <>{ losses(entry, state.now) }
                <p class="mute small">{ "This cannot be undone. Its options stay in the list, to start \
                    another like it." }</p></> },
                "Shut down",
                ("shutdown-confirm", "shutdown-cancel"),
            )
        }
        state::Dialog::ShutdownAll => {
            let live: Vec<_> =
                state.live().into_iter().filter(|one| one.status() != Status::Stopping).collect();
            let count = u32::try_from(live.len()).unwrap_or(u32::MAX);
            ask(
                dispatch,
                format!("Shut down {}?", plural(count, "cluster")),
                html! { <>
                    <p>{ "All of your clusters on this gateway, also those made elsewhere:" }</p>
                    <ul class="lost">{ for live.iter().map(|entry| html! {
                        <li><b>{ &entry.alias }</b>{ format!(", {}", super::one_line(entry, state.now)) }</li>
                    }) }</ul>
                    <p class="mute small">{ "Their results and running tasks are lost. This cannot be undone." }</p>
                </> },
                "Shut down all",
                ("shutdown-confirm", "shutdown-cancel"),
            )
        }
        state::Dialog::ScaleZero(name) => ask(
            dispatch,
            "Scale to no workers?".into(),
            html! { <>
                <p>{ "All workers go. Results in their memory are computed anew when workers come back; \
                    running tasks start over." }</p>
                if let Some(entry) = state.clusters.get(name) {
                    <p class="mute small">{ format!("{} itself stays, with its scheduler.", entry.alias) }</p>
                }
            </> },
            "Scale to 0",
            ("confirm", "cancel"),
        ),
        state::Dialog::OddAdapt { minimum, maximum, .. } => ask(
            dispatch,
            if *maximum == 0 {
                "Adapt between 0 and 0?".into()
            } else {
                "The bounds are the wrong way round".into()
            },
            html! {
                if *maximum == 0 {
                    <p>{ "With a maximum of 0 the scheduler removes every worker within a second and never adds \
                        one. Their results are computed anew later." }</p>
                } else {
                    <p>{ format!("The minimum, {minimum}, is above the maximum, {maximum}. The gateway takes this \
                        without a word, and what the scheduler makes of it is its own affair.") }</p>
                }
            },
            "Send it anyway",
            ("confirm", "cancel"),
        ),
    }
}

fn ask(
    dispatch: &Dispatch,
    title: String,
    body: Html,
    yes: &'static str,
    (yes_id, no_id): (&'static str, &'static str),
) -> Html {
    let close = dispatch.on(|| Action::Cancel);
    html! {
        <Dialog {title} onclose={dispatch.on(|| Action::Cancel)}>
            { body }
            <div class="buttons">
                <button class="btn tall" data-testid={no_id} data-first="" onclick={close}>{ "Keep it" }</button>
                <button class="btn tall danger full" data-testid={yes_id}
                    onclick={dispatch.on(|| Action::Confirm)}>{ yes }</button>
            </div>
        </Dialog>
    }
}

/// What goes with a cluster.
fn losses(entry: &Entry, now: f64) -> Html {
    let mut lost = Vec::new();
    if let Some(counts) = entry.counts.filter(|_| entry.status() == Status::Running) {
        if counts.workers > 0 {
            lost.push(format!(
                "{} with {}",
                plural(counts.workers, "worker"),
                plural(counts.cores, "thread")
            ));
        }
        if counts.processing + counts.waiting > 0 {
            lost.push(format!(
                "{} running and {} waiting tasks",
                counts.processing, counts.waiting
            ));
        }
        if counts.memory > 0 {
            lost.push(format!("{} results held in memory", counts.memory));
        }
        if counts.people() > 0 {
            lost.push(format!("the connection of {}", plural(counts.people(), "client")));
        }
    }
    let idle = entry.idle(now).filter(|idle| *idle >= 60.0);
    html! {
        <>
            if lost.is_empty() {
                <p>{ "Its scheduler and workers end, with every result they hold." }</p>
            } else {
                <p>{ "What is lost:" }</p>
                <ul class="lost">{ for lost.into_iter().map(|line| html! { <li>{ line }</li> }) }</ul>
            }
            if let Some(idle) = idle {
                <p class="mute small">{ format!("It has been idle for {}.", fmt_age(idle)) }</p>
            }
        </>
    }
}

fn keys(close: Callback<()>) -> Html {
    let map = [
        ("n", "New cluster"),
        ("g", "All clusters"),
        ("/", "Filter the task stream"),
        ("space", "Pause or go on"),
        ("f", "Follow the newest tasks"),
        ("0", "Fit everything"),
        ("W S", "Zoom in and out"),
        ("A D", "Pan; also the arrow keys"),
        ("Esc", "Clear the selection, close what is open"),
        ("?", "This map"),
    ];
    let done = close.clone();
    html! {
        <Dialog title="Keyboard" onclose={close}>
            <div class="keys">
                { for map.into_iter().map(|(key, what)| html! { <>
                    <span>{ for key.split(' ').map(|key| html! { <><kbd>{ key }</kbd>{ " " }</> }) }</span>
                    <span>{ what }</span>
                </> }) }
            </div>
            <div class="buttons">
                <button class="btn tall" data-first="" onclick={move |_: MouseEvent| done.emit(())}>{ "Close" }</button>
            </div>
        </Dialog>
    }
}
