//! Answers of methods that have no model: a value that fits the schema and looks like one that a host gives, the same at
//! every call.

use serde_json::{Map, Value, json};

use crate::spec::{Field, Format, Kind, Shape};

/// A value of this shape. Lists have a row, options of an enumeration are the first one, what may be missing is there.
pub(super) fn sample(name: &str, shape: &Shape) -> Value {
    match &shape.kind {
        Kind::Null => Value::Null,
        Kind::Any => json!({}),
        // Booleans are numbers on the wire.
        Kind::Boolean => json!(u8::from(shape.default.as_deref() == Some("1"))),
        Kind::Integer | Kind::Number => number(name, shape).into(),
        Kind::String => text(name, shape).into(),
        Kind::Array(item) => json!([sample(name.trim_end_matches('s'), item)]),
        Kind::Object(fields) => fields.iter().map(field).collect::<Map<String, Value>>().into(),
    }
}

fn field(field: &Field) -> (String, Value) {
    let name = if field.indexed { format!("{}0", field.name) } else { field.name.clone() };
    (name, sample(&field.name, &field.shape))
}

#[expect(clippy::cast_possible_truncation, reason = "bounds of the schema are small whole numbers")]
fn number(name: &str, shape: &Shape) -> i64 {
    let least = shape.minimum.map(|n| n.ceil() as i64);
    let most = shape.maximum.map_or(i64::MAX, |n| n as i64);
    let known = match name {
        "vmid" | "guest" => Some(100),
        "ctime" | "starttime" | "endtime" | "time" | "created" => Some(1_767_225_600),
        "size" | "total" | "maxdisk" | "maxmem" => Some(8 << 30),
        "used" | "disk" | "mem" => Some(2 << 30),
        "avail" | "free" => Some(6 << 30),
        "port" => Some(8006),
        "mtu" => Some(1500),
        _ => shape.default.as_deref().and_then(|text| text.parse().ok()),
    };
    known.filter(|n| least.is_none_or(|least| *n >= least)).unwrap_or_else(|| least.unwrap_or(1)).min(most)
}

fn text(name: &str, shape: &Shape) -> String {
    if let Some(first) = shape.values.first() {
        return first.clone();
    }
    if let Some(default) = &shape.default {
        return default.clone();
    }
    let format = match &shape.format {
        Format::Named(format) => format.as_str(),
        _ => "",
    };
    let known = match (format, name) {
        ("pve-node", _) | (_, "node" | "target" | "hostname") => "pve1",
        ("pve-vmid", _) | (_, "vmid") => "100",
        ("pve-storage-id", _) | (_, "storage") => "local",
        ("pve-volume-id", _) | (_, "volid" | "volume") => "local:iso/demo.iso",
        ("pve-configid", _) => "net0",
        ("mac-addr", _) | (_, "hwaddr" | "mac") => "BC:24:11:00:00:01",
        ("ipv4" | "ip" | "address", _) | (_, "ip" | "address") => "192.0.2.1",
        ("ipv6", _) => "2001:db8::1",
        ("CIDR" | "CIDRv4", _) | (_, "cidr") => "192.0.2.0/24",
        ("disk-size", _) => "1G",
        (_, "userid" | "user") => "root@pam",
        (_, "realm") => "pam",
        (_, "digest") => "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        (_, "comment" | "description" | "notes") => "made for the demo",
        (_, "iface" | "bridge") => "vmbr0",
        (_, "devpath" | "disk" | "device") => "/dev/sda",
        (_, "path") => "/mnt/demo",
        (_, "version") => "1.0",
        (_, "url") => "https://demo.example/",
        (_, "email") => "admin@demo.example",
        (_, "status" | "state") => "ok",
        (_, "upid") => "UPID:pve1:00001000:00000100:69558F00:demo::root@pam:",
        (_, "" | "n" | "t") => "demo",
        (_, other) => other,
    };
    let least = shape.min_length.unwrap_or(0) as usize;
    let most = shape.max_length.map_or(usize::MAX, |n| n as usize);
    let fill = std::iter::repeat_n('x', least.saturating_sub(known.chars().count()));
    known.chars().chain(fill).take(most).collect()
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
            Kind::Array(item) => {
                value.as_array().is_some_and(|rows| rows.len() == 1 && rows.iter().all(|row| fits(item, row)))
            }
            Kind::Object(fields) => fields
                .iter()
                .filter(|field| !field.indexed)
                .all(|field| value.get(&field.name).is_some_and(|value| fits(&field.shape, value))),
        }
    }

    #[test]
    fn every_endpoint_has_an_answer_that_fits_its_schema_and_stays_the_same() {
        for endpoint in crate::api::endpoints() {
            let value = sample("", &endpoint.returns);
            assert!(fits(&endpoint.returns, &value), "{} {}: {value}", endpoint.method, endpoint.path);
            assert_eq!(value, sample("", &endpoint.returns));
        }
    }

    #[test]
    fn of_an_enumeration_it_is_the_first_one() {
        let shape = Shape { kind: Kind::String, values: vec!["on".to_owned(), "off".to_owned()], ..Shape::default() };
        assert_eq!(sample("", &shape), "on");
        let list = Shape { kind: Kind::Array(Box::new(shape)), ..Shape::default() };
        assert_eq!(sample("", &list), json!(["on"]));
    }
}
