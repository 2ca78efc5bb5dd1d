//! The field that asks the stream, with ways to go on writing under it.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{StreamHandle, to_canvas};
use crate::ui::dom::{El, div, el, span};
use crate::ui::widgets::on_text;
use base::fmt;
use stream::{Fault, Matches};

/// Properties of [`SearchField`].
#[derive(Properties, PartialEq)]
pub struct SearchFieldProps {
    /// What is asked.
    pub stream: StreamHandle,
    /// The query.
    pub text: String,
    /// How the search stands.
    pub matches: Option<Matches>,
    /// What is wrong with the query.
    pub fault: Option<Fault>,
    /// Rows held.
    pub total: u64,
}

/// The field.
#[component]
pub fn SearchField(props: &SearchFieldProps) -> Html {
    // Whether the list is open, and which of its entries is chosen, from 1.
    let list = use_state_eq(|| (false, 0usize));
    let held = props.stream.model().try_borrow().ok();
    // The newest text, which this part may be drawn for before it is told.
    let text = held.as_ref().map_or(props.text.as_str(), |stream| stream.filter()).to_owned();
    let ways = match (held, list.0) {
        (Some(stream), true) => stream.completions(&text),
        _ => Vec::new(),
    };
    let chosen = list.1.min(ways.len());
    // What comes behind a colon is still being written.
    let writing = list.0 && text.ends_with(':');
    let oninput = {
        let (handle, list) = (props.stream.clone(), list.setter());
        on_text(move |text| {
            handle.change(move |stream| stream.set_filter(&text));
            list.set((true, 0));
        })
    };
    let onkeydown = {
        let (handle, list) = (props.stream.clone(), list.setter());
        let texts: Vec<String> = ways.iter().map(|way| way.text.clone()).collect();
        Callback::from(move |event: KeyboardEvent| {
            let accepted = chosen.checked_sub(1).and_then(|i| texts.get(i));
            let n = texts.len() + 1;
            match (event.key().as_str(), accepted) {
                ("ArrowDown", _) => list.set((true, (chosen + 1) % n)),
                ("ArrowUp", _) => list.set((true, (chosen + n - 1) % n)),
                ("Enter" | "Tab", Some(text)) => {
                    let text = text.clone();
                    handle.change(move |stream| stream.set_filter(&text));
                    list.set((true, 0));
                }
                ("Enter", None) => {
                    let back = event.shift_key();
                    list.set((false, 0));
                    handle.change(move |stream| stream.step_match(!back));
                }
                ("Escape", Some(_)) => {
                    event.stop_propagation();
                    list.set((false, 0));
                }
                ("Escape", None) => {
                    event.stop_propagation();
                    handle.change(move |stream| stream.set_filter(""));
                    list.set((false, 0));
                    if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                        field.set_value("");
                    }
                    to_canvas(&event);
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    let onfocusout = {
        let list = list.setter();
        Callback::from(move |_| list.set((false, 0)))
    };
    let field = el("input")
        .class("input stream-filter")
        .attr("data-testid", "stream-filter")
        .attr("type", "search")
        .value(text)
        .attr("placeholder", "Filter: prefix:mean dur>1s")
        .attr("aria-label", "Filter tasks")
        .attr(
            "title",
            "Filter tasks (/): words, prefix: worker: key: action: status: dur>1s, -not, \
               prefix:\"exactly\". Enter: next match",
        )
        .attr("spellcheck", "false")
        .attr("autocomplete", "off")
        .attr("role", "combobox")
        .attr("aria-autocomplete", "list")
        .attr("aria-controls", "stream-ways")
        .truth("aria-expanded", !ways.is_empty())
        .set_some(
            "aria-activedescendant",
            (chosen > 0).then(|| format!("stream-way-{chosen}").into()),
        )
        .oninput(oninput)
        .onkeydown(onkeydown)
        .onfocusout(onfocusout);
    let listed = (!ways.is_empty()).then(|| {
        let mut all = div("stream-ways")
            .attr("id", "stream-ways")
            .attr("role", "listbox")
            .attr("aria-label", "Suggestions")
            .attr("data-testid", "filter-ways");
        for (i, way) in ways.into_iter().enumerate() {
            let (handle, list) = (props.stream.clone(), list.setter());
            let take = Callback::from(move |event: MouseEvent| {
                // The focus stays in the field.
                event.prevent_default();
                let text = way.text.clone();
                handle.change(move |stream| stream.set_filter(&text));
                list.set((true, 0));
            });
            let one = div("stream-way")
                .attr("role", "option")
                .set("id", format!("stream-way-{}", i + 1))
                .truth("aria-selected", i + 1 == chosen)
                .onmousedown(take)
                .text(way.label);
            all = all.kid(one);
        }
        all
    });
    div("stream-search")
        .kid(field)
        .maybe(listed)
        .maybe(props.fault.as_ref().filter(|_| !writing).map(|fault| props.wrong(fault)))
        .maybe(props.matches.filter(|_| props.fault.is_none()).map(|matches| props.found(matches)))
        .into()
}

impl SearchFieldProps {
    /// The query with its fault marked, and why.
    fn wrong(&self, fault: &Fault) -> El {
        let part = |from: usize, to: usize| self.text.get(from..to).unwrap_or_default().to_owned();
        let query = el("code")
            .text(part(0, fault.from))
            .kid(el("mark").text(part(fault.from, fault.to)))
            .text(part(fault.to, self.text.len()));
        div("stream-fault")
            .attr("role", "alert")
            .attr("data-testid", "filter-fault")
            .kid(query)
            .kid(el("p").text(fault.why.clone()))
    }

    fn found(&self, matches: Matches) -> El {
        let mut text = format!("{} of {}", fmt::count(matches.count), fmt::count(self.total));
        if matches.at > 0 && matches.every == 1 {
            text = format!("{}: {text}", fmt::count(matches.at));
        }
        if !matches.complete {
            text = "searching…".into();
        }
        let mut title = "Enter or n: next match. Shift+Enter or N: previous match".to_owned();
        if matches.every > 1 {
            title = format!("{title}. Only one in {} is visited", matches.every);
        }
        span("stream-matches")
            .attr("data-testid", "stream-matches")
            .set("data-count", matches.count.to_string())
            .attr("role", "status")
            .set("title", title)
            .text(text)
    }
}
