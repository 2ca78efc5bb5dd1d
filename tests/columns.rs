//! What a column says depends on the rows, the level and its own number, and nothing that failed is lost.
#![allow(clippy::unwrap_used)]

mod fuzz;

use base::task::{Action, Interval, Rgb};
use base::time::Micros;
use proptest::prelude::*;
use store::{Class, Store};
use timeline::columns::{Column, MAX_LEVEL, columns_into, has_erred};

fn put(store: &mut Store, start: i64, duration: i64, action: Action, erred: bool, prefix: &str) {
    store.insert(&Interval {
        key: "k",
        key_is_json: false,
        prefix,
        action,
        erred,
        worker: "tcp://a:1",
        thread: "1",
        start: Micros(start),
        duration: Micros(duration),
        color: Rgb(68, 1, 84),
        timebase: 0,
    });
}

fn columns(store: &Store, class: Class, level: u32, first: i64, count: usize) -> Vec<Column> {
    let mut out = vec![Column::IDLE; count];
    columns_into(&store.lanes()[0], class, level, first, &mut Vec::new(), &mut out);
    out
}

#[test]
fn one_failed_task_in_a_million_is_seen_at_any_zoom() {
    const TASKS: i64 = 1_000_000;
    for at in [0, 31, 32, 123_457, TASKS - 1] {
        let mut store = Store::with_limit(usize::MAX);
        for i in 0..TASKS {
            put(&mut store, i * 100, 90, Action::Compute, i == at, "inc");
        }
        let (start, end) = (at * 100, at * 100 + 90);
        for level in 0..=MAX_LEVEL {
            // A thousand columns to either side: from level 17 on that is all there are.
            let first = (start >> level) - 1000;
            let made = columns(&store, Class::Main, level, first, 2100);
            for (number, column) in (first..).zip(&made) {
                let (from, to) = (number << level, (number + 1) << level);
                let holds = from < end && start < to;
                assert_eq!(
                    has_erred(column.kinds),
                    holds,
                    "task {at}, level {level}, column {number}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(fuzz::cases(400)))]

    /// Rows overlap, some have no length, many begin and end where columns do.
    #[test]
    fn where_a_range_begins_changes_nothing(
        rows in proptest::collection::vec((0i64..4000, 0i64..300, 0u8..5, prop::bool::ANY, 0u8..3), 1..120),
        level in 0u32..9,
        cut in 0usize..400,
        count in 1usize..200,
    ) {
        let mut store = Store::default();
        for (start, duration, action, erred, name) in rows {
            let action = [Action::Compute, Action::Transfer, Action::DiskRead, Action::DiskWrite, Action::Deserialize][usize::from(action)];
            // Half of them are long and on the grid of the coarser levels.
            let (start, duration) = if name == 0 { (start & !63, duration & !63) } else { (start, duration) };
            let erred = erred && action == Action::Compute;
            put(&mut store, start, duration, action, erred, ["inc", "add", "sum"][usize::from(name)]);
        }
        for class in [Class::Main, Class::Aux] {
            let all = columns(&store, class, level, 0, 700);
            let part = columns(&store, class, level, cut as i64, count);
            prop_assert_eq!(&all[cut..cut + count], &part[..]);
        }
    }
}
