//! `cargo xtask run`: everything needed to use the app on this machine, on one address.

use std::os::unix::process::CommandExt;

use crate::dist::{self, Profile};
use crate::python;
use crate::say::{self, Result};

/// Builds, then becomes the development server (dev/serve.py), which starts and ends all the rest.
///
/// # Errors
/// What failed before that.
pub fn main(args: &[String]) -> Result<()> {
    let mut profile = Profile::Release;
    let mut build = true;
    let mut own_app = true;
    let mut passed = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--debug" => profile = Profile::Debug,
            "--no-build" => build = false,
            "--workload" => passed.push(arg.clone()),
            "--gateway" | "--scheduler" | "--app" | "--auth" | "--user" | "--port"
            | "--frame-ancestor" => {
                let value = rest.next().ok_or_else(|| format!("{arg} needs a value"))?;
                own_app &= arg != "--app";
                passed.extend([arg.clone(), value.clone()]);
            }
            other => return Err(format!("run has no option {other:?}; see cargo xtask help")),
        }
    }
    if build && own_app {
        dist::set_up(profile, true)?;
    }
    let folder = if build && own_app { dist::build(profile)? } else { profile.folder() };
    if own_app && !folder.join("index.html").is_file() {
        return Err(format!("{} holds no bundle: leave out --no-build", folder.display()));
    }
    let python = python::main_environment()?;
    say::step("Starting");
    let mut command = say::command(python);
    command.arg(say::root().join("dev/serve.py")).arg("--dist").arg(folder).args(passed);
    // The same process from here on: Ctrl-C, and a signal to the one that the shell knows, arrive there.
    Err(format!("cannot start the development server: {}", command.exec()))
}
