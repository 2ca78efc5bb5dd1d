//! Recorded websocket sessions, and a slow, plain mirror of their documents to compare with.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

pub mod played;
pub mod served;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// One frame from the server.
#[derive(Clone, Debug)]
pub enum Frame {
    Text(String),
    Binary(Vec<u8>),
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/bokeh")
}

pub fn read_gz(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    // Header of ten bytes, no optional fields: that is how these were written.
    assert_eq!(&bytes[..4], &[0x1f, 0x8b, 8, 0]);
    let raw = miniz_oxide::inflate::decompress_to_vec(&bytes[10..bytes.len() - 8]).unwrap();
    String::from_utf8(raw).unwrap()
}

/// All recordings in `<version>/<set>`, sorted.
pub fn recordings(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(fixtures().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".jsonl.gz"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

pub fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = 0u32;
    let mut count = 0;
    let mut out = Vec::new();
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let six = ALPHABET.iter().position(|other| *other == byte).unwrap();
        bits = (bits << 6 | six as u32) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

/// The server's frames of a recording with their times in seconds.
pub fn frames(path: &Path) -> Vec<(f64, Frame)> {
    read_gz(path)
        .lines()
        .filter_map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let t = line["t"].as_f64().unwrap();
            match (line["dir"].as_str()?, line["type"].as_str()?) {
                ("in", "text") => Some((t, Frame::Text(line["data"].as_str()?.into()))),
                ("in", "binary") => Some((t, Frame::Binary(base64(line["b64"].as_str()?)))),
                _ => None,
            }
        })
        .collect()
}

/// One message: header, content, buffers.
pub type Message = (Value, Value, BTreeMap<String, Vec<u8>>);

/// Groups frames by counting them.
pub fn messages(frames: &[(f64, Frame)]) -> Vec<Message> {
    let text = |i: usize| match frames.get(i) {
        Some((_, Frame::Text(text))) => Some(serde_json::from_str::<Value>(text).unwrap()),
        _ => None,
    };
    let mut out = Vec::new();
    let mut i = 0;
    while let (Some(header), Some(_), Some(content)) = (text(i), text(i + 1), text(i + 2)) {
        i += 3;
        let mut buffers = BTreeMap::new();
        for _ in 0..header["num_buffers"].as_u64().unwrap_or(0) {
            let Some((_, Frame::Binary(bytes))) = frames.get(i + 1) else { return out };
            buffers.insert(text(i).unwrap()["id"].as_str().unwrap().into(), bytes.clone());
            i += 2;
        }
        out.push((header, content, buffers));
    }
    out
}

pub type Columns = BTreeMap<String, Vec<Value>>;

/// Decodes one column to JSON values.
pub fn column(value: &Value, buffers: &BTreeMap<String, Vec<u8>>) -> Vec<Value> {
    if let Some(list) = value.as_array() {
        return list.clone();
    }
    let bytes = if let Some(id) = value["__buffer__"].as_str() {
        buffers[id].clone()
    } else if let Some(text) = value["__ndarray__"].as_str() {
        base64(text)
    } else if let Some(id) = value["array"]["data"]["id"].as_str() {
        buffers[id].clone()
    } else if let Some(text) = value["array"]["data"].as_str() {
        base64(text)
    } else {
        return value["array"].as_array().unwrap_or_else(|| panic!("column {value}")).clone();
    };
    match value["dtype"].as_str().unwrap() {
        "float64" => {
            bytes.chunks(8).map(|raw| f64::from_le_bytes(raw.try_into().unwrap()).into()).collect()
        }
        "int32" => {
            bytes.chunks(4).map(|raw| i32::from_le_bytes(raw.try_into().unwrap()).into()).collect()
        }
        other => panic!("dtype {other}"),
    }
}

