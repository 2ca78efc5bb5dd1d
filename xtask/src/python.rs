//! Python environments with pinned packages, under the cache, one per list of packages.

use std::path::{Path, PathBuf};

use crate::say::{self, Result};
use crate::tools::{cache, lock};

/// What the gateway, the development server and the tests need.
const MAIN: &str = "dev/requirements.txt";
/// The pins are for these.
const OLDEST: (u32, u32) = (3, 11);
const NEWEST: (u32, u32) = (3, 12);
/// And those with the newer Bokeh for these.
const NEWER: (u32, u32) = (3, 12);
const NEWEST_FOR_NEWER: (u32, u32) = (3, 13);

/// The environment that runs the gateway, the development server and the tests. Gives its Python.
///
/// # Errors
/// What to install.
pub fn main_environment() -> Result<PathBuf> {
    environment(MAIN, "Dask, Dask Gateway and the test tools")
}

/// An older distributed, for tests against it. Gives its Python.
///
/// # Errors
/// What to install.
pub fn old_environment() -> Result<PathBuf> {
    environment(
        "dev/requirements-2024.5.txt",
        "distributed 2024.5, for tests against an older Dask",
    )
}

/// Dask with a newer Bokeh, which wants a newer Python than the gateway's pins: its Python, or none
/// where this machine has no such Python.
///
/// # Errors
/// Where the packages could not be installed.
pub fn newer_environment() -> Result<Option<PathBuf>> {
    let Some(python) = newer() else { return Ok(None) };
    let what = "Bokeh 3.10, for tests against a newer Dask";
    environment_of("dev/requirements-bokeh-3.10.txt", what, python).map(Some)
}

/// The hub. In the gateway's environment it would change what that finds. Gives its Python.
///
/// # Errors
/// What to install.
pub fn hub_environment() -> Result<PathBuf> {
    environment("dev/requirements-hub.txt", "JupyterHub, for tests of signing in through it")
}

/// Whether the environment that runs the gateway is there already.
pub fn is_here() -> bool {
    let Ok((_, version)) = interpreter() else { return false };
    let Ok(text) = std::fs::read_to_string(say::root().join(MAIN)) else { return false };
    cache().is_ok_and(|cache| cache.join(name_of(&version, &text)).join(COMPLETE).is_file())
}

/// Written last: an environment knows its own path, so it is made in its place and marked when it is complete.
const COMPLETE: &str = "complete";

fn name_of(version: &str, list: &str) -> String {
    format!("python-{:016x}", hash(format!("{version}\n{list}").as_bytes()))
}

fn environment(list: &str, what: &str) -> Result<PathBuf> {
    environment_of(list, what, interpreter()?)
}

fn environment_of(list: &str, what: &str, python: (PathBuf, String)) -> Result<PathBuf> {
    let text = std::fs::read_to_string(say::root().join(list))
        .map_err(|e| format!("cannot read {list}: {e}"))?;
    let (python, version) = python;
    let name = name_of(&version, &text);
    let home = cache()?.join(&name);
    let inside = home.join("bin/python");
    let ready = home.join(COMPLETE);
    if ready.is_file() {
        return Ok(inside);
    }
    let _lock = lock(&name)?;
    if ready.is_file() {
        return Ok(inside);
    }
    say::step(&format!("Setting up a Python environment, once: {what} ({list})"));
    let _ = std::fs::remove_dir_all(&home);
    say::run_quietly(
        say::command(&python).args(["-m", "venv"]).arg(&home),
        "Python could not make an environment; on Debian, type: sudo apt-get install -y python3-venv",
    )?;
    let mut pip = say::command(&inside);
    pip.args([
        "-m",
        "pip",
        "install",
        "--no-input",
        "--disable-pip-version-check",
        "--progress-bar=off",
    ]);
    pip.arg("-r").arg(say::root().join(list));
    say::run_quietly(&mut pip, &format!("pip could not install {list}; the lines above say why"))?;
    std::fs::write(&ready, text).map_err(|e| format!("cannot write {}: {e}", ready.display()))?;
    Ok(inside)
}

/// A Python that the pinned packages fit.
fn interpreter() -> Result<(PathBuf, String)> {
    let given = std::env::var("DASKSCOPE_PYTHON").ok();
    let mut seen = Vec::new();
    let names = ["python3", "python3.11", "python3.12", "/usr/bin/python3", "python"];
    for name in given.iter().map(String::as_str).chain(names) {
        let Some((path, version, number)) = asked(Path::new(name)) else { continue };
        if (OLDEST..=NEWEST).contains(&number) {
            return Ok((path, version));
        }
        seen.push(format!("{name} is {version}"));
    }
    let seen = if seen.is_empty() { String::from("none was found") } else { seen.join(", ") };
    Err(format!(
        "a Python between {}.{} and {}.{} is needed ({seen}). Install one, or set DASKSCOPE_PYTHON to its path. \
         On Debian, type: sudo apt-get install -y python3 python3-venv",
        OLDEST.0, OLDEST.1, NEWEST.0, NEWEST.1
    ))
}

/// A Python that Bokeh 3.10 accepts and its pins are made for: on the PATH, or one that pyenv keeps.
fn newer() -> Option<(PathBuf, String)> {
    let mut programs: Vec<PathBuf> =
        ["python3", "python3.12", "python3.13"].iter().map(PathBuf::from).collect();
    let pyenv = std::env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pyenv")));
    let kept = pyenv.and_then(|root| std::fs::read_dir(root.join("versions")).ok());
    let mut kept: Vec<PathBuf> =
        kept.into_iter().flatten().flatten().map(|entry| entry.path().join("bin/python")).collect();
    kept.sort();
    programs.append(&mut kept);
    programs.iter().find_map(|program| {
        let (path, version, number) = asked(program)?;
        (NEWER..=NEWEST_FOR_NEWER).contains(&number).then_some((path, version))
    })
}

/// Where a Python really is, and its version, as text and as numbers.
fn asked(program: &Path) -> Option<(PathBuf, String, (u32, u32))> {
    let script = "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2])";
    let text = say::output(say::command(program).args(["-c", script]))?;
    let (path, version) = text.split_once('\n')?;
    let (major, minor) = version.split_once('.')?;
    let number = (major.parse().ok()?, minor.parse().ok()?);
    Some((PathBuf::from(path), version.to_owned(), number))
}

/// FNV-1a, 64 bits: enough to tell lists of packages and states of sources apart.
pub fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
