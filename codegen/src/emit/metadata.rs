//! The static tables in the types of `proxmox_mcp::spec`.

use std::collections::HashMap;

use super::{code, tool_schemas};
use crate::{
    model::{Api, Endpoint, Field, Format, Kind, Param, Permission, Shape, SubKey},
    names,
};

/// One table an endpoint. What many endpoints share (a parameter, the keys of a property string) is written once.
pub fn tables(out: &mut String, api: &Api) {
    let mut pool = Pool { known: api.known.clone(), ..Pool::default() };
    let mut statics = String::new();
    for endpoint in &api.endpoints {
        pool.endpoint(&mut statics, api, endpoint);
    }
    *out += &format!("\nconst ALL: &[&str] = {};\n", code::list(&api.known));
    *out += &pool.items;
    *out += &statics;
}

#[derive(Default)]
struct Pool {
    known: Vec<String>,
    /// What was written, by its text.
    named: HashMap<String, String>,
    /// How often a name was given.
    taken: HashMap<String, usize>,
    items: String,
}

impl Pool {
    /// The name of a constant of this type and value, written at its first use.
    fn constant(&mut self, prefix: &str, name: &str, kind: &str, value: String) -> String {
        let key = format!("{kind}{value}");
        if let Some(named) = self.named.get(&key) {
            return named.clone();
        }
        let stem = format!("{prefix}_{}", shouty(name));
        let count = self.taken.entry(stem.clone()).or_default();
        *count += 1;
        let named = if *count == 1 { stem } else { format!("{stem}_{count}") };
        self.items += &format!("const {named}: {kind} = {value};\n");
        self.named.insert(key, named.clone());
        named
    }

    fn endpoint(&mut self, out: &mut String, api: &Api, endpoint: &Endpoint) {
        let params: Vec<String> = endpoint.params.iter().map(|p| self.param(p)).collect();
        let returns = self.shared_shape(&endpoint.returns, &endpoint.name);
        let name = names::constant(endpoint);
        let facts = [
            format!("method: Method::{:?}", endpoint.method),
            format!("path: {}", code::literal(&endpoint.path)),
            format!("function: {}", code::literal(&names::function(endpoint))),
            format!("name: {}", code::literal(&endpoint.name)),
            format!("summary: {}", code::literal(&endpoint.summary)),
            format!("risk: Risk::{:?}", endpoint.risk),
            format!("tools: {}", code::list(&endpoint.tools)),
            format!("guest_text: {}", endpoint.guest_text),
            format!("open: {}", endpoint.open),
            format!("protected: {}", endpoint.protected),
            format!("proxyto: {}", code::option(endpoint.proxyto.as_deref())),
            format!("allow_token: {}", endpoint.allow_token),
            format!("releases: {}", self.releases(&endpoint.releases)),
            format!("permission: {}", permission(&endpoint.permission)),
            format!("returns: {returns}"),
            format!("nullable: {}", endpoint.returns_optional),
        ];
        *out += &format!("/// The table of `{}`.\npub static {name}: Endpoint = Endpoint {{\n", endpoint.at());
        *out += &code::wrapped("    ", &facts);
        *out += &if params.is_empty() {
            "    params: &[],\n".to_owned()
        } else {
            format!("    params: &[\n{}    ],\n", code::wrapped("        ", &params))
        };
        *out += &format!("    input_schema: {},\n", code::literal(&tool_schemas::input(endpoint, &api.release)));
        *out += &format!("    output_schema: {},\n}};\n", code::literal(&tool_schemas::output(endpoint)));
    }

    fn releases(&self, releases: &[String]) -> String {
        if releases == self.known { "ALL".to_owned() } else { code::list(releases) }
    }

    fn param(&mut self, param: &Param) -> String {
        let mut parts = vec![format!("name: {}", code::literal(&param.name))];
        if param.in_path {
            parts.push("in_path: true".to_owned());
        }
        if param.indexed {
            parts.push("indexed: true".to_owned());
        }
        if !param.optional {
            parts.push("optional: false".to_owned());
        }
        if let Some(other) = &param.requires {
            parts.push(format!("requires: Some({})", code::literal(other)));
        }
        parts.push(format!("shape: {}", self.shared_shape(&param.shape, &param.name)));
        parts.push(format!("releases: {}", self.releases(&param.releases)));
        if !param.type_changed.is_empty() {
            let changed: Vec<_> = param
                .type_changed
                .iter()
                .map(|(release, kind)| format!("({}, {})", code::literal(release), code::literal(kind)))
                .collect();
            parts.push(format!("type_changed: &[{}]", changed.join(", ")));
        }
        let value = format!("&Param {{ {}, ..Param::PLAIN }}", parts.join(", "));
        self.constant("P", &param.name, "&Param", value)
    }

    /// A reference to a shape. Equal ones are one: every row of its own costs the binary its size and, for each pointer
    /// in it, an entry that the loader works through at every start.
    fn shared_shape(&mut self, shape: &Shape, name: &str) -> String {
        let value = format!("&{}", self.shape(shape, name));
        if value == "&Shape::PLAIN" { value } else { self.constant("S", name, "&Shape", value) }
    }

