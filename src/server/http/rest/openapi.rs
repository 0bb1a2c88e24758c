//! The OpenAPI 3.1 document: made from the same catalog and schemas as the routes and the tools.

use serde_json::{Map, Value, json};

use super::{
    super::{problem, state::Shared},
    answer, arguments, table,
};
use crate::tools::{
    Lang, Listed, Tools,
    catalog::{self, Action, ToolSpec},
    registry,
};

/// Answers that every route may give: the gate's own.
const GATE: [(&str, &str); 5] = [
    ("400", "The request is not one that this route takes."),
    ("401", "Credentials are missing, unknown, expired or revoked."),
    ("403", "Host or Origin, the token, a rule of this server, or Proxmox VE forbids it; `type` tells which."),
    ("413", "The body is longer than 1 MiB."),
    ("429", "Too many requests; `Retry-After` says when to come back."),
];

/// Paths and methods, for people who look at `/`.
pub fn endpoints() -> Value {
    let paths = paths(Lang::En);
    let each = paths.into_iter().flat_map(|(path, operations)| {
        let methods = operations.as_object().into_iter().flatten();
        methods.map(|(method, _)| Value::from(format!("{} {path}", method.to_uppercase()))).collect::<Vec<_>>()
    });
    each.collect()
}

/// The document.
pub fn document(shared: &Shared, lang: Lang) -> Value {
    let mut document = json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "proxmox-mcp",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Virtual machines and containers of Proxmox VE.",
            "description": "The REST door of proxmox-mcp: the same tools that MCP clients use at /mcp. `node` may be \
                left out everywhere; the guest is looked up. A call that changes something waits for its task.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths(lang),
        "components": {"schemas": {"Problem": problem_schema()}},
    });
    if !shared.access.open() {
        document["components"]["securitySchemes"] = json!({"bearer": {"type": "http", "scheme": "bearer"}});
        document["security"] = json!([{"bearer": []}]);
    }
    document
}

fn paths(lang: Lang) -> Map<String, Value> {
    let mut paths = Map::new();
    let mut put = |path: String, method: &str, operation: Value| {
        let operations = paths.entry(path).or_insert_with(|| Value::Object(Map::new()));
        operations[method] = operation;
    };
    for (path, method, operation) in plain() {
        put(path.to_owned(), method, operation);
    }
    put("/tools/{name}".to_owned(), "post", call_any());
    for (kind, base) in table::BASES {
        let guest = format!("{base}/{{vmid}}");
        let mut put = |path: String, method: &str, action: Action| {
            let tool = catalog::tool(kind, action);
            put(path, method, operation(tool, &Tools::listed(tool, lang), action != Action::List));
        };
        put(base.to_owned(), "get", Action::List);
        put(guest.clone(), "get", Action::Get);
        put(guest.clone(), "delete", Action::Delete);
        for (action, word) in table::POWER {
            put(format!("{guest}/{word}"), "post", action);
        }
    }
    paths
}

/// The operation that is a tool.
fn operation(spec: &ToolSpec, tool: &Listed, one: bool) -> Value {
    let mut parameters = Vec::new();
    for (name, schema) in arguments::schema(spec) {
        if name == "name" && one {
            continue;
        }
        let mut schema = schema.clone();
        let description = schema.as_object_mut().and_then(|s| s.remove("description"));
        let place = if name == "vmid" { "path" } else { "query" };
        let mut parameter = json!({"name": name, "in": place, "required": name == "vmid", "schema": schema});
        if let Some(text) = description {
            parameter["description"] = text;
        }
        parameters.push(parameter);
    }
    let mut responses = Map::new();
    responses.insert("200".into(), success("Done, unchanged, or the facts that were asked for.", &tool.output));
    if spec.effect.changes() {
        responses.insert(
            "202".into(),
            success("The task still runs; follow it by its UPID at /tasks/{upid}.", &tool.output),
        );
    }
    let reasons = answer::SORTS.iter().filter(|sort| spec.action == Action::Delete || sort.2 != "confirm");
    for (_, status, word, title) in reasons.filter(|sort| one || !["not-found", "state"].contains(&sort.2)) {
        add_problem(&mut responses, status.as_str(), &format!("{title} (`{word}`)."));
    }
    add_gate(&mut responses);
    json!({"operationId": spec.name, "summary": tool.title, "description": tool.description,
        "parameters": parameters, "responses": responses, "x-risk": spec.risk().as_str()})
}

/// `POST /tools/{name}`: any tool, its arguments as JSON.
fn call_any() -> Value {
    let names: Vec<_> = registry::all().map(|tool| tool.name).collect();
    let mut responses = Map::new();
    let any = json!({"type": "object"});
    let any = any.as_object().cloned().unwrap_or_default();
    responses.insert("200".into(), success("What the tool's output schema says.", &any));
    responses.insert("202".into(), success("The task still runs; follow it by its UPID at /tasks/{upid}.", &any));
    for (_, status, word, title) in answer::SORTS {
        add_problem(&mut responses, status.as_str(), &format!("{title} (`{word}`)."));
    }
    add_gate(&mut responses);
    json!({
        "operationId": "callTool",
        "summary": "Call any tool",
        "description": "Calls a tool by its name with its arguments as a JSON object; GET /tools has their schemas.",
        "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string", "enum": names}}],
        "requestBody": {"required": false, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": responses,
    })
}

