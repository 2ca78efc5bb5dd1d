//! What the bundle weighs: raw, after gzip and after Brotli, held against size-budget.toml.

use std::fs;
use std::path::Path;

use crate::say::{self, Result};

/// Bytes: raw, after gzip, after Brotli. Of a file that has no compressed copy all three are the same.
type Bytes = [u64; 3];

/// Endings of the compressed copies, in the order of the columns after the raw one.
const PACKED: [&str; 2] = [".gz", ".br"];

/// What size-budget.toml says.
struct Budget {
    /// Bytes after Brotli of all that a first visit loads.
    first_visit: u64,
    /// Names of files that load on demand only; `*` stands for any characters.
    on_demand: Vec<String>,
}

/// Prints the table of a bundle's files and holds what a first visit loads against the budget.
///
/// # Errors
/// By how much the bundle is too big, or what could not be read.
pub fn weigh(folder: &Path) -> Result<()> {
    let text = fs::read_to_string(say::root().join("size-budget.toml"))
        .map_err(|e| format!("cannot read size-budget.toml: {e}"))?;
    let budget = budget(&text)?;
    let (later, first): (Vec<_>, Vec<_>) = files(folder)?
        .into_iter()
        .partition(|(name, _)| budget.on_demand.iter().any(|pattern| fits(pattern, name)));
    head();
    let all = table(&first, "a first visit");
    if !later.is_empty() {
        table(&later, "on demand");
    }
    if all[2] > budget.first_visit {
        return Err(format!(
            "a first visit loads {} bytes after Brotli, {} above the budget of {} in size-budget.toml",
            all[2],
            all[2] - budget.first_visit,
            budget.first_visit
        ));
    }
    say::note(&format!(
        "within the budget of {} after Brotli, {} to spare",
        budget.first_visit,
        budget.first_visit - all[2]
    ));
    Ok(())
}

/// Prints the table of a bundle's files, whatever they weigh.
///
/// # Errors
/// What could not be read.
pub fn show(folder: &Path) -> Result<()> {
    head();
    table(&files(folder)?, "all");
    Ok(())
}

fn head() {
    say::step("Sizes in bytes");
    say::note(&format!("{:<40}{:>10}{:>10}{:>10}", "", "raw", "gzip", "brotli"));
}

/// Prints files and their sum.
fn table(files: &[(String, Bytes)], what: &str) -> Bytes {
    let line = |name: &str, sizes: Bytes| {
        say::note(&format!("{name:<40}{:>10}{:>10}{:>10}", sizes[0], sizes[1], sizes[2]));
    };
    let mut all = [0; 3];
    for (name, sizes) in files {
        line(&format!("  {name}"), *sizes);
        for (sum, size) in all.iter_mut().zip(sizes) {
            *sum += size;
        }
    }
    line(what, all);
    all
}

/// The bundle's files by name, the largest first, without their compressed copies.
fn files(folder: &Path) -> Result<Vec<(String, Bytes)>> {
    let size = |path: &Path| fs::metadata(path).map(|data| data.len()).ok();
    let mut paths = Vec::new();
    say::collect(folder, &mut paths);
    let mut all = Vec::new();
    for path in paths {
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
        if PACKED.iter().any(|ending| name.ends_with(ending)) {
            continue;
        }
        let raw = size(&path).ok_or_else(|| format!("cannot read {}", path.display()))?;
        let packed =
            PACKED.map(|ending| size(&folder.join(format!("{name}{ending}"))).unwrap_or(raw));
        all.push((name, [raw, packed[0], packed[1]]));
    }
    if all.is_empty() {
        return Err(format!("{} holds no bundle", folder.display()));
    }
    all.sort_by(|(a, x), (b, y)| y[2].cmp(&x[2]).then_with(|| a.cmp(b)));
    Ok(all)
}

/// Reads the two lines that count: enough of TOML for this file.
fn budget(text: &str) -> Result<Budget> {
    let value = |key: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='))
            .map(str::trim)
            .ok_or_else(|| format!("size-budget.toml has no line \"{key} = …\""))
    };
    let first_visit = value("first_visit_brotli")?
        .replace('_', "")
        .parse()
        .map_err(|_| String::from("first_visit_brotli in size-budget.toml is no number"))?;
    let on_demand = value("on_demand")?
        .trim_matches(['[', ']'])
        .split(',')
        .map(|name| name.trim().trim_matches('"').to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    Ok(Budget { first_visit, on_demand })
}

/// Whether a name is of a pattern with at most one `*`.
fn fits(pattern: &str, name: &str) -> bool {
    pattern.split_once('*').map_or(pattern == name, |(begin, end)| {
        name.len() >= begin.len() + end.len() && name.starts_with(begin) && name.ends_with(end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_read() {
        let read =
            budget("# a\nfirst_visit_brotli = 540_000\non_demand = [\"a.js\", \"b-*.wasm\"]\n");
        let read = read.expect("a budget");
        assert_eq!(read.first_visit, 540_000);
        assert_eq!(read.on_demand, ["a.js", "b-*.wasm"]);
        assert!(budget("first_visit_brotli = 1\n").is_err());
        assert!(budget("first_visit_brotli = many\non_demand = []\n").is_err());
    }

    #[test]
    fn the_projects_own_budget_can_be_read() {
        let text = fs::read_to_string(say::root().join("size-budget.toml")).expect("a file");
        assert!(budget(&text).is_ok());
    }

    #[test]
    fn a_star_stands_for_any_characters() {
        assert!(fits("keeper.js", "keeper.js") && !fits("keeper.js", "keeper.jsx"));
        assert!(fits("reader-*.wasm", "reader-0a.wasm") && !fits("reader-*.wasm", "reader-0a.js"));
        assert!(!fits("aa*aa", "aaa"));
    }

    #[test]
    fn compressed_copies_stand_for_their_file() {
        let folder = std::env::temp_dir().join(format!("daskscope-sizes-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        for (name, size) in [("a.wasm", 9), ("a.wasm.gz", 4), ("a.wasm.br", 3), ("config.json", 2)]
        {
            fs::write(folder.join(name), vec![0; size]).expect("a file");
        }
        let found = files(&folder);
        fs::remove_dir_all(&folder).expect("to be gone");
        let wanted = [("a.wasm".to_owned(), [9, 4, 3]), ("config.json".to_owned(), [2, 2, 2])];
        assert_eq!(found.expect("files"), wanted);
    }
}
