//! Frames to messages: three text frames, then a text and a binary one per buffer. Nothing marks
//! the end of a message, so they are counted.

use super::DecodeError;
use super::json;
use super::message::Header;

/// Longest message taken, bytes over all its frames. A full `/tasks` history is about 20 MB; more
/// would only cost memory.
pub const MAX_BYTES: usize = 256 << 20;
/// Most buffers taken in one message. Dask's largest pages send some tens.
pub const MAX_BUFFERS: usize = 1024;

/// The binary buffers of one message, by their id.
#[derive(Clone, Default, Debug)]
pub struct Buffers(Vec<(String, Vec<u8>)>);

impl Buffers {
    /// The bytes of buffer `id`.
    pub fn get(&self, id: &str) -> Option<&[u8]> {
        self.0.iter().find(|(name, _)| name == id).map(|(_, bytes)| &**bytes)
    }

    /// Adds one (tests and importers; a socket's come through [`Assembler`]).
    pub fn insert(&mut self, id: &str, bytes: &[u8]) {
        self.0.push((id.into(), bytes.into()));
    }
}

#[derive(Copy, Clone, Eq, PartialEq, Debug)]
enum Next {
    Header,
    Metadata,
    Content,
    BufferHeader,
    Buffer,
    /// After a frame that cannot be: where a message begins is no longer known.
    Lost,
}

/// Puts the frames of one socket together. After an error it stays in error: only a new socket
/// helps.
#[derive(Debug)]
pub struct Assembler {
    next: Next,
    header: Option<Header>,
    content: String,
    buffers: Buffers,
    size: usize,
    frames: u64,
}

impl Default for Assembler {
    fn default() -> Self {
        Self {
            next: Next::Header,
            header: None,
            content: String::new(),
            buffers: Buffers::default(),
            size: 0,
            frames: 0,
        }
    }
}

/// One whole message, borrowed until the next frame.
#[derive(Copy, Clone, Debug)]
pub struct Message<'a> {
    /// Its header.
    pub header: &'a Header,
    /// Its content, JSON text.
    pub content: &'a str,
    /// Its buffers.
    pub buffers: &'a Buffers,
}

impl Assembler {
    /// Takes a text frame; a message when it was the last of one.
    ///
    /// # Errors
    /// When no text is due here, a header cannot be read, or a limit is passed.
    pub fn text(&mut self, frame: &str) -> Result<Option<Message<'_>>, DecodeError> {
        self.frames += 1;
        self.count(frame.len())?;
        match self.next {
            Next::Header => {
                self.size = frame.len();
                self.buffers.0.clear();
                let header = Header::parse(frame).map_err(|doubt| self.lose(doubt.0))?;
                if header.buffers > MAX_BUFFERS {
                    return Err(self.lose(format!("{} buffers in one message", header.buffers)));
                }
                self.header = Some(header);
                self.next = Next::Metadata;
            }
            Next::Metadata => self.next = Next::Content,
            Next::Content => {
                self.content.clear();
                // One large history should not hold its memory for ever.
                if self.content.capacity() > 4 << 20 && frame.len() < 1 << 20 {
                    self.content = String::new();
                }
                self.content.push_str(frame);
                self.next = Next::BufferHeader;
            }
            Next::BufferHeader => {
                let id = buffer_id(frame).ok_or_else(|| self.lose("a buffer without id".into()))?;
                self.buffers.0.push((id, Vec::new()));
                self.next = Next::Buffer;
            }
            Next::Buffer => return Err(self.lose("text where a buffer is due".into())),
            Next::Lost => return Err(DecodeError("the frames are out of step".into())),
        }
        Ok(self.complete())
    }

    /// Takes a binary frame; a message when it was the last of one.
    ///
    /// # Errors
    /// When no binary frame is due here, or a limit is passed.
    pub fn binary(&mut self, frame: &[u8]) -> Result<Option<Message<'_>>, DecodeError> {
        self.frames += 1;
        self.count(frame.len())?;
        if self.next != Next::Buffer {
            return Err(self.lose("a buffer where text is due".into()));
        }
        if let Some((_, bytes)) = self.buffers.0.last_mut() {
            bytes.extend_from_slice(frame);
        }
        self.next = Next::BufferHeader;
        Ok(self.complete())
    }

    /// Frames taken so far, refused ones included.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    fn complete(&mut self) -> Option<Message<'_>> {
        let header = self.header.as_ref()?;
        if self.next != Next::BufferHeader || self.buffers.0.len() < header.buffers {
            return None;
        }
        self.next = Next::Header;
        Some(Message { header, content: &self.content, buffers: &self.buffers })
    }

    fn count(&mut self, bytes: usize) -> Result<(), DecodeError> {
        self.size = self.size.saturating_add(bytes);
        if self.size > MAX_BYTES {
            return Err(self.lose("a message over 256 MiB".into()));
        }
        Ok(())
    }

    fn lose(&mut self, why: String) -> DecodeError {
        self.next = Next::Lost;
        self.header = None;
        self.content = String::new();
        self.buffers = Buffers::default();
        DecodeError(why)
    }
}

fn buffer_id(frame: &str) -> Option<String> {
    Some(json::text(json::member(frame, "id")?)?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_frames_and_buffers() {
        let mut frames = Assembler::default();
        assert!(frames.text(r#"{"msgid":"1","msgtype":"ACK"}"#).unwrap().is_none());
        assert!(frames.text("{}").unwrap().is_none());
        assert_eq!(frames.text("{}").unwrap().unwrap().header.buffers, 0);

        let header = r#"{"msgid":"2","msgtype":"PATCH-DOC","num_buffers":2}"#;
        assert!(frames.text(header).unwrap().is_none());
        assert!(frames.text("{}").unwrap().is_none());
        assert!(frames.text(r#"{"events":[]}"#).unwrap().is_none());
        assert!(frames.text(r#"{"id":"a"}"#).unwrap().is_none());
        assert!(frames.binary(&[1, 2]).unwrap().is_none());
        assert!(frames.text(r#"{"id":"b"}"#).unwrap().is_none());
        let message = frames.binary(&[]).unwrap().unwrap();
        assert_eq!(message.content, r#"{"events":[]}"#);
        assert_eq!(message.buffers.get("a"), Some(&[1, 2][..]));
        assert_eq!(message.buffers.get("b"), Some(&[][..]));
        assert_eq!(message.buffers.get("c"), None);
        assert_eq!(frames.frames(), 10);
    }

    #[test]
    fn out_of_step_stays_out_of_step() {
        let mut frames = Assembler::default();
        assert!(frames.binary(&[0]).is_err());
        assert!(frames.text(r#"{"msgid":"1","msgtype":"ACK"}"#).is_err());

        let mut frames = Assembler::default();
        frames.text(r#"{"msgid":"2","msgtype":"PATCH-DOC","num_buffers":1}"#).unwrap();
        frames.text("{}").unwrap();
        frames.text("{}").unwrap();
        frames.text(r#"{"id":"a"}"#).unwrap();
        assert!(frames.text(r#"{"msgid":"1","msgtype":"ACK"}"#).is_err());
        assert!(frames.binary(&[0]).is_err());
    }

    #[test]
    fn too_many_buffers() {
        let mut frames = Assembler::default();
        let header = r#"{"msgid":"2","msgtype":"PATCH-DOC","num_buffers":100000}"#;
        assert!(frames.text(header).is_err());
    }
}
