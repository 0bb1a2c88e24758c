//! The OpenAPI 3.1 document: made of the table of routes and of the schemas of the tools.

use serde_json::{Map, Value, json};

use super::{
    super::{
        problem,
        routes::{Answers, Described, Facts, Gate, ROUTES, Route},
        state::Shared,
    },
    answer, arguments,
};
use crate::tools::{Action, Lang, Listed, Tools, registry, tool::Tool};

/// Answers that every route may give: the gate's own.
const GATE: [(&str, &str); 5] = [
    ("400", "The request is not one that this route takes."),
    ("401", "Credentials are missing, unknown, expired or revoked."),
    ("403", "Host or Origin, the token, a rule of this server, or Proxmox VE forbids it; `type` tells which."),
    ("413", "The body is longer than 1 MiB."),
    ("429", "Too many requests; `Retry-After` says when to come back."),
];

/// Paths and methods, for people who look at `/`.
pub(crate) fn endpoints() -> Value {
    let mut all: Vec<_> = described().map(|route| (route.path, route.verb)).collect();
    all.sort_unstable();
    all.into_iter().map(|(path, verb)| Value::from(format!("{} {path}", verb.word().to_uppercase()))).collect()
}

/// The routes that the document tells of.
fn described() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(|route| !matches!(route.described, Described::Standard))
}

/// The document.
pub(crate) fn document(shared: &Shared, lang: Lang) -> Value {
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
    for route in described() {
        let mut operation = operation(route, lang);
        if route.gate != Gate::Closed {
            // No credentials are asked for.
            operation["security"] = json!([]);
        }
        let operations = paths.entry(route.path).or_insert_with(|| Value::Object(Map::new()));
        operations[route.verb.word()] = operation;
    }
    paths
}

/// What is said of a route.
fn operation(route: &Route, lang: Lang) -> Value {
    match (&route.described, &route.answers) {
        (Described::Facts(facts), _) => look(facts),
        (Described::Own(own), _) => own(),
        (Described::Tool | Described::Standard, Answers::Guests(kind, action)) => {
            let tool = registry::for_guests(*kind, *action);
            of_tool(tool, &Tools::listed(tool, lang), *action != Action::List)
        }
        (Described::Tool | Described::Standard, Answers::Rest(_) | Answers::Probe(_)) => json!({}),
    }
}

/// The operation that is a tool.
fn of_tool(spec: &'static Tool, tool: &Listed, one: bool) -> Value {
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
    let reasons = answer::SORTS.iter().filter(|sort| spec.action() == Some(Action::Delete) || sort.2 != "confirm");
    let reasons = reasons.filter(|sort| spec.effect.may_change() || sort.2 != "too-many-changes");
    for (_, status, word, title) in reasons.filter(|sort| one || !["not-found", "state"].contains(&sort.2)) {
        add_problem(&mut responses, status.as_str(), &format!("{title} (`{word}`)."));
    }
    add_gate(&mut responses);
    json!({"operationId": spec.name, "summary": tool.title, "description": tool.description,
        "parameters": parameters, "responses": responses, "x-risk": spec.risk().as_str()})
}

/// `POST /tools/{name}`: any tool, its arguments as JSON.
pub(crate) fn call_tool() -> Value {
    let names: Vec<_> = registry::all().map(|tool| tool.name).collect();
    let responses = responses(true);
    json!({
        "operationId": "callTool",
        "summary": "Call any tool",
        "description": "Calls a tool by its name with its arguments as a JSON object; GET /tools has their schemas.",
        "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string", "enum": names}}],
        "requestBody": {"required": false, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": responses,
    })
}

/// The answers of any tool; whether they may be a task that still runs.
pub(super) fn responses(tasks: bool) -> Map<String, Value> {
    let mut responses = Map::new();
    let any = json!({"type": "object"});
    let any = any.as_object().cloned().unwrap_or_default();
    responses.insert("200".into(), success("What the tool's output schema says.", &any));
    if tasks {
        responses.insert("202".into(), success("The task still runs; follow it by its UPID at /tasks/{upid}.", &any));
    }
    for (_, status, word, title) in answer::SORTS {
        add_problem(&mut responses, status.as_str(), &format!("{title} (`{word}`)."));
    }
    add_gate(&mut responses);
    responses
}

/// The operation that looks at something.
fn look(facts: &Facts) -> Value {
    let mut responses = Map::new();
    let (description, media) = facts.media.unwrap_or(("As asked.", "application/json"));
    let content = json!({media: {"schema": (facts.shows)()}});
    responses.insert("200".into(), json!({"description": description, "content": content}));
    for status in facts.problems {
        let why = match status {
            403 => "Proxmox VE forbids it (`pve-forbids`).",
            404 => "Proxmox VE does not know it (`not-found`).",
            503 => "It would not; `detail` says why.",
            504 => "Proxmox VE did not answer (`pve-unanswered`).",
            _ => "Proxmox VE cannot be reached or failed (`pve-unavailable`, `pve-failed`).",
        };
        add_problem(&mut responses, &status.to_string(), why);
    }
    add_gate(&mut responses);
    let mut operation = json!({"operationId": facts.id, "summary": facts.summary, "responses": responses});
    if !facts.parameters.is_empty() {
        let named = facts.parameters.iter().map(|(name, description)| {
            json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"},
                "description": description})
        });
        operation["parameters"] = named.collect();
    }
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
