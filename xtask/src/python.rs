//! Python environments with pinned packages, under the cache, one per list of packages.

use std::path::{Path, PathBuf};

use crate::say::{self, Result};
use crate::tools::{cache, lock_cache};

/// The pins are for these.
const OLDEST: (u32, u32) = (3, 11);
const NEWEST: (u32, u32) = (3, 12);

/// The environment that runs the gateway, the development server and the tests. Gives its Python.
///
/// # Errors
/// What to install.
pub fn main_environment() -> Result<PathBuf> {
    environment("dev/requirements.txt", "Dask, Dask Gateway and the test tools")
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

fn environment(list: &str, what: &str) -> Result<PathBuf> {
    let text = std::fs::read_to_string(say::root().join(list))
        .map_err(|e| format!("cannot read {list}: {e}"))?;
    let (python, version) = interpreter()?;
    let name = format!("python-{:016x}", hash(format!("{version}\n{text}").as_bytes()));
    let home = cache()?.join(name);
    let inside = home.join("bin/python");
    // Environments know their own path, so this one is made in its place and marked when complete.
    let ready = home.join("complete");
    if ready.is_file() {
        return Ok(inside);
    }
    let _lock = lock_cache()?;
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
        let script = "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2])";
        let Some(text) = say::output(say::command(name).args(["-c", script])) else { continue };
        let Some((path, version)) = text.split_once('\n') else { continue };
        let number =
            version.split_once('.').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
        if number.is_some_and(|number: (u32, u32)| (OLDEST..=NEWEST).contains(&number)) {
            return Ok((Path::new(path).to_path_buf(), version.to_owned()));
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

/// FNV-1a, 64 bits: enough to tell lists of packages and states of sources apart.
pub fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
