//! What is advised: findings, the gravest first, each with its evidence, what to do and where to look.

use std::cell::Cell;

use web_sys::Element;
use yew::prelude::*;

use super::aside::use_sight;
use crate::runtime::HubHandle;
use crate::ui::dom::{El, button, div, el, span};
use crate::ui::store::{Dispatch, use_dispatch};
use crate::ui::widgets::{Copier, link};
use advice::{Finding, Grade, Place};
use panes as library;
use session::route::{Page, Route};

/// Properties of [`AdvicePane`].
#[derive(Properties, PartialEq)]
pub struct AdvicePaneProps {
    /// About what.
    pub hub: HubHandle,
    /// The hub's version, so that a change is drawn.
    pub version: u64,
}

/// The body of the pane.
#[component]
pub fn AdvicePane(props: &AdvicePaneProps) -> Html {
    let dispatch = use_dispatch();
    let place = use_node_ref();
    {
        // Looked for while it can be seen.
        let (hub, shown) = (props.hub.clone(), Cell::new(false));
        use_sight(&place, move |on| {
            if shown.replace(on) != on {
                hub.0.note_advised(on);
            }
        });
    }
    let engine = props.hub.0.engine();
    let facts = engine.feed().facts();
    let runner = props.hub.0.advice();
    let body = match runner.advice() {
        None => el("p").class("empty").text("Checking…"),
        Some(all) if all.is_empty() => {
            el("p").class("empty").testid("advice-nothing").text("No problems found.")
        }
        Some(all) => {
            let mut findings = el("ol").class("findings");
            for finding in all {
                findings = findings.kid(props.finding(finding, &dispatch));
            }
            findings
        }
    };
    let knows = format!(
        "The dashboard reports only the version of {}. To compare the versions of Python, Dask and \
         other packages, call client.get_versions(check=True). Here a mismatch shows in failed \
         imports, in options, and in a worker's log once you open it.",
        facts.versions.as_deref().unwrap_or("no version yet"),
    );
    div("advice-pane").node(&place).kid(body).kid(el("p").class("advice-foot").text(knows)).into()
}

impl AdvicePaneProps {
    fn finding(&self, finding: &Finding, dispatch: &Dispatch) -> El {
        let (class, word) = match finding.grade {
            Grade::Bad => ("bad", "Serious: "),
            Grade::Warn => ("warn", "Warning: "),
            Grade::Note => ("plain", "Note: "),
        };
        let mut places = div("places");
        for place in &finding.places {
            places = places.maybe(self.place(place, dispatch));
        }
        let code = (!finding.code.is_empty()).then(|| {
            div("finding-code")
                .kid(el("code").text(finding.code))
                .kid(html! { <Copier class="quiet" text={finding.code} /> })
        });
        el("li")
            .class("finding")
            .class(class)
            .key(finding.id)
            .testid(format!("finding-{}", finding.id))
            .kid(el("h3").kid(span("hush").text(word)).text(finding.title.clone()))
            .kid(el("p").class("evidence").text(finding.evidence.clone()))
            .kid(el("p").text(finding.remedy))
            .maybe(code)
            .kid(places)
    }

    /// A page about the same scheduler.
    fn route(&self, dispatch: &Dispatch, page: Page) -> Route {
        let state = dispatch.state();
        let query = &state.route.query;
        let mut to = state.route.follow(page);
        let named = match &state.route.page {
            Page::Cluster(name) => Some(name.clone()),
            _ => query.cluster.clone(),
        };
        let own = || self.hub.0.source().base.clone();
        to.query.url = query.url.clone().or_else(|| named.is_none().then(own));
        to.query.cluster = named.filter(|_| !matches!(to.page, Page::Cluster(_)));
        to
    }

    fn place(&self, place: &Place, dispatch: &Dispatch) -> Option<El> {
        match place {
            Place::Pane(id) => {
                let title = match *id {
                    "workers" => "Workers",
                    "progress" => "Progress",
                    id => library::pane(id)?.title,
                };
                let to = self.route(dispatch, Page::Panel((*id).to_owned()));
                Some(link(dispatch, to).text(title))
            }
            Place::Stream { query, span } => {
                let (stream, query, span) = (self.hub.0.stream().clone(), query.clone(), *span);
                let (dispatch, alone) =
                    (dispatch.clone(), self.route(dispatch, Page::Panel("task-stream".into())));
                let show = Callback::from(move |event: MouseEvent| {
                    let query = query.clone();
                    stream.change(move |stream| {
                        stream.set_filter(&query);
                        if let Some(span) = span {
                            stream.set_view(span);
                        }
                    });
                    // The panes around this one, wherever they hang.
                    let here = event.target_dyn_into::<Element>();
                    let panes = here.and_then(|here| here.closest(".panes").ok().flatten());
                    let pane = panes.and_then(|panes| panes.query_selector(".stream-pane").ok()?);
                    match pane {
                        Some(pane) => pane.scroll_into_view(),
                        // It is not on this page.
                        None => dispatch.go_to(alone.clone()),
                    }
                });
                let words = "Show in the task stream";
                Some(button("btn").testid("finding-show").onclick(show).text(words))
            }
        }
    }
}
