//! What a scheduler says over HTTP, where its websockets cannot be had.

use yew::prelude::*;

use crate::ui::dom::{el, nothing};
use crate::ui::widgets::{Tone, note};
use crate::web::run::spawn;
use crate::web::{clock, http};
use base::fmt;
use session::counts::Counts;

/// How often it is asked, ms: a scheduler counts all its tasks for each answer.
const EVERY_MS: i32 = 10_000;

/// Properties of [`OverHttp`].
#[derive(Properties, PartialEq)]
pub struct OverHttpProps {
    /// Root of its dashboard.
    pub base: String,
}

/// Totals of the scheduler, as long as they can be read.
#[component]
pub fn OverHttp(props: &OverHttpProps) -> Html {
    let counts = use_state_eq(|| None::<Counts>);
    {
        let told = counts.setter();
        use_effect_with(props.base.clone(), move |base| {
            let url = format!("{base}/json/counts.json");
            let look = move || {
                let (url, told) = (url.clone(), told.clone());
                spawn(async move {
                    let answer = http::get(&url, 8_000).await.ok();
                    told.set(answer.and_then(|answer| Counts::parse(&answer.body)));
                });
            };
            look();
            let ticker = clock::every(EVERY_MS, look);
            move || drop(ticker)
        });
    }
    let Some(counts) = *counts else { return nothing() };
    let said = format!(
        "The scheduler's websockets cannot be reached. Over HTTP it reports {} with {}; {}, {} \
         processing, {} waiting. ",
        fmt::plural(counts.workers, "worker"),
        fmt::plural(counts.cores, "thread"),
        fmt::plural(counts.tasks.min(u64::from(u32::MAX)) as u32, "task"),
        fmt::count(counts.processing),
        fmt::count(counts.waiting),
    );
    let link = el("a")
        .set("href", format!("{}/info/main/workers.html", props.base))
        .attr("target", "_blank")
        .attr("rel", "noopener")
        .text("Dask's own pages of workers and logs");
    note(Tone::Ok, el("div").text(said).kid(link)).testid("over-http").into()
}
