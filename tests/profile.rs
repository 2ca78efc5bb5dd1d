//! Profiles that Dask's own code sampled and drew: nothing of them is lost or counted twice, whatever
//! is zoomed into, turned around or searched for; and what a person asks reaches the server.
#![allow(clippy::unwrap_used)]

mod feed_common;

use std::collections::BTreeMap;
use std::rc::Rc;

use feed::bokeh::document::Document;
use feed::bokeh::frame::Buffers;
use feed::bokeh::table::Table;
use feed::profile::{NONE, Profile};
use feed::session::Ask;
use feed_common::{Frame, fixtures, frames, read_gz};
use live::engine::{Engine, Input, Output};
use live::source::Source;
use panes::flame::{Activity, Flame, FlameModel, Tree, layout, place, sums};
use panes::{Picture, pane};
use serde_json::Value;

struct Rig {
    engine: Engine,
    out: Vec<Output>,
    now_ms: f64,
    id: &'static str,
}

impl Rig {
    /// An engine to which a recorded session was played: the first `most` frames of it.
    fn played(id: &'static str, folder: &str, most: usize) -> Self {
        let source = Source { base: "http://127.0.0.1:8787".into(), label: "test".into() };
        let mut engine = Engine::new(&source, 7, 0.0);
        engine.open_at_once();
        let mut rig = Self { engine, out: Vec::new(), now_ms: 0.0, id };
        rig.input(Input::Start);
        let page = pane(id).unwrap().pages[0];
        rig.input(Input::Pane(page, true));
        rig.input(Input::Opened { page });
        let path = fixtures().join(format!("2026.8.0/{folder}{}.jsonl.gz", page.path()));
        for (t, frame) in frames(&path).iter().take(most) {
            rig.now_ms = t * 1e3;
            rig.input(match frame {
                Frame::Text(text) => Input::Text { page, text },
                Frame::Binary(bytes) => Input::Binary { page, bytes },
            });
        }
        rig
    }

    fn input(&mut self, input: Input<'_>) {
        self.engine.handle(self.now_ms, input, &mut self.out);
    }

    /// Asks, and gives the events that were sent, and the number of their message.
    fn ask(&mut self, ask: Ask) -> (Vec<Value>, String) {
        self.out.clear();
        self.input(Input::Ask(pane(self.id).unwrap().pages[0], ask));
        let sent: Vec<Value> = self
            .out
            .iter()
            .filter_map(|output| match output {
                Output::Send { text, .. } => Some(serde_json::from_str(text).unwrap()),
                _ => None,
            })
            .collect();
        assert_eq!(sent.len(), 3);
        assert_eq!(sent[0]["msgtype"], "PATCH-DOC");
        (sent[2]["events"].as_array().unwrap().clone(), sent[0]["msgid"].as_str().unwrap().into())
    }

    fn picture(&self) -> Picture {
        (pane(self.id).unwrap().read)(&self.engine.snapshot()).unwrap()
    }

    fn flame(&self) -> Flame {
        match self.picture() {
            Picture::Flame(flame) => flame,
            other => panic!("{other:?}"),
        }
    }
}

/// What the script that made a recording has counted on Dask's own tree, in seconds.
struct Truth {
    total: f64,
    own: BTreeMap<String, f64>,
    of: BTreeMap<String, f64>,
}

fn truth(page: &str) -> Truth {
    let path = fixtures().join(format!("2026.8.0/profiles{page}.jsonl.gz"));
    let text = read_gz(&path);
    let said: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let said = &said["data"];
    let interval = said["interval"].as_f64().unwrap();
    let map = |name: &str| {
        let all = said[name].as_object().unwrap();
        all.iter().map(|(k, n)| (k.clone(), n.as_f64().unwrap() * interval)).collect()
    };
    let total = said["count"].as_f64().unwrap() * interval;
    Truth { total, own: map("own"), of: map("total") }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-6 * b.abs().max(1.0)
}

const BOTH: [(&str, &str); 2] =
    [("profile", "/individual-profile"), ("profile-server", "/individual-profile-server")];

