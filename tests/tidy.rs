//! Reads the sources and holds them to the rules that a compiler does not know: which layer may use
//! which, who may touch the browser, how long a file may be. Every rule says why when it fails.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "tidy/circles.rs"]
mod circles;
#[path = "tidy/methods.rs"]
mod methods;
#[path = "tidy/rules.rs"]
mod rules;
#[path = "tidy/text.rs"]
mod text;

use std::fs;
use std::path::{Path, PathBuf};

use circles::{Module, circles, module_path};
use methods::methods;
use rules::{Finding, check};

/// Where sources are, from the project's folder.
const FOLDERS: [&str; 9] =
    ["crates", "src", "tests", "benches", "examples", "xtask/src", "www", "dev", ".ci"];

/// Sources that stand in no folder of their own.
const FILES: [&str; 1] = ["index.html"];

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !["fixtures", "artifacts", "__pycache__", "node_modules"]
                .iter()
                .any(|n| path.ends_with(n))
            {
                collect(&path, files);
            }
        } else {
            files.push(path);
        }
    }
}

#[test]
fn the_sources_keep_the_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in FOLDERS {
        collect(&root.join(folder), &mut files);
    }
    files.extend(FILES.map(|name| root.join(name)));
    files.sort();
    for known in ["src/lib.rs", "crates/base/src/lib.rs", "examples/feed_bridge.rs", "index.html"] {
        let path = root.join(known);
        assert!(files.contains(&path) && path.is_file(), "{known} is not read");
    }
    let mut findings = Vec::new();
    for file in files {
        // Pictures and the like are no text.
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let name = file.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        findings.extend(check(&name, &text));
    }
    let report: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(report.is_empty(), "\n{} finding(s)\n{}\n", report.len(), report.join("\n"));
}

