//! Decoders for scalars as PVE's serializer really sends them: a value that was ever a string in Perl is a JSON
//! string, booleans are `0`/`1` or `"0"`/`"1"` or missing, and any optional value may be null.
//!
//! None of them fails on a scalar that it cannot read: it gives `None`, so that one odd field never loses the rest
//! of a reply. They are for `#[serde(deserialize_with = …, default)]`.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A boolean from `true`, `1`, `"1"`, `"on"`, `"yes"`, `"true"` and their opposites.
///
/// # Errors
/// Only those of the underlying deserializer.
pub fn bool_or_int<'de, D: Deserializer<'de>>(d: D) -> Result<Option<bool>, D::Error> {
    Ok(bool_of(&Value::deserialize(d)?))
}

/// A signed whole number from a number or a numeric string.
///
/// # Errors
/// Only those of the underlying deserializer.
pub fn integer<'de, D: Deserializer<'de>>(d: D) -> Result<Option<i64>, D::Error> {
    Ok(integer_of(&Value::deserialize(d)?))
}

/// An unsigned whole number from a number or a numeric string.
///
/// # Errors
/// Only those of the underlying deserializer.
pub fn unsigned<'de, D: Deserializer<'de>>(d: D) -> Result<Option<u64>, D::Error> {
    Ok(integer(d)?.and_then(|n| u64::try_from(n).ok()))
}

/// A number from a number or a numeric string.
///
/// # Errors
/// Only those of the underlying deserializer.
pub fn float<'de, D: Deserializer<'de>>(d: D) -> Result<Option<f64>, D::Error> {
    Ok(float_of(&Value::deserialize(d)?))
}

/// Text from a string or a scalar that PVE sent as a number.
///
/// # Errors
/// Only those of the underlying deserializer.
pub fn text<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    Ok(text_of(Value::deserialize(d)?).ok())
}

/// A list; null, which PVE sends for an empty one at times, is an empty list.
///
/// # Errors
/// When an element is not of the expected shape.
pub fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(d)?.unwrap_or_default())
}

/// The words that PVE's own reader of booleans takes, in letters of any case.
pub fn boolean(text: &str) -> Option<bool> {
    let is = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["1", "on", "yes", "true"]) {
        Some(true)
    } else if is(["0", "off", "no", "false"]) {
        Some(false)
    } else {
        None
    }
}

/// What [`bool_or_int`] makes of a value.
pub fn bool_of(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(b) => Some(*b),
        Value::Number(n) => n.as_f64().map(|n| n != 0.0),
        Value::String(s) => boolean(s),
        _ => None,
    }
}

/// Whether a value says that something is so; one that says nothing does not.
pub fn is_set(value: &Value) -> bool {
    bool_of(value) == Some(true)
}

/// What [`integer`] makes of a value.
pub(super) fn integer_of(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(b) => Some(i64::from(*b)),
        Value::Number(n) => n.as_i64().or_else(|| n.as_f64().and_then(whole)),
        Value::String(s) => s.trim().parse().ok().or_else(|| s.trim().parse().ok().and_then(whole)),
        _ => None,
    }
}

/// What [`float`] makes of a value.
pub(super) fn float_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(n) => n.as_f64(),
        Value::String(s) => s.trim().parse().ok().filter(|n: &f64| n.is_finite()),
        Value::Bool(b) => Some(f64::from(u8::from(*b))),
        _ => None,
    }
}

/// What [`text`] makes of a value; one of which it makes nothing comes back.
pub(super) fn text_of(value: Value) -> Result<String, Value> {
    match value {
        Value::String(s) => Ok(s),
        Value::Number(n) => Ok(n.to_string()),
        Value::Bool(b) => Ok(b.to_string()),
        other => Err(other),
    }
}

/// The whole number that a float stands for (Perl sends large byte counts as floats at times).
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn whole(n: f64) -> Option<i64> {
    (n.is_finite() && n.abs() < 9.0e18).then(|| n.trunc() as i64)
}
