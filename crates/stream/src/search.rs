//! What was asked of the stream, answered in the background: each frame a slice, never the whole.

use super::details::Details;
use super::passes::{Hits, LIGHT, NEAR, Pass, SEARCH, STATS};
use super::query::{Completion, Fault, Matcher, complete, forget, parse, spoken};
use super::select::Selection;
use super::{Area, Dirty, TaskStreamModel};
use base::dict::Dict;
use base::sort::{sort_by, sorted};
use base::time::{Micros, Span};
use store::RowRef;
use store::scan::{RowCursor, RowInfo};
use store::stats::Stats;
use timeline::scene::{Ink, Rect, Scene};
use timeline::tiles::RowKey;

/// Rows lit for a selected task at most.
const MOST_LIT: usize = 2_000;
/// Rows looked at in one frame at most, ms spent on it, and rows between two looks at the clock.
const TURN: (usize, f64, usize) = (100_000, 3.0, 4_096);
/// Least time between two answers while rows arrive, ms.
const AGAIN_MS: f64 = 500.0;

/// All that was asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Ask {
    matcher: Option<Matcher>,
    fault: Option<Fault>,
    /// The rest of the picture is faded as a whole, since no colour tells what matches.
    dim: bool,
    passes: [Pass; 4],
    hits: Hits,
    new_hits: Hits,
    /// Those of a span around the view.
    near: Hits,
    new_near: Hits,
    near_span: Span,
    by_time: Vec<u32>,
    /// A step that was asked for before there was an answer: whether to a later match.
    step: Option<bool>,
    /// The keys to light, by text, with their numbers: 0 the selected task itself, then its kin.
    keys: Dict<u32>,
    /// Whether a prefix can have one of these keys: 0 not known yet, 1 no, 2 yes.
    names: Vec<u8>,
    pub(super) lit: Vec<(u32, RowInfo)>,
    new_lit: Vec<(u32, RowInfo)>,
    pub(super) selection: Option<Selection>,
    pub(super) stats: Option<Stats>,
    new_stats: Stats,
    pub(super) pick: Option<RowInfo>,
    /// Where the pick was clicked, and when.
    pub(super) clicked: Option<((f64, f64), f64)>,
    /// Whether it is told, rather than the row that the keyboard holds.
    pub(super) told: bool,
    /// A task that was shown while its row was hidden: scrolled to once the row is there.
    pub(super) unseen: Option<RowInfo>,
    /// The row from which the keyboard selects.
    pub(super) anchor: Option<RowKey>,
    pub(super) details: Option<Details>,
    /// Grows when an answer is new.
    version: u64,
}

/// How a search stands.
#[derive(Copy, Clone, Debug, Default, Eq, PartialEq)]
pub struct Matches {
    /// Rows that match.
    pub count: u64,
    /// Whether they are of all rows, or still being looked for.
    pub complete: bool,
    /// Every so manieth of them can be stepped to.
    pub every: u64,
    /// The place of the one stepped to, from 1; 0 for none.
    pub at: u64,
}

impl TaskStreamModel {
    /// Grows when an answer is new, so that words follow.
    pub fn asked(&self) -> u64 {
        self.ask.version
    }

    pub(super) fn ask_changed(&mut self) {
        self.ask.version += 1;
        self.overlay_due = true;
    }

    /// Whether all that was asked is answered for the rows as they are.
    pub(super) fn is_answered(&self) -> bool {
        let generation = Some(self.store.generation());
        self.ask.passes.iter().all(|pass| !pass.on || pass.made == generation)
    }

    /// Starts a question anew, or ends it.
    pub(super) fn ask_again(&mut self, which: usize, on: bool) {
        if let Some(pass) = self.ask.passes.get_mut(which) {
            *pass = Pass { on, ..Pass::default() };
        }
        self.ask_changed();
    }

