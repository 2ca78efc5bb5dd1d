//! Numbers carried as text inside of a `serde_json::Value`: see [`exact`](super::exact).

use serde_json::Value;

use super::dict::record;

/// The member that holds the text; nobody else uses such a name.
pub(super) const MARK: &str = "\u{1}number";
/// What Python writes for numbers that JSON does not have.
pub(super) const WORDS: [&str; 3] = ["Infinity", "-Infinity", "NaN"];

/// A number of this text: one of JSON's, or one of Python's words.
pub fn number(text: &str) -> Value {
    record(vec![(MARK, text.into())])
}

/// The text of a number made by [`number`]; nothing for any other value.
pub fn text(value: &Value) -> Option<&str> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    let text = object.get(MARK)?.as_str()?;
    (WORDS.contains(&text) || is_number(text)).then_some(text)
}

/// Whether this is a number of JSON.
pub(super) fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (text, exponent) = match text.split_once(['e', 'E']) {
        Some((text, power)) => (text, Some(power.strip_prefix(['+', '-']).unwrap_or(power))),
        None => (text, None),
    };
    let (whole, part) = match text.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (text, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && part.is_none_or(digits)
        && exponent.is_none_or(digits)
}
