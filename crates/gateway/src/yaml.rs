//! A reader for the YAML that people write into mapping fields: block and flow mappings and lists,
//! plain, quoted and block (`|`, `>`) scalars, comments, with YAML 1.1 types. It gives what
//! PyYAML's safe loader gives, or an error: anchors, tags, merge keys, several documents and
//! complex keys are refused with the line they stand on. All of JSON is YAML, so JSON works too.

use serde_json::{Map, Value};

use super::literal::float_text;
use super::scalar::resolve;
use base::{exact, json};

/// Where the text went wrong, and how, for people.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct YamlError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for YamlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for YamlError {}

/// Boxed inside the reader: most of its code hands results on.
pub(super) type Result<T> = std::result::Result<T, Box<YamlError>>;

/// Deeper nesting than this is refused; real mappings have two or three levels.
const DEPTH_LIMIT: usize = 32;

/// Something without quotes that YAML takes for more than text: a number, a truth, nothing.
pub(super) struct Plain {
    /// Its line, from 0.
    pub(super) row: usize,
    /// Where it begins on that line, in characters.
    pub(super) from: usize,
    /// Where it ends; both are the same for a value that is not there.
    pub(super) to: usize,
    /// What it is taken for.
    pub(super) value: Value,
    /// Whether it is a name, not a value.
    pub(super) key: bool,
    /// How deep it stands: 1 for the values of the whole mapping.
    pub(super) depth: usize,
    /// The name at the top that it belongs to.
    pub(super) name: Option<String>,
}

/// A document and how it was written.
pub(super) struct Noted {
    pub(super) value: Value,
    pub(super) plains: Vec<Plain>,
    pub(super) lines: Vec<Vec<char>>,
}

/// Reads one document.
///
/// # Errors
/// [`YamlError`] with the line.
pub fn parse(text: &str) -> std::result::Result<Value, YamlError> {
    parse_noting(text).map(|noted| noted.value)
}

/// Reads one document, and notes what YAML takes for more than text.
///
/// # Errors
/// [`YamlError`] with the line.
pub(super) fn parse_noting(text: &str) -> std::result::Result<Noted, YamlError> {
    read(text).map_err(|error| *error)
}

fn read(text: &str) -> Result<Noted> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut lines, mut line, mut before) = (Vec::new(), Vec::new(), ' ');
    for c in text.chars() {
        match c {
            '\n' if before == '\r' => {}
            '\n' | '\r' => lines.push(std::mem::take(&mut line)),
            _ => line.push(c),
        }
        before = c;
    }
    lines.push(line);
    let mut reader = Reader { lines, row: 0, col: 0, depth: 0, plains: Vec::new() };
    for row in 0..reader.lines.len() {
        let odd = |c: &&char| {
            matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
                || (c.is_control() && **c != '\t')
        };
        if reader.lines[row].iter().find(odd).is_some() {
            reader.row = row;
            return reader.fail("a control character: write it as an escape in double quotes");
        }
    }
    let value = reader.document()?;
    Ok(Noted { value, plains: reader.plains, lines: reader.lines })
}

/// A mapping being read, and which names it has. Python takes `1`, `1.0` and `true` for one name,
/// and JSON takes `1` and `"1"` for one.
#[derive(Default)]
pub(super) struct Names {
    pub(super) values: Map<String, Value>,
    numbers: Vec<f64>,
}

fn as_number(key: &Value) -> Option<f64> {
    key.as_bool().map(|yes| f64::from(u8::from(yes))).or_else(|| key.as_f64())
}

impl Names {
    fn has(&self, name: &str, key: &Value) -> bool {
        self.values.contains_key(name)
            || as_number(key).is_some_and(|number| self.numbers.contains(&number))
    }

    pub(super) fn insert(&mut self, name: &str, key: &Value, value: Value) {
        self.numbers.extend(as_number(key));
        self.values.insert(name.to_owned(), value);
    }
}

/// The cursor over the lines.
pub(super) struct Reader {
    pub(super) lines: Vec<Vec<char>>,
    pub(super) row: usize,
    pub(super) col: usize,
    depth: usize,
    pub(super) plains: Vec<Plain>,
}

/// Whether a line ends here or a blank follows.
pub(super) fn blank(c: Option<char>) -> bool {
    matches!(c, None | Some(' ' | '\t'))
}

/// What a line break inside text means: a blank, or as many breaks as there are empty lines.
pub(super) fn push_break(text: &mut String, empty_lines: usize) {
    match empty_lines {
        0 => text.push(' '),
        _ => push_breaks(text, empty_lines),
    }
}

/// So many line breaks.
#[inline(never)]
pub(super) fn push_breaks(text: &mut String, count: usize) {
    for _ in 0..count {
        text.push('\n');
    }
}

