//! The frame around every page: top bar, list of clusters, dialogs, passing lines, keys.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::dom::{El, div, el, list, nothing, span};
use super::pages::{self, OneLine, Waste};
use super::store::{Dispatch, Room, Surroundings, use_surroundings};
use super::widgets::{acts, link, link_to, new_cluster, sets, toasts};
use crate::web::clock;
use crate::web::theme::{self, Theme};
use gateway::AuthKind;
use session::action::Action;
use session::route::Page;
use session::state::{Dialog, Entry, State};

/// Properties of [`Shell`].
#[derive(Properties, PartialEq)]
pub struct ShellProps {
    /// The state.
    pub state: Rc<State>,
    /// Inside a host's page.
    pub embedded: bool,
}

/// The frame around every page.
#[component]
pub fn Shell(props: &ShellProps) -> Html {
    let &ShellProps { ref state, embedded } = props;
    let Surroundings { dispatch, room, .. } = use_surroundings();
    let root = use_node_ref();
    let theme = use_theme(&root);
    let drawer = use_drawer(&state.route.page);
    use_keys(&root, &dispatch, &drawer, embedded);
    use_title(state, embedded);
    let panel = matches!(state.route.page, Page::Panel(_));
    let has_list = state.has_clusters() && !panel;
    let top = || {
        let toggle = sets(drawer.setter(), (!drawer.is_open()).then(|| state.route.page.clone()));
        let toggle = (has_list && room.narrow).then_some(toggle);
        top_bar(state, &dispatch, room, toggle, theme_button(&theme))
    };
    let veil = || {
        el("button")
            .class("veil")
            .attr("aria-label", "Close the list")
            .onclick(sets(drawer.setter(), None))
    };
    let beside = || {
        let veil = room.narrow.then(veil);
        let clusters = side_list(state, &dispatch, room.narrow);
        list(vec![veil.map_or_else(nothing, Into::into), clusters])
    };
    div("ds-app")
        .class_if(embedded, "embedded")
        .class_if(room.narrow, "narrow")
        .class_if(room.phone, "phone")
        .class_if(panel, "panel")
        .class_if(!has_list, "bare")
        .node(&root)
        .maybe((!panel).then(top))
        .maybe((has_list && (!room.narrow || drawer.is_open())).then(beside))
        .kid(
            el("main")
                .class("main")
                .attr("tabindex", "-1")
                .kid(pages::sign_in_again(state))
                .kid(pages::show(state, &dispatch, room)),
        )
        .kid(pages::dialog(state, &dispatch))
        .kid(toasts(&state.toasts))
        .into()
}

/// The colors that were chosen, put on the app and on what it paints.
#[hook]
fn use_theme(root: &NodeRef) -> UseStateHandle<Theme> {
    let theme = use_state_eq(Theme::kept);
    let root = root.clone();
    use_effect_with(*theme, move |theme| {
        let theme = *theme;
        let place = root.cast::<web_sys::Element>();
        let place =
            place.and_then(|element| element.closest(".ds-root").ok().flatten().or(Some(element)));
        let apply = move || {
            if let Some(place) = &place {
                theme.apply(place);
            }
            crate::runtime::registry::set_dark(theme.is_dark());
        };
        apply();
        let follow = theme::follow(apply);
        move || drop(follow)
    });
    theme
}

/// The list of clusters where there is no room for it: drawn out over one page, and away on another one.
struct Drawer {
    over: UseStateHandle<Option<Page>>,
    open: bool,
}

impl Drawer {
    fn is_open(&self) -> bool {
        self.open
    }

    fn setter(&self) -> UseStateSetter<Option<Page>> {
        self.over.setter()
    }
}

#[hook]
fn use_drawer(page: &Page) -> Drawer {
    let over = use_state_eq(|| None::<Page>);
    let open = over.as_ref() == Some(page);
    if over.is_some() && !open {
        over.set(None);
    }
    Drawer { over, open }
}

