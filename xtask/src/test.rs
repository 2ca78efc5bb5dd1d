//! `cargo xtask test`: the one gate.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::dist::{self, Profile};
use crate::say::{self, Result};
use crate::tools::Tools;
use crate::wasm::Toolchain;
use crate::{debian, engines, hub, python, tools};

/// What follows `--` goes to the stages that run pytest.
type Stage = fn(&[String]) -> Result<()>;

/// In the order in which they run: what fails quickly comes first.
const STAGES: [(&str, Stage); 12] = [
    ("fmt", fmt),
    ("clippy", clippy),
    ("native", native),
    ("deny", deny),
    ("gateway", gateway),
    ("clippy-wasm", clippy_wasm),
    ("browser", browser),
    ("dist", bundle),
    ("names", names),
    ("dev", dev),
    ("engines", engines),
    ("e2e", e2e),
];

/// What takes too long for every commit: `cargo xtask test --matrix`.
const MATRIX: [(&str, Stage); 2] = [("fuzz", fuzz), ("long", long)];

/// How many inputs each property is tried with in the matrix; the gate tries 256.
const FUZZ_CASES: &str = "10000";

/// Runs the stages that were named, or all.
///
/// # Errors
/// Which stages failed.
pub fn main(args: &[String]) -> Result<()> {
    let (names, passed) = match args.iter().position(|arg| arg == "--") {
        Some(at) => (&args[..at], &args[at + 1..]),
        None => (args, &[][..]),
    };
    let matrix = names.iter().any(|name| name == "--matrix");
    let stages: &[(&str, Stage)] = if matrix { &MATRIX } else { &STAGES };
    let names: Vec<&String> = names.iter().filter(|name| *name != "--matrix").collect();
    if let Some(unknown) = names.iter().find(|name| !stages.iter().any(|(stage, _)| stage == *name))
    {
        let all: Vec<&str> = stages.iter().map(|(stage, _)| *stage).collect();
        return Err(format!("there is no stage {unknown:?}; there are {}", all.join(", ")));
    }
    if matrix {
        let _ = std::fs::remove_file(table());
    }
    let mut results: Vec<(&str, Duration, Result<()>)> = Vec::new();
    for &(name, stage) in stages {
        if !names.is_empty() && !names.iter().any(|wanted| *wanted == name) {
            continue;
        }
        say::step(&format!("Stage {name}"));
        let begin = Instant::now();
        let result = stage(passed);
        if let Err(why) = &result {
            say::failure(&format!("stage {name}: {why}"));
        }
        results.push((name, begin.elapsed(), result));
    }
    say::step("Summary");
    if matrix {
        print_table(&results);
    }
    for (name, time, result) in &results {
        let word =
            if result.is_ok() { say::paint("32", "ok    ") } else { say::paint("31", "FAILED") };
        say::note(&format!("{word} {name:<12} {:>12}", say::human(*time)));
    }
    let failed: Vec<&str> =
        results.iter().filter(|(_, _, r)| r.is_err()).map(|(name, _, _)| *name).collect();
    if failed.is_empty() { Ok(()) } else { Err(format!("{} did not pass", failed.join(", "))) }
}

/// Where the end-to-end tests write down how each of them ended.
fn table() -> PathBuf {
    say::root().join("target/xtask/matrix.tsv")
}

/// What ran, how it ended and how long it took, as a table to be put into a note.
fn print_table(results: &[(&str, Duration, Result<()>)]) {
    println!("| What | Result | Time |\n|---|---|---|");
    for (name, time, result) in results {
        let what = if *name == "fuzz" {
            format!("fuzz: every property with {FUZZ_CASES} inputs")
        } else {
            format!("{name}: all")
        };
        let word = if result.is_ok() { "passed" } else { "failed" };
        println!("| {what} | {word} | {} |", say::human(*time));
    }
    for line in std::fs::read_to_string(table()).unwrap_or_default().lines() {
        let mut cells = line.split('\t');
        let (what, word) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        let seconds = cells.next().and_then(|cell| cell.parse().ok()).unwrap_or_default();
        println!("| `{what}` | {word} | {} |", say::human(Duration::from_secs_f64(seconds)));
    }
}

