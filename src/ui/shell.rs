//! The frame around every page: top bar, list of clusters, dialogs, passing lines, keys.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::pages;
use super::store::{use_dispatch, use_room};
use super::widgets::{Link, Toasts};
use crate::app::action::Action;
use crate::app::route::Page;
use crate::app::state::{Dialog, Entry, Session, State};
use crate::base::fmt;
use crate::gateway::AuthKind;
use crate::web::clock;
use crate::web::theme::{self, Theme};

/// The frame.
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
    let dispatch = use_dispatch();
    let room = use_room();
    let state = &props.state;
    let theme = use_state_eq(Theme::kept);
    let drawer = use_state_eq(|| false);
    let root = use_node_ref();

    {
        let root = root.clone();
        use_effect_with(*theme, move |theme| {
            let theme = *theme;
            let place = root.cast::<web_sys::Element>();
            let place = place
                .and_then(|element| element.closest(".ds-root").ok().flatten().or(Some(element)));
            if let Some(place) = &place {
                theme.apply(place);
            }
            let follow = theme::follow(move || {
                if let Some(place) = &place {
                    theme.apply(place);
                }
            });
            move || drop(follow)
        });
    }
    {
        let dispatch = dispatch.clone();
        let drawer = drawer.setter();
        let root = root.clone();
        let embedded = props.embedded;
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
                        key(&event, &dispatch, &drawer);
                    }
                })
            });
            move || drop(keys)
        });
    }
    {
        let drawer = drawer.setter();
        use_effect_with(state.route.page.clone(), move |_| drawer.set(false));
    }
    {
        let title = title(state);
        let embedded = props.embedded;
        use_effect_with(title, move |title| {
            if !embedded && let Some(document) = web_sys::window().and_then(|w| w.document()) {
                document.set_title(title);
            }
        });
    }

    let panel = matches!(state.route.page, Page::Panel(_));
    let page = pages::show(state, &dispatch, room);
    let has_list = state.is_in() && !panel;
    let class = classes!(
        "ds-app",
        props.embedded.then_some("embedded"),
        room.narrow.then_some("narrow"),
        room.phone.then_some("phone"),
        panel.then_some("panel"),
        (!has_list).then_some("bare"),
    );
    let toggle = {
        let drawer = drawer.clone();
        Callback::from(move |_: MouseEvent| drawer.set(!*drawer))
    };
    let close = {
        let drawer = drawer.setter();
        Callback::from(move |_: MouseEvent| drawer.set(false))
    };
    html! {
        <div {class} ref={root}>
            if !panel {
                <TopBar state={state.clone()} theme={*theme} drawer={has_list && room.narrow}
                    ondrawer={toggle} ontheme={
                        let theme = theme.clone();
                        Callback::from(move |()| {
                            let next = theme.next();
                            next.keep();
                            theme.set(next);
                        })
                    } />
            }
            if has_list && (!room.narrow || *drawer) {
                if room.narrow { <button class="veil" aria-label="Close the list" onclick={close}></button> }
                <SideList state={state.clone()} narrow={room.narrow} />
            }
            <main class="main" tabindex="-1">{ page }</main>
            { pages::dialog(state, &dispatch) }
            <Toasts toasts={state.toasts.clone()} />
        </div>
    }
}

/// The window's title: what is shown, without a cluster's name.
fn title(state: &State) -> String {
    let site = state.config.title.as_deref().unwrap_or("Daskscope");
    match &state.route.page {
        Page::Cluster(name) => {
            let alias = crate::base::alias::alias(name);
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
    dispatch: &super::store::Dispatch,
    drawer: &UseStateSetter<bool>,
) {
    if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    // Typing is typing. The path begins inside shadow roots, where `target` does not look.
    let typing = event.composed_path().get(0).dyn_into::<web_sys::Element>().is_ok_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
    });
    if typing {
        return;
    }
    let state = dispatch.state();
    match event.key().as_str() {
        "?" => {
            event.prevent_default();
            dispatch.act(Action::Ask(Dialog::Keys));
        }
        "n" if state.is_in() => {
            event.prevent_default();
            let mut route = state.route.follow(Page::Clusters);
            route.query.new = true;
            dispatch.go_to(route);
        }
        "g" if state.is_in() => dispatch.go(Page::Clusters),
        "Escape" => drawer.set(false),
        _ => {}
    }
}

