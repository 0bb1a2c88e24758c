//! Replies as plain JSON that keeps what the output schemas promise: booleans as booleans, numbers as numbers, no nulls.

use serde_json::{Map, Value, json};

use crate::pve::{bool_or_int, float, integer, text};
use crate::{Endpoint, Field, Kind, Shape};

impl Endpoint {
    /// `data` of a reply in the form that [`crate::schema::output`] describes: an object, with anything else than an
    /// object under `data`.
    ///
    /// What the schema does not name is kept as it came; null, and a value that cannot be read as its type, is left out.
    pub fn plain(&self, data: Value) -> Value {
        let empty = match self.returns.kind {
            Kind::Array(_) => json!([]),
            _ => Value::Null,
        };
        let wrapped = !matches!(self.returns.kind, Kind::Object(_) | Kind::Null);
        match plain(&self.returns, data).unwrap_or(empty) {
            Value::Null => json!({}),
            object @ Value::Object(_) if !wrapped => object,
            other => json!({ "data": other }),
        }
    }
}

fn plain(shape: &Shape, value: Value) -> Option<Value> {
    match &shape.kind {
        Kind::Null => None,
        Kind::Boolean => bool_or_int(&value).ok().flatten().map(Value::from),
        Kind::Integer => integer(&value).ok().flatten().map(Value::from),
        Kind::Number => match integer_as_it_came(&value) {
            Some(whole) => Some(whole),
            None => float(&value).ok().flatten().map(Value::from),
        },
        Kind::String => text(&value).ok().flatten().map(Value::from),
        Kind::Array(item) => match value {
            Value::Array(values) => Some(values.into_iter().filter_map(|v| plain(item, v)).collect()),
            _ => None,
        },
        Kind::Object(fields) => match value {
            Value::Object(map) => Some(Value::Object(object(fields, map))),
            _ => None,
        },
        Kind::Any => (!value.is_null()).then_some(value),
    }
}

/// A whole number stays one: `1` of `cpus`, which may be `1.5`, does not become `1.0`.
fn integer_as_it_came(value: &Value) -> Option<Value> {
    match value {
        Value::Number(n) if !n.is_f64() => Some(value.clone()),
        Value::String(text) => text.trim().parse::<i64>().ok().map(Value::from),
        _ => None,
    }
}

fn object(fields: &[Field], map: Map<String, Value>) -> Map<String, Value> {
    let named = |name: &str| fields.iter().find(|f| !f.indexed && f.name == name);
    map.into_iter()
        .filter_map(|(name, value)| {
            let value = match named(&name) {
                Some(field) => plain(&field.shape, value)?,
                None if value.is_null() => return None,
                None => value,
            };
            Some((name, value))
        })
        .collect()
}
