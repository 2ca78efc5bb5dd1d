//! What the gateway has, as people read it on the page: values of options, and long messages.

use serde_json::Value;

use super::mapping::to_yaml;
use base::json::print;
use base::number::plain;
use base::{exact, fmt};

/// A value for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// Its text.
    pub text: String,
    /// The exact value, where the text is a rounded one.
    pub exact: Option<String>,
    /// Whether the text has lines that must stay as they are.
    pub lines: bool,
}

/// A value of the option with this name and label. Numbers are shown as they are, without groups: they
/// may be ports or years. A mapping is shown as in the form, one entry a line.
pub fn shown(value: &Value, name: &str, label: &str) -> Shown {
    let word = |text: &str| Shown { text: text.into(), exact: None, lines: false };
    match value {
        _ if exact::text(value).is_some() => word(&print(value)),
        Value::Null => word("none"),
        Value::String(text) if text.is_empty() => word("empty"),
        Value::String(text) => Shown { lines: text.contains('\n'), ..word(text) },
        Value::Bool(yes) => word(if *yes { "yes" } else { "no" }),
        Value::Object(map) if map.is_empty() => word("empty"),
        Value::Object(map) => Shown { lines: true, ..word(to_yaml(map).trim_end()) },
        Value::Array(_) => word(&print(value)),
        Value::Number(number) => {
            let float = number.as_f64().unwrap_or_default();
            let text = if number.is_f64() { plain(float) } else { print(value) };
            if float >= 1e6 && is_memory(name, label) {
                let exact = Some(format!("{text} bytes"));
                return Shown { exact, ..word(&fmt::bytes(float)) };
            }
            word(&text)
        }
    }
}

/// Whether an option is about memory, as far as its names tell.
fn is_memory(name: &str, label: &str) -> bool {
    [name, label].into_iter().any(|text| {
        let text = text.to_ascii_lowercase();
        text.contains("mem") || text.contains("bytes")
    })
}

/// So many lines of a message are shown before somebody asks for all of it.
const LINES: usize = 6;
/// And so many characters.
const LENGTH: usize = 600;

/// The beginning of a long text, and how long all of it is; nothing for one that is not.
pub fn fold(text: &str) -> Option<(String, String)> {
    let lines = text.lines().count();
    let head = text.lines().take(LINES).collect::<Vec<_>>().join("\n");
    let cut = head.char_indices().nth(LENGTH).map_or(head.as_str(), |(at, _)| &head[..at]);
    if lines <= LINES && cut.len() == text.trim_end().len() {
        return None;
    }
    let all = if lines > LINES {
        fmt::plural(u32::try_from(lines).unwrap_or(u32::MAX), "line")
    } else {
        format!("{} characters", fmt::count(text.chars().count() as u64))
    };
    Some((format!("{cut}…"), all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn as_people_wrote_them() {
        for (value, want) in [
            (json!(8788), "8788"),
            (json!(2.0), "2"),
            (json!(0.5), "0.5"),
            (
                json!({"port": 8788, "deep": {"text": "8788", "list": [1, 2]}}),
                "deep:\n  list:\n  - 1\n  - 2\n  text: \"8788\"\nport: 8788",
            ),
            (json!({}), "empty"),
            (json!(""), "empty"),
            (json!("a\nb"), "a\nb"),
            (json!(null), "none"),
            (json!(true), "yes"),
            (json!([1, "a"]), "[1,\"a\"]"),
            (exact::read("1000000000000000000000").unwrap(), "1000000000000000000000"),
            (exact::read("Infinity").unwrap(), "Infinity"),
        ] {
            assert_eq!(shown(&value, "port", "Port").text, want);
        }
        let memory = shown(&json!(17_179_869_184.0), "worker_memory", "Memory");
        assert_eq!(memory.text, "16.00 GiB");
        assert_eq!(memory.exact.as_deref(), Some("17179869184 bytes"));
        assert_eq!(shown(&json!(16), "worker_memory", "Memory (GiB)").text, "16");
        assert_eq!(shown(&json!(20_261_130), "seed", "Seed").text, "20261130");
        assert!(shown(&json!({"a": 1}), "m", "M").lines);
    }

    #[test]
    fn long_messages_are_folded_not_cut() {
        assert_eq!(fold("one line"), None);
        assert_eq!(fold("a\nb\nc\n"), None);
        let lines = "x\n".repeat(20);
        assert_eq!(fold(&lines), Some(("x\nx\nx\nx\nx\nx…".into(), "20 lines".into())));
        let (head, all) = fold(&"ä".repeat(20_000)).unwrap();
        assert_eq!(head.chars().count(), 601);
        assert_eq!(all, format!("{} characters", fmt::count(20_000)));
    }
}
