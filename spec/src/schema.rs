//! Tool schemas: JSON Schema 2020-12 in the part that MCP clients of the day take.
//!
//! One tool that a client cannot read makes some clients drop the whole list, so these rules hold without exception:
//! an object at the root, no `oneOf`, `anyOf` or `allOf`, no `$ref`, no boolean schemas, no lists of types, no formats,
//! enums of strings only, property names of letters, digits, `_`, `.` and `-`.
//!
//! An indexed family `net[n]` cannot be spelled out: the number of slots is not published, and brackets are no part of
//! a name. It is the list `net_n` of `{index, value}`. The name differs from the stem because `numa` and `numa[n]` are
//! both parameters.

mod portable;
pub mod words;

use serde_json::{Map, Value, json};

use crate::model::{Endpoint, Field, Format, Kind, Param, Shape};

/// The name of a parameter in tool schemas, which allow no brackets: `net_n` for `net[n]`.
pub fn property(name: &str, indexed: bool) -> String {
    let mut plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '_' }).take(62).collect();
    if plain.is_empty() {
        plain.push('_');
    }
    if indexed { plain + "_n" } else { plain }
}

/// The schema of a call's arguments. Parameters that `release` lacks are left out.
pub fn input(endpoint: &Endpoint, release: &str) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for param in &endpoint.params {
        // Without releases there is nothing to go by: a schema that was never compared.
        if !param.releases.is_empty() && !param.releases.iter().any(|r| r == release) {
            continue;
        }
        let name = property(&param.name, param.indexed);
        properties.insert(name.clone(), argument(param));
        if !param.optional {
            required.push(name);
        }
    }
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if !endpoint.open {
        schema["additionalProperties"] = json!(false);
    }
    schema
}

/// The schema of one argument, with what a schema cannot say in its description.
pub fn argument(param: &Param) -> Value {
    let schema = match param.name.as_str() {
        // These have types of our own, which confine them to their segment of the path.
        "node" if param.in_path => {
            json!({ "type": "string", "pattern": "^[0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?$", "maxLength": 63 })
        }
        "vmid" if param.in_path => json!({ "type": "integer", "minimum": 100, "maximum": 999_999_999 }),
        _ => constrained(&param.shape),
    };
    let mut text = param.shape.text.clone();
    if let Format::Properties(keys) = &param.shape.format {
        sentence(&mut text, &words::property_string(keys));
    }
    if let Some(note) = note(&param.shape) {
        sentence(&mut text, &note);
    }
    if let Some(other) = &param.requires {
        sentence(&mut text, &format!("Needs {other}."));
    }
    if !param.indexed {
        return described(schema, &text);
    }
    let index = json!({ "type": "integer", "minimum": 0, "maximum": 255 });
    let item = json!({
        "type": "object",
        "properties": { "index": index, "value": schema },
        "required": ["index", "value"],
        "additionalProperties": false,
    });
    sentence(&mut text, &format!("Index 0 is {}0, and so on.", param.name));
    described(json!({ "type": "array", "items": item }), &text)
}

/// What JSON Schema cannot say of a shape within the rules.
fn note(shape: &Shape) -> Option<String> {
    let default = shape.default.as_deref().filter(|d| !d.is_empty() && typed_default(shape, d).is_none());
    match (&shape.format, default) {
        (Format::Named(name), _) => Some(format!("Format {name}.")),
        (_, Some(default)) => Some(format!("Default {default}.")),
        _ => None,
    }
}

fn sentence(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}

fn described(mut schema: Value, text: &str) -> Value {
    if !text.is_empty() {
        schema["description"] = json!(text);
    }
    schema
}

