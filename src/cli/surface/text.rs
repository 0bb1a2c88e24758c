//! Endpoints as text, one fact a line: the form of `docs/api-surface.txt`. The generator prints that file from its
//! model; this prints the tables that came of it, and a test holds that both say the same.

use std::fmt::{Display, Write as _};

use proxmox_mcp::{
    api,
    spec::{Endpoint, Format, Kind, Param, Permission, Shape, SubKey},
};

/// One endpoint: its name, and its facts sorted beneath it.
pub fn block(out: &mut String, endpoint: &Endpoint) {
    let mut facts = Vec::new();
    let mut fact = |name: &str, text: &str| facts.push(format!("  {name} {text}\n"));
    fact("function", endpoint.function);
    fact("permission", &permission(&endpoint.permission));
    fact("releases", &releases(endpoint.releases));
    fact("risk", endpoint.risk.as_str());
    if !endpoint.summary.is_empty() {
        fact("summary", endpoint.summary);
    }
    endpoint.tools.iter().for_each(|tool| fact("tool", tool));
    endpoint.proxyto.iter().for_each(|by| fact("forwarded", &format!("by {by}")));
    let flags = [
        ("guest-text", endpoint.guest_text),
        ("no-token", !endpoint.allow_token),
        ("open", endpoint.open),
        ("protected", endpoint.protected),
    ];
    facts.extend(flags.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| format!("  {name}\n")));
    for param in endpoint.params {
        facts.extend(param_facts(param, endpoint.releases).into_iter().map(|line| format!("  param {line}\n")));
    }
    facts.extend(reply(endpoint).into_iter().map(|line| format!("  reply {line}\n")));
    facts.sort();
    let _ = write!(out, "{} {}\n{}", endpoint.method, endpoint.path, facts.concat());
}

/// The methods that are not there, by the beginning of their path.
pub fn left_out(out: &mut String) {
    out.push_str("\nLeft out\n");
    for (prefix, count) in api::LEFT_OUT {
        let _ = writeln!(out, "  {count} under {prefix}");
    }
}

/// Where something exists: `since 8.4` for that release and all later ones, else `in 7.4 8.4`.
fn releases(have: &[&str]) -> String {
    match have.first() {
        Some(first) if api::RELEASES.ends_with(have) => format!("since {first}"),
        Some(_) => format!("in {}", have.join(" ")),
        None => "in none".to_owned(),
    }
}

/// Who may call, as one line.
pub fn permission(of: &Permission) -> String {
    let join = |parts: &[Permission], word: &str| {
        parts.iter().map(|part| format!("({})", permission(part))).collect::<Vec<_>>().join(word)
    };
    match of {
        Permission::Root => "root@pam only".to_owned(),
        Permission::AllUsers => "any user".to_owned(),
        Permission::World => "anyone, without login".to_owned(),
        Permission::Privileges { path, privileges, any, require_param } => {
            let list = privileges.join(if *any { " or " } else { " and " });
            let condition = require_param.map_or(String::new(), |param| format!(" if {param} is given"));
            format!("{list} on {path}{condition}")
        }
        Permission::And(parts) => join(parts, " and "),
        Permission::Or(parts) => join(parts, " or "),
        Permission::Other(published) => one_line(published),
    }
}

/// Type and constraints, one fact each, the type first.
pub fn shape(of: &Shape) -> Vec<String> {
    let mut facts = vec![kind(&of.kind)];
    facts.extend(range(of.minimum, of.maximum));
    facts.extend(range(of.min_length, of.max_length).map(|range| format!("{range} characters")));
    if !of.values.is_empty() {
        facts.push(format!("one of {}", of.values.join("|")));
    }
    match of.format {
        Format::Named(name) => facts.push(format!("format {name}")),
        Format::Properties(_) => facts.push("property string".to_owned()),
        Format::None => {}
    }
    facts.extend(of.pattern.map(|pattern| format!("pattern /{}/", one_line(pattern))));
    facts.extend(of.default.map(|default| format!("default {}", one_line(default))));
    facts
}

/// The published name: `net[n]` for a family.
pub fn published(name: &str, indexed: bool) -> String {
    if indexed { format!("{name}[n]") } else { name.to_owned() }
}

fn kind(of: &Kind) -> String {
    match of {
        Kind::Array(item) => format!("array<{}>", kind(&item.kind)),
        other => other.as_str().to_owned(),
    }
}

fn param_facts(param: &Param, others: &[&str]) -> Vec<String> {
    let mut facts = shape(param.shape);
    facts.insert(1, if param.in_path { "in path" } else { presence(param.optional) }.to_owned());
    facts.extend(param.requires.map(|other| format!("only with {other}")));
    if param.releases != others {
        facts.push(releases(param.releases));
    }
    facts.extend(param.type_changed.iter().map(|(release, kind)| format!("{kind} in {release}")));
    let name = published(param.name, param.indexed);
    let mut lines = vec![line(&name, &facts)];
    below(&name, param.shape, &mut lines);
    lines
}

fn reply(endpoint: &Endpoint) -> Vec<String> {
    let mut facts = shape(endpoint.returns);
    if endpoint.nullable {
        facts.push("may be null".to_owned());
    }
    let mut lines = vec![facts.join(", ")];
    below("", endpoint.returns, &mut lines);
    lines
}

/// The facts of what is inside a value: elements, fields, keys of a property string.
fn below(path: &str, of: &Shape, lines: &mut Vec<String>) {
    let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match of.kind {
        Kind::Array(item) => below(&format!("{path}[]"), item, lines),
        Kind::Object(fields) => {
            for field in fields {
                let path = join(&published(field.name, field.indexed));
                let mut facts = shape(field.shape);
                facts.insert(1, presence(field.optional).to_owned());
                lines.push(line(&path, &facts));
                below(&path, field.shape, lines);
            }
        }
        _ => {}
    }
    if let Format::Properties(keys) = of.format {
        for key in keys {
            let path = join(key.name);
            lines.push(line(&path, &sub_key(key)));
            below(&path, key.shape, lines);
        }
    }
}

fn sub_key(key: &SubKey) -> Vec<String> {
    let mut facts = match key.alias {
        Some(alias) => vec![format!("alias of {alias}")],
        None => {
            let mut facts = shape(key.shape);
            facts.insert(1, presence(key.optional).to_owned());
            facts
        }
    };
    facts.extend(key.key_alias.map(|kept| format!("its name is kept as {kept}")));
    if key.default_key {
        facts.push("may stand without its name".to_owned());
    }
    facts
}

const fn presence(optional: bool) -> &'static str {
    if optional { "optional" } else { "required" }
}

/// `1..5`, `1..` or `..5`; nothing without a limit.
fn range<N: Display>(least: Option<N>, greatest: Option<N>) -> Option<String> {
    let text = |limit: &Option<N>| limit.as_ref().map_or(String::new(), N::to_string);
    (least.is_some() || greatest.is_some()).then(|| format!("{}..{}", text(&least), text(&greatest)))
}

fn line(name: &str, facts: &[String]) -> String {
    format!("{name}: {}", facts.join(", "))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
