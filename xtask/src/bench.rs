//! `cargo xtask bench`: figures, in a browser against Dask's own page, and of the kernels natively.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use crate::dist::{self, Profile};
use crate::say::{self, Result};
use crate::{debian, python};

/// Measures in the browser; what a page costs a large scheduler where the first argument is `scale`, the
/// kernels where it is `kernels`.
///
/// # Errors
/// What could not be started.
pub fn main(args: &[String]) -> Result<()> {
    if args.first().is_some_and(|arg| arg == "kernels") {
        return kernels(&args[1..]);
    }
    let (script, args) = match args.split_first() {
        Some((first, rest)) if first == "scale" => ("dev/bench/scale.py", rest),
        _ => ("dev/bench/run.py", args),
    };
    let python = python::main_environment()?;
    let chromium = debian::chromium()?;
    let dist = dist::build(Profile::Release)?;
    say::step("Measuring; what else runs on this machine is in the figures, so let it be quiet");
    let mut command = say::command(python);
    command.arg(say::root().join(script)).arg("--dist").arg(dist);
    command.arg("--chromium").arg(chromium.browser);
    command.arg("--write").arg(say::root().join("docs/benchmarks.md")).args(args);
    say::run(&mut command, "the benchmark did not end as it should")
}

/// Times natively, and instruction counts where valgrind is: those do not depend on what else runs.
fn kernels(args: &[String]) -> Result<()> {
    let mut bench = say::command("cargo");
    bench.args(["bench", "--locked", "--bench", "kernels", "--"]).args(args);
    say::run(&mut bench, "the kernels could not be measured")?;
    let Some(valgrind) = say::which("valgrind") else {
        say::note("instructions were not counted: valgrind is not installed");
        return Ok(());
    };
    let quick = args.iter().any(|arg| arg == "--quick");
    let sizes = [(100_000, 100), (1_000_000, 1000), (10_000_000, 1000)];
    let program = program()?;
    for (rows, lanes) in sizes.into_iter().take(if quick { 1 } else { 3 }) {
        say::step(&format!(
            "Counting instructions with callgrind, {rows} tasks over {lanes} lanes"
        ));
        for name in ["append", "columns", "raster", "hit", "query", "pan", "zoom"] {
            let (count, runs, what) = counted(&valgrind, &program, name, rows, lanes)?;
            say::note(&format!("{name:<12}{:>14} instructions a {what}", count / runs));
        }
    }
    Ok(())
}

/// The instructions of one kernel, how often it ran, and what once is. Setting up is not counted: it
/// would take hours at the largest size.
fn counted(
    valgrind: &Path,
    program: &Path,
    name: &str,
    rows: usize,
    lanes: usize,
) -> Result<(u64, u64, String)> {
    let mut run = say::command(valgrind);
    run.args(["--tool=callgrind", "--instr-atstart=no", "--callgrind-out-file=/dev/null"]);
    run.arg(program).args(["--count", name, &rows.to_string(), &lanes.to_string()]);
    run.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = run.spawn().map_err(|e| format!("cannot start valgrind: {e}"))?;
    let mut ready = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut ready).map_err(|e| e.to_string())?;
    }
    let mut on = say::command("callgrind_control");
    on.args(["--instr=on", &child.id().to_string()]);
    say::output(&mut on).ok_or("callgrind_control, which comes with valgrind, did not run")?;
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let count =
        collected(&told).ok_or_else(|| format!("callgrind gave no count for {name}:\n{told}"))?;
    let mut words = ready.trim().splitn(3, ' ').skip(1);
    let runs = words.next().and_then(|runs| runs.parse().ok()).unwrap_or(1);
    Ok((count, runs, words.next().unwrap_or("run").to_owned()))
}

/// The count in what callgrind says at its end.
fn collected(text: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(':').next()?.trim().parse().ok()
}

/// Where cargo has put the bench.
fn program() -> Result<std::path::PathBuf> {
    let mut build = say::command("cargo");
    build.args(["bench", "--locked", "--bench", "kernels", "--no-run", "--message-format=json"]);
    let text = say::output(&mut build).ok_or("the kernels could not be built")?;
    text.lines()
        .filter(|line| line.contains("\"name\":\"kernels\""))
        .find_map(|line| line.split("\"executable\":\"").nth(1)?.split('"').next())
        .map(Into::into)
        .ok_or_else(|| "cargo did not say where the bench is".into())
}

#[cfg(test)]
mod tests {
    #[test]
    fn reads_what_callgrind_says() {
        let text = "==7== Events    : Ir\n==7== Collected : 123456\n==7==\n";
        assert_eq!(super::collected(text), Some(123_456));
        assert_eq!(super::collected("==7== no\n"), None);
    }
}
