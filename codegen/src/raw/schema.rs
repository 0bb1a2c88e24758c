//! One published schema: of parameters, of a reply, of a field, of a key of a property string.

use serde_json::{Map, Value};

use super::{flag, keywords, number, unknown};
use crate::{at::At, report::Report};

/// The keywords of one schema, read tolerantly.
#[derive(Clone, Debug, Default)]
pub struct Schema<'t> {
    /// `type`, where it is one word.
    pub kind: Option<&'t str>,
    /// `properties`, by name.
    pub properties: Option<Vec<(&'t str, &'t Value)>>,
    /// `items`.
    pub items: Option<&'t Value>,
    /// `additionalProperties`: whether others are taken; the published rule is yes unless it says no.
    pub open: bool,
    /// `optional`.
    pub optional: bool,
    /// `default`, where it fits the type.
    pub default: Option<String>,
    /// `enum` as text.
    pub values: Vec<String>,
    /// `minimum`.
    pub minimum: Option<f64>,
    /// `maximum`.
    pub maximum: Option<f64>,
    /// `minLength`.
    pub min_length: Option<u32>,
    /// `maxLength`.
    pub max_length: Option<u32>,
    /// `pattern`.
    pub pattern: Option<&'t str>,
    /// `format`: a name or the keys of a property string.
    pub format: Option<&'t Value>,
    /// `requires`.
    pub requires: Option<&'t str>,
    /// `alias`.
    pub alias: Option<&'t str>,
    /// `keyAlias`.
    pub key_alias: Option<&'t str>,
    /// `default_key`.
    pub default_key: bool,
    /// The branches of `oneOf`, `anyOf` (which exclude each other) or `allOf`.
    pub branches: Option<Branches<'t>>,
    /// `description`, on one line; empty in a committed snapshot.
    pub text: String,
    /// The keywords of which nothing is made, with their values; of a reply also whether it is said to be closed.
    pub rare: Vec<(&'static str, String)>,
}

/// Branches of a schema.
#[derive(Clone, Debug)]
pub struct Branches<'t> {
    /// The keyword.
    pub keyword: &'static str,
    /// The schemas.
    pub schemas: Vec<&'t Value>,
}

impl<'t> Schema<'t> {
    /// Reads `value`; keywords that are not known, and values that fit no keyword, are reported.
    pub fn read(value: &'t Value, at: &At<'_>, file: &str, report: &mut Report) -> Self {
        let Some(object) = value.as_object() else {
            if !value.is_null() {
                report.warning(file, at, "a schema is expected here; any value is taken instead");
            }
            return Self { open: true, ..Self::default() };
        };
        unknown(object, &keywords::SCHEMA, at, file, report);
        let mut read = Read { object, at, file, report };
        let (values, properties) = (read.values(), read.properties());
        let (min_length, max_length) = (read.length("minLength"), read.length("maxLength"));
        Self {
            kind: read.kind(),
            properties,
            items: object.get("items"),
            open: object.get("additionalProperties").is_none_or(|v| v.is_object() || flag(Some(v))),
            optional: flag(object.get("optional")),
            default: object.get("default").filter(|d| fits_type(d, object)).map(text_of),
            values,
            minimum: read.number("minimum"),
            maximum: read.number("maximum"),
            min_length,
            max_length,
            pattern: read.text("pattern"),
            format: object.get("format").filter(|f| !f.is_null()),
            requires: read.text("requires"),
            alias: read.text("alias"),
            key_alias: read.text("keyAlias"),
            default_key: flag(object.get("default_key")),
            branches: read.branches(),
            text: prose(object),
            rare: rare(object),
        }
    }
}

struct Read<'t, 'a, 'r> {
    object: &'t Map<String, Value>,
    at: &'a At<'a>,
    file: &'a str,
    report: &'r mut Report,
}

