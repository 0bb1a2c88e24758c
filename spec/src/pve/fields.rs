//! Reading the objects of replies: each field leniently, nothing lost.
//!
//! The generated reply types read themselves from [`Fields`]. What a field cannot hold (a text where a number should
//! be) stays in `extra`, so that one odd value loses neither itself nor the rest of a reply.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{bool_or_int, float, integer, scalar, text};

/// The fields of one object that nobody has read yet.
#[derive(Debug, Default)]
pub struct Fields(Map<String, Value>);

/// A field without which a reply is of no use is missing or of another shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    name: &'static str,
    why: &'static str,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the field `{}` {}", self.name, self.why)
    }
}

impl std::error::Error for FieldError {}

/// A reply type that reads itself from the fields of an object.
pub trait FromFields: Sized {
    /// Takes what it knows and keeps the rest.
    ///
    /// # Errors
    /// When one of the few fields is missing without which it makes no sense.
    fn read(fields: &mut Fields) -> Result<Self, FieldError>;
}

/// Reads a [`FromFields`] for its `Deserialize`.
///
/// # Errors
/// When the value is no object, or as [`FromFields::read`].
pub fn record<'de, D: Deserializer<'de>, T: FromFields>(d: D) -> Result<T, D::Error> {
    T::read(&mut Fields(Map::deserialize(d)?)).map_err(serde::de::Error::custom)
}

impl Fields {
    /// Takes the field if `read` can make something of it. Null is taken as absent.
    fn take<T>(&mut self, name: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        self.take_whole(name, |value| read(&value).ok_or(value))
    }

    /// The same with the value itself, which `read` gives back when it can make nothing of it.
    fn take_whole<T>(&mut self, name: &str, read: impl FnOnce(Value) -> Result<T, Value>) -> Option<T> {
        let (name, value) = self.0.remove_entry(name)?;
        match read(value) {
            Ok(taken) => return Some(taken),
            Err(Value::Null) => {}
            Err(value) => {
                self.0.insert(name, value);
            }
        }
        None
    }

    /// A field that must be there, with a type of its own.
    ///
    /// # Errors
    /// When it is missing or of another shape.
    pub fn key<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, FieldError> {
        let there = self.0.contains_key(name);
        let why = if there { "has an unexpected value" } else { "is missing" };
        self.take(name, |v| T::deserialize(v).ok()).ok_or(FieldError { name, why })
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// When it is missing or no scalar.
    pub fn key_text(&mut self, name: &'static str) -> Result<String, FieldError> {
        self.text(name).ok_or(FieldError { name, why: "is missing or no text" })
    }

    /// A boolean, see [`bool_or_int`].
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        self.take(name, scalar::bool_of)
    }

    /// A whole number, see [`integer`].
    pub fn integer(&mut self, name: &str) -> Option<i64> {
        self.take(name, scalar::integer_of)
    }

    /// A number, see [`float`].
    pub fn float(&mut self, name: &str) -> Option<f64> {
        self.take(name, scalar::float_of)
    }

