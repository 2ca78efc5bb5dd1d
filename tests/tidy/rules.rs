//! The rules, one function each.

use std::fmt;

use crate::text::{Views, test_lines, tokens, views};

/// Something that breaks a rule.
pub struct Finding {
    /// The file, from the project's folder.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// The rule's short name.
    pub rule: &'static str,
    /// What was found, and why it matters.
    pub why: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: [{}] {}", self.file, self.line, self.rule, self.why)
    }
}

/// The layers of the root package, and what each may use besides itself. Between crates the compiler keeps the
/// arrows.
const LAYERS: [(&str, &[&str]); 3] =
    [("web", &[]), ("runtime", &["web"]), ("ui", &["web", "runtime"])];

const MAX_LINES: usize = 600;

struct File<'a> {
    name: &'a str,
    text: &'a str,
    views: Views,
    tests: Vec<bool>,
}

impl File<'_> {
    /// Whether a line (from 1) is part of a test.
    fn in_test(&self, line: usize) -> bool {
        self.name.starts_with("tests/")
            || self.name.starts_with("benches/")
            || self.name.ends_with("/tests.rs")
            || self.name.ends_with("_tests.rs")
            || self.name.contains("/tests/")
            || self.tests.get(line - 1).copied().unwrap_or(false)
    }

    fn is(&self, ending: &str) -> bool {
        self.name.rsplit_once('.').is_some_and(|(_, found)| found == ending)
    }

    /// Whether it is compiled into the program: not a test, a bench, an example or a tool.
    fn app_source(&self) -> bool {
        let in_crate = self.name.strip_prefix("crates/").and_then(|rest| rest.split_once('/'));
        let inside = in_crate.map_or(self.name, |(_, rest)| rest);
        inside.starts_with("src/") && self.is("rs")
    }

    fn finding(&self, line: usize, rule: &'static str, why: impl Into<String>) -> Finding {
        Finding { file: self.name.to_owned(), line, rule, why: why.into() }
    }
}

/// Holds one file to all rules. Findings come in the order of lines.
pub fn check(name: &str, text: &str) -> Vec<Finding> {
    let views = views(text);
    let tests = test_lines(&views.code);
    let file = File { name, text, views, tests };
    let mut all = Vec::new();
    length(&file, &mut all);
    first_line(&file, &mut all);
    layers(&file, &mut all);
    browser(&file, &mut all);
    panics(&file, &mut all);
    bulk(&file, &mut all);
    inline_style(&file, &mut all);
    braces(&file, &mut all);
    colours(&file, &mut all);
    secrets(&file, &mut all);
    all.sort_by_key(|f| f.line);
    all
}

fn length(file: &File, all: &mut Vec<Finding>) {
    let counted = ["rs", "py", "js", "mjs", "css", "html"].iter().any(|e| file.is(e));
    let lines = file.text.lines().count();
    if counted && lines > MAX_LINES {
        all.push(file.finding(lines, "length", format!(
            "{lines} lines; above {MAX_LINES} a file has more than one subject: split it by subject"
        )));
    }
}

fn first_line(file: &File, all: &mut Vec<Finding>) {
    let lines: Vec<&str> = file.text.lines().take(2).collect();
    let first = lines.first().copied().unwrap_or_default();
    // A page begins with its doctype, a script that is run by itself with the program that runs it.
    let second = if first.starts_with("<!doctype") || first.starts_with("#!") {
        lines.get(1).copied().unwrap_or_default()
    } else {
        first
    };
    let says = |line: &str, opening: &str| {
        line.trim_start().strip_prefix(opening).is_some_and(|rest| rest.trim().len() >= 4)
    };
    let (opening, fine) = if file.is("rs") {
        ("//! …", says(first, "//!"))
    } else if file.is("js") || file.is("mjs") {
        ("// …", says(second, "//") || says(second, "/*"))
    } else if file.is("css") {
        ("/* … */", says(first, "/*"))
    } else if file.is("html") {
        ("<!-- … --> below the doctype", says(second, "<!--"))
    } else if file.is("py") {
        ("a docstring", says(second, "\"\"\""))
    } else {
        return;
    };
    if !fine {
        all.push(file.finding(1, "first-line", format!(
            "the first line says what the file is for ({opening}), so that a list of them reads as a map"
        )));
    }
}

