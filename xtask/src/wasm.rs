//! The Rust standard library for wasm: from rustup, or built from Debian's sources.
//!
//! No file in the repository forces one of the two: where rustup cannot download, a `targets` line in a
//! toolchain file breaks every cargo command. All of it is the environment of the child processes.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::debian;
use crate::say::{self, Result};
use crate::tools::cache;

const TARGET: &str = "wasm32-unknown-unknown";
/// Panics become a trap at once.
const ABORT: [&str; 2] = ["-Zunstable-options", "-Cpanic=immediate-abort"];
/// No places and no debug texts, which only panics show; the places hold the builder's paths, too.
const SILENT: [&str; 2] = ["-Zlocation-detail=none", "-Zfmt-debug=none"];
const DEBIAN: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"];

/// How wasm is compiled on this machine.
pub enum Toolchain {
    /// The toolchain in use has the target.
    Installed,
    /// Debian's compiler, which builds the standard library along with the crate; the folder holds
    /// links to its programs, so that they come before rustup's on the PATH.
    Debian(PathBuf),
}

impl Toolchain {
    /// Finds or installs one.
    ///
    /// # Errors
    /// What to type, where neither way works.
    pub fn find() -> Result<Self> {
        if has_target() {
            return Ok(Self::Installed);
        }
        if debian_ready() {
            return Self::debian();
        }
        if say::which("rustup").is_some() {
            say::step("Adding the wasm target to the Rust toolchain (rustup target add)");
            let mut rustup = say::command("rustup");
            rustup.args(["target", "add", TARGET]);
            if say::run_quietly(&mut rustup, "rustup could not").is_ok() && has_target() {
                return Ok(Self::Installed);
            }
            say::note("rustup could not fetch it: trying Debian's compiler and sources instead");
        }
        if !debian::offers(DEBIAN[0]) && !refreshed_offers() {
            return Err(format!(
                "the Rust standard library for wasm is missing. With rustup, type: rustup target add {TARGET}; \
                 otherwise install your distribution's Rust with its wasm32 target (Fedora: rust-std-static-{TARGET})"
            ));
        }
        debian::install(&DEBIAN, "The Rust standard library for wasm is missing")?;
        if debian_ready() {
            Self::debian()
        } else {
            Err(format!(
                "the packages {} are installed, but /usr/bin/rustc has no sources of the standard library",
                DEBIAN.join(" ")
            ))
        }
    }

    fn debian() -> Result<Self> {
        let folder = cache()?.join("debian-rust");
        std::fs::create_dir_all(&folder)
            .map_err(|e| format!("cannot make {}: {e}", folder.display()))?;
        for name in ["cargo", "rustc", "rustdoc", "cargo-clippy", "clippy-driver"] {
            let link = folder.join(name);
            let target = Path::new("/usr/bin").join(name);
            if target.is_file() && !link.is_file() {
                let _ = std::fs::remove_file(&link);
                std::os::unix::fs::symlink(&target, &link)
                    .map_err(|e| format!("cannot make {}: {e}", link.display()))?;
            }
        }
        Ok(Self::Debian(folder))
    }

    /// Gives cargo what it needs to compile for wasm.
    pub fn prepare(&self, command: &mut Command, with_tests: bool) {
        let Self::Debian(folder) = self else { return };
        say::prepend_path(command, std::slice::from_ref(folder));
        command.env_remove("RUSTUP_TOOLCHAIN");
        // Another compiler, another folder: two would take turns in throwing out each other's notes.
        command.env("CARGO_TARGET_DIR", say::root().join("target/wasm"));
        command.env("RUSTC_BOOTSTRAP", "1");
        let parts = if with_tests { "std,panic_abort,test" } else { "std,panic_abort" };
        command.env("CARGO_UNSTABLE_BUILD_STD", parts);
    }

