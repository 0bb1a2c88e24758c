//! The schemas of the tools: input narrowed from the generated one and annotated by hand, output by hand.
//!
//! Both keep to the subset that every client takes: an object at the root, no references, no unions, no formats.
//! Output schemas are open and name what is always of that type; a client drops a result that does not match.

use serde_json::{Map, Value, json};

use super::{
    catalog::{Action, Kind, ToolSpec},
    lang::{Catalogue, Lang},
    tool::Tool,
};
use crate::spec::{self, Id, Param, Shape};

/// Seconds that a call waits for a task when it does not say. PVE itself gives a guest 60 to shut down: who waits less
/// never hears that it did not listen.
pub const TIMEOUT_DEFAULT: u64 = 75;
/// Rows of a list when the call does not say.
pub const LIMIT_DEFAULT: usize = 100;

/// An argument of a tool, as a parameter of the model, with our description of it.
pub(super) type Argument = (Param, &'static str);

/// What of a property a model is shown. The other constraints are held all the same, and a message says what they are;
/// shown twelve times, they would only cost tokens.
const SHOWN: [&str; 4] = ["type", "enum", "default", "description"];

/// The input schema of a tool as it is listed, with descriptions in the language of `texts`.
pub fn input(tool: &Tool, texts: &Catalogue) -> Map<String, Value> {
    let mut properties = properties(tool, texts);
    for property in properties.values_mut().filter_map(Value::as_object_mut) {
        property.retain(|key, _| SHOWN.contains(&key.as_str()));
    }
    let mut schema = object(json!({"type": "object", "properties": properties}));
    if tool.effect.may_change() {
        // A tool that only reads passes over what it does not know.
        schema.insert("additionalProperties".to_owned(), false.into());
    }
    schema
}

/// What the arguments of a tool are held against.
pub(super) fn params(tool: &Tool) -> Vec<Param> {
    (tool.input)(Lang::En.texts()).into_iter().map(|(param, _)| param).collect()
}

/// The same as a schema: with every constraint, and nothing unknown.
pub fn strict(tool: &Tool) -> Value {
    json!({"type": "object", "properties": properties(tool, Lang::En.texts()), "additionalProperties": false})
}

fn properties(tool: &Tool, texts: &Catalogue) -> Map<String, Value> {
    let property = |(param, text): Argument| {
        let mut schema = object(spec::schema::argument(&param));
        // One whose name says all has no description.
        schema.remove("description");
        if !text.is_empty() {
            schema.insert("description".to_owned(), text.into());
        }
        (param.name, Value::Object(schema))
    };
    (tool.input)(texts).into_iter().map(property).collect()
}

/// The arguments of a tool for guests.
pub(super) fn arguments(tool: &ToolSpec, texts: &Catalogue) -> Vec<Argument> {
    let mut shown = Arguments { endpoint: tool.schema, out: Vec::new() };
    match tool.action {
        Action::List => list(&mut shown, texts),
        action => target(&mut shown, action, texts),
    }
    match tool.action {
        Action::List => {}
        Action::Get => shown.own("detail", choice(&["full"], ""), texts.p_detail),
        Action::Start => wait(&mut shown, texts),
        Action::Stop => {
            shown.own("mode", choice(&["stop", "shutdown"], "stop"), "");
            shown.own("overruleShutdown", flag(""), "");
            wait(&mut shown, texts);
        }
        Action::Restart => {
            if tool.kind == Kind::Vm {
                shown.own("mode", choice(&["reboot", "reset"], "reboot"), "");
            }
            wait(&mut shown, texts);
        }
        Action::Delete => delete(tool, &mut shown, texts),
    }
    shown.out
}

fn list(shown: &mut Arguments, texts: &Catalogue) {
    shown.generated("node", "node", "");
    shown.own("status", choice(&["running", "stopped", "paused", "unknown"], ""), "");
    shown.own("tag", text(), "");
    shown.own("pool", text(), "");
    shown.own("name", text(), texts.p_list_name);
    shown.own("template", flag(""), "");
    shown.own("sort", choice(&["cpu", "memory"], ""), "");
    shown.own("limit", whole(1.0, 500.0, LIMIT_DEFAULT), "");
    shown.own("cursor", text(), texts.p_cursor);
    shown.own("detail", choice(&["full"], ""), texts.p_detail);
}

fn target(shown: &mut Arguments, action: Action, texts: &Catalogue) {
    shown.generated("vmid", "vmid", texts.p_vmid);
    shown.own("name", text(), "");
    // Said once to whoever reads the tools; the instructions say it of all.
    shown.generated("node", "node", if action == Action::Get { texts.p_node } else { "" });
}

fn wait(shown: &mut Arguments, texts: &Catalogue) {
    shown.own("wait", flag("1"), "");
    let range = whole(1.0, 3600.0, TIMEOUT_DEFAULT);
    shown.own("timeout", range, texts.p_timeout);
}

fn delete(tool: &ToolSpec, shown: &mut Arguments, texts: &Catalogue) {
    shown.generated("purge", "purge", texts.p_purge);
    shown.generated("destroyUnreferencedDisks", "destroy-unreferenced-disks", "");
    if tool.kind == Kind::Ct {
        shown.generated("force", "force", texts.p_force);
    }
    shown.own("confirm", text(), texts.p_confirm);
    wait(shown, texts);
}

/// Arguments of a tool on their way into a list.
struct Arguments {
    endpoint: Id,
    out: Vec<Argument>,
}

impl Arguments {
    /// Takes a parameter of the endpoint, under a name of ours and with our description.
    fn generated(&mut self, name: &str, generated: &str, text: &'static str) {
        if let Some(param) = self.endpoint.param(generated) {
            self.out.push((Param { name: name.to_owned(), ..param.clone() }, text));
        }
    }

    /// Takes an argument that the tool adds.
    fn own(&mut self, name: &str, shape: Shape, text: &'static str) {
        self.out.push((Param { shape, ..Param::plain(name) }, text));
    }
}

pub(super) fn text() -> Shape {
    Shape { kind: spec::Kind::String, ..Shape::default() }
}

pub(super) fn choice(values: &[&str], default: &str) -> Shape {
    Shape { values: values.iter().map(|&value| value.to_owned()).collect(), default: given(default), ..text() }
}

pub(super) fn flag(default: &str) -> Shape {
    Shape { kind: spec::Kind::Boolean, default: given(default), ..Shape::default() }
}

pub(super) fn whole(least: f64, most: f64, default: impl ToString) -> Shape {
    let (minimum, maximum) = (Some(least), Some(most));
    Shape { kind: spec::Kind::Integer, minimum, maximum, default: given(&default.to_string()), ..Shape::default() }
}

fn given(default: &str) -> Option<String> {
    (!default.is_empty()).then(|| default.to_owned())
}

/// The output schema of a tool for guests. What is not always there, or needs no name to be understood, is left to the
/// result.
pub(super) fn output(action: Action) -> Value {
    let (string, integer) = (json!({"type": "string"}), json!({"type": "integer"}));
    match action {
        Action::List => json!({
            "type": "object",
            "properties": {
                "guests": {"type": "array", "items": {"type": "object", "properties": {
                    "vmid": integer, "name": string, "node": string, "status": string,
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
    }
}

/// The map of a JSON object.
pub(super) fn object(value: Value) -> Map<String, Value> {
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
        let schema = (by_name(tool).expect("a tool").output)();
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        validator.iter_errors(facts).map(|e| e.to_string()).collect()
    }
}
