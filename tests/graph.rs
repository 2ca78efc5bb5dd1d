//! The graph, groups, fine metrics and the smaller pages: recorded sessions played to the panes give what
//! the server's own document held.
#![allow(clippy::unwrap_used)]

mod feed_common;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use feed::bokeh::table::Table;
use feed::counted::shuffle;
use feed::pool::DashboardPage;
use feed::session::DocumentSnapshot;
use feed_common::played::{self, ALL_PAGES, play, recorded};
use feed_common::{Columns, Frame, Mirror, messages};
use live::engine::{Engine, Input};
use panes::graph::{Graph, Kin, TaskState};
use panes::{Areas, Picture, Stacks, pane, state_name};

/// An engine of a page that somebody looks at.
fn engine() -> Engine {
    let mut engine = played::engine();
    engine.handle(0.0, Input::Shown(true), &mut Vec::new());
    engine.handle(0.0, Input::Pane(DashboardPage::Progress, true), &mut Vec::new());
    engine
}

fn read(engine: &Engine, id: &str) -> Picture {
    played::read(engine, id).unwrap_or_else(|| panic!("{id}: nothing came"))
}

/// What a pane shows of a recorded page, and the mirror of what the server had then.
fn played(id: &str, page: DashboardPage) -> (Picture, Mirror) {
    let frames = recorded(ALL_PAGES, page);
    let mut engine = engine();
    play(&mut engine, page, &frames);
    (read(&engine, id), Mirror::replay(&messages(&frames)))
}

fn source<'a>(mirror: &'a Mirror, names: &[&str]) -> &'a Columns {
    &mirror.sources[mirror.find(names).unwrap()]
}

fn number(columns: &Columns, name: &str, row: usize) -> f64 {
    columns[name][row].as_f64().unwrap()
}

fn close(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0)
}

/// The edges and nodes of a mirror: nodes by key and what they need, both of those that are visible.
fn truth(mirror: &Mirror) -> (BTreeMap<String, String>, BTreeSet<(String, String)>) {
    let nodes = source(mirror, &["x", "y", "state", "key"]);
    let edges = mirror
        .sources
        .values()
        .find(|one| one.contains_key("visible") && !one.contains_key("key"))
        .unwrap();
    let seen = |columns: &Columns, i: usize| columns["visible"][i].as_str() == Some("True");
    let text = |name: &str, i: usize| nodes[name][i].as_str().unwrap().to_owned();
    let mut states = BTreeMap::new();
    let mut places = BTreeMap::new();
    for i in (0..nodes["key"].len()).filter(|i| seen(nodes, *i)) {
        states.insert(text("key", i), text("state", i));
        let place = format!("{} {}", number(nodes, "x", i), number(nodes, "y", i));
        places.insert(place, text("key", i));
    }
    let mut needs = BTreeSet::new();
    for i in (0..edges["x"].len()).filter(|i| seen(edges, *i)) {
        let end = |at: usize| {
            let place = |name: &str| edges[name][i][at].as_f64().unwrap();
            places.get(&format!("{} {}", place("x"), place("y"))).cloned()
        };
        if let (Some(from), Some(to)) = (end(0), end(1)) {
            needs.insert((from, to));
        }
    }
    (states, needs)
}

fn must_be(graph: &Graph, mirror: &Mirror, what: &str) {
    let (states, needs) = truth(mirror);
    let rows = (0..graph.nodes().len() as u32).filter(|row| graph.node(*row).is_some());
    let ours: BTreeMap<String, String> = rows
        .map(|row| {
            let state = match graph.node(row).unwrap().state {
                TaskState::Memory => "memory",
                TaskState::NoWorker => "no-worker",
                state => state_name(state),
            };
            (graph.wire_key(row).to_owned(), state.to_owned())
        })
        .collect();
    assert_eq!(ours, states, "{what}");
    let key = |row: u32| graph.wire_key(row).to_owned();
    let links: BTreeSet<(String, String)> =
        graph.links().iter().map(|(from, to)| (key(*from), key(*to))).collect();
    assert_eq!(links, needs, "{what}");
    assert_eq!(graph.counts().iter().sum::<u32>() as usize, states.len(), "{what}");
}

