//! Each lint fires on what it is about, and on nothing else.
#![allow(clippy::unwrap_used)]

use base::dict::Dict;
use base::time::{Micros, Span};
use daskscope_advice::{
    EnvironmentMismatch, Facts, Finding, Grade, Place, PrefixFacts, Recent, SlowWorker, Watch,
    look, odd,
};
use feed::progress::Counts;
use feed::workers::WorkerRow;
use live::exceptions::Kind;
use live::names::Names;
use panes::pane;

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
const S: i64 = 1_000_000;

fn worker(name: &str) -> WorkerRow {
    WorkerRow {
        name: name.into(),
        address: format!("tcp://{name}:1"),
        nthreads: Some(2.0),
        memory: Some(GIB),
        memory_limit: Some(4.0 * GIB),
        ..WorkerRow::default()
    }
}

/// A run in which all is well.
struct Run {
    workers: Vec<WorkerRow>,
    counts: Counts,
    recent: Recent,
    loop_s: Option<f64>,
    failures: Vec<Kind>,
    watch: Watch,
    mismatch: Option<&'static str>,
    odd: Option<EnvironmentMismatch>,
}

impl Run {
    fn healthy() -> Self {
        let workers: Vec<WorkerRow> = ["w1", "w2", "w3", "w4"].map(worker).to_vec();
        let mut watch = Watch::default();
        for i in 0..40 {
            watch.note(f64::from(i) * 10e3, &workers);
        }
        let prefix = PrefixFacts {
            name: "sum".into(),
            count: 2000,
            total_us: 400 * S,
            p50_us: S / 5,
            p95_us: S / 2,
            longest: Some((50 * S, S, "tcp://w1:1".into())),
            transfer_us: 20 * S,
            slow: Some(SlowWorker {
                worker: "tcp://w3:1".into(),
                count: 500,
                mean_us: S / 4,
                median_us: S / 5,
            }),
        };
        let recent = Recent {
            span: Span::new(Micros(0), Micros(120 * S)),
            counts: [2000, 300, 0, 0, 10],
            times_us: [400 * S, 20 * S, 0, 0, S],
            prefixes: vec![prefix],
        };
        let counts =
            Counts { all: 3000, memory: 1900, processing: 16, waiting: 900, ..Counts::default() };
        Self {
            workers,
            counts,
            recent,
            loop_s: None,
            failures: Vec::new(),
            watch,
            mismatch: None,
            odd: None,
        }
    }

    fn look(&self) -> Vec<Finding> {
        let mut names = Names::default();
        names.learn(&self.workers);
        look(&Facts {
            now_ms: 400e3,
            workers: &self.workers,
            names: &names,
            counts: Some(self.counts),
            recent: Some(&self.recent),
            loop_s: self.loop_s,
            stuck: &[],
            spread: None,
            failures: &self.failures,
            watch: &self.watch,
            mismatch: self.mismatch.map(|text| ("w1", text)),
            odd: self.odd.as_ref(),
        })
    }

    /// The one thing that is found after a change.
    fn with(change: impl FnOnce(&mut Self)) -> Finding {
        let mut run = Self::healthy();
        change(&mut run);
        let mut found = run.look();
        assert_eq!(found.len(), 1, "{:?}", found.iter().map(|one| one.id).collect::<Vec<_>>());
        let finding = found.remove(0);
        assert!(
            !finding.title.is_empty() && !finding.remedy.is_empty() && !finding.places.is_empty()
        );
        assert!(finding.evidence.contains(|c: char| c.is_ascii_digit()), "{}", finding.evidence);
        for place in &finding.places {
            match place {
                Place::Pane(id) => {
                    assert!(["workers", "progress"].contains(id) || pane(id).is_some(), "{id}");
                }
                Place::Stream { query, .. } => {
                    let mut stream = stream::TaskStreamModel::default();
                    stream.set_filter(query);
                    assert_eq!(stream.fault(), None, "{query}");
                }
            }
        }
        finding
    }

    /// Nothing is found after a change.
    fn quiet(change: impl FnOnce(&mut Self)) {
        let mut run = Self::healthy();
        change(&mut run);
        assert_eq!(run.look(), []);
    }
}

