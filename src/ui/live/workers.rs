//! The table of workers with its totals.

use std::cmp::Ordering;

use yew::prelude::*;

use super::HubHandle;
use crate::base::fmt;
use crate::feed::workers::WorkerRow;

/// Properties of [`Workers`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whose workers.
    pub hub: HubHandle,
    /// The hub's version, so that a change renders.
    pub version: u64,
}

/// Most rows drawn at once; the rest is counted below the table.
const SHOWN: usize = 200;

#[derive(Copy, Clone, PartialEq)]
enum Sort {
    Name,
    Cpu,
    Memory,
    Spilled,
    Network,
    Disk,
}

/// The workers pane's body.
#[component]
pub fn Workers(props: &Props) -> Html {
    let sort = use_state_eq(|| (Sort::Name, false));
    let engine = props.hub.0.engine();
    let Some(table) = engine.workers() else {
        return html! { <p class="empty">{ "Waiting for the scheduler's first word about its workers." }</p> };
    };
    if table.rows.is_empty() {
        return html! {
            <p class="empty">{ "No workers yet. Scale the cluster, or let it adapt, to get some." }</p>
        };
    }
    let mut rows: Vec<&WorkerRow> = table.rows.iter().collect();
    let (by, reverse) = *sort;
    rows.sort_by(|a, b| {
        let order = match by {
            Sort::Name => natural(&a.name).cmp(&natural(&b.name)),
            Sort::Cpu => most(b.cpu, a.cpu),
            Sort::Memory => most(b.memory, a.memory),
            Sort::Spilled => most(b.spilled, a.spilled),
            Sort::Network => most(sum(b.net_read, b.net_write), sum(a.net_read, a.net_write)),
            Sort::Disk => most(sum(b.disk_read, b.disk_write), sum(a.disk_read, a.disk_write)),
        };
        if reverse { order.reverse() } else { order }
    });
    let head = |name: &'static str, which: Sort, hint: &'static str| {
        let setter = sort.setter();
        let now = *sort;
        let onclick =
            Callback::from(move |_: MouseEvent| setter.set((which, now.0 == which && !now.1)));
        let direction = (by == which).then_some(if reverse { "descending" } else { "ascending" });
        html! {
            <th scope="col" aria-sort={direction} title={hint}>
                <button class="plain" {onclick}>{ name }</button>
            </th>
        }
    };
    let total = table.total.as_ref();
    html! {
        <div class="table-wrap">
            <table class="workers">
                <thead><tr>
                    { head("Worker", Sort::Name, "The worker's name; its address on hover") }
                    <th scope="col">{ "Threads" }</th>
                    { head("CPU", Sort::Cpu, "100 % is one core") }
                    { head("Memory", Sort::Memory, "What the process uses, of its limit") }
                    <th scope="col" title="Managed by Dask, unmanaged for long, unmanaged recently">{ "Parts" }</th>
                    { head("Spilled", Sort::Spilled, "Moved to disk to save memory") }
                    { head("Network /s", Sort::Network, "Read and written each second") }
                    { head("Disk /s", Sort::Disk, "Read and written each second") }
                </tr></thead>
                <tbody>{ for rows.iter().take(SHOWN).map(|row| line(row, false)) }</tbody>
                if let Some(total) = total {
                    <tfoot>{ line(total, true) }</tfoot>
                }
            </table>
            if rows.len() > SHOWN {
                <p class="empty">{ format!("{} more workers are counted in the totals.", rows.len() - SHOWN) }</p>
            }
        </div>
    }
}

fn most(a: Option<f64>, b: Option<f64>) -> Ordering {
    a.unwrap_or(-1.0).total_cmp(&b.unwrap_or(-1.0))
}

fn sum(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    Some(a? + b?)
}

/// Numbers inside names sort as numbers: `worker-10` after `worker-9`.
fn natural(name: &str) -> (String, u64) {
    let head = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (head.into(), name[head.len()..].parse().unwrap_or(0))
}

fn line(row: &WorkerRow, is_total: bool) -> Html {
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
    let cpu = row.cpu.map_or_else(unknown, |cpu| format!("{:.0} %", cpu * 100.0));
    html! {
        <tr key={if is_total { "total".to_string() } else { row.address.clone() }}>
            <th scope="row" title={format!("{} {}", row.name, row.address)}>{ fmt::short_name(&row.name) }</th>
            <td>{ row.nthreads.map_or_else(unknown, |n| n.to_string()) }</td>
            <td title={row.cpu.map(|cpu| format!("{cpu:.3} cores"))}>{ cpu }</td>
            <td title={row.memory.map(|bytes| format!("{bytes} bytes"))}>
                { size(row.memory) }
                if let Some(limit) = limit {
                    <span class="of">{ format!(" of {}", fmt::bytes(limit)) }</span>
                }
            </td>
            <td title={exact.clone()}>{ parts(row, &exact) }</td>
            <td title={row.spilled.map(|bytes| format!("{bytes} bytes"))}>{ size(row.spilled) }</td>
            <td class="pair">{ pair(row.net_read, row.net_write) }</td>
            <td class="pair">{ pair(row.disk_read, row.disk_write) }</td>
        </tr>
    }
}

fn unknown() -> String {
    "–".into()
}

fn size(bytes: Option<f64>) -> String {
    bytes.map_or_else(unknown, fmt::bytes)
}

fn pair(read: Option<f64>, write: Option<f64>) -> String {
    // Two rates share a narrow cell: no more digits than can be read as they change.
    let rate = |bps: f64| {
        let (kibi, mebi) = (bps / 1024.0, bps / 1_048_576.0);
        match bps {
            _ if bps < 0.5 => "0".into(),
            _ if mebi >= 0.9 => format!("{mebi:.1} MiB"),
            _ => format!("{kibi:.0} kiB"),
        }
    };
    match (read, write) {
        (None, None) => unknown(),
        (read, write) => {
            format!("{} ↓ {} ↑", rate(read.unwrap_or(0.0)), rate(write.unwrap_or(0.0)))
        }
    }
}

fn parts(row: &WorkerRow, exact: &str) -> Html {
    let all = row.memory_limit.filter(|limit| *limit > 0.0).or(row.memory).unwrap_or(0.0).max(1.0);
    let mut x = 0.0;
    let mut part = |bytes: Option<f64>, class: &'static str| -> Html {
        let left = x;
        x = (left + bytes.unwrap_or(0.0) / all * 100.0).clamp(left, 100.0);
        let width = x - left;
        html! { <rect {class} x={format!("{left:.2}%")} width={format!("{width:.2}%")} y="0" height="100%" /> }
    };
    html! {
        <svg class="track memory-parts" role="img" aria-label={exact.to_string()}>
            { part(row.managed, "managed") }
            { part(row.unmanaged_old, "old") }
            { part(row.unmanaged_recent, "recent") }
        </svg>
    }
}
