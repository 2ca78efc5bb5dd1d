//! Progress per prefix, drawn as Dask draws it: in memory, released, erred, processing, and what
//! has not begun.

use yew::prelude::*;

use super::HubHandle;
use crate::base::fmt;
use crate::feed::progress::{Held, ProgressRow};
use crate::timeline::palette;

/// Properties of [`Progress`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whose progress.
    pub hub: HubHandle,
    /// The hub's version, so that a change renders.
    pub version: u64,
}

/// The progress pane's body.
#[component]
pub fn Progress(props: &Props) -> Html {
    let engine = props.hub.0.engine();
    let rows = engine.progress();
    let dark = engine.dark();
    if rows.is_empty() {
        return html! {
            <p class="empty">
                { "Nothing has been computed here yet. Bars appear as soon as a client submits work." }
            </p>
        };
    }
    html! {
        <div class="progress" role="table" aria-label="Progress per task prefix">
            { for rows.iter().map(|(row, held)| line(row, *held, dark)) }
        </div>
    }
}

fn line(row: &ProgressRow, held: Held, dark: bool) -> Html {
    let n = row.counts;
    let done = n.done();
    let waiting = n.waiting + n.queued + n.no_worker;
    let mut summary = format!(
        "{}: {done} of {} done; in memory {}, released {}, erred {}, processing {}, waiting {}, queued {}",
        row.name, n.all, n.memory, n.released, n.erred, n.processing, n.waiting, n.queued,
    );
    match held {
        Held::Listed => {}
        Held::Finished => {
            summary.push_str("; the scheduler has let go of them, these are the last counts");
        }
        Held::Unlisted => {
            summary.push_str("; Dask lists the 24 largest only, these are the last counts");
        }
    }
    let color = palette::css(palette::fit(row.color, dark));
    let all = n.all.max(1) as f64;
    let mut x = 0.0;
    let mut bar = |count: u64, class: &'static str, fill: Option<String>| -> Html {
        let left = x;
        x += count as f64 / all * 100.0;
        if count == 0 {
            return html! {};
        }
        let width = x - left;
        html! {
            <rect {class} x={format!("{left:.3}%")} width={format!("{width:.3}%")} y="0" height="100%" {fill} />
        }
    };
    let bars = html! {
        <>
            { bar(n.released, "released", Some(color.clone())) }
            { bar(n.memory, "memory", Some(color)) }
            { bar(n.erred, "erred", None) }
            { bar(n.processing, "processing", None) }
        </>
    };
    html! {
        <div key={row.name.clone()} class={classes!("bar", (held != Held::Listed).then_some("held"))}
            role="row" title={summary.clone()}
            data-testid={format!("progress-row-{}", row.name)}
            data-memory={n.memory.to_string()} data-erred={n.erred.to_string()}
            data-released={n.released.to_string()} data-processing={n.processing.to_string()}
            data-waiting={n.waiting.to_string()} data-queued={n.queued.to_string()}
            data-total={n.all.to_string()}>
            <code role="rowheader">{ row.name.clone() }</code>
            <svg class="track" role="cell" aria-label={summary}>{ bars }</svg>
            <span class="count" role="cell">
                { fmt::count(done) }<span class="of">{ " of " }{ fmt::count(n.all) }</span>
                if n.erred > 0 {
                    <span class="bad">{ format!(" {} erred", fmt::count(n.erred)) }</span>
                } else if waiting > 0 && n.processing == 0 && done == 0 {
                    <span class="faint">{ " waiting" }</span>
                }
            </span>
        </div>
    }
}
