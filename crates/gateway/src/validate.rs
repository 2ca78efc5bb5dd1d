//! The server's own rules for cluster options (`dask_gateway_server/options.py`), checked before
//! anything is sent and said in its words.

use serde_json::{Map, Number, Value};

use super::literal::{float_text, repr};
use super::mapping;
use super::model::{OptionField, OptionKind, Options};
use base::dict::{Dict, object};
use base::exact;
use base::json::print;
use base::number::{fixed, parse};

/// What is wrong, by field.
pub type Problems = Dict<String>;

impl OptionField {
    /// Reads what a person typed (or what a link or a form control holds) into a value.
    ///
    /// Bool takes `true`/`false` (also `1`/`0`, `yes`/`no`, `on`/`off`); int takes digits with a
    /// sign, nothing else; mapping takes YAML or JSON; an unknown kind takes JSON.
    ///
    /// # Errors
    /// A sentence in the server's words.
    pub fn parse_text(&self, text: &str) -> Result<Value, String> {
        let field = &self.field;
        let typed = text.trim();
        let shown = || repr(&Value::String(typed.to_owned()));
        let value = match &self.kind {
            OptionKind::Text | OptionKind::Select(_) => Value::String(text.to_owned()),
            OptionKind::Bool => match typed.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => true.into(),
                "false" | "0" | "no" | "off" => false.into(),
                _ => return Err(format!("{field} must be a bool, got {}", shown())),
            },
            OptionKind::Int { .. } => {
                let digits = typed.strip_prefix(['+', '-']).unwrap_or(typed);
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    let shown = parse(typed).map_or_else(shown, float_text);
                    return Err(format!("{field} must be an integer, got {shown}"));
                }
                // Python reads no more digits than these.
                if digits.len() > 4300 {
                    return Err(format!("{field} has too many digits"));
                }
                let typed = typed.strip_prefix('+').unwrap_or(typed);
                match (typed.parse::<i64>(), typed.parse::<u64>()) {
                    (Ok(number), _) => number.into(),
                    (_, Ok(number)) => number.into(),
                    _ => {
                        let sign = if typed.starts_with('-') { "-" } else { "" };
                        exact::number(&format!("{sign}{}", digits.trim_start_matches('0')))
                    }
                }
            }
            OptionKind::Float { .. } => match parse(typed) {
                Some(number) => match Number::from_f64(number) {
                    Some(number) => Value::Number(number),
                    None => {
                        return Err(infinite(field, &float_text(number)));
                    }
                },
                None => return Err(format!("{field} must be a float, got {}", shown())),
            },
            OptionKind::Mapping => {
                Value::Object(mapping::parse(text).map_err(|error| error.for_field(field))?)
            }
            OptionKind::Unknown(_) => exact::read(typed).map_err(|error| {
                format!("{field} must be JSON: it goes wrong at column {}", error.column())
            })?,
        };
        self.check(&value)
    }

    /// Checks a value as the server does, and gives what the server makes of it (an int for a float
    /// field becomes a float).
    ///
    /// # Errors
    /// A sentence in the server's words.
    pub fn check(&self, value: &Value) -> Result<Value, String> {
        let field = &self.field;
        let wrong = |kind: &str| Err(format!("{field} must be {kind}, got {}", repr(value)));
        match &self.kind {
            OptionKind::Text if !value.is_string() => wrong("a string"),
            OptionKind::Bool if !value.is_boolean() => wrong("a bool"),
            OptionKind::Mapping if !value.is_object() || exact::text(value).is_some() => {
                wrong("a mapping")
            }
            OptionKind::Int { min, max } => {
                // Python takes a bool for an int; a form that sends one means something else.
                let Some(number) = whole(value) else { return wrong("an integer") };
                match (min, max) {
                    (Some(min), _) if number < i128::from(*min) => {
                        Err(below(field, &whole_bound(*min), &print(value)))
                    }
                    (_, Some(max)) if number > i128::from(*max) => {
                        Err(above(field, &whole_bound(*max), &print(value)))
                    }
                    _ => Ok(value.clone()),
                }
            }
            OptionKind::Float { min, max } => {
                let Some(number) = exact::float(value) else { return wrong("a float") };
                let got = || float_text(number);
                match (min, max) {
                    _ if !number.is_finite() => Err(infinite(field, &got())),
                    (Some(min), _) if number < *min => Err(below(field, &fixed(*min, 6), &got())),
                    (_, Some(max)) if number > *max => Err(above(field, &fixed(*max, 6), &got())),
                    _ => Ok(number.into()),
                }
            }
            OptionKind::Select(options) => match value.as_str() {
                None => wrong("a string"),
                Some(text) if !options.iter().any(|option| option == text) => {
                    Err(format!("{} is not a valid option for {field}", repr(value)))
                }
                Some(_) => Ok(value.clone()),
            },
            _ if !exact::can_be_sent(value) => Err(infinite(field, &repr(value))),
            _ => Ok(value.clone()),
        }
    }

    /// Whether the default can be sent as it is. One that cannot (`Infinity`, or what the gateway's
    /// own rules refuse) is left out of the request: the gateway then uses it by itself.
    pub fn sends_default(&self) -> bool {
        exact::can_be_sent(&self.default) && self.check(&self.default).is_ok()
    }

    /// The text that a control shows for a value: what [`parse_text`](Self::parse_text) reads back.
    pub fn show(&self, value: &Value) -> String {
        match (&self.kind, value) {
            (OptionKind::Unknown(_), _) => print(value),
            _ if exact::text(value).is_some() => print(value),
            (_, Value::String(text)) => text.clone(),
            (OptionKind::Mapping, Value::Object(map)) => mapping::to_yaml(map),
            (_, Value::Null) => String::new(),
            _ => print(value),
        }
    }
}

