//! `cargo xtask soak`: a long life in one tab, and whether what is shown is still the truth at its end.

use crate::dist::{self, Profile};
use crate::say::{self, Result};
use crate::{debian, python};

/// Runs `dev/bench/soak.py` on the release bundle; its figures go into `docs/benchmarks.md`.
///
/// # Errors
/// What could not be started, or that the truth was not kept.
pub fn main(args: &[String]) -> Result<()> {
    let python = python::main_environment()?;
    let chromium = debian::chromium()?;
    let dist = dist::build(Profile::Release)?;
    say::step("Soaking; an hour, unless --minutes says less");
    let mut command = say::command(python);
    command.arg(say::root().join("dev/bench/soak.py")).arg("--dist").arg(dist);
    command.arg("--chromium").arg(chromium.browser);
    command.arg("--write").arg(say::root().join("docs/benchmarks.md")).args(args);
    say::run(&mut command, "the soak did not end as it should")
}
