//! Property strings: `key=value,key=value`, one key of which may stand without its name.

use serde_json::Value;

use super::{Violation, check as check_value};
use crate::{
    model::{Kind, SubKey},
    pve::boolean,
};

/// Checks a property string.
///
/// # Errors
/// PVE's text: why it cannot be taken apart, or `format error` and a line for each key that is refused.
pub(super) fn check(path: &str, keys: &[SubKey], text: &str) -> Result<(), String> {
    let given = parse(keys, text).map_err(|e| e + "\n")?;
    let mut errors = Vec::new();
    for key in keys.iter().filter(|k| k.alias.is_none()) {
        match given.iter().find(|(name, _)| *name == key.name) {
            None if !key.optional => errors.push((&key.name, Violation::Missing)),
            None => {}
            Some((name, value)) => {
                let value = Value::String(value.clone());
                if let Err(e) = check_value(&format!("{path}.{name}"), &key.shape, &value) {
                    errors.push((&key.name, e));
                }
            }
        }
    }
    for (name, _) in given.iter().filter(|(name, _)| !keys.iter().any(|k| k.name == *name)) {
        errors.push((name, Violation::Unknown));
    }
    if errors.is_empty() {
        return Ok(());
    }
    let lines: String = errors.iter().map(|(name, text)| format!("{path}.{name}: {text}\n")).collect();
    Err(format!("format error\n{lines}"))
}

/// Takes a property string apart: keys as they are after aliases, booleans as 1 and 0.
pub(super) fn parse(keys: &[SubKey], text: &str) -> Result<Vec<(String, String)>, String> {
    let mut given: Vec<(String, String)> = Vec::new();
    let find = |name: &str| keys.iter().find(|k| k.name == name);
    for part in text.split(',').filter(|p| !p.trim().is_empty()) {
        let (name, value) = match part.split_once('=') {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => (name, value),
            Some(_) => return Err("missing key in comma-separated list property".to_owned()),
            None => {
                let default = keys.iter().find(|k| k.default_key);
                let none = || "value without key, but schema does not define a default key".to_owned();
                (default.ok_or_else(none)?.name.as_str(), part)
            }
        };
        let mut name = name.to_owned();
        if let Some(SubKey { alias: Some(alias), key_alias, .. }) = find(&name) {
            given.extend(key_alias.iter().map(|kept| (kept.clone(), name.clone())));
            name.clone_from(alias);
        }
        if given.iter().any(|(n, _)| *n == name) {
            return Err(format!("duplicate key in comma-separated list property: {name}"));
        }
        let boolean = find(&name).is_some_and(|k| matches!(k.shape.kind, Kind::Boolean));
        given.push((name, if boolean { switch(value) } else { value.to_owned() }));
    }
    Ok(given)
}

/// In a property string, unlike elsewhere, `yes` and its like are booleans.
fn switch(text: &str) -> String {
    match boolean(text) {
        Some(true) => "1".to_owned(),
        Some(false) => "0".to_owned(),
        None => text.to_owned(),
    }
}