fn layers(file: &File, all: &mut Vec<Finding>) {
    let Some(inside) = file.name.strip_prefix("src/").filter(|_| file.is("rs")) else { return };
    let mut parts: Vec<&str> = inside.trim_end_matches(".rs").split('/').collect();
    if parts.last() == Some(&"mod") {
        parts.pop();
    }
    let Some((own, allowed)) = LAYERS.iter().find(|(layer, _)| parts.first() == Some(layer)) else {
        return;
    };
    for (line, used) in top_names(&file.views.code, parts.len()) {
        let known = LAYERS.iter().any(|(layer, _)| *layer == used);
        if known && used != *own && !allowed.contains(&used) {
            all.push(file.finding(line, "layers", format!(
                "`{own}` uses `{used}`: arrows go app ← web ← ui only, so that each layer is tested without the ones above \
                 it; move what is shared down"
            )));
        }
    }
}

/// Names right below the crate's root that this code uses: `crate::x`, `crate::{x, y::z}`,
/// `daskscope::x`, and `super::super::x` where it climbs that high from `depth` modules down.
fn top_names(code: &str, depth: usize) -> Vec<(usize, &str)> {
    let tokens = tokens(code);
    let mut names = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (_, token) = tokens[at];
        let mut next = at + 1;
        let mut from_root = token == "crate" || token == "daskscope";
        if token == "super" {
            let mut climbed = 1;
            while tokens.get(next).map(|t| t.1) == Some("::")
                && tokens.get(next + 1).map(|t| t.1) == Some("super")
            {
                climbed += 1;
                next += 2;
            }
            from_root = climbed >= depth;
        }
        if from_root && tokens.get(next).map(|t| t.1) == Some("::") {
            next = first_names(&tokens, next + 1, &mut names);
        }
        at = next;
    }
    names
}

