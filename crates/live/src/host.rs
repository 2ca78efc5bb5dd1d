//! The pure part of the embedding interface: its arguments and its answers as JSON.

use std::fmt::Write;

use serde_json::Value;

use crate::engine::Engine;
use base::json;
use base::number::plain;
use base::time::{Micros, Span};
use stream::{Phase, TaskStreamModel};

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

/// `daskscope.stats()`.
pub fn stats_json(engine: &Engine) -> String {
    let stream = engine.stream();
    let stream = stream.borrow();
    let (store, frames) = (stream.store(), stream.frames().stats());
    let facts = engine.feed().facts();
    let mut out = String::from("{");
    push_numbers(
        &mut out,
        &[
            ("tasks", store.rows() as f64),
            ("dropped", store.dropped() as f64),
            ("folded", store.folded() as f64),
            ("backward", stream.totals().backward as f64),
            ("lanes", store.lanes().len() as f64),
            ("prefixes", store.prefix_count() as f64),
            ("tracks", store.most_tracks() as f64),
            ("memory_bytes", store.memory_bytes() as f64),
        ],
    );
    out.push_str(",\"feed\":{\"kind\":\"bokeh\",\"state\":");
    json::quote(engine.feed().status().state, &mut out);
    out.push_str(",\"clock\":");
    json::quote(&facts.clock, &mut out);
    push_numbers(
        &mut out,
        &[
            ("sockets", facts.sockets as f64),
            ("reconnects", facts.reconnects as f64),
            ("messages", facts.messages as f64),
            ("bytes", facts.bytes as f64),
            ("unread", facts.dropped as f64),
            ("gaps", store.gaps().len() as f64),
        ],
    );
    out.push_str("},\"frame\":{");
    push_numbers(
        &mut out,
        &[
            ("count", frames.count as f64),
            ("filled", frames.filled as f64),
            ("p50_ms", frames.p50_ms),
            ("p95_ms", frames.p95_ms),
            ("max_ms", frames.max_ms),
        ],
    );
    out.push_str(",\"phases_ms\":{");
    for (name, ms) in Phase::NAMES.iter().zip(frames.phases_ms) {
        push_numbers(&mut out, &[(name, ms)]);
    }
    out.push_str("}}}");
    out
}

/// `daskscope.tasks()`: a JSON array with an object per interval.
pub fn tasks_json(stream: &TaskStreamModel, query: &TaskQuery) -> String {
    let all = query.span.start.0 == i64::MIN && query.span.end.0 == i64::MAX;
    let mut out = String::from("[");
    stream.tasks((!all).then_some(query.span), query.limit, |row| {
        out.push_str(if out.len() > 1 { ",{\"key\":" } else { "{\"key\":" });
        if row.key_is_json {
            out.push_str(row.key);
        } else {
            json::quote(row.key, &mut out);
        }
        out.push_str(",\"name\":");
        json::quote(row.prefix, &mut out);
        out.push_str(",\"action\":\"");
        out.push_str(row.action.name());
        out.push_str("\",\"worker\":");
        json::quote(row.worker, &mut out);
        out.push_str(",\"thread\":");
        json::quote(row.thread, &mut out);
        out.push_str(",\"start\":");
        push_secs(&mut out, row.start);
        out.push_str(",\"stop\":");
        push_secs(&mut out, row.start + row.duration);
        out.push_str(if row.erred { ",\"status\":\"error\"}" } else { ",\"status\":\"OK\"}" });
    });
    out.push(']');
    out
}

/// `daskscope.view()`.
pub fn view_json(stream: &TaskStreamModel) -> String {
    let span = stream.view();
    let mut out = String::from("{\"from\":");
    push_secs(&mut out, span.start);
    out.push_str(",\"to\":");
    push_secs(&mut out, span.end);
    out.push('}');
    out
}

/// Appends members of a JSON object, with commas between them. What is no number is null.
fn push_numbers(out: &mut String, numbers: &[(&str, f64)]) {
    for (name, number) in numbers {
        if !out.ends_with('{') {
            out.push(',');
        }
        json::quote(name, out);
        out.push(':');
        out.push_str(&if number.is_finite() { plain(*number) } else { "null".into() });
    }
}

/// Microseconds as decimal seconds, all six digits: a double holds them for the next 200 years.
fn push_secs(out: &mut String, at: Micros) {
    let sign = if at.0 < 0 { "-" } else { "" };
    let n = at.0.unsigned_abs();
    let _ = write!(out, "{sign}{}.{:06}", n / 1_000_000, n % 1_000_000);
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

    #[test]
    fn seconds_keep_their_digits() {
        let mut out = String::new();
        push_secs(&mut out, Micros(1_795_353_623_000_007));
        out.push(' ');
        push_secs(&mut out, Micros(-1));
        assert_eq!(out, "1795353623.000007 -0.000001");
    }
}
