//! Verification of parameters as PVE does it, driven by the model: same order of checks, same texts
//! (pve-common: `JSONSchema.pm`, `RESTHandler.pm`).

mod format;
mod pattern;
mod properties;
mod violation;

pub use format::split_list;
pub use violation::{RefusedParam, Violation};

use serde_json::{Map, Value};

use crate::{
    model::{Endpoint, Format, Kind, Param, Shape},
    pve::NodeName,
};

/// Parameters by name: texts as a form brings them, or the values of a JSON body.
pub type Params = Map<String, Value>;

/// Verifies the parameters of a call and gives them as a method sees them: texts, lists joined, nothing undefined.
///
/// # Errors
/// Every refused parameter.
pub fn verify(endpoint: &Endpoint, mut params: Params) -> Result<Params, Vec<RefusedParam>> {
    params.retain(|_, value| !value.is_null());
    let mut errors = Errors::default();
    for (name, value) in &mut params {
        let Some(param) = endpoint.param(name) else {
            if !endpoint.open {
                errors.add(name, Violation::Unknown);
            }
            continue;
        };
        fit(param, value);
        // What is wrong with an element is told of it.
        if let (Kind::Array(item), Value::Array(list)) = (&param.shape.kind, &*value) {
            for (at, element) in list.iter().enumerate() {
                if let Err(problem) = check(&format!("{name}[{at}]"), item, element) {
                    errors.add_at(name, Some(at), problem);
                }
            }
            continue;
        }
        if let Err(problem) = check(name, &param.shape, value) {
            errors.add(name, problem);
        }
    }
    for param in endpoint.params.iter().filter(|p| !p.indexed) {
        match params.contains_key(&param.name) {
            false if !param.optional => errors.add(&param.name, Violation::Missing),
            true => require(param, &params, &mut errors),
            false => {}
        }
    }
    if errors.0.is_empty() { Ok(scalars_as_text(params)) } else { Err(errors.0) }
}

/// Every scalar as text.
fn scalars_as_text(params: Params) -> Params {
    let scalar = |value: Value| match value {
        Value::Array(_) | Value::Object(_) => value,
        scalar => Value::String(text(&scalar)),
    };
    params.into_iter().map(|(name, value)| (name, scalar(value))).collect()
}

fn require(param: &Param, params: &Params, errors: &mut Errors) {
    if let Some(needed) = param.requires.as_ref().filter(|needed| !params.contains_key(needed.as_str())) {
        errors.add(needed, Violation::RequiredBy(param.name.clone()));
    }
}

/// Brings lists and scalars into the form that the schema wants, as PVE does since 8.0.
fn fit(param: &Param, value: &mut Value) {
    let is_list = matches!(&param.shape.format, Format::Named(name) if name.ends_with("-list"));
    match (&param.shape.kind, &mut *value) {
        (Kind::Array(_), Value::String(_) | Value::Number(_) | Value::Bool(_)) => *value = vec![value.take()].into(),
        (Kind::String, Value::Array(items)) if is_list => {
            *value = items.iter().map(text).collect::<Vec<_>>().join(",").into();
        }
        _ => {}
    }
}

/// Refused parameters, each once.
#[derive(Default)]
struct Errors(Vec<RefusedParam>);

impl Errors {
    fn add(&mut self, name: &str, problem: Violation) {
        self.add_at(name, None, problem);
    }

