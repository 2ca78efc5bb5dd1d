//! Rows, their order, and ways through time.

use super::*;
use store::scan::RowInfo;
use timeline::scene::Ink;

fn add<'a>(worker: &'a str, thread: &'a str, start: Micros, duration: Micros) -> Interval<'a> {
    Interval {
        key: "k",
        key_is_json: false,
        prefix: "add",
        action: Action::Compute,
        erred: false,
        worker,
        thread,
        start,
        duration,
        color: Rgb(0x23, 0x89, 0x8d),
        timebase: 0,
    }
}

/// Many workers of two threads each on a few hosts; `lanes` of `each` tasks.
pub(super) fn wide(workers: usize, hosts: usize) -> TaskStreamModel {
    let mut stream = TaskStreamModel::default();
    for worker in 0..workers {
        for thread in 0..2 {
            for i in 0..5 {
                stream.insert(&add(
                    &format!("tcp://10.0.0.{}:{}", worker % hosts, 1000 + worker),
                    &format!("{worker}-{thread}"),
                    Micros(T + (worker as i64 * 5 + i) * 10_000),
                    Micros(5_000 + worker as i64),
                ));
            }
        }
    }
    stream
}

fn rows(stream: &TaskStreamModel) -> Vec<RowKey> {
    stream.layout.rows.iter().map(|row| row.key).collect()
}

pub(super) fn looks(words: &str) -> DisplayOptions {
    DisplayOptions::parse(words)
}

#[test]
fn looks_are_kept_as_words() {
    for (_, order) in DisplayOptions::ORDERS {
        for (_, folding) in DisplayOptions::FOLDINGS {
            for bits in 0..4 {
                let kept = bits + 1;
                let (hide_idle, safe) = (bits & 1 > 0, bits & 2 > 0);
                let looks = DisplayOptions { order, folding, hide_idle, safe, kept };
                assert_eq!(DisplayOptions::parse(&looks.print()), looks, "{}", looks.print());
            }
        }
    }
    assert_eq!(DisplayOptions::parse("{broken} \u{1f980}"), DisplayOptions::default());
}

#[test]
fn labels_open_and_close_rows() {
    let mut stream = wide(200, 4);
    settle(&mut stream, 0);
    assert_eq!(rows(&stream), (0..4).map(RowKey::Host).collect::<Vec<_>>());
    assert!(texts(&stream).contains(&"10.0.0.2"), "{:?}", texts(&stream));
    let y = stream.plot().y + stream.layout.rows[1].y + 2.0;
    let press = |stream: &mut TaskStreamModel, y: f64| {
        stream.pointer_move(20.0, y);
        let cursor = stream.cursor();
        stream.pointer_down(20.0, y);
        stream.pointer_up();
        settle(stream, 0);
        cursor
    };
    assert_eq!(press(&mut stream, y), input::Cursor::Press);
    assert_eq!(stream.layout.rows.len(), 4 + 50);
    assert_eq!(stream.layout.rows[2].key, RowKey::Worker(1));
    let worker = stream.plot().y + stream.layout.rows[2].y + 2.0;
    press(&mut stream, worker);
    assert_eq!(stream.layout.rows.len(), 4 + 50 + 2);
    assert!(stream.layout.rows[3].thread == Some(0) && stream.layout.rows[3].height >= 12.0);
    // Lanes have nothing to open.
    let lane = stream.plot().y + stream.layout.rows[3].y + 2.0;
    assert_eq!(press(&mut stream, lane), input::Cursor::Default);
    assert_eq!(stream.layout.rows.len(), 4 + 50 + 2);
    press(&mut stream, y);
    assert_eq!(stream.layout.rows.len(), 4);
    // What happens on a thread is seen on its host.
    stream.view.wait_at(Span::new(Micros(T + 90_000_000), Micros(T + 91_000_000)));
    settle(&mut stream, 0);
    let row = stream.layout.rows[1].y as usize + 3;
    let ground = stream.theme().ground;
    assert_eq!(stream.strip().pixel(100, row), ground);
    stream.insert(&add("tcp://10.0.0.1:1001", "1-0", Micros(T + 90_000_000), Micros(1_000_000)));
    settle(&mut stream, 0);
    assert_ne!(stream.strip().pixel(100, row), ground);
}

