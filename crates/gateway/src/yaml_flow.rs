//! The parts of the YAML reader that span lines freely: quoted text, `|` and `>` text, `[…]` and
//! `{…}`.

use serde_json::Value;

use super::yaml::{Names, Reader, Result, blank, push_break, push_breaks};
use base::dict::record;

impl Reader {
    /// Reads on to the next line inside quotes and gives what the break stands for: a blank, or as
    /// many breaks as there are empty lines. Blanks around the break are dropped.
    fn fold(&mut self, text: &mut String, escaped: bool) -> Result<()> {
        let mut breaks = 0;
        loop {
            self.next_line();
            if self.ended() {
                return self.fail("the closing quote is missing");
            }
            if self.is_marker(self.row) {
                return self.fail("the closing quote is missing before this line");
            }
            while matches!(self.at(0), Some(' ' | '\t')) {
                self.col += 1;
            }
            if self.at(0).is_some() {
                break;
            }
            breaks += 1;
        }
        if breaks > 0 || !escaped {
            push_break(text, breaks);
        }
        Ok(())
    }

    /// Text in single quotes; the cursor ends behind the closing one.
    pub(super) fn single_quoted(&mut self) -> Result<String> {
        self.col += 1;
        let mut text = String::new();
        loop {
            match self.at(0) {
                Some('\'') if self.at(1) == Some('\'') => {
                    text.push('\'');
                    self.col += 2;
                }
                Some('\'') => {
                    self.col += 1;
                    return Ok(text);
                }
                Some(' ' | '\t') => self.spaces(&mut text)?,
                Some(c) => {
                    text.push(c);
                    self.col += 1;
                }
                None => self.fold(&mut text, false)?,
            }
        }
    }

    /// Blanks inside quotes: kept unless the line ends with them.
    fn spaces(&mut self, text: &mut String) -> Result<()> {
        let start = self.col;
        while matches!(self.at(0), Some(' ' | '\t')) {
            self.col += 1;
        }
        if self.at(0).is_none() {
            return self.fold(text, false);
        }
        text.push_str(&self.text_between(start, self.col));
        Ok(())
    }

    /// Text in double quotes; the cursor ends behind the closing one.
    pub(super) fn double_quoted(&mut self) -> Result<String> {
        self.col += 1;
        let mut text = String::new();
        loop {
            match self.at(0) {
                Some('"') => {
                    self.col += 1;
                    return Ok(text);
                }
                Some('\\') => {
                    self.col += 1;
                    match self.at(0) {
                        None => self.fold(&mut text, true)?,
                        Some(c) => {
                            self.col += 1;
                            self.escape(c, &mut text)?;
                        }
                    }
                }
                Some(' ' | '\t') => self.spaces(&mut text)?,
                Some(c) => {
                    text.push(c);
                    self.col += 1;
                }
                None => self.fold(&mut text, false)?,
            }
        }
    }

