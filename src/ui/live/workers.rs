//! The table of workers with its totals.

use std::cmp::Ordering;

use yew::prelude::*;

use crate::runtime::HubHandle;
use crate::ui::dom::{El, button, div, el, span};
use crate::ui::widgets::sets;
use base::fmt;
use base::number::fixed;
use base::sort::sort_by;
use feed::workers::WorkerRow;
use panes::natural;

/// Properties of [`Workers`].
#[derive(Properties, PartialEq)]
pub struct WorkersProps {
    /// Whose workers.
    pub hub: HubHandle,
    /// How often the table has come: nothing else changes it, and at many workers it is much to draw.
    pub version: u64,
    /// Whether there will be none any more.
    pub ended: bool,
}

/// Rows drawn at first, and more at each wish; the rest is counted below the table.
const SHOWN: usize = 200;
/// Most rows drawn at all: the page would be slow with more.
const MOST: usize = 2_000;

/// What rows may be sorted by: names upwards, amounts downwards.
const SORTS: [fn(&WorkerRow, &WorkerRow) -> Ordering; 6] = [
    |a, b| natural(&a.name, &b.name),
    |a, b| most(b.cpu, a.cpu),
    |a, b| most(b.memory, a.memory),
    |a, b| most(b.spilled, a.spilled),
    |a, b| most(sum(b.net_read, b.net_write), sum(a.net_read, a.net_write)),
    |a, b| most(sum(b.disk_read, b.disk_write), sum(a.disk_read, a.disk_write)),
];

/// The workers pane's body.
#[component]
pub fn Workers(props: &WorkersProps) -> Html {
    let sort = use_state_eq(|| (SHOWN, 0usize, false));
    let engine = props.hub.0.engine();
    let empty = |words: &'static str| el("p").class("empty").text(words).into();
    let Some(table) = engine.snapshot().workers else {
        return empty(if props.ended {
            "This cluster has ended. No worker was seen."
        } else {
            "Loading workers…"
        });
    };
    if table.rows.is_empty() {
        return empty(if props.ended {
            "This cluster has ended, and so have its workers."
        } else {
            "No workers yet. Add workers: they appear here when they have connected."
        });
    }
    let mut rows: Vec<&WorkerRow> = table.rows.iter().collect();
    let (most, by, reverse) = *sort;
    let compare = SORTS.get(by).unwrap_or(&SORTS[0]);
    sort_by(&mut rows, |a, b| if reverse { compare(b, a) } else { compare(a, b) });
    let column = || el("th").attr("scope", "col");
    let head = |name: &'static str, which: usize, hint: &'static str| {
        let onclick = sets(sort.setter(), (most, which, by == which && !reverse));
        let ascending = (which == 0) != reverse;
        let direction = if ascending { "ascending" } else { "descending" };
        column()
            .set_some("aria-sort", (by == which).then_some(direction.into()))
            .attr("title", hint)
            .kid(el("button").class("plain").onclick(onclick).text(name))
    };
    let heads = el("tr")
        .kid(head("Worker", 0, "Name of the worker; hover for its address"))
        .kid(column().text("Threads"))
        .kid(head("CPU", 1, "100 % is one core"))
        .kid(head("Memory", 2, "Memory of the process, of its limit"))
        .kid(column().attr("title", "Managed, unmanaged old, unmanaged recent").text("Parts"))
        .kid(head("Spilled", 3, "Results moved to disk to save memory"))
        .kid(head("Network /s", 4, "Read and written each second"))
        .kid(head("Disk /s", 5, "Read and written each second"));
    let total = table.total.as_ref().map(|total| el("tfoot").kid(line(total, true)));
    let mut body = el("tbody");
    for row in rows.iter().take(most) {
        body = body.kid(html! { <Line key={row.address.as_str()} row={(*row).clone()} /> });
    }
    let table = el("table").class("workers").kid(el("thead").kid(heads)).kid(body).maybe(total);
    let left = rows.len().saturating_sub(most);
    let more = (left > 0).then(|| {
        let words = fmt::plural(left as u32, "more worker");
        let next = (most < MOST).then(|| {
            button("btn quiet")
                .onclick(sets(sort.setter(), (most + SHOWN, by, reverse)))
                .text(format!("Show {} more", left.min(SHOWN)))
        });
        el("p").class("empty").text(words + ", included in the totals.").maybe(next)
    });
    div("table-wrap").kid(table).maybe(more).into()
}

