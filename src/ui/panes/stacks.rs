//! Amounts in parts: a key that sorts, bars, and a table of the numbers behind them.

use std::rc::Rc;

use yew::prelude::*;

use super::graph::state_class;
use super::grid::{Sheet, SheetProps, and_more};
use crate::ui::dom::{El, button, div, el, span};
use crate::ui::widgets::sets;
use base::number::fixed;
use base::sort::sorted;
use panes::{Paint, Picture, Stack, StackKey, Stacks as Shown};
use timeline::palette;
use timeline::ticks::Zone;

/// Most rows drawn at once; the rest is counted below.
const SHOWN: usize = 200;

/// Properties of [`Stacks`].
#[derive(Properties, PartialEq)]
pub struct StacksProps {
    /// What is shown.
    pub shown: Rc<Shown>,
    /// On a dark ground.
    pub dark: bool,
}

/// The amounts.
#[component]
pub fn Stacks(props: &StacksProps) -> Html {
    let sort = use_state_eq(String::new);
    let as_table = use_state_eq(|| false);
    let shown = &*props.shown;
    let by = shown.keys.iter().position(|key| key.name == *sort);
    let size = |i: u32| {
        let bar = shown.bars.get(i as usize);
        bar.map_or(0.0, |bar| match by {
            Some(by) => bar.amounts.get(by).copied().unwrap_or(0.0),
            None => bar.amounts.iter().sum(),
        })
    };
    let order = sorted(shown.bars.len(), &mut |a, b| size(b).total_cmp(&size(a)));
    let bars: Vec<&Stack> = order.iter().filter_map(|i| shown.bars.get(*i as usize)).collect();
    let all: f64 = shown.keys.iter().map(|key| key.total).sum();
    let mut keys = div("stack-keys").attr("role", "group").attr("aria-label", "Sort by");
    for (at, key) in shown.keys.iter().enumerate() {
        let share = base::fmt::percent_or_under(key.total / all.max(1e-12));
        let pressed = by == Some(at);
        let next = if pressed { String::new() } else { key.name.clone() };
        keys = keys.kid(
            button("stack-key")
                .key(key.name.as_str())
                .truth("aria-pressed", pressed)
                .set("title", format!("Sort by {}", key.name))
                .set("data-amount", fixed(key.total, 6))
                .onclick(sets(sort.setter(), next))
                .kid(swatch(key, props.dark))
                .text(key.name.clone())
                .kid(span("mute").text(format!("{}, {share}", shown.unit.say(key.total)))),
        );
    }
    let table = button("btn quiet")
        .truth("aria-pressed", *as_table)
        .onclick(sets(as_table.setter(), !*as_table))
        .text("Table");
    let numbers = if *as_table { Picture::Stacks(props.shown.clone()).table() } else { None };
    let more = if *as_table { 0 } else { bars.len().saturating_sub(SHOWN) };
    let body = match numbers {
        Some(numbers) => html! { <Sheet ..SheetProps::table(numbers, Zone::Fixed(0)) /> },
        None => picture(shown, &bars, props.dark).into(),
    };
    let more = and_more(more);
    let rest = shown.rest.as_ref().map(|rest| {
        let largest = rest.amounts.iter().zip(&shown.keys).max_by(|a, b| a.0.total_cmp(b.0));
        let name = largest.map_or("", |(_, key)| &*key.name);
        el("p").class("remark").text(format!("And {} {}: {name}.", rest.said, rest.name))
    });
    let remark =
        (!shown.remark.is_empty()).then(|| el("p").class("remark").text(shown.remark.clone()));
    div("stacks").kid(keys.kid(table)).kid(body).maybe(more).maybe(rest).maybe(remark).into()
}

/// A rectangle in a key's colour.
fn paint(rect: El, key: &StackKey, dark: bool) -> El {
    match key.paint {
        Paint::State(state) => rect.class(state_class(state)),
        Paint::Own(color) => rect.set("fill", palette::css(palette::fit(color, dark))),
    }
}

fn swatch(key: &StackKey, dark: bool) -> El {
    let rect = el("rect").attr("width", "100%").attr("height", "100%");
    el("svg").class("swatch").attr("aria-hidden", "true").kid(paint(rect, key, dark))
}

fn picture(shown: &Shown, bars: &[&Stack], dark: bool) -> El {
    let sum = |bar: &Stack| bar.amounts.iter().sum::<f64>();
    let longest = bars.iter().map(|bar| sum(bar)).fold(0.0, f64::max).max(1e-12);
    let mut table = div("progress").attr("role", "table");
    for bar in bars.iter().take(SHOWN) {
        let end = if shown.shares { sum(bar).max(1e-12) } else { longest };
        let share = |amount: f64| fixed(amount / end * 100.0, 3) + "%";
        let mut track = el("svg").class("track").attr("role", "cell");
        let mut x = 0.0;
        let all = sum(bar).max(1e-12);
        let mut hint = format!("{}: {}", bar.name, bar.said);
        for (key, amount) in
            shown.keys.iter().zip(&bar.amounts).filter(|(_, amount)| **amount > 0.0)
        {
            let rect = el("rect")
                .set("x", share(x))
                .set("width", share(*amount))
                .attr("y", "0")
                .attr("height", "100%");
            track = track.kid(paint(rect, key, dark));
            x += amount;
            let share = base::fmt::percent_or_under(amount / all);
            hint = format!("{hint}\n{} {}, {share}", key.name, shown.unit.say(*amount));
        }
        for ((name, unit), fact) in shown.facts.iter().zip(&bar.facts) {
            if let Some(fact) = fact {
                hint = format!("{hint}\n{name}: {}", unit.say(*fact));
            }
        }
        table = table.kid(
            div("bar")
                .key(bar.name.as_str())
                .attr("role", "row")
                .set("title", hint)
                .kid(el("code").attr("role", "rowheader").text(bar.name.clone()))
                .kid(track)
                .kid(span("count").attr("role", "cell").text(bar.said.clone())),
        );
    }
    table
}
