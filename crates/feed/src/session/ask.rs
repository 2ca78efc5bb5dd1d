//! What a person asks of a page: the events that do it, and what is remembered of it.

use std::rc::Rc;

use super::super::bokeh::document::ACTIVITY;
use super::super::bokeh::message;
use super::super::pool::DashboardPage;
use super::super::profile::Profile;
use super::machine::{Phase, Pull, Session};
use super::types::{Ask, Asked, Command};

impl Session {
    pub(super) fn ask(&mut self, ask: Ask, out: &mut Vec<Command>) {
        if self.phase != Phase::Open || self.pull != Pull::Done {
            return;
        }
        let old = self.document.version().starts_with('2');
        let press = self.document.controls().press(old);
        let events = match ask {
            Ask::Between(between) if between != self.talk.asked.between => {
                let rows = between.map_or_else(Vec::new, |between| self.rows_between(between));
                self.talk.asked.between = between.filter(|_| !rows.is_empty());
                vec![self.document.controls().select(&rows)]
            }
            // With a press, because the choice alone does not bring its activity over time.
            Ask::Of(what) if what != self.document.controls().value => {
                vec![self.document.controls_mut().choose(&what), press]
            }
            // What the server has already it would not answer.
            _ => vec![press],
        };
        if !self.document.controls().can_update() {
            return;
        }
        self.talk.number = self.number();
        self.talk.asked.pending = true;
        self.talk.asked.refused = false;
        Self::send(message::patch(self.talk.number, &events), out);
        self.whole(out);
    }

    /// The first and last row of the activity between two moments. The same two rows may stand for
    /// other moments by now, and the server would not see a change: one is said twice, in turns.
    fn rows_between(&mut self, (from, to): (f64, f64)) -> Vec<usize> {
        let table = self.document.tables().find(|table| table.has(&ACTIVITY));
        let Some(times) = table.and_then(|table| table.column(ACTIVITY[0])) else {
            return Vec::new();
        };
        let inside = |at: &usize| times.number(*at).is_some_and(|time| time >= from && time <= to);
        let first = (0..times.len()).find(inside);
        let last = (0..times.len()).rev().find(inside);
        let (Some(first), Some(last)) = (first, last) else { return Vec::new() };
        self.talk.turn = !self.talk.turn;
        if self.talk.turn { vec![first, last] } else { vec![first, last, last] }
    }

    /// The server could not do what message `number` asked for.
    pub(super) fn ask_refused(&mut self, number: u64, out: &mut Vec<Command>) {
        if self.talk.asked.pending && number == self.talk.number {
            self.talk.asked.pending = false;
            self.talk.asked.refused = true;
            self.whole(out);
        }
    }

    /// A document came: what was asked of another one is not asked of it.
    pub(super) fn talk_anew(&mut self) {
        let selection = self.document.controls().selection();
        if self.talk.selection != selection {
            self.talk.selection = selection.into();
            self.talk.asked = Asked::default();
        }
        self.talk.asked.pending = false;
    }

    /// Reads the profile again where its columns have changed.
    pub(super) fn note_profile(&mut self, now_ms: f64) {
        if !matches!(self.page, DashboardPage::Profile | DashboardPage::ProfileServer) {
            return;
        }
        let tables: Vec<_> = self.document.tables().map(|table| &**table).collect();
        let profile = Profile::read(&tables, now_ms);
        if profile.is_some() {
            self.talk.asked.pending = false;
        }
        self.talk.profile = profile.map(Rc::new);
    }
}
