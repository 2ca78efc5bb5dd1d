//! The merge against a simulated scheduler: whatever was delivered is held, once.

#[path = "feed_common/world.rs"]
mod world;

use feed::merge::GapReason;
use world::{Dice, EPOCH_S, Message, Recorder, Rect, World, fast, play, run, slow, steady};

// The seeds are fixed: two runs of one key on one thread with the same duration to the bit look
// alike, so that one world in some thousands cannot be told right, by anybody.

#[test]
fn two_feeds_make_one_truth() {
    for seed in 0..60u64 {
        let world = run(seed * 104_729 + 17, false, 400);
        world.check();
        let mut gaps = Vec::new();
        world.merge.gaps(f64::MAX, &mut gaps);
        assert!(gaps.is_empty(), "{gaps:?}");
    }
}

#[test]
fn cuts_double_nothing() {
    for seed in 0..150u64 {
        let world = run(seed * 7_368_787 + 29, true, 400);
        world.check();
        if world.complete() {
            let mut gaps = Vec::new();
            world.merge.gaps(f64::MAX, &mut gaps);
            assert!(gaps.is_empty(), "seed {seed}: {gaps:?}");
        }
    }
}

#[test]
fn most_seeds_are_complete_with_both_feeds() {
    // The slow feed leaves a row out only where one that runs while the feed begins ends late; so
    // nearly every run must be complete, or the simulation (or the merge) is wrong.
    let complete = (0..40u64).filter(|seed| run(seed * 7919 + 3, false, 300).complete()).count();
    assert!(complete >= 30, "{complete} of 40");
}

#[test]
fn what_is_lost_for_good_is_a_gap() {
    let mut world = World::new(2000);
    let mut client = fast();
    world.connect(&mut client, EPOCH_S);
    let messages = steady(&mut world, EPOCH_S + 1.0, 100);
    play(&mut world, &mut client, messages, EPOCH_S + 3.0);
    client.connected = false;
    client.lost_at = EPOCH_S + 3.0;
    // 200 tasks in the dark, of which the fast page keeps 40.
    let messages = steady(&mut world, EPOCH_S + 3.0, 200);
    play(&mut world, &mut client, messages, EPOCH_S + 5.0);
    world.connect(&mut client, EPOCH_S + 5.0);
    world.check();
    let mut gaps = Vec::new();
    world.merge.gaps((EPOCH_S + 5.1) * 1000.0, &mut gaps);
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].reason, GapReason::Rollover);
    assert!((3.0..3.6).contains(&gaps[0].span.len().secs()), "{gaps:?}");

    // The slow page has it all: the gap closes, nothing is doubled.
    let mut complete = slow();
    world.connect(&mut complete, EPOCH_S + 6.0);
    world.check();
    assert!(world.complete());
    world.merge.gaps(f64::MAX, &mut gaps);
    assert!(gaps.is_empty(), "{gaps:?}");
    assert_eq!(world.merge.stats().held, 300);
}

#[test]
fn another_scheduler_is_a_gap_too() {
    let mut world = World::new(2000);
    let mut client = fast();
    world.connect(&mut client, EPOCH_S);
    let messages = steady(&mut world, EPOCH_S + 1.0, 30);
    play(&mut world, &mut client, messages, EPOCH_S + 3.0);
    world.recorder = Recorder { messages: Vec::new(), index: 0, limit: 2000 };
    client.connected = false;
    client.doc = None;
    let mut gaps = Vec::new();
    world.connect(&mut client, EPOCH_S + 10.0);
    world.merge.gaps(f64::MAX, &mut gaps);
    assert!(gaps.is_empty(), "nothing is known before the first row");
    let messages = steady(&mut world, EPOCH_S + 11.0, 5);
    play(&mut world, &mut client, messages, EPOCH_S + 13.0);
    world.merge.gaps(f64::MAX, &mut gaps);
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].reason, GapReason::Restart);
    world.check();
}

#[test]
fn the_fast_page_alone_loses_long_tasks_and_the_slow_one_brings_them() {
    let mut world = World::new(2000);
    let mut clients = [fast(), slow()];
    for client in &mut clients {
        world.connect(client, EPOCH_S);
    }
    let mut messages = steady(&mut world, EPOCH_S + 1.0, 1500);
    let id = world.rects.len();
    let long = Rect {
        id,
        key: "long".into(),
        name: "long".into(),
        thread: "tcp://w-1".into(),
        start: EPOCH_S + 2.5,
        stop: EPOCH_S + 5.5,
    };
    world.rects.push(long.clone());
    world.delivered.push(false);
    messages.push(Message { finished: long.stop, rects: vec![long] });
    messages.sort_by(|a, b| a.finished.total_cmp(&b.finished));
    let mut next = messages.into_iter().peekable();
    let (mut now, mut dice, mut seen) = (EPOCH_S, Dice(5), false);
    while now < EPOCH_S + 20.0 {
        while next.peek().is_some_and(|message| message.finished <= now) {
            world.record(next.next().unwrap());
        }
        let [fast, slow] = &mut clients;
        world.step(fast, now, &mut dice);
        if now > EPOCH_S + 6.0 && !seen {
            seen = true;
            assert!(!world.delivered[id], "the simulation is not true to the server");
        }
        world.step(slow, now, &mut dice);
        now += 0.05;
    }
    assert!(world.complete());
    world.check();
    let from_slow = world.merge.stats().from_slow;
    assert!((1..100).contains(&from_slow), "{from_slow}: the fast page is first but for one");
}
