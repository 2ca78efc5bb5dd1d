//! How many frames the stream asks for.

use super::*;

/// Frames of a browser a second.
const FRAME_MS: f64 = 1000.0 / 60.0;

/// Watches for so many seconds, as `ui::stream::host` does. Ten times a second tasks have come that ended
/// just now, in the seconds of `busy`; a person moves the pointer in those of `hand`. Gives how many
/// frames were drawn in each second.
fn frames(
    stream: &mut TaskStreamModel,
    secs: usize,
    busy: std::ops::Range<usize>,
    hand: std::ops::Range<usize>,
) -> Vec<usize> {
    let mut drawn = vec![0; secs];
    let mut due = Some(0.0);
    for ms in 0..secs * 1000 {
        let now = ms as f64;
        let second = ms / 1000;
        let sooner = |due: Option<f64>, at: f64| Some(due.map_or(at, |due: f64| due.min(at)));
        if ms % 100 == 0 && busy.contains(&second) {
            for lane in 0..4 {
                put(stream, lane, ms as i64 * 1000 - 90_000, 90_000, Action::Compute, false);
            }
            due = sooner(due, now + stream.due_ms(now));
        }
        if ms % 50 == 0 && hand.contains(&second) {
            stream.pointer_move(300.0 + (ms / 50 % 100) as f64, 100.0);
            stream.touch(now);
            due = Some(now);
        }
        let is_frame = (now / FRAME_MS).floor() != ((now - 1.0) / FRAME_MS).floor();
        if !is_frame || due.is_none_or(|due| due > now) {
            continue;
        }
        let dirty = stream.turn(&|| now, Micros(T + ms as i64 * 1000), SIZE);
        drawn[second] += usize::from(dirty.any());
        due = match dirty.tick.map(|tick| now + tick) {
            _ if dirty.moving => Some(now + 1.0),
            tick => tick,
        };
    }
    drawn
}

fn live() -> TaskStreamModel {
    let mut stream = TaskStreamModel::default();
    stream.set_live(true);
    put(&mut stream, 0, -60_000_000, 1_000_000, Action::Compute, false);
    stream
}

#[test]
fn five_frames_a_second_at_rest_and_all_of_them_under_the_hand() {
    let drawn = frames(&mut live(), 12, 0..12, 5..7);
    for (second, &count) in drawn.iter().enumerate() {
        let wanted = match second {
            // The first second glides to the newest, and the hand lasts for one after its last move.
            0 => continue,
            // It follows by a pixel at a time, which is less than every frame.
            5..=7 => 30..=60,
            _ => 4..=7,
        };
        assert!(wanted.contains(&count), "second {second}: {drawn:?}");
    }
}

#[test]
fn no_frames_once_nothing_comes() {
    let drawn = frames(&mut live(), 12, 0..4, 0..0);
    // It runs ahead of the newest task for a twentieth of the view, and then rests.
    assert!(drawn[3] > 3 && drawn[8..].iter().all(|&count| count == 0), "{drawn:?}");
}

#[test]
fn a_wide_view_waits_until_something_is_a_pixel_away() {
    let mut stream = live();
    put(&mut stream, 0, -3_600_000_000, 1_000_000, Action::Compute, false);
    stream.set_view(Span::new(Micros(T - 3_600_000_000), Micros(T + 3_600_000_000)));
    let drawn = frames(&mut stream, 40, 0..0, 0..0);
    let frames: usize = drawn[5..].iter().sum();
    assert!((3..=5).contains(&frames), "a pixel is eight seconds: {drawn:?}");
}

#[test]
fn tasks_that_come_out_of_sight_move_the_minimap_only() {
    let mut stream = live();
    stream.set_view(Span::new(Micros(T - 61_000_000), Micros(T - 50_000_000)));
    let drawn = frames(&mut stream, 10, 0..10, 0..0);
    assert!(drawn[2..].iter().all(|&count| count <= 3), "{drawn:?}");
}
