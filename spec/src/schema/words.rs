//! Constraints in words, for doc comments and tool schemas.

use std::collections::BTreeMap;

use crate::model::{Api, Format, Kind, Param, Shape, SubKey};

/// What a shape allows, in a few words: `integer, 1 to 3600, default 30`.
pub fn shape(shape: &Shape) -> String {
    let mut words = vec![shape.kind.to_string()];
    words.extend(range(shape));
    words.extend(length(shape));
    if !shape.values.is_empty() {
        let values: Vec<_> = shape.values.iter().map(|v| if v.is_empty() { "\"\"" } else { v }).collect();
        words.push(format!("one of {}", values.join(" ")));
    }
    match &shape.format {
        Format::None => {}
        Format::Named(name) => words.push(format!("format {name}")),
        Format::Properties(_) => words.push("a property string".to_owned()),
    }
    if let Some(default) = shape.default.as_deref().filter(|d| !d.is_empty()) {
        words.push(format!("default {default}"));
    }
    words.join(", ")
}

fn range(shape: &Shape) -> Option<String> {
    match (shape.minimum, shape.maximum) {
        (Some(min), Some(max)) => Some(format!("{min} to {max}")),
        (Some(min), None) => Some(format!("at least {min}")),
        (None, Some(max)) => Some(format!("at most {max}")),
        (None, None) => None,
    }
}

fn length(shape: &Shape) -> Option<String> {
    match (shape.min_length, shape.max_length) {
        (Some(min), Some(max)) => Some(format!("{min} to {max} characters")),
        (Some(min), None) => Some(format!("at least {min} characters")),
        (None, Some(max)) => Some(format!("at most {max} characters")),
        (None, None) => None,
    }
}

/// In which releases something exists, unless it is in all: `since 8.4`, `only in 7.4, 8.4`.
pub fn releases(have: &[String], known: &[String]) -> Option<String> {
    if have.len() == known.len() || have.is_empty() {
        return None;
    }
    if known.ends_with(have) {
        Some(format!("since {}", have[0]))
    } else {
        Some(format!("only in {}", have.join(", ")))
    }
}

/// What a parameter allows, for its doc comment.
pub fn param(param: &Param, api: &Api) -> String {
    let mut words = shape(&param.shape);
    if let Some(other) = &param.requires {
        words += &format!(", needs `{other}`");
    }
    if let Some(releases) = releases(&param.releases, &api.known) {
        words += &format!(", {releases}");
    }
    words
}

/// What the keys of a property string are: ``Property string `key=value,…`: `[model=]` one of e1000 virtio; …``
pub fn property_string(keys: &[SubKey]) -> String {
    let real: Vec<_> = keys.iter().filter(|k| k.alias.is_none()).collect();
    // Those that must be given first, and before all the one whose name may be left out.
    let order = |k: &&&SubKey| (!k.default_key, k.optional);
    let mut sorted: Vec<_> = real.iter().collect();
    sorted.sort_by_key(order);
    let mut parts: Vec<String> = sorted.iter().map(|key| sub_key(key)).collect();
    parts.extend(aliases(keys));
    format!("Property string key=value,key=value with: {}.", parts.join("; "))
}

fn sub_key(key: &SubKey) -> String {
    let name = if key.default_key { format!("[{}=]", key.name) } else { key.name.clone() };
    let allowed = if key.shape.values.is_empty() {
        let mut words = vec![key.shape.kind.to_string()];
        if matches!(key.shape.kind, Kind::Boolean) {
            words = vec!["0 or 1".to_owned()];
        }
        words.extend(range(&key.shape));
        words.extend(length(&key.shape));
        if let Format::Named(format) = &key.shape.format {
            words.push(format!("format {format}"));
        }
        words.join(" ")
    } else {
        key.shape.values.join("|")
    };
    let default = key.shape.default.as_ref().map_or(String::new(), |d| format!(" default {d}"));
    format!("{name} ({}{allowed}{default})", if key.optional { "" } else { "required " })
}

/// Other names for keys, told together: `e1000, virtio: the model, with the value for macaddr`.
fn aliases(keys: &[SubKey]) -> Vec<String> {
    let mut groups: BTreeMap<(&str, Option<&str>), Vec<&str>> = BTreeMap::new();
    for key in keys {
        if let Some(alias) = &key.alias {
            groups.entry((alias, key.key_alias.as_deref())).or_default().push(&key.name);
        }
    }
    groups
        .into_iter()
        .map(|((alias, key_alias), names)| match key_alias {
            Some(key) => format!("or NAME=VALUE for {key}=NAME,{alias}=VALUE with NAME {}", names.join("|")),
            None => format!("{} is another name for {alias}", names.join(", ")),
        })
        .collect()
}