/// A schema with all constraints that a caller must keep.
fn constrained(shape: &Shape) -> Value {
    let mut schema = match &shape.kind {
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Integer => json!({ "type": "integer" }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Array(item) => json!({ "type": "array", "items": constrained(item) }),
        Kind::Object(_) => json!({ "type": "object" }),
        // A form carries text only.
        Kind::String | Kind::Any | Kind::Null => json!({ "type": "string" }),
    };
    match &shape.kind {
        Kind::Integer | Kind::Number => {
            bound(&mut schema, "minimum", shape.minimum);
            bound(&mut schema, "maximum", shape.maximum);
        }
        Kind::String | Kind::Any => text(&mut schema, shape),
        _ => {}
    }
    if let Some(default) = shape.default.as_deref().and_then(|d| typed_default(shape, d)) {
        schema["default"] = default;
    }
    schema
}

fn text(schema: &mut Value, shape: &Shape) {
    let values: std::collections::BTreeSet<_> = shape.values.iter().filter(|v| !v.is_empty()).collect();
    if !values.is_empty() {
        // In the published order, each once.
        let mut left = values;
        let ordered: Vec<_> = shape.values.iter().filter(|v| left.remove(v)).collect();
        schema["enum"] = json!(ordered);
    }
    if let Some(n) = shape.min_length {
        schema["minLength"] = json!(n);
    }
    if let Some(n) = shape.max_length {
        schema["maxLength"] = json!(n);
    }
    if let Some(portable) = shape.pattern.as_deref().and_then(portable::portable) {
        schema["pattern"] = json!(portable);
    }
}

fn bound(schema: &mut Value, key: &str, bound: Option<f64>) {
    if let Some(bound) = bound {
        schema[key] = number(bound);
    }
}

/// A number as people write it: `100`, not `100.0`.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn number(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9.0e15 { json!(n as i64) } else { json!(n) }
}

/// The default as a value of the type, when it is one.
fn typed_default(shape: &Shape, default: &str) -> Option<Value> {
    match shape.kind {
        Kind::Boolean => crate::pve::boolean(default).map(Value::Bool),
        Kind::Integer | Kind::Number => {
            let n: f64 = default.trim().parse().ok().filter(|n: &f64| n.is_finite())?;
            let inside = shape.minimum.is_none_or(|min| n >= min) && shape.maximum.is_none_or(|max| n <= max);
            inside.then(|| number(n))
        }
        Kind::String => {
            let known = shape.values.is_empty() || shape.values.iter().any(|v| v == default);
            (known && !default.is_empty()).then(|| json!(default))
        }
        _ => None,
    }
}

/// The schema of `data` as `Endpoint::plain` gives it: an open object, with anything else under `data`.
///
/// It promises no more than decoding holds: types, and the few fields that are always there. Values of an enum grow
/// from release to release, and bounds are those of input, so neither is stated.
pub fn output(endpoint: &Endpoint) -> Value {
    match &endpoint.returns.kind {
        Kind::Null => json!({ "type": "object" }),
        Kind::Object(_) => reply(&endpoint.returns),
        Kind::Array(_) => {
            json!({ "type": "object", "properties": { "data": reply(&endpoint.returns) }, "required": ["data"] })
        }
        Kind::Any => json!({ "type": "object" }),
        _ => json!({ "type": "object", "properties": { "data": reply(&endpoint.returns) } }),
    }
}

fn reply(shape: &Shape) -> Value {
    let schema = match &shape.kind {
        Kind::Null | Kind::Any => json!({ "description": "Any value." }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Integer => json!({ "type": "integer" }),
        Kind::Number => json!({ "type": "number" }),
        Kind::String => json!({ "type": "string" }),
        Kind::Array(item) if matches!(item.kind, Kind::Null | Kind::Any) => json!({ "type": "array" }),
        Kind::Array(item) => json!({ "type": "array", "items": reply(item) }),
        Kind::Object(fields) => return object(fields, &shape.text),
    };
    let mut text = shape.text.clone();
    if !shape.values.is_empty() {
        sentence(&mut text, &format!("Known values: {}.", shape.values.join(", ")));
    }
    described(schema, &text)
}

fn object(fields: &[Field], text: &str) -> Value {
    let mut properties = Map::new();
    let mut families = Vec::new();
    for field in fields {
        if field.indexed {
            families.push(format!("{0}0, {0}1, …", field.name));
        } else if !matches!(field.shape.kind, Kind::Null | Kind::Any) && property(&field.name, false) == field.name {
            properties.insert(field.name.clone(), reply(&field.shape));
        }
    }
    let mut schema = json!({ "type": "object" });
    if !properties.is_empty() {
        schema["properties"] = Value::Object(properties);
    }
    let mut text = text.to_owned();
    if !families.is_empty() {
        sentence(&mut text, &format!("Also {}.", families.join("; ")));
    }
    described(schema, &text)
}

#[cfg(test)]
mod tests {
    use super::property;

    #[test]
    fn tool_properties_have_no_brackets() {
        assert_eq!(property("numa", true), "numa_n");
        assert_eq!(property("numa", false), "numa");
        assert_eq!(property("a b/c", false), "a_b_c");
    }
}
