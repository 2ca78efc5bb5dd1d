//! Matrices, bands, the cluster's memory and GPUs show what the server's own documents hold.
#![allow(clippy::unwrap_used)]

mod feed_common;

use feed::pool::DashboardPage;
use feed_common::played::{ALL_PAGES, engine, play, read, recorded};
use feed_common::{Columns, Frame, Mirror, messages};
use live::engine::Engine;
use live::history::Measure;
use panes::matrix::{Across, Matrix};
use panes::own::GPU;
use panes::{Group, Picture, Series, Unit, all, gpus, offered, svg};
use timeline::ticks::Zone;

/// Colours for drawings.
fn inks() -> svg::Inks {
    svg::Inks::read(&|_| "black".into())
}

/// An engine to which recorded pages were played, and the mirror of the last.
fn played(pages: &[DashboardPage]) -> (Engine, Mirror) {
    let mut engine = engine();
    let mut mirror = None;
    for page in pages {
        let frames = recorded(ALL_PAGES, *page);
        play(&mut engine, *page, &frames);
        mirror = Some(Mirror::replay(&messages(&frames)));
    }
    (engine, mirror.unwrap())
}

/// The same with texts of the document replaced, as Dask would have written it.
fn rewritten(page: DashboardPage, replace: &[(&str, &str)]) -> Engine {
    let mut frames = recorded(ALL_PAGES, page);
    for (_, frame) in &mut frames {
        if let Frame::Text(text) = frame
            && text.starts_with("{\"doc\"")
        {
            for (from, to) in replace {
                assert!(text.contains(from), "{from}");
                *text = text.replace(from, to);
            }
        }
    }
    let mut engine = engine();
    play(&mut engine, page, &frames);
    engine
}

fn matrix(engine: &Engine, id: &str) -> Matrix {
    match read(engine, id) {
        Some(Picture::Matrix(matrix)) => matrix,
        other => panic!("{id}: {other:?}"),
    }
}

fn series(engine: &Engine, id: &str) -> Series {
    match read(engine, id) {
        Some(Picture::Series(series)) => series,
        other => panic!("{id}: {other:?}"),
    }
}

fn columns<'a>(mirror: &'a Mirror, names: &[&str]) -> &'a Columns {
    &mirror.sources[mirror.find(names).unwrap()]
}

fn numbers(columns: &Columns, name: &str) -> Vec<f64> {
    columns[name].iter().map(|cell| cell.as_f64().unwrap_or(f64::NAN)).collect()
}

#[test]
fn bandwidths_are_the_servers() {
    let (engine, mirror) = played(&[DashboardPage::Workers, DashboardPage::BandwidthWorkers]);
    let made = matrix(&engine, "bandwidth-workers");
    let theirs = columns(&mirror, &["source", "destination", "bandwidth"]);
    let rates = numbers(theirs, "bandwidth");
    assert!(!rates.is_empty());
    let Across::Names(_, labels) = &made.across else { panic!("names") };
    let text = |name: &str, i: usize| theirs[name][i].as_str().unwrap().to_owned();
    for (i, rate) in rates.iter().enumerate() {
        let place = |name: String| labels.iter().position(|label| label.name == name).unwrap();
        let (row, column) = (place(text("source", i)), place(text("destination", i)));
        assert_eq!(made.value(row, column), Some(*rate));
        let said = made.say(row, column, &|_| String::new());
        assert!(said.ends_with(&Unit::Rate.say(*rate)), "{said}");
    }
    assert_eq!(made.top, rates.iter().copied().fold(0.0, f64::max));
    assert_eq!(made.table().rows.len(), rates.len());
    let picture = Picture::Matrix(made.clone());
    let csv = picture.csv().unwrap();
    assert!(csv.starts_with("source,destination,bandwidth (B/s)\r\n"), "{csv}");
    assert_eq!(csv.lines().count(), rates.len() + 1);
    let (drawn, _) = svg::draw(&picture, "Bandwidth", (inks(), true), Zone::Fixed(0)).unwrap();
    assert!(drawn.contains(">w1</text>") && drawn.contains(&made.unit.say(made.top)));
    // Hosts are known from the worker table.
    assert!(labels.iter().all(|label| label.detail.starts_with("tcp://")), "{labels:?}");
}