#[derive(Properties, PartialEq)]
struct TopProps {
    state: Rc<State>,
    theme: Theme,
    drawer: bool,
    ondrawer: Callback<MouseEvent>,
    ontheme: Callback<()>,
}

#[component]
fn TopBar(props: &TopProps) -> Html {
    let dispatch = use_dispatch();
    let room = use_room();
    let state = &props.state;
    let route = &state.route;
    let site = state.config.title.clone().unwrap_or_else(|| "Daskscope".into());
    let home = route.follow(if state.is_in() { Page::Clusters } else { Page::Connect });
    let who = match &state.session {
        Session::In(credentials) => Some((
            credentials.user().map_or_else(
                || match credentials.kind() {
                    AuthKind::JupyterHub => "by token".to_owned(),
                    AuthKind::Kerberos => "by Kerberos".to_owned(),
                    _ => "signed in".to_owned(),
                },
                str::to_owned,
            ),
            credentials.address().to_string(),
        )),
        _ => None,
    };
    html! {
        <header class="top">
            if props.drawer {
                <button class="btn quiet icon" aria-label="Clusters" onclick={props.ondrawer.clone()}>
                    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
                        <path d="M2 4h12M2 8h12M2 12h12" stroke="currentColor" stroke-width="1.6"
                            stroke-linecap="round" />
                    </svg>
                </button>
            }
            <Link to={home} class="brand">
                <svg width="16" height="16" viewBox="4 6 24 21" aria-hidden="true">
                    <rect x="5" y="7" width="11" height="5" rx="1.5" class="a" />
                    <rect x="18" y="7" width="9" height="5" rx="1.5" class="b" />
                    <rect x="5" y="14" width="5" height="5" rx="1.5" class="b" />
                    <rect x="12" y="14" width="15" height="5" rx="1.5" class="a" />
                    <rect x="5" y="21" width="14" height="5" rx="1.5" class="a" />
                    <rect x="21" y="21" width="4" height="5" rx="1.5" fill="currentColor" />
                </svg>
                <span>{ site }</span>
            </Link>
            if !room.narrow { <nav class="crumb" aria-label="Where">{ crumbs(state) }</nav> }
            <span class="grow"></span>
            if let Some((who, address)) = who {
                if !room.phone { <span class="user clip" title={format!("{who} at {address}")}>{ who }</span> }
                <button class="btn quiet" data-testid="sign-out" onclick={dispatch.on(|| Action::SignOut)}>
                    { "Sign out" }
                </button>
            }
            <span class="tools">
                <ThemeButton theme={props.theme} onclick={props.ontheme.clone()} />
                <button class="btn quiet icon" title="Keyboard" aria-label="Keyboard"
                    onclick={dispatch.on(|| Action::Ask(Dialog::Keys))}>{ "?" }</button>
            </span>
        </header>
    }
}

fn crumbs(state: &State) -> Html {
    let route = &state.route;
    let place = state.session.address().map(|address| {
        let text = address.as_str();
        text.split_once("://").map_or(text, |(_, rest)| rest).to_owned()
    });
    let mut parts: Vec<Html> = Vec::new();
    if let Some(place) = place.filter(|_| state.is_in()) {
        parts.push(html! { <span class="clip">{ place }</span> });
    }
    let clusters = |linked: bool| {
        if linked {
            html! { <Link to={route.follow(Page::Clusters)}>{ "clusters" }</Link> }
        } else {
            html! { <span>{ "clusters" }</span> }
        }
    };
    match &route.page {
        Page::Clusters => parts.push(clusters(false)),
        Page::Cluster(name) => {
            parts.push(clusters(true));
            parts.push(html! { <span>{ crate::base::alias::alias(name) }</span> });
        }
        Page::Scheduler => parts.push(html! { <span>{ "scheduler" }</span> }),
        Page::Recordings | Page::Recording(_) => {
            parts.push(html! { <span>{ "recordings" }</span> });
        }
        _ => {}
    }
    let last = parts.len();
    parts
        .into_iter()
        .enumerate()
        .map(|(at, part)| html! { <>{ part }if at + 1 < last { <i>{ "/" }</i> }</> })
        .collect()
}