    /// Gives a command what makes the bundle small: the standard library built along with the program, for size, and, in
    /// a `silent` one, panics that end at once instead of being put into words. Together they
    /// save a tenth. Says so where this toolchain cannot do it; the bundle is then larger, no worse.
    pub fn prepare_small(&self, command: &mut Command, silent: bool) {
        self.prepare(command, false);
        if let Self::Installed = self
            && !has_sources()
        {
            let mut rustup = say::command("rustup");
            rustup.args(["component", "add", "rust-src"]);
            if say::which("rustup").is_none()
                || say::run_quietly(&mut rustup, "rustup could not").is_err()
                || !has_sources()
            {
                say::note(
                    "the sources of the standard library are missing (rustup component add rust-src): the bundle will be larger",
                );
                return;
            }
        }
        let mut probe = self.rustc();
        probe.env("RUSTC_BOOTSTRAP", "1").args(ABORT).args(["--print", "sysroot"]);
        if say::output(&mut probe).is_none() {
            say::note(
                "this Rust is too old for the smallest bundle (1.91 has what it takes): it will be larger",
            );
            return;
        }
        // Its own folder: other flags, other libraries.
        let folder = if silent { "target/wasm-small" } else { "target/wasm-names" };
        command.env("CARGO_TARGET_DIR", say::root().join(folder));
        command.env("RUSTC_BOOTSTRAP", "1");
        command.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
        command.env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size");
        let flags: Vec<String> = if silent {
            [ABORT, SILENT].concat().into_iter().map(str::to_owned).collect()
        } else {
            self.short_paths()
        };
        command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    }

    /// Places in the sources without the folders of whoever builds: they are sent to everybody.
    fn short_paths(&self) -> Vec<String> {
        let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let cargo = cargo.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
        let rust = say::output(self.rustc().args(["--print", "sysroot"])).map(PathBuf::from);
        let named = [(Some(say::root()), "daskscope"), (cargo, "cargo"), (rust, "rust")];
        let flag = |(folder, name): (Option<PathBuf>, &str)| {
            Some(format!("--remap-path-prefix={}={name}", folder?.display()))
        };
        named.into_iter().filter_map(flag).collect()
    }

    fn rustc(&self) -> Command {
        match self {
            Self::Installed => say::command("rustc"),
            Self::Debian(folder) => say::command(folder.join("rustc")),
        }
    }

    /// `cargo …` for wasm. The program itself is looked up on the PATH of this process, so it is named
    /// by its full path here.
    pub fn cargo(&self, with_tests: bool) -> Command {
        let mut command = match self {
            Self::Installed => say::command("cargo"),
            Self::Debian(folder) => say::command(folder.join("cargo")),
        };
        self.prepare(&mut command, with_tests);
        command
    }

    /// Makes sure that clippy is there for this compiler.
    ///
    /// # Errors
    /// What to type.
    pub fn clippy(&self) -> Result<()> {
        let Self::Debian(folder) = self else { return Ok(()) };
        if !folder.join("clippy-driver").is_file() {
            debian::install(&["rust-web-clippy"], "Clippy for Debian's Rust is missing")?;
            Self::debian()?;
        }
        Ok(())
    }

    /// One word for the record of what was built with what.
    pub fn describe(&self) -> String {
        let sources = if has_sources() { " with its sources" } else { "" };
        say::output(self.rustc().arg("--version")).unwrap_or_default() + sources
    }
}

fn has_target() -> bool {
    say::output(say::command("rustc").args(["--print", "target-libdir", "--target", TARGET]))
        .is_some_and(|folder| Path::new(&folder).is_dir())
}

fn has_sources() -> bool {
    say::output(say::command("rustc").args(["--print", "sysroot"]))
        .is_some_and(|root| Path::new(&root).join("lib/rustlib/src/rust/library").is_dir())
}

fn debian_ready() -> bool {
    let new_enough =
        say::output(say::command("/usr/bin/rustc").arg("--version")).is_some_and(|text| {
            let version = text.split_whitespace().nth(1).unwrap_or_default();
            let mut parts = version.split('.').map(|p| p.parse::<u32>().unwrap_or(0));
            (parts.next(), parts.next()) >= (Some(1), Some(88))
        });
    let sources = say::output(say::command("/usr/bin/rustc").args(["--print", "sysroot"]))
        .is_some_and(|root| {
            Path::new(&root).join("lib/rustlib/src/rust/library/Cargo.lock").is_file()
        });
    new_enough && sources && Path::new("/usr/bin/cargo").is_file()
}

/// Whether new package lists know Debian's compiler (a fresh container has no lists at all).
fn refreshed_offers() -> bool {
    let root = say::output(say::command("id").arg("-u")).as_deref() == Some("0");
    if !root || say::which("apt-get").is_none() {
        return false;
    }
    let _ = say::run_quietly(
        say::command("apt-get").arg("update"),
        "apt-get could not fetch its lists",
    );
    debian::offers(DEBIAN[0])
}
