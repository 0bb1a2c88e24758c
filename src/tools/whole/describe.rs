//! describeApi: one method, with all that a call of it needs and no more.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::{
    example::example,
    find::{self, alike},
    gate,
    given::{own, word},
    say::{self, Say},
};
use crate::{
    api,
    spec::{Endpoint, Format, Kind, Param, Shape, facts},
    tools::{
        call::{Reply, ToolResult},
        profile::{Effect, Profile, Toolset},
        schema::text,
        tool::{Call, Tool},
    },
};

/// The tool.
pub(crate) static TOOL: Tool = Tool {
    profile: Profile {
        name: "describeApi",
        toolset: Toolset::Api,
        effect: Effect::Reads,
        calls: &[],
        needs: &[],
        guests: None,
    },
    title: |texts| texts.describe_api_title(),
    text: |texts| texts.describe_api(),
    input: |texts| vec![own("id", text(), texts.p_api_id()), own("parameter", text(), "")],
    output: || json!({"type": "object"}),
    run: |call| Box::pin(run(call)),
    held: OnceLock::new(),
};

/// Most values of an enumeration, and most keys of a property string, that are spelled out unasked.
const SPELLED: usize = 8;
/// Most parameters that may be left out which are described each by itself.
const OPTIONAL: usize = 14;

/// Runs the tool.
pub(super) async fn run(call: Call<'_>) -> Result<Reply, ToolResult> {
    let id = word(&call.given, "id").unwrap_or_default();
    let Some(found) = find::find(id) else { return Err(call.wrong(&say::unknown(&call, id, &alike(id)))) };
    let endpoint = found.endpoint;
    let (text, facts) = match word(&call.given, "parameter") {
        Some(name) => one(&call, endpoint, name)?,
        None => {
            let rights = call.tools.rights().await;
            whole(&call, endpoint, gate::why_not(&call, rights.as_deref(), endpoint))
        }
    };
    Ok(Reply::Result(ToolResult { text, structured: Some(facts), problem: None }))
}

/// One parameter with everything that is known of it.
fn one(call: &Call<'_>, endpoint: &Endpoint, name: &str) -> Result<(String, Map<String, Value>), ToolResult> {
    let Some(param) = endpoint.param(name).or_else(|| endpoint.named(name.trim_end_matches("[n]"), true)) else {
        let names: Vec<_> = endpoint.params.iter().map(Param::published).collect();
        let name = &*crate::foreign::line(name, 60);
        let meant = crate::near::meant(name, names.iter().map(String::as_str));
        let (id, all) = (endpoint.function(), names.join(", "));
        return Err(call.wrong(&call.either(
            format!("{id} has no parameter {name:?}{meant}; it has {all}."),
            format!("{id} no tiene el parámetro {name:?}{meant}; tiene {all}."),
        )));
    };
    let mut lines = vec![line(endpoint, param, usize::MAX) + &pattern(&param.shape)];
    if let Format::Properties(keys) = &param.shape.format {
        lines.extend(keys.iter().filter(|key| key.alias.is_none()).map(|key| {
            let needed = if key.optional { "" } else { ", required" };
            let alone = if key.default_key { ", may stand without its name" } else { "" };
            format!("  {}: {}{needed}{alone}{}", key.name, shape(&key.shape, usize::MAX), pattern(&key.shape))
        }));
    }
    let text = lines.join("\n");
    let facts = json!({"id": endpoint.function(), "parameter": lines});
    Ok((text, facts.as_object().cloned().unwrap_or_default()))
}

/// The method: what it does, what it takes, what it needs, what it gives, and a call that fits.
fn whole(call: &Call<'_>, endpoint: &Endpoint, closed: Option<String>) -> (String, Map<String, Value>) {
    let risk = say::risk(call, endpoint);
    let (needed, optional): (Vec<_>, Vec<_>) = endpoint.params.iter().partition(|param| !param.optional);
    let mut params: Vec<String> = needed.iter().map(|param| line(endpoint, param, SPELLED)).collect();
    if optional.len() <= OPTIONAL {
        params.extend(optional.iter().map(|param| line(endpoint, param, SPELLED)));
    } else {
        let names: Vec<_> = optional.iter().map(|param| param.published()).collect();
        params.push(call.either(
            format!("optional (ask for one with `parameter`): {}", names.join(", ")),
            format!("opcionales (consulte uno con `parameter`): {}", names.join(", ")),
        ));
    }
    let reply = reply(&endpoint.returns);
    let example = Value::Object(example(endpoint));
    let summary = call.either(endpoint.says(false), endpoint.says(true));
    let permission = call.either(facts::who(endpoint, false), facts::who(endpoint, true));
    let mut facts = Map::new();
    let mut put = |key: &str, value: Value| facts.insert(key.to_owned(), value);
    put("id", endpoint.function().into());
    put("call", endpoint.at().into());
    put("summary", summary.clone().into());
    put("risk", risk.clone().into());
    put("permission", permission.clone().into());
    put("parameters", params.clone().into());
    put("reply", reply.clone().into());
    put("example", example.clone());
    if !endpoint.allow_token {
        put("noToken", true.into());
    }
    let missing = lacking(&endpoint.releases, api::RELEASES);
    if let Some(releases) = &missing {
        put("notIn", releases.as_str().into());
    }
    let mut lines = vec![
        format!("{} = {}", endpoint.function(), endpoint.at()),
        summary,
        format!("risk: {risk}"),
        format!("permission: {permission}"),
    ];
    if !endpoint.allow_token {
        lines.push(call.either("An API token may not call it.".into(), "Un token de API no puede llamarlo.".into()));
    }
    if let Some(releases) = missing {
        lines.push(call.either(format!("not in PVE {releases}"), format!("no existe en PVE {releases}")));
    }
    lines.extend(params);
    lines.push(format!("reply: {reply}"));
    lines.push(format!("example arguments: {example}"));
    if let Some(closed) = closed {
        put_closed(&mut facts, &closed);
        lines.push(closed);
    }
    (lines.join("\n"), facts)
}

