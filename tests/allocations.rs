//! Rows are taken in without an allocation of their own: counted, in a test program of its own.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use base::task::{Action, Interval, Rgb};
use base::time::Micros;
use store::Store;

struct Counting;

static MADE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        MADE.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        MADE.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// How many allocations so many rows cost, over 100 lanes.
fn cost(store: &mut Store, from: i64, rows: i64) -> usize {
    let mut key = String::with_capacity(200);
    let workers: Vec<String> = (0..100).map(|lane| format!("tcp://10.0.0.{lane}:1")).collect();
    let before = MADE.load(Ordering::Relaxed);
    for i in from..from + rows {
        key.clear();
        let _ =
            write!(key, "[\"mean-0123456789abcdef0123456789abcdef\",{},{}]", i / 1000, i % 1000);
        let worker = &workers[(i % 100) as usize];
        store.insert(&Interval {
            key: &key,
            key_is_json: true,
            prefix: "mean",
            action: if i % 7 == 0 { Action::Transfer } else { Action::Compute },
            erred: false,
            worker,
            thread: worker,
            start: Micros(i / 100 * 1000),
            duration: Micros(900),
            color: Rgb(1, 2, 3),
            timebase: 0,
        });
    }
    MADE.load(Ordering::Relaxed) - before
}

#[test]
fn no_allocation_for_a_row() {
    let mut store = Store::default();
    // Chunks grow by parts of what they hold: seldom, once a lane holds much.
    let first = cost(&mut store, 0, 200_000);
    assert!(first < 200_000 / 2, "{first} allocations for 200 000 rows");
    cost(&mut store, 200_000, 800_000);
    let later = cost(&mut store, 1_000_000, 800_000);
    assert!(later < 800_000 / 10, "{later} allocations for 800 000 more");
}
