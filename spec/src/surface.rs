//! The surface: the model as text, one fact a line, so that a person can audit it and `git diff` can tell what changed.
//!
//! `docs/api-surface.txt` is this text for the default release. A block begins with the line `METHOD /path`; its facts
//! are beneath it, indented by two blanks and sorted. Blocks are sorted by path and verb and parted by an empty line.

use serde_json::{Value, json};

use crate::{
    facts,
    model::{Api, Endpoint, Field, Format, Kind, Param, Shape, SubKey},
};

/// The command that writes the committed surface anew.
pub const REFRESH: &str = "cargo run -q -p proxmox-mcp-codegen -- surface -o docs/api-surface.txt";

/// The whole surface.
pub fn text(api: &Api) -> String {
    let mut out = header(api);
    for endpoint in &api.endpoints {
        out.push('\n');
        out.push_str(&block(endpoint, &api.known));
    }
    out
}

/// What was read and how much of it is here. Lines begin with `#`.
fn header(api: &Api) -> String {
    // Built from an older release, the model also has what only the default one knows; see the generator.
    let here = || api.endpoints.iter().filter(|endpoint| endpoint.releases.contains(&api.release));
    let bare = here().filter(|endpoint| !endpoint.is_described()).count();
    let here = here().count();
    format!(
        "# The Proxmox VE API as proxmox-mcp has it: release {}, {here} methods, {bare} of them without words yet.\n\
         # Made from the published schema with SHA-256 {}\n\
         # with apidata/words and apidata/overlay.toml. Refresh it with: {REFRESH}\n\
         # `since`: in that release and all later ones of {}. A parameter of which nothing is said is in all that\n\
         # have the endpoint. `no words yet`: nobody has said in our words what it does, and its risk is what must be\n\
         # assumed. `function`: it has a parameter struct and a reply type.\n",
        api.release,
        api.sha256,
        api.known.join(" "),
    )
}

/// One endpoint: its name and its facts. `known` are the releases that were compared.
pub fn block(endpoint: &Endpoint, known: &[String]) -> String {
    let mut facts = Vec::new();
    let mut fact = |name: &str, text: String| facts.push(format!("  {name} {text}\n"));
    if endpoint.typed {
        fact("function", endpoint.function());
    }
    fact("permission", facts::who(endpoint, false));
    fact("releases", facts::releases(&endpoint.releases, known));
    fact("risk", endpoint.risk.as_str().to_owned());
    if endpoint.is_described() {
        fact("summary", endpoint.summary.clone());
    }
    for place in &endpoint.corrected {
        fact("corrected", place.clone());
    }
    for tool in &endpoint.tools {
        fact("tool", tool.clone());
    }
    for (name, holds) in [
        ("guest-text", endpoint.guest_text),
        ("many-guests", endpoint.many),
        ("no-token", !endpoint.allow_token),
        ("open", endpoint.open),
        ("protected", endpoint.protected),
        ("no words yet", !endpoint.is_described()),
    ] {
        if holds {
            facts.push(format!("  {name}\n"));
        }
    }
    facts.extend(endpoint.proxyto.iter().map(|by| format!("  forwarded by {by}\n")));
    for param in &endpoint.params {
        facts.extend(param_facts(param, &endpoint.releases, known).into_iter().map(|line| format!("  param {line}\n")));
    }
    facts.extend(reply_facts(endpoint).into_iter().map(|line| format!("  reply {line}\n")));
    // Names too came from a file: whatever they hold, a fact is a line that can be read.
    let mut facts: Vec<String> = facts.iter().map(|fact| facts::visible(fact.trim_end_matches('\n')) + "\n").collect();
    facts.sort();
    format!("{}\n{}", endpoint.at(), facts.concat())
}

/// One endpoint as pages take it: what [`block`] says, in parts.
pub fn parts(endpoint: &Endpoint, known: &[String]) -> Value {
    let block = block(endpoint, known);
    json!({
        "method": endpoint.method.as_str(),
        "path": endpoint.path,
        "risk": endpoint.risk.as_str(),
        "described": endpoint.is_described(),
        "summary": endpoint.says(false),
        "tools": endpoint.tools,
        "facts": block.lines().skip(1).map(str::trim_start).collect::<Vec<_>>(),
    })
}

fn param_facts(param: &Param, releases: &[String], known: &[String]) -> Vec<String> {
    let mut facts = facts::shape(&param.shape);
    let in_path = if param.rest { "in path, slashes too" } else { "in path" };
    facts.insert(1, if param.in_path { in_path } else { facts::presence(param.optional) }.to_owned());
    facts.extend(param.requires.iter().map(|other| format!("only with {other}")));
    if param.releases != releases {
        facts.push(facts::releases(&param.releases, known));
    }
    facts.extend(param.type_changed.iter().map(|(release, kind)| format!("{kind} in {release}")));
    let name = param.published();
    let mut lines = vec![line(&name, &facts)];
    below(&name, &param.shape, &mut lines);
    lines
}

fn reply_facts(endpoint: &Endpoint) -> Vec<String> {
    let mut facts = facts::shape(&endpoint.returns);
    if endpoint.nullable {
        facts.push("may be null".to_owned());
    }
    let mut lines = vec![facts.join(", ")];
    below("", &endpoint.returns, &mut lines);
    lines
}

/// The facts of what is inside a value: fields, elements, keys of a property string.
fn below(path: &str, shape: &Shape, lines: &mut Vec<String>) {
    match &shape.kind {
        Kind::Array(item) if has_inside(item) => {
            let path = format!("{path}[]");
            below(&path, item, lines);
        }
        Kind::Object(fields) => fields.iter().for_each(|field| field_facts(path, field, lines)),
        _ => {}
    }
    if let Format::Properties(keys) = &shape.format {
        keys.iter().for_each(|key| key_facts(path, key, lines));
    }
}

fn has_inside(shape: &Shape) -> bool {
    matches!(shape.kind, Kind::Array(_) | Kind::Object(_)) || matches!(shape.format, Format::Properties(_))
}

fn field_facts(path: &str, field: &Field, lines: &mut Vec<String>) {
    let path = join(path, &field.published());
    let mut facts = facts::shape(&field.shape);
    facts.insert(1, facts::presence(field.optional).to_owned());
    lines.push(line(&path, &facts));
    below(&path, &field.shape, lines);
}

fn key_facts(path: &str, key: &SubKey, lines: &mut Vec<String>) {
    let path = join(path, &key.name);
    lines.push(line(&path, &facts::sub_key(key)));
    below(&path, &key.shape, lines);
}

fn line(name: &str, facts: &[String]) -> String {
    format!("{name}: {}", facts.join(", "))
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
