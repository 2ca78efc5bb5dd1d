//! The bundle: made only when something changed, named, compressed and weighed.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::jobs::{Job, together};
use crate::python::{self, hash};
use crate::say::{self, Result};
use crate::tools::{self, Tools};
use crate::wasm::Toolchain;
use crate::{bundle, naming, sizes};

/// What the bundle is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// For people: ./dist.
    Release,
    /// As fast, but it can say where a fault is: ./dist-names.
    Names,
    /// For trying things out, built without optimizing: target/dist-debug.
    Debug,
}

impl Profile {
    /// Where the bundle goes.
    pub fn folder(self) -> PathBuf {
        say::root().join(match self {
            Self::Release => "dist",
            Self::Names => "dist-names",
            Self::Debug => "target/dist-debug",
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Names => "names",
            Self::Debug => "debug",
        }
    }
}

/// `cargo xtask dist`.
///
/// # Errors
/// A sentence: what failed, or by how much the bundle is too big.
pub fn main(args: &[String]) -> Result<()> {
    match args {
        [] => sizes::weigh(&build(Profile::Release)?),
        [names] if names == "--names" => {
            sizes::show(&build(Profile::Names)?)?;
            say::note("serve it in the place of ./dist to see where a fault is (docs/hosting.md)");
            Ok(())
        }
        other => Err(format!("dist takes --names or nothing, got {:?}", other.join(" "))),
    }
}

/// Builds where something changed. Gives the folder.
///
/// # Errors
/// What failed.
pub fn build(profile: Profile) -> Result<PathBuf> {
    set_up(profile, false)?;
    let tools = Tools::find()?;
    let toolchain = Toolchain::find()?;
    let folder = profile.folder();
    let record = say::root().join(format!("target/xtask/dist-{}", profile.name()));
    let sources = format!("{:016x} {} {}", fingerprint(), toolchain.describe(), tools::versions());
    if fs::read_to_string(&record).is_ok_and(|old| old == state(&sources, &folder)) {
        say::step(&format!("The {} bundle is up to date: {}", profile.name(), shown(&folder)));
        return Ok(folder);
    }
    say::step(&format!("Building the {} bundle", profile.name()));
    let begin = Instant::now();
    let wasm = bundle::compile(profile, &toolchain)?;
    bundle::assemble(profile, &tools, &wasm, &folder)?;
    let _ = fs::create_dir_all(say::root().join("target/xtask"));
    fs::write(&record, state(&sources, &folder))
        .map_err(|e| format!("cannot write {}: {e}", record.display()))?;
    say::note(&format!("done in {}: {}", say::human(begin.elapsed()), shown(&folder)));
    Ok(folder)
}

/// On a machine where something is missing: fetches and builds all of it at once, and compiles the program meanwhile.
///
/// # Errors
/// What could not be had.
pub fn set_up(profile: Profile, with_python: bool) -> Result<()> {
    if Tools::are_here() && (!with_python || python::is_here()) {
        return Ok(());
    }
    say::step("Setting up what is missing, once, and compiling the program meanwhile");
    let mut jobs = vec![
        // That it does not compile is said by the build that follows, in full.
        Job::new("the program", 150, move || {
            let _ = bundle::compile(profile, &Toolchain::find()?);
            Ok(())
        }),
        Job::new("wasm-bindgen", 80, || tools::bindgen().map(|_| ())),
        Job::new("wasm-opt", 10, Tools::packages),
    ];
    if with_python {
        jobs.push(Job::new("a Python environment", 60, || python::main_environment().map(|_| ())));
    }
    together(jobs)
}

/// The last steps, on a folder that is not in its place yet.
///
/// # Errors
/// What failed.
pub fn finish(profile: Profile, tools: &Tools, folder: &Path) -> Result<()> {
    if profile == Profile::Debug {
        return Ok(());
    }
    if profile == Profile::Release {
        shrink(folder, tools)?;
    }
    naming::name_by_content(folder)?;
    compress(folder, tools)
}

/// Minifies the glue and shortens its names (shrink.mjs).
fn shrink(folder: &Path, tools: &Tools) -> Result<()> {
    let mut node = say::command(&tools.node);
    node.arg(say::root().join("xtask/src/shrink.mjs")).arg(folder).arg("daskscope");
    node.arg(Tools::uglify()?);
    say::run(&mut node, "the glue of the program could not be made smaller")
}

/// Writes a `.br` and a `.gz` beside each file that gains from it (compress.mjs).
fn compress(folder: &Path, tools: &Tools) -> Result<()> {
    let mut node = say::command(&tools.node);
    node.arg(say::root().join("xtask/src/compress.mjs")).arg(folder);
    say::run(&mut node, "the bundle's files could not be compressed")
}

fn shown(path: &Path) -> String {
    let root = say::root();
    format!("./{}", path.strip_prefix(&root).unwrap_or(path).display())
}

/// What the bundle is made from, as one number.
fn fingerprint() -> u64 {
    let root = say::root();
    let mut files = Vec::new();
    for folder in ["crates", "src", "www"] {
        say::collect(&root.join(folder), &mut files);
    }
    for file in ["index.html", "Cargo.toml", "Cargo.lock"] {
        files.push(root.join(file));
    }
    for file in ["bundle.rs", "compress.mjs", "naming.rs", "shrink.mjs", "wasm.rs"] {
        files.push(root.join("xtask/src").join(file));
    }
    files.sort();
    let mut all = Vec::new();
    for file in files {
        all.extend_from_slice(file.to_string_lossy().as_bytes());
        all.extend_from_slice(&hash(&fs::read(&file).unwrap_or_default()).to_le_bytes());
    }
    hash(&all)
}

/// The sources, and the files that came of them: a bundle that someone touched is made again.
fn state(sources: &str, folder: &Path) -> String {
    let mut files = Vec::new();
    say::collect(folder, &mut files);
    files.sort();
    let mut text = format!("{sources}\n");
    for file in files {
        let _ = writeln!(
            text,
            "{} {:016x}",
            file.display(),
            hash(&fs::read(&file).unwrap_or_default())
        );
    }
    text
}
