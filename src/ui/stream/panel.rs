//! What is beside the stream: a task's details, or the numbers of a selected area; and the table of
//! the tasks in view.

use yew::prelude::*;

use super::hover::swatch;
use super::{StreamHandle, to_canvas};
use crate::ui::dom::{El, button, div, el, list, nothing, span};
use crate::ui::widgets::{Copier, sets};
use crate::web::{http, run};
use base::fmt;
use base::number::fixed;
use feed::info::page_of;
use stream::{
    COLUMNS, Details, Family, Line, Listed, Selection, StatRow, TaskStreamModel, family_of, length,
    sheet,
};

/// Tasks listed in the table at most.
const LISTED: usize = 200;
/// Rows of statistics shown at most.
const SHOWN: usize = 100;
/// Other intervals of a key, and relatives, shown at most.
const FEW: usize = 50;
/// Most characters of a key or a name in a line: the whole of it is shown on hover.
const CELL: usize = 80;

/// Properties of [`Panel`].
#[derive(Properties, PartialEq)]
pub struct PanelProps {
    /// Of what.
    pub stream: StreamHandle,
    /// Where the scheduler's own pages are.
    pub base: AttrValue,
    /// What it was last drawn of.
    pub version: u64,
}

/// Order of the statistics: by what they are grouped, column, turned round.
type Order = (usize, usize, bool);

/// The panel; empty where nothing is selected.
#[component]
pub fn Panel(props: &PanelProps) -> Html {
    let order = use_state_eq(|| (0usize, 2usize, false));
    let Ok(stream) = props.stream.model().try_borrow() else { return nothing() };
    let inside = if let Some(details) = stream.details() {
        props.task(&stream, details)
    } else if let Some(chosen) = stream.selection() {
        props.area(&stream, chosen, *order, &order.setter())
    } else {
        return nothing();
    };
    let close = props.stream.clone();
    inside
        .onkeydown(Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.stop_propagation();
                to_canvas(&event);
                close.change(shut);
            }
        }))
        .into()
}

/// Closes what is open, the details first.
fn shut(stream: &mut TaskStreamModel) {
    if stream.details().is_some() {
        stream.close_details();
    } else {
        stream.clear_selection();
    }
}

impl PanelProps {
    fn head(&self, title: El, actions: Vec<Html>) -> El {
        let handle = self.stream.clone();
        let close = button("btn stream-btn")
            .attr("aria-label", "Close")
            .attr("title", "Close (Esc)")
            .onclick(Callback::from(move |event: MouseEvent| {
                to_canvas(&event);
                handle.change(shut);
            }))
            .text("✕");
        el("header").class("stream-panel-head").kid(title).kids(actions).kid(close)
    }

