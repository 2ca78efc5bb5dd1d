//! The sessions of four dashboard pages, and the merge of their tasks, behind standard input and output: one JSON object
//! on each line, both ways. `tests/feed_live/live.py` holds the sockets and compares with what a real scheduler ran.

use std::io::{BufRead, Write};

use base::task::Action;
use feed::bokeh::encoding::base64;
use feed::merge::{Merge, MergeEvent, Source};
use feed::pool::DashboardPage;
use feed::session::{Command, Config, Event, Session, Update};
use serde_json::{Value, json};

/// A task that the merge has given, where it stands now.
struct Held {
    timebase: u32,
    start: i64,
    /// Key, action, whether it failed, thread, duration in microseconds.
    row: (String, Action, bool, String, i64),
}

fn main() {
    let pages = [
        DashboardPage::TaskStream,
        DashboardPage::Tasks,
        DashboardPage::Progress,
        DashboardPage::Workers,
    ];
    let mut sessions: Vec<Session> = (1..)
        .zip(pages)
        .map(|(i, page)| {
            Session::new(page, u64::from(std::process::id()) << 8 | i, Config::default())
        })
        .collect();
    let mut merge = Merge::default();
    let mut held: Vec<Held> = Vec::new();
    let mut commands = Vec::new();
    let mut stdout = std::io::stdout().lock();
    let mut say = |value: Value| {
        let _ = writeln!(stdout, "{value}");
        let _ = stdout.flush();
    };
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
        let now = line["t"].as_f64().unwrap_or(0.0);
        let at = line["p"].as_u64().unwrap_or(0) as usize;
        let text = line["d"].as_str().unwrap_or("");
        let bytes = base64(line["b"].as_str().unwrap_or("")).unwrap_or_default();
        let event = match line["e"].as_str().unwrap_or("") {
            "start" => Event::Start,
            "opened" => Event::Opened,
            "text" => Event::Text(text),
            "binary" => Event::Binary(&bytes),
            "closed" => Event::Closed {
                code: line["code"].as_u64().unwrap_or(1006) as u16,
                clean: line["clean"] == true,
            },
            "refresh" => Event::Refresh,
            "stop" => Event::Stop,
            "dump" => {
                let mut gaps = Vec::new();
                merge.gaps(now, &mut gaps);
                let rows: Vec<Value> = held
                    .iter()
                    .map(|held| {
                        let (key, action, erred, thread, duration) = &held.row;
                        json!([key, action.name(), erred, thread, held.start, duration])
                    })
                    .collect();
                let states: Vec<&str> =
                    sessions.iter().map(|session| session.state().name()).collect();
                let counters: Vec<String> =
                    sessions.iter().map(|session| format!("{:?}", session.counters())).collect();
                say(json!({"c": "dump", "rows": rows, "gaps": format!("{gaps:?}"),
                    "stats": format!("{:?}", merge.stats()), "states": states,
                    "counters": counters}));
                continue;
            }
            _ => Event::Tick,
        };
        let Some(session) = sessions.get_mut(at) else { continue };
        session.handle(now, event, &mut commands);
        let mut changed = false;
        for command in commands.drain(..) {
            match command {
                Command::Connect { path, protocols } => {
                    say(json!({"p": at, "c": "connect", "path": path, "protocols": protocols}));
                }
                Command::ReadPage { path } => say(json!({"p": at, "c": "read", "path": path})),
                Command::Send(frame) => say(json!({"p": at, "c": "send", "d": frame})),
                Command::Close => say(json!({"p": at, "c": "close"})),
                Command::Wake { at_ms } => say(json!({"p": at, "c": "wake", "at": at_ms})),
                Command::StateChanged => changed = true,
                Command::Update(Update::Tasks(batch)) => {
                    let source = if at == 0 { Source::Fast } else { Source::Slow };
                    merge.push(source, &batch, now, &mut |out| match out {
                        MergeEvent::Task(task) => held.push(Held {
                            timebase: task.timebase,
                            start: task.start.0,
                            row: (
                                task.key.into(),
                                task.action,
                                task.erred,
                                task.thread.into(),
                                task.duration.0,
                            ),
                        }),
                        MergeEvent::Shift { timebase, by } => {
                            for row in held.iter_mut().filter(|row| row.timebase == timebase) {
                                row.start += by.0;
                            }
                        }
                        MergeEvent::Fold { timebase, into } => {
                            for row in held.iter_mut().filter(|row| row.timebase == timebase) {
                                row.timebase = into;
                            }
                        }
                    });
                }
                Command::Update(Update::Progress(progress)) => {
                    say(json!({"p": at, "c": "progress", "rows": progress.rows.len(),
                        "totals": format!("{:?}", progress.totals)}));
                }
                Command::Update(Update::Whole(_) | Update::Server(_)) => {}
                Command::Update(Update::Workers(workers)) => {
                    say(json!({"p": at, "c": "workers", "rows": workers.rows.len()}));
                }
            }
        }
        if changed {
            say(json!({"p": at, "c": "state", "state": format!("{:?}", session.state())}));
        }
    }
}
