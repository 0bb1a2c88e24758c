//! What is taken although no schema says so, and what becomes of arguments that a tool does not have.
//!
//! Models and the programs around them write `"60"` for 60, `101` for `"101"`, `""` and null for what they leave out.
//! Each has one meaning only and is taken for it; what could mean two things is left for the schema to refuse.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{check::short, registry, say::Catalogue, tool::Tool};
use crate::near;

/// What n8n adds to the arguments of every tool.
const ADDED: [&str; 4] = ["sessionId", "action", "chatInput", "toolCallId"];

/// Names that others use for what is called otherwise here, and that do not look alike.
const CALLED: [(&str, &str); 14] = [
    ("id", "vmid"),
    ("ct", "vmid"),
    ("ctid", "vmid"),
    ("container", "vmid"),
    ("vm", "vmid"),
    ("hostname", "name"),
    ("search", "name"),
    ("query", "name"),
    ("filter", "name"),
    ("host", "node"),
    ("state", "status"),
    ("page", "cursor"),
    ("offset", "cursor"),
    ("verbose", "detail"),
];

/// Arguments that a tool does not have.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    /// Those for which the call is refused.
    pub refused: Vec<Stranger>,
    /// Those that are passed over, and told so.
    pub passed_over: Vec<String>,
}

/// An argument that a tool does not have.
#[derive(Debug)]
pub(super) struct Stranger {
    name: String,
    /// The argument that it was probably meant for.
    meant: Option<String>,
}

impl Stranger {
    /// What is wrong with it.
    pub(super) fn say(&self, texts: &Catalogue) -> String {
        let text = texts.unknown_argument(short(&self.name.as_str().into()));
        match &self.meant {
            Some(meant) => format!("{text}; {}", texts.meant(meant)),
            None => text,
        }
    }
}

/// Parts what the tool has from what it does not. An argument that resembles one of ours was meant to say something,
/// and so was any that is given to a tool which changes something: the call is refused. Any other is passed over.
pub(super) fn split(
    tool: &Tool,
    properties: &Value,
    arguments: &Map<String, Value>,
) -> (Map<String, Value>, Strangers) {
    let mut strangers = Strangers::default();
    let mut given = Map::new();
    for (name, value) in arguments.iter().filter(|(_, value)| !value.is_null()) {
        if properties.get(name).is_some() {
            given.insert(name.clone(), value.clone());
        } else if !ADDED.contains(&name.as_str()) {
            let meant = meant(properties, name);
            if meant.is_some() || tool.effect.may_change() || elsewhere(name) {
                strangers.refused.push(Stranger { name: name.clone(), meant });
            } else {
                strangers.passed_over.push(short(&name.as_str().into()));
            }
        }
    }
    (given, strangers)
}

/// Whether another tool has an argument of this name.
fn elsewhere(name: &str) -> bool {
    registry::all().any(|tool| tool.takes(name))
}

/// The argument that this one resembles.
fn meant(properties: &Value, name: &str) -> Option<String> {
    let known: BTreeSet<&str> = properties.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    // `mode` is not a slip of the pen for `node`.
    if elsewhere(name) {
        return None;
    }
    let plain = near::plain(name);
    let called = CALLED.iter().find(|(other, ours)| *other == plain && known.contains(ours)).map(|(_, ours)| *ours);
    called.or_else(|| near::closest(name, known)).map(str::to_owned)
}

/// Reads each value as the type that its property has, where it can mean but one thing.
pub(super) fn read(properties: &Value, given: &mut Map<String, Value>) {
    given.retain(|name, value| {
        let property = &properties[name.as_str()];
        // A whole number may be written as `100.0`, which to JSON Schema is the same.
        if value.is_f64() {
            *value = value.as_f64().map_or(Value::Null, super::table::number);
        }
        let read = match (property["type"].as_str(), &*value) {
            (Some("string"), Value::String(text)) if text.is_empty() => return false,
            (Some("string"), Value::Number(number)) if !number.is_f64() && property.get("enum").is_none() => {
                Some(number.to_string().into())
            }
            (Some("integer"), Value::String(text)) => whole(text),
            (Some("boolean"), Value::String(text)) => truth(text),
            // Some clients send an object as the text that they have written it down as.
            (Some("object"), Value::String(text)) => {
                serde_json::from_str::<Map<String, Value>>(text).ok().map(Value::Object)
            }
            // `["a", "b"]` where a list is one text.
            (Some("string"), Value::Array(words)) if words.iter().all(Value::is_string) => {
                Some(words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",").into())
            }
            _ => None,
        };
        if let Some(read) = read {
            *value = read;
        }
        true
    });
}

/// A whole number as it is written in decimal. `0110` and `0x6e` are also ways to write other numbers.
fn whole(text: &str) -> Option<Value> {
    text.parse::<i64>().ok().filter(|number| number.to_string() == text).map(Value::from)
}

fn truth(text: &str) -> Option<Value> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") {
        Some(true.into())
    } else if is("false") {
        Some(false.into())
    } else {
        None
    }
}
