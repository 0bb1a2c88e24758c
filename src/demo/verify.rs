//! Verification of parameters as PVE does it, driven by the generated table: same order of checks, same texts
//! (pve-common: `JSONSchema.pm`, `RESTHandler.pm`).

mod args;
mod format;
mod pattern;
mod properties;

pub(super) use args::Args;

use serde_json::Value;

use super::{http::Params, reply::Failure};
use crate::spec::{Endpoint, Format, Kind, Param, Shape};

/// Verifies the parameters of a call and gives them as a method sees them: texts, lists joined, nothing undefined.
///
/// # Errors
/// 400 with every refused parameter.
pub(super) fn verify(endpoint: &Endpoint, mut params: Params) -> Result<Args, Failure> {
    params.retain(|_, value| !value.is_null());
    let mut errors = Errors::default();
    for (name, value) in &mut params {
        let Some(param) = endpoint.param(name) else {
            if !endpoint.open {
                errors
                    .add(name, "property is not defined in schema and the schema does not allow additional properties");
            }
            continue;
        };
        fit(param, value);
        if let Err(text) = check(name, param.shape, value) {
            errors.add(name, &text);
        }
    }
    for param in endpoint.params.iter().filter(|p| !p.indexed) {
        match params.contains_key(param.name) {
            false if !param.optional => errors.add(param.name, "property is missing and it is not optional"),
            true => require(param, &params, &mut errors),
            false => {}
        }
    }
    errors.end()?;
    Ok(Args::new(params))
}

fn require(param: &Param, params: &Params, errors: &mut Errors) {
    if let Some(needed) = param.requires.filter(|needed| !params.contains_key(*needed)) {
        errors.add(needed, &format!("missing property required by '{}'", param.name));
    }
}

/// Brings lists and scalars into the form that the schema wants, as PVE does since 8.0.
fn fit(param: &Param, value: &mut Value) {
    let is_list = matches!(param.shape.format, Format::Named(name) if name.ends_with("-list"));
    match (&param.shape.kind, &mut *value) {
        (Kind::Array(_), Value::String(_) | Value::Number(_) | Value::Bool(_)) => *value = vec![value.take()].into(),
        (Kind::String, Value::Array(items)) if is_list => {
            *value = items.iter().map(text).collect::<Vec<_>>().join(",").into();
        }
        _ => {}
    }
}

/// Refused parameters; two texts of one are joined with a backslash and an n, as PVE does.
#[derive(Default)]
struct Errors(Vec<(String, String)>);

impl Errors {
    fn add(&mut self, name: &str, text: &str) {
        match self.0.iter_mut().find(|(n, _)| n == name) {
            Some((_, first)) => *first = format!("{first}\\n{text}"),
            None => self.0.push((name.to_owned(), text.to_owned())),
        }
    }

    fn end(self) -> Result<(), Failure> {
        if self.0.is_empty() { Ok(()) } else { Err(Failure::Params(self.0)) }
    }
}

/// A scalar as Perl sees it.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(b) => String::from(if *b { "1" } else { "0" }),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Checks one value: type, format, pattern, length, bounds, enumeration; the first that fails is told.
fn check(path: &str, shape: &Shape, value: &Value) -> Result<(), String> {
    check_type(shape, value)?;
    if let (Kind::Array(items), Value::Array(list)) = (&shape.kind, value) {
        return list.iter().try_for_each(|item| check(path, items, item));
    }
    if !matches!(shape.kind, Kind::String | Kind::Integer | Kind::Number | Kind::Boolean) {
        return Ok(());
    }
    let text = text(value);
    if is_vmid(shape) {
        format::check("pve-vmid", &text).map_err(|e| format!("invalid format - {e}\n"))?;
    }
    match shape.format {
        Format::None => {}
        Format::Named(name) => format::check(name, &text).map_err(|e| format!("invalid format - {e}\n"))?,
        Format::Properties(keys) => {
            properties::check(path, keys, &text).map_err(|e| format!("invalid format - {e}"))?;
        }
    }
    if shape.pattern.is_some_and(|p| !pattern::matches(p, &text)) {
        return Err("value does not match the regex pattern".to_owned());
    }
    check_length(shape, &text)?;
    check_bounds(shape, &text)?;
    if !shape.values.is_empty() && !shape.values.contains(&text) {
        let values = shape.values.join(", ");
        return Err(format!("value '{text}' does not have a value in the enumeration '{values}'"));
    }
    Ok(())
}

/// Whether it is a guest's id: the table leaves out the format of numbers, but no other number has these bounds.
fn is_vmid(shape: &Shape) -> bool {
    matches!(shape.kind, Kind::Integer) && (shape.minimum, shape.maximum) == (Some(100.0), Some(999_999_999.0))
}

fn check_type(shape: &Shape, value: &Value) -> Result<(), String> {
    let kind = shape.kind.as_str();
    let failed = |got: &str| Err(format!("type check ('{kind}') failed - got {got}"));
    match (&shape.kind, value) {
        (Kind::Any, _) | (Kind::Array(_), Value::Array(_)) | (Kind::Object(_), Value::Object(_)) => return Ok(()),
        (Kind::Array(_) | Kind::Object(_), _) => return Err(format!("type check ('{kind}') failed")),
        (Kind::Null, _) => return Err("type check ('null') failed - value is not null".to_owned()),
        (_, Value::Array(_)) => return failed("ARRAY"),
        (_, Value::Object(_)) => return failed("HASH"),
        (Kind::Boolean, Value::Bool(_)) | (Kind::String, _) => return Ok(()),
        (_, Value::Bool(_)) => return failed("JSON::PP::Boolean"),
        _ => {}
    }
    let text = text(value);
    let good = match shape.kind {
        Kind::Boolean => text == "1" || text == "0",
        Kind::Integer => is_integer(&text),
        Kind::Number => is_number(&text),
        _ => true,
    };
    if good { Ok(()) } else { failed(&format!("'{text}'")) }
}

fn check_length(shape: &Shape, text: &str) -> Result<(), String> {
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
    let Some(number) = matches!(shape.kind, Kind::Integer | Kind::Number).then(|| text.parse::<f64>().ok()).flatten()
    else {
        return Ok(());
    };
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
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Digits with at most one point among them, and an exponent.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
    let parts: Vec<&str> = mantissa.split('.').collect();
    let digits = parts.iter().all(|p| p.bytes().all(|b| b.is_ascii_digit()));
    digits && parts.len() <= 2 && parts.iter().any(|p| !p.is_empty()) && exponent.is_none_or(is_integer)
}

#[cfg(test)]
mod tests;
