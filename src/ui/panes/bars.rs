//! Bars, one below the other, from one zero.

use yew::AttrValue;

use super::grid::and_more;
use crate::ui::dom::{El, div, el, span};
use base::number::fixed;
use panes::{Bars, Piece, Tint};
use timeline::palette;

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

/// What the colours and the marks stand for; none where a bar's own name says it.
fn keys(shown: &Bars) -> Option<El> {
    let mut known: Vec<&Piece> = Vec::new();
    for piece in shown.bars.iter().flat_map(|bar| &bar.pieces) {
        if piece.name.is_empty() {
            return None;
        }
        if known.iter().all(|other| other.name != piece.name) {
            known.push(piece);
        }
    }
    let mut list = el("ul").class("area-keys").attr("aria-label", "Colours");
    for piece in known {
        let rect = el("rect").class(class(piece.tint)).attr("width", "100%").attr("height", "100%");
        let swatch = el("svg").class("swatch track").attr("aria-hidden", "true").kid(rect);
        list = list.kid(el("li").kid(swatch).text(piece.name));
    }
    let mark = |(at, what): &(f64, &str)| {
        let what = what.split(" (").next().unwrap_or_default();
        format!("{what} at {} %", fixed(at * 100.0, 0))
    };
    let marks = shown.marks.iter().map(mark).collect::<Vec<_>>().join(", ");
    let marks = (!marks.is_empty()).then(|| el("li").text(format!("┊ {marks} (Dask's defaults)")));
    Some(list.maybe(marks))
}

/// The bars as a table of two columns, a bar and what it comes to.
pub fn bars(shown: &Bars, dark: bool) -> El {
    let longest = shown.bars.iter().map(|bar| bar.laid().1).fold(1e-12, f64::max);
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
        let mut sum = 0.0;
        let mut parts = Vec::new();
        for (x, piece) in bar.laid().0 {
            let fill = match piece.tint {
                Tint::Own(color) => Some(AttrValue::from(palette::css(palette::fit(color, dark)))),
                _ => None,
            };
            track = track.kid(rect(x, piece.amount, class(piece.tint)).set_some("fill", fill));
            sum += piece.amount;
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
        let count = bar.said.clone().unwrap_or_else(|| shown.unit.say(sum));
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
    let table = table.maybe(keys(shown));
    table.maybe(and_more(more))
}
