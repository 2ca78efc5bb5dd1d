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
use grid::{Sheet, SheetProps};
use heat::Heat;
use logs::LogPane;
pub use own::OwnPage;
use yew::prelude::*;

use crate::runtime::HubHandle;
use crate::ui::board::Board;
use crate::ui::dom::{El, div, el, list, nothing, span};
use crate::web::clock;
use crate::web::sight::Sight;
use live::engine::{Engine, Input};
use panes::{Pane, Picture, all_busy};

/// Properties of [`LibraryPane`].
#[derive(Properties)]
pub struct LibraryPaneProps {
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

impl PartialEq for LibraryPaneProps {
    fn eq(&self, other: &Self) -> bool {
        // The board changes with what is open on it; the menu has little to draw.
        self.board.is_none()
            && other.board.is_none()
            && self.pane.id == other.pane.id
            && self.hub == other.hub
            && self.version == other.version
    }
}

/// One pane of the library. Its pages are open while it is in sight.
#[component]
pub fn LibraryPane(props: &LibraryPaneProps) -> Html {
    let pane = props.pane;
    let place = use_node_ref();
    let in_sight = use_state_eq(|| false);
    {
        let (hub, place, in_sight) = (props.hub.clone(), place.clone(), in_sight.setter());
        use_effect_with(pane.id, move |_| {
            let open = Rc::new(Cell::new(false));
            let put = move |on: bool| {
                if open.replace(on) != on {
                    for page in pane.pages {
                        hub.0.put(Input::Pane(*page, on));
                    }
                }
            };
            let close = put.clone();
            let watch = place.cast().and_then(|place| {
                Sight::new(&place, move |on| {
                    put(on);
                    in_sight.set(on);
                })
            });
            move || {
                drop(watch);
                close(false);
            }
        });
    }
    // Out of sight nothing is read, nor drawn: it stays as it was.
    let drawn = use_mut_ref(|| props.version);
    if *in_sight {
        *drawn.borrow_mut() = props.version;
    }
    let version = *drawn.borrow();
    let engine = props.hub.0.engine();
    let dark = crate::runtime::registry::is_dark();
    let menu = props.board.as_ref().map(|board| {
        let open = board.is_open(pane.id);
        let picture = open.then(|| (pane.read)(&engine.snapshot())).flatten().map(Rc::new);
        let offers = picture.as_ref().map(|picture| save::offers(pane.id, picture, dark, board));
        let tabled = picture.is_some_and(|picture| picture.is_tabled());
        board.menu(&Rc::from(pane.id), tabled, offers.unwrap_or_default())
    });
    let section = el("section")
        .class("pane")
        .attr("aria-label", pane.title)
        .testid(format!("pane-{}", pane.id))
        .node(&place)
        .kid(html! {
            <Content {pane} hub={props.hub.clone()} {version} {dark} table={props.table} />
        });
    // The menu is larger than the pane may be.
    list(vec![section.into(), menu.map_or_else(nothing, Into::into)])
}

/// Properties of [`Content`].
#[derive(Properties)]
pub struct ContentProps {
    pane: &'static Pane,
    hub: HubHandle,
    /// The hub's version that is shown.
    version: u64,
    dark: bool,
    table: bool,
}

impl PartialEq for ContentProps {
    fn eq(&self, other: &Self) -> bool {
        (self.pane.id, self.version, self.dark, self.table)
            == (other.pane.id, other.version, other.dark, other.table)
            && self.hub == other.hub
    }
}

/// The head of a pane, and what it shows.
#[component]
pub fn Content(props: &ContentProps) -> Html {
    let (pane, dark) = (props.pane, props.dark);
    let engine = props.hub.0.engine();
    let picture = (pane.read)(&engine.snapshot());
    let findings = props.hub.0.advice().advice().map_or(0, |all| all.len());
    let advised = if findings > 0 { findings.to_string() } else { String::new() };
    let is_advice = matches!(picture, Some(Picture::Advice));
    let note =
        if is_advice { &*advised } else { picture.as_ref().map_or("", Picture::note) }.to_owned();
    let head = el("header")
        .kid(el("h2").text(pane.title))
        .kid(
            span("pane-note")
                .class_if(is_advice && findings > 0, "badge")
                .set("title", note.clone())
                .text(note),
        )
        .kid(span("grow"));
    let body: Html = match picture {
        Some(shown) => body(shown, &props.hub, props.version, (dark, props.table)),
        None => said(why_nothing(&engine, pane)).into(),
    };
    let old = pane.pages.iter().find_map(|page| engine.feed().why_old(*page));
    let old = old.map(|why| {
        div("strip-note").attr("role", "status").attr("data-old", "").kid(el("p").text(why))
    });
    list(vec![head.into(), old.map_or_else(nothing, Into::into), body])
}

/// The drawing of a picture, on a dark ground or not; or its table, where it has one and that is wanted.
fn body(picture: Picture, hub: &HubHandle, version: u64, (dark, tabled): (bool, bool)) -> Html {
    if let Some(table) = if tabled { picture.table() } else { None } {
        return html! { <Sheet ..SheetProps::table(table, clock::zone()) /> };
    }
    match picture {
        Picture::Bars(shown) => bars::bars(&shown, dark).into(),
        Picture::Grid(shown) => html! { <Sheet ..SheetProps::grid(shown, clock::zone()) /> },
        Picture::Series(shown) => html! { <Charts series={Rc::new(shown)} {dark} /> },
        Picture::Matrix(shown) => html! { <Heat matrix={Rc::new(shown)} {dark} /> },
        Picture::Stacks(shown) => html! { <stacks::Stacks {shown} {dark} /> },
        Picture::Areas(shown) => html! { <areas::Areas {shown} {dark} /> },
        Picture::Graph(tables) => {
            let base = hub.0.source().base.clone();
            html! { <graph::GraphPane {tables} {base} {dark} /> }
        }
        Picture::Parts(parts, _) => div("parts")
            .kids(parts.into_iter().map(|(title, picture)| {
                let head = el("h3").text(title);
                el("section").key(title).attr("aria-label", title).kid(head).kid(body(
                    picture,
                    hub,
                    version,
                    (dark, tabled),
                ))
            }))
            .into(),
        Picture::Offer(offer) => {
            let engine = hub.0.engine();
            let (why, busy) = (engine.feed().why_nothing(offer.page), all_busy(&engine.snapshot()));
            html! { <offer::Offer what={offer} hub={hub.clone()} {why} {busy} /> }
        }
        Picture::Own(id) => {
            html! { <OwnPage id={id.to_owned()} base={hub.0.source().base.clone()} /> }
        }
        Picture::Advice => own(html! { <AdvicePane hub={hub.clone()} {version} /> }),
        Picture::Logs => own(html! { <LogPane hub={hub.clone()} {version} /> }),
        Picture::CallStacks => own(html! { <StackPane hub={hub.clone()} {version} /> }),
        Picture::Flame(flame) => {
            own(html! { <flame::FlameView {flame} hub={hub.clone()} {dark} /> })
        }
        Picture::Nothing(why) => said(why.into()).into(),
    }
}

/// A body that is a part of its own.
fn own(body: Html) -> Html {
    div("pane-body").kid(body).into()
}

/// Why a pane has nothing to show: one of its pages is not there, or holds something else.
fn why_nothing(engine: &Engine, pane: &Pane) -> String {
    if let Some(why) = pane.pages.iter().find_map(|page| engine.feed().why_nothing(*page)) {
        return why;
    }
    if !pane.pages.is_empty()
        && pane.pages.iter().all(|page| engine.snapshot().whole(*page).is_some())
    {
        let path = pane.pages.first().map_or("", |page| page.path());
        return format!(
            "The scheduler's page {path} has no data for this pane. This version of Dask is not known to Daskscope."
        );
    }
    "Loading…".into()
}

fn said(words: String) -> El {
    el("p").class("empty").text(words)
}
