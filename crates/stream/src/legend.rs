//! The legend: what occurs, how often, in which colour, and whether it is shown.

use super::TaskStreamModel;
use super::query::begun;
use base::sort::sort_by;
use base::task::Action;
use timeline::columns::{ACTION_SLOT, ERRED_SLOT, LAST_PREFIX_SLOT};
use timeline::palette::{Palette, Pattern, css};

/// Prefixes listed at most, the most frequent ones: where every task has its own, a list of all
/// would cost more than it tells.
const MOST: usize = 200;

/// One entry.
#[derive(Clone, Debug, PartialEq)]
pub struct LegendItem {
    /// What to give to [`TaskStreamModel::toggle`].
    pub slot: u16,
    /// A prefix, an action, or `erred`.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// The second sign beside it.
    pub pattern: Pattern,
    /// Rows held.
    pub count: u64,
    /// Busy time of them, µs.
    pub busy: i64,
    /// Whether it is shown in full.
    pub on: bool,
}

impl TaskStreamModel {
    /// All entries: prefixes by their numbers, but by number of tasks where they are too many; then actions, then failed tasks.
    pub fn legend(&self) -> Vec<LegendItem> {
        let item = |slot: u16, name: &str, count, busy| LegendItem {
            slot,
            name: name.to_owned(),
            color: css(if slot == ERRED_SLOT {
                self.palette.erred_mark()
            } else {
                self.palette.color(slot)
            }),
            pattern: Palette::pattern(slot),
            count,
            busy,
            on: self.palette.is_on(slot),
        };
        let mut prefixes = Vec::new();
        let (mut by_action, mut busy) = ([0; 5], [0; 5]);
        for id in 0..self.store.prefix_count() as u32 {
            let Some(prefix) = self.store.prefix(id) else { continue };
            for action in 0..5 {
                by_action[action] += prefix.count[action];
                busy[action] += prefix.busy[action];
            }
            let slot = u16::try_from(id).unwrap_or(LAST_PREFIX_SLOT).min(LAST_PREFIX_SLOT);
            if prefix.count[0] > 0 && slot < LAST_PREFIX_SLOT {
                prefixes.push((prefix.count[0], prefix.busy[0], slot));
            }
        }
        // In a stable order: a chip must not slip away under the pointer.
        if prefixes.len() > MOST {
            sort_by(&mut prefixes, |a, b| b.0.cmp(&a.0).then(a.2.cmp(&b.2)));
        }
        let mut items: Vec<LegendItem> = prefixes
            .into_iter()
            .take(MOST)
            .map(|(count, busy, slot)| {
                item(slot, self.store.prefix_name(u32::from(slot)), count, busy)
            })
            .collect();
        for action in &Action::ALL[1..] {
            let i = *action as usize;
            if by_action[i] > 0 {
                items.push(item(ACTION_SLOT + i as u16, action.name(), by_action[i], busy[i]));
            }
        }
        let erred = self.store.erred();
        if erred > 0 {
            items.push(item(ERRED_SLOT, "erred", erred, 0));
        }
        items
    }

    /// Fades an entry, or shows it again.
    pub fn toggle(&mut self, slot: u16) {
        // A choice by hand stands above the filter, which would undo it.
        self.forget_query();
        let on = self.palette.is_on(slot);
        self.palette.set_on(slot, !on);
        self.look += 1;
    }

    /// Shows only this entry; when it is the only one already, shows all.
    pub fn solo(&mut self, slot: u16) {
        self.forget_query();
        let others: Vec<u16> =
            self.legend().iter().map(|item| item.slot).filter(|&other| other != slot).collect();
        let alone = self.palette.is_on(slot) && others.iter().all(|&s| !self.palette.is_on(s));
        for other in others {
            self.palette.set_on(other, alone);
        }
        self.palette.set_on(slot, true);
        self.look += 1;
    }

    /// Asks for the rows that a query means. Where it is one text that prefixes hold, those that do
    /// not are faded, also ones that are yet to come; else the whole picture is, but for the matches.
    /// A text that cannot be read leaves things as they were; an empty one shows all.
    pub fn set_filter(&mut self, text: &str) {
        // A field's name on its way to a colon means nothing yet, unless it is part of a prefix.
        let names = |word: &str| {
            let mut ids = 0..self.store.prefix_count() as u32;
            ids.any(|id| self.store.prefix_name(id).to_ascii_lowercase().contains(word))
        };
        let begun = begun(text).filter(|(_, word)| !names(word));
        let asked = begun.map_or(text, |(from, _)| &text[..from]);
        if asked.trim().is_empty() {
            self.show_all();
            text.trim_start().clone_into(&mut self.filter);
            return;
        }
        text.clone_into(&mut self.filter);
        if self.ask_query(asked) {
            self.palette.set_off(Vec::new());
            self.look += 1;
            self.apply_filter();
        }
    }

    /// The filter's text; empty without one.
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Holds all prefixes to the filter, if there is one. What prefixes share (transfers, failed tasks)
    /// is faded where it is only of others; where it is of both, no colour tells them apart.
    pub(super) fn apply_filter(&mut self) {
        let Some(text) = self.faded_text() else { return };
        let mut off = Vec::new();
        // By slot that is shared: whether it is of a prefix that is meant, and of one that is not.
        let mut shared = [[false; 2]; 6];
        for id in 0..self.store.prefix_count() as u32 {
            let on = self.store.prefix_name(id).to_ascii_lowercase().contains(&text);
            let Some(prefix) = self.store.prefix(id) else { continue };
            if id < u32::from(LAST_PREFIX_SLOT) {
                if !on {
                    off.push(id as u16);
                }
            } else {
                shared[0][usize::from(on)] |= prefix.count[0] > 0;
            }
            for (i, count) in (1..).zip(prefix.count[1..].iter().chain([&prefix.erred])) {
                if let Some(whose) = shared.get_mut(i) {
                    whose[usize::from(on)] |= *count > 0;
                }
            }
        }
        for (i, whose) in shared.into_iter().enumerate() {
            match whose {
                [true, true] => {
                    off.clear();
                    self.dim();
                    break;
                }
                // In ascending order.
                [true, false] if i == 0 => off.push(LAST_PREFIX_SLOT),
                [true, false] if i == 5 => off.push(ERRED_SLOT),
                [true, false] => off.push(ACTION_SLOT + i as u16),
                _ => {}
            }
        }
        self.look += u64::from(self.palette.set_off(off));
    }

    /// Shows everything.
    pub fn show_all(&mut self) {
        self.forget_query();
        self.palette.set_off(Vec::new());
        self.look += 1;
    }

    /// Whether something is faded.
    pub fn is_filtered(&self) -> bool {
        !self.palette.off().is_empty() || self.is_dim()
    }
}
