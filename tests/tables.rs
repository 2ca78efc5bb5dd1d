//! Figures of the task stream beside Dask's totals, and one forecast for two panes, of recorded sessions.
#![allow(clippy::unwrap_used)]

mod feed_common;

use daskscope::app::engine::Input;
use daskscope::app::panes::order::amount;
use daskscope::app::panes::{Picture, pane};
use daskscope::feed::pool::Page;
use feed_common::played::{ALL_PAGES, engine, play, read, recorded};
use serde_json::Value;

#[test]
fn figures_are_those_of_the_tasks_held() {
    let mut engine = engine();
    play(&mut engine, Page::TaskStream, &recorded(ALL_PAGES, Page::TaskStream));
    for page in [Page::ActionTimes, Page::PrefixTimes] {
        play(&mut engine, page, &recorded(ALL_PAGES, page));
    }
    for second in 0..5 {
        engine.handle(1e6 + f64::from(second) * 1e3, Input::Tick, &mut Vec::new());
    }
    let all = daskscope::app::host::TaskQuery::parse(&serde_json::json!({})).unwrap();
    let tasks: Vec<Value> = serde_json::from_str(&engine.tasks_json(&all)).unwrap();
    assert!(tasks.len() > 50);
    for (id, by) in [("action-times", "action"), ("prefix-times", "name")] {
        let Some(Picture::Parts(parts, note)) = read(&engine, id) else { panic!("{id}") };
        let [(_, Picture::Bars(bars)), (_, Picture::Grid(grid))] = &parts[..] else {
            panic!("{id}: {parts:?}")
        };
        let mut count = 0;
        for row in &grid.rows {
            let [name, total, held, p50, p95] = &row.cells[..] else { panic!("{row:?}") };
            let mut durations: Vec<f64> = tasks
                .iter()
                .filter(|task| by == "action" || task["action"] == "compute")
                .filter(|task| task[by] == name.as_str())
                .map(|task| task["stop"].as_f64().unwrap() - task["start"].as_f64().unwrap())
                .collect();
            durations.sort_by(f64::total_cmp);
            let bar = bars.bars.iter().find(|bar| bar.name == *name);
            assert_eq!(amount(total).is_some(), bar.is_some(), "{name}: {total}");
            if durations.is_empty() {
                assert_eq!((held.as_str(), p50.as_str(), p95.as_str()), ("–", "–", "–"));
                continue;
            }
            count += durations.len();
            assert_eq!(amount(held), Some(durations.len() as f64), "{name}");
            for (share, said) in [(0.5, p50), (0.95, p95)] {
                let rank = (durations.len() as f64 * share).ceil() as usize;
                let (want, said) = (durations[rank - 1], amount(said).unwrap());
                assert!((want - said).abs() <= want * 0.03 + 5e-6, "{name} {share}: {want} {said}");
            }
        }
        assert!(count > 0, "{id}");
        assert!(note.contains("held here"), "{note}");
        let saved = Picture::Parts(parts, note).csv().unwrap();
        assert!(saved.contains("Dask's total,Held,p50,p95"), "{saved}");
    }
}

#[test]
fn the_figures_wait_for_a_pane_that_shows_them() {
    let mut engine = engine();
    play(&mut engine, Page::TaskStream, &recorded(ALL_PAGES, Page::TaskStream));
    engine.handle(1e6, Input::Tick, &mut Vec::new());
    assert!(engine.held().is_none(), "nobody looks");
    engine.handle(1e6, Input::Pane(Page::PrefixTimes, true), &mut Vec::new());
    engine.handle(1e6 + 1e3, Input::Tick, &mut Vec::new());
    assert!(engine.held().unwrap().computed > 0);
}

#[test]
fn two_panes_name_the_same_worker() {
    let mut engine = engine();
    play(&mut engine, Page::Workers, &recorded(ALL_PAGES, Page::Workers));
    let [memory, heat] = ["memory", "memory-heat"].map(|id| {
        assert_eq!(pane(id).unwrap().pages, [Page::Workers]);
        read(&engine, id).unwrap().note().to_owned()
    });
    assert!(!heat.is_empty() && memory.ends_with(&format!("; {heat}")), "{memory} | {heat}");
}
