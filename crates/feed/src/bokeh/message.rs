//! Headers of Bokeh messages, and the few messages a client sends.

use super::DecodeError;
use super::json::{self, Json};

/// What a message is.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub enum Kind {
    /// The server's greeting.
    Ack,
    /// The whole document.
    PullReply,
    /// Changes of the document.
    Patch,
    /// Versions; here the answer to "are you alive?".
    ServerInfo,
    /// A request was carried out.
    Ok,
    /// A request failed.
    Error,
    /// A kind this version does not know.
    Unknown,
}

/// The first frame of a message.
#[derive(Clone, PartialEq, Debug)]
pub struct Header {
    /// What it is.
    pub kind: Kind,
    /// The client's message it answers; 0 when none, or one that is no number of ours.
    pub reply_to: u64,
    /// How many binary buffers follow the content.
    pub buffers: usize,
}

impl Header {
    /// Reads a header frame.
    ///
    /// # Errors
    /// When it is no JSON object with a text `msgtype`.
    pub fn parse(frame: &str) -> Result<Self, DecodeError> {
        let mut kind = None;
        let (mut reply_to, mut buffers) = (0, 0);
        Json::new(frame).members(&mut |json, name| {
            let raw = json.raw()?;
            match name {
                "msgtype" => kind = json::text(raw),
                "reqid" => reply_to = raw.trim_matches('"').parse().unwrap_or(0),
                "num_buffers" if raw != "null" => {
                    buffers = raw.parse().map_err(|_| DecodeError(format!("{raw} buffers")))?;
                }
                _ => {}
            }
            Ok(())
        })?;
        let kind = match &*kind.ok_or_else(|| DecodeError("a message without type".into()))? {
            "ACK" => Kind::Ack,
            "PULL-DOC-REPLY" => Kind::PullReply,
            "PATCH-DOC" => Kind::Patch,
            "SERVER-INFO-REPLY" => Kind::ServerInfo,
            "OK" => Kind::Ok,
            "ERROR" => Kind::Error,
            _ => Kind::Unknown,
        };
        Ok(Self { kind, reply_to, buffers })
    }
}

/// The number of a session's first request.
pub const FIRST_ID: u64 = 1;

/// The three frames that ask for the whole document, under the client's number `id`.
pub fn pull_request(id: u64) -> [String; 3] {
    request(id, "PULL-DOC-REQ")
}

/// The three frames that ask for the server's versions, under the client's number `id`.
pub fn info_request(id: u64) -> [String; 3] {
    request(id, "SERVER-INFO-REQ")
}

/// The three frames that carry events of the client's own, under its number `id`.
pub fn patch(id: u64, events: &[String]) -> [String; 3] {
    let [header, metadata, _] = request(id, "PATCH-DOC");
    // Bokeh 2 wants references, Bokeh 3 passes them over.
    [header, metadata, format!(r#"{{"events":[{}],"references":[]}}"#, events.join(","))]
}

fn request(id: u64, kind: &str) -> [String; 3] {
    [format!(r#"{{"msgid":"{id}","msgtype":"{kind}"}}"#), "{}".into(), "{}".into()]
}

/// Bokeh's version out of a SERVER-INFO-REPLY's content, if it is there.
pub fn server_version(content: &str) -> Option<String> {
    let info = json::member(content, "version_info")?;
    let version = json::member(info, "bokeh").or_else(|| json::member(info, "server"))?;
    Some(json::text(version)?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let header = Header::parse(
            r#"{"msgid":"p6756","msgtype":"PULL-DOC-REPLY","reqid":"1","num_buffers":4}"#,
        );
        assert_eq!(header, Ok(Header { kind: Kind::PullReply, reply_to: 1, buffers: 4 }));
        let header = Header::parse(r#"{"msgid":"4508","msgtype":"ACK"}"#);
        assert_eq!(header, Ok(Header { kind: Kind::Ack, reply_to: 0, buffers: 0 }));
        let header = Header::parse(r#"{"msgtype":"NEW-THING","reqid":"é","num_buffers":null}"#);
        assert_eq!(header, Ok(Header { kind: Kind::Unknown, reply_to: 0, buffers: 0 }));
        for bad in ["", "{}", "[]", r#"{"msgtype":1}"#, r#"{"msgtype":"ACK","num_buffers":-1}"#] {
            assert!(Header::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn versions() {
        let reply = r#"{"version_info":{"bokeh":"3.9.2","server":"3.9.2"}}"#;
        assert_eq!(server_version(reply).as_deref(), Some("3.9.2"));
        assert_eq!(server_version("{}"), None);
    }
}
