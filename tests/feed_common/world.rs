//! A simulated scheduler, which follows distributed's own rules for what a page shows, leaves out,
//! clears and forgets; and clients that are cut off from it.
// The mean is as the server computes it, to the last bit.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::manual_midpoint)]

use std::collections::BTreeMap;

use base::task::is_settled;
use feed::bokeh::frame::Buffers;
use feed::bokeh::table::Table;
use feed::bokeh::value;
use feed::merge::{Clock, Merge, MergeEvent, Source};
use feed::tasks::{Origin, TaskBatch};
use store::Store;

pub const EPOCH_S: f64 = 1_795_353_600.0;

pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn unit(&mut self) -> f64 {
        (self.next() & 0xff_ffff) as f64 / 16_777_216.0
    }
}

/// One rectangle.
#[derive(Clone, Debug)]
pub struct Rect {
    pub id: usize,
    pub key: String,
    pub name: String,
    pub thread: String,
    pub start: f64,
    pub stop: f64,
}

/// What the scheduler's plugin records: one message per finished task.
#[derive(Clone, Debug)]
pub struct Message {
    pub finished: f64,
    pub rects: Vec<Rect>,
}

/// `TaskStreamPlugin`.
pub struct Recorder {
    pub messages: Vec<Message>,
    pub index: usize,
    pub limit: usize,
}

/// `TaskStream` in a page's document.
#[derive(Clone)]
pub struct Doc {
    pub rollover: usize,
    pub clear_s: f64,
    pub index: usize,
    pub offset: f64,
    pub last_seen: f64,
    pub lanes: usize,
    /// Rows shown: the wire's start (centre less offset), duration, and which rectangle; `None` is
    /// the placeholder.
    pub shown: Vec<(f64, f64, Option<usize>)>,
}

pub enum Sent {
    Clear,
    Rows(Vec<(f64, f64, usize)>),
}

impl Doc {
    pub fn new(now: f64, rollover: usize, clear_s: f64, recorder: &Recorder) -> Self {
        let mut doc = Self {
            rollover,
            clear_s,
            index: recorder.index.saturating_sub(rollover),
            offset: 0.0,
            last_seen: 0.0,
            lanes: 4,
            shown: vec![(now - clear_s, 0.1, None)],
        };
        doc.update(now, recorder);
        doc
    }

    /// `TaskStream.update`, line by line.
    pub fn update(&mut self, now: f64, recorder: &Recorder) -> Vec<Sent> {
        let mut sent = Vec::new();
        if self.index == recorder.index {
            return sent;
        }
        let least = |it: &mut dyn Iterator<Item = f64>| it.fold(f64::INFINITY, f64::min);
        let most = |it: &mut dyn Iterator<Item = f64>| it.fold(f64::NEG_INFINITY, f64::max);
        let boundary = if self.index > 0 && !self.shown.is_empty() {
            let start = least(&mut self.shown.iter().map(|row| row.0));
            let duration = most(&mut self.shown.iter().map(|row| row.1));
            (self.offset + start - duration) / 1000.0
        } else {
            self.offset
        };
        let dropped = recorder.index - recorder.messages.len();
        let from = self.index.saturating_sub(dropped);
        let mut rows: Vec<(f64, f64, usize)> = Vec::new();
        for message in &recorder.messages[from..] {
            for rect in &message.rects {
                if rect.start < boundary {
                    continue;
                }
                let center = (rect.start + rect.stop) / 2.0 * 1000.0;
                rows.push((center, 1000.0 * (rect.stop - rect.start), rect.id));
            }
        }
        self.index = recorder.index;
        if rows.is_empty() {
            return sent;
        }
        if now > self.last_seen + self.clear_s {
            let min_start = least(&mut rows.iter().map(|row| row.0));
            let new_start = min_start - self.offset;
            let old_start = least(&mut self.shown.iter().map(|row| row.0));
            let old_end = most(&mut self.shown.iter().map(|row| row.0 + row.1));
            let busy: f64 = self.shown.iter().map(|row| row.1).sum();
            let density = busy / self.lanes as f64 / (old_end - old_start);
            if new_start - old_end > (old_end - old_start) * 2.0 || density < 0.05 {
                self.shown.clear();
                self.offset = min_start;
                sent.push(Sent::Clear);
            }
        }
        for row in &mut rows {
            row.0 -= self.offset;
        }
        self.last_seen = now;
        self.shown.extend(rows.iter().map(|row| (row.0, row.1, Some(row.2))));
        let extra = self.shown.len().saturating_sub(self.rollover);
        self.shown.drain(..extra);
        sent.push(Sent::Rows(rows));
        sent
    }
}