#[test]
fn the_clusters_memory_is_the_servers() {
    let (engine, mirror) = played(&[DashboardPage::Workers, DashboardPage::ClusterMemory]);
    let Some(Picture::Bars(bars)) = read(&engine, "cluster-memory") else { panic!("no bars") };
    let theirs = columns(&mirror, &["proc_memory", "managed"]);
    let first = |name: &str| numbers(theirs, name)[0];
    let ours: Vec<f64> = bars.bars[0].pieces.iter().map(|piece| piece.amount).collect();
    let parts = ["managed", "unmanaged_old", "unmanaged_recent", "spilled"].map(first);
    assert_eq!(ours, parts);
    let each: Vec<f64> = bars.bars[1..].iter().map(|bar| bar.pieces[0].amount).collect();
    assert_eq!(each, parts);
    let limits: f64 =
        engine.snapshot().workers.unwrap().rows.iter().filter_map(|row| row.memory_limit).sum();
    assert_eq!(bars.bars[0].limit, Some(limits));
    assert!(first("proc_memory") > 0.0 && limits > 0.0);
}

#[test]
fn the_mean_worker_is_the_servers_on_each_of_its_four_pages() {
    let pages = [
        DashboardPage::CpuSeries,
        DashboardPage::MemorySeries,
        DashboardPage::NetworkSeries,
        DashboardPage::DiskSeries,
    ];
    for page in pages {
        let (_, mirror) = played(&[page]);
        let all = ["time", "cpu", "memory", "host_net_io.read_bps", "host_disk_io.write_bps"];
        assert!(mirror.find(&all).is_some(), "{page:?} has all columns: one page is enough");
    }
    let (engine, mirror) = played(&[DashboardPage::CpuSeries]);
    let theirs = columns(&mirror, &["time", "cpu", "memory"]);
    let made = series(&engine, "worker-means");
    // The mirror reads some numbers a bit less exactly.
    let same = |ours: &[f64], theirs: &[f64]| {
        let close = |(a, b): (&f64, &f64)| (a - b).abs() <= b.abs() * 1e-15;
        ours.len() == theirs.len() && ours.iter().zip(theirs).all(close)
    };
    assert!(same(&made.times_ms, &numbers(theirs, "time")));
    let cpu: Vec<f64> = numbers(theirs, "cpu").iter().map(|percent| percent / 100.0).collect();
    assert!(same(&made.plots[0].lines[0].1, &cpu));
    for (plot, line, name) in [
        (1, 0, "memory"),
        (2, 0, "host_net_io.read_bps"),
        (2, 1, "host_net_io.write_bps"),
        (3, 0, "host_disk_io.read_bps"),
        (3, 1, "host_disk_io.write_bps"),
    ] {
        assert!(same(&made.plots[plot].lines[line].1, &numbers(theirs, name)), "{name}");
    }
}

#[test]
fn workers_over_time_end_with_the_table() {
    let (engine, mirror) = played(&[DashboardPage::Workers]);
    let theirs = columns(&mirror, &["address", "memory", "memory_limit"]);
    let made = series(&engine, "worker-series");
    assert!(made.times_ms.len() > 3 && made.times_ms.windows(2).all(|pair| pair[0] < pair[1]));
    let heat = matrix(&engine, "memory-heat");
    let last = heat.columns() - 1;
    for (i, name) in theirs["name"].iter().enumerate() {
        let Some(_) = theirs["address"][i].as_str() else { continue };
        let name = name.as_str().unwrap();
        let number = |column: &str| numbers(theirs, column)[i];
        let line = |plot: usize| {
            let line = made.plots[plot].lines.iter().find(|(known, _)| known == name).unwrap();
            *line.1.last().unwrap()
        };
        // Kept as numbers of 24 bits.
        let close = |ours: f64, theirs: f64| (ours - theirs).abs() <= theirs.abs() * 1e-6;
        assert!(close(line(0), number("cpu")), "{name}");
        assert!(close(line(1), number("memory")), "{name}");
        let net = number("host_net_io.read_bps") + number("host_net_io.write_bps");
        assert!(close(line(2), net), "{name}");
        let row = heat.rows.iter().position(|label| label.name == name).unwrap();
        let share = number("memory") / number("memory_limit");
        assert!(heat.value(row, last).unwrap() >= share * 0.999_999, "{name}");
    }
    assert_eq!(heat.rows.len(), engine.snapshot().workers.unwrap().rows.len());
    assert!(made.note.contains("since this page was opened"), "{}", made.note);
}

