//! A picture that is kept, moved and mended is as one that is painted anew.

use super::rows::{looks, wide};
use super::*;
use store::RetentionPolicy;

#[test]
fn what_is_painted_in_parts_is_the_same() {
    for scale in [1.0, 1.25, 2.0] {
        let size = Size { scale, ..SIZE };
        for words in ["name auto", "name workers", "name lanes", "name hosts"] {
            let mut worn = wide(90, 3);
            worn.set_looks(looks(words));
            let mut fresh = worn.clone();
            let clock = Cell::new(0.0);
            let turn = |stream: &mut TaskStreamModel| {
                clock.set(clock.get() + 16.0);
                stream.turn(&|| clock.get(), Micros(T), size);
            };
            for i in 1..30 {
                // Little time for each frame, so that most of them are of other levels.
                worn.ration = 1;
                worn.set_view(Span::new(Micros(T), Micros(T + 150_000 * i)));
                worn.view.scroll = i as f64 * 3.3;
                turn(&mut worn);
            }
            fresh.set_view(worn.view());
            fresh.view.scroll = worn.view.scroll;
            for _ in 0..600 {
                worn.ration = 9000;
                turn(&mut worn);
                turn(&mut fresh);
                fresh.view.scroll = worn.view.scroll;
            }
            assert!(worn.is_settled() && fresh.is_settled());
            assert!(worn.strip().rgba() == fresh.strip().rgba(), "{words} at {scale}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn what_is_moved_and_mended_is_as_painted_anew(
        scale in proptest::sample::select(vec![1.0, 1.25, 2.0]),
        folded in proptest::bool::ANY,
        limit in proptest::sample::select(vec![400usize, 100_000]),
        width in 2_000i64..3_000_000,
        steps in proptest::collection::vec((0u8..7, -1.3f64..1.3, 0u8..6), 1..40),
    ) {
        let size = Size { scale, ..SIZE };
        let mut stream = filled(6, 60);
        stream.set_keep(RetentionPolicy { rows: limit, ..RetentionPolicy::ALL });
        if folded {
            stream.set_looks(looks("name workers"));
        }
        stream.set_view(Span::new(Micros(T), Micros(T + width)));
        let mut clock = 0.0;
        let mut turn = |stream: &mut TaskStreamModel| {
            clock += 16.0;
            stream.turn(&|| clock, Micros(T), size)
        };
        turn(&mut stream);
        for (what, share, lane) in steps {
            let lane = usize::from(lane);
            let view = stream.view();
            let at = view.start.0 - T + (share * width as f64) as i64;
            let dur = (width / 5).max(9) * i64::from(what) / 9;
            match what {
                0..3 => stream.view.pan(share * if what == 0 { 0.01 } else { 1.0 }),
                3 => put(&mut stream, lane, at, dur, Action::Compute, lane == 0),
                4 => put(&mut stream, lane, at, dur / 9 + 1, Action::DiskRead, false),
                5 => put(&mut stream, lane, at, 1, Action::Compute, true),
                _ => stream.view.scroll += share * 20.0,
            }
            stream.ration = if lane == 1 { 1 } else { RATION };
            turn(&mut stream);
            // As it would be, painted whole at the same place.
            let mut anew = stream.clone();
            let (wide, high) = (anew.strip.width, anew.strip.height);
            anew.tiles.clear();
            anew.exact.clear();
            anew.strip.reset(wide, high, anew.theme().ground);
            anew.tiles.ration(usize::MAX);
            anew.paint_strip(true);
            if !stream.unready {
                proptest::prop_assert!(anew.strip().rgba() == stream.strip().rgba(), "{what} {share}");
            }
        }
    }
}