/// The members of a map in either form.
pub fn members(value: &Value) -> Vec<(String, Value)> {
    if value["type"] == "map" {
        return value["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| (pair[0].as_str().unwrap().into(), pair[1].clone()))
            .collect();
    }
    value.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn columns(value: &Value, buffers: &BTreeMap<String, Vec<u8>>) -> Columns {
    members(value).into_iter().map(|(name, value)| (name, column(&value, buffers))).collect()
}

/// Everything a mirror knows: all sources of the document, and every batch of rows.
#[derive(Default, Debug)]
pub struct Mirror {
    pub sources: BTreeMap<String, Columns>,
    pub titles: BTreeMap<String, String>,
    /// Rows as they came, per source: the pull's, then each stream's; `None` marks a clear.
    pub log: BTreeMap<String, Vec<Option<Columns>>>,
}

impl Mirror {
    fn walk(&mut self, value: &Value, buffers: &BTreeMap<String, Vec<u8>>) {
        if let Some(object) = value.as_object() {
            let class =
                if object.get("type") == Some(&Value::from("object")) { "name" } else { "type" };
            match object.get(class).and_then(Value::as_str) {
                Some("ColumnDataSource") => {
                    let id = value["id"].as_str().unwrap_or("").to_string();
                    if !value["attributes"]["data"].is_null() {
                        let columns = columns(&value["attributes"]["data"], buffers);
                        self.log.insert(id.clone(), vec![Some(columns.clone())]);
                        self.sources.insert(id, columns);
                    }
                    return;
                }
                Some("Title") => {
                    let text = value["attributes"]["text"].as_str().unwrap_or("");
                    self.titles.insert(value["id"].as_str().unwrap_or("").into(), text.into());
                }
                _ => {}
            }
            for value in object.values() {
                self.walk(value, buffers);
            }
        } else if let Some(list) = value.as_array() {
            for value in list {
                self.walk(value, buffers);
            }
        }
    }

    /// Replays a whole recording.
    pub fn replay(messages: &[Message]) -> Self {
        let mut mirror = Self::default();
        for (header, content, buffers) in messages {
            match header["msgtype"].as_str().unwrap() {
                "PULL-DOC-REPLY" => {
                    mirror = Self::default();
                    mirror.walk(&content["doc"]["roots"], buffers);
                }
                "PATCH-DOC" => {
                    for event in content["events"].as_array().unwrap() {
                        mirror.event(event, buffers);
                    }
                }
                _ => {}
            }
        }
        mirror
    }

    fn event(&mut self, event: &Value, buffers: &BTreeMap<String, Vec<u8>>) {
        let model =
            if event["model"].is_null() { &event["column_source"] } else { &event["model"] };
        let Some(id) = model["id"].as_str() else { return };
        let data = if event["data"].is_null() { &event["new"] } else { &event["data"] };
        let kind = event["kind"].as_str().unwrap();
        if kind == "ModelChanged" {
            if let (Some(title), Some(text)) = (self.titles.get_mut(id), event["new"].as_str()) {
                *title = text.into();
            }
            self.walk(&event["new"], buffers);
            return;
        }
        let Some(source) = self.sources.get_mut(id) else { return };
        let log = self.log.get_mut(id).unwrap();
        match kind {
            "ColumnsStreamed" => {
                let rows = columns(data, buffers);
                for (name, values) in &rows {
                    let column = source.get_mut(name).unwrap();
                    column.extend(values.iter().cloned());
                    if let Some(rollover) = event["rollover"].as_u64() {
                        let extra = column.len().saturating_sub(rollover as usize);
                        column.drain(..extra);
                    }
                }
                log.push(Some(rows));
            }
            "ColumnDataChanged" => {
                let rows = columns(data, buffers);
                if rows.values().all(Vec::is_empty) {
                    log.push(None);
                }
                source.extend(rows);
            }
            "ColumnsPatched" => {
                for (name, patches) in members(&event["patches"]) {
                    for patch in patches.as_array().unwrap() {
                        source.get_mut(&name).unwrap()[patch[0].as_u64().unwrap() as usize] =
                            patch[1].clone();
                    }
                }
            }
            _ => {}
        }
    }

    /// The one source that has these columns.
    pub fn find(&self, names: &[&str]) -> Option<&str> {
        self.sources
            .iter()
            .find(|(_, columns)| names.iter().all(|name| columns.contains_key(*name)))
            .map(|(id, _)| &**id)
    }
}
