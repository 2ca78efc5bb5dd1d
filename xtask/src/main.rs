//! Developer tasks: `cargo xtask run`, `test`, `dist`, `bench`, `setup`.
//!
//! Each task sets up what it misses under a cache folder, says what it does, and fails with a sentence
//! that tells what to do. Nothing here is part of the app.

mod bench;
mod bundle;
mod debian;
mod dist;
mod engines;
mod hub;
mod jobs;
mod naming;
mod python;
mod run;
mod say;
mod sizes;
mod soak;
mod test;
mod tools;
mod wasm;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask run [OPTIONS]     build, start a real Dask Gateway and the app on one address
    --gateway URL             use this gateway instead of starting one
    --scheduler URL           use this Dask dashboard (for example http://127.0.0.1:8787) instead
    --app URL                 take the app from `trunk serve` there, rather than build it
    --auth KIND               with --gateway: none, basic (default), jupyterhub or kerberos
    --user NAME               with --gateway and --workload: whose newest cluster
    --workload                keep a computation going on the newest cluster
    --frame-ancestor ORIGIN   let pages of this origin show the app in a frame; may be given more than once
    --port N                  port of the app (default 8050, or a free one where it is taken)
    --debug                   build without optimising (quicker to build, slower to use)
    --no-build                serve ./dist as it is
cargo xtask test [STAGE]...   the gate, all of it or some stages:
                              fmt clippy native deny gateway clippy-wasm browser dist names dev engines e2e
    --matrix                  instead, what takes long: older versions, kills and soaks (stage long),
                              properties with many inputs (stage fuzz); ends in a table
    -- ARGS                   what follows goes to pytest (stages names, dev, engines, e2e and long)
cargo xtask dist              the release bundle in ./dist, with its sizes against size-budget.toml
    --names                   the same with names and messages, in ./dist-names: says where a fault is
cargo xtask bench [OPTIONS]   figures beside those of Dask's own page, into docs/benchmarks.md
    --quick                   one short round of the small cases, written nowhere
    --only NAMES              some of floor,1k,10k,100k,1M,10M,live, written nowhere
    --profile                 say where the time of a frame goes
cargo xtask bench kernels     the kernels natively, with instruction counts where valgrind is
cargo xtask soak              an hour in one tab, and whether it still shows the truth; --minutes N
cargo xtask setup             fetch and build every tool that the others need

Cache: $DASKSCOPE_CACHE, else $XDG_CACHE_HOME/daskscope, else ~/.cache/daskscope.
";

fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let task = if args.is_empty() { String::from("help") } else { args.remove(0) };
    let result = match task.as_str() {
        "run" => run::main(&args),
        "test" => test::main(&args),
        "dist" => dist::main(&args),
        "bench" => bench::main(&args),
        "soak" => soak::main(&args),
        "setup" => setup(),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(format!("there is no task {other:?}\n\n{HELP}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            say::failure(&why);
            ExitCode::FAILURE
        }
    }
}

fn setup() -> say::Result<()> {
    dist::set_up(dist::Profile::Release, true)?;
    wasm::Toolchain::find()?;
    tools::Tools::find()?.for_browser_tests()?;
    python::old_environment()?;
    python::newer_environment()?;
    tools::cargo_deny()?;
    engines::find()?;
    hub::fetch()?;
    Ok(())
}