#[test]
fn a_healthy_run_is_not_talked_about() {
    Run::quiet(|_| {});
    // Nor is one that has not begun.
    let watch = Watch::default();
    let nothing = Facts {
        now_ms: 0.0,
        workers: &[],
        names: &Names::default(),
        counts: None,
        recent: None,
        loop_s: None,
        stuck: &[],
        spread: None,
        failures: &[],
        watch: &watch,
        mismatch: None,
        odd: None,
    };
    assert_eq!(look(&nothing), []);
    assert_eq!(look(&Facts { counts: Some(Counts::default()), ..nothing }), []);
}

#[test]
fn transfers() {
    let found = Run::with(|run| run.recent.times_us[1] = 300 * S);
    assert_eq!(
        (found.id, found.title.ends_with("take 43 % of the time")),
        ("transfers", true),
        "{}",
        found.title
    );
    assert!(found.evidence.contains("sum"), "{}", found.evidence);
    Run::quiet(|run| run.recent.times_us[1] = 100 * S);
    Run::quiet(|run| {
        // One large result, moved a few times.
        (run.recent.times_us[1], run.recent.counts[1]) = (400 * S, 9);
    });
    Run::quiet(|run| {
        // A share of little.
        (run.recent.times_us, run.recent.prefixes) = ([S, 9 * S, 0, 0, 0], vec![]);
    });
}

#[test]
fn memory() {
    let found = Run::with(|run| run.workers[2].memory = Some(3.4 * GIB));
    assert_eq!((found.id, found.grade), ("memory-full", Grade::Bad));
    assert!(found.evidence.starts_with("Worker w3 uses 85 %"), "{}", found.evidence);
    Run::quiet(|run| run.workers[2].memory = Some(3.1 * GIB));
    Run::quiet(|run| run.workers[2].memory_limit = None);
    let found = Run::with(|run| run.workers[1].spilled = Some(GIB));
    assert_eq!(found.id, "spilling");
    assert!(found.evidence.contains("1.00 GiB on the disks of 1 worker"), "{}", found.evidence);
    Run::quiet(|run| run.workers[1].spilled = Some(GIB / 100.0));
}

#[test]
fn memory_that_grows() {
    let grow = |bytes: &dyn Fn(f64) -> f64| {
        let bytes: Vec<f64> = (0..40).map(|i| bytes(f64::from(i) / 39.0)).collect();
        move |run: &mut Run| {
            run.watch = Watch::default();
            for (i, bytes) in bytes.iter().enumerate() {
                run.workers[0].unmanaged_old = Some(*bytes);
                run.watch.note(i as f64 * 10e3, &run.workers);
            }
        }
    };
    let found = Run::with(grow(&|at| at * 3.0 * GIB));
    assert_eq!(found.id, "unmanaged");
    // Imports and caches fill at first, and then no more.
    Run::quiet(grow(&|at| (at * 8.0).min(1.0) * 3.0 * GIB));
    Run::quiet(grow(&|at| 2.0 * GIB + at * 0.3 * GIB));
    Run::quiet(grow(&|at| if at < 0.5 { GIB } else { 3.0 * GIB }));
    // Two steps: each worker imports the library of its first task.
    Run::quiet(grow(&|at| GIB + f64::from(u8::from(at > 0.3) + u8::from(at > 0.6)) * GIB));
}

#[test]
fn stragglers() {
    let found = Run::with(|run| {
        run.recent.prefixes[0].longest = Some((50 * S, 9 * S, "tcp://w2:1".into()));
    });
    assert_eq!(found.id, "straggler-task");
    assert!(found.evidence.contains("took 9.00 s on worker w2"), "{}", found.evidence);
    let Place::Stream { query, span: Some(span) } = &found.places[0] else { panic!("{found:?}") };
    assert_eq!(query, "prefix:sum dur>=9000ms");
    assert!(span.start.0 < 50 * S && span.end.0 > 59 * S);
    Run::quiet(|run| run.recent.prefixes[0].longest = Some((0, 2 * S, "tcp://w2:1".into())));
    Run::quiet(|run| {
        // Five times nothing is nothing.
        let prefix = &mut run.recent.prefixes[0];
        prefix.p95_us = S / 20;
        prefix.longest = Some((0, 2 * S, "w".into()));
    });
    Run::quiet(|run| {
        let prefix = &mut run.recent.prefixes[0];
        (prefix.count, prefix.longest) = (5, Some((0, 9 * S, "w".into())));
    });
    let found = Run::with(|run| run.recent.prefixes[0].slow.as_mut().unwrap().mean_us = S);
    assert_eq!((found.id, found.title.contains("w3")), ("straggler-worker", true));
    // Of one that has left there is nothing to do.
    Run::quiet(|run| {
        let slow = run.recent.prefixes[0].slow.as_mut().unwrap();
        (slow.mean_us, slow.worker) = (S, "tcp://old:1".into());
    });
    Run::quiet(|run| {
        let slow = run.recent.prefixes[0].slow.as_mut().unwrap();
        (slow.count, slow.mean_us) = (9, S / 2);
    });
}