fn profiles() -> impl Iterator<Item = Rc<Profile>> {
    BOTH.into_iter().map(|(id, _)| Rig::played(id, "profiles", 9999).flame().profile)
}

/// Every node is all that is below it and its own, and stands inside of what is above it.
fn is_sound(tree: &Tree) {
    let mut left = vec![0.0; tree.nodes.len()];
    for (i, node) in tree.nodes.iter().enumerate() {
        left[i] = node.left;
        assert!(node.end as usize > i && node.end as usize <= tree.nodes.len());
        let kids: Vec<_> = tree.below(i as u32).collect();
        let sum: f64 = kids.iter().map(|kid| tree.get(*kid).unwrap().total).sum();
        assert!(close(node.total, sum + node.own), "{} {sum} {}", node.total, node.own);
        for kid in kids {
            let kid = tree.get(kid).unwrap();
            assert_eq!((kid.parent, kid.depth), (i as u32, node.depth + 1));
            assert!(close(kid.left, left[i]), "{} {}", kid.left, left[i]);
            left[i] += kid.total;
        }
        assert_eq!(node.parent == NONE, i == 0);
    }
}

#[test]
fn times_are_those_of_dasks_own_tree() {
    for (id, page) in BOTH {
        let profile = Rig::played(id, "profiles", 9999).flame().profile;
        let truth = truth(page);
        assert!(profile.frames.len() > 100, "{id}");
        assert!(close(profile.total(), truth.total), "{} {}", profile.total(), truth.total);
        let own: f64 = profile.frames.iter().map(|frame| frame.own).sum();
        assert!(close(own, truth.total), "{own}");
        let mut seen = 0;
        for sum in sums(&profile) {
            let function = &profile.functions[sum.function as usize];
            let name = format!("{}|{}", profile.text(function.name), profile.text(function.file));
            assert!(close(sum.own, truth.own[&name]), "{name}: {} {}", sum.own, truth.own[&name]);
            assert!(close(sum.total, truth.of[&name]), "{name}: {}", sum.total);
            seen += 1;
        }
        // All but the root.
        assert_eq!(seen, truth.own.len() - 1, "{id}");
    }
}

#[test]
fn turned_around_nothing_is_lost() {
    for profile in profiles() {
        let (calls, callers) = (Tree::of_calls(&profile), Tree::of_callers(&profile));
        is_sound(&calls);
        is_sound(&callers);
        assert!(close(calls.nodes[0].total, callers.nodes[0].total));
        // Right below the root stand the functions with their own times, the longest first.
        let mut own = BTreeMap::new();
        for frame in &profile.frames {
            *own.entry(frame.function).or_insert(0.0) += frame.own;
        }
        own.retain(|_, own| *own > 0.0);
        let top: Vec<_> = callers.below(0).map(|at| callers.get(at).unwrap()).collect();
        assert_eq!(top.len(), own.len());
        assert!(top.windows(2).all(|two| two[0].total >= two[1].total));
        assert!(top.iter().all(|node| close(node.total, own[&node.function])));
    }
}

#[test]
fn a_share_counts_each_moment_once() {
    for profile in profiles() {
        for query in ["walk", "a", "json", "record_profile.py", "ackermann", "<", "nothing like it"]
        {
            let has = |text: u32| profile.text(text).to_lowercase().contains(query);
            let matched: Vec<bool> =
                profile.functions.iter().map(|one| has(one.name) || has(one.file)).collect();
            // By hand: the own time of all frames with a match on their way from the root.
            let mut wanted = 0.0;
            for frame in &profile.frames {
                let mut at = frame;
                while at.parent != NONE {
                    if matched[at.function as usize] {
                        wanted += frame.own;
                        break;
                    }
                    at = &profile.frames[at.parent as usize];
                }
            }
            for tree in [Tree::of_calls(&profile), Tree::of_callers(&profile)] {
                let (seconds, count) = tree.matched(0, &matched);
                assert!(close(seconds, wanted), "{query}: {seconds} {wanted}");
                assert_eq!(count > 0, wanted > 0.0);
            }
        }
    }
}