    /// Takes in a query. Gives whether it could be read.
    pub(super) fn ask_query(&mut self, text: &str) -> bool {
        self.ask.step = None;
        match parse(text) {
            Ok(terms) => {
                self.ask.fault = None;
                self.ask.matcher = Some(Matcher::new(terms));
                self.ask.new_hits = Hits::default();
                self.ask.hits = Hits::default();
                self.ask.by_time.clear();
                self.ask_again(SEARCH, true);
                true
            }
            Err(fault) => {
                // What was asked before stays, until this can be read.
                self.ask.fault = Some(fault);
                self.ask_changed();
                false
            }
        }
    }

    /// Ends the search.
    pub(super) fn forget_query(&mut self) {
        self.filter.clear();
        self.ask.step = None;
        self.ask.matcher = None;
        self.ask.fault = None;
        self.ask.dim = false;
        self.ask.hits = Hits::default();
        self.ask.by_time.clear();
        self.ask_again(SEARCH, false);
    }

    /// The text that prefixes are held to where fading them is all that is asked; decides that.
    pub(super) fn faded_text(&mut self) -> Option<String> {
        let learnt = self.ask.matcher.as_mut().is_some_and(|it| it.learn_prefixes(&self.store));
        if learnt && self.ask.passes[SEARCH].on {
            self.ask_again(SEARCH, true);
        }
        let text = self.ask.matcher.as_ref().and_then(Matcher::prefix_text).map(str::to_owned);
        self.ask.dim = self.ask.matcher.is_some() && text.is_none();
        text
    }

    /// The picture is faded as a whole: no colour tells what matches.
    pub(super) fn dim(&mut self) {
        self.ask.dim = true;
        self.ask_changed();
    }

    /// Workers are called otherwise: who asks for them is answered anew.
    pub(super) fn workers_renamed(&mut self) {
        if self.ask.matcher.as_mut().is_some_and(Matcher::forget_workers) {
            self.ask_again(SEARCH, true);
        }
    }

    /// These numbers are of new prefixes: what was remembered is of those that had them before.
    pub(super) fn prefixes_renamed(&mut self, ids: &[u32]) {
        if let Some(matcher) = &mut self.ask.matcher {
            matcher.forget_prefixes(ids);
        }
        forget(&mut self.ask.names, ids);
    }

    /// Whether everything but the matches is faded.
    pub(super) fn is_dim(&self) -> bool {
        self.ask.dim
    }

    /// What tells whether a row matches, if that is asked.
    pub(super) fn matcher(&self) -> Option<Matcher> {
        self.ask.matcher.as_ref()?;
        let mut matcher = Matcher::new(parse(&self.filter).ok()?);
        matcher.learn_prefixes(&self.store);
        Some(matcher)
    }

    /// What is wrong with the filter's text.
    pub fn fault(&self) -> Option<&Fault> {
        self.ask.fault.as_ref()
    }

    /// How the search stands; `None` without one.
    pub fn matches(&self) -> Option<Matches> {
        self.ask.matcher.as_ref()?;
        let hits = &self.ask.hits;
        let at = self.ask.pick.and_then(|pick| {
            let place = |row: &RowInfo| (row.start, row.at.lane, row.action);
            let same = |i: &u32| hits.rows.get(*i as usize).map(place) == Some(place(&pick));
            self.ask.by_time.iter().position(same)
        });
        Some(Matches {
            count: hits.seen,
            complete: self.ask.passes[SEARCH].made.is_some(),
            every: hits.stride.max(1),
            at: at.map_or(0, |at| at as u64 + 1),
        })
    }

    /// Ways to go on writing a query.
    pub fn completions(&self, text: &str) -> Vec<Completion> {
        complete(text, &|field| match field {
            "prefix" => {
                let store = &self.store;
                let most = store.prefix_count().min(1_000) as u32;
                (0..most).map(|id| store.prefix_name(id).to_owned()).collect()
            }
            "worker" => self.labels.iter().take(1_000).cloned().collect(),
            "action" => base::task::Action::ALL.map(|a| a.name().to_owned()).to_vec(),
            "status" => vec!["erred".to_owned(), "ok".to_owned()],
            _ => Vec::new(),
        })
    }