fn put_closed(facts: &mut Map<String, Value>, closed: &str) {
    facts.insert("detail".to_owned(), closed.into());
}

/// A parameter in one line.
fn line(endpoint: &Endpoint, param: &Param, spelled: usize) -> String {
    let mut out = format!("{}: {}", param.published(), shape(&param.shape, spelled));
    if !param.optional {
        out += ", required";
    }
    let known: Vec<&str> = endpoint.releases.iter().map(String::as_str).collect();
    if let Some(releases) = lacking(&param.releases, &known) {
        out += &format!(", not in PVE {releases}");
    }
    if let Some(other) = &param.requires {
        out += &format!(", needs {other}");
    }
    out
}

/// The releases among those that are known that do not have something.
fn lacking(has: &[String], known: &[&str]) -> Option<String> {
    let lacking: Vec<&str> = known.iter().copied().filter(|r| !has.iter().any(|has| has == r)).collect();
    (!lacking.is_empty() && !has.is_empty()).then(|| lacking.join(", "))
}

/// A type with its constraints, in words.
fn shape(shape: &Shape, spelled: usize) -> String {
    let mut out = shape.kind.to_string();
    match (shape.minimum, shape.maximum) {
        (Some(least), Some(most)) => out += &format!(" {least}..{most}"),
        (Some(least), None) => out += &format!(" {least}.."),
        (None, Some(most)) => out += &format!(" ..{most}"),
        (None, None) => {}
    }
    match (shape.min_length, shape.max_length) {
        (Some(least), Some(most)) => out += &format!(", {least}..{most} characters"),
        (None, Some(most)) => out += &format!(", at most {most} characters"),
        (Some(least), None) => out += &format!(", at least {least} characters"),
        (None, None) => {}
    }
    if !shape.values.is_empty() {
        out += &format!(", one of {}", cut(&shape.values, spelled));
    }
    match &shape.format {
        Format::Named(name) => out += &format!(", format {name}"),
        Format::Properties(keys) => {
            let names: Vec<String> =
                keys.iter().filter(|key| key.alias.is_none()).map(|key| key.name.clone()).collect();
            out += &format!(", \"key=value,…\" with {}", cut(&names, spelled));
        }
        Format::None => {}
    }
    if let Some(default) = &shape.default {
        out += &format!(", default {default}");
    }
    out
}

/// The pattern that a text is held against, as PVE has it, at the end of its line; of a list, that of its elements. A schema
/// for clients can state only patterns that every one of them reads.
fn pattern(shape: &Shape) -> String {
    match (&shape.pattern, &shape.kind) {
        (Some(pattern), _) => format!(", pattern {pattern}"),
        (None, Kind::Array(item)) => pattern(item),
        _ => String::new(),
    }
}

fn cut(words: &[String], most: usize) -> String {
    match words.len().checked_sub(most) {
        Some(more) if more > 0 => format!("{}, … ({more} more)", words[..most].join("|")),
        _ => words.join("|"),
    }
}

/// What the answer holds.
fn reply(shape: &Shape) -> String {
    let fields = |shape: &Shape| match &shape.kind {
        Kind::Object(fields) if !fields.is_empty() => {
            let names: Vec<String> = fields.iter().map(crate::spec::Field::published).collect();
            format!(" of {}", cut(&names, 12))
        }
        _ => String::new(),
    };
    match &shape.kind {
        Kind::Array(item) => format!("list{}", fields(item)),
        Kind::Object(_) => format!("object{}", fields(shape)),
        Kind::Null => "nothing, or a task id (UPID)".to_owned(),
        other => other.to_string(),
    }
}
