//! From a query or a body to the arguments of a tool.

use http::StatusCode;
use serde_json::{Map, Number, Value};

use super::super::problem::Problem;
use crate::tools::{Lang, Tools, tool::Tool};

/// Greatest query that is read, in bytes.
const QUERY_MAX: usize = 8 * 1024;

/// The arguments in a query, each in the type that the tool's schema gives it. What does not look like that type stays
/// text: the tool's own message on it is the better one.
///
/// # Errors
/// A parameter that the tool does not have or that stands there twice, or a query that is too long. A body that says
/// something: read past, `{"mode": "shutdown"}` would become a stop at once.
pub(super) fn of_query(
    tool: &Tool,
    query: Option<&str>,
    vmid: Option<&str>,
    body: &[u8],
) -> Result<Map<String, Value>, Problem> {
    if !of_body(body, None).is_ok_and(|arguments| arguments.is_empty()) {
        let name = tool.name;
        return Err(wrong(format!("arguments go into the query here; POST /tools/{name} takes them as a JSON body")));
    }
    let query = query.unwrap_or_default();
    if query.len() > QUERY_MAX {
        return Err(wrong(format!("the query is longer than {QUERY_MAX} bytes")));
    }
    let schema = schema(tool);
    let mut arguments = Map::new();
    if let Some(vmid) = vmid {
        arguments.insert("vmid".to_owned(), typed(&schema["vmid"], vmid));
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name)?, decode(value)?);
        let allowed = name != "name" || vmid.is_none();
        let Some(schema) = schema.get(&name).filter(|_| allowed) else {
            let name = crate::foreign::line(&name, 64).into_owned();
            let known: Vec<_> =
                schema.keys().filter(|k| vmid.is_none() || !["vmid", "name"].contains(&k.as_str())).cloned().collect();
            return Err(wrong(format!("there is no parameter {name:?} here; there are {}", known.join(", "))));
        };
        if arguments.insert(name.clone(), typed(schema, &value)).is_some() {
            return Err(wrong(format!("the parameter {name:?} is given more than once")));
        }
    }
    Ok(arguments)
}

/// The arguments in a body: a JSON object, or nothing for none.
///
/// # Errors
/// Anything else, and a query beside it.
pub(super) fn of_body(body: &[u8], query: Option<&str>) -> Result<Map<String, Value>, Problem> {
    if query.is_some_and(|query| !query.is_empty()) {
        return Err(wrong("arguments go into the JSON body here, not into the query"));
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(arguments)) => Ok(arguments),
        Ok(_) => Err(wrong("the body is not a JSON object of arguments, such as {\"vmid\": 100}")),
        Err(e) => Err(wrong(format!("the body is not JSON: line {} column {}", e.line(), e.column()))),
    }
}

/// The properties of a tool's input schema.
pub(super) fn schema(tool: &Tool) -> Map<String, Value> {
    let listed = Tools::all(Lang::En).into_iter().find(|listed| listed.tool.name == tool.name);
    match listed.map(|mut listed| listed.input.remove("properties")) {
        Some(Some(Value::Object(properties))) => properties,
        _ => Map::new(),
    }
}

fn typed(schema: &Value, text: &str) -> Value {
    let value = match schema["type"].as_str() {
        Some("integer") => text.parse::<i64>().ok().filter(|n| n.to_string() == text).map(Value::from),
        Some("number") => text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number),
        Some("boolean") => match text {
            "true" | "1" => Some(Value::Bool(true)),
            "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        _ => None,
    };
    value.unwrap_or_else(|| Value::String(text.to_owned()))
}

fn decode(text: &str) -> Result<String, Problem> {
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8();
    decoded.map(std::borrow::Cow::into_owned).map_err(|_| wrong("the query is not UTF-8"))
}

/// That the arguments are wrong.
pub(super) fn wrong(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "arguments", "Wrong arguments", detail)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tools::registry;

    fn read(tool: &str, query: &str, vmid: Option<&str>) -> Result<Value, String> {
        let tool = registry::by_name(tool).expect("a tool");
        of_query(tool, Some(query), vmid, b"").map(Value::Object).map_err(|p| p.detail)
    }

    #[test]
    fn a_query_becomes_typed_arguments() {
        assert_eq!(
            read("startVM", "node=pve1&wait=false&timeout=5", Some("100")),
            Ok(json!({"vmid": 100, "node": "pve1", "wait": false, "timeout": 5}))
        );
        assert_eq!(read("listVMs", "tag=a%26b+c&limit=2&", None), Ok(json!({"tag": "a&b c", "limit": 2})));
        assert_eq!(read("getVM", "", Some("abc")), Ok(json!({"vmid": "abc"})));
        assert_eq!(read("getVM", "", Some("0100")), Ok(json!({"vmid": "0100"})));
    }

    #[test]
    fn what_a_tool_does_not_have_is_named() {
        let error = read("getVM", "color=red", Some("100")).expect_err("refused");
        assert!(error.starts_with("there is no parameter \"color\" here; there are "), "{error}");
        assert!(!error.contains("vmid"), "the guest stands in the path: {error}");
        assert!(read("getVM", "vmid=101", Some("100")).expect_err("refused").contains("more than once"));
        assert!(read("getVM", "name=web", Some("100")).expect_err("refused").contains("no parameter"));
        assert!(read("listVMs", "limit=1&limit=2", None).expect_err("refused").contains("more than once"));
        assert!(read("listVMs", "tag=%ff", None).expect_err("refused").contains("UTF-8"));
        assert!(read("listVMs", &format!("tag={}", "x".repeat(9000)), None).expect_err("refused").contains("longer"));
    }

    #[test]
    fn a_body_is_an_object_or_nothing() {
        assert_eq!(of_body(b" \n", Some("")).expect("none"), Map::new());
        assert_eq!(of_body(b"{\"vmid\": 1}", None).expect("one")["vmid"], 1);
        for bad in [&b"[]"[..], b"1", b"{", b"\xff", b"{\"a\":1} x"] {
            assert_eq!(of_body(bad, None).expect_err("refused").status, 400);
        }
    }
}
