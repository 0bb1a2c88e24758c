//! The arguments of these tools.

use serde_json::{Map, Value};

use crate::{
    spec::{Param, Shape},
    tools::schema::Argument,
};

/// An argument of ours.
pub(in crate::tools) fn own(name: &str, shape: Shape, text: &'static str) -> Argument {
    (Param { shape, ..Param::plain(name) }, text)
}

/// A text among the arguments of a call.
pub(in crate::tools) fn word<'a>(given: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    given.get(name).and_then(Value::as_str)
}

/// A value as text.
pub(in crate::tools) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned())
}