/// One client session on one page.
pub struct Client {
    pub source: Source,
    pub rollover: usize,
    pub clear_s: f64,
    pub period: f64,
    pub next_update: f64,
    pub doc: Option<Doc>,
    pub connected: bool,
    pub lost_at: f64,
    pub epoch: u32,
    pub resumed: bool,
}

pub struct World {
    pub recorder: Recorder,
    pub rects: Vec<Rect>,
    pub delivered: Vec<bool>,
    pub merge: Merge,
    /// Everything handed out: frame, time in µs (moved by later shifts), key, name, thread, µs.
    pub out: Vec<(u32, i64, String, i64)>,
    /// The same, as the program keeps it.
    pub store: Store,
    /// What the clock here says, less the truth, s.
    pub ahead: f64,
}

impl World {
    pub fn new(limit: usize) -> Self {
        Self {
            recorder: Recorder { messages: Vec::new(), index: 0, limit },
            rects: Vec::new(),
            delivered: Vec::new(),
            merge: Merge::default(),
            out: Vec::new(),
            store: Store::default(),
            ahead: 0.0,
        }
    }

    pub fn record(&mut self, message: Message) {
        self.recorder.messages.push(message);
        self.recorder.index += 1;
        let extra = self.recorder.messages.len().saturating_sub(self.recorder.limit);
        self.recorder.messages.drain(..extra);
    }

    pub fn deliver(
        &mut self,
        client: (Source, u32, usize, bool),
        origin: Origin,
        rows: &[(f64, f64, Option<usize>)],
        now: f64,
    ) {
        let mut columns = [const { Vec::new() }; 8];
        for (start, duration, id) in rows {
            let text = |text: &str| serde_json::Value::from(text).to_string();
            let cells = match id {
                Some(id) => {
                    self.delivered[*id] = true;
                    let rect = &self.rects[*id];
                    [
                        format!("{start:?}"),
                        format!("{duration:?}"),
                        text(&rect.key),
                        text(&rect.name),
                        text("#440154"),
                        (if rect.name.starts_with("transfer-") { "0.4" } else { "1" }).into(),
                        text("tcp://w"),
                        text(&rect.thread),
                    ]
                }
                None => [
                    format!("{start:?}"),
                    "0.1".into(),
                    text("start"),
                    text("start"),
                    text("white"),
                    "0".into(),
                    text("foo"),
                    "1".into(),
                ],
            };
            for (column, cell) in columns.iter_mut().zip(cells) {
                column.push(cell);
            }
        }
        let names =
            ["start", "duration", "key", "name", "color", "alpha", "worker", "worker_thread"];
        let members: Vec<String> = names
            .iter()
            .zip(&columns)
            .map(|(name, cells)| format!("\"{name}\":[{}]", cells.join(",")))
            .collect();
        let mut table = Table::default();
        let json = format!("{{{}}}", members.join(","));
        value::table(&json, &Buffers::default(), &mut table).unwrap();
        let (source, epoch, rollover, resumed) = client;
        let mut batch = TaskBatch::new(table, epoch, origin, rollover).unwrap();
        batch.resumed = resumed;
        let (out, store) = (&mut self.out, &mut self.store);
        self.merge.push(source, &batch, (now + self.ahead) * 1000.0, &mut |event| match event {
            MergeEvent::Task(task) => {
                store.insert(&task);
                let name = match task.action.name() {
                    "compute" => task.prefix.to_string(),
                    action => format!("{action}-{}", task.prefix),
                };
                let text = format!("{} {name} {}", task.key, task.thread);
                out.push((task.timebase, task.start.0, text, task.duration.0));
            }
            MergeEvent::Shift { timebase, by } => {
                store.shift(timebase, by);
                for row in out.iter_mut().filter(|row| row.0 == timebase) {
                    row.1 += by.0;
                }
            }
            MergeEvent::Fold { timebase, into } => {
                store.fold(timebase, into);
                for row in out.iter_mut().filter(|row| row.0 == timebase) {
                    row.0 = into;
                }
            }
        });
    }

    pub fn pull(&mut self, client: &mut Client, now: f64) {
        client.epoch += 1;
        let rows = client.doc.as_ref().unwrap().shown.clone();
        let arrival = now + 0.01;
        self.deliver(
            (client.source, client.epoch, client.rollover, client.resumed),
            Origin::History,
            &rows,
            arrival,
        );
    }

