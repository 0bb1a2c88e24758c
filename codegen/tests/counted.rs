//! The diff held to a second count: a walk over the published JSON that knows nothing of the model.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use codegen::{
    diff::{Change, Diff},
    lower,
    report::Report,
    source::{self, Index},
};
use serde_json::{Map, Value};

type Counts = BTreeMap<&'static str, usize>;

fn count(counts: &mut Counts, what: &'static str, n: usize) {
    if n > 0 {
        *counts.entry(what).or_default() += n;
    }
}

/// The methods of a tree.
fn methods<'t>(nodes: &'t Value, out: &mut BTreeMap<(String, String), &'t Value>) {
    for node in nodes.as_array().into_iter().flatten() {
        let path = node["path"].as_str().expect("a path");
        for (verb, info) in node["info"].as_object().into_iter().flatten() {
            out.insert((verb.clone(), path.to_owned()), info);
        }
        methods(&node["children"], out);
    }
}

fn by_hand(old: &Value, new: &Value) -> Counts {
    let (mut olds, mut news) = (BTreeMap::new(), BTreeMap::new());
    methods(old, &mut olds);
    methods(new, &mut news);
    let mut counts = Counts::new();
    count(&mut counts, "methods removed", olds.keys().filter(|at| !news.contains_key(*at)).count());
    count(&mut counts, "methods added", news.keys().filter(|at| !olds.contains_key(*at)).count());
    for (at, old) in &olds {
        let Some(new) = news.get(at) else { continue };
        let (mut o, mut n) = (params(old), params(new));
        for part in at.1.split('/').filter_map(|p| p.strip_prefix('{')?.strip_suffix('}')) {
            // A placeholder is always there and always demanded, whatever is said of it.
            for side in [&mut o, &mut n] {
                let given = side.remove(part).unwrap_or_else(|| serde_json::json!({"type": "string"}));
                let mut given = given.as_object().cloned().unwrap_or_default();
                given.remove("optional");
                side.insert(part.to_owned(), given.into());
            }
        }
        named(&mut counts, &o, &n, ["params added", "params removed", "params of another presence"], "param");
        schema(&mut counts, &old["returns"], &new["returns"], "reply");
        count(&mut counts, "permissions changed", usize::from(permission(old) != permission(new)));
    }
    counts
}

fn params(info: &Value) -> Map<String, Value> {
    info["parameters"]["properties"].as_object().cloned().unwrap_or_default()
}

fn permission(info: &Value) -> Value {
    let permissions = &info["permissions"];
    serde_json::json!([permissions["user"], permissions["check"]])
}

fn optional(schema: &Value) -> bool {
    match &schema["optional"] {
        Value::Number(n) => n.as_i64() != Some(0),
        Value::String(text) => text != "0",
        other => other.as_bool() == Some(true),
    }
}

/// What branches say together: whether it may be left out is told by any of them, and of lists of texts they name the values.
fn together(schema: &Value) -> Value {
    let Some(branches) = schema["oneOf"].as_array() else { return schema.clone() };
    let mut whole = schema.clone();
    if branches.iter().any(optional) {
        whole["optional"] = 1.into();
    }
    let items: Vec<&Value> = branches.iter().map(|branch| &branch["items"]).collect();
    if schema["type"] == "array" && items.iter().all(|items| kind(items) == "string") {
        let values = items.iter().flat_map(|items| items["enum"].as_array().cloned().unwrap_or_default());
        whole["items"] = serde_json::json!({"type": "string"});
        if items.iter().all(|items| items["enum"].is_array()) {
            whole["items"]["enum"] = values.collect();
        }
    }
    whole
}

