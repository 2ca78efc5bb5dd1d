//! Mapping fields read as PyYAML reads them, or not at all.
#![allow(clippy::unwrap_used)]

use base::exact;
use gateway::mapping::{self, MappingError};
use gateway::yaml;
use std::io::Write;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value};

/// What PyYAML takes and this reader refuses on purpose: what a mapping field has no use for, and what YAML 1.2
/// forbids and is nearly always a slip.
const REFUSED: [&str; 11] = [
    "is there twice",
    "anchors (&) and aliases (*)",
    "tags (!)",
    "merging with <<",
    "a lone =",
    "a blank before the #",
    "put it in quotes",
    "a name is missing",
    "only one document",
    // YAML 1.1 takes text in quotes that goes on at the very left.
    "indent the lines of the quoted text",
    // An empty `|` or `>` that stands on the line below its name, not indented.
    "a name and its colon must stand on one line",
];

fn is_refused_on_purpose(message: &str) -> bool {
    REFUSED.iter().any(|part| message.contains(part))
}

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
                assert!(is_refused_on_purpose(&error.message), "{text:?}: {error}");
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
}

#[test]
fn what_is_sent_is_told_and_can_be_quoted() {
    let text = "\nA: no\nC: 12:30:45\nD: 010  # octal\nPY: 3.10\nPORT: 8080\nT: yes it is\nE:\nQ: \"no\"\n\
                L: [off, {x: ~}]\nno: x\nN:\n  deep: 1_000\n";
    let sent = mapping::sent(text).unwrap();
    let told: Vec<String> = sent
        .changes
        .iter()
        .map(|change| {
            let name = change.name.as_deref().unwrap_or("-");
            format!("{} {name} {:?} {}", change.line, change.written, change.sent)
        })
        .collect();
    assert_eq!(
        told,
        [
            "2 A \"no\" false",
            "3 C \"12:30:45\" 45045",
            "4 D \"010\" 8",
            "5 PY \"3.10\" 3.1",
            "8 E \"\" null",
            "10 L \"off\" false",
            "10 L \"~\" null",
            "11 - \"no\" false",
            "13 N \"1_000\" 1000",
        ]
    );
    assert_eq!(sent.not_text, ["A", "C", "D", "E", "L", "N", "PORT", "PY"]);
    let quoted = mapping::quoted(text).unwrap();
    assert_eq!(
        quoted,
        "\nA: \"no\"\nC: \"12:30:45\"\nD: \"010\"  # octal\nPY: \"3.10\"\nPORT: \"8080\"\nT: yes it is\n\
         E: \"\"\nQ: \"no\"\nL: [off, {x: ~}]\nno: x\nN:\n  deep: 1_000\n"
    );
    assert_eq!(mapping::sent(&quoted).unwrap().not_text, ["L", "N"]);
    for (flow, want) in [
        ("{A: no, B: 1, C: , D: x}", "{A: \"no\", B: \"1\", C: \"\" , D: x}"),
        ("{\"A\": 8080, on: 1}", "{\"A\": \"8080\", on: \"1\"}"),
    ] {
        assert_eq!(mapping::quoted(flow).as_deref(), Some(want));
        assert!(mapping::sent(want).unwrap().not_text.is_empty());
    }
    assert_eq!(mapping::quoted("A: b"), None);
    assert!(mapping::sent("A: [1").is_none() && mapping::sent("[1]").is_none());
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

#[test]
fn a_list_is_not_quoted() {
    assert!(mapping::parse("- 1:30").is_err());
    assert_eq!(mapping::quoted("- 1:30"), None, "it would be no mapping either");
    assert_eq!(mapping::quoted("a: 1:30").as_deref(), Some("a: \"1:30\""));
}

proptest! {
    #[test]
    fn what_is_written_reads_back(entries in prop::collection::vec((any_text(), any_value()), 0..5)) {
        let map: Map<String, Value> = entries.into_iter().collect();
        let text = mapping::to_yaml(&map);
        // Written by this program, a value becomes nothing else; quoted, it is text.
        let sent = mapping::sent(&text);
        if !map.is_empty() {
            prop_assert!(sent.unwrap().changes.is_empty(), "{}", text);
            let whole = |value: &Value| value.is_array() || value.is_object();
            let all = mapping::quoted(&text).map(|text| mapping::parse(&text).unwrap());
            for (name, value) in all.unwrap_or_default() {
                prop_assert!(value.is_string() || whole(&map[&name]), "{}: {}", name, value);
            }
        }
        prop_assert_eq!(mapping::parse(&text), Ok(map), "{}", text);
    }

    #[test]
    fn never_panics(parts in prop::collection::vec(prop::sample::select(vec![
        "a", "b: ", "- ", "\n", "  ", "'", "\"", "[", "]", "{", "}", ",", ":", "|", ">", "#", "\\",
        "?", "\t", "é", "1:30", "-", "\n  ", "|2-\n", "\\u12", "---", "...", "=", "<<", ".",
    ]), 0..24)) {
        let text = parts.concat();
        let _ = (mapping::parse(&text), mapping::sent(&text));
        if let Some(quoted) = mapping::quoted(&text) {
            prop_assert!(mapping::parse(&quoted).is_ok(), "{quoted:?}");
        }
    }

    #[test]
    fn never_panics_on_anything(text in any::<String>()) {
        let _ = mapping::parse(&text);
    }
}

/// Thousands of made-up documents, read by PyYAML and by this reader: they agree, or this reader refuses.
#[test]
#[ignore = "wants a Python with PyYAML: cargo xtask test gateway"]
fn as_pyyaml_reads_made_up_documents() {
    const PIECES: [&str; 42] = [
        "a", "b", "key one", "a: ", "b: ", "c:\n", "- ", "\n", "\n", "\n", "  ", "    ", "'",
        "'it''s'", "\"q\"", "\"", "[", "]", "{", "}", ", ", ",", ": ", ":", "|\n", ">\n", "|-\n",
        " # c", "#", "no", "010", "1_000", "0x1F", "1:30", ".5", "1e3", "~", "null", "é", "\n  ",
        "x y", "\\n",
    ];
    let python = std::env::var("DASKSCOPE_PYTHON").unwrap();
    let mut runner = TestRunner::deterministic();
    let parts = prop::collection::vec(prop::sample::select(PIECES.to_vec()), 1..14);
    let texts: Vec<String> =
        (0..4000).map(|_| parts.new_tree(&mut runner).unwrap().current().concat()).collect();
    let program = "import json, sys, yaml\n\
                   def read(text):\n \
                   try: return {'value': yaml.safe_load(text)}\n \
                   except Exception: return {}\n\
                   print(json.dumps([read(text) for text in json.load(sys.stdin)], default=lambda odd: {'odd': str(odd)}))";
    let mut child = Command::new(python)
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(serde_json::to_string(&texts).unwrap().as_bytes())
        .unwrap();
    let answer = child.wait_with_output().unwrap();
    let theirs: Vec<Value> = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!(theirs.len(), texts.len());
    let (mut same, mut wrong) = (0, Vec::new());
    for (text, theirs) in texts.iter().zip(&theirs) {
        // What is no mapping is refused either way.
        let theirs = theirs.get("value").filter(|value| value.is_object());
        match (yaml::parse(text).map(|value| Some(value).filter(Value::is_object)), theirs) {
            (Ok(Some(ours)), Some(value)) if ours == *value => same += 1,
            (Err(_) | Ok(None), None) => same += 1,
            (Err(error), Some(_)) if is_refused_on_purpose(&error.message) => {}
            (ours, value) => wrong.push(format!("{text:?}\n  here {ours:?}\n  Python {value:?}")),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        texts.len(),
        wrong[..wrong.len().min(25)].join("\n")
    );
    assert!(same > texts.len() / 2, "{same} the same");
}

/// Nesting is limited, not the stack's.
#[test]
fn deep_nesting_is_refused() {
    for open in ["[", "{a: ", "- "] {
        assert!(yaml::parse(&open.repeat(100_000)).is_err());
    }
}
