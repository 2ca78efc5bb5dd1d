//! One plot of a pane: a canvas, with its title and last values in words above.

use yew::prelude::*;

use crate::app::panes::Plot;
use crate::ui::dom::{div, el, span};
use crate::ui::hooks::use_effect_with;
use crate::ui::part::{Hook, HookContext, Part};
use crate::web::chart;

/// A plot.
#[derive(PartialEq)]
pub struct Chart {
    /// Unix time of each sample, ms.
    pub times_ms: Vec<f64>,
    /// What is drawn.
    pub plot: Plot,
    /// On a dark ground: drawn anew when that changes.
    pub dark: bool,
}

impl Part for Chart {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let place = use_node_ref().run(hooks);
        {
            let place = place.clone();
            let shown = (self.times_ms.clone(), self.plot.clone(), self.dark);
            use_effect_with(shown, move |(times_ms, plot, _)| {
                if let Some(canvas) = place.cast::<web_sys::HtmlCanvasElement>() {
                    chart::draw(&canvas, times_ms, plot);
                }
            })
            .run(hooks);
        }
        let plot = &self.plot;
        let mut head = div("chart-head").kid(el("b").text(plot.title));
        let mut label = String::from(plot.title);
        for ((name, amounts), class) in plot.lines.iter().zip(["one", "two"]) {
            let last = amounts.iter().rev().find(|amount| amount.is_finite());
            let mut said = last.map_or_else(|| "–".to_owned(), |last| plot.unit.say(*last));
            if !name.is_empty() {
                said = said + " " + name;
            }
            label = label + ", " + &said;
            let key = (plot.lines.len() > 1).then(|| span("key").class(class));
            head = head.kid(span("mute").maybe(key).text(said));
        }
        let canvas = el("canvas").node(&place).attr("role", "img").set("aria-label", label);
        div("chart").kid(head).kid(canvas).into()
    }
}
