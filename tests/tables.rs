//! Figures of the task stream beside Dask's totals, and one forecast for two panes, of recorded sessions.
#![allow(clippy::unwrap_used)]

mod feed_common;

use feed::pool::DashboardPage;
use feed_common::played::{ALL_PAGES, engine, play, read, recorded};
use live::engine::Input;
use panes::order::amount;
use panes::{Cell, Picture, Table, Unit, pane};
use serde_json::Value;

#[test]
fn figures_are_those_of_the_tasks_held() {
    let mut engine = engine();
    play(&mut engine, DashboardPage::TaskStream, &recorded(ALL_PAGES, DashboardPage::TaskStream));
    for page in [DashboardPage::ActionTimes, DashboardPage::PrefixTimes] {
        play(&mut engine, page, &recorded(ALL_PAGES, page));
    }
    for second in 0..5 {
        engine.handle(1e6 + f64::from(second) * 1e3, Input::Tick, &mut Vec::new());
    }
    let all = live::host::TaskQuery::parse(&serde_json::json!({})).unwrap();
    let tasks: Vec<Value> =
        serde_json::from_str(&live::host::tasks_json(&engine.stream().borrow(), &all)).unwrap();
    assert!(tasks.len() > 50);
    for (id, by) in [("action-times", "action"), ("prefix-times", "name")] {
        let Some(Picture::Parts(parts, note)) = read(&engine, id) else { panic!("{id}") };
        let [(_, Picture::Bars(bars)), (_, Picture::Grid(grid))] = &parts[..] else {
            panic!("{id}: {parts:?}")
        };
        let mut count = 0;
        for row in &grid.rows {
            let cells: Vec<String> =
                row.cells.iter().map(|cell| cell.say(timeline::ticks::Zone::Fixed(0))).collect();
            let [name, total, held, p50, p95] = &cells[..] else { panic!("{row:?}") };
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
                assert_eq!((held.as_str(), p50.as_str(), p95.as_str()), ("", "", ""));
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
        assert!(note.contains("recorded here"), "{note}");
        let saved = Picture::Parts(parts, note).csv().unwrap();
        // What is saved is for programs: seconds and counts in full.
        let mut lines = saved.lines().skip_while(|line| !line.contains("Dask's total (s)"));
        let head = lines.next().unwrap();
        assert!(head.ends_with(",Dask's total (s),Recorded,p50 (s),p95 (s)"), "{head}");
        for line in lines {
            let cells = line.rsplitn(5, ',').take(4);
            for cell in cells {
                assert!(cell.is_empty() || cell.parse::<f64>().is_ok(), "{cell} in {line}");
            }
        }
    }
}

#[test]
fn the_figures_wait_for_a_pane_that_shows_them() {
    let mut engine = engine();
    play(&mut engine, DashboardPage::TaskStream, &recorded(ALL_PAGES, DashboardPage::TaskStream));
    engine.handle(1e6, Input::Tick, &mut Vec::new());
    assert!(engine.snapshot().held.is_none(), "nobody looks");
    engine.handle(1e6, Input::Pane(DashboardPage::PrefixTimes, true), &mut Vec::new());
    engine.handle(1e6 + 1e3, Input::Tick, &mut Vec::new());
    assert!(engine.snapshot().held.unwrap().computed > 0);
}

#[test]
fn two_panes_name_the_same_worker() {
    let mut engine = engine();
    play(&mut engine, DashboardPage::Workers, &recorded(ALL_PAGES, DashboardPage::Workers));
    let [memory, heat] = ["memory", "memory-heat"].map(|id| {
        assert_eq!(pane(id).unwrap().pages, [DashboardPage::Workers]);
        read(&engine, id).unwrap().note().to_owned()
    });
    assert!(!heat.is_empty() && memory.ends_with(&format!("; {heat}")), "{memory} | {heat}");
}

#[test]
fn work_stealing_has_a_table_and_is_saved_in_full() {
    let mut engine = engine();
    play(&mut engine, DashboardPage::Stealing, &recorded(ALL_PAGES, DashboardPage::Stealing));
    let picture = read(&engine, "stealing").unwrap();
    assert!(matches!(picture, Picture::Parts(..)) && picture.is_tabled());
    let saved = picture.csv().unwrap();
    assert!(
        saved.contains("Time (Unix ms),Workers idle (count),Workers saturated (count)"),
        "{saved}"
    );
    // Below it what is a table anyway.
    let cells = |seconds| panes::Grid {
        columns: &["When", "Tasks", "Work in them"],
        rows: vec![panes::GridRow {
            cells: vec![
                Cell::Text("18:00:00".into()),
                Cell::Number(61_204.0, Unit::Count),
                Cell::Number(seconds, Unit::Seconds),
            ],
            more: None,
        }],
        note: String::new(),
    };
    let saved = Picture::Grid(cells(200.125)).csv().unwrap();
    assert_eq!(saved, "When,Tasks,Work in them (s)\r\n18:00:00,61204,200.125\r\n");
    let nothing = Picture::Parts(vec![("x", Picture::Grid(cells(1.0)))], String::new());
    assert!(!nothing.is_tabled(), "a table anyway");
}

#[test]
fn rows_stay_in_the_order_of_a_column_that_moves() {
    let table = |names: &[&str]| Table {
        columns: names.iter().map(|name| ((*name).to_owned(), "")).collect(),
        rows: Vec::new(),
    };
    let before = table(&["Exception", "Count", "Example", "Workers"]);
    let after = table(&["Exception", "Count", "First", "Last", "Example", "Workers"]);
    let head = before.head(3).to_owned();
    assert_eq!((before.by(&head, true), after.by(&head, true)), (Some((3, true)), Some((5, true))));
    assert_eq!(before.by("First", false), None, "not there as yet");
    assert_eq!(before.by("", false), None);
    let unit = Table { columns: vec![(String::new(), "s")], rows: Vec::new() };
    assert_eq!((unit.head(0), unit.by("s", false)), ("s", Some((0, false))));
}
