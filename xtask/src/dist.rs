//! The bundle: made by Trunk, only when something changed, and weighed.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::naming;
use crate::python::hash;
use crate::say::{self, Result};
use crate::sizes;
use crate::tools::{Tools, trunk_command, versions};
use crate::wasm::Toolchain;

/// Whether to optimise.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// For people: ./dist.
    Release,
    /// For trying things out: target/dist-debug.
    Debug,
}

impl Profile {
    /// Where the bundle goes.
    pub fn folder(self) -> PathBuf {
        match self {
            Self::Release => say::root().join("dist"),
            Self::Debug => say::root().join("target/dist-debug"),
        }
    }
}

/// `cargo xtask dist`.
///
/// # Errors
/// A sentence: what failed, or by how much the bundle is too big.
pub fn main(args: &[String]) -> Result<()> {
    if let Some(arg) = args.first() {
        return Err(format!("dist takes no arguments, got {arg:?}"));
    }
    sizes::weigh(&build(Profile::Release)?)
}

/// Builds where something changed. Gives the folder.
///
/// # Errors
/// What failed.
pub fn build(profile: Profile) -> Result<PathBuf> {
    build_with(profile, &Tools::find()?)
}

fn build_with(profile: Profile, tools: &Tools) -> Result<PathBuf> {
    let toolchain = Toolchain::find()?;
    let folder = profile.folder();
    let name = if profile == Profile::Release { "release" } else { "debug" };
    let record = say::root().join(format!("target/xtask/dist-{name}"));
    let sources = format!("{:016x} {} {}", fingerprint(), toolchain.describe(), versions());
    if fs::read_to_string(&record).is_ok_and(|old| old == state(&sources, &folder)) {
        say::step(&format!("The {name} bundle is up to date: {}", shown(&folder)));
        return Ok(folder);
    }
    say::step(&format!(
        "Building the {name} bundle with Trunk (the first time takes a few minutes)"
    ));
    let begin = Instant::now();
    let mut command = trunk_command(tools);
    command.args(["build", "--offline", "--color=auto", "--dist"]).arg(&folder);
    if profile == Profile::Release {
        command.arg("--release");
    }
    // Trunk reads NO_COLOR as true or false and refuses the usual "1".
    command.env_remove("NO_COLOR").env("RUST_LOG", "warn");
    if profile == Profile::Release {
        toolchain.prepare_small(&mut command);
    } else {
        toolchain.prepare(&mut command, false);
    }
    fetch(&toolchain, profile)?;
    let result =
        say::run(&mut command, "Trunk could not build the bundle; the lines above say why");
    let _ = fs::remove_dir_all(folder.join(".stage"));
    result?;
    if profile == Profile::Release {
        shrink(&folder, tools)?;
        naming::name_by_content(&folder)?;
        compress(&folder, tools)?;
    }
    let _ = fs::create_dir_all(say::root().join("target/xtask"));
    fs::write(&record, state(&sources, &folder))
        .map_err(|e| format!("cannot write {}: {e}", record.display()))?;
    say::note(&format!("done in {}: {}", say::human(begin.elapsed()), shown(&folder)));
    Ok(folder)
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

/// Trunk works offline (so that it takes our tools and no others), and so would its cargo.
fn fetch(toolchain: &Toolchain, profile: Profile) -> Result<()> {
    let mut cargo = toolchain.cargo(false);
    if profile == Profile::Release {
        toolchain.prepare_small(&mut cargo);
        toolchain.fetch_std();
    }
    say::run(
        cargo.args(["fetch", "--locked", "--quiet"]),
        "cargo could not fetch the packages in Cargo.lock",
    )
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
    for file in [
        "index.html",
        "Trunk.toml",
        "Cargo.toml",
        "Cargo.lock",
        "xtask/src/shrink.mjs",
        "xtask/src/compress.mjs",
    ] {
        files.push(root.join(file));
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
