//! Parameter verification, driven by the generated tables: what a method takes, in which types and bounds, and PVE's
//! own words for what it does not take (pve-common: `PVE/JSONSchema.pm`).

mod format;
mod properties;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::spec::{Endpoint, Format, Kind, Shape};

/// What is wrong with the parameters of a call: parameter to text, as `errors` of a 400 has it.
pub(super) type Problems = BTreeMap<String, String>;

/// Verifies the parameters of a call, those of the path among them, as a release that the tables know by this name
/// does. Gives them back as handlers get them: scalars as text, lists as lists of text.
///
/// # Errors
/// Every parameter that is refused, with PVE's text.
pub(super) fn verify(
    endpoint: &Endpoint,
    params: &Map<String, Value>,
    release: &str,
) -> Result<Map<String, Value>, Problems> {
    let mut problems = Problems::new();
    let mut values = Map::new();
    for (name, value) in params.iter().filter(|(_, value)| !value.is_null()) {
        match endpoint.param(name).filter(|param| param.releases.is_empty() || param.releases.contains(&release)) {
            Some(param) => match checked(name, &param.shape, value) {
                Ok(value) => drop(values.insert(name.clone(), value)),
                Err(text) => add(&mut problems, name, text),
            },
            None if endpoint.open => drop(values.insert(name.clone(), value.clone())),
            None => add(&mut problems, name, UNKNOWN.to_owned()),
        }
    }
    let given = |name: &str| params.get(name).is_some_and(|value| !value.is_null());
    for param in endpoint.params {
        if !param.optional && !param.indexed && !given(param.name) {
            add(&mut problems, param.name, MISSING.to_owned());
        }
        if let Some(other) = param.requires.filter(|other| given(param.name) && !given(other)) {
            add(&mut problems, other, format!("missing property required by '{}'", param.name));
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(problems) }
}

const UNKNOWN: &str = "property is not defined in schema and the schema does not allow additional properties";
const MISSING: &str = "property is missing and it is not optional";

/// Two texts on one name are joined by a backslash and an n, as PVE does.
fn add(problems: &mut Problems, name: &str, text: String) {
    problems.entry(name.to_owned()).and_modify(|known| *known = format!("{known}\\n{text}")).or_insert(text);
}

/// One value as text or as a list of texts, checked.
fn checked(name: &str, shape: &Shape, value: &Value) -> Result<Value, String> {
    if let Kind::Array(item) = &shape.kind {
        // A scalar stands for a list of one.
        let items = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        return items.iter().map(|value| checked(name, item, value)).collect::<Result<_, _>>().map(Value::Array);
    }
    let text = match (value, &shape.format) {
        (Value::Array(items), Format::Named(format)) if format.ends_with("-list") => {
            items.iter().map(|item| scalar(shape, item)).collect::<Result<Vec<_>, _>>()?.join(",")
        }
        _ => scalar(shape, value)?,
    };
    check(name, shape, &text)?;
    Ok(Value::String(text))
}

/// A scalar as the text that handlers get; JSON's `true` and `false` are `1` and `0`.
fn scalar(shape: &Shape, value: &Value) -> Result<String, String> {
    let refused = |what: &str| Err(format!("type check ('{}') failed - got {what}", shape.kind.as_str()));
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(yes) => Ok(u8::from(*yes).to_string()),
        Value::Array(_) => refused("ARRAY"),
        Value::Object(_) => refused("HASH"),
        Value::Null => Ok(String::new()),
    }
}

/// Checks in PVE's order: type, format, pattern, lengths, bounds, enumeration. The first to fail is reported.
fn check(name: &str, shape: &Shape, text: &str) -> Result<(), String> {
    let fits = match shape.kind {
        Kind::Integer => is_integer(text),
        Kind::Number => is_number(text),
        Kind::Boolean => matches!(text, "0" | "1"),
        _ => true,
    };
    if !fits {
        return Err(format!("type check ('{}') failed - got '{text}'", shape.kind.as_str()));
    }
    match &shape.format {
        Format::None => {}
        Format::Named(format) => format::check(format, text).map_err(|why| format!("invalid format - {why}\n"))?,
        Format::Properties(keys) => {
            properties::check(name, keys, text).map_err(|why| format!("invalid format - {why}\n"))?;
        }
    }
    check_text(shape, text)?;
    check_bounds(shape, text)?;
    if !shape.values.is_empty() && !shape.values.contains(&text) {
        let values = shape.values.join(", ");
        return Err(format!("value '{text}' does not have a value in the enumeration '{values}'"));
    }
    Ok(())
}

fn check_text(shape: &Shape, text: &str) -> Result<(), String> {
    if shape.pattern.is_some_and(|pattern| !format::matches(pattern, text)) {
        return Err("value does not match the regex pattern".to_owned());
    }
    let length = text.chars().count();
    if let Some(most) = shape.max_length.filter(|most| length > *most as usize) {
        return Err(format!("value may only be {most} characters long"));
    }
    if let Some(least) = shape.min_length.filter(|least| length < *least as usize) {
        return Err(format!("value must be at least {least} characters long"));
    }
    Ok(())
}

fn check_bounds(shape: &Shape, text: &str) -> Result<(), String> {
    let Some(number) = text.parse::<f64>().ok().filter(|_| is_number(text)) else { return Ok(()) };
    if let Some(most) = shape.maximum.filter(|most| number > *most) {
        return Err(format!("value must have a maximum value of {most}"));
    }
    if let Some(least) = shape.minimum.filter(|least| number < *least) {
        return Err(format!("value must have a minimum value of {least}"));
    }
    Ok(())
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_number(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    plain
        && text.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests;
