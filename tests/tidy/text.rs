//! Just enough of Rust's lexing to tell code from comments and strings, and tests from the rest.

/// A source in two views of the same length, line by line as it was.
pub struct Views {
    /// Comments blanked, strings kept.
    pub with_strings: String,
    /// Comments blanked, and what stands inside strings and characters.
    pub code: String,
}

/// Blanks comments and strings. Line ends stay, so that line numbers do.
pub fn views(text: &str) -> Views {
    let bytes = text.as_bytes();
    let mut with_strings = bytes.to_vec();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if rest.starts_with(b"//") {
            let end = at + rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
            blank(&mut with_strings, at, end);
            blank(&mut code, at, end);
            at = end;
        } else if rest.starts_with(b"/*") {
            let end = block_end(bytes, at);
            blank(&mut with_strings, at, end);
            blank(&mut code, at, end);
            at = end;
        } else if let Some((open, end)) = string(bytes, at) {
            let close = end.saturating_sub(1).max(open);
            blank(&mut code, open, close);
            at = end;
        } else {
            at += 1;
        }
    }
    let whole = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Views { with_strings: whole(with_strings), code: whole(code) }
}

fn blank(bytes: &mut [u8], from: usize, to: usize) {
    let to = to.min(bytes.len());
    for byte in &mut bytes[from.min(to)..to] {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

fn block_end(bytes: &[u8], from: usize) -> usize {
    let mut depth = 0;
    let mut at = from;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    bytes.len()
}

/// A string or character that starts here: where its inside starts, and where it is over.
fn string(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let before = at.checked_sub(1).map(|i| bytes[i]);
    let in_word = before.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
    match bytes[at] {
        b'"' => Some((at + 1, quoted_end(bytes, at + 1, b'"'))),
        b'\'' => {
            // A character, not a lifetime: 'x' or '\…'.
            let rest = &bytes[at + 1..];
            let escaped = rest.first() == Some(&b'\\');
            let width = match rest.first() {
                Some(b) if *b >= 0xf0 => 4,
                Some(b) if *b >= 0xe0 => 3,
                Some(b) if *b >= 0xc0 => 2,
                _ => 1,
            };
            let short = rest.get(width) == Some(&b'\'');
            (escaped || short).then(|| (at + 1, quoted_end(bytes, at + 1, b'\'')))
        }
        b'r' if !in_word || before == Some(b'b') => {
            let hashes = bytes[at + 1..].iter().take_while(|b| **b == b'#').count();
            if bytes.get(at + 1 + hashes) != Some(&b'"') {
                return None;
            }
            let open = at + 2 + hashes;
            let mut close = vec![b'"'];
            close.extend(std::iter::repeat_n(b'#', hashes));
            let end = bytes[open.min(bytes.len())..]
                .windows(close.len())
                .position(|window| window == close)
                .map_or(bytes.len(), |i| open + i + close.len());
            Some((open, end))
        }
        _ => None,
    }
}

fn quoted_end(bytes: &[u8], from: usize, quote: u8) -> usize {
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b if b == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// For each line (from 0), whether it belongs to an item behind `#[cfg(test)]` or `#[test]`.
pub fn test_lines(code: &str) -> Vec<bool> {
    let lines: Vec<&str> = code.lines().collect();
    let mut marks = vec![false; lines.len()];
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at].trim_start();
        if line.starts_with("#[cfg(test)]")
            || line.starts_with("#[test]")
            || line.starts_with("#[cfg(all(test")
        {
            let end = item_end(&lines, at);
            marks[at..=end].fill(true);
            at = end;
        }
        at += 1;
    }
    marks
}

/// The last line of the item that starts here: where its braces close, or at its `;`.
fn item_end(lines: &[&str], from: usize) -> usize {
    let mut depth = 0;
    let mut brackets = 0;
    for (at, line) in lines.iter().enumerate().skip(from) {
        for c in line.chars() {
            match c {
                '[' | '(' => brackets += 1,
                ']' | ')' => brackets -= 1,
                '{' => depth += 1,
                '}' => {
                    depth -= 1;
                    if depth == 0 {
                        return at;
                    }
                }
                ';' if depth == 0 && brackets == 0 => return at,
                _ => {}
            }
        }
    }
    lines.len().saturating_sub(1)
}

/// Words of the code with the line of each (from 1): names, `::`, and single signs.
pub fn tokens(code: &str) -> Vec<(usize, &str)> {
    let mut all = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let length = if first.is_alphanumeric() || first == '_' {
                rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (token, after) = rest.split_at(length);
            if !first.is_whitespace() {
                all.push((index + 1, token));
            }
            rest = after;
        }
    }
    all
}