/// The keys that mean the same on every page.
#[hook]
fn use_keys(root: &NodeRef, dispatch: &Dispatch, drawer: &Drawer, embedded: bool) {
    let (root, dispatch, drawer) = (root.clone(), dispatch.clone(), drawer.setter());
    use_effect_with((), move |()| {
        // A host's keys are its own: there we listen to our part of the page only.
        let target: Option<web_sys::EventTarget> = if embedded {
            root.cast::<web_sys::Element>().map(Into::into)
        } else {
            web_sys::window().map(Into::into)
        };
        let keys = target.map(|target| {
            clock::listen(&target, "keydown", move |event| {
                if let Ok(event) = event.dyn_into::<web_sys::KeyboardEvent>() {
                    let veil = root.cast::<web_sys::Element>();
                    let veil = veil.and_then(|root| root.query_selector(".veil").ok()?);
                    key(&event, &dispatch, &drawer, veil.is_some());
                }
            })
        });
        move || drop(keys)
    });
}

#[hook]
fn use_title(state: &State, embedded: bool) {
    use_effect_with((title(state), embedded), |(title, embedded)| {
        if !embedded && let Some(document) = web_sys::window().and_then(|w| w.document()) {
            document.set_title(title);
        }
    });
}

/// The window's title: what is shown, without a cluster's name.
fn title(state: &State) -> String {
    let site = state.config.title.as_deref().unwrap_or("Daskscope");
    match &state.route.page {
        Page::Cluster(name) => {
            let alias = base::alias::alias(name);
            format!("{alias} · {site}")
        }
        Page::Clusters => format!("Clusters · {site}"),
        Page::Connect => format!("Connect · {site}"),
        Page::Scheduler => format!("Scheduler · {site}"),
        Page::Recordings | Page::Recording(_) => format!("Recordings · {site}"),
        _ => site.to_owned(),
    }
}

fn key(
    event: &web_sys::KeyboardEvent,
    dispatch: &Dispatch,
    drawer: &UseStateSetter<Option<Page>>,
    veiled: bool,
) {
    if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    // Typing is typing. The path begins inside shadow roots, where `target` does not look.
    let place = event.composed_path().get(0).dyn_into::<web_sys::Element>().ok();
    let typing = place.as_ref().is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
    });
    if typing {
        return;
    }
    // While a stream is searched, its next match is meant. (Below a shadow root it hears of keys
    // after this.)
    let searched = || {
        let root = place.and_then(|place| place.closest(".ds-root").ok().flatten());
        root.is_some_and(|root| root.query_selector(".stream-matches").ok().flatten().is_some())
    };
    let state = dispatch.state();
    match event.key().as_str() {
        "?" => {
            event.prevent_default();
            dispatch.act(Action::Ask(Dialog::Keys));
        }
        "n" if state.has_clusters() && !searched() => {
            event.prevent_default();
            dispatch.go_to(new_cluster(&state));
        }
        "g" if state.has_clusters() => dispatch.go(Page::Clusters),
        "Escape" if veiled => {
            event.prevent_default(); // one press closes one thing
            drawer.set(None);
        }
        _ => {}
    }
}

