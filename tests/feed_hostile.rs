//! Whatever a socket brings, nothing panics; and what can be mended is.
#![allow(clippy::unwrap_used)]

mod feed_common;
mod fuzz;

use feed::merge::{Merge, Source};
use feed::pool::DashboardPage;
use feed::session::{Command, Config, Event, Session, State, Update};
use feed::{counts, metrics};
use feed_common::{Frame, fixtures, frames, read_gz};
use proptest::prelude::*;

fn feed(page: DashboardPage, frames: &[(f64, Frame)]) -> Session {
    let mut session = Session::new(page, 5, Config::default());
    let mut merge = Merge::default();
    let mut out = Vec::new();
    let mut now = 1_795_353_600_000.0;
    session.handle(now, Event::Start, &mut out);
    session.handle(now, Event::Opened, &mut out);
    for (_, frame) in frames {
        now += 20.0;
        match frame {
            Frame::Text(text) => session.handle(now, Event::Text(text), &mut out),
            Frame::Binary(bytes) => session.handle(now, Event::Binary(bytes), &mut out),
        }
        for command in out.drain(..) {
            if let Command::Update(Update::Tasks(batch)) = command {
                merge.push(Source::Fast, &batch, now, &mut |_| {});
            }
        }
        session.handle(now, Event::Tick, &mut out);
        // Out of step: begin again, as a caller would.
        if matches!(session.state(), State::Retrying { .. } | State::Failed { .. }) {
            session.handle(now, Event::Retry, &mut out);
            session.handle(now, Event::Opened, &mut out);
        }
    }
    session
}

/// The first frames of a recording: enough for the pull and some patches of every kind.
fn some(name: &str, count: usize) -> Vec<(f64, Frame)> {
    let mut frames = frames(&fixtures().join(name));
    frames.truncate(count);
    frames
}

const FILES: [(&str, DashboardPage); 6] = [
    ("2026.8.0/via-gateway/individual-task-stream.jsonl.gz", DashboardPage::TaskStream),
    ("2026.8.0/pages/individual-task-stream.jsonl.gz", DashboardPage::TaskStream),
    ("2026.8.0/pages/individual-progress.jsonl.gz", DashboardPage::Progress),
    ("2024.5.0/pages/individual-task-stream-tuple-keys.jsonl.gz", DashboardPage::TaskStream),
    ("2023.3.0/pages/tasks.jsonl.gz", DashboardPage::Tasks),
    ("2023.3.0/pages/individual-workers.jsonl.gz", DashboardPage::Workers),
];

fn mutate(frames: &mut Vec<(f64, Frame)>, which: usize, how: u8, at: usize, byte: u8) {
    if frames.is_empty() {
        return;
    }
    let which = which % frames.len();
    match how % 6 {
        0 => {
            frames.remove(which);
        }
        1 => {
            let frame = frames[which].clone();
            frames.insert(at % frames.len(), frame);
        }
        2 => {
            let other = at % frames.len();
            frames.swap(which, other);
        }
        how => {
            match &mut frames[which].1 {
                Frame::Text(text) => {
                    let mut bytes = text.clone().into_bytes();
                    if bytes.is_empty() {
                        return;
                    }
                    let at = at % bytes.len();
                    match how {
                        3 => bytes[at] = byte,
                        4 => bytes.truncate(at),
                        _ => drop(bytes.splice(
                            at..at,
                            br#"{"type":"map","entries":[[1e999,-]"#.iter().copied(),
                        )),
                    }
                    *text = String::from_utf8_lossy(&bytes).into_owned();
                }
                Frame::Binary(bytes) => {
                    if bytes.is_empty() {
                        return;
                    }
                    let at = at % bytes.len();
                    match how {
                        3 => bytes[at] = byte,
                        4 => bytes.truncate(at),
                        _ => bytes.insert(at, byte),
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: fuzz::cases(150), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_frame_panics(
        file in 0..FILES.len(),
        edits in prop::collection::vec((0..60usize, any::<u8>(), any::<usize>(), any::<u8>()), 1..6),
    ) {
        let (name, page) = FILES[file];
        let mut frames = some(name, 60);
        for (which, how, at, byte) in edits {
            mutate(&mut frames, which, how, at, byte);
        }
        feed(page, &frames);
    }

    #[test]
    fn no_text_panics(text in ".{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let frames = [(0.0, Frame::Text(text.clone())), (0.0, Frame::Binary(bytes))];
        feed(DashboardPage::Tasks, &frames);
        counts::parse(&text);
        metrics::parse(&format!("{0}{text}\n{0}{{{text}", "dask_scheduler_prefix_state_totals_total"));
    }
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    for open in ["[", r#"{"attributes":"#, r#"{"data":["#, r#"{"roots":"#] {
        let mut content = String::from(r#"{"doc":{"roots":"#);
        content.push_str(&open.repeat(200_000));
        let frames = [
            r#"{"msgid":"1","msgtype":"ACK"}"#,
            "{}",
            "{}",
            r#"{"msgid":"2","msgtype":"PULL-DOC-REPLY","reqid":"1"}"#,
            "{}",
            &content,
        ]
        .map(|text| (0.0, Frame::Text(text.into())));
        assert!(feed(DashboardPage::Tasks, &frames).counters().dropped > 0);
    }
}

#[test]
fn recorded_answers() {
    for version in ["2023.3.0", "2024.5.0", "2026.8.0"] {
        let folder = fixtures().join(version).join("http");
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let text = read_gz(&path);
            if path.display().to_string().contains("counts") {
                let counts = counts::parse(&text).unwrap();
                assert!(counts.tasks > 0.0 && counts.workers == 2.0, "{}", path.display());
            } else {
                let metrics = metrics::parse(&text).unwrap();
                assert_eq!(metrics.unread, 0);
                assert!(metrics.ended > 0.0 && metrics.transitions > metrics.ended, "{metrics:?}");
            }
        }
    }
}
