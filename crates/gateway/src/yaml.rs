//! A reader for the YAML that people write into mapping fields, with YAML 1.1 types, as the gateway's Python
//! reads it. `saphyr-parser` splits the text into scalars, lists and mappings; what a scalar means is decided
//! here and in [`super::scalar`], since the parser's own types are those of YAML 1.2 (in which `no` is text).
//!
//! The result is what PyYAML's safe loader gives, or an error: anchors, tags, merge keys, several
//! documents and names that are there twice are refused with the line they stand on. All of JSON is YAML, so
//! JSON works too. `tests/gateway_yaml.rs` holds it against PyYAML.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};
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

type Result<T> = std::result::Result<T, YamlError>;

/// Deeper nesting than this is refused; real mappings have two or three levels.
const DEPTH_LIMIT: usize = 32;

/// A scalar without quotes that YAML takes for more than text: a number, a truth value, nothing.
pub(super) struct Plain {
    /// Its line, from 0.
    pub(super) row: usize,
    /// Where it begins on that line, in characters.
    pub(super) from: usize,
    /// Where it ends; the same as `from` for a value that is absent.
    pub(super) to: usize,
    /// What it is taken for.
    pub(super) value: Value,
    /// Whether it is a name, not a value.
    pub(super) key: bool,
    /// In how many lists and mappings it stands: 1 for the values of the whole mapping.
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
pub fn parse(text: &str) -> Result<Value> {
    parse_noting(text).map(|noted| noted.value)
}

/// Reads one document, and notes what YAML takes for more than text.
///
/// # Errors
/// [`YamlError`] with the line.
pub(super) fn parse_noting(text: &str) -> Result<Noted> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = lines_of(text);
    for (row, line) in lines.iter().enumerate() {
        if line.iter().copied().any(is_unprintable) {
            let message = "a control character: write it as an escape in double quotes".into();
            return Err(YamlError { line: row + 1, message });
        }
    }
    let mut reader = Reader {
        events: Parser::new_from_str(text),
        lines: &lines,
        depth: 0,
        flow: false,
        top: None,
        plains: Vec::new(),
    };
    let value = reader.document()?;
    let plains = reader.plains;
    Ok(Noted { value, plains, lines })
}

fn lines_of(text: &str) -> Vec<Vec<char>> {
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
    lines
}

/// Characters that PyYAML refuses, and line ends that it takes and YAML 1.2 does not.
fn is_unprintable(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
        || (c.is_control() && c != '\t')
}

/// A mapping being read, and which names it has. Python takes `1`, `1.0` and `true` for one name,
/// and JSON takes `1` and `"1"` for one.
#[derive(Default)]
struct Names {
    values: Map<String, Value>,
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

    fn insert(&mut self, name: String, key: &Value, value: Value) {
        self.numbers.extend(as_number(key));
        self.values.insert(name, value);
    }
}

