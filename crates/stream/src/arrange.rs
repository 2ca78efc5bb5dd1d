//! Who stands where, and under which name: worked out when lanes, names, choices or the size change,
//! not at every frame.

use super::TaskStreamModel;
use super::input::Drag;
use base::fmt;
use base::sort::sort_by;
use base::task::Action;
use base::time::{Micros, Span};
use store::RetentionPolicy;
use timeline::columns::{ACTION_SLOT, ERRED_SLOT, LAST_PREFIX_SLOT};
use timeline::layout::{
    Folding, Order, Plan, Row, busy_time, host_of, is_busy, natural, short_workers,
};
use timeline::tiles::RowKey;

/// How often rows may change their places by what happens on them, ms. Shorter: rows jump about.
const RERANK_MS: f64 = 1000.0;
/// Prefixes that have rows of their own at most; the rest share one. More: more memory for columns.
const SLOTS: usize = 200;

/// How a person wants the stream to look.
#[derive(Copy, Clone, Debug, Default, Eq, PartialEq)]
pub struct DisplayOptions {
    /// The order of the workers.
    pub order: Order,
    /// What a row stands for.
    pub folding: Folding,
    /// Workers without any task in the visible span have no rows; where that would be all of them,
    /// all are shown.
    pub hide_idle: bool,
    /// Colours that people with any kind of colour vision can tell apart, instead of Dask's.
    pub safe: bool,
    /// What is kept at most: a place in [`DisplayOptions::KEEPS`].
    pub kept: usize,
}