    fn shape(&mut self, shape: &Shape, name: &str) -> String {
        let mut parts = Vec::new();
        match &shape.kind {
            Kind::Any => {}
            Kind::Null => parts.push("kind: Kind::Null".to_owned()),
            Kind::Boolean => parts.push("kind: Kind::Boolean".to_owned()),
            Kind::Integer => parts.push("kind: Kind::Integer".to_owned()),
            Kind::Number => parts.push("kind: Kind::Number".to_owned()),
            Kind::String => parts.push("kind: Kind::String".to_owned()),
            Kind::Array(item) => {
                parts.push(format!("kind: Kind::Array({})", self.shared_shape(item, name)));
            }
            Kind::Object(fields) if fields.is_empty() => parts.push("kind: Kind::Object(&[])".to_owned()),
            Kind::Object(fields) => parts.push(format!("kind: Kind::Object({})", self.fields(fields, name))),
        }
        if !shape.values.is_empty() {
            let lines: String = shape.values.iter().flat_map(|value| [value, "\n"]).collect();
            parts.push(format!("values: Words::new({})", code::literal(&lines)));
        }
        parts.extend(shape.minimum.map(|n| format!("minimum: Some({n:?})")));
        parts.extend(shape.maximum.map(|n| format!("maximum: Some({n:?})")));
        parts.extend(shape.min_length.map(|n| format!("min_length: Some({n})")));
        parts.extend(shape.max_length.map(|n| format!("max_length: Some({n})")));
        parts.extend(shape.pattern.as_ref().map(|p| format!("pattern: Some({})", code::literal(p))));
        match &shape.format {
            Format::None => {}
            Format::Named(format) => parts.push(format!("format: Format::Named({})", code::literal(format))),
            Format::Properties(keys) => parts.push(format!("format: Format::Properties({})", self.keys(keys, name))),
        }
        parts.extend(shape.default.as_ref().map(|d| format!("default: Some({})", code::literal(d))));
        if parts.is_empty() {
            return "Shape::PLAIN".to_owned();
        }
        format!("Shape {{ {}, ..Shape::PLAIN }}", parts.join(", "))
    }

    fn fields(&mut self, fields: &[Field], name: &str) -> String {
        let mut names = Vec::new();
        for field in fields {
            let mut parts = vec![format!("name: {}", code::literal(&field.name))];
            if field.indexed {
                parts.push("indexed: true".to_owned());
            }
            if !field.optional {
                parts.push("optional: false".to_owned());
            }
            parts.push(format!("shape: {}", self.shared_shape(&field.shape, &field.name)));
            let value = format!("Field {{ {}, ..Field::PLAIN }}", parts.join(", "));
            names.push(self.constant("F", &field.name, "Field", value));
        }
        self.constant("FIELDS", name, "&[Field]", format!("&[\n{}]", code::wrapped("    ", &names)))
    }

    fn keys(&mut self, keys: &[SubKey], name: &str) -> String {
        let mut names = Vec::new();
        for key in keys {
            let mut parts = vec![format!("name: {}", code::literal(&key.name))];
            if key.default_key {
                parts.push("default_key: true".to_owned());
            }
            if !key.optional {
                parts.push("optional: false".to_owned());
            }
            parts.extend(key.alias.as_ref().map(|a| format!("alias: Some({})", code::literal(a))));
            parts.extend(key.key_alias.as_ref().map(|a| format!("key_alias: Some({})", code::literal(a))));
            parts.push(format!("shape: {}", self.shared_shape(&key.shape, &key.name)));
            let value = format!("SubKey {{ {}, ..SubKey::PLAIN }}", parts.join(", "));
            names.push(self.constant("K", &key.name, "SubKey", value));
        }
        self.constant("KEYS", name, "&[SubKey]", format!("&[\n{}]", code::wrapped("    ", &names)))
    }
}

fn permission(permission: &Permission) -> String {
    let all = |list: &[Permission]| list.iter().map(self::permission).collect::<Vec<_>>().join(", ");
    match permission {
        Permission::Root => "Permission::Root".to_owned(),
        Permission::AllUsers => "Permission::AllUsers".to_owned(),
        Permission::World => "Permission::World".to_owned(),
        Permission::Privileges { path, privileges, any, require_param } => format!(
            "Permission::Privileges {{ path: {}, privileges: {}, any: {any}, require_param: {} }}",
            code::literal(path),
            code::list(privileges),
            code::option(require_param.as_deref())
        ),
        Permission::And(list) => format!("Permission::And(&[{}])", all(list)),
        Permission::Or(list) => format!("Permission::Or(&[{}])", all(list)),
        Permission::Other(check) => format!("Permission::Other({})", code::literal(check)),
    }
}

/// A name as the end of a constant's name; any name will do, as equal ones are told apart by number.
fn shouty(name: &str) -> String {
    use heck::ToShoutySnakeCase as _;
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let shouty = plain.to_shouty_snake_case();
    if shouty.is_empty() { "X".to_owned() } else { shouty }
}
