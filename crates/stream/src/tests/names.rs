//! Numbers that are given again, to other prefixes and workers.

use super::*;

/// A task of that prefix on a worker: the `at`-th of a line of them, one each 10 ms.
pub(super) fn add(stream: &mut TaskStreamModel, prefix: &str, worker: &str, at: i64) {
    stream.insert(&Interval {
        key: prefix,
        key_is_json: false,
        prefix,
        action: Action::Compute,
        erred: false,
        worker,
        thread: worker,
        start: Micros(T + at * 10_000),
        duration: Micros(9_000),
        color: Rgb(0x23, 0x89, 0x8d),
        timebase: 0,
    });
}

fn small() -> TaskStreamModel {
    TaskStreamModel::new(Store::with_limit(100))
}

#[test]
fn workers_that_are_let_go_of_are_neither_counted_nor_in_the_way_of_short_names() {
    let mut stream = small();
    for i in 0..3000 {
        add(&mut stream, "add", &format!("tcp://10.0.0.1:{}", 10_000 + i), i);
        if i % 500 == 499 {
            settle(&mut stream, i * 10_000);
        }
    }
    assert!(stream.store.released() > 0);
    let totals = stream.totals();
    assert!(totals.workers < stream.store.worker_count(), "{totals:?}");
    assert_eq!(totals.lanes, totals.workers);
    assert!(stream.labels.iter().any(|label| label == ":12999"), "{:?}", stream.labels);
}

#[test]
fn names_of_workers_without_rows_do_not_pile_up() {
    let mut stream = small();
    add(&mut stream, "add", "tcp://10.0.0.1:1", 0);
    let mut most = 0;
    for i in 1..20_000 {
        stream.name_worker(&format!("tcp://10.0.0.1:{i}"), &format!("w{i}"));
        most = most.max(stream.names.len());
    }
    assert!(most < 5000, "{most}");
    settle(&mut stream, 0);
    assert_eq!(stream.labels, ["w1"]);
    // Those that are there are all known, however many, whether or not they have rows.
    let there: Vec<String> = (0..6000).map(|i| format!("tcp://10.0.0.2:{i}")).collect();
    stream.note_workers(T as f64 / 1e3, &mut there.iter().map(|one| (one.as_str(), "w")));
    for worker in &there {
        stream.name_worker(worker, "w");
    }
    assert!(there.iter().all(|worker| stream.names.contains_key(worker)));
}

#[test]
fn a_new_name_is_still_to_be_drawn() {
    let mut stream = filled(2, 10);
    settle(&mut stream, 0);
    stream.name_worker("tcp://10.0.0.1:40000", "first");
    assert!(!stream.is_settled());
    settle(&mut stream, 0);
    assert!(texts(&stream).contains(&"first"), "{:?}", texts(&stream));
    stream.note_threads(&mut [("tcp://10.0.0.1:40000", 1)].into_iter());
    assert!(!stream.is_settled());
}

#[test]
fn what_was_asked_is_of_prefixes_as_they_are_called_now() {
    let mut stream = small();
    stream.set_filter("prefix:old");
    stream.light(vec!["new1599".into()]);
    for i in 0..1600 {
        let age = if i < 1300 { "old" } else { "new" };
        add(&mut stream, &format!("{age}{i}"), "tcp://10.0.0.1:1", i);
        if i % 50 == 49 {
            settle(&mut stream, i * 10_000);
        }
    }
    let held = |stream: &TaskStreamModel, name: &str| {
        let ids = 0..stream.store.prefix_count() as u32;
        ids.filter(|id| stream.store.prefix_name(*id).starts_with(name)).count()
    };
    assert!(stream.store.prefix_count() < 1300, "numbers are given again");
    assert_eq!(stream.matches().map(|matches| matches.count), Some(0), "{}", held(&stream, "old"));
    assert_eq!(stream.ask.lit.len(), 1);
}