impl<'t> Read<'t, '_, '_> {
    fn kind(&mut self) -> Option<&'t str> {
        match self.object.get("type") {
            None | Some(Value::Null) => None,
            Some(Value::String(kind)) => Some(kind),
            Some(Value::Array(kinds)) => {
                // A list of types: with one besides null it says no more than that one does.
                let mut real = kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null");
                match (real.next(), real.next()) {
                    (Some(kind), None) => Some(kind),
                    _ => {
                        let message = "a choice of types is not told apart; any value is taken";
                        self.report.warning(self.file, self.at.key("type"), message);
                        Some("any")
                    }
                }
            }
            Some(_) => {
                self.odd("type", "a word");
                None
            }
        }
    }

    fn properties(&mut self) -> Option<Vec<(&'t str, &'t Value)>> {
        match self.object.get("properties") {
            None | Some(Value::Null) => None,
            Some(Value::Object(properties)) => {
                let mut properties: Vec<_> = properties.iter().map(|(name, value)| (name.as_str(), value)).collect();
                properties.sort_by_key(|(name, _)| *name);
                Some(properties)
            }
            Some(_) => {
                self.odd("properties", "an object");
                None
            }
        }
    }

    fn values(&mut self) -> Vec<String> {
        match self.object.get("enum") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(values)) => values.iter().map(text_of).collect(),
            Some(_) => {
                self.odd("enum", "a list");
                Vec::new()
            }
        }
    }

    fn number(&mut self, key: &str) -> Option<f64> {
        let value = self.object.get(key).filter(|v| !v.is_null())?;
        let number = number(Some(value));
        if number.is_none() {
            self.odd(key, "a number");
        }
        number
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked first")]
    fn length(&mut self, key: &str) -> Option<u32> {
        let number = self.number(key)?;
        if !(0.0..=f64::from(u32::MAX)).contains(&number) {
            self.odd(key, "a length");
            return None;
        }
        Some(number as u32)
    }

    fn text(&mut self, key: &str) -> Option<&'t str> {
        match self.object.get(key) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => {
                self.odd(key, "text");
                None
            }
        }
    }

    fn branches(&mut self) -> Option<Branches<'t>> {
        for keyword in ["oneOf", "anyOf", "allOf"] {
            match self.object.get(keyword) {
                None | Some(Value::Null) => {}
                Some(Value::Array(schemas)) => return Some(Branches { keyword, schemas: schemas.iter().collect() }),
                Some(_) => self.odd(keyword, "a list"),
            }
        }
        None
    }

    fn odd(&mut self, key: &str, expected: &str) {
        let message = format!("{expected} is expected here; the keyword was not used");
        self.report.warning(self.file, self.at.key(key), message);
    }
}

fn rare(object: &Map<String, Value>) -> Vec<(&'static str, String)> {
    // Of parameters, `additionalProperties` has a place of its own; within them and in replies it has none.
    let keys = keywords::RARE.iter().copied().chain(["additionalProperties"]);
    keys.filter_map(|key| Some((key, object.get(key)?.to_string()))).collect()
}

/// Whether a default fits the type beside it. Published defaults are documentation, and some are prose.
pub fn fits_type(default: &Value, schema: &Map<String, Value>) -> bool {
    let text = default.as_str();
    let numeric = || number(Some(default));
    match schema.get("type").and_then(Value::as_str) {
        Some("boolean") => default.is_boolean() || matches!(text_of(default).as_str(), "0" | "1"),
        Some("integer") => numeric().is_some_and(|n| n.fract() == 0.0),
        Some("number") => numeric().is_some(),
        Some("string") => text.is_some_and(|text| match schema.get("enum").and_then(Value::as_array) {
            Some(values) => values.iter().any(|value| value.as_str() == Some(text)),
            None => !text.contains(char::is_whitespace),
        }),
        Some("array") => default.is_array(),
        Some("object") => default.is_object(),
        _ => text.map_or(!default.is_null(), |text| !text.contains(char::is_whitespace)),
    }
}

/// A scalar as text without quotes, anything else as JSON.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(b) => if *b { "1" } else { "0" }.to_owned(),
        other => other.to_string(),
    }
}

/// The text that PVE publishes for people, on one line; only a file that still carries prose has any.
pub fn prose(object: &Map<String, Value>) -> String {
    let text = object.get("description").and_then(Value::as_str).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