    fn escape(&mut self, c: char, text: &mut String) -> Result<()> {
        let digits = match c {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => {
                text.push(match c {
                    '0' => '\0',
                    'a' => '\u{7}',
                    'b' => '\u{8}',
                    't' | '\t' => '\t',
                    'n' => '\n',
                    'v' => '\u{b}',
                    'f' => '\u{c}',
                    'r' => '\r',
                    'e' => '\u{1b}',
                    ' ' => ' ',
                    '"' => '"',
                    '\\' => '\\',
                    '/' => '/',
                    'N' => '\u{85}',
                    '_' => '\u{a0}',
                    'L' => '\u{2028}',
                    'P' => '\u{2029}',
                    _ => return self.fail("this escape is unknown: write \\\\ for a backslash"),
                });
                return Ok(());
            }
        };
        let hex = self.text_between(self.col, self.col + digits);
        let code = if hex.len() == digits && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32)
        } else {
            None
        };
        let Some(code) = code else {
            return self.fail("this escape is not a character");
        };
        text.push(code);
        self.col += digits;
        Ok(())
    }

    /// Text below `|` (as it stands) or `>` (folded); ends at the beginning of a later line.
    pub(super) fn block_scalar(&mut self, parent: isize) -> Result<Value> {
        let folded = self.at(0) == Some('>');
        self.col += 1;
        let (mut chomp, mut step) = (None, None);
        while let Some(c) = self.at(0) {
            match c {
                '+' | '-' if chomp.is_none() => chomp = Some(c),
                '1'..='9' if step.is_none() => step = c.to_digit(10),
                _ => break,
            }
            self.col += 1;
        }
        if !blank(self.at(0)) {
            return self.fail("after | or > only + or - and one digit may stand");
        }
        self.skip_blanks();
        if self.at(0).is_some_and(|c| c != '#') {
            return self.fail("the text begins on the line below | or >");
        }
        self.next_line();
        let least = usize::try_from(parent + 1).unwrap_or(0).max(1);
        let indent = match step {
            Some(step) => least + step as usize - 1,
            None => self.deepest_before_text().max(least),
        };
        let mut text = String::new();
        let mut breaks = self.empty_lines(indent);
        // What the last line break stands for is known only when the next line is seen.
        let mut last_break = "";
        while !self.ended() && self.indent_to(indent) {
            push_breaks(&mut text, breaks);
            let loose = matches!(self.at(0), Some(' ' | '\t'));
            let end = self.lines.get(self.row).map_or(0, Vec::len);
            text.push_str(&self.text_between(indent, end));
            last_break = if self.row + 1 < self.lines.len() { "\n" } else { "" };
            self.next_line();
            breaks = self.empty_lines(indent);
            if self.ended() || !self.indent_to(indent) {
                break;
            }
            if folded && !last_break.is_empty() && !loose && !matches!(self.at(0), Some(' ' | '\t'))
            {
                if breaks == 0 {
                    text.push(' ');
                }
            } else {
                text.push_str(last_break);
            }
            last_break = "";
        }
        if chomp != Some('-') {
            text.push_str(last_break);
        }
        if chomp == Some('+') {
            push_breaks(&mut text, breaks);
        }
        self.col = 0;
        Ok(Value::String(text))
    }

    /// The indentation of the first line with text, or of a deeper empty one before it.
    fn deepest_before_text(&self) -> usize {
        let mut deepest = 0;
        for line in self.lines.iter().skip(self.row) {
            let indent = line.iter().take_while(|c| **c == ' ').count();
            deepest = deepest.max(indent);
            if indent < line.len() {
                break;
            }
        }
        deepest
    }

    /// Moves over lines that are empty up to `indent` and counts them. The last one of the text is
    /// no line: nothing ends it.
    fn empty_lines(&mut self, indent: usize) -> usize {
        let mut count = 0;
        while let Some(line) = self.lines.get(self.row) {
            let spaces = line.iter().take_while(|c| **c == ' ').count();
            if spaces < line.len() || spaces > indent || self.row + 1 >= self.lines.len() {
                // An empty last line holds nothing; one of blanks ends here too.
                if spaces == line.len() && spaces <= indent {
                    self.next_line();
                }
                break;
            }
            count += 1;
            self.next_line();
        }
        count
    }

    /// Moves to column `indent` of this line if only blanks stand before it.
    fn indent_to(&mut self, indent: usize) -> bool {
        let Some(line) = self.lines.get(self.row) else { return false };
        let fine = line.len() >= indent && line.iter().take(indent).all(|c| *c == ' ');
        if fine {
            self.col = indent;
        }
        fine
    }

    /// Moves over blanks, line ends and comments inside brackets.
    fn flow_gap(&mut self) -> Result<()> {
        loop {
            match self.at(0) {
                Some(' ') => self.col += 1,
                Some('\t') => return self.fail("a tab: use blanks"),
                None | Some('#') => {
                    self.next_line();
                    if self.ended() {
                        return self.fail("a closing bracket is missing");
                    }
                    if self.is_marker(self.row) {
                        return self.fail("a closing bracket is missing before this line");
                    }
                }
                Some(_) => return Ok(()),
            }
        }
    }

    /// `[…]` or `{…}`; the cursor ends behind the closing bracket.
    pub(super) fn flow(&mut self) -> Result<Value> {
        let list = self.at(0) == Some('[');
        self.deeper(if list { Self::flow_list } else { Self::flow_mapping })
    }

    fn flow_value(&mut self) -> Result<Value> {
        match self.at(0) {
            Some('[' | '{') => self.flow(),
            Some('"' | '\'') => self.quoted(),
            _ => {
                let (row, from) = (self.row, self.col);
                let text = self.flow_plain()?;
                let value = self.typed(&text)?;
                self.note(row, from, text.chars().count(), &value);
                Ok(value)
            }
        }
    }

    fn flow_plain(&mut self) -> Result<String> {
        if !self.may_be_plain(true) {
            return self.refuse_start();
        }
        let (mut text, mut more) = self.plain_part(true)?;
        while more {
            let row = self.row;
            self.next_line();
            let blanks = self.skip_empty_lines();
            if self.ended() || self.is_marker(self.row) {
                return self.fail("a closing bracket is missing");
            }
            self.skip_blanks();
            // A line that goes on with the brackets, or a comment, ends the text.
            let start = self.col;
            let (part, part_more) = match self.at(0) {
                Some('#') => (String::new(), false),
                _ => self.plain_part(true)?,
            };
            if part.is_empty() {
                self.col = start;
                break;
            }
            if self.row > row {
                push_break(&mut text, blanks);
            }
            text.push_str(&part);
            more = part_more;
        }
        Ok(text)
    }

    /// Moves over a colon that separates a name from its value. The name must stand on this line.
    fn flow_colon(&mut self, name_row: usize) -> Result<bool> {
        self.flow_gap()?;
        if self.at(0) != Some(':') {
            return Ok(false);
        }
        if self.row != name_row {
            return self.fail("a name and its colon must stand on one line");
        }
        self.col += 1;
        self.flow_gap()?;
        Ok(true)
    }

    /// Whether this bracket stands next; moves behind it.
    fn closes(&mut self, bracket: char) -> Result<bool> {
        self.flow_gap()?;
        let closes = self.at(0) == Some(bracket);
        self.col += usize::from(closes);
        Ok(closes)
    }

    fn flow_list(&mut self) -> Result<Value> {
        self.col += 1;
        let mut items = Vec::new();
        loop {
            if self.closes(']')? {
                return Ok(Value::Array(items));
            }
            let row = self.row;
            let item = self.flow_value()?;
            items.push(if self.flow_colon(row)? {
                let name = self.name_of(&item)?;
                let value = self.flow_value_or_null()?;
                record(vec![(&name, value)])
            } else {
                item
            });
            self.flow_comma(']')?;
        }
    }

    fn flow_mapping(&mut self) -> Result<Value> {
        self.col += 1;
        let mut map = Names::default();
        loop {
            if self.closes('}')? {
                return Ok(Value::Object(map.values));
            }
            let (row, before) = (self.row, self.plains.len());
            let key = self.flow_value()?;
            if self.plains.len() > before {
                self.note_key();
            }
            self.not_twice(&map, &key)?;
            let noted = self.plains.len();
            let value =
                if self.flow_colon(row)? { self.flow_value_or_null()? } else { Value::Null };
            let name = self.name_of(&key)?;
            self.note_name(noted, &name);
            map.insert(&name, &key, value);
            self.flow_comma('}')?;
        }
    }

    fn flow_value_or_null(&mut self) -> Result<Value> {
        if matches!(self.at(0), Some(',' | ']' | '}')) {
            self.note(self.row, self.col, 0, &Value::Null);
            return Ok(Value::Null);
        }
        self.flow_value()
    }

    fn flow_comma(&mut self, close: char) -> Result<()> {
        self.flow_gap()?;
        match self.at(0) {
            Some(',') => {
                self.col += 1;
                Ok(())
            }
            Some(c) if c == close => Ok(()),
            _ => self.fail(if close == '}' {
                "a comma or } was expected"
            } else {
                "a comma or ] was expected"
            }),
        }
    }
}
