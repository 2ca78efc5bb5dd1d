//! The session's states: what a person sees while sockets come and go.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use feed::bokeh::message::{FIRST_ID, pull_request};
use feed::bokeh::token::mint;
use feed::pool::DashboardPage;
use feed::session::{Command, Config, Event, Server, Session, State, Update};

struct Rig {
    session: Session,
    now: f64,
    out: Vec<Command>,
}

impl Rig {
    fn new(page: DashboardPage) -> Self {
        let session = Session::new(page, 0xabcd, Config::default());
        Self { session, now: 1_795_353_600_000.0, out: Vec::new() }
    }

    fn event(&mut self, event: Event<'_>) {
        self.session.handle(self.now, event, &mut self.out);
    }

    fn texts(&mut self, frames: [&str; 3]) {
        for frame in frames {
            self.event(Event::Text(frame));
        }
    }

    /// The token of the connection asked for since the last call.
    fn token(&mut self) -> Option<String> {
        let token = self.out.iter().find_map(|command| match command {
            Command::Connect { protocols, .. } => Some(protocols[1].clone()),
            _ => None,
        });
        self.out.clear();
        token
    }

    fn ack(&mut self) {
        self.event(Event::Opened);
        self.texts([r#"{"msgid":"p1","msgtype":"ACK"}"#, "{}", "{}"]);
    }

    /// Answers the newest pull with an empty worker table.
    fn reply(&mut self) {
        self.reply_with("p9");
    }

    fn reply_with(&mut self, id: &str) {
        let asked = self.out.iter().rev().find_map(|command| match command {
            Command::Send(frame) if frame.contains("PULL-DOC-REQ") => {
                let value: serde_json::Value = serde_json::from_str(frame).unwrap();
                Some(value["msgid"].as_str().unwrap().to_string())
            }
            _ => None,
        });
        let header = format!(
            r#"{{"msgid":"p2","msgtype":"PULL-DOC-REPLY","reqid":"{}"}}"#,
            asked.expect("no pull asked for")
        );
        let doc = r#"{"doc":{"version":"3.9.2","roots":[{"type":"object","name":"ColumnDataSource","id":"p9",
            "attributes":{"data":{"type":"map","entries":[["name",[]],["address",[]],["nthreads",[]],
            ["cpu",[]],["memory",[]],["memory_limit",[]]]}}}]}}"#;
        self.out.clear();
        self.texts([&header, "{}", &doc.replace("p9", id)]);
    }

    fn live(page: DashboardPage) -> Self {
        let mut rig = Self::new(page);
        rig.event(Event::Start);
        assert_eq!(*rig.session.state(), State::Connecting);
        rig.ack();
        rig.reply();
        assert_eq!(*rig.session.state(), State::Live);
        assert_eq!(rig.session.bokeh_version(), "3.9.2");
        rig
    }

    /// Lets time pass, waking whenever asked to.
    fn pass(&mut self, ms: f64) {
        let end = self.now + ms;
        while self.now < end {
            self.now = (self.now + 100.0).min(end);
            self.event(Event::Tick);
        }
    }

    fn lose(&mut self) {
        self.out.clear();
        self.event(Event::Closed { code: 1006, clean: false });
    }
}

