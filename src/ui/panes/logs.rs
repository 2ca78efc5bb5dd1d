//! A log: of the scheduler or of a worker, searched, by gravity, followed.

use yew::prelude::*;

use super::aside::{choose_worker, is_elsewhere, troubled, use_sight};
use crate::runtime::HubHandle;
use crate::ui::dom::{El, button, div, el, list, span};
use crate::ui::widgets::{Copier, on_choice, on_text, sets};
use crate::web::clock::listen;
use base::fmt;
use feed::info::{Level, Record};
use live::engine::Input;
use live::info::{Ask, Sieve, as_text};

/// Most records drawn at once: the newest. The rest is counted.
const SHOWN: usize = 200;
/// So near to its end a log is followed again, px.
const END: i32 = 4;
/// Bytes of a record that are shown at most; a copy has all.
const LONGEST: usize = 20_000;

/// Properties of [`LogPane`].
#[derive(Properties, PartialEq)]
pub struct LogPaneProps {
    /// Whose logs.
    pub hub: HubHandle,
    /// The hub's version, so that a change is drawn.
    pub version: u64,
}

/// The body of the pane.
#[component]
pub fn LogPane(props: &LogPaneProps) -> Html {
    let of = use_state_eq(String::new);
    let look = use_state_eq(Sieve::default);
    let follow = use_state_eq(|| true);
    {
        let hub = props.hub.clone();
        use_effect_with((*of).clone(), move |of| {
            hub.0.put(Input::Info(Ask::Logs(Some(of.clone()))));
            move || hub.0.put(Input::Info(Ask::Logs(None)))
        });
    }
    let place = use_node_ref();
    {
        let hub = props.hub.clone();
        use_sight(&place, move |on| hub.0.put(Input::Info(Ask::Rest(!on))));
    }
    let engine = props.hub.0.engine();
    let (sieve, follows) = ((*look).clone(), *follow);
    let search = {
        let (set, least) = (look.setter(), sieve.least);
        el("input")
            .class("input")
            .attr("type", "search")
            .attr("placeholder", "Search")
            .attr("aria-label", "Search the log")
            .attr("spellcheck", "false")
            .testid("log-search")
            .value(sieve.text.clone())
            .oninput(on_text(move |text| set.set(Sieve { least, text })))
    };
    let levels = {
        let (set, text) = (look.setter(), sieve.text.clone());
        let mut select =
            el("select").class("input").attr("aria-label", "Level").testid("log-level");
        for (level, words) in [
            (Level::Unknown, "All levels"),
            (Level::Info, "Info and above"),
            (Level::Warning, "Warnings and above"),
            (Level::Error, "Errors only"),
        ] {
            let option =
                el("option").attr("value", level.name()).flag("selected", level == sieve.least);
            select = select.kid(option.text(words));
        }
        select.onchange(on_choice(move |name| {
            let least = Level::of(&name).unwrap_or_default();
            set.set(Sieve { least, text: text.clone() });
        }))
    };
    let follow_it = button("btn")
        .truth("aria-pressed", follows)
        .attr("title", "Follow the newest record until you scroll up")
        .testid("log-follow")
        .onclick(sets(follow.setter(), !follows))
        .text("Follow");
    let view = engine.info().logs_of(&of).filter(|view| view.is_answered());
    let trouble = view.and_then(|view| view.trouble.as_ref());
    let mut tools = div("pane-tools")
        .kid(choose_worker(&engine, "Scheduler", &of, of.setter()).testid("log-of"));
    // In a page of another site nothing can be searched.
    if !trouble.is_some_and(|trouble| is_elsewhere(&props.hub, trouble)) {
        tools = tools.kid(levels).kid(search).kid(follow_it);
    }
    let body = div("log-pane").node(&place).kid(tools);
    let Some(view) = view else {
        return body.kid(el("p").class("empty").text("Loading the log…")).into();
    };
    let trouble = trouble.map(|trouble| troubled(&props.hub, trouble, "the log", &view.path()));
    let records = view.read_ms.is_some().then(|| {
        let (hub, of) = (props.hub.clone(), (*of).clone());
        html! {
            <Log {hub} {of} version={view.version} {sieve} follow={(follows, follow.setter())} />
        }
    });
    body.maybe(trouble).maybe(records).into()
}

