//! What the schemas of tools are made of. Input is narrowed from the generated one and annotated by hand, output is written
//! by hand; each stands with its tool.
//!
//! Both keep to the subset that every client takes: an object at the root, no references, no unions, no formats.
//! Output schemas are open and name what is always of that type; a client drops a result that does not match.

use serde_json::{Map, Value, json};

use super::say::Catalogue;
use crate::spec::{self, Id, Param, Shape};

/// Seconds that a call waits for a task when it does not say. PVE itself gives a guest 60 to shut down: who waits less
/// never hears that it did not listen.
pub(super) const TIMEOUT_DEFAULT: u64 = 75;
/// Rows of a list when the call does not say.
pub(super) const LIMIT_DEFAULT: usize = 100;

/// An argument of a tool, as a parameter of the model, with our description of it.
pub(super) type Argument = (Param, &'static str);

/// Arguments of a tool on their way into a list.
pub(super) struct Arguments {
    endpoint: Id,
    pub out: Vec<Argument>,
}

impl Arguments {
    /// None yet; what the tool shares with PVE is narrowed from the parameters of this endpoint.
    pub(super) fn of(endpoint: Id) -> Self {
        Self { endpoint, out: Vec::new() }
    }

    /// Which guest.
    pub(super) fn target(&mut self, node: &'static str, texts: &Catalogue) {
        self.generated("vmid", "vmid", texts.p_vmid());
        self.own("name", text(), "");
        self.generated("node", "node", node);
    }

    /// Which guest, without words.
    pub(super) fn guest(&mut self) {
        self.generated("vmid", "vmid", "");
        self.own("name", text(), "");
    }

    /// Whether and how long to wait, without words.
    pub(super) fn waiting(&mut self) {
        self.own("wait", flag("1"), "");
        self.own("timeout", whole(1.0, 3600.0, TIMEOUT_DEFAULT), "");
    }

    /// Whether and how long to wait.
    pub(super) fn wait(&mut self, texts: &Catalogue) {
        self.own("wait", flag("1"), "");
        self.own("timeout", whole(1.0, 3600.0, TIMEOUT_DEFAULT), texts.p_timeout());
    }

    /// Takes a parameter of the endpoint, under a name of ours and with our description.
    pub(super) fn generated(&mut self, name: &str, generated: &str, text: &'static str) {
        if let Some(param) = self.endpoint.param(generated) {
            self.out.push((Param { name: name.to_owned(), ..param.clone() }, text));
        }
    }

    /// Takes an argument that the tool adds.
    pub(super) fn own(&mut self, name: &str, shape: Shape, text: &'static str) {
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

/// The output schema of a tool that changes something. What is not always there, or needs no name to be understood, is left to
/// the result.
pub(super) fn report() -> Value {
    let string = json!({"type": "string"});
    json!({
        "type": "object",
        "properties": {"outcome": string, "status": string, "upid": string, "detail": string},
    })
}

/// The same of a tool after which a guest has no other state: its sentences say the rest.
pub(super) fn told() -> Value {
    let string = json!({"type": "string"});
    json!({"type": "object", "properties": {"outcome": string, "detail": string}})
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

    /// Values as PVE and its oddities send them, and some that were never seen.
    pub(crate) fn any_value() -> impl Strategy<Value = Value> {
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
    pub(crate) fn wrong(schema: &Value, facts: &Value) -> Vec<String> {
        let validator = jsonschema::validator_for(schema).expect("a schema");
        validator.iter_errors(facts).map(|e| e.to_string()).collect()
    }
}