    /// Goes to the next match or the one before, round and round.
    pub fn step_match(&mut self, later: bool) {
        let n = self.ask.by_time.len();
        let pass = &self.ask.passes[SEARCH];
        // Without matches so far, it is taken once all rows were looked at.
        self.ask.step = (n == 0 && pass.on && pass.made.is_none()).then_some(later);
        let begin = (self.view.span().start.0, RowRef::new(0, 0, 0, 0));
        let from = self.ask.pick.map_or(begin, |pick| (pick.start, pick.at));
        let (rows, by_time) = (&self.ask.hits.rows, &self.ask.by_time);
        let place = |i: &u32| rows.get(*i as usize).map(|row| (row.start, row.at));
        let next = if later {
            by_time.partition_point(|i| place(i) <= Some(from))
        } else {
            (by_time.partition_point(|i| place(i) < Some(from)) + n).wrapping_sub(1)
        };
        let row = by_time.get(next % n.max(1)).and_then(|i| rows.get(*i as usize)).copied();
        match row {
            Some(row) if self.store.again(&row).is_some() => self.show_row(row),
            Some(_) => {
                // Its time is known better since, or it is let go of: all rows are looked at first.
                self.ask.step = Some(later);
                self.ask_again(SEARCH, true);
            }
            None => {}
        }
    }

    /// Goes to the next task on the lane of the one chosen last, or the one before.
    pub fn step_lane(&mut self, later: bool) {
        let from = self.ask.pick.or_else(|| self.found(self.hover?));
        let from = from.or_else(|| self.edge_of_held(later));
        let next = from.and_then(|from| self.store.beside(&from, later));
        if let Some(row) = next {
            self.show_row(row);
        }
    }

    /// A row of `timebase` that is chosen moves with it.
    pub(super) fn shift_asked(&mut self, timebase: u32, by: Micros) {
        let Self { store, ask, .. } = self;
        let details = ask.details.as_mut().map(|details| &mut details.row);
        for row in ask.pick.as_mut().into_iter().chain(details) {
            let now = store.again(row);
            let track = now.and_then(|now| {
                store.lanes().get(now.at.lane as usize)?.tracks().get(now.at.track as usize)
            });
            if track.is_some_and(|track| track.timebase == timebase) {
                row.start += by.0;
            }
        }
    }

    /// What lies at a place.
    pub(super) fn found(&self, at: RowRef) -> Option<RowInfo> {
        let mut key = String::new();
        let row = self.store.row(at, &mut key)?;
        Some(RowInfo {
            at,
            start: row.start.0,
            dur: row.duration.0,
            name: self.store.row_prefix(at)?,
            worker: self.store.lanes().get(at.lane as usize)?.worker,
            action: row.action,
            erred: row.erred,
        })
    }

    /// Chooses a row and brings it into view.
    pub fn show_row(&mut self, row: RowInfo) {
        let row = self.store.again(&row).unwrap_or(row);
        self.ask.pick = Some(row);
        self.ask.told = true;
        if self.ask.details.is_some() {
            self.open_details(row);
        }
        let seen = self.view.span();
        let end = row.start + row.dur;
        if row.start < seen.start.0 || seen.end.0 < end {
            let width = seen.len().0.max(row.dur.saturating_mul(3) / 2);
            let start = row.start + row.dur / 2 - width / 2;
            self.view.glide(Span::new(Micros(start), Micros(start + width)));
        }
        let line = self.lines().of(self.slot_of(&row), &row);
        if let Some(line) = line.and_then(|line| self.layout.rows.get(line)).cloned() {
            self.scroll_to(&line);
        }
        self.ask.unseen = line.is_none().then_some(row);
        self.ask_changed();
    }

    /// Scrolls to the task that was shown last, where its row has only now come.
    pub(super) fn find_unseen(&mut self) {
        let Some(row) = self.ask.unseen else { return };
        let line = self.lines().of(self.slot_of(&row), &row);
        let line = line.and_then(|line| self.layout.rows.get(line)).cloned();
        if line.is_some() || !self.view.is_moving() {
            // Once the view is at rest it comes no more: later it would be a jump that nobody asked for.
            self.ask.unseen = None;
        }
        if let Some(line) = line {
            self.scroll_to(&line);
        }
    }

