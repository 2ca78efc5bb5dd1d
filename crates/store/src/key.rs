//! Task keys in a few bytes each, given back exactly.
//!
//! A key is a tag, then optionally the number of an interned head (the group of a tuple key,
//! `["sum-0ac9…",`), then a tail. A head that is the row's own prefix costs one bit, and
//! a dash with 32 hexadecimal digits, alone or in the dashes of a UUID, is packed into 16 bytes.
//! The tag's upper three bits are the length of a short tail.

use super::names::Names;

const JSON: u8 = 1;
const HEAD: u8 = 2;
const PREFIX: u8 = 4;
const TOKEN: u8 = 8;
const UUID: u8 = 16;
/// Where the tag's length begins, and the one which says that a number of its own follows.
const LEN_SHIFT: u32 = 5;
const LONG: u8 = 7;

/// Heads kept at most at a time: beyond that, keys are stored whole. Guards against keys that never
/// repeat.
pub(super) const MAX_HEADS: usize = 1 << 18;

fn put_varint(out: &mut Vec<u8>, mut n: u32) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn take_varint(bytes: &[u8], at: &mut usize) -> u32 {
    let (mut n, mut shift) = (0, 0);
    while let Some(&byte) = bytes.get(*at) {
        *at += 1;
        n |= u32::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 || shift > 28 {
            break;
        }
    }
    n
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// Where dashes stand among the 32 digits of a UUID.
const DASHES: [usize; 4] = [8, 12, 16, 20];

/// `-` and 32 lower-case hexadecimal digits at the front of `tail`, packed, and how long they were;
/// in the form of a UUID where that is asked for.
fn token(tail: &[u8], uuid: bool) -> Option<([u8; 16], usize)> {
    let mut rest = tail.strip_prefix(b"-")?;
    let mut packed = [0; 16];
    for at in 0..32 {
        if uuid && DASHES.contains(&at) {
            rest = rest.strip_prefix(b"-")?;
        }
        let (digit, after) = rest.split_first()?;
        packed[at / 2] = packed[at / 2] << 4 | nibble(*digit)?;
        rest = after;
    }
    Some((packed, tail.len() - rest.len()))
}

/// How long the head of `key` is that other keys of its group share; 0 for none.
fn head_len(key: &str, json: bool) -> usize {
    let (open, close) = if json { (b"[\"", b"\",") } else { (b"('", b"',") };
    let key = key.as_bytes();
    if !key.starts_with(open) {
        return 0;
    }
    // Both are ASCII: what follows begins with a whole character.
    key.windows(2).position(|two| two == close).map_or(0, |at| at + close.len())
}

/// Appends `key` to `out`. Allocates only for a new head.
pub(super) fn encode(
    (heads, most): (&mut Names, usize),
    out: &mut Vec<u8>,
    key: &str,
    json: bool,
    prefix: &str,
) {
    let at = out.len();
    out.push(if json { JSON } else { 0 });
    let mut tail = key;
    let split = head_len(key, json);
    if split > 0 {
        let head = &key[..split];
        if let Some(id) = heads.id(head, most) {
            out[at] |= HEAD;
            put_varint(out, id);
            tail = &key[split..];
        }
    } else if let Some(rest) = key.strip_prefix(prefix)
        && !prefix.is_empty()
    {
        out[at] |= PREFIX;
        tail = rest;
    }
    let mut tail = tail.as_bytes();
    for (flag, uuid) in [(TOKEN, false), (UUID, true)] {
        if let Some((packed, len)) = token(tail, uuid) {
            out[at] |= flag;
            out.extend_from_slice(&packed);
            tail = &tail[len..];
            break;
        }
    }
    if tail.len() < usize::from(LONG) {
        out[at] |= (tail.len() as u8) << LEN_SHIFT;
    } else {
        out[at] |= LONG << LEN_SHIFT;
        put_varint(out, tail.len() as u32);
    }
    out.extend_from_slice(tail);
}

/// The number of the head of the key that begins at `at`, if it has one.
pub(super) fn head_of(bytes: &[u8], at: usize) -> Option<u32> {
    let tag = bytes.get(at)?;
    (tag & HEAD != 0).then(|| take_varint(bytes, &mut (at + 1)))
}

/// The length of the tail, whose number, if it has one, stands at `at`.
fn tail_len(tag: u8, bytes: &[u8], at: &mut usize) -> usize {
    match tag >> LEN_SHIFT {
        LONG => take_varint(bytes, at) as usize,
        short => usize::from(short),
    }
}

/// Writes the key that begins at `at` into `out` (cleared first); says whether it is JSON text.
pub(super) fn decode(
    heads: &Names,
    bytes: &[u8],
    at: usize,
    prefix: &str,
    out: &mut String,
) -> bool {
    out.clear();
    let mut at = at;
    let Some(&tag) = bytes.get(at) else { return false };
    at += 1;
    if tag & HEAD != 0 {
        out.push_str(heads.all.get(take_varint(bytes, &mut at)));
    } else if tag & PREFIX != 0 {
        out.push_str(prefix);
    }
    if tag & (TOKEN | UUID) != 0 {
        out.push('-');
        for (i, byte) in bytes.get(at..at + 16).unwrap_or_default().iter().enumerate() {
            if tag & UUID != 0 && DASHES.contains(&(2 * i)) {
                out.push('-');
            }
            for digit in [byte >> 4, byte & 15] {
                out.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
        at += 16;
    }
    let len = tail_len(tag, bytes, &mut at);
    let tail = bytes.get(at..at + len).unwrap_or_default();
    out.push_str(std::str::from_utf8(tail).unwrap_or_default());
    tag & JSON != 0
}

/// The bytes of the key that begins at `at`.
pub(super) fn encoded(bytes: &[u8], at: usize) -> &[u8] {
    let mut end = at;
    let Some(&tag) = bytes.get(end) else { return &[] };
    end += 1;
    if tag & HEAD != 0 {
        take_varint(bytes, &mut end);
    }
    if tag & (TOKEN | UUID) != 0 {
        end += 16;
    }
    end += tail_len(tag, bytes, &mut end);
    bytes.get(at..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(key: &str, json: bool, prefix: &str) -> usize {
        let mut heads = Names::default();
        let mut bytes = vec![7, 7];
        encode((&mut heads, MAX_HEADS), &mut bytes, key, json, prefix);
        let size = bytes.len() - 2;
        assert_eq!(encoded(&bytes, 2), &bytes[2..]);
        bytes.extend([1, 2, 3]);
        let mut out = String::from("before");
        assert_eq!(decode(&heads, &bytes, 2, prefix, &mut out), json);
        assert_eq!(out, key);
        size
    }

    #[test]
    fn exact_and_small() {
        assert_eq!(check("inc-0123456789abcdef0123456789abcdef", false, "inc"), 17);
        assert_eq!(check("inc-01234567-89ab-cdef-0123-456789abcdef", false, "inc"), 17);
        assert_eq!(check("inc-01234567-89ab-cdef-0123-456789abcdef-7", false, "inc"), 19);
        assert!(
            check("[\"sum-0123456789abcdef0123456789abcdef\",3,4]", true, "sum") <= 8,
            "the group is interned"
        );
        assert!(check("('sum-0123456789abcdef0123456789abcdef', 0, 1)", false, "sum") <= 12);
        check("", false, "");
        check("[\"x\"]", true, "x");
        check("[1,\"é\",[2]]", true, "x");
        check("sum-0123456789ABCDEF0123456789abcdef", false, "sum");
        check(&"k".repeat(2000), false, "k");
    }

    proptest! {
        #[test]
        fn any_key(key in "\\PC{0,60}", json: bool, prefix in "[a-z]{0,4}") {
            check(&key, json, &prefix);
            check(&format!("{prefix}{key}"), json, &prefix);
        }

        #[test]
        fn any_token(id in "-[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{10,13}", tail in "\\PC{0,9}") {
            check(&format!("x{id}{tail}"), false, "x");
        }
    }
}
