//! Numbers that a `serde_json::Value` would change: whole numbers beyond 64 bits, floats that serde
//! reads a little beside, and Python's `Infinity` and `NaN`. They are carried as the text they came
//! as, in an object with one member of a name that nobody else uses. `base::json` prints that text.

use serde::de::DeserializeOwned;
use serde_json::{Error, Value};

pub use super::carried::{number, text};

use super::carried::{MARK, WORDS, is_number};
use super::json::{print, quote};
use super::number::parse;

/// The text of such a number, where it is a whole one.
pub fn whole(value: &Value) -> Option<&str> {
    text(value).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
}

/// Any number as the nearest float, which may be infinite or none.
pub fn float(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| parse(text(value)?))
}

/// Whether JSON can carry this value: it holds neither `Infinity` nor `NaN`.
pub fn can_be_sent(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(can_be_sent),
        Value::Object(members) => match text(value) {
            Some(text) => !WORDS.contains(&text),
            None => members.values().all(can_be_sent),
        },
        _ => true,
    }
}

/// Reads JSON as Python writes it, without changing a number.
///
/// # Errors
/// Where it is no JSON.
pub fn read<T: DeserializeOwned>(body: &str) -> Result<T, Error> {
    match marked(body) {
        // An error is told by its place in the text that came.
        Some(marked) => {
            serde_json::from_str(&marked).map_err(|error| original(body).unwrap_or(error))
        }
        None => serde_json::from_str(body),
    }
}

fn original(body: &str) -> Option<Error> {
    serde_json::from_str::<serde::de::IgnoredAny>(body).err()
}

/// The text with every number marked that would be changed; nothing where there is none.
fn marked(body: &str) -> Option<String> {
    let bytes = body.as_bytes();
    let mut out = String::new();
    let (mut at, mut copied) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at += 1;
                while let Some(&inside) = bytes.get(at) {
                    at += if inside == b'\\' { 2 } else { 1 };
                    if inside == b'"' {
                        break;
                    }
                }
            }
            b'-' | b'0'..=b'9' | b'I' | b'N' => {
                let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
                let end = at + bytes[at..].iter().take_while(|byte| part(byte)).count();
                let token = &body[at..end];
                if !is_kept(token) {
                    out.push_str(&body[copied..at]);
                    out.push('{');
                    quote(MARK, &mut out);
                    out.push(':');
                    quote(token, &mut out);
                    out.push('}');
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    (copied > 0).then(|| out + &body[copied..])
}

/// Whether serde reads what is written here, so that it is printed again as it was. What is no number
/// at all is left to serde to refuse.
fn is_kept(token: &str) -> bool {
    if WORDS.contains(&token) {
        return false;
    }
    let short = token.len() <= 18 && token.bytes().all(|byte| byte.is_ascii_digit());
    short
        || !is_number(token)
        || serde_json::from_str(token).is_ok_and(|value| print(&value) == token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_is_changed() {
        for body in [
            r#"{"a":1000000000000000000000000000000,"b":[-18446744073709551616,1.5,"1e5 Infinity \" NaN"]}"#,
            r#"{"a":Infinity,"b":-Infinity,"c":[NaN,null,true],"d":1e+30,"e":9007199254740993}"#,
            r#"{"a":0.30000000000000004,"b":1e400,"c":18446744073709551615,"d":-9223372036854775808}"#,
        ] {
            let value: Value = read(body).unwrap();
            assert_eq!(print(&value), body);
        }
        let value: Value = read("[Infinity, 1000000000000000000000, 1]").unwrap();
        assert_eq!((text(&value[0]), whole(&value[0])), (Some("Infinity"), None));
        assert_eq!(whole(&value[1]), Some("1000000000000000000000"));
        assert_eq!((float(&value[0]), float(&value[1])), (Some(f64::INFINITY), Some(1e21)));
        assert_eq!((float(&value[2]), text(&value[2])), (Some(1.0), None));
        assert!(!can_be_sent(&value) && can_be_sent(&value[1]));
    }

    #[test]
    fn what_is_no_json_is_refused_at_its_place() {
        for body in ["[1, Infinit]", "{\"a\": NaN,, }", "01", "-", "[1000000000000000000000", "\""]
        {
            assert!(read::<Value>(body).is_err(), "{body}");
        }
        // A sender that uses the name for something else has an object, not a number.
        let odd: Value = read(r#"{"\u0001number": "1, \"x\": 2"}"#).unwrap();
        assert_eq!(text(&odd), None);
        assert!(print(&odd).starts_with('{'));
    }

    proptest! {
        #[test]
        fn numbers_come_back_as_they_came(text in "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,20})?(e[+-][0-9]{1,3})?") {
            let value: Value = read(&text).unwrap();
            prop_assert_eq!(print(&value), text);
        }

        #[test]
        fn total(text in "[-\"\\\\0-9eE.+INa{}:,\\[\\] ]{0,24}") {
            let _ = read::<Value>(&text);
        }
    }
}