#[derive(Properties, PartialEq)]
struct ThemeProps {
    theme: Theme,
    onclick: Callback<()>,
}

#[component]
fn ThemeButton(props: &ThemeProps) -> Html {
    let click = props.onclick.clone();
    let label =
        format!("Colours: {}. Click for {}.", props.theme.label(), props.theme.next().label());
    let drawing = match props.theme {
        Theme::System => html! { <><circle cx="8" cy="8" r="5.4" fill="none" stroke="currentColor"
        stroke-width="1.4" /><path d="M8 2.6a5.4 5.4 0 0 1 0 10.8z" fill="currentColor" /></> },
        Theme::Dark => html! { <path d="M13.2 9.8A5.6 5.6 0 1 1 6.2 2.8a4.6 4.6 0 0 0 7 7z"
        fill="none" stroke="currentColor" stroke-width="1.4" stroke-linejoin="round" /> },
        Theme::Light => html! { <><circle cx="8" cy="8" r="2.8" fill="none" stroke="currentColor"
        stroke-width="1.4" /><path d="M8 1.5v1.7M8 12.8v1.7M1.5 8h1.7M12.8 8h1.7M3.4 3.4l1.2 1.2M11.4 11.4l1.2 1.2M12.6 3.4l-1.2 1.2M4.6 11.4l-1.2 1.2"
        stroke="currentColor" stroke-width="1.3" stroke-linecap="round" /></> },
    };
    html! {
        <button class="btn quiet icon" data-testid="theme" title={label.clone()} aria-label={label}
            onclick={move |_| click.emit(())}>
            <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">{ drawing }</svg>
        </button>
    }
}

#[derive(Properties, PartialEq)]
struct SideProps {
    state: Rc<State>,
    narrow: bool,
}

#[component]
fn SideList(props: &SideProps) -> Html {
    let state = &props.state;
    let (live, past) = (state.live(), state.past());
    let mut new = state.route.follow(Page::Clusters);
    new.query.new = true;
    // One element per name: on the page of all clusters its own rows carry the names.
    let named = state.route.page != Page::Clusters;
    let row = |entry: &Rc<Entry>| {
        let name = &entry.cluster.name;
        let current = matches!(&state.route.page, Page::Cluster(shown) if shown == name);
        let waste = entry.idle(state.now).filter(|idle| *idle >= 60.0);
        html! {
            <Link key={name.clone()} to={state.route.follow(Page::Cluster(name.clone()))} class="row"
                {current} status={if pages::is_gone(entry) { "GONE" } else { entry.status().as_str() }}
                testid={named.then(|| AttrValue::from(format!("cluster-row-{name}")))}>
                <span class="dot"></span>
                <span class="clip"><b>{ &entry.alias }</b>
                    <small class="clip">{ pages::one_line(entry, state.now) }</small></span>
                if let Some(idle) = waste {
                    <span class="waste">{ format!("idle {}", fmt::secs(idle)) }</span>
                }
            </Link>
        }
    };
    html! {
        <nav class="side" aria-label="Clusters">
            <div class="side-scroll">
                <h2>{ "Clusters" }</h2>
                if !state.listing.loaded {
                    { for (0..3).map(|_| html! { <div class="row"><span></span>
                        <span><div class="bone w70"></div></span></div> }) }
                } else if live.is_empty() {
                    <p class="none">{ "None running" }</p>
                }
                { for live.iter().map(row) }
                if !past.is_empty() {
                    <h2>{ "Earlier" }</h2>
                    { for past.iter().take(12).map(row) }
                }
            </div>
            <div class="side-foot">
                <Link to={new} class="btn primary tall"
                    testid={(!props.narrow).then_some(AttrValue::from("new-cluster"))}>
                    { "New cluster" }
                </Link>
            </div>
        </nav>
    }
}
