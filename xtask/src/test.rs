//! `cargo xtask test`: the one gate.

use std::time::{Duration, Instant};

use crate::dist::{self, Profile};
use crate::say::{self, Result};
use crate::tools::Tools;
use crate::wasm::Toolchain;
use crate::{debian, python};

/// What follows `--` goes to the stages that run pytest.
type Stage = fn(&[String]) -> Result<()>;

/// In the order in which they run: what fails quickly comes first.
const STAGES: [(&str, Stage); 9] = [
    ("fmt", fmt),
    ("clippy", clippy),
    ("native", native),
    ("gateway", gateway),
    ("clippy-wasm", clippy_wasm),
    ("browser", browser),
    ("dist", bundle),
    ("dev", dev),
    ("e2e", e2e),
];

/// Runs the stages that were named, or all.
///
/// # Errors
/// Which stages failed.
pub fn main(args: &[String]) -> Result<()> {
    let (names, passed) = match args.iter().position(|arg| arg == "--") {
        Some(at) => (&args[..at], &args[at + 1..]),
        None => (args, &[][..]),
    };
    if let Some(unknown) = names.iter().find(|name| !STAGES.iter().any(|(stage, _)| stage == name))
    {
        let all: Vec<&str> = STAGES.iter().map(|(stage, _)| *stage).collect();
        return Err(format!("there is no stage {unknown:?}; there are {}", all.join(", ")));
    }
    let mut results: Vec<(&str, Duration, Result<()>)> = Vec::new();
    for (name, stage) in STAGES {
        if !names.is_empty() && !names.iter().any(|wanted| wanted == name) {
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
    for (name, time, result) in &results {
        let word =
            if result.is_ok() { say::paint("32", "ok    ") } else { say::paint("31", "FAILED") };
        say::note(&format!("{word} {name:<12} {:>12}", say::human(*time)));
    }
    let failed: Vec<&str> =
        results.iter().filter(|(_, _, r)| r.is_err()).map(|(name, _, _)| *name).collect();
    if failed.is_empty() { Ok(()) } else { Err(format!("{} did not pass", failed.join(", "))) }
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

/// The tests that ask a real gateway; natively, without a browser.
fn gateway(_: &[String]) -> Result<()> {
    let mut command = say::command(python::main_environment()?);
    command.arg(say::root().join("dev/with_gateway.py"));
    command.args(["cargo", "test", "--locked", "--test", "gateway_live", "--", "--ignored"]);
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
    pytest("dev/tests", passed, "a test of the development server failed")
}

fn e2e(passed: &[String]) -> Result<()> {
    let what = "an end-to-end test failed; pictures and logs of it are in tests/e2e/artifacts";
    let first: Vec<String> =
        ["--cache-clear".into()].into_iter().chain(passed.iter().cloned()).collect();
    let Err(why) = pytest("tests/e2e", &first, what) else { return Ok(()) };
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
    pytest("tests/e2e", &only, what)?;
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

fn pytest(folder: &str, passed: &[String], what: &str) -> Result<()> {
    let python = python::main_environment()?;
    let old = python::old_environment()?;
    let chromium = debian::chromium()?;
    let mut command = say::command(python);
    command.args(["-m", "pytest", "--color=auto", "--durations=5", folder]).args(passed);
    command.env("DASKSCOPE_DIST", dist::build(Profile::Release)?);
    command.env("DASKSCOPE_PYTHON_2024_5", old);
    command.env("DASKSCOPE_CHROMIUM", chromium.browser);
    say::run(&mut command, what)
}
