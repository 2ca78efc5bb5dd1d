//! Counts the methods of each type of a crate, over all its `impl` blocks: a type with very many has parts that
//! have no name yet.

use std::collections::BTreeMap;

use crate::text::views;

/// Methods by type. `files` are the texts of one crate's sources, without its tests.
pub fn methods<'a>(files: impl Iterator<Item = &'a str>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for text in files {
        let code = views(text).code;
        let mut of: Option<String> = None;
        // Rustfmt puts what stands outside of everything at the left edge.
        for line in code.lines() {
            if line.starts_with('}') {
                of = None;
            } else if line.starts_with("impl") {
                of = type_of(line);
            } else if let Some(name) = &of
                && is_method(line)
            {
                *counts.entry(name.clone()).or_default() += 1;
            }
        }
    }
    counts
}

/// The type that an `impl` line is for; none for the traits of others, whose methods are not ours to choose.
fn type_of(line: &str) -> Option<String> {
    if line.contains(" for ") {
        return None;
    }
    let rest = line.strip_prefix("impl")?;
    // `impl<T: Into<X>> Type<T> {`: what stands in angle brackets is no part of the name.
    let rest = match rest.strip_prefix('<') {
        Some(generics) => {
            let mut depth = 1;
            let end = generics.find(|c| {
                depth += i32::from(c == '<') - i32::from(c == '>');
                depth == 0
            })?;
            &generics[end + 1..]
        }
        None => rest,
    };
    let name: String =
        rest.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

fn is_method(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("    ").filter(|rest| !rest.starts_with(' ')) else {
        return false;
    };
    let head = rest.split('(').next().unwrap_or_default();
    head.split_whitespace().any(|word| word == "fn")
        || rest.starts_with("pub(") && rest.contains(" fn ")
}