fn top_bar(
    state: &State,
    dispatch: &Dispatch,
    room: Room,
    toggle: Option<Callback<MouseEvent>>,
    theme: El,
) -> Html {
    let site = state.config.title.clone().unwrap_or_else(|| "Daskscope".into());
    let home = if state.has_clusters() { Page::Clusters } else { Page::Connect };
    let drawer = toggle.map(|toggle| {
        let lines = el("path")
            .attr("d", "M2 4h12M2 8h12M2 12h12")
            .attr("stroke", "currentColor")
            .attr("stroke-width", "1.6")
            .attr("stroke-linecap", "round");
        quiet("btn quiet icon", toggle).attr("aria-label", "Clusters").kid(icon(ICON).kid(lines))
    });
    let who = state.session.who().filter(|_| state.has_clusters()).map(|credentials| {
        let user = (!room.phone).then(|| {
            let who = credentials.user().unwrap_or(match credentials.kind() {
                AuthKind::JupyterHub => "by token",
                AuthKind::Kerberos => "by Kerberos",
                _ => "signed in",
            });
            span("user clip")
                .set("title", format!("{who} at {}", credentials.address()))
                .text(who.to_owned())
        });
        let leave = quiet("btn quiet", acts(dispatch, || Action::SignOut))
            .attr("data-testid", "sign-out")
            .text("Sign out");
        list(vec![user.map_or_else(nothing, Into::into), leave.into()])
    });
    let keys = quiet("btn quiet icon", acts(dispatch, || Action::Ask(Dialog::Keys)))
        .attr("title", "Keyboard")
        .attr("aria-label", "Keyboard")
        .text("?");
    el("header")
        .class("top")
        .maybe(drawer)
        .kid(link_to(dispatch, state, home).class("brand").kid(brand()).kid(el("span").text(site)))
        .maybe((!room.narrow).then(|| {
            el("nav").class("crumb").attr("aria-label", "Where").kid(crumbs(state, dispatch))
        }))
        .kid(span("grow"))
        .maybe(who)
        .kid(span("tools").kid(theme).kid(keys))
        .into()
}

fn quiet(class: &'static str, onclick: Callback<MouseEvent>) -> El {
    el("button").class(class).onclick(onclick)
}

/// The box that most drawings are made for.
const ICON: &str = "0 0 16 16";

fn icon(view: &'static str) -> El {
    el("svg")
        .attr("width", "16")
        .attr("height", "16")
        .attr("viewBox", view)
        .attr("aria-hidden", "true")
}

/// The app's own sign: intervals on three threads.
fn brand() -> El {
    let bars = [
        ("5", "7", "11", "a"),
        ("18", "7", "9", "b"),
        ("5", "14", "5", "b"),
        ("12", "14", "15", "a"),
        ("5", "21", "14", "a"),
        ("21", "21", "4", ""),
    ];
    let mut sign = icon("4 6 24 21");
    for (x, y, width, class) in bars {
        let bar = el("rect")
            .attr("x", x)
            .attr("y", y)
            .attr("width", width)
            .attr("height", "5")
            .attr("rx", "1.5")
            .class(class);
        sign = sign.kid(if class.is_empty() { bar.attr("fill", "currentColor") } else { bar });
    }
    sign
}

fn crumbs(state: &State, dispatch: &Dispatch) -> Html {
    let route = &state.route;
    let mut steps: Vec<Html> = Vec::new();
    let mut step = |one: El| {
        if !steps.is_empty() {
            steps.push(el("i").text("/").into());
        }
        steps.push(one.into());
    };
    if let Some(address) = state.session.address().filter(|_| state.has_clusters()) {
        let address = address.as_str();
        let place = address.split_once("://").map_or(address, |(_, rest)| rest);
        step(span("clip").text(place.to_owned()));
    }
    let plain = |word: &'static str| el("span").text(word);
    match &route.page {
        Page::Clusters => step(plain("clusters")),
        Page::Cluster(name) => {
            step(link_to(dispatch, state, Page::Clusters).text("clusters"));
            step(el("span").text(base::alias::alias(name)));
        }
        Page::Scheduler => step(plain("scheduler")),
        Page::Recordings | Page::Recording(_) => step(plain("recordings")),
        _ => {}
    }
    list(steps)
}

