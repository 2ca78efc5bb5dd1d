//! Days in a tab: what is held, and what a frame looks at, stays small however often the server begins
//! anew and whatever the names are.

#![allow(clippy::unwrap_used)]

#[path = "feed_common/world.rs"]
mod world;

use base::task::{Action, Interval, Rgb};
use base::time::Micros;
use store::{Class, Lane, MAX_PREFIXES, OTHERS, RetentionPolicy, Store};
use world::{Client, Dice, EPOCH_S, Message, Rect, World, fast, quantum, slow};

/// Some tasks on each of four threads, at once.
fn burst(world: &mut World, start: f64, tasks: usize) {
    for i in 0..tasks {
        let id = world.rects.len();
        let start = quantum(start + 0.01 * (i / 4) as f64);
        // No two alike, so that every row can be told from any other.
        let stop = start + quantum(0.004 + 1e-6 * (id % 4000) as f64);
        let thread = format!("tcp://w-{}", i % 4);
        let rect = Rect { id, key: format!("k-{id}"), name: "k".into(), thread, start, stop };
        world.rects.push(rect.clone());
        world.delivered.push(false);
        world.record(Message { finished: stop, rects: vec![rect] });
    }
}

/// Bursts with idle gaps between them, each long enough for every page to be cleared.
fn idle_gaps(
    world: &mut World,
    clients: &mut [Client],
    from: f64,
    gaps: usize,
    tasks: usize,
) -> f64 {
    let mut dice = Dice(7);
    let mut now = from;
    for _ in 0..gaps {
        burst(world, now, tasks);
        now += 0.02 * tasks as f64;
        for _ in 0..40 {
            now += 0.25;
            for client in clients.iter_mut() {
                world.step(client, now, &mut dice);
            }
        }
        now += 100.0;
    }
    now
}

#[test]
fn thousands_of_idle_gaps_leave_few_tracks() {
    for both in [false, true] {
        let mut world = World::new(20_000);
        let mut clients = vec![fast()];
        if both {
            clients.push(slow());
        }
        for client in &mut clients {
            world.connect(client, EPOCH_S);
        }
        let mut now = EPOCH_S + 1.0;
        let mut memory = Vec::new();
        for _ in 0..4 {
            now = idle_gaps(&mut world, &mut clients, now, 500, 12);
            assert!(world.store.most_tracks() <= 4, "{}", world.store.most_tracks());
            assert!(world.merge.unsettled() <= 4, "{}", world.merge.unsettled());
            memory.push(world.store.memory_bytes() as f64 / world.store.rows() as f64);
        }
        // Rows lie as densely as if nothing had ever been cleared.
        assert!(memory.iter().all(|bytes| *bytes < 60.0), "{memory:?}");
        assert_eq!(world.store.rows(), 4 * 500 * 12);
        world.check();
    }
}

#[test]
fn a_history_opened_after_many_gaps_doubles_nothing() {
    for tasks in [2, 12] {
        let mut world = World::new(20_000);
        let mut clients = [fast()];
        world.connect(&mut clients[0], EPOCH_S);
        let now = idle_gaps(&mut world, &mut clients, EPOCH_S + 1.0, 300, tasks);
        world.connect(&mut slow(), now);
        world.check();
        assert_eq!(world.store.rows(), 300 * tasks);
    }
}

#[test]
fn what_the_merge_remembers_of_frames_is_bounded() {
    let mut world = World::new(100);
    let mut client = fast();
    world.connect(&mut client, EPOCH_S);
    let mut clients = [client];
    let mut now = idle_gaps(&mut world, &mut clients, EPOCH_S + 1.0, 50, 4);
    let before = world.merge.memory_bytes();
    now = idle_gaps(&mut world, &mut clients, now, 2000, 4);
    let grown = world.merge.memory_bytes() - before;
    // Each remembered row some 60 bytes, twice for vectors that double, and its frame.
    assert!(grown < 2000 * (4 * 60 * 2 + 600), "{grown} bytes by {now}");
}

fn row<'a>(prefix: &'a str, key: &'a str, worker: &'a str, at: i64) -> Interval<'a> {
    Interval {
        key,
        key_is_json: key.starts_with('['),
        prefix,
        action: Action::Compute,
        erred: false,
        worker,
        thread: worker,
        start: Micros(at),
        duration: Micros(90),
        color: Rgb(1, 2, 3),
        timebase: 0,
    }
}

#[test]
fn names_that_never_repeat_stay_within_the_bytes() {
    let mut store = Store::default();
    let keep = RetentionPolicy { bytes: 16 << 20, ..RetentionPolicy::ALL };
    store.set_keep(keep);
    let count = 10_000_000;
    for i in 0..count {
        let name = format!("p{i:x}");
        let key = format!("[\"{name}-{i:032x}\",1]");
        store.insert(&row(&name, &key, "tcp://a:1", i * 100));
        if i % 500_000 == 0 {
            assert!(store.memory_bytes() <= keep.bytes * 9 / 8, "{}", store.memory_bytes());
            assert!(store.prefix_count() <= MAX_PREFIXES);
        }
    }
    // Most of the bytes are rows, and the newest are there, whole.
    assert!(store.rows() > 60_000, "{}", store.rows());
    assert_eq!(store.rows() as i64 + store.dropped() as i64, count);
    let mut newest = String::new();
    store.for_each(
        Some(base::time::Span::new(Micros((count - 1) * 100), Micros(i64::MAX))),
        9,
        |row| {
            assert!(row.prefix == OTHERS || row.prefix == format!("p{:x}", count - 1));
            newest.push_str(row.key);
        },
    );
    assert_eq!(newest, format!("[\"p{:x}-{:032x}\",1]", count - 1, count - 1));
    let held: u64 = store.count_by_action().iter().sum();
    assert_eq!(held, store.rows() as u64);
    assert!(store.folded() > 0, "and it is said");
}

