//! Answers of methods that have no model: a value that fits the schema, so that a client's decoder has something real
//! to do and no method in scope is missing.

use serde_json::{Map, Value, json};

use crate::spec::{Field, Format, Kind, Shape};

/// Where chance comes from: a number below the one given, which is at least 1.
pub(super) type Below<'a> = &'a mut dyn FnMut(u64) -> u64;

/// Rows of a list that nobody models.
const ROWS: u64 = 2;

/// A value of this shape; the same seed gives the same one.
pub(super) fn sample(shape: &Shape, below: Below<'_>) -> Value {
    match &shape.kind {
        Kind::Null => Value::Null,
        Kind::Any => json!({}),
        // Booleans are numbers on the wire.
        Kind::Boolean => json!(below(2)),
        Kind::Integer => bounded(shape, below).into(),
        Kind::Number => json!(bounded(shape, below)),
        Kind::String => text(shape, below).into(),
        Kind::Array(item) => (0..ROWS).map(|_| sample(item, below)).collect(),
        Kind::Object(fields) => object(fields, below),
    }
}

fn object(fields: &[Field], below: Below<'_>) -> Value {
    let mut map = Map::new();
    for field in fields {
        // What may be missing is missing now and then.
        if field.optional && below(3) == 0 {
            continue;
        }
        let name = if field.indexed { format!("{}0", field.name) } else { field.name.to_owned() };
        map.insert(name, sample(&field.shape, below));
    }
    Value::Object(map)
}

#[expect(clippy::cast_possible_truncation, reason = "bounds of the schema are small whole numbers")]
fn bounded(shape: &Shape, below: Below<'_>) -> i64 {
    let least = shape.minimum.map_or(0, |n| n as i64);
    let most = shape.maximum.map_or(least.saturating_add(99), |n| n as i64).max(least);
    let room = u64::try_from(most.saturating_sub(least)).unwrap_or(0).min(1_000_000);
    least.saturating_add(i64::try_from(below(room + 1)).unwrap_or(0))
}

fn text(shape: &Shape, below: Below<'_>) -> String {
    if !shape.values.is_empty() {
        let chosen = usize::try_from(below(shape.values.len() as u64)).unwrap_or(0);
        return shape.values.get(chosen).cloned().unwrap_or_default();
    }
    if let Some(default) = &shape.default {
        return default.clone();
    }
    let Format::Named(format) = &shape.format else { return filler(shape, below) };
    let known = match format.as_str() {
        "pve-node" => "pve1",
        "pve-vmid" => "100",
        "pve-storage-id" => "local",
        "pve-volume-id" => "local:iso/demo.iso",
        "pve-configid" => "net0",
        "mac-addr" => "BC:24:11:00:00:01",
        "ipv4" | "ip" | "address" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "CIDR" | "CIDRv4" => "192.0.2.0/24",
        "disk-size" => "1G",
        _ => return filler(shape, below),
    };
    known.to_owned()
}

fn filler(shape: &Shape, below: Below<'_>) -> String {
    let word = format!("demo{}", below(1000));
    let least = shape.min_length.unwrap_or(0) as usize;
    let most = shape.max_length.map_or(usize::MAX, |n| n as usize);
    word.chars().chain(std::iter::repeat_n('x', least.saturating_sub(word.len()))).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(shape: &Shape, value: &Value) -> bool {
        match &shape.kind {
            Kind::Null => value.is_null(),
            Kind::Any => value.is_object(),
            Kind::Boolean => matches!(value.as_u64(), Some(0 | 1)),
            Kind::Integer | Kind::Number => value.as_f64().is_some_and(|n| {
                shape.minimum.is_none_or(|least| n >= least) && shape.maximum.is_none_or(|most| n <= most)
            }),
            Kind::String => value.as_str().is_some_and(|text| {
                (shape.values.is_empty() || shape.values.iter().any(|v| v == text))
                    && shape.max_length.is_none_or(|most| text.len() <= most as usize)
            }),
            Kind::Array(item) => value.as_array().is_some_and(|rows| rows.iter().all(|row| fits(item, row))),
            Kind::Object(fields) => fields
                .iter()
                .filter(|field| !field.indexed)
                .all(|field| value.get(&field.name).map_or(field.optional, |value| fits(&field.shape, value))),
        }
    }

    #[test]
    fn every_endpoint_has_an_answer_that_fits_its_schema() {
        let mut state = 7_u64;
        let mut below = |limit: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % limit
        };
        for endpoint in crate::api::endpoints() {
            let value = sample(&endpoint.returns, &mut below);
            assert!(fits(&endpoint.returns, &value), "{} {}: {value}", endpoint.method, endpoint.path);
        }
    }
}