fn theme_button(theme: &UseStateHandle<Theme>) -> El {
    let onclick = {
        let theme = theme.clone();
        Callback::from(move |_| {
            let next = theme.next();
            next.keep();
            theme.set(next);
        })
    };
    let theme = **theme;
    let label: AttrValue =
        format!("Theme: {}. Click for {}.", theme.label(), theme.next().label()).into();
    let line = |shape: El, width: &'static str| {
        shape.attr("fill", "none").attr("stroke", "currentColor").attr("stroke-width", width)
    };
    let disc = |radius: &'static str| {
        line(el("circle").attr("cx", "8").attr("cy", "8").attr("r", radius), "1.4")
    };
    let path = |d: &'static str| el("path").attr("d", d);
    let drawing = match theme {
        Theme::System => icon(ICON)
            .kid(disc("5.4"))
            .kid(path("M8 2.6a5.4 5.4 0 0 1 0 10.8z").attr("fill", "currentColor")),
        Theme::Dark => icon(ICON).kid(
            line(path("M13.2 9.8A5.6 5.6 0 1 1 6.2 2.8a4.6 4.6 0 0 0 7 7z"), "1.4")
                .attr("stroke-linejoin", "round"),
        ),
        Theme::Light => icon(ICON).kid(disc("2.8")).kid(
            path(
                "M8 1.5v1.7M8 12.8v1.7M1.5 8h1.7M12.8 8h1.7M3.4 3.4l1.2 1.2M11.4 11.4l1.2 1.2\
                 M12.6 3.4l-1.2 1.2M4.6 11.4l-1.2 1.2",
            )
            .attr("stroke", "currentColor")
            .attr("stroke-width", "1.3")
            .attr("stroke-linecap", "round"),
        ),
    };
    quiet("btn quiet icon", onclick)
        .attr("data-testid", "theme")
        .set("title", label.clone())
        .set("aria-label", label)
        .kid(drawing)
}

fn side_list(state: &State, dispatch: &Dispatch, narrow: bool) -> Html {
    let (live, past) = (state.live(), state.past());
    let rows =
        |entries: &[Rc<Entry>]| list(entries.iter().map(|one| row(one, state, dispatch)).collect());
    let heading = |words: &'static str| el("h2").text(words);
    let earlier = (!past.is_empty())
        .then(|| list(vec![heading("Earlier").into(), rows(&past[..past.len().min(12)])]));
    let start = link(dispatch, new_cluster(state))
        .class("btn primary tall")
        .set_some("data-testid", (!narrow).then_some("new-cluster".into()))
        .text("New cluster");
    el("nav")
        .class("side")
        .attr("aria-label", "Clusters")
        .kid(
            div("side-scroll")
                .kid(heading("Clusters"))
                .kid(none_live(state, &live))
                .kid(rows(&live))
                .maybe(earlier),
        )
        .kid(div("side-foot").kid(start))
        .into()
}

/// What stands in the list's place while it has not come, or where it is empty.
fn none_live(state: &State, live: &[Rc<Entry>]) -> Html {
    if !state.listing.loaded {
        let bone = || div("row").kid(el("span")).kid(el("span").kid(div("bone w70"))).into();
        list(vec![bone(), bone(), bone()])
    } else if live.is_empty() {
        el("p").class("none").text("No clusters").into()
    } else {
        nothing()
    }
}

/// A cluster in the list.
fn row(entry: &Rc<Entry>, state: &State, dispatch: &Dispatch) -> Html {
    let name = &entry.cluster.name;
    // One element per name: on the page of all clusters its own rows carry the names.
    let named = state.route.page != Page::Clusters;
    let current = matches!(&state.route.page, Page::Cluster(shown) if shown == name);
    let status = if pages::is_gone(entry) { "GONE" } else { entry.status().as_str() };
    let words = span("clip")
        .kid(el("b").text(entry.alias.clone()))
        .kid(el("small").class("clip").kid(html! { <OneLine entry={entry.clone()} /> }));
    link_to(dispatch, state, Page::Cluster(name.clone()))
        .class("row")
        .key(name.as_str())
        .set_some("aria-current", current.then_some("page".into()))
        .set_some("data-testid", named.then(|| format!("cluster-row-{name}").into()))
        .attr("data-status", status)
        .kid(span("dot"))
        .kid(words)
        .kid(html! { <Waste entry={entry.clone()} /> })
        .into()
}
