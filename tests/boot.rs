//! `www/boot.js` speaks to a scheduler before the program is there, in words that `crates/feed` gives it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use base::base64::decode;
use feed::bokeh::message::{FIRST_ID, pull_request};
use feed::bokeh::token::{LIFE_S, mint};
use feed::pool::DashboardPage;
use feed::session::{Command, Config, Event, Session};

/// Between these lines of boot.js stands what is written here.
const BEGIN: &str = "// What is said first to a scheduler, in the words of crates/feed: written by DASKSCOPE_BLESS=1 cargo test --test boot\n";
const END: &str = "// End of what is written so.\n";

/// The words, as a script.
fn words() -> String {
    let mut session = Session::new(DashboardPage::TaskStream, 1, Config::default());
    let mut out = Vec::new();
    session.handle(0.0, Event::Start, &mut out);
    let Some((path, [protocol, _])) = out.iter().find_map(|command| match command {
        Command::Connect { path, protocols } => Some((path, protocols)),
        _ => None,
    }) else {
        panic!("a session begins with a socket: {out:?}")
    };
    // A token that is made at the time 0 ends when it is as old as they get.
    let token = String::from_utf8(decode(&mint("ID", 0.0)).unwrap()).unwrap();
    let life = LIFE_S.to_string();
    assert!(token.contains(&life) && token.matches("ID").count() == 1, "{token}");
    let token = token.replace(&life, "EXPIRY");
    let ask = pull_request(FIRST_ID);
    // A greeting has no buffers, like a request: as many frames.
    let greeting = ask.len();
    let ask = ask.map(|frame| format!("'{frame}'")).join(", ");
    format!(
        "const FIRST = {{\n  path: '/{}',\n  protocol: '{protocol}',\n  token: '{token}',\n  life: {life},\n  greeting: {greeting},\n  ask: [{ask}],\n}};\n",
        path.trim_start_matches('/')
    )
}

#[test]
fn the_page_speaks_as_the_program_does() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("www/boot.js");
    let script = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = script.split_once(BEGIN).expect("the line where the words begin");
    let (now, after) = rest.split_once(END).expect("the line where the words end");
    let words = words();
    if std::env::var_os("DASKSCOPE_BLESS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{words}{END}{after}")).unwrap();
    } else {
        assert_eq!(now, words, "to write it anew: DASKSCOPE_BLESS=1 cargo test --test boot");
    }
    assert!(!after.contains("PULL-DOC-REQ") && !before.contains("session_id"), "written once");
}