impl Reader {
    pub(super) fn fail<T>(&self, message: &str) -> Result<T> {
        Err(self.error(message))
    }

    // Boxed here, once, and not by everything that fails.
    #[allow(clippy::unnecessary_box_returns)]
    #[inline(never)]
    fn error(&self, message: &str) -> Box<YamlError> {
        let line = (self.row + 1).min(self.lines.len().max(1));
        Box::new(YamlError { line, message: message.into() })
    }

    #[inline(never)]
    pub(super) fn at(&self, ahead: usize) -> Option<char> {
        self.lines.get(self.row)?.get(self.col + ahead).copied()
    }

    pub(super) fn ended(&self) -> bool {
        self.row >= self.lines.len()
    }

    /// Moves over blanks on this line.
    #[inline(never)]
    pub(super) fn skip_blanks(&mut self) {
        while self.at(0) == Some(' ') {
            self.col += 1;
        }
    }

    /// Moves over lines without text and counts them.
    pub(super) fn skip_empty_lines(&mut self) -> usize {
        let mut count = 0;
        while self.lines.get(self.row).is_some_and(|line| line.iter().all(|c| *c == ' ')) {
            count += 1;
            self.next_line();
        }
        count
    }

    pub(super) fn next_line(&mut self) {
        self.row += 1;
        self.col = 0;
    }

    pub(super) fn is_marker(&self, row: usize) -> bool {
        let Some(line) = self.lines.get(row) else { return false };
        (line.starts_with(&['-'; 3]) || line.starts_with(&['.'; 3])) && blank(line.get(3).copied())
    }

    fn document(&mut self) -> Result<Value> {
        self.skip_to_content()?;
        if self.is_marker(self.row) && self.at(0) == Some('-') {
            for place in 0..3 {
                self.lines[self.row][place] = ' ';
            }
            if self.lines[self.row].iter().any(|c| *c != ' ') {
                return self.fail("begin on the line after ---");
            }
            self.skip_to_content()?;
        }
        let value = self.block(-1, false)?;
        self.skip_to_content()?;
        if self.ended() {
            return Ok(value);
        }
        if self.is_marker(self.row) {
            return self.fail("only one document is read: take the --- or ... out");
        }
        self.fail("this does not belong to what stands above: check the indentation")
    }

    /// Moves to the first column with content at or after the cursor, over blank lines and
    /// comments. The cursor must be at the beginning of a line or behind a finished value.
    fn skip_to_content(&mut self) -> Result<()> {
        while !self.ended() {
            match self.at(0) {
                Some(' ') => self.col += 1,
                Some('\t') => return self.fail("a tab: YAML is indented with spaces"),
                None | Some('#') => self.next_line(),
                Some(_) => return Ok(()),
            }
        }
        Ok(())
    }

    #[inline(never)]
    pub(super) fn deeper(&mut self, read: fn(&mut Self) -> Result<Value>) -> Result<Value> {
        if self.depth >= DEPTH_LIMIT {
            return self.fail("nested too deeply");
        }
        self.depth += 1;
        let out = read(self);
        self.depth -= 1;
        out
    }

    /// What stands on the next lines deeper than `parent`; null if nothing does. A list may stand
    /// at the very column of its key.
    fn block(&mut self, parent: isize, list_at_parent: bool) -> Result<Value> {
        self.skip_to_content()?;
        if self.ended() || (self.is_marker(self.row) && self.col == 0) {
            return Ok(Value::Null);
        }
        let column = self.col as isize;
        if column == parent && list_at_parent && self.is_item() {
            return self.deeper(Self::list);
        }
        if column <= parent {
            return Ok(Value::Null);
        }
        self.block_here(parent)
    }

    /// A value in block style that begins at the cursor.
    fn block_here(&mut self, parent: isize) -> Result<Value> {
        if self.is_item() {
            self.deeper(Self::list)
        } else if self.is_key()? {
            self.deeper(Self::mapping)
        } else {
            self.inline(parent)
        }
    }

    /// Whether what stands at `column` has no further entry; fails where one stands deeper.
    fn ends_at(&mut self, column: usize, deeper: &str) -> Result<bool> {
        self.skip_to_content()?;
        if self.ended() || self.col < column || (self.is_marker(self.row) && self.col == 0) {
            return Ok(true);
        }
        if self.col > column {
            return self.fail(deeper);
        }
        Ok(false)
    }

    fn is_item(&self) -> bool {
        self.at(0) == Some('-') && blank(self.at(1))
    }

    fn list(&mut self) -> Result<Value> {
        let column = self.col;
        let mut items = Vec::new();
        loop {
            self.col += 1;
            self.skip_blanks();
            items.push(match self.at(0) {
                None | Some('#') => {
                    self.next_line();
                    self.block(column as isize, false)?
                }
                Some(_) => self.block_here(column as isize)?,
            });
            if self.ends_at(column, "indented more than the item above")? || !self.is_item() {
                return Ok(Value::Array(items));
            }
        }
    }

