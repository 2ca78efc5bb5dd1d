//! `cargo xtask bench`: figures, in a browser against Dask's own page, and of the kernels natively.

use crate::dist::{self, Profile};
use crate::say::{self, Result};
use crate::{debian, python};

/// Measures in the browser, or the kernels where the first argument is `kernels`.
///
/// # Errors
/// What could not be started.
pub fn main(args: &[String]) -> Result<()> {
    if args.first().is_some_and(|arg| arg == "kernels") {
        return kernels(&args[1..]);
    }
    let python = python::main_environment()?;
    let chromium = debian::chromium()?;
    let dist = dist::build(Profile::Release)?;
    say::step("Measuring; what else runs on this machine is in the figures, so let it be quiet");
    let mut command = say::command(python);
    command.arg(say::root().join("dev/bench/run.py")).arg("--dist").arg(dist);
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
    say::step("Counting instructions with callgrind (100 000 tasks over 100 lanes)");
    let program = program()?;
    // One process for each: a count is that of the whole process, less what comes before the kernel.
    let (mut filled, mut shown) = (0, 0);
    for name in ["fill", "columns", "hit", "show", "pan", "zoom", "query"] {
        let mut run = say::command(&valgrind);
        run.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
        run.arg(&program).args(["--count", name]);
        let output = run.output().map_err(|e| format!("cannot start valgrind: {e}"))?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let total = collected(&told)
            .ok_or_else(|| format!("callgrind gave no count for {name}:\n{told}"))?;
        let (per, what) = said.trim().split_once(' ').unwrap_or(("1", "run"));
        let per: u64 = per.parse().unwrap_or(1).max(1);
        let before = match name {
            "fill" => 0,
            "pan" | "zoom" | "query" => shown,
            _ => filled,
        };
        match name {
            "fill" => filled = total,
            "show" => shown = total,
            _ => {}
        }
        let own = total.saturating_sub(before);
        say::note(&format!("{name:<12}{:>14} instructions a {what}", own / per));
    }
    Ok(())
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