#[test]
fn rows_by_keyboard() {
    let mut stream = wide(6, 1);
    stream.set_looks(looks("workers"));
    settle(&mut stream, 0);
    assert!(!stream.key("o") && stream.held_words().is_none());
    stream.key("j");
    stream.key("j");
    assert_eq!(stream.held_words().as_deref(), Some("Row 2 of 6: :1001, folded"));
    assert!(stream.key("o"));
    settle(&mut stream, 0);
    assert_eq!(stream.held_words().as_deref(), Some("Row 2 of 8: :1001, open"));
    assert_eq!(rows(&stream)[2..4], [RowKey::Lane(2), RowKey::Lane(3)]);
    stream.key("j");
    assert_eq!(stream.held_words().as_deref(), Some("Row 3 of 8: :1001, thread t0"));
    assert!(!stream.key("o"), "a thread has nothing to open");
    let shade =
        |stream: &TaskStreamModel| stream.scene().rects.iter().any(|rect| rect.ink == Ink::Accent);
    settle(&mut stream, 0);
    assert!(shade(&stream));
    for _ in 0..9 {
        stream.key("k");
    }
    assert!(stream.held_words().is_some_and(|words| words.starts_with("Row 1 of 8")));
    assert!(stream.key("Escape") && stream.held_words().is_none());
    // What is held comes into sight.
    stream.set_looks(looks("lanes"));
    settle(&mut stream, 0);
    let mut many = wide(40, 1);
    many.set_looks(looks("lanes"));
    settle(&mut many, 0);
    for _ in 0..60 {
        many.key("j");
    }
    let row = &many.layout.rows[59];
    assert!(many.view.scroll <= row.y && row.y + row.height <= many.view.scroll + many.plot().h);
}

#[test]
fn a_finger_that_rests_selects() {
    let mut stream = filled(4, 1000);
    stream.fit();
    settle(&mut stream, 0);
    let clock = Cell::new(1e5);
    let wait = |stream: &mut TaskStreamModel, ms: f64| {
        clock.set(clock.get() + ms);
        stream.turn(&|| clock.get(), Micros(T), SIZE).tick
    };
    let (x, y) = (stream.plot().x + 100.0, stream.plot().y + 5.0);
    // A drag at once pans.
    stream.finger_down(1, x, y);
    stream.rests();
    wait(&mut stream, 16.0);
    stream.finger_move(1, x + 40.0, y);
    wait(&mut stream, 2000.0);
    assert!(!stream.is_selecting());
    stream.finger_up(1);
    // A rest first selects, from where the finger is.
    stream.fit();
    settle(&mut stream, 0);
    stream.finger_down(1, x, y);
    stream.rests();
    assert!(wait(&mut stream, 16.0).is_some_and(|ms| ms <= 400.0), "looks again by itself");
    stream.finger_move(1, x + 2.0, y + 1.0);
    wait(&mut stream, 500.0);
    assert!(stream.is_selecting());
    let view = stream.view();
    stream.finger_move(1, x + 200.0, y + 100.0);
    wait(&mut stream, 16.0);
    stream.finger_up(1);
    assert!(stream.selection().is_some_and(|one| one.lanes.len() > 1));
    assert_eq!(stream.view(), view);
    // A second finger in time makes a pinch of it.
    stream.clear_selection();
    stream.finger_down(1, x, y);
    stream.rests();
    wait(&mut stream, 16.0);
    stream.finger_down(2, x + 50.0, y);
    wait(&mut stream, 1000.0);
    assert_eq!(stream.drag, Drag::Pinch);
}

#[test]
fn a_link_to_where_nothing_is_says_so() {
    let mut stream = filled(2, 1000);
    let at = |secs: i64| format!("{}", T / 1_000_000 + secs);
    assert!(stream.open_link(&at(-700), &at(-600)));
    settle(&mut stream, 0);
    let words = |stream: &TaskStreamModel| stream.absent().unwrap_or_default();
    assert!(
        words(&stream).starts_with("No tasks are known of this time. The first one held began at")
    );
    assert!(words(&stream).ends_with(", 10 min away."), "{}", words(&stream));
    stream.set_partial(true);
    assert!(words(&stream).starts_with("Tasks of this time are not loaded."));
    stream.open_link(&at(100), &at(200));
    settle(&mut stream, 0);
    assert!(words(&stream).contains("The last one held ended at"), "{}", words(&stream));
    stream.open_link(&at(3), &at(200));
    settle(&mut stream, 0);
    assert_eq!(stream.absent(), None);
    stream.open_link(&at(-700), &at(-600));
    stream.fit();
    settle(&mut stream, 0);
    assert_eq!(stream.absent(), None);
    // Those that were let go of.
    stream.set_keep(RetentionPolicy { rows: 100, ..RetentionPolicy::ALL });
    for i in 0..3000 {
        put(&mut stream, 0, 100_000_000 + i * 100, 50, Action::Compute, false);
    }
    settle(&mut stream, 0);
    stream.open_link(&at(0), &at(5));
    settle(&mut stream, 0);
    assert!(words(&stream).contains("no longer held"), "{}", words(&stream));
}