struct Reader<'a> {
    events: Parser<'a, StrInput<'a>>,
    lines: &'a [Vec<char>],
    depth: usize,
    /// Whether this is inside brackets.
    flow: bool,
    /// The name at the top that is being read.
    top: Option<String>,
    plains: Vec<Plain>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span)> {
        match self.events.next_event() {
            Some(next) => next.map_err(|error| in_words(&error, self.lines)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn document(&mut self) -> Result<Value> {
        let mut value = Value::Null;
        let mut documents = 0;
        loop {
            match self.next()? {
                (Event::DocumentStart(_), span) => {
                    documents += 1;
                    if documents > 1 {
                        return fail(span, "only one document is read: take the --- or ... out");
                    }
                    let (event, span) = self.next()?;
                    value = self.value(event, span)?;
                }
                (Event::StreamEnd, _) => return Ok(value),
                _ => {}
            }
        }
    }

    /// The value that begins with this event.
    fn value(&mut self, event: Event<'a>, span: Span) -> Result<Value> {
        let (anchor, tag) = match &event {
            Event::Alias(_) => (1, false),
            Event::Scalar(_, _, anchor, tag) => (*anchor, tag.is_some()),
            Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => {
                (*anchor, tag.is_some())
            }
            _ => (0, false),
        };
        if anchor > 0 {
            return fail(span, "anchors (&) and aliases (*) are not supported: put text in quotes");
        }
        if tag {
            return fail(span, "tags (!) are not supported: put text in quotes");
        }
        match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) => self.plain(&text, span, false),
            Event::Scalar(text, ScalarStyle::Literal | ScalarStyle::Folded, ..) => {
                let mut text = text.into_owned();
                // The parser ends the last line of the text, as YAML 1.2 does; PyYAML leaves it as it is.
                if self.is_end(span) && text.ends_with('\n') {
                    text.pop();
                }
                Ok(Value::String(text))
            }
            Event::Scalar(text, ..) => Ok(Value::String(text.into_owned())),
            Event::SequenceStart(..) => self.deeper(span, Self::list),
            Event::MappingStart(..) => self.deeper(span, Self::mapping),
            _ => fail(span, "a value was expected here"),
        }
    }

    /// Whether a block scalar goes on to the end of the text, whose last line has no end.
    fn is_end(&self, span: Span) -> bool {
        let last = self.lines.last().map_or(0, Vec::len);
        last > 0 && (span.end.line(), span.end.col()) >= (self.lines.len(), last)
    }

    fn char_at(&self, span: Span) -> Option<char> {
        self.lines.get(span.start.line().checked_sub(1)?)?.get(span.start.col()).copied()
    }

    fn deeper(&mut self, span: Span, read: fn(&mut Self) -> Result<Value>) -> Result<Value> {
        if self.depth >= DEPTH_LIMIT {
            return fail(span, "nested too deeply");
        }
        // Inside brackets everything is.
        let outer = self.flow;
        self.flow |= matches!(self.char_at(span), Some('[' | '{'));
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        self.flow = outer;
        value
    }

    fn list(&mut self) -> Result<Value> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::Array(items)),
                // An absent item is nothing that somebody wrote.
                (Event::Scalar(text, ScalarStyle::Plain, 0, None), _) if text.is_empty() => {
                    items.push(Value::Null);
                }
                (event, span) => items.push(self.value(event, span)?),
            }
        }
    }

    fn mapping(&mut self) -> Result<Value> {
        let mut map = Names::default();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(Value::Object(map.values)),
                Event::Scalar(text, ScalarStyle::Plain, 0, None) if text.is_empty() => {
                    return fail(span, "a name is missing before the colon");
                }
                Event::Scalar(text, ScalarStyle::Plain, 0, None) => {
                    self.plain(&text, span, true)?
                }
                other => self.value(other, span)?,
            };
            let name = name_of(&key, span)?;
            // PyYAML silently keeps the last one.
            if map.has(&name, &key) {
                return fail(span, &format!("{name} is there twice"));
            }
            if self.depth == 1 {
                self.top = Some(name.clone());
            }
            let value = match self.next()? {
                (Event::Scalar(text, ScalarStyle::Plain, 0, None), _) if text.is_empty() => {
                    self.note_absent(span);
                    Value::Null
                }
                (event, span) => self.value(event, span)?,
            };
            if self.depth == 1 {
                self.top = None;
            }
            map.insert(name, &key, value);
        }
    }

    /// What a scalar without quotes means; noted if that is more than text.
    fn plain(&mut self, text: &str, span: Span, key: bool) -> Result<Value> {
        // The parser takes these inside brackets, Python does not.
        if self.flow && text.starts_with(['|', '>', ':']) {
            return fail(span, "text cannot begin with this character: put it in quotes");
        }
        let value = match resolve(text) {
            Ok(value) => value,
            Err(message) => return fail(span, &message),
        };
        if !value.is_string() {
            let from = span.start.col();
            self.note(span.start.line() - 1, from, from + text.chars().count(), &value, key);
        }
        Ok(value)
    }

    /// Notes that nothing stands behind the colon of the name at `span`.
    fn note_absent(&mut self, span: Span) {
        let row = span.end.line() - 1;
        let rest = self.lines.get(row).and_then(|line| line.get(span.end.col()..));
        let colon = rest.and_then(|rest| rest.iter().position(|c| *c == ':'));
        let from = span.end.col() + colon.map_or(0, |at| at + 1);
        self.note(row, from, from, &Value::Null, false);
    }

    fn note(&mut self, row: usize, from: usize, to: usize, value: &Value, key: bool) {
        let (value, depth, name) = (value.clone(), self.depth, self.top.clone());
        self.plains.push(Plain { row, from, to, value, key, depth, name });
    }
}

fn fail<T>(span: Span, message: &str) -> Result<T> {
    Err(YamlError { line: span.start.line().max(1), message: message.into() })
}

/// A key as JSON writes it: JSON has no other keys than text.
fn name_of(key: &Value, span: Span) -> Result<String> {
    match key {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) if number.is_f64() => Ok(float_text(number.as_f64().unwrap_or(0.0))),
        Value::Object(_) if exact::text(key).is_some() => Ok(json::print(key)),
        Value::Array(_) | Value::Object(_) => fail(span, "a list or mapping cannot be a name"),
        other => Ok(json::print(other)),
    }
}

const TAB: &str = "a tab: YAML is indented with spaces";

/// What people can do about what the parser says.
fn in_words(error: &ScanError, lines: &[Vec<char>]) -> YamlError {
    const WORDS: [(&str, &str); 16] = [
        ("unknown anchor", "anchors (&) and aliases (*) are not supported: put text in quotes"),
        ("anchor or alias", "anchors (&) and aliases (*) are not supported: put text in quotes"),
        ("handle", "tags (!) are not supported: put text in quotes"),
        ("while parsing a tag", "tags (!) are not supported: put text in quotes"),
        ("invalid indentation in quoted", "indent the lines of the quoted text"),
        ("escape", "this escape is unknown: write \\\\ for a backslash"),
        ("hexadecimal", "this escape is not a character"),
        ("quoted scalar", "the closing quote is missing, or something stands behind it"),
        ("double-quoted", "something stands behind the closing quote"),
        ("tab", TAB),
        ("comments must be", "put a blank before the # of a comment"),
        ("flow sequence", "a comma or the closing bracket ] is missing"),
        ("flow mapping", "a comma or the closing bracket } is missing"),
        (
            "mapping values are not allowed",
            "a colon with a blank behind it where no name can be: put the text in quotes",
        ),
        ("simple key", "a name and its colon must stand on one line: check the indentation"),
        ("block", "a name with a colon was expected: check the indentation"),
    ];
    let info = error.info();
    let known = WORDS.iter().find(|(part, _)| info.contains(part));
    let message = known.map_or_else(|| info.to_owned(), |(_, words)| (*words).to_owned());
    let mut row = error.marker().line().clamp(1, lines.len().max(1)) - 1;
    if message == TAB {
        // The parser names the line before.
        let below = lines.iter().skip(row).position(|line| line.contains(&'\t'));
        row += below.unwrap_or(0);
    }
    YamlError { line: row + 1, message }
}
