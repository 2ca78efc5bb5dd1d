//! The bundle: made by Trunk, only when something changed, and weighed.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::python::hash;
use crate::say::{self, Result};
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
    let tools = Tools::find()?;
    build_with(Profile::Release, &tools)?;
    weigh(&tools)
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
    for folder in ["src", "www"] {
        collect(&root.join(folder), &mut files);
    }
    for file in ["index.html", "Trunk.toml", "Cargo.toml", "Cargo.lock", "xtask/src/shrink.mjs"] {
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
    collect(folder, &mut files);
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

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Prints the sizes and holds them against the budget.
///
/// # Errors
/// By how much the bundle is too big.
pub fn weigh(tools: &Tools) -> Result<()> {
    let folder = Profile::Release.folder();
    let script = say::root().join("xtask/src/sizes.mjs");
    let table = say::output(say::command(&tools.node).arg(script).arg(&folder))
        .ok_or("Node could not read the bundle")?;
    let mut sum = [0_u64; 3];
    say::step("Sizes of what a first visit loads, in bytes");
    let line = |name: &str, sizes: [u64; 3]| {
        say::note(&format!("{name:<24}{:>10}{:>10}{:>10}", sizes[0], sizes[1], sizes[2]));
    };
    say::note(&format!("{:<24}{:>10}{:>10}{:>10}", "", "raw", "gzip", "brotli"));
    for row in table.lines() {
        let mut cells = row.split('\t');
        let name = cells.next().unwrap_or_default();
        let mut sizes = [0; 3];
        for (size, cell) in sizes.iter_mut().zip(cells) {
            *size = cell.parse().map_err(|_| format!("a size that is no number: {row:?}"))?;
        }
        line(name, sizes);
        for (total, size) in sum.iter_mut().zip(sizes) {
            *total += size;
        }
    }
    line("all", sum);
    let budget = budget()?;
    if sum[1] > budget {
        return Err(format!(
            "the bundle is {} bytes after gzip, {} above the budget of {budget} in size-budget.toml",
            sum[1],
            sum[1] - budget
        ));
    }
    say::note(&format!("within the budget of {budget} after gzip, {} to spare", budget - sum[1]));
    Ok(())
}

fn budget() -> Result<u64> {
    let text = fs::read_to_string(say::root().join("size-budget.toml"))
        .map_err(|e| format!("cannot read size-budget.toml: {e}"))?;
    text.lines()
        .find_map(|line| line.strip_prefix("first_visit_gzip = "))
        .and_then(|value| value.replace('_', "").trim().parse().ok())
        .ok_or_else(|| String::from("size-budget.toml has no line \"first_visit_gzip = …\""))
}