#[test]
fn the_task_on_the_next_lane() {
    let mut stream = TaskStreamModel::default();
    for (lane, start, dur) in
        [(0, 0, 900), (0, 1000, 100), (1, 5000, 10), (2, 0, 100), (2, 940, 30), (2, 1000, 500)]
    {
        put(&mut stream, lane, start, dur, Action::Compute, false);
    }
    stream.set_looks(looks("arrival lanes"));
    settle(&mut stream, 0);
    let first = stream
        .store
        .beside(&RowInfo { at: store::RowRef::new(0, 0, 0, 0), start: T, ..FOUND }, true);
    stream.explain(first.expect("the second one"));
    let at = |stream: &TaskStreamModel| {
        stream.details().map(|details| (details.row.at.lane, details.row.start - T))
    };
    assert_eq!(at(&stream), Some((0, 1000)));
    stream.key("j");
    assert_eq!(at(&stream), Some((1, 5000)), "far, but the only one there");
    stream.key("k");
    assert_eq!(at(&stream), Some((0, 1000)));
    stream.key("k");
    assert_eq!(at(&stream), Some((0, 1000)), "there is none above");
    stream.key("j");
    stream.key("j");
    assert_eq!(at(&stream), Some((2, 1000)));
    stream.key("[");
    assert_eq!(at(&stream), Some((2, 940)));
    stream.key("k");
    stream.key("k");
    assert_eq!(at(&stream), Some((0, 1000)));
}

const FOUND: RowInfo = RowInfo {
    at: store::RowRef { lane: 0, track: 0, chunk: 0, row: 0 },
    start: 0,
    dur: 0,
    name: 0,
    worker: 0,
    action: Action::Compute,
    erred: false,
};

#[test]
fn workers_in_every_order() {
    let mut stream = wide(12, 1);
    stream.name_worker("tcp://10.0.0.0:1003", "a");
    stream.set_looks(looks("name workers"));
    settle(&mut stream, 0);
    let first = |stream: &TaskStreamModel| stream.layout.rows[0].worker;
    // Names that are only addresses are put before letters.
    assert_eq!(first(&stream), 0);
    assert_eq!(stream.layout.rows.last().map(|row| row.worker), Some(3));
    stream.set_looks(looks("busy workers"));
    settle(&mut stream, 0);
    let order: Vec<u32> = stream.layout.rows.iter().map(|row| row.worker).collect();
    assert_eq!(order, (0..12).rev().collect::<Vec<_>>(), "the last ones work longest");
    stream.set_looks(looks("address workers"));
    settle(&mut stream, 0);
    assert_eq!(first(&stream), 0);
    stream.set_looks(looks("arrival lanes"));
    settle(&mut stream, 0);
    assert_eq!(stream.layout.rows.len(), 24);
    assert!(stream.layout.height > stream.plot().h, "it scrolls");
}

#[test]
fn idle_workers_give_way() {
    let mut stream = wide(12, 1);
    stream.set_looks(looks("workers hide-idle"));
    // The second and the third worker, and a bit of the fourth one's time.
    stream.set_view(Span::new(Micros(T + 50_000), Micros(T + 150_001)));
    settle(&mut stream, 0);
    assert_eq!(rows(&stream), [1, 2, 3].map(RowKey::Worker));
    // A moved view is looked at again, but not at once.
    stream.set_view(Span::new(Micros(T + 50_000), Micros(T + 60_000)));
    let tick = stream.turn(&|| 1e3, Micros(T), SIZE).tick;
    assert!(tick.is_none_or(|tick| tick <= 1000.0));
    stream.turn(&|| 1e5, Micros(T), SIZE);
    assert_eq!(rows(&stream), [RowKey::Worker(1)]);
    // Nobody at all would be no picture.
    stream.set_view(Span::new(Micros(T + 6_000), Micros(T + 9_000)));
    stream.turn(&|| 2e5, Micros(T), SIZE);
    stream.turn(&|| 3e5, Micros(T), SIZE);
    assert_eq!(stream.layout.rows.len(), 12);
}

