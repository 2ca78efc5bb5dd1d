//! JSON values to text, with the standard library's way of writing floats: serde's own brings
//! tables that weigh more than all of this layer.

use std::fmt::Write;

use serde_json::Value;

use super::carried;
use super::number::shortest;

/// A value as compact JSON. Numbers that came as text (see [`exact`](super::exact)) go as that text.
pub fn print(value: &Value) -> String {
    let mut out = String::new();
    put(value, &mut out);
    out
}

fn put(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::String(text) => quote(text, out),
        Value::Number(number) => {
            // Whole numbers beyond 64 bits are carried as text.
            let _ = if let Some(whole) = number.as_i64() {
                write!(out, "{whole}")
            } else if let Some(whole) = number.as_u64() {
                write!(out, "{whole}")
            } else {
                out.write_str(&shortest(number.as_f64().unwrap_or_default()))
            };
        }
        Value::Array(items) => {
            let mut mark = '[';
            for item in items {
                out.push(mark);
                put(item, out);
                mark = ',';
            }
            out.push_str(if mark == '[' { "[]" } else { "]" });
        }
        Value::Object(members) => {
            if let Some(number) = carried::text(value) {
                out.push_str(number);
                return;
            }
            let mut mark = '{';
            for (name, value) in members {
                out.push(mark);
                quote(name, out);
                out.push(':');
                put(value, out);
                mark = ',';
            }
            out.push_str(if mark == '{' { "{}" } else { "}" });
        }
    }
}

/// Appends a text in quotes, escaped as JSON wants it.
pub fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e300f64..1e300).prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(".*", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_back(value in value()) {
            let text = print(&value);
            // Written as the standard library does, read by serde: the last bit of a float may go.
            let back: Value = serde_json::from_str(&text).unwrap();
            prop_assert!(like(&back, &value), "{text}");
        }
    }

    fn like(a: &Value, b: &Value) -> bool {
        match (a, b) {
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| like(a, b))
            }
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len()
                    && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| like(a, b)))
            }
            (Value::Number(a), Value::Number(b)) if a.is_f64() => {
                let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
                (a - b).abs() <= b.abs() * 1e-15
            }
            _ => a == b,
        }
    }
}
