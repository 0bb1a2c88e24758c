//! What is shown where no tool answers, as JSON Schema.

use serde_json::{Value, json};

fn string() -> Value {
    json!({"type": "string"})
}

fn fields(properties: Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": required})
}

/// Any object.
pub(crate) fn object() -> Value {
    json!({"type": "object"})
}

/// Text.
pub(crate) fn text() -> Value {
    string()
}

/// What a probe says.
pub(crate) fn status() -> Value {
    fields(json!({"status": string()}), &["status"])
}

/// What this server is.
pub(crate) fn index() -> Value {
    fields(json!({"name": string(), "version": string()}), &["name", "version"])
}

/// The tools.
pub(crate) fn tools() -> Value {
    fields(json!({"tools": {"type": "array", "items": {"type": "object"}}}), &["tools"])
}

/// The nodes.
pub(crate) fn nodes() -> Value {
    let number = json!({"type": "number"});
    let integer = json!({"type": "integer"});
    let node = fields(
        json!({"node": string(), "status": string(), "cpu": number, "cpus": integer, "memMiB": integer,
            "maxMemMiB": integer, "upSec": integer}),
        &["node", "status"],
    );
    fields(json!({"nodes": {"type": "array", "items": node}, "hidden": integer}), &["nodes"])
}

/// A task.
pub(crate) fn task() -> Value {
    let outcome = json!({"type": "string", "enum": ["running", "done", "warnings", "failed"]});
    fields(
        json!({"upid": string(), "node": string(), "type": string(), "user": string(), "status": string(),
            "started": {"type": "integer"}, "outcome": outcome, "detail": string()}),
        &["upid", "node", "status", "outcome"],
    )
}

/// What was compiled in.
pub(crate) fn info() -> Value {
    fields(
        json!({"name": string(), "version": string(), "protocolVersions": {"type": "array", "items": string()},
            "pveSchema": string(), "tools": {"type": "integer"}}),
        &["name", "version"],
    )
}
