//! What an unquoted YAML 1.1 scalar means, by the same rules as PyYAML's safe loader: `yes` is
//! true, `010` is eight, `1:30` is ninety, `1e3` is text.

use serde_json::{Number, Value};

use base::exact;
use base::number::parse;

const TRUE: [&str; 9] = ["yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"];
const FALSE: [&str; 9] = ["no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"];

/// The value of a plain scalar.
///
/// # Errors
/// What it means in YAML that JSON cannot hold (dates, infinities, huge numbers) or that only YAML's
/// own machinery uses (`<<`, `=`).
pub fn resolve(text: &str) -> Result<Value, String> {
    if ["", "~", "null", "Null", "NULL"].contains(&text) {
        return Ok(Value::Null);
    }
    if TRUE.contains(&text) || FALSE.contains(&text) {
        return Ok(Value::Bool(TRUE.contains(&text)));
    }
    let (sign, body) = match text.strip_prefix(['-', '+']) {
        Some(body) => (&text[..1], body),
        None => ("", text),
    };
    let problem = match text {
        "<<" => return Err("merging with << is not supported here".into()),
        "=" => return Err("a lone = means something else in YAML: put it in quotes".into()),
        _ if [".inf", ".Inf", ".INF"].contains(&body)
            || [".nan", ".NaN", ".NAN"].contains(&text) =>
        {
            "is no number that JSON can hold: put it in quotes"
        }
        _ if !body.starts_with(|c: char| c.is_ascii_digit() || c == '.') => "",
        _ if is_float(sign, body) => match float(sign, body) {
            Some(value) => return Ok(value),
            None => "is too large a number",
        },
        _ => match int_radix(body) {
            Some(radix) => match int(sign, body, radix) {
                Some(value) => return Ok(value),
                None => "is no number of 64 bits",
            },
            None if sign.is_empty() && is_date(body) => {
                "is a date in YAML: put it in quotes to send it as text"
            }
            None => "",
        },
    };
    if problem.is_empty() {
        Ok(Value::String(text.into()))
    } else {
        Err(format!("{text} {problem}"))
    }
}

const DIGITS: &str = "0123456789";
/// Digits as YAML allows them in numbers.
const LOOSE: &str = "0123456789_";

#[inline(never)]
fn all(text: &str, allowed: &str) -> bool {
    text.bytes().all(|byte| allowed.as_bytes().contains(&byte))
}

fn digits(text: &str) -> bool {
    !text.is_empty() && all(text, DIGITS)
}

/// A digit, then digits and underscores.
fn loose_digits(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('_') && all(text, LOOSE)
}

/// Whether these are the parts behind the first of a base-60 number: one or two digits up to 59.
#[inline(never)]
fn sixtieths(parts: &str) -> bool {
    parts.split(':').all(|text| {
        digits(text) && text.len() <= 2 && (text.len() == 1 || text.as_bytes() < b"60".as_slice())
    })
}

fn is_float(sign: &str, body: &str) -> bool {
    let Some((whole, rest)) = body.split_once('.') else { return false };
    if let Some((first, parts)) = whole.split_once(':') {
        return loose_digits(first) && sixtieths(parts) && all(rest, LOOSE);
    }
    let (fraction, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let exponent_fine =
        exponent.is_none_or(|text| text.strip_prefix(['-', '+']).is_some_and(digits));
    let mantissa_fine = if whole.is_empty() {
        // The rule for numbers without a whole part knows no sign.
        sign.is_empty() && loose_digits(fraction)
    } else {
        loose_digits(whole) && all(fraction, LOOSE)
    };
    exponent_fine && mantissa_fine
}

fn float(sign: &str, body: &str) -> Option<Value> {
    let body = body.replace('_', "");
    let mut value = 0.0;
    for part in body.split(':') {
        value = value * 60.0 + parse(part)?;
    }
    Number::from_f64(if sign == "-" { -value } else { value }).map(Value::Number)
}

/// The base of an integer, or `None` for what is none; 60 for `1:30`.
fn int_radix(body: &str) -> Option<u32> {
    if body == "0" {
        return Some(10);
    }
    for (prefix, allowed, radix) in
        [("0b", "01_", 2), ("0x", "0123456789abcdefABCDEF_", 16), ("0", "01234567_", 8)]
    {
        if let Some(rest) = body.strip_prefix(prefix).filter(|rest| !rest.is_empty()) {
            return all(rest, allowed).then_some(radix);
        }
    }
    match body.split_once(':') {
        Some((first, parts)) => (loose_digits(first) && sixtieths(parts)).then_some(60),
        None => loose_digits(body).then_some(10),
    }
}

fn int(sign: &str, body: &str, radix: u32) -> Option<Value> {
    let body = body.replace('_', "");
    let sign = if sign == "-" { sign } else { "" };
    if radix == 10 && body.len() > 18 && body.parse::<u64>().is_err() {
        return Some(exact::number(&format!("{sign}{body}")));
    }
    let magnitude = if radix == 60 {
        let mut value: u64 = 0;
        for part in body.split(':') {
            value = value.checked_mul(60)?.checked_add(part.parse().ok()?)?;
        }
        value
    } else {
        let prefix = if radix == 2 || radix == 16 { 2 } else { 0 };
        u64::from_str_radix(body.get(prefix..)?, radix).ok()?
    };
    if sign == "-" {
        let text = || exact::number(&format!("-{magnitude}"));
        Some(0_i64.checked_sub_unsigned(magnitude).map_or_else(text, Value::from))
    } else {
        Some(magnitude.into())
    }
}

/// `2026-11-23`, alone or with a time of day behind it.
fn is_date(text: &str) -> bool {
    let (day, time) = match text.find(['T', 't', ' ', '\t']) {
        Some(at) => (&text[..at], text[at + 1..].trim_start()),
        None => (text, ""),
    };
    let mut parts = day.split('-');
    let mut part = || parts.next().unwrap_or("");
    let (year, month, date) = (part(), part(), part());
    let fits = |text: &str| digits(text) && text.len() <= 2;
    if parts.next().is_some() || !digits(year) || year.len() != 4 || !fits(month) || !fits(date) {
        return false;
    }
    if day.len() == text.len() {
        return month.len() == 2 && date.len() == 2;
    }
    // The zone is not looked at closely: what begins like a date and a time is taken for one, since
    // an error that asks for quotes does no harm.
    let mut clock = time.splitn(3, ':');
    let mut part = || clock.next().unwrap_or("");
    let (hour, minute, second) = (part(), part(), part());
    let second_digits = second.bytes().take_while(u8::is_ascii_digit).count();
    fits(hour) && minute.len() == 2 && digits(minute) && second_digits == 2
}
