//! Replies as plain JSON that keeps what the output schemas promise: booleans as booleans, numbers as numbers, no nulls.

use serde_json::{Map, Value, json};

use super::{Endpoint, Field, Kind, Shape};
use crate::pve::{bool_or_int, float, integer, text};

impl Endpoint {
    /// `data` of a reply in the form that [`Endpoint::output_schema`] describes: an object, with anything else than an
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
        Kind::Number => float(&value).ok().flatten().map(Value::from),
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
