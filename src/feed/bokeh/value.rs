//! Columns as they stand on the wire: plain lists and five forms of arrays, read without a tree
//! and without an allocation per cell.
//!
//! Cells are taken as raw text: serde's own float parser may be off by the last bit, and the same
//! duration must have the same bits whether it came as text or in a buffer.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Doubt;
use super::encoding::{base64, gunzip, numbers};
use super::frame::Buffers;
use super::table::{Column, Table};

use crate::base::number;

/// Reads one column from its JSON text into `out`, whatever was there before.
///
/// # Errors
/// When it is neither a list nor a known form of array.
pub fn column(json: &str, buffers: &Buffers, out: &mut Column) -> Result<(), Doubt> {
    let mut json = serde_json::Deserializer::from_str(json);
    ColumnSeed { buffers, out }.deserialize(&mut json)?;
    Ok(())
}

/// Reads a source's data, a `{"type":"map","entries":[…]}` or a plain object, over the columns of
/// `out`.
///
/// # Errors
/// When a column cannot be read.
pub fn table(json: &str, buffers: &Buffers, out: &mut Table) -> Result<(), Doubt> {
    let mut json = serde_json::Deserializer::from_str(json);
    TableSeed { buffers, out }.deserialize(&mut json)?;
    Ok(())
}

/// Appends one cell given as JSON text.
pub(super) fn push_cell(column: &mut Column, raw: &str) {
    match raw.as_bytes().first() {
        Some(b'"') => {
            let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or("");
            if inner.contains('\\') {
                // Python may write half a surrogate pair, which is no text: keep it as it stands.
                match serde_json::from_str::<Cow<str>>(raw) {
                    Ok(text) => column.push_text(&text),
                    Err(_) => column.push_text(inner),
                }
            } else {
                column.push_text(inner);
            }
        }
        Some(b'n') => column.push_constant(None),
        Some(b't') => column.push_constant(Some(true)),
        Some(b'f') => column.push_constant(Some(false)),
        Some(b'{') => match special_number(raw) {
            Some(number) => column.push_number(number),
            None => column.push_json(raw),
        },
        Some(b'[') => column.push_json(raw),
        _ => column.push_number(number::parse(raw).unwrap_or(f64::NAN)),
    }
}

/// Bokeh's `{"type":"number","value":"nan"}`.
fn special_number(raw: &str) -> Option<f64> {
    if raw.len() > 64 {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(raw).ok()?;
    if value.get("type")?.as_str()? != "number" {
        return None;
    }
    match value.get("value")?.as_str()? {
        "nan" => Some(f64::NAN),
        "+inf" | "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// Reads a column in place.
pub(super) struct ColumnSeed<'a> {
    pub buffers: &'a Buffers,
    pub out: &'a mut Column,
}

impl<'de> DeserializeSeed<'de> for ColumnSeed<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ColumnSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a column")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.out.clear();
        while let Some(raw) = seq.next_element::<&RawValue>()? {
            push_cell(self.out, raw.get());
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.out.clear();
        let mut dtype: Option<Cow<'de, str>> = None;
        let mut big = false;
        let mut shape: Option<&RawValue> = None;
        let mut array: Option<&RawValue> = None;
        let mut named = false;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match &*key {
                "dtype" => dtype = Some(map.next_value()?),
                "order" => big = map.next_value::<Cow<'de, str>>()? == "big",
                "shape" => shape = Some(map.next_value()?),
                "array" | "__ndarray__" => array = Some(map.next_value()?),
                "__buffer__" => {
                    array = Some(map.next_value()?);
                    named = true;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let (Some(dtype), Some(array)) = (dtype, array) else {
            return Err(A::Error::custom("neither a list nor an array"));
        };
        let payload = payload(array.get(), named);
        self.fill(&dtype, big, array.get(), payload, shape.map(RawValue::get))
            .map_err(A::Error::custom)
    }
}

impl ColumnSeed<'_> {
    fn fill(
        self,
        dtype: &str,
        big: bool,
        array: &str,
        payload: Result<Payload, Doubt>,
        shape: Option<&str>,
    ) -> Result<(), Doubt> {
        if array.starts_with('[') {
            return column(array, self.buffers, self.out);
        }
        let out = self.out.numbers_mut().ok_or_else(|| Doubt("a column in use".into()))?;
        match payload? {
            Payload::Buffer(id) => {
                let bytes =
                    self.buffers.get(&id).ok_or_else(|| Doubt(format!("no buffer {id}")))?;
                // Saved files compress arrays; a socket may one day.
                if bytes.starts_with(&[0x1f, 0x8b, 8]) && !fits(bytes.len(), dtype, shape) {
                    numbers(&gunzip(bytes.to_vec())?, dtype, big, out)?;
                } else {
                    numbers(bytes, dtype, big, out)?;
                }
            }
            Payload::Base64(bytes) if fits(bytes.len(), dtype, shape) => {
                numbers(&bytes, dtype, big, out)?;
            }
            Payload::Base64(bytes) => numbers(&gunzip(bytes)?, dtype, big, out)?,
        }
        match cells(shape) {
            Some(cells) if cells != out.len() => {
                Err(Doubt(format!("{} numbers in an array of {cells}", out.len())))
            }
            _ => Ok(()),
        }
    }
}

/// Whether an array of that shape has exactly that many bytes, so that they are not compressed.
fn fits(bytes: usize, dtype: &str, shape: Option<&str>) -> bool {
    let size = match dtype {
        "bool" => 1,
        _ => {
            dtype.trim_start_matches(|c: char| !c.is_ascii_digit()).parse::<usize>().unwrap_or(0)
                / 8
        }
    };
    cells(shape).and_then(|cells| cells.checked_mul(size)) == Some(bytes)
}

fn cells(shape: Option<&str>) -> Option<usize> {
    let shape: Vec<usize> = serde_json::from_str(shape?).ok()?;
    shape.into_iter().try_fold(1usize, usize::checked_mul)
}

enum Payload {
    Buffer(String),
    Base64(Vec<u8>),
}

/// The bytes of an array: `{"type":"bytes","data":{"id":…}}`, the same with base64 text, or bare
/// text: a buffer's id where it is `named` one, else base64.
fn payload(array: &str, named: bool) -> Result<Payload, Doubt> {
    #[derive(serde::Deserialize)]
    struct Bytes<'a> {
        #[serde(borrow)]
        data: &'a RawValue,
    }
    #[derive(serde::Deserialize)]
    struct Id<'a> {
        #[serde(borrow)]
        id: Cow<'a, str>,
    }
    if array.starts_with('{') {
        let data = serde_json::from_str::<Bytes>(array)?.data.get();
        if data.starts_with('{') {
            return Ok(Payload::Buffer(serde_json::from_str::<Id>(data)?.id.into_owned()));
        }
        return Ok(Payload::Base64(base64(&serde_json::from_str::<Cow<str>>(data)?)?));
    }
    let text: Cow<str> = serde_json::from_str(array)?;
    if named {
        return Ok(Payload::Buffer(text.into_owned()));
    }
    Ok(Payload::Base64(base64(&text)?))
}

