//! Bars, one below the other, from one zero.

use yew::AttrValue;

use crate::app::panes::{Bars, Tint};
use crate::base::number::fixed;
use crate::timeline::palette;
use crate::ui::dom::{El, div, el, span};

/// Most bars drawn at once; the rest is counted below.
const SHOWN: usize = 200;

fn class(tint: Tint) -> &'static str {
    match tint {
        Tint::Own(_) => "own",
        Tint::Plain => "plain",
        Tint::Second => "second",
        Tint::Managed => "managed",
        Tint::Old => "old",
        Tint::Recent => "recent",
        Tint::Spilled => "spilled",
        Tint::Hot => "hot",
        Tint::Idle => "idle",
    }
}

/// The bars as a table of two columns, a bar and what it comes to.
pub fn bars(shown: &Bars, dark: bool) -> El {
    let sum =
        |bar: &crate::app::panes::Bar| bar.pieces.iter().map(|piece| piece.amount).sum::<f64>();
    let longest = shown
        .bars
        .iter()
        .map(|bar| sum(bar).max(bar.limit.unwrap_or(0.0)))
        .fold(0.0, f64::max)
        .max(1e-12);
    let mut table = div("progress").attr("role", "table");
    for bar in shown.bars.iter().take(SHOWN) {
        let share = |amount: f64| fixed(amount / longest * 100.0, 3) + "%";
        let mut track = el("svg").class("track").attr("role", "cell");
        let rect = |x: f64, width: f64, class| {
            el("rect")
                .class(class)
                .set("x", share(x))
                .set("width", share(width))
                .attr("y", "0")
                .attr("height", "100%")
        };
        if let Some(limit) = bar.limit {
            track = track.kid(rect(0.0, limit, "limit"));
        }
        let mut x = 0.0;
        let mut parts = Vec::new();
        for piece in bar.pieces.iter().filter(|piece| piece.amount > 0.0) {
            let fill = match piece.tint {
                Tint::Own(color) => Some(AttrValue::from(palette::css(palette::fit(color, dark)))),
                _ => None,
            };
            track = track.kid(rect(x, piece.amount, class(piece.tint)).set_some("fill", fill));
            x += piece.amount;
            if !piece.name.is_empty() {
                parts.push(format!("{} {}", piece.name, shown.unit.say(piece.amount)));
            }
        }
        if let Some(limit) = bar.limit {
            for (at, _) in shown.marks {
                let x = share(limit * at);
                track = track.kid(
                    el("line")
                        .class("mark")
                        .set("x1", x.clone())
                        .set("x2", x)
                        .attr("y1", "0")
                        .attr("y2", "100%"),
                );
            }
        }
        let mut hint = format!("{} {}", bar.name, bar.detail);
        for part in parts {
            hint = hint + "\n" + &part;
        }
        for (at, what) in shown.marks {
            hint = format!("{hint}\nat {} % it {what}", fixed(at * 100.0, 0));
        }
        let count = bar.said.clone().unwrap_or_else(|| shown.unit.say(x));
        table = table.kid(
            div("bar")
                .key(bar.name.as_str())
                .attr("role", "row")
                .set("title", hint)
                .kid(el("code").attr("role", "rowheader").text(bar.name.clone()))
                .kid(track)
                .kid(span("count").attr("role", "cell").text(count)),
        );
    }
    let more = shown.bars.len().saturating_sub(SHOWN);
    table.maybe((more > 0).then(|| el("p").class("empty").text(format!("and {more} more"))))
}
