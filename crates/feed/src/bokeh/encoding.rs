//! Bytes to numbers: base64, gzip, and the dtypes of array buffers.

use std::borrow::Cow;

use super::DecodeError;
use base::base64;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// Most bytes an inflated array may have: a guard against a hostile stream.
const MAX_INFLATED: usize = 256 << 20;

/// Decodes base64; see [`base::base64::decode`].
///
/// # Errors
/// On what is none.
pub fn base64(text: &str) -> Result<Vec<u8>, DecodeError> {
    base64::decode(text).map_err(|_| DecodeError("not base64".into()))
}

/// Inflates `bytes` if they are gzip (they begin with its magic number), else gives them back.
///
/// # Errors
/// When the stream is broken, too large, or its length is not the one its end says.
pub fn gunzip(bytes: &[u8]) -> Result<Cow<'_, [u8]>, DecodeError> {
    if !bytes.starts_with(&[0x1f, 0x8b, 8]) {
        return Ok(bytes.into());
    }
    let body = gzip_body(bytes).ok_or_else(|| DecodeError("gzip header cut short".into()))?;
    let (deflated, end) = body
        .split_at_checked(body.len().saturating_sub(8))
        .ok_or_else(|| DecodeError("gzip cut short".into()))?;
    let out = decompress_to_vec_with_limit(deflated, MAX_INFLATED)
        .map_err(|_| DecodeError("gzip: a broken stream".into()))?;
    let wanted = end.get(4..8).map(|four| {
        four.iter().rev().fold(0u32, |word, &byte| word << 8 | u32::from(byte)) as usize
    });
    if wanted != Some(out.len()) {
        return Err(DecodeError("gzip: its length differs".into()));
    }
    Ok(out.into())
}

/// What follows the gzip header (RFC 1952).
fn gzip_body(bytes: &[u8]) -> Option<&[u8]> {
    let flags = *bytes.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + usize::from(*bytes.get(at)?) + (usize::from(*bytes.get(at + 1)?) << 8);
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += bytes.get(at..)?.iter().position(|&byte| byte == 0)? + 1;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    bytes.get(at..)
}

/// Appends the numbers of a buffer to `out`. Whole numbers beyond 2^53 are rounded, as in every
/// browser.
///
/// # Errors
/// On an unknown dtype, or a length that is no multiple of its size.
pub fn numbers(
    bytes: &[u8],
    dtype: &str,
    big: bool,
    out: &mut Vec<f64>,
) -> Result<(), DecodeError> {
    let width = width(dtype);
    if !matches!(width, 1 | 2 | 4 | 8) {
        return Err(DecodeError(format!("arrays of {dtype}")));
    }
    if !bytes.len().is_multiple_of(width) {
        return Err(DecodeError(format!("{} bytes of {dtype}", bytes.len())));
    }
    out.reserve(bytes.len() / width);
    let (float, signed) = (dtype.starts_with('f'), dtype.starts_with('i'));
    for chunk in bytes.chunks_exact(width) {
        let mut word = 0u64;
        if let (8, false, Ok(eight)) = (width, big, chunk.try_into()) {
            word = u64::from_le_bytes(eight);
        } else {
            for i in 0..width {
                let byte = if big { chunk[i] } else { chunk[width - 1 - i] };
                word = word << 8 | u64::from(byte);
            }
        }
        // How far to shift, so that the sign of the number is that of the word.
        let unused = 64 - 8 * width;
        out.push(match (float, signed) {
            (true, _) if width == 4 => f64::from(f32::from_bits(word as u32)),
            (true, _) => f64::from_bits(word),
            (_, true) => ((word << unused) as i64 >> unused) as f64,
            _ => word as f64,
        });
    }
    Ok(())
}

/// The bytes of one number; 0 for an unknown dtype.
pub fn width(dtype: &str) -> usize {
    const KNOWN: [(&str, usize); 11] = [
        ("float64", 8),
        ("float32", 4),
        ("int64", 8),
        ("int32", 4),
        ("int16", 2),
        ("int8", 1),
        ("uint64", 8),
        ("uint32", 4),
        ("uint16", 2),
        ("uint8", 1),
        ("bool", 1),
    ];
    KNOWN.iter().find(|(name, _)| *name == dtype).map_or(0, |known| known.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_vectors() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("Zg==", b"f"),
            ("Zg", b"f"),
            ("Zm8=", b"fo"),
            ("Zm9vYmFy", b"foobar"),
            ("__79", b"\xff\xfe\xfd"),
        ] {
            assert_eq!(base64(text).unwrap(), bytes, "{text}");
        }
        for bad in ["Z", "Zg=a", "Z\u{e9}", "Zm9vY"] {
            assert!(base64(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn gzip_of_two_floats() {
        // Python: gzip.compress(struct.pack("<2d", 1.5, -2.0), mtime=0)
        let bytes = base64("H4sIAAAAAAACA2NgAIEf9gwQcAAAi0rMhRAAAAA=").unwrap();
        let mut out = Vec::new();
        numbers(&gunzip(&bytes).unwrap(), "float64", false, &mut out).unwrap();
        assert_eq!(out, [1.5, -2.0]);
        for cut in 3..bytes.len() {
            assert!(gunzip(&bytes[..cut]).is_err(), "{cut}");
        }
        assert_eq!(&*gunzip(&[1, 2, 3]).unwrap(), &[1, 2, 3]);
    }

    #[test]
    fn dtypes() {
        let mut out = Vec::new();
        numbers(&[0, 0, 0, 0, 0, 0, 0xf8, 0x3f], "float64", false, &mut out).unwrap();
        numbers(&[0x3f, 0xf8, 0, 0, 0, 0, 0, 0], "float64", true, &mut out).unwrap();
        numbers(&[0xfe, 0xff, 0xff, 0xff], "int32", false, &mut out).unwrap();
        numbers(&[1, 0], "bool", false, &mut out).unwrap();
        numbers(&[0xff, 1], "uint16", true, &mut out).unwrap();
        assert_eq!(out, [1.5, 1.5, -2.0, 1.0, 0.0, 65281.0]);
        assert!(numbers(&[0; 7], "float64", false, &mut out).is_err());
        assert!(numbers(&[0; 8], "complex128", false, &mut out).is_err());
    }
}