/// A whole number as it is; beyond 64 bits one that lies outside of all bounds here.
fn whole(value: &Value) -> Option<i128> {
    let beyond = |text: &str| {
        let far = if text.starts_with('-') { i128::MIN } else { i128::MAX };
        text.parse().unwrap_or(far)
    };
    match value {
        Value::Number(number) => {
            number.as_i64().map(i128::from).or(number.as_u64().map(i128::from))
        }
        other => exact::whole(other).map(beyond),
    }
}

/// A bound in the server's words, which are those of C's `%f`.
fn whole_bound(bound: i64) -> String {
    format!("{}.000000", bound as f64 as i128)
}

fn below(field: &str, min: &str, got: &str) -> String {
    format!("{field} must be >= {min}, got {got}")
}

fn above(field: &str, max: &str, got: &str) -> String {
    format!("{field} must be <= {max}, got {got}")
}

fn infinite(field: &str, got: &str) -> String {
    format!("{field} must be finite, got {got}: JSON has no such number")
}

impl Options {
    /// The defaults, by field.
    pub fn defaults(&self) -> Map<String, Value> {
        object(self.fields.iter().map(|field| (field.field.clone(), field.default.clone())))
    }

    /// Checks a whole set of values as the server does; fields left out take their defaults.
    pub fn problems(&self, values: &Map<String, Value>) -> Problems {
        let mut problems = Problems::new();
        for (name, value) in values {
            let result = match self.field(name) {
                Some(field) => field.check(value).map(|_| ()),
                None => Err(format!("Unknown fields [{}]", repr(&Value::String(name.clone())))),
            };
            if let Err(problem) = result {
                problems.insert(name.clone(), problem);
            }
        }
        problems
    }

    /// What to send: every known field with its value, so that a default that changes on the server
    /// meanwhile does not change what was seen here. Left out are fields of an unknown kind that were
    /// not changed, and defaults that cannot be sent.
    pub fn to_send(&self, values: &Map<String, Value>) -> Map<String, Value> {
        let mut out = Map::new();
        for field in &self.fields {
            let value = values.get(&field.field).unwrap_or(&field.default);
            let unknown = matches!(field.kind, OptionKind::Unknown(_));
            if *value == field.default && (unknown || !field.sends_default()) {
                continue;
            }
            out.insert(field.field.clone(), field.check(value).unwrap_or_else(|_| value.clone()));
        }
        out
    }