/// The operations that are no tools.
fn plain() -> Vec<(&'static str, &'static str, Value)> {
    let string = || json!({"type": "string"});
    let object = |properties: Value, required: &[&str]| json!({"type": "object", "properties": properties, "required": required});
    let status = || object(json!({"status": string()}), &["status"]);
    let node = object(
        json!({"node": string(), "status": string(), "cpu": {"type": "number"}, "cpus": {"type": "integer"},
        "memMiB": {"type": "integer"}, "maxMemMiB": {"type": "integer"}, "upSec": {"type": "integer"}}),
        &["node", "status"],
    );
    let task = object(
        json!({"upid": string(), "node": string(), "type": string(), "user": string(), "status": string(),
        "started": {"type": "integer"}, "outcome": {"type": "string", "enum": ["running", "done", "warnings", "failed"]},
        "detail": string()}),
        &["upid", "node", "status", "outcome"],
    );
    let upid = json!([{"name": "upid", "in": "path", "required": true, "schema": string(),
        "description": "Task id as PVE prints it, with its trailing colon."}]);
    let upstream: &[&str] = &["403", "502", "504"];
    vec![
        (
            "/",
            "get",
            read(
                "index",
                "What this server is and offers",
                object(json!({"name": string(), "version": string()}), &["name", "version"]),
                &[],
                None,
            ),
        ),
        (
            "/health",
            "get",
            open(read("health", "Whether the process is up, and what it thinks of PVE", status(), &[], None)),
        ),
        ("/livez", "get", open(read("livez", "Whether the process is up", status(), &[], None))),
        (
            "/readyz",
            "get",
            open(read(
                "readyz",
                "Whether calls would work; the log of the server says why not",
                status(),
                &["503"],
                None,
            )),
        ),
        ("/metrics", "get", metrics()),
        (
            "/tools",
            "get",
            read(
                "listTools",
                "The tools that the caller may use, with their schemas",
                object(json!({"tools": {"type": "array", "items": {"type": "object"}}}), &["tools"]),
                &[],
                None,
            ),
        ),
        (
            "/nodes",
            "get",
            read(
                "listNodes",
                "The nodes of the cluster",
                object(json!({"nodes": {"type": "array", "items": node}, "hidden": {"type": "integer"}}), &["nodes"]),
                upstream,
                None,
            ),
        ),
        ("/tasks/{upid}", "get", read("getTask", "How a task stands", task, &["403", "404", "502", "504"], Some(upid))),
        (
            "/server/info",
            "get",
            read(
                "serverInfo",
                "Version, protocol revisions and the PVE schema compiled in",
                object(
                    json!({"name": string(), "version": string(), "protocolVersions": {"type": "array", "items": string()}, "pveSchema": string(), "tools": {"type": "integer"}}),
                    &["name", "version"],
                ),
                &[],
                None,
            ),
        ),
        ("/openapi.json", "get", read("openapi", "This document", json!({"type": "object"}), &[], None)),
    ]
}

fn read(id: &str, summary: &str, schema: Value, problems: &[&str], parameters: Option<Value>) -> Value {
    let mut responses = Map::new();
    let schema = schema.as_object().cloned().unwrap_or_default();
    responses.insert("200".into(), success("As asked.", &schema));
    for status in problems {
        let why = match *status {
            "403" => "Proxmox VE forbids it (`pve-forbids`).",
            "404" => "Proxmox VE does not know it (`not-found`).",
            "503" => "It would not; `detail` says why.",
            "504" => "Proxmox VE did not answer (`pve-unanswered`).",
            _ => "Proxmox VE cannot be reached or failed (`pve-unavailable`, `pve-failed`).",
        };
        add_problem(&mut responses, status, why);
    }
    add_gate(&mut responses);
    let mut operation = json!({"operationId": id, "summary": summary, "responses": responses});
    if let Some(parameters) = parameters {
        operation["parameters"] = parameters;
    }
    operation
}

/// An operation that asks for no credentials.
fn open(mut operation: Value) -> Value {
    operation["security"] = json!([]);
    operation
}

fn metrics() -> Value {
    let mut operation = read("metrics", "Numbers for Prometheus", json!({}), &[], None);
    let content = json!({"application/openmetrics-text": {"schema": {"type": "string"}}});
    operation["responses"]["200"] = json!({"description": "OpenMetrics text.", "content": content});
    operation
}

fn success(description: &str, schema: &Map<String, Value>) -> Value {
    json!({"description": description, "content": {"application/json": {"schema": schema}}})
}

fn add_problem(responses: &mut Map<String, Value>, status: &str, why: &str) {
    if let Some(Value::String(text)) = responses.get_mut(status).and_then(|r| r.get_mut("description")) {
        text.push(' ');
        text.push_str(why);
        return;
    }
    let content = json!({problem::MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}});
    responses.insert(status.to_owned(), json!({"description": why, "content": content}));
}

fn add_gate(responses: &mut Map<String, Value>) {
    for (status, why) in GATE {
        add_problem(responses, status, why);
    }
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457 problem document. Facts of the tool stand beside these members.",
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "request_id": {"type": "string"},
            "outcome": {"type": "string"},
            "upid": {"type": "string"},
            "confirm": {"type": "string"},
            "guest_status": {"type": "string"},
            "log": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["type", "title", "status", "detail", "request_id"],
    })
}
