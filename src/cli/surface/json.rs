//! Endpoints as JSON. What does not hold, or is not limited, is left out.

use proxmox_mcp::tools::Access;
use proxmox_mcp::{
    api,
    spec::{Endpoint, Field, Format, Kind, Param, Shape, SubKey, facts},
};
use serde_json::{Map, Value, json};

use super::Reached;

/// The surface: what was compiled in, and the given endpoints.
pub(super) fn surface(endpoints: &[Reached<'_>]) -> Value {
    json!({
        "release": api::RELEASE,
        "sha256": api::SOURCE_SHA256,
        "releases": api::RELEASES,
        "methods": api::METHODS,
        "endpoints": endpoints.iter().map(|(of, access)| endpoint(of, access)).collect::<Vec<_>>(),
    })
}

fn endpoint(of: &Endpoint, access: &Access) -> Value {
    json!({
        "ai": {"reached": access.closed.is_none(), "why_not": access.closed, "consent": access.consent},
        "method": of.method.as_str(),
        "path": of.path,
        "function": of.function(),
        "name": of.name,
        "described": of.is_described(),
        "summary": of.says(false),
        "summary_es": of.says(true),
        "risk": of.risk.as_str(),
        "tools": of.tools,
        "guest_text": of.guest_text,
        "many_guests": of.many,
        "params": of.params.iter().map(param).collect::<Vec<_>>(),
        "open": of.open,
        "returns": shape(&of.returns),
        "nullable": of.nullable,
        "permission": facts::who(of, false),
        "corrected": of.corrected,
        "protected": of.protected,
        "forwarded_by": of.proxyto,
        "allow_token": of.allow_token,
        "releases": of.releases,
    })
}

fn param(of: &Param) -> Value {
    let mut out = shape(&of.shape);
    put(&mut out, "name", of.published());
    put(&mut out, "in_path", of.in_path);
    put(&mut out, "optional", of.optional);
    put(&mut out, "releases", &of.releases);
    if let Some(other) = &of.requires {
        put(&mut out, "requires", other);
    }
    if !of.type_changed.is_empty() {
        let changed = of.type_changed.iter().map(|(release, kind)| (release.clone(), json!(kind)));
        put(&mut out, "type_in", changed.collect::<Map<_, _>>());
    }
    Value::Object(out)
}

fn field(of: &Field) -> Value {
    let mut out = shape(&of.shape);
    put(&mut out, "name", of.published());
    put(&mut out, "optional", of.optional);
    Value::Object(out)
}

fn sub_key(of: &SubKey) -> Value {
    let mut out = if of.alias.is_some() { Map::new() } else { shape(&of.shape) };
    put(&mut out, "name", &of.name);
    match &of.alias {
        Some(alias) => put(&mut out, "alias", alias),
        None => put(&mut out, "optional", of.optional),
    }
    if let Some(kept) = &of.key_alias {
        put(&mut out, "name_kept_as", kept);
    }
    if of.default_key {
        put(&mut out, "default_key", true);
    }
    Value::Object(out)
}

fn shape(of: &Shape) -> Map<String, Value> {
    let mut out = Map::new();
    put(&mut out, "type", of.kind.as_str());
    match &of.kind {
        Kind::Array(item) => put(&mut out, "items", shape(item)),
        Kind::Object(fields) => put(&mut out, "fields", fields.iter().map(field).collect::<Vec<_>>()),
        _ => {}
    }
    if !of.values.is_empty() {
        put(&mut out, "values", &of.values);
    }
    match &of.format {
        Format::None => {}
        Format::Named(name) => put(&mut out, "format", name),
        Format::Properties(keys) => put(&mut out, "keys", keys.iter().map(sub_key).collect::<Vec<_>>()),
    }
    for (name, limit) in [("minimum", of.minimum), ("maximum", of.maximum)] {
        limit.into_iter().for_each(|limit| put(&mut out, name, number(limit)));
    }
    for (name, limit) in [("min_length", of.min_length), ("max_length", of.max_length)] {
        limit.into_iter().for_each(|limit| put(&mut out, name, limit));
    }
    for (name, text) in [("pattern", &of.pattern), ("default", &of.default)] {
        text.iter().for_each(|text| put(&mut out, name, text));
    }
    out
}

/// A whole number without a point.
#[expect(clippy::cast_possible_truncation, reason = "only for whole numbers that an f64 holds exactly")]
fn number(limit: f64) -> Value {
    if limit.fract() == 0.0 && limit.abs() < 9e15 { json!(limit as i64) } else { json!(limit) }
}

fn put(out: &mut Map<String, Value>, name: &str, value: impl serde::Serialize) {
    out.insert(name.to_owned(), json!(value));
}
