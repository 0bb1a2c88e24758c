//! The whole API by plain HTTP: find, explain and call its methods, by the tools that do it.

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{Named, Rest, Who, answer, arguments, asker, named, openapi};
use crate::{
    server::http::problem::Problem,
    tools::{Tools, registry, tool::Tool},
};

/// What of a call stands in its path and its body, so not in the query.
const ELSEWHERE: [&str; 2] = ["id", "arguments"];

/// The tool, or that there is none.
fn tool(name: &str) -> Result<&'static Tool, Box<Response>> {
    registry::by_name(name).ok_or_else(|| Box::new(answer::unknown_tool(&format!("there is no tool {name}"))))
}

/// The arguments of a tool from a query, in which some may not stand.
fn of_query(tool: &Tool, query: Option<&str>, body: &[u8], not: &[&str]) -> Result<Map<String, Value>, Problem> {
    let given = arguments::of_query(tool, query, None, body)?;
    match not.iter().find(|name| given.contains_key(**name)) {
        Some(name) => Err(arguments::wrong(format!("{name} has no place in the query here"))),
        None => Ok(given),
    }
}

/// `GET /api?q=`: finds methods.
pub(crate) async fn search(State(rest): State<Rest>, who: Who, RawQuery(query): RawQuery, body: Bytes) -> Response {
    // `q` is what such a parameter is called everywhere.
    let renamed = query.map(|query| {
        let pair =
            |pair: &str| pair.strip_prefix("q=").map_or_else(|| pair.to_owned(), |words| format!("query={words}"));
        query.split('&').map(pair).collect::<Vec<_>>().join("&")
    });
    let tool = match tool("searchApi") {
        Ok(tool) => tool,
        Err(response) => return *response,
    };
    match of_query(tool, renamed.as_deref(), &body, &[]) {
        Ok(arguments) => rest.call(tool, arguments, asker(who)).await,
        Err(problem) => problem.into_response(),
    }
}

/// `GET /api/{id}`: explains a method.
pub(crate) async fn describe(
    State(rest): State<Rest>,
    who: Who,
    id: Named,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    one(rest, who, id, "describeApi", |tool| of_query(tool, query.as_deref(), &body, &ELSEWHERE)).await
}

/// `POST /api/{id}`: calls a method, its parameters in the body.
pub(crate) async fn call(
    State(rest): State<Rest>,
    who: Who,
    id: Named,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    one(rest, who, id, "callApi", |tool| {
        let mut given = of_query(tool, query.as_deref(), &[], &ELSEWHERE)?;
        given.insert("arguments".to_owned(), arguments::of_body(&body, None)?.into());
        Ok(given)
    })
    .await
}

async fn one(
    rest: Rest,
    who: Who,
    id: Named,
    name: &str,
    read: impl FnOnce(&Tool) -> Result<Map<String, Value>, Problem>,
) -> Response {
    let tool = match tool(name) {
        Ok(tool) => tool,
        Err(response) => return *response,
    };
    let given = named(id).and_then(|id| {
        let mut given = read(tool)?;
        given.insert("id".to_owned(), id.into());
        Ok(given)
    });
    match given {
        Ok(given) => rest.call(tool, given, asker(who)).await,
        Err(problem) => problem.into_response(),
    }
}

/// What `/openapi.json` says of finding methods.
pub(crate) fn say_search() -> Value {
    operation("searchApi", "Find methods of the Proxmox VE API", &[("query", "q")], &ELSEWHERE, false)
}

/// What it says of explaining one.
pub(crate) fn say_describe() -> Value {
    operation("describeApi", "Explain a method of the Proxmox VE API", &[], &ELSEWHERE, false)
}

/// What it says of calling one.
pub(crate) fn say_call() -> Value {
    operation("callApi", "Call a method of the Proxmox VE API", &[], &ELSEWHERE, true)
}

/// An operation with the arguments of a tool in its query, under other names where they have some.
fn operation(name: &str, summary: &str, renamed: &[(&str, &str)], not: &[&str], calls: bool) -> Value {
    let listed = Tools::all(crate::tools::Lang::En).into_iter().find(|listed| listed.tool.name == name);
    let properties = listed.as_ref().map(|listed| arguments::schema(listed.tool)).unwrap_or_default();
    let mut parameters: Vec<Value> = Vec::new();
    if properties.contains_key("id") {
        parameters.push(json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"},
            "description": "Such as get_nodes; GET /api?q= finds it."}));
    }
    for (own, mut schema) in properties.into_iter().filter(|(own, _)| !not.contains(&own.as_str())) {
        let shown = renamed.iter().find(|(from, _)| *from == own).map_or(own.as_str(), |(_, to)| to);
        let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        let mut parameter = json!({"name": shown, "in": "query", "required": own == "query", "schema": schema});
        if let Some(text) = description {
            parameter["description"] = text;
        }
        parameters.push(parameter);
    }
    let description = listed.map_or("", |listed| listed.description);
    let mut operation = json!({"operationId": name, "summary": summary, "description": description,
        "parameters": parameters, "responses": openapi::responses(calls)});
    if calls {
        operation["requestBody"] = json!({"required": false, "description": "The parameters of the method.",
            "content": {"application/json": {"schema": {"type": "object"}}}});
    }
    operation
}
