//! How panes are drawn: one drawing for each kind of picture, whatever it shows.

mod bars;
mod chart;
mod grid;
mod heat;
pub mod save;

use std::cell::Cell;
use std::rc::Rc;

use chart::Charts;
use heat::Heat;
use yew::prelude::*;

use crate::app::engine::Input;
use crate::app::panes::{Pane, Picture};
use crate::ui::dom::{El, el, list, nothing, span};
use crate::ui::hooks::use_effect_with;
use crate::ui::live::{Board, HubHandle};
use crate::ui::part::{Hook, HookContext, Part, part};
use crate::web::sight::Sight;

/// One pane of the library. Its pages are open for as long as it is on the page.
pub struct LibraryPane {
    /// Which.
    pub pane: &'static Pane,
    /// Of what.
    pub hub: HubHandle,
    /// The hub's version, so that a change is drawn.
    pub version: u64,
    /// The board that it stands on; none where it stands alone.
    pub board: Option<Board>,
    /// Whether its table is shown in the place of its picture.
    pub table: bool,
}

impl PartialEq for LibraryPane {
    fn eq(&self, other: &Self) -> bool {
        // The board changes with what is open on it.
        self.board.is_none()
            && other.board.is_none()
            && self.pane.id == other.pane.id
            && self.hub == other.hub
            && self.version == other.version
    }
}

impl Part for LibraryPane {
    fn view(&self, hooks: &mut HookContext) -> Html {
        let pane = self.pane;
        let place = use_node_ref().run(hooks);
        {
            let (hub, place) = (self.hub.clone(), place.clone());
            use_effect_with(pane.id, move |_| {
                // Its pages are open while it is in sight.
                let open = Rc::new(Cell::new(false));
                let put = move |on: bool| {
                    if open.replace(on) != on {
                        for page in pane.pages {
                            hub.0.put(Input::Pane(*page, on));
                        }
                    }
                };
                let close = put.clone();
                let watch = place.cast().and_then(|place| Sight::new(&place, put));
                move || {
                    drop(watch);
                    close(false);
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
            .kid(span("grow"));
        let table = picture.as_ref().filter(|_| self.table).and_then(Picture::table);
        let offset_secs = save::offset_secs();
        let menu = self.board.as_ref().map(|board| {
            let shown = picture.as_ref().filter(|_| board.is_open(pane.id));
            let offers = shown.map(|picture| save::offers(pane.id, picture, dark));
            let tabled = shown.is_some_and(|picture| picture.table().is_some());
            board.menu(&Rc::from(pane.id), tabled, offers.unwrap_or_default())
        });
        let body: Html = match picture {
            _ if table.is_some() => {
                table.map_or_else(nothing, |it| grid::table(&it, offset_secs).into())
            }
            Some(Picture::Bars(shown)) => bars::bars(&shown, dark).into(),
            Some(Picture::Grid(shown)) => grid::grid(&shown).into(),
            Some(Picture::Series(shown)) => part(Charts { series: Rc::new(shown), dark }),
            Some(Picture::Matrix(shown)) => part(Heat { matrix: Rc::new(shown), dark }),
            Some(Picture::Nothing(why)) => said(why).into(),
            None => said("Waiting for the scheduler's first word.").into(),
        };
        let section = el("section")
            .class("pane")
            .attr("aria-label", pane.title)
            .testid(format!("pane-{}", pane.id))
            .node(&place)
            .kid(head)
            .kid(body);
        // The menu is larger than the pane may be.
        list(vec![section.into(), menu.map_or_else(nothing, Into::into)])
    }
}

fn said(words: &'static str) -> El {
    el("p").class("empty").text(words)
}