#[test]
fn never_more_rectangles_than_can_be_seen() {
    for profile in profiles() {
        for tree in [Tree::of_calls(&profile), Tree::of_callers(&profile)] {
            for (zoom, width) in (0..tree.nodes.len() as u32)
                .step_by(7)
                .flat_map(|zoom| [1.0, 11.0, 360.5, 1600.0].map(|width| (zoom, width)))
            {
                let made = layout(&tree, zoom, width, 0.5);
                let top = &tree.nodes[zoom as usize];
                let mut row = BTreeMap::<u16, (f64, u32)>::new();
                let mut whole = 0;
                for piece in made.pieces.iter().filter(|piece| !piece.above) {
                    assert!(piece.x >= -1e-6 && piece.x + piece.width <= width + 0.6);
                    assert!(piece.width >= 0.5 - 1e-9);
                    let (end, count) = row.entry(piece.row).or_default();
                    assert!(piece.x >= *end - 0.51, "they lie over each other");
                    (*end, *count) = (piece.x + piece.width, *count + 1);
                    whole += u32::from(piece.merged == 0);
                    assert!(tree.is_in(piece.node, zoom));
                }
                assert!(row.values().all(|(_, count)| f64::from(*count) <= 4.0 * width + 3.0));
                assert_eq!(whole + made.hidden, top.end - zoom, "all are shown or counted");
                let above = made.pieces.iter().filter(|piece| piece.above).count();
                assert_eq!(above, usize::from(top.depth));
                assert!(made.rows > top.depth);
            }
        }
    }
}

fn model(profile: &Rc<Profile>) -> FlameModel {
    let mut model = FlameModel::default();
    model.set_profile(profile);
    model.resize(1000.0, 0.5);
    model
}

#[test]
fn pointed_at_and_zoomed() {
    let profile = profiles().next().unwrap();
    let mut model = model(&profile);
    let wide = model.layout().pieces.iter().find(|piece| piece.row == 3 && piece.width > 60.0);
    let wide = *wide.unwrap();
    let facts = model.facts(&wide).unwrap();
    assert!(facts.rows.iter().any(|(name, value)| *name == "where" && value.contains(".py:")));
    assert!(facts.rows.iter().any(|(name, value)| *name == "own" && value.contains('%')));
    model.click(wide.x + wide.width / 2.0, 3);
    assert_eq!(model.zoom(), wide.node);
    let piece = model.layout().pieces.iter().find(|piece| piece.node == wide.node).unwrap();
    assert_eq!((piece.x, piece.width), (0.0, 1000.0));
    // What is above it goes back.
    let parent = model.tree().get(wide.node).unwrap().parent;
    model.click(500.0, 2);
    assert_eq!(model.zoom(), parent);
    assert!(model.key("Escape"));
    assert_eq!(model.zoom(), 0);
    // What is merged goes to the longest of its own.
    let grey = *model.layout().pieces.iter().find(|piece| piece.merged > 1).unwrap();
    assert!(model.facts(&grey).unwrap().others == grey.merged - 1);
    model.click(grey.x + grey.width / 2.0, grey.row);
    assert!(model.zoom() >= grey.from && model.zoom() < grey.until);
}