/// Properties of [`Line`].
#[derive(Properties, PartialEq)]
pub struct LineProps {
    row: WorkerRow,
}

/// A row of the table: drawn anew only when its worker has said something new. With many workers each
/// says so every few seconds, and the table comes twice a second.
#[component]
pub fn Line(props: &LineProps) -> Html {
    line(&props.row, false).into()
}

fn most(a: Option<f64>, b: Option<f64>) -> Ordering {
    a.unwrap_or(-1.0).total_cmp(&b.unwrap_or(-1.0))
}

fn sum(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    Some(a? + b?)
}

fn line(row: &WorkerRow, is_total: bool) -> El {
    let limit = row.memory_limit.filter(|limit| *limit > 0.0);
    let mut exact = String::new();
    for (name, part) in [
        ("managed", row.managed),
        ("unmanaged old", row.unmanaged_old),
        ("unmanaged recent", row.unmanaged_recent),
        ("spilled", row.spilled),
    ] {
        if let Some(part) = part {
            exact.push_str(if exact.is_empty() { "" } else { ", " });
            exact.push_str(name);
            exact.push(' ');
            exact.push_str(&fmt::bytes(part));
        }
    }
    let exact = AttrValue::from(exact);
    let cpu = row.cpu.map_or_else(unknown, |cpu| fixed(cpu * 100.0, 0) + " %");
    let cores = row.cpu.map(|cpu| (fixed(cpu, 3) + " cores").into());
    let cell = |words: String| el("td").text(words);
    let amount = |bytes: Option<f64>| {
        let exactly = bytes.map(|bytes| (fixed(bytes, 0) + " bytes").into());
        cell(bytes.map_or_else(unknown, fmt::bytes)).set_some("title", exactly)
    };
    let of = limit.map(|limit| span("of").text(format!(" of {}", fmt::bytes(limit))));
    el("tr")
        .key(if is_total { "total" } else { row.address.as_str() })
        .kid(
            el("th")
                .attr("scope", "row")
                .set("title", format!("{} {}", row.name, row.address))
                .text(fmt::short_name(&fmt::shown(&row.name))),
        )
        .kid(cell(row.nthreads.map_or_else(unknown, |n| fixed(n, 0))))
        .kid(cell(cpu).set_some("title", cores))
        .kid(amount(row.memory).maybe(of))
        .kid(el("td").set("title", exact.clone()).kid(parts(row, exact)))
        .kid(amount(row.spilled))
        .kid(cell(pair(row.net_read, row.net_write)).class("pair"))
        .kid(cell(pair(row.disk_read, row.disk_write)).class("pair"))
}

fn unknown() -> String {
    "–".into()
}

fn pair(read: Option<f64>, write: Option<f64>) -> String {
    // Two rates share a narrow cell: no more digits than can be read as they change.
    let rate = |bps: f64| {
        let (kibi, mebi) = (bps / 1024.0, bps / 1_048_576.0);
        match bps {
            _ if bps < 0.5 => "0".into(),
            _ if mebi >= 0.9 => fixed(mebi, 1) + " MiB",
            _ => fixed(kibi, 0) + " KiB",
        }
    };
    match (read, write) {
        (None, None) => unknown(),
        (read, write) => {
            format!("{} ↓ {} ↑", rate(read.unwrap_or(0.0)), rate(write.unwrap_or(0.0)))
        }
    }
}

fn parts(row: &WorkerRow, exact: AttrValue) -> El {
    let all = row.memory_limit.filter(|limit| *limit > 0.0).or(row.memory).unwrap_or(0.0).max(1.0);
    let mut x = 0.0;
    let mut part = |bytes: Option<f64>, class: &'static str| {
        let left = x;
        x = (left + bytes.unwrap_or(0.0) / all * 100.0).clamp(left, 100.0);
        let width = x - left;
        el("rect")
            .class(class)
            .set("x", fixed(left, 2) + "%")
            .set("width", fixed(width, 2) + "%")
            .attr("y", "0")
            .attr("height", "100%")
    };
    el("svg")
        .class("track memory-parts")
        .attr("role", "img")
        .set("aria-label", exact)
        .kid(part(row.managed, "managed"))
        .kid(part(row.unmanaged_old, "old"))
        .kid(part(row.unmanaged_recent, "recent"))
}
