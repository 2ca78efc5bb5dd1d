//! The legend: what occurs, how often, in which colour, and whether it is shown.

use super::Stream;
use crate::base::sort::sort_by;
use crate::base::task::Action;
use crate::timeline::columns::{ACTION_SLOT, ERRED_SLOT, LAST_PREFIX_SLOT};
use crate::timeline::palette::css;

/// Prefixes listed at most, the most frequent ones: where every task has its own, a list of all
/// would cost more than it tells.
const MOST: usize = 200;

/// One entry.
#[derive(Clone, Debug, PartialEq)]
pub struct LegendItem {
    /// What to give to [`Stream::toggle`].
    pub slot: u16,
    /// A prefix, an action, or `erred`.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// Rows held.
    pub count: u64,
    /// Busy time of them, µs.
    pub busy: i64,
    /// Whether it is shown in full.
    pub on: bool,
}

impl Stream {
    /// All entries: prefixes by number of tasks, then actions, then failed tasks.
    pub fn legend(&self) -> Vec<LegendItem> {
        let item = |slot: u16, name: &str, count, busy| LegendItem {
            slot,
            name: name.to_owned(),
            color: css(if slot == ERRED_SLOT {
                self.palette.erred_mark()
            } else {
                self.palette.color(slot)
            }),
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
        sort_by(&mut prefixes, |a, b| b.0.cmp(&a.0).then(a.2.cmp(&b.2)));
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
        self.filter.clear();
        let on = self.palette.is_on(slot);
        self.palette.set_on(slot, !on);
        self.look += 1;
    }

    /// Shows only this entry; when it is the only one already, shows all.
    pub fn solo(&mut self, slot: u16) {
        self.filter.clear();
        let others: Vec<u16> =
            self.legend().iter().map(|item| item.slot).filter(|&other| other != slot).collect();
        let alone = self.palette.is_on(slot) && others.iter().all(|&s| !self.palette.is_on(s));
        for other in others {
            self.palette.set_on(other, alone);
        }
        self.palette.set_on(slot, true);
        self.look += 1;
    }

    /// Fades every prefix whose name does not hold `text`, in any case; empty text shows all.
    /// Prefixes that are yet to come are held to it too.
    pub fn set_filter(&mut self, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            self.show_all();
            return;
        }
        self.filter = text.to_ascii_lowercase();
        self.apply_filter();
    }

    /// The text that prefixes are held to; empty without a filter.
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Holds all prefixes to the filter, if there is one.
    pub(super) fn apply_filter(&mut self) {
        if self.filter.is_empty() {
            return;
        }
        for id in 0..(self.store.prefix_count() as u32).min(u32::from(LAST_PREFIX_SLOT)) {
            let on = self.store.prefix_name(id).to_ascii_lowercase().contains(&self.filter);
            if self.palette.is_on(id as u16) != on {
                self.palette.set_on(id as u16, on);
                self.look += 1;
            }
        }
    }

    /// Shows everything.
    pub fn show_all(&mut self) {
        self.filter.clear();
        for slot in self.palette.off().to_vec() {
            self.palette.set_on(slot, true);
        }
        self.look += 1;
    }

    /// Whether something is faded.
    pub fn is_filtered(&self) -> bool {
        !self.palette.off().is_empty()
    }
}
