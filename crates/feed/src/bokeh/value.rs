//! Columns as they stand on the wire: plain lists and five forms of arrays, read without a tree
//! and without an allocation per cell.
//!
//! Cells are taken as raw text: serde's own float parser may be off by the last bit, and the same
//! duration must have the same bits whether it came as text or in a buffer.

use super::DecodeError;
use super::encoding::{base64, gunzip, numbers, width};
use super::frame::Buffers;
use super::json::{self, Json};
use super::table::{Column, Table};

use base::number;

/// Reads one column from its JSON text into `out`, whatever was there before.
///
/// # Errors
/// When it is neither a list nor a known form of array.
pub fn column(json: &str, buffers: &Buffers, out: &mut Column) -> Result<(), DecodeError> {
    read_column(&mut Json::new(json), buffers, out)
}

/// Reads a source's data, a `{"type":"map","entries":[…]}` or a plain object, over the columns of
/// `out`.
///
/// # Errors
/// When a column cannot be read.
pub fn table(json: &str, buffers: &Buffers, out: &mut Table) -> Result<(), DecodeError> {
    read_table(&mut Json::new(json), buffers, out)
}

/// Appends one cell given as JSON text.
pub(super) fn push_cell(column: &mut Column, raw: &str) {
    match raw.as_bytes().first() {
        Some(b'"') => match json::text(raw) {
            Some(text) => column.push_text(&text),
            // Python may write half a surrogate pair, which is no text: keep it as it stands.
            None => column.push_text(raw.trim_matches('"')),
        },
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
    if raw.len() > 64 || json::member(raw, "type")? != r#""number""# {
        return None;
    }
    match json::member(raw, "value")? {
        r#""nan""# => Some(f64::NAN),
        r#""+inf""# | r#""inf""# => Some(f64::INFINITY),
        r#""-inf""# => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// Reads a column in place.
fn read_column(
    json: &mut Json<'_>,
    buffers: &Buffers,
    out: &mut Column,
) -> Result<(), DecodeError> {
    out.clear();
    if json.peek() == b'[' {
        return json.elements(&mut |json| {
            push_cell(out, json.raw()?);
            Ok(())
        });
    }
    let (mut dtype, mut big, mut shape, mut array, mut named) = (None, false, None, None, false);
    json.members(&mut |json, name| {
        match name {
            "dtype" => dtype = Some(json.text()?),
            "order" => big = json.text()? == "big",
            "shape" => shape = Some(json.raw()?),
            "array" | "__ndarray__" | "__buffer__" => {
                array = Some(json.raw()?);
                named |= name == "__buffer__";
            }
            _ => drop(json.raw()?),
        }
        Ok(())
    })?;
    let (Some(dtype), Some(array)) = (dtype, array) else {
        return Err(DecodeError("neither a list nor an array".into()));
    };
    if array.starts_with('[') {
        return column(array, buffers, out);
    }
    let cells = shape.and_then(cells);
    let payload = payload(array, named)?;
    let out = out.numbers_mut().ok_or_else(|| DecodeError("a column in use".into()))?;
    let bytes = match &payload {
        Payload::Buffer(id) => {
            buffers.get(id).ok_or_else(|| DecodeError(format!("no buffer {id}")))?
        }
        Payload::Base64(bytes) => bytes,
    };
    // Saved files compress arrays; a socket may one day. Numbers may begin like a compressed
    // array, but then they have the size their shape says.
    if cells.and_then(|cells| cells.checked_mul(width(&dtype))) == Some(bytes.len()) {
        numbers(bytes, &dtype, big, out)?;
    } else {
        numbers(&gunzip(bytes)?, &dtype, big, out)?;
    }
    match cells {
        Some(cells) if cells != out.len() => {
            Err(DecodeError(format!("{} numbers in an array of {cells}", out.len())))
        }
        _ => Ok(()),
    }
}

/// How many cells an array of that shape has.
fn cells(shape: &str) -> Option<usize> {
    let mut cells = Some(1usize);
    Json::new(shape)
        .elements(&mut |json| {
            let length = json.raw()?.parse().ok();
            cells = cells.and_then(|cells| cells.checked_mul(length?));
            Ok(())
        })
        .ok()?;
    cells
}

enum Payload {
    Buffer(String),
    Base64(Vec<u8>),
}

/// The bytes of an array: `{"type":"bytes","data":{"id":…}}`, the same with base64 text, or bare
/// text: a buffer's id where it is `named` one, else base64.
fn payload(array: &str, named: bool) -> Result<Payload, DecodeError> {
    let missing = || DecodeError("an array without bytes".into());
    let data = if array.starts_with('{') {
        json::member(array, "data").ok_or_else(missing)?
    } else {
        array
    };
    let id = json::member(data, "id");
    let text = json::text(id.unwrap_or(data)).ok_or_else(missing)?;
    if named || id.is_some() {
        return Ok(Payload::Buffer(text.into_owned()));
    }
    Ok(Payload::Base64(base64(&text)?))
}

/// Reads a source's data in place.
pub(super) fn read_table(
    json: &mut Json<'_>,
    buffers: &Buffers,
    out: &mut Table,
) -> Result<(), DecodeError> {
    let mut typed = false;
    let mut entries = None;
    json.members(&mut |json, name| {
        match name {
            // A plain object may well have columns called `type` and `entries`.
            "type" => {
                let raw = json.raw()?;
                typed = raw == r#""map""#;
                if !typed {
                    column(raw, buffers, out.column_mut(name))?;
                }
            }
            "entries" if typed => read_entries(json, buffers, out)?,
            "entries" => entries = Some(json.raw()?),
            name => read_column(json, buffers, out.column_mut(name))?,
        }
        Ok(())
    })?;
    match entries {
        Some(raw) if typed => read_entries(&mut Json::new(raw), buffers, out),
        Some(raw) => column(raw, buffers, out.column_mut("entries")),
        None => Ok(()),
    }
}

/// `[[name, column], …]`.
fn read_entries(
    json: &mut Json<'_>,
    buffers: &Buffers,
    out: &mut Table,
) -> Result<(), DecodeError> {
    json.pairs(&mut |json, name| {
        let name = json::text(name).ok_or_else(|| DecodeError("a column without name".into()))?;
        read_column(json, buffers, out.column_mut(&name))
    })
}

#[cfg(test)]
mod tests {
    use super::super::table::Cell;
    use super::*;

    fn read(json: &str, buffers: &Buffers) -> Result<Column, DecodeError> {
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
