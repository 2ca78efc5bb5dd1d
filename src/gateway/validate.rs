//! The server's own rules for cluster options (`dask_gateway_server/options.py`), checked before
//! anything is sent and said in its words.

use serde_json::{Map, Number, Value};

use super::literal::{float_text, repr};
use super::mapping;
use super::model::{OptionField, OptionKind, Options};
use crate::base::dict::{Dict, object};
use crate::base::json::print;
use crate::base::number::{fixed, parse};

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
            OptionKind::Int { min, max } => {
                let digits = typed.strip_prefix(['+', '-']).unwrap_or(typed);
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    let shown = parse(typed).map_or_else(shown, float_text);
                    return Err(format!("{field} must be an integer, got {shown}"));
                }
                match typed.strip_prefix('+').unwrap_or(typed).parse::<i64>() {
                    Ok(number) => number.into(),
                    // Beyond 64 bits: the bound it breaks, or that it is too long to send.
                    Err(_) => {
                        return Err(match (typed.starts_with('-'), min, max) {
                            (true, Some(min), _) => below(field, *min as f64, typed),
                            (false, _, Some(max)) => above(field, *max as f64, typed),
                            _ => format!("{field} has too many digits, got {typed}"),
                        });
                    }
                }
            }
            OptionKind::Float { .. } => match parse(typed) {
                Some(number) => match Number::from_f64(number) {
                    Some(number) => Value::Number(number),
                    None => {
                        return Err(format!("{field} must be finite, got {}", float_text(number)));
                    }
                },
                None => return Err(format!("{field} must be a float, got {}", shown())),
            },
            OptionKind::Mapping => {
                Value::Object(mapping::parse(text).map_err(|error| error.for_field(field))?)
            }
            OptionKind::Unknown(_) => serde_json::from_str(typed).map_err(|error| {
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
            OptionKind::Mapping if !value.is_object() => wrong("a mapping"),
            OptionKind::Int { min, max } => {
                // Python takes a bool for an int; a form that sends one means something else.
                let Value::Number(number) = value else { return wrong("an integer") };
                if number.is_f64() {
                    return wrong("an integer");
                }
                let exact = number
                    .as_i64()
                    .map_or_else(|| number.as_u64().map_or(i128::MAX, i128::from), i128::from);
                match (min, max) {
                    (Some(min), _) if exact < i128::from(*min) => {
                        Err(below(field, *min as f64, &print(value)))
                    }
                    (_, Some(max)) if exact > i128::from(*max) => {
                        Err(above(field, *max as f64, &print(value)))
                    }
                    _ => Ok(value.clone()),
                }
            }
            OptionKind::Float { min, max } => {
                let Some(number) = value.as_f64() else { return wrong("a float") };
                match (min, max) {
                    (Some(min), _) if number < *min => Err(below(field, *min, &float_text(number))),
                    (_, Some(max)) if number > *max => Err(above(field, *max, &float_text(number))),
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
            _ => Ok(value.clone()),
        }
    }

    /// The text that a control shows for a value: what [`parse_text`](Self::parse_text) reads back.
    pub fn show(&self, value: &Value) -> String {
        match (&self.kind, value) {
            (OptionKind::Unknown(_), _) => print(value),
            (_, Value::String(text)) => text.clone(),
            (OptionKind::Mapping, Value::Object(map)) => mapping::to_yaml(map),
            (_, Value::Null) => String::new(),
            _ => print(value),
        }
    }
}

fn below(field: &str, min: f64, got: &str) -> String {
    format!("{field} must be >= {}, got {got}", fixed(min, 6))
}

fn above(field: &str, max: f64, got: &str) -> String {
    format!("{field} must be <= {}, got {got}", fixed(max, 6))
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
    /// meanwhile does not change what was seen here. Fields of an unknown kind go only where they
    /// were changed.
    pub fn to_send(&self, values: &Map<String, Value>) -> Map<String, Value> {
        let mut out = Map::new();
        for field in &self.fields {
            let value = values.get(&field.field).unwrap_or(&field.default);
            if matches!(field.kind, OptionKind::Unknown(_)) && *value == field.default {
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
