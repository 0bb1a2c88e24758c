//! Identifiers of the generated code, from PVE's names. Pure: the same name gives the same identifier, whatever else
//! the schema holds; what collides is an error and is never renamed behind the reader's back.

use std::{collections::BTreeMap, fmt};

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

use proxmox_mcp_spec::schema::property;

use crate::{
    model::{Api, Endpoint, Field, Kind, Shape},
    raw,
    report::Report,
};

/// Words that Rust keeps for itself and takes back with `r#`.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];
/// Words that Rust does not even take with `r#`.
const RESERVED: [&str; 4] = ["crate", "self", "super", "_"];
/// Names that the generated structs use themselves.
const OWN: [&str; 1] = ["extra"];

/// `post_nodes_node_qemu_vmid_status_start`: verb and every part of the path, so that all endpoints differ.
pub fn function(endpoint: &Endpoint) -> String {
    endpoint.function()
}

/// `PostNodesNodeQemuVmidStatusStart`.
pub fn type_name(endpoint: &Endpoint) -> String {
    function(endpoint).to_upper_camel_case()
}

/// `POST_NODES_NODE_QEMU_VMID_STATUS_START`.
pub fn constant(endpoint: &Endpoint) -> String {
    function(endpoint).to_shouty_snake_case()
}

/// Letters and digits stay, everything else separates words.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect()
}

/// The last part of a type's name for what lies under `name`.
pub fn part(name: &str) -> String {
    plain(name).to_upper_camel_case()
}

/// The name of the type that an endpoint's reply is decoded into; of a list, that of its rows.
pub fn reply(endpoint: &Endpoint) -> String {
    let name = type_name(endpoint) + "Reply";
    if matches!(endpoint.decoded.reply.kind, Kind::Array(_)) { name + "Item" } else { name }
}

/// The name of the type of an object within a reply.
pub fn inner(parent: &str, field: &Field) -> String {
    format!("{parent}{}", part(&field.name))
}

/// The named fields of an object or of the objects in a list; nothing for anything else.
pub fn record(shape: &Shape) -> Option<&[Field]> {
    match &shape.kind {
        Kind::Object(fields) if !fields.is_empty() => Some(fields),
        Kind::Array(item) => match &item.kind {
            Kind::Object(fields) if !fields.is_empty() => Some(fields),
            _ => None,
        },
        _ => None,
    }
}

/// The names of a record and of those within it.
fn types(name: String, shape: &Shape, at: &str, names: &mut Vec<(String, String)>) {
    for field in record(shape).into_iter().flatten().filter(|f| !f.indexed) {
        if record(&field.shape).is_some() {
            types(inner(&name, field), &field.shape, at, names);
        }
    }
    if record(shape).is_some() {
        names.push((name, at.to_owned()));
    }
}

/// The identifier of a parameter or field: `overrule_shutdown`, `r#type`, `net_n` for `net[n]`, `_2m` for `2m`.
/// Nothing when the name has neither letter nor digit.
pub fn field(name: &str, indexed: bool) -> Option<String> {
    let snake = plain(name).to_snake_case();
    if snake.is_empty() {
        return None;
    }
    let snake = if indexed { format!("{snake}_n") } else { snake };
    Some(if KEYWORDS.contains(&snake.as_str()) {
        format!("r#{snake}")
    } else if RESERVED.contains(&snake.as_str()) || OWN.contains(&snake.as_str()) {
        format!("{snake}_")
    } else if snake.starts_with(|c: char| c.is_ascii_digit()) {
        format!("_{snake}")
    } else {
        snake
    })
}

/// Reports names that cannot be told apart in the generated code, and names that are no identifier at all.
pub fn check(api: &Api, file: &str, report: &mut Report) {
    let functions = api.endpoints.iter().map(|e| (function(e), e.at()));
    collisions(functions, |first, second, name| {
        // One that stands there twice was reported when it was read.
        if first != second {
            report.error(file, second, format_args!("becomes the same function `{name}` as {first}"));
        }
    });
    let mut named = Vec::new();
    for endpoint in api.endpoints.iter().filter(|endpoint| endpoint.typed) {
        named.push((type_name(endpoint), format!("the parameters of {}", endpoint.at())));
        types(reply(endpoint), &endpoint.decoded.reply, &format!("the reply of {}", endpoint.at()), &mut named);
    }
    collisions(named.into_iter(), |first, second, name| {
        // Two endpoints that share a function were reported as such.
        if first != second && name.contains("Reply") {
            report.error(file, "", format_args!("{first} and {second} both become the type `{name}`"));
        }
    });
    for endpoint in &api.endpoints {
        let at = endpoint.at();
        let params = endpoint.params.iter().map(|p| (p.name.as_str(), p.indexed, p.published()));
        fields(params, &format!("{at} › parameters"), file, report);
        let properties = endpoint.params.iter().map(|p| (property(&p.name, p.indexed), p.published()));
        collisions(properties, |first, second, name| {
            let message = format_args!("`{first}` and `{second}` both become the tool property `{name}`");
            report.error(file, format_args!("{at} › parameters"), message);
        });
        shape(&endpoint.returns, &format!("{at} › returns"), file, report);
    }
}

fn shape(shape: &Shape, at: &str, file: &str, report: &mut Report) {
    match &shape.kind {
        Kind::Array(item) => self::shape(item, &format!("{at}.items"), file, report),
        Kind::Object(list) => {
            // Indexed families are not fields of the reply types: their members are found in `extra`.
            let named = list.iter().filter(|f| !f.indexed);
            fields(named.map(|f: &Field| (f.name.as_str(), false, f.published())), at, file, report);
            for field in list {
                self::shape(&field.shape, &format!("{at}.{}", field.published()), file, report);
            }
        }
        _ => {}
    }
}

fn fields<'a>(names: impl Iterator<Item = (&'a str, bool, String)>, at: &str, file: &str, report: &mut Report) {
    let mut identifiers = Vec::new();
    for (name, indexed, published) in names {
        if !raw::is_plain(name) {
            report.error(file, at, format_args!("the name {published:?} is none: it must be of printable ASCII"));
            continue;
        }
        match field(name, indexed) {
            Some(identifier) => identifiers.push((identifier, published)),
            None => report.error(file, at, format_args!("`{published}` has no letter to make an identifier of")),
        }
    }
    collisions(identifiers.into_iter(), |first, second, name| {
        report.error(file, at, format_args!("`{first}` and `{second}` both become the identifier `{name}`"));
    });
}

/// Calls `report` with the first and each later owner of a name.
fn collisions<T: fmt::Display>(names: impl Iterator<Item = (String, T)>, mut report: impl FnMut(&T, &T, &str)) {
    let mut first: BTreeMap<String, T> = BTreeMap::new();
    for (name, owner) in names {
        match first.get(&name) {
            Some(earlier) => report(earlier, &owner, &name),
            None => {
                first.insert(name, owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn identifiers_of_awkward_names() {
        let cases = [
            ("overrule-shutdown", false, "overrule_shutdown"),
            ("forceStop", false, "force_stop"),
            ("type", false, "r#type"),
            ("self", false, "self_"),
            ("extra", false, "extra_"),
            ("2m", false, "_2m"),
            ("net", true, "net_n"),
            ("e1000-82540em", false, "e1000_82540em"),
        ];
        for (name, indexed, identifier) in cases {
            assert_eq!(field(name, indexed).as_deref(), Some(identifier), "{name}");
        }
        assert_eq!(field("--", false), None);
    }
}