    /// A text, see [`text`].
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.take_whole(name, scalar::text_of)
    }

    /// A text with a form of its own, or a number that is written like one: a node name, a VMID.
    pub fn parsed<T: FromStr>(&mut self, name: &str) -> Option<T> {
        self.take(name, |v| match v {
            Value::String(s) => s.parse().ok(),
            other => scalar::text_of(other.clone()).ok()?.parse().ok(),
        })
    }

    /// Anything.
    pub fn value(&mut self, name: &str) -> Option<Value> {
        self.take_whole(name, |v| if v.is_null() { Err(v) } else { Ok(v) })
    }

    /// An object of which the schema says no more.
    pub fn map(&mut self, name: &str) -> Option<Map<String, Value>> {
        self.take_whole(name, |v| match v {
            Value::Object(map) => Ok(map),
            other => Err(other),
        })
    }

    /// An object.
    pub fn record<T: FromFields>(&mut self, name: &str) -> Option<T> {
        self.take(name, |v| T::read(&mut Fields(v.as_object()?.clone())).ok())
    }

    /// A list of objects; empty when it is missing.
    pub fn records<T: FromFields>(&mut self, name: &str) -> Vec<T> {
        let read = |v: &Value| T::read(&mut Fields(v.as_object()?.clone())).ok();
        self.take(name, |v| v.as_array()?.iter().map(read).collect()).unwrap_or_default()
    }

    /// A list of texts; empty when it is missing.
    pub fn texts(&mut self, name: &str) -> Vec<String> {
        self.take(name, |v| v.as_array()?.iter().map(|v| text(v).ok().flatten()).collect()).unwrap_or_default()
    }

    /// A list of anything; empty when it is missing.
    pub fn values(&mut self, name: &str) -> Vec<Value> {
        let list = self.take_whole(name, |v| match v {
            Value::Array(list) => Ok(list),
            other => Err(other),
        });
        list.unwrap_or_default()
    }

    /// What nobody took.
    pub fn rest(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.0)
    }
}

/// The members `name0`, `name1`, … of an indexed family among the fields that a reply type keeps in `extra`, by index.
pub fn members<'a>(extra: &'a Map<String, Value>, stem: &str) -> Vec<(u32, &'a Value)> {
    let index = |key: &str| key.strip_prefix(stem).filter(|i| !i.is_empty() && !i.starts_with('+'))?.parse().ok();
    let mut members: Vec<_> = extra.iter().filter_map(|(key, value)| Some((index(key)?, value))).collect();
    members.sort_by_key(|(index, _)| *index);
    members
}

macro_rules! scalar {
    ($(#[$doc:meta])* $name:ident($inner:ty) = $read:path) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name(pub $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let value = $read(d)?;
                value.map(Self).ok_or_else(|| serde::de::Error::custom(concat!("no ", stringify!($inner), " can be read")))
            }
        }
    };
}
scalar!(
    /// A reply that is one whole number, which PVE may send as text (`GET /cluster/nextid`).
    Whole(i64) = integer
);
scalar!(
    /// A reply that is one number.
    Real(f64) = float
);
scalar!(
    /// A reply that is one boolean.
    Truth(bool) = bool_or_int
);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        Fields(value.as_object().cloned().unwrap_or_default())
    }

    #[test]
    fn what_cannot_be_read_is_kept() {
        let mut f = fields(json!({"cpus": "2", "mem": "lots", "swap": null, "lock": "backup"}));
        assert_eq!(
            (f.integer("cpus"), f.integer("mem"), f.integer("swap"), f.integer("none")),
            (Some(2), None, None, None)
        );
        assert_eq!(Value::Object(f.rest()), json!({"mem": "lots", "lock": "backup"}));
    }

    #[test]
    fn a_key_that_is_missing_is_named() {
        let mut f = fields(json!({"vmid": "abc"}));
        assert_eq!(
            f.key::<crate::pve::Vmid>("vmid").unwrap_err().to_string(),
            "the field `vmid` has an unexpected value"
        );
        assert_eq!(f.key_text("status").unwrap_err().to_string(), "the field `status` is missing or no text");
    }

    #[test]
    fn members_of_a_family_come_by_index() {
        let extra = fields(json!({"net10": "b", "net2": "a", "netmask": "x", "network": "y"})).rest();
        let found: Vec<_> = members(&extra, "net").into_iter().map(|(i, v)| (i, v.clone())).collect();
        assert_eq!(found, [(2, json!("a")), (10, json!("b"))]);
    }

    #[test]
    fn a_number_alone_may_be_text() {
        assert_eq!(serde_json::from_value::<Whole>(json!("108")).unwrap(), Whole(108));
        assert!(serde_json::from_value::<Whole>(json!("none")).is_err());
    }
}