#[test]
fn by_keyboard() {
    let profile = profiles().next().unwrap();
    let mut model = model(&profile);
    assert!(model.said().contains("all samples"));
    assert!(model.key("ArrowDown") && model.key("ArrowDown"));
    let here = model.focus();
    let total = |model: &FlameModel, node: u32| model.tree().get(node).unwrap().total;
    for other in model.tree().below(model.tree().get(here).unwrap().parent) {
        assert!(total(&model, other) <= total(&model, here), "the longest comes first");
    }
    assert!(model.key("ArrowLeft") || model.key("ArrowRight"));
    model.key("ArrowUp");
    assert_eq!(model.focus(), model.tree().get(here).unwrap().parent);
    model.key("ArrowDown");
    model.key("Enter");
    assert_eq!(model.zoom(), here);
    assert!(model.focused().is_some());
    // Out of what is zoomed into, and back on the same way.
    model.key("ArrowUp");
    model.key("ArrowUp");
    assert_eq!(model.focus(), 0);
    model.key("ArrowDown");
    model.key("ArrowDown");
    assert_eq!(model.focus(), here);
    model.key("Backspace");
    assert_eq!(model.zoom(), 0);
    model.set_query("ackermann");
    let (_, share, count) = model.found().unwrap();
    assert!(share > 0.0 && share < 1.0 && count > 3);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..count {
        assert!(model.key("n"));
        assert_eq!(model.name(model.focus()), "ackermann");
        seen.insert(model.focus());
        assert!(model.focused().is_some(), "however narrow, it is seen somewhere");
    }
    assert_eq!(seen.len(), count as usize);
    model.set_query("");
    assert_eq!(model.found(), None);
    assert!(!model.key("q"));
}

#[test]
fn what_is_zoomed_into_outlives_an_update() {
    // Its first document holds half of what the second has.
    let path = fixtures().join("2026.8.0/profiles/individual-profile.jsonl.gz");
    let patch = |(_, frame): &(f64, Frame)| matches!(frame, Frame::Text(text) if text.contains("PATCH-DOC"));
    let most = frames(&path).iter().position(patch).unwrap();
    let mut rig = Rig::played("profile", "profiles", most);
    let before = rig.flame().profile;
    let after = Rig::played("profile", "profiles", 9999).flame().profile;
    assert!(before.total() > 0.0 && before.total() < 0.8 * after.total());
    let mut model = model(&before);
    model.key("ArrowDown");
    model.key("ArrowDown");
    model.key("ArrowDown");
    model.key("Enter");
    let (name, depth) =
        (model.name(model.zoom()).to_owned(), model.tree().get(model.zoom()).unwrap().depth);
    let version = model.version();
    model.set_profile(&before);
    assert_eq!(model.version(), version, "the same is not laid out again");
    model.set_profile(&after);
    assert_eq!(model.name(model.zoom()), name);
    assert_eq!(model.tree().get(model.zoom()).unwrap().depth, depth);
    assert!(depth == 3 && model.tree().get(model.zoom()).unwrap().total > 0.0);
    // The age is told by whole seconds.
    rig.now_ms += 12_300.0;
    rig.input(Input::Tick);
    assert!(rig.flame().note.ends_with("made 12 s ago"), "{}", rig.flame().note);
}

