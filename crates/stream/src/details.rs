//! Everything about one task, and what Dask's own page about it says.

use super::passes::LIGHT;
use super::query::spoken;
use super::{HoverCard, TaskStreamModel};
use base::fmt;
use base::task::Interval;
use base::time::Micros;
use store::scan::RowInfo;

/// Dependencies, and dependents, taken from a page at most.
const MOST_KIN: usize = 300;
/// Longest time between the clicks of a double click, ms.
const AGAIN_MS: f64 = 500.0;

/// A task that this one needs, or that needs it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Kin {
    /// Its key as Python writes it.
    pub key: String,
    /// Its state, in Dask's word.
    pub state: String,
    /// Whether this one needs it, rather than it this one.
    pub needed: bool,
}

/// A task's relatives, as far as they are known.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Family {
    /// Nobody has asked.
    #[default]
    Unasked,
    /// Asked, no answer yet.
    Asked,
    /// Known: some of them, and how many it needs and is needed by in all.
    Known(Vec<Kin>, [usize; 2]),
    /// Why not.
    Failed(String),
}

/// A task in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Details {
    /// What the card says too.
    pub card: HoverCard,
    /// The key as Python writes it.
    pub key: String,
    /// When it ended, wall clock.
    pub stop: String,
    /// Where it was.
    pub row: RowInfo,
    /// What it needs and is needed for.
    pub family: Family,
}

/// A line about another interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What to show.
    pub row: RowInfo,
    /// Its key, as Python writes it.
    pub key: String,
    /// Action and worker.
    pub what: String,
    /// When it began.
    pub start: String,
    /// How long it took.
    pub duration: String,
}

/// Decimals of a second with which the times of a task are told: where it is short, start and end would
/// be the same else.
pub(super) fn decimals(dur: i64) -> usize {
    if dur < 10_000 { 6 } else { 3 }
}

impl TaskStreamModel {
    /// Shows everything about a row.
    pub(super) fn open_details(&mut self, row: RowInfo) {
        let Some(row) = self.store.again(&row) else { return };
        let mut text = String::new();
        let key = self.store.row(row.at, &mut text).map(|full| spoken(full.key, full.key_is_json));
        let (Some(key), Some(card)) = (key, self.card(row.at)) else { return };
        self.ask.pick = Some(row);
        let same = self.ask.details.take().filter(|old| old.key == key);
        let stop = self.zone.clock(row.start + row.dur, decimals(row.dur));
        let family = same.map(|old| old.family);
        if family.is_none() {
            self.light(vec![key.clone()]);
        }
        let family = family.unwrap_or_default();
        self.ask.details = Some(Details { card, key, stop, row, family });
        self.ask_changed();
    }

    /// Shows everything about the row that was stepped to. Says whether there is one.
    pub(super) fn open_pick(&mut self) -> bool {
        let pick = self.ask.pick;
        if let Some(row) = pick {
            self.open_details(row);
        }
        pick.is_some()
    }

    /// A click into the plot: shows the task there, or hides the details where there is none.
    pub(super) fn click(&mut self) {
        // The details have moved the picture: a double click's second is of the same task.
        if self.is_click_again() {
            if let Some((_, at)) = &mut self.ask.clicked {
                *at = self.event_ms;
            }
            return;
        }
        self.ask.clicked = self.pointer.map(|at| (at, self.event_ms));
        self.find_hover();
        match self.hover.and_then(|at| self.found(at)) {
            Some(row) => self.open_details(row),
            None => self.close_details(),
        }
    }

    /// When the event that is told next happened, ms on any clock: two clicks are one double click only
    /// where they follow each other soon.
    pub fn note_event(&mut self, now_ms: f64) {
        self.event_ms = now_ms;
    }

    /// Whether the pointer is where the details' task was clicked a moment ago.
    pub(super) fn is_click_again(&self) -> bool {
        let (Some((old, at)), Some(new)) = (self.ask.clicked, self.pointer) else { return false };
        self.ask.details.is_some()
            && self.event_ms - at <= AGAIN_MS
            && (old.0 - new.0).abs() + (old.1 - new.1).abs() <= 4.0
    }

    /// Shows a row, and everything about it.
    pub fn explain(&mut self, row: RowInfo) {
        self.show_row(row);
        self.open_details(row);
    }

    /// The task whose details are shown.
    pub fn details(&self) -> Option<&Details> {
        self.ask.details.as_ref()
    }

    /// Hides them.
    pub fn close_details(&mut self) {
        self.ask.details = None;
        self.ask.pick = None;
        self.ask.lit.clear();
        self.ask_again(LIGHT, false);
    }

    /// Takes in what is known of the relatives of the task `key`.
    pub fn set_family(&mut self, key: &str, family: Family) {
        let Some(details) = self.ask.details.as_mut().filter(|task| task.key == key) else {
            return;
        };
        let mut keys = vec![details.key.clone()];
        if let Family::Known(kin, _) = &family {
            keys.extend(kin.iter().map(|one| one.key.clone()));
        }
        details.family = family;
        if keys.len() > 1 {
            self.light(keys);
        } else {
            self.ask_changed();
        }
    }