/// Modules that import each other in a circle cannot be understood, or moved, one by one.
#[test]
fn no_module_imports_itself_over_others() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let members = fs::read_dir(root.join("crates")).unwrap().flatten().map(|entry| entry.path());
    let mut found = Vec::new();
    for crate_root in members.chain([root.to_path_buf()]) {
        let sources = crate_root.join("src");
        let mut files = Vec::new();
        collect(&sources, &mut files);
        let module = |file: &PathBuf| {
            let name = file.strip_prefix(&sources).unwrap().to_string_lossy().replace('\\', "/");
            Module { path: module_path(&name), text: fs::read_to_string(file).unwrap() }
        };
        let modules: Vec<Module> = files.iter().map(module).collect();
        assert!(!modules.is_empty(), "{} is not read", sources.display());
        let name = crate_root.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        found.extend(circles(&modules).into_iter().map(|circle| format!("{name}: {circle}")));
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// A type of more methods than this has parts that have no name yet.
const MOST_METHODS: usize = 44;

/// Types that are still to be taken apart, and how many methods they have: fewer is fine, more is not.
const TOO_LARGE: [(&str, usize); 2] = [("TaskStreamModel", 219), ("Store", 55)];

#[test]
fn no_type_has_very_many_methods() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let members = fs::read_dir(root.join("crates")).unwrap().flatten().map(|entry| entry.path());
    let mut found = Vec::new();
    for crate_root in members.chain([root.to_path_buf()]) {
        let mut files = Vec::new();
        collect(&crate_root.join("src"), &mut files);
        files.retain(|file| !file.to_string_lossy().contains("tests"));
        let texts: Vec<String> =
            files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
        for (name, count) in methods(texts.iter().map(String::as_str)) {
            let most = TOO_LARGE.iter().find(|(large, _)| *large == name);
            if count > most.map_or(MOST_METHODS, |(_, most)| *most) {
                found.push(format!("{}: {name} has {count} methods", crate_root.display()));
            }
        }
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn methods_are_counted() {
    let text = "impl<T: Into<U>> A<T> {\n    pub fn a() {\n        fn inner() {}\n    }\n    pub(super) const fn b() {}\n}\n\
                impl Display for A {\n    fn fmt() {}\n}\nimpl A {\n    // fn c() {}\n    fn d(&self) {}\n}\n";
    assert_eq!(methods([text].into_iter()).into_iter().collect::<Vec<_>>(), [("A".into(), 3)]);
}

#[test]
fn circles_are_found() {
    let modules = |files: &[(&str, &str)]| -> Vec<Module> {
        let module =
            |(file, text): &(&str, &str)| Module { path: module_path(file), text: (*text).into() };
        files.iter().map(module).collect()
    };
    let found = circles(&modules(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::b::{self, x::Y};"),
        ("b/mod.rs", "pub mod x; use super::c::Z;"),
        ("b/x.rs", "use super::super::c;"),
        ("c.rs", "fn f() { crate::a::go() }"),
    ]));
    assert_eq!(found, ["a → b → c → a"]);
    let fine = circles(&modules(&[
        ("lib.rs", "mod a; mod b; pub use a::A;"),
        ("a.rs", "use super::b::B; // crate::a\n#[cfg(test)]\nmod tests {\n    use crate::b;\n}"),
        ("b.rs", "mod tests; use crate::Thing;\n#[cfg(test)]\nmod inside {\n    use crate::a;\n}"),
        ("b/tests.rs", "use crate::a::A;"),
    ]));
    assert_eq!(fine, [""; 0]);
}

/// What the rules say about a file, as `line rule`.
fn found(name: &str, text: &str) -> Vec<String> {
    check(name, text).iter().map(|f| format!("{} {}", f.line, f.rule)).collect()
}

/// A file with a first line that is in order.
fn file(body: &str) -> String {
    format!("//! A sample.\n{body}")
}

#[test]
fn arrows_between_layers() {
    let cases = [
        ("src/web/a.rs", "use crate::ui::app::App;", "2 layers"),
        ("src/web/a.rs", "type X = crate::runtime::Hub;", "2 layers"),
        ("src/runtime/a.rs", "use crate::{\n    web,\n    ui,\n};", "4 layers"),
        ("src/runtime/mod.rs", "use super::ui::App;", "2 layers"),
        ("src/web/b/a.rs", "use super::super::super::ui::App;", "2 layers"),
        ("src/web/a.rs", "use daskscope::ui::App;", "2 layers"),
        ("src/web/a.rs", "#[cfg(test)]\nmod tests {\n    use crate::runtime;\n}", "4 layers"),
    ];
    for (name, body, expected) in cases {
        assert_eq!(found(name, &file(body)), [expected], "{name}: {body}");
    }
    let fine = [
        ("src/web/a.rs", "// see crate::ui\nconst A: &str = \"crate::ui\";"),
        ("src/runtime/b/a.rs", "use super::web::Kept;"),
        ("src/runtime/a.rs", "use crate::web::http;"),
        ("src/ui/a.rs", "use crate::{app, web};"),
        ("crates/feed/src/a.rs", "use crate::ui::thing;"),
    ];
    for (name, body) in fine {
        assert_eq!(found(name, &file(body)), [""; 0], "{name}: {body}");
    }
}

#[test]
fn only_the_rim_touches_the_browser() {
    for name in ["web_sys", "js_sys", "gloo_net", "wasm_bindgen", "wasm_bindgen_futures", "yew"] {
        let text = file(&format!("use {name}::thing;"));
        assert_eq!(found("src/app/a.rs", &text), ["2 browser"], "{name}");
        assert_eq!(found("src/lib.rs", &text), ["2 browser"], "{name}");
        for allowed in ["src/web/a.rs", "src/ui/pages/a.rs", "src/main.rs"] {
            assert_eq!(found(allowed, &text), [""; 0], "{name} in {allowed}");
        }
        let behind = file(&format!("#[cfg(target_arch = \"wasm32\")]\npub use {name}::thing;"));
        assert_eq!(found("src/lib.rs", &behind), [""; 0], "{name}");
    }
    assert_eq!(found("src/app/a.rs", &file("fn yewish(my_web_sys: u8) {}")), [""; 0]);
    assert_eq!(
        found("crates/base/src/a.rs", &file("fn f() { web_sys::window(); }")),
        ["2 browser"]
    );
}

#[test]
fn files_open_with_a_line_and_stay_short() {
    assert_eq!(found("crates/base/src/a.rs", "fn f() {}\n"), ["1 first-line"]);
    assert_eq!(found("crates/base/src/a.rs", "// no\n"), ["1 first-line"]);
    assert_eq!(found("crates/base/src/a.rs", "//!\n"), ["1 first-line"]);
    for (name, without, with) in [
        ("dev/a.py", "import os\n", "\"\"\"A sample.\"\"\"\nimport os\n"),
        (
            "dev/b.py",
            "#!/usr/bin/env python3\nimport os\n",
            "#!/usr/bin/env python3\n\"\"\"A sample.\"\"\"\n",
        ),
        ("www/a.js", "f();\n", "// A sample.\nf();\n"),
        ("www/css/a.css", "a {\n}\n", "/* A sample. */\n"),
        (
            "index.html",
            "<!doctype html>\n<html>\n",
            "<!doctype html>\n<!-- A sample. -->\n<html>\n",
        ),
        ("examples/a.rs", "fn main() {}\n", "//! A sample.\nfn main() {}\n"),
    ] {
        assert_eq!(found(name, without), ["1 first-line"], "{name}");
        assert_eq!(found(name, with), [""; 0], "{name}");
    }
    let long = file(&"// a\n".repeat(600));
    assert_eq!(found("xtask/src/a.rs", &long), ["601 length"]);
    let long = format!("\"\"\"A sample.\"\"\"\n{}", "a = 1\n".repeat(600));
    assert_eq!(found("dev/a.py", &long), ["601 length"]);
    let long = format!("<!doctype html>\n<!-- A sample. -->\n{}", "<p>\n".repeat(599));
    assert_eq!(found("index.html", &long), ["601 length"]);
    assert_eq!(found("crates/base/src/a.rs", &file(&"// a\n".repeat(599))), [""; 0]);
}

#[test]
fn no_panics_outside_tests() {
    assert_eq!(found("crates/feed/src/a.rs", &file("fn f() { x.unwrap(); }")), ["2 panic"]);
    assert_eq!(found("crates/feed/src/a.rs", &file("fn f() { x.expect(\"why\"); }")), ["2 panic"]);
    assert_eq!(
        found("crates/feed/src/a.rs", &file("fn f() {\n    x\n        .unwrap();\n}")),
        ["4 panic"]
    );
    let fine = [
        "#[cfg(test)]\nmod tests {\n    fn f() { x.unwrap(); }\n}",
        "#[cfg(test)]\nfn f() {\n    x.expect(\"a\");\n}",
        "#[test]\nfn f() {\n    x.unwrap();\n}",
        "// x.unwrap()\nconst A: &str = \".unwrap()\";",
        "fn f() { x.unwrap_or(1); self.expect(b':')?; }",
    ];
    for body in fine {
        assert_eq!(found("crates/feed/src/a.rs", &file(body)), [""; 0], "{body}");
    }
    // After the tests' end the rule is back.
    let after = "#[cfg(test)]\nmod tests {\n    fn f() { let s = '{'; x.unwrap(); }\n}\nfn g() { x.unwrap(); }";
    assert_eq!(found("crates/feed/src/a.rs", &file(after)), ["6 panic"]);
    assert_eq!(found("crates/store/src/tests.rs", &file("fn f() { x.unwrap(); }")), [""; 0]);
}

#[test]
fn what_is_large_in_the_program_stays_out() {
    for body in ["v.sort_by(f);", "use std::collections::BTreeMap;", "t.parse::<f64>();"] {
        assert_eq!(found("src/app/a.rs", &file(body)), ["2 bulk"], "{body}");
    }
    assert_eq!(found("src/app/a.rs", &file("format!(\"{x:?}\");")), ["2 bulk"]);
    let test = "#[cfg(test)]\nmod tests {\n    fn f() { v.sort_by(f); format!(\"{x:?}\"); }\n}";
    assert_eq!(found("src/app/a.rs", &file(test)), [""; 0]);
    assert_eq!(found("src/app/a.rs", &file("// {x:?}\nfn sort_by() {}")), [""; 0]);
    assert_eq!(found("xtask/src/a.rs", &file("v.sort_by(f);")), [""; 0]);
}

#[test]
fn the_page_keeps_its_own_policy() {
    assert_eq!(found("src/ui/a.rs", &file("<div style=\"color: red\" />")), ["2 inline-style"]);
    assert_eq!(found("src/ui/a.rs", &file("<div\n style={x} />")), ["3 inline-style"]);
    assert_eq!(found("src/ui/a.rs", &file("let style = 1; // style=\"x\"")), [""; 0]);
    assert_eq!(
        found("index.html", "<!doctype html>\n<!-- A sample. -->\n<p style=\"a\">"),
        ["3 inline-style"]
    );
    assert_eq!(found("src/ui/a.rs", &file("const A: &str = \"#ff00aa\";")), ["2 colour"]);
    assert_eq!(found("src/ui/a.rs", &file("const A: &str = \"#/clusters\";")), [""; 0]);
    assert_eq!(
        found("crates/timeline/src/palette.rs", &file("const A: &str = \"#ff00aa\";")),
        [""; 0]
    );
    let sheet = |body: &str| format!("/* A sample. */\n{body}");
    assert_eq!(found("www/css/base.css", &sheet("a { color: #fff; }")), ["2 colour"]);
    assert_eq!(
        found("www/css/base.css", &sheet("a { color: var(--text); } /* #fff */\n#bad-id { }")),
        [""; 0]
    );
    assert_eq!(found("www/css/tokens.css", &sheet("a { --bg: #fff; }")), [""; 0]);
}

#[test]
fn style_rules_are_closed() {
    let sheet = |body: &str| format!("/* A sample. */\n{body}");
    assert_eq!(found("www/css/a.css", &sheet("a {\n  b: c;\nd {\n}\n")), ["4 braces"]);
    assert_eq!(found("www/css/a.css", &sheet("a {\n  b: c;\n}\n}\n")), ["5 braces"]);
    assert_eq!(found("www/css/a.css", &sheet("@media (x) {\n  a {\n    b: c;\n  }\n}\n")), [""; 0]);
}

#[test]
fn secrets_and_the_event_stream_stay_out() {
    assert_eq!(
        found("crates/gateway/src/a.rs", &file("struct C { tls_key: String }")),
        ["2 secret"]
    );
    assert_eq!(
        found("crates/gateway/src/a.rs", &file("const A: &str = \"tls_cert\";")),
        ["2 secret"]
    );
    assert_eq!(found("crates/gateway/src/a.rs", &file("// tls_key is never read")), [""; 0]);
    let test = file("#[cfg(test)]\nmod tests {\n    const A: &str = \"tls_key\";\n}");
    assert_eq!(found("crates/gateway/src/model.rs", &test), [""; 0]);
    assert_eq!(found("crates/feed/src/a.rs", &test), ["4 secret"]);
    assert_eq!(
        found("crates/feed/src/a.rs", &file("const A: &str = \"/eventstream\";")),
        ["2 eventstream"]
    );
    assert_eq!(found("crates/feed/src/a.rs", &file("//! `/eventstream` is never opened")), [""; 0]);
}