#[test]
fn many_workers_are_bands_and_folded_rows() {
    let mut engine = engine();
    // What a table of 450 workers looks like on the wire, twice.
    let list = |each: &dyn Fn(usize) -> String| {
        let all: Vec<String> = (0..450).map(each).collect();
        format!("[{}]", all.join(","))
    };
    let entries = |factor: usize| {
        let columns = [
            ("name", list(&|i| format!("\"w{i}\""))),
            ("address", list(&|i| format!("\"tcp://10.0.0.{}:{}\"", i % 30, 4000 + i))),
            ("memory", list(&|i| (if i == 17 { 900 } else { 100 + i % 7 } * factor).to_string())),
            ("memory_limit", list(&|_| "2000".into())),
            ("nthreads", list(&|_| "4".into())),
            ("cpu", list(&|i| format!("{}", f64::from(u32::from(i == 3)) * 2.0 + 0.25))),
        ];
        let entries = columns.map(|(name, values)| format!("[\"{name}\",{values}]"));
        format!("[{}]", entries.join(","))
    };
    let frames = |t: f64, factor: usize, id: u32| {
        let doc = format!(
            "{{\"doc\":{{\"version\":\"3.9.2\",\"title\":\"x\",\"roots\":[{{\"type\":\"object\",\"name\":\
             \"ColumnDataSource\",\"id\":\"p1\",\"attributes\":{{\"data\":{{\"type\":\"map\",\"entries\":{}}}}}}}]}}}}",
            entries(factor)
        );
        let header = format!(
            "{{\"msgid\":\"a{id}\",\"msgtype\":\"PULL-DOC-REPLY\",\"reqid\":\"1\",\"num_buffers\":0}}"
        );
        [header, "{}".into(), doc].map(|text| (t, Frame::Text(text)))
    };
    let mut all = vec![];
    for text in ["{\"msgid\":\"a\",\"msgtype\":\"ACK\"}", "{}", "{}"] {
        all.push((0.1, Frame::Text(text.into())));
    }
    all.extend(frames(0.2, 1, 1));
    play(&mut engine, DashboardPage::Workers, &all);
    assert_eq!(engine.snapshot().workers.map(|workers| workers.rows.len()), Some(450));
    let heat = matrix(&engine, "memory-heat");
    assert_eq!((heat.rows.len(), &*heat.rows[17].name), (30, "10.0.0.17"));
    assert_eq!(heat.value(17, 0), Some(0.45), "the highest of the host");
    let clock = |_: f64| "12:00:00".to_owned();
    assert_eq!(heat.say(17, 0, &clock), "10.0.0.17 at 12:00:00: 45 %, the highest of 15");
    assert!(heat.foot.starts_with("450 workers grouped into 30 hosts"), "{}", heat.foot);
    assert!(heat.note.starts_with("highest w17 at 45 %"), "{}", heat.note);
    let made = series(&engine, "worker-series");
    let memory = &made.plots[Measure::Memory as usize];
    let last: Vec<f64> =
        memory.band.as_ref().unwrap().edges.iter().map(|edge| *edge.last().unwrap()).collect();
    assert_eq!(last, [100.0, 101.0, 103.0, 105.0, 900.0]);
    assert!(memory.lines.is_empty());
    let cpu = &made.plots[Measure::Cpu as usize];
    assert_eq!(cpu.note, "w3 (225 %) stands out; the median is 25 %");
    let (said, dots) = cpu.at(made.times_ms.len() - 1);
    let said: Vec<String> = said.into_iter().map(|(_, words)| words).collect();
    assert_eq!(said, ["median 25 %", "half in 25 % – 25 %", "all in 25 % – 225 %"]);
    assert_eq!(dots.len(), 1);
    let picture = Picture::Series(made);
    let csv = picture.csv().unwrap();
    let head = csv.lines().next().unwrap();
    assert!(head.contains("Memory median (B),Memory upper quartile (B),Memory most (B)"), "{head}");
    let last = csv.lines().nth(1).unwrap();
    assert!(last.contains(",100,101,103,105,900,"), "{last}");
    let (drawn, _) = svg::draw(&picture, "Workers", (inks(), false), Zone::Fixed(0)).unwrap();
    assert_eq!(drawn.matches("<polygon").count(), 8, "two bands in each of four plots");
    assert_eq!(drawn.matches("<g ").count(), drawn.matches("</g>").count());
    let heat = Picture::Matrix(heat);
    assert_eq!(heat.table().unwrap().rows.len(), 30);
    let (drawn, [_, high]) = svg::draw(&heat, "Memory", (inks(), false), Zone::Fixed(0)).unwrap();
    assert!(drawn.contains("450 workers folded") || high > 600, "{high}");
}