/// The first name of a path, or of each path in a group. Gives the place after what was read.
fn first_names<'a>(
    tokens: &[(usize, &'a str)],
    from: usize,
    names: &mut Vec<(usize, &'a str)>,
) -> usize {
    let Some(first) = tokens.get(from) else { return from };
    if first.1 != "{" {
        names.push(*first);
        return from + 1;
    }
    let mut depth = 1;
    let mut expect = true;
    let mut at = from + 1;
    while let Some((line, token)) = tokens.get(at) {
        match *token {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            "," if depth == 1 => expect = true,
            name if expect && depth == 1 => {
                names.push((*line, name));
                expect = false;
            }
            _ => {}
        }
        at += 1;
    }
    at
}

fn browser(file: &File, all: &mut Vec<Finding>) {
    let rim = ["src/web/", "src/ui/"].iter().any(|f| file.name.starts_with(f))
        || file.name == "src/main.rs";
    if !file.app_source() || rim {
        return;
    }
    let lines: Vec<&str> = file.text.lines().collect();
    for (line, token) in tokens(&file.views.code) {
        let crates = ["web_sys", "js_sys", "yew"].contains(&token)
            || token == "gloo"
            || token.starts_with("gloo_")
            || token.starts_with("wasm_bindgen");
        let behind_cfg = file.name == "src/lib.rs"
            && lines[..line - 1]
                .last()
                .is_some_and(|before| before.contains("target_arch = \"wasm32\""));
        if crates && !behind_cfg {
            all.push(file.finding(line, "browser", format!(
                "`{token}` outside web/, ui/ and main.rs: everything else is plain data in and out, and runs under native `cargo test`"
            )));
        }
    }
}

fn panics(file: &File, all: &mut Vec<Finding>) {
    if !file.app_source() {
        return;
    }
    for (index, line) in file.views.code.lines().enumerate() {
        if !file.in_test(index + 1) && (line.contains(".unwrap()") || line.contains(".expect(\"")) {
            all.push(file.finding(index + 1, "panic", "a panic ends the whole app in the browser: give an error, a default, or a counted drop"));
        }
    }
}

/// What is small to write and large in the program, and what to use instead.
const BULK: [(&str, &str); 7] = [
    (".sort_by(", "use base::sort::sort_by, which is in the program once"),
    (".sort_by_key(", "use base::sort::sort_by, which is in the program once"),
    (".sort_unstable", "use base::sort::sort_by, which is in the program once"),
    ("BTreeMap", "use base::dict::Dict"),
    ("BTreeSet", "use a Vec, or base::dict::Dict"),
    (".parse::<f64>()", "use base::number::parse: the library's brings ten kilobytes of tables"),
    ("serde_json::to_string", "use base::json::print: serde's floats bring tables"),
];

fn bulk(file: &File, all: &mut Vec<Finding>) {
    if !file.app_source() {
        return;
    }
    for (index, line) in file.views.code.lines().enumerate() {
        for (word, instead) in BULK {
            if line.contains(word) && !file.in_test(index + 1) {
                all.push(file.finding(index + 1, "bulk", instead));
            }
        }
    }
    for (index, line) in file.views.with_strings.lines().enumerate() {
        // Inside braces: the colon of a format, then what makes it a debug text.
        if (line.contains(":?}") || line.contains(":#?}")) && !file.in_test(index + 1) {
            all.push(file.finding(index + 1, "bulk", "the release build has no debug texts, this prints nothing there: use Display, base::json or base::number"));
        }
    }
}

fn inline_style(file: &File, all: &mut Vec<Finding>) {
    let page = file.name == "index.html";
    let rust = file.name.starts_with("src/ui/") || file.name.starts_with("src/web/");
    if !page && !rust {
        return;
    }
    let code = if page { file.text } else { &file.views.code };
    for (index, line) in code.lines().enumerate() {
        let hit = ["style=\"", "style={"].iter().any(|p| {
            line.match_indices(p)
                .any(|(at, _)| line[..at].chars().next_back().is_none_or(char::is_whitespace))
        });
        if hit {
            all.push(file.finding(index + 1, "inline-style", "the page's policy has no 'unsafe-inline', so the browser ignores `style=`: use a class, an SVG attribute, or CSSOM through a node ref"));
        }
    }
}

fn braces(file: &File, all: &mut Vec<Finding>) {
    if !file.is("css") {
        return;
    }
    let mut open = 0_i32;
    for (index, line) in file.text.lines().enumerate() {
        let selector = !line.starts_with([' ', '}', '@', '/']) && line.ends_with('{');
        if open > 0 && selector {
            all.push(file.finding(
                index + 1,
                "braces",
                "a rule begins inside another one: a closing brace is missing above",
            ));
            return;
        }
        open += line.matches('{').count() as i32 - line.matches('}').count() as i32;
    }
    if open != 0 {
        all.push(file.finding(
            file.text.lines().count(),
            "braces",
            "there are more opening braces than closing ones, or fewer",
        ));
    }
}

fn colours(file: &File, all: &mut Vec<Finding>) {
    let css = file.name.starts_with("www/css/") && !file.name.contains("tokens");
    let rust = file.app_source() && !file.name.contains("palette");
    if !css && !rust {
        return;
    }
    for (index, line) in file.views.with_strings.lines().enumerate() {
        if !file.in_test(index + 1) && has_hex_colour(line, css) {
            all.push(file.finding(index + 1, "colour", "a colour by number outside palette.rs and tokens*.css: dark, light and a host's theme change in those two places only"));
        }
    }
}

/// `#` and 3, 4, 6 or 8 hex digits: in CSS as a value (after `:`), in Rust in quotes.
fn has_hex_colour(line: &str, css: bool) -> bool {
    line.match_indices('#').any(|(at, _)| {
        let digits = line[at + 1..].chars().take_while(char::is_ascii_hexdigit).count();
        let after = line[at + 1 + digits..].chars().next();
        let ends = !after.is_some_and(|c| c.is_alphanumeric() || c == '-' || c == '_');
        let place = if css { line[..at].contains(':') } else { line[..at].ends_with('"') };
        [3, 4, 6, 8].contains(&digits) && ends && place
    })
}

fn secrets(file: &File, all: &mut Vec<Finding>) {
    if !file.app_source() {
        return;
    }
    for (index, line) in file.views.with_strings.lines().enumerate() {
        let test = file.in_test(index + 1);
        let gateway_test = test && file.name.starts_with("crates/gateway/");
        if (line.contains("tls_key") || line.contains("tls_cert")) && !gateway_test {
            all.push(file.finding(index + 1, "secret", "the cluster's private key comes with every answer and is never read: who holds it can run code on the scheduler"));
        }
        if line.contains("/eventstream") && !test {
            all.push(file.finding(index + 1, "eventstream", "/eventstream has one subscriber, is silent on errors, and a refused attempt leaves a dead plugin on the scheduler: never open it"));
        }
    }
}
