//! How panes are drawn: one drawing for each kind of picture, whatever it shows.

mod advice;
mod areas;
mod aside;
mod bars;
mod callstacks;
mod chart;
mod flame;
mod graph;
mod grid;
mod heat;
mod logs;
mod offer;
mod own;
pub mod save;
mod stacks;

use std::cell::Cell;
use std::rc::Rc;

use advice::AdvicePane;
use callstacks::StackPane;
use chart::Charts;
use grid::Sheet;
use heat::Heat;
use logs::LogPane;
pub use own::OwnPage;
use yew::prelude::*;

use crate::app::engine::{Engine, Input};
use crate::app::panes::{Pane, Picture};
use crate::ui::dom::{El, div, el, list, nothing, span};
use crate::ui::hooks::use_effect_with;
use crate::ui::live::{Board, HubHandle};
use crate::ui::part::{Hook, HookContext, Part, part};
use crate::web::clock;
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
        let findings = engine.advice().map_or(0, |all| all.len());
        let advised = if findings > 0 { findings.to_string() } else { String::new() };
        let is_advice = matches!(picture, Some(Picture::Advice));
        let note = if is_advice { &*advised } else { picture.as_ref().map_or("", Picture::note) }
            .to_owned();
        let head = el("header")
            .kid(el("h2").text(pane.title))
            .kid(
                span("pane-note")
                    .class_if(is_advice && findings > 0, "badge")
                    .set("title", note.clone())
                    .text(note),
            )
            .kid(span("grow"));
        let table = picture.as_ref().filter(|_| self.table).and_then(Picture::table);
        let offset_secs = clock::east();
        let menu = self.board.as_ref().map(|board| {
            let shown = picture.as_ref().filter(|_| board.is_open(pane.id));
            let offers = shown.map(|picture| save::offers(pane.id, picture, dark));
            let tabled = shown.is_some_and(|picture| picture.table().is_some());
            board.menu(&Rc::from(pane.id), tabled, offers.unwrap_or_default())
        });
        let body: Html = match picture {
            _ if table.is_some() => {
                table.map_or_else(nothing, |it| part(Sheet::table(it, offset_secs)))
            }
            Some(shown) => body(shown, &self.hub, self.version, dark),
            None => said(why_nothing(&engine, pane)).into(),
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

fn body(picture: Picture, hub: &HubHandle, version: u64, dark: bool) -> Html {
    match picture {
        Picture::Bars(shown) => bars::bars(&shown, dark).into(),
        Picture::Grid(shown) => part(Sheet::grid(shown)),
        Picture::Series(shown) => part(Charts { series: Rc::new(shown), dark }),
        Picture::Matrix(shown) => part(Heat { matrix: Rc::new(shown), dark }),
        Picture::Stacks(shown) => part(stacks::Stacks { shown, dark }),
        Picture::Areas(shown) => part(areas::Areas { shown, dark }),
        Picture::Graph(tables) => {
            let base = hub.0.source().base.clone();
            part(graph::GraphPane { tables, base, dark })
        }
        Picture::Parts(parts, _) => div("parts")
            .kids(parts.into_iter().map(|(title, picture)| {
                let head = el("h3").text(title);
                el("section")
                    .key(title)
                    .attr("aria-label", title)
                    .kid(head)
                    .kid(body(picture, hub, version, dark))
            }))
            .into(),
        Picture::Offer(offer) => {
            let why = hub.0.engine().why_nothing(offer.page);
            part(offer::Offer { what: offer, hub: hub.clone(), why })
        }
        Picture::Own(id) => part(OwnPage { id: id.into(), base: hub.0.source().base.clone() }),
        Picture::Advice => own(part(AdvicePane { hub: hub.clone(), version })),
        Picture::Logs => own(part(LogPane { hub: hub.clone(), version })),
        Picture::CallStacks => own(part(StackPane { hub: hub.clone(), version })),
        Picture::Flame(flame) => own(part(flame::FlameView { flame, hub: hub.clone(), dark })),
        Picture::Nothing(why) => said(why.into()).into(),
    }
}

/// A body that is a part of its own.
fn own(body: Html) -> Html {
    div("pane-body").kid(body).into()
}

/// Why a pane has nothing to show: one of its pages is not there, or holds something else.
fn why_nothing(engine: &Engine, pane: &Pane) -> String {
    if let Some(why) = pane.pages.iter().find_map(|page| engine.why_nothing(*page)) {
        return why;
    }
    if !pane.pages.is_empty() && pane.pages.iter().all(|page| engine.whole(*page).is_some()) {
        let path = pane.pages.first().map_or("", |page| page.path());
        return format!(
            "The scheduler's page {path} does not hold what this pane shows: its Dask is of a version that \
             this program does not know."
        );
    }
    "Waiting for the scheduler's first word.".into()
}

fn said(words: String) -> El {
    el("p").class("empty").text(words)
}
