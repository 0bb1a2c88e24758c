//! One typed function an endpoint.

use crate::{
    model::{Endpoint, Kind},
    names,
};

/// The function: it builds the call, sends it through the one funnel and decodes the reply.
pub fn function(out: &mut String, endpoint: &Endpoint) {
    let (reply, decode) = decoded(endpoint);
    let (name, params) = (names::function(endpoint), names::type_name(endpoint));
    *out += &format!("/// Sends `{}`; see [`{params}`]. Fails as [`Client::send`].\n", endpoint.at());
    *out += &format!("pub async fn {name}(client: &Client, p: &{params}) -> Result<{reply}, Error> {{\n");
    *out += &format!("    client.send(p.call()?).await{decode}\n}}\n");
}

/// The type of the reply, and how it is made of what `send` gives.
fn decoded(endpoint: &Endpoint) -> (String, &'static str) {
    const DECODE: &str = "?.decode()";
    let plain = |reply: &str| (reply.to_owned(), DECODE);
    let name = names::reply(endpoint);
    match &endpoint.decoded.kind {
        Kind::Null => ("()".to_owned(), ".map(drop)"),
        Kind::Boolean => ("bool".to_owned(), "?.decode::<pve::Truth>().map(|v| v.0)"),
        Kind::Integer => ("i64".to_owned(), "?.decode::<pve::Whole>().map(|v| v.0)"),
        Kind::Number => ("f64".to_owned(), "?.decode::<pve::Real>().map(|v| v.0)"),
        Kind::String if endpoint.returns_optional => plain("Option<String>"),
        Kind::String => plain("String"),
        Kind::Object(fields) if fields.is_empty() => plain("Map<String, Value>"),
        Kind::Object(_) => plain(&name),
        Kind::Any => plain("Value"),
        Kind::Array(item) => match &item.kind {
            Kind::String => plain("Vec<String>"),
            Kind::Object(fields) if fields.is_empty() => plain("Vec<Map<String, Value>>"),
            Kind::Object(_) => plain(&format!("Vec<{name}>")),
            _ => plain("Vec<Value>"),
        },
    }
}
