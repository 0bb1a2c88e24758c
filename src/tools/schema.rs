//! The schemas of the tools: input narrowed from the generated one and annotated by hand, output by hand.
//!
//! Both keep to the subset that every client takes: an object at the root, no references, no unions, no formats.
//! Output schemas are open and name what is always of that type; a client drops a result that does not match.

use serde_json::{Map, Value, json};

use super::{
    catalog::{Action, Kind, ToolSpec},
    lang::{Catalogue, Lang},
};

/// Seconds that a call waits for a task when it does not say. PVE itself gives a guest 60 to shut down: who waits less
/// never hears that it did not listen.
pub const TIMEOUT_DEFAULT: u64 = 75;
/// Rows of a list when the call does not say.
pub const LIMIT_DEFAULT: usize = 100;

/// What of a property a model is shown. The other constraints are held all the same, and a message says what they are;
/// shown twelve times, they would only cost tokens.
const SHOWN: [&str; 4] = ["type", "enum", "default", "description"];

/// The input schema of a tool as it is listed, with descriptions in the language of `texts`.
pub fn input(tool: &ToolSpec, texts: &Catalogue) -> Map<String, Value> {
    let mut properties = properties(tool, texts);
    for property in properties.values_mut().filter_map(Value::as_object_mut) {
        property.retain(|key, _| SHOWN.contains(&key.as_str()));
    }
    let mut schema = object(json!({"type": "object", "properties": properties}));
    if tool.action.changes() {
        // A tool that only reads passes over what it does not know.
        schema.insert("additionalProperties".to_owned(), false.into());
    }
    schema
}

/// The input schema that arguments are held against: with every constraint, and nothing unknown.
pub fn strict(tool: &ToolSpec) -> Value {
    json!({"type": "object", "properties": properties(tool, Lang::En.texts()), "additionalProperties": false})
}

fn properties(tool: &ToolSpec, texts: &Catalogue) -> Map<String, Value> {
    let generated = crate::spec::schema::input(&tool.schema, crate::api::RELEASE);
    let mut shown = Properties { generated: &generated["properties"], out: Map::new() };
    match tool.action {
        Action::List => list(&mut shown, texts),
        action => target(&mut shown, action, texts),
    }
    match tool.action {
        Action::List => {}
        Action::Get => shown.own("detail", json!({"type": "string", "enum": ["full"]}), texts.p_detail),
        Action::Start => wait(&mut shown, texts),
        Action::Stop => {
            shown.own("mode", json!({"type": "string", "enum": ["stop", "shutdown"], "default": "stop"}), "");
            shown.own("overruleShutdown", json!({"type": "boolean"}), "");
            wait(&mut shown, texts);
        }
        Action::Restart => {
            if tool.kind == Kind::Vm {
                shown.own("mode", json!({"type": "string", "enum": ["reboot", "reset"], "default": "reboot"}), "");
            }
            wait(&mut shown, texts);
        }
        Action::Delete => delete(tool, &mut shown, texts),
    }
    shown.out
}

fn list(shown: &mut Properties<'_>, texts: &Catalogue) {
    shown.generated("node", "node", "");
    shown.own("status", json!({"type": "string", "enum": ["running", "stopped", "paused", "unknown"]}), "");
    shown.own("tag", json!({"type": "string"}), "");
    shown.own("pool", json!({"type": "string"}), "");
    shown.own("name", json!({"type": "string"}), texts.p_list_name);
    shown.own("limit", json!({"type": "integer", "minimum": 1, "maximum": 500, "default": LIMIT_DEFAULT}), "");
    shown.own("cursor", json!({"type": "string"}), texts.p_cursor);
    shown.own("detail", json!({"type": "string", "enum": ["full"]}), texts.p_detail);
}

fn target(shown: &mut Properties<'_>, action: Action, texts: &Catalogue) {
    shown.generated("vmid", "vmid", texts.p_vmid);
    shown.own("name", json!({"type": "string"}), "");
    // Said once to whoever reads the tools; the instructions say it of all.
    shown.generated("node", "node", if action == Action::Get { texts.p_node } else { "" });
}

fn wait(shown: &mut Properties<'_>, texts: &Catalogue) {
    shown.own("wait", json!({"type": "boolean", "default": true}), "");
    let range = json!({"type": "integer", "minimum": 1, "maximum": 3600, "default": TIMEOUT_DEFAULT});
    shown.own("timeout", range, texts.p_timeout);
}

fn delete(tool: &ToolSpec, shown: &mut Properties<'_>, texts: &Catalogue) {
    shown.generated("purge", "purge", texts.p_purge);
    shown.generated("destroyUnreferencedDisks", "destroy-unreferenced-disks", "");
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
    /// Takes a generated property, under a name of ours and with our description.
    fn generated(&mut self, name: &str, generated: &str, text: &str) {
        self.own(name, self.generated[generated].clone(), text);
    }

    /// Takes a property that the tool adds. One whose name says all has no description.
    fn own(&mut self, name: &str, schema: Value, text: &str) {
        let mut schema = object(schema);
        schema.remove("description");
        if !text.is_empty() {
            schema.insert("description".to_owned(), text.into());
        }
        self.out.insert(name.to_owned(), Value::Object(schema));
    }
}

/// The output schema of a tool. What is not always there, or needs no name to be understood, is left to the result.
pub fn output(tool: &ToolSpec) -> Map<String, Value> {
    let (string, integer) = (json!({"type": "string"}), json!({"type": "integer"}));
    object(match tool.action {
        Action::List => json!({
            "type": "object",
            "properties": {
                "guests": {"type": "array", "items": {"type": "object", "properties": {
                    "vmid": integer, "name": string, "node": string, "status": string, "cpus": {"type": "number"},
                    "memMiB": integer, "tags": string,
                }}},
                "total": integer,
                "cursor": string,
            },
        }),
        Action::Get => json!({
            "type": "object",
            "properties": {
                "status": string, "live": {"type": "object"}, "config": {"type": "object"}, "pending": {"type": "object"},
            },
        }),
        _ => json!({
            "type": "object",
            "properties": {
                "outcome": string, "status": string, "upid": string, "detail": string,
            },
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

/// Results held against the output schemas, whatever PVE sends.
#[cfg(test)]
pub(super) mod checked {
    use proptest::prelude::*;

    use super::*;
    use crate::tools::catalog::by_name;

    /// Values as PVE and its oddities send them, and some that were never seen.
    pub fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            Just(json!("1.5")),
            Just(json!("virtio=AA,bridge=vmbr0")),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-z]{1,6}", inner, 0..3)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// What a client that checks results would throw this one away for.
    pub fn wrong(tool: &str, facts: &Value) -> Vec<String> {
        let schema = Value::Object(output(by_name(tool).expect("a tool")));
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        validator.iter_errors(facts).map(|e| e.to_string()).collect()
    }
}