/// Properties of [`Log`].
#[derive(Properties, PartialEq)]
pub struct LogProps {
    hub: HubHandle,
    of: String,
    version: u64,
    sieve: Sieve,
    /// Whether the newest record stays in sight, and what changes that.
    follow: (bool, UseStateSetter<bool>),
}

/// The records that are meant; drawn anew only where they are others.
#[component]
pub fn Log(props: &LogProps) -> Html {
    let place = use_node_ref();
    {
        let place = place.clone();
        let on = (props.of.clone(), props.version, props.sieve.clone(), props.follow.clone());
        use_effect_with(on, move |(_, _, _, (follows, follow))| {
            let place = place.cast::<web_sys::Element>();
            if let Some(place) = place.as_ref().filter(|_| *follows) {
                place.set_scroll_top(place.scroll_height());
            }
            let listening = place.map(|place| {
                let (seen, follow) = (place.clone(), follow.clone());
                let mut last = place.scroll_top();
                listen(&place, "scroll", move |_| {
                    let now = seen.scroll_top();
                    let at_end = now + seen.client_height() + END >= seen.scroll_height();
                    // What comes in below moves nothing: up is somebody who reads.
                    if at_end || now < last {
                        follow.set(at_end);
                    }
                    last = now;
                })
            });
            move || drop(listening)
        });
    }
    let engine = props.hub.0.engine();
    let Some(view) = engine.info().logs_of(&props.of) else {
        return el("p").class("empty").text("Loading the log…").into();
    };
    let (shown, count) = props.sieve.pick(&view.records, SHOWN);
    let all = view.records.len() + view.left_out;
    if shown.is_empty() {
        let words = if all == 0 {
            "The log is empty."
        } else {
            "No record matches. Change the search, or show all levels."
        };
        return el("p").class("empty").text(words).into();
    }
    let mut said = format!("{} of {}", fmt::count(count as u64), fmt::count(all as u64));
    said += if all == 1 { " record" } else { " records" };
    if count > shown.len() {
        said = format!("{said}, the newest {} shown", shown.len());
    }
    if view.left_out > 0 {
        said = format!(
            "{said}; {} older ones are on Dask's page only",
            fmt::count(view.left_out as u64)
        );
    }
    let copy = html! {
        <Copier label="Copy records" class="quiet" testid="log-copy" text={as_text(&shown)} />
    };
    let head = div("pane-said")
        .kid(span("mute").attr("role", "status").testid("log-count").text(said))
        .kid(copy);
    let lines = div("log")
        .node(&place)
        .attr("role", "log")
        .attr("aria-live", "off")
        .attr("aria-label", "Log records, newest last")
        .attr("tabindex", "0")
        .testid("log-records")
        .kids(shown.into_iter().map(line));
    list(vec![head.into(), lines.into()])
}

fn line(record: &Record) -> El {
    let class = match record.level {
        Level::Error | Level::Critical => "bad",
        Level::Warning => "warn",
        Level::Debug => "faint",
        Level::Info | Level::Unknown => "",
    };
    // The day is on hover: records are mostly of today.
    let time = record.time.split_once(' ').map_or(record.time.as_str(), |(_, time)| time);
    let mut end = LONGEST.min(record.text.len());
    while !record.text.is_char_boundary(end) {
        end -= 1;
    }
    let cut = record.text.get(..end).unwrap_or_default();
    // Of a logger the last part says enough: nearly all are Dask's.
    let name = record.logger.rsplit('.').next().unwrap_or_default();
    div("log-line")
        .class(class)
        .maybe((!record.time.is_empty()).then(|| {
            span("log-head")
                .kid(span("log-time").set("title", record.time.clone()).text(time.to_owned()))
                .kid(span("log-level").text(record.level.name()))
                .kid(span("log-name").set("title", record.logger.clone()).text(name.to_owned()))
        }))
        .kid(span("log-text").text(cut.to_owned()))
        .maybe((cut.len() < record.text.len()).then(|| {
            let left = record.text.len() - cut.len();
            span("mute").text(format!(" … and {} more", fmt::bytes(left as f64)))
        }))
}
