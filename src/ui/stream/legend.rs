//! The legend: what occurs, with counts; a click fades an entry, a double click shows it alone.

use yew::prelude::*;

use super::hover::swatch;
use super::{StreamHandle, changes};
use crate::ui::dom::{El, button, div, el, list, span};
use crate::ui::widgets::sets;
use base::fmt;
use base::number::fixed;
use stream::{LegendItem, TaskStreamModel};
use timeline::columns::LAST_PREFIX_SLOT;
use timeline::palette::Pattern;

/// Prefixes, the first ones, that stand on the line before *all* is pressed.
const FEW: u16 = 24;
/// Entries that surely fit on one line: with more there is a button for all of them.
const LINE: usize = 3;

/// The chips; `all` says whether all are shown, on several lines.
pub fn legend(handle: &StreamHandle, stream: &TaskStreamModel, all: &UseStateHandle<bool>) -> El {
    let items = stream.legend();
    let legend = div("stream-legend");
    if items.is_empty() {
        return legend;
    }
    let few = |item: &&LegendItem| **all || item.slot < FEW || item.slot > LAST_PREFIX_SLOT;
    let more = (items.len() > LINE).then(|| {
        let words = if **all { "fewer".to_owned() } else { format!("all {}", items.len()) };
        button("stream-more")
            .onclick(sets(all.setter(), !**all))
            .truth("aria-expanded", **all)
            .text(words)
    });
    let show_all = stream.is_filtered().then(|| {
        button("stream-more")
            .onclick(changes(handle, TaskStreamModel::show_all))
            .attr("title", "Show all again (Esc)")
            .text("show all")
    });
    let chips = items.iter().filter(few).map(|item| chip(handle, item).into()).collect();
    legend
        .attr("role", "group")
        .attr("aria-label", "Legend: press to fade, double-click to show alone")
        .class_if(**all, "all")
        .kid(div("stream-chips").kid(list(chips)))
        .maybe(more)
        .maybe(show_all)
}

/// What lies over a swatch, as it does over the bars.
fn pattern(pattern: Pattern) -> Option<El> {
    let lines = match pattern {
        Pattern::None => return None,
        Pattern::Hatch => "M-1 4 4-1M-1 9 9-1M2 11 11 2M7 11l4-4",
        Pattern::Dots => "M1 2h2M5 2h2M1 5h2M5 5h2M1 8h2M5 8h2",
        Pattern::Stripes => "M-2 7 7-2M2 13 13 2",
    };
    Some(el("path").class_if(pattern == Pattern::Stripes, "wide").attr("d", lines))
}

fn chip(handle: &StreamHandle, item: &LegendItem) -> El {
    let slot = item.slot;
    let onclick = {
        let handle = handle.clone();
        Callback::from(move |event: MouseEvent| {
            // A modified click shows it alone; the second click of a double one is not one of its own.
            if event.shift_key() || event.ctrl_key() || event.meta_key() {
                handle.change(move |stream| stream.solo(slot));
            } else if event.detail() < 2 {
                handle.change(move |stream| stream.toggle(slot));
            }
        })
    };
    let ondblclick = {
        let handle = handle.clone();
        Callback::from(move |_| {
            handle.change(move |stream| {
                stream.toggle(slot);
                stream.solo(slot);
            });
        })
    };
    let mut busy = String::new();
    if item.busy > 0 {
        busy = format!(", {} in total", fmt::secs(item.busy as f64 / 1e6));
    }
    let title = format!(
        "{}: {} {}{busy}. Click to fade, double-click or shift-click to show alone.",
        item.name,
        fmt::count(item.count),
        if item.count == 1 { "interval" } else { "intervals" },
    );
    button("stream-chip")
        .key(slot)
        .class_if(!item.on, "off")
        .truth("aria-pressed", item.on)
        .set("title", title)
        .onclick(onclick)
        .ondblclick(ondblclick)
        .kid(swatch(&item.color).maybe(pattern(item.pattern)).attr("aria-hidden", "true"))
        .kid(span("stream-name").text(item.name.clone()))
        .kid(span("stream-count").text(short(item.count)))
}

/// A count in few characters: `812`, `14.8k`, `1.2M`.
fn short(count: u64) -> String {
    let n = count as f64;
    if count < 10_000 {
        fmt::count(count)
    } else if count < 999_500 {
        fixed(n / 1e3, 0) + "k"
    } else {
        fixed(n / 1e6, 1) + "M"
    }
}
