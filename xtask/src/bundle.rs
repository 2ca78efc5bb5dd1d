//! From the sources to the files of a bundle: cargo, wasm-bindgen, wasm-opt, and what index.html names.
//!
//! index.html says what is done in the words of Trunk (`data-trunk`), so that `trunk serve` and `trunk build` make the same
//! of it; Trunk.toml says the rest. Trunk itself is not needed here: building it takes longer than all else together.

use std::fs;
use std::path::{Path, PathBuf};

use crate::dist::Profile;
use crate::say::{self, Result};
use crate::tools::Tools;
use crate::wasm::Toolchain;

const TARGET: &str = "wasm32-unknown-unknown";

/// What index.html asks for.
#[derive(Debug, PartialEq, Eq)]
struct Page {
    /// The page without the lines that were for the build.
    html: String,
    /// The program, and what wasm-opt is told of it.
    program: String,
    level: String,
    options: Vec<String>,
    /// Files to copy, from the project's folder.
    copies: Vec<String>,
}

/// Compiles the program. Gives the wasm file, as wasm-bindgen wants it.
///
/// # Errors
/// That it does not compile; cargo has said why.
pub fn compile(profile: Profile, toolchain: &Toolchain) -> Result<PathBuf> {
    let page = Page::read()?;
    let mut cargo = toolchain.cargo(false);
    match profile {
        Profile::Release => toolchain.prepare_small(&mut cargo, true),
        Profile::Names => toolchain.prepare_small(&mut cargo, false),
        Profile::Debug => {}
    }
    cargo.args(["build", "--locked", "--target", TARGET, "--bin", &page.program]);
    let inside = if profile == Profile::Debug { "debug" } else { "release" };
    if inside == "release" {
        cargo.arg("--release");
    }
    let chosen = cargo.get_envs().find(|(name, _)| *name == "CARGO_TARGET_DIR");
    let folder = chosen
        .and_then(|(_, folder)| folder.map(PathBuf::from))
        .or_else(|| std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from))
        .unwrap_or_else(|| say::root().join("target"));
    say::run(&mut cargo, "the program does not compile; the lines above say why")?;
    Ok(folder.join(TARGET).join(inside).join(format!("{}.wasm", page.program)))
}

/// Makes the bundle in `folder`, which is replaced, of what `compile` has made.
///
/// # Errors
/// Which step failed.
pub fn assemble(profile: Profile, tools: &Tools, wasm: &Path, folder: &Path) -> Result<()> {
    let page = Page::read()?;
    let part = folder.with_extension("part");
    let _ = fs::remove_dir_all(&part);
    fs::create_dir_all(&part).map_err(|e| format!("cannot make {}: {e}", part.display()))?;
    let mut bindgen = say::command(&tools.bindgen);
    bindgen.args(["--target", "web", "--no-typescript", "--out-name", &page.program]);
    bindgen.arg("--out-dir").arg(&part).arg(wasm);
    say::run(&mut bindgen, "wasm-bindgen could not write the script of the program")?;
    if profile != Profile::Debug {
        let file = part.join(format!("{}_bg.wasm", page.program));
        let mut optimize = say::command(&tools.wasm_opt);
        tools.prepare(&mut optimize);
        optimize.arg(format!("-O{}", page.level)).args(page.options(profile));
        optimize.arg(&file).arg("-o").arg(&file);
        say::run(&mut optimize, "wasm-opt could not make the program smaller")?;
    }
    for name in &page.copies {
        let from = say::root().join(name);
        let to = part.join(Path::new(name).file_name().unwrap_or_default());
        fs::copy(&from, &to).map_err(|e| format!("cannot copy {}: {e}", from.display()))?;
    }
    fs::write(part.join("index.html"), page.html)
        .map_err(|e| format!("cannot write index.html: {e}"))?;
    crate::dist::finish(profile, tools, &part)?;
    let _ = fs::remove_dir_all(folder);
    fs::rename(&part, folder).map_err(|e| format!("cannot name {}: {e}", folder.display()))
}

impl Page {
    fn read() -> Result<Self> {
        let html = fs::read_to_string(say::root().join("index.html"))
            .map_err(|e| format!("cannot read index.html: {e}"))?;
        Self::parse(&html)
    }

