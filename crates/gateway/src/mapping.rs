//! Mapping fields: as YAML text, which is what the Python widget takes, or as rows of names and
//! values.

use std::fmt::{self, Write};

use serde_json::{Map, Value};

use super::literal::repr;
use super::model::OptionField;
use super::scalar::resolve;
use super::yaml::{self, YamlError};
use base::{exact, json};

/// Why a text is no mapping.
#[derive(Clone, PartialEq, Debug)]
pub enum MappingError {
    /// It is not YAML as far as this program reads it.
    Yaml(YamlError),
    /// It is YAML, but something else than names and values.
    Other(Value),
}

impl MappingError {
    /// The sentence for a field of this name, like the server's.
    pub fn for_field(&self, field: &str) -> String {
        match self {
            Self::Yaml(error) => format!("{field} must be a mapping: {error}"),
            Self::Other(value) => format!("{field} must be a mapping, got {}", repr(value)),
        }
    }

    /// The line it is about, from 1, where there is one.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Yaml(error) => Some(error.line),
            Self::Other(_) => None,
        }
    }
}

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yaml(error) => error.fmt(f),
            Self::Other(value) => write!(f, "a mapping was expected, got {}", repr(value)),
        }
    }
}

impl std::error::Error for MappingError {}

/// Reads YAML (or JSON) text; nothing but blanks is the empty mapping, as in the Python widget.
///
/// # Errors
/// [`MappingError`].
pub fn parse(text: &str) -> Result<Map<String, Value>, MappingError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Map::new());
    }
    match yaml::parse(text).map_err(MappingError::Yaml)? {
        Value::Object(map) => Ok(map),
        other => Err(MappingError::Other(other)),
    }
}

/// A mapping as YAML in block style that [`parse`] (and PyYAML) reads back to the same value; the
/// empty one is the empty text.
pub fn to_yaml(map: &Map<String, Value>) -> String {
    let mut out = String::new();
    for (name, value) in map {
        write_entry(name, value, 0, &mut out);
    }
    out
}

fn write_entry(name: &str, value: &Value, indent: usize, out: &mut String) {
    out.push_str(&" ".repeat(indent));
    out.push_str(&scalar_text(name));
    out.push(':');
    write_value(value, indent, out);
}

fn write_value(value: &Value, indent: usize, out: &mut String) {
    match value {
        number if exact::text(number).is_some() => {
            let text = json::print(number);
            out.push(' ');
            out.push_str(match text.as_str() {
                "Infinity" => ".inf",
                "-Infinity" => "-.inf",
                "NaN" => ".nan",
                digits => digits,
            });
            out.push('\n');
        }
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            for (name, value) in map {
                write_entry(name, value, indent + 2, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            for item in items {
                out.push_str(&" ".repeat(indent));
                out.push('-');
                let deeper = if item.is_array() { 2 } else { 0 };
                write_value(item, indent + deeper, out);
            }
        }
        scalar => {
            out.push(' ');
            out.push_str(&match scalar {
                Value::String(text) => scalar_text(text),
                Value::Number(number) if number.is_f64() => {
                    // JSON writes 1e16, which YAML 1.1 takes for text.
                    let text = super::literal::float_text(number.as_f64().unwrap_or(0.0));
                    if text.contains('.') { text } else { text.replace('e', ".0e") }
                }
                other => json::print(other),
            });
            out.push('\n');
        }
    }
}

/// Text as a YAML scalar on one line: plain where that is surely read back as this text, else in
/// double quotes.
fn scalar_text(text: &str) -> String {
    let plain = !text.is_empty()
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-./+=@~ ".contains(&c))
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '/' | '.'))
        && !text.ends_with(' ')
        && !text.starts_with("...")
        && resolve(text) == Ok(Value::String(text.into()));
    if plain {
        return text.into();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') =>
            {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The mapping as rows of name and text, if all its values are text; otherwise it needs YAML.
pub fn to_rows(map: &Map<String, Value>) -> Option<Vec<(String, String)>> {
    map.iter().map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// A value (or name) that YAML takes for something else than what is written.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    /// Its line, from 1.
    pub line: usize,
    /// What is written; empty where there is nothing.
    pub written: String,
    /// What it becomes.
    pub sent: String,
    /// The name at the top that it belongs to; nothing for such a name itself.
    pub name: Option<String>,
}

/// What a text comes to.
#[derive(Clone, PartialEq, Debug)]
pub struct Sent {
    /// What is sent.
    pub map: Map<String, Value>,
    /// What becomes something else than is written.
    pub changes: Vec<Change>,
    /// Names at the top whose values are not text. The gateway takes them; environment variables are
    /// text, though, and a cluster may fail to start on a number.
    pub not_text: Vec<String>,
}

/// What a text comes to; nothing where it is no mapping.
pub fn sent(text: &str) -> Option<Sent> {
    let (above, noted) = noted(text)?;
    let Value::Object(map) = noted.value else { return None };
    let mut changes = Vec::new();
    for plain in noted.plains {
        let written: String =
            noted.lines.get(plain.row)?.get(plain.from..plain.to)?.iter().collect();
        let sent = json::print(&plain.value);
        if sent != written {
            changes.push(Change { line: above + plain.row + 1, written, sent, name: plain.name });
        }
    }
    let not_text = map.iter().filter(|(_, value)| !value.is_string());
    let not_text = not_text.map(|(name, _)| name.clone()).collect();
    Some(Sent { map, changes, not_text })
}

/// The same text with quotes around the values at the top that would not be text; nothing where there
/// are none, or where it is no mapping.
pub fn quoted(text: &str) -> Option<String> {
    parse(text).ok()?;
    let (above, noted) = noted(text)?;
    let mut lines = noted.lines;
    let mut any = false;
    for plain in noted.plains.iter().rev().filter(|plain| !plain.key && plain.depth == 1) {
        let line = lines.get_mut(plain.row)?;
        let mut with = vec!['"'];
        with.extend(line.get(plain.from..plain.to)?);
        with.push('"');
        if plain.from == plain.to {
            with.insert(0, ' ');
        }
        line.splice(plain.from..plain.to, with);
        any = true;
    }
    let lines: Vec<String> = lines.into_iter().map(|line| line.into_iter().collect()).collect();
    let end = if text.ends_with('\n') { "\n" } else { "" };
    any.then(|| format!("{}{}{end}", "\n".repeat(above), lines.join("\n")))
}

/// The text without blanks around it, read; and how many lines stand above.
fn noted(text: &str) -> Option<(usize, yaml::Noted)> {
    let body = text.trim_start();
    let above = text[..text.len() - body.len()].matches('\n').count();
    Some((above, yaml::parse_noting(body.trim_end()).ok()?))
}

/// Whether a field is an environment, as far as its names and its default tell: its values are to be
/// text then.
pub fn is_environment(field: &OptionField) -> bool {
    let named = |text: &str| text.to_ascii_lowercase().contains("env");
    let texts = |map: &Map<String, Value>| !map.is_empty() && map.values().all(Value::is_string);
    named(&field.field) || named(&field.label) || field.default.as_object().is_some_and(texts)
}