    /// Runs one page up to `now`; the caller advances in small steps.
    pub fn step(&mut self, client: &mut Client, now: f64, dice: &mut Dice) {
        let Some(doc) = &mut client.doc else { return };
        if !client.connected && now - client.lost_at > 15.0 {
            client.doc = None;
            return;
        }
        if now < client.next_update {
            return;
        }
        client.next_update = now + client.period;
        let sent = doc.update(now, &self.recorder);
        if !client.connected {
            return;
        }
        let latency = 0.002 + 0.03 * dice.unit();
        for sent in sent {
            match sent {
                Sent::Clear => client.epoch += 1,
                Sent::Rows(rows) => {
                    let rows: Vec<_> = rows.iter().map(|row| (row.0, row.1, Some(row.2))).collect();
                    let id = (client.source, client.epoch, client.rollover, false);
                    self.deliver(id, Origin::Live, &rows, now + latency);
                }
            }
        }
    }

    pub fn connect(&mut self, client: &mut Client, now: f64) {
        client.resumed = client.doc.is_some();
        if client.doc.is_none() {
            client.doc = Some(Doc::new(now, client.rollover, client.clear_s, &self.recorder));
            client.next_update = now + client.period;
        }
        client.connected = true;
        self.pull(client, now);
    }

    /// What was handed out must be exactly what was ever delivered.
    pub fn check(&self) {
        let mut wanted: BTreeMap<String, i64> = BTreeMap::new();
        for rect in self.rects.iter().filter(|rect| self.delivered[rect.id]) {
            let duration = (1e6 * (rect.stop - rect.start)).round() as i64;
            let text = format!("{} {} {} {duration}", rect.key, rect.name, rect.thread);
            *wanted.entry(text).or_default() += 1;
        }
        let mut got: BTreeMap<String, i64> = BTreeMap::new();
        for (_, _, text, duration) in &self.out {
            *got.entry(format!("{text} {duration}")).or_default() += 1;
        }
        for (text, count) in &got {
            assert_eq!(wanted.get(text), Some(count), "{text}");
        }
        assert_eq!(got, wanted);
        assert_eq!(self.store.rows(), self.out.len());
        self.check_times();
    }

    /// Times within a frame are exact; a frame that had live rows is where it should be.
    pub fn check_times(&self) {
        let mut truth: BTreeMap<String, Option<f64>> = BTreeMap::new();
        for rect in &self.rects {
            let text = format!("{} {} {}", rect.key, rect.name, rect.thread);
            let only = truth.contains_key(&text);
            truth.insert(text, (!only).then_some(rect.start));
        }
        let mut errors: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
        for (frame, start, text, _) in &self.out {
            if let Some(Some(truth)) = truth.get(text) {
                let error = *start as f64 - truth * 1e6;
                let range = errors.entry(*frame).or_insert((error, error));
                *range = (range.0.min(error), range.1.max(error));
            }
        }
        for (frame, (least, most)) in errors {
            // What is settled was put together as each part was dated.
            let wide = if is_settled(frame) { 5.2e6 } else { 5.0 };
            assert!(most - least < wide, "frame {frame}: {least} to {most} µs");
            assert!(least > -1000.0, "frame {frame}: before its time by {least} µs");
            if self.merge.clock(frame) == Clock::Estimate {
                assert!(most < 5.2e6, "frame {frame}: {most} µs late");
            }
        }
    }

    /// The clock here is set, or goes on after a sleep: it now says so much more than the truth, s.
    pub fn set_clock(&mut self, ahead: f64) {
        self.ahead = ahead;
        self.merge.step();
        self.store.note_clock_step();
    }

    pub fn complete(&self) -> bool {
        self.delivered.iter().all(|delivered| *delivered)
    }
}

/// Times that are multiples of what `time.time()` can tell apart today.
pub fn quantum(s: f64) -> f64 {
    (s * 4_194_304.0).round() / 4_194_304.0
}

pub fn fast() -> Client {
    Client {
        source: Source::Fast,
        rollover: 40,
        clear_s: 10.0,
        period: 0.1,
        next_update: 0.0,
        doc: None,
        connected: false,
        lost_at: f64::NEG_INFINITY,
        epoch: 0,
        resumed: false,
    }
}

pub fn slow() -> Client {
    Client { source: Source::Slow, rollover: 4000, clear_s: 60.0, period: 5.0, ..fast() }
}

