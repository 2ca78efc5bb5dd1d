//! Progress per prefix, drawn as Dask draws it: in memory, released, erred, processing, and what
//! has not begun.

use std::fmt::Write;

use yew::prelude::*;

use crate::runtime::{HubHandle, registry};
use crate::ui::dom::{El, div, el, span};
use base::fmt;
use base::number::fixed;
use feed::progress::{Counts, Held, OTHERS, OTHERS_COLOR, ProgressRow};
use live::engine::Engine;
use live::pace::Forecast;
use timeline::palette;

/// Most prefixes beyond those that Dask lists.
const MOST: usize = 200;

/// Most characters of a prefix.
const NAME: usize = 80;

/// The progress pane's body.
pub fn progress(hub: &HubHandle, ended: bool) -> Html {
    let engine = hub.0.engine();
    let rows = engine.snapshot().progress();
    let dark = registry::is_dark();
    if rows.is_empty() {
        return el("p")
            .class("empty")
            .text(if ended {
                "This cluster has ended. Its final progress is not known here."
            } else if engine.feed().status().state == "live" {
                "Progress appears when a client submits tasks."
            } else {
                "Progress is unknown."
            })
            .into();
    }
    let mut bars =
        div("progress").attr("role", "table").attr("aria-label", "Progress per task prefix");
    let none = engine.snapshot().workers.is_some_and(|table| table.rows.is_empty());
    for (row, held) in rows {
        let forecast = engine.forecast_of(&row.name).filter(|_| *held == Held::Listed);
        let more = (engine.runs_of(&row.name), none);
        bars = bars.kid(line(row, *held, forecast, more, dark));
    }
    if let Some(others) = engine.snapshot().progress_others() {
        bars = bars.kid(beyond(others, &engine, dark));
    }
    bars.into()
}

/// What is known of the prefixes that Dask does not list: of all of them together what it counts now, of
/// each how often its tasks have ended.
fn beyond(others: Counts, engine: &Engine, dark: bool) -> El {
    let runs = engine.unlisted().runs();
    let words = if !runs.is_empty() {
        "Dask lists the 24 largest prefixes. All others together, and the finished tasks of each since \
         the scheduler started (updated every 15 s; a task that ran twice counts twice):"
    } else if engine.unlisted().is_unread() {
        "Dask lists the 24 largest prefixes. All others together (single counts are in the scheduler's \
         /metrics, which cannot be read from here):"
    } else {
        "Dask lists the 24 largest prefixes. All others together:"
    };
    let all = ProgressRow { name: OTHERS.into(), counts: others, color: OTHERS_COLOR };
    let rows = runs.iter().take(MOST).map(|(one, rate)| {
        let failed =
            (one.erred > 0).then(|| span("bad").text(format!(" {} erred", fmt::count(one.erred))));
        let rate = rate.filter(|rate| *rate > 0.0);
        let rate = rate.map(|rate| span("of").text(format!(" {} a second", fmt::rate(rate))));
        let count = span("count")
            .attr("role", "cell")
            .text(fmt::count(one.done))
            .kid(span("of").text(" ended"))
            .maybe(failed);
        div("bar")
            .key(one.prefix.as_str())
            .attr("role", "row")
            .testid(format!("progress-beyond-{}", one.prefix))
            .kid(el("code").attr("role", "rowheader").text(one.prefix.clone()))
            .kid(span("pace").attr("role", "cell").maybe(rate))
            .kid(count)
    });
    let more = runs.len().saturating_sub(MOST);
    let more = (more > 0).then(|| el("p").class("remark").text(format!("and {more} more")));
    div("beyond")
        .kid(el("p").class("remark").text(words))
        .kid(line(&all, Held::Listed, None, (0, false), dark))
        .kids(rows)
        .maybe(more)
}

