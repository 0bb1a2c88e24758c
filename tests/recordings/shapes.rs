//! Shapes: what the body of a reply looked like, with volatile values masked, and how a body is held against one.
//!
//! A shape is JSON. A string in it is compared letter by letter except for masks such as `«n»`; a whole value
//! may be a mask too (`"«int»"`). An object with the key `@` takes over the keys of a named shape.

use regex::Regex;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Masks inside a text, and the pattern that each stands for.
const MASKS: &[(&str, &str)] = &[
    ("«any»", ".+?"),
    ("«base64»", "[A-Za-z0-9+/]+={0,2}"),
    ("«decimal»", "[0-9]+\\.[0-9]{2}"),
    ("«fingerprint»", "([0-9A-F]{2}:){31}[0-9A-F]{2}"),
    ("«hex»", "[0-9A-F]{8}"),
    ("«mac»", "([0-9A-F]{2}:){5}[0-9A-F]{2}"),
    ("«n»", "[0-9]+"),
    ("«rate»", "[0-9]+[KMG]iB/s"),
    ("«sha1»", "[0-9a-f]{40}"),
    ("«span»", "[0-9]{2}:[0-9]{2}:[0-9]{2}"),
    ("«stamp»", "[0-9]{4}_[0-9]{2}_[0-9]{2}-[0-9]{2}_[0-9]{2}_[0-9]{2}"),
    ("«string»", ".*"),
    ("«task»", "[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}"),
    ("«time»", "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"),
    ("«uuid»", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
];

/// The named shapes that cases refer to with `@`.
pub(crate) struct Shapes(BTreeMap<String, Map<String, Value>>);

impl Shapes {
    /// Reads `name {…}` lines; `#` starts a comment line.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut shapes = BTreeMap::new();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (name, body) = line.split_once(' ').ok_or_else(|| format!("no shape after the name: {line}"))?;
            let keys = serde_json::from_str(body).map_err(|error| format!("shape {name}: {error}"))?;
            shapes.insert(name.to_owned(), keys);
        }
        Ok(Self(shapes))
    }

    /// Replaces every `{"@": name, …}` by the named shape with the other keys laid over it.
    pub(crate) fn expand(&self, shape: Value) -> Result<Value, String> {
        match shape {
            Value::Array(items) => {
                items.into_iter().map(|item| self.expand(item)).collect::<Result<_, _>>().map(Value::Array)
            }
            Value::Object(mut own) => {
                let mut keys = match own.remove("@") {
                    None => Map::new(),
                    Some(name) => {
                        let name = name.as_str().unwrap_or_default();
                        self.0.get(name).cloned().ok_or_else(|| format!("no shape is called {name:?}"))?
                    }
                };
                for (key, value) in own {
                    if value == "«absent»" {
                        keys.remove(&key);
                    } else {
                        keys.insert(key, self.expand(value)?);
                    }
                }
                Ok(Value::Object(keys))
            }
            other => Ok(other),
        }
    }
}

/// Whether a text fits a masked text, letter by letter outside the masks.
pub(crate) fn fits(masked: &str, text: &str) -> bool {
    if !masked.contains('«') {
        return masked == text;
    }
    // A list in any order.
    if let Some(list) = masked.strip_prefix("«set ").and_then(|rest| rest.strip_suffix('»')) {
        let words = |text: &str| text.split(',').map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
        return words(list) == words(text);
    }
    let mut pattern = regex::escape(masked);
    for (mask, expression) in MASKS {
        pattern = pattern.replace(mask, &format!("(?s:{expression})"));
    }
    Regex::new(&format!("^{pattern}$")).is_ok_and(|pattern| pattern.is_match(text))
}

/// All differences between a body and its shape, each with the place where it is; empty when the body holds.
pub(crate) fn differences(shape: &Value, body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", shape, body, &mut found);
    found
}

fn compare(at: &str, shape: &Value, body: &Value, found: &mut Vec<String>) {
    match (shape, body) {
        (Value::Object(shape), Value::Object(body)) => compare_objects(at, shape, body, found),
        (Value::Array(shape), Value::Array(body)) => compare_arrays(at, shape, body, found),
        (Value::String(mask), Value::Number(number)) if mask == "«int»" && (number.is_i64() || number.is_u64()) => {}
        (Value::String(mask), Value::Number(_)) if mask == "«number»" => {}
        (Value::String(masked), Value::String(text))
            if masked != "«int»" && masked != "«number»" && fits(masked, text) => {}
        _ if shape == body => {}
        _ => found.push(format!("{at}: recorded {shape}, got {body}")),
    }
}

fn compare_objects(at: &str, shape: &Map<String, Value>, body: &Map<String, Value>, found: &mut Vec<String>) {
    for (key, value) in shape {
        match body.get(key) {
            Some(got) => compare(&format!("{at}.{key}"), value, got, found),
            None => found.push(format!("{at}.{key}: recorded {value}, missing")),
        }
    }
    for (key, got) in body.iter().filter(|(key, _)| !shape.contains_key(*key)) {
        found.push(format!("{at}.{key}: not recorded, got {got}"));
    }
}

/// PVE gives rows in any order, so each recorded row is held against the row that comes closest to it.
fn compare_arrays(at: &str, shape: &[Value], body: &[Value], found: &mut Vec<String>) {
    let mut left: Vec<usize> = (0..body.len()).collect();
    for (index, row) in shape.iter().enumerate() {
        let distance = |place: usize| (names_differ(row, &body[place]), differences(row, &body[place]).len());
        let closest = left.iter().enumerate().min_by_key(|(_, place)| distance(**place));
        let Some((chosen, place)) = closest.map(|(chosen, place)| (chosen, *place)) else {
            found.push(format!("{at}[{index}]: recorded {row}, missing"));
            continue;
        };
        left.remove(chosen);
        compare(&format!("{at}[{index}]"), row, &body[place], found);
    }
    found.extend(left.into_iter().map(|place| format!("{at}[]: not recorded, got {}", body[place])));
}

/// Whether two rows are about different things, by the first key that names a thing.
fn names_differ(row: &Value, other: &Value) -> bool {
    let key =
        ["volid", "vmid", "id", "upid", "n", "key", "storage", "name"].into_iter().find(|key| row.get(key).is_some());
    key.is_some_and(|key| row.get(key) != other.get(key))
}

#[test]
fn masks_hold_only_what_they_stand_for() {
    assert!(fits(
        "UPID:pve:«task»:qmstart:106:mcp@pve!nosep:",
        "UPID:pve:00000191:0002F1EB:6B02E183:qmstart:106:mcp@pve!nosep:"
    ));
    assert!(!fits("UPID:pve:«task»:qmstart:106:", "UPID:pve:191:0002F1EB:6B02E183:qmstart:106:"));
    assert!(!fits("VM 106 not running", "VM 106 not running."));
}

#[test]
fn rows_are_found_in_any_order_and_types_are_told_apart() {
    let shape = serde_json::json!([{"vmid": 100, "cpu": "«number»"}, {"vmid": 101, "cpu": 0}]);
    assert!(differences(&shape, &serde_json::json!([{"vmid": 101, "cpu": 0}, {"vmid": 100, "cpu": 0.5}])).is_empty());
    assert_eq!(
        differences(&shape, &serde_json::json!([{"vmid": 101, "cpu": 0}, {"vmid": 100, "cpu": "0.5"}])).len(),
        1
    );
}