impl DisplayOptions {
    /// Words for [`DisplayOptions::order`], in the order of a menu.
    pub const ORDERS: [(&'static str, Order); 4] = [
        ("name", Order::Name),
        ("address", Order::Address),
        ("arrival", Order::Arrival),
        ("busy", Order::Busy),
    ];
    /// Words for [`DisplayOptions::folding`].
    pub const FOLDINGS: [(&'static str, Folding); 5] = [
        ("auto", Folding::Auto),
        ("lanes", Folding::Lanes),
        ("workers", Folding::Workers),
        ("hosts", Folding::Hosts),
        ("prefixes", Folding::Prefixes),
    ];

    /// Words for [`DisplayOptions::keep`], and what is kept at most by each.
    pub const KEEPS: [(&'static str, RetentionPolicy); 5] = [
        ("keep-all", RetentionPolicy::ALL),
        ("keep-100k", RetentionPolicy { rows: 100_000, ..RetentionPolicy::ALL }),
        ("keep-10min", RetentionPolicy { age: Micros(600_000_000), ..RetentionPolicy::ALL }),
        ("keep-hour", RetentionPolicy { age: Micros(3_600_000_000), ..RetentionPolicy::ALL }),
        ("keep-64mib", RetentionPolicy { bytes: 64 << 20, ..RetentionPolicy::ALL }),
    ];

    /// What is kept at most, where the site sets nothing narrower.
    pub fn keep(self) -> RetentionPolicy {
        Self::KEEPS.get(self.kept).map_or(RetentionPolicy::ALL, |known| known.1)
    }

    /// One word for each choice.
    pub fn words(self) -> [&'static str; 5] {
        let order = Self::ORDERS.iter().find(|known| known.1 == self.order);
        let folding = Self::FOLDINGS.iter().find(|known| known.1 == self.folding);
        [
            order.map_or("", |known| known.0),
            folding.map_or("", |known| known.0),
            if self.hide_idle { "hide-idle" } else { "show-idle" },
            if self.safe { "safe" } else { "dask" },
            Self::KEEPS.get(self.kept).map_or("", |known| known.0),
        ]
    }

    /// The words with blanks between, to be kept.
    pub fn print(self) -> String {
        self.words().join(" ")
    }

    /// Reads what [`Self::print`] wrote; unknown words say nothing.
    pub fn parse(text: &str) -> Self {
        let mut looks = Self::default();
        text.split_ascii_whitespace().for_each(|word| looks.take(word));
        looks
    }

    /// Takes in one word of it.
    pub fn take(&mut self, word: &str) {
        for (known, order) in Self::ORDERS {
            if known == word {
                self.order = order;
            }
        }
        for (known, folding) in Self::FOLDINGS {
            if known == word {
                self.folding = folding;
            }
        }
        if let Some(kept) = Self::KEEPS.iter().position(|known| known.0 == word) {
            self.kept = kept;
        }
        match word {
            "hide-idle" | "show-idle" => self.hide_idle = word == "hide-idle",
            "safe" | "dask" => self.safe = word == "safe",
            _ => {}
        }
    }
}

/// What the arrangement rests on.
#[derive(Clone, Debug)]
pub(super) struct Arranged {
    /// It is to be made anew.
    pub due: bool,
    /// Names are to be made anew.
    pub names_due: bool,
    /// The span of the data is to be looked up, not only widened.
    pub span_due: bool,
    /// Height of the plot, CSS px.
    tall: f64,
    /// Rows dropped by the store so far.
    dropped: u64,
    /// By lane: whether it had rows.
    lanes: Vec<bool>,
    /// How often lanes and workers were let go of.
    released: u64,
    /// Prefixes that have no colour on the wire yet.
    bare: Vec<u32>,
    /// When, ms, and over which rows and view places were last given by what happened.
    ranked: (f64, u64, Span),
    /// By lane: whether its thread is gone.
    pub ended: Vec<bool>,
    /// By worker: the number of its host.
    pub hosts: Vec<u32>,
    /// By host: its name.
    pub host_names: Vec<String>,
    /// The slots that have rows, in ascending order; none where rows are of threads.
    pub slots: Vec<u16>,
}

impl Default for Arranged {
    fn default() -> Self {
        Self {
            due: true,
            names_due: true,
            span_due: true,
            tall: 0.0,
            dropped: 0,
            lanes: Vec::new(),
            released: 0,
            bare: Vec::new(),
            ranked: (f64::NEG_INFINITY, 0, Span::default()),
            ended: Vec::new(),
            hosts: Vec::new(),
            host_names: Vec::new(),
            slots: Vec::new(),
        }
    }
}

impl TaskStreamModel {
    /// How the stream looks.
    pub fn looks(&self) -> DisplayOptions {
        self.looks
    }

    /// Changes how the stream looks.
    pub fn set_looks(&mut self, looks: DisplayOptions) {
        if self.looks != looks {
            if self.looks.folding != looks.folding {
                self.opened.clear();
                // What is drawn in one colour is only known while it has rows.
                if self.selection().is_some_and(|chosen| !chosen.slots.is_empty()) {
                    self.clear_selection();
                }
            }
            if self.looks.kept != looks.kept {
                self.store.set_keep(looks.keep().min(self.site));
            }
            self.looks = looks;
            self.palette.set_safe(looks.safe);
            self.arranged.due = true;
            self.look += 1;
        }
    }

    /// Opens a folded row, or closes it.
    pub fn toggle_row(&mut self, key: RowKey) {
        let before = self.opened.len();
        self.opened.retain(|&other| other != key);
        if self.opened.len() == before {
            self.opened.push(key);
        }
        self.arranged.due = true;
        self.look += 1;
    }

    /// Takes over what the store has learnt since the last turn. Gives when to look again, ms from
    /// now, if nothing else happens. O(lanes that changed), but for the turns that arrange.
    pub(super) fn catch_up(&mut self, now_ms: f64) -> Option<f64> {
        if self.painted.generation != self.store.generation() {
            self.learn_names();
        }
        let Self { store, tiles, data, arranged, .. } = self;
        let mut news: Option<Span> = None;
        store.drain_dirty(|lane, worker, span| {
            let host = arranged.hosts.get(worker as usize).copied().unwrap_or_default();
            let keys =
                [RowKey::Lane(lane), RowKey::Worker(worker), RowKey::Host(host), RowKey::All];
            tiles.invalidate(&keys, span);
            for &slot in &arranged.slots {
                tiles.invalidate(&[RowKey::SlotOf(slot, worker)], span);
            }
            news = Some(news.map_or(span, |news| news.hull(span)));
            arranged.due |= !arranged.lanes.get(lane as usize).is_some_and(|&known| known);
            *data = Some(data.map_or(span, |data| data.hull(span)));
        });
        if let Some(span) = news {
            // All lanes are in them: once for all that came, not once for each lane.
            for &slot in &arranged.slots {
                tiles.invalidate(&[RowKey::Slot(slot)], span);
            }
        }
        let dropped = store.dropped();
        if arranged.span_due || arranged.dropped != dropped {
            arranged.span_due = false;
            arranged.dropped = dropped;
            *data = store.span();
            let now = store.lanes().iter().map(|lane| lane.rows() > 0);
            arranged.due |= !now.eq(arranged.lanes.iter().copied());
        }
        let wait = self.rerank(now_ms);
        if self.arranged.due || self.arranged.tall != self.plot.h {
            self.arrange();
        }
        let most = (self.layout.height - self.plot.h).max(0.0);
        self.view.scroll = self.view.scroll.clamp(0.0, most);
        wait
    }

    /// Whether places that depend on what happened are to be given anew: at once where nothing moves,
    /// else now and then.
    fn rerank(&mut self, now_ms: f64) -> Option<f64> {
        let by_view = self.looks.order == Order::Busy || self.looks.hide_idle;
        if !by_view && self.looks.folding != Folding::Prefixes {
            return None;
        }
        let (at, generation, span) = self.arranged.ranked;
        // What has rows of its own depends on what came, not on what is seen of it.
        let now = (self.store.generation(), if by_view { self.view.span() } else { span });
        if (generation, span) == now {
            return None;
        }
        let wait = at + RERANK_MS - now_ms;
        // Rows must not slip away from under a pointer that holds them.
        if wait > 0.0 || self.drag != Drag::None {
            return Some(wait.max(16.0));
        }
        self.arranged.ranked = (now_ms, now.0, now.1);
        self.arranged.due = true;
        None
    }

    /// Colours and hosts of what has a new name.
    fn learn_names(&mut self) {
        let (prefixes, workers) = self.store.drain_named();
        let released = self.store.released();
        let before = std::mem::replace(&mut self.arranged.released, released);
        if before == released {
            self.learn_hosts(workers.into_iter());
        } else {
            // Numbers of lanes and workers may stand for others than before.
            self.tiles.clear();
            self.opened.clear();
            self.held = None;
            self.clear_selection();
            if self.ask.pick.is_some_and(|row| self.store.again(&row).is_none()) {
                self.close_details();
                self.ask.pick = None;
            }
            self.ask.lit.clear();
            self.ask.anchor = None;
            self.arranged.hosts.clear();
            self.arranged.host_names.clear();
            self.learn_hosts(0..self.store.worker_count() as u32);
        }
        self.learn_prefixes(&prefixes);
    }

    fn learn_hosts(&mut self, workers: impl Iterator<Item = u32>) {
        let arranged = &mut self.arranged;
        for id in workers {
            let name = host_of(self.store.worker_name(id));
            let known = arranged.host_names.iter().position(|other| other == name);
            let host = known.unwrap_or_else(|| {
                arranged.host_names.push(name.to_owned());
                arranged.host_names.len() - 1
            });
            let at = id as usize;
            if arranged.hosts.len() <= at {
                arranged.hosts.resize(at + 1, 0);
            }
            arranged.hosts[at] = host as u32;
            arranged.names_due = true;
            arranged.due = true;
        }
    }

    /// Colours of prefixes that are new, and of those that had none yet.
    fn learn_prefixes(&mut self, new: &[u32]) {
        self.prefixes_renamed(new);
        for &id in new {
            self.palette.forget(id);
            self.arranged.bare.retain(|&other| other != id);
        }
        let bare = std::mem::take(&mut self.arranged.bare);
        let all = bare.len() + new.len();
        for (at, id) in bare.into_iter().chain(new.iter().copied()).enumerate() {
            let color = self.store.prefix(id).and_then(|prefix| prefix.color);
            let name = self.store.prefix_name(id);
            if name.is_empty() && self.store.prefix(id).is_none_or(|prefix| prefix.count == [0; 5])
            {
                // It was let go of.
                continue;
            }
            if all - new.len() <= at || color.is_some() {
                self.look += u64::from(self.palette.set_prefix(id, name, color));
            }
            if color.is_none() {
                self.arranged.bare.push(id);
            }
        }
        if let Some(first) = new.iter().min() {
            self.arranged.due |= (*first as usize) < SLOTS;
            self.apply_filter();
        }
    }

    fn arrange(&mut self) {
        let store = &self.store;
        self.arranged.lanes.clear();
        self.arranged.lanes.extend(store.lanes().iter().map(|lane| lane.rows() > 0));
        self.arranged.tall = self.plot.h;
        self.arranged.due = false;
        if std::mem::take(&mut self.arranged.names_due) {
            self.name_rows();
            self.workers_renamed();
        }
        let store = &self.store;
        let count = store.worker_count();
        let mut hidden = Vec::new();
        if self.looks.hide_idle {
            hidden.resize(count, true);
            let span = self.view.span();
            for lane in store.lanes().iter().filter(|lane| is_busy(lane, span)) {
                if let Some(hidden) = hidden.get_mut(lane.worker as usize) {
                    *hidden = false;
                }
            }
            if hidden.iter().all(|&hidden| hidden) {
                hidden.clear();
            }
        }
        let mut busy = vec![(0, 1); count];
        if self.looks.order == Order::Busy {
            for lane in store.lanes() {
                if let Some((time, lanes)) = busy.get_mut(lane.worker as usize) {
                    *time += busy_time(lane);
                    *lanes += 1;
                }
            }
        }
        let mut workers: Vec<u32> = (0..count as u32).collect();
        let (labels, order) = (&self.labels, self.looks.order);
        sort_by(&mut workers, |&a, &b| {
            let (x, y) = (a as usize, b as usize);
            let ranked = match order {
                Order::Arrival => return a.cmp(&b),
                Order::Address => {
                    return natural(store.worker_name(a), store.worker_name(b));
                }
                Order::Name => std::cmp::Ordering::Equal,
                Order::Busy => (busy[y].0 / busy[y].1).cmp(&(busy[x].0 / busy[x].1)),
            };
            ranked.then_with(|| natural(&labels[x], &labels[y]))
        });
        let slots = self.learn_slots();
        self.tiles.set_slots(&self.arranged.slots);
        let store = &self.store;
        let plan = Plan {
            slots: &slots,
            available: self.plot.h,
            folding: self.looks.folding,
            workers: &workers,
            hosts: &self.arranged.hosts,
            hidden: &hidden,
            opened: &self.opened,
        };
        self.layout.arrange(store, &plan);
        self.arranged.ended = self.ended_threads();
        self.look += 1;
        self.find_unseen();
    }

    /// What stands beside a row.
    pub(super) fn row_name(&self, row: &Row) -> &str {
        let (names, id) = match row.key {
            RowKey::Host(host) => (&self.arranged.host_names, host),
            RowKey::Slot(LAST_PREFIX_SLOT) => return "others",
            RowKey::Slot(ERRED_SLOT) => return "erred",
            RowKey::Slot(slot) if slot >= ACTION_SLOT => {
                let action = Action::ALL.get(usize::from(slot - ACTION_SLOT));
                return action.map_or("", |action| action.name());
            }
            RowKey::Slot(slot) => return self.store.prefix_name(u32::from(slot)),
            _ => (&self.labels, row.worker),
        };
        names.get(id as usize).map_or("", String::as_str)
    }

    /// Notes what has a row of its own where rows are of prefixes; gives it from top to bottom.
    fn learn_slots(&mut self) -> Vec<u16> {
        let slots = &mut self.arranged.slots;
        slots.clear();
        if self.looks.folding != Folding::Prefixes {
            return Vec::new();
        }
        let store = &self.store;
        let (mut ids, mut others, mut actions) = (Vec::new(), false, [0; 5]);
        for id in 0..store.prefix_count() as u32 {
            let Some(prefix) = store.prefix(id) else { continue };
            for (sum, count) in actions.iter_mut().zip(prefix.count) {
                *sum += count;
            }
            // The first ones, not the most frequent: rows must not come and go.
            if prefix.count[0] > 0 {
                others |= ids.len() == SLOTS;
                if !others {
                    ids.push(id);
                    slots.push(id as u16);
                }
            }
        }
        let listed = ids.len();
        if others {
            slots.push(LAST_PREFIX_SLOT);
        }
        for action in 1..5 {
            if actions[usize::from(action)] > 0 {
                slots.push(ACTION_SLOT + action);
            }
        }
        if store.erred() > 0 {
            slots.push(ERRED_SLOT);
        }
        let busy = |id: u32| store.prefix(id).map_or(0, |prefix| prefix.busy[0]);
        let order = self.looks.order;
        sort_by(&mut ids, |&a, &b| match order {
            Order::Arrival => a.cmp(&b),
            Order::Busy => busy(b).cmp(&busy(a)).then(a.cmp(&b)),
            Order::Name | Order::Address => natural(store.prefix_name(a), store.prefix_name(b)),
        });
        let mut all: Vec<u16> = slots.clone();
        for (slot, id) in all[..listed].iter_mut().zip(ids) {
            *slot = id as u16;
        }
        all
    }

    /// Short names of all workers, by their numbers.
    fn name_rows(&mut self) {
        let store = &self.store;
        let all = 0..store.worker_count() as u32;
        let short = short_workers(all.map(|id| store.worker_name(id)));
        self.labels.clear();
        for (id, short) in short.into_iter().enumerate() {
            let named = self.names.get(store.worker_name(id as u32));
            self.labels.push(match named {
                // A bare number, as local clusters name theirs, would say nothing.
                Some(name)
                    if name.bytes().all(|byte| byte.is_ascii_digit()) && !name.is_empty() =>
                {
                    format!("worker {name}")
                }
                Some(name) if !name.is_empty() => fmt::shown(name).into_owned(),
                _ => short,
            });
        }
    }
}
