//! describeApi: one method, with all that a call of it needs and no more.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::{
    find::{self, alike},
    gate,
    given::{own, plain, word},
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
pub static TOOL: Tool = Tool {
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
    let mut lines = vec![line(param, usize::MAX)];
    if let Format::Properties(keys) = &param.shape.format {
        lines.extend(keys.iter().filter(|key| key.alias.is_none()).map(|key| {
            let needed = if key.optional { "" } else { ", required" };
            let alone = if key.default_key { ", may stand without its name" } else { "" };
            format!("  {}: {}{needed}{alone}", key.name, shape(&key.shape, usize::MAX))
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
    let mut params: Vec<String> = needed.iter().map(|param| line(param, SPELLED)).collect();
    if optional.len() <= OPTIONAL {
        params.extend(optional.iter().map(|param| line(param, SPELLED)));
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
    let lacking: Vec<&str> =
        api::RELEASES.iter().copied().filter(|r| !endpoint.releases.iter().any(|has| has == r)).collect();
    if !lacking.is_empty() {
        put("notIn", lacking.join(", ").into());
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
    if !lacking.is_empty() {
        lines.push(
            call.either(
                format!("not in PVE {}", lacking.join(", ")),
                format!("no existe en PVE {}", lacking.join(", ")),
            ),
        );
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
fn line(param: &Param, spelled: usize) -> String {
    let mut out = format!("{}: {}", param.published(), shape(&param.shape, spelled));
    if !param.optional {
        out += ", required";
    }
    if let Some(other) = &param.requires {
        out += &format!(", needs {other}");
    }
    out
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

/// Arguments that fit: those that are needed, and no others.
pub(super) fn example(endpoint: &Endpoint) -> Map<String, Value> {
    let needed = endpoint.params.iter().filter(|param| !param.optional);
    needed.map(|param| (param.name.clone(), sample(param))).collect()
}

/// A value that fits a parameter, and that a person would recognise.
fn sample(param: &Param) -> Value {
    let known = match param.name.as_str() {
        "node" | "target" if param.shape.kind == Kind::String => Some(json!("pve1")),
        "vmid" | "newid" => None,
        "upid" => Some(json!("UPID:pve1:000012AB:00345678:65A0B1C2:qmstart:100:root@pam:")),
        "snapname" => Some(json!("before")),
        "storage" => Some(json!("local")),
        "userid" => Some(json!("ops@pve")),
        "tokenid" => Some(json!("ai")),
        "realm" => Some(json!("pve")),
        "groupid" => Some(json!("admins")),
        "roleid" => Some(json!("Operator")),
        "poolid" => Some(json!("shop")),
        _ => None,
    };
    let fits = |value: &Value| crate::spec::verify::check(&param.name, &param.shape, value).is_ok();
    known.into_iter().chain(candidates(&param.shape)).find(fits).unwrap_or_else(|| json!("…"))
}

/// Values to try, the likeliest first.
fn candidates(shape: &Shape) -> Vec<Value> {
    let mut all: Vec<Value> = shape.values.iter().filter(|value| !value.is_empty()).map(|value| json!(value)).collect();
    match &shape.kind {
        Kind::Boolean => all.push(json!(true)),
        Kind::Integer | Kind::Number => {
            let default = shape.default.as_deref().and_then(|text| text.parse::<i64>().ok());
            let least = shape.minimum.map(|least| crate::tools::table::number(least.ceil()));
            all.extend([default.map(Value::from), least, Some(json!(1)), Some(json!(100))].into_iter().flatten());
        }
        Kind::Array(item) => all.extend(candidates(item).into_iter().map(|item| json!([item]))),
        Kind::Object(_) => all.push(json!({})),
        Kind::String | Kind::Any | Kind::Null => {
            if let Format::Properties(keys) = &shape.format {
                let needed = keys.iter().filter(|key| !key.optional && key.alias.is_none());
                let pair = |key: &crate::spec::SubKey| {
                    let value = candidates(&key.shape)
                        .into_iter()
                        .find(|v| crate::spec::verify::check("", &key.shape, v).is_ok());
                    format!("{}={}", key.name, value.map_or_else(String::new, |v| plain(&v)))
                };
                all.push(json!(needed.map(pair).collect::<Vec<_>>().join(",")));
            }
            all.extend(TEXTS.iter().map(|text| json!(text)));
        }
    }
    all
}

/// Texts of the forms that PVE asks for.
const TEXTS: [&str; 29] = [
    "example",
    "pve1",
    "100",
    "local",
    "local:iso/debian.iso",
    "vmbr0",
    "192.0.2.10",
    "192.0.2.0/24",
    "00000000-0000-0000-0000-000000000001",
    "ops@pve",
    "example.com",
    "https://example.com/",
    "AA:BB:CC:DD:EE:FF",
    "scsi0",
    "10",
    "1G",
    "/mnt/data",
    "sun 01:00",
    "/dev/sdb",
    "a1b2c3d4",
    "65000",
    "2001:db8::1",
    "x@y.example",
    "vm:100",
    "100-0",
    "pve4c-0123456789",
    "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89",
    "0000:01:00.0",
    "8086:1234",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::verify;

    #[test]
    fn the_example_of_every_method_is_what_pve_would_take() {
        let mut wrong = Vec::new();
        for endpoint in api::endpoints() {
            if let Err(refusals) = verify::verify(endpoint, example(endpoint)) {
                let first = refusals.first().map(|r| format!("{}: {}", r.param, r.text().trim_end()));
                wrong.push(format!("{} {:?} {}", endpoint.at(), first, Value::from(example(endpoint))));
            }
        }
        assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), api::METHODS);
    }
}
