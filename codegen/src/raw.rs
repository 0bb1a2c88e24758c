//! A tolerant mirror of the published shape: every keyword that was ever seen, whatever JSON type it came in.
//!
//! Nothing here decides what a keyword means; it reads `"1"`, `1` and `true` alike where a flag stands, numbers from
//! text, null as absent, and reports what it does not know with its path. See [`crate::lower`] for the meaning.

mod schema;

pub use schema::{Branches, Schema, fits_type, prose};

use serde_json::{Map, Value};

use crate::{at::At, model::Method, report::Report};

/// The keywords that are known, by where they stand.
pub mod keywords {
    /// Of a node of the tree.
    pub const NODE: [&str; 5] = ["children", "info", "leaf", "path", "text"];
    /// Of a method.
    pub const METHOD: [&str; 17] = [
        "allowtoken",
        "description",
        "download",
        "download_allowed",
        "expose_credentials",
        "fragmentDelimiter",
        "method",
        "name",
        "parameters",
        "permissions",
        "protected",
        "proxyto",
        "proxyto_callback",
        "returns",
        "unstable",
        "upload",
        "links",
    ];
    /// Of a method's permissions.
    pub const PERMISSIONS: [&str; 4] = ["check", "description", "description-sha256", "user"];
    /// Of a method: those of which nothing is made, and which a diff tells of.
    pub const RARE_OF_METHOD: [&str; 7] = [
        "download",
        "download_allowed",
        "expose_credentials",
        "fragmentDelimiter",
        "proxyto_callback",
        "unstable",
        "upload",
    ];
    /// Of a schema: those of which nothing is made, and which a diff tells of.
    pub const RARE: [&str; 13] = [
        "disallow",
        "extends",
        "instance-type",
        "instance-types",
        "max",
        "maxItems",
        "min",
        "minItems",
        "renderer",
        "type-property",
        "type-property-schema",
        "uniqueItems",
        "unstable",
    ];
    /// Of a schema.
    pub const SCHEMA: [&str; 41] = [
        "additionalProperties",
        "alias",
        "allOf",
        "anyOf",
        "default",
        "default_key",
        "description",
        "disallow",
        "enum",
        "extends",
        "format",
        "format_description",
        "instance-type",
        "instance-types",
        "items",
        "keyAlias",
        "links",
        "max",
        "maxItems",
        "maxLength",
        "maximum",
        "min",
        "minItems",
        "minLength",
        "minimum",
        "oneOf",
        "optional",
        "pattern",
        "print_width",
        "properties",
        "renderer",
        "requires",
        "title",
        "type",
        "type-property",
        "type-property-schema",
        "typetext",
        "uniqueItems",
        "unstable",
        "verbose_description",
        "writeonly",
    ];
}

/// One method of the published tree.
#[derive(Clone, Copy, Debug)]
pub struct RawEndpoint<'t> {
    /// Verb.
    pub method: Method,
    /// Path template.
    pub path: &'t str,
    /// What is published of it.
    pub info: &'t Map<String, Value>,
}

/// All methods of the tree, by path and verb.
///
/// What is no API tree, a verb that is none, and an endpoint that stands there twice are errors.
pub fn endpoints<'t>(tree: &'t Value, file: &str, report: &mut Report) -> Vec<RawEndpoint<'t>> {
    let mut found = Found { endpoints: Vec::new(), file, report };
    match tree.as_array() {
        Some(nodes) if !nodes.is_empty() => found.nodes(nodes, &At::FILE),
        _ => found.report.error(
            file,
            "",
            "this is no API tree: an array of nodes with `path`, `info` and `children` is expected",
        ),
    }
    let mut endpoints = found.endpoints;
    endpoints.sort_by_key(|e| (e.path, e.method));
    for pair in endpoints.windows(2) {
        if (pair[0].path, pair[0].method) == (pair[1].path, pair[1].method) {
            report.error(
                file,
                At::endpoint(pair[0].method.as_str(), pair[0].path),
                "this endpoint stands in the file twice",
            );
        }
    }
    if endpoints.is_empty() && report.check().is_ok() {
        report.error(file, "", "this is no API tree: there is not one method in it");
    }
    endpoints
}

struct Found<'t, 'r> {
    endpoints: Vec<RawEndpoint<'t>>,
    file: &'r str,
    report: &'r mut Report,
}

impl<'t> Found<'t, '_> {
    fn nodes(&mut self, nodes: &'t [Value], at: &At<'_>) {
        for (i, node) in nodes.iter().enumerate() {
            let here = at.index(i);
            let path = node.get("path").and_then(Value::as_str).filter(|path| path.starts_with('/'));
            let Some((node, path)) = node.as_object().zip(path) else {
                self.report.error(self.file, here, "this is no API tree: a node with a `path` is expected here");
                return;
            };
            if !is_plain(path) {
                let message = format_args!("the path {path:?} is none: it must be of printable ASCII without blanks");
                self.report.error(self.file, here, message);
                return;
            }
            let place = At::FILE;
            unknown(node, &keywords::NODE, &place.key(path), self.file, self.report);
            self.methods(node.get("info"), path);
            match node.get("children") {
                Some(Value::Array(children)) => self.nodes(children, &here.key("children")),
                None | Some(Value::Null) => {}
                Some(_) => self.report.error(self.file, path, "`children` is no list"),
            }
        }
    }

    fn methods(&mut self, info: Option<&'t Value>, path: &'t str) {
        let methods = match info {
            Some(Value::Object(methods)) => methods,
            None | Some(Value::Null) => return,
            Some(_) => return self.report.error(self.file, path, "`info` is no object"),
        };
        for (verb, info) in methods {
            let at = At::endpoint(verb, path);
            match (Method::parse(verb), info.as_object()) {
                (Some(method), Some(info)) => self.endpoints.push(RawEndpoint { method, path, info }),
                (None, _) => self.report.error(self.file, at, "this is none of GET, POST, PUT and DELETE"),
                (_, None) => self.report.error(self.file, at, "the method is no object"),
            }
        }
    }
}

/// Whether this can be a path, or a name in the API: printable ASCII without blanks.
pub fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic())
}

/// Reports the keys of `object` that are not `known`.
pub fn unknown(object: &Map<String, Value>, known: &[&str], at: &At<'_>, file: &str, report: &mut Report) {
    for (key, value) in object {
        if !known.contains(&key.as_str()) {
            let shown: String = value.to_string().chars().take(80).collect();
            report.warning(
                file,
                at.key(key),
                format_args!("this keyword is not known and was not used; its value is {shown}"),
            );
        }
    }
}

/// A flag: `1`, `"1"` and `true` are set; `0`, `"0"`, `false`, null and absence are not.
pub fn flag(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(b)) => *b,
        Some(Value::Number(n)) => n.as_f64() != Some(0.0),
        Some(Value::String(s)) => !matches!(s.as_str(), "" | "0"),
        _ => false,
    }
}

/// A finite number, from a number or from text.
pub fn number(value: Option<&Value>) -> Option<f64> {
    match value {
        Some(Value::Number(n)) => n.as_f64(),
        Some(Value::String(s)) => s.trim().parse().ok(),
        _ => None,
    }
    .filter(|n| n.is_finite())
}
