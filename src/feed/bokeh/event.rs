//! The events of a PATCH-DOC, in the words of Bokeh 2 and 3.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Doubt;
use super::frame::Buffers;
use super::table::{Column, Table};
use super::value;

/// One event with its values still raw.
#[derive(Deserialize)]
pub(super) struct Event<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    model: Option<&'a RawValue>,
    #[serde(borrow, default)]
    column_source: Option<&'a RawValue>,
    #[serde(borrow, default)]
    attr: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    new: Option<&'a RawValue>,
    #[serde(borrow, default)]
    patches: Option<&'a RawValue>,
    #[serde(default)]
    rollover: Option<f64>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow)]
    events: Vec<Event<'a>>,
}

/// What an event does.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub(super) enum Deed {
    Stream,
    Replace,
    Patch,
    Text,
    Other,
}

/// The events of a PATCH-DOC's content.
pub(super) fn events(content: &str) -> Result<Vec<Event<'_>>, Doubt> {
    Ok(serde_json::from_str::<Content>(content)?.events)
}

impl Event<'_> {
    pub fn deed(&self) -> Deed {
        match &*self.kind {
            "ColumnsStreamed" => Deed::Stream,
            "ColumnDataChanged" => Deed::Replace,
            "ColumnsPatched" => Deed::Patch,
            "ModelChanged" if self.attr.as_deref() == Some("text") => Deed::Text,
            _ => Deed::Other,
        }
    }

    /// The id of the model it is about; empty without one.
    pub fn target(&self) -> Cow<'_, str> {
        #[derive(Deserialize)]
        struct Ref<'a> {
            #[serde(borrow)]
            id: Cow<'a, str>,
        }
        self.model
            .or(self.column_source)
            .and_then(|raw| serde_json::from_str::<Ref>(raw.get()).ok())
            .map_or(Cow::Borrowed(""), |target| target.id)
    }

    /// Rows to keep, when the event says so.
    pub fn rollover(&self) -> Option<usize> {
        self.rollover.filter(|n| *n >= 0.0).map(|n| n as usize)
    }

    /// The columns it brings.
    pub fn table(&self, buffers: &Buffers) -> Result<Table, Doubt> {
        let raw =
            self.data.or(self.new).ok_or_else(|| Doubt(format!("{} without data", self.kind)))?;
        let mut table = Table::default();
        value::table(raw.get(), buffers, &mut table)?;
        Ok(table)
    }

    /// The text it sets; `None` when it is no text.
    pub fn text(&self) -> Option<String> {
        serde_json::from_str(self.new?.get()).ok()
    }

    /// Its patches: column, indices, values. Only whole cells are known; a slice is in doubt.
    pub fn patches(&self) -> Result<Vec<(String, Vec<usize>, Column)>, Doubt> {
        let raw = self.patches.ok_or_else(|| Doubt("ColumnsPatched without patches".into()))?;
        let mut out = Vec::new();
        for (name, cells) in named(raw.get())? {
            let cells: Vec<(usize, &RawValue)> = serde_json::from_str(cells.get())?;
            let mut at = Vec::with_capacity(cells.len());
            let mut values = Column::default();
            for (i, raw) in cells {
                at.push(i);
                value::push_cell(&mut values, raw.get());
            }
            out.push((name, at, values));
        }
        Ok(out)
    }
}

/// The members of `{"type":"map","entries":[[name, value], …]}` or of a plain object.
fn named(raw: &str) -> Result<Vec<(String, &RawValue)>, Doubt> {
    #[derive(Deserialize)]
    struct Map<'a> {
        r#type: Cow<'a, str>,
        #[serde(borrow)]
        entries: Vec<(String, &'a RawValue)>,
    }
    if let Ok(map) = serde_json::from_str::<Map>(raw)
        && map.r#type == "map"
    {
        return Ok(map.entries);
    }
    serde_json::from_str::<Pairs>(raw).map(|pairs| pairs.0).map_err(Doubt::from)
}

/// The members of a plain object, in order.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        from.deserialize_map(Members)
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
            let deeds: Vec<Deed> = events.iter().map(Event::deed).collect();
            assert_eq!(deeds, [Deed::Stream, Deed::Patch, Deed::Text, Deed::Other]);
            assert_eq!(events[0].target(), "p1");
            assert_eq!(events[0].rollover(), Some(1000));
            assert_eq!(events[0].table(&Buffers::default()).unwrap().rows(), 1);
            let patches = events[1].patches().unwrap();
            assert_eq!((&*patches[0].0, &*patches[0].1), ("state", &[0, 3][..]));
            assert_eq!(patches[0].2.text(1), Some("b"));
            assert_eq!(events[2].text().as_deref(), Some("Progress"));
        }
        assert!(events("{}").is_err());
        assert!(events(r#"{"events":[{}]}"#).is_err());
    }
}
