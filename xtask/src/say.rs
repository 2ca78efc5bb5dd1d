//! Words on the terminal, and commands that show that they go on.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::jobs;

/// An error is a sentence for the person at the terminal.
pub type Result<T> = std::result::Result<T, String>;

/// Announces a step.
pub fn step(text: &str) {
    if jobs::tell(text) {
        return;
    }
    println!("{} {text}", paint("1;33", "==>"));
    let _ = std::io::stdout().flush();
}

/// Says something about the step that goes on.
pub fn note(text: &str) {
    if jobs::tell(text) {
        return;
    }
    println!("    {text}");
    let _ = std::io::stdout().flush();
}

/// The last word of a task that did not work out.
pub fn failure(text: &str) {
    let _ = std::io::stdout().flush();
    eprintln!("{} {text}", paint("1;31", "failed:"));
}

/// Colour, where the output is a terminal.
pub fn paint(code: &str, text: &str) -> String {
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// A time as people say it.
pub fn human(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 9.95 {
        format!("{seconds:.1} s")
    } else if seconds < 100.0 {
        format!("{seconds:.0} s")
    } else {
        format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60)
    }
}

/// The project's folder, as cargo says it when it starts this program: a program that was built
/// elsewhere and came along with a copied `target/` must not work on that other folder.
pub fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// A command in the project's folder, without the variables that `cargo run` gave to this program:
/// they would name this package, and this toolchain, to every cargo started from here.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    for (name, _) in std::env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        let ours = ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|p| name.starts_with(p));
        if ours || name == "CARGO" || name == "RUSTC" || name == "RUST_RECURSION_COUNT" {
            command.env_remove(name);
        }
    }
    // cargo adds its own folders here for the program that it runs.
    if let Some(value) = std::env::var_os("LD_LIBRARY_PATH") {
        let kept = std::env::split_paths(&value).filter(|path| {
            let path = path.to_string_lossy();
            !path.contains("/toolchains/") && !path.contains("/target/")
        });
        match std::env::join_paths(kept) {
            Ok(kept) if !kept.is_empty() => command.env("LD_LIBRARY_PATH", kept),
            _ => command.env_remove("LD_LIBRARY_PATH"),
        };
    }
    command
}

/// Puts folders before everything else on a command's PATH.
pub fn prepend_path(command: &mut Command, folders: &[PathBuf]) {
    let set = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value);
    let old = set.map(OsStr::to_owned).or_else(|| std::env::var_os("PATH")).unwrap_or_default();
    let all = folders.iter().cloned().chain(std::env::split_paths(&old));
    if let Ok(path) = std::env::join_paths(all) {
        command.env("PATH", path);
    }
}

/// Runs a command that speaks for itself (cargo, pytest); in a job, where others would speak at the same time, quietly.
pub fn run(command: &mut Command, what: &str) -> Result<()> {
    if jobs::current().is_some() {
        return run_quietly(command, what);
    }
    let status = command.status().map_err(|e| cannot_start(command, &e))?;
    if status.success() { Ok(()) } else { Err(format!("{what} ({status})")) }
}

/// Numbers the logs of this process.
static LOGS: AtomicU32 = AtomicU32::new(0);

/// Runs a command that would only be noise; its output is shown where it fails, and a line now and
/// then shows that it goes on.
pub fn run_quietly(command: &mut Command, what: &str) -> Result<()> {
    let folder = root().join("target/xtask");
    std::fs::create_dir_all(&folder)
        .map_err(|e| format!("cannot make {}: {e}", folder.display()))?;
    let number = LOGS.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!("log-{}-{number}.txt", std::process::id()));
    let log = File::create(&path).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    let second = log.try_clone().map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    command.stdin(Stdio::null()).stdout(log).stderr(second);
    let begin = Instant::now();
    let mut child = command.spawn().map_err(|e| cannot_start(command, &e))?;
    let every = Duration::from_secs(if jobs::current().is_some() { 1 } else { 10 });
    let mut next = every;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(100));
        if begin.elapsed() >= next {
            let line = last_line(&path);
            if !jobs::tell(&line) {
                let line = if line.is_empty() { line } else { format!(": {line}") };
                note(&format!("still at it, {}{line}", human(next)));
            }
            next += every;
        }
    };
    let text = std::fs::read(&path).unwrap_or_default();
    let _ = std::fs::remove_file(&path);
    if status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    for line in &lines[lines.len().saturating_sub(40)..] {
        println!("    {line}");
    }
    Err(format!("{what} ({status})"))
}

fn last_line(path: &Path) -> String {
    let text = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or_default();
    line.trim().chars().take(if jobs::current().is_some() { 40 } else { 90 }).collect()
}

/// What a command writes, or nothing where it cannot run or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    if error.kind() == std::io::ErrorKind::NotFound {
        format!("the program {program:?} is not installed, or not on the PATH")
    } else {
        format!("cannot start {program:?}: {error}")
    }
}

/// The first file of this name on the PATH.
pub fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The first file of this name on the PATH, or where servers are.
pub fn which_system(name: &str) -> Option<PathBuf> {
    which(name).or_else(|| Some(Path::new("/usr/sbin").join(name)).filter(|file| file.is_file()))
}

/// All files below a folder, in no order.
pub fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