#[test]
fn workers_that_come_and_go_leave_no_lanes() {
    let mut store = Store::with_limit(5000);
    for i in 0..200_000 {
        let worker = format!("tcp://10.0.{}.{}:{}", i / 65_536, i / 256 % 256, i % 256);
        store.insert(&row("add", "add-1", &worker, i * 100));
        assert!(store.lanes().len() < 12_000, "{i}: {}", store.lanes().len());
    }
    assert!(store.worker_count() < 12_000);
    store.for_each(None, usize::MAX, |row| {
        let i = row.start.0 / 100;
        assert_eq!(row.worker, format!("tcp://10.0.{}.{}:{}", i / 65_536, i / 256 % 256, i % 256));
    });
    assert!(store.lanes().iter().filter(|lane| Lane::has(lane, Class::Main)).count() <= 5000);
}

/// When the newest task ended by what is held, less when it did in truth, s.
fn newest_is_off(world: &World) -> f64 {
    let truth = world.rects.iter().map(|rect| rect.stop).fold(0.0, f64::max);
    world.store.newest().unwrap().secs() - truth
}

/// How much the first task is off, s.
fn first_is_off(world: &World) -> f64 {
    world.store.span().unwrap().start.secs() - world.rects[0].start
}

#[test]
fn a_sleep_neither_moves_nor_misdates_rows() {
    for late in [false, true] {
        let mut world = World::new(2000);
        let mut clients = [fast()];
        world.connect(&mut clients[0], EPOCH_S);
        let mut now = EPOCH_S + 1.0;
        let run = |world: &mut World, clients: &mut [Client; 1], now: &mut f64| {
            for _ in 0..20 {
                burst(world, *now, 8);
                for _ in 0..5 {
                    *now += 0.1;
                    world.step(&mut clients[0], *now, &mut Dice(3));
                }
            }
        };
        run(&mut world, &mut clients, &mut now);
        if late {
            // What was on its way when the computer fell asleep is read when it wakes.
            burst(&mut world, now, 8);
            let sent = clients[0].doc.as_mut().unwrap().update(now + 0.1, &world.recorder);
            let world::Sent::Rows(rows) = &sent[0] else { panic!("cleared") };
            let rows: Vec<_> = rows.iter().map(|row| (row.0, row.1, Some(row.2))).collect();
            now += 8.0 * 3600.0;
            world.set_clock(0.0);
            let who = (world::fast().source, clients[0].epoch, 40, false);
            world.deliver(who, feed::tasks::Origin::Live, &rows, now);
        } else {
            now += 8.0 * 3600.0;
            world.set_clock(0.0);
        }
        run(&mut world, &mut clients, &mut now);
        assert!((0.0..0.5).contains(&first_is_off(&world)), "{}", first_is_off(&world));
        assert!((0.0..0.5).contains(&newest_is_off(&world)), "{late}: {}", newest_is_off(&world));
        world.check();
    }
}

#[test]
fn a_clock_that_is_set_dates_new_rows_only() {
    for (by, both) in
        [(2.0, false), (-2.0, false), (-3600.0, true), (3600.0, true), (-3600.0, false)]
    {
        let mut world = World::new(2000);
        let mut clients = vec![fast()];
        if both {
            clients.push(slow());
        }
        for client in &mut clients {
            world.connect(client, EPOCH_S);
        }
        let mut now = EPOCH_S + 1.0;
        let run = |world: &mut World, clients: &mut [Client], now: &mut f64| {
            for _ in 0..30 {
                burst(world, *now, 8);
                for _ in 0..5 {
                    *now += 0.1;
                    for client in clients.iter_mut() {
                        world.step(client, *now, &mut Dice(3));
                    }
                }
            }
        };
        run(&mut world, &mut clients, &mut now);
        // Every page is heard once more.
        now += 6.0;
        for client in &mut clients {
            world.step(client, now, &mut Dice(3));
        }
        let set_at = now;
        world.set_clock(by);
        run(&mut world, &mut clients, &mut now);
        // The socket is cut, and what is pulled anew lies on both sides.
        clients[0].connected = false;
        clients[0].lost_at = now;
        now += 2.0;
        world.connect(&mut clients[0], now);
        run(&mut world, &mut clients, &mut now);
        now += 6.0;
        for client in &mut clients {
            world.step(client, now, &mut Dice(3));
        }
        let truth: std::collections::BTreeMap<&str, f64> =
            world.rects.iter().map(|rect| (rect.key.as_str(), rect.start)).collect();
        let mut dated = 0;
        world.store.for_each(None, usize::MAX, |row| {
            let start = truth[row.key];
            let off = row.start.secs() - start;
            let is_by = |by: f64| (-0.01..0.7).contains(&(off - by));
            // What comes just after the step may have been under way before it.
            let known = if start < set_at { is_by(0.0) } else { is_by(by) };
            let doubtful = (set_at..set_at + 7.0).contains(&start) && is_by(0.0);
            assert!(known || doubtful, "{by}: {} is off by {off}", row.key);
            dated += usize::from(off.abs() > 1.0);
        });
        assert_eq!(world.store.rows(), world.rects.len(), "{by}: none doubled");
        assert!(world.merge.stats().dated_anew > 0);
        assert!(dated > 300, "{by}: {dated} by the new clock");
    }
}