#[test]
fn idle_threads_while_tasks_wait() {
    let found = Run::with(|run| (run.counts.processing, run.counts.queued) = (1, 300));
    assert_eq!(found.id, "idle");
    assert!(found.evidence.starts_with("At least 7 of 8 threads"), "{}", found.evidence);
    Run::with(|run| (run.counts.processing, run.counts.waiting) = (1, 4));
    Run::quiet(|run| run.counts.processing = 6);
    // All is done: nothing waits.
    Run::quiet(|run| run.counts = Counts { all: 9, memory: 9, ..Counts::default() });
    let found = Run::with(|run| run.counts.no_worker = 3);
    assert_eq!((found.id, found.grade), ("no-worker", Grade::Bad));
    assert!(found.remedy.contains("resources="));
    let mut paused = Run::healthy();
    (paused.counts.no_worker, paused.workers[1].memory) = (3, Some(3.4 * GIB));
    let said = paused.look();
    assert!(
        said.iter().any(|one| one.evidence.contains("Worker w2 uses 85 % of its memory limit"))
    );
    let found = Run::with(|run| {
        run.workers.clear();
        run.watch = Watch::default();
        run.counts = Counts { all: 9, waiting: 5, no_worker: 4, ..Counts::default() };
    });
    assert_eq!((found.id, found.grade), ("no-worker", Grade::Note));
}

#[test]
fn tiny_tasks_and_a_scheduler_that_cannot_keep_up() {
    let tiny = |count: u64, total_us: i64| {
        move |run: &mut Run| {
            let prefix = &mut run.recent.prefixes[0];
            (prefix.count, prefix.total_us, prefix.p50_us) = (count, total_us, 90);
        }
    };
    let found = Run::with(tiny(20_000, 2 * S));
    assert_eq!(found.id, "tiny-tasks");
    assert!(found.evidence.contains("20.00 s in all: 10.0 times as long"), "{}", found.evidence);
    Run::quiet(tiny(900, S / 10));
    Run::quiet(tiny(20_000, 21 * S));
    Run::quiet(|run| {
        // A handful of seconds beside minutes of real work.
        let mut small = run.recent.prefixes[0].clone();
        (small.count, small.total_us, small.name) = (5000, S, "small".into());
        run.recent.prefixes.push(small);
    });
    assert_eq!(Run::with(|run| run.loop_s = Some(0.4)).id, "scheduler");
}

/// A worker's log says so.
const TABLE: &str = "Mismatched versions found\n\n+---------+--------+-----------+---------+\n\
                     | Package | Worker | Scheduler | Workers |\n+---------+--------+-----------+---------+\n\
                     | numpy   | 1.26.0 | 2.1.0     | None    |\n+---------+--------+-----------+---------+";

#[test]
fn failures_and_environments() {
    let kind = |what: &str, count| Kind {
        what: what.into(),
        traceback: "line 1".into(),
        task: "bad-1".into(),
        workers: vec!["tcp://w1:1".into()],
        count,
        times: None,
    };
    let found =
        Run::with(|run| run.failures = vec![kind("ValueError('x')", 7), kind("KeyError(1)", 2)]);
    assert_eq!((found.id, found.title.as_str()), ("failures", "7 × ValueError"));
    assert!(found.evidence.contains("Known failures in all: 9."), "{}", found.evidence);
    let found = Run::with(|run| {
        run.failures = vec![Kind { task: "bad".into(), count: 12, ..Kind::default() }];
    });
    assert_eq!(found.title, "12 tasks of bad failed");
    Run::quiet(|run| run.failures = vec![kind("ValueError('x')", 4)]);
    for what in [
        "ModuleNotFoundError(\"No module named 'mine'\")",
        "AttributeError(\"Can't get attribute 'f' on <module '__main__'>\")",
        "ValueError('unsupported pickle protocol: 5')",
    ] {
        let found = Run::with(|run| run.failures = vec![kind(what, 1)]);
        assert_eq!((found.id, found.grade), ("environment", Grade::Bad), "{what}");
    }
    // The tasks and the workers are those of all kinds, whatever the text is of.
    let import = |what: &str, workers: &[&str], count| Kind {
        workers: workers.iter().map(|at| (*at).to_owned()).collect(),
        ..kind(what, count)
    };
    let kinds = vec![
        import("ImportError('x')", &["tcp://w1:1"], 16),
        import("ModuleNotFoundError('y')", &["tcp://w1:1", "tcp://w2:1"], 14),
    ];
    let found = Run::with(|run| run.failures = kinds.clone());
    let said = "30 tasks failed for want of what the client has: for example ImportError('x'), on 2 workers.";
    assert_eq!(found.evidence, said);
    // Beside all by prefix, once they are many.
    let found = Run::with(|run| {
        run.failures = vec![import("ImportError('x')", &["tcp://w1:1"], 16), kind("", 4)];
    });
    assert!(found.evidence.starts_with("At least 16 tasks failed"), "{}", found.evidence);
    let found = Run::with(|run| run.mismatch = Some(TABLE));
    assert!(found.evidence.contains("numpy 1.26.0 2.1.0 None"), "{}", found.evidence);
}