/// Reads a source's data in place.
pub(super) struct TableSeed<'a> {
    pub buffers: &'a Buffers,
    pub out: &'a mut Table,
}

impl<'de> DeserializeSeed<'de> for TableSeed<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TableSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a table of columns")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { buffers, out } = self;
        let mut typed = false;
        let mut entries: Option<&RawValue> = None;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match &*key {
                // A plain object may well have columns called `type` and `entries`.
                "type" => {
                    let raw: &RawValue = map.next_value()?;
                    typed = raw.get() == r#""map""#;
                    if !typed {
                        column(raw.get(), buffers, out.column_mut("type"))
                            .map_err(A::Error::custom)?;
                    }
                }
                "entries" if typed => map.next_value_seed(Entries { buffers, out })?,
                "entries" => entries = Some(map.next_value()?),
                name => {
                    map.next_value_seed(ColumnSeed { buffers, out: out.column_mut(name) })?;
                }
            }
        }
        if let Some(raw) = entries {
            if typed {
                let mut json = serde_json::Deserializer::from_str(raw.get());
                Entries { buffers, out }.deserialize(&mut json).map_err(A::Error::custom)?;
            } else {
                column(raw.get(), buffers, out.column_mut("entries")).map_err(A::Error::custom)?;
            }
        }
        Ok(())
    }
}

/// `[[name, column], …]`.
struct Entries<'a> {
    buffers: &'a Buffers,
    out: &'a mut Table,
}

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list of names and columns")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { buffers, out } = self;
        while seq.next_element_seed(Pair { buffers, out: &mut *out })?.is_some() {}
        Ok(())
    }
}

struct Pair<'a> {
    buffers: &'a Buffers,
    out: &'a mut Table,
}

