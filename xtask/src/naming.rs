//! Names for the files of one build, so that a script never meets the wasm file of another build.
//!
//! `daskscope.js` and `daskscope_bg.wasm` get a hash of both in their names: `daskscope-<hash>.js`, `daskscope-<hash>_bg.wasm`.
//! A new `daskscope.js` of two lines passes on what the script exports. Its address stays the same from version to version,
//! so hosts import that one. Whatever a cache holds, a build is loaded whole or not at all.

use std::fs;
use std::path::Path;

use crate::python::hash;
use crate::say::Result;

/// The address that hosts import.
const ENTRY: &str = "daskscope.js";
/// What wasm-bindgen calls the wasm file, and how its script names it.
const WASM: &str = "daskscope_bg.wasm";

/// Renames the program's two files in a finished bundle, and names them anew where they are mentioned.
///
/// # Errors
/// What could not be read or written, or was not as wasm-bindgen writes it.
pub fn name_by_content(folder: &Path) -> Result<()> {
    let script = read(folder, ENTRY)?;
    let page = read(folder, "index.html")?;
    let wasm = fs::read(folder.join(WASM)).map_err(|e| format!("cannot read {WASM}: {e}"))?;
    let build = Build::of(&script, &wasm);
    let script = build.script(&script)?;
    let page = build.page(&page)?;
    fs::rename(folder.join(WASM), folder.join(build.wasm_name()))
        .map_err(|e| format!("cannot rename {WASM}: {e}"))?;
    for (name, text) in
        [(build.script_name().as_str(), script), (ENTRY, build.entry()), ("index.html", page)]
    {
        fs::write(folder.join(name), text).map_err(|e| format!("cannot write {name}: {e}"))?;
    }
    Ok(())
}

fn read(folder: &Path, name: &str) -> Result<String> {
    fs::read_to_string(folder.join(name)).map_err(|e| format!("cannot read {name}: {e}"))
}

/// One build, as 16 hex digits.
struct Build(String);

impl Build {
    fn of(script: &str, wasm: &[u8]) -> Self {
        let both = [hash(script.as_bytes()), hash(wasm)].map(u64::to_le_bytes).concat();
        Self(format!("{:016x}", hash(&both)))
    }

    fn script_name(&self) -> String {
        format!("daskscope-{}.js", self.0)
    }

    fn wasm_name(&self) -> String {
        format!("daskscope-{}_bg.wasm", self.0)
    }

    /// The script, which looks for the wasm file of its own build beside itself.
    fn script(&self, script: &str) -> Result<String> {
        if script.contains(WASM) {
            Ok(script.replace(WASM, &self.wasm_name()))
        } else {
            Err(format!("the script of the program does not name {WASM}"))
        }
    }

    /// The stable address: what it exports is the script's.
    fn entry(&self) -> String {
        let script = self.script_name();
        format!("export*from\"./{script}\";\nexport{{default}}from\"./{script}\";\n")
    }

    /// The page: what it loads ahead is what the entry will ask for.
    fn page(&self, page: &str) -> Result<String> {
        let hint = format!("<link rel=\"modulepreload\" href=\"./{ENTRY}\" />");
        if !page.contains(&hint) || !page.contains(WASM) {
            return Err(format!("index.html does not load {ENTRY} and {WASM} ahead"));
        }
        let both =
            format!("{hint}<link rel=\"modulepreload\" href=\"./{}\" />", self.script_name());
        Ok(page.replace(&hint, &both).replace(WASM, &self.wasm_name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "export default () => new URL('daskscope_bg.wasm', import.meta.url)";
    const PAGE: &str =
        "<link rel=\"modulepreload\" href=\"./daskscope.js\" /><link href=\"./daskscope_bg.wasm\">";

    #[test]
    fn a_build_names_its_own_files_only() {
        let (old, new) = (Build::of(SCRIPT, b"old"), Build::of(SCRIPT, b"new"));
        assert_ne!(old.0, new.0);
        assert_ne!(new.0, Build::of("another script", b"new").0);
        for build in [old, new] {
            let script = build.script(SCRIPT).expect("a script");
            assert!(script.contains(&format!("'daskscope-{}_bg.wasm'", build.0)), "{script}");
            assert!(!script.contains(WASM));
            let page = build.page(PAGE).expect("a page");
            for name in [ENTRY, &build.script_name(), &build.wasm_name()] {
                assert_eq!(page.matches(&format!("\"./{name}\"")).count(), 1, "{name} in {page}");
            }
            assert_eq!(build.entry().matches(&build.script_name()).count(), 2);
        }
    }

    #[test]
    fn what_does_not_name_the_files_is_refused() {
        let build = Build::of(SCRIPT, b"");
        assert!(build.script("export default 1").is_err());
        assert!(build.page("<link href=\"./daskscope_bg.wasm\">").is_err());
    }
}
