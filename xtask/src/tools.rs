//! The programs that make the bundle: wasm-bindgen, wasm-opt, Node. Each in the version that fits.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::python;
use crate::say::{self, Result};

/// Debian's 108 is too old for what rustc emits now; the npm package carries a `wasm-opt` that works.
pub const BINARYEN: &str = "132";
/// What makes scripts smaller.
const UGLIFY: &str = "3.19.3";
const NODE_MAJOR: u32 = 18;
const DENY: &str = "0.20.2";
const GECKODRIVER: &str = "0.37.1";

/// Where tools and Python environments are kept, between checkouts.
///
/// # Errors
/// Where the folder cannot be made.
pub fn cache() -> Result<PathBuf> {
    let var = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let folder = var("DASKSCOPE_CACHE")
        .or_else(|| var("XDG_CACHE_HOME").map(|p| p.join("daskscope")))
        .or_else(|| var("HOME").map(|p| p.join(".cache/daskscope")))
        .ok_or("there is no place for the cache: set HOME or DASKSCOPE_CACHE")?;
    std::fs::create_dir_all(&folder).map_err(|e| {
        format!(
            "cannot make the cache folder {} ({e}): set DASKSCOPE_CACHE to another one",
            folder.display()
        )
    })?;
    Ok(folder)
}

/// Holds one thing in the cache for one process, and one job, at a time.
///
/// # Errors
/// Where the lock file cannot be made.
pub fn lock(name: &str) -> Result<File> {
    let path = cache()?.join(format!("lock-{name}"));
    let file = File::create(&path).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    if file.try_lock().is_err() {
        say::note(&format!("waiting for another one that sets up {name}"));
        file.lock().map_err(|e| format!("cannot lock {}: {e}", path.display()))?;
    }
    Ok(file)
}

/// The tools, found.
pub struct Tools {
    /// Holds a link to each, so that the PATH gains these programs and not their neighbours.
    links: PathBuf,
    /// Node: wasm-opt runs in it, and it compresses.
    pub node: PathBuf,
    /// Writes the script that loads the wasm file.
    pub bindgen: PathBuf,
    /// Makes the wasm file smaller.
    pub wasm_opt: PathBuf,
}

impl Tools {
    /// Finds, fetches or builds each of them.
    ///
    /// # Errors
    /// What could not be had, and how to get it by hand.
    pub fn find() -> Result<Self> {
        let node = node()?;
        let folder = bindgen()?;
        let programs = [
            folder.join("wasm-bindgen"),
            folder.join("wasm-bindgen-test-runner"),
            wasm_opt(&node)?.join("wasm-opt"),
            node.clone(),
        ];
        let links = link(&programs)?;
        let [bindgen, _, wasm_opt, _] = programs;
        Ok(Self { links, node, bindgen, wasm_opt })
    }

    /// Whether nothing has to be fetched or built first.
    pub fn are_here() -> bool {
        let kept = |name: &str, version: &str, inside: &str| {
            cache().is_ok_and(|cache| cache.join(format!("{name}-{version}")).join(inside).exists())
        };
        let bindgen = locked_version("wasm-bindgen").unwrap_or_default();
        (kept("wasm-bindgen", &bindgen, "bin") || bindgen_on_path(&bindgen).is_some())
            && (kept("binaryen", BINARYEN, "node_modules") || wasm_opt_on_path().is_some())
            && kept("uglify-js", UGLIFY, "node_modules")
    }

    /// Fetches the packages that run in Node, and Node where it is missing.
    ///
    /// # Errors
    /// What could not be had.
    pub fn packages() -> Result<()> {
        wasm_opt(&node()?)?;
        Self::uglify().map(|_| ())
    }

    /// Puts the tools on a command's PATH.
    pub fn prepare(&self, command: &mut Command) {
        say::prepend_path(command, std::slice::from_ref(&self.links));
    }

    /// The folder of the minifier, which Node loads.
    ///
    /// # Errors
    /// Where it could not be fetched.
    pub fn uglify() -> Result<PathBuf> {
        npm_package("uglify-js", UGLIFY, UGLIFY)
    }

    /// The program that runs tests in a browser.
    ///
    /// # Errors
    /// Where the installed wasm-bindgen came without it.
    pub fn for_browser_tests(&self) -> Result<PathBuf> {
        let runner = self.links.join("wasm-bindgen-test-runner");
        if runner.is_file() {
            Ok(runner)
        } else {
            Err(format!("{} is missing beside wasm-bindgen", runner.display()))
        }
    }
}

/// One line for the record of what a bundle was built with.
pub fn versions() -> String {
    format!("wasm-opt {BINARYEN}, uglify-js {UGLIFY}")
}