    fn add_at(&mut self, name: &str, place: Option<usize>, problem: Violation) {
        match self.0.iter_mut().find(|refusal| refusal.param == name && refusal.place == place) {
            Some(refusal) => refusal.problems.push(problem),
            None => self.0.push(RefusedParam { param: name.to_owned(), place, problems: vec![problem] }),
        }
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
///
/// # Errors
/// What is wrong with it.
pub fn check(path: &str, shape: &Shape, value: &Value) -> Result<(), Violation> {
    check_type(shape, value)?;
    if let (Kind::Array(items), Value::Array(list)) = (&shape.kind, value) {
        return list.iter().try_for_each(|item| check(path, items, item));
    }
    if !matches!(shape.kind, Kind::String | Kind::Integer | Kind::Number | Kind::Boolean) {
        return Ok(());
    }
    let text = text(value);
    if is_vmid(shape) {
        format::check("pve-vmid", &text).map_err(|e| Violation::Format(e + "\n"))?;
    }
    match &shape.format {
        Format::None => {}
        Format::Named(name) => format::check(name, &text).map_err(|e| Violation::Format(e + "\n"))?,
        Format::Properties(keys) => properties::check(path, keys, &text).map_err(Violation::Format)?,
    }
    if shape.pattern.as_ref().is_some_and(|p| !pattern::matches(p, &text)) {
        return Err(Violation::Pattern);
    }
    check_length(shape, &text)?;
    check_bounds(shape, &text)?;
    if !shape.values.is_empty() && !shape.values.contains(&text) {
        return Err(Violation::Value { got: text, allowed: shape.values.clone() });
    }
    Ok(())
}

/// Checks an argument of a tool: a JSON value that must be of the parameter's own type, where a form knows text alone.
///
/// # Errors
/// What is wrong with it.
pub fn check_argument(param: &Param, value: &Value) -> Result<(), Violation> {
    let shape = &param.shape;
    let fits = match shape.kind {
        Kind::Boolean => value.is_boolean(),
        Kind::Integer => value.is_i64() || value.is_u64(),
        Kind::Number => value.is_number(),
        Kind::String => value.is_string(),
        Kind::Array(_) => value.is_array(),
        Kind::Object(_) => value.is_object(),
        Kind::Null | Kind::Any => true,
    };
    if !fits {
        return Err(Violation::Type { wanted: shape.kind.as_str(), got: Some(value.to_string()) });
    }
    let text = text(value);
    // Its own type confines it to its segment of the path.
    if param.in_path && param.name == "node" {
        return text.parse::<NodeName>().map(drop).map_err(|_| Violation::Pattern);
    }
    if !shape.values.is_empty() && !shape.values.contains(&text) {
        return Err(Violation::Value { got: text, allowed: shape.values.clone() });
    }
    check_length(shape, &text)?;
    check_bounds(shape, &text)
}

/// Whether it is a guest's id: the table leaves out the format of numbers, but no other number has these bounds.
fn is_vmid(shape: &Shape) -> bool {
    matches!(shape.kind, Kind::Integer) && (shape.minimum, shape.maximum) == (Some(100.0), Some(999_999_999.0))
}

fn check_type(shape: &Shape, value: &Value) -> Result<(), Violation> {
    let wanted = shape.kind.as_str();
    let failed = |got: &str| Err(Violation::Type { wanted, got: Some(got.to_owned()) });
    match (&shape.kind, value) {
        (Kind::Any, _) | (Kind::Array(_), Value::Array(_)) | (Kind::Object(_), Value::Object(_)) => return Ok(()),
        (Kind::Array(_) | Kind::Object(_), _) => return Err(Violation::Type { wanted, got: None }),
        (Kind::Null, _) => return Err(Violation::NotNull),
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

fn check_length(shape: &Shape, text: &str) -> Result<(), Violation> {
    let length = text.chars().count();
    if let Some(most) = shape.max_length.filter(|most| length > *most as usize) {
        return Err(Violation::TooLong(most));
    }
    match shape.min_length.filter(|least| length < *least as usize) {
        Some(least) => Err(Violation::TooShort(least)),
        None => Ok(()),
    }
}

fn check_bounds(shape: &Shape, text: &str) -> Result<(), Violation> {
    let Some(number) = matches!(shape.kind, Kind::Integer | Kind::Number).then(|| text.parse::<f64>().ok()).flatten()
    else {
        return Ok(());
    };
    if let Some(most) = shape.maximum.filter(|most| number > *most) {
        return Err(Violation::TooGreat(most));
    }
    match shape.minimum.filter(|least| number < *least) {
        Some(least) => Err(Violation::TooSmall(least)),
        None => Ok(()),
    }
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
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
