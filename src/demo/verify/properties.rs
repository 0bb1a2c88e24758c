//! Property strings such as `net0` and `rootfs`: `key=value,key=value`, one key of which may go without its name.

use std::collections::BTreeMap;

use super::{MISSING, UNKNOWN, check as check_value};
use crate::spec::{Kind, SubKey};

/// Checks a property string and reports all that is wrong as PVE does: one `name.key: text` a line.
pub(super) fn check(name: &str, keys: &'static [SubKey], text: &str) -> Result<(), String> {
    let given = read(keys, text)?;
    let mut problems = BTreeMap::new();
    for (key, value) in &given {
        match keys.iter().find(|known| known.name == key) {
            None => drop(problems.insert(key.clone(), UNKNOWN.to_owned())),
            Some(known) => {
                if let Err(text) = check_value(key, &known.shape, plain(known, value)) {
                    problems.insert(key.clone(), text);
                }
            }
        }
    }
    for key in keys.iter().filter(|key| !key.optional && key.alias.is_none() && !given.contains_key(key.name)) {
        problems.insert(key.name.to_owned(), MISSING.to_owned());
    }
    if problems.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = problems.into_iter().map(|(key, text)| format!("{name}.{key}: {text}")).collect();
    Err(format!("format error\n{}", lines.join("\n")))
}

/// The words for yes and no are taken here, and only here.
fn plain<'a>(key: &SubKey, value: &'a str) -> &'a str {
    match (&key.shape.kind, value.to_ascii_lowercase().as_str()) {
        (Kind::Boolean, "1" | "on" | "yes" | "true") => "1",
        (Kind::Boolean, "0" | "off" | "no" | "false") => "0",
        _ => value,
    }
}

/// Takes a property string apart; an alias stands under the key that it is another name for.
fn read(keys: &'static [SubKey], text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut given = BTreeMap::new();
    let mut put = |key: &str, value: &str| match given.insert(key.to_owned(), value.to_owned()) {
        None => Ok(()),
        Some(_) => Err(format!("duplicate key in comma-separated list property: {key}")),
    };
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some((key, value)) => match keys.iter().find(|known| known.name == key) {
                Some(SubKey { alias: Some(alias), key_alias, .. }) => {
                    put(alias, value)?;
                    key_alias.map_or(Ok(()), |kept| put(kept, key))?;
                }
                _ => put(key, value)?,
            },
            None => match keys.iter().find(|key| key.default_key) {
                Some(key) => put(key.name, part)?,
                None => return Err("value without key, but schema does not define a default key".to_owned()),
            },
        }
    }
    Ok(given)
}
