//! Percent-encoding, as addresses have it: one set of characters for all of them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// All but letters, digits and `-_.~`, which no part of an address gives a meaning to.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Encodes everything but letters, digits and `-_.~`.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// Undoes [`encode`]; `+` is a plus, what is no escape stays as it is, and bytes that are no UTF-8 become the
/// replacement character.
pub fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_has_a_meaning_is_escaped() {
        assert_eq!(encode("tcp://a:1/ü +%"), "tcp%3A%2F%2Fa%3A1%2F%C3%BC%20%2B%25");
        assert_eq!(encode("a-b_c.d~e"), "a-b_c.d~e");
        assert_eq!(decode("a+b%2"), "a+b%2");
        assert_eq!(decode("%zz%ff"), "%zz\u{fffd}");
    }

    proptest! {
        #[test]
        fn comes_back(text in "\\PC*") {
            prop_assert_eq!(decode(&encode(&text)), text);
        }
    }
}