fn fmt(_: &[String]) -> Result<()> {
    say::run(
        say::command("cargo").args(["fmt", "--all", "--", "--check"]),
        "the sources are not formatted (or rustfmt is missing: rustup component add rustfmt). Type: cargo fmt --all",
    )
}

fn clippy(_: &[String]) -> Result<()> {
    say::run(
        say::command("cargo").args([
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]),
        "clippy has something to say (or is missing: rustup component add clippy)",
    )
}

fn clippy_wasm(_: &[String]) -> Result<()> {
    let toolchain = Toolchain::find()?;
    toolchain.clippy()?;
    let mut command = toolchain.cargo(true);
    command.args([
        "clippy",
        "--locked",
        "--target",
        "wasm32-unknown-unknown",
        "--lib",
        "--bins",
        "--test",
        "web",
        "--",
        "-D",
        "warnings",
    ]);
    say::run(&mut command, "clippy has something to say about the browser's side")
}

fn native(_: &[String]) -> Result<()> {
    say::run(
        say::command("cargo").args(["test", "--locked", "--workspace"]),
        "a native test failed",
    )
}

/// Licences, sources and banned packages of what is linked; known faults in it where the list of them can
/// be fetched.
fn deny(_: &[String]) -> Result<()> {
    let program = tools::cargo_deny()?;
    let cargo_deny = |args: &[&str]| {
        let mut command = say::command(&program);
        command.args(["--locked"]).args(args);
        command
    };
    say::run(
        &mut cargo_deny(&["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]),
        "a dependency breaks a rule of deny.toml",
    )?;
    // Fetched by itself, so that a network that does not reach it is told from a fault that was found.
    if say::output(&mut cargo_deny(&["fetch", "db"])).is_none() {
        say::failure(
            "advisories were not looked at: the list of known faults (github.com/rustsec/advisory-db) cannot be fetched from here",
        );
        return Ok(());
    }
    say::run(
        &mut cargo_deny(&["check", "--disable-fetch", "advisories"]),
        "a dependency has a known fault",
    )
}

/// The tests that ask a real gateway; natively, without a browser.
fn gateway(_: &[String]) -> Result<()> {
    let mut command = say::command(python::main_environment()?);
    command.arg(say::root().join("dev/with_gateway.py"));
    command.args([
        "cargo",
        "test",
        "--locked",
        "--test",
        "gateway_live",
        "--test",
        "gateway_yaml",
        "--",
        "--ignored",
    ]);
    say::run(
        &mut command,
        "a test against a real gateway failed; target/xtask/gateway-test.log has its side",
    )
}

fn browser(_: &[String]) -> Result<()> {
    let toolchain = Toolchain::find()?;
    let tools = Tools::find()?;
    let chromium = debian::chromium()?;
    let mut command = toolchain.cargo(true);
    tools.prepare(&mut command);
    command.args(["test", "--locked", "--target", "wasm32-unknown-unknown", "--test", "web"]);
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", tools.for_browser_tests()?);
    command.env("CHROMEDRIVER", chromium.driver);
    command.env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    say::run(&mut command, "a test in the browser failed")
}

fn bundle(_: &[String]) -> Result<()> {
    dist::main(&[])
}

fn dev(passed: &[String]) -> Result<()> {
    // The samples for hosting are run by real servers. Installing one may start it, so that is done on a build machine only.
    if std::env::var_os("CI").is_some() {
        let servers = || {
            ["nginx", "caddy", "apache2"]
                .map(say::which_system)
                .into_iter()
                .all(|found| found.is_some())
                .then_some(())
        };
        debian::or_installed(
            servers,
            &SERVERS,
            "The samples for hosting are run by these servers",
        )?;
    }
    let mut command = pytest("dev/tests", passed)?;
    say::run(
        command.arg("-rs"),
        "a test of the development server, or of a sample for hosting, failed",
    )
}

/// The servers that docs/hosting.md has samples for, and what these need.
const SERVERS: [&str; 5] =
    ["nginx", "libnginx-mod-http-brotli-static", "caddy", "apache2-bin", "media-types"];

/// What the build with names says when the program stops.
fn names(passed: &[String]) -> Result<()> {
    let mut command = pytest("tests/e2e/names", passed)?;
    command.env("DASKSCOPE_DIST", dist::build(Profile::Names)?);
    say::run(&mut command, "the build with names does not say what went wrong")
}

/// The same short walk in each engine.
fn engines(passed: &[String]) -> Result<()> {
    let mut command = pytest("tests/e2e/engines", passed)?;
    // Said while it goes on: the versions of the engines, and what their frames cost.
    command.arg("-rA").envs(engines::find()?);
    say::run(&mut command, "a walk failed; pictures and logs of it are in tests/e2e/artifacts")
}

/// The property tests, with many more inputs.
fn fuzz(_: &[String]) -> Result<()> {
    let mut command = say::command("cargo");
    command
        .args(["test", "--locked", "--workspace", "--exclude", "xtask"])
        .env("PROPTEST_CASES", FUZZ_CASES);
    say::run(&mut command, "a property does not hold; the lines above have the input")
}

/// End-to-end tests that are marked `matrix`.
fn long(passed: &[String]) -> Result<()> {
    let marked: Vec<String> =
        ["-m", "matrix"].iter().map(ToString::to_string).chain(passed.iter().cloned()).collect();
    e2e(&marked)
}

fn e2e(passed: &[String]) -> Result<()> {
    let what = "an end-to-end test failed; pictures and logs of it are in tests/e2e/artifacts";
    let first: Vec<String> =
        ["--cache-clear".into()].into_iter().chain(passed.iter().cloned()).collect();
    let Err(why) = all_e2e(&first, what) else { return Ok(()) };
    // Real processes on a busy machine: one that fails has a second try, alone, and is told of.
    let failed = last_failed();
    if failed.is_empty() || failed.len() > SECOND_TRIES {
        return Err(why);
    }
    say::step(&format!("Second try, alone: {}", failed.join(", ")));
    let only: Vec<String> = ["--last-failed", "--last-failed-no-failures=none"]
        .iter()
        .map(ToString::to_string)
        .chain(passed.iter().cloned())
        .collect();
    all_e2e(&only, what)?;
    say::failure(&format!("passed only at a second try, alone: {}", failed.join(", ")));
    Ok(())
}

/// More than these have failed for a reason.
const SECOND_TRIES: usize = 2;

/// The end-to-end tests that failed, as pytest has written them down.
fn last_failed() -> Vec<String> {
    let path = say::root().join("tests/e2e/artifacts/cache/v/cache/lastfailed");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    // One object of ids: `{"test_x.py::test_y": true}`, indented.
    text.lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.split_once("\": true"))
        .map(|(id, _)| id.replace("\\\"", "\""))
        .collect()
}

/// All but the walks in each engine and the build with names, which are stages of their own.
fn all_e2e(passed: &[String], what: &str) -> Result<()> {
    let mut command = pytest("tests/e2e", passed)?;
    command
        .args(["--ignore=tests/e2e/engines", "--ignore=tests/e2e/names"])
        .env("DASKSCOPE_TABLE", table());
    say::run(&mut command, what)
}

fn pytest(folder: &str, passed: &[String]) -> Result<Command> {
    let python = python::main_environment()?;
    let old = python::old_environment()?;
    let newer = python::newer_environment()?;
    let chromium = debian::chromium()?;
    let mut command = say::command(python);
    command.args(["-m", "pytest", "--color=auto", "--durations=5", folder]).args(passed);
    command.env("DASKSCOPE_DIST", dist::build(Profile::Release)?);
    command.env("DASKSCOPE_PYTHON_2024_5", old);
    match newer {
        Some(newer) => {
            command.env("DASKSCOPE_PYTHON_BOKEH_3_10", newer);
        }
        None => say::failure(
            "nothing is tested against Bokeh 3.10: it needs Python 3.12 or 3.13, and none was found on the PATH or in pyenv",
        ),
    }
    command.env("DASKSCOPE_CHROMIUM", chromium.browser);
    if folder == "tests/e2e" {
        hub::tell(&mut command)?;
    }
    Ok(command)
}
