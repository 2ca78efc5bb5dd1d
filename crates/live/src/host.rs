//! The pure part of the embedding interface: its arguments and its answers as JSON.

use serde_json::Value;

use base::time::{Micros, Span};

/// What `tasks()` is asked for.
#[derive(Clone, PartialEq, Debug)]
pub struct TaskQuery {
    /// Only intervals that share time with this span.
    pub span: Span,
    /// At most so many, earliest first within a lane.
    pub limit: usize,
}

impl TaskQuery {
    /// From `{from, to, limit}`, seconds since the epoch, each optional.
    ///
    /// # Errors
    /// A sentence naming the argument that is not a number it can take.
    pub fn parse(value: &Value) -> Result<Self, String> {
        let object = value.as_object().ok_or("tasks() takes an object: {from, to, limit}")?;
        let from = seconds(object.get("from"), "from")?.unwrap_or(Micros(i64::MIN));
        let to = seconds(object.get("to"), "to")?.unwrap_or(Micros(i64::MAX));
        if to < from {
            return Err("`to` must not be before `from`".into());
        }
        let limit = match object.get("limit") {
            None | Some(Value::Null) => usize::MAX,
            Some(limit) => limit
                .as_u64()
                .or_else(|| {
                    limit.as_f64().filter(|f| *f >= 0.0 && f.fract() == 0.0).map(|f| f as u64)
                })
                .ok_or("`limit` must be a whole number, zero or more")?
                as usize,
        };
        Ok(Self { span: Span { start: from, end: to }, limit })
    }
}

/// What `setView()` is asked for.
#[derive(Clone, PartialEq, Debug)]
pub struct ViewRequest(
    /// The span to show.
    pub Span,
);

impl ViewRequest {
    /// From `{from, to}`, seconds since the epoch, both needed.
    ///
    /// # Errors
    /// A sentence saying what is missing or wrong.
    pub fn parse(value: &Value) -> Result<Self, String> {
        let object = value.as_object().ok_or("setView() takes an object: {from, to}")?;
        let from = seconds(object.get("from"), "from")?.ok_or("setView() needs `from`")?;
        let to = seconds(object.get("to"), "to")?.ok_or("setView() needs `to`")?;
        if to <= from {
            return Err("`to` must be after `from`".into());
        }
        Ok(Self(Span { start: from, end: to }))
    }
}

fn seconds(value: Option<&Value>, name: &str) -> Result<Option<Micros>, String> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_f64() {
            // Beyond this an i64 of microseconds would overflow.
            Some(secs) if secs.abs() < 9e12 => Ok(Some(Micros::from_secs(secs))),
            _ => Err(format!("`{name}` must be a number of seconds since the epoch")),
        },
    }
}

/// The answer of `stats()` where nothing is being watched.
pub fn empty_stats() -> String {
    "{\"tasks\":0,\"dropped\":0,\"lanes\":0,\"memory_bytes\":0,\
     \"feed\":{\"kind\":\"none\",\"state\":\"none\",\"reconnects\":0,\"messages\":0,\"bytes\":0},\
     \"frame\":{\"count\":0,\"filled\":0,\"p50_ms\":0,\"p95_ms\":0,\"max_ms\":0,\"phases_ms\":{}}}"
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::json;
    use serde_json::json;

    #[test]
    fn queries_are_total() {
        let all = TaskQuery::parse(&json!({})).unwrap();
        assert_eq!(all.limit, usize::MAX);
        let some = TaskQuery::parse(&json!({"from": 1.5, "to": 2, "limit": 3})).unwrap();
        assert_eq!(some.span, Span { start: Micros(1_500_000), end: Micros(2_000_000) });
        assert_eq!(some.limit, 3);
        for bad in [
            json!([]),
            json!({"from": "x"}),
            json!({"limit": -1}),
            json!({"limit": 1.5}),
            json!({"from": 2, "to": 1}),
            json!({"to": 1e300}),
        ] {
            assert!(TaskQuery::parse(&bad).is_err(), "{bad}");
        }
        assert!(ViewRequest::parse(&json!({"from": 1})).is_err());
        assert!(ViewRequest::parse(&json!({"from": 1, "to": 1})).is_err());
        assert!(ViewRequest::parse(&json!({"from": 1, "to": 2})).is_ok());
    }

    #[test]
    fn nothing_is_counted_in_json() {
        let stats: Value = serde_json::from_str(&empty_stats()).unwrap();
        assert_eq!((&stats["feed"]["kind"], &stats["frame"]["count"]), (&json!("none"), &json!(0)));
    }

    #[test]
    fn strings_survive_json() {
        for text in ["plain", "a\"b\\c", "line\nbreak\u{1}\u{1f}", "ünï→"] {
            let mut out = String::new();
            json::quote(text, &mut out);
            assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }
}
