//! Values as Python writes them: in the server's messages (`repr`) and in code for the clipboard.

use std::fmt::Write;

use serde_json::{Map, Value};

pub use base::number::shortest as float_text;
use base::{exact, json};

/// A value as Python's `repr` shows it: `'two'`, `None`, `True`, `1.0`, `{'a': 1}`.
pub fn repr(value: &Value) -> String {
    let mut out = String::new();
    put(value, false, &mut out);
    out
}

/// A value as a Python literal with double quotes, on one line.
pub fn code(value: &Value) -> String {
    let mut out = String::new();
    put(value, true, &mut out);
    out
}

/// Text as a Python literal with double quotes.
pub fn code_text(text: &str) -> String {
    let mut out = String::new();
    quote(text, '"', true, &mut out);
    out
}

fn put(value: &Value, code: bool, out: &mut String) {
    if let Some(number) = exact::text(value) {
        let word = match number {
            "Infinity" => "inf",
            "-Infinity" => "-inf",
            "NaN" => "nan",
            _ => return out.push_str(number),
        };
        let _ = if code { write!(out, "float(\"{word}\")") } else { out.write_str(word) };
        return;
    }
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => out.push_str(&float_text(float)),
            _ => out.push_str(&json::print(value)),
        },
        Value::String(text) if code => quote(text, '"', true, out),
        Value::String(text) => {
            let mark = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
            quote(text, mark, false, out);
        }
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push_str(", ");
                }
                put(item, code, out);
            }
            out.push(']');
        }
        Value::Object(map) => put_map(map, code, out),
    }
}

fn put_map(map: &Map<String, Value>, code: bool, out: &mut String) {
    out.push('{');
    for (place, (key, item)) in map.iter().enumerate() {
        if place > 0 {
            out.push_str(", ");
        }
        put(&Value::String(key.clone()), code, out);
        out.push_str(": ");
        put(item, code, out);
    }
    out.push('}');
}

/// Whether Python would show this character escaped, or an editor would hide it.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e000}'..='\u{f8ff}')
}

fn quote(text: &str, mark: char, code: bool, out: &mut String) {
    out.push(mark);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == mark => {
                out.push('\\');
                out.push(c);
            }
            c if is_hidden(c) || (code && c as u32 > 0xffff && !c.is_alphanumeric()) => {
                let n = c as u32;
                let _ = match n {
                    0..=0xff => write!(out, "\\x{n:02x}"),
                    0x100..=0xffff => write!(out, "\\u{n:04x}"),
                    _ => write!(out, "\\U{n:08x}"),
                };
            }
            c => out.push(c),
        }
    }
    out.push(mark);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn as_python_shows_them() {
        for (value, want) in [
            (json!(null), "None"),
            (json!(true), "True"),
            (json!(9), "9"),
            (json!(9.0), "9.0"),
            (json!(1e16), "1e+16"),
            (json!(1.5e300), "1.5e+300"),
            (json!(0.00001), "1e-05"),
            (json!(0.0001), "0.0001"),
            (json!("two"), "'two'"),
            (json!("it's"), "\"it's\""),
            (json!("it's \"x\""), "'it\\'s \"x\"'"),
            (json!("a\nb\\\u{7f}é\u{200b}"), "'a\\nb\\\\\\x7fé\\u200b'"),
            (json!({"a": [1, "x"]}), "{'a': [1, 'x']}"),
        ] {
            assert_eq!(repr(&value), want);
        }
        assert_eq!(code(&json!({"a": "b\"c"})), r#"{"a": "b\"c"}"#);
        let huge = exact::read("[1000000000000000000000, -Infinity]").unwrap();
        assert_eq!(repr(&huge), "[1000000000000000000000, -inf]");
        assert_eq!(code(&huge), "[1000000000000000000000, float(\"-inf\")]");
    }
}
