//! The browsers that the walk through the app is done in, and the programs that drive them.

use std::path::PathBuf;

use crate::say::{self, Result};
use crate::{debian, tools};

/// Firefox as Debian and others call it.
const FIREFOX: [&str; 2] = ["firefox-esr", "firefox"];

/// The variables that the tests read, with the programs of the engines that are here. An engine that
/// is missing is a failure on a build machine; elsewhere it is said, and the others are walked.
///
/// # Errors
/// What to install.
pub fn find() -> Result<Vec<(&'static str, PathBuf)>> {
    let mut all = Vec::new();
    let engines: [(&str, Engine); 3] =
        [("Chromium", chromium), ("Firefox", firefox), ("WebKit", webkit)];
    for (name, engine) in engines {
        match engine() {
            Ok(mut programs) => all.append(&mut programs),
            Err(why) if std::env::var_os("CI").is_some() => return Err(why),
            Err(why) => say::failure(&format!("no walk in {name}: {why}")),
        }
    }
    if all.is_empty() { Err("there is no browser to walk in".into()) } else { Ok(all) }
}

type Program = (&'static str, PathBuf);
type Engine = fn() -> Result<Vec<Program>>;

fn chromium() -> Result<Vec<Program>> {
    let found = debian::chromium()?;
    Ok(vec![("DASKSCOPE_CHROMIUM", found.browser), ("DASKSCOPE_CHROMEDRIVER", found.driver)])
}

fn firefox() -> Result<Vec<Program>> {
    let find = || FIREFOX.into_iter().find_map(say::which);
    let browser = debian::or_installed(find, &["firefox-esr"], "The walk in Firefox needs it")?;
    Ok(vec![("DASKSCOPE_FIREFOX", browser), ("DASKSCOPE_GECKODRIVER", tools::geckodriver()?)])
}

fn webkit() -> Result<Vec<Program>> {
    let find = || Some((mini_browser()?, say::which("WebKitWebDriver")?, say::which("Xvfb")?));
    let (browser, driver, screen) = debian::or_installed(
        find,
        &["webkit2gtk-driver", "xvfb"],
        "The walk in WebKit needs WebKitGTK's MiniBrowser, its driver and a screen",
    )?;
    Ok(vec![
        ("DASKSCOPE_WEBKIT", browser),
        ("DASKSCOPE_WEBKITDRIVER", driver),
        ("DASKSCOPE_XVFB", screen),
    ])
}

/// `WebKitGTK`'s own small browser, which is on nobody's PATH.
fn mini_browser() -> Option<PathBuf> {
    let inside = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let folders = inside.map(|entry| entry.path()); // Debian: one for each kind of machine
    [PathBuf::from("/usr/lib"), PathBuf::from("/usr/libexec")]
        .into_iter()
        .chain(folders)
        .map(|folder| folder.join("webkit2gtk-4.1/MiniBrowser"))
        .find(|program| program.is_file())
}