#[test]
fn the_graph_follows_every_patch() {
    for folder in [ALL_PAGES, "2024.5.0/pages", "2023.3.0/pages"] {
        let frames = recorded(folder, DashboardPage::Graph);
        let mut graph = Graph::default();
        let mut most = 0;
        let mut last = 0;
        let mut engine = engine();
        play(&mut engine, DashboardPage::Graph, &[]);
        for cut in (3..=frames.len()).step_by(3) {
            let mut out = Vec::new();
            for (t, frame) in &frames[last..cut] {
                let page = DashboardPage::Graph;
                let input = match frame {
                    Frame::Text(text) => Input::Text { page, text },
                    Frame::Binary(bytes) => Input::Binary { page, bytes },
                };
                engine.handle(t * 1e3, input, &mut out);
            }
            last = cut;
            if let Some(Picture::Graph(tables)) = (pane("graph").unwrap().read)(&engine.snapshot())
            {
                graph.update(&tables);
                let mirror = Mirror::replay(&messages(&frames[..cut]));
                must_be(&graph, &mirror, &format!("{folder} after {cut} frames"));
                most = most.max(graph.counts().iter().sum::<u32>());
            }
        }
        assert!(most > 5, "{folder}: at most {most} tasks were shown at once");
    }
}

#[test]
fn marking_finds_all_that_belongs_to_a_task() {
    let frames = recorded(ALL_PAGES, DashboardPage::Graph);
    let mut graph = Graph::default();
    let mut checked = 0;
    for cut in (9..=frames.len()).step_by(30) {
        let mut engine = engine();
        play(&mut engine, DashboardPage::Graph, &frames[..cut]);
        let Some(Picture::Graph(tables)) = (pane("graph").unwrap().read)(&engine.snapshot()) else {
            continue;
        };
        graph.update(&tables);
        let links: Vec<(u32, u32)> = graph.links().to_vec();
        // Whatever is reached by any number of steps, the slow way.
        let reach = |start: u32, forth: bool| {
            let mut found = BTreeSet::from([start]);
            loop {
                let before = found.len();
                for (from, to) in &links {
                    let (a, b) = if forth { (from, to) } else { (to, from) };
                    if found.contains(a) {
                        found.insert(*b);
                    }
                }
                if found.len() == before {
                    found.remove(&start);
                    return found;
                }
            }
        };
        for row in (0..graph.nodes().len() as u32).step_by(3) {
            graph.mark_row(Some(row));
            let Some(mark) = graph.mark() else { continue };
            let of = |kin: Kin| -> BTreeSet<u32> {
                (0..mark.kin.len() as u32).filter(|row| mark.kin[*row as usize] == kin).collect()
            };
            assert_eq!(of(Kin::After), reach(row, true));
            assert_eq!(of(Kin::Before), reach(row, false));
            assert_eq!(mark.before[0] as usize, reach(row, false).len());
            checked += mark.before[0] + mark.after[0];
        }
    }
    assert!(checked > 0, "some task has something before or after it");
}

#[test]
fn marks_and_sight_are_kept_by_key() {
    let frames = recorded(ALL_PAGES, DashboardPage::Graph);
    let mut graph = Graph::default();
    let mut key = String::new();
    for cut in (9..=frames.len()).step_by(15) {
        let mut engine = engine();
        play(&mut engine, DashboardPage::Graph, &frames[..cut]);
        let Some(Picture::Graph(tables)) = (pane("graph").unwrap().read)(&engine.snapshot()) else {
            continue;
        };
        assert!(graph.update(&tables));
        assert!(!graph.update(&tables), "the same is not read twice");
        if let Some(mark) = graph.mark() {
            assert_eq!(graph.wire_key(mark.row), key);
        } else {
            graph.mark_next(1);
            let mark = graph.mark();
            key = mark.map(|mark| graph.wire_key(mark.row).to_owned()).unwrap_or_default();
        }
    }
    assert!(!key.is_empty());
    graph.view_mut().resize(300.0, 200.0);
    graph.mark_next(-1);
    let row = graph.mark().unwrap().row;
    let at = graph.view().place(graph.node(row).unwrap());
    assert!(graph.point(Some(at)));
    assert!(graph.hover().is_some());
    assert!(graph.point(None) && !graph.point(None));
}

fn stacks(picture: &Picture) -> &Stacks {
    match picture {
        Picture::Stacks(stacks) => stacks,
        other => panic!("{other:?}"),
    }
}

