//! The events of a PATCH-DOC, in the words of Bokeh 2 and 3.

use std::borrow::Cow;

use super::DecodeError;
use super::frame::Buffers;
use super::json::{self, Json};
use super::table::{Column, Table};
use super::value;
use base::number;

/// One event with its values still raw.
#[derive(Default)]
pub(super) struct Event<'a> {
    kind: Cow<'a, str>,
    target: Cow<'a, str>,
    attr: &'a str,
    data: Option<&'a str>,
    patches: Option<&'a str>,
    rollover: Option<f64>,
}

/// What an event does.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(super) enum EventKind {
    Stream,
    Replace,
    Patch,
    Text,
    Options,
    Other,
}

/// The events of a PATCH-DOC's content.
pub(super) fn events(content: &str) -> Result<Vec<Event<'_>>, DecodeError> {
    let mut events = None;
    let mut json = Json::new(content);
    json.members(&mut |json, name| {
        if name != "events" {
            return json.raw().map(drop);
        }
        let list = events.insert(Vec::new());
        json.elements(&mut |json| {
            list.push(Event::read(json)?);
            Ok(())
        })
    })?;
    json.end()?;
    events.ok_or_else(|| DecodeError("a patch without events".into()))
}

impl<'a> Event<'a> {
    fn read(json: &mut Json<'a>) -> Result<Self, DecodeError> {
        let mut event = Self::default();
        json.members(&mut |json, name| {
            let raw = json.raw()?;
            match name {
                _ if raw == "null" => {}
                "kind" => event.kind = json::text(raw).unwrap_or_default(),
                "model" | "column_source" => {
                    let id = json::member(raw, "id").and_then(json::text);
                    event.target = id.unwrap_or_default();
                }
                "attr" => event.attr = raw,
                "data" | "new" => event.data = Some(raw),
                "patches" => event.patches = Some(raw),
                "rollover" => event.rollover = number::parse(raw),
                _ => {}
            }
            Ok(())
        })?;
        if event.kind.is_empty() {
            return Err(DecodeError("an event without kind".into()));
        }
        Ok(event)
    }

    pub fn deed(&self) -> EventKind {
        match &*self.kind {
            "ColumnsStreamed" => EventKind::Stream,
            "ColumnDataChanged" => EventKind::Replace,
            "ColumnsPatched" => EventKind::Patch,
            "ModelChanged" if self.attr == r#""text""# => EventKind::Text,
            "ModelChanged" if self.attr == r#""options""# => EventKind::Options,
            _ => EventKind::Other,
        }
    }

    /// What it sets an attribute to, where that holds a source of data.
    pub fn models(&self) -> Option<&'a str> {
        self.data.filter(|raw| raw.contains("\"ColumnDataSource\""))
    }

    /// What it sets an attribute to, as it stands.
    pub fn new_value(&self) -> &'a str {
        self.data.unwrap_or("")
    }

    /// The id of the model it is about; empty without one.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Rows to keep, when the event says so.
    pub fn rollover(&self) -> Option<usize> {
        self.rollover.filter(|n| *n >= 0.0).map(|n| n as usize)
    }

    /// The columns it brings.
    pub fn table(&self, buffers: &Buffers) -> Result<Table, DecodeError> {
        let raw = self.data.ok_or_else(|| DecodeError(format!("{} without data", self.kind)))?;
        let mut table = Table::default();
        value::table(raw, buffers, &mut table)?;
        Ok(table)
    }

    /// The text it sets; `None` when it is no text.
    pub fn text(&self) -> Option<String> {
        Some(json::text(self.data?)?.into_owned())
    }

    /// Its patches: column, indices, values, each given to `out`. Only whole cells are known; a
    /// slice is in doubt.
    pub fn patches(&self, out: &mut dyn FnMut(&str, &[usize], &Column)) -> Result<(), DecodeError> {
        let raw =
            self.patches.ok_or_else(|| DecodeError("ColumnsPatched without patches".into()))?;
        let mut patch = |json: &mut Json<'_>, name: &str| {
            let mut at = Vec::new();
            let mut values = Column::default();
            json.pairs(&mut |json, i| {
                at.push(i.parse().map_err(|_| DecodeError("a slice patched".into()))?);
                value::push_cell(&mut values, json.raw()?);
                Ok(())
            })?;
            out(name, &at, &values);
            Ok(())
        };
        // `{"type":"map","entries":[[name, cells], …]}` or a plain object.
        match json::member(raw, "entries") {
            Some(entries) if json::member(raw, "type") == Some(r#""map""#) => Json::new(entries)
                .pairs(&mut |json, name| {
                    let name = json::text(name);
                    patch(json, &name.ok_or_else(|| DecodeError("a patch without column".into()))?)
                }),
            _ => Json::new(raw).members(&mut patch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_words() {
        let new = r#"{"events":[{"kind":"ColumnsStreamed","model":{"id":"p1"},"attr":"data","data":{"type":"map","entries":[["x",[1]]]},"rollover":1000},
            {"kind":"ColumnsPatched","model":{"id":"p2"},"attr":"data","patches":{"type":"map","entries":[["state",[[0,"a"],[3,"b"]]]]}},
            {"kind":"ModelChanged","model":{"id":"p3"},"attr":"text","new":"Progress"},
            {"kind":"MessageSent","msg_type":"bokeh_event"}]}"#;
        let old = r#"{"events":[{"column_source":{"id":"p1"},"kind":"ColumnsStreamed","data":{"x":[1]},"rollover":1000},
            {"column_source":{"id":"p2"},"kind":"ColumnsPatched","patches":{"state":[[0,"a"],[3,"b"]]}},
            {"attr":"text","hint":null,"kind":"ModelChanged","model":{"id":"p3"},"new":"Progress"},
            {"kind":"RootAdded","model":{"id":"p4","type":"Plot"}}],"references":[]}"#;
        for content in [new, old] {
            let events = events(content).unwrap();
            let deeds: Vec<EventKind> = events.iter().map(Event::deed).collect();
            assert_eq!(
                deeds,
                [EventKind::Stream, EventKind::Patch, EventKind::Text, EventKind::Other]
            );
            assert_eq!(events[0].target(), "p1");
            assert_eq!(events[0].rollover(), Some(1000));
            assert_eq!(events[0].table(&Buffers::default()).unwrap().rows(), 1);
            let mut patched = 0;
            events[1]
                .patches(&mut |name, at, values| {
                    assert_eq!((name, at, values.text(1)), ("state", &[0, 3][..], Some("b")));
                    patched += 1;
                })
                .unwrap();
            assert_eq!(patched, 1);
            assert_eq!(events[2].text().as_deref(), Some("Progress"));
        }
        assert!(events("{}").is_err());
        assert!(events(r#"{"events":[{}]}"#).is_err());
    }
}