#[test]
fn rows_are_arranged_when_lanes_change_only() {
    let mut stream = filled(4, 100);
    settle(&mut stream, 0);
    let look = stream.look();
    put(&mut stream, 1, 5_000_000, 50, Action::Compute, false);
    settle(&mut stream, 0);
    assert_eq!(stream.look(), look, "a task on a known lane moves nothing");
    assert_eq!(stream.data, stream.store.span());
    put(&mut stream, 5, 5_000_000, 50, Action::Compute, false);
    settle(&mut stream, 0);
    assert!(stream.look() > look && stream.layout.rows.len() == 5);
    // A shift, and eviction, take time away too.
    stream.shift(0, Micros(1_000_000_000));
    settle(&mut stream, 0);
    assert_eq!(stream.data, stream.store.span());
    stream.set_keep(RetentionPolicy { rows: 64, ..RetentionPolicy::ALL });
    for i in 0..2000 {
        put(&mut stream, 0, 2_000_000_000 + i * 100, 50, Action::Compute, false);
        if i % 100 == 0 {
            settle(&mut stream, 0);
            assert_eq!(stream.data, stream.store.span());
        }
    }
    settle(&mut stream, 0);
    assert!(stream.store.dropped() > 0);
    assert_eq!(stream.data, stream.store.span());
    let held = stream.store.lanes().iter().filter(|lane| lane.rows() > 0).count();
    assert_eq!(stream.layout.rows.len(), held);
}

#[test]
fn colours_that_come_late_are_taken() {
    let mut stream = TaskStreamModel::default();
    put(&mut stream, 0, 0, 10, Action::Transfer, false);
    settle(&mut stream, 0);
    let (look, before) = (stream.look(), stream.palette.color(0));
    put(&mut stream, 0, 100, 10, Action::Transfer, false);
    settle(&mut stream, 0);
    assert_eq!(stream.look(), look, "still none");
    put(&mut stream, 0, 200, 10, Action::Compute, false);
    settle(&mut stream, 0);
    assert_ne!(stream.palette.color(0), before);
}

#[test]
fn every_step_back() {
    let mut stream = filled(2, 1000);
    stream.set_view(Span::new(Micros(T), Micros(T + 4_000_000)));
    let clock = Cell::new(0.0);
    let rest = |stream: &mut TaskStreamModel, ms: f64| {
        for _ in 0..(ms / 16.0) as i32 {
            clock.set(clock.get() + 16.0);
            stream.turn(&|| clock.get(), Micros(T), SIZE);
        }
        stream.view()
    };
    let first = rest(&mut stream, 2000.0);
    let at = (stream.plot().x + 100.0, stream.plot().y + 5.0);
    // A gesture is many turns of the wheel.
    for _ in 0..5 {
        stream.wheel(at.0, at.1, 0.0, -100.0, false, false);
        rest(&mut stream, 50.0);
    }
    let second = rest(&mut stream, 2000.0);
    let target = Span::new(Micros(T + 100_000), Micros(T + 300_000));
    stream.zoom_to(target);
    assert_eq!(rest(&mut stream, 2000.0), target);
    assert!(stream.key("Backspace"));
    assert_eq!(rest(&mut stream, 2000.0), second);
    assert!(stream.undo());
    assert_eq!(rest(&mut stream, 2000.0), first);
    stream.undo();
    rest(&mut stream, 2000.0);
    assert_eq!(stream.mode(), Mode::Follow, "where it began");
    assert!(!stream.can_undo() && !stream.key("Backspace"));
    // Forward again, as long as nobody goes another way.
    for place in [first, second, target] {
        assert!(stream.key(REDO));
        assert_eq!(rest(&mut stream, 2000.0), place);
    }
    assert!(!stream.redo());
    stream.undo();
    rest(&mut stream, 2000.0);
    stream.wheel(at.0, at.1, 0.0, -100.0, false, false);
    assert!(!stream.redo(), "at once");
    rest(&mut stream, 2000.0);
    assert!(!stream.redo(), "and later");
    // What was just done and undone comes back too.
    let last = rest(&mut stream, 2000.0);
    stream.wheel(at.0, at.1, 0.0, -100.0, false, false);
    let done = rest(&mut stream, 16.0);
    stream.undo();
    assert_eq!(rest(&mut stream, 2000.0), last);
    assert!(stream.redo());
    assert_eq!(rest(&mut stream, 2000.0), done);
    while stream.undo() {}
    rest(&mut stream, 2000.0);
    for i in 1..200 {
        stream.zoom_to(Span::new(Micros(T), Micros(T + i * 1000)));
        rest(&mut stream, 16.0);
    }
    let mut back = 0;
    while stream.undo() {
        back += 1;
    }
    assert_eq!(back, 51, "fifty, and where the last one ended");
}

