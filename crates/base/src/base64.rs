//! Base64, both alphabets of it.

use std::borrow::Cow;

use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{DecodeError, Engine};

/// Padding may be there or not, and what is over in the last sign is ignored: whoever wrote it knew better.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const PADDED: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT.with_encode_padding(false));

/// Standard base64 with padding (RFC 4648 §4).
pub fn encode(bytes: &[u8]) -> String {
    PADDED.encode(bytes)
}

/// URL-safe base64 without padding (§5).
pub fn encode_url(bytes: &[u8]) -> String {
    URL.encode(bytes)
}

/// Reads either, with or without padding.
///
/// # Errors
/// On any other character, or a length that cannot be.
pub fn decode(text: &str) -> Result<Vec<u8>, DecodeError> {
    let standard: Cow<'_, str> = if text.contains(['-', '_']) {
        text.replace('-', "+").replace('_', "/").into()
    } else {
        text.into()
    };
    PADDED.decode(&*standard)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_specified() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("alice:pw", "YWxpY2U6cHc=")]
        {
            assert_eq!(encode(plain.as_bytes()), coded);
            assert_eq!(encode_url(plain.as_bytes()), coded.trim_end_matches('='));
        }
        assert_eq!(
            (encode(&[0xfb, 0xff]), encode_url(&[0xfb, 0xff])),
            ("+/8=".into(), "-_8".into())
        );
        for bad in ["A", "AAAAA", "AA A", "Ã§", "A=A="] {
            assert!(decode(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn comes_back(bytes in prop::collection::vec(any::<u8>(), 0..70)) {
            prop_assert_eq!(decode(&encode(&bytes)).unwrap(), bytes.clone());
            prop_assert_eq!(decode(&encode_url(&bytes)).unwrap(), bytes);
        }
    }
}
