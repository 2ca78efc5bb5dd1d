//! How panes are drawn: one drawing for each kind of picture, whatever it shows.

mod advice;
mod aside;
mod bars;
mod chart;
mod grid;
mod logs;
mod stacks;

use advice::AdvicePane;
use chart::Chart;
use logs::LogPane;
use stacks::StackPane;
use yew::prelude::*;

use crate::app::engine::Input;
use crate::app::panes::{Pane, Picture};
use crate::ui::dom::{El, button, div, el, span};
use crate::ui::hooks::use_effect_with;
use crate::ui::live::HubHandle;
use crate::ui::part::{Hook, HookContext, Part, keyed, part};

/// One pane of the library. Its pages are open for as long as it is on the page.
pub struct LibraryPane {
    /// Which.
    pub pane: &'static Pane,
    /// Of what.
    pub hub: HubHandle,
    /// The hub's version, so that a change is drawn.
    pub version: u64,
    /// Takes it off the page; none where it stands alone.
    pub onclose: Option<Callback<MouseEvent>>,
}

impl PartialEq for LibraryPane {
    fn eq(&self, other: &Self) -> bool {
        self.pane.id == other.pane.id && self.hub == other.hub && self.version == other.version
    }
}

impl Part for LibraryPane {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let pane = self.pane;
        {
            let hub = self.hub.clone();
            use_effect_with(pane.id, move |_| {
                for page in pane.pages {
                    hub.0.put(Input::Pane(*page, true));
                }
                move || {
                    for page in pane.pages {
                        hub.0.put(Input::Pane(*page, false));
                    }
                }
            })
            .run(hooks);
        }
        let engine = self.hub.0.engine();
        let picture = (pane.read)(&engine);
        let dark = engine.dark();
        let findings = engine.advice().map_or(0, |all| all.len());
        let advised = if findings > 0 { findings.to_string() } else { String::new() };
        let note = match &picture {
            Some(Picture::Bars(bars)) => bars.note.as_str(),
            Some(Picture::Grid(grid)) => grid.note.as_str(),
            Some(Picture::Series(series)) => series.note.as_str(),
            Some(Picture::Advice) => &advised,
            _ => "",
        };
        let head = el("header")
            .kid(el("h2").text(pane.title))
            .kid(
                span("pane-note")
                    .class_if(note == advised && findings > 0, "badge")
                    .set("title", note.to_owned())
                    .text(note.to_owned()),
            )
            .kid(span("grow"))
            .maybe(self.onclose.clone().map(|close| {
                button("btn quiet icon")
                    .attr("aria-label", "Remove this pane")
                    .onclick(close)
                    .text("×")
            }));
        let body = match &picture {
            Some(Picture::Bars(shown)) => bars::bars(shown, dark),
            Some(Picture::Grid(shown)) => grid::grid(shown),
            Some(Picture::Series(shown)) => div("charts").kids(shown.plots.iter().map(|plot| {
                let times_ms = shown.times_ms.clone();
                keyed(Chart { times_ms, plot: plot.clone(), dark }, plot.title)
            })),
            Some(Picture::Advice) => {
                own(part(AdvicePane { hub: self.hub.clone(), version: self.version }))
            }
            Some(Picture::Logs) => {
                own(part(LogPane { hub: self.hub.clone(), version: self.version }))
            }
            Some(Picture::Stacks) => {
                own(part(StackPane { hub: self.hub.clone(), version: self.version }))
            }
            Some(Picture::Nothing(why)) => said(why),
            None => said("Waiting for the scheduler's first word."),
        };
        el("section")
            .class("pane")
            .attr("aria-label", pane.title)
            .testid(format!("pane-{}", pane.id))
            .kid(head)
            .kid(body)
            .into()
    }
}

/// A body that is a part of its own.
fn own(body: Html) -> El {
    div("pane-body").kid(body)
}

fn said(words: &'static str) -> El {
    el("p").class("empty").text(words)
}