    /// Reads the `data-trunk` links: enough of HTML for this file. What is not known here is refused.
    fn parse(html: &str) -> Result<Self> {
        let mut page = Self {
            html: String::new(),
            program: String::new(),
            level: String::from("s"),
            options: Vec::new(),
            copies: Vec::new(),
        };
        let mut rest = html;
        while let Some(at) = rest.find("<link") {
            let length = rest[at..].find('>').ok_or("index.html has a link without its end")? + 1;
            let link = &rest[at..at + length];
            if link.split_whitespace().any(|word| word == "data-trunk") {
                page.html.push_str(rest[..at].trim_end());
                page.take(link)?;
            } else {
                page.html.push_str(&rest[..at + length]);
            }
            rest = &rest[at + length..];
        }
        page.html.push_str(rest);
        if page.program.is_empty() {
            return Err("index.html names no program (rel=\"rust\")".into());
        }
        Ok(page)
    }

    fn take(&mut self, link: &str) -> Result<()> {
        let value = |name: &str| {
            let at =
                link.find(&format!(" {name}=\"")).or_else(|| link.find(&format!("\n{name}=\"")));
            let text = link.get(at? + name.len() + 3..)?;
            Some(text[..text.find('"')?].to_owned())
        };
        match value("rel").as_deref() {
            Some("rust") => {
                self.program =
                    value("data-bin").ok_or("the program in index.html has no data-bin")?;
                self.level = value("data-wasm-opt").unwrap_or_else(|| self.level.clone());
                let options = value("data-wasm-opt-params").unwrap_or_default();
                self.options = options.split_whitespace().map(str::to_owned).collect();
            }
            Some("copy-file") => self.copies.push(value("href").ok_or("a file without href")?),
            other => {
                return Err(format!(
                    "index.html asks Trunk for {other:?}, which `cargo xtask dist` does not know: see xtask/src/bundle.rs"
                ));
            }
        }
        Ok(())
    }

    /// What wasm-opt is told; in the build with names the names stay.
    fn options(&self, profile: Profile) -> Vec<String> {
        let mut options = self.options.clone();
        if profile == Profile::Names {
            options.retain(|option| option != "--strip-debug");
            options.push(String::from("--debuginfo"));
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_read() {
        let page = Page::parse(
            "<head>\n  <link rel=\"icon\" href=\"./a.svg\" />\n  <link\n    data-trunk\n    rel=\"rust\"\n    data-bin=\"app\"\n    data-wasm-opt=\"z\"\n    data-wasm-opt-params=\"--a --strip-debug\"\n  />\n  <link data-trunk rel=\"copy-file\" href=\"www/a.svg\" />\n</head>\n",
        );
        let page = page.expect("a page");
        assert_eq!(page.html, "<head>\n  <link rel=\"icon\" href=\"./a.svg\" />\n</head>\n");
        assert_eq!((page.program.as_str(), page.level.as_str()), ("app", "z"));
        assert_eq!(page.copies, ["www/a.svg"]);
        assert_eq!(page.options(Profile::Release), ["--a", "--strip-debug"]);
        assert_eq!(page.options(Profile::Names), ["--a", "--debuginfo"]);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let copies = "<link data-trunk rel=\"copy-dir\" href=\"www\" />";
        assert!(Page::parse(copies).is_err_and(|why| why.contains("copy-dir")));
        assert!(Page::parse("<link rel=\"icon\" />").is_err());
    }

    /// `trunk serve` and `trunk build` must make the same of the sources as `cargo xtask dist` does.
    #[test]
    fn trunk_is_told_the_same() {
        let page = Page::read().expect("index.html");
        for name in &page.copies {
            assert!(say::root().join(name).is_file(), "{name} is there");
        }
        let text = fs::read_to_string(say::root().join("Trunk.toml")).expect("Trunk.toml");
        let bindgen = crate::tools::locked_version("wasm-bindgen").expect("a version");
        for line in [
            "target = \"index.html\"".to_owned(),
            "dist = \"dist\"".to_owned(),
            "public_url = \"./\"".to_owned(),
            // Names with a hash come of naming.rs: Trunk would give one to each of the two files by itself.
            "filehash = false".to_owned(),
            "inject_scripts = false".to_owned(),
            "locked = true".to_owned(),
            format!("wasm_bindgen = \"{bindgen}\""),
            format!("wasm_opt = \"version_{}\"", crate::tools::BINARYEN),
        ] {
            assert!(text.lines().any(|found| found == line), "Trunk.toml lacks: {line}");
        }
    }
}
