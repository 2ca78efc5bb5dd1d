//! The functions of a profile as a table.

use std::rc::Rc;

use yew::prelude::*;

use super::Handle;
use crate::ui::dom::{button, div, el, span};
use crate::ui::widgets::sets;
use base::fmt;
use base::number::fixed;
use base::sort::sort_by;
use feed::profile::Profile;
use panes::flame::{Sum, place, sums};

/// Most rows drawn at once; the rest is counted below.
const SHOWN: usize = 200;

/// Properties of [`Functions`].
#[derive(Properties)]
pub struct FunctionsProps {
    /// Where a function is searched for.
    pub handle: Handle,
    /// Whose functions.
    pub profile: Rc<Profile>,
}

impl PartialEq for FunctionsProps {
    fn eq(&self, other: &Self) -> bool {
        self.handle == other.handle && Rc::ptr_eq(&self.profile, &other.profile)
    }
}

/// What rows may be sorted by.
const NAME: usize = 0;
const OWN: usize = 1;
const TOTAL: usize = 2;

/// The table.
#[component]
pub fn Functions(props: &FunctionsProps) -> Html {
    let sort = use_state_eq(|| (0usize, OWN, false));
    let (_, by, reverse) = *sort;
    let profile = &*props.profile;
    let texts = |sum: &Sum| {
        let function = profile.functions.get(sum.function as usize);
        function.map_or(("", ""), |one| (profile.text(one.name), profile.text(one.file)))
    };
    let mut rows = sums(profile);
    sort_by(&mut rows, |a, b| {
        let order = match by {
            NAME => texts(a).cmp(&texts(b)),
            OWN => b.own.total_cmp(&a.own).then(b.total.total_cmp(&a.total)),
            _ => b.total.total_cmp(&a.total).then(b.own.total_cmp(&a.own)),
        };
        if reverse { order.reverse() } else { order }
    });
    let head = |name: &'static str, which: usize, hint: &'static str| {
        let onclick = sets(sort.setter(), (0, which, by == which && !reverse));
        let ascending = (which == NAME) != reverse;
        let direction = if ascending { "ascending" } else { "descending" };
        el("th")
            .attr("scope", "col")
            .set_some("aria-sort", (by == which).then_some(direction.into()))
            .attr("title", hint)
            .kid(el("button").class("plain").onclick(onclick).text(name))
    };
    let heads = el("tr")
        .kid(head("Function", NAME, "By name"))
        .kid(head("Own time", OWN, "Time in the function itself"))
        .kid(head("Total", TOTAL, "Time in the function and in what it called"))
        .kid(el("th").attr("scope", "col").text("Where"));
    let all = profile.total().max(1e-12);
    let mut body = el("tbody");
    for sum in rows.iter().take(SHOWN) {
        let (name, file) = texts(sum);
        let find = {
            let (handle, name) = (props.handle.clone(), name.to_owned());
            Callback::from(move |_: MouseEvent| {
                handle.change(&mut |model| model.set_query(&name));
            })
        };
        let time = |seconds: f64| {
            el("td")
                .set("title", fixed(seconds, 3) + " s")
                .text(fmt::secs(seconds))
                .kid(span("of").text(format!(" {} %", fixed(seconds / all * 100.0, 1))))
        };
        body = body.kid(
            el("tr")
                .key(format!("{}", sum.function))
                .kid(
                    el("th").attr("scope", "row").kid(
                        button("plain")
                            .set("title", format!("Search for {name}"))
                            .onclick(find)
                            .text(if name.is_empty() { "?" } else { name }.to_owned()),
                    ),
                )
                .kid(time(sum.own))
                .kid(time(sum.total))
                .kid(
                    el("td").class("mono").set("title", file.to_owned()).text(place(file, 0, true)),
                ),
        );
    }
    let table = el("table")
        .class("workers flame-functions")
        .attr("data-testid", "profile-functions")
        .kid(el("thead").kid(heads))
        .kid(body);
    let more = rows.len().saturating_sub(SHOWN);
    div("table-wrap").kid(table).maybe(super::super::grid::and_more(more)).into()
}
