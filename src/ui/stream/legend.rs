//! The legend: what occurs, with counts; a click fades an entry, a double click shows it alone.

use yew::prelude::*;

use super::toolbar::PartProps;
use crate::app::stream::{LegendItem, Stream};
use crate::base::fmt;

/// Entries shown before *more* is pressed.
const FEW: usize = 8;

/// The chips.
#[component]
pub fn Legend(props: &PartProps) -> Html {
    let all = use_state_eq(|| false);
    let Ok(stream) = props.stream.model().try_borrow() else { return html! {} };
    let items = stream.legend();
    let filtered = stream.is_filtered();
    drop(stream);
    if items.is_empty() {
        return html! { <div class="stream-legend"></div> };
    }
    let prefixes = items.iter().take_while(|item| item.slot < 0xfff0).count();
    let few = if *all { prefixes } else { prefixes.min(FEW) };
    let hidden = prefixes - few;
    let (first, rest) = items.split_at(prefixes);
    // The most frequent ones, but in a stable order: a chip must not slip away under the pointer.
    let mut shown: Vec<&LegendItem> = first.iter().take(few).collect();
    shown.sort_by_key(|item| item.slot);
    shown.extend(rest);
    let more = {
        let setter = all.setter();
        let next = !*all;
        Callback::from(move |_: MouseEvent| setter.set(next))
    };
    let show_all = {
        let handle = props.stream.clone();
        Callback::from(move |_: MouseEvent| handle.change(Stream::show_all))
    };
    html! {
        <div class="stream-legend" role="group" aria-label="Legend: press to fade, double-click to show alone">
            for item in shown {
                <Chip key={item.slot} stream={props.stream.clone()} item={item.clone()} />
            }
            if hidden > 0 || *all && prefixes > FEW {
                <button type="button" class="stream-more" onclick={more} aria-expanded={all.to_string()}>
                    { if *all { "fewer".to_owned() } else { format!("{hidden} more") } }
                </button>
            }
            if filtered {
                <button type="button" class="stream-more" onclick={show_all} title="Show everything again (Esc)">
                    { "show all" }
                </button>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ChipProps {
    stream: super::StreamHandle,
    item: LegendItem,
}

#[component]
fn Chip(props: &ChipProps) -> Html {
    let item = &props.item;
    let slot = item.slot;
    let onclick = {
        let handle = props.stream.clone();
        Callback::from(move |event: MouseEvent| {
            // A modified click shows it alone; the second click of a double one is not one of its own.
            if event.shift_key() || event.ctrl_key() || event.meta_key() {
                handle.change(|stream| stream.solo(slot));
            } else if event.detail() < 2 {
                handle.change(|stream| stream.toggle(slot));
            }
        })
    };
    let ondblclick = {
        let handle = props.stream.clone();
        Callback::from(move |_: MouseEvent| {
            handle.change(|stream| {
                stream.toggle(slot);
                stream.solo(slot);
            });
        })
    };
    let title = format!(
        "{}: {} {}{}. Click to fade, double-click or shift-click to show alone.",
        item.name,
        fmt::count(item.count),
        if item.count == 1 { "interval" } else { "intervals" },
        if item.busy > 0 {
            format!(", {} in all", fmt::secs(item.busy as f64 / 1e6))
        } else {
            String::new()
        },
    );
    html! {
        <button type="button" class={classes!("stream-chip", (!item.on).then_some("off"))}
            aria-pressed={item.on.to_string()} {title} {onclick} {ondblclick}>
            <svg class="stream-swatch" viewBox="0 0 10 10" aria-hidden="true">
                <rect width="10" height="10" rx="2" fill={item.color.clone()} />
            </svg>
            <span class="stream-name">{ &item.name }</span>
            <span class="stream-count">{ short(item.count) }</span>
        </button>
    }
}

/// A count in few characters: `812`, `14.8k`, `1.2M`.
fn short(count: u64) -> String {
    let n = count as f64;
    if count < 10_000 {
        fmt::count(count)
    } else if count < 999_500 {
        format!("{:.0}k", n / 1e3)
    } else {
        format!("{:.1}M", n / 1e6)
    }
}