    fn mapping(&mut self) -> Result<Value> {
        let column = self.col;
        let mut map = Names::default();
        loop {
            let key = self.key()?;
            self.not_twice(&map, &key)?;
            self.col += 1; // the colon
            let (row, from, noted) = (self.row, self.col, self.plains.len());
            self.skip_blanks();
            let value = match self.at(0) {
                None | Some('#') => {
                    self.next_line();
                    let value = self.block(column as isize, true)?;
                    if value.is_null() && self.plains.len() == noted {
                        self.note(row, from, 0, &value);
                    }
                    value
                }
                Some('-') if blank(self.at(1)) => {
                    return self.fail("a list begins on the line below its name");
                }
                Some(_) => {
                    if self.is_key()? {
                        return self.fail(
                            "a second colon with a blank behind it: put the value in quotes",
                        );
                    }
                    self.inline(column as isize)?
                }
            };
            let name = self.name_of(&key)?;
            self.note_name(noted, &name);
            map.insert(&name, &key, value);
            if self.ends_at(column, "indented more than the name above")? {
                return Ok(Value::Object(map.values));
            }
            if self.is_item() {
                return self.fail("a list item where a name was expected");
            }
            if !self.is_key()? {
                return self.fail("a name with a colon and a blank behind it was expected");
            }
        }
    }

    /// Whether a name and its colon stand at the cursor.
    fn is_key(&mut self) -> Result<bool> {
        let Some(first) = self.at(0) else { return Ok(false) };
        if first == '?' && blank(self.at(1)) {
            return self.fail("names marked with ? are not supported here");
        }
        let mut ahead = 0;
        if first == '"' || first == '\'' {
            ahead += 1;
            loop {
                match self.at(ahead) {
                    None => return Ok(false),
                    Some('\\') if first == '"' => ahead += 2,
                    Some(c) if c == first => {
                        ahead += 1;
                        if first == '\'' && self.at(ahead) == Some('\'') {
                            ahead += 1;
                        } else {
                            break;
                        }
                    }
                    Some(_) => ahead += 1,
                }
            }
            while self.at(ahead) == Some(' ') {
                ahead += 1;
            }
            return Ok(self.at(ahead) == Some(':') && blank(self.at(ahead + 1)));
        }
        if !self.may_be_plain(false) {
            return Ok(false);
        }
        while let Some(c) = self.at(ahead) {
            if c == ':' && blank(self.at(ahead + 1)) {
                return Ok(ahead < 1024);
            }
            if (c == '#' && ahead > 0 && self.at(ahead - 1) == Some(' ')) || c == '\t' {
                return Ok(false);
            }
            ahead += 1;
        }
        Ok(false)
    }

    /// The name at the cursor, which moves to its colon.
    fn key(&mut self) -> Result<Value> {
        if let Some('"' | '\'') = self.at(0) {
            let text = self.quoted()?;
            self.skip_blanks();
            return Ok(text);
        }
        let start = self.col;
        while !(self.at(0) == Some(':') && blank(self.at(1))) && self.at(0).is_some() {
            self.col += 1;
        }
        let text: String = self.text_between(start, self.col).trim_end().into();
        let key = self.typed(&text)?;
        self.note(self.row, start, text.chars().count(), &key);
        self.note_key();
        Ok(key)
    }

    /// Text in quotes of either kind, which stand at the cursor.
    #[inline(never)]
    pub(super) fn quoted(&mut self) -> Result<Value> {
        let text =
            if self.at(0) == Some('"') { self.double_quoted() } else { self.single_quoted() };
        text.map(Value::String)
    }

    #[inline(never)]
    pub(super) fn text_between(&self, from: usize, to: usize) -> String {
        self.lines.get(self.row).and_then(|line| line.get(from..to)).unwrap_or(&[]).iter().collect()
    }

    /// Notes what was written in `length` characters and is more than text.
    pub(super) fn note(&mut self, row: usize, from: usize, length: usize, value: &Value) {
        if !value.is_string() {
            let (value, to, depth) = (value.clone(), from + length, self.depth);
            self.plains.push(Plain { row, from, to, value, key: false, depth, name: None });
        }
    }

    /// What was noted last, on this line, is a name.
    pub(super) fn note_key(&mut self) {
        if let Some(last) = self.plains.last_mut().filter(|last| last.row == self.row) {
            last.key |= last.to <= self.col;
        }
    }

    /// What was noted since belongs to this name, where it is one at the top.
    pub(super) fn note_name(&mut self, since: usize, name: &str) {
        if self.depth == 1 {
            for plain in self.plains.iter_mut().skip(since) {
                plain.name = Some(name.to_owned());
            }
        }
    }

