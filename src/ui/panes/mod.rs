//! How panes are drawn: one drawing for each kind of picture, whatever it shows.

mod areas;
mod bars;
mod chart;
mod graph;
mod grid;
mod offer;
mod own;
mod stacks;

use chart::Chart;
pub use own::OwnPage;
use yew::prelude::*;

use crate::app::engine::{Engine, Input};
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
        let note = picture.as_ref().map_or("", note);
        let head = el("header")
            .kid(el("h2").text(pane.title))
            .kid(span("pane-note").set("title", note.to_owned()).text(note.to_owned()))
            .kid(span("grow"))
            .maybe(self.onclose.clone().map(|close| {
                button("btn quiet icon")
                    .attr("aria-label", "Remove this pane")
                    .onclick(close)
                    .text("×")
            }));
        let body = match &picture {
            Some(shown) => body(shown, &self.hub, dark),
            None => said(why_nothing(&engine, pane)).into(),
        };
        let wide = matches!(picture, Some(Picture::Graph(_) | Picture::Own(_)));
        el("section")
            .class("pane")
            .class_if(wide, "wide")
            .attr("aria-label", pane.title)
            .testid(format!("pane-{}", pane.id))
            .kid(head)
            .kid(body)
            .into()
    }
}

fn note(picture: &Picture) -> &str {
    match picture {
        Picture::Bars(bars) => bars.note.as_str(),
        Picture::Grid(grid) => grid.note.as_str(),
        Picture::Series(series) => series.note.as_str(),
        Picture::Stacks(stacks) => stacks.note.as_str(),
        Picture::Areas(areas) => areas.note.as_str(),
        Picture::Parts(_, note) => note.as_str(),
        Picture::Graph(_) | Picture::Offer(_) | Picture::Own(_) | Picture::Nothing(_) => "",
    }
}

fn body(picture: &Picture, hub: &HubHandle, dark: bool) -> Html {
    match picture {
        Picture::Bars(shown) => bars::bars(shown, dark).into(),
        Picture::Grid(shown) => grid::grid(shown).into(),
        Picture::Series(shown) => div("charts")
            .kids(shown.plots.iter().map(|plot| {
                let times_ms = shown.times_ms.clone();
                keyed(Chart { times_ms, plot: plot.clone(), dark }, plot.title)
            }))
            .into(),
        Picture::Stacks(shown) => part(stacks::Stacks { shown: shown.clone(), dark }),
        Picture::Areas(shown) => part(areas::Areas { shown: shown.clone(), dark }),
        Picture::Graph(tables) => {
            let base = hub.0.source().base.clone();
            part(graph::GraphPane { tables: tables.clone(), base, dark })
        }
        Picture::Parts(parts, _) => div("parts")
            .kids(parts.iter().map(|(title, picture)| {
                let head = el("h3").text(*title);
                el("section")
                    .key(*title)
                    .attr("aria-label", title)
                    .kid(head)
                    .kid(body(picture, hub, dark))
            }))
            .into(),
        Picture::Offer(offer) => {
            let why = hub.0.engine().why_nothing(offer.page);
            part(offer::Offer { what: *offer, hub: hub.clone(), why })
        }
        Picture::Own(id) => part(OwnPage { id: (*id).into(), base: hub.0.source().base.clone() }),
        Picture::Nothing(why) => said((*why).into()).into(),
    }
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
