//! What comes from the system's packages: installed where that is allowed, else named in one command.

use std::path::PathBuf;

use crate::say::{self, Result};

/// Whether packages may be installed without asking: as root, or on a build machine.
fn allowed() -> Option<bool> {
    say::which("apt-get")?;
    let root = say::output(say::command("id").arg("-u")).as_deref() == Some("0");
    let ci = std::env::var_os("CI").is_some();
    let sudo =
        ci && say::output(say::command("sudo").args(["-n", "id", "-u"])).as_deref() == Some("0");
    Some(root || sudo)
}

/// Whether a package is known to this machine's package lists.
pub fn offers(package: &str) -> bool {
    say::output(say::command("apt-cache").args(["show", "--no-all-versions", package]))
        .is_some_and(|text| !text.is_empty())
}

/// Installs packages, or says how.
///
/// # Errors
/// The one command to type, where this program may not install.
pub fn install(packages: &[&str], why: &str) -> Result<()> {
    let list = packages.join(" ");
    match allowed() {
        None => Err(format!("{why}. Install (Debian's names): {list}")),
        Some(false) => Err(format!("{why}. Type: sudo apt-get install -y {list}")),
        Some(true) => {
            say::step(&format!("Installing {list} with apt-get, because {}", lower(why)));
            let sudo = say::output(say::command("id").arg("-u")).as_deref() != Some("0");
            let apt = |args: &[&str]| {
                let mut command = say::command(if sudo { "sudo" } else { "apt-get" });
                if sudo {
                    command.args(["-n", "apt-get"]);
                }
                // Another apt-get may be at work on this machine.
                command.args(["-o", "DPkg::Lock::Timeout=300"]);
                command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
                command
            };
            let mut all = vec!["install", "-y", "--no-install-recommends"];
            all.extend(packages);
            // A first try without new lists: they are mostly there already, and fetching takes long.
            if say::output(&mut apt(&all)).is_some() {
                return Ok(());
            }
            say::run_quietly(&mut apt(&["update"]), "apt-get could not fetch its lists")?;
            say::run_quietly(&mut apt(&all), &format!("apt-get could not install {list}"))
        }
    }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// What `find` finds, perhaps only once `packages` are installed.
///
/// # Errors
/// What to install.
pub fn or_installed<T>(find: impl Fn() -> Option<T>, packages: &[&str], why: &str) -> Result<T> {
    if let Some(found) = find() {
        return Ok(found);
    }
    install(packages, why)?;
    find().ok_or_else(|| {
        format!("{} was installed, but is not where it is looked for", packages.join(" "))
    })
}

/// A browser and its driver.
pub struct Chromium {
    /// The browser.
    pub browser: PathBuf,
    /// The program that tests steer it with; of the same version.
    pub driver: PathBuf,
}

/// Chromium and chromedriver: `$CHROMIUM` and `$CHROMEDRIVER`, else from the PATH, else installed.
///
/// # Errors
/// What to install, or that the two do not fit.
pub fn chromium() -> Result<Chromium> {
    let given = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let find = || {
        let browser = given("CHROMIUM").or_else(|| {
            ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(say::which)
        })?;
        let driver = given("CHROMEDRIVER").or_else(|| say::which("chromedriver"))?;
        Some(Chromium { browser, driver })
    };
    let found = or_installed(
        find,
        &["chromium", "chromium-driver"],
        "The browser tests need Chromium and chromedriver",
    )?;
    let browser = major(&found.browser);
    let driver = major(&found.driver);
    if browser.is_none() || browser != driver {
        return Err(format!(
            "{} is version {}, {} is version {}: they must be the same. Set CHROMIUM and CHROMEDRIVER, or install both from one place",
            found.browser.display(),
            browser.unwrap_or_else(|| "unknown".into()),
            found.driver.display(),
            driver.unwrap_or_else(|| "unknown".into()),
        ));
    }
    Ok(found)
}

/// The first number with a dot after it in what `--version` prints.
fn major(program: &PathBuf) -> Option<String> {
    let text = say::output(say::command(program).arg("--version"))?;
    text.split_whitespace()
        .find(|word| word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit()))
        .and_then(|word| word.split('.').next())
        .map(str::to_owned)
}