fn parts(picture: &Picture) -> &[(&'static str, Picture)] {
    match picture {
        Picture::Parts(parts, _) => parts,
        other => panic!("{other:?}"),
    }
}

#[test]
fn fine_metrics_are_the_servers() {
    let (picture, mirror) = played("fine-metrics", DashboardPage::FineMetrics);
    let parts = parts(&picture);
    let by_prefix = source(&mirror, &["__functions"]);
    let ours = stacks(&parts[0].1);
    assert_eq!(ours.bars.len() + usize::from(ours.rest.is_some()), by_prefix["__functions"].len());
    for bar in ours.bars.iter().chain(&ours.rest) {
        let name = if bar.name == "idle" { "N/A" } else { &bar.name };
        let row = by_prefix["__functions"].iter().position(|one| one == name).unwrap();
        for (key, amount) in ours.keys.iter().zip(&bar.amounts) {
            let theirs =
                by_prefix.get(&key.name).map_or(0.0, |column| column[row].as_f64().unwrap());
            assert!(close(*amount, theirs), "{} {}: {amount} {theirs}", bar.name, key.name);
        }
    }
    // Every column that is an activity is shown, and their sums are the totals that the page says.
    let names = by_prefix.keys().filter(|name| !name.starts_with("__"));
    assert!(names.count() >= 8);
    for name in by_prefix.keys().filter(|name| !name.starts_with("__")) {
        let key = ours.keys.iter().find(|key| key.name == *name).unwrap();
        let theirs: f64 = by_prefix[name].iter().map(|cell| cell.as_f64().unwrap()).sum();
        assert!(close(key.total, theirs), "{name}");
    }
    let totals: Vec<&Columns> =
        mirror.sources.values().filter(|one| one.contains_key("activity")).collect();
    assert_eq!(totals.len(), parts.len());
    for (_, part) in parts {
        let keys = &stacks(part).keys;
        let same = totals.iter().any(|one| {
            one["activity"].len() == keys.len()
                && keys.iter().enumerate().all(|(i, key)| {
                    one["activity"][i] == key.name.as_str()
                        && close(key.total, number(one, "value", i))
                })
        });
        assert!(same, "{keys:?}");
    }
}

#[test]
fn threads_by_group_add_up() {
    let (picture, mirror) = played("group-progress", DashboardPage::GroupProgress);
    let Picture::Areas(areas) = picture else { panic!("{picture:?}") };
    let Areas { ages_s, layers, limit, .. } = &*areas;
    let theirs = source(&mirror, &["time", "nthreads"]);
    assert_eq!(ages_s.len(), theirs["time"].len());
    assert_eq!(ages_s.last(), Some(&0.0));
    assert!(layers.len() <= 12 && !layers.is_empty());
    for (i, limit) in limit.iter().enumerate() {
        assert_eq!(*limit, number(theirs, "nthreads", i));
        let ours: f64 = layers.iter().map(|layer| layer.amounts[i]).sum();
        let groups = theirs.iter().filter(|(name, _)| *name != "time" && *name != "nthreads");
        let sum: f64 = groups.map(|(_, column)| column[i].as_f64().unwrap_or(0.0)).sum();
        assert!(close(ours, sum), "at {i}: {ours} {sum}");
    }
}

#[test]
fn groups_have_the_counts_of_progress() {
    let mut engine = engine();
    let frames = recorded(ALL_PAGES, DashboardPage::Progress);
    let mut compared = 0;
    let mut out = Vec::new();
    engine.handle(0.0, Input::Opened { page: DashboardPage::Progress }, &mut out);
    play(&mut engine, DashboardPage::PrefixTimes, &recorded(ALL_PAGES, DashboardPage::PrefixTimes));
    play(
        &mut engine,
        DashboardPage::PrefixMemory,
        &recorded(ALL_PAGES, DashboardPage::PrefixMemory),
    );
    for (at, (t, frame)) in frames.iter().enumerate() {
        let page = DashboardPage::Progress;
        let input = match frame {
            Frame::Text(text) => Input::Text { page, text },
            Frame::Binary(bytes) => Input::Binary { page, bytes },
        };
        engine.handle(t * 1e3, input, &mut out);
        if at % 31 != 0 {
            continue;
        }
        let Picture::Stacks(ours) = read(&engine, "groups") else { continue };
        let mirror = Mirror::replay(&messages(&frames[..=at]));
        let Some(found) = mirror.find(&["all", "memory", "released-loc"]) else { continue };
        let theirs = &mirror.sources[found];
        for (row, name) in theirs["name"].iter().enumerate() {
            let Some(bar) = ours.bars.iter().find(|bar| name == bar.name.as_str()) else {
                continue;
            };
            for (key, amount) in ours.keys.iter().zip(&bar.amounts) {
                let column = match key.name.as_str() {
                    "in memory" => "memory",
                    "cannot run" => "no_worker",
                    other => other,
                };
                let there = theirs.get(column).map_or(0.0, |column| column[row].as_f64().unwrap());
                assert_eq!(*amount, there, "{} {}", bar.name, key.name);
                compared += 1;
            }
        }
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn a_graph_that_is_too_large_gives_way_to_groups() {
    let mut engine = engine();
    let graph = recorded(ALL_PAGES, DashboardPage::Graph);
    // The document alone: a scheduler without tasks sends the very same as one with too many.
    let empty: Vec<_> = graph.iter().take(9).cloned().collect();
    play(&mut engine, DashboardPage::Graph, &empty);
    let shown = (pane("graph").unwrap().read)(&engine.snapshot());
    assert!(matches!(shown, Some(Picture::Nothing(_) | Picture::Graph(_)) | None), "{shown:?}");
    let mut out = Vec::new();
    engine.handle(0.0, Input::Opened { page: DashboardPage::Progress }, &mut out);
    let frames = recorded(ALL_PAGES, DashboardPage::Progress);
    let mut seen = false;
    for (t, frame) in &frames {
        let page = DashboardPage::Progress;
        let input = match frame {
            Frame::Text(text) => Input::Text { page, text },
            Frame::Binary(bytes) => Input::Binary { page, bytes },
        };
        engine.handle(t * 1e3, input, &mut out);
        if let Some(Picture::Stacks(stacks)) = (pane("graph").unwrap().read)(&engine.snapshot()) {
            seen = true;
            assert!(stacks.remark.contains("5000") && !stacks.bars.is_empty());
        }
    }
    assert!(seen || matches!(shown, Some(Picture::Graph(_))));
}

#[test]
fn stealing_is_counted() {
    let (picture, mirror) = played("stealing", DashboardPage::Stealing);
    let parts = parts(&picture);
    let Picture::Series(series) = &parts[0].1 else { panic!() };
    let balance = source(&mirror, &["time", "idle", "saturated"]);
    assert_eq!(series.times_ms.len(), balance["time"].len());
    for (name, line) in &series.plots[0].lines {
        let theirs: Vec<f64> = balance[&**name].iter().map(|one| one.as_f64().unwrap()).collect();
        assert_eq!(*line, theirs);
    }
    let events = source(&mirror, &["level", "cost_factor"]);
    let real = events["color"].iter().filter(|color| *color != "white").count();
    match &parts[1].1 {
        Picture::Grid(grid) => assert_eq!(grid.rows.len(), real),
        other => assert_eq!(real, 0, "{other:?}"),
    }
}

#[test]
fn bandwidths_come_in_the_order_of_the_page() {
    let (picture, mirror) = played("hardware", DashboardPage::Hardware);
    let parts = parts(&picture);
    assert_eq!(parts.iter().map(|part| part.0).collect::<Vec<_>>(), ["Memory", "Disk", "Network"]);
    for (name, part) in parts {
        let Picture::Bars(bars) = part else { panic!() };
        let ours: Vec<(String, f64)> =
            bars.bars.iter().map(|bar| (bar.name.clone(), bar.pieces[0].amount)).collect();
        let same = mirror.sources.values().any(|one| {
            one.contains_key("size")
                && one["size"].len() == ours.len()
                && ours.iter().enumerate().all(|(i, (size, rate))| {
                    one["size"][i] == size.as_str() && close(*rate, number(one, "bandwidth", i))
                })
        });
        assert!(same, "{name}");
    }
    assert!(!source(&mirror, &["size"])["size"].is_empty());
    // Before a person asks, nothing is measured.
    assert!(matches!(
        (pane("hardware").unwrap().read)(&engine().snapshot()),
        Some(Picture::Offer(_))
    ));
    assert!(pane("hardware").unwrap().pages.is_empty());
}

#[test]
fn counters_have_their_three_spans() {
    let (picture, mirror) = played("counters", DashboardPage::Counters);
    let Picture::Grid(grid) = &parts(&picture)[0].1 else { panic!() };
    let spans: Vec<&Columns> =
        mirror.sources.values().filter(|one| one.contains_key("counts")).collect();
    assert_eq!(spans.len(), 3);
    let names: BTreeSet<&str> =
        spans.iter().flat_map(|one| one["x"].iter().map(|name| name.as_str().unwrap())).collect();
    let ours: Vec<String> = grid.rows.iter().map(|row| row.cells[0].exact()).collect();
    assert_eq!(ours.iter().map(String::as_str).collect::<BTreeSet<_>>(), names);
    for row in &grid.rows {
        let all: f64 = spans
            .iter()
            .filter_map(|one| {
                let at = one["x"].iter().position(|name| *name == row.cells[0].exact())?;
                Some(number(one, "counts", at))
            })
            .sum();
        assert_eq!(row.cells[1].exact(), format!("{all:.0}"), "{:?}", row.cells[0]);
    }
}

#[test]
fn a_shuffle_is_told_by_worker() {
    let mut table = Table::default();
    for (worker, comm, disk) in [("tcp://a:1", 5.0, 7.0), ("tcp://b:2", 11.0, 13.0)] {
        table.column_mut("worker").push_text(worker);
        for (name, amount) in [
            ("comm_memory", comm),
            ("comm_memory_limit", 100.0),
            ("disk_memory", disk),
            ("disk_memory_limit", 0.0),
        ] {
            table.column_mut(name).push_number(amount);
        }
    }
    let mut totals = Table::default();
    totals.column_mut("x").push_text("Network Send");
    totals.column_mut("values").push_number(17.0);
    let tables = vec![Rc::new(table), Rc::new(totals)];
    let whole = DocumentSnapshot { tables, ..DocumentSnapshot::default() };
    let (workers, totals) = shuffle(&whole).unwrap();
    assert_eq!(totals, [("Network Send".to_owned(), 17.0)]);
    let read: Vec<_> = workers.iter().map(|one| (&*one.worker, one.comm, one.disk)).collect();
    let wanted =
        [("tcp://a:1", [5.0, 100.0], [7.0, 0.0]), ("tcp://b:2", [11.0, 100.0], [13.0, 0.0])];
    assert_eq!(read, wanted);
}

#[test]
fn a_scheduler_without_shuffles_says_so() {
    let (picture, _) = played("shuffle", DashboardPage::Shuffle);
    assert!(matches!(picture, Picture::Nothing(_)), "{picture:?}");
}

#[test]
fn a_page_that_is_not_there_is_said_and_disturbs_nobody() {
    let mut engine = engine();
    let mut out = Vec::new();
    engine.handle(0.0, Input::Opened { page: DashboardPage::TaskStream }, &mut out);
    for (t, frame) in &recorded(ALL_PAGES, DashboardPage::TaskStream) {
        let page = DashboardPage::TaskStream;
        let input = match frame {
            Frame::Text(text) => Input::Text { page, text },
            Frame::Binary(bytes) => Input::Binary { page, bytes },
        };
        engine.handle(t * 1e3, input, &mut out);
    }
    for page in [DashboardPage::Progress, DashboardPage::Workers] {
        engine.handle(0.0, Input::Opened { page }, &mut out);
    }
    let now = recorded(ALL_PAGES, DashboardPage::TaskStream).last().unwrap().0 * 1e3;
    let page = DashboardPage::Contention;
    engine.handle(now, Input::Pane(page, true), &mut out);
    let (mut tries, mut reads) = (0, 0);
    let read = |one: &&live::engine::Output| {
        matches!(one, live::engine::Output::ReadPage { page: DashboardPage::Contention, .. })
    };
    for step in 0..4 {
        let at = now + f64::from(step) * 3000.0;
        engine.handle(at, Input::Tick, &mut out);
        reads += out.iter().filter(read).count();
        tries += out
            .drain(..)
            .filter(|one| {
                matches!(one, live::engine::Output::Connect { page: DashboardPage::Contention, .. })
            })
            .count();
        engine.handle(
            at,
            Input::Closed { page, code: 1006, clean: false, refused: None },
            &mut out,
        );
    }
    assert!(tries >= 2);
    assert_eq!(reads, 1, "it is read over HTTP, which says more");
    let none = Input::PageRead { page, status: 404, body: String::new() };
    engine.handle(now + 12_000.0, none, &mut out);
    assert_ne!(engine.feed().status().state, "failed", "the others are as well as before");
    let why = engine.feed().why_nothing(page).unwrap();
    assert!(why.contains("/individual-contention") && why.contains("2023.3.2"), "{why}");
}