impl<'de> DeserializeSeed<'de> for Pair<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Pair<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a name and a column")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let name = seq
            .next_element::<Cow<'de, str>>()?
            .ok_or_else(|| A::Error::custom("a column without name"))?;
        let column = self.out.column_mut(&name);
        seq.next_element_seed(ColumnSeed { buffers: self.buffers, out: column })?
            .ok_or_else(|| A::Error::custom("a name without column"))?;
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::Cell;
    use super::*;

    fn read(json: &str, buffers: &Buffers) -> Result<Column, Doubt> {
        let mut out = Column::default();
        column(json, buffers, &mut out)?;
        Ok(out)
    }

    #[test]
    fn every_form_of_an_array() {
        let mut buffers = Buffers::default();
        buffers.insert("p1883", &[0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0]);
        buffers.insert("6257", &[1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
        for (json, wanted) in [
            ("[1.5, -2]", [1.5, -2.0]),
            (
                r#"{"type":"ndarray","array":{"type":"bytes","data":{"id":"p1883"}},"shape":[2],"dtype":"float64","order":"little"}"#,
                [1.5, -2.0],
            ),
            (
                r#"{"type":"ndarray","array":{"type":"bytes","data":"AAAAAAAA+D8AAAAAAAAAwA=="},"shape":[2],"dtype":"float64","order":"little"}"#,
                [1.5, -2.0],
            ),
            (
                r#"{"type":"ndarray","array":{"type":"bytes","data":"H4sIAAAAAAACA2NgAIEf9gwQcAAAi0rMhRAAAAA="},"shape":[2],"dtype":"float64","order":"little"}"#,
                [1.5, -2.0],
            ),
            (r#"{"__buffer__":"6257","dtype":"int32","order":"little","shape":[2]}"#, [1.0, -1.0]),
            (
                r#"{"__ndarray__":"AAAAAAAA+D8AAAAAAAAAwA==","dtype":"float64","order":"little","shape":[2]}"#,
                [1.5, -2.0],
            ),
            (
                r#"{"type":"ndarray","array":[1.5,-2],"shape":[2],"dtype":"object","order":"little"}"#,
                [1.5, -2.0],
            ),
        ] {
            let column = read(json, &buffers).unwrap();
            assert_eq!(column.numbers(), Some(&wanted[..]), "{json}");
        }
        for bad in [
            "3",
            "{}",
            "[1",
            r#"{"type":"ndarray","array":{"type":"bytes","data":{"id":"p1"}},"shape":[2],"dtype":"float64"}"#,
            r#"{"__buffer__":"6257","dtype":"int32","order":"little","shape":[3]}"#,
            r#"{"__buffer__":"6257","dtype":"float64x","order":"little","shape":[1]}"#,
        ] {
            assert!(read(bad, &buffers).is_err(), "{bad}");
        }
    }

    #[test]
    fn cells_of_lists() {
        let json = r#"["a", "q\"\u00e9", "\ud800", ["k", [1, 2.50]], null, true, -1e-3,
            {"type":"number","value":"nan"}, {"x": 1}, ""]"#;
        let column = read(json, &Buffers::default()).unwrap();
        assert_eq!(column.cell(0), Cell::Text("a"));
        assert_eq!(column.cell(1), Cell::Text("q\"é"));
        assert_eq!(column.cell(2), Cell::Text("\\ud800"));
        assert_eq!(column.cell(3), Cell::Json(r#"["k",[1,2.50]]"#));
        assert_eq!(column.cell(4), Cell::Null);
        assert_eq!(column.cell(5), Cell::Bool(true));
        assert_eq!(column.cell(6), Cell::Number(-1e-3));
        assert!(column.number(7).unwrap().is_nan());
        assert_eq!(column.cell(8), Cell::Json(r#"{"x":1}"#));
        assert_eq!(column.cell(9), Cell::Text(""));
    }

    #[test]
    fn floats_keep_their_last_bit() {
        for number in [0.1 + 0.2, 123_456.789_012_345_67, 2.842_187_881_469_726_6e1, 5e-324] {
            let column = read(&format!("[{number:?}]"), &Buffers::default()).unwrap();
            assert_eq!(column.number(0), Some(number));
        }
    }

    #[test]
    fn both_forms_of_a_table() {
        let buffers = Buffers::default();
        for json in [
            r#"{"type":"map","entries":[["x",[1,2]],["s",["a","b"]]]}"#,
            r#"{"entries":[["x",[1,2]],["s",["a","b"]]],"type":"map"}"#,
            r#"{"x":[1,2],"s":["a","b"]}"#,
        ] {
            let mut out = Table::default();
            table(json, &buffers, &mut out).unwrap();
            assert!(out.has(&["x", "s"]) && out.is_even(), "{json}");
            assert_eq!(out.column("s").unwrap().text(1), Some("b"));
        }
        let mut out = Table::default();
        table(r#"{"type":["a"],"entries":[3]}"#, &buffers, &mut out).unwrap();
        assert!(out.has(&["type", "entries"]));
        for bad in ["[]", r#"{"type":"map","entries":[["x"]]}"#, r#"{"type":"map","entries":[[]]}"#]
        {
            assert!(table(bad, &buffers, &mut Table::default()).is_err(), "{bad}");
        }
    }
}