    /// Fields whose value differs from the default, in the form's order.
    pub fn changed<'a>(
        &'a self,
        values: &'a Map<String, Value>,
    ) -> Vec<(&'a OptionField, &'a Value)> {
        let mut changed = Vec::new();
        for field in &self.fields {
            let Some(value) = values.get(&field.field) else { continue };
            let read = field.check(value);
            let same =
                *value == field.default || (read.is_ok() && read == field.check(&field.default));
            if !same {
                changed.push((field, value));
            }
        }
        changed
    }

    /// What survives of remembered values, a preset or a link's texts when the site's options have
    /// changed: known fields with values that still pass. The rest is told by name.
    pub fn keep_valid(&self, values: &Map<String, Value>) -> (Map<String, Value>, Problems) {
        let problems = self.problems(values);
        let kept = object(
            values
                .iter()
                .filter(|(name, _)| !problems.contains_key(name))
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        (kept, problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn field(kind: OptionKind) -> OptionField {
        OptionField { field: "f".into(), label: "F".into(), default: kind.empty(), kind }
    }

    fn refused(kind: OptionKind, text: &str) -> String {
        field(kind).parse_text(text).unwrap_err()
    }

    #[test]
    fn texts() {
        let int = OptionKind::Int { min: Some(1), max: Some(4) };
        let float = OptionKind::Float { min: Some(0.5), max: Some(8.0) };
        let select = OptionKind::Select(vec!["Small Worker".into()]);
        assert_eq!(field(int.clone()).parse_text(" +3 "), Ok(json!(3)));
        assert_eq!(refused(int.clone(), "1.5"), "f must be an integer, got 1.5");
        assert_eq!(refused(int.clone(), "1e3"), "f must be an integer, got 1000.0");
        assert_eq!(refused(int.clone(), "two"), "f must be an integer, got 'two'");
        assert_eq!(refused(int.clone(), ""), "f must be an integer, got ''");
        assert_eq!(refused(int.clone(), "9"), "f must be <= 4.000000, got 9");
        assert_eq!(refused(int.clone(), "0"), "f must be >= 1.000000, got 0");
        assert_eq!(
            refused(int, "99999999999999999999"),
            "f must be <= 4.000000, got 99999999999999999999"
        );
        let any = field(OptionKind::Int { min: Some(i64::MIN), max: None });
        let huge = "1000000000000000000000000000000";
        assert_eq!(
            any.parse_text(&format!("+00{huge}")).map(|value| print(&value)),
            Ok(huge.into())
        );
        assert_eq!(any.parse_text("18446744073709551615"), Ok(json!(u64::MAX)));
        assert_eq!(
            any.parse_text(&format!("-{huge}")),
            Err(format!("f must be >= -9223372036854775808.000000, got -{huge}"))
        );
        assert_eq!(field(float.clone()).parse_text("2"), Ok(json!(2.0)));
        assert_eq!(refused(float.clone(), "9"), "f must be <= 8.000000, got 9.0");
        assert_eq!(refused(float.clone(), "1,5"), "f must be a float, got '1,5'");
        assert!(refused(float.clone(), "nan").contains("finite"));
        assert!(refused(float, "inf").contains("finite"));
        assert_eq!(refused(select.clone(), "Huge"), "'Huge' is not a valid option for f");
        assert_eq!(field(select).parse_text("Small Worker"), Ok(json!("Small Worker")));
        assert_eq!(refused(OptionKind::Bool, "maybe"), "f must be a bool, got 'maybe'");
        assert_eq!(field(OptionKind::Bool).parse_text("True"), Ok(json!(true)));
        assert_eq!(refused(OptionKind::Mapping, "a=b"), "f must be a mapping, got 'a=b'");
        assert_eq!(field(OptionKind::Mapping).parse_text("a: b"), Ok(json!({"a": "b"})));
        assert_eq!(field(OptionKind::Text).parse_text(" x "), Ok(json!(" x ")));
        assert_eq!(field(OptionKind::Unknown("x".into())).parse_text("[1]"), Ok(json!([1])));
        assert!(refused(OptionKind::Unknown("x".into()), "[1").contains("JSON"));
    }

    #[test]
    fn values_as_the_server_checks_them() {
        let int = field(OptionKind::Int { min: None, max: None });
        for (value, got) in
            [(json!(null), "None"), (json!(1.5), "1.5"), (json!("2"), "'2'"), (json!(true), "True")]
        {
            assert_eq!(int.check(&value), Err(format!("f must be an integer, got {got}")));
        }
        assert_eq!(int.check(&json!(u64::MAX)), Ok(json!(u64::MAX)));
        let text = field(OptionKind::Text);
        assert_eq!(text.check(&json!(1)), Err("f must be a string, got 1".into()));
        let select = field(OptionKind::Select(vec!["a".into()]));
        assert_eq!(select.check(&json!(null)), Err("f must be a string, got None".into()));
        let mapping = field(OptionKind::Mapping);
        assert_eq!(mapping.check(&json!([1])), Err("f must be a mapping, got [1]".into()));
    }

    #[test]
    fn defaults_that_no_request_can_carry_are_left_out() {
        let text = r#"{"cluster_options": [
            {"field": "limit", "default": Infinity, "spec": {"type": "float", "min": 0, "max": Infinity}},
            {"field": "seed", "default": 1000000000000000000000000000000, "spec": {"type": "int"}},
            {"field": "share", "default": 0.30000000000000004, "spec": {"type": "float"}},
            {"field": "note", "default": null, "spec": {"type": "string"}},
            {"field": "cores", "default": 0, "spec": {"type": "int", "min": 1}},
            {"field": "map", "default": {"a": NaN, "b": 1}, "spec": {"type": "mapping"}}]}"#;
        let options = Options::from_json(text).unwrap();
        let sent = options.to_send(&options.defaults());
        assert_eq!(
            print(&Value::Object(sent)),
            r#"{"seed":1000000000000000000000000000000,"share":0.30000000000000004}"#
        );
        let of = |name: &str| options.field(name).unwrap();
        let shown = |name: &str| of(name).show(&of(name).default);
        assert_eq!((shown("limit"), shown("note")), ("Infinity".into(), String::new()));
        assert_eq!(shown("seed"), "1000000000000000000000000000000");
        assert_eq!(shown("map"), "a: .nan\nb: 1\n");
        assert_eq!(of("limit").kind, OptionKind::Float { min: Some(0.0), max: None });
        assert!(of("limit").check(&of("limit").default).unwrap_err().contains("finite"));
        assert!(of("map").parse_text("a: .inf").is_err());
    }

    #[test]
    fn sets() {
        let options = Options {
            fields: vec![
                OptionField {
                    field: "memory".into(),
                    label: "Memory".into(),
                    default: json!(1),
                    kind: OptionKind::Float { min: None, max: Some(8.0) },
                },
                OptionField {
                    field: "odd".into(),
                    label: "Odd".into(),
                    default: json!(null),
                    kind: OptionKind::Unknown("odd".into()),
                },
            ],
            skipped: Vec::new(),
        };
        let values = json!({"memory": 1.0, "odd": null, "gone": 1}).as_object().unwrap().clone();
        assert!(options.changed(&values).is_empty());
        assert_eq!(Value::Object(options.to_send(&values)), json!({"memory": 1.0}));
        assert_eq!(options.problems(&values).get("gone").unwrap(), "Unknown fields ['gone']");
        let (kept, dropped) =
            options.keep_valid(json!({"memory": 9, "odd": {}}).as_object().unwrap());
        assert_eq!(Value::Object(kept), json!({"odd": {}}));
        assert_eq!(dropped.get("memory").unwrap(), "memory must be <= 8.000000, got 9.0");
    }
}