/// One prefix. `runs`: how often tasks of it have run, as far as the task stream holds that; `none`: there are no
/// workers.
fn line(
    row: &ProgressRow,
    held: Held,
    forecast: Option<Forecast>,
    (runs, none): (u64, bool),
    dark: bool,
) -> El {
    let n = row.counts;
    let done = n.done();
    let waiting = n.waiting + n.queued;
    let mut summary = format!(
        "{}: {done} of {} done; in memory {}, released {}, failed {}, processing {}, waiting {}, queued \
         {}, cannot run {}",
        fmt::shown(&row.name),
        n.all,
        n.memory,
        n.released,
        n.erred,
        n.processing,
        n.waiting,
        n.queued,
        n.no_worker,
    );
    match held {
        Held::Listed => {}
        Held::Finished => {
            summary.push_str(
                "; the scheduler has released all of them, finished or canceled: these are its last counts",
            );
        }
        Held::Unlisted => {
            summary
                .push_str("; Dask lists the 24 largest prefixes only: these are the last counts");
        }
    }
    let rate = forecast.map(|it| format!(", {}/s", fmt::rate(it.rate)));
    summary.push_str(rate.as_deref().unwrap_or_default());
    // A key that is computed again counts once here, and so does one that the scheduler had let go of.
    let again = runs > n.all;
    if again {
        let _ = write!(
            summary,
            "; each task counts once: the task stream has {} computations, since some tasks ran more than once",
            fmt::count(runs)
        );
    }
    let summary = AttrValue::from(summary);
    let color = AttrValue::from(palette::css(palette::fit(row.color, dark)));
    let all = n.all.max(1) as f64;
    let mut x = 0.0;
    let mut bar = |count: u64, class: &'static str, fill: Option<AttrValue>| {
        let left = x;
        x += count as f64 / all * 100.0;
        let width = x - left;
        (count > 0).then(|| {
            el("rect")
                .class(class)
                .set("x", fixed(left, 3) + "%")
                .set("width", fixed(width, 3) + "%")
                .attr("y", "0")
                .attr("height", "100%")
                .set_some("fill", fill)
        })
    };
    let track = el("svg")
        .class("track")
        .attr("role", "cell")
        .set("aria-label", summary.clone())
        .maybe(bar(n.released, "released", Some(color.clone())))
        .maybe(bar(n.memory, "memory", Some(color)))
        .maybe(bar(n.erred, "erred", None))
        .maybe(bar(n.processing, "processing", None));
    let remark = if n.erred > 0 {
        Some(span("bad").text(format!(" {} erred", fmt::count(n.erred))))
    } else if held == Held::Finished && done < n.all {
        Some(span("faint").text(", released"))
    } else if n.no_worker > 0 {
        let words = if none { "no worker for" } else { "cannot run" };
        Some(span("warn").text(format!(" {words} {}", fmt::count(n.no_worker))))
    } else if waiting > 0 && n.processing == 0 && done == 0 {
        Some(span("faint").text(" waiting"))
    } else {
        None
    };
    let count = span("count")
        .attr("role", "cell")
        .text(fmt::count(done))
        .kid(span("of").text(" of ").text(fmt::count(n.all)).text(rate.unwrap_or_default()))
        .maybe(again.then(|| span("faint").text(format!(", {} ran", fmt::count(runs)))))
        .maybe(remark);
    let mut bar = div("bar")
        .key(row.name.as_str())
        .class_if(held != Held::Listed, "held")
        .attr("role", "row")
        .set("title", summary)
        .testid(format!("progress-row-{}", row.name));
    for (name, count) in [
        ("data-memory", n.memory),
        ("data-erred", n.erred),
        ("data-released", n.released),
        ("data-processing", n.processing),
        ("data-waiting", n.waiting),
        ("data-queued", n.queued),
        ("data-no-worker", n.no_worker),
        ("data-total", n.all),
    ] {
        bar = bar.set(name, count.to_string());
    }
    let name = fmt::elide(&row.name, NAME).into_owned();
    bar.kid(el("code").attr("role", "rowheader").text(name)).kid(track).kid(count)
}