    /// The other intervals of the same key, by start, at most `most`.
    pub fn twins(&self, most: usize) -> Vec<Line> {
        let Some(own) = self.ask.details.as_ref().map(|details| &details.row) else {
            return Vec::new();
        };
        let other = |row: &&(u32, RowInfo)| {
            row.0 == 0 && (row.1.start, row.1.at.lane) != (own.start, own.at.lane)
        };
        let rows = self.ask.lit.iter().filter(other).take(most);
        rows.filter_map(|(_, row)| self.line(*row)).collect()
    }

    /// The first interval held of the relative of that number.
    pub fn kin_row(&self, number: usize) -> Option<RowInfo> {
        let of = |row: &&(u32, RowInfo)| row.0 as usize == number + 1;
        self.ask.lit.iter().find(of).map(|(_, row)| *row)
    }

    /// A task's key as Python writes it.
    pub fn key_text(&self, task: &Interval) -> String {
        spoken(task.key, task.key_is_json)
    }

    /// The name shown for a worker's address.
    pub fn worker_label(&self, address: &str) -> String {
        let id =
            (0..self.store.worker_count() as u32).find(|&id| self.store.worker_name(id) == address);
        id.and_then(|id| self.labels.get(id as usize)).map_or(address, String::as_str).to_owned()
    }

    /// A moment on the wall clock.
    pub fn wall(&self, at: Micros) -> String {
        self.zone.clock(at.0, 3)
    }

    /// A row in a few words.
    pub fn line(&self, row: RowInfo) -> Option<Line> {
        let mut text = String::new();
        let row = self.store.again(&row)?;
        let full = self.store.row(row.at, &mut text)?;
        let worker = self.labels.get(row.worker as usize).map_or("", String::as_str);
        let erred = if row.erred { ", failed" } else { "" };
        Some(Line {
            row,
            key: spoken(full.key, full.key_is_json),
            what: format!("{}{erred} on {worker}", row.action.name()),
            start: self.zone.clock(row.start, decimals(row.dur)),
            duration: length(Micros(row.dur)),
        })
    }
}

/// How long a task took. Where its worker's clock was set back meanwhile, nobody knows.
pub fn length(took: Micros) -> String {
    if took.0 == 0 {
        return "0 s, or its worker's clock was set back".into();
    }
    fmt::secs(took.secs())
}

/// Reads dependencies and dependents out of Dask's page about a task.
pub fn family_of(page: &str) -> Family {
    let part = |from: &str, to: &str| {
        let (_, rest) = page.split_once(from)?;
        Some(rest.split_once(to).map_or(rest, |(part, _)| part))
    };
    let needs = part("id=\"dependencies\"", "id=\"dependents\"");
    let needed = part("id=\"dependents\"", "id=\"workers-clients\"");
    let (Some(needs), Some(needed)) = (needs, needed) else {
        return Family::Failed("the page about the task has another form".into());
    };
    let (mut all, mut counts) = (Vec::new(), [0; 2]);
    for ((part, is_needed), count) in [(needs, true), (needed, false)].into_iter().zip(&mut counts)
    {
        for row in part.split("<tr>").skip(1) {
            let inside = |text: &str, from: &str| {
                let (_, rest) = text.split_once(from)?;
                let (text, rest) = rest.split_once('<')?;
                Some((plain(text.trim()), rest.to_owned()))
            };
            let Some((key, rest)) = inside(row, ".html\">") else { continue };
            *count += 1;
            if *count > MOST_KIN {
                continue;
            }
            let state = inside(&rest, "<td>").map_or_else(String::new, |(state, _)| state);
            all.push(Kin { key, state, needed: is_needed });
        }
    }
    Family::Known(all, counts)
}

/// Text without HTML's escapes.
fn plain(text: &str) -> String {
    let mut out = text.to_owned();
    for (code, c) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        out = out.replace(code, c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_page_about_a_task() {
        let page = r#"<div id="dependencies-dependents" class="columns box">
          <div id="dependencies" class="column"><table><thead><th> Key </th></thead>
            <tr> <td> <a href="%28%27a%27%29.html">(&#39;a&lt;b&#39;, 1)</a> </td> <td> memory </td> </tr>
          </table></div>
          <div id="dependents" class="column"><table>
            <tr> <td> <a href="x.html">x-1</a> </td> <td> processing </td> </tr>
          </table></div></div><div id="workers-clients"><tr><td><a href="c.html">no</a></td></tr>"#;
        let kin =
            |key: &str, state: &str, needed| Kin { key: key.into(), state: state.into(), needed };
        let want = vec![kin("('a<b', 1)", "memory", true), kin("x-1", "processing", false)];
        assert_eq!(family_of(page), Family::Known(want, [1, 1]));
        // All of very many are counted.
        let row = r#"<tr> <td> <a href="x.html">x-1</a> </td> <td> memory </td> </tr>"#;
        let long = page.replacen("<tr>", &(row.repeat(999) + "<tr>"), 1);
        let Family::Known(kin, counts) = family_of(&long) else { panic!("not read") };
        assert_eq!((kin.len(), counts), (301, [1000, 1]));
        assert!(matches!(family_of("<html>"), Family::Failed(_)));
    }
}