    fn task(&self, stream: &TaskStreamModel, details: &Details) -> El {
        let card = &details.card;
        let title = el("h3").kid(swatch(&card.color)).text(card.name.clone());
        let share = (card.share >= 0.0005).then(|| fixed(card.share * 100.0, 1) + " %");
        let lane = format!("{}, thread t{}", card.worker, card.thread);
        let facts = [
            ("status", if card.erred { "failed" } else { "done" }),
            ("action", card.action.name()),
            ("duration", &card.duration),
            ("start", &card.start),
            ("stop", &details.stop),
            ("worker", &lane),
            ("address", &card.address),
            ("share", share.as_deref().unwrap_or("under 0.1 %")),
        ];
        let mut list = el("dl").class("stream-facts");
        for (name, value) in facts {
            let title =
                if name == "share" { "Share of the time of this prefix and action" } else { "" };
            list = list.kid(el("dt").attr("title", title).text(name)).kid(
                el("dd")
                    .class_if(card.erred && name == "status", "stream-card-erred")
                    .text(value.to_owned()),
            );
        }
        let page = |kind: &str, name: &str| format!("{}{}", self.base, page_of(kind, name));
        let link = |to: String, words: &'static str| {
            el("a")
                .set("href", to)
                .attr("target", "_blank")
                .attr("rel", "noopener noreferrer")
                .text(words)
        };
        let links = el("p")
            .class("stream-links")
            .kid(link(page("task", &details.key), "Dask's page of the task"))
            .kid(link(page("worker", &card.address), "of the worker"));
        let key = el("p")
            .class("stream-key")
            .kid(el("code").attr("data-testid", "task-key").text(details.key.clone()))
            .kid(html! {
                <Copier title="Copy key" class="stream-btn" text={details.key.clone()} />
            });
        let twins = stream.twins(FEW);
        let others = (!twins.is_empty()).then(|| {
            let mut all = el("ul").class("stream-list").attr("data-testid", "task-twins");
            for twin in &twins {
                all = all.kid(el("li").kid(self.jump(twin, twin.what.clone())));
            }
            div("").kid(el("h4").text("Other runs of this key")).kid(all)
        });
        let family = self.family(stream, details, page("task", &details.key));
        panel("task-details", "Task details")
            .kid(self.head(title, Vec::new()))
            .kid(key)
            .kid(list)
            // An ended scheduler has no pages.
            .maybe(stream.is_live().then_some(links))
            .maybe(others)
            .kid(family)
    }

    /// A button that goes to a row.
    fn jump(&self, line: &Line, words: String) -> El {
        let (handle, row) = (self.stream.clone(), line.row);
        button("stream-jump")
            .set("title", format!("Began at {}. Show it\n{}", line.start, line.key))
            .onclick(Callback::from(move |_| handle.change(move |stream| stream.explain(row))))
            .kid(span("stream-name").text(fmt::elide(&words, CELL).into_owned()))
            .kid(span("stream-long").text(line.duration.clone()))
    }

    fn family(&self, stream: &TaskStreamModel, details: &Details, page: String) -> El {
        let place = div("").attr("data-testid", "task-family");
        match &details.family {
            Family::Asked => place.kid(el("p").class("mute").text("Loading…")),
            Family::Known(kin, counts) => {
                let mut place = place;
                let titles = [(true, "Dependencies"), (false, "Dependents")];
                for ((needed, title), &all_of) in titles.into_iter().zip(counts) {
                    let mut all = el("ul").class("stream-list");
                    let mut count = 0;
                    for (i, one) in kin.iter().enumerate().filter(|(_, one)| one.needed == needed) {
                        count += 1;
                        if count > FEW {
                            continue;
                        }
                        let held = stream.kin_row(i).and_then(|row| stream.line(row));
                        let item = match held {
                            Some(line) => self.jump(&line, one.key.clone()),
                            None => span("stream-jump mute")
                                .attr("title", "Not in the task stream")
                                .kid(span("stream-name").text(one.key.clone()))
                                .kid(span("stream-long").text(one.state.clone())),
                        };
                        all = all.kid(el("li").kid(item));
                    }
                    let words = match all_of {
                        0 => format!("{title}: none"),
                        n if n > FEW => format!("{title}: {n}, the first {FEW}"),
                        n => format!("{title}: {n}"),
                    };
                    place = place.kid(el("h4").text(words)).kid(all);
                }
                place
            }
            other => {
                let (handle, key) = (self.stream.clone(), details.key.clone());
                let ask = Callback::from(move |_| {
                    let (handle, key, page) = (handle.clone(), key.clone(), page.clone());
                    let asked = key.clone();
                    handle.change(move |stream| stream.set_family(&asked, Family::Asked));
                    run::spawn(async move {
                        let family = match http::get(&page, 10_000).await {
                            Ok(answer) if answer.status == 200 => family_of(&answer.body),
                            Ok(answer) if answer.status == 404 => {
                                Family::Failed("the scheduler has forgotten this task".into())
                            }
                            Ok(answer) => {
                                Family::Failed(format!("the answer was {}", answer.status))
                            }
                            Err(why) => Family::Failed(why.message()),
                        };
                        handle.change(move |stream| stream.set_family(&key, family));
                    });
                });
                let why = match other {
                    Family::Failed(why) => Some(
                        el("p")
                            .attr("role", "alert")
                            .class("mute")
                            .text(format!("Dependencies are not known: {why}.")),
                    ),
                    _ => None,
                };
                place.maybe(why).maybe(stream.is_live().then(|| {
                    button("btn stream-btn")
                        .attr("data-testid", "task-family-load")
                        .onclick(ask)
                        .text("Dependencies and dependents")
                }))
            }
        }
    }

    fn area(
        &self,
        stream: &TaskStreamModel,
        chosen: &Selection,
        order: Order,
        set: &UseStateSetter<Order>,
    ) -> El {
        let (by, column, turned) = order;
        let rows = stream.stat_rows(by, column, turned);
        let copy = |label: &'static str, markdown: bool| {
            html! { <Copier {label} class="stream-btn" text={sheet(&rows, markdown)} /> }
        };
        let title = el("h3").text("Selection");
        let place = panel("selection-panel", "Summary of the selected area")
            .kid(self.head(title, vec![copy("TSV", false), copy("Markdown", true)]));
        let Some(stats) = stream.stats() else {
            return place.kid(el("p").class("mute").text("Counting…"));
        };
        let threads = chosen.lanes.len();
        let about = el("p")
            .set("data-count", stats.all.count.to_string())
            .attr("data-testid", "selection-sum")
            .text(format!(
                "{} {} in {} on {threads} {}: {}",
                fmt::count(stats.all.count),
                if stats.all.count == 1 { "task" } else { "tasks" },
                fmt::secs(chosen.span.len().secs()),
                if threads == 1 { "thread" } else { "threads" },
                stream.share_words(),
            ))
            .maybe(stream.is_filtered().then(|| span("mute").text(" Faded tasks are included.")));
        let mut tabs = div("stream-tabs").attr("role", "group").attr("aria-label", "Group by");
        for (i, name) in ["prefix", "worker", "action"].into_iter().enumerate() {
            tabs = tabs.kid(
                button("btn stream-btn")
                    .truth("aria-pressed", i == by)
                    .onclick(sets(set.clone(), (i, column, turned)))
                    .text(name),
            );
        }
        let mut head = el("tr");
        for (i, name) in COLUMNS.into_iter().enumerate() {
            let now = i == column;
            let sort = button("")
                .onclick(sets(set.clone(), (by, i, now && !turned)))
                .text(if i == 0 { ["prefix", "worker", "action"][by.min(2)] } else { name });
            let way = if (i == 0) == turned { "descending" } else { "ascending" };
            head = head.kid(
                el("th")
                    .attr("scope", "col")
                    .set_some("aria-sort", now.then_some(AttrValue::Static(way)))
                    .kid(sort),
            );
        }
        let mut body = el("tbody");
        for row in rows.iter().take(SHOWN) {
            body = body.kid(stat_row(row));
        }
        let table = el("table").kid(el("thead").kid(head)).kid(body);
        let rest = rows.len().saturating_sub(SHOWN);
        let mut notes =
            "Durations are of whole tasks; the total counts only what lies inside the area."
                .to_owned();
        if !rows.iter().all(|row| row.exact) {
            notes += " Percentiles with ≈ are estimates within 3 %.";
        }
        if rest > 0 {
            notes = format!("{notes} {rest} more rows are in the copy.");
        }
        let mut longest = el("ol").class("stream-list").attr("data-testid", "selection-longest");
        for line in stats.longest.iter().filter_map(|row| stream.line(*row)) {
            longest = longest.kid(el("li").kid(self.jump(&line, line.key.clone())));
        }
        place
            .kid(about)
            .kid(tabs)
            .kid(div("table-wrap").kid(table))
            .kid(el("p").class("mute").text(notes))
            .kid(el("h4").text("Longest tasks"))
            .kid(longest)
    }
}