fn named(
    counts: &mut Counts,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    words: [&'static str; 3],
    side: &'static str,
) {
    count(counts, words[0], new.keys().filter(|name| !old.contains_key(*name)).count());
    count(counts, words[1], old.keys().filter(|name| !new.contains_key(*name)).count());
    for (name, old) in old {
        let Some(new) = new.get(name) else { continue };
        let (old, new) = (&together(old), &together(new));
        let alias = |schema: &Value| schema["alias"].is_string();
        if alias(old) || alias(new) {
            continue;
        }
        count(counts, words[2], usize::from(optional(old) != optional(new)));
        schema(counts, old, new, side);
    }
}

fn kind(schema: &Value) -> &str {
    match schema["type"].as_str() {
        Some("coderef") => "any",
        Some(kind) => kind,
        None if schema["properties"].is_object() => "object",
        None if schema["items"].is_object() => "array",
        None if schema["enum"].is_array() || schema["format"].is_object() => "string",
        None => "any",
    }
}

fn schema(counts: &mut Counts, old: &Value, new: &Value, side: &'static str) {
    if kind(old) != kind(new) {
        return count(counts, if side == "param" { "params of another type" } else { "replies of another type" }, 1);
    }
    if kind(old) == "array" {
        schema(counts, &old["items"], &new["items"], side);
    }
    let object = |schema: &Value, key: &str| schema[key].as_object().cloned().unwrap_or_default();
    if kind(old) == "object" {
        let words = ["fields added", "fields removed", "fields of another presence"];
        named(counts, &object(old, "properties"), &object(new, "properties"), words, side);
    }
    if kind(old) == "string" && old["format"].is_object() && new["format"].is_object() {
        let words = ["keys added", "keys removed", "keys of another presence"];
        named(counts, &object(old, "format"), &object(new, "format"), words, side);
    }
    let values = |schema: &Value| -> BTreeSet<String> {
        let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        schema["enum"].as_array().into_iter().flatten().map(text).collect()
    };
    let (olds, news) = (values(old), values(new));
    if olds.is_empty() == news.is_empty() {
        count(counts, "values added", news.difference(&olds).count());
        count(counts, "values removed", olds.difference(&news).count());
    } else {
        count(counts, "lists of values", 1);
    }
    let number = |v: &Value| v.as_f64().or_else(|| v.as_str()?.parse().ok());
    for bound in ["minimum", "maximum", "minLength", "maxLength"] {
        count(counts, "bounds changed", usize::from(number(&old[bound]) != number(&new[bound])));
    }
}

/// The same figures from the diff.
fn by_diff(changes: &[Change]) -> Counts {
    let mut counts = Counts::new();
    for Change { kind, place, what, .. } in changes {
        let values = || what.split(", ").count();
        let param = place.starts_with("param");
        let (word, n) = match kind.as_str() {
            "endpoint-added" => ("methods added", 1),
            "endpoint-removed" => ("methods removed", 1),
            "param-added" => ("params added", 1),
            "param-removed" => ("params removed", 1),
            "param-presence" => ("params of another presence", 1),
            "field-added" => ("fields added", 1),
            "field-removed" => ("fields removed", 1),
            "field-presence" => ("fields of another presence", 1),
            "param-key-added" | "reply-key-added" => ("keys added", 1),
            "param-key-removed" | "reply-key-removed" => ("keys removed", 1),
            "param-key-presence" | "reply-key-presence" => ("keys of another presence", 1),
            "param-type" | "reply-type" => {
                (if param { "params of another type" } else { "replies of another type" }, 1)
            }
            "param-value-added" | "reply-value-added" => ("values added", values()),
            "param-value-removed" | "reply-value-removed" => ("values removed", values()),
            "param-value-list" | "reply-value-list" => ("lists of values", 1),
            "permission" => ("permissions changed", 1),
            kind if kind.contains("-limit-") => ("bounds changed", 1),
            _ => continue,
        };
        count(&mut counts, word, n);
    }
    counts
}

#[test]
fn each_pair_of_committed_releases_differs_by_what_a_second_walk_counts() {
    let apidata = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("apidata");
    let mut report = Report::default();
    let index = Index::read(&apidata, &mut report).expect("the index");
    let releases: Vec<_> = index
        .snapshots
        .iter()
        .map(|entry| {
            let source = source::read_snapshot(&apidata.join(&entry.file)).expect("a snapshot");
            let api = lower::lower(&source, &entry.release, &index, &mut Report::default());
            (source.tree, api)
        })
        .collect();
    let mut pairs = 0;
    for (i, (old, before)) in releases.iter().enumerate() {
        for (new, after) in &releases[i + 1..] {
            let counted = by_hand(old, new);
            assert!(counted.len() > 5, "{counted:?}");
            let diff = Diff::between(before, after);
            assert_eq!(by_diff(&diff.changes), counted, "{} → {}", before.release, after.release);
            pairs += 1;
        }
    }
    assert_eq!(pairs, releases.len() * (releases.len() - 1) / 2);
}
