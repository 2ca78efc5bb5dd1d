//! The hub and its proxy, for the tests of signing in through the hub's session.

use std::path::PathBuf;
use std::process::Command;

use crate::say::{self, Result};
use crate::{python, tools};

/// The proxy that comes with the hub: `configurable-http-proxy` of npm.
const PROXY: &str = "5.3.0";

/// Tells the tests where they are, once they are there.
///
/// # Errors
/// What could not be had, and how to get it by hand.
pub fn tell(command: &mut Command) -> Result<()> {
    command.env("DASKSCOPE_HUB_PYTHON", python::hub_environment()?);
    command.env("DASKSCOPE_HUB_PROXY", proxy()?);
    Ok(())
}

/// Fetches both, once.
///
/// # Errors
/// What could not be had, and how to get it by hand.
pub fn fetch() -> Result<()> {
    python::hub_environment()?;
    proxy()?;
    Ok(())
}

fn proxy() -> Result<PathBuf> {
    // It needs a few dozen other packages, so the npm program has to fetch it.
    if say::which("npm").is_none() {
        return Err("npm is missing (it fetches JupyterHub's proxy for the tests). On Debian, type: sudo apt-get install -y npm".into());
    }
    let folder = tools::npm_package("configurable-http-proxy", PROXY, PROXY)?;
    Ok(folder.join("bin/configurable-http-proxy"))
}
