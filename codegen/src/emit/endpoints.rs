//! What stands for an endpoint in the generated code: its id, and the type of its reply.

use super::code;
use crate::{
    model::{Endpoint, Kind},
    names,
};

/// The id.
pub(super) fn id(out: &mut String, index: usize, endpoint: &Endpoint) {
    *out += &code::marked("", &format!("`{}`", endpoint.at()));
    *out += &format!("pub const {}: Id = Id::new({index}, at);\n", names::constant(endpoint));
}

/// The type of the reply; `spec::Answer` tells how it is read.
pub(super) fn reply_type(endpoint: &Endpoint) -> String {
    let name = names::reply(endpoint);
    match &endpoint.decoded.reply.kind {
        Kind::Null => "()".to_owned(),
        Kind::Boolean => "bool".to_owned(),
        Kind::Integer => "i64".to_owned(),
        Kind::Number => "f64".to_owned(),
        Kind::String if endpoint.decoded.nullable => "Option<String>".to_owned(),
        Kind::String => "String".to_owned(),
        Kind::Object(fields) if fields.is_empty() => "Map<String, Value>".to_owned(),
        Kind::Object(_) => name,
        Kind::Any => "Value".to_owned(),
        Kind::Array(item) => match &item.kind {
            Kind::String => "Vec<String>".to_owned(),
            Kind::Object(fields) if fields.is_empty() => "Vec<Map<String, Value>>".to_owned(),
            Kind::Object(_) => format!("Vec<{name}>"),
            _ => "Vec<Value>".to_owned(),
        },
    }
}
