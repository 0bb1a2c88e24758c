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
        match plain(self.returns, data).unwrap_or(empty) {
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
                Some(field) => plain(field.shape, value)?,
                None if value.is_null() => return None,
                None => value,
            };
            Some((name, value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api;

    /// Values of every sort, none of which may break what the schema promises.
    fn oddities() -> Vec<Value> {
        vec![
            Value::Null,
            json!(1),
            json!("1"),
            json!("0.50"),
            json!(true),
            json!("text"),
            json!([]),
            json!([null, 1, "x", {"a": null}]),
            json!({}),
            json!({"a": {"b": null}}),
        ]
    }

    /// An object whose fields are all this value, and those within objects too.
    fn filled(shape: &Shape, value: &Value) -> Value {
        match &shape.kind {
            Kind::Object(fields) => {
                fields.iter().map(|f| (f.name.to_owned(), filled(f.shape, value))).collect::<Map<_, _>>().into()
            }
            Kind::Array(item) => json!([filled(item, value), value, null]),
            _ => value.clone(),
        }
    }

    #[test]
    fn whatever_pve_sends_the_output_schema_holds() {
        for endpoint in api::ENDPOINTS {
            let schema: Value = serde_json::from_str(endpoint.output_schema).expect("the schema is JSON");
            let schema = jsonschema::validator_for(&schema).expect("the schema is valid");
            for odd in oddities() {
                for data in [filled(endpoint.returns, &odd), odd.clone()] {
                    let plain = endpoint.plain(data.clone());
                    assert!(schema.is_valid(&plain), "{}: {data} became {plain}", endpoint.function);
                }
            }
        }
    }

    #[test]
    fn a_reply_keeps_what_the_schema_does_not_name() {
        let data =
            json!({"cpus": "2", "template": "1", "name": 5, "lock": null, "future": {"x": null}, "net0": "virtio"});
        let plain = api::GET_NODES_NODE_QEMU_VMID_STATUS_CURRENT.plain(data);
        assert_eq!(plain, json!({"cpus": 2, "template": true, "name": "5", "future": {"x": null}, "net0": "virtio"}));
        assert_eq!(api::GET_NODES_NODE_QEMU.plain(Value::Null), json!({"data": []}));
        assert_eq!(api::GET_CLUSTER_NEXTID.plain(json!(108)), json!({"data": "108"}));
        assert_eq!(api::PUT_NODES_NODE_QEMU_VMID_CONFIG.plain(Value::Null), json!({}));
    }
}