#[test]
fn what_is_asked_reaches_the_server() {
    let mut rig = Rig::played("profile", "profiles", 9999);
    let flame = rig.flame();
    assert!(flame.can_update && flame.remarks[0].is_none() && flame.empty.is_none());
    assert_eq!(flame.options[0], "All");
    assert!(flame.options.iter().any(|one| one == "simulate"));
    let path = fixtures().join("2026.8.0/profiles/individual-profile.jsonl.gz");
    let text = read_gz(&path);
    let document = text.lines().find(|line| line.contains(r#"\"roots\""#)).unwrap();
    let line: Value = serde_json::from_str(document).unwrap();
    let document: Value = serde_json::from_str(line["data"].as_str().unwrap()).unwrap();
    let root = &document["doc"]["roots"][0]["attributes"]["children"];
    let tools = &root[0]["attributes"]["children"];
    let (select, button) = (&tools[0]["id"], &tools[2]["id"]);

    let (events, number) = rig.ask(Ask::Update);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["kind"], "MessageSent");
    assert_eq!(events[0]["msg_data"]["name"], "button_click");
    assert_eq!(events[0]["msg_data"]["values"]["entries"][0][1]["id"], *button);
    assert!(rig.flame().asked.pending && rig.flame().note.contains("requested"));
    // The server could not.
    let page = pane("profile").unwrap().pages[0];
    let header =
        format!(r#"{{"msgid":"p1","msgtype":"ERROR","reqid":"{number}","num_buffers":0}}"#);
    for text in [&header, "{}", "{}"] {
        rig.input(Input::Text { page, text });
    }
    assert!(!rig.flame().asked.pending && rig.flame().note.contains("could not"));

    let (events, _) = rig.ask(Ask::Of("simulate".into()));
    assert_eq!(events[0]["kind"], "ModelChanged");
    assert_eq!((&events[0]["model"]["id"], &events[0]["attr"]), (select, &"value".into()));
    assert_eq!(events[0]["new"], "simulate");
    assert_eq!(events[1]["kind"], "MessageSent", "so that its activity comes, too");
    assert_eq!(rig.flame().value, "simulate");
    let (events, _) = rig.ask(Ask::Of("simulate".into()));
    assert_eq!(events.len(), 1, "what is chosen already is asked for anew");

    let times = rig.flame().profile.times_ms.clone();
    let axis = Activity::of(&rig.flame().profile).unwrap();
    let between = axis.between(&rig.flame().profile, 0.3, 0.6).unwrap();
    let (events, _) = rig.ask(Ask::Between(Some(between)));
    assert_eq!(events[0]["attr"], "indices");
    let rows: Vec<usize> =
        events[0]["new"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
    assert_eq!((times[rows[0]], times[*rows.last().unwrap()]), between);
    assert_eq!(rig.flame().asked.between, Some(between));
    // Other moments may lie in the same rows by then: the server must see a change.
    let (again, _) = rig.ask(Ask::Between(Some((between.0 - 1.0, between.1 + 1.0))));
    assert_ne!(again[0]["new"], events[0]["new"]);
    let (events, _) = rig.ask(Ask::Between(None));
    assert_eq!(events[0]["new"], serde_json::json!([]));
    assert_eq!(rig.flame().asked.between, None);
}

#[test]
fn bokeh_2_is_told_in_its_own_words() {
    let roots = r#"{"references":[{"attributes":{"label":"Update"},"id":"1005","type":"Button"},
        {"attributes":{"label":"Reset"},"id":"1004","type":"Button"},
        {"attributes":{"value":"All","options":["All","inc"]},"id":"1006","type":"Select"},
        {"attributes":{"data":{"time":[1.0],"count":[2]},"selected":{"id":"1007"}},"id":"1008","type":"ColumnDataSource"}],
        "root_ids":["1005"]}"#;
    let content = format!(r#"{{"doc":{{"version":"2.4.3","roots":{roots}}}}}"#);
    let mut document = Document::pull_whole(&content, &Buffers::default()).unwrap();
    let press: Value = serde_json::from_str(&document.controls().press(true)).unwrap();
    assert_eq!(press["msg_data"]["event_name"], "button_click");
    assert_eq!(press["msg_data"]["event_values"]["model"]["id"], "1005");
    assert_eq!(document.controls().options, ["All", "inc"]);
    assert!(document.controls().select(&[0, 0]).contains(r#""id":"1007""#));
    let chosen: Value = serde_json::from_str(&document.controls_mut().choose("a \"b\"")).unwrap();
    assert_eq!((&chosen["model"]["id"], &chosen["new"]), (&"1006".into(), &"a \"b\"".into()));
}

#[test]
fn python_3_11_is_told_as_it_is() {
    // Recorded on Python 3.11: Dask's page says that profiling is disabled, and shows a profile.
    let rig = Rig::played("profile", "all-pages", 9999);
    let flame = rig.flame();
    assert!(flame.profile.total() > 200.0 && close(flame.profile.total(), 221.44));
    assert!(flame.remarks[0].unwrap().contains("3.11"));
    // Of the scheduler's event loop there is none.
    match Rig::played("profile-server", "all-pages", 9999).picture() {
        Picture::Nothing(why) => assert!(why.contains("3.11"), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn parts_of_the_time() {
    let profile = profiles().next().unwrap();
    let axis = Activity::of(&profile).unwrap();
    let mut high = Vec::new();
    axis.bars(&profile, &mut |from, to, height| {
        assert!((0.0..=1.0).contains(&from) && from < to && to <= 1.0 && height > 0.0);
        high.push(height);
    });
    assert_eq!(high.len(), profile.counts.iter().filter(|count| **count > 0.0).count());
    assert!(high.iter().copied().fold(0.0, f64::max) == 1.0);
    let (first, last) = (profile.times_ms[0], *profile.times_ms.last().unwrap());
    assert_eq!(axis.between(&profile, 0.0, 1.0), Some((first, last)));
    assert_eq!(axis.between(&profile, 1.0, 0.0), Some((first, last)));
    let one = axis.between(&profile, 0.5, 0.5001).unwrap();
    assert!(one.0 <= one.1);
    let newest = axis.moved(&profile, None, -1, false);
    assert_eq!(newest, Some((last, last)));
    let (a, b) = axis.moved(&profile, newest, -2, false).unwrap();
    assert!(a == b && a < last);
    assert_eq!(axis.moved(&profile, Some((a, b)), 1, true).unwrap().0, a);
    assert!(axis.moved(&profile, Some((a, b)), 1, true).unwrap().1 > b);
    assert_eq!(axis.moved(&profile, newest, 5, true), newest);
    assert_eq!(Activity::of(&Profile::default()), None);
}

#[test]
fn places_are_cut_to_what_tells_them_apart() {
    for (file, short) in [
        ("/opt/dask/lib/python3.11/site-packages/dask/array/core.py", "dask/array/core.py:7"),
        ("/usr/lib/python3/dist-packages/numpy/lib.py", "numpy/lib.py:7"),
        ("/home/user/work/project/run.py", "project/run.py:7"),
        ("C:\\work\\project\\run.py", "project\\run.py:7"),
        ("<string>", "<string>:7"),
        ("", "no file"),
    ] {
        assert_eq!(place(file, 7, true), short);
    }
    assert_eq!(place("/a/b/c.py", 0, false), "/a/b/c.py");
}

#[test]
fn a_tree_of_callers_has_an_end() {
    // Every frame has another name: nothing can be merged.
    let mut table = Table::default();
    for i in 0..6000 {
        let depth = i % 60;
        table.column_mut("left").push_number(f64::from(i / 60) / 100.0);
        table.column_mut("right").push_number(if i == 0 {
            1.0
        } else {
            f64::from(i / 60) / 100.0 + 0.01 / f64::from(depth + 1)
        });
        table.column_mut("bottom").push_number(f64::from(depth.max(i32::from(i > 0))));
        table.column_mut("name").push_text(&format!("f{i}"));
        table.column_mut("time").push_text("100.00 s");
    }
    let profile = Profile::read(&[&table], 0.0).unwrap();
    let tree = Tree::of_callers(&profile);
    assert!(tree.cut == 0 && tree.nodes.len() > 150_000, "{} {}", tree.cut, tree.nodes.len());
    is_sound(&tree);
    // Twice as many do not fit: what is left out is counted, and no time is lost.
    let mut wide = Table::default();
    for at in 0..12_000 {
        for (name, column) in table.columns() {
            let i = at % 6000;
            match name {
                "name" => wide.column_mut(name).push_text(&format!("f{at}")),
                "time" => wide.column_mut(name).push_cell(column, i),
                "bottom" => wide.column_mut(name).push_number(if at == 6000 {
                    1.0
                } else {
                    column.number(i).unwrap()
                }),
                _ => {
                    let half = column.number(i).unwrap() / 2.0 + if at < 6000 { 0.0 } else { 0.5 };
                    wide.column_mut(name).push_number(if at == 0 {
                        column.number(0).unwrap()
                    } else {
                        half
                    });
                }
            }
        }
    }
    let profile = Profile::read(&[&wide], 0.0).unwrap();
    let tree = Tree::of_callers(&profile);
    assert!(tree.cut > 100 && tree.nodes.len() < 220_000, "{} {}", tree.cut, tree.nodes.len());
    is_sound(&tree);
    let own: f64 = profile.frames.iter().map(|frame| frame.own).sum();
    assert!(close(tree.nodes[0].total, own));
}
