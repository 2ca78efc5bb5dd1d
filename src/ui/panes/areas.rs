//! Amounts over time, one upon the other: a canvas, and a key with the last amount of each.

use std::rc::Rc;

use yew::prelude::*;

use crate::app::panes::Areas as Shown;
use crate::base::number::fixed;
use crate::timeline::palette;
use crate::ui::dom::{div, el, span};
use crate::ui::hooks::use_effect_with;
use crate::ui::part::{Hook, HookContext, Part};
use crate::web::areas;

/// The areas.
#[derive(PartialEq)]
pub struct Areas {
    /// What is shown.
    pub shown: Rc<Shown>,
    /// On a dark ground.
    pub dark: bool,
}

impl Part for Areas {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let place = use_node_ref().run(hooks);
        {
            let place = place.clone();
            use_effect_with((self.shown.clone(), self.dark), move |(shown, dark)| {
                if let Some(canvas) = place.cast::<web_sys::HtmlCanvasElement>() {
                    areas::draw(&canvas, shown, *dark);
                }
            })
            .run(hooks);
        }
        let mut keys = el("ul").class("area-keys").attr("aria-label", "Groups");
        for layer in &self.shown.layers {
            let last = layer.amounts.last().copied().unwrap_or(0.0);
            let fill = palette::css(palette::fit(layer.color, self.dark));
            let rect = el("rect").attr("width", "100%").attr("height", "100%").set("fill", fill);
            keys = keys.kid(
                el("li")
                    .key(layer.name.as_str())
                    .set("title", layer.name.clone())
                    .kid(el("svg").class("swatch").attr("aria-hidden", "true").kid(rect))
                    .kid(el("code").text(layer.name.clone()))
                    .kid(span("mute").text(fixed(last, 1))),
            );
        }
        let canvas = el("canvas").node(&place).attr("role", "img").set(
            "aria-label",
            format!(
                "Threads at work over {} s",
                fixed(-self.shown.ages_s.first().copied().unwrap_or(0.0), 0)
            ),
        );
        div("charts areas").kid(canvas).kid(keys).into()
    }
}
