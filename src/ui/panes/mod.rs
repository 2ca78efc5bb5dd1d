//! How panes are drawn: one drawing for each kind of picture, whatever it shows.

mod bars;
mod chart;
mod grid;
mod heat;

use std::rc::Rc;

use chart::Charts;
use heat::Heat;
use yew::prelude::*;

use crate::app::engine::Input;
use crate::app::panes::{Pane, Picture};
use crate::ui::dom::{El, button, el, span};
use crate::ui::hooks::use_effect_with;
use crate::ui::live::HubHandle;
use crate::ui::part::{Hook, HookContext, Part, part};

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
        let note = match &picture {
            Some(Picture::Bars(bars)) => bars.note.as_str(),
            Some(Picture::Grid(grid)) => grid.note.as_str(),
            Some(Picture::Series(series)) => series.note.as_str(),
            Some(Picture::Matrix(matrix)) => matrix.note.as_str(),
            Some(Picture::Nothing(_)) | None => "",
        }
        .to_owned();
        let head = el("header")
            .kid(el("h2").text(pane.title))
            .kid(span("pane-note").set("title", note.clone()).text(note))
            .kid(span("grow"))
            .maybe(self.onclose.clone().map(|close| {
                button("btn quiet icon")
                    .attr("aria-label", "Remove this pane")
                    .onclick(close)
                    .text("×")
            }));
        let body: Html = match picture {
            Some(Picture::Bars(shown)) => bars::bars(&shown, dark).into(),
            Some(Picture::Grid(shown)) => grid::grid(&shown).into(),
            Some(Picture::Series(shown)) => part(Charts { series: Rc::new(shown), dark }),
            Some(Picture::Matrix(shown)) => part(Heat { matrix: Rc::new(shown), dark }),
            Some(Picture::Nothing(why)) => said(why).into(),
            None => said("Waiting for the scheduler's first word.").into(),
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

fn said(words: &'static str) -> El {
    el("p").class("empty").text(words)
}
