//! A snapshot: the facts of a published file in the published shape, prose left out, one endpoint a line.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::{
    at::At,
    raw::{self, keywords},
    report::Report,
};

/// Keys whose value is text for people; Proxmox publishes it under AGPL and GFDL, so a snapshot goes without.
const PROSE: [&str; 5] = ["description", "verbose_description", "format_description", "typetext", "title"];

/// What a snapshot keeps of the prose of permissions: not the text, but whether it is still the same.
const HASH: &str = "description-sha256";

/// The beginning of the SHA-256 of what is said of permissions in prose; nothing where nothing is said.
pub fn text_of_permissions(permissions: &Value) -> Option<String> {
    permission_text(permissions.as_object()?)
}

fn permission_text(permissions: &Map<String, Value>) -> Option<String> {
    let text = raw::prose(permissions);
    if text.is_empty() {
        return permissions.get(HASH).and_then(Value::as_str).map(str::to_owned);
    }
    super::sha256(text.as_bytes()).get(..16).map(str::to_owned)
}

/// What [`strip`] left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stripped {
    /// Prose keys.
    pub prose: usize,
    /// Defaults that do not fit their type, most of which are prose.
    pub defaults: usize,
}

/// Takes the prose out of a published tree. A key that we do not know stays when its value is short, so that a new
/// keyword is not lost, and is reported either way.
pub fn strip(tree: &mut Value, file: &str, report: &mut Report) -> Stripped {
    let mut strip = Strip { done: Stripped::default(), file, report };
    strip.nodes(tree);
    strip.done
}

struct Strip<'r> {
    done: Stripped,
    file: &'r str,
    report: &'r mut Report,
}

impl Strip<'_> {
    fn nodes(&mut self, nodes: &mut Value) {
        for node in nodes.as_array_mut().into_iter().flatten() {
            let Some(node) = node.as_object_mut() else { continue };
            // A node without a path is reported when the tree is read.
            let Some(path) = node.get("path").and_then(Value::as_str).map(str::to_owned) else { continue };
            let at = At::FILE;
            self.keys(node, &keywords::NODE, &at.key(&path));
            for (method, info) in node.get_mut("info").and_then(Value::as_object_mut).into_iter().flatten() {
                self.method(info, &At::endpoint(method, &path));
            }
            if let Some(children) = node.get_mut("children") {
                self.nodes(children);
            }
        }
    }

    fn method(&mut self, info: &mut Value, at: &At<'_>) {
        let Some(info) = info.as_object_mut() else { return };
        self.keys(info, &keywords::METHOD, at);
        for key in ["parameters", "returns"] {
            if let Some(schema) = info.get_mut(key) {
                self.schema(schema, &at.key(key));
            }
        }
        if let Some(permissions) = info.get_mut("permissions").and_then(Value::as_object_mut) {
            if let Some(hash) = permission_text(permissions) {
                permissions.insert(HASH.to_owned(), hash.into());
            }
            self.keys(permissions, &keywords::PERMISSIONS, &at.key("permissions"));
        }
    }

    fn schema(&mut self, schema: &mut Value, at: &At<'_>) {
        let Some(object) = schema.as_object_mut() else { return };
        self.keys(object, &keywords::SCHEMA, at);
        if object.get("default").is_some_and(|default| !raw::fits_type(default, object)) {
            object.remove("default");
            self.done.defaults += 1;
        }
        for key in ["properties", "format"] {
            let at = at.key(key);
            for (name, value) in object.get_mut(key).and_then(Value::as_object_mut).into_iter().flatten() {
                self.schema(value, &at.key(name));
            }
        }
        for key in ["items", "additionalProperties"] {
            if let Some(value) = object.get_mut(key) {
                self.schema(value, &at.key(key));
            }
        }
        for key in ["oneOf", "allOf", "anyOf"] {
            let at = at.key(key);
            for (i, value) in object.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten().enumerate() {
                self.schema(value, &at.index(i));
            }
        }
    }

    fn keys(&mut self, object: &mut Map<String, Value>, known: &[&str], at: &At<'_>) {
        let (file, report, done) = (self.file, &mut *self.report, &mut self.done);
        object.retain(|key, value| {
            if PROSE.contains(&key.as_str()) {
                done.prose += 1;
                return false;
            }
            if known.contains(&key.as_str()) {
                return true;
            }
            let keep = value.to_string().len() <= 64;
            let what = if keep { "kept as it is" } else { "left out, as it may be prose" };
            report.warning(file, at.key(key), format_args!("this keyword is not known; it was {what}"));
            keep
        });
    }
}

/// The text of a snapshot: sorted keys, one endpoint a line, and a line break at the end, without which a snapshot
/// counts as cut short.
pub fn write(tree: &Value) -> String {
    let mut text = String::new();
    nodes(&mut text, tree, 0);
    text.push('\n');
    text
}

/// JSON on one line with sorted keys, whichever order this build's maps keep.
pub fn compact_json(value: &Value) -> String {
    let mut text = String::new();
    compact(&mut text, value);
    text
}

fn nodes(text: &mut String, nodes: &Value, depth: usize) {
    text.push('[');
    for (i, node) in nodes.as_array().into_iter().flatten().enumerate() {
        text.push_str(if i == 0 { "\n" } else { ",\n" });
        indent(text, depth + 1);
        text.push('{');
        for (k, (key, value)) in sorted(node).into_iter().enumerate() {
            text.push_str(if k == 0 { "\n" } else { ",\n" });
            indent(text, depth + 2);
            string(text, key);
            text.push_str(": ");
            match key.as_str() {
                "children" if value.is_array() => self::nodes(text, value, depth + 2),
                "info" if value.is_object() => info(text, value, depth + 2),
                _ => compact(text, value),
            }
        }
        text.push('\n');
        indent(text, depth + 1);
        text.push('}');
    }
    text.push('\n');
    indent(text, depth);
    text.push(']');
}

fn info(text: &mut String, info: &Value, depth: usize) {
    text.push('{');
    for (i, (method, value)) in sorted(info).into_iter().enumerate() {
        text.push_str(if i == 0 { "\n" } else { ",\n" });
        indent(text, depth + 1);
        string(text, method);
        text.push_str(": ");
        compact(text, value);
    }
    text.push('\n');
    indent(text, depth);
    text.push('}');
}

fn indent(text: &mut String, depth: usize) {
    text.extend(std::iter::repeat_n(' ', depth));
}

/// The entries by key, whichever order this build's JSON maps keep.
fn sorted(value: &Value) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = value.as_object().into_iter().flatten().collect();
    entries.sort_by_key(|(key, _)| *key);
    entries
}

fn compact(text: &mut String, value: &Value) {
    match value {
        Value::Object(_) => {
            text.push('{');
            for (i, (key, value)) in sorted(value).into_iter().enumerate() {
                text.push_str(if i == 0 { "" } else { "," });
                string(text, key);
                text.push(':');
                compact(text, value);
            }
            text.push('}');
        }
        Value::Array(values) => {
            text.push('[');
            for (i, value) in values.iter().enumerate() {
                text.push_str(if i == 0 { "" } else { "," });
                compact(text, value);
            }
            text.push(']');
        }
        scalar => {
            let _ = write!(text, "{scalar}");
        }
    }
}

fn string(text: &mut String, s: &str) {
    let _ = write!(text, "{}", Value::from(s));
}
