//! Mapping fields read as PyYAML reads them, or not at all.
#![allow(clippy::unwrap_used)]

use daskscope::base::exact;
use daskscope::gateway::mapping::{self, MappingError};
use daskscope::gateway::yaml;
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Texts that PyYAML takes and this reader refuses on purpose.
const REFUSED: [&str; 8] = [
    "a: &x b\nc: *x",
    "a: !!str 1",
    "<<: {a: b}",
    "? a\n: b",
    "%YAML 1.1\n---\na: b",
    "a: b\n...",
    "a: b\na: c",
    "",
];

#[test]
fn as_pyyaml_reads_it() {
    let (mut same, mut refused) = (0, 0);
    for line in include_str!("fixtures/gateway/yaml.jsonl").lines() {
        let case: Value = exact::read(line).unwrap();
        let text = case["text"].as_str().unwrap();
        let got = match mapping::parse(text) {
            Ok(map) => Ok(Value::Object(map)),
            Err(MappingError::Other(value)) => Ok(value),
            Err(MappingError::Yaml(error)) => Err(error),
        };
        match (&got, case.get("value")) {
            (Ok(got), Some(want)) => {
                assert_eq!(got, want, "{text:?}");
                same += 1;
            }
            (Err(error), None) => {
                assert!(error.line >= 1 && error.line <= text.lines().count().max(1), "{text:?}");
                same += 1;
            }
            (Err(error), Some(_)) => {
                let twice = error.message.ends_with("is there twice");
                assert!(twice || REFUSED.contains(&text), "{text:?}: {error}");
                refused += 1;
            }
            (Ok(got), None) => panic!("{text:?} is no YAML for Python, but gave {got}"),
        }
    }
    assert!(same > 200, "{same} the same, {refused} refused");
}

#[test]
fn errors_name_the_line() {
    for (text, line, word) in [
        ("a: b\nc: 'open", 2, "quote"),
        ("a: b\n\tc: d", 2, "tab"),
        ("a: b\nc: *x", 2, "alias"),
        ("a: b\nc: 2026-01-01", 2, "quotes"),
        ("a: b\nb: [1,\n  2", 3, "bracket"),
        ("a: b\nb: c: d", 2, "colon"),
        ("a: b\n\na: c", 3, "twice"),
        ("x: 1\n  y: 2", 2, "colon"),
    ] {
        let error = yaml::parse(text).unwrap_err();
        assert_eq!(error.line, line, "{text:?}: {error}");
        assert!(error.message.contains(word), "{text:?}: {error}");
    }
}

#[test]
fn rows() {
    let row = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let map = mapping::parse("A: '1'\nB: ' x'").unwrap();
    assert_eq!(mapping::to_rows(&map), Some(vec![row("A", "1"), row("B", " x")]));
    let numbers = mapping::parse("PORT: 8080\nNAME: x").unwrap();
    assert_eq!(mapping::to_rows(&numbers), None);
    assert_eq!(mapping::not_text(&numbers), [row("PORT", "\"8080\"")]);
}

#[test]
fn written_as_a_person_would() {
    let map = mapping::parse(
        "{\"A\": \"b\", \"N\": 1, \"T\": \"yes\", \"L\": [1, {\"x\": \"y z\"}], \"E\": {}}",
    );
    assert_eq!(
        mapping::to_yaml(&map.unwrap()),
        "A: b\nE: {}\nL:\n- 1\n-\n  x: y z\nN: 1\nT: \"yes\"\n"
    );
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(Value::from),
        any_text().prop_map(Value::String),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((any_text(), inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn any_text() -> impl Strategy<Value = String> {
    const ODD: [&str; 24] = [
        "",
        "yes",
        "null",
        "1",
        "1.5",
        "a: b",
        "# c",
        "- x",
        "'",
        "\"",
        "\\",
        "\n",
        "\t",
        " ",
        "é",
        "{",
        "}",
        "[",
        ",",
        "&a",
        "!",
        "2026-01-01",
        "\u{1}",
        "---",
    ];
    prop_oneof![
        any::<String>(),
        prop::collection::vec(prop::sample::select(ODD.to_vec()), 0..4)
            .prop_map(|parts| parts.concat()),
    ]
}

proptest! {
    #[test]
    fn what_is_written_reads_back(entries in prop::collection::vec((any_text(), any_value()), 0..5)) {
        let map: Map<String, Value> = entries.into_iter().collect();
        let text = mapping::to_yaml(&map);
        prop_assert_eq!(mapping::parse(&text), Ok(map), "{}", text);
    }

    #[test]
    fn never_panics(parts in prop::collection::vec(prop::sample::select(vec![
        "a", "b: ", "- ", "\n", "  ", "'", "\"", "[", "]", "{", "}", ",", ":", "|", ">", "#", "\\",
        "?", "\t", "é", "1:30", "-", "\n  ", "|2-\n", "\\u12", "---", "...", "=", "<<", ".",
    ]), 0..24)) {
        let _ = mapping::parse(&parts.concat());
    }

    #[test]
    fn never_panics_on_anything(text in any::<String>()) {
        let _ = mapping::parse(&text);
    }
}

/// Nesting is limited, not the stack's.
#[test]
fn deep_nesting_is_refused() {
    for open in ["[", "{a: ", "- "] {
        assert!(yaml::parse(&open.repeat(100_000)).is_err());
    }
}