fn stat_row(row: &StatRow) -> El {
    let name = fmt::elide(&row.name, CELL).into_owned();
    let mut line =
        el("tr").kid(el("th").attr("scope", "row").set("title", row.name.clone()).text(name));
    for (i, value) in row.values.iter().enumerate() {
        let text = match i {
            0 => fmt::count(*value as u64),
            2..=4 if !row.exact => format!("≈ {}", fmt::secs(*value as f64 / 1e6)),
            _ => fmt::secs(*value as f64 / 1e6),
        };
        line = line.kid(el("td").text(text));
    }
    line
}

fn panel(testid: &'static str, label: &'static str) -> El {
    el("aside")
        .class("stream-panel")
        .attr("data-testid", testid)
        .attr("aria-label", label)
        .attr("tabindex", "-1")
}

/// A page, from 1, of the tasks in view as a table, for those who cannot see the picture.
pub fn table(stream: &TaskStreamModel, page: &UseStateHandle<usize>) -> Html {
    let mut body = el("tbody");
    let before = (**page).saturating_sub(1) * LISTED;
    let mut shown = 0;
    let number = |n: usize| fmt::count(n as u64);
    let listed = stream.list(before, LISTED, &mut |task, thread| {
        shown += 1;
        let cells = [
            task.prefix.to_owned(),
            stream.key_text(task),
            task.action.name().to_owned(),
            if task.erred { "failed" } else { "done" }.to_owned(),
            stream.worker_label(task.worker),
            format!("t{thread}"),
            stream.wall(task.start),
            length(task.duration),
        ];
        let mut row = el("tr");
        for cell in cells {
            let short = fmt::elide(&cell, CELL).into_owned();
            let whole = (short != cell).then(|| AttrValue::from(cell));
            row = row.kid(el("td").set_some("title", whole).text(short));
        }
        body = std::mem::replace(&mut body, el("i")).kid(row);
    });
    let mut head = el("tr");
    for name in ["Prefix", "Key", "Action", "Status", "Worker", "Thread", "Start", "Duration"] {
        head = head.kid(el("th").attr("scope", "col").text(name));
    }
    let (from, to) = stream.shown();
    let mut words = "Tasks from ".to_owned() + &from + " to " + &to + ", by start";
    if stream.is_filtered() {
        words += ", that are not faded";
    }
    if before > 0 || !matches!(listed, Listed::All(n) if n == shown) {
        words = words + ": " + &number(before + 1) + " to " + &number(before + shown);
        words += &match listed {
            Listed::All(n) => " of ".to_owned() + &number(n),
            Listed::Some => " of more".to_owned(),
            Listed::Cut(n) => " of the first ".to_owned() + &number(n) + " looked at",
        };
    }
    let more = match listed {
        Listed::All(n) => before + shown < n,
        listed => listed == Listed::Some,
    };
    // They stay where they are, so that the focus does.
    let turn = |on: bool, to: usize, words: &'static str| {
        button("btn")
            .truth("aria-disabled", !on)
            .onclick(sets(page.setter(), if on { to } else { **page }))
            .text(words)
    };
    let table = div("table-wrap stream-table")
        .attr("data-testid", "stream-table")
        .attr("tabindex", "0")
        .flag("autofocus", true)
        .kid(el("table").kid(el("caption").text(words)).kid(el("thead").kid(head)).kid(body));
    let mut buttons = div("buttons");
    if more || **page > 1 {
        buttons = buttons
            .kid(turn(**page > 1, (**page).saturating_sub(1), "The 200 before"))
            .kid(turn(more, **page + 1, "Next 200"));
    }
    let buttons = buttons.kid(turn(true, 0, "Close"));
    list(vec![table.into(), buttons.into()])
}