/// A folder of links, named after where they lead.
fn link(programs: &[PathBuf]) -> Result<PathBuf> {
    let names: Vec<_> = programs.iter().map(|p| p.to_string_lossy()).collect();
    let folder = cache()?.join(format!("links-{:016x}", python::hash(names.join("\n").as_bytes())));
    std::fs::create_dir_all(&folder)
        .map_err(|e| format!("cannot make {}: {e}", folder.display()))?;
    for program in programs {
        let Some(name) = program.file_name() else { continue };
        let link = folder.join(name);
        // A shim (pyenv, nvm, asdf) looks at the name it was called by, so it stays what it was.
        let made =
            link.is_file() || std::os::unix::fs::symlink(program, &link).is_ok() || link.is_file();
        if !made {
            return Err(format!("cannot make {}", link.display()));
        }
    }
    Ok(folder)
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// The folder of a program on the PATH that answers `--version` with this line.
fn on_path(name: &str, wanted: &str) -> Option<PathBuf> {
    let file = say::which(name)?;
    let text = say::output(say::command(&file).arg("--version"))?;
    text.lines().next()?.starts_with(wanted).then(|| parent(&file))
}

/// The folder of wasm-bindgen and of its runner of tests, in the version that Cargo.lock names.
///
/// # Errors
/// Where it could not be built.
pub fn bindgen() -> Result<PathBuf> {
    let version = locked_version("wasm-bindgen")?;
    if let Some(folder) = bindgen_on_path(&version) {
        return Ok(folder);
    }
    // Without --locked: its lock file names a package that was withdrawn. Without its feature, which is TLS for a browser
    // that is driven from afar.
    install("wasm-bindgen-cli", &version, &["--no-default-features"], "about a minute")
}

fn bindgen_on_path(version: &str) -> Option<PathBuf> {
    on_path("wasm-bindgen", &format!("wasm-bindgen {version}"))
        .filter(|folder| folder.join("wasm-bindgen-test-runner").is_file())
}

/// The version of a package in Cargo.lock.
///
/// # Errors
/// Where it is not there.
pub fn locked_version(package: &str) -> Result<String> {
    let text = std::fs::read_to_string(say::root().join("Cargo.lock"))
        .map_err(|e| format!("cannot read Cargo.lock: {e}"))?;
    let name = format!("name = \"{package}\"");
    text.lines()
        .skip_while(|line| *line != name)
        .nth(1)
        .and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .map(str::to_owned)
        .ok_or_else(|| format!("Cargo.lock does not name {package}"))
}

/// What looks at the licences and sources of dependencies.
///
/// # Errors
/// Where it could not be built.
pub fn cargo_deny() -> Result<PathBuf> {
    program("cargo-deny", DENY, "about 4 minutes")
}

/// What steers Firefox.
///
/// # Errors
/// Where it could not be built.
pub fn geckodriver() -> Result<PathBuf> {
    program("geckodriver", GECKODRIVER, "about 2 minutes")
}

fn program(name: &str, version: &str, time: &str) -> Result<PathBuf> {
    let folder = on_path(name, &format!("{name} {version}"))
        .map_or_else(|| install(name, version, &["--locked"], time), Ok)?;
    Ok(folder.join(name))
}

/// Has a program of crates.io in the cache, once per version: its makers' build where the person has cargo-binstall,
/// else built here.
fn install(package: &str, version: &str, options: &[&str], time: &str) -> Result<PathBuf> {
    let name = format!("{}-{version}", package.trim_end_matches("-cli"));
    let home = cache()?.join(&name);
    let ready = home.join("bin");
    if ready.is_dir() {
        return Ok(ready);
    }
    let _lock = lock(&name)?;
    if ready.is_dir() {
        return Ok(ready);
    }
    let part = cache()?.join(format!("{name}.part"));
    let _ = std::fs::remove_dir_all(&part);
    if !fetch_built(package, version, &part) {
        build(package, version, options, &part, time)?;
    }
    std::fs::rename(&part, &home).map_err(|e| format!("cannot name {}: {e}", home.display()))?;
    Ok(ready)
}

/// Asks cargo-binstall for a program. Gives whether it is there.
fn fetch_built(package: &str, version: &str, root: &Path) -> bool {
    if say::which("cargo-binstall").is_none() {
        return false;
    }
    say::step(&format!("Fetching {package} {version} with cargo-binstall"));
    let mut command = say::command("cargo-binstall");
    command.args(["--no-confirm", "--disable-strategies", "compile", "--root"]).arg(root);
    command.arg(format!("{package}@{version}"));
    let fetched = say::run_quietly(&mut command, "cargo-binstall has no build of it");
    fetched.is_ok() && root.join("bin").is_dir()
}

/// Builds a program without optimizing: that takes half the time, and none of them has much to compute.
fn build(package: &str, version: &str, options: &[&str], root: &Path, time: &str) -> Result<()> {
    say::step(&format!("Building {package} {version} from crates.io, once: {time}"));
    let mut command = say::command("cargo");
    command.args(["install", package, "--version", version, "--root"]).arg(root);
    command.args(options);
    // Not the project's settings: its build flags are not for a tool.
    command.current_dir(cache()?).env_remove("CARGO_BUILD_TARGET").env_remove("RUSTFLAGS");
    command.env("CARGO_TARGET_DIR", root.join("target"));
    for (setting, value) in
        [("OPT_LEVEL", "0"), ("LTO", "off"), ("CODEGEN_UNITS", "256"), ("DEBUG", "0")]
    {
        command.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
    }
    say::run(
        &mut command,
        &format!(
            "cargo could not build {package} {version}; to try by hand: cargo install {package} --version {version} {}",
            options.join(" ")
        ),
    )?;
    let _ = std::fs::remove_dir_all(root.join("target"));
    Ok(())
}

fn node() -> Result<PathBuf> {
    let fits = |program: &Path| {
        let text = say::output(say::command(program).arg("--version")).unwrap_or_default();
        let major =
            text.trim_start_matches('v').split('.').next().and_then(|m| m.parse::<u32>().ok());
        major >= Some(NODE_MAJOR)
    };
    if let Some(found) = say::which("node").filter(|program| fits(program)) {
        return Ok(found);
    }
    // Playwright's Python wheel carries a whole Node.
    let python = python::main_environment()?;
    let inside = "import pathlib, playwright; print(pathlib.Path(playwright.__file__).parent / 'driver' / 'node')";
    say::output(say::command(python).args(["-c", inside]))
        .map(PathBuf::from)
        .filter(|program| fits(program))
        .ok_or_else(|| format!("Node.js {NODE_MAJOR} or newer is missing (wasm-opt runs in it). On Debian, type: sudo apt-get install -y nodejs"))
}

fn wasm_opt(node: &Path) -> Result<PathBuf> {
    if let Some(folder) = wasm_opt_on_path() {
        return Ok(folder);
    }
    let bin = npm_package("binaryen", BINARYEN, &format!("{BINARYEN}.0.0"))?.join("bin");
    let mut check = say::command(bin.join("wasm-opt"));
    say::prepend_path(&mut check, &[parent(node)]);
    say::output(check.arg("--version"))
        .ok_or("wasm-opt was fetched but does not run with this Node")?;
    Ok(bin)
}

fn wasm_opt_on_path() -> Option<PathBuf> {
    on_path("wasm-opt", &format!("wasm-opt version {BINARYEN}"))
}

/// The folder of an npm package; `full` is its version in full. One that needs others takes npm itself.
///
/// # Errors
/// What failed.
pub fn npm_package(name: &str, version: &str, full: &str) -> Result<PathBuf> {
    let home = cache()?.join(format!("{name}-{version}"));
    let inside = Path::new("node_modules").join(name);
    let ready = home.join(&inside);
    if ready.join("package.json").is_file() {
        return Ok(ready);
    }
    let _lock = lock(&format!("{name}-{version}"))?;
    if ready.join("package.json").is_file() {
        return Ok(ready);
    }
    say::step(&format!("Fetching the npm package {name} {version}"));
    let part = cache()?.join(format!("{name}-{version}.part"));
    let _ = std::fs::remove_dir_all(&part);
    std::fs::create_dir_all(&part).map_err(|e| format!("cannot make {}: {e}", part.display()))?;
    if say::which("npm").is_some() {
        let mut npm = say::command("npm");
        npm.args([
            "install",
            "--no-save",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--prefix",
        ]);
        npm.arg(&part).arg(format!("{name}@{full}"));
        say::run_quietly(&mut npm, &format!("npm could not fetch {name}@{full}"))?;
    } else {
        let mut fetch = say::command(python::main_environment()?);
        fetch.arg(say::root().join("dev/fetch_npm.py")).args([name, full]).arg(part.join(&inside));
        say::run_quietly(
            &mut fetch,
            &format!(
                "the npm package {name} could not be fetched; installing npm may help (Debian: sudo apt-get install -y npm)"
            ),
        )?;
    }
    std::fs::rename(&part, &home).map_err(|e| format!("cannot name {}: {e}", home.display()))?;
    Ok(ready)
}