    /// Lights the rows of these keys, as Python writes them; the first is the task's own.
    pub(super) fn light(&mut self, keys: Vec<String>) {
        self.ask.keys = Dict::default();
        for (i, key) in keys.into_iter().enumerate() {
            if !self.ask.keys.contains_key(&key) {
                self.ask.keys.insert(key, i as u32);
            }
        }
        self.ask.names.clear();
        self.ask.lit.clear();
        let any = !self.ask.keys.is_empty();
        self.ask_again(LIGHT, any);
    }

    /// Goes on with what was asked.
    pub(super) fn turn_ask(&mut self, now_ms: f64, clock: &dyn Fn() -> f64, dirty: &mut Dirty) {
        let generation = self.store.generation();
        let mut ask = std::mem::take(&mut self.ask);
        self.ask_near(&mut ask);
        let until = clock() + TURN.1;
        let mut searched = false;
        let mut rows = TURN.0;
        for which in [SEARCH, NEAR, LIGHT, STATS] {
            if !ask.passes[which].on || ask.passes[which].made == Some(generation) {
                continue;
            }
            if ask.passes[which].walk.is_none() {
                let due = ask.passes[which].next_ms - now_ms;
                if due > 0.0 {
                    dirty.again_in(due);
                    continue;
                }
                let walk = match (which, &ask.selection) {
                    (STATS, Some(chosen)) => {
                        ask.new_stats = Stats::new(chosen.span);
                        RowCursor::new(Some(chosen.span), &chosen.lanes)
                    }
                    (NEAR, _) => RowCursor::new(Some(ask.near_span), &[]),
                    _ => RowCursor::new(None, &[]),
                };
                match which {
                    SEARCH => ask.new_hits = Hits::default(),
                    NEAR => ask.new_near = Hits::default(),
                    LIGHT => ask.new_lit.clear(),
                    _ => {}
                }
                ask.passes[which].making = generation;
                ask.passes[which].walk = Some(walk);
            }
            let Some(mut walk) = ask.passes[which].walk.take() else { continue };
            let mut done = false;
            while !done && rows > 0 && clock() < until {
                done = walk.step(&self.store, TURN.2, &mut |row| match which {
                    SEARCH | NEAR => {
                        if let Some(matcher) = &mut ask.matcher
                            && matcher.holds(&self.store, &self.labels, row)
                        {
                            let near = which == NEAR;
                            if near { &mut ask.new_near } else { &mut ask.new_hits }.add(row);
                        }
                    }
                    LIGHT => self.light_row(&ask.keys, &mut ask.names, &mut ask.new_lit, row),
                    _ => {
                        let chosen = ask.selection.as_ref().map_or(&[][..], |one| &one.slots);
                        if chosen.is_empty() || chosen.contains(&self.slot_of(row)) {
                            ask.new_stats.add(row);
                        }
                    }
                });
                rows = rows.saturating_sub(TURN.2);
            }
            if !done {
                ask.passes[which].walk = Some(walk);
                dirty.moving = true;
                continue;
            }
            let pass = &mut ask.passes[which];
            pass.made = Some(pass.making);
            pass.next_ms = now_ms + AGAIN_MS;
            ask.version += 1;
            self.overlay_due = true;
            match which {
                SEARCH => {
                    searched = true;
                    ask.hits = std::mem::take(&mut ask.new_hits);
                    let rows = &ask.hits.rows;
                    let place = |i: u32| rows.get(i as usize).map(|row| (row.start, row.at));
                    ask.by_time = sorted(rows.len(), &mut |a, b| place(a).cmp(&place(b)));
                }
                NEAR => ask.near = std::mem::take(&mut ask.new_near),
                LIGHT => {
                    ask.lit = std::mem::take(&mut ask.new_lit);
                    sort_by(&mut ask.lit, |a, b| a.1.start.cmp(&b.1.start));
                }
                _ => {
                    ask.new_stats.finish();
                    ask.stats = Some(std::mem::take(&mut ask.new_stats));
                }
            }
        }
        self.ask = ask;
        if searched {
            if let Some(later) = self.ask.step.take() {
                self.step_match(later);
                dirty.moving = true;
            }
            // What prefixes share may have come to be of others too.
            let look = self.look;
            self.apply_filter();
            dirty.moving |= self.look != look;
        }
    }