    pub(super) fn typed(&self, text: &str) -> Result<Value> {
        resolve(text).or_else(|message| self.fail(&message))
    }

    /// Refuses a name that is there already. (PyYAML silently keeps the last one.)
    pub(super) fn not_twice(&self, map: &Names, key: &Value) -> Result<()> {
        let name = self.name_of(key)?;
        if map.has(&name, key) {
            return self.fail(&format!("{name} is there twice"));
        }
        Ok(())
    }

    /// A key as JSON writes it: JSON has no other keys than text.
    pub(super) fn name_of(&self, key: &Value) -> Result<String> {
        match key {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) if number.is_f64() => {
                Ok(float_text(number.as_f64().unwrap_or(0.0)))
            }
            Value::Object(_) if exact::text(key).is_some() => Ok(json::print(key)),
            Value::Array(_) | Value::Object(_) => self.fail("a list or mapping cannot be a name"),
            other => Ok(json::print(other)),
        }
    }

    /// A value that begins in the middle of a line; ends at the beginning of a later line.
    fn inline(&mut self, parent: isize) -> Result<Value> {
        let value = match self.at(0) {
            Some('|' | '>') => return self.block_scalar(parent),
            Some('"' | '\'') => self.quoted()?,
            Some('[' | '{') => self.flow()?,
            _ => return self.plain(parent),
        };
        self.skip_blanks();
        match self.at(0) {
            None | Some('#') => self.next_line(),
            Some(_) => return self.fail("something stands behind the end of the value"),
        }
        Ok(value)
    }

    /// Whether a plain scalar may begin with the character at the cursor.
    pub(super) fn may_be_plain(&self, flow: bool) -> bool {
        match self.at(0) {
            None => false,
            Some('-') => !blank(self.at(1)),
            Some('?' | ':') => !flow && !blank(self.at(1)),
            Some(c) => !" \t,[]{}#&*!|>'\"%@`".contains(c),
        }
    }

    pub(super) fn refuse_start<T>(&self) -> Result<T> {
        self.fail(match self.at(0) {
            Some('&' | '*') => "anchors (&) and aliases (*) are not supported: use quotes for text",
            Some('!') => "tags (!) are not supported: use quotes for text",
            Some('\t') => "a tab: YAML is indented with spaces",
            Some('@' | '`' | '%') => "text cannot begin with this character: put it in quotes",
            None => "the text ends too early",
            Some(_) => "a value was expected here: put text in quotes",
        })
    }

    fn plain(&mut self, parent: isize) -> Result<Value> {
        if !self.may_be_plain(false) {
            return self.refuse_start();
        }
        let mut text = String::new();
        let (row, from) = (self.row, self.col);
        loop {
            let (part, more) = self.plain_part(false)?;
            text.push_str(&part);
            self.next_line();
            if !more {
                break;
            }
            let blanks = self.skip_empty_lines();
            let Some(line) = self.lines.get(self.row) else { break };
            let indent = line.iter().take_while(|c| **c == ' ').count();
            if indent as isize <= parent
                || line.get(indent) == Some(&'#')
                || self.is_marker(self.row)
            {
                break;
            }
            self.col = indent;
            push_break(&mut text, blanks);
        }
        // The type is that of the whole text; the error belongs to its last line.
        let value = resolve(&text).map_err(|message| {
            Box::new(YamlError { line: self.row.clamp(1, self.lines.len()), message })
        })?;
        self.note(row, from, text.chars().count(), &value);
        Ok(value)
    }

    /// The rest of a plain scalar on this line, and whether the next line may go on with it.
    pub(super) fn plain_part(&mut self, flow: bool) -> Result<(String, bool)> {
        let start = self.col;
        let mut more = true;
        loop {
            match self.at(0) {
                None => break,
                Some('\t') => {
                    return self.fail("a tab: use blanks, or put the text in quotes");
                }
                Some('#')
                    if self.col == start || self.text_between(self.col - 1, self.col) == " " =>
                {
                    more = false;
                    break;
                }
                Some(':') if blank(self.at(1)) && !flow => {
                    return self.fail(
                        "a colon with a blank behind it where no name can be: put the text in quotes",
                    );
                }
                Some(':')
                    if flow
                        && (blank(self.at(1))
                            || self.at(1).is_some_and(|c| ",[]{}".contains(c))) =>
                {
                    more = false;
                    break;
                }
                Some(c) if flow && ",?[]{}".contains(c) => {
                    more = false;
                    break;
                }
                Some(_) => self.col += 1,
            }
        }
        Ok((self.text_between(start, self.col).trim_end_matches(' ').to_owned(), more))
    }
}
