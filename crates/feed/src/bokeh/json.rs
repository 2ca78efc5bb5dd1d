//! JSON read from front to back: no tree, and no code made anew for every kind of value. Brackets
//! are counted, not matched, and numbers are left to whoever wants them.

use std::borrow::Cow;

use super::DecodeError;

/// How deeply what is looked into may nest. What is passed over may nest as it likes.
const MAX_DEPTH: u32 = 128;

/// A place in a JSON text.
pub(crate) struct Json<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

/// What is done with each member of an object: the value must be taken.
pub(crate) type Member<'f, 'a> = &'f mut dyn FnMut(&mut Json<'a>, &str) -> Result<(), DecodeError>;

impl<'a> Json<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// The first byte of what comes next; 0 at the end.
    #[inline(never)]
    pub fn peek(&mut self) -> u8 {
        loop {
            match self.byte() {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                byte => return byte,
            }
        }
    }

    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    #[cold]
    #[inline(never)]
    fn doubt(&self) -> DecodeError {
        DecodeError(format!("no JSON at byte {}", self.at))
    }

    fn take(&mut self, byte: u8) -> Result<(), DecodeError> {
        if self.peek() != byte {
            return Err(self.doubt());
        }
        self.at += 1;
        Ok(())
    }

    /// Nothing but white space may follow.
    pub fn end(&mut self) -> Result<(), DecodeError> {
        if self.peek() == 0 && self.at == self.text.len() { Ok(()) } else { Err(self.doubt()) }
    }

    /// Passes over one value and gives it as it stands.
    #[inline(never)]
    pub fn raw(&mut self) -> Result<&'a str, DecodeError> {
        self.peek();
        let from = self.at;
        let bytes = self.text.as_bytes();
        let mut open = 0u32;
        loop {
            let start = self.at;
            match self.byte() {
                b'"' => {
                    loop {
                        self.at += 1;
                        match bytes.get(self.at) {
                            None => return Err(self.doubt()),
                            Some(b'"') => break,
                            Some(b'\\') => self.at += 1,
                            Some(_) => {}
                        }
                    }
                    self.at += 1;
                }
                b'[' | b'{' => {
                    open += 1;
                    self.at += 1;
                }
                b']' | b'}' if open > 0 => {
                    open -= 1;
                    self.at += 1;
                }
                b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' if open > 0 => self.at += 1,
                first => {
                    while matches!(
                        self.byte(),
                        b'0'..=b'9' | b'-' | b'+' | b'.' | b'a'..=b'z' | b'E'
                    ) {
                        self.at += 1;
                    }
                    let known = matches!(first, b'0'..=b'9' | b'-')
                        || matches!(bytes.get(start..self.at), Some(b"null" | b"true" | b"false"));
                    if !known {
                        return Err(self.doubt());
                    }
                }
            }
            if open == 0 {
                return self.text.get(from..self.at).ok_or_else(|| self.doubt());
            }
        }
    }

    /// Passes over a text and gives it.
    pub fn text(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        let raw = self.raw()?;
        text(raw).ok_or_else(|| self.doubt())
    }

    /// What stands between two brackets, in parts with commas between them.
    fn parts(
        &mut self,
        [open, close]: [u8; 2],
        each: &mut dyn FnMut(&mut Self) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        self.take(open)?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(DecodeError("a document nested too deeply".into()));
        }
        if self.peek() != close {
            loop {
                each(self)?;
                if self.peek() != b',' {
                    break;
                }
                self.at += 1;
            }
        }
        self.depth -= 1;
        self.take(close)
    }

    /// Gives every element of a list to `each`, which must take it.
    #[inline(never)]
    pub fn elements(
        &mut self,
        each: &mut dyn FnMut(&mut Self) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        self.parts(*b"[]", each)
    }

    /// Gives every member of an object to `each`, which must take its value.
    #[inline(never)]
    pub fn members(&mut self, each: Member<'_, 'a>) -> Result<(), DecodeError> {
        self.parts(*b"{}", &mut |json| {
            let name = json.text()?;
            json.take(b':')?;
            each(json, &name)
        })
    }

    /// A list of pairs `[first, second]`: `each` gets the first as it stands and must take the
    /// second.
    #[inline(never)]
    pub fn pairs(
        &mut self,
        each: &mut dyn FnMut(&mut Self, &'a str) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        self.elements(&mut |json| {
            let (mut at, mut first) = (0, "");
            json.elements(&mut |json| {
                at += 1;
                match at {
                    1 => first = json.raw()?,
                    2 => each(json, first)?,
                    _ => drop(json.raw()?),
                }
                Ok(())
            })?;
            if at < 2 { Err(json.doubt()) } else { Ok(()) }
        })
    }
}

/// The text a JSON value is, if it is one.
#[inline(never)]
pub(crate) fn text(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str::<String>(raw).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// A member of the object that `raw` is, as it stands; `None` without it, or when that is no object.
#[inline(never)]
pub(crate) fn member<'a>(raw: &'a str, name: &str) -> Option<&'a str> {
    let mut found = None;
    Json::new(raw)
        .members(&mut |json, other| {
            let value = json.raw()?;
            if other == name {
                found = Some(value);
            }
            Ok(())
        })
        .ok()?;
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_as_they_stand() {
        for good in [
            "null",
            "-1.5e-3",
            r#""a\"]b\\""#,
            r#"[1, {"a": "]"}, []]"#,
            r#"{"ü": "\u00e9", "x": {"y": [true, false]}}"#,
        ] {
            let padded = format!(" {good}\n");
            let mut json = Json::new(&padded);
            assert_eq!(json.raw(), Ok(good));
            assert_eq!(json.end(), Ok(()));
        }
        for bad in ["", "nul", "NaN", "[1", "\"a", "\"a\\\"", "]", ",1", "[1;2]", "{\"a\":"] {
            assert!(Json::new(bad).raw().is_err(), "{bad}");
        }
    }

    #[test]
    fn members_and_pairs() {
        let object = r#"{"a":1,"b\n":{"id":"x"},"c":[]}"#;
        assert_eq!(member(object, "a"), Some("1"));
        assert_eq!(member(object, "b\n").and_then(|b| member(b, "id")), Some("\"x\""));
        assert_eq!(member(object, "d"), None);
        for bad in ["[]", "{", "{1:2}", r#"{"a" 1}"#, r#"{"a":1,}"#, r#"{"a":1"#] {
            assert_eq!(member(bad, "a"), None, "{bad}");
        }
        let mut pairs = Vec::new();
        let list = r#"[["x", [1]], ["y", 2, 3]]"#;
        let read = Json::new(list).pairs(&mut |json, first| {
            pairs.push((first, json.raw()?));
            Ok(())
        });
        assert_eq!((read, pairs), (Ok(()), vec![("\"x\"", "[1]"), ("\"y\"", "2")]));
        assert!(Json::new("[[1]]").pairs(&mut |_, _| Ok(())).is_err());
    }

    #[test]
    fn nesting_ends() {
        fn dig(json: &mut Json) -> Result<(), DecodeError> {
            if json.peek() == b'[' { json.elements(&mut dig) } else { json.raw().map(drop) }
        }
        let deep = |n| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(dig(&mut Json::new(&deep(100))).is_ok());
        assert!(dig(&mut Json::new(&deep(100_000))).is_err());
        assert!(Json::new(&deep(100_000)).raw().is_ok());
    }
}
