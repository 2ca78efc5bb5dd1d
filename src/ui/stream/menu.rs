//! The menu of how the stream looks. What was chosen last is kept for the next visit.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::{StreamHandle, canvas_of};
use crate::ui::dom::{El, button, div, el, span};
use crate::ui::widgets::{leaving, on_choice};
use crate::web::{download, storage};
use base::fmt;
use stream::{DisplayOptions, MOST_LISTED, TaskStreamModel};

/// Where the choices are kept.
const KEY: &str = "stream";

/// Words of a menu, with the word of [`DisplayOptions`] that each stands for.
type Choices = &'static [(&'static str, &'static str)];

/// The rows of the menu: name for tests, label, choices.
const ROWS: [(&str, &str, Choices); 5] = [
    (
        "stream-order",
        "Sort workers",
        &[
            ("name", "by name"),
            ("address", "by address"),
            ("arrival", "by arrival"),
            ("busy", "busiest first"),
        ],
    ),
    (
        "stream-folding",
        "One row per",
        &[
            ("auto", "thread, where they fit"),
            ("lanes", "thread"),
            ("workers", "worker"),
            ("hosts", "host"),
            ("prefixes", "prefix, then worker"),
        ],
    ),
    (
        "stream-idle",
        "Workers without tasks in view",
        &[("show-idle", "shown"), ("hide-idle", "hidden")],
    ),
    ("stream-palette", "Colours", &[("dask", "Dask\u{2019}s"), ("safe", "color-blind safe")]),
    (
        "stream-keep",
        "Keep tasks",
        &[
            ("keep-all", "no limit"),
            ("keep-100k", "the newest 100 000"),
            ("keep-10min", "of the last 10 minutes"),
            ("keep-hour", "of the last hour"),
            ("keep-64mib", "up to 64 MiB"),
        ],
    ),
];

/// Gives a stream that is shown for the first time the looks that were chosen last. Closes the menu
/// when a person turns elsewhere; gives where it stands.
#[hook]
pub fn use_looks_menu(handle: &StreamHandle) -> NodeRef {
    use_effect_with(handle.clone(), |handle| {
        let looks = DisplayOptions::parse(&storage::get(KEY).unwrap_or_default());
        handle.change(move |stream| stream.set_looks(looks));
    });
    let place = use_node_ref();
    let menu = place.clone();
    use_effect_with((), move |()| {
        let watch = leaving(".stream-view", move || {
            let menu = menu.cast::<web_sys::Element>().filter(|menu| menu.has_attribute("open"));
            menu.is_some_and(|menu| menu.remove_attribute("open").is_ok())
        });
        move || drop(watch)
    });
    place
}

/// The button, and what it opens.
pub fn menu(handle: &StreamHandle, stream: &TaskStreamModel, place: &NodeRef) -> El {
    let onchange = {
        let handle = handle.clone();
        on_choice(move |word| {
            handle.change(move |stream| {
                let mut looks = stream.looks();
                looks.take(&word);
                stream.set_looks(looks);
                storage::set(KEY, &looks.print());
            });
        })
    };
    let chosen = stream.looks().words();
    let rows = ROWS.into_iter().map(|(name, label, choices)| {
        let choices = choices.iter().map(|&(word, says)| {
            el("option").attr("value", word).flag("selected", chosen.contains(&word)).text(says)
        });
        el("label").kid(span("mute").text(label)).kid(
            el("select")
                .class("input")
                .attr("data-testid", name)
                .onchange(onchange.clone())
                .kids(choices),
        )
    });
    let table = {
        let handle = handle.clone();
        move |_: MouseEvent| {
            handle.change(|stream| {
                let (text, cut) = stream.csv();
                let name = if cut { "tasks-first.csv" } else { "tasks.csv" };
                download::text(name, "text/csv", &text);
            });
        }
    };
    let picture = |event: MouseEvent| {
        let canvas = canvas_of(&event).and_then(|place| place.query_selector("canvas").ok()?);
        if let Some(canvas) = canvas.and_then(|canvas| canvas.dyn_into().ok()) {
            download::canvas("task-stream.png".into(), &canvas);
        }
    };
    let most = fmt::count(MOST_LISTED as u64);
    let saves = div("stream-saves")
        .kid(
            button("btn stream-btn")
                .attr("data-testid", "stream-save-csv")
                .set("title", format!("Tasks that are not faded, by start; at most {most}"))
                .onclick(Callback::from(table))
                .text("Save tasks in view as CSV"),
        )
        .kid(
            button("btn stream-btn")
                .attr("data-testid", "stream-save-png")
                .attr("title", "The picture as shown")
                .onclick(Callback::from(picture))
                .text("Save as PNG"),
        );
    let opener = el("summary")
        .class("btn stream-btn")
        .attr("data-testid", "stream-view")
        .attr("title", "Order, folding, colours, saving")
        .text("View");
    el("details")
        .class("stream-view")
        .node(place)
        .kid(opener)
        .kid(div("stream-menu").kids(rows).kid(saves))
}