#[test]
fn idle_is_not_stale_but_silence_after_a_question_is() {
    let mut rig = Rig::live(DashboardPage::Workers);
    rig.out.clear();
    rig.pass(5200.0);
    let asked = |rig: &Rig| {
        rig.out.iter().any(|c| matches!(c, Command::Send(f) if f.contains("SERVER-INFO-REQ")))
    };
    assert!(asked(&rig));
    assert_eq!(*rig.session.state(), State::Live);
    let info = r#"{"version_info":{"bokeh":"3.9.2","server":"3.9.2"}}"#;
    rig.texts([r#"{"msgid":"p3","msgtype":"SERVER-INFO-REPLY","reqid":"2"}"#, "{}", info]);
    assert_eq!(rig.session.server_version(), "3.9.2");
    rig.pass(9000.0);
    assert_eq!(*rig.session.state(), State::Live);
    rig.pass(2000.0);
    assert_eq!(rig.session.state().name(), "stale");
    rig.texts([r#"{"msgid":"p4","msgtype":"SERVER-INFO-REPLY","reqid":"3"}"#, "{}", info]);
    assert_eq!(*rig.session.state(), State::Live);
    rig.pass(40_000.0);
    assert!(matches!(rig.session.state().name(), "retrying" | "connecting"));
}

#[test]
fn reattaches_while_the_server_keeps_the_session() {
    let mut rig = Rig::live(DashboardPage::Workers);
    rig.lose();
    assert_eq!(rig.session.state().name(), "retrying");
    assert!(rig.session.state().seconds_left(rig.now).unwrap() <= 1);
    rig.pass(600.0);
    let again = rig.token().expect("a new connection");
    rig.ack();
    rig.reply();
    rig.lose();
    rig.now += 20_000.0;
    rig.event(Event::Online);
    let other = rig.token().expect("at once, when online");
    let id = |token: &str| token[..40].to_string();
    let mut first = Rig::new(DashboardPage::Workers);
    first.event(Event::Start);
    assert_eq!(id(&again), id(&first.token().unwrap()));
    assert_ne!(again, other);
    assert_eq!(rig.session.counters().reconnects, 2);
}

#[test]
fn a_refused_token_leads_to_the_servers_own() {
    let mut rig = Rig::new(DashboardPage::Progress);
    rig.event(Event::Start);
    rig.event(Event::Opened);
    rig.out.clear();
    rig.event(Event::Closed { code: 1005, clean: true });
    assert!(
        matches!(&rig.out[0], Command::ReadPage { path } if path.starts_with("/individual-progress/autoload.js?"))
    );
    rig.out.clear();
    let body = r#"[{\"token\":\"eyJzZXNzaW9uX2lkIjogImMxOTJjYWQ1\",\"roots\":{}}]"#;
    rig.event(Event::PageRead { status: 200, body });
    assert_eq!(rig.token().as_deref(), Some("eyJzZXNzaW9uX2lkIjogImMxOTJjYWQ1"));
    // Refused again and again: that is for people.
    for _ in 0..3 {
        rig.event(Event::Opened);
        rig.event(Event::Closed { code: 1005, clean: true });
        rig.pass(25_000.0);
        rig.event(Event::PageRead { status: 200, body });
    }
    assert!(
        matches!(rig.session.state(), State::Failed { advice, .. } if advice.contains("BOKEH"))
    );
    rig.out.clear();
    rig.event(Event::Retry);
    assert!(
        rig.out.iter().any(|c| matches!(c, Command::ReadPage { .. } | Command::Connect { .. }))
    );
}

#[test]
fn a_page_that_never_answers_is_tried_for_ever_but_not_often() {
    let mut rig = Rig::new(DashboardPage::Tasks);
    rig.event(Event::Start);
    let mut attempts = 0;
    let mut seconds = 0.0;
    while attempts < 30 {
        rig.event(Event::Closed { code: 1006, clean: false });
        let left = rig.session.state().seconds_left(rig.now).expect("a countdown");
        assert!(left <= 20);
        seconds += f64::from(left);
        rig.out.clear();
        rig.pass(f64::from(left) * 1000.0 + 100.0);
        assert!(rig.token().is_some());
        attempts += 1;
    }
    assert!(seconds > 200.0, "{seconds}");
}

#[test]
fn a_doubtful_patch_is_mended_by_a_pull() {
    let mut rig = Rig::live(DashboardPage::Workers);
    rig.out.clear();
    let header = r#"{"msgid":"p5","msgtype":"PATCH-DOC"}"#;
    let bad = r#"{"events":[{"kind":"ColumnDataChanged","model":{"id":"p9"},"data":{"type":"map","entries":[["cpu",7]]}}]}"#;
    rig.texts([header, "{}", bad]);
    assert_eq!(rig.session.counters().dropped, 1);
    rig.pass(2100.0);
    rig.texts([header, "{}", r#"{"events":[]}"#]);
    assert_eq!(rig.session.counters().superseded, 1);
    rig.reply();
    assert_eq!(*rig.session.state(), State::Live);
    assert!(rig.out.iter().any(|c| matches!(c, Command::Update(Update::Workers(_)))));
}

#[test]
fn hidden_pages_close_and_come_back() {
    let mut rig = Rig::live(DashboardPage::Workers);
    rig.out.clear();
    rig.event(Event::Hidden);
    assert!(matches!(rig.out[0], Command::Close));
    assert_eq!(*rig.session.state(), State::Off);
    rig.event(Event::Shown);
    assert!(rig.token().is_some());
    // What must not lose rows stays.
    let mut rig = Rig::new(DashboardPage::TaskStream);
    rig.event(Event::Start);
    rig.out.clear();
    rig.event(Event::Hidden);
    assert!(rig.out.is_empty());
}

#[test]
fn a_refresh_is_not_seen() {
    let mut rig = Rig::live(DashboardPage::Workers);
    rig.out.clear();
    rig.event(Event::Refresh);
    assert!(matches!(rig.out[0], Command::Close));
    assert_eq!(*rig.session.state(), State::Live);
    assert!(rig.token().is_some());
    rig.ack();
    rig.reply();
    assert_eq!(*rig.session.state(), State::Live);
    assert_eq!(rig.session.counters().reconnects, 0);
    rig.out.clear();
    rig.event(Event::Stop);
    assert!(matches!(rig.out[0], Command::Close));
    rig.pass(60_000.0);
    assert_eq!(*rig.session.state(), State::Off);
}

#[test]
fn a_page_without_its_source_has_failed() {
    let mut rig = Rig::new(DashboardPage::Progress);
    rig.event(Event::Start);
    rig.ack();
    rig.reply();
    assert_eq!(rig.session.state().name(), "failed");
}

/// What the newest document says of the scheduler.
fn server(rig: &Rig) -> Server {
    let said = rig.out.iter().find_map(|command| match command {
        Command::Update(Update::Server(server)) => Some(*server),
        _ => None,
    });
    said.unwrap()
}

#[test]
fn another_session_proves_another_scheduler_only_while_the_first_would_be_kept() {
    for (slow_ms, want) in [(9_000.0, Server::Other), (16_000.0, Server::Unknown)] {
        let mut rig = Rig::live(DashboardPage::Workers);
        rig.event(Event::Prove);
        rig.pass(slow_ms);
        rig.ack();
        // Once the session is found, the document may take its time.
        rig.pass(30_000.0);
        rig.reply_with("p10");
        assert_eq!(server(&rig), want, "{slow_ms} ms");
    }
    // A token that is refused meanwhile leads to a session of its own.
    let mut rig = Rig::live(DashboardPage::Workers);
    rig.event(Event::Prove);
    rig.event(Event::Opened);
    rig.event(Event::Closed { code: 1005, clean: true });
    let body = r#"[{\"token\":\"eyJzZXNzaW9uX2lkIjogImMxOTJjYWQ1\",\"roots\":{}}]"#;
    rig.event(Event::PageRead { status: 200, body });
    rig.ack();
    rig.reply_with("p10");
    assert_eq!(server(&rig), Server::Unknown);
}

#[test]
fn the_session_that_was_begun_before_the_program_came_is_the_one_that_is_proved() {
    let mut rig = Rig::new(DashboardPage::Workers);
    rig.event(Event::Start);
    rig.event(Event::Session { id: "0123abcd", asked: false });
    rig.ack();
    rig.reply_with("p10");
    rig.out.clear();
    rig.event(Event::Prove);
    assert_eq!(rig.token(), Some(mint("0123abcd", rig.now)), "none of its own");
    rig.ack();
    rig.reply_with("p10");
    assert_eq!(server(&rig), Server::Same);
}

#[test]
fn a_document_that_was_asked_for_before_the_program_came_is_not_asked_for_again() {
    let mut rig = Rig::new(DashboardPage::Workers);
    rig.event(Event::Start);
    rig.event(Event::Session { id: "0123abcd", asked: true });
    rig.out.clear();
    rig.ack();
    assert!(!rig.out.iter().any(|command| matches!(command, Command::Send(_))), "{:?}", rig.out);
    // The answer to what was asked in its name is the session's.
    rig.out.extend(pull_request(FIRST_ID).map(Command::Send));
    rig.reply();
    assert_eq!(*rig.session.state(), State::Live);
    // What it asks itself goes under other numbers, and on another socket it asks for the document.
    rig.event(Event::Prove);
    rig.out.clear();
    rig.ack();
    assert!(
        rig.out.iter().any(|command| {
            matches!(command, Command::Send(text) if *text == pull_request(FIRST_ID + 1)[0])
        }),
        "{:?}",
        rig.out
    );
}
