//! The shape of a value: of a parameter, of a reply, of a part of either.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One field of an object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Name; of an indexed family the stem.
    pub name: String,
    /// Whether it is a family.
    pub indexed: bool,
    /// Whether the schema lets it be missing.
    pub optional: bool,
    /// Its type.
    pub shape: Shape,
}

impl Field {
    /// The name as PVE publishes it: `net[n]` for a family.
    pub fn published(&self) -> String {
        published(&self.name, self.indexed)
    }
}

pub(super) fn published(name: &str, indexed: bool) -> String {
    if indexed { format!("{name}[n]") } else { name.to_owned() }
}

/// A type with its constraints.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// Kind of value.
    pub kind: Kind,
    /// Allowed values; empty when any is.
    pub values: Vec<String>,
    /// Least number.
    pub minimum: Option<f64>,
    /// Greatest number.
    pub maximum: Option<f64>,
    /// Least length in characters.
    pub min_length: Option<u32>,
    /// Greatest length in characters.
    pub max_length: Option<u32>,
    /// Pattern as published (Perl).
    pub pattern: Option<String>,
    /// Format of a string.
    pub format: Format,
    /// Documented default as text, only where it fits the type.
    pub default: Option<String>,
    /// PVE's own text, when the source carries it; empty in a committed snapshot.
    pub text: String,
}

/// Kinds of value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Nothing.
    Null,
    /// `1` or `0` on the wire.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Text.
    String,
    /// A list.
    Array(Box<Shape>),
    /// An object; with no fields, an opaque one.
    Object(Vec<Field>),
    /// Anything.
    #[default]
    Any,
}

impl Kind {
    /// The schema's own word for the kind.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
            Self::Any => "any",
        }
    }
}

impl fmt::Display for Kind {
    /// As [`Kind::as_str`], with what a list holds: `array<string>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Array(item) => write!(f, "array<{}>", item.kind),
            other => f.write_str(other.as_str()),
        }
    }
}

/// Format of a string.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// None is named.
    #[default]
    None,
    /// One with a name.
    Named(String),
    /// A property string with these keys, by name.
    Properties(Vec<SubKey>),
}

/// One key of a property string.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubKey {
    /// Its name.
    pub name: String,
    /// Whether its value may stand without `name=`.
    pub default_key: bool,
    /// Whether it may be left out.
    pub optional: bool,
    /// The key that it is another name for; its shape then says nothing.
    pub alias: Option<String>,
    /// The key that keeps the name which was used.
    pub key_alias: Option<String>,
    /// Its type.
    pub shape: Shape,
}
