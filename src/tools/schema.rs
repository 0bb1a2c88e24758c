//! The schemas of the tools: input narrowed from the generated one and annotated by hand, output by hand.
//!
//! Both keep to the subset that every client takes: an object at the root, no references, no unions, no formats.
//! Output schemas are open and name what is always of that type; a client drops a result that does not match.

use serde_json::{Map, Value, json};

use super::{
    catalog::{Action, Kind, ToolSpec},
    lang::Catalogue,
};

/// Seconds that a call waits for a task when it does not say; several clients give up at 60.
pub const TIMEOUT_DEFAULT: u64 = 45;
/// Rows of a list when the call does not say.
pub const LIMIT_DEFAULT: usize = 100;

/// What of a generated property is shown. Patterns and lengths are left to the typed arguments, whose message says
/// more and costs no tokens.
const KEPT: [&str; 4] = ["type", "enum", "minimum", "maximum"];

/// The input schema of a tool, with descriptions in the language of `texts`.
pub fn input(tool: &ToolSpec, texts: &Catalogue) -> Map<String, Value> {
    let generated: Value = serde_json::from_str(tool.schema.input_schema).unwrap_or_default();
    let mut shown = Properties { generated: &generated["properties"], out: Map::new() };
    match tool.action {
        Action::List => list(&mut shown, texts),
        _ => target(&mut shown, texts),
    }
    match tool.action {
        Action::List => {}
        Action::Get => shown.own("detail", json!({"type": "string", "enum": ["full"]}), texts.p_detail),
        Action::Start => wait(&mut shown, texts),
        Action::Stop => {
            shown.own("mode", json!({"type": "string", "enum": ["stop", "shutdown"]}), texts.p_mode_stop);
            wait(&mut shown, texts);
        }
        Action::Restart => {
            if tool.kind == Kind::Vm {
                shown.own("mode", json!({"type": "string", "enum": ["reboot", "reset"]}), texts.p_mode_restart);
            }
            wait(&mut shown, texts);
        }
        Action::Delete => delete(tool, &mut shown, texts),
    }
    object(json!({"type": "object", "properties": shown.out, "additionalProperties": false}))
}

fn list(shown: &mut Properties<'_>, texts: &Catalogue) {
    shown.generated("node", "node", texts.p_list_node);
    shown.own("status", json!({"type": "string", "enum": ["running", "stopped", "paused", "unknown"]}), texts.p_status);
    shown.own("tag", json!({"type": "string"}), texts.p_tag);
    shown.own("pool", json!({"type": "string"}), texts.p_pool);
    shown.own("name", json!({"type": "string"}), texts.p_list_name);
    shown.own("limit", json!({"type": "integer", "minimum": 1, "maximum": 500}), texts.p_limit);
    shown.own("cursor", json!({"type": "string"}), texts.p_cursor);
    shown.own("detail", json!({"type": "string", "enum": ["full"]}), texts.p_detail);
}

fn target(shown: &mut Properties<'_>, texts: &Catalogue) {
    shown.generated("vmid", "vmid", texts.p_vmid);
    shown.own("name", json!({"type": "string"}), texts.p_name);
    shown.generated("node", "node", texts.p_node);
}

fn wait(shown: &mut Properties<'_>, texts: &Catalogue) {
    shown.own("wait", json!({"type": "boolean"}), texts.p_wait);
    let range = json!({"type": "integer", "minimum": 1, "maximum": 3600, "default": TIMEOUT_DEFAULT});
    shown.own("timeout", range, texts.p_timeout);
}

fn delete(tool: &ToolSpec, shown: &mut Properties<'_>, texts: &Catalogue) {
    shown.generated("purge", "purge", texts.p_purge);
    shown.generated("destroyUnreferencedDisks", "destroy-unreferenced-disks", texts.p_unreferenced);
    if tool.kind == Kind::Ct {
        shown.generated("force", "force", texts.p_force);
    }
    shown.own("confirm", json!({"type": "string"}), texts.p_confirm);
    wait(shown, texts);
}

/// Properties on their way into a schema.
struct Properties<'a> {
    generated: &'a Value,
    out: Map<String, Value>,
}

impl Properties<'_> {
    /// Shows a generated property, under a name of ours.
    fn generated(&mut self, name: &str, generated: &str, text: &str) {
        let kept = self.generated[generated].as_object().into_iter().flatten();
        let kept = kept.filter(|(key, _)| KEPT.contains(&key.as_str())).map(|(k, v)| (k.clone(), v.clone()));
        self.own(name, Value::Object(kept.collect()), text);
    }

    /// Shows a property that the tool adds.
    fn own(&mut self, name: &str, schema: Value, text: &str) {
        let mut schema = object(schema);
        schema.insert("description".to_owned(), text.into());
        self.out.insert(name.to_owned(), Value::Object(schema));
    }
}

/// The output schema of a tool.
pub fn output(tool: &ToolSpec) -> Map<String, Value> {
    let (string, integer) = (json!({"type": "string"}), json!({"type": "integer"}));
    object(match tool.action {
        Action::List => json!({
            "type": "object",
            "properties": {
                "guests": {"type": "array", "items": {"type": "object", "properties": {
                    "vmid": integer, "name": string, "node": string, "status": string, "cpus": {"type": "number"},
                    "memMiB": integer, "upSec": integer, "tags": string,
                }}},
                "total": integer,
                "cursor": string,
            },
            "required": ["guests", "total"],
        }),
        Action::Get => json!({
            "type": "object",
            "properties": {
                "vmid": integer, "node": string, "status": string,
                "live": {"type": "object"}, "config": {"type": "object"}, "pending": {"type": "object"},
            },
            "required": ["vmid", "node", "status", "config"],
        }),
        _ => json!({
            "type": "object",
            "properties": {
                "outcome": string, "vmid": integer, "node": string, "status": string, "upid": string,
                "seconds": {"type": "number"}, "detail": string,
            },
            "required": ["outcome", "vmid"],
        }),
    })
}

/// The map of a JSON object.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
