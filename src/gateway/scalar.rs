//! What an unquoted YAML 1.1 scalar means, by the same rules as PyYAML's safe loader: `yes` is
//! true, `010` is eight, `1:30` is ninety, `1e3` is text.

use serde_json::{Number, Value};

use crate::base::number::parse;

/// The value of a plain scalar.
///
/// # Errors
/// What it means in YAML that JSON cannot hold (dates, infinities, huge numbers) or that only YAML's
/// own machinery uses (`<<`, `=`).
pub fn resolve(text: &str) -> Result<Value, String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Ok(Value::Bool(true));
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Ok(Value::Bool(false));
        }
        "<<" => return Err("merging with << is not supported here".into()),
        "=" => return Err("a lone = means something else in YAML: put it in quotes".into()),
        _ => {}
    }
    let (sign, body) = match text.strip_prefix(['-', '+']) {
        Some(body) => (&text[..1], body),
        None => ("", text),
    };
    if matches!(body, ".inf" | ".Inf" | ".INF")
        || (sign.is_empty() && matches!(body, ".nan" | ".NaN" | ".NAN"))
    {
        return Err(format!("{text} is no number that JSON can hold: put it in quotes"));
    }
    if !body.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Ok(Value::String(text.into()));
    }
    if is_float(sign, body) {
        return float(sign, body).ok_or_else(|| format!("{text} is too large a number"));
    }
    if let Some(radix) = int_radix(body) {
        return int(sign, body, radix).ok_or_else(|| format!("{text} is no number of 64 bits"));
    }
    if sign.is_empty() && is_date(body) {
        return Err(format!("{text} is a date in YAML: put it in quotes to send it as text"));
    }
    Ok(Value::String(text.into()))
}

fn all(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(allowed)
}

fn digits(text: &str) -> bool {
    !text.is_empty() && all(text, |byte| byte.is_ascii_digit())
}

/// A digit, then digits and underscores.
fn loose_digits(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && all(text, |byte| byte.is_ascii_digit() || byte == b'_')
}

/// One or two digits up to 59, as the parts of a base-60 number are.
fn sixtieth(text: &str) -> bool {
    digits(text) && text.len() <= 2 && (text.len() == 1 || text.as_bytes() < b"60".as_slice())
}

fn is_float(sign: &str, body: &str) -> bool {
    let Some((whole, rest)) = body.split_once('.') else { return false };
    let loose = |text: &str| all(text, |byte| byte.is_ascii_digit() || byte == b'_');
    if let Some((first, parts)) = whole.split_once(':') {
        return loose_digits(first) && parts.split(':').all(sixtieth) && loose(rest);
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
        loose_digits(whole) && loose(fraction)
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
    let rest_of = |prefix: &str| body.strip_prefix(prefix).filter(|rest| !rest.is_empty());
    if let Some(rest) = rest_of("0b") {
        return all(rest, |byte| matches!(byte, b'0' | b'1' | b'_')).then_some(2);
    }
    if let Some(rest) = rest_of("0x") {
        return all(rest, |byte| byte.is_ascii_hexdigit() || byte == b'_').then_some(16);
    }
    if body == "0" {
        return Some(10);
    }
    if let Some(rest) = rest_of("0") {
        return all(rest, |byte| matches!(byte, b'0'..=b'7' | b'_')).then_some(8);
    }
    match body.split_once(':') {
        Some((first, parts)) => {
            (loose_digits(first) && parts.split(':').all(sixtieth)).then_some(60)
        }
        None => loose_digits(body).then_some(10),
    }
}

fn int(sign: &str, body: &str, radix: u32) -> Option<Value> {
    let body = body.replace('_', "");
    let magnitude = match radix {
        60 => {
            let mut value: u64 = 0;
            for part in body.split(':') {
                value = value.checked_mul(60)?.checked_add(part.parse().ok()?)?;
            }
            value
        }
        2 | 16 => u64::from_str_radix(body.get(2..)?, radix).ok()?,
        _ => u64::from_str_radix(&body, radix).ok()?,
    };
    if sign == "-" {
        i64::try_from(-i128::from(magnitude)).ok().map(Value::from)
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
    let parts: Vec<&str> = day.split('-').collect();
    let [year, month, date] = parts.as_slice() else { return false };
    let fits = |text: &str| digits(text) && text.len() <= 2;
    if !(digits(year) && year.len() == 4 && fits(month) && fits(date)) {
        return false;
    }
    if day.len() == text.len() {
        return month.len() == 2 && date.len() == 2;
    }
    // The zone is not looked at closely: what begins like a date and a time is taken for one, since
    // an error that asks for quotes does no harm.
    let mut clock = time.splitn(3, ':');
    let (hour, minute) = (clock.next().unwrap_or(""), clock.next().unwrap_or(""));
    let second: String =
        clock.next().unwrap_or("").chars().take_while(char::is_ascii_digit).collect();
    fits(hour) && minute.len() == 2 && digits(minute) && second.len() == 2
}
