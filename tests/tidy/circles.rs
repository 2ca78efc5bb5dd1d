//! Finds modules of one folder that import each other in a circle. What a module has from its parent, or a parent
//! from its children, is no circle: they are one subject.

use crate::text::{test_lines, tokens, views};

/// A module, by its path from the crate's root, and the code of its file.
pub struct Module {
    /// Its path.
    pub path: Vec<String>,
    /// Its text.
    pub text: String,
}

/// The path of a module by the path of its file below `src`.
pub fn module_path(file: &str) -> Vec<String> {
    let mut parts: Vec<String> =
        file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

/// Circles among the modules of a crate, each as `a → b → a`.
pub fn circles(modules: &[Module]) -> Vec<String> {
    let known = |path: &[String]| modules.iter().any(|module| module.path.starts_with(path));
    // Who uses whom: whole paths, cut to what is a module.
    let mut uses: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for module in modules.iter().filter(|module| !is_test(&module.path)) {
        for mut used in paths(&module.text, &module.path) {
            while !used.is_empty() && !known(&used) {
                used.pop();
            }
            uses.push((module.path.clone(), used));
        }
    }
    // An arrow between the two that are siblings on the way from one to the other.
    let mut arrows: Vec<(&[String], &[String])> = Vec::new();
    for (from, to) in &uses {
        let shared = from.iter().zip(to).take_while(|(a, b)| a == b).count();
        if shared < from.len() && shared < to.len() {
            arrows.push((&from[..=shared], &to[..=shared]));
        }
    }
    arrows.sort();
    arrows.dedup();
    let mut found = Vec::new();
    for (from, _) in &arrows {
        if let Some(way) = way_back(&arrows, from)
            && way.iter().min() == Some(from)
        {
            let names: Vec<String> = way.iter().map(|path| path.join("::")).collect();
            found.push(format!("{} → {}", names.join(" → "), from.join("::")));
        }
    }
    found.sort();
    found.dedup();
    found
}

fn is_test(path: &[String]) -> bool {
    path.iter().any(|part| part == "tests" || part.ends_with("_tests"))
}

/// The shortest way from a module over others back to it.
fn way_back<'a>(
    arrows: &[(&'a [String], &'a [String])],
    start: &'a [String],
) -> Option<Vec<&'a [String]>> {
    let mut ways = vec![vec![start]];
    let mut seen: Vec<&[String]> = Vec::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            let last = *way.last()?;
            for (_, to) in arrows.iter().filter(|(from, _)| *from == last) {
                if *to == start {
                    return Some(way);
                }
                if !seen.contains(to) {
                    seen.push(to);
                    longer.push(way.iter().copied().chain([*to]).collect());
                }
            }
        }
        ways = longer;
    }
    None
}

/// All paths that the code of a module names by `crate`, `super` or `self`, from the crate's root.
fn paths(text: &str, module: &[String]) -> Vec<Vec<String>> {
    let code = views(text).code;
    let tests = test_lines(&code);
    let tokens = tokens(&code);
    let mut all = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (line, word) = tokens[at];
        let mut base = match word {
            "crate" => Some(Vec::new()),
            "self" => Some(module.to_vec()),
            "super" => module.split_last().map(|(_, above)| above.to_vec()),
            _ => None,
        };
        at += 1;
        if tests.get(line - 1).copied().unwrap_or(false) {
            continue;
        }
        let mut next = at;
        while next + 1 < tokens.len() && tokens[next].1 == "::" && tokens[next + 1].1 == "super" {
            base = base.and_then(|base| base.split_last().map(|(_, above)| above.to_vec()));
            next += 2;
        }
        if let Some(base) = base
            && tokens.get(next).is_some_and(|(_, token)| *token == "::")
        {
            at = names(&tokens, next + 1, &base, &mut all);
        }
    }
    all
}

/// Reads a path, or a group of paths, from `at` on, below `base`. Gives the place after it.
fn names(
    tokens: &[(usize, &str)],
    mut at: usize,
    base: &[String],
    all: &mut Vec<Vec<String>>,
) -> usize {
    let mut path = base.to_vec();
    while let Some((_, token)) = tokens.get(at) {
        if *token == "{" {
            at += 1;
            while tokens.get(at).is_some_and(|(_, token)| *token != "}") {
                let next = names(tokens, at, &path, all);
                at = if next == at { at + 1 } else { next };
                if tokens.get(at).is_some_and(|(_, token)| *token == ",") {
                    at += 1;
                }
            }
            return at + 1;
        }
        let is_name = token.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !is_name {
            break;
        }
        path.push((*token).to_owned());
        at += 1;
        if tokens.get(at).is_none_or(|(_, token)| *token != "::") {
            break;
        }
        at += 1;
    }
    if path.len() > base.len() {
        all.push(path);
    }
    at
}
