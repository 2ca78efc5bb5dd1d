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
    /// On a dark ground.
    pub dark: bool,
}

impl Part for Chart {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let place = use_node_ref().run(hooks);
        {
            let place = place.clone();
            let shown = (self.times_ms.clone(), self.plot.clone(), self.dark);
            use_effect_with(shown, move |(times_ms, plot, dark)| {
                if let Some(canvas) = place.cast::<web_sys::HtmlCanvasElement>() {
                    chart::draw(&canvas, times_ms, plot, *dark);
                }
            })
            .run(hooks);
        }
        let plot = &self.plot;
        let mut said = String::new();
        for (name, amounts) in &plot.lines {
            let last = amounts.iter().rev().find(|amount| amount.is_finite());
            let last = last.map_or_else(|| "–".to_owned(), |last| plot.unit.say(*last));
            said = if said.is_empty() { said } else { said + ", " } + &last;
            if !name.is_empty() {
                said = said + " " + name;
            }
        }
        div("chart")
            .kid(
                div("chart-head")
                    .kid(el("b").text(plot.title))
                    .kid(span("mute").text(said.clone())),
            )
            .kid(
                el("canvas")
                    .node(&place)
                    .attr("role", "img")
                    .set("aria-label", format!("{}: {said}", plot.title)),
            )
            .into()
    }
}