#[test]
fn two_fingers_hold_the_picture() {
    let mut stream = filled(2, 1000);
    stream.set_view(Span::new(Micros(T), Micros(T + 4_000_000)));
    settle(&mut stream, 0);
    let plot = stream.plot();
    let y = plot.y + 5.0;
    let time = |stream: &TaskStreamModel, x: f64| {
        stream.view.start() + (x - plot.x) / plot.w * stream.view.width()
    };
    let (left, right) = (plot.x + 100.0, plot.x + 200.0);
    let held = (time(&stream, left), time(&stream, right));
    stream.finger_down(1, left, y);
    stream.finger_down(2, right, y);
    // Apart, and to the right: what was under each finger stays there.
    for step in 1..=10 {
        let step = f64::from(step);
        stream.finger_move(1, left + 5.0 * step, y);
        stream.finger_move(2, right + 15.0 * step, y);
    }
    assert!((time(&stream, left + 50.0) - held.0).abs() < 100.0);
    assert!((time(&stream, right + 150.0) - held.1).abs() < 100.0);
    // One goes on alone.
    let start = stream.view.start();
    stream.finger_up(1);
    stream.finger_move(2, right + 100.0, y);
    assert!(stream.view.start() > start);
    stream.finger_up(2);
    assert_eq!(stream.drag, Drag::None);
    stream.finger_move(2, 3.0, y);
    assert_eq!(stream.drag, Drag::None);
}

#[test]
fn a_link_says_where() {
    let mut stream = filled(1, 10);
    settle(&mut stream, 0);
    assert_eq!(stream.link(), None, "following needs no words");
    stream.zoom_to(Span::new(Micros(T + 1), Micros(T + 50_003)));
    let (from, to) = stream.link().expect("a link");
    assert_eq!((from.as_str(), to.as_str()), ("1795353623.000001", "1795353623.050003"));
    let mut other = TaskStreamModel::default();
    assert!(other.open_link(&from, &to));
    settle(&mut other, 0);
    assert_eq!(other.link(), Some((from.clone(), to.clone())));
    assert!(!other.can_undo());
    other.follow();
    assert_eq!(other.link(), None);
    for (from, to) in [("", "5"), ("9", "3"), ("-1", "5"), ("1", "1e300"), ("x", "y")] {
        assert!(!other.open_link(from, to), "{from} {to}");
    }
}

#[test]
fn workers_are_a_line_above() {
    let mut stream = filled(1, 100);
    settle(&mut stream, 0);
    let top = stream.plot().y;
    let note = |stream: &mut TaskStreamModel, ms: f64, names: &[&str]| {
        stream.note_workers(T as f64 / 1e3 + ms, &mut names.iter().map(|&name| (name, name)));
    };
    note(&mut stream, 100.0, &["a"]);
    settle(&mut stream, 0);
    assert!(stream.plot().y > top, "it has its own room");
    assert!(texts(&stream).contains(&"1 worker"));
    stream.note_asked(T as f64 / 1e3 + 200.0, Some(4));
    note(&mut stream, 300.0, &["a", "b"]);
    stream.set_view(Span::new(Micros(T), Micros(T + 1_000_000)));
    settle(&mut stream, 0);
    assert!(texts(&stream).contains(&"2/4 workers"));
    let join = stream.plot().x + stream.plot().w * 0.3;
    let seen = |rect: &&timeline::scene::Rect| {
        (rect.x - join).abs() < 3.0 && rect.y < stream.plot().y && rect.w == 3.0
    };
    assert_eq!(stream.scene().rects.iter().filter(seen).count(), 1, "one came");
}

#[test]
fn back_from_a_pinch_to_all() {
    let mut stream = filled(2, 3000);
    settle(&mut stream, 0);
    let clock = Cell::new(1e4);
    let rest = |stream: &mut TaskStreamModel| {
        for _ in 0..100 {
            clock.set(clock.get() + 16.0);
            stream.turn(&|| clock.get(), Micros(T), SIZE);
        }
        stream.view()
    };
    stream.fit();
    let all = rest(&mut stream);
    let y = stream.plot().y + 5.0;
    stream.finger_down(1, 400.0, y);
    rest(&mut stream);
    stream.finger_down(2, 500.0, y);
    for i in 0..10 {
        stream.finger_move(2, 500.0 + 10.0 * f64::from(i), y);
        clock.set(clock.get() + 16.0);
        stream.turn(&|| clock.get(), Micros(T), SIZE);
    }
    stream.finger_up(1);
    stream.finger_up(2);
    assert!(rest(&mut stream).len() < all.len());
    assert!(stream.undo());
    assert_eq!(stream.mode(), Mode::Fit);
    assert_eq!(rest(&mut stream), all);
}