#[test]
fn gpus_are_shown_where_there_are_some() {
    let (engine, _) = played(&[DashboardPage::Workers, DashboardPage::Gpu]);
    assert!(matches!(read(&engine, "gpu"), Some(Picture::Nothing(_))));
    assert!(
        offered(gpus(&engine.snapshot())).all(|pane| pane.group != Group::Gpu && pane.id != GPU)
    );
    assert!(all().any(|pane| pane.group == Group::Gpu), "but they can be opened by a link");

    let engine = rewritten(
        DashboardPage::Gpu,
        &[
            ("[\"memory\",[]]", "[\"memory\",[3221225472,0]]"),
            ("[\"utilization\",[]]", "[\"utilization\",[87,0]]"),
            ("[\"worker\",[]]", "[\"worker\",[\"tcp://a:1\",\"tcp://b:2\"]]"),
            ("GPU Memory: 0 B / 0 B", "GPU Memory: 3.00 GiB / 160.00 GiB"),
        ],
    );
    let Some(Picture::Bars(bars)) = read(&engine, "gpu") else { panic!("no bars") };
    assert_eq!(bars.note, "3.00 GiB of 160.00 GiB used; 44 % busy on average over 2 GPUs, 1 idle");
    assert_eq!(bars.bars[0].said.as_deref(), Some("3.00 GiB, 87 % busy"));
    assert_eq!(bars.bars[1].pieces[0].amount, 0.0);
}

#[test]
fn rmm_is_shown_where_it_is() {
    let (engine, _) = played(&[DashboardPage::Rmm]);
    assert!(matches!(read(&engine, "rmm"), Some(Picture::Nothing(_))));
    let eight = |a: u64, b: u64| format!("[{a},{a},{a},{a},{b},{b},{b},{b}]");
    let none = eight(0, 0);
    let column = |name: &str, a: u64, b: u64| {
        (format!("[\"{name}\",{none}]"), format!("[\"{name}\",{}]", eight(a, b)))
    };
    let replace = [
        column("rmm_used", 2 << 30, 0),
        column("rmm_total", 4 << 30, 0),
        column("gpu_used", 6 << 30, 0),
        column("gpu_total", 16 << 30, 0),
        column("spilled", 1 << 30, 0),
    ];
    let replace: Vec<(&str, &str)> = replace.iter().map(|(a, b)| (&**a, &**b)).collect();
    let engine = rewritten(DashboardPage::Rmm, &replace);
    let Some(Picture::Bars(bars)) = read(&engine, "rmm") else { panic!("no bars") };
    assert_eq!(bars.bars.len(), 1, "the one with a GPU");
    let gib: Vec<f64> =
        bars.bars[0].pieces.iter().map(|piece| piece.amount / f64::from(1 << 30)).collect();
    assert_eq!(gib, [2.0, 2.0, 2.0, 1.0]);
    assert_eq!(bars.note, "2.00 GiB of 4.00 GiB in RMM's pools, 6.00 GiB of 16.00 GiB on GPUs");
}

#[test]
fn the_moment_that_is_nearest() {
    let times = [0.0, 500.0, 1000.0, 2000.0];
    for (share, sample) in [(0.0, 0), (0.2, 1), (0.39, 2), (0.7, 2), (0.8, 3), (1.0, 3), (2.0, 3)] {
        assert_eq!(Series::nearest(&times, share), Some(sample), "{share}");
    }
    assert_eq!(Series::nearest(&[], 0.5), None);
}