/// Plans a workload: phases of work and silence, long tasks among short ones, keys that run again,
/// durations that repeat.
pub fn workload(dice: &mut Dice, tasks: usize) -> (Vec<Message>, Vec<Rect>) {
    let mut threads = [EPOCH_S; 4];
    let mut messages: Vec<Message> = Vec::new();
    let mut rects: Vec<Rect> = Vec::new();
    for _ in 0..tasks {
        if dice.below(60) == 0 {
            let idle = [0.5, 3.0, 12.0, 30.0, 75.0, 200.0][dice.below(6) as usize];
            let now = threads.iter().copied().fold(0.0, f64::max) + idle;
            threads = [now; 4];
        }
        let thread = dice.below(4) as usize;
        // A few keys run again and again, the rest once.
        let key = match dice.below(5) {
            0 => format!("again-{}", dice.below(6)),
            _ => format!("inc-{}", rects.len()),
        };
        let mut at = quantum(threads[thread] + 0.0001 + 0.002 * dice.unit());
        let mut parts = Vec::new();
        let transfers = if dice.below(8) == 0 { 1 + dice.below(2) } else { 0 };
        for part in 0..=transfers {
            let length = match dice.below(40) {
                0 => 1.0 + dice.unit(),
                // Few distinct lengths, so that they repeat to the bit.
                n if n < 10 => quantum(0.004) + dice.below(50) as f64 / 4_194_304.0,
                _ => 0.002 + 0.05 * dice.unit(),
            };
            let length = quantum(length).max(1.0 / 4_194_304.0);
            let name = if part < transfers { "transfer-inc" } else { "inc" };
            let stop = at + length;
            let rect = Rect {
                id: rects.len(),
                key: key.clone(),
                name: name.into(),
                thread: format!("tcp://w-{thread}"),
                start: at,
                stop,
            };
            rects.push(rect.clone());
            parts.push(rect);
            // Two transfers may well begin together.
            if dice.below(4) > 0 {
                at = stop;
            }
        }
        threads[thread] = parts.iter().map(|rect| rect.stop).fold(0.0, f64::max);
        let late = if dice.below(10) == 0 { 0.3 * dice.unit() } else { 0.002 };
        messages.push(Message { finished: threads[thread] + late, rects: parts });
    }
    messages.sort_by(|a, b| a.finished.total_cmp(&b.finished));
    (messages, rects)
}

pub fn run(seed: u64, cuts: bool, tasks: usize) -> World {
    let mut dice = Dice(seed | 1);
    let (messages, rects) = workload(&mut dice, tasks);
    let mut world = World::new(2000);
    world.delivered = vec![false; rects.len()];
    world.rects = rects;
    let mut clients = [fast(), slow()];
    let begin = EPOCH_S + if dice.below(2) == 0 { -2.0 } else { 20.0 * dice.unit() };
    let open = [begin, begin + if dice.below(2) == 0 { 0.0 } else { 8.0 * dice.unit() }];
    if dice.below(2) == 0 {
        clients.swap(0, 1);
    }
    let end = messages.last().unwrap().finished + 90.0;
    let mut cut = [f64::INFINITY; 2];
    let mut back = [f64::NEG_INFINITY; 2];
    let mut next = messages.into_iter().peekable();
    let mut now = EPOCH_S - 3.0;
    while now < end {
        while next.peek().is_some_and(|message| message.finished <= now) {
            world.record(next.next().unwrap());
        }
        for (i, client) in clients.iter_mut().enumerate() {
            if now < open[i] {
                continue;
            }
            if !client.connected && now >= back[i] {
                world.connect(client, now);
                cut[i] = if cuts { now + 5.0 + 120.0 * dice.unit() } else { f64::INFINITY };
            }
            if client.connected && now >= cut[i] {
                client.connected = false;
                client.lost_at = now;
                back[i] = now + [0.5, 5.0, 14.0, 25.0][dice.below(4) as usize];
            }
            world.step(client, now, &mut dice);
        }
        now += if clients.iter().all(|client| !client.connected) { 0.25 } else { 0.05 };
    }
    world
}

/// A steady run of `count` tasks of 4 ms on one thread each, from `start`.
pub fn steady(world: &mut World, start: f64, count: usize) -> Vec<Message> {
    (0..count)
        .map(|i| {
            let start = quantum(start + 0.005 * i as f64);
            let stop = start + quantum(0.004);
            let id = world.rects.len();
            let thread = "tcp://w-0".into();
            let rect = Rect { id, key: format!("k-{id}"), name: "k".into(), thread, start, stop };
            world.rects.push(rect.clone());
            world.delivered.push(false);
            Message { finished: stop, rects: vec![rect] }
        })
        .collect()
}

pub fn play(world: &mut World, client: &mut Client, messages: Vec<Message>, until: f64) {
    let mut dice = Dice(99);
    let mut now = messages.first().map_or(until - 1.0, |message| message.finished);
    let mut next = messages.into_iter().peekable();
    while now < until {
        while next.peek().is_some_and(|message| message.finished <= now) {
            world.record(next.next().unwrap());
        }
        world.step(client, now, &mut dice);
        now += 0.05;
    }
}