#[test]
fn an_environment_that_was_not_asked_for() {
    let options = |text: &str| serde_json::from_str::<serde_json::Map<_, _>>(text).unwrap();
    let none = serde_json::Map::new();
    let runs = options(
        r#"{"conda_environment": "dask-2024", "environment": {"KEY": "secret"}, "cores": "2", "Image": "a:1"}"#,
    );
    let asked = options(
        r#"{"conda_environment": "dask-2026", "environment": {"KEY": "other"}, "cores": "4", "Image": "a:1"}"#,
    );
    let named = |texts: &[&str]| {
        texts
            .iter()
            .enumerate()
            .map(|(at, text)| (at.to_string(), options(text)))
            .collect::<Dict<_>>()
    };
    let presets = named(&[
        r#"{"conda_environment": "base"}"#,
        r#"{"conda_environment": "base", "Image": "b:2"}"#,
        r#"{"conda_environment": "gpu", "Image": 7}"#,
    ]);
    let empty = Dict::new();
    let said = |wanted, presets| odd(&runs, wanted, presets).map(|odd| (odd.preset, odd.evidence));
    assert_eq!(said(&none, &empty), None, "nothing to compare it with");
    let evidence = "conda_environment is \u{201c}dask-2024\u{201d}, according to the gateway. You requested dask-2026.";
    assert_eq!(said(&asked, &empty), Some((false, evidence.into())));
    let evidence = "Image is \u{201c}a:1\u{201d}, but your presets have b:2.";
    assert_eq!(said(&none, &presets), Some((true, evidence.into())));
    assert_eq!(said(&runs, &presets), None, "as it was asked for, whatever presets have");
    let same =
        named(&[r#"{"conda_environment": "dask-2024"}"#, r#"{"conda_environment": "base"}"#]);
    assert_eq!(said(&none, &same), None, "one of them has it");
    let other = named(&[r#"{"conda_environment": "gpu"}"#, r#"{"conda_environment": "base"}"#]);
    assert!(said(&none, &other).unwrap().1.ends_with("but your presets have gpu, base."));

    let found = Run::with(|run| run.odd = odd(&runs, &asked, &presets));
    assert_eq!((found.id, found.grade), ("environment-option", Grade::Warn));
    let found = Run::with(|run| run.odd = odd(&runs, &none, &presets));
    assert_eq!((found.id, found.grade), ("environment-option", Grade::Note));
}

#[test]
fn restarts() {
    let restart = |names: &'static [&'static str]| {
        move |run: &mut Run| {
            for row in &mut run.workers {
                if names.contains(&row.name.as_str()) {
                    row.address = format!("tcp://{}:2", row.name);
                }
            }
            run.watch.note(395e3, &run.workers);
        }
    };
    let found = Run::with(restart(&["w2"]));
    assert_eq!((found.id, found.grade), ("restarts", Grade::Warn));
    assert!(found.evidence.starts_with("w2:"), "{}", found.evidence);
    let found = Run::with(restart(&["w1", "w2", "w3", "w4"]));
    assert_eq!((found.grade, found.title.as_str()), (Grade::Note, "All workers restarted"));
    // Fewer, and others, are scaling.
    Run::quiet(|run| {
        run.workers.truncate(3);
        run.workers.push(worker("w9"));
        run.watch.note(395e3, &run.workers);
    });
}