    /// Where not all matches are kept, those around the view are looked for by themselves: anew when
    /// it leaves their span, or has become so narrow that more of them can be told.
    fn ask_near(&self, ask: &mut Ask) {
        let wanted = ask.dim && ask.hits.stride > 1;
        let (view, span) = (self.view.span(), ask.near_span);
        let fits = span.start <= view.start && view.end <= span.end;
        let fine = ask.near.stride <= 1 || span.len().0 / 8 <= view.len().0;
        if wanted == ask.passes[NEAR].on && (!wanted || fits && fine) {
            return;
        }
        let half = Micros(view.len().0 / 2);
        ask.near_span = Span::new(view.start - half, view.end + half);
        ask.near = Hits::default();
        ask.passes[NEAR] = Pass { on: wanted, ..Pass::default() };
    }

    fn light_row(
        &self,
        keys: &Dict<u32>,
        names: &mut Vec<u8>,
        lit: &mut Vec<(u32, RowInfo)>,
        row: &RowInfo,
    ) {
        let id = row.name as usize;
        if names.len() <= id {
            names.resize(id + 1, 0);
        }
        if names[id] == 0 {
            // A key holds its prefix, but for the two that Dask makes up: most rows need not be read.
            let name = self.store.prefix_name(row.name);
            names[id] = 1 + u8::from(
                matches!(name, "data" | "Other") || keys.keys().any(|key| key.contains(name)),
            );
        }
        if names[id] == 1 {
            return;
        }
        let mut text = String::new();
        if let Some(full) = self.store.row(row.at, &mut text)
            && let Some(i) = keys.get(&spoken(full.key, full.key_is_json))
            // Of each key at least one: without it, it would be said that none is held.
            && (lit.len() < MOST_LIT || lit.iter().all(|(other, _)| other != i))
        {
            lit.push((*i, *row));
        }
    }

    /// Fades the picture but for the matches. As many rectangles as pixels and lanes at most.
    pub(super) fn draw_fade(&self, scene: &mut Scene) {
        if !self.ask.dim {
            return;
        }
        let Area { x, y, w, h } = self.plot;
        scene.rects.push(Rect::fill(x, y, w, h, Ink::Panel).alpha(0.8));
        let lines = self.lines();
        let mut last = Area::default();
        let near = self.ask.passes[NEAR].made.is_some();
        for row in &if near { &self.ask.near } else { &self.ask.hits }.rows {
            let Some(mut place) = self.place_of(&lines, row) else { continue };
            let same = place.y == last.y && place.x >= last.x;
            if same && place.x + place.w <= last.x + last.w {
                continue;
            }
            let thin = place.w < 2.0;
            place.w = place.w.max(2.0);
            last = place;
            // What is too narrow to show a colour is marked with one.
            let ink = if thin { Ink::Accent } else { Ink::Clear };
            scene.rects.push(Rect::fill(place.x, place.y, place.w, place.h, ink));
        }
    }

    /// The selected task, what belongs to it, and the selected area.
    pub(super) fn draw_picks(&self, scene: &mut Scene) {
        self.draw_selection(scene);
        if self.ask.pick.is_none() && self.ask.lit.is_empty() {
            return;
        }
        let lines = self.lines();
        let mut ring = |row: &RowInfo, ink: Ink, stroke: f64| {
            if let Some(Area { x, y, w, h }) = self.place_of(&lines, row) {
                let wide = w.max(5.0);
                let rect = Rect::fill(x + (w - wide) / 2.0, y, wide, h, ink);
                scene.marks.push(rect.outline(stroke));
            }
        };
        for (key, row) in &self.ask.lit {
            ring(row, if *key == 0 { Ink::Text } else { Ink::Accent }, 1.5);
        }
        if let Some(pick) = &self.ask.pick {
            ring(pick, Ink::Panel, 4.0);
            ring(pick, Ink::Accent, 2.5);
        }
    }
}
